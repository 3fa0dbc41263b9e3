"""One request's line, for an application that has everything in hand.

ASGI sends an answer in two messages, and the server looks at each header field by expressions,
twice. Whoever has the whole of it says it once, by an extension of the scope; what comes out on the
wire is the same to the byte. Only the usual case is taken: everything else is left to the server's
own way. And ASGI tells of a client that has hung up only to who waits for it in a task of his own;
here he is told.
"""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

WHOLE: Final = "bailiwick.whole"
"""The extension's name in the scope."""
_OK: Final = 200


class Exchange:
    """One request and its line.

    Attributes:
        task: who answers it.
        ends: it is cancelled once the client has hung up.
        gone: the client has hung up.
    """

    __slots__ = ("_cycle", "ends", "gone", "task")

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle
        self.task: asyncio.Task[Any] | None = None
        self.ends = False
        self.gone = False

    def hang_up(self) -> None:
        """Take note that the client is gone, and end what is done for him alone."""
        self.gone = True
        if self.ends and self.task is not None:
            self.task.cancel()

    def body(self) -> bytes | None:
        """Return the request's body where all of it has come; None where it is to be received."""
        cycle = self._cycle
        if cycle.more_body or cycle.waiting_for_100_continue or cycle.disconnected:
            return None
        body = bytes(cycle.body)
        cycle.body = bytearray()
        cycle.flow.resume_reading()
        cycle.message_event.clear()
        return body

    def send(self, status: int, fields: list[tuple[bytes, bytes]], body: bytes) -> bool:
        """Send an answer; False where it has to be sent in ASGI's way.

        Args:
            status: of HTTP.
            fields: its header, with the body's length.
            body: the whole of it.
        """
        if status != _OK:
            return False
        return self.send_lines(
            b"\r\n".join([b": ".join(field) for field in fields]), len(fields), body
        )

    def send_lines(self, lines: bytes, count: int, body: bytes) -> bool:
        """Send an answer of status 200 whose header is written already, in so many lines."""
        cycle = self._cycle
        usual = cycle.keep_alive and not cycle.response_started
        if not usual or cycle.flow.write_paused or cycle.disconnected:
            return False
        if lines.count(b"\n") != count - 1:
            # Something of ours would begin a line of its own: the server words what is wrong.
            return False
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        if cycle.scope["method"] == "HEAD":
            body = b""
        head = _beginning(cycle.default_headers)
        cycle.transport.write(b"%b%b\r\n\r\n%b" % (head, lines, body))
        # What has been answered is given up at once, and not left to whoever looks for circles.
        del cycle.scope["extensions"]
        cycle.message_event.set()
        cycle.on_response()
        return True


class _Beginning:
    """How an answer begins: with the server's own fields, which are others each second."""

    fields: Iterable[tuple[bytes, bytes]] | None = None
    text = b""


def _beginning(fields: list[tuple[bytes, bytes]]) -> bytes:
    if fields is not _Beginning.fields:
        told = [b"%b: %b\r\n" % field for field in fields]
        _Beginning.text = STATUS_LINE[_OK] + b"".join(told)
        _Beginning.fields = fields
    return _Beginning.text


def offer(cycle: RequestResponseCycle) -> Exchange:
    """Let a request's application answer in one piece, and be told when its client hangs up."""
    scope: Any = cycle.scope
    exchange = Exchange(cycle)
    scope["extensions"] = {WHOLE: exchange}
    return exchange
