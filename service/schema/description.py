"""`GET /schema.graphql`: the schema as text. It is public documentation, of no tenant."""

import gzip
import hashlib
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service.schema.compression import takes_gzip
from service.schema.printed import FILE

_MEDIA: Final = "application/graphql; charset=utf-8"


def description_route() -> Route:
    """Return the route; the file is read once, since a server's schema never changes."""
    text = FILE.read_bytes()
    tag = f'W/"{hashlib.sha256(text).hexdigest()[:32]}"'
    # Made small once, so the hardest level costs nothing.
    small = gzip.compress(text, mtime=0)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}

    async def describe(request: Request) -> Response:
        known = {one.strip() for one in request.headers.get("if-none-match", "").split(",")}
        if known & {tag, tag.removeprefix("W/"), "*"}:
            return Response(status_code=304, headers=headers)
        answered = {**headers, "Content-Type": _MEDIA}
        if takes_gzip(request.headers.get("accept-encoding", "").encode()):
            return Response(small, 200, {**answered, "Content-Encoding": "gzip"})
        return Response(text, 200, answered)

    return Route("/schema.graphql", describe, methods=["GET"])
