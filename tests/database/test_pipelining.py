"""Statements are pipelined with the driver that was tried, by nobody else, and never by guess."""

import asyncio
import logging
from typing import Any

import asyncpg
import pytest

from service.clock import new_id
from service.database import prepared
from service.database.connections import Location, open_tenant_pool
from service.database.openings import COMMAND, opening
from service.database.prepared import TRIED, Pipelining, Telling, departure, row_of, rows_of
from service.database.security import APPLICATION
from service.database.session import Session
from service.work import CONNECTION_LOST

TOLD = "SELECT current_setting('app.tenant_id'), $1::int"


async def kind_of_connection(location: Location, *, pipelining: bool = True) -> type[Any]:
    """Open a pool, carry out two transactions on it, and return what its connections are."""
    tenant = new_id()
    async with (
        await open_tenant_pool(location, APPLICATION, 1, pipelining=pipelining) as pool,
        pool.acquire() as connection,
    ):
        for number in range(2):
            session = Session(connection, tenant)
            session.opening = opening(tenant, COMMAND)
            (row,) = await session.fetch(TOLD, number)
            assert tuple(row) == (str(tenant), number)
            assert connection.is_in_transaction()
            await connection.execute("COMMIT")
        return type(connection)


def test_the_driver_that_is_installed_is_the_one_that_was_tried() -> None:
    # An upgrade of it: run `python -m tests.benchmarks.soak 720` with the new one, then write its
    # version down.
    assert departure() is None
    assert asyncpg.__version__ == TRIED


async def test_it_is_pipelined_unless_the_operator_says_otherwise(
    location: Location, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert await kind_of_connection(location) is Pipelining
        assert await kind_of_connection(location, pipelining=False) is Telling

    assert caplog.messages == []


@pytest.mark.parametrize("gone", ["version", "_transport", "bind_execute"])
async def test_with_another_driver_it_is_not_and_one_line_says_why(
    location: Location,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    gone: str,
) -> None:
    match gone:
        case "version":
            monkeypatch.setattr(asyncpg, "__version__", "0.33.0")
        case "_transport":
            names = (*prepared._OF_A_CONNECTION, f"{gone}_of_old")
            monkeypatch.setattr(prepared, "_OF_A_CONNECTION", names)
        case _:
            monkeypatch.setattr(prepared, "_OF_ITS_CORE", (f"{gone}_of_old",))

    with caplog.at_level(logging.WARNING):
        assert await kind_of_connection(location) is Telling

    (line,) = caplog.messages
    assert "each opening is a trip of its own" in line
    assert ("0.33.0" if gone == "version" else gone) in line


@pytest.mark.parametrize("wrong", ["lost", "refused", "silent"])
async def test_with_a_driver_that_does_something_else_it_is_not(
    location: Location,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    wrong: str,
) -> None:
    """By name it is what was tried, but what is written to its transport gets lost, or worse."""
    monkeypatch.setattr(prepared, "_TRIAL_SECONDS", 0.2)
    written = {"lost": b"", "refused": b"?\0\0\0\4", "silent": b"P\0\0\1\0"}[wrong]
    monkeypatch.setattr(prepared, "_unwaited", lambda _commands: written)

    with caplog.at_level(logging.WARNING):
        assert await kind_of_connection(location) is Telling

    (line,) = caplog.messages
    assert "statement behind a beginning" in line


async def test_who_logs_the_statements_of_a_connection_is_told_of_each(
    location: Location,
) -> None:
    connection = await asyncpg.connect(
        **location.arguments(APPLICATION), connection_class=Pipelining
    )
    asked: list[str] = []
    try:
        await connection.fetch("SELECT 1")
        connection.add_query_logger(lambda record: asked.append(record.query))

        assert [tuple(row) for row in await rows_of(connection, "SELECT 1", [], None)] == [(1,)]
        await asyncio.sleep(0)
        assert asked == ["SELECT 1"]
    finally:
        await connection.close()


@pytest.mark.parametrize("kind", [Pipelining, Telling])
@pytest.mark.parametrize("prepared_before", [True, False])
@pytest.mark.parametrize("way", ["row", "rows", "execute", "fetchval"])
async def test_a_connection_that_is_ended_between_two_steps_is_a_lost_one(
    location: Location,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[Any],
    prepared_before: bool,
    way: str,
) -> None:
    """It is ended once the statement has been prepared, before it is carried out."""
    connection = await asyncpg.connect(**location.arguments(APPLICATION), connection_class=kind)
    if prepared_before:
        await connection.fetch("SELECT $1::int", 1)
    getting = asyncpg.Connection._get_statement
    looking = asyncpg.Connection.is_closed

    async def ended_then(self: Any, *asked: Any, **others: Any) -> Any:
        found = await getting(self, *asked, **others)
        self.terminate()
        return found

    def looked_then_ended(self: Any) -> bool:
        closed = looking(self)
        if not closed:
            self.terminate()
        return closed

    monkeypatch.setattr(asyncpg.Connection, "_get_statement", ended_then)
    if kind is Pipelining and prepared_before and way in {"row", "rows"}:
        monkeypatch.setattr(asyncpg.Connection, "is_closed", looked_then_ended)
    asking = {
        "row": lambda: row_of(connection, "SELECT $1::int", [1], ("BEGIN",)),
        "rows": lambda: rows_of(connection, "SELECT $1::int", [1], None, ("BEGIN",)),
        "execute": lambda: connection.execute("SELECT $1::int", 1),
        "fetchval": lambda: connection.fetchval("SELECT $1::int", 1),
    }[way]

    with pytest.raises(CONNECTION_LOST):
        await asking()

    assert not connection.is_in_transaction()


async def test_another_fault_of_a_connection_stays_what_it_is(location: Location) -> None:
    connection = await asyncpg.connect(**location.arguments(APPLICATION), connection_class=Telling)
    error = AttributeError("a fault of ours")
    try:
        assert connection.lost(error) is error
    finally:
        await connection.close()
