"""Routes that are made, with all they need, when the first of them is asked for."""

from collections.abc import Callable, Iterable

from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send


class OnDemand:
    """Answers below a path by routes that most processes never need; all else goes on."""

    def __init__(self, app: ASGIApp, below: str, made: Callable[[], Iterable[BaseRoute]]) -> None:
        """Make nothing yet.

        Args:
            app: answers everything else.
            below: what the paths of the routes begin with, like `/files/`.
            made: makes the routes, and loads what they need; called once.
        """
        self._others = app
        self._below = below
        self._made = made
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not scope["path"].startswith(self._below):
            await self._others(scope, receive, send)
            return
        if self._app is None:
            self._app = Starlette(routes=list(self._made()))
        await self._app(scope, receive, send)
