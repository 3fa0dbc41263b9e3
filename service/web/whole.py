"""An answer that is whole before it is begun goes out in one piece.

ASGI sends an answer in two messages, and the server looks at each header field by expressions,
twice. Whoever has everything in hand says it once, by an extension of the scope; what comes out on
the wire is the same to the byte. Only the usual case is taken: everything else is left to the
server's own way.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeAlias

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

WHOLE: Final = "bailiwick.whole"
"""The extension's name in the scope."""
_OK: Final = 200

Whole: TypeAlias = Callable[[int, list[tuple[bytes, bytes]], bytes], bool]


def offer(cycle: RequestResponseCycle) -> None:
    """Let a request's application answer in one piece."""
    scope: Any = cycle.scope
    scope["extensions"] = {WHOLE: partial(_sent, cycle)}


def _sent(
    cycle: RequestResponseCycle, status: int, fields: list[tuple[bytes, bytes]], body: bytes
) -> bool:
    """Send an answer; False where it has to be sent in ASGI's way.

    Args:
        cycle: the request's.
        status: of HTTP.
        fields: its header, with the body's length.
        body: the whole of it.
    """
    usual = status == _OK and cycle.keep_alive and not cycle.response_started
    if not usual or cycle.flow.write_paused or cycle.disconnected:
        return False
    told = [*cycle.default_headers, *fields]
    head = STATUS_LINE[status] + b"\r\n".join([b": ".join(field) for field in told])
    if head.count(b"\n") != len(told):
        # Something of ours would begin a line of its own: the server words what is wrong with it.
        return False
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    asks_head = cycle.scope["method"] == "HEAD"
    cycle.transport.write(b"%b\r\n\r\n%b" % (head, b"" if asks_head else body))
    cycle.message_event.set()
    cycle.on_response()
    return True
