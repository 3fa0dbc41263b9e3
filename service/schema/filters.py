"""Filters: few operators, only on indexed columns, bound as typed parameters."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

import strawberry
from strawberry.types.base import get_object_definition
from strawberry.utils.str_converters import to_camel_case

from service.errors import InvalidInput
from service.schema.lengths import MOST_CHARACTERS
from service.schema.planner.mapping import Declared, mapping_of
from service.schema.planner.statements import Statement
from service.schema.received import plain_text
from service.schema.scalars import found_id, split_id
from service.schema.searching import Found, searched

FILTERED: Final = "filtered"
MOST_VALUES: Final = 200
MOST_RELATED: Final = 3
MOST_RELATIONS: Final = 20
_NOTHING: Final = "FALSE"
_E = TypeVar("_E")


@dataclass(frozen=True, slots=True)
class On:
    """A filter on one column: its SQL, its PostgreSQL type, the kind of record an id names."""

    sql: str
    type: str
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Both:
    """`and`, `or`, `not`: the word that joins the inner filters."""

    word: str


@dataclass(frozen=True, slots=True)
class WithinTree:
    """A filter by a node of the territory tree, or of the company's: the word of its ids."""

    sql: str
    kind: str


@dataclass(frozen=True, slots=True)
class Related:
    """A filter by another record, as far as the caller sees that.

    Attributes:
        target: the other type, by GraphQL name.
        here: SQL over `t` that is equal to `there`.
        there: SQL over the other type's own `t`.
        several: whether several may be related: then the value says `some` or `none`.
    """

    target: str
    here: str
    there: str
    several: bool


@dataclass(frozen=True, slots=True)
class Quantified:
    """`some` and `none` of the related records; stands in the input that holds the two."""

    some: bool


@strawberry.input(description="Ids; one that is malformed or of another type matches nothing.")
class IdFilter:
    eq: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Exactly this record."
    )
    in_: list[strawberry.ID] | None = strawberry.field(
        name="in", default=strawberry.UNSET, description="One of these, at most 200."
    )
    is_null: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether there is none."
    )


@strawberry.input(description="Ids of what a record may name; one that names none is in no answer.")
class NamedFilter:
    eq: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="Exactly this record."
    )
    in_: list[strawberry.ID] | None = strawberry.field(
        name="in", default=strawberry.UNSET, description="One of these, at most 200."
    )


@strawberry.input(description="Words of a closed list.")
class Filter(Generic[_E]):
    eq: _E | None = strawberry.field(default=strawberry.UNSET, description="Exactly this one.")
    in_: list[_E] | None = strawberry.field(
        name="in", default=strawberry.UNSET, description="One of these; none matches nothing."
    )


@strawberry.input(description="Text, compared exactly.")
class TextFilter:
    eq: str | None = strawberry.field(default=strawberry.UNSET, description="Exactly this text.")
    in_: list[str] | None = strawberry.field(
        name="in", default=strawberry.UNSET, description="One of these, at most 200."
    )
    starts_with: str | None = strawberry.field(
        default=strawberry.UNSET, description="Begins with this text, 1 to 100 characters."
    )


@strawberry.input(description="A half-open range of instants.")
class DateTimeFilter:
    gte: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="At this instant or later."
    )
    lt: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="Before this instant."
    )
    is_null: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether there is none."
    )


@strawberry.input(description="Days of the site's zone.")
class DateFilter:
    eq: date | None = strawberry.field(default=strawberry.UNSET, description="Exactly this day.")
    gte: date | None = strawberry.field(default=strawberry.UNSET, description="This day or later.")
    lt: date | None = strawberry.field(default=strawberry.UNSET, description="Before this day.")


@strawberry.input(one_of=True, description="A node of the company tree.")
class OrgUnitScope:
    within: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The unit and everything below it."
    )
    exactly: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The unit alone."
    )


@strawberry.input(one_of=True, description="A node of the territory tree.")
class TerritoryScope:
    within: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The node and everything below it."
    )
    exactly: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The node alone."
    )


def on(sql: str, kind: str, description: str, *, ids_of: str | None = None) -> Declared:
    """Declare a filter field over `t`; `kind` is the column's PostgreSQL type."""
    return _declared(On(sql, kind, ids_of), description)


def on_id(sql: str, ids_of: str, description: str) -> Declared:
    """Declare a filter by the ids of a type of record."""
    return on(sql, "uuid", description, ids_of=ids_of)


def on_any_id(sql: str, description: str) -> Declared:
    """Declare a filter by ids of whatever type of record."""
    return on(sql, "uuid", description, ids_of="*")


def on_territory(sql: str, description: str) -> Declared:
    """Declare a filter by territory."""
    return _declared(WithinTree(sql, "territory"), description)


def on_org_unit(sql: str, description: str) -> Declared:
    """Declare a filter by org unit."""
    return _declared(WithinTree(sql, "org_unit"), description)


def on_one(here: str, target: str, description: str) -> Declared:
    """Declare a filter by a related record; one that is out of the caller's sight never matches.

    Args:
        here: SQL over `t` that is the other record's id.
        target: the other type, by GraphQL name.
        description: the field's.
    """
    return _declared(Related(target, here, "t.id", several=False), description)


def on_several(there: str, target: str, description: str) -> Declared:
    """Declare a filter by the records that name this one, as far as they are in sight.

    The field's type is an input that has `of_some` and `of_none`.

    Args:
        there: SQL over the other's `t`, with an index, that is this record's id.
        target: the other type, by GraphQL name.
        description: the field's.
    """
    return _declared(Related(target, "t.id", there, several=True), description)


def of_some() -> Declared:
    """Declare `some`."""
    return _declared(Quantified(some=True), "At least one in the caller's sight is such.", "some")


def of_none() -> Declared:
    """Declare `none`."""
    return _declared(Quantified(some=False), "None in the caller's sight is such.", "none")


def every() -> Declared:
    """Declare `and`."""
    return _declared(Both(" AND "), "All of these; an empty list matches everything.", "and")


def some() -> Declared:
    """Declare `or`."""
    return _declared(Both(" OR "), "At least one of these; an empty list is refused.", "or")


def none_of() -> Declared:
    """Declare `not`."""
    return _declared(Both("NOT"), "Not this.", "not")


def _declared(how: object, description: str, name: str | None = None) -> Declared:
    return strawberry.field(
        default=strawberry.UNSET, description=description, name=name, metadata={FILTERED: how}
    )


def condition(given: object, statement: Statement) -> str:
    """Write the condition of a filter object; an empty one matches all.

    Args:
        given: the filter, or what was searched for with the filter beside it.
        statement: where its values are bound.

    Raises:
        InvalidInput: an empty `or`, too many values, an empty prefix, relations too deep or too
            many, or no word to search for; its field is the way through the filter.
        FieldNotFilterable: a telephone number is searched for.
    """
    parts = ["TRUE"]
    if isinstance(given, Found):
        parts.append(searched(given, statement))
        given = given.filter
    try:
        _refuse_many(given)
        parts.append(_met(given, statement, 0))
    except InvalidInput as wrong:
        wrong.field = ("filter", *wrong.field)
        raise
    return "(" + " AND ".join(parts) + ")"


def _met(given: object, statement: Statement, depth: int) -> str:
    """Write that all a filter object says is met.

    Args:
        given: the filter.
        statement: where its values are bound.
        depth: how many relations lead to it.
    """
    parts = ["TRUE"]
    for how, value, name in _given(given):
        try:
            parts.append(_written(how, value, statement, depth))
        except InvalidInput as wrong:
            wrong.field = (name, *wrong.field)
            raise
    return "(" + " AND ".join(parts) + ")"


def _given(filter_: object) -> Iterator[tuple[object, Declared, str]]:
    """Yield what a filter object was given, each with how it is declared and its name."""
    if filter_ is None:
        return
    for declared in get_object_definition(filter_, strict=True).fields:
        value = getattr(filter_, declared.python_name)
        if value is not strawberry.UNSET and value is not None:
            name = declared.graphql_name or to_camel_case(declared.python_name)
            yield declared.metadata[FILTERED], value, name


def _refuse_many(filter_: object) -> None:
    if _relations(filter_) > MOST_RELATIONS:
        raise InvalidInput(expected="RELATIONS_IN_ALL", most=MOST_RELATIONS)


def _relations(filter_: object) -> int:
    """Count the related records that a filter asks for: each is looked up by itself."""
    found = 0
    for how, value, _ in _given(filter_):
        match how:
            case Both(word="NOT"):
                found += _relations(value)
            case Both():
                found += sum(_relations(one) for one in value)
            case Related(several=True):
                found += sum(1 + _relations(wanted) for _, wanted, _ in _given(value))
            case Related():
                found += 1 + _relations(value)
    return found


def _written(how: object, value: Declared, statement: Statement, depth: int) -> str:
    match how:
        case Both(word="NOT"):
            # A null comparison is no match; its negation is one.
            return f"NOT coalesce({_met(value, statement, depth)}, FALSE)"
        case Both(word=word):
            return _joined(word, value, statement, depth)
        case Related() as other:
            return _of_related(other, value, statement, depth + 1)
        case WithinTree() as tree:
            return _within(tree, value, statement)
        case On() as column:
            return _compared(column, value, statement)
    raise TypeError(f"no filter: {how!r}")


def _joined(word: str, values: list[object], statement: Statement, depth: int) -> str:
    if not values and word == " OR ":
        raise InvalidInput(expected="SOME_FILTER")
    _at_most(values)
    parts = [_met(value, statement, depth) for value in values] or ["TRUE"]
    return "(" + word.join(parts) + ")"


def _of_related(other: Related, value: Declared, statement: Statement, depth: int) -> str:
    if depth > MOST_RELATED:
        raise InvalidInput(expected="RELATIONS_AT_MOST", most=MOST_RELATED)
    if not other.several:
        return _exists(other, value, statement, depth)
    parts = ["TRUE"]
    for how, wanted, _ in _given(value):
        word = "" if how == Quantified(some=True) else "NOT "
        parts.append(word + _exists(other, wanted, statement, depth))
    return "(" + " AND ".join(parts) + ")"


def _exists(other: Related, wanted: object, statement: Statement, depth: int) -> str:
    """Write that a related record in sight is such.

    The other's own predicate stands inside, so a filter tells no more than a read. Inside the
    inner select `t` is the other record, outside it is this one.
    """
    inside = _met(wanted, statement, depth)
    mapping = mapping_of(other.target)
    statement.look_through(mapping)
    rows = statement.rows_of(mapping)
    return (
        f"EXISTS (SELECT FROM (SELECT {other.there} AS related {rows} AND {inside}) other"
        f" WHERE other.related = {other.here})"
    )


def _within(tree: WithinTree, value: TerritoryScope | OrgUnitScope, statement: Statement) -> str:
    whole = value.within is not strawberry.UNSET and value.within is not None
    node = found_id(str(value.within if whole else value.exactly), tree.kind)
    if node is None:
        return _NOTHING
    policy = statement.sight.policy
    below = policy.org_units.below if tree.kind == "org_unit" else policy.territories.below
    nodes = list(below(node)) if whole else [node]
    return f"{tree.sql} = ANY({statement.place(nodes, 'uuid[]')})"


def _compared(column: On, value: Declared, statement: Statement) -> str:
    parts = ["TRUE"]
    for name, given in vars(value).items():
        if given is not strawberry.UNSET and given is not None:
            try:
                parts.append(_OPERATORS[name](column, given, statement))
            except InvalidInput as wrong:
                wrong.field = (to_camel_case(name).rstrip("_"), *wrong.field)
                raise
    return "(" + " AND ".join(parts) + ")"


def _plain(column: On, value: Declared) -> object:
    if column.kind == "*":
        parts = split_id(str(value))
        return parts[1] if parts else None
    if column.kind is not None:
        return found_id(str(value), column.kind)
    return _text(value) if isinstance(value, str) else getattr(value, "value", value)


def _text(given: str) -> str:
    text = plain_text(given) if len(given) <= MOST_CHARACTERS else None
    if text is None:
        raise InvalidInput(expected="LINE", least=0, most=MOST_CHARACTERS)
    return text


def _equal(column: On, given: object, statement: Statement) -> str:
    value = _plain(column, given)
    return _NOTHING if value is None else f"{column.sql} = {statement.place(value, column.type)}"


def _one_of(column: On, given: list[object], statement: Statement) -> str:
    _at_most(given)
    values: list[UUID | object] = [_plain(column, one) for one in given]
    wanted = [value for value in values if value is not None]
    return f"{column.sql} = ANY({statement.place(wanted, column.type + '[]')})"


def _from(column: On, given: object, statement: Statement) -> str:
    return f"{column.sql} >= {statement.place(given, column.type)}"


def _before(column: On, given: object, statement: Statement) -> str:
    return f"{column.sql} < {statement.place(given, column.type)}"


def _null(column: On, given: bool, _statement: Statement) -> str:
    return f"{column.sql} IS {'' if given else 'NOT '}NULL"


def _begins(column: On, given: str, statement: Statement) -> str:
    if not 1 <= len(given) <= 100 or ord(given[-1]) >= 0x10FFFF:  # noqa: PLR2004 - as described
        raise InvalidInput(expected="CHARACTERS", least=1, most=100)
    given = _text(given)
    # A range and not LIKE: comparisons are leakproof, so the index serves under row security. The
    # database orders text by code point, so what begins with a text is one range.
    last = given[:-1] + chr(ord(given[-1]) + 1)
    low, high = statement.place(given, "text"), statement.place(last, "text")
    return f"({column.sql} >= {low} AND {column.sql} < {high})"


def _at_most(values: list[Any]) -> None:
    if len(values) > MOST_VALUES:
        raise InvalidInput(expected="AT_MOST_ENTRIES", most=MOST_VALUES)


_OPERATORS: Final[dict[str, Any]] = {
    "eq": _equal,
    "in_": _one_of,
    "gte": _from,
    "lt": _before,
    "is_null": _null,
    "starts_with": _begins,
}
