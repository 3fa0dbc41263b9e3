"""An answer that a duty asks for: to a deal by getting in touch, to a given task by doing it."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from builders.ownership import SHANGHAI, Showroom, a_showroom
from builders.rehearsals import REACTIONS
from builders.tasks import a_task

from service.clock import ManualClock
from service.errors import InvalidInput, NotFound
from service.ownership.commands import RecordFollowUp, record_follow_up
from service.simulation.passing import pass_to
from service.tasks.commands import CompleteTask, complete_task, owe_answer_to_deal
from service.tasks.errors import TaskByEvent
from service.tasks.rules import answered_by
from service.work import Transactions, UnitOfWork
from tasks.test_obligations import an_obligation, shanghai

CARE = {
    "kind": "response",
    "clock": {"within_days": 3, "after": "DealRecorded"},
    "evidence": "follow_up_recorded",
}
SOON = {
    "kind": "response",
    "clock": {"within_minutes": 30, "after": "TaskAssigned"},
    "evidence": "task_completed",
}


async def heard(house: Showroom) -> None:
    """Let the worker hear what happened."""
    await pass_to(house.transactions, house.tenant_id, REACTIONS)


async def follow_up(house: Showroom, name: str, registration_id: UUID) -> None:
    order = RecordFollowUp(registration_id, "PHONE", "问候,约定交车")
    await house.by(name, record_follow_up, order)


async def answers(house: Showroom) -> list[tuple[str, str, datetime]]:
    names = {member_id: name for name, member_id in house.members.items()}
    rows = await house.rows(
        "SELECT member_id, state, due_at FROM app.task"
        " WHERE tenant_id = $1 AND kind = 'response' ORDER BY due_at"
    )
    return [(names[row["member_id"]], row["state"], row["due_at"]) for row in rows]


async def a_buyer(house: Showroom, clock: ManualClock) -> tuple[UUID, UUID]:
    """An registers a customer in the morning, follows up, and the customer signs at 15:00."""
    await an_obligation(house, "rep", CARE)
    clock.set(shanghai("03-02 10:00"))
    visit = await house.a_visit("An", await house.a_party())
    registration_id = await house.enter(visit)
    clock.set(shanghai("03-02 14:00"))
    await follow_up(house, "An", registration_id)
    clock.set(shanghai("03-02 15:00"))
    return registration_id, await house.a_deal(visit)


async def test_who_sold_gets_in_touch_within_three_days_of_the_signing(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    registration_id, _ = await a_buyer(house, clock)
    due = shanghai("03-06 00:00")
    # The worker was off for a day: the term counts from the signing all the same (TM-8).
    clock.set(shanghai("03-03 15:00"))
    await heard(house)
    assert await answers(house) == [("An", "OPEN", due)]

    clock.set(shanghai("03-04 11:00"))
    await follow_up(house, "An", registration_id)
    await heard(house)

    assert await answers(house) == [("An", "DONE", due)]


async def test_who_was_in_touch_before_the_signing_is_heard_of_still_owes_nothing(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    registration_id, _ = await a_buyer(house, clock)
    clock.set(shanghai("03-02 18:00"))
    await follow_up(house, "An", registration_id)

    await heard(house)

    assert await answers(house) == []


async def test_a_deal_heard_of_twice_is_answered_once(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    _, deal_id = await a_buyer(house, clock)
    await heard(house)

    async def again(work: UnitOfWork) -> None:
        await owe_answer_to_deal(work, deal_id)

    await house.inside(again)

    assert len(await answers(house)) == 1


async def test_an_answer_is_shown_by_the_contact_and_not_by_hand(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    await a_buyer(house, clock)
    await heard(house)
    (task,) = await house.rows("SELECT id FROM app.task WHERE tenant_id = $1 AND kind = 'response'")

    with pytest.raises(TaskByEvent):
        await house.by("An", complete_task, CompleteTask(task["id"]))


async def test_whose_duty_asks_for_no_answer_owes_none(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    clock.set(shanghai("03-02 10:00"))
    visit = await house.a_visit("An", await house.a_party())
    await house.enter(visit)
    await house.a_deal(visit)

    await heard(house)

    assert await answers(house) == []


@pytest.mark.parametrize(
    ("said", "due"),
    [
        (None, "03-02 10:30"),
        ("03-02 12:00", "03-02 10:30"),
        ("03-02 10:10", "03-02 10:10"),
    ],
)
async def test_what_is_given_under_a_duty_is_due_by_the_duty_or_earlier(
    transactions: Transactions, clock: ManualClock, said: str | None, due: str
) -> None:
    house = await a_showroom(transactions)
    await an_obligation(house, "rep", SOON)
    duty_id = await the_duty(house, "rep")
    clock.set(shanghai("03-02 10:00"))

    due_at = None if said is None else shanghai(said)
    task = await house.row("task", await a_task(house, duty_id=duty_id, due_at=due_at))

    assert (task["due_at"], task["duty_id"]) == (shanghai(due), duty_id)
    await house.by("An", complete_task, CompleteTask(task["id"]))


async def test_a_duty_that_asks_for_no_answer_sets_no_term(transactions: Transactions) -> None:
    house = await a_showroom(transactions)
    duty_id = await the_duty(house, "rep")

    task = await house.row("task", await a_task(house, duty_id=duty_id))

    assert (task["due_at"], task["duty_id"]) == (None, duty_id)


async def test_nothing_is_given_under_a_duty_the_member_does_not_hold(
    transactions: Transactions,
) -> None:
    house, other = await a_showroom(transactions), await a_showroom(transactions)

    with pytest.raises(InvalidInput):
        await a_task(house, duty_id=await the_duty(house, "manager"))
    said = []
    for unknown in (await the_duty(other, "rep"), uuid4()):
        with pytest.raises(NotFound) as refused:
            await a_task(house, duty_id=unknown)
        said.append(refused.value.field)
    assert said == [("input", "dutyId")] * 2


async def the_duty(house: Showroom, role: str) -> UUID:
    (row,) = await house.rows(
        "SELECT id FROM app.duty WHERE tenant_id = $1 AND code = $2", f"{role}-duty"
    )
    duty_id: UUID = row["id"]
    return duty_id


def test_days_are_the_zones_and_minutes_elapse() -> None:
    zone = SHANGHAI
    assert answered_by({"within_days": 3}, shanghai("03-02 23:59"), zone) == shanghai("03-06 00:00")
    assert answered_by({"within_minutes": 30}, shanghai("03-02 23:59"), zone) == datetime(
        2026, 3, 2, 16, 29, tzinfo=UTC
    )
