"""What the shipped duties make reps owe of visitors, from the desk through the worker."""

from datetime import timedelta

import pytest
from builders.reception import Showroom, a_showroom, at

from service.clock import ManualClock
from service.reception.commands import (
    ReassignReception,
    RegisterCustomer,
    reassign_reception,
    register_customer,
)
from service.work import Transactions
from service.worker.loop import Worker

pytestmark = pytest.mark.usefixtures("_nothing_left_over")


async def owed(showroom: Showroom) -> list[tuple[str, int, str]]:
    """Return who owes the entry of which visit of the day."""
    rows = await showroom.tenant.rows(
        "SELECT t.member_id, v.number, t.state FROM app.task t"
        " JOIN app.visit v ON v.tenant_id = $1 AND v.id = t.subject_id"
        " WHERE t.tenant_id = $1 AND t.kind = 'same_day_entry' ORDER BY v.number"
    )
    return [(showroom.name_of(row["member_id"]), row["number"], row["state"]) for row in rows]


async def test_reps_owe_the_entries_of_whom_the_desk_gives_them(
    transactions: Transactions, clock: ManualClock, worker: Worker
) -> None:
    showroom = await a_showroom(transactions, ("An", "Bo"))
    at(clock, "03-02 09:00")
    await showroom.sign_in("An", "Bo")
    first = await showroom.arrives(1)
    await showroom.arrives()
    await showroom.arrives(survey="DECLARED")
    await worker.run_due(clock.now())
    assert await owed(showroom) == [("An", 1, "OPEN"), ("Bo", 2, "OPEN")]

    # The desk leaves the second visit open; a rep who is free gets the first one's customer.
    order = ReassignReception(first["id"], showroom.people["Bo"], "客戶要求")
    await showroom.do(reassign_reception, order, by="Mei")
    await worker.run_due(clock.now())
    at(clock, "03-03 00:05")
    await showroom.leaves(first)
    await worker.run_due(clock.now())

    assert await owed(showroom) == [("Bo", 1, "OPEN"), ("Bo", 2, "OPEN")]


async def test_an_entry_is_due_when_the_rulebook_calls_it_late_and_done_once_it_was_late(
    transactions: Transactions, clock: ManualClock, worker: Worker
) -> None:
    showroom = await a_showroom(transactions, ("An",))
    await showroom.override(register__deadline="MINUTES", register__deadline_minutes=60)
    at(clock, "03-04 09:00")
    await showroom.sign_in("An")
    visit = await showroom.arrives(1)
    await worker.run_due(clock.now())
    due = "SELECT due_at FROM app.task WHERE tenant_id = $1 AND kind = 'same_day_entry'"
    (task,) = await showroom.tenant.rows(due)
    # Whole minutes count: the sixtieth is in time until it is over.
    assert task["due_at"] == clock.now() + timedelta(minutes=61)

    clock.advance(timedelta(minutes=61))
    order = RegisterCustomer(visit["id"], full_name="Wang")
    registration_id = await showroom.do(register_customer, order, by="An")
    (entry,) = await showroom.tenant.rows(
        "SELECT result FROM app.registration WHERE tenant_id = $1 AND id = $2", registration_id
    )
    assert entry["result"] == "INVALID_LATE"
    await worker.run_due(clock.now())
    assert await owed(showroom) == [("An", 1, "DONE")]
    await showroom.leaves(visit)
    await worker.run_due(clock.now())
    assert await owed(showroom) == [("An", 1, "DONE")]
