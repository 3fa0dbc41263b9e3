"""Who takes part in deals, as the table has it and as what happened has it."""

from uuid import UUID

from service.work import Transactions, UnitOfWork

KEPT = "SELECT deal_id, member_id, signed_at FROM app.deal_member WHERE tenant_id = $1"
HAPPENED = """
SELECT d.id AS deal_id, part.member_id, d.signed_at
FROM app.deal d
JOIN (
    SELECT c.deal_id, c.claimant_id AS member_id FROM app.claim c WHERE c.tenant_id = $1
    UNION SELECT h.deal_id, h.member_id FROM app.credit_share h WHERE h.tenant_id = $1
    UNION SELECT x.deal_id, x.first_member_id FROM app.dispute x WHERE x.tenant_id = $1
    UNION SELECT x.deal_id, x.second_member_id FROM app.dispute x WHERE x.tenant_id = $1
    UNION SELECT o.subject_id, told.id::uuid
        FROM app.outbox o, jsonb_array_elements_text(o.body->'tracking_ids') told (id)
        WHERE o.tenant_id = $1 AND o.kind = 'DealRecorded'
) part ON part.deal_id = d.id
WHERE d.tenant_id = $1 AND part.member_id IS NOT NULL
"""
Parts = set[tuple[UUID, ...]]


async def parts_in_deals(transactions: Transactions, tenant_id: UUID) -> tuple[Parts, Parts]:
    """Return both."""

    async def read(work: UnitOfWork) -> list[Parts]:
        return [
            {tuple(row) for row in await work.fetch(sql, tenant_id)} for sql in (KEPT, HAPPENED)
        ]

    kept, happened = await transactions.internally(tenant_id, "parts_in_deals", read)
    return kept, happened
