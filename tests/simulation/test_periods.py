"""What happened, replayed under the versions of the time, comes to what was decided then."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from builders.reception import a_showroom, at
from builders.rehearsals import a_chance, a_demo_loan
from builders.rulebooks import showroom_rulebook

from service.clock import ManualClock
from service.database.connections import open_pool
from service.database.security import IDENTITY
from service.ownership.commands import (
    PlanDeparture,
    RecordFollowUp,
    plan_departure,
    record_follow_up,
)
from service.reception.commands import RegisterCustomer, register_customer
from service.replay.engine import Replay
from service.rulebooks.in_force import version
from service.simulation.demo.companies import HUATING
from service.simulation.demo.loading import load_demo
from service.simulation.periods.fidelity import as_it_was, differences, past
from service.simulation.periods.redeciding import Redecider, decisions
from service.work import Caller, Transactions

NOON = datetime(2026, 6, 3, 4, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
async def identity_pool(location):
    async with await open_pool(location, IDENTITY, 2) as opened:
        yield opened


async def test_a_demo_company_replayed_under_its_own_versions_differs_in_nothing(
    pool, identity_pool
) -> None:
    loan = a_demo_loan(pool, identity_pool, ManualClock(NOON))
    lent = replace(loan, chance=lambda name: a_chance(name.rsplit(".", 1)[-1]))
    await load_demo(lent, companies=[replace(HUATING, code="replayed", days=14)])
    tenant_id = await identity_pool.fetchval(
        "SELECT tenant_id FROM app.global_tenant_directory WHERE code = $1", "replayed"
    )
    async with lent.loan.transactions(lent.clock).sight(Caller(tenant_id, None, "test")) as sight:
        made, then = await past(sight, NOON)
        rows = [row async for row in decisions(sight, NOON - timedelta(days=60), NOON)]
        own = Redecider((await version(sight, rows[0]["rulebook_version_id"])).rulebook)
    replay = as_it_was(made, then)

    replay.run()

    assert len(made.visit_ids) > 50
    assert len(made.shares) > 3
    assert list(differences(made, replay)) == []
    assert len(rows) > 150
    assert [one for row in rows for one in own.differences(row)] == []
    # And it would be seen: under another rule the same facts, and the same days, end otherwise.
    other = Redecider(showroom_rulebook(tracking__days=1, tracking__renewal="FIXED"))
    assert [one for row in rows for one in other.differences(row)] != []
    elsewhere = Replay(made.history, [[(0, other.play)]] * len(made.site_ids))
    elsewhere.run()
    assert list(differences(made, elsewhere)) != []


async def test_who_goes_in_the_middle_of_a_day_is_passed_over_in_the_replay_too(
    transactions: Transactions, clock: ManualClock
) -> None:
    at(clock, "03-02 08:30")
    showroom = await a_showroom(transactions)
    await showroom.sign_in("An", "Bo", "Chu")
    clock.advance(timedelta(minutes=30))
    leaving = PlanDeparture(showroom.people["An"], "LEAVING", clock.now().date(), "Leaves")
    await showroom.tenant.do(plan_departure, leaving)
    clock.advance(timedelta(minutes=1))
    received = [await showroom.receiver(number) for number in (1, 2)]

    async with transactions.sight(Caller(showroom.tenant_id, None, "test")) as sight:
        made, then = await past(sight, clock.now() + timedelta(days=1))
    replay = as_it_was(made, then)
    replay.run()

    assert received == ["Bo", "Chu"]
    assert len(made.visit_ids) == 2
    assert list(differences(made, replay)) == []


async def test_who_is_followed_up_while_the_past_is_read_is_no_difference(
    transactions: Transactions, clock: ManualClock
) -> None:
    at(clock, "03-02 08:30")
    showroom = await a_showroom(transactions, reps=("An",))
    await showroom.sign_in("An")
    visit = await showroom.arrives(1, customer_name="Wang")
    entry = await showroom.do(register_customer, RegisterCustomer(visit["id"]), by="An")
    clock.advance(timedelta(days=1))

    async with transactions.snapshot(Caller(showroom.tenant_id, None, "test")) as sight:
        clock.advance(timedelta(seconds=1))
        await showroom.do(record_follow_up, RecordFollowUp(entry, "PHONE", "Asked"), by="An")
        made, then = await past(sight, sight.now)
    replay = as_it_was(made, then)
    replay.run()

    assert made.whole
    assert list(differences(made, replay)) == []
