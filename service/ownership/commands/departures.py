"""A member goes: his registrations, disputes and tasks find new hands in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from service.calendar import day_of, start_of_day
from service.database.session import Row
from service.errors import InvalidInput
from service.journal.tables import DecisionKind
from service.organisation import facts as organisation
from service.organisation.access import one_at_a_time
from service.organisation.commands import LeaveMember, leave_member
from service.organisation.moving import move_offices
from service.organisation.queries import lacking
from service.organisation.tables import MemberState
from service.ownership.commands.deciding import Ruling, Subject, keep
from service.ownership.commands.disputes import hand_disputes_over, stated
from service.ownership.commands.handing_on import Lot, hand_on, release, require_receiver
from service.ownership.errors import (
    DepartureAlreadyPlanned,
    DepartureInThePast,
    DepartureOver,
    SuccessorLeaves,
)
from service.ownership.events import DepartureCancelled, DepartureDone, DeparturePlanned
from service.ownership.facts import departing, lock_floors_of, private_disputes
from service.ownership.rules import dealt_out
from service.ownership.tables import Departure, DepartureKind, DepartureState, RegistrationsGo
from service.policies.access import Record
from service.rulebooks.in_force import in_force
from service.tasks.commands import pass_on
from service.work import UnitOfWork

DEPARTURE_DUE = "departure_due"
_MEMBER = ("input", "memberId")
_SUCCESSOR = ("input", "successorId")
# Of somebody who left without a plan nobody has stated a reason.
_UNSTATED = "–"


@dataclass(frozen=True, slots=True)
class PlanDeparture:
    """A member leaves the company, or moves to another place, from a day on.

    Attributes:
        first_day: the first day on which he is gone; today or a day past is at once.
        confirm_past: somebody knows that the day is past, and that it is not undone.
        registrations: where his live registrations go: POOL, SUCCESSOR, ROTATION; as the
            rulebook says where nothing is said.
        to_org_unit_id, to_territory_id: his new place, of a TRANSFER alone.
    """

    member_id: UUID
    kind: str
    first_day: date
    reason: str
    registrations: str | None = None
    successor_id: UUID | None = None
    to_org_unit_id: UUID | None = None
    to_territory_id: UUID | None = None
    confirm_past: bool = False


async def plan_departure(work: UnitOfWork, order: PlanDeparture) -> UUID:
    """Plan the departure and return its id; on its day, or now, everything goes at once.

    Until then nothing changes, and the plan says what it would touch. Locks the tenant, the
    queues of his floors, the member, and when it takes effect his registrations, their new
    registers and the deals he disputes.

    Raises:
        NotFound, Forbidden, MemberHasLeft, DepartureAlreadyPlanned, InvalidInput,
        DepartureInThePast, SuccessorLeaves, NotAReceiver (the successor, where customers are).
    """
    reason = stated(order.reason, "reason")
    await one_at_a_time(work)
    await lock_floors_of(work, order.member_id)
    member = await organisation.member(work, order.member_id, _MEMBER)
    work.authorise("member.leave", organisation.member_record(member))
    await _refuse_odd(work, order)
    if await departing.planned_of(work, order.member_id) is not None:
        raise DepartureAlreadyPlanned
    zone = work.tenant.zone
    _refuse_past(order, day_of(work.now, zone))
    takes_effect_at = max(start_of_day(order.first_day, zone), work.now)
    await _refuse_successor(work, order, takes_effect_at)
    departure = Departure(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        created_at=work.now,
        created_by=work.caller.member_id,
        member_id=order.member_id,
        org_unit_id=member["org_unit_id"],
        territory_id=member["territory_id"],
        kind=order.kind,
        first_day=order.first_day,
        takes_effect_at=takes_effect_at,
        wish=order.registrations,
        goes=await _goes(work, takes_effect_at, order.kind, order.registrations),
        successor_id=order.successor_id,
        to_org_unit_id=order.to_org_unit_id,
        to_territory_id=order.to_territory_id,
        reason=reason,
    )
    work.add(departure)
    work.emit(DeparturePlanned(departure.id, order.member_id, takes_effect_at))
    if takes_effect_at > work.now:
        work.schedule(DEPARTURE_DUE, departure.id, takes_effect_at)
    else:
        await work.flush()
        await _take_effect(work, await departing.departure(work, departure.id))
    work.concerns("departure", departure.id, member=order.member_id, reason=reason)
    return departure.id


def _refuse_past(order: PlanDeparture, today: date) -> None:
    """Let nobody go in a month whose figures are closed, nor on a past day without saying so.

    It is done at once and is not undone.
    """
    earliest = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    if order.first_day < earliest or (order.first_day < today and not order.confirm_past):
        raise DepartureInThePast(earliest=earliest, field=("input", "firstDay"))


async def _goes(work: UnitOfWork, at: datetime, kind: str, wish: str | None) -> str:
    """Return where registrations will go, as the version known for that instant says."""
    rulebook = (await in_force(work, at)).rulebook
    return str(rulebook.decide("departure", _asked(kind, wish)).then["registrations"])


def _asked(kind: str, wish: str | None) -> dict[str, bool | int | str]:
    return {"kind": kind, "wish": wish or "NONE"}


async def foresee_departures(work: UnitOfWork) -> None:
    """Write of every planned departure where its registrations will go; locks the departures.

    For who has published, cancelled or ended a version.
    """
    for row in await departing.all_planned(work):
        goes = await _goes(work, row["takes_effect_at"], row["kind"], row["wish"])
        if goes != row["goes"]:
            work.change(Departure, row["id"], {"goes": goes})


async def _refuse_odd(work: UnitOfWork, order: PlanDeparture) -> None:
    wants = order.registrations == RegistrationsGo.SUCCESSOR
    if wants != (order.successor_id is not None):
        raise InvalidInput(field=_SUCCESSOR, expected="SUCCESSOR_IF_CHOSEN")
    if order.successor_id == order.member_id:
        raise InvalidInput(field=_SUCCESSOR, expected="ANOTHER_MEMBER")
    if order.successor_id is not None:
        await organisation.member(work, order.successor_id, _SUCCESSOR)
    moves = order.to_org_unit_id is not None or order.to_territory_id is not None
    if moves != (order.kind == DepartureKind.TRANSFER):
        raise InvalidInput(field=("input", "toOrgUnitId"), expected="PLACE_IF_TRANSFER")
    await organisation.refuse_missing_place(work, order.to_org_unit_id, order.to_territory_id)


async def _refuse_successor(work: UnitOfWork, order: PlanDeparture, at: datetime) -> None:
    """Refuse a successor who will be gone by then, or could not have been given the visitors."""
    if order.successor_id is None:
        return
    if not await departing.works_at(work, order.successor_id, at):
        raise SuccessorLeaves(field=_SUCCESSOR)
    for place in await departing.places_of_live(work, order.member_id, work.now):
        await require_receiver(work, order.successor_id, place, _SUCCESSOR)


@dataclass(frozen=True, slots=True)
class CancelDeparture:
    """A planned departure does not take place."""

    departure_id: UUID


async def cancel_departure(work: UnitOfWork, order: CancelDeparture) -> UUID:
    """Cancel the plan and return its id. Locks the tenant, then the departure.

    Raises:
        NotFound, Forbidden; DepartureOver when it has taken effect or was cancelled.
    """
    await one_at_a_time(work)
    found = await departing.departure(work, order.departure_id)
    # Who has left meanwhile otherwise has a plan all the same.
    member = await organisation.locked(work, "member", found["member_id"], _MEMBER)
    work.authorise("member.leave", organisation.member_record(member))
    if found["state"] != DepartureState.PLANNED or found["takes_effect_at"] <= work.now:
        raise DepartureOver
    work.change(Departure, found["id"], {"state": DepartureState.CANCELLED.value})
    work.concerns("departure", found["id"])
    work.emit(DepartureCancelled(found["id"], found["member_id"]))
    return order.departure_id


async def departure_due(work: UnitOfWork, departure_id: UUID) -> None:
    """Let a planned departure take effect once its day has begun; exactly once."""
    await one_at_a_time(work)
    found = await departing.departure(work, departure_id)
    await lock_floors_of(work, found["member_id"])
    if found["state"] == DepartureState.PLANNED and found["takes_effect_at"] <= work.now:
        await _take_effect(work, found)


async def release_left(work: UnitOfWork, member_id: UUID) -> None:
    """Let everything of a member go who has left already; exactly once.

    A planned departure of his takes effect now; where he was to move, he does not. Who left
    without a plan goes as the rulebook says where nobody wished anything (2.8 #40), and that is
    recorded as a departure too. Who left by a departure has nothing any more. Locks as the plan.
    """
    await one_at_a_time(work)
    await lock_floors_of(work, member_id)
    member = await organisation.locked(work, "member", member_id, _MEMBER)
    if member["state"] != MemberState.LEFT:
        return
    planned = await departing.planned_of(work, member_id)
    if planned is not None and planned["kind"] == DepartureKind.TRANSFER:
        work.change(Departure, planned["id"], {"state": DepartureState.CANCELLED.value})
        work.emit(DepartureCancelled(planned["id"], member_id))
        planned = None
    if planned is None:
        if not await departing.leaves_something(work, member_id, work.now):
            return
        planned = await _unplanned(work, member)
    await _take_effect(work, planned)


async def release_stranded(work: UnitOfWork, member_id: UUID) -> bool:
    """Let go what is still with a member who has left, however it came to be; tell if there was.

    It goes as of one who leaves this instant without a plan. Locks as the plan.
    """
    await one_at_a_time(work)
    await lock_floors_of(work, member_id)
    member = await organisation.locked(work, "member", member_id, _MEMBER)
    if not any(found.member_id == member_id for found in await departing.stranded(work, work.now)):
        return False
    await _take_effect(work, await _unplanned(work, member))
    return True


async def _unplanned(work: UnitOfWork, member: Row) -> Row:
    departure = Departure(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        created_at=work.now,
        created_by=work.caller.member_id,
        member_id=member["id"],
        org_unit_id=member["org_unit_id"],
        territory_id=member["territory_id"],
        kind=DepartureKind.LEAVING.value,
        first_day=member["left_on"] + timedelta(days=1),
        takes_effect_at=work.now,
        reason=_UNSTATED,
    )
    work.add(departure)
    await work.flush()
    return await departing.departure(work, departure.id)


async def _take_effect(work: UnitOfWork, departure: Row) -> None:
    rulebook = await in_force(work, work.now)
    asked = _asked(departure["kind"], departure["wish"])
    outcome = rulebook.rulebook.decide("departure", asked)
    went = str(outcome.then["registrations"])
    successor_id = await _successor(work, departure)
    if went == RegistrationsGo.SUCCESSOR and successor_id is None:
        went = RegistrationsGo.POOL.value
    place = (departure["member_id"], departure["org_unit_id"], departure["territory_id"])
    ruling = Ruling(DecisionKind.REGISTRATION, asked, outcome, {"rep": departure["member_id"]})
    subject = Subject("departure", departure["id"], *place)
    lot = Lot(
        departure_id=departure["id"],
        member_id=departure["member_id"],
        decision_id=keep(work, rulebook, subject, ruling),
        remark=departure["reason"],
    )
    registrations = []
    if went != RegistrationsGo.KEPT:
        registrations = await departing.live_registrations(work, lot.member_id, work.now)
        given = await _give(work, successor_id, lot, went, registrations)
        if went == RegistrationsGo.SUCCESSOR and registrations and not given:
            went = RegistrationsGo.POOL.value
    private = await private_disputes(work, lot.member_id, work.now)
    disputes = await hand_disputes_over(work, private)
    tasks = await pass_on(work, lot.member_id, successor_id)
    await work.flush()
    if await departing.works_here(work, lot.member_id):
        await _go(work, departure)
    values = {
        "state": DepartureState.DONE.value,
        "done_at": work.now,
        "goes": went,
        "went": went,
        "registration_count": len(registrations),
        "dispute_count": disputes,
        "task_count": tasks,
    }
    work.change(Departure, departure["id"], values)
    work.emit(DepartureDone(departure["id"], departure["member_id"], successor_id))


async def _successor(work: UnitOfWork, departure: Row) -> UUID | None:
    """Return the successor if he still works here, and goes not himself this instant."""
    successor_id: UUID | None = departure["successor_id"]
    if successor_id is None or not await departing.works_at(work, successor_id, work.now):
        return None
    return successor_id


async def _give(
    work: UnitOfWork, successor_id: UUID | None, lot: Lot, went: str, registrations: list[Row]
) -> int:
    """Give the registrations to whom the rulebook says, and return how many found new hands.

    Whom nobody can take, the pool keeps: also those of a site at which the successor no longer
    receives.
    """
    given: list[tuple[Row, UUID]] = []
    if successor_id is not None and went == RegistrationsGo.SUCCESSOR:
        lost = await _unreceived(work, successor_id, registrations)
        given = [(row, successor_id) for row in registrations if row["site_id"] not in lost]
    if went == RegistrationsGo.ROTATION:
        hands = await departing.hands(work, lot.member_id, work.now)
        for site_id in sorted({row["site_id"] for row in registrations}):
            of_site = [row for row in registrations if row["site_id"] == site_id]
            given += zip(of_site, dealt_out(hands.get(site_id, ()), len(of_site)), strict=False)
    await hand_on(work, lot, given)
    dealt = {row["id"] for row, _ in given}
    release(work, lot, [row for row in registrations if row["id"] not in dealt])
    return len(given)


async def _unreceived(
    work: UnitOfWork, successor_id: UUID, registrations: Sequence[Row]
) -> set[UUID]:
    """Return the sites of registrations at which none of a successor's own duties lets him receive.

    It is asked again when the departure takes effect: months may lie between it and the plan.
    """
    places = {
        row["site_id"]: Record(None, row["site_org_unit_id"], row["site_territory_id"])
        for row in registrations
    }
    return {
        site_id
        for site_id, place in places.items()
        if await lacking(work, [successor_id], "visit.take", place)
    }


async def _go(work: UnitOfWork, departure: Row) -> None:
    if departure["kind"] == DepartureKind.TRANSFER:
        target = (departure["to_org_unit_id"], departure["to_territory_id"])
        await move_offices(work, departure["member_id"], *target)
        return
    member = await organisation.member(work, departure["member_id"], _MEMBER)
    today = work.today
    last_day = min(departure["first_day"] - timedelta(days=1), today)
    first = max(last_day, day_of(member["created_at"], work.tenant.zone))
    await leave_member(work, LeaveMember(member["id"], member["version"], min(first, today)))
