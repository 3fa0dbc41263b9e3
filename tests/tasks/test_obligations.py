"""What duties make their holders owe by a clock: opened in its period, once, closed by evidence."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from builders.ownership import Showroom, a_showroom

from service.clock import ManualClock
from service.ownership.events import CustomerRegistered, RegistrationCorrected
from service.reception.events import (
    ReceptionAssigned,
    ReceptionReassigned,
    SurveyExposed,
    VisitClosed,
)
from service.reception.tables import SurveyStatus, Visit
from service.tasks import reactions
from service.tasks.commands import owe_recurring
from service.work import Transactions, UnitOfWork


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+08:00").astimezone(UTC)


async def an_obligation(house: Showroom, role: str, obligation: dict[str, Any]) -> None:
    """Make a role's duty oblige its holders."""

    async def step(work: UnitOfWork) -> None:
        work.write(
            "duty",
            "UPDATE app.duty SET obligation = {}::jsonb"
            " WHERE tenant_id = {}::uuid AND code = {}::text",
            obligation,
            work.tenant_id,
            f"{role}-duty",
            expected=1,
        )

    await house.inside(step)


async def tasks(house: Showroom) -> list[tuple[str, str, str, datetime]]:
    names = {member_id: name for name, member_id in house.members.items()}
    rows = await house.rows(
        "SELECT member_id, kind, state, due_at FROM app.task WHERE tenant_id = $1 ORDER BY due_at"
    )
    return [(names[row["member_id"]], row["kind"], row["state"], row["due_at"]) for row in rows]


@pytest.mark.parametrize("kind", ["recurring_report", "bulletin", "inspection"])
async def test_what_recurs_is_opened_once_in_each_of_its_periods(
    transactions: Transactions, clock: ManualClock, kind: str
) -> None:
    house = await a_showroom(transactions)
    clause = {"kind": kind, "clock": {"weekday": 0}, "evidence": "task_completed"}
    await an_obligation(house, "manager", clause)

    # Mondays are 2 and 9 March; the day is the tenant's, not the clock's.
    for text in ("03-01 23:59", "03-02 00:01", "03-02 20:00", "03-03 08:00", "03-09 08:00"):
        clock.set(shanghai(text))
        await house.inside(owe_recurring)

    assert await tasks(house) == [
        ("Mei", kind, "OPEN", shanghai("03-03 00:00")),
        ("Mei", kind, "OPEN", shanghai("03-10 00:00")),
    ]


async def test_what_is_owed_by_the_month_is_owed_on_its_day(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    clause = {"kind": "bulletin", "clock": {"day_of_month": 5}, "evidence": "task_completed"}
    await an_obligation(house, "clerk", clause)

    for text in ("03-04 12:00", "03-05 12:00", "03-06 12:00"):
        clock.set(shanghai(text))
        await house.inside(owe_recurring)

    assert await tasks(house) == [("Fin", "bulletin", "OPEN", shanghai("03-06 00:00"))]


AFTERNOON, MIDNIGHT = shanghai("03-02 15:00"), shanghai("03-03 00:00")


async def selling(transactions: Transactions, clock: ManualClock) -> Showroom:
    """A showroom on a Monday afternoon whose reps are to enter whom they receive."""
    house = await a_showroom(transactions)
    clause = {"kind": "same_day_entry", "clock": {"end_of_day": True, "after": "ReceptionAssigned"}}
    await an_obligation(house, "rep", clause)
    clock.set(AFTERNOON)
    return house


async def hear(house: Showroom, react: Any, event: object) -> None:
    """Hear an event twice, as two workers may."""

    async def step(work: UnitOfWork) -> None:
        await react(work, event)

    await house.inside(step)
    await house.inside(step)


async def received(house: Showroom, visit: Visit) -> None:
    # What the reactions go by is the visit: events may be heard late, and in any order.
    event = ReceptionAssigned(visit.id, house.site_id, None, "MEMBER", None, "TURN", "RR-13")
    await hear(house, reactions.on_reception_assigned, event)


async def closed(house: Showroom, visit: Visit) -> None:
    event = VisitClosed(visit.id, house.site_id, house.transactions.clock.now())
    await hear(house, reactions.on_visit_closed, event)


async def registered(house: Showroom, entry_id: UUID) -> None:
    row = await house.row("registration", entry_id)
    event = CustomerRegistered(
        registration_id=entry_id,
        member_id=row["member_id"],
        party_id=row["party_id"],
        visit_id=row["visit_id"],
        site_id=house.site_id,
        org_unit_id=house.unit_id,
        protected_until=row["protected_until"],
        first_follow_up_due_at=row["first_follow_up_due_at"],
    )
    await hear(house, reactions.on_customer_registered, event)


async def changed(house: Showroom, visit: Visit, **values: object) -> None:
    async def step(work: UnitOfWork) -> None:
        work.change(Visit, visit.id, values)

    await house.inside(step)


async def entries(house: Showroom) -> list[tuple[str, str, datetime]]:
    return [
        (name, state, due)
        for name, kind, state, due in await tasks(house)
        if kind == "same_day_entry"
    ]


async def test_who_is_received_is_to_be_entered_by_the_end_of_the_day(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await selling(transactions, clock)
    visit = await house.a_visit("An", await house.a_party())
    await received(house, visit)
    # The desk need not close the visit; closed at night, it asks for nothing more.
    assert await entries(house) == [("An", "OPEN", MIDNIGHT)]
    clock.set(shanghai("03-03 00:05"))
    await closed(house, visit)
    assert await entries(house) == [("An", "OPEN", MIDNIGHT)]
    clock.set(AFTERNOON)

    await registered(house, await house.enter(visit))

    assert await entries(house) == [("An", "DONE", MIDNIGHT)]
    # Who stands in the register owes nothing at his next visit.
    again = await house.a_visit("An", visit.party_id or visit.id)
    await received(house, again)
    await closed(house, again)
    assert len(await entries(house)) == 1


async def test_who_was_received_before_duties_said_so_is_to_be_entered_when_he_leaves(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await selling(transactions, clock)
    visit = await house.a_visit("An", await house.a_party())

    await closed(house, visit)

    assert await entries(house) == [("An", "OPEN", MIDNIGHT)]


async def test_who_waits_is_to_be_entered_once_somebody_receives_him(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await selling(transactions, clock)
    nobody: dict[str, object] = {"receiver_id": None, "owner_kind": "NOBODY", "owner_id": None}
    waiting = await house.a_visit("An", await house.a_party(), state="WAITING", **nobody)
    known = {"receiver_id": None, "owner_id": house.members["Bo"]}
    unreceived = await house.a_visit("Bo", await house.a_party(), state="WAITING", **known)
    for visit in (waiting, unreceived):
        await received(house, visit)
    await closed(house, unreceived)
    assert await entries(house) == []

    an = house.members["An"]
    await changed(house, waiting, receiver_id=an, owner_kind="MEMBER", owner_id=an)
    await received(house, waiting)

    assert await entries(house) == [("An", "OPEN", MIDNIGHT)]


async def test_the_entry_is_owed_by_whose_customer_he_is_now(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await selling(transactions, clock)
    visit = await house.a_visit("An", await house.a_party())
    await changed(house, visit, party_id=None)
    await received(house, visit)

    # Given to a colleague, back, and to the manager, who has no such duty.
    held = []
    for name in ("Bo", "An", "Mei"):
        to, now = house.members[name], await house.a_party()
        await changed(house, visit, receiver_id=to, owner_id=to, party_id=now)
        event = ReceptionReassigned(visit.id, house.site_id, None, to)
        await hear(house, reactions.on_reception_reassigned, event)
        (task,) = await house.rows("SELECT * FROM app.task WHERE tenant_id = $1")
        held.append((task["member_id"], task["state"]))
        assert name == "Mei" or task["arguments"] == {"party_id": str(now)}

    an, bo = house.members["An"], house.members["Bo"]
    assert held == [(bo, "OPEN"), (an, "OPEN"), (an, "CANCELLED")]


async def test_one_valid_entry_answers_every_visit_of_the_customer(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await selling(transactions, clock)
    party_id = await house.a_party(name=None)
    first, second = [await house.a_visit("An", party_id) for _ in range(2)]
    for visit in (first, second, await house.a_visit("Bo", party_id)):
        await received(house, visit)
    incomplete = await house.enter(first, name_given=False)
    correction = RegistrationCorrected(
        incomplete, incomplete, house.members["An"], party_id, house.unit_id, None
    )
    await hear(house, reactions.on_registration_corrected, correction)
    assert {state for _, state, _ in await entries(house)} == {"OPEN"}

    valid = await house.enter(first)
    correction = RegistrationCorrected(
        valid, incomplete, house.members["An"], party_id, house.unit_id, None
    )
    await hear(house, reactions.on_registration_corrected, correction)

    assert sorted(await entries(house)) == [
        ("An", "DONE", MIDNIGHT),
        ("An", "DONE", MIDNIGHT),
        ("Bo", "OPEN", MIDNIGHT),
    ]


@pytest.mark.parametrize(
    ("survey", "state"), [(SurveyStatus.EXPOSED, "CANCELLED"), (SurveyStatus.SUSPECTED, "OPEN")]
)
async def test_a_survey_visitor_is_not_to_be_entered_unless_he_admits_nothing(
    transactions: Transactions, clock: ManualClock, survey: SurveyStatus, state: str
) -> None:
    house = await selling(transactions, clock)
    visit = await house.a_visit("An", await house.a_party())
    await received(house, visit)

    await changed(house, visit, survey=survey.value)
    event = SurveyExposed(visit.id, house.site_id, admitted=survey is SurveyStatus.EXPOSED)
    await hear(house, reactions.on_survey_exposed, event)
    await closed(house, visit)

    assert await entries(house) == [("An", state, MIDNIGHT)]
