"""The declarations next to each field: how it maps to a column, a relation or an expression.

In every expression `t` is the type's own table, and these stand for parameters: `{now}` the
instant of the reading, `{me}` the caller's member id, `{locale}` his language.
"""

from collections.abc import Awaitable, Callable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

import strawberry
from strawberry.types.base import StrawberryObjectDefinition, get_object_definition
from strawberry.utils.str_converters import to_camel_case

from service.database.tables import SCHEMA, Table
from service.policies.access import ACTIONS, RecordColumns
from service.schema.planner.lending import Lent
from service.schema.planner.naming import Naming

if TYPE_CHECKING:
    from service.schema.planner.paging import Orders

PLANNED: Final = "planned"
_T = TypeVar("_T", bound=type)

Declared: TypeAlias = Any
"""What a declaration returns: it stands for the field's own type, whatever that is."""


@dataclass(frozen=True, slots=True)
class Key:
    """The record's id."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column or an expression, given as PostgreSQL gives it."""

    sql: str


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in minor units beside its currency."""

    amount: str
    currency: str


@dataclass(frozen=True, slots=True)
class Names:
    """A name in three languages, kept as JSON."""

    sql: str


@dataclass(frozen=True, slots=True)
class Masked:
    """An expression shown only to those who may do `action` to the record."""

    sql: str
    action: str


@dataclass(frozen=True, slots=True)
class MaskedFields:
    """The names of the fields withheld from the caller."""

    actions: MappingType[str, str]


@dataclass(frozen=True, slots=True)
class Possible:
    """A command the caller may be offered: its action, and the state in which it makes sense.

    Attributes:
        scope: where the command itself looks for the record, if it is not the row's own place.
    """

    action: str
    when: str = "TRUE"
    scope: RecordColumns | None = None


@dataclass(frozen=True, slots=True)
class Actions:
    """What the caller could command now; advice, the command decides again."""

    possible: MappingType[str, Possible]


@dataclass(frozen=True, slots=True)
class ToOne:
    """Another record, by its id; null when it is out of the caller's sight."""

    sql: str
    target: str


@dataclass(frozen=True, slots=True)
class ToMany:
    """A short list of other records that name this one in `column` and satisfy `condition`."""

    target: str
    column: str
    order: str
    condition: str = "TRUE"


@dataclass(frozen=True, slots=True)
class Lookup:
    """A record by the API id in the argument `id`; null when it is out of the caller's sight."""

    target: str


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """A connection of records.

    Attributes:
        orders: the list's closed orders.
        filter: the type of the filter input, if the list has one.
        parent: the column by which the rows name the record the field stands on; or the condition
            under which they belong to it, with its id as `{parent}`.
        narrowed: from the filter and the search given, what the rows must satisfy.
    """

    target: str
    orders: "Orders"
    filter: Any
    parent: str | None
    narrowed: "Callable[[object, object], object]"


@dataclass(frozen=True, slots=True)
class OfPage:
    """A field of a connection or an edge: it has its form only where the whole page is written."""


@dataclass(frozen=True, slots=True)
class AnyRecord:
    """A record of whatever type by its API id; the id's word says which type is written."""


@dataclass(frozen=True, slots=True)
class AnyRecords:
    """Several of them, in the order of their ids.

    Attributes:
        most: how many at most.
    """

    most: int


@dataclass(frozen=True, slots=True)
class Only:
    """The one record that names this one in `column`; null when it is out of sight."""

    target: str
    column: str


@dataclass(frozen=True, slots=True)
class Here:
    """One record whose key is an expression over nothing: the caller's own tenant."""

    target: str
    sql: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Objects of a type without table, from rows `t` of a text: the one row, or all in its order.

    Attributes:
        sql: SELECT over the row outside, whose array is there as `{array}`.
        array: SQL over the row outside that `sql` takes apart, if it does.
    """

    target: str
    sql: str
    many: bool
    array: str | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """All records of a type in sight, in one order."""

    target: str
    order: str
    most: int


@dataclass(frozen=True, slots=True)
class Part:
    """An object made of a few expressions over its owner's row, by Python name."""

    parts: MappingType[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """A value that Python makes of what the statement brings in its place; null stays null.

    Attributes:
        raw: SQL over `t` that gives JSON, or what writes it.
        finish: makes the value: a plain one, or objects whose fields are plain.
        deep: whether it gives every field of its objects, those with resolvers too.
    """

    raw: "str | Callable[[Any, Any], str]"
    finish: "Callable[[Any, Any, MappingType[str, Any]], Awaitable[Any]]"
    deep: bool = False


@dataclass(frozen=True, slots=True)
class Plain:
    """A field that is as its object keeps it, of a type without mapping."""

    name: str


Item = Key | Column | Amount | Names | Masked | MaskedFields | Actions | ToOne | ToMany


@dataclass(frozen=True, slots=True)
class Mapping:
    """How a type is read.

    Attributes:
        made: the type's class; a row becomes one without its constructor.
        name: its GraphQL name.
        kind: the word its ids begin with.
        action: the permission that lets a row be seen; None only where `condition` says who may.
        scope: where a row has what permissions ask for.
        also: further places of the same row: it is in sight if it would be at one of them.
        lent: further permissions that let some of the rows be seen.
        mine: for an expression of a place that is the caller or nothing: which table names him;
            so that a list need not look at every row.
        joins: SQL after the table, for rows whose scope is another's.
        places: a sub-select of further rows `s`, for records that stand at several places.
        condition: SQL that every row must satisfy besides.
        audited: command name under which reading other people's rows is written down.
        hidden: expressions read besides, for fields that are worked out from them.
        key_column: the column that is the row's own key beside the tenant.
        items: the mapped fields by Python name.
        asked_as: their GraphQL names.
    """

    made: type[Any]
    name: str
    table: type[Table] | None
    kind: str
    action: str | None
    scope: RecordColumns
    also: tuple[RecordColumns, ...]
    lent: tuple[Lent, ...]
    mine: MappingType[str, Naming]
    joins: str
    places: str
    condition: str
    audited: str | None
    hidden: MappingType[str, str]
    key_column: str = "id"
    items: MappingType[str, Item] = field(default_factory=dict)
    asked_as: MappingType[str, str] = field(default_factory=dict)

    @property
    def whole(self) -> str:
        """Return the table's name."""
        if self.table is None:
            raise TypeError(f"{self.name} has no table")
        return f"{SCHEMA}.{self.table.__tablename__}"

    @property
    def source(self) -> str:
        """Return what stands after FROM."""
        return f"{self.whole} t {self.joins}"


_BY_NAME: dict[str, Mapping] = {}
_BY_KIND: dict[str, Mapping] = {}
_PARTS: dict[str, Mapping] = {}


def planned(
    table: type[Table],
    *,
    action: str | None,
    scope: RecordColumns | None = None,
    also: tuple[RecordColumns, ...] = (),
    lent: tuple[Lent, ...] = (),
    mine: MappingType[str, Naming] | None = None,
    kind: str | None = None,
    joins: str = "",
    places: str = "",
    condition: str = "",
    audited: str | None = None,
    hidden: MappingType[str, str] | None = None,
    key_column: str = "id",
) -> Declared:
    """Name a type's table and who may see its rows; stands above `strawberry.type`.

    Raises:
        ValueError: the action is unknown, or nothing says who may see the rows.
    """
    if action is None and not condition:
        raise ValueError(f"{table.__tablename__}: nobody says who may read it")
    if action is not None and action not in ACTIONS:
        raise ValueError(f"{action} is no action")

    def declare(cls: _T) -> _T:
        definition = get_object_definition(cls, strict=True)
        items, asked_as = _items(definition)
        mapping = Mapping(
            made=cls,
            name=definition.name,
            table=table,
            kind=kind or str(table.__tablename__),
            action=action,
            scope=scope or RecordColumns(),
            also=also,
            lent=lent,
            mine=mine or {},
            joins=joins,
            places=places,
            condition=condition,
            audited=audited,
            hidden=hidden or {},
            key_column=key_column,
            items=items,
            asked_as=asked_as,
        )
        _BY_NAME[definition.name] = mapping
        _BY_KIND[mapping.kind] = mapping
        return cls

    return declare


def parts(cls: _T) -> _T:
    """Let a type without table be made of rows `t` by the declarations on its fields."""
    definition = get_object_definition(cls, strict=True)
    items, asked_as = _items(definition)
    _PARTS[definition.name] = Mapping(
        made=cls,
        name=definition.name,
        table=None,
        kind="",
        action=None,
        scope=RecordColumns(),
        also=(),
        lent=(),
        mine={},
        joins="",
        places="",
        condition="",
        audited=None,
        hidden={},
        items=items,
        asked_as=asked_as,
    )
    return cls


def part_of(name: str) -> Mapping | None:
    """Return how a type without table is made of a row, if it is declared."""
    return _PARTS.get(name)


def _items(definition: StrawberryObjectDefinition) -> tuple[dict[str, Item], dict[str, str]]:
    items: dict[str, Item] = {}
    asked_as: dict[str, str] = {}
    for declared in definition.fields:
        name, item = declared.python_name, declared.metadata.get(PLANNED)
        if item is not None:
            items[name] = item
            asked_as[name] = declared.graphql_name or to_camel_case(name)
    return items, asked_as


def mapping_of(target: type | str) -> Mapping:
    """Return the mapping of a type, by the class or by its GraphQL name."""
    return _BY_NAME[target if isinstance(target, str) else target.__name__]


def mapping_of_kind(kind: str) -> Mapping | None:
    """Return the mapping whose ids begin with a word, or None."""
    return _BY_KIND.get(kind)


def mappings() -> MappingType[str, Mapping]:
    """Return every mapping by the type's GraphQL name."""
    return _BY_NAME


def key(description: str) -> Declared:
    """Map the field `id`."""
    return _declared(Key(), description)


def column(name: str, description: str, graphql_name: str | None = None) -> Declared:
    """Map a field to a column of the type's table."""
    return _declared(Column(f't."{name}"'), description, graphql_name)


def sql(expression: str, description: str) -> Declared:
    """Map a field to an expression over `t`."""
    return _declared(Column(expression), description)


def amount(minor: str, currency: str, description: str) -> Declared:
    """Map a `Money` field to its two columns."""
    return _declared(Amount(f"t.{minor}", f"t.{currency}"), description)


def amount_of(minor: str, currency: str, description: str) -> Declared:
    """Map a nullable `Money` field to two expressions over `t`; null where there is no currency."""
    return _declared(Amount(minor, currency), description)


def name_in(names: str, description: str) -> Declared:
    """Map `name` to the request's language of a column of names, falling back to what there is."""
    expression = (
        f"coalesce(t.{names}->>{{locale}}, t.{names}->>'en',"
        f" t.{names}->>'zh-Hans', t.{names}->>'zh-Hant', '')"
    )
    return _declared(Column(expression), description)


def names(column_name: str, description: str) -> Declared:
    """Map a `LocalizedText` field to a column of names."""
    return _declared(Names(f"t.{column_name}"), description)


def masked(expression: str, description: str, *, action: str) -> Declared:
    """Map a nullable field that only those see who may do `action` to the record."""
    return _declared(Masked(expression, action), description)


def masked_fields(description: str, **actions: str) -> Declared:
    """Map the list that tells null from withheld: field names to the actions that unmask them."""
    return _declared(MaskedFields({to_camel_case(n): a for n, a in actions.items()}), description)


def allowed_actions(description: str, **possible: Possible) -> Declared:
    """Map the list of commands this caller could issue now, by the enum's words."""
    return _declared(Actions(possible), description)


def to_one(column_name: str, target: str, description: str) -> Declared:
    """Map a nullable relation to one other type, by GraphQL name."""
    return relation(f"t.{column_name}", target, description)


def relation(expression: str, target: str, description: str) -> Declared:
    """Map a nullable relation whose id is an expression."""
    from service.schema.planner.fallback import resolve_to_one  # noqa: PLC0415 - it reads mappings

    return strawberry.field(
        resolver=resolve_to_one,
        description=description,
        metadata={PLANNED: ToOne(expression, target)},
    )


def to_many(
    target: str,
    column_name: str,
    description: str,
    *,
    order: str = "t.id",
    condition: str = "TRUE",
) -> Declared:
    """Map a list of records of another type that name this one; for lists that stay short.

    Args:
        target: the other type.
        column_name: its column that names this record.
        description: the field's.
        order: SQL the list is ordered by.
        condition: SQL that its rows must satisfy besides.
    """
    from service.schema.planner.fallback import resolve_to_many  # noqa: PLC0415 - it reads mappings

    return strawberry.field(
        resolver=resolve_to_many,
        description=description,
        metadata={PLANNED: ToMany(target, column_name, order, condition)},
    )


def _declared(item: Item, description: str, graphql_name: str | None = None) -> Declared:
    return strawberry.field(description=description, name=graphql_name, metadata={PLANNED: item})
