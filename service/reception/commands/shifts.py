"""The roster: who is planned to work at a site, when, and what of it is changed or called off."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from service.calendar import day_of
from service.errors import DayOutOfRange, InvalidInput, NotFound, VersionConflict
from service.organisation.errors import MemberOnLeave
from service.reception.errors import ShiftOver, ShiftOverlaps
from service.reception.events import ShiftCancelled, ShiftChanged, ShiftPlanned
from service.reception.facts import sites as facts
from service.reception.facts.presences import held, on_leave, replan
from service.reception.facts.sites import SiteRow
from service.reception.tables import Shift
from service.work import UnitOfWork

_AHEAD: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class PlanShift:
    """A member is to work at a site on a day."""

    site_id: UUID
    member_id: UUID
    day: date
    starts_at: time
    ends_at: time


@dataclass(frozen=True, slots=True)
class ChangeShift:
    """A shift is moved to other hours or another day; None leaves what is."""

    shift_id: UUID
    expected_version: int
    day: date | None = None
    starts_at: time | None = None
    ends_at: time | None = None


@dataclass(frozen=True, slots=True)
class CancelShift:
    """A shift is called off."""

    shift_id: UUID
    expected_version: int


async def plan_shift(work: UnitOfWork, order: PlanShift) -> UUID:
    """Put a member on the roster and return the shift's id; shares the member's lock.

    Raises NotFound, Forbidden, InvalidInput, DayOutOfRange (passed, or more than 366 days ahead),
    MemberOnLeave, or ShiftOverlaps.
    """
    site = await facts.site(work, order.site_id)
    work.authorise("shift.plan", site.record(order.member_id))
    await facts.require(work, member=order.member_id)
    hours = _Hours(order.day, order.starts_at, order.ends_at)
    await _check(work, site, order.member_id, hours)
    shift = Shift(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        created_at=work.now,
        created_by=work.caller.member_id,
        site_id=site.id,
        member_id=order.member_id,
        day=order.day,
        starts_at=order.starts_at,
        ends_at=order.ends_at,
    )
    work.add(shift)
    await work.flush()
    await replan(work, site.id, order.member_id, order.day)
    work.concerns("shift", shift.id, site=site.id, member=order.member_id)
    work.emit(ShiftPlanned(site.id, order.member_id, shift.id, order.day))
    return shift.id


async def change_shift(work: UnitOfWork, order: ChangeShift) -> UUID:
    """Move a shift whose day has not passed and return its id; locks it, shares the member's lock.

    Raises NotFound, Forbidden, VersionConflict, ShiftOver, and what planning raises.
    """
    site, row = await _standing(work, order.shift_id, order.expected_version)
    was = _Hours(row["day"], row["starts_at"], row["ends_at"])
    hours = _Hours(
        order.day or was.day, order.starts_at or was.starts_at, order.ends_at or was.ends_at
    )
    await facts.require(work, member=row["member_id"])
    await _check(work, site, row["member_id"], hours, but=row["id"])
    work.change(
        Shift,
        row["id"],
        {"day": hours.day, "starts_at": hours.starts_at, "ends_at": hours.ends_at},
    )
    await work.flush()
    for day in {was.day, hours.day}:
        await replan(work, site.id, row["member_id"], day)
    work.concerns("shift", row["id"], site=site.id, member=row["member_id"], was=str(was))
    work.emit(ShiftChanged(site.id, row["member_id"], row["id"], hours.day))
    return order.shift_id


async def cancel_shift(work: UnitOfWork, order: CancelShift) -> UUID:
    """Call a shift off whose day has not passed and return its id; locks it.

    Raises NotFound, Forbidden, VersionConflict, or ShiftOver.
    """
    site, row = await _standing(work, order.shift_id, order.expected_version)
    work.change(Shift, row["id"], {"cancelled_at": work.now})
    await work.flush()
    await replan(work, site.id, row["member_id"], row["day"])
    work.concerns("shift", row["id"], site=site.id, member=row["member_id"])
    work.emit(ShiftCancelled(site.id, row["member_id"], row["id"], row["day"]))
    return order.shift_id


@dataclass(frozen=True, slots=True)
class _Hours:
    """A day of the site and hours of it."""

    day: date
    starts_at: time
    ends_at: time

    def __str__(self) -> str:
        return f"{self.day} {self.starts_at:%H:%M} {self.ends_at:%H:%M}"


async def _standing(
    work: UnitOfWork, shift_id: UUID, expected_version: int
) -> tuple[SiteRow, dict[str, Any]]:
    """Lock a shift that may still be changed, and read its site."""
    row = await work.fetch_one(
        "SELECT id, site_id, member_id, day, starts_at, ends_at, cancelled_at, version"
        " FROM app.shift WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE",
        work.tenant_id,
        shift_id,
    )
    if row is None:
        raise NotFound(field=("input", "shiftId"))
    site = await facts.site(work, row["site_id"])
    work.authorise("shift.plan", site.record(row["member_id"]))
    if row["version"] != expected_version:
        raise VersionConflict(current_version=row["version"], field=("input", "expectedVersion"))
    if row["cancelled_at"] is not None or row["day"] < _today(work, site):
        raise ShiftOver(field=("input", "shiftId"))
    return site, dict(row)


async def _check(
    work: UnitOfWork, site: SiteRow, member_id: UUID, hours: _Hours, but: UUID | None = None
) -> None:
    """Refuse hours nobody works, a day out of reach, leave, and other shifts of the member."""
    if not hours.starts_at < hours.ends_at:
        raise InvalidInput(field=("input", "endsAt"), expected="AFTER_START")
    today = _today(work, site)
    if not today <= hours.day <= today + _AHEAD:
        last = (today + _AHEAD).isoformat()
        raise DayOutOfRange(first=today.isoformat(), last=last, field=("input", "day"))
    await held(work, [member_id])
    leave = (await on_leave(work, [member_id], hours.day)).get(member_id)
    if leave is not None:
        raise MemberOnLeave(
            member=leave.member, last_day=leave.last_day.isoformat(), field=("input", "day")
        )
    other = await work.fetch_one(
        "SELECT s.code, h.starts_at, h.ends_at FROM app.shift h"
        " JOIN app.site s ON s.tenant_id = $1 AND s.id = h.site_id"
        " WHERE h.tenant_id = $1 AND h.member_id = $2 AND h.day = $3 AND h.cancelled_at IS NULL"
        "   AND h.starts_at < $5 AND $4 < h.ends_at AND h.id IS DISTINCT FROM $6::uuid"
        " ORDER BY h.starts_at LIMIT 1",
        work.tenant_id,
        member_id,
        hours.day,
        hours.starts_at,
        hours.ends_at,
        but,
    )
    if other is not None:
        raise ShiftOverlaps(
            site=other["code"],
            starts_at=f"{other['starts_at']:%H:%M}",
            ends_at=f"{other['ends_at']:%H:%M}",
            field=("input", "startsAt"),
        )


def _today(work: UnitOfWork, site: SiteRow) -> date:
    return day_of(work.now, ZoneInfo(site.time_zone))
