"""The door of all streams of a process: who may open how many, and the two protocols behind it."""

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from uuid import UUID

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from service.delivery.errors import TooManyStreams
from service.delivery.hub import Hub
from service.identity.tokens import Claims
from service.schema.answers import Answer
from service.schema.bodies import Asked
from service.schema.subscriptions.event_stream import MOST_EVENT_STREAMS, EventStream
from service.schema.subscriptions.operations import Operations
from service.schema.subscriptions.socket import Socket, refused_origin
from service.schema.subscriptions.watching import Watch


class Gate:
    """Lets streams in, and out again."""

    def __init__(
        self,
        operations: Operations,
        watch: Watch,
        hub: Hub,
        origins: Collection[str] = (),
    ) -> None:
        """Take what carries out operations.

        Args:
            operations: of this process.
            watch: over its streams.
            hub: that it reads from.
            origins: whose pages may open a socket besides our own, like `https://app.example`.
        """
        self.operations = operations
        self.watch = watch
        self._hub = hub
        hub.on_rights_changed = watch.suspect
        self._origins = frozenset(origins)
        self._open: Counter[tuple[str, UUID, UUID | None]] = Counter()

    def route(self) -> WebSocketRoute:
        """Return the socket's route."""
        return WebSocketRoute("/graphql", self._socket)

    async def _socket(self, websocket: WebSocket) -> None:
        if refused_origin(websocket, self._origins):
            await websocket.close()
            return
        await Socket(websocket, self).run()

    async def event_stream(
        self, token: str, claims: Claims, asked: Asked, answer: Answer
    ) -> EventStream:
        """Answer a subscription over HTTP.

        Raises:
            Refusal: the caller may not follow anything, or nothing more.
        """
        with ExitStack() as stack:
            stack.enter_context(self.counted("event stream", claims, MOST_EVENT_STREAMS))
            admitted = await self.watch.admitted(claims)
            counted = stack.pop_all()
        answer.learn(admitted.locale)
        return EventStream(
            self,
            token=token,
            claims=claims,
            rights=admitted.rights,
            asked=asked,
            answer=answer,
            counted=counted,
        )

    @contextmanager
    def counted(self, kind: str, claims: Claims, at_most: int) -> Iterator[None]:
        """Count a stream while it is open.

        Raises:
            TooManyStreams: the member has as many as he may.
        """
        key = (kind, claims.user_id, claims.tenant_id)
        if self._open[key] >= at_most:
            raise TooManyStreams(at_most=at_most)
        self._open[key] += 1
        try:
            yield
        finally:
            self._open[key] -= 1
            if not self._open[key]:
                del self._open[key]

    @property
    def open_count(self) -> int:
        """Streams open now."""
        return self._open.total()

    @property
    def behind_seconds(self) -> float:
        """How long events have been waiting for a transaction that still runs; 0 if none does."""
        return self._hub.behind_seconds

    async def close(self) -> None:
        """End all streams: the process stops."""
        await self.watch.close()
        await self._hub.close()
