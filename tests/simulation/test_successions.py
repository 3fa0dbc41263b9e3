"""Who succeeded whom, replayed as it was."""

from datetime import date, datetime

from builders.departures import ends_offices
from builders.reception import a_showroom, at

from service.clock import ManualClock
from service.ownership.commands import PlanDeparture, departure_due, plan_departure
from service.reception.commands import (
    ReassignReception,
    RegisterCustomer,
    reassign_reception,
    register_customer,
)
from service.simulation.periods.fidelity import past
from service.work import Caller, Transactions
from tests.simulation.test_histories import replayed


async def test_whom_a_successor_did_not_receive_any_more_the_pool_has_in_a_replay_too(
    transactions: Transactions, clock: ManualClock
) -> None:
    at(clock, "03-02 09:00")
    showroom = await a_showroom(transactions, reps=("An", "Bo"))
    people = showroom.people
    await showroom.sign_in("An")
    visit = await showroom.arrives(1, customer_name="Wang")
    order = RegisterCustomer(visit["id"], full_name="Wang")
    await showroom.do(register_customer, order, by="An")
    day = date(2026, 3, 4)
    to_bo = PlanDeparture(people["An"], "LEAVING", day, "Leaves", "SUCCESSOR", people["Bo"])
    planned = await showroom.tenant.do(plan_departure, to_bo)
    await transactions.internally(
        showroom.tenant_id, "end", lambda work: ends_offices(work, people["Bo"])
    )
    at(clock, "03-04 00:00")
    await transactions.internally(
        showroom.tenant_id, "due", lambda work: departure_due(work, planned)
    )
    assert len(await showroom.tenant.rows("SELECT 1 FROM app.pool_entry WHERE tenant_id = $1")) == 1
    at(clock, "03-05 12:00")

    assert await replayed(showroom) == []


async def test_a_visitor_passed_on_twice_is_compared_as_he_was_received_in_between(
    transactions: Transactions, clock: ManualClock
) -> None:
    at(clock, "03-02 09:00")
    showroom = await a_showroom(transactions, reps=("An", "Bo", "Chu"))
    await showroom.sign_in("An", "Bo", "Chu")
    visit = await showroom.arrives(1, customer_name="Wang")
    for hour, name in (("10:00", "Bo"), ("12:00", "Chu")):
        at(clock, f"03-02 {hour}")
        order = ReassignReception(visit["id"], showroom.people[name], "He asked for it")
        await showroom.do(reassign_reception, order, by="Mei")
    at(clock, "03-02 13:00")

    made = []
    for hour in ("09:30", "11:00", "13:00"):
        until = datetime.fromisoformat(f"2026-03-02T{hour}+08:00")
        assert await replayed(showroom, until) == []
        caller = Caller(showroom.tenant_id, None, "test")
        async with transactions.sight(caller) as sight:
            recorded, _ = await past(sight, until)
        made += recorded.decided
    assert [one and showroom.name_of(one.receiver) for one in made] == ["An", "Bo", "Chu"]
