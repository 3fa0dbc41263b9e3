"""What finds no hands at once: a successor who receives no more, and what earlier releases left."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID

from builders.departures import ends_offices
from builders.ownership import a_showroom

from service.app.stranding import name_stranded
from service.clock import ManualClock
from service.organisation.commands import LeaveMember, leave_member
from service.ownership.events import RegistrationsReleased
from service.reception.tables import Site
from service.tasks.commands import AssignTask, assign_task
from service.tasks.reactions import on_registrations_released
from service.work import Transactions, UnitOfWork
from tests.ownership.test_departures import customers, due, plans, pooled, shanghai


async def changes(work: UnitOfWork, table: Any, row_id: UUID, values: dict[str, object]) -> None:
    work.change(table, row_id, values)


async def test_a_successor_who_receives_no_more_leaves_the_customers_to_the_pool(
    transactions: Transactions, clock: ManualClock
) -> None:
    """Bo received when it was planned, and holds no office any more when it takes effect."""
    house = await a_showroom(transactions)
    parties = await customers(house, clock)
    bo = house.members["Bo"]
    task_id = await house.by("Mei", assign_task, AssignTask(house.members["An"], "Call Li"))
    departure_id = await plans(house, registrations="SUCCESSOR", successor_id=bo)
    clock.set(shanghai("03-03 10:00"))
    await house.inside(lambda work: ends_offices(work, bo))
    clock.set(shanghai("03-04 00:00"))

    row = await due(house, departure_id)

    assert (row["went"], row["registration_count"]) == ("POOL", 3)
    assert await pooled(house) == sorted(parties)
    task = await house.row("task", task_id)
    assert (task["state"], task["member_id"]) == ("OPEN", bo)
    manages = {"manager_id": house.members["Mei"]}
    await house.inside(lambda work: changes(work, Site, house.site_id, manages))
    released = await house.rows("SELECT id FROM app.registration WHERE tenant_id = $1")
    event = RegistrationsReleased(departure_id, bo, tuple(row["id"] for row in released))
    for _ in range(2):
        await house.inside(lambda work: on_registrations_released(work, event))
    told = await house.rows("SELECT member_id, kind FROM app.notification WHERE tenant_id = $1")
    assert [tuple(row) for row in told] == [(house.members["Mei"], "customers_pooled")]


async def test_what_is_still_with_one_who_has_left_is_named_and_handed_out_once(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    parties = await customers(house, clock)
    an, said = house.members["An"], list[str]()
    base: Any = SimpleNamespace(transactions=transactions)

    async def stranded(*, hand_out: bool) -> int:
        said.clear()
        return await name_stranded(base, house.tenant_id, said.append, hand_out=hand_out)

    assert (await stranded(hand_out=True), said) == (0, [])
    # As a release left him that let only departures pass customers on.
    version = (await house.row("member", an))["version"]
    await house.by("Ada", leave_member, LeaveMember(an, version))

    assert await stranded(hand_out=False) == 1
    named = f"An (member_{an}): 3 live registrations, 0 open tasks, 0 disputes among two"
    assert said == [named]
    assert await pooled(house) == []
    assert (await stranded(hand_out=True), said) == (0, [named, "An: handed out"])
    assert await pooled(house) == sorted(parties)
    assert (await stranded(hand_out=True), said) == (0, [])
