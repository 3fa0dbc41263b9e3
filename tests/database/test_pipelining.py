"""Statements are pipelined with the driver that was tried, by nobody else, and never by guess."""

import asyncio
import logging
from typing import Any

import asyncpg
import pytest

from service.clock import new_id
from service.database import prepared
from service.database.connections import Location, open_tenant_pool
from service.database.pool import COMMAND, opening
from service.database.prepared import TRIED, Pipelining, departure, rows_of
from service.database.security import APPLICATION
from service.database.session import Session

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
        assert await kind_of_connection(location, pipelining=False) is asyncpg.Connection

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
        assert await kind_of_connection(location) is asyncpg.Connection

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
        assert await kind_of_connection(location) is asyncpg.Connection

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
