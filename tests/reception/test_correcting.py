"""An entry of the wrong customer is put right, and with it the visit it was made of (五(四)5)."""

import asyncio
from datetime import date
from uuid import UUID, uuid4

import pytest
from builders.reception import Showroom, a_showroom, at

from service.campaigns.commands import CreateCampaign, create_campaign
from service.clock import ManualClock
from service.customers.commands import CreateParty, create_party
from service.errors import NotFound
from service.ownership.commands import CorrectRegistration, FileClaim, file_claim
from service.reception.commands import (
    RecordDeal,
    RegisterCustomer,
    correct_registration,
    record_deal,
    register_customer,
)
from service.tenants.texts import Texts
from service.work import Transactions, UnitOfWork


async def registered(showroom: Showroom, tel: int, by: str) -> tuple[dict[str, object], UUID]:
    """Somebody comes, is received and registered; return the visit and the entry."""
    visit = await showroom.arrives(tel, customer_name="王")
    assert showroom.name_of(visit["receiver_id"]) == by
    order = RegisterCustomer(visit["id"], full_name="王芳")
    return visit, await showroom.do(register_customer, order, by=by)


async def test_the_visit_follows_its_entry_and_a_colleagues_tracking_of_him_is_recognised(
    transactions: Transactions, clock: ManualClock
) -> None:
    at(clock, "03-02 09:00")
    showroom = await a_showroom(transactions, reps=("An", "Bo"))
    await showroom.sign_in("An", "Bo")
    li = await showroom.do(create_party, CreateParty("李強", ("13912345678",)), by="Bo")
    wrong, entry_id = await registered(showroom, 1, "An")
    true, _ = await registered(showroom, 2, "Bo")

    for hidden in (li, uuid4()):
        order = CorrectRegistration(entry_id, "It was he", hidden)
        with pytest.raises(NotFound) as refused:
            await showroom.do(correct_registration, order, by="An")
        assert refused.value.field == ("input", "partyId")

    at(clock, "03-02 10:00")
    # An meets him too, by the desk: he is the visitor of her visit.
    await showroom.tenant.rows(
        "UPDATE app.party SET owner_id = $2 WHERE tenant_id = $1 AND id = $3 RETURNING id",
        showroom.people["An"],
        true["party_id"],
    )
    order = CorrectRegistration(entry_id, "It was he", true["party_id"])
    new_id = await showroom.do(correct_registration, order, by="An")

    assert (await showroom.visit(wrong["id"]))["party_id"] == true["party_id"]
    (line,) = await showroom.tenant.rows(
        "SELECT details FROM app.audit_event WHERE tenant_id = $1 AND subject_id = $2", new_id
    )
    moved = {"visit": str(wrong["id"]), "was": str(wrong["party_id"])}
    assert line["details"].items() >= moved.items()
    deal_id = await showroom.do(record_deal, RecordDeal(wrong["id"]), by="An")
    claim_id = await showroom.do(file_claim, FileClaim(deal_id), by="Bo")
    (claim,) = await showroom.tenant.rows(
        "SELECT c.result, d.party_id FROM app.claim c JOIN app.deal d ON d.tenant_id = $1"
        " AND d.id = c.deal_id WHERE c.tenant_id = $1 AND c.id = $2",
        claim_id,
    )
    assert claim["party_id"] == true["party_id"]
    assert claim["result"] == "ADMITTED"


async def test_a_visit_that_was_sold_keeps_the_customer_of_its_deal(
    transactions: Transactions, clock: ManualClock
) -> None:
    at(clock, "03-02 09:00")
    showroom = await a_showroom(transactions, reps=("An", "Bo"))
    await showroom.sign_in("An")
    li = await showroom.do(create_party, CreateParty("李強", ("13912345678",)), by="An")
    visit, entry_id = await registered(showroom, 1, "An")
    await showroom.do(record_deal, RecordDeal(visit["id"]), by="An")

    await showroom.do(correct_registration, CorrectRegistration(entry_id, "No", li), by="An")

    assert (await showroom.visit(visit["id"]))["party_id"] == visit["party_id"]


async def test_a_visit_that_is_being_sold_keeps_the_customer_of_its_deal(
    transactions: Transactions, clock: ManualClock
) -> None:
    at(clock, "03-02 09:00")
    showroom = await a_showroom(transactions, reps=("An", "Bo"))
    await showroom.sign_in("An")
    li = await showroom.do(create_party, CreateParty("李強", ("13912345678",)), by="An")
    visit, entry_id = await registered(showroom, 1, "An")
    correcting: list[asyncio.Task[UUID]] = []

    async def sells(work: UnitOfWork, order: RecordDeal) -> UUID:
        deal_id = await record_deal(work, order)
        await work.flush()
        correction = CorrectRegistration(entry_id, "No", li)
        correcting.append(
            asyncio.create_task(showroom.do(correct_registration, correction, by="An"))
        )
        while not await work.fetch_value(WAITED_FOR):
            await asyncio.sleep(0.01)
        return deal_id

    await showroom.do(sells, RecordDeal(visit["id"]), by="An")
    await correcting[0]

    assert (await showroom.visit(visit["id"]))["party_id"] == visit["party_id"]


WAITED_FOR = """
SELECT EXISTS (SELECT FROM pg_locks l
               WHERE NOT l.granted AND pg_backend_pid() = ANY(pg_blocking_pids(l.pid)))
"""


async def test_a_campaign_brought_the_customer_whom_the_entry_is_moved_to(
    transactions: Transactions, clock: ManualClock
) -> None:
    at(clock, "03-02 09:00")
    showroom = await a_showroom(transactions, reps=("An",))
    await showroom.sign_in("An")
    names, sites = Texts("Spring", "春季", "春季"), (showroom.site_id,)
    march = (date(2026, 3, 1), date(2026, 3, 31))
    made = CreateCampaign("spring", names, "ONLINE", *march, site_ids=sites)
    spring = await showroom.do(create_campaign, made, by="Mei")
    li = await showroom.do(create_party, CreateParty("李強", ("13912345678",)), by="An")
    visit = await showroom.arrives(1, customer_name="王", campaign_id=spring)
    order = RegisterCustomer(visit["id"], full_name="王芳")
    entry_id = await showroom.do(register_customer, order, by="An")

    at(clock, "03-03 09:00")
    await showroom.do(correct_registration, CorrectRegistration(entry_id, "It was he", li), by="An")

    lines = await showroom.tenant.rows(
        "SELECT party_id, counted_on, sign FROM app.campaign_touch WHERE tenant_id = $1"
        " AND visit_id = $2",
        visit["id"],
    )
    assert {(line["party_id"], line["counted_on"].day, line["sign"]) for line in lines} == {
        (visit["party_id"], 2, 1),
        (visit["party_id"], 3, -1),
        (li, 3, 1),
    }
