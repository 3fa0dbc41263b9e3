"""Relay connections by keyset: no offset, opaque cursors, bounded counts."""

from collections.abc import Awaitable, Callable, Sequence
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

import strawberry

from service.database.session import Row
from service.errors import InvalidPage
from service.schema.context import Info
from service.schema.filters import condition
from service.schema.planner.fallback import Reader
from service.schema.planner.mapping import (
    PLANNED,
    Declared,
    Mapping,
    OfPage,
    mapping_of,
)
from service.schema.planner.paging import (
    MOST_COUNTED,
    MOST_ROWS,
    USUAL_ROWS,
    Bound,
    Orders,
    SortKey,
    belongs,
    beyond,
    fingerprint,
    read_cursor,
    write_cursor,
)
from service.schema.planner.statements import Statement
from service.schema.planner.ways import Run, page_of

__all__ = [
    "Connection",
    "Edge",
    "OrderDirection",
    "Orders",
    "PageInfo",
    "SortKey",
    "Window",
    "page",
]

_T = TypeVar("_T")


def _of_page(description: str) -> Declared:
    return strawberry.field(description=description, metadata=_OF_PAGE)


_OF_PAGE: Final = {PLANNED: OfPage()}


@strawberry.enum(description="Which way a list runs.")
class OrderDirection(Enum):
    ASC = strawberry.enum_value("ASC", description="Smallest or earliest first.")
    DESC = strawberry.enum_value("DESC", description="Largest or latest first.")


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = _of_page("Whether more follows.")
    has_previous_page: bool = strawberry.field(
        description="Whether something precedes.", metadata=_OF_PAGE
    )
    start_cursor: str | None = strawberry.field(
        description="Cursor of the first row here.", metadata=_OF_PAGE
    )
    end_cursor: str | None = strawberry.field(
        description="Cursor of the last row here.", metadata=_OF_PAGE
    )


@strawberry.type(description="A row of a list, with its place.")
class Edge(Generic[_T]):
    node: _T = _of_page("The record.")
    cursor: str = _of_page("The row's place in this order.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[_T]):
    edges: list[Edge[_T]] = strawberry.field(
        description="The rows with their places.", metadata=_OF_PAGE
    )
    nodes: list[_T] = _of_page("The rows alone.")
    page_info: PageInfo = _of_page("Where the page stands.")
    counted: strawberry.Private[Callable[[], Awaitable[int]]]

    @_of_page("How many rows match, counted up to 10,000.")
    async def total_count(self) -> int:
        return min(await self.counted(), MOST_COUNTED)

    @strawberry.field(
        description="False when there are more than `totalCount` says.", metadata=_OF_PAGE
    )
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
    after: Bound | None
    before: Bound | None
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
    mark = fingerprint(mapping.kind, word, descending)
    return _Page(
        key=key,
        fingerprint=mark,
        descending=descending,
        backward=last is not None,
        size=size,
        after=read_cursor(_unless_unset(window.after), key, mark),
        before=read_cursor(_unless_unset(window.before), key, mark),
    )


def _cursor(asked: _Page, row: Row) -> str:
    return write_cursor(asked.fingerprint, row["_key"], row["_id"])


def _within(statement: Statement, asked: _Page) -> str:
    text = ""
    if asked.parent is not None:
        text = statement.settle(f" AND {belongs(asked.parent, 'parent.id')}")
    if asked.filter is not None:
        text += f" AND {condition(asked.filter, statement)}"
    return text


def _written(statement: Statement, mapping: Mapping, asked: _Page, reader: Reader) -> str:
    columns = statement.columns_of(mapping, reader.asked)
    within, further = _within(statement, asked), ""
    for bound, upward in ((asked.after, not asked.descending), (asked.before, asked.descending)):
        if bound is not None:
            further += f" AND {beyond(statement, asked.key, bound, upward=upward)}"
    way = "DESC" if asked.descending is not asked.backward else "ASC"
    run = Run(asked.key.sql, way, str(asked.size + 1), within, further)
    if asked.parent is None:
        rows = page_of(statement, mapping, run)
    else:
        # What one record has is found by that record, whoever asks.
        rows = f"{statement.rows_of(mapping)}{run.ordered}"
    return f'SELECT {columns}, {asked.key.sql} AS "_key" {rows}'


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
            statement.look_through(mapping)
            matching = f"{statement.rows_of(mapping)}{_within(statement, asked)}"
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
