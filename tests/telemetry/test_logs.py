"""What the log says of a request and of a fault, and what it never says."""

import io
import json
import os

import asyncpg
import pytest
import structlog

from service.telemetry.logs import DROPPED, request_log, without_row_values


def test_a_request_is_one_line_of_json() -> None:
    stream = io.BytesIO()
    request_log("info", stream).info("request", status=200, operation="來訪")

    (line,) = stream.getvalue().splitlines()
    found = json.loads(line)

    assert (found["event"], found["status"], found["operation"], found["level"]) == (
        "request",
        200,
        "來訪",
        "info",
    )


def test_requests_are_not_written_at_a_higher_level_but_slow_ones_and_faults_are() -> None:
    stream = io.BytesIO()
    log = request_log("warning", stream)
    log.info("request")
    log.warning("request.slow")
    log.error("request")

    levels = [json.loads(line)["level"] for line in stream.getvalue().splitlines()]

    assert levels == ["warning", "error"]


async def test_a_traceback_holds_nothing_of_the_row_that_broke_a_rule(
    pool: "asyncpg.Pool[object]",
) -> None:
    insert = "INSERT INTO one VALUES ($1)"
    number = "+86" + "13800138000"
    async with pool.acquire() as connection:
        await connection.execute("CREATE TEMP TABLE one (name text UNIQUE)")
        await connection.execute(insert, number)
        with pytest.raises(asyncpg.UniqueViolationError) as broken:
            await connection.execute(insert, number)
        await connection.execute("DROP TABLE one")
    assert number in str(broken.value)

    fields = {"exc_info": broken.value}
    told = without_row_values(None, "error", structlog.processors.format_exc_info(None, "", fields))

    assert "UniqueViolationError" in told["exception"]
    assert number not in told["exception"]


def test_a_log_that_nobody_reads_stops_nobody() -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb"), os.fdopen(writer, "wb") as stream:
        log, before = request_log("info", stream), DROPPED.values.get((), 0)
        for _ in range(2_000):
            log.info("request", padding="x" * 200)

        assert DROPPED.values[()] > before
