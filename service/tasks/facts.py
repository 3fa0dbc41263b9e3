"""What tasks are made from: members with their unit, duties that oblige, open tasks."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.database.session import Row, Session
from service.errors import NotFound
from service.organisation.territory_tree import places_at
from service.policies.access import Record

# The unit of the assignment that began last, where a member holds several.
_UNIT = """
(SELECT a.org_unit_id FROM app.assignment a
 WHERE a.tenant_id = $1 AND a.member_id = {member} AND a.org_unit_id IS NOT NULL
   AND a.valid_from <= $3 AND (a.valid_until IS NULL OR a.valid_until > $3)
 ORDER BY a.valid_from DESC, a.id LIMIT 1)
"""


@dataclass(frozen=True, slots=True)
class Assignee:
    """A member who can be given something to do."""

    member_id: UUID
    org_unit_id: UUID | None


async def assignee(session: Session, member_id: UUID, now: datetime) -> Assignee:
    """Return an active member with his unit.

    Raises:
        NotFound: the tenant has no such member, or he has left.
    """
    row = await session.fetch_one(
        f"SELECT m.id, {_UNIT.format(member='m.id')} AS org_unit_id FROM app.member m"
        " WHERE m.tenant_id = $1 AND m.id = $2 AND m.state = 'ACTIVE'",
        session.tenant_id,
        member_id,
        now,
    )
    if row is None:
        raise NotFound(field=("input", "memberId"))
    return Assignee(row["id"], row["org_unit_id"])


async def locked_task(session: Session, task_id: UUID) -> Row:
    """Lock a task and return its row.

    Raises:
        NotFound: the tenant has no such task.
    """
    row = await session.fetch_one(
        "SELECT * FROM app.task WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE",
        session.tenant_id,
        task_id,
    )
    if row is None:
        raise NotFound(field=("input", "taskId"))
    return row


# The duties of $2 at $3: through roles he holds directly and those they include.
_DUTIES_HELD = """
WITH RECURSIVE held AS (
    SELECT a.role_id FROM app.assignment a
    WHERE a.tenant_id = $1 AND a.member_id = $2 AND a.valid_from <= $3
      AND (a.valid_until IS NULL OR a.valid_until > $3)
    UNION
    SELECT i.included_role_id FROM app.role_inclusion i
    JOIN held ON i.tenant_id = $1 AND i.role_id = held.role_id
)
SELECT d.id, d.obligation, d.obligation -> 'clock' AS clock FROM held
JOIN app.role_duty rd ON rd.tenant_id = $1 AND rd.role_id = held.role_id
JOIN app.duty d ON d.tenant_id = $1 AND d.id = rd.duty_id
WHERE d.retired_at IS NULL
"""


async def obliging_duty(session: Session, member_id: UUID, kind: str, now: datetime) -> UUID | None:
    """Return the duty of a member that obliges him to something of a kind, or None."""
    found: UUID | None = await session.fetch_value(
        f"{_DUTIES_HELD} AND d.obligation ->> 'kind' = $4 ORDER BY d.code LIMIT 1",
        session.tenant_id,
        member_id,
        now,
        kind,
    )
    return found


async def answering_duty(
    session: Session, member_id: UUID, event: str, now: datetime
) -> Row | None:
    """Return id and clock of the member's duty that asks for an answer to an event, or None."""
    return await session.fetch_one(
        f"{_DUTIES_HELD} AND d.obligation ->> 'kind' = 'response'"
        " AND d.obligation -> 'clock' ->> 'after' = $4 ORDER BY d.code LIMIT 1",
        session.tenant_id,
        member_id,
        now,
        event,
    )


async def duty_held(session: Session, member_id: UUID, duty_id: UUID, now: datetime) -> Row | None:
    """Return a duty with its obligation when the member holds it now, or None.

    Raises:
        NotFound: the tenant has no such duty.
    """
    known = await session.fetch_value(
        "SELECT true FROM app.duty WHERE tenant_id = $1 AND id = $2", session.tenant_id, duty_id
    )
    if known is None:
        raise NotFound(field=("input", "dutyId"))
    return await session.fetch_one(
        f"{_DUTIES_HELD} AND d.id = $4 LIMIT 1", session.tenant_id, member_id, now, duty_id
    )


async def sold(session: Session, deal_id: UUID) -> Row | None:
    """Return whose buyer a deal's customer is, as far as he stands in that member's register.

    `answered` says that the member has followed up since the signing.
    """
    return await session.fetch_one(
        "SELECT d.signed_at, d.party_id, d.org_unit_id, s.time_zone, r.member_id,"
        " EXISTS (SELECT FROM app.follow_up f JOIN app.registration x"
        "   ON x.tenant_id = $1 AND x.id = f.registration_id AND x.party_id = d.party_id"
        "   WHERE f.tenant_id = $1 AND f.member_id = r.member_id AND f.at >= d.signed_at)"
        "   AS answered"
        " FROM app.deal d JOIN app.site s ON s.tenant_id = $1 AND s.id = d.site_id"
        " JOIN app.registration r ON r.tenant_id = $1 AND r.party_id = d.party_id"
        "   AND r.member_id IN (d.owner_id, d.closer_id) AND r.superseded_at IS NULL"
        " WHERE d.tenant_id = $1 AND d.id = $2 AND d.cancelled_at IS NULL"
        " ORDER BY r.member_id IS NOT DISTINCT FROM d.owner_id DESC LIMIT 1",
        session.tenant_id,
        deal_id,
    )


async def lock_member(session: Session, member_id: UUID) -> None:
    """Let the events of one member's tasks be heard one after another."""
    await session.fetch(
        "SELECT id FROM app.member WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE",
        session.tenant_id,
        member_id,
    )


async def tasks_of(session: Session, member_id: UUID, kind: str, subject_id: UUID) -> Sequence[Row]:
    """Return what a member owed for a record, open or closed."""
    return await session.fetch(
        "SELECT id, member_id, state FROM app.task WHERE tenant_id = $1 AND kind = $2"
        " AND subject_id = $3 AND member_id = $4 ORDER BY id",
        session.tenant_id,
        kind,
        subject_id,
        member_id,
    )


async def open_tasks(session: Session, kind: str, subject_ids: Sequence[UUID]) -> Sequence[Row]:
    """Lock and return the open tasks of a kind for records."""
    return await session.fetch(
        "SELECT id, member_id, arguments FROM app.task WHERE tenant_id = $1 AND kind = $2"
        " AND subject_id = ANY($3::uuid[]) AND state = 'OPEN' ORDER BY id FOR NO KEY UPDATE",
        session.tenant_id,
        kind,
        list(subject_ids),
    )


async def forgiven_follow_ups(
    session: Session, kind: str, registration_ids: Sequence[UUID], now: datetime
) -> Sequence[Row]:
    """Lock and return first follow-ups that were forgiven, and can be made in time again."""
    return await session.fetch(
        "SELECT t.id, t.member_id FROM app.task t JOIN app.registration r"
        "   ON r.tenant_id = $1 AND r.id = t.subject_id AND r.first_followed_up_at IS NULL"
        "   AND r.converted_at IS NULL AND r.superseded_at IS NULL AND r.voided_at IS NULL"
        " WHERE t.tenant_id = $1 AND t.kind = $2 AND t.subject_id = ANY($3::uuid[])"
        " AND t.state = 'CANCELLED' AND t.due_at > $4 ORDER BY t.id FOR NO KEY UPDATE OF t",
        session.tenant_id,
        kind,
        list(registration_ids),
        now,
    )


async def answered_deals(
    session: Session, kind: str, member_id: UUID, party_id: UUID, contact_at: datetime
) -> Sequence[Row]:
    """Lock and return what a member owes a buyer for deals signed before he got in touch."""
    return await session.fetch(
        "SELECT t.id, t.member_id FROM app.task t WHERE t.tenant_id = $1 AND t.kind = $2"
        " AND t.member_id = $3 AND t.state = 'OPEN' AND EXISTS (SELECT FROM app.deal d"
        " WHERE d.tenant_id = $1 AND d.id = t.subject_id AND d.party_id = $4"
        " AND d.signed_at <= $5) ORDER BY t.id FOR NO KEY UPDATE OF t",
        session.tenant_id,
        kind,
        member_id,
        party_id,
        contact_at,
    )


async def looked_after(session: Session, kind: str) -> Sequence[Row]:
    """Lock and return the open inspections whose register was looked at since they were opened."""
    return await session.fetch(
        "SELECT t.id, t.member_id FROM app.task t"
        " WHERE t.tenant_id = $1 AND t.kind = $2 AND t.state = 'OPEN' AND EXISTS"
        " (SELECT FROM app.audit_event e WHERE e.tenant_id = $1 AND e.actor_id = t.member_id"
        " AND e.command = 'read_registrations' AND e.at >= t.created_at)"
        " ORDER BY t.id FOR NO KEY UPDATE OF t",
        session.tenant_id,
        kind,
    )


async def opened_for(
    session: Session, member_ids: Sequence[UUID], periods: Sequence[UUID]
) -> set[tuple[UUID, UUID]]:
    """Return which of the members have a recurring task of which of the periods."""
    rows = await session.fetch(
        "SELECT member_id, subject_id FROM app.task"
        " WHERE tenant_id = $1 AND member_id = ANY($2::uuid[]) AND subject_id = ANY($3::uuid[])",
        session.tenant_id,
        list(member_ids),
        list(periods),
    )
    return {(row["member_id"], row["subject_id"]) for row in rows}


async def reception(session: Session, visit_id: UUID) -> Row | None:
    """Return who receives a visit now, for whom and whom; None when there is no such visit."""
    return await session.fetch_one(
        "SELECT receiver_id, owner_id, party_id, version FROM app.visit"
        " WHERE tenant_id = $1 AND id = $2",
        session.tenant_id,
        visit_id,
    )


async def time_zone(session: Session) -> str | None:
    """Return the tenant's zone; None where the tenant does not live."""
    found: str | None = await session.fetch_value(
        "SELECT time_zone FROM app.tenant WHERE tenant_id = $1", session.tenant_id
    )
    return found


async def recurring(session: Session, kinds: Sequence[str], now: datetime) -> Sequence[Row]:
    """Return who holds which duty with an obligation of a kind that recurs, with his unit."""
    return await session.fetch(
        f"""
        WITH RECURSIVE held AS (
            SELECT a.member_id, a.role_id FROM app.assignment a
            JOIN app.member m ON m.tenant_id = $1 AND m.id = a.member_id AND m.state = 'ACTIVE'
            WHERE a.tenant_id = $1 AND a.valid_from <= $3
              AND (a.valid_until IS NULL OR a.valid_until > $3)
            UNION
            SELECT held.member_id, i.included_role_id FROM app.role_inclusion i
            JOIN held ON i.tenant_id = $1 AND i.role_id = held.role_id
        ), owing AS (
            SELECT DISTINCT held.member_id, rd.duty_id FROM held
            JOIN app.role_duty rd ON rd.tenant_id = $1 AND rd.role_id = held.role_id
        )
        SELECT owing.member_id, d.id AS duty_id, d.obligation,
            {_UNIT.format(member="owing.member_id")} AS org_unit_id
        FROM owing JOIN app.duty d ON d.tenant_id = $1 AND d.id = owing.duty_id
        WHERE d.retired_at IS NULL AND d.obligation ->> 'kind' = ANY($2::text[])
        ORDER BY owing.member_id, d.id
        """,
        session.tenant_id,
        list(kinds),
        now,
    )


async def visit_to_enter(session: Session, visit_id: UUID) -> Row | None:
    """Lock a visit against change and return what says who owes its entry; None where it is none.

    `surveys` says that the visitor is no customer, `entered` that he stands validly in the owner's
    register, by this visit or tracked when he came, or was entered of this visit too late.
    """
    return await session.fetch_one(
        "SELECT v.owner_id, v.receiver_id, v.org_unit_id, v.party_id, v.arrived_at, s.time_zone,"
        " v.survey IN ('DECLARED', 'EXPOSED') AS surveys,"
        " EXISTS (SELECT FROM app.registration r WHERE r.tenant_id = $1"
        "   AND r.member_id = v.owner_id AND r.party_id = v.party_id"
        "   AND r.voided_at IS NULL AND r.superseded_at IS NULL"
        "   AND (r.result = 'VALID' AND (r.visit_id = v.id OR r.protected_until > v.arrived_at)"
        "     OR r.result = 'INVALID_LATE' AND r.visit_id = v.id)) AS entered"
        " FROM app.visit v JOIN app.site s ON s.tenant_id = $1 AND s.id = v.site_id"
        " WHERE v.tenant_id = $1 AND v.id = $2 FOR SHARE OF v",
        session.tenant_id,
        visit_id,
    )


async def entries_made(session: Session, kind: str, registration_id: UUID) -> Sequence[Row]:
    """Lock and return the open tasks that a valid registration answers.

    That of its own visit, and those of its member for other visits of the customer tracked now.
    """
    return await session.fetch(
        "WITH made AS MATERIALIZED (SELECT r.visit_id, r.member_id, r.party_id, r.protected_until"
        "   FROM app.registration r WHERE r.tenant_id = $1 AND r.id = $3 AND r.result = 'VALID'),"
        # The visits of one customer are few: they are found first, and the tasks by them.
        " received AS MATERIALIZED (SELECT made.visit_id, NULL::uuid AS member_id FROM made"
        "   WHERE made.visit_id IS NOT NULL"
        "   UNION ALL SELECT v.id, made.member_id FROM made JOIN app.visit v ON v.tenant_id = $1"
        "   AND v.party_id = made.party_id AND v.arrived_at < made.protected_until)"
        " SELECT t.id, t.member_id FROM app.task t WHERE t.tenant_id = $1 AND t.kind = $2"
        " AND t.state = 'OPEN' AND t.subject_id = ANY(ARRAY(SELECT visit_id FROM received))"
        " AND EXISTS (SELECT FROM received v WHERE v.visit_id = t.subject_id"
        "   AND (v.member_id IS NULL OR v.member_id = t.member_id))"
        " ORDER BY t.id FOR NO KEY UPDATE OF t",
        session.tenant_id,
        kind,
        registration_id,
    )


# Who may do $2 ('object.action') to what lies at $3 (unit) and $4 (territory), at $5, those nearest
# first; what somebody holds for another does not count. A few duties allow it, many members hold
# some: the few are found first, once.
_DECIDERS = f"""
WITH RECURSIVE units AS (
    SELECT $3::uuid AS id
    UNION
    SELECT u.parent_id FROM app.org_unit u
    JOIN units ON u.tenant_id = $1 AND u.id = units.id AND u.parent_id IS NOT NULL
), places AS (
    SELECT $4::uuid AS id
    UNION
    SELECT r.parent_id FROM {places_at("$5")} r
    JOIN places ON r.territory_id = places.id AND r.parent_id IS NOT NULL
), held AS (
    SELECT a.member_id, a.role_id, a.org_unit_id, a.territory_id FROM app.assignment a
    JOIN app.member m ON m.tenant_id = $1 AND m.id = a.member_id AND m.state = 'ACTIVE'
    WHERE a.tenant_id = $1 AND a.valid_from <= $5
      AND (a.valid_until IS NULL OR a.valid_until > $5)
    UNION
    SELECT held.member_id, i.included_role_id, held.org_unit_id, held.territory_id
    FROM app.role_inclusion i JOIN held ON i.tenant_id = $1 AND i.role_id = held.role_id
), allowing AS MATERIALIZED (
    SELECT rd.role_id, p.scope FROM app.duty_permission p
    JOIN app.duty d ON d.tenant_id = $1 AND d.id = p.duty_id AND d.retired_at IS NULL
    JOIN app.role_duty rd ON rd.tenant_id = $1 AND rd.duty_id = d.id
    WHERE p.tenant_id = $1 AND p.object || '.' || p.action = $2
)
SELECT DISTINCT held.member_id,
    CASE p.scope WHEN 'team' THEN 1 WHEN 'territory' THEN 2 ELSE 3 END AS distance
FROM held JOIN allowing p ON p.role_id = held.role_id
WHERE p.scope = 'team' AND held.org_unit_id IN (SELECT id FROM units)
   OR p.scope = 'territory' AND held.territory_id IN (SELECT id FROM places)
   OR p.scope = 'tenant'
ORDER BY distance, held.member_id
"""


async def nearest_who_may(
    session: Session,
    action: str,
    org_unit_id: UUID | None,
    territory_id: UUID | None,
    now: datetime,
    *,
    barred: Collection[UUID | None] = (),
) -> tuple[UUID, ...]:
    """Return the members nearest to a place who may do something there, without who is barred."""
    found = await session.fetch(
        _DECIDERS, session.tenant_id, action, org_unit_id, territory_id, now
    )
    rows = [row for row in found if row["member_id"] not in barred]
    return tuple(row["member_id"] for row in rows if row["distance"] == rows[0]["distance"])


async def deciders(
    session: Session, action: str, dispute_id: UUID, now: datetime
) -> Sequence[UUID]:
    """Return the members nearest to a dispute who may decide in it; neither of the two does."""
    found = await session.fetch_one(
        "SELECT org_unit_id, territory_id, first_member_id, second_member_id, decided_by"
        " FROM app.dispute WHERE tenant_id = $1 AND id = $2",
        session.tenant_id,
        dispute_id,
    )
    if found is None:
        return ()
    barred = {found["first_member_id"], found["second_member_id"], found["decided_by"]}
    place = (found["org_unit_id"], found["territory_id"])
    return await nearest_who_may(session, action, *place, now, barred=barred)


async def dispute_waits(session: Session, dispute_id: UUID, *, on_appeal: bool) -> bool:
    """Tell whether a dispute still has no verdict, or no answer to its appeal."""
    undecided = "appeal_decided_at IS NULL" if on_appeal else "ended_at IS NULL"
    found = await session.fetch_value(
        "SELECT true FROM app.dispute WHERE tenant_id = $1 AND id = $2 AND cancelled_at IS NULL"
        f" AND {undecided}",
        session.tenant_id,
        dispute_id,
    )
    return bool(found)


async def open_of(session: Session, member_id: UUID) -> Sequence[Row]:
    """Lock and return a member's open tasks, by id."""
    return await session.fetch(
        "SELECT id, member_id, kind FROM app.task WHERE tenant_id = $1 AND member_id = $2"
        " AND state = 'OPEN' ORDER BY id FOR NO KEY UPDATE",
        session.tenant_id,
        member_id,
    )


async def manager_of(session: Session, site_id: UUID) -> UUID | None:
    """Return who manages a site, if somebody does."""
    found: UUID | None = await session.fetch_value(
        "SELECT manager_id FROM app.site WHERE tenant_id = $1 AND id = $2",
        session.tenant_id,
        site_id,
    )
    return found


async def managers_of(session: Session, registration_ids: Sequence[UUID]) -> list[UUID]:
    """Return who manages the sites of registrations, each once."""
    rows = await session.fetch(
        "SELECT DISTINCT s.manager_id FROM app.registration r"
        " JOIN app.site s ON s.tenant_id = $1 AND s.id = r.site_id"
        " WHERE r.tenant_id = $1 AND r.id = ANY($2::uuid[]) AND s.manager_id IS NOT NULL"
        " ORDER BY s.manager_id",
        session.tenant_id,
        list(registration_ids),
    )
    return [row["manager_id"] for row in rows]


async def place_of_site(session: Session, site_id: UUID | None) -> Record:
    """Return where a site is, as the duties see it; the whole company where it is none."""
    row = await session.fetch_one(
        "SELECT org_unit_id, territory_id FROM app.site WHERE tenant_id = $1 AND id = $2",
        session.tenant_id,
        site_id,
    )
    return Record() if row is None else Record(None, row["org_unit_id"], row["territory_id"])
