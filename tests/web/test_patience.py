"""Clients at a snail's pace, on real sockets; whoever is merely slow is answered."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from service.web.patience import (
    MOST_HEADER_BYTES,
    MOST_HEADER_FIELDS,
    MOST_UNHEARD_BYTES,
    Patience,
    PatientProtocol,
    keep_watch,
)
from service.web.sockets import PatientSocket

HEAD = b"POST / HTTP/1.1\r\nHost: here\r\n"
ENDLESS = 3_600.0
SOON = 0.05
HELD = asyncio.Event()
Client = tuple[asyncio.StreamReader, asyncio.StreamWriter, set[Any]]


class _Server(uvicorn.Server):
    """Leaves signals to pytest."""

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield


async def answer(scope: Any, receive: Any, send: Any) -> None:
    """Read the body to its end and answer its length; at `/large`, more than a socket holds.

    What is asked at `/held` is answered when the test says so, at `/early` before its body came.
    """
    length, more = 0, scope["path"] != "/early"
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    if scope["path"] == "/held":
        await HELD.wait()
    body = b"x" * 50_000_000 if scope["path"] == "/large" else str(length).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@contextlib.asynccontextmanager
async def serving(app: Any = None, **patience: float) -> AsyncIterator[Client]:
    """Serve with little patience for what is named and all of it for the rest.

    Gives one connection, and the server's own of it.
    """
    app = app or answer
    endless = dict.fromkeys(("headers", "body", "window", "answer", "closing"), ENDLESS)
    config = uvicorn.Config(
        app,
        port=0,
        http=PatientProtocol,
        log_config=None,
        lifespan="off",
        ws=PatientSocket,
    )
    server = _Server(config)
    serving = asyncio.ensure_future(server.serve())
    while not server.started:
        await asyncio.sleep(0)
    port = server.servers[0].sockets[0].getsockname()[1]
    waits: Any = endless | patience
    watching = asyncio.ensure_future(
        keep_watch(server.server_state.connections, Patience(**waits), every=0.01)
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer, server.server_state.connections
    finally:
        writer.close()
        watching.cancel()
        server.should_exit = True
        await asyncio.gather(serving, watching, return_exceptions=True)


def refused(answered: bytes) -> tuple[int, str]:
    """Return status and code of a refusal."""
    head, _, body = answered.partition(b"\r\n\r\n")
    assert b"connection: close" in head
    return int(head.split()[1]), json.loads(body)["errors"][0]["extensions"]["code"]


@pytest.mark.parametrize(
    "begun", [b"P", HEAD, HEAD + b"Cookie: a=b"], ids=["a letter", "two lines", "half a line"]
)
async def test_headers_that_do_not_come_to_an_end_are_given_up(begun: bytes) -> None:
    async with serving(headers=SOON) as (reader, writer, _):
        writer.write(begun)

        assert refused(await reader.read()) == (408, "REQUEST_SLOW")


async def test_headers_that_come_letter_by_letter_are_given_up() -> None:
    async with serving(headers=SOON) as (reader, writer, _):

        async def drip() -> None:
            while True:
                writer.write(b"a")
                await asyncio.sleep(0.005)

        writer.write(HEAD)
        dripping = asyncio.ensure_future(drip())
        # What is still on its way when the server closes may reset the connection: closed it is.
        with contextlib.suppress(ConnectionResetError):
            await reader.read()
        dripping.cancel()


async def test_who_connects_and_says_nothing_is_closed_without_a_word() -> None:
    async with serving(headers=SOON) as (reader, *_):
        assert await reader.read() == b""


async def test_a_body_that_does_not_come_to_an_end_is_given_up() -> None:
    async with serving(body=SOON) as (reader, writer, _):
        writer.write(HEAD + b"Content-Length: 10\r\n\r\nhalf")

        assert refused(await reader.read()) == (408, "REQUEST_SLOW")


async def test_who_was_answered_before_his_body_came_gets_no_second_answer() -> None:
    async with serving(body=SOON) as (reader, writer, _):
        writer.write(b"POST /early HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\nhalf")

        answered = await reader.read()

        assert answered.startswith(b"HTTP/1.1 200")
        assert answered.count(b"HTTP/1.1") == 1


async def test_a_body_at_a_snails_pace_is_given_up_long_before_its_time_is_over() -> None:
    async with serving(window=SOON) as (reader, writer, _):
        writer.write(HEAD + b"Content-Length: 100000\r\n\r\nbegun")

        assert refused(await reader.read()) == (408, "REQUEST_SLOW")


async def test_a_body_that_comes_steadily_is_read_to_its_end_in_thirty_seconds() -> None:
    async with serving() as (reader, writer, connections):
        writer.write(HEAD + b"Content-Length: 20000\r\nConnection: close\r\n\r\n")
        while not connections:
            await asyncio.sleep(0)
        (connection,) = connections
        began = asyncio.get_running_loop().time()
        for looked_after in (11, 22, 29):
            writer.write(b"x" * 5_000)
            while connection._received < 5_000:
                await asyncio.sleep(0)
            connection.check(began + looked_after, Patience())
        writer.write(b"x" * 5_000)

        assert (await reader.read()).endswith(b"\r\n\r\n20000")


async def test_a_body_is_not_waited_for_longer_however_steadily_it_comes() -> None:
    async with serving() as (reader, writer, connections):
        writer.write(HEAD + b"Content-Length: 20000\r\n\r\n" + b"x" * 5_000)
        while not connections or next(iter(connections))._received < 5_000:
            await asyncio.sleep(0)
        (connection,) = connections
        connection.check(asyncio.get_running_loop().time() + 31, Patience())

        assert refused(await reader.read()) == (408, "REQUEST_SLOW")


LINE = b"X-More: " + b"x" * 1_000 + b"\r\n"
TOO_LONG = LINE * (MOST_HEADER_BYTES // len(LINE) + 1)
TOO_MANY = b"".join(b"X-%d: y\r\n" % number for number in range(MOST_HEADER_FIELDS))
SOCKET = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
LENGTH = b"Content-Length: 2\r\n"


@pytest.mark.parametrize("too_large", [TOO_LONG, TOO_MANY, b"X: " + TOO_LONG.replace(b"\r\n", b"")])
@pytest.mark.parametrize("kind", [LENGTH, SOCKET], ids=["request", "handshake"])
@pytest.mark.parametrize("ended", [True, False], ids=["ended", "endless"])
@pytest.mark.parametrize("pieces", [1, 40], ids=["one piece", "many pieces"])
async def test_headers_that_are_too_long_or_too_many_are_refused(
    too_large: bytes, kind: bytes, ended: bool, pieces: int
) -> None:
    request = HEAD + kind + too_large + b"\r\n" * ended + b"\r\nhi" * ended
    size = -(-len(request) // pieces)
    async with serving() as (reader, _writer, connections):
        while not connections:
            await asyncio.sleep(0)
        (connection,) = connections
        for begin in range(0, len(request), size):
            if connection.transport.is_closing():
                break
            connection.data_received(request[begin : begin + size])

        assert refused(await reader.read()) == (431, "HEADERS_TOO_LARGE")


async def test_as_many_and_as_long_headers_as_are_allowed_are_read() -> None:
    most = MOST_HEADER_FIELDS - 2
    more = b"".join(b"X-%04d: %b\r\n" % (number, b"y" * 300) for number in range(most))
    assert len(more) < MOST_HEADER_BYTES - 100
    async with serving() as (reader, writer, _):
        for _ in range(2):
            writer.write(HEAD + LENGTH + more + b"\r\nhi")

            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
            assert await reader.readexactly(1) == b"2"


@pytest.mark.parametrize("length", [MOST_HEADER_BYTES + 1, 100_000])
@pytest.mark.parametrize("pieces", [1, 3])
async def test_an_address_without_end_is_refused_as_one(length: int, pieces: int) -> None:
    async with serving() as (reader, writer, _):
        address = b"/graphql?" + b"a" * (length - 9)
        for piece in range(pieces):
            begin = b"GET " if piece == 0 else b""
            writer.write(begin + address[piece * length // pieces : (piece + 1) * length // pieces])
            await writer.drain()
        writer.write(b" HTTP/1.1\r\nHost: here\r\n\r\n")

        assert refused(await reader.read()) == (414, "ADDRESS_TOO_LONG")


@pytest.mark.parametrize(
    "sent", [b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", HEAD + b"No colon\r\n\r\n"]
)
async def test_what_is_no_http_is_refused_as_everything_else_is(sent: bytes) -> None:
    async with serving() as (reader, writer, _):
        writer.write(sent)

        assert refused(await reader.read()) == (400, "REQUEST_MALFORMED")


async def test_fields_behind_a_body_in_chunks_count_as_well() -> None:
    async with serving() as (reader, writer, _):
        begun = b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n"
        writer.write(HEAD + begun + TOO_MANY + b"\r\n")

        assert refused(await reader.read()) == (431, "HEADERS_TOO_LARGE")


async def test_what_comes_behind_a_long_body_is_not_taken_for_its_headers() -> None:
    async with serving() as (reader, _writer, connections):
        long = b"x" * (2 * MOST_HEADER_BYTES)
        while not connections:
            await asyncio.sleep(0)
        (connection,) = connections
        first = HEAD + b"Content-Length: %d\r\n\r\n" % len(long)
        connection.data_received(first + long + HEAD)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        assert await reader.readexactly(5) == b"65536"
        connection.data_received(LENGTH + b"\r\nhi")

        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")


async def test_an_answer_that_nobody_reads_is_thrown_away() -> None:
    async with serving(answer=SOON) as (reader, writer, connections):
        reader._transport.pause_reading()  # type: ignore[attr-defined]  # a client who does not read
        writer.write(b"POST /large HTTP/1.1\r\nHost: here\r\nContent-Length: 0\r\n\r\n")
        while not connections:
            await asyncio.sleep(0)
        while connections:
            await asyncio.sleep(0)
        reader._transport.resume_reading()  # type: ignore[attr-defined]  # and wakes up too late

        with contextlib.suppress(ConnectionResetError):
            assert len(await reader.read()) < 50_000_000


async def test_what_nobody_takes_of_a_closed_connection_is_thrown_away() -> None:
    async with serving(closing=SOON) as (reader, writer, connections), asyncio.timeout(10):
        reader._transport.pause_reading()  # type: ignore[attr-defined]  # a client who does not read
        head = b"POST /large HTTP/1.1\r\nHost: here\r\nConnection: close\r\n"
        writer.write(head + b"Content-Length: 0\r\n\r\n")
        while not connections:
            await asyncio.sleep(0)
        while connections:
            await asyncio.sleep(0)


CLOSING = b"POST /early HTTP/1.1\r\nHost: here\r\nConnection: close\r\n"
LONG = b"x" * 10_000_000


@pytest.mark.parametrize("behind", [b"", b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"])
async def test_who_is_answered_before_his_long_body_came_reads_the_answer(behind: bytes) -> None:
    async with serving() as (reader, writer, _):
        writer.write(CLOSING + b"Content-Length: %d\r\n\r\n" % len(LONG))
        # The answer is given now, and the connection is to be closed behind it.
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        writer.write(LONG + behind)
        await writer.drain()

        assert await reader.read() == b"0"


@pytest.mark.parametrize(
    "late", [{"body": SOON}, {"window": SOON}], ids=["at all", "at a snail's pace"]
)
async def test_the_rest_of_an_answered_body_is_not_waited_for_longer_than_any(
    late: dict[str, float],
) -> None:
    async with serving(**late) as (reader, writer, connections):
        writer.write(CLOSING + b"Content-Length: 100000\r\n\r\nbegun")
        assert (await reader.read()).endswith(b"\r\n\r\n0")

        while connections:
            await asyncio.sleep(0)


@pytest.mark.parametrize("rest", [b"no chunk", b"%x\r\n" % (MOST_UNHEARD_BYTES + 10)])
async def test_the_rest_of_an_answered_body_is_heard_only_while_it_is_one_and_not_endless(
    rest: bytes,
) -> None:
    async with serving() as (reader, writer, connections):
        writer.write(CLOSING + b"Transfer-Encoding: chunked\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
        writer.write(rest)
        with contextlib.suppress(ConnectionError):
            while connections:
                writer.write(b"x" * 65_536)
                await writer.drain()


async def test_a_second_request_on_the_same_connection_has_its_own_time() -> None:
    async with serving(headers=ENDLESS) as (reader, writer, _):
        for _ in range(3):
            writer.write(HEAD + b"Content-Length: 2\r\n\r\nhi")

            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
            assert await reader.readexactly(1) == b"2"


async def test_a_request_that_stands_behind_another_never_speaks_in_its_place() -> None:
    async with serving() as (reader, writer, connections):
        first = b"POST /held HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\nhi"
        writer.write(first + b"POST / HT")
        while not connections or next(iter(connections))._begun < 2:
            await asyncio.sleep(0)
        (connection,) = connections
        connection.check(asyncio.get_running_loop().time() + 11, Patience())
        HELD.set()

        answered = await reader.read()

        assert answered.startswith(b"HTTP/1.1 200")
        assert answered.count(b"HTTP/1.1") == 1


async def test_who_asks_nothing_more_is_closed_and_who_does_is_not() -> None:
    async with serving() as (reader, writer, connections):
        for asked in range(2):
            writer.write(HEAD + b"Content-Length: 2\r\n\r\nhi")
            await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(1)
            (connection,) = connections
            rested = connection.timeout_keep_alive + asked - 0.5
            connection.check(connection._since + rested, Patience())

        async with asyncio.timeout(5):
            assert await reader.read() == b""
