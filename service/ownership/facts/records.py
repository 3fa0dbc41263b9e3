"""What ownership's decisions are made from: registers, registrations, deals and claims.

Locks are taken in one order: queues of sites (by site), visits, register books, registrations
(by id), disputes about customers, deals (by id). A dispute about a deal has no lock of its own:
it is its deal's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from service.database.session import Row, Session
from service.errors import NotFound
from service.ownership.rules import (
    UNDISPUTED,
    AdmittedClaim,
    Award,
    Closing,
    Known,
    Phase,
    Relation,
    Resolution,
    Standing,
    known_from,
)
from service.work import UnitOfWork

_KNOWN = """
jsonb_build_object(
    'id', r.id, 'member_id', r.member_id, 'party_id', r.party_id,
    'register_book_id', r.register_book_id, 'site_id', r.site_id, 'entered_at', r.ranks_from,
    'received_at', r.received_at, 'protected_until', r.protected_until,
    'valid', r.result = 'VALID', 'voided', r.voided_at IS NOT NULL,
    'member_active', m.state = 'ACTIVE')
"""

# What a claim asks besides: when the reception came that the entry was made of, or the call.
_BEGAN = """
jsonb_build_object('began_at', coalesce(
    (SELECT v.arrived_at FROM app.visit v WHERE v.tenant_id = r.tenant_id AND v.id = r.visit_id),
    r.received_at))
"""

# And since when its member alone says whose the entry is. A correction to
# another customer says so from then on, the entry of a stranger since he was named; whom the
# reception recognised nobody had to name. An id carries the instant of its making.
_NAMED = """
jsonb_build_object('named_at', (
    WITH RECURSIVE line AS (
        SELECT r.corrects_id, r.entered_at, r.visit_id, 0 AS back
        UNION ALL
        SELECT o.corrects_id, o.entered_at, o.visit_id, l.back + 1
        FROM line l JOIN app.registration o
            ON o.tenant_id = r.tenant_id AND o.id = l.corrects_id AND o.party_id = r.party_id)
    SELECT CASE
        WHEN p.id IS NOT NULL AND (uuid_extract_timestamp(p.id) > v.arrived_at) IS NOT TRUE
            THEN NULL
        WHEN l.corrects_id IS NOT NULL THEN l.entered_at
        WHEN p.id IS NOT NULL THEN uuid_extract_timestamp(p.id)
        WHEN EXISTS (SELECT FROM app.visit_party o
            WHERE o.tenant_id = r.tenant_id AND o.visit_id = l.visit_id) THEN l.entered_at END
    FROM line l
    LEFT JOIN app.visit v ON v.tenant_id = r.tenant_id AND v.id = l.visit_id
    LEFT JOIN app.visit_party p
        ON p.tenant_id = r.tenant_id AND p.visit_id = l.visit_id AND p.party_id = r.party_id
    ORDER BY l.back DESC LIMIT 1))
"""

# To be joined into a statement that reads facts: $1 is the tenant, {parties} an array of ids. Gives
# one JSON array of what `rules.known_from` reads; corrected entries are left out (TR-9).
REGISTRATIONS_OF = f"""
(SELECT coalesce(jsonb_agg({_KNOWN} ORDER BY r.ranks_from, r.id), '[]')
 FROM app.registration r
 JOIN app.member m ON m.tenant_id = $1::uuid AND m.id = r.member_id
 WHERE r.tenant_id = $1::uuid AND r.party_id = ANY({{parties}}::uuid[])
   AND r.superseded_at IS NULL)
"""


@dataclass(frozen=True, slots=True)
class Book:
    """A member's register at a site, locked; the head of its chain of entries."""

    id: UUID
    entry_count: int
    head_hash: str


async def locked_book(work: UnitOfWork, member_id: UUID, site_id: UUID) -> Book | None:
    """Lock the open register of a member at a site; None when he has none yet."""
    rows = await work.lock(
        "SELECT id, entry_count, head_hash FROM app.register_book"
        " WHERE tenant_id = $1 AND member_id = $2 AND site_id = $3 AND voided_at IS NULL"
        " FOR NO KEY UPDATE",
        work.tenant_id,
        member_id,
        site_id,
    )
    return Book(rows[0]["id"], rows[0]["entry_count"], rows[0]["head_hash"]) if rows else None


async def standing_entry(
    session: Session, visit_id: UUID, party_id: UUID, member_id: UUID
) -> Row | None:
    """Return `id` and `result` of the entry of a visit's customer that counts now, or None.

    A valid one comes before any other.
    """
    return await session.fetch_one(
        "SELECT id, result FROM app.registration"
        " WHERE tenant_id = $1 AND visit_id = $2 AND party_id = $3 AND member_id = $4"
        " AND superseded_at IS NULL AND voided_at IS NULL"
        " ORDER BY result = 'VALID' DESC, entry_number DESC LIMIT 1",
        session.tenant_id,
        visit_id,
        party_id,
        member_id,
    )


async def tracked_entry(session: Session, book_id: UUID, party_id: UUID, now: datetime) -> bool:
    """Tell whether a register has a live entry of a customer."""
    found = await session.fetch_value(
        "SELECT true FROM app.registration WHERE tenant_id = $1 AND register_book_id = $2"
        " AND party_id = $3 AND result = 'VALID' AND superseded_at IS NULL"
        " AND voided_at IS NULL AND protected_until > $4 LIMIT 1",
        session.tenant_id,
        book_id,
        party_id,
        now,
    )
    return bool(found)


_REGISTRATION = f"""
SELECT r.*, {_KNOWN} AS known, s.time_zone,
    coalesce((SELECT v.arrived_at FROM app.visit v WHERE v.tenant_id = $1 AND v.id = r.visit_id),
        r.received_at) AS came_at
FROM app.registration r
JOIN app.member m ON m.tenant_id = $1 AND m.id = r.member_id
JOIN app.site s ON s.tenant_id = $1 AND s.id = r.site_id
WHERE r.tenant_id = $1 AND r.id = $2
"""


async def registration(session: Session, registration_id: UUID, *, locked: bool) -> Row:
    """Return a registration's row with `known`, `came_at` and its site's `time_zone`.

    Raises:
        NotFound: the tenant has no such registration.
    """
    lock = " FOR NO KEY UPDATE OF r" if locked else ""
    row = await session.fetch_one(_REGISTRATION + lock, session.tenant_id, registration_id)
    if row is None:
        raise NotFound(field=("input", "registrationId"))
    return row


async def registrations_of_visit(session: Session, visit_id: UUID) -> Sequence[Row]:
    """Lock and return the valid registrations made of a visit, by id."""
    return await session.fetch(
        "SELECT id, site_id, received_at, protected_until, first_followed_up_at"
        " FROM app.registration"
        " WHERE tenant_id = $1 AND visit_id = $2 AND result = 'VALID'"
        " AND voided_at IS NULL AND superseded_at IS NULL ORDER BY id FOR NO KEY UPDATE",
        session.tenant_id,
        visit_id,
    )


async def party_facts(session: Session, party_id: UUID, visit_id: UUID | None) -> dict[str, bool]:
    """Return what decision `registration` asks of a party and a visit.

    Raises:
        NotFound: the tenant has no such party.
    """
    row = await session.fetch_one(
        "SELECT p.full_name IS NOT NULL AS name_given, EXISTS (SELECT FROM app.contact_point c"
        "   WHERE c.tenant_id = $1 AND c.party_id = p.id) AS phone_given,"
        " EXISTS (SELECT FROM app.party_identity i WHERE i.tenant_id = $1 AND i.party_id = p.id"
        "   AND i.kind <> 'FACE') AS document_given,"
        " EXISTS (SELECT FROM app.party_identity i WHERE i.tenant_id = $1 AND i.party_id = p.id"
        "   AND i.kind = 'FACE') AS face_given,"
        " EXISTS (SELECT FROM app.visit v WHERE v.tenant_id = $1 AND v.id = $3"
        "   AND v.survey IN ('DECLARED', 'EXPOSED')) AS survey_visitor"
        " FROM app.party p WHERE p.tenant_id = $1 AND p.id = $2",
        session.tenant_id,
        party_id,
        visit_id,
    )
    if row is None:
        raise NotFound(field=("input", "partyId"))
    return dict(row)


@dataclass(frozen=True, slots=True)
class DealFacts:
    """A deal, its closing visit and the claims that count."""

    id: UUID
    party_id: UUID
    site_id: UUID
    org_unit_id: UUID | None
    territory_id: UUID | None
    unit_code: str | None
    amount_minor: int | None
    currency: str | None
    visit_arrived_at: datetime
    first_arrived_at: datetime
    signed_at: datetime
    claims_close_at: datetime
    credit_decision_id: UUID
    credit_version_id: UUID
    closing: Closing
    zone: ZoneInfo
    claims: tuple[AdmittedClaim, ...]
    dispute: Standing | None = None
    contracted_at: datetime | None = None
    cancelled_at: datetime | None = None

    def final_at(self, now: datetime) -> bool:
        """Tell by the clock whether the credit can no longer change, or there is none any more."""
        if self.cancelled_at is not None:
            return True
        if self.dispute is not None:
            return self.dispute.phase(now) is Phase.OVER
        return now >= self.claims_close_at

    def resolution(self, now: datetime) -> Resolution:
        """Return what its dispute, if there is one, means for the credit."""
        return UNDISPUTED if self.dispute is None else self.dispute.resolution(now)


_FIRST = """
coalesce((SELECT min(v.arrived_at) FROM app.visit v
    WHERE v.tenant_id = $1 AND v.party_id = {party} AND v.receiver_id = {closer}
      AND v.arrived_at <= {arrived}), {arrived})
"""
_DEALS = f"""
SELECT d.*, s.time_zone, c.rulebook_version_id AS credit_version_id,
    {_FIRST.format(party="d.party_id", closer="d.closer_id", arrived="d.visit_arrived_at")}
    AS first_arrived_at, to_jsonb(x) AS dispute
FROM app.deal d
LEFT JOIN app.dispute x ON x.tenant_id = $1 AND x.deal_id = d.id
JOIN app.site s ON s.tenant_id = $1 AND s.id = d.site_id
JOIN app.decision c ON c.tenant_id = $1 AND c.id = d.credit_decision_id
WHERE d.tenant_id = $1 AND d.id = ANY($2::uuid[]) ORDER BY d.id
"""
# Its own statement: one that waits for the deal's lock still sees the claims as they were before.
_CLAIMS = """
SELECT c.id, c.deal_id, c.claimant_id, c.filed_at, c.registration_id, r.ranks_from
FROM app.claim c
JOIN app.registration r ON r.tenant_id = $1 AND r.id = c.registration_id
WHERE c.tenant_id = $1 AND c.deal_id = ANY($2::uuid[]) AND c.result = 'ADMITTED'
ORDER BY c.filed_at, c.id
"""


async def first_with(
    session: Session, party_id: UUID, closer_id: UUID, arrived_at: datetime
) -> datetime:
    """Return when a customer first came to a member, at the latest at an instant given."""
    asked = _FIRST.format(party="$2::uuid", closer="$3::uuid", arrived="$4::timestamptz")
    found: datetime = await session.fetch_value(
        f"SELECT {asked}", session.tenant_id, party_id, closer_id, arrived_at
    )
    return found


def _deal(row: Row, claims: Sequence[Row]) -> DealFacts:
    return DealFacts(
        id=row["id"],
        party_id=row["party_id"],
        site_id=row["site_id"],
        org_unit_id=row["org_unit_id"],
        territory_id=row["territory_id"],
        unit_code=row["unit_code"],
        amount_minor=row["amount_minor"],
        currency=row["currency"],
        visit_arrived_at=row["visit_arrived_at"],
        first_arrived_at=row["first_arrived_at"],
        signed_at=row["signed_at"],
        claims_close_at=row["claims_close_at"],
        credit_decision_id=row["credit_decision_id"],
        credit_version_id=row["credit_version_id"],
        closing=Closing(row["closer_id"], row["owner_kind"], row["owner_id"], row["obligation"]),
        zone=ZoneInfo(row["time_zone"]),
        claims=tuple(
            AdmittedClaim(
                claim["claimant_id"],
                claim["filed_at"],
                claim["ranks_from"],
                claim["registration_id"],
                claim["id"],
            )
            for claim in claims
            if claim["deal_id"] == row["id"]
        ),
        dispute=None if row["dispute"] is None else standing_of(row["dispute"]),
        contracted_at=row["contracted_at"],
        cancelled_at=row["cancelled_at"],
    )


def standing_of(found: Mapping[str, Any]) -> Standing:
    """Return a dispute from its row as JSON has it."""

    def at(name: str) -> datetime | None:
        return datetime.fromisoformat(found[name]) if found[name] else None

    points = found["first_basis_points"]
    return Standing(
        id=UUID(found["id"]),
        first_id=UUID(found["first_member_id"]),
        second_id=UUID(found["second_member_id"]),
        private_until=datetime.fromisoformat(found["private_until"]),
        handed_over_at=at("handed_over_at"),
        settled_at=at("settled_at"),
        decided_at=at("decided_at"),
        decided_by=UUID(found["decided_by"]) if found["decided_by"] else None,
        appeal_until=at("appeal_until"),
        appealed_at=at("appealed_at"),
        appeal_decided_at=at("appeal_decided_at"),
        cancelled_at=at("cancelled_at"),
        award=None
        if points is None
        else Award(points, found["second_basis_points"], found["company_basis_points"]),
    )


async def deal(session: Session, deal_id: UUID) -> DealFacts:
    """Return a deal as it stands, without a lock.

    Raises:
        NotFound: the tenant has no such deal.
    """
    rows = await session.fetch(_DEALS, session.tenant_id, [deal_id])
    if not rows:
        raise NotFound(field=("input", "dealId"))
    return _deal(rows[0], await session.fetch(_CLAIMS, session.tenant_id, [deal_id]))


async def locked_deals(work: UnitOfWork, deal_ids: Sequence[UUID]) -> list[DealFacts]:
    """Lock deals by id and return them with the claims that count."""
    await work.lock(
        "SELECT id FROM app.deal WHERE tenant_id = $1 AND id = ANY($2::uuid[])"
        " ORDER BY id FOR NO KEY UPDATE",
        work.tenant_id,
        list(deal_ids),
    )
    rows = await work.fetch(_DEALS, work.tenant_id, list(deal_ids))
    claims = await work.fetch(_CLAIMS, work.tenant_id, list(deal_ids))
    return [_deal(row, claims) for row in rows]


async def has_signed(session: Session, party_id: UUID) -> bool:
    """Tell whether a customer has a deal that stands."""
    found: bool = await session.fetch_value(
        "SELECT EXISTS (SELECT FROM app.deal WHERE tenant_id = $1 AND party_id = $2"
        " AND cancelled_at IS NULL)",
        session.tenant_id,
        party_id,
    )
    return found


async def kin_of(session: Session, party_id: UUID) -> list[Relation]:
    """Return the known relations of a party."""
    rows = await session.fetch(
        "SELECT party_id, other_party_id, kind, unit_code, created_at AS at, created_by,"
        " on_behalf_of_id FROM app.party_relation"
        " WHERE tenant_id = $1 AND (party_id = $2 OR other_party_id = $2) ORDER BY id",
        session.tenant_id,
        party_id,
    )
    return [relation_from(row) for row in rows]


def relation_from(row: Row) -> Relation:
    """Read a relation, who recorded it and when."""
    recorders = (row["created_by"], row["on_behalf_of_id"])
    return Relation(
        row["party_id"],
        row["other_party_id"],
        row["kind"],
        row["unit_code"],
        row["at"],
        frozenset(one for one in recorders if one is not None),
    )


async def own_registrations(
    work: UnitOfWork, member_id: UUID, parties: Sequence[UUID], named: UUID | None
) -> list[Known]:
    """Lock a claimant's registrations of parties, or the one he names, against being voided.

    Share locks: a finding on his register waits for the claim and then sees it, or is seen.
    """
    rows = await work.lock(
        f"SELECT {_KNOWN} || {_BEGAN} || {_NAMED} AS known FROM app.registration r"
        " JOIN app.member m ON m.tenant_id = $1 AND m.id = r.member_id"
        " WHERE r.tenant_id = $1 AND r.member_id = $2 AND r.superseded_at IS NULL"
        " AND (r.id = $4 OR ($4::uuid IS NULL AND r.party_id = ANY($3::uuid[])))"
        " ORDER BY r.id FOR SHARE OF r",
        work.tenant_id,
        member_id,
        list(parties),
        named,
    )
    return [known_from(row["known"]) for row in rows]


async def places_of(session: Session, member_id: UUID, now: datetime) -> list[UUID]:
    """Return the units at which a member holds a role now."""
    rows = await session.fetch(
        "SELECT DISTINCT org_unit_id FROM app.assignment WHERE tenant_id = $1 AND member_id = $2"
        " AND org_unit_id IS NOT NULL AND valid_from <= $3"
        " AND (valid_until IS NULL OR valid_until > $3)",
        session.tenant_id,
        member_id,
        now,
    )
    return [row["org_unit_id"] for row in rows]


async def has_part(session: Session, member_id: UUID, deal: DealFacts) -> bool:
    """Tell whether a deal is a member's to read, or he has an entry at its site."""
    found = await session.fetch_value(
        "SELECT $2::uuid = ANY ($5::uuid[]) OR EXISTS (SELECT FROM app.deal_member m"
        "   WHERE m.tenant_id = $1 AND m.deal_id = $3 AND m.member_id = $2)"
        " OR EXISTS (SELECT FROM app.register_book b"
        "   WHERE b.tenant_id = $1 AND b.site_id = $4 AND b.member_id = $2)",
        session.tenant_id,
        member_id,
        deal.id,
        deal.site_id,
        [one for one in (deal.closing.receiver_id, deal.closing.owner_id) if one is not None],
    )
    return bool(found)


async def everybodys_registrations(session: Session, parties: Sequence[UUID]) -> list[Known]:
    """Return all registrations of parties, without a lock."""
    rows = await session.fetch(
        f"SELECT {_KNOWN} AS known FROM app.registration r"
        " JOIN app.member m ON m.tenant_id = $1 AND m.id = r.member_id"
        " WHERE r.tenant_id = $1 AND r.superseded_at IS NULL AND r.party_id = ANY($2::uuid[])"
        " ORDER BY r.ranks_from, r.id",
        session.tenant_id,
        list(parties),
    )
    return [known_from(row["known"]) for row in rows]


async def registrations_of(
    session: Session, member_id: UUID | None, parties: Sequence[UUID]
) -> list[Known]:
    """Return a member's registrations of parties, without a lock."""
    if member_id is None:
        return []
    rows = await session.fetch(
        f"SELECT {_KNOWN} || {_NAMED} AS known FROM app.registration r"
        " JOIN app.member m ON m.tenant_id = $1 AND m.id = r.member_id"
        " WHERE r.tenant_id = $1 AND r.member_id = $2 AND r.superseded_at IS NULL"
        " AND r.party_id = ANY($3::uuid[])",
        session.tenant_id,
        member_id,
        list(parties),
    )
    return [known_from(row["known"]) for row in rows]


async def missing_member(session: Session, member_ids: Sequence[UUID]) -> int | None:
    """Return the place of the first id that is no member's; None when all are."""
    rows = await session.fetch(
        "SELECT id FROM app.member WHERE tenant_id = $1 AND id = ANY($2::uuid[])",
        session.tenant_id,
        list(member_ids),
    )
    known = {row["id"] for row in rows}
    return next((place for place, one in enumerate(member_ids) if one not in known), None)
