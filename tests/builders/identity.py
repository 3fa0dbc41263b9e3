"""People who can sign in, the tenants they may enter, and the door they come through."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from starlette.applications import Starlette

from service.clock import ManualClock, new_id
from service.database.connections import Location, open_pool
from service.database.security import IDENTITY
from service.identity.accounts import Accounts
from service.identity.passwords import hashed_now
from service.identity.providers import Provider
from service.identity.sign_in import SignIns
from service.identity.tokens import Tokens
from service.web.authentication import Authentication

PASSWORD = "海棠花開 2026"  # noqa: S105 - of nobody
# Hashing takes 40 ms: once is enough for all tests.
PASSWORD_HASH = hashed_now(PASSWORD)


async def identity_pool_of(location: Location) -> "asyncpg.Pool[Any]":
    """Open a pool under the sign-in role."""
    return await open_pool(location, IDENTITY, 8)


@dataclass(slots=True)
class Stopwatch:
    """Seconds that pass when told to."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass(slots=True)
class Door:
    """The routes under /auth on a real database, and a client in front of them."""

    pool: "asyncpg.Pool[Any]"
    clock: ManualClock
    provider: Provider | None = None
    password_allowed: bool = True
    address: str = field(default_factory=lambda: f"place-{new_id()}")
    stopwatch: Stopwatch = field(default_factory=Stopwatch)
    authentication: Authentication = field(init=False)
    tokens: Tokens = field(init=False)

    def __post_init__(self) -> None:
        life = timedelta(minutes=10)
        self.tokens = Tokens("k" * 32, "https://bailiwick.test", life, self.clock)
        sign_ins = SignIns(self.pool, self.tokens, self.clock, 30, stopwatch=self.stopwatch)
        self.authentication = Authentication(
            sign_ins, self.tokens, self.provider, password_allowed=self.password_allowed
        )

    async def post(self, path: str, body: object, **headers: str) -> httpx.Response:
        """Send JSON from the door's address."""
        app = Starlette(routes=self.authentication.routes())
        transport = httpx.ASGITransport(app=app, client=(self.address, 50000))
        async with httpx.AsyncClient(transport=transport, base_url="https://door.test") as client:
            return await client.post(path, json=body, headers=headers)

    async def knock(self, name: str, password: str = PASSWORD, **more: str) -> httpx.Response:
        """Ask for tokens with a password."""
        body = {"grant_type": "password", "username": name, "password": password, **more}
        return await self.post("/auth/token", body)

    async def refresh(self, refresh_token: str, **more: str) -> httpx.Response:
        """Ask for the next tokens."""
        body = {"grant_type": "refresh_token", "refresh_token": refresh_token, **more}
        return await self.post("/auth/token", body)

    async def leave(self, refresh_token: str, **more: object) -> httpx.Response:
        """Sign out."""
        return await self.post("/auth/sign-out", {"refresh_token": refresh_token, **more})


@dataclass(frozen=True, slots=True)
class Company:
    """A tenant as the directory knows it."""

    id: UUID
    code: str
    name: str


async def a_company(
    pool: "asyncpg.Pool[Any]", tenant_id: UUID | None = None, *, state: str = "ACTIVE"
) -> Company:
    """Enter a tenant in the directory."""
    made = tenant_id or new_id()
    company = Company(made, f"c-{made.hex}", "華庭地產")
    await pool.execute(
        "INSERT INTO app.global_tenant_directory"
        " (tenant_id, code, name, industry, cluster, state, tenant_state, generation, created_at)"
        " VALUES ($1, $2, $3, 'property-developer', 'default', $4, 'ACTIVE', 1, $5)",
        company.id,
        company.code,
        company.name,
        state,
        datetime(2026, 1, 5, tzinfo=UTC),
    )
    return company


async def set_tenant_state(pool: "asyncpg.Pool[Any]", company: Company, state: str) -> None:
    """Suspend, close or resume a tenant in the directory."""
    await pool.execute(
        "UPDATE app.global_tenant_directory SET tenant_state = $2 WHERE tenant_id = $1",
        company.id,
        state,
    )


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in."""

    id: UUID
    name: str
    member_ids: dict[UUID, UUID]


async def a_person(
    pool: "asyncpg.Pool[Any]",
    clock: ManualClock,
    *companies: Company,
    operator: bool = False,
    password_hash: str | None = PASSWORD_HASH,
    member_id: UUID | None = None,
) -> Person:
    """Make somebody known, with a membership in each company."""
    accounts = Accounts(pool, clock)
    name = f"chen.mei-{new_id().hex}"
    user_id = await accounts.add_user(name, password_hash, operator=operator)
    members = {}
    for company in companies:
        members[company.id] = member_id or new_id()
        await accounts.admit(user_id, company.id, members[company.id])
    return Person(user_id, name, members)
