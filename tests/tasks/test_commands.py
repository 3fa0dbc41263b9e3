"""Tasks given, done and taken back."""

import asyncio
from uuid import uuid4

import pytest
from builders.ownership import Showroom, a_showroom
from builders.tasks import a_task

from service.errors import Forbidden, InvalidInput, NotFound
from service.tasks.commands import (
    FIRST_FOLLOW_UP,
    AssignTask,
    CancelTask,
    CompleteTask,
    Notice,
    Owed,
    assign_task,
    cancel_task,
    complete_task,
    meet,
    notify,
    owe,
)
from service.tasks.errors import TaskByEvent, TaskNotOpen, TaskOpenAlready
from service.work import Transactions, UnitOfWork


async def test_a_manager_gives_his_team_a_task(transactions: Transactions) -> None:
    house = await a_showroom(transactions)

    task = await house.row("task", await a_task(house))

    assert (task["state"], task["member_id"]) == ("OPEN", house.members["An"])
    assert (task["created_by"], task["org_unit_id"]) == (house.members["Mei"], house.unit_id)


@pytest.mark.parametrize("name", ["Bo", "Fin"])
async def test_a_colleague_gives_no_tasks(transactions: Transactions, name: str) -> None:
    house = await a_showroom(transactions)

    with pytest.raises(Forbidden):
        await house.by(name, assign_task, AssignTask(house.members["An"], "Call"))


async def test_another_tenants_member_answers_like_a_missing_one(
    transactions: Transactions,
) -> None:
    house, other = await a_showroom(transactions), await a_showroom(transactions)

    for unknown in (other.members["An"], uuid4()):
        with pytest.raises(NotFound):
            await house.by("Mei", assign_task, AssignTask(unknown, "Call"))


@pytest.mark.parametrize("changes", [{"title": " "}, {"subject_type": "deal"}])
async def test_a_task_needs_a_title_and_a_whole_subject(
    transactions: Transactions, changes: dict[str, str]
) -> None:
    house = await a_showroom(transactions)

    with pytest.raises(InvalidInput):
        await a_task(house, **changes)


async def test_one_record_is_given_to_a_member_once_at_a_time(transactions: Transactions) -> None:
    house = await a_showroom(transactions)
    about = {"subject_type": "deal", "subject_id": uuid4()}
    first = await a_task(house, **about)
    with pytest.raises(TaskOpenAlready):
        await a_task(house, **about)

    await house.by("An", complete_task, CompleteTask(first))

    assert await a_task(house, **about) != first


async def test_the_member_reports_his_task_done_once(transactions: Transactions) -> None:
    house = await a_showroom(transactions)
    task_id = await a_task(house)

    await house.by("An", complete_task, CompleteTask(task_id))

    task = await house.row("task", task_id)
    assert (task["state"], task["done_at"]) == ("DONE", transactions.clock.now())
    with pytest.raises(TaskNotOpen) as refused:
        await house.by("An", complete_task, CompleteTask(task_id))
    assert refused.value.state == "DONE"


@pytest.mark.parametrize("name", ["Bo", "Mei"])
async def test_nobody_reports_for_another(transactions: Transactions, name: str) -> None:
    house = await a_showroom(transactions)
    task_id = await a_task(house)

    with pytest.raises(Forbidden):
        await house.by(name, complete_task, CompleteTask(task_id))


async def test_who_gives_tasks_takes_them_back(transactions: Transactions) -> None:
    house = await a_showroom(transactions)
    task_id = await a_task(house)
    with pytest.raises(Forbidden):
        await house.by("An", cancel_task, CancelTask(task_id))

    await house.by("Mei", cancel_task, CancelTask(task_id))

    assert (await house.row("task", task_id))["state"] == "CANCELLED"
    with pytest.raises(TaskNotOpen):
        await house.by("An", complete_task, CompleteTask(task_id))


async def test_another_tenants_task_answers_like_a_missing_one(
    transactions: Transactions,
) -> None:
    house, other = await a_showroom(transactions), await a_showroom(transactions)
    task_id = await a_task(house)

    with pytest.raises(NotFound):
        await other.by("An", complete_task, CompleteTask(task_id))
    with pytest.raises(NotFound):
        await other.by("Mei", cancel_task, CancelTask(task_id))


async def test_a_repeated_key_gives_one_task(transactions: Transactions) -> None:
    house = await a_showroom(transactions)
    order = AssignTask(house.members["An"], "Call")

    first = await house.by("Mei", assign_task, order, key="k" * 16)

    assert await house.by("Mei", assign_task, order, key="k" * 16) == first
    assert len(await house.rows("SELECT 1 FROM app.task WHERE tenant_id = $1")) == 1


async def test_done_and_taken_back_at_once_ends_one_way(transactions: Transactions) -> None:
    house = await a_showroom(transactions)
    task_id = await a_task(house)

    answers = await asyncio.gather(
        house.by("An", complete_task, CompleteTask(task_id)),
        house.by("Mei", cancel_task, CancelTask(task_id)),
        return_exceptions=True,
    )

    assert [type(a) for a in answers if isinstance(a, Exception)] == [TaskNotOpen]


def a_debt(house: Showroom) -> Owed:
    return Owed(
        member_id=house.members["An"],
        kind=FIRST_FOLLOW_UP,
        subject_type="registration",
        subject_id=uuid4(),
        due_at=house.transactions.clock.now(),
        org_unit_id=house.unit_id,
    )


async def test_what_a_duty_asks_is_closed_by_its_evidence_not_by_hand(
    transactions: Transactions,
) -> None:
    house = await a_showroom(transactions)
    debt = a_debt(house)

    async def open_it(work: UnitOfWork) -> None:
        await owe(work, debt)

    await house.inside(open_it)
    (task,) = await house.rows("SELECT id FROM app.task WHERE tenant_id = $1")

    with pytest.raises(TaskByEvent):
        await house.by("An", complete_task, CompleteTask(task["id"]))
    with pytest.raises(TaskByEvent):
        await house.by("Mei", cancel_task, CancelTask(task["id"]))


async def test_a_debt_heard_many_times_and_at_once_is_one_task(
    transactions: Transactions,
) -> None:
    house = await a_showroom(transactions)
    debt = a_debt(house)

    async def open_it(work: UnitOfWork) -> None:
        await owe(work, debt)

    async def meet_it(work: UnitOfWork) -> None:
        await meet(work, debt.member_id, debt.kind, debt.subject_id)

    await asyncio.gather(*(house.inside(step) for step in (open_it, meet_it, open_it, meet_it)))

    rows = await house.rows("SELECT state FROM app.task WHERE tenant_id = $1")
    assert [row["state"] for row in rows] == ["DONE"]


async def test_a_notice_heard_twice_is_told_once(transactions: Transactions) -> None:
    house = await a_showroom(transactions)
    notice = Notice("claim_filed", "ClaimFiled:1", "deal", uuid4(), {"claim_id": "1"})
    both = [house.members["An"], house.members["Bo"], house.members["An"]]

    async def tell(work: UnitOfWork) -> None:
        notify(work, both, notice)

    await asyncio.gather(house.inside(tell), house.inside(tell))

    rows = await house.rows("SELECT arguments FROM app.notification WHERE tenant_id = $1")
    assert [row["arguments"] for row in rows] == [{"claim_id": "1"}] * 2
