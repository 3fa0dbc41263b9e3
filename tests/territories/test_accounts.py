"""Customers ruled, listed and moved: shown before, done from a day, nothing of the past moves."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from builders.organisation import texts
from builders.reception import a_showroom
from builders.rehearsals import REACTIONS
from builders.tenants import TenantHandle, a_tenant

from service.clock import ManualClock
from service.customers.commands import (
    CreateParty,
    StateTraits,
    TraitValue,
    create_party,
    settle_all,
    state_traits,
)
from service.errors import AlreadyTaken, Forbidden, InvalidInput, NotFound, Refusals
from service.reception.commands import (
    RecordDeal,
    RegisterCustomer,
    record_deal,
    register_customer,
)
from service.simulation.passing import pass_to
from service.territories.commands import (
    ActivateTerritoryModel,
    CreateTerritory,
    CreateTerritoryModel,
    DeclareAccountTrait,
    DisplaceTerritory,
    EditAccountTrait,
    ListAccounts,
    PreviewTerritoryModel,
    RetireTerritory,
    SetTerritoryRule,
    activate_territory_model,
    create_territory,
    create_territory_model,
    declare_account_trait,
    displace_territory,
    edit_account_trait,
    list_accounts,
    preview_territory_model,
    retire_territory,
    set_territory_rule,
)
from service.territories.errors import TerritoriesLeftOut, TerritoryRuleFaulty
from service.territories.queries import findings_of
from service.territories.words import TraitKind
from service.work import Transactions, UnitOfWork

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
PROVINCES = ("GUANGDONG", "HUNAN", "HUBEI")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
async def provinces(tenant: TenantHandle) -> UUID:
    """Declare that the company knows of each customer's province."""
    order = DeclareAccountTrait("province", texts("省份"), TraitKind.WORD, PROVINCES)
    return await tenant.do(declare_account_trait, order)


async def a_draft(tenant: TenantHandle) -> UUID:
    order = CreateTerritoryModel(f"m-{uuid4().hex[:8]}", texts("2027"))
    return await tenant.do(create_territory_model, order)


async def a_territory(tenant: TenantHandle, draft: UUID, rule: str | None = None) -> UUID:
    order = CreateTerritory(
        f"t-{uuid4().hex[:8]}", "area", texts("省"), tenant.territories["region-1"], draft
    )
    made = await tenant.do(create_territory, order)
    await tenant.do(set_territory_rule, SetTerritoryRule(draft, made, rule))
    return made


async def a_customer(tenant: TenantHandle, province: str | None = None, **more: Any) -> UUID:
    """Enter a customer of the whole company's territory, of whom a province is known."""

    async def step(work: UnitOfWork) -> UUID:
        values = {"territory_id": tenant.territories["all"], **more}
        party = await create_party(work, CreateParty("王先生", **values))
        if province is not None:
            await work.flush()
            await state_traits(work, StateTraits(party, (TraitValue("province", province),)))
        return party

    return await tenant.transactions.internally(tenant.id, "a_customer", step)


async def whereabouts(tenant: TenantHandle) -> dict[UUID, UUID | None]:
    async def step(work: UnitOfWork) -> dict[UUID, UUID | None]:
        rows = await work.fetch(
            "SELECT id, territory_id FROM app.party WHERE tenant_id = $1", tenant.id
        )
        return {row["id"]: row["territory_id"] for row in rows}

    return await tenant.transactions.internally(tenant.id, "look", step)


async def moves(tenant: TenantHandle, by: UUID | None = None) -> dict[UUID, tuple[Any, ...]]:
    async def step(work: UnitOfWork) -> dict[UUID, tuple[Any, ...]]:
        rows = await work.fetch(
            "SELECT party_id, from_territory_id, to_territory_id, reason FROM app.territory_move"
            " WHERE tenant_id = $1 AND created_by = $2",
            tenant.id,
            by or tenant.admin_id,
        )
        return {row[0]: (row[1], row[2], row[3]) for row in rows}

    return await tenant.transactions.internally(tenant.id, "look", step)


async def apply(tenant: TenantHandle) -> int:
    return len(await tenant.transactions.internally(tenant.id, "apply", settle_all))


@pytest.mark.usefixtures("provinces")
async def test_what_a_preview_shows_is_what_is_done_and_nothing_before_its_day(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    top = tenant.territories["all"]
    draft = await a_draft(tenant)
    south = await a_territory(tenant, draft, "province is GUANGDONG")
    middle = await a_territory(tenant, draft, "province in (HUNAN, HUBEI)")
    wang = await a_customer(tenant, "GUANGDONG")
    li = await a_customer(tenant, "HUNAN")
    unknown = await a_customer(tenant)
    listed = await a_customer(tenant, "HUNAN")
    await tenant.do(list_accounts, ListAccounts(draft, (listed,), south))

    await tenant.do(preview_territory_model, PreviewTerritoryModel(draft))

    shown = await moves(tenant)
    assert shown == {
        wang: (top, south, "RULE"),
        li: (top, middle, "RULE"),
        listed: (top, south, "LISTED"),
    }
    await tenant.do(activate_territory_model, ActivateTerritoryModel(draft, date(2026, 3, 3)))
    await pass_to(tenant.transactions, tenant.id, REACTIONS)
    assert set((await whereabouts(tenant)).values()) == {top}
    clock.set(NOW + timedelta(days=1))
    await pass_to(tenant.transactions, tenant.id, REACTIONS)
    after = {party: to for party, (_, to, _) in shown.items()} | {unknown: top}
    assert await whereabouts(tenant) == after
    assert await apply(tenant) == 0


@pytest.mark.usefixtures("provinces")
async def test_a_new_customer_goes_where_the_territories_in_force_say(tenant: TenantHandle) -> None:
    draft = await a_draft(tenant)
    companies = await a_territory(tenant, draft, "kind is ORGANISATION")
    south = await a_territory(tenant, draft, "province is GUANGDONG")
    await tenant.do(activate_territory_model, ActivateTerritoryModel(draft))
    rep = await tenant.member("小王")

    person = await tenant.do(create_party, CreateParty("王先生"), by=rep)
    company = await tenant.do(create_party, CreateParty("醫院", kind="ORGANISATION"), by=rep)
    before = await whereabouts(tenant)
    stated = StateTraits(person, (TraitValue("province", "GUANGDONG"),))
    await tenant.do(state_traits, stated, by=rep)

    assert before == {person: None, company: companies}
    assert (await whereabouts(tenant))[person] == south


@pytest.mark.usefixtures("provinces")
async def test_no_customer_is_left_without_a_territory(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    first = await a_draft(tenant)
    south = await a_territory(tenant, first, "province is GUANGDONG")
    await tenant.do(activate_territory_model, ActivateTerritoryModel(first))
    customer = await a_customer(tenant, "GUANGDONG")
    assert (await whereabouts(tenant))[customer] == south
    clock.set(NOW + timedelta(hours=1))
    draft = await a_draft(tenant)
    await tenant.do(displace_territory, DisplaceTerritory(draft, south))

    with pytest.raises(TerritoriesLeftOut):
        await tenant.do(activate_territory_model, ActivateTerritoryModel(draft))
    await tenant.do(preview_territory_model, PreviewTerritoryModel(draft))
    assert await moves(tenant) == {customer: (south, None, "LEFT_OUT")}

    region = tenant.territories["region-1"]
    await tenant.do(list_accounts, ListAccounts(draft, (customer,), region))
    await tenant.do(activate_territory_model, ActivateTerritoryModel(draft))
    await apply(tenant)
    assert await whereabouts(tenant) == {customer: region}


@pytest.mark.usefixtures("provinces")
async def test_a_regional_manager_is_shown_and_lists_only_what_is_his(tenant: TenantHandle) -> None:
    region = tenant.territories["region-1"]
    lin = await tenant.member("林", "regional-manager", unit="region-1")
    order = CreateTerritoryModel("lins", texts("林"))
    draft = await tenant.do(create_territory_model, order, by=lin)
    south = await tenant.do(
        create_territory, CreateTerritory("south", "area", texts("南"), region, draft), by=lin
    )
    top = tenant.territories["all"]
    north = await tenant.do(
        create_territory, CreateTerritory("north", "area", texts("北"), top, draft)
    )
    inside = await a_customer(tenant, "HUNAN", territory_id=region)
    outside = await a_customer(tenant, "HUBEI")
    beyond = await a_customer(tenant, "GUANGDONG")

    await tenant.do(
        set_territory_rule, SetTerritoryRule(draft, region, "province is HUBEI"), by=lin
    )
    await tenant.do(set_territory_rule, SetTerritoryRule(draft, south), by=lin)
    await tenant.do(set_territory_rule, SetTerritoryRule(draft, north, "province is GUANGDONG"))
    await tenant.do(list_accounts, ListAccounts(draft, (inside,), south), by=lin)
    await tenant.do(preview_territory_model, PreviewTerritoryModel(draft), by=lin)
    await tenant.do(preview_territory_model, PreviewTerritoryModel(draft))

    his = {inside: (region, south, "LISTED"), outside: (top, region, "RULE")}
    assert await moves(tenant, lin) == his
    assert await moves(tenant) == his | {beyond: (top, north, "RULE")}
    for command, wrong in (
        (set_territory_rule, SetTerritoryRule(draft, top, "owned")),
        (list_accounts, ListAccounts(draft, (outside,), south)),
        (list_accounts, ListAccounts(draft, (inside,), top)),
        (declare_account_trait, DeclareAccountTrait("beds", texts("x"), TraitKind.FLAG)),
    ):
        with pytest.raises(Forbidden):
            await tenant.do(command, wrong, by=lin)  # type: ignore[arg-type]  # many kinds


async def test_a_preview_counts_the_leads_under_way_and_the_deals_so_far(
    transactions: Transactions, clock: ManualClock
) -> None:
    showroom = await a_showroom(transactions, reps=("An",))
    tenant = showroom.tenant
    await showroom.sign_in("An")
    visits = []
    for tel in (1, 2):
        visits.append(await showroom.arrives(tel, customer_name="王"))
        await showroom.do(register_customer, RegisterCustomer(visits[-1]["id"]), by="An")
        await showroom.leaves(visits[-1])
    await showroom.do(record_deal, RecordDeal(visits[0]["id"], "8-301", 500), by="An")
    draft = await a_draft(tenant)
    await a_territory(tenant, draft, "kind is PERSON")

    async def counted() -> list[tuple[Any, ...]]:
        await tenant.do(preview_territory_model, PreviewTerritoryModel(draft))
        rows = await tenant.rows(
            "SELECT party_id, registration_count, deal_count, amount_minor, currency"
            " FROM app.territory_move WHERE tenant_id = $1"
        )
        found = {row["party_id"]: tuple(row.values())[1:] for row in rows}
        return [found[visit["party_id"]] for visit in visits]

    # What became a deal is no lead under way: it stays when the model takes effect.
    assert await counted() == [(0, 1, 500, "CNY"), (1, 0, None, None)]
    clock.set(NOW + timedelta(days=365))
    assert await counted() == [(0, 1, 500, "CNY"), (0, 0, None, None)]


@pytest.mark.usefixtures("provinces")
async def test_a_retired_territory_takes_nobody_and_is_not_remarked_upon(
    tenant: TenantHandle,
) -> None:
    draft = await a_draft(tenant)
    south = await a_territory(tenant, draft, "province is GUANGDONG")

    async def kinds() -> list[str]:
        async with tenant.transactions.sight(tenant.caller(tenant.admin_id)) as sight:
            return [one.kind for one in await findings_of(sight, draft)]

    before = await kinds()
    await tenant.do(retire_territory, RetireTerritory(south, 1))

    assert before == ["GAP"]
    assert await kinds() == []


async def test_conditions_speak_of_what_the_company_knows(
    tenant: TenantHandle, provinces: UUID
) -> None:
    draft = await a_draft(tenant)
    region = tenant.territories["region-1"]

    with pytest.raises(TerritoryRuleFaulty):
        await tenant.do(set_territory_rule, SetTerritoryRule(draft, region, "province is TIBET"))
    with pytest.raises(InvalidInput):
        await tenant.do(set_territory_rule, SetTerritoryRule(draft, region, " "))
    await tenant.do(edit_account_trait, EditAccountTrait(provinces, 1, added_words=("TIBET",)))
    await tenant.do(set_territory_rule, SetTerritoryRule(draft, region, "province is TIBET"))

    rep = await tenant.member("小王")
    customer = await tenant.do(create_party, CreateParty("王先生"), by=rep)
    for value in ("Tibet", "true", "3"):
        stated = StateTraits(customer, (TraitValue("province", value),))
        with pytest.raises(InvalidInput):
            await tenant.do(state_traits, stated, by=rep)
    beds = DeclareAccountTrait("beds", texts("床"), TraitKind.NUMBER, least=1, most=5_000)
    await tenant.do(declare_account_trait, beds)
    for value in ("0", "5001", "3.5", "many", "99999999999"):
        stated = StateTraits(customer, (TraitValue("beds", value),))
        with pytest.raises(InvalidInput):
            await tenant.do(state_traits, stated, by=rep)
    await tenant.do(state_traits, StateTraits(customer, (TraitValue("beds", "5000"),)), by=rep)
    for code in ("province", "kind"):
        order = DeclareAccountTrait(code, texts("x"), TraitKind.FLAG)
        with pytest.raises(AlreadyTaken):
            await tenant.do(declare_account_trait, order)
    wrong: tuple[tuple[str, TraitKind, dict[str, Any]], ...] = (
        ("Beds", TraitKind.FLAG, {}),
        ("is", TraitKind.FLAG, {}),
        ("rooms", TraitKind.NUMBER, {"least": 5, "most": 5}),
        ("grade", TraitKind.WORD, {"words": ("A", "A")}),
        ("grade", TraitKind.WORD, {"words": ("NONE",)}),
        ("grade", TraitKind.FLAG, {"words": ("A",)}),
    )
    for code, kind, more in wrong:
        order = DeclareAccountTrait(code, texts("x"), kind, **more)
        with pytest.raises(Refusals):
            await tenant.do(declare_account_trait, order)


async def test_another_tenants_traits_and_customers_are_not_there(
    tenant: TenantHandle, transactions: Transactions, provinces: UUID
) -> None:
    other = await a_tenant(transactions, name="別家")
    foreign_draft, draft = await a_draft(other), await a_draft(tenant)
    stranger, own = await a_customer(other), await a_customer(tenant)
    region = tenant.territories["region-1"]

    for command, wrong in (
        (edit_account_trait, EditAccountTrait(uuid4(), 1)),
        (state_traits, StateTraits(stranger, (TraitValue("province", "HUNAN"),))),
        (set_territory_rule, SetTerritoryRule(foreign_draft, region, "owned")),
        (set_territory_rule, SetTerritoryRule(draft, other.territories["all"], "owned")),
        (list_accounts, ListAccounts(draft, (stranger,), region)),
        (list_accounts, ListAccounts(draft, (own,), other.territories["all"])),
        (preview_territory_model, PreviewTerritoryModel(foreign_draft)),
    ):
        with pytest.raises(NotFound):
            await tenant.do(command, wrong)  # type: ignore[arg-type]  # many kinds
    with pytest.raises(NotFound):
        await other.do(edit_account_trait, EditAccountTrait(provinces, 1, texts("x")))
