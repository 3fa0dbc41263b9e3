"""Fields that end together, and readings that nobody breaks off who only waits for them."""

import asyncio
import gc
from types import SimpleNamespace
from typing import Any

import pytest
from graphql import ExecutionResult, build_schema, execute, parse

from service.schema.planner.fallback import Reader, ReadingEnded
from service.schema.side_by_side import SideBySide

SCHEMA = build_schema("""
type Query { whole: Whole loose: Loose }
type Whole { slow: Int! fast: Int! beside: Int! at_once: Int! }
type Loose { slow: Int fast: Int beside: Int at_once: Int }
""")


class Fields:
    """Fails in each field but one; the first of the document is the last to fail."""

    def __init__(self) -> None:
        self.ended: list[str] = []

    async def slow(self, _info: object) -> int:
        await asyncio.sleep(0.02)
        raise ValueError("slow")

    async def fast(self, _info: object) -> int:
        raise ValueError("fast")

    async def beside(self, _info: object) -> int:
        await asyncio.sleep(0.03)
        self.ended.append("beside")
        return 1

    def at_once(self, _info: object) -> int:
        raise ValueError("at once")


async def told(document: str, fields: Fields) -> tuple[Any, list[str]]:
    """Execute a document and return its data and what its errors say."""
    root = {"whole": fields, "loose": fields}
    result: Any = execute(SCHEMA, parse(document), root, executor_class=SideBySide)
    done = result if isinstance(result, ExecutionResult) else await result
    return done.data, [error.message for error in done.errors or ()]


async def test_of_several_errors_that_leave_nothing_the_first_of_the_document_is_told() -> None:
    fields = Fields()

    slow = await told("{ whole { slow fast beside at_once } }", fields)
    at_once = await told("{ whole { at_once beside slow } }", fields)

    assert slow == ({"whole": None}, ["slow"])
    assert at_once == ({"whole": None}, ["at once"])
    assert fields.ended == ["beside", "beside"]


async def test_errors_that_leave_the_rest_are_told_as_their_fields_stand() -> None:
    data, errors = await told("{ loose { slow fast beside at_once } }", Fields())

    assert data == {"loose": {"slow": None, "fast": None, "beside": 1, "at_once": None}}
    assert errors == ["slow", "fast", "at once"]


def a_reader() -> Reader:
    sight: Any = SimpleNamespace()
    return Reader(sight, "en", None)


async def quickly(_sight: object) -> str:
    return "read"


async def test_who_waits_no_longer_does_not_break_off_what_is_read() -> None:
    reader, gate, ended = a_reader(), asyncio.Event(), []

    async def slowly(_sight: object) -> None:
        await gate.wait()
        ended.append("slowly")

    waiting = asyncio.ensure_future(reader.within(slowly))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    gate.set()

    assert await reader.within(quickly) == "read"
    assert ended == ["slowly"]


async def test_what_fails_once_nobody_waits_for_it_alarms_nobody() -> None:
    reader, told = a_reader(), []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))

    async def fails(_sight: object) -> None:
        await asyncio.sleep(0.02)
        raise ValueError("nobody asks")

    waiting = asyncio.ensure_future(reader.within(fails))
    await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await reader.within(quickly)

    gc.collect()
    await asyncio.sleep(0)
    assert told == []


async def test_with_the_transaction_ends_what_is_read_and_nobody_begins() -> None:
    reader = a_reader()
    reading = asyncio.ensure_future(reader.within(lambda _: asyncio.Event().wait()))
    queued = asyncio.ensure_future(reader.within(quickly))
    await asyncio.sleep(0.01)

    async with asyncio.timeout(5):
        await reader.end()
        for one in (reading, queued, asyncio.ensure_future(reader.within(quickly))):
            with pytest.raises(ReadingEnded):
                await one
