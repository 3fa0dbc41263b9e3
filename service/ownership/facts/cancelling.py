"""What the end of a deal is decided from: what it has converted, and what is entered of it."""

from collections.abc import Sequence
from uuid import UUID

from service.database.session import Row, Session
from service.ownership.facts.records import DealFacts
from service.work import UnitOfWork


async def converted_by(work: UnitOfWork, deal: DealFacts) -> Sequence[Row]:
    """Lock and return the registrations that a deal converted, by id.

    `until` is when another deal of the customer, which stands, would have converted them.
    """
    await work.lock(
        "SELECT id FROM app.registration WHERE tenant_id = $1 AND party_id = $2"
        " AND converted_at IS NOT NULL ORDER BY id FOR NO KEY UPDATE",
        work.tenant_id,
        deal.party_id,
    )
    # Its own statement: who waited for the locks reads what the other has done.
    return await work.fetch(
        "SELECT r.id, (SELECT min(o.signed_at) FROM app.deal o WHERE o.tenant_id = $1"
        "   AND o.party_id = $2 AND o.signed_at > $3 AND o.cancelled_at IS NULL) AS until"
        " FROM app.registration r WHERE r.tenant_id = $1 AND r.party_id = $2"
        " AND r.converted_at = $3 ORDER BY r.id",
        work.tenant_id,
        deal.party_id,
        deal.signed_at,
    )


async def lock_dispute_of(work: UnitOfWork, deal_id: UUID) -> None:
    """Lock the dispute that began about a deal's customer, if there is one: before the deal."""
    await work.lock(
        "SELECT id FROM app.dispute WHERE tenant_id = $1 AND deal_id = $2"
        " AND subject = 'CUSTOMER' FOR NO KEY UPDATE",
        work.tenant_id,
        deal_id,
    )


async def takes_part(session: Session, deal_id: UUID, member_id: UUID) -> bool:
    """Tell whether somebody takes part in a deal besides its owner and its closer."""
    found = await session.fetch_value(
        "SELECT true FROM app.deal_member WHERE tenant_id = $1 AND deal_id = $2 AND member_id = $3",
        session.tenant_id,
        deal_id,
        member_id,
    )
    return bool(found)


async def parts_in(session: Session, deal_id: UUID) -> list[UUID]:
    """Return who takes part in a deal besides its owner and its closer."""
    rows = await session.fetch(
        "SELECT member_id FROM app.deal_member WHERE tenant_id = $1 AND deal_id = $2"
        " ORDER BY member_id",
        session.tenant_id,
        deal_id,
    )
    return [row["member_id"] for row in rows]


async def entered(session: Session, deal_id: UUID) -> Sequence[Row]:
    """Return what the credit ledger has of a locked deal and was not taken back."""
    return await session.fetch(
        "SELECT e.* FROM app.credit_entry e WHERE e.tenant_id = $1 AND e.deal_id = $2"
        " AND e.reverses_id IS NULL AND NOT EXISTS (SELECT FROM app.credit_entry r"
        "   WHERE r.tenant_id = $1 AND r.reverses_id = e.id) ORDER BY e.id",
        session.tenant_id,
        deal_id,
    )


async def has_whole_credit(session: Session, decision_id: UUID, member_id: UUID) -> bool:
    """Tell whether a decision gave all of the credit to a member."""
    found: bool = await session.fetch_value(
        "SELECT EXISTS (SELECT FROM app.credit_share WHERE tenant_id = $1 AND decision_id = $2"
        " AND member_id = $3 AND basis_points = 10000)",
        session.tenant_id,
        decision_id,
        member_id,
    )
    return found


async def holders_of(session: Session, decision_id: UUID) -> list[UUID]:
    """Return whom a decision gave a share of the credit."""
    rows = await session.fetch(
        "SELECT member_id FROM app.credit_share"
        " WHERE tenant_id = $1 AND decision_id = $2 AND member_id IS NOT NULL ORDER BY id",
        session.tenant_id,
        decision_id,
    )
    return [row["member_id"] for row in rows]
