"""`GET /schema.graphql`: the schema as text. It is public documentation, of no tenant."""

import gzip
import hashlib
from functools import cache, cached_property
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service.schema.compression import takes_gzip

FILE: Final = Path(__file__).with_name("schema.graphql")
_MEDIA: Final = "application/graphql; charset=utf-8"
_HEADERS: Final = {"Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}


class _Text:
    """The text, its name among all that ever were, and what goes over a thin line."""

    def __init__(self) -> None:
        self.whole = FILE.read_bytes()
        self.tag = f'W/"{hashlib.sha256(self.whole).hexdigest()[:32]}"'

    @cached_property
    def small(self) -> bytes:
        """In gzip's format; made once, at the first asking, so the hardest level costs nothing."""
        return gzip.compress(self.whole, mtime=0)


@cache
def _text() -> _Text:
    """Read the file at the first asking and never again: a server's schema does not change."""
    return _Text()


def description_route() -> Route:
    """Return the route."""

    async def describe(request: Request) -> Response:
        text = _text()
        headers = _HEADERS | {"ETag": text.tag}
        known = {one.strip() for one in request.headers.get("if-none-match", "").split(",")}
        if known & {text.tag, text.tag.removeprefix("W/"), "*"}:
            return Response(status_code=304, headers=headers)
        answered = {**headers, "Content-Type": _MEDIA}
        if takes_gzip(request.headers.get("accept-encoding", "").encode()):
            return Response(text.small, 200, {**answered, "Content-Encoding": "gzip"})
        return Response(text.whole, 200, answered)

    return Route("/schema.graphql", describe, methods=["GET"])
