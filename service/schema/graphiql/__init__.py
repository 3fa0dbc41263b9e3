"""GraphiQL from files we ship: nothing is loaded from elsewhere, and the page says so.

`static/` holds GraphiQL 2.4.7 and React 18.3.1 as published, with their licences (MIT), and our
page with its small sign-in form.
"""

from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

_FILES: Final = Path(__file__).parent / "static"
_HEADERS: Final = {
    # Styles are set by script in the editor; scripts and connections are ours alone.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
        " font-src 'self' data:; img-src 'self' data:; connect-src 'self';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept",
}


def graphiql_routes() -> list[BaseRoute]:
    """Return the routes of the page's own files."""
    return [Mount("/graphql/files", StaticFiles(directory=_FILES))]


def page_for_browser(request: Request) -> Response | None:
    """Return the page when a person opens the endpoint in a browser, None for programs."""
    if "text/html" not in request.headers.get("accept", "") or request.query_params:
        return None
    return FileResponse(_FILES / "index.html", headers=_HEADERS)
