"""What an operator asks of the journal: is it as it was written?"""

from collections.abc import Callable, Sequence
from uuid import UUID

from service.app.base import Base, StartRefused
from service.clock import new_id
from service.journal.sealing import Verified, has_head, sentences, verify
from service.work import Caller

Say = Callable[[str], None]


async def tenants_of(base: Base, code: str | None) -> Sequence[tuple[str, UUID]]:
    """Return codes and ids of one tenant or of all.

    Raises:
        StartRefused: there is no such tenant.
    """
    rows = await base.identity_pool.fetch(
        "SELECT code, tenant_id FROM app.global_tenant_directory"
        " WHERE tenant_id IS NOT NULL AND ($1::text IS NULL OR code = $1) ORDER BY code",
        code,
    )
    if code is not None and not rows:
        raise StartRefused(f"There is no tenant {code}; see `bailiwick tenant list`.")
    return [(row["code"], row["tenant_id"]) for row in rows]


async def verify_tenants(base: Base, code: str | None, head: str, say: Say) -> int:
    """Verify tenants one after the other, say what was found, and return how much it was."""
    total = 0
    for name, tenant_id in await tenants_of(base, code):
        caller = Caller(tenant_id, None, f"verify-{new_id()}")
        async with base.transactions.sight(caller) as sight:
            verified = await verify(sight)
            lost = bool(head) and not await has_head(sight, head)
        total += len(verified.found) + lost
        say(_summary(name, verified))
        for sentence in sentences(verified):
            say(f"  {sentence}")
        if lost:
            say("  the head noted earlier is in no seal: seals were removed or made anew")
    return total


def _summary(name: str, verified: Verified) -> str:
    outcome = f"{len(verified.found)} TOUCHED" if verified.found else "untouched"
    return (
        f"{name}: {verified.lines} lines in {verified.seals} seals, {outcome},"
        f" {verified.waiting} to be sealed; head {verified.head or 'none'}"
    )
