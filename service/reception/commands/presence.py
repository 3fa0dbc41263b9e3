"""Commands of a rep's day: sign in and out, away and back, a day off (Q1, Q2, Q5, Q6)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from service.errors import InvalidInput
from service.organisation.errors import MemberOnLeave
from service.reception.commands.placing import QueueStep, write_queue
from service.reception.commands.reassessing import serve_waiting
from service.reception.commands.receivers import require_receivers
from service.reception.errors import AlreadySignedIn, NotAway, NotOnShift, SignedInElsewhere
from service.reception.events import (
    RepCameBack,
    RepSignedIn,
    RepSignedOut,
    RepTookDayOff,
    RepWentAway,
)
from service.reception.facts.floor import Floor, floor, require_members
from service.reception.facts.presences import coming, held, signed_in_at
from service.reception.rules.queue import joined, left
from service.reception.rules.rotation import NOTHING_KEPT
from service.reception.tables import Presence, PresenceState, QueueChange
from service.work import Anchor, UnitOfWork

_QUEUE = Anchor("rotation_queue", "site_id", "site_id")
_MEMBER = ("input", "memberId")
_MOST_AT_ONCE = 100


class AwayReason(StrEnum):
    """Why a rep is out for a while; the rulebook says what it does to his place."""

    BUSINESS = "BUSINESS"
    PRIVATE = "PRIVATE"


_AWAY = {
    AwayReason.BUSINESS.value: PresenceState.AWAY_BUSINESS,
    AwayReason.PRIVATE.value: PresenceState.AWAY_PRIVATE,
}


@dataclass(frozen=True, slots=True)
class SignIn:
    """Reps come to work at a site. Several are imported with equal times (Q1)."""

    anchor: ClassVar[Anchor] = _QUEUE

    site_id: UUID
    member_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class SignOut:
    """A rep ends his work at a site for the day."""

    anchor: ClassVar[Anchor] = _QUEUE

    site_id: UUID
    member_id: UUID


@dataclass(frozen=True, slots=True)
class GoAway:
    """A rep is out for a while; `reason` is a word of AwayReason."""

    anchor: ClassVar[Anchor] = _QUEUE

    site_id: UUID
    member_id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class ComeBack:
    """A rep who was out is on site again, at the place he has."""

    anchor: ClassVar[Anchor] = _QUEUE

    site_id: UUID
    member_id: UUID


@dataclass(frozen=True, slots=True)
class TakeDayOff:
    """A rep does not work today; what he receives all the same is obligatory (五(五)9)."""

    anchor: ClassVar[Anchor] = _QUEUE

    site_id: UUID
    member_id: UUID


async def sign_in(work: UnitOfWork, order: SignIn) -> UUID:
    """Let reps join the tail of the live queue, equal times by staff code; returns the site's id.

    Whoever waits may be received now. Locks the site's queue, shares the members' locks. Raises
    NotFound, Forbidden, InvalidInput, AlreadySignedIn, MemberOnLeave, SignedInElsewhere, or
    NotAReceiver.
    """
    field = ("input", "memberIds")
    if not 1 <= len(set(order.member_ids)) == len(order.member_ids) <= _MOST_AT_ONCE:
        raise InvalidInput(expected="DIFFERENT_ENTRIES", least=1, most=_MOST_AT_ONCE, field=field)
    here = await floor(work, order.site_id, order.member_ids)
    require_members(
        here,
        {member_id: (*field, str(position)) for position, member_id in enumerate(order.member_ids)},
    )
    for member_id in order.member_ids:
        work.authorise("reception_queue.sign_in", here.site.record(member_id))
    await require_receivers(work, here, order.member_ids, field)
    by_staff_code = sorted(order.member_ids, key=lambda one: here.members[one][1])
    for member_id in by_staff_code:
        if member_id in here.order:
            raise AlreadySignedIn(member=here.members[member_id][2], field=field)
    # Whoever enters leave holds the member and then asks where he is signed in: not both at once.
    await held(work, by_staff_code)
    known = await coming(work, order.site_id, here.day, by_staff_code)
    for member_id, who in known.items():
        if who.on_leave_until is not None:
            name, until = here.members[member_id][2], who.on_leave_until.isoformat()
            position = str(order.member_ids.index(member_id))
            raise MemberOnLeave(member=name, last_day=until, field=(*field, position))
    for member_id, who in known.items():
        if who.elsewhere is not None:
            name = here.members[member_id][2]
            raise SignedInElsewhere(member=name, site=who.elsewhere, field=field)
    for member_id in by_staff_code:
        _set_presence(work, here, member_id, PresenceState.IN)
        work.emit(RepSignedIn(here.site.id, member_id))
    steps = [QueueStep(member_id, QueueChange.JOIN) for member_id in by_staff_code]
    terms = here.row.terms | {
        str(member_id): who.terms(here.row.terms.get(str(member_id), NOTHING_KEPT))
        for member_id, who in known.items()
    }
    write_queue(work, here, joined(here.order, by_staff_code), steps, terms=terms)
    work.concerns("site", here.site.id, members=by_staff_code)
    await serve_waiting(work, here.site.id)
    return here.site.id


async def sign_out(work: UnitOfWork, order: SignOut) -> UUID:
    """Take a rep out of the queue and return the site's id; locks the site's queue.

    Raises NotFound, Forbidden, or NotOnShift.
    """
    here = await _of(work, order.site_id, order.member_id, "reception_queue.sign_out")
    _require_on_shift(here, order.member_id)
    _leave(work, here, order.member_id, PresenceState.OUT)
    work.emit(RepSignedOut(here.site.id, order.member_id))
    return here.site.id


async def sign_out_gone(work: UnitOfWork, member_id: UUID) -> None:
    """Take a member who has gone, in the middle of his day, out of every queue he stands in.

    Called by the worker, as often as it likes. Locks the queues, in the order of their sites.
    """
    await sign_out_during(work, member_id, date.min, date.max)


async def sign_out_during(work: UnitOfWork, member_id: UUID, first: date, last: date) -> None:
    """Take a member out of every queue he stands in, where the site's day is one of these.

    Locks the queues, in the order of their sites.

    Args:
        work: the unit of work.
        member_id: who.
        first: a day of the site's calendar.
        last: another, included.
    """
    for site_id in await signed_in_at(work, member_id):
        here = await floor(work, site_id, [member_id])
        known = here.attendance.get(member_id)
        if known is None or not known.signed_in or not first <= here.day <= last:
            continue
        if member_id in here.order:
            # As if he had signed out himself: a past that is decided again reads it so.
            work.note("sign_out", ("site", site_id), member=member_id)
        _leave(work, here, member_id, PresenceState.OUT)
        work.emit(RepSignedOut(site_id, member_id))


async def go_away(work: UnitOfWork, order: GoAway) -> UUID:
    """Let a rep be out for a while and return the site's id; locks the site's queue.

    Raises NotFound, Forbidden, InvalidInput, or NotOnShift.
    """
    if order.reason not in _AWAY:
        raise InvalidInput(expected="ONE_OF", choices=tuple(_AWAY), field=("input", "reason"))
    here = await _of(work, order.site_id, order.member_id, "reception_queue.go_away")
    _require_on_shift(here, order.member_id)
    _set_presence(work, here, order.member_id, _AWAY[order.reason])
    work.concerns("site", here.site.id, reason=order.reason)
    work.emit(RepWentAway(here.site.id, order.member_id, order.reason))
    return here.site.id


async def come_back(work: UnitOfWork, order: ComeBack) -> UUID:
    """Let a rep who was out receive again, also who waits; returns the site's id.

    Locks the site's queue. Raises NotFound, Forbidden, NotOnShift, or NotAway.
    """
    here = await _of(work, order.site_id, order.member_id, "reception_queue.come_back")
    _require_on_shift(here, order.member_id)
    if here.attendance[order.member_id].state == PresenceState.IN:
        raise NotAway(field=_MEMBER)
    _set_presence(work, here, order.member_id, PresenceState.IN)
    work.emit(RepCameBack(here.site.id, order.member_id))
    await serve_waiting(work, here.site.id)
    return here.site.id


async def take_day_off(work: UnitOfWork, order: TakeDayOff) -> UUID:
    """Note that a rep does not work today and return the site's id; locks the site's queue.

    Raises NotFound, Forbidden, or NotAReceiver.
    """
    here = await _of(work, order.site_id, order.member_id, "reception_queue.take_day_off")
    await require_receivers(work, here, [order.member_id], _MEMBER)
    _leave(work, here, order.member_id, PresenceState.DAY_OFF)
    work.emit(RepTookDayOff(here.site.id, order.member_id))
    return here.site.id


async def _of(work: UnitOfWork, site_id: UUID, member_id: UUID, action: str) -> Floor:
    here = await floor(work, site_id, [member_id])
    require_members(here, {member_id: _MEMBER})
    work.authorise(action, here.site.record(member_id))
    work.concerns("site", here.site.id, member=member_id)
    return here


def _require_on_shift(here: Floor, member_id: UUID) -> None:
    if member_id not in here.order:
        raise NotOnShift(field=_MEMBER)


def _leave(work: UnitOfWork, here: Floor, member_id: UUID, state: PresenceState) -> None:
    _set_presence(work, here, member_id, state)
    if member_id in here.order:
        steps = [QueueStep(member_id, QueueChange.LEAVE, state.value)]
        write_queue(work, here, left(here.order, member_id), steps)


def _set_presence(work: UnitOfWork, here: Floor, member_id: UUID, state: PresenceState) -> None:
    known = here.attendance.get(member_id)
    values: dict[str, object] = {"state": state.value, "changed_at": work.now}
    if member_id not in here.order and state is PresenceState.IN:
        values["signed_in_at"] = work.now
    if known is not None:
        work.change(Presence, known.id, values)
        return
    work.add(
        Presence(
            tenant_id=work.tenant_id,
            id=work.new_id(),
            site_id=here.site.id,
            member_id=member_id,
            day=here.day,
            state=state.value,
            signed_in_at=work.now if state is PresenceState.IN else None,
            changed_at=work.now,
        )
    )
