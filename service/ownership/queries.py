"""What is read of ownership that is no plain row: a deal's credit, judged by the clock."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.database.session import Session
from service.errors import NotFound
from service.ownership import facts
from service.ownership.rules import Phase, Share, is_final


@dataclass(frozen=True, slots=True)
class Credit:
    """Whose result a deal is now, by which decision, and whether that can still change.

    Attributes:
        reversed: the deal fell through: nobody has a share, whoever the decision gave it to.
    """

    deal_id: UUID
    decision_id: UUID
    rule: str
    clause: str
    shares: tuple[Share, ...]
    final: bool
    claims_close_at: datetime
    reversed: bool = False


async def credit_of(session: Session, deal_id: UUID, now: datetime) -> Credit:
    """Return a deal's credit as the clock says, whether the worker came by or not (TM-8).

    Raises:
        NotFound: the tenant has no such deal.
    """
    rows = await session.fetch(
        "SELECT d.claims_close_at, d.cancelled_at, c.id AS decision_id, c.rule, c.clause,"
        " c.outcome ->> 'final' AS final, s.holder, s.member_id, s.basis_points, x.appeal_until"
        " FROM app.deal d"
        " JOIN app.decision c ON c.tenant_id = $1 AND c.id = d.credit_decision_id"
        " JOIN app.credit_share s ON s.tenant_id = $1 AND s.deal_id = d.id"
        "   AND s.decision_id = d.credit_decision_id"
        " LEFT JOIN app.dispute x ON x.tenant_id = $1 AND x.deal_id = d.id"
        " WHERE d.tenant_id = $1 AND d.id = $2 ORDER BY s.basis_points DESC, s.id",
        session.tenant_id,
        deal_id,
    )
    if not rows:
        raise NotFound
    first = rows[0]
    cancelled = first["cancelled_at"] is not None
    shares = tuple(Share(r["holder"], r["member_id"], r["basis_points"]) for r in rows)
    return Credit(
        deal_id=deal_id,
        decision_id=first["decision_id"],
        rule=first["rule"],
        clause=first["clause"],
        shares=() if cancelled else shares,
        final=cancelled
        or is_final(first["final"], first["claims_close_at"], now, first["appeal_until"]),
        claims_close_at=first["claims_close_at"],
        reversed=cancelled,
    )


async def dispute_state(session: Session, dispute_id: UUID, now: datetime) -> str:
    """Return where a dispute stands as the clock says, in the API's words.

    Raises:
        NotFound: the tenant has no such dispute.
    """
    known = (await facts.dispute(session, dispute_id)).standing
    phase = known.phase(now)
    if phase is Phase.OVER:
        if known.cancelled_at is not None:
            return "CANCELLED"
        if known.settled_at is not None:
            return "SETTLED"
        return "DECIDED" if known.appeal_decided_at is None else "FINAL"
    return "APPEALED" if phase is Phase.APPEAL else str(phase)
