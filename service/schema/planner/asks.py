"""What a field's arguments come to on one request: the form of its SQL, and the values in it."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple
from uuid import UUID

from strawberry import UNSET

from service.errors import InvalidCursor, Refusal, Refusals
from service.schema.filters import condition
from service.schema.planner.access import Access
from service.schema.planner.mapping import (
    AnyRecord,
    AnyRecords,
    Finished,
    Listing,
    Lookup,
    mapping_of,
    mapping_of_kind,
)
from service.schema.planner.pages import PageShape
from service.schema.planner.paging import MOST_ROWS, USUAL_ROWS, fingerprint, read_cursor
from service.schema.planner.plan import Asked, Asking
from service.schema.planner.repeated import Collected, Repeated
from service.schema.planner.sql import WrittenShape
from service.schema.planner.statements import Statement, Viewpoint
from service.schema.planner.unplannable import Unplannable
from service.schema.planner.variables import Given
from service.schema.planner.written import Found, Written
from service.schema.scalars import NO_ROW, found_id, split_id

_KNOWN: Final = frozenset({"first", "after", "last", "before", "filter", "orderBy", "search"})


class Seer(NamedTuple):
    """Who asks, for arguments whose SQL has to be written.

    Attributes:
        repeated: what was written for who asked the same before.
    """

    viewpoint: Viewpoint
    access: Access
    locale: str
    repeated: Repeated

    def statement(self) -> Statement:
        """Return a statement that only collects: its text is the shape, its values are bound."""
        return Statement(self.viewpoint, self.locale, self.access)


def _lookup(asking: Asking, arguments: Mapping[str, Any], _seer: Seer) -> Asked:
    item: Lookup = asking.item
    return Asked(None, (found_id(arguments["id"], mapping_of(item.target).kind) or NO_ROW,))


def _listing(asking: Asking, arguments: Mapping[str, Any], seer: Seer) -> Asked:
    item: Listing = asking.item
    if not arguments.keys() <= _KNOWN:
        raise Unplannable("ARGUMENT")
    orders, target = item.orders, mapping_of(item.target)
    word, descending = orders.usual, orders.descending
    order = arguments.get("orderBy")
    if order is not None:
        word, descending = order["field"], order["direction"] == "DESC"
    first, last = arguments.get("first"), arguments.get("last")
    size: int = next((one for one in (last, first) if one is not None), USUAL_ROWS)
    if (first is not None and last is not None) or not 1 <= size <= MOST_ROWS:
        raise Unplannable("ARGUMENT", "first")
    key, mark = orders.keys[word], fingerprint(target.kind, word, descending)
    values: list[object] = []
    ends: list[bool | None] = []
    for cursor in (arguments.get("after"), arguments.get("before")):
        try:
            bound = read_cursor(cursor, key, mark)
        except InvalidCursor as error:
            raise Unplannable("ARGUMENT", "cursor") from error
        ends.append(None if bound is None else bound.value is not None)
        if bound is not None:
            values += [bound.value, bound.row]
    wanted = arguments.get("filter", UNSET)
    if isinstance(wanted, dict):
        _, make = asking.makers["filter"]
        wanted = wanted if make is None else make(wanted)
    statement = seer.statement()
    text = _condition(item.narrowed(wanted, arguments.get("search")), statement)
    bound_values = statement.parameters[1:]
    values += bound_values
    shape = PageShape(
        word, descending, last is not None, size, ends[0], ends[1], text, len(bound_values)
    )
    made = Asked(shape, tuple(values), tuple(statement.through.values()))
    if asking.arguments.fixed and not text:
        asking.settled = made
    return made


def _condition(wanted: object, statement: Statement) -> str:
    if wanted is None or wanted is UNSET:
        return ""
    try:
        return condition(wanted, statement)
    except (Refusal, Refusals) as error:
        raise Unplannable("ARGUMENT", "filter") from error


def _any_record(_asking: Asking, arguments: Mapping[str, Any], _seer: Seer) -> Asked:
    kind, row = _kind_and_row(arguments["id"])
    return Asked(kind or None, (row,))


def _any_records(asking: Asking, arguments: Mapping[str, Any], _seer: Seer) -> Asked:
    item: AnyRecords = asking.item
    found = [_kind_and_row(one) for one in arguments["ids"]]
    if len(found) > item.most:
        raise Unplannable("ARGUMENT", "ids")
    kinds = tuple(sorted({kind for kind, _ in found if kind}))
    return Asked(kinds, ([row for _, row in found], [kind for kind, _ in found]))


def _kind_and_row(text: str) -> tuple[str, UUID]:
    kind, row = split_id(text) or ("", NO_ROW)
    return ("", NO_ROW) if mapping_of_kind(kind) is None else (kind, row)


def made_of(asking: Asking, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments as a resolver is given them, by Python name; `UNSET` if left out."""
    made: dict[str, Any] = {}
    for name, (python_name, make) in asking.makers.items():
        value = arguments.get(name, UNSET)
        made[python_name] = value if make is None or value is UNSET else make(value)
    return made


def _written(asking: Asking, arguments: Mapping[str, Any], seer: Seer) -> Asked:
    key = seer.repeated.key(seer.access, asking, seer.locale, arguments)
    known = seer.repeated.get(key, seer.access, asking, seer.viewpoint.now)
    if known is not None:
        return known
    item: Written | Found = asking.item
    statement = Collected(seer.viewpoint, seer.locale, seer.access)
    try:
        text = item.write(statement, made_of(asking, arguments), asking.names)
    except (Refusal, Refusals) as error:
        raise Unplannable("ARGUMENT") from error
    values, through = statement.values, tuple(statement.through.values())
    made = Asked(WrittenShape(text, len(values)), values, through)
    return seer.repeated.put(key, statement, asking, made)


def _finished(asking: Asking, arguments: Mapping[str, Any], _seer: Seer) -> Asked:
    return Asked(None, (made_of(asking, arguments),))


_Ask = Callable[[Asking, Mapping[str, Any], Seer], Asked]
_ASKED: Final[dict[type, _Ask]] = {
    Lookup: _lookup,
    AnyRecord: _any_record,
    AnyRecords: _any_records,
    Listing: _listing,
    Written: _written,
    Found: _written,
    Finished: _finished,
}


def asked(asking: Asking, given: Given, seer: Seer) -> Asked:
    """Read the arguments of a field.

    Raises:
        Unplannable: they are not in a plain valid form.
    """
    if asking.settled is not None:
        return asking.settled
    ask = _ASKED.get(type(asking.item))
    if ask is None:
        raise Unplannable("FIELD")
    return ask(asking, asking.arguments.of(given), seer)
