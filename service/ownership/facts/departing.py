"""What a departure touches: live registrations, those who could take them, offices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from service.database.session import Row, Session
from service.errors import NotFound
from service.ownership.rules import Hand, seen_since
from service.policies.access import Record
from service.work import UnitOfWork

# What a registration `r` is while it protects a customer who has not signed; $3 is now.
_LIVE: Final = (
    "r.result = 'VALID' AND r.superseded_at IS NULL AND r.voided_at IS NULL"
    " AND r.converted_at IS NULL AND r.protected_until > $3"
)


async def planned_of(session: Session, member_id: UUID) -> Row | None:
    """Lock and return a member's planned departure, if there is one."""
    return await session.fetch_one(
        "SELECT * FROM app.departure WHERE tenant_id = $1 AND member_id = $2"
        " AND state = 'PLANNED' FOR NO KEY UPDATE",
        session.tenant_id,
        member_id,
    )


async def works_at(session: Session, member_id: UUID, at: datetime) -> bool:
    """Tell whether a member works here, and no plan lets him leave by an instant."""
    found = await session.fetch_value(
        "SELECT true FROM app.member m WHERE m.tenant_id = $1 AND m.id = $2 AND m.state = 'ACTIVE'"
        " AND NOT EXISTS (SELECT FROM app.departure d WHERE d.tenant_id = $1"
        "   AND d.member_id = m.id AND d.state = 'PLANNED' AND d.kind = 'LEAVING'"
        "   AND d.takes_effect_at <= $3)",
        session.tenant_id,
        member_id,
        at,
    )
    return bool(found)


async def leaves_something(session: Session, member_id: UUID, now: datetime) -> bool:
    """Tell whether a member has something that a departure passes on, and left by none."""
    found = await session.fetch_value(
        "SELECT (EXISTS (SELECT FROM app.registration r WHERE r.tenant_id = $1"
        f"   AND r.member_id = $2 AND {_LIVE})"
        " OR EXISTS (SELECT FROM app.task k WHERE k.tenant_id = $1 AND k.member_id = $2"
        "   AND k.state = 'OPEN')"
        " OR EXISTS (SELECT FROM app.dispute x WHERE x.tenant_id = $1 AND x.ended_at IS NULL"
        "   AND $2 IN (x.first_member_id, x.second_member_id)))"
        " AND NOT EXISTS (SELECT FROM app.departure d WHERE d.tenant_id = $1"
        "   AND d.member_id = $2 AND d.state = 'DONE' AND d.kind = 'LEAVING')",
        session.tenant_id,
        member_id,
        now,
    )
    return bool(found)


@dataclass(frozen=True, slots=True)
class Stranded:
    """What is with a member who has left, and is nobody's work therefore.

    Attributes:
        registrations: customers of his who are tracked: nobody receives them as his, and they are
            not in the pool.
        disputes: his among two, which would go to the manager.
    """

    member_id: UUID
    name: str
    registrations: int
    tasks: int
    disputes: int


async def stranded(session: Session, now: datetime) -> list[Stranded]:
    """Return who has left and still has live work, by staff code.

    Whoever goes has none from then on; one who is to be heard of as having left, for a moment.
    """
    rows = await session.fetch(
        "SELECT * FROM (SELECT m.id, m.name, m.staff_code,"
        "  (SELECT count(*) FROM app.registration r WHERE r.tenant_id = $1"
        f"   AND r.member_id = m.id AND {_LIVE.replace('$3', '$2')}) AS registrations,"
        "  (SELECT count(*) FROM app.task k WHERE k.tenant_id = $1 AND k.member_id = m.id"
        "   AND k.state = 'OPEN') AS tasks,"
        "  (SELECT count(*) FROM app.dispute x WHERE x.tenant_id = $1 AND x.ended_at IS NULL"
        "   AND x.handed_over_at IS NULL AND x.private_until > $2"
        "   AND m.id IN (x.first_member_id, x.second_member_id)) AS disputes"
        "  FROM app.member m WHERE m.tenant_id = $1 AND m.state = 'LEFT') f"
        " WHERE registrations + tasks + disputes > 0 ORDER BY staff_code",
        session.tenant_id,
        now,
    )
    counted = ("registrations", "tasks", "disputes")
    return [Stranded(row["id"], row["name"], *(row[name] for name in counted)) for row in rows]


async def all_planned(session: Session) -> Sequence[Row]:
    """Lock and return every planned departure, by id."""
    return await session.fetch(
        "SELECT * FROM app.departure WHERE tenant_id = $1 AND state = 'PLANNED'"
        " ORDER BY id FOR NO KEY UPDATE",
        session.tenant_id,
    )


async def departure(session: Session, departure_id: UUID) -> Row:
    """Lock and return a departure.

    Raises:
        NotFound: the tenant has no such departure.
    """
    row = await session.fetch_one(
        "SELECT * FROM app.departure WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE",
        session.tenant_id,
        departure_id,
    )
    if row is None:
        raise NotFound(field=("input", "departureId"))
    return row


async def live_registrations(work: UnitOfWork, member_id: UUID, now: datetime) -> list[Row]:
    """Lock and return a member's live registrations with their sites' zones, those ending first."""
    rows = await work.lock(
        "SELECT r.*, s.time_zone, s.org_unit_id AS site_org_unit_id,"
        " s.territory_id AS site_territory_id FROM app.registration r"
        " JOIN app.site s ON s.tenant_id = $1 AND s.id = r.site_id"
        f" WHERE r.tenant_id = $1 AND r.member_id = $2 AND {_LIVE}"
        " ORDER BY r.id FOR NO KEY UPDATE OF r",
        work.tenant_id,
        member_id,
        now,
    )
    return sorted(rows, key=lambda row: (row["protected_until"], row["id"]))


async def places_of_live(session: Session, member_id: UUID, now: datetime) -> Sequence[Record]:
    """Return the sites at which a member has live registrations, as the duties see them."""
    rows = await session.fetch(
        "SELECT s.org_unit_id, s.territory_id FROM app.site s WHERE s.tenant_id = $1"
        " AND EXISTS (SELECT FROM app.registration r WHERE r.tenant_id = $1"
        f"   AND r.member_id = $2 AND r.site_id = s.id AND {_LIVE}) ORDER BY s.id",
        session.tenant_id,
        member_id,
        now,
    )
    return [Record(None, row["org_unit_id"], row["territory_id"]) for row in rows]


async def hands(
    session: Session, without: UUID | None, now: datetime
) -> Mapping[UUID, Sequence[Hand]]:
    """Return by site who could take customers there: who has signed in of late, and still works.

    With the number of his live registrations, in the order of staff codes.
    """
    rows = await session.fetch(
        "SELECT DISTINCT p.site_id, p.member_id, m.staff_code, (SELECT count(*)"
        "   FROM app.registration r WHERE r.tenant_id = $1 AND r.member_id = p.member_id"
        f"   AND r.site_id = p.site_id AND {_LIVE}) AS held"
        " FROM app.presence p JOIN app.member m ON m.tenant_id = $1 AND m.id = p.member_id"
        " WHERE p.tenant_id = $1 AND p.member_id IS DISTINCT FROM $2 AND m.state = 'ACTIVE'"
        " AND p.day >= $4"
        " AND NOT EXISTS (SELECT FROM app.departure d WHERE d.tenant_id = $1"
        "   AND d.member_id = p.member_id AND d.state = 'PLANNED')"
        " ORDER BY p.site_id, m.staff_code",
        session.tenant_id,
        without,
        now,
        seen_since(now),
    )
    found: dict[UUID, list[Hand]] = {}
    for row in rows:
        found.setdefault(row["site_id"], []).append(Hand(row["member_id"], row["held"]))
    return found


async def pool_entry(session: Session, pool_entry_id: UUID) -> Row:
    """Return a pool entry with where its customer came from, and its site's zone.

    Raises:
        NotFound: the tenant has no such entry.
    """
    row = await session.fetch_one(
        "SELECT p.party_id, p.site_id, p.taken_at, p.from_member_id, p.registration_id,"
        " p.org_unit_id, p.territory_id, s.time_zone,"
        " s.org_unit_id AS site_org_unit_id, s.territory_id AS site_territory_id,"
        " coalesce(p.visit_id, r.visit_id) AS visit_id, r.call_id"
        " FROM app.pool_entry p"
        " LEFT JOIN app.registration r ON r.tenant_id = $1 AND r.id = p.registration_id"
        " JOIN app.site s ON s.tenant_id = $1 AND s.id = p.site_id"
        " WHERE p.tenant_id = $1 AND p.id = $2",
        session.tenant_id,
        pool_entry_id,
    )
    if row is None:
        raise NotFound(field=("input", "poolEntryId"))
    return row


async def claimed(session: Session, pool_entry_id: UUID) -> bool:
    """Lock a pool entry; tell whether its customer is still the company's."""
    found = await session.fetch_value(
        "SELECT taken_at IS NULL FROM app.pool_entry WHERE tenant_id = $1 AND id = $2"
        " FOR NO KEY UPDATE",
        session.tenant_id,
        pool_entry_id,
    )
    return bool(found)


async def pooled(session: Session, party_id: UUID, site_id: UUID) -> UUID | None:
    """Return the entry of a customer who is in a site's pool, the oldest of several."""
    found: UUID | None = await session.fetch_value(
        "SELECT id FROM app.pool_entry WHERE tenant_id = $1 AND party_id = $2 AND site_id = $3"
        " AND taken_at IS NULL ORDER BY entered_at, id LIMIT 1",
        session.tenant_id,
        party_id,
        site_id,
    )
    return found


async def member_name(session: Session, member_id: UUID) -> str:
    """Return a member's name."""
    return str(
        await session.fetch_value(
            "SELECT name FROM app.member WHERE tenant_id = $1 AND id = $2",
            session.tenant_id,
            member_id,
        )
    )


async def works_here(session: Session, member_id: UUID) -> bool:
    """Tell whether somebody is a member who has not left."""
    found = await session.fetch_value(
        "SELECT true FROM app.member WHERE tenant_id = $1 AND id = $2 AND state = 'ACTIVE'",
        session.tenant_id,
        member_id,
    )
    return bool(found)
