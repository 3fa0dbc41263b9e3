"""Whoever is new goes where the territories in force say, and so does the work on him."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from builders.organisation import texts
from builders.reception import Showroom, a_showroom, phone
from builders.rehearsals import REACTIONS
from builders.tenants import TenantHandle

from service.clock import ManualClock
from service.customers.commands import (
    CreateParty,
    EditParty,
    StateTraits,
    TraitValue,
    create_party,
    edit_party,
    settle_all,
    state_traits,
)
from service.opportunities.commands import (
    CreateOpportunity,
    CreateOpportunityStage,
    create_opportunity,
    create_opportunity_stage,
)
from service.reception.commands import (
    RecordArrival,
    RecordCall,
    RegisterCustomer,
    record_arrival,
    record_call,
    register_customer,
)
from service.simulation.passing import pass_to
from service.targets.commands.metrics import CreateMetric, create_metric
from service.territories.commands import (
    ActivateTerritoryModel,
    CreateTerritory,
    CreateTerritoryModel,
    DeclareAccountTrait,
    PreviewTerritoryModel,
    SetTerritoryRule,
    activate_territory_model,
    create_territory,
    create_territory_model,
    declare_account_trait,
    preview_territory_model,
    set_territory_rule,
)
from service.territories.words import TraitKind
from service.work import Transactions, UnitOfWork

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
SEEN = """
SELECT p.full_name AS name, p.territory_id AS customer,
    (SELECT v.territory_id FROM app.visit v WHERE v.tenant_id = $1 AND v.party_id = p.id) AS visit,
    coalesce(
        (SELECT r.territory_id FROM app.registration r
         WHERE r.tenant_id = $1 AND r.party_id = p.id),
        (SELECT e.territory_id FROM app.pool_entry e
         WHERE e.tenant_id = $1 AND e.party_id = p.id)) AS lead,
    (SELECT o.territory_id FROM app.opportunity o
     WHERE o.tenant_id = $1 AND o.party_id = p.id) AS opportunity
FROM app.party p WHERE p.tenant_id = $1
"""


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
async def showroom(transactions: Transactions) -> Showroom:
    return await a_showroom(transactions, reps=("An",))


async def a_model(tenant: TenantHandle, on: date | None = None, **rules: str) -> dict[str, UUID]:
    """Put a model in force that has a territory for each condition, and return them by code."""
    draft = await tenant.do(create_territory_model, CreateTerritoryModel("next", texts("明年")))
    made = {"model": draft}
    for code, rule in rules.items():
        above = tenant.territories["all"]
        order = CreateTerritory(code, "area", texts(code), above, draft)
        made[code] = await tenant.do(create_territory, order)
        await tenant.do(set_territory_rule, SetTerritoryRule(draft, made[code], rule))
    await tenant.do(activate_territory_model, ActivateTerritoryModel(draft, on))
    return made


async def seen(tenant: TenantHandle) -> dict[str, dict[str, Any]]:
    """Return where each customer, his visit and the work on him stand, by his name."""
    return {row.pop("name"): row for row in map(dict, await tenant.rows(SEEN))}


async def opened(showroom: Showroom, name: str) -> None:
    """Open an opportunity with a customer, without a word about where."""
    tenant = showroom.tenant
    (party,) = await tenant.rows(
        "SELECT id FROM app.party WHERE tenant_id = $1 AND full_name = $2", name
    )
    stage = CreateOpportunityStage("met", texts("見面"), 1, 1_000, "PIPELINE")
    order = CreateOpportunity(
        name,
        metric_id=await tenant.do(
            create_metric, CreateMetric("SALES", texts("銷售"), "COUNT", "OTHER")
        ),
        amount=3,
        stage_id=await tenant.do(create_opportunity_stage, stage),
        expected_on=date(2026, 3, 31),
        party_id=party["id"],
    )
    await showroom.do(create_opportunity, order, by="An")


async def test_who_is_met_by_any_way_stands_with_his_lead_where_the_conditions_say(
    showroom: Showroom,
) -> None:
    tenant = showroom.tenant
    here = tenant.territories[tenant.team_territory]
    await showroom.arrives(1, customer_name="before")
    model = await a_model(tenant, south="owned and kind is PERSON")
    south = model["south"]

    pooled = await showroom.arrives(2, customer_name="of the company")
    await showroom.leaves(pooled)
    await showroom.sign_in("An")
    received = await showroom.arrives(3, customer_name="received")
    await showroom.do(register_customer, RegisterCustomer(received["id"]), by="An")
    nameless = await showroom.arrives()
    entry = RegisterCustomer(nameless["id"], "at the register", (phone(4),))
    await showroom.do(register_customer, entry, by="An")
    await showroom.override(phone__creates_registration=True)
    call = RecordCall(showroom.site_id, phone(5), showroom.people["An"], "by telephone")
    await showroom.do(record_call, call)
    await opened(showroom, "received")

    found = await seen(tenant)
    stands = {"customer": south, "lead": south}
    assert found["received"] == {**stands, "visit": here, "opportunity": south}
    assert found["at the register"] == {**stands, "visit": here, "opportunity": None}
    assert found["by telephone"] == {**stands, "visit": None, "opportunity": None}
    assert found["of the company"] == {**stands, "visit": here, "opportunity": None}
    # As they would stand if all were settled again: only who came before moves.
    moved = await tenant.transactions.internally(tenant.id, "settle", settle_all)
    assert [name for name, row in found.items() if row["customer"] != south] == ["before"]
    assert len(moved) == 1


async def test_without_conditions_he_stands_where_he_is_met_and_with_them_at_no_statement_more(
    showroom: Showroom,
) -> None:
    tenant = showroom.tenant
    await showroom.sign_in("An")
    counted: list[int] = []

    async def answer(work: UnitOfWork, _visit_id: object) -> None:
        await work.fetch_value("SELECT 1")
        counted.append(work.statement_count)

    async def arrives(tel: int) -> None:
        order = RecordArrival(showroom.site_id, phones=(phone(tel),), customer_name=f"{tel}")
        caller = tenant.caller(showroom.people["Clerk"])
        await tenant.transactions.carry_out(caller, f"key-{tel}", order, record_arrival, answer)

    await arrives(1)
    await arrives(2)
    model = await a_model(tenant, south="kind is PERSON")
    await arrives(3)
    await arrives(4)

    found = {name: row["customer"] for name, row in (await seen(tenant)).items()}
    here = (await seen(tenant))["1"]["visit"]
    assert found == {"1": here, "2": here, "3": model["south"], "4": model["south"]}
    # The first after a change reads the conditions; nobody after him does.
    assert counted[1] == counted[3] <= 4 < counted[2]


async def test_without_conditions_the_work_on_who_is_known_stands_where_it_is_done(
    showroom: Showroom,
) -> None:
    tenant = showroom.tenant
    here, whole = tenant.territories[tenant.team_territory], tenant.territories["all"]
    known = CreateParty("known", (phone(1),), territory_id=whole)
    await showroom.do(create_party, known, by="An")
    await showroom.sign_in("An")
    received = await showroom.arrives(1)
    await showroom.do(register_customer, RegisterCustomer(received["id"]), by="An")
    await opened(showroom, "known")

    # An has no territory of his own, where his opportunity would stand.
    stands = {"visit": here, "lead": here, "opportunity": None}
    assert (await seen(tenant))["known"] == {"customer": whole, **stands}


async def test_the_model_announced_for_tomorrow_takes_who_comes_tomorrow_and_can_be_left_again(
    showroom: Showroom, clock: ManualClock
) -> None:
    tenant = showroom.tenant
    (old,) = await tenant.rows(
        "SELECT territory_model_id AS id FROM app.territory_activation WHERE tenant_id = $1"
    )
    model = await a_model(tenant, date(2026, 3, 3), south="kind is PERSON")
    days: dict[str, datetime] = {
        "last of the old": datetime(2026, 3, 2, 15, 59, 59, 999_999, UTC),
        "first of the new": datetime(2026, 3, 2, 16, tzinfo=UTC),
    }
    # A process that has read the conditions before; nobody announces the day, no worker runs.
    await showroom.arrives(9, customer_name="warm")
    for tel, (name, instant) in enumerate(days.items()):
        clock.set(instant)
        await showroom.arrives(tel + 1, customer_name=name)
    clock.set(datetime(2026, 3, 4, 4, tzinfo=UTC))
    await tenant.do(preview_territory_model, PreviewTerritoryModel(old["id"]))
    moves = "SELECT reason, to_territory_id FROM app.territory_move WHERE tenant_id = $1"
    shown = [tuple(row.values()) for row in await tenant.rows(moves)]
    await tenant.do(activate_territory_model, ActivateTerritoryModel(old["id"]))
    await showroom.arrives(3, customer_name="gone back")

    found = await seen(tenant)
    here = found["warm"]["visit"]
    assert {name: row["customer"] for name, row in found.items()} == {
        "warm": here,
        "last of the old": here,
        "first of the new": model["south"],
        "gone back": here,
    }
    await pass_to(tenant.transactions, tenant.id, REACTIONS)
    # Nobody is lost in a territory that the old model never knew.
    above = tenant.territories["all"]
    assert (await seen(tenant))["first of the new"]["customer"] == above
    assert shown == [("ABOVE", above)]


@pytest.mark.parametrize("is_known", [False, True])
async def test_who_is_received_while_another_model_comes_into_force_follows_a_minute_later(
    showroom: Showroom, clock: ManualClock, *, is_known: bool
) -> None:
    tenant = showroom.tenant
    here = tenant.territories[tenant.team_territory]
    if is_known:
        known = CreateParty("between", (phone(1),), territory_id=here)
        await showroom.do(create_party, known, by="Mei")
    made: dict[str, UUID] = {}

    async def meanwhile(_work: UnitOfWork, _visit_id: object) -> None:
        made.update(await a_model(tenant, south="kind is PERSON"))
        await pass_to(tenant.transactions, tenant.id, REACTIONS)

    order = RecordArrival(showroom.site_id, phones=(phone(1),), customer_name="between")
    caller = tenant.caller(showroom.people["Clerk"])
    await tenant.transactions.carry_out(caller, "key-between", order, record_arrival, meanwhile)
    before = (await seen(tenant))["between"]
    clock.set(NOW + timedelta(minutes=1))
    await pass_to(tenant.transactions, tenant.id, REACTIONS)

    after = (await seen(tenant))["between"]
    south, stays = made["south"], {"visit": here, "opportunity": None}
    assert before == {"customer": south if is_known else here, "lead": here, **stays}
    assert after == {"customer": south, "lead": south, **stays}


async def test_what_becomes_known_of_one_customer_takes_his_open_work_along(
    showroom: Showroom,
) -> None:
    tenant = showroom.tenant
    province = DeclareAccountTrait("province", texts("省份"), TraitKind.WORD, ("HUNAN",))
    await tenant.do(declare_account_trait, province)
    model = await a_model(tenant, hunan="province is HUNAN", firms="kind is ORGANISATION")
    await pass_to(tenant.transactions, tenant.id, REACTIONS)
    pooled = await showroom.arrives(2, customer_name="of the company")
    await showroom.sign_in("An")
    received = await showroom.arrives(1, customer_name="received")
    await showroom.do(register_customer, RegisterCustomer(received["id"]), by="An")
    await opened(showroom, "received")
    before = await seen(tenant)

    told = StateTraits(received["party_id"], (TraitValue("province", "HUNAN"),))
    await showroom.do(state_traits, told, by="An")
    firm = EditParty(pooled["party_id"], 1, kind="ORGANISATION")
    await showroom.do(edit_party, firm, by="Mei")
    await pass_to(tenant.transactions, tenant.id, REACTIONS)

    here, hunan, firms = received["territory_id"], model["hunan"], model["firms"]
    assert before["received"] == {
        "customer": here,
        "visit": here,
        "lead": here,
        "opportunity": before["received"]["lead"],
    }
    after = await seen(tenant)
    assert after["received"] == {
        "customer": hunan,
        "visit": here,
        "lead": hunan,
        "opportunity": hunan,
    }
    assert after["of the company"] == {
        "customer": firms,
        "visit": here,
        "lead": firms,
        "opportunity": None,
    }
