"""One statement that counts a list's rows: grouped, summed, ordered, cut off.

The rows are those of the list itself: the type's own predicate and filter, nothing else. A
dimension that is another record counts by that record only as far as the caller sees it; what he
does not see is one row, told from what is not there.
"""

import re
from collections.abc import Collection, Sequence
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import strawberry
from strawberry.types.base import get_object_definition

from service.schema.filters import condition
from service.schema.planner.mapping import Declared, Mapping, mapping_of
from service.schema.planner.statements import Statement
from service.schema.statistics.periods import Days, within
from service.schema.statistics.rows import amounts_in_row, in_rows, record_in_row

COUNTED: Final = "counted"
_ANYWHERE: Final = "TRUE"
_SEEN: Final = re.compile(r"\{seen:(\w+)\}")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Through:
    """A record that leads to a dimension's value, and must be in sight itself.

    Attributes:
        target: its type, by GraphQL name.
        here: SQL over `t` that is its id.
    """

    target: str
    here: str


@dataclass(frozen=True, slots=True)
class Dimension:
    """What rows are grouped by.

    Attributes:
        sql: the value, over `t` and the zone's `z`; over the record's own `t` with `through`.
        target: the type whose id it is, if it is one.
        zoned: whether it needs the site's zone.
    """

    sql: str
    target: str | None = None
    through: Through | None = None
    zoned: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """What is counted in a group: an aggregate over `t`.

    Attributes:
        sums: SQL of the whole number that is summed for each currency of `t`; then `sql` is empty.
    """

    sql: str
    sums: str = ""


@dataclass(frozen=True, slots=True)
class Statistics:
    """How the rows of one list are counted.

    Attributes:
        of: the listed type, by GraphQL name.
        row: the type of a row of figures.
        key: the type of what a row is about.
        zone: joins that bring the site as `z`.
        at: SQL of the instant that places a record in time.
        day: SQL of its local day.
        dimensions, measures: by the Python names of the fields of `key` and `row`.
    """

    of: str
    row: type[Any]
    key: type[Any]
    zone: str
    at: str
    day: str
    dimensions: MappingType[str, Dimension]
    measures: MappingType[str, Measure]

    @property
    def mapping(self) -> Mapping:
        """The listed type's mapping."""
        return mapping_of(self.of)

    @property
    def zone_of_day(self) -> str:
        """The joins that a record's day needs; none where the record keeps its day."""
        return self.zone if "z." in self.day else ""


@dataclass(frozen=True, slots=True)
class Question:
    """What a client asked to be counted.

    Attributes:
        by: the dimensions, by Python name.
        wanted: the measures it selects or orders by, by Python name.
        order: the measure to order by; None orders by the dimensions.
        most: how many rows at most.
        values: what the statistics' own arguments bind, by the name in `{…}`.
    """

    by: Sequence[str]
    wanted: Collection[str]
    order: str | None
    descending: bool
    most: int
    days: Days | None = None
    filter: object | None = None
    values: MappingType[str, tuple[object, str]] = field(default_factory=dict)


def by(sql: str, description: str, *, zoned: bool = False) -> Declared:
    """Declare a dimension that is a plain value."""
    return strawberry.field(
        default=None, description=description, metadata={COUNTED: Dimension(sql, zoned=zoned)}
    )


def by_record(sql: str, target: str, description: str, through: Through | None = None) -> Declared:
    """Declare a dimension that is another record, whose id is `sql`."""
    return record_in_row(target, description, **{COUNTED: Dimension(sql, target, through)})


def counted(sql: str, description: str) -> Declared:
    """Declare a measure: an aggregate over `t`."""
    return strawberry.field(description=description, metadata={COUNTED: Measure(sql)})


def number_of(condition_: str, description: str) -> Declared:
    """Declare how many rows satisfy a condition over `t`."""
    return counted(f"count(*) FILTER (WHERE {condition_})", description)


def number_with(
    there: str, target: str, description: str, *, here: str = "t.id", where: str = _ANYWHERE
) -> Declared:
    """Declare how many rows another record in the caller's sight names.

    Args:
        there: SQL over the other's `t`, with an index, that is equal to `here`.
        target: the other type, by GraphQL name.
        description: the field's.
        here: SQL over `t`.
        where: SQL over the other's `t`: which of them count.
    """
    others = f"SELECT {there} AS related {{seen:{target}}} AND {where}"
    return number_of(f"EXISTS (SELECT FROM ({others}) o WHERE o.related = {here})", description)


def amounts_of(minor: str, description: str, *, name: str = "amounts") -> Declared:
    """Declare exact sums of an amount, one for each currency; `t.currency` is its currency.

    Args:
        minor: SQL of minor units over `t`.
        description: the field's.
        name: the field's, in Python.
    """
    return amounts_in_row(description, name=name, **{COUNTED: Measure("", sums=minor)})


def declared(kind: type, what: type[_T]) -> dict[str, _T]:
    """Return the dimensions or measures of a type by Python name."""
    fields = get_object_definition(kind, strict=True).fields
    found = {one.python_name: one.metadata.get(COUNTED) for one in fields}
    return {name: one for name, one in found.items() if isinstance(one, what)}


def statistics(of: str, row: type, key: type, *, zone: str, at: str, day: str) -> Statistics:
    """Put together how a list is counted, from the types that declare it."""
    return Statistics(
        of=of,
        row=in_rows(row),
        key=in_rows(key),
        zone=zone,
        at=at,
        day=day,
        dimensions=declared(key, Dimension),
        measures=declared(row, Measure),
    )


def written(statement: Statement, what: Statistics, asked: Question) -> str:
    """Write the whole statement.

    Its columns: each dimension by name, null unless it is asked for; `none` and `hidden`, the
    dimensions a row has no value for and those whose record is out of sight; each measure by name;
    `owners` where reading other people's rows is written down.
    """
    names = [f'"{name}:key"' for name in asked.by]
    keys = [
        f'"{name}:key" AS "{name}"'
        if name in asked.by
        else f'NULL::{"text" if one.target is None else "uuid"} AS "{name}"'
        for name, one in what.dimensions.items()
    ]
    none = _words(asked.by, "none")
    hidden = _words(asked.by, "hidden")
    measures = [f'"{name}"' for name in what.measures if name in asked.wanted]
    owners = ['"owners"'] if what.mapping.audited else []
    columns = ", ".join([*keys, f"{none} AS none", f"{hidden} AS hidden", *measures, *owners])
    ordered = [f"{name} ASC NULLS LAST" for name in names]
    if asked.order is not None:
        ordered.insert(0, f'"{asked.order}" {"DESC" if asked.descending else "ASC"}')
    elif asked.descending:
        ordered = [f"{name} DESC NULLS LAST" for name in names]
    order = f" ORDER BY {', '.join(ordered)}" if ordered else ""
    most = statement.place(asked.most, "bigint")
    return f"SELECT {columns} FROM ({_grouped(statement, what, asked)}) t{order} LIMIT {most}"


def _words(by_: Sequence[str], what: str) -> str:
    words = [f"""CASE WHEN "{name}:{what}" THEN '{name.upper()}' END""" for name in by_]
    return f"array_remove(ARRAY[{', '.join(words)}]::text[], NULL)"


def _grouped(statement: Statement, what: Statistics, asked: Question) -> str:
    """Write the groups, at once or, where amounts are summed, first for each currency."""
    keys = [f'"{name}{part}"' for name in asked.by for part in (":key", ":none", ":hidden")]
    wanted = {name: one for name, one in what.measures.items() if name in asked.wanted}
    plain = {name: _settled(statement, one.sql, asked) for name, one in wanted.items() if one.sql}
    sums = {name: one.sums for name, one in wanted.items() if one.sums}
    rows = _rows(statement, what, asked)
    columns = [*keys, *(f'{sql} AS "{name}"' for name, sql in plain.items())]
    if what.mapping.audited:
        columns.append(f'array_agg(DISTINCT {what.mapping.scope.owner}) AS "owners"')
    if not sums:
        return f"SELECT {', '.join(columns) or 'count(*)'} FROM ({rows}) t{_group_by(keys)}"
    inner = [*columns, "t.currency", *(f'sum({sql}) AS "{n}"' for n, sql in sums.items())]
    outer = [
        *keys,
        # Each is a count or a sum of whole numbers, so the parts add up to the whole.
        *(f'coalesce(sum("{name}"), 0)::bigint AS "{name}"' for name in plain),
        *(f'{_each_currency(name)} AS "{name}"' for name in sums),
    ]
    parts = f"SELECT {', '.join(inner)} FROM ({rows}) t{_group_by([*keys, 't.currency'])}"
    return f"SELECT {', '.join(outer)} FROM ({parts}) t{_group_by(keys)}"


def _each_currency(name: str) -> str:
    return (
        f"""coalesce(jsonb_agg(jsonb_build_array("{name}"::text, currency) ORDER BY currency)"""
        f""" FILTER (WHERE "{name}" IS NOT NULL), '[]')"""
    )


def _group_by(keys: Sequence[str]) -> str:
    return f" GROUP BY {', '.join(keys)}" if keys else ""


def _settled(statement: Statement, sql: str, asked: Question) -> str:
    for name, (value, kind) in asked.values.items():
        if f"{{{name}}}" in sql:
            sql = sql.replace(f"{{{name}}}", statement.place(value, kind))
    for target in _SEEN.findall(sql):
        mapping = mapping_of(target)
        statement.look_through(mapping)
        sql = sql.replace(f"{{seen:{target}}}", statement.rows_of(mapping))
    return statement.settle(sql)


def _rows(statement: Statement, what: Statistics, asked: Question) -> str:
    """Write the list's rows as `t`, each with its value of every dimension."""
    inside = f"SELECT t.* {statement.rows_of(what.mapping)}"
    if asked.filter is not None:
        inside += f" AND {condition(asked.filter, statement)}"
    dimensions = {name: what.dimensions[name] for name in asked.by}
    columns, joins = ["t.*"], []
    if any(one.zoned for one in dimensions.values()):
        joins.append(what.zone)
    elif asked.days is not None:
        joins.append(what.zone_of_day)
    for name, one in dimensions.items():
        value = _value(statement, name, one)
        joins += value.joins
        columns.append(f'{value.sql} AS "{name}:key"')
        columns.append(f'({value.none}) AS "{name}:none"')
        columns.append(f'({value.hidden}) AS "{name}:hidden"')
    where = ""
    if asked.days is not None:
        where = f" WHERE {within(statement, asked.days, what.at, what.day)}"
    return f"SELECT {', '.join(columns)} FROM ({inside}) t {' '.join(joins)}{where}"


@dataclass(frozen=True, slots=True)
class _Value:
    """A dimension's value in a row: what it is, when there is none, when it is out of sight."""

    sql: str
    none: str
    hidden: str = "FALSE"
    joins: Sequence[str] = ()


def _value(statement: Statement, name: str, one: Dimension) -> _Value:
    sql = statement.settle(one.sql)
    plain = _Value(sql, f"{sql} IS NULL")
    if one.target is None:
        return plain
    if one.through is None:
        return _seen(statement, name, one.target, plain)
    way = f'"{name}:way"'
    rows = statement.rows_of(mapping_of(one.through.target))
    join = (
        f"LEFT JOIN (SELECT t.id, {sql} AS related {rows}) {way} ON {way}.id = {one.through.here}"
    )
    led = _Value(
        f"{way}.related",
        f"{way}.id IS NOT NULL AND {way}.related IS NULL",
        f"{way}.id IS NULL",
        (join,),
    )
    return _seen(statement, name, one.target, led)


def _seen(statement: Statement, name: str, target: str, value: _Value) -> _Value:
    """Let a value count by its record only where the caller sees that."""
    mapping = mapping_of(target)
    if _all_in_sight(statement, mapping):
        return value
    seen = f'"{name}:seen"'
    return _Value(
        f"{seen}.id",
        value.none,
        f"{value.hidden} OR ({value.sql} IS NOT NULL AND {seen}.id IS NULL)",
        (
            *value.joins,
            f"LEFT JOIN (SELECT t.id {statement.rows_of(mapping)}) {seen}"
            f" ON {seen}.id = {value.sql}",
        ),
    )


def _all_in_sight(statement: Statement, mapping: Mapping) -> bool:
    sight = statement.sight
    if mapping.action is None or mapping.condition:
        return False
    allowed = sight.policy.predicate(sight.actor, mapping.action, mapping.scope, 1)
    return allowed.sql.strip("()") == _ANYWHERE
