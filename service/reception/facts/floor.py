"""A site at an instant: its settings, its queue and who is doing what in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from service.database.session import Row
from service.errors import FieldPath, NotFound
from service.identifiers import identifier
from service.policies.access import Record
from service.reception.rules.queue import Place, Queue, Standing
from service.reception.rules.rotation import NOTHING_KEPT, Rotation, TermsWritten
from service.reception.tables import Obligation, PresenceState, ReceptionMode
from service.rulebooks.in_force import SWITCH_TO_COME, VERSION_AT_SITE
from service.work import UnitOfWork

SITE_FIELD: FieldPath = ("input", "siteId")

# A visitor is new where no live registration brought him to his receiver.
_NEW_MODES = ", ".join(
    f"'{mode.value}'" for mode in (ReceptionMode.TURN, ReceptionMode.DOUBLE, ReceptionMode.NAMED)
)
_NEW_OBLIGATIONS = ", ".join(
    f"'{obligation.value}'" for obligation in (Obligation.NAMED_REP, Obligation.DAY_OFF)
)


def new_visitor(visit: str) -> str:
    """Write the condition that a visit's visitor is new; `visit` is the table's alias."""
    return f"{visit}.mode IN ({_NEW_MODES}) OR {visit}.obligation IN ({_NEW_OBLIGATIONS})"


# $1 tenant, $2 site, $3 instant, $4 members that are asked about besides the site's manager.
# What the site gives is asked for by scalar sub-selects: a join with it would be a filter over the
# site's whole history where the planner has no statistics yet, a sub-select is an index condition.
HERE = """
here AS (
    SELECT s.id, s.org_unit_id, s.territory_id, s.manager_id, s.time_zone, s.phone_region,
           ($3::timestamptz AT TIME ZONE s.time_zone)::date AS day
    FROM app.site s WHERE s.tenant_id = $1::uuid AND s.id = $2::uuid
)
"""
_ZONE = "(SELECT time_zone FROM here)"
FLOOR = f"""
(SELECT to_jsonb(here) FROM here) AS site,
(SELECT coalesce(jsonb_object_agg(p.member_id, jsonb_build_array(p.id, p.state)), '{{}}')
 FROM app.presence p
 WHERE p.tenant_id = $1::uuid AND p.site_id = $2::uuid
   AND p.day = (SELECT day FROM here)) AS presence,
(SELECT coalesce(jsonb_object_agg(o.receiver_id, jsonb_build_array(o.visitors, o.new)), '{{}}')
 FROM (SELECT v.receiver_id, count(*) AS visitors,
              bool_or({new_visitor("v")}) AS new
       FROM app.visit v
       WHERE v.tenant_id = $1::uuid AND v.site_id = $2::uuid
         AND v.reception_day = (SELECT day FROM here)
         AND v.left_at IS NULL AND v.receiver_id IS NOT NULL
       GROUP BY v.receiver_id) o) AS open,
(SELECT coalesce(max(v.number), 0) FROM app.visit v
 WHERE v.tenant_id = $1::uuid AND v.site_id = $2::uuid
   AND v.reception_day = (SELECT day FROM here)) AS number,
(SELECT coalesce(jsonb_object_agg(m.id, jsonb_build_array(m.state, m.staff_code, m.name)), '{{}}')
 FROM app.member m
 WHERE m.tenant_id = $1::uuid
   AND m.id = ANY($4::uuid[] || (SELECT manager_id FROM here))) AS members,
{VERSION_AT_SITE.format(at="$3", site="$2::uuid", zone=_ZONE)} AS version_id,
{SWITCH_TO_COME.format(at="$3", site="$2::uuid")} AS switch_to_come
"""

_SIGNED_IN = {
    PresenceState.IN.value: None,
    PresenceState.AWAY_BUSINESS.value: Standing.AWAY_BUSINESS,
    PresenceState.AWAY_PRIVATE.value: Standing.AWAY_PRIVATE,
}


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """A site's settings."""

    id: UUID
    org_unit_id: UUID
    territory_id: UUID | None
    manager_id: UUID | None
    zone: ZoneInfo
    phone_region: str

    def record(self, owner_id: UUID | None = None) -> Record:
        """Return something of the site, and of a member where it is his, as the duties see it."""
        return Record(owner_id, self.org_unit_id, self.territory_id)


@dataclass(frozen=True, slots=True)
class Attendance:
    """A member's presence of the day: the row and what it says."""

    id: UUID
    state: str

    @property
    def signed_in(self) -> bool:
        """Whether he is in the queue, on site or away for a while."""
        return self.state in _SIGNED_IN


@dataclass(frozen=True, slots=True)
class QueueRow:
    """The locked row of a site's queue, as it stands."""

    id: UUID
    day: date
    member_ids: tuple[UUID, ...]
    turns: Mapping[UUID, int]
    last_sequence: int
    terms: dict[str, TermsWritten] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Floor:
    """A site on one of its days, under the lock of its queue.

    Attributes:
        order: the live order of the day; members who left the company are not in it.
        loads: open visits of today by receiver.
        serving_new: who of them is with a new customer.
        members: the members asked about: whether they still work here, staff code, name.
        number: number of the day's latest visit, from the visits themselves.
        switch_to_come: a version is known that will take running periods over.
    """

    site: SiteFacts
    day: date
    row: QueueRow
    order: tuple[UUID, ...]
    turns: Mapping[UUID, int]
    attendance: Mapping[UUID, Attendance]
    loads: Mapping[UUID, int]
    serving_new: frozenset[UUID]
    members: Mapping[UUID, tuple[bool, str, str]]
    number: int
    version_id: UUID | None
    switch_to_come: bool = False

    @property
    def last_number(self) -> int:
        """Return the number of the day's latest visit."""
        return self.row.last_sequence if self.row.day == self.day else self.number

    @property
    def is_today(self) -> bool:
        """Whether the queue's row may be written: nobody has begun a later day in it."""
        return self.row.day <= self.day

    @property
    def manager_id(self) -> UUID | None:
        """Return the manager who receives when no rep does, if he still works here."""
        return self.site.manager_id if self.works(self.site.manager_id) else None

    def works(self, member_id: UUID | None) -> bool:
        """Tell whether a member asked about still works for the tenant."""
        return member_id is not None and self.members.get(member_id, (False,))[0]

    def queue(self, rotation: Rotation, now: datetime, taker_id: UUID | None = None) -> Queue:
        """Return the live queue as a value, by a rulebook's terms at an instant."""
        local = now.astimezone(self.site.zone)
        places = tuple(self._place(member_id, rotation, local) for member_id in self.order)
        return Queue(places, rotation.order, taker_id)

    def _place(self, member_id: UUID, rotation: Rotation, local: datetime) -> Place:
        load, turns = self.loads.get(member_id, 0), self.turns.get(member_id, 0)
        away = _SIGNED_IN[self.attendance[member_id].state]
        kept = self.row.terms.get(str(member_id), NOTHING_KEPT)
        staff_code = self.members[member_id][1]
        return Place(
            member_id,
            away or (Standing.BUSY if load else Standing.FREE),
            load,
            turns,
            rotation.weight.of(staff_code, kept),
            rotation.hold_of(turns, staff_code, kept, local),
        )


def queue_row(found: Mapping[str, Any]) -> QueueRow:
    """Read the anchor as the opening statement locked it."""
    return QueueRow(
        id=identifier(found["id"]),
        day=date.fromisoformat(found["day"]),
        member_ids=tuple(identifier(member_id) for member_id in found["member_ids"]),
        turns={identifier(member_id): turns for member_id, turns in found["turns"].items()},
        last_sequence=found["last_sequence"],
        terms=found["terms"],
    )


async def locked_queue(work: UnitOfWork, site_id: UUID) -> QueueRow:
    """Return the site's queue, locked: by the opening statement already, or now.

    Raises:
        NotFound: no such site.
    """
    if work.anchor is not None:
        return queue_row(work.anchor)
    found = await work.lock(
        "SELECT row_to_json(q) FROM app.rotation_queue q"
        " WHERE q.tenant_id = $1 AND q.site_id = $2 FOR NO KEY UPDATE",
        work.tenant_id,
        site_id,
    )
    if not found:
        raise NotFound(field=SITE_FIELD)
    return queue_row(found[0][0])


async def floor(work: UnitOfWork, site_id: UUID, mentioned: Iterable[UUID] = ()) -> Floor:
    """Read a site as it stands, behind the lock of its queue: one statement.

    Args:
        work: the unit of work.
        site_id: the site.
        mentioned: members the command names, to be found in `Floor.members`.

    Raises:
        NotFound: no such site.
    """
    row = await locked_queue(work, site_id)
    return await floor_behind(work, row, site_id, mentioned)


async def floor_behind(
    work: UnitOfWork, row: QueueRow, site_id: UUID, mentioned: Iterable[UUID] = ()
) -> Floor:
    """Read a site whose queue the command has locked.

    Raises:
        NotFound: no such site.
    """
    found = await work.fetch_only(
        f"WITH {HERE} SELECT {FLOOR}",
        work.tenant_id,
        site_id,
        work.now,
        [*row.member_ids, *mentioned],
    )
    return floor_from(found, row)


def floor_from(found: Row, row: QueueRow) -> Floor:
    """Turn the columns of FLOOR into facts.

    Raises:
        NotFound: no such site.
    """
    here = found["site"]
    if here is None:
        raise NotFound(field=SITE_FIELD)
    day = date.fromisoformat(here["day"])
    members = {
        identifier(member_id): (state == "ACTIVE", staff_code, name)
        for member_id, (state, staff_code, name) in found["members"].items()
    }
    attendance = {
        identifier(member_id): Attendance(identifier(presence_id), state)
        for member_id, (presence_id, state) in found["presence"].items()
    }
    live = row.day == day

    def stands(member_id: UUID) -> bool:
        """Tell whether a member still has his place."""
        known = attendance.get(member_id)
        works = members.get(member_id, (False,))[0]
        return known is not None and known.signed_in and works

    served = {identifier(member_id): open_ for member_id, open_ in found["open"].items()}

    return Floor(
        site=_site(here),
        day=day,
        row=row,
        order=tuple(filter(stands, row.member_ids)) if live else (),
        turns=row.turns if live else {},
        attendance=attendance,
        loads={member_id: visitors for member_id, (visitors, _) in served.items()},
        serving_new=frozenset(member_id for member_id, (_, new) in served.items() if new),
        members=members,
        number=found["number"],
        version_id=found["version_id"],
        switch_to_come=found["switch_to_come"],
    )


def _site(here: Mapping[str, Any]) -> SiteFacts:
    return SiteFacts(
        id=identifier(here["id"]),
        org_unit_id=identifier(here["org_unit_id"]),
        territory_id=identifier(here["territory_id"]) if here["territory_id"] else None,
        manager_id=identifier(here["manager_id"]) if here["manager_id"] else None,
        zone=ZoneInfo(here["time_zone"]),
        phone_region=here["phone_region"],
    )


def require_members(floor: Floor, wanted: Mapping[UUID, FieldPath]) -> None:
    """Refuse members who are missing or have left.

    Raises:
        NotFound: one does not work for this tenant; the field says which.
    """
    for member_id, path in wanted.items():
        if not floor.works(member_id):
            raise NotFound(field=path)
