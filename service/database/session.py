"""One connection inside one transaction of one tenant: statements out, pending writes in one.

Writes are collected and sent as a single statement of data-modifying sub-queries, so that a
command costs as many round trips as it has questions, not as it has rows. Each change states how
many rows it expects to hit; fewer undoes the whole (database page 5.3).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol, TypeAlias
from uuid import UUID

import asyncpg
from sqlalchemy.dialects.postgresql import asyncpg as asyncpg_dialect
from sqlalchemy.sql import ClauseElement

from service.clock import monotonic_seconds
from service.database.prepared import UNTIMED, rows_of
from service.database.tables import SCHEMA, Table, insertable
from service.telemetry.tracing import step

# Indexed by name or position; asyncpg leaves its columns untyped.
Row: TypeAlias = Any
Statement: TypeAlias = str | ClauseElement

_DIALECT = asyncpg_dialect.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
_INSERTS: dict[type[Table], str] = {}


class WriteMissed(Exception):
    """A change hit fewer rows than it said: somebody was faster, or this is the wrong place."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} hit fewer rows than expected")
        self.what = what


class WrongPlace(Exception):
    """The tenant's own row is not in sight: not in this database, or the setting was lost.

    Raised by whoever read a statement's witness (database page 5.3), so that an empty answer is
    never taken for "nothing there". Whoever opened the sight or the work asks the directory anew
    and runs everything again, once; a second time the tenant is unknown.
    """


class Watched(Protocol):
    """A connection whose owner ends every wait for an answer that has taken too long.

    Attributes:
        asked_at: when the statement was sent whose answer is waited for without a timer.
    """

    asked_at: float | None


@dataclass(frozen=True, slots=True)
class _Write:
    """One sub-query of the pending statement; `{}` stands where each argument goes."""

    what: str
    text: str
    arguments: tuple[object, ...]
    expected: int | None


def _insert_text(table: type[Table]) -> str:
    known = _INSERTS.get(table)
    if known is None:
        columns = ", ".join(f'"{name}"' for name in insertable(table))
        name = f"{SCHEMA}.{table.__tablename__}"
        # Rows travel as one JSON parameter: the text does not grow with them, so it is prepared.
        known = (
            f"INSERT INTO {name} ({columns}) SELECT {columns}"
            f" FROM jsonb_populate_recordset(NULL::{name}, {{}})"
        )
        _INSERTS[table] = known
    return known


@lru_cache(maxsize=256)
def _update_text(table: type[Table], changed: tuple[str, ...]) -> str:
    types = {column.name: column.type for column in table.__table__.columns}
    sets = [f'"{column}" = {{}}::{types[column].compile(dialect=_DIALECT)}' for column in changed]
    if "version" in types and "version" not in changed:
        sets.append("version = version + 1")
    return (
        f"UPDATE {SCHEMA}.{table.__tablename__} SET {', '.join(sets)}"
        " WHERE tenant_id = {}::uuid AND id = {}::uuid"
    )


@lru_cache(maxsize=256)
def _joined(writes: tuple[tuple[str, int], ...]) -> str:
    """Join writes, each with its number of arguments, into the one statement that does them all."""
    parts: list[str] = []
    before = 0
    for position, (text, arguments) in enumerate(writes):
        marks = [f"${before + n + 1}" for n in range(arguments)]
        before += arguments
        parts.append(f"w{position} AS ({text.format(*marks)} RETURNING 1)")
    counts = ", ".join(f"(SELECT count(*) FROM w{n}) AS c{n}" for n in range(len(writes)))
    return f"WITH {', '.join(parts)} SELECT {counts}"


class Session:
    """A tenant's transaction. Not for use by two tasks at once.

    Attributes:
        tenant_id: whose rows are in sight.
        statement_count: statements sent, beyond transaction control.
        patience: how long the server's answer is waited for, in seconds; None for the usual time.
        busy: a statement is on its way or has failed: the connection must be mended before it is
            lent to anybody else.
        wrote: pending writes have been sent.
        opening: what begins the transaction, on the trip of its first statement; empty once that
            was sent.
        watched: who ends a wait of the usual time; without one each statement has its own timer.
    """

    opening: tuple[str, ...] = ()
    watched: Watched | None = None

    def __init__(self, connection: "asyncpg.Connection[Any]", tenant_id: UUID) -> None:
        self._connection = connection
        self.tenant_id = tenant_id
        self.statement_count = 0
        self.patience: float | None = None
        self.busy = False
        self.wrote = False
        self._inserts: dict[type[Table], list[Table]] = {}
        self._changes: dict[tuple[type[Table], UUID], dict[str, Any]] = {}
        self._writes: list[_Write] = []

    async def fetch(self, statement: Statement, *arguments: object) -> Sequence[Row]:
        """Return the rows of a statement; pending writes go out first.

        Args:
            statement: SQL text with `$1`…, or a SQLAlchemy Core statement.
            arguments: values of the text's parameters; a Core statement brings its own.
        """
        if self._inserts or self._changes or self._writes:
            await self.flush()
        if isinstance(statement, ClauseElement):
            statement, arguments = _compiled(statement)
        return await self._rows(statement, arguments)

    async def _rows(self, text: str, arguments: Sequence[object]) -> Sequence[Row]:
        self.statement_count += 1
        self.busy = True
        opening, self.opening = self.opening, ()
        rows: Sequence[Row]
        watched = self.watched
        with step("database"):
            if watched is None or self.patience is not None:
                rows = await rows_of(self._connection, text, arguments, self.patience, opening)
            else:
                watched.asked_at = monotonic_seconds()
                try:
                    rows = await rows_of(self._connection, text, arguments, UNTIMED, opening)
                finally:
                    watched.asked_at = None
        self.busy = False
        return rows

    async def fetch_one(self, statement: Statement, *arguments: object) -> Row | None:
        """Return the first row, or None."""
        rows = await self.fetch(statement, *arguments)
        return rows[0] if rows else None

    async def fetch_only(self, statement: Statement, *arguments: object) -> Row:
        """Return the first row of a statement that always has one.

        Raises:
            LookupError: it had none, which is a fault of ours.
        """
        rows = await self.fetch(statement, *arguments)
        if not rows:
            raise LookupError("the statement gave no row")
        return rows[0]

    async def fetch_value(self, statement: Statement, *arguments: object) -> Any:  # noqa: ANN401 - any column
        """Return the first column of the first row, or None."""
        rows = await self.fetch(statement, *arguments)
        return rows[0][0] if rows else None

    def add(self, *rows: Table) -> None:
        """Insert rows with the next flush."""
        for row in rows:
            self._inserts.setdefault(type(row), []).append(row)

    def change(self, table: type[Table], row_id: UUID, values: Mapping[str, object]) -> None:
        """Change columns of one row with the next flush; it must exist."""
        self._changes.setdefault((table, row_id), {}).update(values)

    def write(self, what: str, text: str, *arguments: object, expected: int | None = None) -> None:
        """Send a data-modifying statement along with the next flush.

        Args:
            what: names it in a fault.
            text: INSERT, UPDATE or DELETE with `{}` for each argument, without RETURNING.
            arguments: the values, in order.
            expected: how many rows it must hit, or None for any number.
        """
        self._writes.append(_Write(what, text, arguments, expected))

    def remove(self, table: type[Table], row_ids: Iterable[UUID]) -> None:
        """Delete rows that are links, not records, with the next flush."""
        text = (
            f"DELETE FROM {SCHEMA}.{table.__tablename__}"
            " WHERE tenant_id = {}::uuid AND id = ANY({}::uuid[])"
        )
        self.write(str(table.__tablename__), text, self.tenant_id, list(row_ids))

    async def flush(self) -> None:
        """Send what is pending as one statement.

        Raises:
            WriteMissed: a change hit fewer rows than expected; the transaction must be undone.
        """
        if not (self._inserts or self._changes or self._writes):
            return
        self.wrote = True
        writes = [*self._insert_writes(), *self._change_writes(), *self._writes]
        self._inserts, self._changes, self._writes = {}, {}, []
        text = _joined(tuple((write.text, len(write.arguments)) for write in writes))
        (row,) = await self._rows(
            text, [argument for write in writes for argument in write.arguments]
        )
        for position, write in enumerate(writes):
            if write.expected is not None and row[position] != write.expected:
                raise WriteMissed(write.what)

    def _insert_writes(self) -> Iterable[_Write]:
        for table, rows in self._inserts.items():
            # What the database makes itself is in it too, and is not selected from it.
            payload = [row.__dict__ for row in rows]
            name = str(table.__tablename__)
            yield _Write(name, _insert_text(table), (payload,), len(rows))

    def _change_writes(self) -> Iterable[_Write]:
        for (table, row_id), values in self._changes.items():
            name = str(table.__tablename__)
            text = _update_text(table, tuple(values))
            yield _Write(name, text, (*values.values(), self.tenant_id, row_id), 1)


def _compiled(statement: ClauseElement) -> tuple[str, tuple[object, ...]]:
    compiled: Any = statement.compile(dialect=_DIALECT)
    return compiled.string, tuple(compiled.params[name] for name in compiled.positiontup or ())
