"""Finds again what a tenant was made with: its ids by the codes of its template."""

from uuid import UUID

from service.simulation.lending import FoundTenant
from service.work import Caller, Transactions

_MADE = """
SELECT t.created_at,
    (SELECT jsonb_object_agg(code, id) FROM app.org_unit WHERE tenant_id = $1),
    (SELECT jsonb_object_agg(code, id) FROM app.territory WHERE tenant_id = $1),
    (SELECT jsonb_object_agg(code, id) FROM app.site WHERE tenant_id = $1),
    (SELECT jsonb_object_agg(code, id) FROM app.role WHERE tenant_id = $1)
FROM app.tenant t WHERE t.tenant_id = $1
"""


async def look_up_tenant(
    transactions: Transactions, tenant_id: UUID, admin_id: UUID
) -> FoundTenant:
    """Return a tenant's ids by their codes; its beginning is when it was made."""
    async with transactions.sight(Caller(tenant_id, None, "simulation")) as sight:
        made_at, *found = await sight.fetch_only(_MADE, tenant_id)
    units, territories, sites, roles = (
        {code: UUID(id_) for code, id_ in ids.items()} for ids in found
    )
    return FoundTenant(tenant_id, admin_id, made_at, units, territories, sites, roles)
