"""Completing tenants of earlier releases from their templates, from the command line."""

from collections.abc import Callable

from service.app.administering import tenant_of, worded
from service.app.base import OPERATOR, Base, StartRefused
from service.errors import Refusal, Refusals
from service.provisioning.upgrading import UpgradeTenant, upgrade_tenant
from service.tenants.tables import PlacementState, TenantState


async def upgrade_tenants(
    base: Base, code: str | None, say: Callable[[str], None], *, dry_run: bool
) -> str:
    """Complete one tenant, or by None all, each in its own transaction; return a last line.

    Args:
        base: the opened base.
        code: which tenant.
        say: is given every addition, what is left out and why one was refused, a line each.
        dry_run: only say what is missing.

    Raises:
        StartRefused: there is no tenant of that code; or some were refused and are as they were,
            all others being complete.
    """
    codes = [code] if code is not None else await _everyone(base)
    count, refused = 0, list[str]()
    for one in codes:
        order = UpgradeTenant(await tenant_of(base, one), dry_run=dry_run)
        try:
            found = await upgrade_tenant(base.transactions, order, OPERATOR)
        except (Refusal, Refusals) as error:
            say(f"{one}: refused: {worded(error)}")
            refused.append(one)
            continue
        for line in found.lines():
            say(f"{one}: {line}")
            count += 1
        for line in found.left_out:
            say(f"{one}: left out: {line}")
    summary = f"{count} {'missing' if dry_run else 'added'} in {len(codes) - len(refused)} tenants"
    if refused:
        raise StartRefused(f"{summary}; refused, and left as they were: {', '.join(refused)}")
    return summary


async def _everyone(base: Base) -> list[str]:
    rows = await base.identity_pool.fetch(
        "SELECT code FROM app.global_tenant_directory"
        " WHERE state = $1 AND tenant_state <> $2 ORDER BY code",
        PlacementState.ACTIVE.value,
        TenantState.CLOSED.value,
    )
    return [row["code"] for row in rows]
