"""How long a client may take: to send its headers, its body, and to read its answer.

The server alone waits without end for headers and bodies that come byte by byte, so a few hundred
connections of a stranger would hold it. Each connection notes when it began to wait and how much
has come; one sweep a second looks at all of them, so that a request pays for two notes only.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, Final, Protocol

import orjson
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from service.clock import new_id
from service.errors import LOCALES, Refusal, sentence
from service.schema.bodies import MOST_ADDRESS_BYTES
from service.schema.refusals import AddressTooLong
from service.web.whole import Exchange, offer

_SWEEP: Final = 1.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited for a client, in seconds.

    Attributes:
        headers: from the connection or the request's first byte to its last header.
        body: from there to the body's last byte.
        window: within each of these spans of a body, `least_bytes` or more must come.
        answer: how long an answer may stand unread.
        closing: how long a closed connection is kept for what its client has not taken yet.
    """

    headers: float = 10.0
    body: float = 30.0
    window: float = 10.0
    least_bytes: int = 4_096
    answer: float = 30.0
    closing: float = 10.0


@dataclass(eq=False, kw_only=True)
class RequestSlow(Refusal):
    """Headers or body came too slowly; the connection is closed."""

    code: ClassVar[str] = "REQUEST_SLOW"


@dataclass(eq=False, kw_only=True)
class HeadersTooLarge(Refusal):
    """The headers are longer or more than the limits; the connection is closed."""

    code: ClassVar[str] = "HEADERS_TOO_LARGE"

    at_most: int
    fields: int


@dataclass(eq=False, kw_only=True)
class RequestMalformed(Refusal):
    """What came is no HTTP; the connection is closed."""

    code: ClassVar[str] = "REQUEST_MALFORMED"


MOST_HEADER_BYTES: Final = 32 * 1024
MOST_HEADER_FIELDS: Final = 100
# What a field takes on the wire besides name and value: a colon, a space, the line's end.
_AROUND_A_FIELD: Final = 4


# Twice the largest body that is taken, and a little: who sends still more is not listened to.
MOST_UNHEARD_BYTES: Final = 34 * 1024 * 1024


class Closing:
    """A connection that was closed: the system keeps it while something of it is not taken."""

    __slots__ = ("_since",)

    def __init__(self, since: float) -> None:
        self._since = since

    def check(self, now: float, patience: Patience, transport: asyncio.Transport) -> None:
        """Throw away what is not taken in time, and the connection with it."""
        if now - self._since > patience.closing:
            transport.abort()


class Watched(Protocol):
    """A connection that is looked at again and again."""

    def check(self, now: float, patience: Patience) -> None:
        """Close it if its client has taken too long."""


class _Line:
    """A connection's transport, which hears a client out before it is closed.

    Whoever was answered before his body came to its end, and asked to be closed then, would lose
    the answer: closing with something unread resets the connection, and he reads a broken pipe.
    """

    def __init__(self, transport: asyncio.Transport, protocol: "PatientProtocol") -> None:
        self.whole = transport
        self._protocol = protocol
        # Each answer is written by it: no detour.
        self.write = transport.write

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a transport has
        return getattr(self.whole, name)

    def is_closing(self) -> bool:
        """Say whether nothing more is asked or answered here."""
        return self._protocol.over or self.whole.is_closing()

    def close(self) -> None:
        """Close, as soon as the client has said what he was saying."""
        if not self._protocol.hear_rest(self.whole):
            self.whole.close()


class _BeyondLimits(Exception):
    """Stops the parser in the middle of an address or of headers that are refused."""


class _Waiting(Enum):
    HEADERS = "headers"
    BODY = "body"
    REST = "the rest of a body"
    NOTHING = "nothing"
    ANOTHER = "another request"


class PatientProtocol(HttpToolsProtocol):
    """A connection that is closed when its client is at a snail's pace."""

    # Subclass attributes stand beside uvicorn's own, set here for a connection that never speaks.
    _waiting = _Waiting.NOTHING
    _since = 0.0
    _window_began = 0.0
    _received = 0
    _begun = 0
    _header_bytes = 0
    _header_fields = 0
    _unheard = 0
    # The last answer is given: what still comes is only heard out.
    over = False
    _unread_since: float | None = None
    _exchange: Exchange | None = None
    _closing: Closing | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for headers from now on."""
        super().connection_made(transport)  # type: ignore[arg-type]  # as uvicorn declares it
        self.transport = _Line(self.transport, self)  # type: ignore[assignment]  # as good as one
        self._wait(_Waiting.HEADERS)

    def handle_websocket_upgrade(self) -> None:
        """Hand the bare transport on: nothing is heard out on a socket."""
        self.transport = getattr(self.transport, "whole", self.transport)
        super().handle_websocket_upgrade()

    def hear_rest(self, transport: asyncio.Transport) -> bool:
        """Begin to hear the rest of an answered body; False where there is none, or no more.

        Nothing of it is kept, and it has the time and the pace of any body.
        """
        if self._waiting is not _Waiting.BODY or transport.is_closing():
            return False
        self._waiting = _Waiting.REST
        self.over = True
        if transport.can_write_eof():
            transport.write_eof()
        self.flow.resume_reading()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever answers that nobody hears him."""
        super().connection_lost(exc)
        if self._exchange is not None:
            self._exchange.hang_up()

    def data_received(self, data: bytes) -> None:
        """Count what comes before the headers are complete."""
        if self._waiting is _Waiting.REST:
            self._hear(data)
            return
        behind = self._waiting is _Waiting.BODY or self._waiting is _Waiting.NOTHING
        begun = self._begun
        super().data_received(data)
        if self._waiting is _Waiting.NOTHING:
            return
        if self._waiting is _Waiting.HEADERS and (behind or self._begun > begun + 1):
            # It holds the end of another request, and nobody has counted how much is this one's.
            # Complete fields `on_header` has, the rest is no longer than what is read at once.
            self._received = 1
            return
        self._received += len(data)
        if self._waiting is _Waiting.HEADERS and self._received > MOST_HEADER_BYTES:
            self._refuse_headers()

    def _hear(self, data: bytes) -> None:
        """Take note of more of a body that nobody reads, and close behind its end."""
        self._received += len(data)
        self._unheard += len(data)
        super().data_received(data)
        if self._unheard > MOST_UNHEARD_BYTES:
            self._end()

    def _end(self) -> None:
        """Close, whatever the client may still be saying."""
        self._waiting = _Waiting.NOTHING
        self.transport.close()

    def on_message_begin(self) -> None:
        """Begin to wait for headers."""
        self._wait(_Waiting.HEADERS)
        self._begun += 1
        self._header_bytes = self._header_fields = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Take more of the address; one that would fill the headers' room is refused at once.

        What is shorter, and longer than an address may be, its reader refuses in his language.
        """
        super().on_url(url)
        if len(self.url) > MOST_HEADER_BYTES:
            raise _BeyondLimits

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a field: also what came in one piece is refused before anything is begun.

        A body in chunks may have fields behind it; they count as well.
        """
        self._header_fields += 1
        self._header_bytes += len(name) + len(value) + _AROUND_A_FIELD
        if self._header_bytes > MOST_HEADER_BYTES or self._header_fields > MOST_HEADER_FIELDS:
            raise _BeyondLimits
        # As the server's own does, which is not called: it would be for each field.
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))

    def send_400_response(self, _msg: str) -> None:
        """Refuse what the parser has stopped at."""
        if self.over:
            self._end()
        elif len(self.url) > MOST_HEADER_BYTES:
            self._refuse(414, AddressTooLong(at_most=MOST_ADDRESS_BYTES))
        elif self._header_bytes > MOST_HEADER_BYTES or self._header_fields > MOST_HEADER_FIELDS:
            self._refuse_headers()
        else:
            self._refuse(400, RequestMalformed())

    def _refuse_headers(self) -> None:
        limits = HeadersTooLarge(at_most=MOST_HEADER_BYTES, fields=MOST_HEADER_FIELDS)
        self._refuse(431, limits)

    def on_headers_complete(self) -> None:
        """Begin to wait for the body."""
        if self.over:
            # A request behind the last one is nobody's to answer.
            return
        self._wait(_Waiting.BODY)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Wait no more."""
        if self.over:
            self._end()
        self._waiting = _Waiting.NOTHING
        super().on_message_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Let the application answer in one piece, and be told of a hang-up."""
        exchange = self._exchange = offer(cycle)
        # As the server's own does, without the reset of variables, which is not asked for.
        task = exchange.task = self.loop.create_task(cycle.run_asgi(app))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def on_response_complete(self) -> None:
        """Go on to the next request; how long it may take to come, the sweep sees without a timer.

        A request that stands behind another is the server's own to begin.
        """
        if self.pipeline or self.transport.is_closing():
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        self.flow.resume_reading()
        if self._waiting is _Waiting.NOTHING:
            self._wait(_Waiting.ANOTHER)

    def pause_writing(self) -> None:
        """Note since when the answer stands unread."""
        self._unread_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        """The client reads on."""
        self._unread_since = None
        super().resume_writing()

    def check(self, now: float, patience: Patience) -> None:
        """Close the connection if its client has taken too long."""
        if self._unread_since is not None and now - self._unread_since > patience.answer:
            self.transport.abort()
        elif self._waiting is _Waiting.REST:
            self._check_body(now, patience)
        elif self.transport.is_closing():
            self._closing = self._closing or Closing(now)
            self._closing.check(now, patience, self.transport)
        elif self._waiting is _Waiting.ANOTHER:
            if now - self._since > self.timeout_keep_alive:
                self.transport.close()
        elif self._waiting is _Waiting.HEADERS:
            if now - self._since > patience.headers:
                self._give_up()
        elif self._waiting is _Waiting.BODY and not self.flow.read_paused:
            self._check_body(now, patience)

    def _check_body(self, now: float, patience: Patience) -> None:
        late = now - self._since > patience.body
        if not late and now - self._window_began > patience.window:
            late = self._received < patience.least_bytes
            self._window_began, self._received = now, 0
        if late and self.cycle.response_complete:
            # It was answered before its body had come, and one answer is all it gets.
            self._end()
        elif late:
            self._refuse(408, RequestSlow())

    def _give_up(self) -> None:
        if self._received == 0:
            # Nobody has asked anything, so there is nothing to answer.
            self.transport.close()
        else:
            self._refuse(408, RequestSlow())

    def _wait(self, what: _Waiting) -> None:
        self._waiting = what
        self._since = self._window_began = self.loop.time()
        self._received = 0

    def _refuse(self, status: int, refusal: Refusal) -> None:
        """Answer in plain JSON, where no answer has begun, and close."""
        self._waiting = _Waiting.NOTHING
        if self.pipeline:
            # The request stands behind others that are being answered: it has no turn to speak.
            self.transport.close()
            return
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            if cycle.response_started or cycle.more_body is False:
                # An earlier request is still being answered: it gets its answer, and no other.
                cycle.keep_alive = False
                return
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.write(_answer(status, refusal))
        self.transport.close()


def _answer(status: int, refusal: Refusal) -> bytes:
    request_id = new_id().hex
    error = {
        "message": sentence(refusal, LOCALES[0]),
        "extensions": {"code": refusal.code, "requestId": request_id},
    }
    body = orjson.dumps({"errors": [error]})
    head = (
        f"content-type: application/json; charset=utf-8\r\ncontent-length: {len(body)}\r\n"
        f"cache-control: no-store\r\nx-request-id: {request_id}\r\nconnection: close\r\n\r\n"
    )
    return STATUS_LINE[status] + head.encode() + body


async def keep_watch(connections: Iterable[Any], patience: Patience, every: float = _SWEEP) -> None:
    """Look at all connections again and again, until cancelled.

    Args:
        connections: the server's own set, which changes; each is `Watched`.
        patience: how long is waited.
        every: seconds between two looks; a client may take that much longer.
    """
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(every)
        now = loop.time()
        for one in list[Watched](connections):
            one.check(now, patience)
