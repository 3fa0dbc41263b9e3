"""Several at once on one site: the lock of its queue decides who is earlier."""

import asyncio
from collections import Counter
from datetime import time
from itertools import cycle, islice
from uuid import UUID

import pytest
from builders.reception import REPS, Showroom, a_showroom, at, phone

from service.clock import ManualClock
from service.ownership.commands import (
    PlanDeparture,
    RecordFollowUp,
    VoidRegister,
    plan_departure,
    record_follow_up,
    void_register,
)
from service.reception.commands import (
    CreateSite,
    RecordArrival,
    RecordDeal,
    RegisterCustomer,
    SignIn,
    create_site,
    record_arrival,
    record_deal,
    register_customer,
    sign_in,
)
from service.reception.errors import AlreadySignedIn
from service.work import Transactions, UnitOfWork


@pytest.fixture
async def showroom(transactions: Transactions, clock: ManualClock) -> Showroom:
    at(clock, "03-02 08:30")
    return await a_showroom(transactions)


async def test_two_visitors_at_once_go_to_two_reps(showroom: Showroom) -> None:
    await showroom.sign_in("An", "Bo", "Chu")

    receivers = await asyncio.gather(showroom.receiver(1), showroom.receiver(2))

    assert sorted(receivers) == ["An", "Bo"]
    assert await showroom.queue() == ["Chu", *sorted(await _in_turn(showroom))]


async def _in_turn(showroom: Showroom) -> list[str]:
    rows = await showroom.tenant.rows(
        "SELECT receiver_id FROM app.visit WHERE tenant_id = $1 ORDER BY number"
    )
    return [showroom.name_of(row["receiver_id"]) for row in rows]


async def test_1000_arrivals_by_20_desks_use_every_turn_once(showroom: Showroom) -> None:
    await showroom.sign_in(*REPS)

    async def desk(first: int) -> None:
        for tel in range(first, first + 50):
            order = RecordArrival(showroom.site_id, phones=(phone(tel),))
            await showroom.do(record_arrival, order)

    await asyncio.gather(*(desk(50 * number) for number in range(20)))

    # Nobody leaves, so the reps are in turn over and over, whoever's desk came first.
    assert await _in_turn(showroom) == list(islice(cycle(REPS), 1000))
    (count,) = await showroom.tenant.rows(
        "SELECT (SELECT count(*) FROM app.decision WHERE tenant_id = $1) AS decisions,"
        " (SELECT count(*) FROM app.queue_event WHERE tenant_id = $1 AND change = 'CONSUME')"
        " AS turns, (SELECT max(number) FROM app.visit WHERE tenant_id = $1) AS number,"
        " (SELECT count(*) FROM app.outbox WHERE tenant_id = $1 AND kind = 'VisitArrived') AS told"
    )
    assert dict(count) == {"decisions": 1000, "turns": 1000, "number": 1000, "told": 1000}


async def test_one_key_sent_twenty_times_at_once_is_one_arrival(showroom: Showroom) -> None:
    await showroom.sign_in("An", "Bo")
    order = RecordArrival(showroom.site_id, phones=(phone(1),))

    visits = await asyncio.gather(
        *(showroom.do(record_arrival, order, key="one-key-for-all-of-them") for _ in range(20))
    )

    assert len(set(visits)) == 1
    assert await showroom.queue() == ["Bo", "An"]


async def test_a_rep_who_signs_in_twice_at_once_stands_in_the_queue_once(
    showroom: Showroom,
) -> None:
    order = SignIn(showroom.site_id, (showroom.people["An"],))

    answers = await asyncio.gather(
        *(showroom.do(sign_in, order) for _ in range(4)), return_exceptions=True
    )

    assert Counter(type(answer) for answer in answers)[AlreadySignedIn] == 3
    assert await showroom.queue() == ["An"]


async def test_one_number_at_two_sites_at_once_is_one_customer(showroom: Showroom) -> None:
    (site,) = await showroom.tenant.rows(
        "SELECT org_unit_id, territory_id FROM app.site WHERE tenant_id = $1"
    )
    other = await showroom.tenant.do(
        create_site,
        CreateSite(
            code="showroom-2",
            kind="SHOWROOM",
            names={"zh-Hans": "第二售楼处"},
            time_zone="Asia/Urumqi",
            phone_region="CN",
            opens_at=time(9),
            closes_at=time(18),
            **site,
        ),
    )
    orders = [
        RecordArrival(site_id, phones=(phone(7),))
        for site_id in (showroom.site_id, other)
        for _ in range(5)
    ]

    visits = await asyncio.gather(*(showroom.do(record_arrival, order) for order in orders))

    rows = [await showroom.visit(visit_id) for visit_id in visits]
    assert len({row["party_id"] for row in rows}) == 1


async def test_a_waiting_visitor_goes_to_one_of_two_who_are_free_at_once(
    showroom: Showroom,
) -> None:
    await showroom.override(rotation__all_busy="WAIT")
    await showroom.sign_in("An", "Bo")
    first, second, waiting = [await showroom.arrives(tel) for tel in (2, 3, 4)]
    assert waiting["state"] == "WAITING"

    await asyncio.gather(showroom.leaves(first), showroom.leaves(second))

    visit = await showroom.visit(waiting["id"])
    assert visit["state"] == "ASSIGNED"
    assert sorted(await showroom.queue()) == ["An", "Bo"]
    used = await showroom.tenant.rows(
        "SELECT count(*) AS turns FROM app.queue_event"
        " WHERE tenant_id = $1 AND change = 'CONSUME' AND visit_id = $2",
        waiting["id"],
    )
    assert used[0]["turns"] == 1


async def test_what_a_reception_is_decided_by_changes_before_an_arrival_or_after_it(
    showroom: Showroom, clock: ManualClock
) -> None:
    """A reception holds the floor from 9:00 until 9:01: whatever was asked meanwhile is later."""
    await showroom.sign_in(*REPS)
    visits = [await showroom.arrives(tel, customer_name="Wang") for tel in range(5)]
    entries: dict[str, UUID] = {}
    for name, visit in zip(("An", "Dai", "Eve"), (visits[0], visits[3], visits[4]), strict=True):
        order = RegisterCustomer(visit["id"], full_name="Wang")
        entries[name] = await showroom.do(register_customer, order, by=name)
    at(clock, "03-02 09:00")
    held, released = asyncio.Event(), asyncio.Event()

    async def floor(work: UnitOfWork) -> None:
        await work.fetch(
            "SELECT id FROM app.rotation_queue WHERE tenant_id = $1 AND site_id = $2 FOR UPDATE",
            work.tenant_id,
            showroom.site_id,
        )
        held.set()
        await released.wait()

    async def reception() -> None:
        await showroom.tenant.transactions.internally(showroom.tenant_id, "arrival", floor)

    async def one_minute() -> None:
        await asyncio.sleep(0.3)
        at(clock, "03-02 09:01")
        released.set()

    holding = asyncio.create_task(reception())
    await held.wait()
    dai, eve = showroom.people["Dai"], showroom.people["Eve"]
    follows_up = RecordFollowUp(entries["An"], "PHONE", "Asked")
    leaves = PlanDeparture(eve, "LEAVING", clock.now().date(), "Leaves")
    await asyncio.gather(
        holding,
        one_minute(),
        showroom.do(record_follow_up, follows_up, by="An"),
        showroom.do(record_deal, RecordDeal(visits[1]["id"], "3-1201"), by="Bo"),
        showroom.do(register_customer, RegisterCustomer(visits[2]["id"], full_name="Wang"), "Chu"),
        showroom.do(void_register, VoidRegister(dai, showroom.site_id, "Copied"), by="Mei"),
        showroom.tenant.do(plan_departure, leaves),
    )

    (instants,) = await showroom.tenant.rows(
        "SELECT (SELECT at FROM app.follow_up WHERE tenant_id = $1) AS follow_up,"
        " (SELECT signed_at FROM app.deal WHERE tenant_id = $1) AS deal,"
        " (SELECT entered_at FROM app.registration WHERE tenant_id = $1 AND visit_id = $2)"
        "   AS entry,"
        " (SELECT voided_at FROM app.register_book WHERE tenant_id = $1 AND member_id = $3)"
        "   AS finding,"
        " (SELECT done_at FROM app.departure WHERE tenant_id = $1) AS departure",
        visits[2]["id"],
        dai,
    )
    assert {name for name, instant in instants.items() if instant != clock.now()} == set()
