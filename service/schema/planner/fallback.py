"""The plain way: graphql-core's resolvers, answered from the mappings without N+1.

Relations of all rows of a level are gathered and read by one statement for each table, each with
its own predicate. The planner will answer the same selections from one statement.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final, TypeAlias, TypeVar
from uuid import UUID

from strawberry import Info
from strawberry.dataloader import DataLoader

from service.database.session import Row
from service.schema.planner.finishing import looked_through
from service.schema.planner.mapping import (
    Actions,
    Amount,
    Item,
    Key,
    Mapping,
    Names,
    ToMany,
    ToOne,
    mapping_of,
)
from service.schema.planner.statements import Statement
from service.schema.scalars import localized, make_id, money
from service.work import Sight

_R = TypeVar("_R")

RELATED: Final = "_related"
MOST_CHILDREN: Final = 1_000
MOST_FOLLOWED: Final = 3

Record: TypeAlias = Any
"""An object of whatever mapped type; its attributes are the type's fields."""
Written = Callable[[Statement], str]


class Reader:
    """Reads one caller's rows inside one transaction, for one GraphQL operation.

    Attributes:
        sight: the transaction and its caller.
        asked: every field name of the document, so that nothing else is computed; None is all.
    """

    def __init__(self, sight: Sight, locale: str, asked: frozenset[str] | None) -> None:
        self.sight = sight
        self.locale = locale
        self.asked = asked
        # A connection runs one statement at a time; graphql-core runs resolvers side by side.
        self._turn = asyncio.Lock()
        self._reading: set[asyncio.Future[Any]] = set()
        self._ended = False
        self._loaders: dict[object, _Loader] = {}
        self._through: set[str] = set()

    async def fetch(self, written: Written) -> Sequence[Row]:
        """Write a statement for the caller and run it when its turn comes."""
        statement = Statement(self.sight, self.locale)
        text = written(statement)
        for kind in statement.through.keys() - self._through:
            self._through.add(kind)
            looked_through(self.sight, statement.through[kind])
        return await self.within(lambda sight: sight.fetch(text, *statement.parameters))

    async def within(self, step: Callable[[Sight], Awaitable[_R]]) -> _R:
        """Let a feature's query read when its turn comes.

        Who is cancelled while he waits for it does not break it off: the statement under way would
        take the connection with it, on which others read.
        """
        reading = asyncio.ensure_future(self._in_turn(step))
        self._reading.add(reading)
        reading.add_done_callback(self._read)
        try:
            return await asyncio.shield(reading)
        except asyncio.CancelledError:
            if self._ended and reading.cancelled():
                raise ReadingEnded from None
            raise

    async def _in_turn(self, step: Callable[[Sight], Awaitable[_R]]) -> _R:
        async with self._turn:
            if self._ended:
                raise ReadingEnded
            return await step(self.sight)

    def _read(self, reading: "asyncio.Future[Any]") -> None:
        self._reading.discard(reading)
        heard(reading)

    async def end(self) -> None:
        """Break off what is still read and let nobody begin: the transaction is about to end."""
        self._ended = True
        reading = list(self._reading)
        for one in reading:
            one.cancel()
        if reading:
            await asyncio.wait(reading)

    async def rows(self, mapping: Mapping, written: Written) -> list[Any]:
        """Read rows of a type.

        Args:
            mapping: the type's.
            written: given the statement, the text after `SELECT columns FROM … WHERE …`.
        """

        def text(statement: Statement) -> str:
            columns = statement.columns_of(mapping, self.asked)
            source = statement.rows_of(mapping)
            return f"SELECT {columns} {source} {written(statement)}"

        return self.made(mapping, await self.fetch(text))

    def made(self, mapping: Mapping, rows: Iterable[Row]) -> list[Any]:
        """Make objects of a type from rows, and write down whose were read where that is due."""
        found = list(rows)
        self._audit(mapping, found)
        return [_made(mapping, row) for row in found]

    def _audit(self, mapping: Mapping, rows: Sequence[Row]) -> None:
        if mapping.audited is None:
            return
        owners = {row["_owner"] for row in rows} - {self.sight.actor.member_id, None}
        if owners and not self.sight.by_product:
            verdict = self.sight.policy.check(self.sight.actor, str(mapping.action))
            self.sight.note_reading(mapping.audited, owners, verdict, rows=len(rows))

    def loader(self, name: object, load: Callable[[list[Any]], Awaitable[Any]]) -> "_Loader":
        """Return the batching loader of a name, made at its first use."""
        known = self._loaders.get(name)
        if known is None:
            known = self._loaders[name] = _Loader(load)
        return known

    async def one(self, mapping: Mapping, row: UUID | None) -> Record | None:
        """Return a record in sight, or None; gathered with the others of the level."""
        if row is None:
            return None

        async def load(rows: list[UUID]) -> list[Any]:
            column = mapping.key_column
            found = await self.rows(
                mapping, lambda s: f"AND t.{column} = ANY({s.place(rows, 'uuid[]')})"
            )
            by_id = {UUID(bytes=one.row_key.bytes): one for one in found}
            return [by_id.get(wanted) for wanted in rows]

        found: Record | None = await self.loader(mapping.kind, load).load(row)
        return found

    async def follow(self, records: Iterable[Record], depth: int = MOST_FOLLOWED) -> None:
        """Read the to-one relations of records now, level by level, and keep them with these.

        For a command's answer: what is shown beside its result is read in its own transaction.
        """
        wanted = [
            (record, name, item)
            for record in records
            if RELATED in getattr(record, "__dict__", {})
            for name, item in record.__dict__[RELATED].items.items()
            if isinstance(item, ToOne) and f"{name}:id" in record.__dict__
        ]
        if not wanted or depth == 0:
            return
        found = await asyncio.gather(
            *(
                self.one(mapping_of(item.target), related_id(record, name))
                for record, name, item in wanted
            )
        )
        for (record, name, _), one in zip(wanted, found, strict=True):
            record.__dict__[f"{name}:record"] = one
        await self.follow(found, depth - 1)

    async def many(self, item: ToMany, parent: UUID) -> list[Any]:
        """Return the records that name a parent; gathered with the others of the level."""
        mapping = mapping_of(item.target)

        async def load(parents: list[UUID]) -> list[list[Any]]:
            def text(statement: Statement) -> str:
                columns = statement.columns_of(mapping, self.asked)
                wanted = statement.place(parents, "uuid[]")
                return (
                    f'SELECT t."{item.column}" AS "_parent", {columns}'
                    f' {statement.rows_of(mapping)} AND t."{item.column}" = ANY({wanted})'
                    f" AND ({statement.settle(item.condition)})"
                    f" ORDER BY {item.order} LIMIT {MOST_CHILDREN * len(parents)}"
                )

            rows = await self.fetch(text)
            groups: dict[UUID, list[Any]] = {}
            for row, made in zip(rows, self.made(mapping, rows), strict=True):
                groups.setdefault(UUID(bytes=row["_parent"].bytes), []).append(made)
            return [groups.get(parent, []) for parent in parents]

        found: list[Any] = await self.loader(
            (mapping.kind, item.column, item.condition), load
        ).load(parent)
        return found


class ReadingEnded(Exception):
    """The operation's transaction is over: nobody waits for this reading any more."""


def heard(answer: "asyncio.Future[Any]") -> None:
    """Take notice of how something ended that perhaps nobody waits for any more."""
    if not answer.cancelled():
        answer.exception()


class _Loader:
    """A batching loader whose answers several fields may wait for.

    graphql-core cancels the fields beside one that has failed. Who waits for an answer must not
    take it with him: others wait for the same one.
    """

    def __init__(self, load: Callable[[list[Any]], Awaitable[Any]]) -> None:
        self._loader: DataLoader[Any, Any] = DataLoader(load_fn=load)

    def load(self, key: object) -> Awaitable[Any]:
        """Return what a key came to, gathered with the others of the level."""
        answer = asyncio.ensure_future(self._loader.load(key))
        answer.add_done_callback(heard)
        return asyncio.shield(answer)


def _made(mapping: Mapping, row: Row) -> Record:
    made = object.__new__(mapping.made)
    values: dict[str, Any] = {"row_key": row["_id"], RELATED: mapping}
    selected = set(row.keys())
    values |= {name: row[name] for name in mapping.hidden}
    for name, item in mapping.items.items():
        if isinstance(item, Key):
            values[name] = make_id(mapping.kind, row["_id"])
        elif name in selected:
            _give(values, name, item, row)
    made.__dict__.update(values)
    return made


def _give(values: dict[str, Any], name: str, item: Item, row: Row) -> None:
    value = row[name]
    match item:
        case ToOne():
            # The name itself is the resolver's; the id waits beside it.
            values[f"{name}:id"] = value
        case Amount():
            values[name] = money(value, row[f"{name}:currency"])
        case Names():
            values[name] = localized(value)
        case Actions():
            values[name] = list(value)
        case _:
            values[name] = value


def related_id(record: object, name: str) -> UUID | None:
    """Return the id behind a to-one relation of a record."""
    found: UUID | None = record.__dict__.get(f"{name}:id")
    return found


def _item(root: Record, info: Info[Any, Any]) -> tuple[str, Item]:
    mapping: Mapping = root.__dict__[RELATED]
    name: str = info.python_name
    return name, mapping.items[name]


async def resolve_to_one(root: Record, info: Info[Any, Any]) -> Record:
    """Resolve a to-one relation."""
    name, item = _item(root, info)
    if not isinstance(item, ToOne):
        raise TypeError(f"{name} is no to-one relation")
    related = related_id(root, name)
    if related is None:
        return None
    if f"{name}:record" in root.__dict__:
        return root.__dict__[f"{name}:record"]
    reader: Reader = await info.context.reader()
    return await reader.one(mapping_of(item.target), related)


async def resolve_to_many(root: Record, info: Info[Any, Any]) -> Record:
    """Resolve a short list of related records."""
    name, item = _item(root, info)
    if not isinstance(item, ToMany):
        raise TypeError(f"{name} is no list of records")
    reader: Reader = await info.context.reader()
    return await reader.many(item, root.__dict__["row_key"])
