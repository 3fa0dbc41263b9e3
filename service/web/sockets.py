"""A WebSocket's line: it takes no more than a client has to say, and ends when nobody reads.

The server alone answers each ping of the protocol at once, whether or not its answers are read, and
keeps them; it gathers a message from as many pieces as are sent, and reads as many frames as come,
while nobody else is served; and a line that it has closed it keeps until the last byte is taken. A
stranger needs no token for any of it.
"""

from typing import Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame

from service.web.patience import Closing, Patience

MOST_PIECES: Final = 512
"""Of one message, which has a megabyte at most; browsers send one or a few."""
MOST_FRAMES: Final = 2_000
"""Within `FRAMES_SECONDS`; whoever follows as much as he may sends some dozens."""
FRAMES_SECONDS: Final = 10.0
# As much is read of what has come before its frames are counted: of the smallest, some hundreds.
_SLICE: Final = 4_096


class PatientSocket(WebSocketsSansIOProtocol):
    """One line; whether its reader still answers is asked by `service.schema.subscriptions`."""

    _frames = 0
    _frames_since = 0.0
    _closing: Closing | None = None

    def data_received(self, data: bytes) -> None:
        """Read what has come, a little at a time."""
        for begin in range(0, len(data), _SLICE):
            if self.transport.is_closing():
                return
            super().data_received(data[begin : begin + _SLICE])

    def handle_events(self) -> None:
        """Handle frames, unless there are too many of them."""
        now = self.loop.time()
        if now - self._frames_since > FRAMES_SECONDS:
            self._frames, self._frames_since = 0, now
        self._frames += len(self.conn.events)
        if self._frames > MOST_FRAMES:
            self.conn.events_received()
            self._refuse("Too many frames")
        else:
            super().handle_events()

    def handle_ping(self) -> None:
        """Answer, unless earlier answers still wait to be read: the latest will do (RFC 6455)."""
        output = self.conn.data_to_send()
        if self.handshake_complete and self.writable.is_set():
            self.transport.write(b"".join(output))

    def handle_cont(self, event: Frame) -> None:
        """Take another piece of a message, as long as there are not too many."""
        if len(self.frames) < MOST_PIECES:
            super().handle_cont(event)
        else:
            self._refuse("Too many pieces")

    def check(self, now: float, patience: Patience) -> None:
        """Throw away what nobody has taken of a line that was closed."""
        if self.transport.is_closing():
            self._closing = self._closing or Closing(now)
            self._closing.check(now, patience, self.transport)

    def _refuse(self, reason: str) -> None:
        # Whoever still answers is told that nobody is there.
        self.disconnected = True
        if self.handshake_complete and not self.close_sent:
            self.conn.fail(CloseCode.POLICY_VIOLATION, reason)
            self.handle_parser_exception()
        else:
            self.transport.close()
