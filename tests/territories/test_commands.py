"""The territory tree, as its administrator changes it."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from builders.organisation import texts
from builders.tenants import TenantHandle

from service.errors import (
    AlreadyTaken,
    Forbidden,
    InvalidInput,
    NotFound,
    Refusals,
    VersionConflict,
)
from service.organisation.errors import StillInUse, TreeWouldCircle
from service.policies.access import Record
from service.territories.commands import (
    CreateTerritory,
    EditTerritory,
    RetireTerritory,
    create_territory,
    edit_territory,
    retire_territory,
)
from service.work import Transactions


def a_territory(**changes: Any) -> CreateTerritory:
    values = {"code": f"t-{uuid4().hex[:8]}", "dimension": "area", "names": texts("城東")}
    return CreateTerritory(**{**values, **changes})


async def test_a_new_territory_is_led_by_whoever_leads_its_parent(
    transactions: Transactions, tenant: TenantHandle
) -> None:
    regional = await tenant.member("區總", "regional-manager", unit="region-1")

    east = await tenant.do(create_territory, a_territory(parent_id=tenant.territories["region-1"]))

    async with transactions.sight(tenant.caller(regional)) as sight:
        assert sight.policy.check(sight.actor, "visit.view", Record(territory_id=east)).allowed


async def test_a_territory_moved_away_is_out_of_reach_on_the_next_request(
    transactions: Transactions, tenant: TenantHandle
) -> None:
    regional = await tenant.member("區總", "regional-manager", unit="region-1")
    east = await tenant.do(create_territory, a_territory(parent_id=tenant.territories["region-1"]))

    await tenant.do(
        edit_territory, EditTerritory(east, 1, moved=True, parent_id=tenant.territories["all"])
    )

    async with transactions.sight(tenant.caller(regional)) as sight:
        assert not sight.policy.check(sight.actor, "visit.view", Record(territory_id=east))


async def test_a_regional_manager_draws_no_borders(tenant: TenantHandle) -> None:
    regional = await tenant.member("區總", "regional-manager", unit="region-1")
    own = tenant.territories["region-1"]

    for command, order in (
        (create_territory, a_territory(parent_id=own)),
        (edit_territory, EditTerritory(own, 1, names=texts("x"))),
        (retire_territory, RetireTerritory(own, 1)),
    ):
        with pytest.raises(Forbidden):
            await tenant.do(command, order, by=regional)  # type: ignore[arg-type]  # many kinds


async def test_another_tenants_territories_are_not_there(
    tenant: TenantHandle, other: TenantHandle
) -> None:
    foreign, own = other.territories["all"], tenant.territories["region-1"]

    for command, order in (
        (create_territory, a_territory(parent_id=foreign)),
        (edit_territory, EditTerritory(foreign, 1, names=texts("x"))),
        (edit_territory, EditTerritory(own, 1, moved=True, parent_id=foreign)),
        (retire_territory, RetireTerritory(foreign, 1)),
    ):
        with pytest.raises(NotFound):
            await tenant.do(command, order)  # type: ignore[arg-type]  # many kinds


async def test_territories_that_swap_places_at_once_make_no_circle(tenant: TenantHandle) -> None:
    first = await tenant.do(create_territory, a_territory(parent_id=tenant.territories["all"]))
    second = await tenant.do(create_territory, a_territory(parent_id=tenant.territories["all"]))

    results = await asyncio.gather(
        tenant.do(edit_territory, EditTerritory(first, 1, moved=True, parent_id=second)),
        tenant.do(edit_territory, EditTerritory(second, 1, moved=True, parent_id=first)),
        return_exceptions=True,
    )

    assert sum(isinstance(result, TreeWouldCircle) for result in results) == 1
    assert sum(isinstance(result, UUID) for result in results) == 1


async def test_a_territory_in_use_is_not_retired_and_a_retired_one_is_not_used(
    tenant: TenantHandle,
) -> None:
    for code in ("all", "region-1"):
        with pytest.raises(StillInUse):
            await tenant.do(retire_territory, RetireTerritory(tenant.territories[code], 1))
    east = await tenant.do(create_territory, a_territory(parent_id=tenant.territories["all"]))
    await tenant.do(retire_territory, RetireTerritory(east, 1))

    with pytest.raises(NotFound):
        await tenant.do(create_territory, a_territory(parent_id=east))


async def test_a_territory_is_made_once_for_a_key_and_its_code_once(
    tenant: TenantHandle,
) -> None:
    order = a_territory()

    first = await tenant.do(create_territory, order, key="one-territory-please")
    again = await tenant.do(create_territory, order, key="one-territory-please")

    assert first == again
    with pytest.raises(AlreadyTaken):
        await tenant.do(create_territory, a_territory(code=order.code))


async def test_dimensions_names_and_versions_are_checked(tenant: TenantHandle) -> None:
    with pytest.raises(InvalidInput):
        await tenant.do(create_territory, a_territory(dimension="planet"))
    for order in (a_territory(code="a b"), a_territory(names=texts("x" * 10_000))):
        with pytest.raises(Refusals):
            await tenant.do(create_territory, order)
    own = tenant.territories["region-1"]
    await tenant.do(edit_territory, EditTerritory(own, 1, names=texts("華東")))
    with pytest.raises(VersionConflict):
        await tenant.do(edit_territory, EditTerritory(own, 1, names=texts("華南")))
