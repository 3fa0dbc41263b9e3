"""Models of the territories: drawn in drafts, announced for a day, gone back from."""

import asyncio
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from builders import territories as of_builders
from builders.organisation import texts
from builders.tenants import TenantHandle, a_tenant

from service.clock import ManualClock
from service.errors import AlreadyTaken, Forbidden, NotFound, Refusal, VersionConflict
from service.organisation.errors import SpanInvalid, StillInUse, TreeWouldCircle
from service.organisation.territory_tree import places_at
from service.policies.access import Record
from service.territories.commands import (
    ActivateTerritoryModel,
    CreateTerritory,
    CreateTerritoryModel,
    DisplaceTerritory,
    EditTerritory,
    EditTerritoryModel,
    PlaceTerritory,
    WithdrawTerritoryActivation,
    activate_territory_model,
    create_territory,
    create_territory_model,
    displace_territory,
    edit_territory,
    edit_territory_model,
    place_territory,
    withdraw_territory_activation,
)
from service.territories.errors import (
    TerritoriesLeftOut,
    TerritoryActivationBegun,
    TerritoryDayTaken,
    TerritoryModelArchived,
    TerritoryModelInForce,
    TerritoryModelPublished,
)
from service.work import Transactions, UnitOfWork

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
TOMORROW = date(2026, 3, 3)
NEXT_WEEK = date(2026, 3, 9)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


def a_model(**changes: Any) -> CreateTerritoryModel:
    values = {"code": f"m-{uuid4().hex[:8]}", "names": texts("2027")}
    return CreateTerritoryModel(**{**values, **changes})


async def a_territory(tenant: TenantHandle, parent: UUID, model: UUID | None = None) -> UUID:
    order = CreateTerritory(f"t-{uuid4().hex[:8]}", "area", texts("城東"), parent, model)
    return await tenant.do(create_territory, order)


async def tree(tenant: TenantHandle, model: UUID | None = None) -> dict[UUID, UUID | None]:
    """Return the tree that the tenant's rights are judged by now, or what a model says."""

    async def step(work: UnitOfWork) -> dict[UUID, UUID | None]:
        if model is not None:
            rows = await work.fetch(
                "SELECT territory_id, parent_id FROM app.territory_place WHERE tenant_id = $1"
                " AND territory_model_id = $2",
                tenant.id,
                model,
            )
            return {row["territory_id"]: row["parent_id"] for row in rows}
        rows = await work.fetch(
            f"SELECT p.territory_id, p.parent_id FROM {places_at('$2')} p", tenant.id, work.now
        )
        return {row["territory_id"]: row["parent_id"] for row in rows}

    return await tenant.transactions.internally(tenant.id, "look", step)


async def sees(tenant: TenantHandle, member: UUID, territory: UUID) -> bool:
    async with tenant.transactions.sight(tenant.caller(member)) as sight:
        record = Record(territory_id=territory)
        return sight.policy.check(sight.actor, "visit.view", record).allowed


async def test_a_draft_changes_nothing_until_its_day_and_then_at_midnight_without_a_worker(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    top, region = tenant.territories["all"], tenant.territories["region-1"]
    regional = await tenant.member("區總", "regional-manager", unit="region-1")
    east = await a_territory(tenant, region)

    draft = await tenant.do(create_territory_model, a_model())
    await tenant.do(place_territory, PlaceTerritory(draft, east, top))
    await tenant.do(activate_territory_model, ActivateTerritoryModel(draft, TOMORROW))

    assert await sees(tenant, regional, east)
    clock.set(datetime(2026, 3, 2, 15, 59, 59, tzinfo=UTC))
    assert await sees(tenant, regional, east)
    clock.set(datetime(2026, 3, 2, 16, 0, tzinfo=UTC))
    assert not await sees(tenant, regional, east)


async def test_going_back_is_activating_the_old_one_again(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    first = await model_in_force(tenant)
    before = await tree(tenant)
    draft = await tenant.do(create_territory_model, a_model())
    await tenant.do(place_territory, PlaceTerritory(draft, tenant.territories["region-1"], None, 3))
    await tenant.do(activate_territory_model, ActivateTerritoryModel(draft))
    assert await tree(tenant) != before
    clock.set(NOW + timedelta(hours=1))

    await tenant.do(activate_territory_model, ActivateTerritoryModel(first))

    assert await tree(tenant) == before
    with pytest.raises(TerritoryModelInForce):
        await tenant.do(activate_territory_model, ActivateTerritoryModel(first, TOMORROW))


async def model_in_force(tenant: TenantHandle) -> UUID:
    return await tenant.transactions.internally(tenant.id, "look", of_builders.model_in_force)


async def test_a_published_model_is_copied_to_be_changed_and_a_draft_put_away_is_not_activated(
    tenant: TenantHandle,
) -> None:
    region = tenant.territories["region-1"]
    first = await model_in_force(tenant)
    with pytest.raises(TerritoryModelPublished):
        await tenant.do(place_territory, PlaceTerritory(first, region))
    with pytest.raises(TerritoryModelPublished):
        await tenant.do(edit_territory_model, EditTerritoryModel(first, 1, archived=True))
    draft = await tenant.do(create_territory_model, a_model())

    await tenant.do(edit_territory_model, EditTerritoryModel(draft, 1, archived=True))

    with pytest.raises(TerritoryModelArchived):
        await tenant.do(place_territory, PlaceTerritory(draft, region))
    with pytest.raises(TerritoryModelArchived):
        await tenant.do(activate_territory_model, ActivateTerritoryModel(draft))
    with pytest.raises(VersionConflict):
        await tenant.do(edit_territory_model, EditTerritoryModel(draft, 1, archived=False))


async def test_a_territory_in_use_is_not_left_out(tenant: TenantHandle) -> None:
    draft = await tenant.do(create_territory_model, a_model(empty=True))
    await tenant.do(place_territory, PlaceTerritory(draft, tenant.territories["all"]))

    with pytest.raises(TerritoriesLeftOut) as refused:
        await tenant.do(activate_territory_model, ActivateTerritoryModel(draft))

    assert refused.value.territories == "region-1"


async def test_a_draft_is_a_tree(tenant: TenantHandle) -> None:
    top, region = tenant.territories["all"], tenant.territories["region-1"]
    draft = await tenant.do(create_territory_model, a_model())

    for territory, parent in ((top, region), (top, top)):
        with pytest.raises(TreeWouldCircle):
            await tenant.do(place_territory, PlaceTerritory(draft, territory, parent))
    with pytest.raises(StillInUse):
        await tenant.do(displace_territory, DisplaceTerritory(draft, top))
    await tenant.do(displace_territory, DisplaceTerritory(draft, region))
    for command, order in (
        (displace_territory, DisplaceTerritory(draft, region)),
        (place_territory, PlaceTerritory(draft, top, region)),
    ):
        with pytest.raises(NotFound):
            await tenant.do(command, order)  # type: ignore[arg-type]  # many kinds


async def test_what_is_announced_is_taken_back_until_it_begins(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    before = await tree(tenant)
    draft = await tenant.do(create_territory_model, a_model())
    await tenant.do(place_territory, PlaceTerritory(draft, tenant.territories["region-1"], None))
    later = await tenant.do(activate_territory_model, ActivateTerritoryModel(draft, NEXT_WEEK))
    another = await tenant.do(create_territory_model, a_model())
    with pytest.raises(TerritoryModelPublished):
        await tenant.do(edit_territory_model, EditTerritoryModel(draft, 2, archived=True))
    with pytest.raises(TerritoryDayTaken):
        await tenant.do(activate_territory_model, ActivateTerritoryModel(another, NEXT_WEEK))
    with pytest.raises(SpanInvalid):
        await tenant.do(activate_territory_model, ActivateTerritoryModel(another, NOW.date()))

    await tenant.do(withdraw_territory_activation, WithdrawTerritoryActivation(later))

    with pytest.raises(TerritoryActivationBegun):
        await tenant.do(withdraw_territory_activation, WithdrawTerritoryActivation(later))
    await tenant.do(place_territory, PlaceTerritory(draft, tenant.territories["region-1"]))
    begun = await tenant.do(activate_territory_model, ActivateTerritoryModel(another, NEXT_WEEK))
    clock.set(NOW + timedelta(days=30))
    assert await tree(tenant) == before
    with pytest.raises(TerritoryActivationBegun):
        await tenant.do(withdraw_territory_activation, WithdrawTerritoryActivation(begun))


async def test_of_activations_at_once_for_one_day_one_wins(tenant: TenantHandle) -> None:
    drafts = [await tenant.do(create_territory_model, a_model()) for _ in range(3)]

    results = await asyncio.gather(
        *(
            tenant.do(activate_territory_model, ActivateTerritoryModel(draft, TOMORROW))
            for draft in drafts
        ),
        return_exceptions=True,
    )

    assert sum(isinstance(result, UUID) for result in results) == 1
    assert sum(isinstance(result, TerritoryDayTaken) for result in results) == 2


async def test_the_database_itself_keeps_one_in_force(tenant: TenantHandle) -> None:
    first = await model_in_force(tenant)

    async def step(work: UnitOfWork) -> None:
        await work.fetch(
            "INSERT INTO app.territory_activation (tenant_id, created_at, territory_model_id,"
            " active_from) VALUES ($1, $2, $3, $2)",
            tenant.id,
            work.now,
            first,
        )

    with pytest.raises(asyncpg.ExclusionViolationError, match="one_at_a_time"):
        await tenant.transactions.internally(tenant.id, "second", step)


async def test_a_territory_moved_now_stood_where_it_was_until_now(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    top, region = tenant.territories["all"], tenant.territories["region-1"]
    east = await a_territory(tenant, region)
    clock.set(NOW + timedelta(hours=1))

    await tenant.do(edit_territory, EditTerritory(east, 1, moved=True, parent_id=top))

    assert (await tree(tenant))[east] == top
    clock.set(NOW + timedelta(minutes=30))
    assert (await tree(tenant))[east] == region
    clock.set(NOW - timedelta(minutes=30))
    assert east not in await tree(tenant)


async def test_a_new_territory_stands_in_what_is_announced_too(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    draft = await tenant.do(create_territory_model, a_model())
    await tenant.do(activate_territory_model, ActivateTerritoryModel(draft, TOMORROW))

    east = await a_territory(tenant, tenant.territories["region-1"])

    clock.set(NOW + timedelta(days=2))
    assert (await tree(tenant))[east] == tenant.territories["region-1"]


async def test_a_new_territory_stands_in_no_day_that_is_over(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    """Also where a model that was in force before is to come back."""
    first = await model_in_force(tenant)
    draft = await tenant.do(create_territory_model, a_model())
    await tenant.do(activate_territory_model, ActivateTerritoryModel(draft))
    clock.set(NOW + timedelta(hours=1))
    await tenant.do(activate_territory_model, ActivateTerritoryModel(first, TOMORROW))

    east = await a_territory(tenant, tenant.territories["region-1"])

    days = [NOW + timedelta(days=days) for days in (-1, 0, 2)]
    told = await trees(tenant, days)
    assert [east in told[day] for day in days] == [False, False, True]


async def test_a_regional_manager_proposes_in_his_own_sub_tree_and_puts_nothing_in_force(
    tenant: TenantHandle,
) -> None:
    top, region = tenant.territories["all"], tenant.territories["region-1"]
    regional = await tenant.member("區總", "regional-manager", unit="region-1")
    east, west = [await a_territory(tenant, region) for _ in range(2)]
    south = await a_territory(tenant, top)
    draft = await tenant.do(create_territory_model, a_model(), by=regional)

    await tenant.do(place_territory, PlaceTerritory(draft, east, west), by=regional)
    new = await tenant.do(
        create_territory,
        CreateTerritory("north", "area", texts("城北"), west, draft),
        by=regional,
    )

    assert (await tree(tenant, draft))[new] == west
    assert new not in await tree(tenant)
    for command, order in (
        (place_territory, PlaceTerritory(draft, east, top)),
        (place_territory, PlaceTerritory(draft, east, None)),
        (place_territory, PlaceTerritory(draft, south, region)),
        (displace_territory, DisplaceTerritory(draft, south)),
        (activate_territory_model, ActivateTerritoryModel(draft)),
    ):
        with pytest.raises(Forbidden):
            await tenant.do(command, order, by=regional)  # type: ignore[arg-type]  # many kinds


async def test_what_another_drafts_is_not_there_but_what_was_announced_is(
    tenant: TenantHandle,
) -> None:
    regional = await tenant.member("區總", "regional-manager", unit="region-1")
    rep = await tenant.member("小王")
    draft = await tenant.do(create_territory_model, a_model())

    for command, order in (
        (place_territory, PlaceTerritory(draft, tenant.territories["region-1"])),
        (create_territory_model, a_model(based_on_id=draft)),
        (edit_territory_model, EditTerritoryModel(draft, 1, names=texts("x"))),
        (activate_territory_model, ActivateTerritoryModel(draft)),
    ):
        with pytest.raises(NotFound):
            await tenant.do(command, order, by=regional)  # type: ignore[arg-type]  # many kinds
    await tenant.do(activate_territory_model, ActivateTerritoryModel(draft, TOMORROW))
    await tenant.do(create_territory_model, a_model(based_on_id=draft), by=regional)
    with pytest.raises(Forbidden):
        await tenant.do(create_territory_model, a_model(), by=rep)


async def test_another_tenants_models_are_not_there_and_a_code_is_taken_once(
    tenant: TenantHandle, transactions: Transactions
) -> None:
    other = await a_tenant(transactions, name="別家")
    foreign = await other.do(create_territory_model, a_model(code="next"))
    own = await tenant.do(create_territory_model, a_model(code="next"))
    announced = await other.do(activate_territory_model, ActivateTerritoryModel(foreign, TOMORROW))

    for command, order in (
        (create_territory_model, a_model(based_on_id=foreign)),
        (edit_territory_model, EditTerritoryModel(foreign, 1, names=texts("x"))),
        (activate_territory_model, ActivateTerritoryModel(foreign)),
        (place_territory, PlaceTerritory(foreign, tenant.territories["all"])),
        (place_territory, PlaceTerritory(own, other.territories["all"])),
        (place_territory, PlaceTerritory(own, tenant.territories["all"], other.territories["all"])),
        (withdraw_territory_activation, WithdrawTerritoryActivation(announced)),
    ):
        with pytest.raises(NotFound):
            await tenant.do(command, order)  # type: ignore[arg-type]  # many kinds
    with pytest.raises(AlreadyTaken):
        await tenant.do(create_territory_model, a_model(code="next"))
    order = a_model()
    first = await tenant.do(create_territory_model, order, key="one-model-please-1")
    assert await tenant.do(create_territory_model, order, key="one-model-please-1") == first


async def test_whatever_is_drawn_moved_and_announced_no_day_that_is_over_changes(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    chance = Random(3)  # noqa: S311 - a story, not a secret
    known = [await a_territory(tenant, tenant.territories["all"]) for _ in range(4)]
    models = [await model_in_force(tenant)]
    versions = dict.fromkeys(known, 1)
    past: list[tuple[datetime, dict[UUID, UUID | None]]] = []

    async def step() -> None:
        kind = chance.choice(
            ["draft", "place", "place", "move", "activate", "activate", "withdraw"]
        )
        territory, above = chance.choice(known), chance.choice([None, *known])
        if kind == "draft":
            based = chance.choice([None, *models])
            models.append(await tenant.do(create_territory_model, a_model(based_on_id=based)))
        elif kind == "place":
            await tenant.do(
                place_territory, PlaceTerritory(chance.choice(models), territory, above)
            )
        elif kind == "move":
            version = versions[territory]
            order = EditTerritory(territory, version, moved=True, parent_id=above)
            await tenant.do(edit_territory, order)
            versions[territory] += 1
        elif kind == "activate":
            day = chance.choice([None, clock.now().date() + timedelta(days=chance.randint(1, 4))])
            order_ = ActivateTerritoryModel(chance.choice(models), day)
            announced.append(await tenant.do(activate_territory_model, order_))
        elif announced:
            order__ = WithdrawTerritoryActivation(chance.choice(announced))
            await tenant.do(withdraw_territory_activation, order__)

    announced: list[UUID] = []
    for _ in range(30):
        with suppress(Refusal):
            await step()
        clock.advance(timedelta(hours=chance.choice([0, 1, 9, 30])))
        instant = clock.now() - timedelta(seconds=1)
        past.append((instant, (await trees(tenant, [instant]))[instant]))
    told = await trees(tenant, [instant for instant, _ in past])
    assert [told[instant] for instant, _ in past] == [seen for _, seen in past]
    assert len({str(sorted(seen.items(), key=str)) for _, seen in past}) > 4


async def trees(
    tenant: TenantHandle, instants: list[datetime]
) -> dict[datetime, dict[UUID, UUID | None]]:
    """Return the tree of each instant, as it is told now."""

    async def step(work: UnitOfWork) -> dict[datetime, dict[UUID, UUID | None]]:
        rows = await work.fetch(
            "SELECT i.at, p.territory_id, p.parent_id FROM unnest($2::timestamptz[]) i (at)"
            f" CROSS JOIN LATERAL {places_at('i.at')} p",
            tenant.id,
            instants,
        )
        found: dict[datetime, dict[UUID, UUID | None]] = {instant: {} for instant in instants}
        for row in rows:
            found[row["at"]][row["territory_id"]] = row["parent_id"]
        return found

    return await tenant.transactions.internally(tenant.id, "look", step)
