"""What answers requests."""

import asyncio
import contextlib
import ctypes
import gc
import os
import secrets
import socket
import stat
import sys
from collections.abc import Awaitable, Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry import Schema
from uvicorn.config import Config
from uvicorn.server import Server

from service.app.base import Base, StartRefused, home_of
from service.app.empties import fields_lightened
from service.app.large_pages import gather_in_large_pages
from service.app.observing import log_of, watch_of
from service.app.watching import metrics_served, watch_answers
from service.database.migrations.run import newest_revision
from service.delivery.hub import Hub
from service.identity.sign_in import SignIns
from service.identity.tokens import Tokens
from service.organisation.api_keys import ApiKeys
from service.schema.bodies import MOST_BYTES
from service.schema.definition import build_schema
from service.schema.endpoint import Endpoint
from service.schema.rates import Allowance, Rates
from service.schema.trusted import ManifestBroken, Registered, read_manifests
from service.settings import Settings
from service.tenants.documents import Restrictions
from service.web.authentication import Authentication
from service.web.health import health_routes
from service.web.on_demand import OnDemand
from service.web.patience import Patience, PatientProtocol, keep_watch
from service.web.request_ids import RequestIds
from service.web.sockets import PatientSocket
from service.work import Installation

if TYPE_CHECKING:
    from service.identity.providers import Provider

_DRAIN_SECONDS = 10
_OBJECTS_UNTIL_COLLECTED = 10_000
# glibc's name for it, and how much it may keep free at the end of the heap. Of a quarter some came
# and went with every sixth command, and the system fills each page anew.
_TRIM_THRESHOLD = -1
_MOST_BYTES_KEPT = 1024 * 1024
# Compression would cost each socket more memory than all the rest of it; the protocol of the
# messages has pings of its own.
SOCKETS: Final[dict[str, Any]] = {
    "ws": PatientSocket,
    "ws_max_size": MOST_BYTES,
    "ws_per_message_deflate": False,
    "ws_ping_interval": None,
    "ws_ping_timeout": None,
}


class _Server(Server):
    """Leaves signals to us: one of them must stop the worker and the database too."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def token_key(settings: Settings) -> str:
    """Return the secret that signs tokens; made once and kept in the home folder."""
    if settings.token_key is not None:
        return settings.token_key.get_secret_value()
    kept = home_of(settings) / "token.key"
    if not kept.exists():
        made = kept.with_suffix(f".{os.getpid()}")
        made.touch(stat.S_IRUSR | stat.S_IWUSR)
        made.write_text(secrets.token_urlsafe(48), "ascii")
        # The first of two that start at once wins; both then read the same key.
        try:
            os.link(made, kept)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return kept.read_text("ascii").strip()


def web_app(settings: Settings, base: Base, trusted: Mapping[str, Registered]) -> "WebApp":
    """Build the routes on an open base; `trusted` are the documents that have a hash."""
    base.transactions.installation = Installation(
        trusted_documents=bool(trusted),
        issuers=frozenset(filter(None, (settings.oidc_issuer,))),
        secret=token_key(settings).encode(),
    )
    life = timedelta(seconds=settings.access_token_seconds)
    tokens = Tokens(token_key(settings), settings.issuer, life, base.clock)
    sign_ins = SignIns(base.identity_pool, tokens, base.clock, settings.refresh_token_days)
    authentication = Authentication(
        sign_ins,
        tokens,
        _provider(settings, base),
        password_allowed=settings.password_sign_in,
        api_keys=ApiKeys(base.transactions),
    )
    endpoint = Endpoint(
        _schema(),
        base.transactions,
        authentication.claims,
        identity_pool=base.identity_pool,
        graphiql=settings.graphiql,
        hub=Hub(base.relay_pool, base.clock),
        origins=settings.origins,
        trusted=trusted,
        rates=_rates(settings),
        restricted=Restrictions(base.application_pool).trusted_only,
        observer=watch_of(settings),
        planning=settings.planner,
    )
    routes = [
        *authentication.routes(),
        *health_routes(base.application_pool, newest_revision()),
        *endpoint.routes(),
    ]
    _give_memory_back()

    def files() -> list[Route]:
        from service.web.files import file_routes  # noqa: PLC0415 - few ever ask for one

        return file_routes(endpoint, base.transactions, authentication.claims)

    others = OnDemand(Starlette(routes=routes), "/files/", files)
    return WebApp(endpoint, RequestIds(others, log_of(settings), routes))


class WebApp:
    """Answers what is asked all day without looking through the routes.

    Attributes:
        streams: the open subscriptions.
    """

    def __init__(self, endpoint: Endpoint, others: ASGIApp) -> None:
        self.streams = endpoint.streams
        self._endpoint = endpoint
        self._others = others

    def plan_bytes(self) -> int:
        """Return how many bytes the plans weigh that are kept."""
        return self._endpoint.planner.weight

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer one request, or serve one socket."""
        if scope["type"] == "http" and scope["path"] == "/graphql":
            return self._endpoint(scope, receive, send)
        return self._others(scope, receive, send)


def looked_over(settings: Settings) -> Mapping[str, Registered]:
    """Look over what is set before the database is opened, and return the trusted documents.

    Raises:
        StartRefused: a manifest is broken, or a key is missing that another database needs.
    """
    if settings.token_key is None and settings.database_url is not None:
        raise StartRefused("BAILIWICK_TOKEN_KEY must be set when the database is not embedded.")
    if settings.documents is None:
        return {}
    try:
        return read_manifests(settings.documents)
    except ManifestBroken as broken:
        raise StartRefused(str(broken)) from broken


def _rates(settings: Settings) -> Rates:
    whole = Allowance(
        request=settings.request_points,
        principal=settings.principal_points,
        tenant=settings.tenant_points,
        concurrent=settings.tenant_requests,
    )
    return Rates(whole.shared_by(settings.processes))


def _provider(settings: Settings, base: Base) -> "Provider | None":
    if settings.oidc_issuer is None or settings.oidc_audience is None:
        return None
    from service.identity.providers import Provider  # noqa: PLC0415 - brings an HTTP client

    return Provider(
        settings.oidc_issuer, settings.oidc_audience, base.clock, settings.oidc_jwks_url
    )


def load_beforehand() -> None:
    """Load and build what every process that is forked from this one will share."""
    _schema()
    _give_memory_back()


def _schema() -> Schema:
    """Build the schema where others made room for it; a second time, return it."""
    fields_lightened()
    # What lies in every folder that modules came from; who loads one later looks again.
    sys.path_importer_cache.clear()
    return build_schema()


def _give_memory_back() -> None:
    """Return to the system what building the schema needed for a moment: a sixth of the process."""
    fields_lightened()
    gc.collect()
    gc.freeze()
    # A request makes thousands of objects and leaves none in a circle: seven times in it would the
    # collector look for some.
    gc.set_threshold(_OBJECTS_UNTIL_COLLECTED, 20, 20)
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        # It would be raised by the largest piece ever freed, and the megabytes below it be kept.
        library.mallopt(_TRIM_THRESHOLD, _MOST_BYTES_KEPT)
        library.malloc_trim(0)


async def serve_http(
    settings: Settings, base: Base, listener: socket.socket, trusted: Mapping[str, Registered]
) -> None:
    """Serve the API on a listening socket until cancelled; running requests are drained."""
    app = web_app(settings, base, trusted)
    if settings.processes == 1:
        gather_in_large_pages()
    config = Config(
        app,
        http=PatientProtocol,
        # Asked, it would look for a coroutine: ours hands one on.
        interface="asgi3",
        timeout_keep_alive=settings.keep_alive_seconds,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        date_header=True,
        # Failed sign-ins are counted by address: nobody unknown may say which one is his.
        proxy_headers=settings.trusted_proxy is not None,
        forwarded_allow_ips=settings.trusted_proxy or "",
        timeout_graceful_shutdown=_DRAIN_SECONDS,
        **SOCKETS,
    )
    watch_answers(app.streams, app.plan_bytes)
    server = _Server(config)
    patience = Patience(headers=settings.headers_seconds, body=settings.body_seconds)
    watching = asyncio.ensure_future(keep_watch(server.server_state.connections, patience))
    serving = asyncio.ensure_future(server.serve(sockets=[listener]))
    try:
        async with metrics_served(settings, base, "api"):
            await asyncio.shield(serving)
    except asyncio.CancelledError:
        if app.streams is not None:
            # They never end by themselves: their clients come again, to another process.
            await app.streams.close()
        server.should_exit = True
        await serving
        raise
    finally:
        watching.cancel()
