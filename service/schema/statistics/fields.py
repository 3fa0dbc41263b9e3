"""Root fields of statistics: their arguments, their order, their rows."""

import inspect
from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Final

import strawberry
from strawberry.types.base import get_object_definition
from strawberry.utils.str_converters import to_camel_case

from service.database.session import Row
from service.errors import InvalidInput
from service.schema.connections import OrderDirection
from service.schema.context import Info
from service.schema.costs import AGGREGATE, FieldCost, costs
from service.schema.ordering import order_input
from service.schema.planner.fallback import Reader
from service.schema.planner.mapping import PLANNED, Declared, Mapping
from service.schema.planner.statements import Statement
from service.schema.planner.written import Written
from service.schema.statistics.counting import Question, Statistics, written
from service.schema.statistics.periods import PeriodInput, days_of
from service.schema.statistics.rows import amounts, made_of

MOST_ROWS: Final = 1_000
MOST_DIMENSIONS: Final = 3
_PERIOD: Final = "Only what falls in these days, cut in the time zone of each record's site."
_BY: Final = "At most 3 dimensions, each once; without one there is one row, of everything."
_COST: Final = FieldCost(AGGREGATE.own, rows=MOST_ROWS)
_FIRST: Final = "At most so many rows, 1 to 1,000; a further one is left out."
_ORDER: Final = "In which order; left out, by the dimensions as they are named in `groupBy`."


@dataclass(frozen=True, slots=True)
class Bound:
    """A further argument of statistics, which stands in its measures as `{name}`.

    Attributes:
        usual: what counts where it is left out; None lets the measures see null.
    """

    usual: int | None
    least: int
    most: int
    kind: str
    description: str


def statistics_field(
    what: Statistics,
    description: str,
    *,
    dimensions: type[Enum],
    filter: type,
    bounds: MappingType[str, Bound] | None = None,
) -> Declared:
    """Declare the root field that counts a list.

    Args:
        what: how its rows are counted.
        description: the field's.
        dimensions: the dimensions as an enumeration; each is a field of the key.
        filter: the list's own filter.
        bounds: further arguments, by Python name.
    """
    order = _order_of(what)
    unset = strawberry.UNSET
    which: Any = filter
    by: Any = dimensions
    arguments: dict[str, tuple[object, object]] = {
        "period": (_argument(PeriodInput | None, _PERIOD), unset),
        "filter": (_argument(which | None, "Which rows; those of the list."), unset),
        "group_by": (_argument(list[by], _BY), ()),
        "order_by": (_argument(order | None, _ORDER), unset),
        "first": (_argument(int, _FIRST), MOST_ROWS),
    }
    for name, bound in (bounds or {}).items():
        free = bound.usual is None
        kind: Any = int | None if free else int
        usual = unset if free else bound.usual
        arguments[name] = (_argument(kind, bound.description), usual)

    def write(
        statement: Statement, given: MappingType[str, Any], asked: frozenset[str] | None
    ) -> str:
        return written(statement, what, _question(what, given, asked, bounds or {}))

    async def resolve(info: Info, **given: Any) -> Any:  # noqa: ANN401 - see the signature
        reader = await info.context.reader()
        rows = await reader.fetch(lambda statement: write(statement, given, reader.asked))
        note_counted(reader, what.mapping, rows)
        return [_made(what, row) for row in rows]

    resolve.__signature__ = _signature(arguments)  # type: ignore[attr-defined]  # functions take attributes
    planned = Written(write, counts=what.of)
    return strawberry.field(
        resolver=resolve, description=description, metadata={PLANNED: planned, **costs(_COST)}
    )


def _argument(kind: Any, description: str) -> object:  # noqa: ANN401 - any annotation
    return Annotated[kind, strawberry.argument(description=description)]


def _signature(arguments: MappingType[str, tuple[object, object]]) -> inspect.Signature:
    first = inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Info)
    named = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=usual, annotation=annotation
        )
        for name, (annotation, usual) in arguments.items()
    ]
    return inspect.Signature([first, *named], return_annotation=Any)


def _order_of(what: Statistics) -> Any:  # noqa: ANN401 - a type made here
    """Make the input that orders a kind of statistics: by its measures."""
    name = what.row.__name__
    fields = {one.python_name: one for one in get_object_definition(what.row, strict=True).fields}
    plain = [measure for measure, one in what.measures.items() if one.sql]
    words = {one.upper(): fields[one].description or "" for one in plain}
    words["KEY"] = "By the dimensions, in the order of `groupBy`; none last going up."
    return order_input(
        name,
        words,
        chosen="What such figures may be ordered by. Values are added.",
        order="An order of figures.",
    )


def _question(
    what: Statistics,
    given: MappingType[str, Any],
    asked: frozenset[str] | None,
    bounds: MappingType[str, Bound],
) -> Question:
    names = [one.value.lower() for one in given["group_by"]]
    if len(names) > MOST_DIMENSIONS:
        raise InvalidInput(expected="AT_MOST_ENTRIES", most=MOST_DIMENSIONS, field=("groupBy",))
    if len(set(names)) < len(names):
        raise InvalidInput(expected="EACH_ONCE", field=("groupBy",))
    _within(given["first"], 1, MOST_ROWS, "first")
    values = {name: _known(given.get(name, strawberry.UNSET)) for name in bounds}
    for name, bound in bounds.items():
        if values[name] is not None:
            _within(values[name], bound.least, bound.most, name)
    order = given.get("order_by") or None
    word = None if order is None else order.field.value.lower()
    measure = None if word == "key" else word
    wanted = {name for name in what.measures if asked is None or to_camel_case(name) in asked}
    period = given.get("period") or None
    return Question(
        by=names,
        wanted=wanted | ({measure} if measure else set()),
        order=measure,
        descending=order is not None and order.direction is OrderDirection.DESC,
        most=given["first"],
        days=days_of(period) if period else None,
        filter=given.get("filter") or None,
        values={name: (values[name], bound.kind) for name, bound in bounds.items()},
    )


def _known(value: Any) -> Any:  # noqa: ANN401 - an argument
    return None if value is strawberry.UNSET else value


def _within(value: int, least: int, most: int, name: str) -> None:
    if not least <= value <= most:
        raise InvalidInput(expected="FROM_TO", least=least, most=most, field=(name,))


def note_counted(reader: Reader, mapping: Mapping, rows: Sequence[Row]) -> None:
    """Write down whose rows were counted, where reading other people's is written down.

    Args:
        reader: who counted.
        mapping: the type of the records.
        rows: the answer; its `owners` are those of the records behind each row.
    """
    sight = reader.sight
    if mapping.audited is None or sight.by_product:
        return
    owners = {one for row in rows for one in row["owners"] or ()} - {sight.actor.member_id}
    if owners:
        verdict = sight.policy.check(sight.actor, str(mapping.action))
        sight.note_reading(mapping.audited, owners, verdict, rows=len(rows))


def _made(what: Statistics, row: Row) -> Any:  # noqa: ANN401 - the row's own type
    held = dict(row)
    key = {name: held[name] for name in (*what.dimensions, "none", "hidden")}
    figures: dict[str, Any] = {"key": made_of(what.key, key)}
    for name, measure in what.measures.items():
        if name in held:
            figures[name] = amounts(held[name]) if measure.sums else held[name]
    return made_of(what.row, figures)
