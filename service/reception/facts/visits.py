"""A visit as it stands, locked, with its site: what is done to it later starts here."""

from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from service.calendar import day_of
from service.errors import FieldPath, NotFound
from service.policies.access import Record
from service.reception.facts.floor import QueueRow, queue_row
from service.reception.tables import VisitState
from service.rulebooks.in_force import VERSION_AT_SITE
from service.work import UnitOfWork

VISIT_FIELD: FieldPath = ("input", "visitId")

_QUEUE = """
SELECT row_to_json(q) FROM app.rotation_queue q
WHERE q.tenant_id = $1 AND q.site_id = (
    SELECT v.site_id FROM app.visit v WHERE v.tenant_id = $1 AND v.id = $2)
FOR NO KEY UPDATE
"""
_VISIT = f"""
SELECT v.id, v.site_id, v.org_unit_id, v.territory_id, v.reception_day, v.arrived_at, v.left_at,
    v.state, v.party_id, v.phones, v.identities, v.way, v.said_before, v.named_member_id,
    v.referrer_party_id, v.together_with_id, v.campaign_id, v.survey, v.unit_code, v.taken_by_id,
    v.receiver_id,
    v.owner_kind, v.owner_id, v.mode, v.obligation, v.turn_member_id, s.time_zone, s.phone_region,
    s.opens_at,
    {VERSION_AT_SITE.format(at="$3", site="v.site_id", zone="s.time_zone")} AS version_id,
    ARRAY(SELECT vp.party_id FROM app.visit_party vp
          WHERE vp.tenant_id = $1 AND vp.visit_id = v.id) AS party_ids,
    -- An id carries the instant of its making.
    v.party_id IS NULL OR EXISTS (SELECT FROM app.visit_party vp WHERE vp.tenant_id = $1
        AND vp.visit_id = v.id AND uuid_extract_timestamp(vp.id) > v.arrived_at) AS met_later,
    (SELECT d.facts ->> 'registration' FROM app.decision d
     WHERE d.tenant_id = $1 AND d.subject_id = v.id AND d.kind = 'RECEPTION'
       AND d.facts ->> 'registration' IS NOT NULL
     ORDER BY d.at, d.id LIMIT 1) AS registration,
    EXISTS (SELECT FROM app.decision d WHERE d.tenant_id = $1 AND d.id = v.decision_id
        AND d.facts ->> 'registration' <> 'NONE') AS registered
FROM app.visit v
JOIN app.site s ON s.tenant_id = $1 AND s.id = v.site_id
WHERE v.tenant_id = $1 AND v.id = $2
FOR NO KEY UPDATE OF v
"""


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """A visit, its site's settings, and the rulebook version in force now.

    Attributes:
        party_ids: every party the visitor's numbers identified.
        met_later: he was not known when he came, or not as all of them.
        registration: what the arrival found: NONE, LIVE or LAPSED.
        registered: the last decision found him registered; a manager's own finds nothing.
    """

    id: UUID
    site_id: UUID
    org_unit_id: UUID
    territory_id: UUID | None
    reception_day: date
    arrived_at: datetime
    left_at: datetime | None
    state: str
    party_id: UUID | None
    party_ids: frozenset[UUID]
    met_later: bool
    phones: tuple[str, ...]
    identities: tuple[str, ...]
    way: str
    said_before: bool
    named_member_id: UUID | None
    referrer_party_id: UUID | None
    survey: str
    unit_code: str | None
    taken_by_id: UUID | None
    together_with_id: UUID | None
    campaign_id: UUID | None
    receiver_id: UUID | None
    owner_kind: str
    owner_id: UUID | None
    mode: str
    obligation: str
    turn_member_id: UUID | None
    zone: ZoneInfo
    phone_region: str
    opens_at: time
    version_id: UUID | None
    registration: str | None
    registered: bool

    @property
    def waits(self) -> bool:
        """Whether nobody receives the visitor yet."""
        return self.state == VisitState.WAITING

    @property
    def closed(self) -> bool:
        """Whether the visitor has left."""
        return self.state == VisitState.CLOSED

    def today(self, now: datetime) -> date:
        """Return the site's day of an instant."""
        return day_of(now, self.zone)

    def waited_in_vain(self, now: datetime) -> bool:
        """Tell whether his day ended while nobody received him: nobody stays the night."""
        return self.waits and self.reception_day < self.today(now)

    def record(self, actor_id: UUID) -> Record:
        """Return the visit as the duties see it: his who receives, and his who owns."""
        owner_id = self.owner_id or self.receiver_id
        if actor_id == self.receiver_id:
            owner_id = actor_id
        return Record(owner_id, self.org_unit_id, self.territory_id)


async def queue_of_visit(work: UnitOfWork, visit_id: UUID) -> QueueRow:
    """Lock the queue of a visit's site, before the visit itself.

    Raises:
        NotFound: no such visit.
    """
    found = await work.lock(_QUEUE, work.tenant_id, visit_id)
    if not found:
        raise NotFound(field=VISIT_FIELD)
    return queue_row(found[0][0])


async def visit(work: UnitOfWork, visit_id: UUID) -> VisitFacts:
    """Lock and return a visit.

    Raises:
        NotFound: no such visit.
    """
    row = await work.fetch_one(_VISIT, work.tenant_id, visit_id, work.now)
    if row is None:
        raise NotFound(field=VISIT_FIELD)
    columns = dict(row)
    columns["zone"] = ZoneInfo(columns.pop("time_zone"))
    columns["phones"] = tuple(columns["phones"])
    columns["party_ids"] = frozenset(columns["party_ids"])
    return VisitFacts(**columns)


async def waiting_at(work: UnitOfWork, site_id: UUID) -> list[UUID]:
    """Return who waits at a site on its day of this instant, in their order of arrival (Q10)."""
    rows = await work.fetch(
        "SELECT v.id FROM app.visit v WHERE v.tenant_id = $1 AND v.site_id = $2"
        " AND v.reception_day = (SELECT ($3::timestamptz AT TIME ZONE s.time_zone)::date"
        "   FROM app.site s WHERE s.tenant_id = $1 AND s.id = $2)"
        " AND v.left_at IS NULL AND v.state = 'WAITING' ORDER BY v.number",
        work.tenant_id,
        site_id,
        work.now,
    )
    return [row["id"] for row in rows]
