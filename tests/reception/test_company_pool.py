"""Who comes when no rep is there is the company's, until a manager hands him out (RR-15)."""

from typing import Any
from uuid import UUID

import pytest
from builders.reception import Showroom, a_showroom, at
from builders.replayed import differs

from service.clock import ManualClock
from service.customers.commands import EditParty, edit_party
from service.errors import Forbidden
from service.ownership.commands import (
    AssignFromPool,
    PlanDeparture,
    assign_from_pool,
    plan_departure,
)
from service.ownership.errors import CustomerIncomplete, SurveyVisitorNotRegistered
from service.ownership.events import CustomerPooled
from service.reception.commands import (
    ExposeSurvey,
    PoolCustomer,
    ReassignReception,
    RegisterCustomer,
    expose_survey,
    pool_customer,
    reassign_reception,
    register_customer,
)
from service.reception.errors import NotOfCompany
from service.tasks.reactions import on_customer_pooled
from service.work import Transactions, UnitOfWork

POOL = "SELECT * FROM app.pool_entry WHERE tenant_id = $1 ORDER BY entered_at, id"


@pytest.fixture
async def showroom(transactions: Transactions, clock: ManualClock) -> Showroom:
    at(clock, "03-02 08:30")
    return await a_showroom(transactions, ("An", "Bo"))


async def pooled(showroom: Showroom) -> list[dict[str, Any]]:
    return [dict(row) for row in await showroom.tenant.rows(POOL)]


async def assign(showroom: Showroom, entry: dict[str, Any], name: str) -> UUID:
    order = AssignFromPool(entry["id"], showroom.people[name])
    entry_id: UUID = await showroom.do(assign_from_pool, order, by="Mei")
    return entry_id


async def test_whom_the_manager_received_is_handed_out_and_comes_back_to_who_got_him(
    showroom: Showroom, clock: ManualClock
) -> None:
    visit = await showroom.arrives(1, customer_name="Wang")
    assert (visit["mode"], visit["owner_kind"], visit["rule"]) == ("MANAGER", "COMPANY", "RR-15")
    (entry,) = await pooled(showroom)
    assert (entry["visit_id"], entry["party_id"]) == (visit["id"], visit["party_id"])
    with pytest.raises(Forbidden):
        await showroom.do(assign_from_pool, AssignFromPool(entry["id"], visit["id"]), by="Bo")

    at(clock, "03-03 09:00")
    await assign(showroom, entry, "Bo")
    await showroom.sign_in("An", "Bo")

    again = await showroom.arrives(1)
    assert (again["rule"], showroom.name_of(again["receiver_id"])) == ("RR-4", "Bo")
    assert await differs(showroom.tenant.transactions, showroom.tenant_id) == []


async def test_the_sites_manager_is_told_once(showroom: Showroom) -> None:
    visit = await showroom.arrives(1, customer_name="Wang")
    (entry,) = await pooled(showroom)

    async def hear(work: UnitOfWork) -> None:
        event = CustomerPooled(entry["id"], visit["party_id"], showroom.site_id)
        await on_customer_pooled(work, event)

    for _ in range(2):
        await showroom.tenant.transactions.internally(showroom.tenant_id, "hear", hear)

    (told,) = await showroom.tenant.rows(
        "SELECT member_id, kind, subject_id FROM app.notification WHERE tenant_id = $1"
    )
    assert showroom.name_of(told["member_id"]) == "Mei"
    assert (told["kind"], told["subject_id"]) == ("customer_pooled", entry["id"])


async def test_by_rotation_he_goes_to_who_has_signed_in_of_late(showroom: Showroom) -> None:
    await showroom.arrives(1, customer_name="Wang")
    await showroom.sign_in("Bo")
    (entry,) = await pooled(showroom)

    order = AssignFromPool(entry["id"], by_rotation=True)
    await showroom.do(assign_from_pool, order, by="Mei")

    (entry,) = await pooled(showroom)
    assert showroom.name_of(entry["taken_by"]) == "Bo"


async def test_he_is_in_the_pool_once_and_who_registers_him_takes_him_out(
    showroom: Showroom,
) -> None:
    for _ in range(2):
        await showroom.arrives(1, customer_name="Wang")
    assert len(await pooled(showroom)) == 1

    await showroom.sign_in("An")
    visit = await showroom.arrives(1)
    registration_id = await showroom.do(register_customer, RegisterCustomer(visit["id"]), by="An")

    (entry,) = await pooled(showroom)
    assert (entry["assigned_id"], showroom.name_of(entry["taken_by"])) == (registration_id, "An")
    assert entry["taken_at"] is not None
    assert await differs(showroom.tenant.transactions, showroom.tenant_id) == []


async def test_who_is_given_the_visit_has_the_customer(showroom: Showroom) -> None:
    visit = await showroom.arrives(1, customer_name="Wang")
    order = ReassignReception(visit["id"], showroom.people["An"], "An is back")
    await showroom.do(reassign_reception, order, by="Mei")

    (entry,) = await pooled(showroom)
    assert showroom.name_of(entry["taken_by"]) == "An"
    with pytest.raises(NotOfCompany):
        await showroom.do(pool_customer, PoolCustomer(visit["id"], "Wang", ("13800000009",)), "Mei")


async def test_who_gave_nothing_is_written_down_later_and_completed_before_he_is_handed_out(
    showroom: Showroom,
) -> None:
    visit = await showroom.arrives()
    assert (visit["party_id"], await pooled(showroom)) == (None, [])

    order = PoolCustomer(visit["id"], phones=("13800000009",))
    with pytest.raises(Forbidden):
        await showroom.do(pool_customer, order, by="An")
    entry_id = await showroom.do(pool_customer, order, by="Mei")
    assert await showroom.do(pool_customer, order, by="Mei") == entry_id
    (entry,) = await pooled(showroom)
    assert (entry["id"], entry["visit_id"]) == (entry_id, visit["id"])

    with pytest.raises(CustomerIncomplete) as refused:
        await assign(showroom, entry, "An")
    assert refused.value.clause == "五(三)"
    named = EditParty(entry["party_id"], 1, full_name="Wang")
    await showroom.do(edit_party, named, by="Mei")
    await assign(showroom, entry, "An")


@pytest.mark.parametrize("kind", ["LEAVING", "TRANSFER"])
async def test_a_replay_knows_who_got_the_customers_of_who_went(
    showroom: Showroom, clock: ManualClock, kind: str
) -> None:
    """Released, they are nobody's; handed out, they are his who got them, from that day."""
    tenant = showroom.tenant
    await showroom.sign_in("An")
    parties = []
    for number in (1, 2, 3):
        visit = await showroom.arrives(number, customer_name="Wang")
        parties.append(visit["party_id"])
        await showroom.do(register_customer, RegisterCustomer(visit["id"]), by="An")
        await showroom.leaves(visit)
    at(clock, "03-03 08:30")
    await showroom.sign_in("An", "Bo")
    place = {} if kind == "LEAVING" else {"to_org_unit_id": next(iter(tenant.units.values()))}
    order = PlanDeparture(
        showroom.people["An"], kind, clock.now().date(), "Goes", registrations="POOL", **place
    )
    await tenant.do(plan_departure, order, by=tenant.admin_id)
    at(clock, "03-04 08:30")
    (first,) = [one for one in await pooled(showroom) if one["party_id"] == parties[0]]
    await assign(showroom, first, "Bo")
    await showroom.sign_in("Bo")

    rules = [(await showroom.arrives(number))["rule"] for number in (1, 2, 3)]

    assert rules == ["RR-4", "RR-14", "RR-14"]
    assert await differs(showroom.tenant.transactions, showroom.tenant_id) == []


async def test_a_survey_visitor_is_handed_out_to_nobody(
    showroom: Showroom, clock: ManualClock
) -> None:
    """Neither who came to the company, nor whose entry the company had of somebody who went."""
    tenant = showroom.tenant
    spies = [await showroom.arrives(1, customer_name="Wang")]
    await showroom.sign_in("An")
    spies.append(await showroom.arrives(2, customer_name="Li"))
    await showroom.do(register_customer, RegisterCustomer(spies[1]["id"]), by="An")
    at(clock, "03-03 08:30")
    leaves = PlanDeparture(
        showroom.people["An"], "LEAVING", clock.now().date(), "Goes", registrations="POOL"
    )
    await tenant.do(plan_departure, leaves, by=tenant.admin_id)
    for spy in spies:
        await showroom.do(expose_survey, ExposeSurvey(spy["id"]), by="Mei")

    for entry in await pooled(showroom):
        with pytest.raises(SurveyVisitorNotRegistered) as refused:
            await assign(showroom, entry, "Bo")
        assert refused.value.clause == "五(五)2"

    assert [entry["taken_at"] for entry in await pooled(showroom)] == [None, None]
    assert await differs(showroom.tenant.transactions, showroom.tenant_id) == []
