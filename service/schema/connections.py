"""Relay connections by keyset: no offset, opaque cursors, bounded counts."""

import base64
import binascii
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import Enum
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

import orjson
import strawberry

from service.database.session import Row
from service.errors import InvalidCursor, InvalidPage
from service.schema.context import Info
from service.schema.filters import condition
from service.schema.planner.fallback import Reader
from service.schema.planner.mapping import Declared, Mapping, mapping_of
from service.schema.planner.statements import Statement

_T = TypeVar("_T")

MOST_ROWS: Final = 200
USUAL_ROWS: Final = 25
MOST_COUNTED: Final = 10_000


@strawberry.enum(description="Which way a list runs.")
class OrderDirection(Enum):
    ASC = strawberry.enum_value("ASC", description="Smallest or earliest first.")
    DESC = strawberry.enum_value("DESC", description="Largest or latest first.")


@dataclass(frozen=True, slots=True)
class SortKey:
    """A column a list may be ordered by; an index begins with the tenant and this.

    Attributes:
        sql: the column, over `t`.
        type: its PostgreSQL type.
        nullable: whether rows may have none; those stand last, going up.
    """

    sql: str
    type: str
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Orders:
    """The orders of one list, by the enum's words, and the one it has unasked."""

    keys: MappingType[str, SortKey]
    usual: str
    descending: bool = True


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more follows.")
    has_previous_page: bool = strawberry.field(description="Whether something precedes.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first row here.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last row here.")


@strawberry.type(description="A row of a list, with its place.")
class Edge(Generic[_T]):
    node: _T = strawberry.field(description="The record.")
    cursor: str = strawberry.field(description="The row's place in this order.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[_T]):
    edges: list[Edge[_T]] = strawberry.field(description="The rows with their places.")
    nodes: list[_T] = strawberry.field(description="The rows alone.")
    page_info: PageInfo = strawberry.field(description="Where the page stands.")
    counted: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field(description="How many rows match, counted up to 10,000.")
    async def total_count(self) -> int:
        return min(await self.counted(), MOST_COUNTED)

    @strawberry.field(description="False when there are more than `totalCount` says.")
    async def total_count_exact(self) -> bool:
        return await self.counted() <= MOST_COUNTED


@dataclass(frozen=True, slots=True)
class Window:
    """What a client asked of a list."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class _Bound:
    """A cursor, read: the order's key and the id of a row."""

    value: object
    row: UUID


@dataclass(frozen=True, slots=True)
class _Page:
    """A page to read, in one order.

    Attributes:
        fingerprint: what a cursor of this order begins with.
        descending: the order's direction, before turning it for a page from the end.
        backward: whether the page is taken from the end.
    """

    key: SortKey
    fingerprint: str
    descending: bool
    backward: bool
    size: int
    after: _Bound | None
    before: _Bound | None
    filter: object | None = None
    parent: str | None = None
    more: MappingType[str, object] = field(default_factory=dict)


async def page(
    info: Info,
    of: type[_T],
    orders: Orders,
    window: Window,
    *,
    filter: object | None = None,
    order_by: Declared = None,
    parent: tuple[str, UUID] | None = None,
) -> Connection[_T]:
    """Read one page of a list.

    Args:
        info: the resolver's.
        of: the type listed.
        orders: the list's closed orders.
        window: the page asked for.
        filter: a filter input, if one was given.
        order_by: an order input, if one was given.
        parent: column and id of the record the list belongs to; lists of a level are one statement.

    Raises:
        InvalidPage: `first` and `last` together, or outside 1 to 200.
        InvalidCursor: a cursor that is malformed or of another order.
    """
    mapping = mapping_of(of)
    asked = _asked(mapping, orders, _unless_unset(order_by), window)
    asked = replace(asked, filter=_unless_unset(filter), parent=parent[0] if parent else None)
    reader = await info.context.reader()
    if parent is None:
        rows = await _rows(reader, mapping, asked, None)
    else:
        rows = await _of_parent(reader, mapping, asked, parent[1])
    return _connection(reader, mapping, asked, rows, parent[1] if parent else None)


def _unless_unset(value: Declared) -> Declared:
    return None if value is strawberry.UNSET else value


def _asked(mapping: Mapping, orders: Orders, order_by: Declared, window: Window) -> _Page:
    word, descending = orders.usual, orders.descending
    if order_by is not None:
        word, descending = order_by.field.value, order_by.direction is OrderDirection.DESC
    first, last = _unless_unset(window.first), _unless_unset(window.last)
    size = USUAL_ROWS if first is None and last is None else first if last is None else last
    if (first is not None and last is not None) or not 1 <= size <= MOST_ROWS:
        raise InvalidPage
    key = orders.keys[word]
    print_ = hashlib.sha256(f"{mapping.kind}:{word}:{descending}".encode()).hexdigest()[:8]
    return _Page(
        key=key,
        fingerprint=print_,
        descending=descending,
        backward=last is not None,
        size=size,
        after=_bound(_unless_unset(window.after), key, print_),
        before=_bound(_unless_unset(window.before), key, print_),
    )


def _bound(cursor: str | None, key: SortKey, fingerprint: str) -> _Bound | None:
    if cursor is None:
        return None
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        mark, value, row = orjson.loads(base64.b64decode(padded, b"-_", validate=True))
        if mark != fingerprint or (value is None and not key.nullable):
            raise InvalidCursor
        return _Bound(_key_value(value, key.type), UUID(row))
    except (ValueError, TypeError, AttributeError, binascii.Error) as error:
        raise InvalidCursor from error


def _key_value(value: Declared, kind: str) -> object:
    if value is None:
        return None
    match kind:
        case "timestamptz":
            instant = datetime.fromisoformat(value)
            if instant.tzinfo is None:
                raise ValueError("an instant has an offset")
            return instant
        case "date":
            return date.fromisoformat(value)
        case "text" if isinstance(value, str) and "\0" not in value:
            return value
        case "bigint" if isinstance(value, int) and abs(value) < 2**63:
            return value
    raise ValueError(f"no {kind}")


def _cursor(asked: _Page, row: Row) -> str:
    value = row["_key"]
    plain = value.isoformat() if isinstance(value, datetime | date) else value
    text = orjson.dumps([asked.fingerprint, plain, str(row["_id"])])
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def _beyond(statement: Statement, key: SortKey, bound: _Bound, *, upward: bool) -> str:
    """Write what lies beyond a row; nulls are greatest, as PostgreSQL's indexes have them."""
    sign = ">" if upward else "<"
    row = statement.place(bound.row, "uuid")
    if bound.value is None:
        rest = "" if upward else f" OR {key.sql} IS NOT NULL"
        return f"(({key.sql} IS NULL AND t.id {sign} {row}){rest})"
    value = statement.place(bound.value, key.type)
    inside = f"({key.sql}, t.id) {sign} ({value}, {row})"
    return f"({inside} OR {key.sql} IS NULL)" if key.nullable and upward else inside


def _matching(statement: Statement, mapping: Mapping, asked: _Page) -> str:
    text = statement.rows_of(mapping)
    if asked.parent is not None:
        text += f' AND t."{asked.parent}" = parent.id'
    if asked.filter is not None:
        text += f" AND {condition(asked.filter, statement)}"
    return text


def _written(statement: Statement, mapping: Mapping, asked: _Page, reader: Reader) -> str:
    columns = statement.columns_of(mapping, reader.asked)
    text = f'SELECT {columns}, {asked.key.sql} AS "_key" {_matching(statement, mapping, asked)}'
    for bound, upward in ((asked.after, not asked.descending), (asked.before, asked.descending)):
        if bound is not None:
            text += f" AND {_beyond(statement, asked.key, bound, upward=upward)}"
    way = "DESC" if asked.descending is not asked.backward else "ASC"
    return f"{text} ORDER BY {asked.key.sql} {way}, t.id {way} LIMIT {asked.size + 1}"


def _each_parent(statement: Statement, parents: Sequence[UUID], inner: str) -> str:
    wanted = statement.place(list(parents), "uuid[]")
    return (
        f'SELECT parent.id AS "_parent", x.* FROM unnest({wanted}) AS parent (id)'
        f" CROSS JOIN LATERAL ({inner}) x"
    )


async def _rows(
    reader: Reader, mapping: Mapping, asked: _Page, parents: Sequence[UUID] | None
) -> Sequence[Row]:
    def text(statement: Statement) -> str:
        inner = _written(statement, mapping, asked, reader)
        return inner if parents is None else _each_parent(statement, parents, inner)

    return await reader.fetch(text)


async def _of_parent(reader: Reader, mapping: Mapping, asked: _Page, parent: UUID) -> Sequence[Row]:
    async def load(parents: list[UUID]) -> list[list[Row]]:
        groups: dict[UUID, list[Row]] = {}
        for row in await _rows(reader, mapping, asked, parents):
            groups.setdefault(UUID(bytes=row["_parent"].bytes), []).append(row)
        return [groups.get(one, []) for one in parents]

    found: Sequence[Row] = await reader.loader(_name(mapping, asked, "rows"), load).load(parent)
    return found


def _name(mapping: Mapping, asked: _Page, what: str) -> tuple[object, ...]:
    # Equal selections on several parents are equal pages: their text tells them apart from others.
    return (what, mapping.kind, repr(asked))


def _connection(
    reader: Reader, mapping: Mapping, asked: _Page, rows: Sequence[Row], parent: UUID | None
) -> Connection[Any]:
    more = len(rows) > asked.size
    kept = list(rows[: asked.size])
    if asked.backward:
        kept.reverse()
    made = reader.made(mapping, kept)
    cursors = [_cursor(asked, row) for row in kept]
    return Connection(
        edges=[Edge(node=node, cursor=at) for node, at in zip(made, cursors, strict=True)],
        nodes=made,
        page_info=PageInfo(
            has_next_page=asked.before is not None if asked.backward else more,
            has_previous_page=more if asked.backward else asked.after is not None,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        ),
        counted=lambda: _count(reader, mapping, asked, parent),
    )


async def _count(reader: Reader, mapping: Mapping, asked: _Page, parent: UUID | None) -> int:
    """Count what matches, up to one beyond the bound; once, however many fields ask."""

    async def load(parents: list[UUID | None]) -> list[int]:
        def text(statement: Statement) -> str:
            matching = _matching(statement, mapping, asked)
            inner = f"SELECT count(*) AS n FROM (SELECT {matching} LIMIT {MOST_COUNTED + 1}) c"
            known = [one for one in parents if one is not None]
            return _each_parent(statement, known, inner) if known else inner

        rows = await reader.fetch(text)
        if parents == [None]:
            return [rows[0]["n"]]
        counts = {UUID(bytes=row["_parent"].bytes): row["n"] for row in rows}
        return [counts.get(one, 0) if one else 0 for one in parents]

    found: int = await reader.loader(_name(mapping, asked, "count"), load).load(parent)
    return found
