"""An answer in one piece is the same on the wire as in two."""

import asyncio
import re
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from test_patience import _Server

from service.web.patience import PatientProtocol
from service.web.whole import WHOLE, offer

FIELDS = [(b"content-type", b"application/json"), (b"content-length", b"11"), (b"vary", b"a, b")]
BODY = b'{"data":{}}'
taken: list[bool] = []


async def in_two(scope: Any, receive: Any, send: Any) -> None:
    """Answer in ASGI's way."""
    await receive()
    status = int(scope["path"][1:])
    fields = FIELDS if status not in {204, 304} else FIELDS[2:]
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": BODY if fields is FIELDS else b""})


async def in_one(scope: Any, receive: Any, send: Any) -> None:
    """Answer in one piece, where the server takes it."""
    status = int(scope["path"][1:])
    fields = FIELDS if status not in {204, 304} else FIELDS[2:]
    body = BODY if fields is FIELDS else b""
    taken.append(scope["extensions"][WHOLE].send(status, fields, body))
    if not taken[-1]:
        await in_two(scope, receive, send)


async def wire(app: Any, *asked: bytes) -> bytes:
    """Send requests at once; return all that comes until the server has closed or all is said."""
    config = uvicorn.Config(
        app, port=0, http=PatientProtocol, log_config=None, lifespan="off", ws="none"
    )
    server = _Server(config)
    serving = asyncio.ensure_future(server.serve())
    while not server.started:
        await asyncio.sleep(0)
    port = server.servers[0].sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"".join(asked))
    got = await reader.read()
    writer.close()
    server.should_exit = True
    await serving
    return re.sub(rb"date: [^\r]*", b"date: now", got)


def a_request(
    path: bytes, method: bytes = b"GET", rest: bytes = b"", version: bytes = b"1.1"
) -> bytes:
    return method + b" " + path + b" HTTP/" + version + b"\r\nHost: here\r\n" + rest + b"\r\n"


CLOSE = b"Connection: close\r\n"
LAST = a_request(b"/200", rest=CLOSE)


@pytest.mark.parametrize(
    ("asked", "pieces"),
    [
        ([a_request(b"/200"), LAST], [True, False]),
        ([a_request(b"/200", b"HEAD"), LAST], [True, False]),
        ([a_request(b"/200"), a_request(b"/200"), LAST], [True, True, False]),
        ([a_request(b"/200", b"POST", b"Content-Length: 2\r\n") + b"{}", LAST], [True, False]),
        ([a_request(b"/204"), LAST], [False, False]),
        ([a_request(b"/304"), LAST], [False, False]),
        ([a_request(b"/500"), LAST], [False, False]),
        ([a_request(b"/200", version=b"1.0")], [False]),
    ],
    ids=["kept", "head", "one behind another", "body", "204", "304", "500", "HTTP/1.0"],
)
async def test_the_wire_knows_no_difference(asked: list[bytes], pieces: list[bool]) -> None:
    taken.clear()

    assert await wire(in_one, *asked) == await wire(in_two, *asked)

    assert taken == pieces


async def test_a_field_that_would_begin_a_line_of_its_own_is_not_sent() -> None:
    async def split(scope: Any, _receive: Any, send: Any) -> None:
        fields = [*FIELDS, (b"x-request-id", b"a\r\nset-cookie: b=c")]
        if not scope["extensions"][WHOLE].send(200, fields, BODY):
            await send({"type": "http.response.start", "status": 200, "headers": fields})

    answered = await wire(split, a_request(b"/200"))

    assert answered == b""


@pytest.mark.parametrize(
    "state",
    [{"write_paused": True}, {"disconnected": True}, {"response_started": True}],
    ids=["the client does not read", "the client is gone", "an answer is begun"],
)
def test_what_has_to_wait_or_comes_too_late_is_left_to_the_server(state: dict[str, bool]) -> None:
    usual = {"write_paused": False, "disconnected": False, "response_started": False}
    told = SimpleNamespace(scope={}, keep_alive=True, **(usual | state))
    told.flow = told
    cycle: Any = told
    offer(cycle)

    assert not cycle.scope["extensions"][WHOLE].send(200, FIELDS, BODY)


@pytest.mark.parametrize(
    ("state", "whole"),
    [
        ({}, True),
        ({"more_body": True}, False),
        ({"waiting_for_100_continue": True}, False),
        ({"disconnected": True}, False),
    ],
    ids=["all of it", "some of it", "the client asks first", "the client is gone"],
)
def test_a_body_is_at_hand_once_all_of_it_has_come(state: dict[str, bool], whole: bool) -> None:
    usual = {"more_body": False, "waiting_for_100_continue": False, "disconnected": False}
    told = SimpleNamespace(scope={}, body=bytearray(b"{}"), **(usual | state))
    told.flow = SimpleNamespace(resume_reading=lambda: None)
    told.message_event = asyncio.Event()
    told.message_event.set()
    cycle: Any = told
    exchange = offer(cycle)

    assert exchange.body() == (b"{}" if whole else None)
    # What was taken is not received once more.
    assert bytes(cycle.body) == (b"" if whole else b"{}")
    assert cycle.message_event.is_set() is not whole
