"""What disputes are decided from: where one stands, and whose the customer is that it is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from service.calendar import day_of, start_of_day
from service.database.session import Row, Session
from service.errors import NotFound
from service.ownership.facts.records import DealFacts, deal, locked_deals, standing_of
from service.ownership.rules import Standing
from service.ownership.tables import DisputeSubject
from service.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Disputed:
    """A dispute and what it is about.

    Attributes:
        began_about: what it was opened about.
        deal: the deal; None as long as it is about a customer who has not signed.
    """

    standing: Standing
    began_about: DisputeSubject
    party_id: UUID
    site_id: UUID
    org_unit_id: UUID | None
    territory_id: UUID | None
    zone: ZoneInfo
    deal: DealFacts | None

    @property
    def deal_id(self) -> UUID | None:
        """The deal, if there is one."""
        return None if self.deal is None else self.deal.id

    @property
    def about(self) -> DisputeSubject:
        """What is at stake now: once there is a deal, its credit."""
        return DisputeSubject.CUSTOMER if self.deal is None else DisputeSubject.DEAL

    @property
    def two(self) -> tuple[UUID, UUID]:
        """Whose dispute it is."""
        return self.standing.first_id, self.standing.second_id

    def standing_as(self, standing: Standing) -> "Disputed":
        """Return it after a step in it."""
        of_deal = None if self.deal is None else replace(self.deal, dispute=standing)
        return replace(self, standing=standing, deal=of_deal)


_DISPUTES = """
SELECT to_jsonb(x) AS dispute, x.subject, x.deal_id, x.party_id, x.site_id, x.org_unit_id,
    x.territory_id, s.time_zone
FROM app.dispute x JOIN app.site s ON s.tenant_id = $1 AND s.id = x.site_id
WHERE x.tenant_id = $1 AND {}
"""


def _disputed(row: Row, of_deal: DealFacts | None) -> Disputed:
    return Disputed(
        standing=standing_of(row["dispute"]),
        began_about=DisputeSubject(row["subject"]),
        party_id=row["party_id"],
        site_id=row["site_id"],
        org_unit_id=row["org_unit_id"],
        territory_id=row["territory_id"],
        zone=ZoneInfo(row["time_zone"]),
        deal=of_deal,
    )


async def dispute(session: Session, dispute_id: UUID) -> Disputed:
    """Return a dispute as it stands, without a lock.

    Raises:
        NotFound: the tenant has no such dispute.
    """
    row = await _row(session, dispute_id)
    of_deal = None if row["deal_id"] is None else await deal(session, row["deal_id"])
    return _disputed(row, of_deal)


async def _row(session: Session, dispute_id: UUID) -> Row:
    row = await session.fetch_one(_DISPUTES.format("x.id = $2"), session.tenant_id, dispute_id)
    if row is None:
        raise NotFound(field=("input", "disputeId"))
    return row


async def locked_dispute(work: UnitOfWork, dispute_id: UUID) -> Disputed:
    """Lock a dispute and return it as it stands now.

    One that began about a customer is locked itself, and then its deal, if he has signed.

    Raises:
        NotFound: the tenant has no such dispute.
    """
    row = await _row(work, dispute_id)
    if row["subject"] == DisputeSubject.CUSTOMER:
        await work.lock(
            "SELECT id FROM app.dispute WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE",
            work.tenant_id,
            dispute_id,
        )
        # Who waited for the lock reads what the other has done.
        row = await _row(work, dispute_id)
    if row["deal_id"] is None:
        return _disputed(row, None)
    (of_deal,) = await locked_deals(work, [row["deal_id"]])
    found = _disputed(row, of_deal)
    return found if of_deal.dispute is None else found.standing_as(of_deal.dispute)


async def lock_registers_of_two(work: UnitOfWork, dispute_id: UUID) -> None:
    """Lock what an outcome may pass on: the two's registers, and their entries of the customer.

    Before the dispute itself; nothing where it began about a deal.
    """
    await work.lock(
        "SELECT b.id FROM app.register_book b JOIN app.dispute x ON x.tenant_id = $1 AND x.id = $2"
        " AND x.subject = 'CUSTOMER' WHERE b.tenant_id = $1 AND b.site_id = x.site_id"
        " AND b.member_id IN (x.first_member_id, x.second_member_id) AND b.voided_at IS NULL"
        " ORDER BY b.id FOR NO KEY UPDATE OF b",
        work.tenant_id,
        dispute_id,
    )
    await work.lock(
        "SELECT r.id FROM app.registration r JOIN app.dispute x ON x.tenant_id = $1 AND x.id = $2"
        " AND x.subject = 'CUSTOMER' WHERE r.tenant_id = $1 AND r.party_id = x.party_id"
        " AND r.site_id = x.site_id AND r.member_id IN (x.first_member_id, x.second_member_id)"
        " ORDER BY r.id FOR NO KEY UPDATE OF r",
        work.tenant_id,
        dispute_id,
    )


async def open_dispute_of(
    session: Session, party_id: UUID, site_id: UUID, now: datetime
) -> Disputed | None:
    """Lock and return the dispute about a customer at a site that can still end otherwise."""
    rows = await session.fetch(
        _DISPUTES.format(
            "x.party_id = $2 AND x.site_id = $3 AND x.deal_id IS NULL"
            " AND (x.ended_at IS NULL OR x.appeal_until > $4 AND x.appealed_at IS NULL)"
            " ORDER BY x.opened_at, x.id FOR NO KEY UPDATE OF x"
        ),
        session.tenant_id,
        party_id,
        site_id,
        now,
    )
    return _disputed(rows[0], None) if rows else None


async def customer_at(session: Session, party_id: UUID | None, site_id: UUID | None) -> Row:
    """Return `org_unit_id`, `territory_id` and `time_zone` of the site of a customer.

    Raises:
        NotFound: the tenant has no such site, or no such customer.
    """
    row = await session.fetch_one(
        "SELECT s.org_unit_id, s.territory_id, s.time_zone, EXISTS (SELECT FROM app.party p"
        "  WHERE p.tenant_id = $1 AND p.id = $3) AS known"
        " FROM app.site s WHERE s.tenant_id = $1 AND s.id = $2",
        session.tenant_id,
        site_id,
        party_id,
    )
    if row is None or not row["known"]:
        raise NotFound(field=("input", "siteId" if row is None else "partyId"))
    return row


async def disputed_before(
    session: Session, customer: tuple[UUID, UUID], two: Sequence[UUID], now: datetime
) -> bool:
    """Tell whether a customer at a site is disputed already, or his dispute still holds.

    It holds between the same two while who got him tracks him.

    Args:
        session: the transaction.
        customer: the party and the site.
        two: who would dispute him.
        now: the instant.
    """
    found = await session.fetch_value(
        "SELECT true FROM app.dispute x"
        " WHERE x.tenant_id = $1 AND x.party_id = $2 AND x.site_id = $3 AND x.subject = 'CUSTOMER'"
        " AND (x.ended_at IS NULL"
        "  OR x.appeal_until > $4 AND x.appealed_at IS NULL AND x.cancelled_at IS NULL"
        "  OR x.first_member_id = ANY($5::uuid[]) AND x.second_member_id = ANY($5::uuid[])"
        "   AND EXISTS (SELECT FROM app.registration r WHERE r.tenant_id = $1"
        "    AND r.party_id = x.party_id AND r.site_id = x.site_id AND r.result = 'VALID'"
        "    AND r.superseded_at IS NULL AND r.voided_at IS NULL AND r.protected_until > $4"
        "    AND r.member_id IN ("
        "     CASE WHEN x.first_basis_points > 0 THEN x.first_member_id END,"
        "     CASE WHEN x.second_basis_points > 0 THEN x.second_member_id END)))"
        " LIMIT 1",
        session.tenant_id,
        *customer,
        now,
        list(two),
    )
    return bool(found)


async def theirs(
    session: Session,
    customer: tuple[UUID, UUID],
    two: Sequence[UUID],
    now: datetime,
    zone: ZoneInfo,
) -> bool:
    """Tell whether one of two has a customer: tracks him, or has received him today.

    Args:
        session: the transaction.
        customer: the party and the site.
        two: who would dispute him.
        now: the instant.
        zone: the site's.
    """
    found = await session.fetch_value(
        "SELECT EXISTS (SELECT FROM app.registration r WHERE r.tenant_id = $1 AND r.party_id = $2"
        "  AND r.site_id = $3 AND r.member_id = ANY($4::uuid[]) AND r.result = 'VALID'"
        "  AND r.superseded_at IS NULL AND r.voided_at IS NULL AND r.protected_until > $5)"
        " OR EXISTS (SELECT FROM app.visit v WHERE v.tenant_id = $1 AND v.party_id = $2"
        "  AND v.site_id = $3 AND v.arrived_at >= $6"
        "  AND (v.owner_id = ANY($4::uuid[]) OR v.receiver_id = ANY($4::uuid[])))",
        session.tenant_id,
        *customer,
        list(two),
        now,
        start_of_day(day_of(now, zone), zone),
    )
    return bool(found)


async def standing_entries(session: Session, disputed: Disputed) -> list[Row]:
    """Return the two's valid entries of the customer that count, with `time_zone`, by rank."""
    rows = await session.fetch(
        "SELECT r.*, s.time_zone FROM app.registration r"
        " JOIN app.site s ON s.tenant_id = $1 AND s.id = r.site_id"
        " WHERE r.tenant_id = $1 AND r.party_id = $2 AND r.site_id = $3"
        " AND r.member_id = ANY($4::uuid[]) AND r.result = 'VALID'"
        " AND r.superseded_at IS NULL AND r.voided_at IS NULL ORDER BY r.ranks_from, r.id",
        session.tenant_id,
        disputed.party_id,
        disputed.site_id,
        list(disputed.two),
    )
    return list(rows)


async def latest_visit(session: Session, party_id: UUID, site_id: UUID) -> Row | None:
    """Return `id` of a customer's latest visit of a site, and whether the pool had him of it."""
    return await session.fetch_one(
        "SELECT v.id, EXISTS (SELECT FROM app.pool_entry p WHERE p.tenant_id = $1"
        "  AND p.visit_id = v.id) AS pooled FROM app.visit v"
        " WHERE v.tenant_id = $1 AND v.party_id = $2 AND v.site_id = $3"
        " ORDER BY v.arrived_at DESC, v.id DESC LIMIT 1",
        session.tenant_id,
        party_id,
        site_id,
    )


async def awarded(session: Session, dispute_id: UUID, now: datetime) -> Mapping[str, UUID] | None:
    """Return whose a customer became by the outcome that a dispute has had at this instant.

    `party_id`, `site_id`, `first_id`, `second_id`, and `owner_id`, which is left out where he is
    the company's. None where it has no such outcome, or began about a deal.
    """
    row = await session.fetch_one(
        "SELECT x.party_id, x.site_id, x.first_member_id AS first_id,"
        " x.second_member_id AS second_id, (SELECT m.id FROM app.member m WHERE m.tenant_id = $1"
        "  AND m.state = 'ACTIVE' AND m.id = CASE WHEN x.first_basis_points = 10000"
        "   THEN x.first_member_id WHEN x.second_basis_points = 10000"
        "   THEN x.second_member_id END) AS owner_id"
        " FROM app.dispute x WHERE x.tenant_id = $1 AND x.id = $2 AND x.subject = 'CUSTOMER'"
        " AND x.ended_at = $3 AND 10000 IN"
        "  (x.first_basis_points, x.second_basis_points, x.company_basis_points)",
        session.tenant_id,
        dispute_id,
        now,
    )
    return None if row is None else {name: row[name] for name in dict(row) if row[name] is not None}


async def dispute_steps(session: Session, dispute_id: UUID) -> Sequence[Row]:
    """Return everything done in a dispute, in its order."""
    return await session.fetch(
        "SELECT step_number, member_id, at, kind, first_basis_points, second_basis_points,"
        " company_basis_points FROM app.dispute_step"
        " WHERE tenant_id = $1 AND dispute_id = $2 ORDER BY step_number",
        session.tenant_id,
        dispute_id,
    )


async def disputed_customer(session: Session, party_id: UUID) -> bool:
    """Tell whether a dispute over a customer, or a deal of his, is open."""
    found = await session.fetch_value(
        "SELECT true FROM app.dispute WHERE tenant_id = $1 AND party_id = $2"
        " AND ended_at IS NULL LIMIT 1",
        session.tenant_id,
        party_id,
    )
    return bool(found)


_PRIVATE = """
SELECT id, subject FROM app.dispute
WHERE tenant_id = $1 AND (first_member_id = $2 OR second_member_id = $2)
  AND ended_at IS NULL AND handed_over_at IS NULL AND private_until > $3
ORDER BY id
"""


async def private_disputes(
    session: Session, member_id: UUID, now: datetime, claimed: Sequence[UUID] = ()
) -> list[UUID]:
    """Lock a member's disputes that are still among the two, and return them.

    All that began about customers first, and then all their deals together with those on which
    the registrations `claimed` are claimed: each by id, in the order of everybody else's locks.
    """
    rows = await session.fetch(_PRIVATE, session.tenant_id, member_id, now)
    await session.fetch(
        "SELECT id FROM app.dispute WHERE tenant_id = $1 AND id = ANY($2::uuid[])"
        " ORDER BY id FOR NO KEY UPDATE",
        session.tenant_id,
        [row["id"] for row in rows if row["subject"] == DisputeSubject.CUSTOMER],
    )
    await session.fetch(
        "SELECT id FROM app.deal WHERE tenant_id = $1 AND (id IN (SELECT x.deal_id"
        "   FROM app.dispute x WHERE x.tenant_id = $1 AND x.id = ANY($2::uuid[]))"
        " OR id IN (SELECT c.deal_id FROM app.claim c WHERE c.tenant_id = $1"
        "   AND c.registration_id = ANY($3::uuid[]) AND c.result = 'ADMITTED'))"
        " ORDER BY id FOR NO KEY UPDATE",
        session.tenant_id,
        [row["id"] for row in rows],
        list(claimed),
    )
    return [row["id"] for row in rows]
