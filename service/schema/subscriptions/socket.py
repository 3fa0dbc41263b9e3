"""`graphql-transport-ws`, the protocol of GraphQL over WebSocket, on one socket.

Close codes are the protocol's. A token that has ended, or rights that are others now, close with
4403 and not 4401: the reference client takes 4401 for final and would not come again.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack, aclosing, suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import orjson
import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect

from service.delivery.errors import TooManyStreams
from service.delivery.following import Ended
from service.errors import Busy, Refusal, Unavailable
from service.identity.tokens import Claims
from service.languages import wanted_locale
from service.schema.bodies import asked_of
from service.schema.refusals import Internal
from service.schema.showing import Refused, Showing
from service.schema.subscriptions.operations import Asker
from service.work import CONNECTION_LOST

if TYPE_CHECKING:
    from service.schema.subscriptions.gate import Gate

PROTOCOL: Final = "graphql-transport-ws"
MOST_SOCKETS: Final = 5
MOST_OPERATIONS: Final = 20
MOST_NAME: Final = 128
"""Letters of an operation's name, which each of its events repeats."""
INIT_SECONDS: Final = 10.0
PING_SECONDS: Final = 25.0
_CLOSE_SECONDS: Final = 5.0

_GOING_AWAY: Final = 1001
_RESTART: Final = (1012, "Service restart")
_TRY_LATER: Final = 1013
_BAD_REQUEST: Final = (4400, "Invalid message")
_UNAUTHORIZED: Final = (4401, "Unauthorized")
_FORBIDDEN: Final = (4403, "Forbidden")
_NOT_ACCEPTABLE: Final = (4406, "Subprotocol not acceptable")
_INIT_TIMEOUT: Final = (4408, "Connection initialisation timeout")
_TOO_MANY_INITS: Final = (4429, "Too many initialisation requests")
_TOO_MANY_SOCKETS: Final = (4429, "Too many connections")

_log = structlog.get_logger(__name__)


def refused_origin(websocket: WebSocket, allowed: Collection[str]) -> bool:
    """Tell whether a page that may not speak to us opens the socket; programs name no origin."""
    origin = websocket.headers.get("origin")
    if origin is None or origin in allowed:
        return False
    return urlsplit(origin).netloc != websocket.headers.get("host")


class _Close(Exception):
    """The socket is to be closed."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Socket:
    """One client's socket, from its first message to its last.

    Attributes:
        token, claims, rights: of whoever was let in; see `watching`.
    """

    token: str
    claims: Claims
    rights: bytes | None

    def __init__(self, websocket: WebSocket, gate: "Gate") -> None:
        self._websocket = websocket
        self._gate = gate
        self._task = asyncio.current_task()
        self._ending: tuple[int, str] | None = None
        self._asker: Asker | None = None
        self._initialised = False
        self._answered = True
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._pinging: asyncio.Task[None] | None = None
        self._open = ExitStack()

    async def run(self) -> None:
        """Serve the socket until either side ends it."""
        if PROTOCOL not in self._websocket.scope["subprotocols"]:
            await self._websocket.accept()
            await self._websocket.close(*_NOT_ACCEPTABLE)
            return
        await self._websocket.accept(PROTOCOL)
        self._later(INIT_SECONDS, lambda: self._end(*_INIT_TIMEOUT))
        try:
            while True:
                await self._heard(await self._websocket.receive_text())
        except WebSocketDisconnect:
            pass
        except KeyError:
            await self._close(*_BAD_REQUEST)
        except _Close as close:
            await self._close(close.code, close.reason)
        except asyncio.CancelledError:
            if self._ending is None or self._task is None:
                raise
            self._task.uncancel()
            await self._close(*self._ending)
        finally:
            self._let_go()

    def end(self) -> None:
        """End it: the reader must come again, with a fresh token."""
        self._end(*_FORBIDDEN)

    def stop(self) -> None:
        """End it because the process stops: the reader must come again, to another."""
        self._end(*_RESTART)

    def _end(self, code: int, reason: str) -> None:
        if self._ending is None and self._task is not None:
            self._ending = (code, reason)
            self._task.cancel()

    def _let_go(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        for task in (*self._operations.values(), self._pinging):
            if task is not None:
                task.cancel()
        self._gate.watch.remove(self)
        self._open.close()

    async def _close(self, code: int, reason: str) -> None:
        # A reader who takes nothing any more would not take this either.
        with suppress(RuntimeError, WebSocketDisconnect, OSError, TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._websocket.close(code, reason)

    def _later(self, seconds: float, do: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, do)

    async def _send(self, message: bytes) -> None:
        await self._websocket.send({"type": "websocket.send", "text": message.decode()})

    async def _heard(self, text: str) -> None:
        try:
            message = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise _Close(*_BAD_REQUEST) from error
        if not isinstance(message, dict) or not isinstance(message.get("payload", {}), dict | None):
            raise _Close(*_BAD_REQUEST)
        match message.get("type"):
            case "connection_init":
                await self._init(message.get("payload") or {})
            case "ping":
                await self._send(b'{"type":"pong"}')
            case "pong":
                self._answered = True
            case "subscribe":
                await self._subscribe(message)
            case "complete":
                task = self._operations.pop(str(message.get("id")), None)
                if task is not None:
                    task.cancel()
            case _:
                raise _Close(*_BAD_REQUEST)

    async def _init(self, payload: Mapping[str, object]) -> None:
        if self._initialised:
            raise _Close(*_TOO_MANY_INITS)
        self._initialised = True
        token = token_of(payload)
        watch = self._gate.watch
        claims = await watch.authenticate(token) if token else None
        client = self._websocket.client
        if claims is None or not claims.may_come_from(client.host if client else ""):
            raise _Close(*_FORBIDDEN)
        try:
            self._open.enter_context(self._gate.counted("socket", claims, MOST_SOCKETS))
            admitted = await watch.admitted(claims)
        except TooManyStreams as refusal:
            raise _Close(*_TOO_MANY_SOCKETS) from refusal
        except (Busy, Unavailable, *CONNECTION_LOST) as error:
            raise _Close(_TRY_LATER, "Try again later") from error
        except Refusal as refusal:
            raise _Close(*_FORBIDDEN) from refusal
        self.token, self.claims, self.rights = token, claims, admitted.rights
        locale = payload.get("locale")
        wanted = wanted_locale(locale if isinstance(locale, str) else None)
        self._asker = Asker(claims, wanted, admitted.locale)
        watch.add(self)
        await self._send(b'{"type":"connection_ack"}')
        self._later(PING_SECONDS, self._ping)

    def _ping(self) -> None:
        if not self._answered:
            self._end(_GOING_AWAY, "No answer to a ping")
            return
        self._answered = False
        self._later(PING_SECONDS, self._ping)
        self._pinging = asyncio.create_task(self._sent_ping())

    async def _sent_ping(self) -> None:
        with suppress(RuntimeError, WebSocketDisconnect, OSError):
            await self._send(b'{"type":"ping"}')

    async def _subscribe(self, message: Mapping[str, Any]) -> None:
        asker, name = self._asker, message.get("id")
        if asker is None:
            raise _Close(*_UNAUTHORIZED)
        if not isinstance(name, str) or not 0 < len(name) <= MOST_NAME:
            raise _Close(*_BAD_REQUEST)
        if not isinstance(message.get("payload"), dict):
            raise _Close(*_BAD_REQUEST)
        if name in self._operations:
            raise _Close(4409, f"Subscriber for {name[:80]} already exists")
        if len(self._operations) >= MOST_OPERATIONS:
            showing = self._gate.operations.showing(asker)
            refusal = TooManyStreams(at_most=MOST_OPERATIONS)
            await self._fail(name, [showing.shown(refusal)])
            return
        work = self._operate(name, asker, message["payload"])
        self._operations[name] = asyncio.create_task(work)

    async def _operate(self, name: str, asker: Asker, payload: dict[str, Any]) -> None:
        showing = self._gate.operations.showing(asker)
        try:
            with suppress(RuntimeError, WebSocketDisconnect, OSError):
                await self._answer(name, asker, payload, showing)
        except Ended:
            self.end()
        finally:
            if self._operations.get(name) is asyncio.current_task():
                del self._operations[name]

    async def _answer(
        self, name: str, asker: Asker, payload: dict[str, Any], showing: Showing
    ) -> None:
        head = b'{"id":%s,"type":"next","payload":' % orjson.dumps(name)
        try:
            results = self._gate.operations.results(asker, asked_of(payload), showing)
            async with aclosing(results):
                async for payloads in results:
                    for one in payloads:
                        await self._send(b"%s%s}" % (head, one))
        except Refused as refused:
            await self._fail(name, refused.errors)
        except Refusal as refusal:
            await self._fail(name, [showing.shown(refusal)])
        except CONNECTION_LOST:
            await self._fail(name, [showing.shown(Unavailable())])
        except (Ended, RuntimeError, WebSocketDisconnect):
            raise
        except Exception:  # noqa: BLE001 - the outermost place: whatever it is, it is masked
            _log.exception("streams.failed", request=showing.request_id)
            await self._fail(name, [showing.shown(Internal())])
        else:
            await self._send(b'{"id":%s,"type":"complete"}' % orjson.dumps(name))

    async def _fail(self, name: str, errors: list[dict[str, Any]]) -> None:
        message = {"id": name, "type": "error", "payload": errors}
        await self._send(orjson.dumps(message))


def token_of(payload: Mapping[str, object]) -> str:
    """Return the bearer token of a `connection_init`: `token`, or `authorization` as in HTTP."""
    found = {name.lower(): value for name, value in payload.items()}
    headers = found.get("headers")
    if isinstance(headers, dict):
        found |= {str(name).lower(): value for name, value in headers.items()}
    token, authorization = found.get("token"), found.get("authorization")
    if isinstance(token, str):
        return token
    if isinstance(authorization, str):
        scheme, _, rest = authorization.partition(" ")
        return rest.strip() if scheme.lower() == "bearer" else ""
    return ""
