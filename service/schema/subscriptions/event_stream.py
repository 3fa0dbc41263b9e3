"""GraphQL over server-sent events, distinct connections: one operation, one response that stays.

A stream whose token or rights have ended stops without `complete`: its client comes again, with a
fresh token. So does one whose server stops.
"""

import asyncio
from contextlib import ExitStack, aclosing
from typing import TYPE_CHECKING, Any, Final

import orjson
import structlog
from starlette.types import Receive, Send

from service.delivery.following import Ended
from service.errors import Refusal, Unavailable
from service.identity.tokens import Claims
from service.schema.answers import Answer
from service.schema.bodies import Asked
from service.schema.refusals import Internal
from service.schema.showing import Refused, Showing
from service.schema.subscriptions.operations import Asker
from service.work import CONNECTION_LOST

if TYPE_CHECKING:
    from service.schema.subscriptions.gate import Gate

MEDIA: Final = "text/event-stream"
MOST_EVENT_STREAMS: Final = 20
_ALIVE_SECONDS: Final = 25.0
_ALIVE: Final = b":\n\n"
_COMPLETE: Final = b"event: complete\ndata: \n\n"

_log = structlog.get_logger(__name__)


def accepts_stream(accept: bytes) -> bool:
    """Tell whether an `Accept` header lists the stream, with a weight."""
    if MEDIA.encode() not in accept.lower():
        return False
    for part in accept.decode("latin-1").split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        refused = any(one.replace(" ", "") in {"q=0", "q=0.0"} for one in parameters)
        if name == MEDIA and not refused:
            return True
    return False


class EventStream:
    """The answer to one subscription.

    Attributes:
        token, claims, rights: of its reader; see `watching`.
        length: of its body, as far as that is known.
    """

    status = 200
    length = 0

    def __init__(
        self,
        gate: "Gate",
        *,
        token: str,
        claims: Claims,
        rights: bytes | None,
        asked: Asked,
        answer: Answer,
        counted: ExitStack,
    ) -> None:
        self.token = token
        self.claims = claims
        self.rights = rights
        self._fields = [
            (b"content-type", f"{MEDIA}; charset=utf-8".encode()),
            (b"cache-control", b"no-store"),
            *answer.told(),
            # A proxy that gathers small pieces would hold events back.
            (b"x-accel-buffering", b"no"),
        ]
        self._gate = gate
        self._asked = asked
        self._showing: Showing = answer
        self._task: asyncio.Task[Any] | None = None
        self._send: Send = _nowhere
        self._counted = counted

    async def __call__(self, receive: Receive, send: Send) -> None:
        """Send what happens, until the client has gone."""
        start = {"type": "http.response.start", "status": self.status, "headers": self._fields}
        self._send = send
        self._task = asyncio.create_task(self._told(start))
        self._gate.watch.add(self)
        leaving = asyncio.create_task(_gone(receive))
        try:
            await asyncio.wait({self._task, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._gate.watch.remove(self)
            self._counted.close()
            for task in (self._task, leaving):
                task.cancel()
            await asyncio.gather(self._task, leaving, return_exceptions=True)
        if not leaving.done() or leaving.cancelled():
            await send({"type": "http.response.body", "body": b""})

    def end(self) -> None:
        """End it: the reader must come again, with a fresh token."""
        if self._task is not None:
            self._task.cancel()

    def stop(self) -> None:
        """End it because the process stops: the reader must come again, to another."""
        self.end()

    async def _told(self, start: dict[str, Any]) -> None:
        """Tell everything the operation comes to."""
        await self._send(start)
        alive = asyncio.create_task(self._kept_alive())
        try:
            asker = Asker(self.claims, self._showing.locale)
            results = self._gate.operations.results(asker, self._asked, self._showing)
            async with aclosing(results):
                async for payloads in results:
                    for one in payloads:
                        await self._write(b"event: next\ndata: %s\n\n" % one)
        except Refused as refused:
            await self._fail(refused.errors)
        except Ended:
            return
        except Refusal as refusal:
            await self._fail([self._showing.shown(refusal)])
        except CONNECTION_LOST:
            await self._fail([self._showing.shown(Unavailable())])
        except OSError:
            return
        except Exception:  # noqa: BLE001 - the outermost place: whatever it is, it is masked
            _log.exception("streams.failed", request=self._showing.request_id)
            await self._fail([self._showing.shown(Internal())])
        else:
            await self._write(_COMPLETE)
        finally:
            alive.cancel()

    async def _kept_alive(self) -> None:
        # The first piece carries the headers, before anything has happened.
        while True:
            await self._write(_ALIVE)
            await asyncio.sleep(_ALIVE_SECONDS)

    async def _fail(self, errors: list[dict[str, Any]]) -> None:
        await self._write(b"event: next\ndata: %s\n\n" % orjson.dumps({"errors": errors}))
        await self._write(_COMPLETE)

    async def _write(self, piece: bytes) -> None:
        await self._send({"type": "http.response.body", "body": piece, "more_body": True})


async def _nowhere(_message: object) -> None:
    """Stand where the way to the client will be."""


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
