"""Settings: read once from the environment into a frozen object, and handed down.

Every setting is an environment variable beginning `BAILIWICK_`; one that is unknown or wrong
stops the start and is named.
"""

import os
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

PREFIX = "BAILIWICK_"
# How the database is named, wherever that is said: every role of ours has the one password.
DATABASE_URL = "postgresql://:PASSWORD@HOST:PORT/NAME"


class SettingsWrong(Exception):
    """A setting is unknown or malformed; the message is one sentence that names it."""


class Settings(BaseModel):
    """What an operator may set; each field's description says what it is for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path | None = Field(
        default=None,
        description="Folder of the embedded database and of the keys the product makes for itself;"
        " its whole path, from / on."
        " Default: /var/lib/bailiwick for root, else the user's state folder.",
    )
    database: str = Field(
        default="bailiwick",
        pattern=r"^[a-z_][a-z0-9_]{0,62}$",
        description="Name of the database in the embedded server.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description=f"Another PostgreSQL 18 instead of the embedded one: {DATABASE_URL};"
        " the password is that of every role of ours.",
    )
    server_account: str | None = Field(
        default=None,
        description="Unprivileged account that runs the embedded server when root starts it."
        " Default: nobody.",
    )
    host: str = Field(default="127.0.0.1", description="Address the API listens on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port of the API; 0 takes any.")
    processes: int = Field(
        default=1,
        ge=1,
        le=64,
        description="API processes of `bailiwick serve`: one for each core the database does not"
        " use.",
    )
    trusted_proxy: str | None = Field(
        default=None,
        description="Address or network of the proxy before the API, several with commas: only from"
        " there is X-Forwarded-For believed. Default: from nobody.",
    )
    allowed_origins: str | None = Field(
        default=None,
        description="Pages of other addresses that may open a WebSocket, several with commas, like"
        " https://app.example. Default: only those of the API's own address.",
    )
    documents: Path | None = Field(
        default=None,
        description="Folder of the clients' manifests, CLIENT/RELEASE.json, whose documents may be"
        " named by their hash; see `bailiwick documents check`.",
    )
    request_points: int = Field(
        default=20_000, ge=1, description="What one operation may cost at most, in points."
    )
    principal_points: int = Field(
        default=60_000,
        ge=1,
        description="Points that one member may spend in a minute, in each process.",
    )
    tenant_points: int = Field(
        default=600_000,
        ge=1,
        description="Points that all of a company may spend in a minute; each of `processes` has"
        " its part of them.",
    )
    tenant_requests: int = Field(
        default=64,
        ge=1,
        description="Requests of one company that run at the same time; each of `processes` has"
        " its part of them, and more of them wait.",
    )
    read_seconds: int = Field(
        default=2,
        ge=1,
        le=60,
        description="How long one statement of a query may take before it is given up"
        " (`TIMED_OUT`). One of a command may take 5 seconds, of the product's own work 30.",
    )
    headers_seconds: int = Field(
        default=10,
        ge=1,
        le=60,
        description="How long a client may take for the headers of a request.",
    )
    body_seconds: int = Field(
        default=30,
        ge=1,
        le=600,
        description="How long it may take for the body; one that sends less than 4 kB in 10 seconds"
        " is closed before.",
    )
    keep_alive_seconds: int = Field(
        default=75,
        ge=1,
        le=3600,
        description="How long an idle connection is kept; longer than a proxy before the API keeps"
        " its own.",
    )
    pool_size: int = Field(
        default=8, ge=1, le=100, description="Database connections of one process."
    )
    password_sign_in: bool = Field(
        default=False, description="Allow name and password at /auth/token (demo, small tenants)."
    )
    token_key: SecretStr | None = Field(
        default=None,
        description="Secret that signs access tokens, 32 characters or more."
        " Default: made once and kept in the home folder.",
    )
    issuer: str = Field(
        default="https://bailiwick.invalid", description="Issuer named in the access tokens."
    )
    access_token_seconds: int = Field(
        default=600, ge=60, le=3600, description="Life of an access token."
    )
    refresh_token_days: int = Field(
        default=30, ge=1, le=365, description="Life of a sign-in on one device."
    )
    oidc_issuer: str | None = Field(
        default=None,
        description="Identity provider whose bearer tokens are accepted; https, or this machine.",
    )
    oidc_audience: str | None = Field(
        default=None, description="Audience those tokens must name; needed with the issuer."
    )
    oidc_jwks_url: str | None = Field(
        default=None, description="Where the provider's keys are; default: as it publishes."
    )
    graphiql: bool = Field(
        default=False, description="Show the in-browser IDE at /graphql; for development."
    )
    request_log: bool = Field(
        default=True,
        description="One line of the log for each request; slow ones and faults always have one.",
    )
    slow_seconds: float = Field(
        default=1.0, gt=0, le=60, description="From here on a request is logged as slow."
    )
    metrics_port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        description="Serve /metrics on this port; each further process takes the next free one."
        " Default: no metrics are served.",
    )
    metrics_host: str = Field(
        default="127.0.0.1",
        description="Address /metrics is served on: one that only operators can reach.",
    )
    otlp_endpoint: str | None = Field(
        default=None,
        description="OpenTelemetry collector that traces are sent to, by OTLP over HTTP:"
        " http://collector:4318. Default: nothing is traced.",
    )
    trace_ratio: float = Field(
        default=0.01,
        ge=0,
        le=1,
        description="Share of the operations that are traced, besides those whose caller traces"
        " them.",
    )
    trace_documents: bool = Field(
        default=False,
        description="Let a trace carry the document's text; for development. Never variables.",
    )
    planner: bool = Field(
        default=True,
        description="Answer a query by one statement where that is possible; off reads it field by"
        " field, with the same answers.",
    )
    pipelining: bool = Field(
        default=True,
        description="Send what begins a transaction, and whose it is, on the trip of its first"
        " statement; off makes it a trip of its own, by the driver's public functions alone, with"
        " the same answers.",
    )
    log_level: str = Field(
        default="info", pattern="^(debug|info|warning|error)$", description="How much is logged."
    )

    @property
    def origins(self) -> tuple[str, ...]:
        """The pages of other addresses that may open a WebSocket."""
        return _listed(self.allowed_origins)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the settings.

        Raises:
            SettingsWrong: names the variable and what it should be.
        """
        found = dict(os.environ if environment is None else environment)
        ours = {name: value for name, value in found.items() if name.startswith(PREFIX)}
        known = {f"{PREFIX}{name.upper()}" for name in cls.model_fields}
        unknown = sorted(name for name in ours if name.upper() not in known)
        if unknown:
            raise SettingsWrong(f"{unknown[0]} is not a setting; see `bailiwick settings`.")
        empty = sorted(name for name, value in ours.items() if not value.strip())
        if empty:
            raise SettingsWrong(f"{empty[0]} is empty: give it a value, or leave it out.")
        values: dict[str, Any] = {
            name.removeprefix(PREFIX).lower(): value for name, value in ours.items()
        }
        try:
            settings = cls.model_validate(values)
        except ValidationError as error:
            fault = error.errors()[0]
            name = f"{PREFIX}{str(fault['loc'][0]).upper()}" if fault["loc"] else PREFIX
            raise SettingsWrong(f"{name} is not usable: {fault['msg']}.") from None
        if settings.home is not None and not settings.home.is_absolute():
            raise SettingsWrong(
                "BAILIWICK_HOME must be a whole path, from / on: another would be another folder"
                " for each place a command is started from."
            )
        _refuse_wrong_peers(settings)
        if (settings.oidc_issuer is None) != (settings.oidc_audience is None):
            raise SettingsWrong(
                "BAILIWICK_OIDC_ISSUER and BAILIWICK_OIDC_AUDIENCE are set together or not at all."
            )
        if settings.otlp_endpoint is not None and not _is_address(settings.otlp_endpoint):
            raise SettingsWrong("BAILIWICK_OTLP_ENDPOINT must read http://host:4318, or https.")
        for name in ("oidc_issuer", "oidc_jwks_url"):
            address = getattr(settings, name)
            if address is not None and not _trustworthy(address):
                raise SettingsWrong(
                    f"{PREFIX}{name.upper()} must be an https address:"
                    " who can change the keys on their way can sign in as anybody."
                )
        if settings.token_key and len(settings.token_key.get_secret_value()) < 32:  # noqa: PLR2004 - said in the description
            raise SettingsWrong("BAILIWICK_TOKEN_KEY needs 32 characters or more.")
        return settings

    def described(self) -> list[tuple[str, str, str]]:
        """Return variable, value and description of every setting; secrets are not shown."""
        rows = []
        for name, item in type(self).model_fields.items():
            value = getattr(self, name)
            shown = "" if value is None else str(value)
            rows.append((f"{PREFIX}{name.upper()}", shown, item.description or ""))
        return rows


def _refuse_wrong_peers(settings: Settings) -> None:
    if not _is_host(settings.host):
        raise SettingsWrong("BAILIWICK_HOST must be an address or a name of this machine.")
    if not all(_is_network(one) for one in _listed(settings.trusted_proxy)):
        raise SettingsWrong(
            "BAILIWICK_TRUSTED_PROXY must be addresses or networks: 10.0.0.5 or 10.0.0.0/24."
        )
    if not all(_is_origin(one) for one in settings.origins):
        raise SettingsWrong(
            "BAILIWICK_ALLOWED_ORIGINS must be origins as browsers send them, without a path:"
            " https://app.example."
        )


def _listed(several: str | None) -> tuple[str, ...]:
    return () if several is None else tuple(one.strip() for one in several.split(","))


def _is_host(name: str) -> bool:
    try:
        return bool(name.encode("idna")) and not any(mark in name for mark in "/@ \t")
    except UnicodeError:
        return False


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def _is_origin(text: str) -> bool:
    parts = urlsplit(text)
    return (
        _is_address(text) and text == f"{parts.scheme}://{parts.netloc}".lower() and "@" not in text
    )


def _trustworthy(address: str) -> bool:
    """Tell whether nobody between us and an address can answer in its place."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(host)
    return parts.scheme == "http" and _is_loopback(host)


def _is_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
