"""Running periods under a rulebook that changes: what is stored is right for all that is to come.

A version that switches running periods is known from its approval on. So every end is written as
it will be, when it is opened or moved and when a version is published, cancelled or ended: reading
asks no calendar, and nothing waits for the worker.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from service.calendar import last_day_inside, start_of_day
from service.database.session import Row
from service.ownership.commands.protections import keep_former_protections
from service.ownership.rules import (
    NOT_BEGUN,
    DealClock,
    Terms,
    claim_window,
    first_follow_up_due,
    private_until,
    terms_of,
)
from service.ownership.rules.running import (
    Lengths,
    Moment,
    Switch,
    runs_on,
    taken_over,
    tracking_ends,
)
from service.rulebooks.in_force import SWITCH_TO_COME, InForce, switching, version
from service.tasks.commands import move_due
from service.work import UnitOfWork

_TRACKING_ENDING: Final = "tracking_ending"
_TRACKING_LAPSED: Final = "tracking_lapsed"
_FIRST_FOLLOW_UP_DUE: Final = "first_follow_up_due"
_FIRST_FOLLOW_UP: Final = "first_follow_up"
_CREDIT_FINAL: Final = "credit_final"
_DISPUTE_PRIVATE_ENDED: Final = "dispute_private_ended"
_CALL_DAYS: Final = "phone.registration_days"

# A correction and new hands keep the rank, and with it the contacts of the entries before them and
# the terms of the first. Who is judged anew ranks anew, and owes nothing to what it corrects.
_TRACKINGS: Final = """
WITH RECURSIVE line AS (
    SELECT r.id, r.id AS entry_id, r.corrects_id, r.party_id, r.ranks_from, r.entered_at, r.call_id,
        r.decision_id, 0 AS back
    FROM app.registration r
    WHERE r.tenant_id = $1 AND r.result = 'VALID' AND r.voided_at IS NULL
      AND r.superseded_at IS NULL AND r.protected_until > $2
      AND ($3::uuid IS NULL OR r.site_id = $3) AND ($4::uuid[] IS NULL OR r.id = ANY($4))
    UNION ALL
    SELECT l.id, o.id, o.corrects_id, o.party_id, o.ranks_from, o.entered_at, o.call_id,
        o.decision_id, l.back + 1
    FROM line l JOIN app.registration o ON o.tenant_id = $1 AND o.id = l.corrects_id
      AND o.result = 'VALID' AND o.party_id = l.party_id AND o.ranks_from = l.ranks_from
)
SELECT r.id, r.site_id, r.member_id, r.received_at, first.entered_at, r.protected_until,
    r.first_follow_up_due_at, r.first_followed_up_at, r.first_follow_up_breached_at,
    s.time_zone, d.rulebook_version_id AS version_id,
    first.call_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM app.registration o WHERE o.tenant_id = $1 AND o.id = first.corrects_id
          AND o.party_id = first.party_id AND o.result = 'VALID') AS of_call,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(x.at, x.rulebook_version_id)
                               ORDER BY x.at, x.id), '[]')
     FROM line l JOIN app.decision x ON x.tenant_id = $1 AND x.subject_id = l.entry_id
     WHERE l.id = r.id AND x.kind = 'RENEWAL' AND x.outcome->>'window' = 'RENEWED') AS renewals
FROM line first
JOIN app.registration r ON r.tenant_id = $1 AND r.id = first.id
JOIN app.site s ON s.tenant_id = $1 AND s.id = r.site_id
JOIN app.decision d ON d.tenant_id = $1 AND d.id = first.decision_id
WHERE first.back = (SELECT max(l.back) FROM line l WHERE l.id = first.id)
ORDER BY r.id FOR NO KEY UPDATE OF r
"""
# A claim or a dispute decides the credit again, perhaps by a later version; the first opened it.
_DEALS: Final = """
SELECT d.id, d.site_id, d.signed_at, d.provisional_at, d.contracted_at, d.claims_close_at,
    s.time_zone,
    (SELECT c.rulebook_version_id FROM app.decision c WHERE c.tenant_id = $1
     AND c.subject_id = d.id AND c.kind = 'CREDIT' ORDER BY c.at, c.transaction, c.id LIMIT 1)
        AS version_id,
    coalesce(v.said_before AND EXISTS (
        SELECT FROM app.decision x WHERE x.tenant_id = $1 AND x.subject_id = v.id
        AND x.kind = 'RECEPTION' AND x.facts->>'registration' = 'NONE'), FALSE) AS unconfirmed
FROM app.deal d
JOIN app.site s ON s.tenant_id = $1 AND s.id = d.site_id
JOIN app.visit v ON v.tenant_id = $1 AND v.id = d.visit_id
WHERE d.tenant_id = $1 AND d.claims_close_at > $2
  AND ($3::uuid IS NULL OR d.site_id = $3) AND ($4::uuid[] IS NULL OR d.id = ANY($4))
ORDER BY d.id FOR NO KEY UPDATE OF d
"""
# A version that was taken back counts: what it would have moved goes on as before.
_EVER_SWITCHED: Final = """
SELECT EXISTS (SELECT FROM app.rulebook_version
    WHERE tenant_id = $1 AND policy = 'showroom' AND switches)
"""
_DISPUTES: Final = """
SELECT d.id, d.site_id, d.opened_at, d.private_until, s.time_zone,
    c.rulebook_version_id AS version_id
FROM app.dispute d
JOIN app.site s ON s.tenant_id = $1 AND s.id = d.site_id
JOIN app.decision c ON c.tenant_id = $1 AND c.id = d.opening_id
WHERE d.tenant_id = $1 AND d.private_until > $2 AND d.ended_at IS NULL
  AND d.handed_over_at IS NULL
  AND ($3::uuid IS NULL OR d.site_id = $3) AND ($4::uuid[] IS NULL OR d.id = ANY($4))
ORDER BY d.id FOR NO KEY UPDATE OF d
"""


@dataclass(frozen=True, slots=True)
class _Calendars:
    """Which versions take running periods over, site by site; read once each."""

    work: UnitOfWork
    known: dict[UUID, tuple[Switch[InForce], ...]]

    async def of(self, site_id: UUID, zone: ZoneInfo) -> tuple[Switch[InForce], ...]:
        """Return the versions that switch at a site, whenever they did or will."""
        if site_id not in self.known:
            found = await switching(self.work, site_id, zone)
            self.known[site_id] = tuple(
                [Switch(at, await version(self.work, version_id)) for at, version_id in found]
            )
        return self.known[site_id]


async def switch_to_come(work: UnitOfWork, site_id: UUID) -> bool:
    """Tell whether a version is known that will take a site's running periods over."""
    found: bool = await work.fetch_value(
        f"SELECT {SWITCH_TO_COME.format(at='$2', site='$3::uuid')}",
        work.tenant_id,
        work.now,
        site_id,
    )
    return found


async def follow_the_rulebook(work: UnitOfWork, site_id: UUID | None = None) -> None:
    """Write every running period as the known versions will have it, at a site or everywhere.

    For who has published, cancelled or ended a version. Locks what runs, registrations by id, then
    deals by id.
    """
    if not await work.fetch_value(_EVER_SWITCHED, work.tenant_id):
        return
    calendars = _Calendars(work, {})
    await _count_trackings(work, calendars, site_id, None)
    await _count_claims(work, calendars, site_id, None)
    await _count_private_times(work, calendars, site_id, None)


async def count_trackings(
    work: UnitOfWork, registration_ids: Sequence[UUID]
) -> dict[UUID, datetime]:
    """Write the ends of trackings just opened or moved as the known versions will have them.

    Returns the first instant outside each that runs. Locks the registrations by id.
    """
    return await _count_trackings(work, _Calendars(work, {}), None, registration_ids)


async def count_claims(work: UnitOfWork, deal_id: UUID, closes_at: datetime) -> datetime:
    """Write the end of a claim window just opened likewise, and return it. Locks the deal."""
    moved = await _count_claims(work, _Calendars(work, {}), None, [deal_id])
    return moved.get(deal_id, closes_at)


async def count_private_time(work: UnitOfWork, dispute_id: UUID) -> None:
    """Write the end of the time two reps have among themselves likewise. Locks the dispute."""
    await _count_private_times(work, _Calendars(work, {}), None, [dispute_id])


async def _count_trackings(
    work: UnitOfWork, calendars: _Calendars, site_id: UUID | None, ids: Sequence[UUID] | None
) -> dict[UUID, datetime]:
    rows = await work.fetch(
        _TRACKINGS, work.tenant_id, work.now, site_id, None if ids is None else list(ids)
    )
    ends: dict[UUID, datetime] = {}
    moved: list[tuple[UUID, datetime, ZoneInfo]] = []
    due: list[tuple[UUID, datetime]] = []
    for row in rows:
        zone = ZoneInfo(row["time_zone"])
        switches = await calendars.of(row["site_id"], zone)
        ends[row["id"]] = until = await _tracking_ends(work, row, zone, switches)
        if until != row["protected_until"]:
            moved.append((row["id"], until, zone))
        by = await _first_follow_up_due(work, row, zone, switches)
        if by is not None and by != row["first_follow_up_due_at"]:
            due.append((row["id"], by))
    _write_ends(work, moved)
    _write_due(work, due)
    return ends


async def _tracking_ends(
    work: UnitOfWork, row: Row, zone: ZoneInfo, switches: Sequence[Switch[InForce]]
) -> datetime:
    of_call = row["of_call"]
    opened = await version(work, row["version_id"])
    moments = [Moment(row["received_at"], _terms(opened, zone, of_call=of_call))]
    for at, version_id in row["renewals"]:
        decided = await version(work, UUID(version_id))
        moments.append(Moment(datetime.fromisoformat(at), terms_of(decided.rulebook, zone)))
    since = [
        Switch(
            one.at,
            Lengths(_terms(one.terms, zone, of_call=of_call), terms_of(one.terms.rulebook, zone)),
        )
        for one in switches
        if one.at > row["entered_at"]
    ]
    return tracking_ends(row["received_at"], moments, since)


def _terms(in_force: InForce, zone: ZoneInfo, *, of_call: bool) -> Terms:
    """Return the terms of a reception, or of a call, whose days are a parameter of their own."""
    terms = terms_of(in_force.rulebook, zone)
    days = in_force.rulebook.parameters.get(_CALL_DAYS)
    return replace(terms, days=int(str(days))) if of_call and days is not None else terms


async def _first_follow_up_due(
    work: UnitOfWork, row: Row, zone: ZoneInfo, switches: Sequence[Switch[InForce]]
) -> datetime | None:
    """Return by when the first follow-up is owed, where it still is."""
    due = row["first_follow_up_due_at"]
    done = row["first_followed_up_at"] or row["first_follow_up_breached_at"]
    if due is None or done is not None or due <= work.now:
        return None
    opened = await version(work, row["version_id"])
    received_at = row["received_at"]
    since = [
        Switch(one.at, first_follow_up_due(received_at, terms_of(one.terms.rulebook, zone)))
        for one in switches
        if one.at > row["entered_at"]
    ]
    return runs_on(first_follow_up_due(received_at, terms_of(opened.rulebook, zone)), since)


async def judging(
    work: UnitOfWork,
    decision_id: UUID,
    opened_at: datetime,
    due: datetime,
    place: tuple[UUID, ZoneInfo],
) -> InForce:
    """Return the version a running clock is judged by: that which opened it, or took it over.

    Args:
        work: the unit of work.
        decision_id: the decision that opened it.
        opened_at: when.
        due: when it ends.
        place: the site and its zone.
    """
    switches = await _Calendars(work, {}).of(*place)
    over = taken_over((one for one in switches if opened_at < one.at <= work.now), due)
    if over is not None:
        return over
    version_id = await work.fetch_value(
        "SELECT rulebook_version_id FROM app.decision WHERE tenant_id = $1 AND id = $2",
        work.tenant_id,
        decision_id,
    )
    return await version(work, version_id)


async def _count_claims(
    work: UnitOfWork, calendars: _Calendars, site_id: UUID | None, ids: Sequence[UUID] | None
) -> dict[UUID, datetime]:
    """Return the windows whose end moved, each with its new end."""
    rows = await work.fetch(
        _DEALS, work.tenant_id, work.now, site_id, None if ids is None else list(ids)
    )
    moved: list[tuple[UUID, datetime]] = []
    for row in rows:
        zone = ZoneInfo(row["time_zone"])
        opened = await version(work, row["version_id"])
        since = [
            Switch(one.at, _claims_close(one.terms, row, zone))
            for one in await calendars.of(row["site_id"], zone)
            if one.at > row["signed_at"]
        ]
        until = runs_on(_claims_close(opened, row, zone), since)
        if until != row["claims_close_at"]:
            moved.append((row["id"], until))
        # A deal is little arithmetic, thousands are much: others go on meanwhile.
        await asyncio.sleep(0)
    _update(work, "deal", "claims_close_at", moved)
    begun = [(row_id, until) for row_id, until in moved if until != NOT_BEGUN]
    _schedule(work, [(_CREDIT_FINAL, row_id, until) for row_id, until in begun])
    return dict(moved)


def _claims_close(in_force: InForce, row: Row, zone: ZoneInfo) -> datetime:
    clock = DealClock(row["signed_at"], row["provisional_at"], row["contracted_at"])
    unconfirmed = row["unconfirmed"]
    window = claim_window(in_force.rulebook, clock, zone, unconfirmed_return=unconfirmed)
    return window.closes_at


async def _count_private_times(
    work: UnitOfWork, calendars: _Calendars, site_id: UUID | None, ids: Sequence[UUID] | None
) -> None:
    rows = await work.fetch(
        _DISPUTES, work.tenant_id, work.now, site_id, None if ids is None else list(ids)
    )
    moved: list[tuple[UUID, datetime]] = []
    for row in rows:
        zone = ZoneInfo(row["time_zone"])
        opened = await version(work, row["version_id"])
        since = [
            Switch(one.at, _private_until(one.terms, row, zone))
            for one in await calendars.of(row["site_id"], zone)
            if one.at > row["opened_at"]
        ]
        until = runs_on(_private_until(opened, row, zone), since)
        if until != row["private_until"]:
            moved.append((row["id"], until))
    _update(work, "dispute", "private_until", moved)
    _schedule(work, [(_DISPUTE_PRIVATE_ENDED, row_id, until) for row_id, until in moved])


def _private_until(in_force: InForce, row: Row, zone: ZoneInfo) -> datetime:
    then = in_force.rulebook.decide("dispute", {}).then
    return private_until(then, row["opened_at"], zone)


def _write_ends(work: UnitOfWork, moved: Sequence[tuple[UUID, datetime, ZoneInfo]]) -> None:
    keep_former_protections(work, [one for one, _, _ in moved])
    _update(work, "registration", "protected_until", [(one, until) for one, until, _ in moved])
    timers: list[tuple[str, UUID, datetime]] = []
    for row_id, until, zone in moved:
        timers.append((_TRACKING_LAPSED, row_id, until))
        ending = start_of_day(last_day_inside(until, zone), zone)
        if ending > work.now:
            timers.append((_TRACKING_ENDING, row_id, ending))
    _schedule(work, timers)


def _write_due(work: UnitOfWork, due: Sequence[tuple[UUID, datetime]]) -> None:
    _update(work, "registration", "first_follow_up_due_at", due)
    _schedule(work, [(_FIRST_FOLLOW_UP_DUE, row_id, by) for row_id, by in due])
    if due:
        move_due(work, _FIRST_FOLLOW_UP, due)


def _update(
    work: UnitOfWork, table: str, column: str, moved: Sequence[tuple[UUID, datetime]]
) -> None:
    if not moved:
        return
    work.write(
        table,
        f"UPDATE app.{table} t SET {column} = x.until, version = t.version + 1"
        " FROM unnest({}::uuid[], {}::timestamptz[]) AS x (id, until)"
        " WHERE t.tenant_id = {}::uuid AND t.id = x.id",
        [row_id for row_id, _ in moved],
        [until for _, until in moved],
        work.tenant_id,
        expected=len(moved),
    )


def _schedule(work: UnitOfWork, timers: Sequence[tuple[str, UUID, datetime]]) -> None:
    if not timers:
        return
    columns: list[list[Any]] = [list(column) for column in zip(*timers, strict=True)]
    work.write(
        "timer",
        "INSERT INTO app.timer (tenant_id, id, kind, subject_id, due_at)"
        " SELECT {}::uuid, uuidv7(), x.kind, x.subject_id, x.due_at"
        " FROM unnest({}::text[], {}::uuid[], {}::timestamptz[]) AS x (kind, subject_id, due_at)"
        " ON CONFLICT (tenant_id, kind, subject_id, due_at) DO NOTHING",
        work.tenant_id,
        *columns,
    )
