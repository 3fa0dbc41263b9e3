"""A house of its own for load: lasting database, tenants with reps on the floor, a real server."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from pydantic import SecretStr

from service.app.base import Base, opened
from service.clock import SystemClock
from service.identity.tokens import Claims, Tokens
from service.organisation.actors import Callers
from service.reception.commands import SignIn, sign_in
from service.settings import Settings
from service.work import Transactions
from tests.benchmarks.load import ENDLESS, Serving, free_port
from tests.builders.tenants import TenantHandle, a_tenant

KEY = "a key for tests only, of more than 32 characters"


@dataclass(frozen=True, slots=True)
class Showroom:
    """A tenant's site with reps signed in, and the token of its desk."""

    tenant: TenantHandle
    reps: tuple[UUID, ...]
    token: str

    @property
    def site(self) -> str:
        """Return the site's id as the API has it."""
        return f"site_{self.tenant.site_id}"


@dataclass(frozen=True, slots=True)
class House:
    """What the load is put on."""

    base: Base
    home: Path
    showrooms: list[Showroom]

    def server(self) -> Serving:
        """Return a server process on this house's database, not yet started."""
        port = free_port()
        environment = {
            "BAILIWICK_HOME": str(self.home),
            "BAILIWICK_PORT": str(port),
            "BAILIWICK_TOKEN_KEY": KEY,
            "BAILIWICK_LOG_LEVEL": "warning",
            **ENDLESS,
        }
        return Serving(["-m", "service.start", "serve"], environment, port)


def token_for(tenant_id: UUID, member_id: UUID) -> str:
    """Return an access token of a member, good for an hour."""
    settings = Settings(token_key=SecretStr(KEY))
    tokens = Tokens(KEY, settings.issuer, timedelta(hours=1), SystemClock())
    return tokens.issue(Claims(uuid4(), tenant_id, member_id, False, None))


@asynccontextmanager
async def house(
    showrooms: int, reps: int = 10, *, folder: Path | None = None
) -> AsyncIterator[House]:
    """Build the house; everything of it is gone afterwards.

    Args:
        showrooms: how many, each a tenant's.
        reps: how many of them are on the floor of each.
        folder: where its data lies; on the disk, if not said.
    """
    home = Path(tempfile.mkdtemp(prefix="bailiwick-load-", dir=folder))
    home.chmod(0o711)
    try:
        async with opened(Settings(home=home, token_key=SecretStr(KEY)), making=True) as base:
            rooms = [await _showroom(base, reps) for _ in range(showrooms)]
            yield House(base, home, rooms)
    finally:
        shutil.rmtree(home, ignore_errors=True)


async def _showroom(base: Base, reps: int) -> Showroom:
    tenant = await a_tenant(Transactions(base.application_pool, base.clock, Callers()))
    await base.identity_pool.execute(
        "INSERT INTO app.global_tenant_directory (tenant_id, code, name, industry, cluster, state,"
        " tenant_state, generation, created_at)"
        " VALUES ($1, $2, 'load', 'property-developer', 'default', 'ACTIVE', 'ACTIVE', 1, $3)",
        tenant.id,
        f"load-{tenant.id.hex}",
        base.clock.now(),
    )
    members = await tenant.members(*(f"顧問{number}" for number in range(reps)))
    desk = await tenant.member("前台", role="desk-clerk")
    await tenant.do(sign_in, SignIn(site_id=tenant.site_id, member_ids=members), by=desk)
    return Showroom(tenant, members, token_for(tenant.id, desk))
