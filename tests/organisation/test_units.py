"""The company tree: dated, without circles, and never closed under somebody's feet."""

import asyncio
from datetime import date, timedelta
from uuid import UUID

import pytest
from builders.organisation import a_unit, texts
from builders.tenants import TenantHandle

from service.clock import ManualClock
from service.errors import (
    AlreadyTaken,
    Forbidden,
    InvalidInput,
    NotFound,
    Refusals,
    VersionConflict,
)
from service.organisation.commands import (
    EditOrgUnit,
    RetireOrgUnit,
    create_org_unit,
    edit_org_unit,
    retire_org_unit,
)
from service.organisation.errors import SpanInvalid, StillInUse, TreeWouldCircle
from service.policies.access import Record
from service.work import Transactions

TODAY = date(2026, 3, 2)


async def test_a_new_unit_belongs_to_its_parents_leaders_at_once(
    transactions: Transactions, tenant: TenantHandle
) -> None:
    manager = await tenant.member("周經理", "sales-manager")

    team = await tenant.do(create_org_unit, a_unit(parent_id=tenant.units[tenant.team_unit]))

    async with transactions.sight(tenant.caller(manager)) as sight:
        assert sight.policy.check(sight.actor, "visit.view", Record(org_unit_id=team)).allowed


async def test_a_unit_moves_with_all_below_it(
    transactions: Transactions, tenant: TenantHandle
) -> None:
    manager = await tenant.member("周經理", "sales-manager")
    away = await tenant.do(create_org_unit, a_unit(parent_id=tenant.units["group"]))
    team = await tenant.do(create_org_unit, a_unit(parent_id=away))
    order = EditOrgUnit(away, 1, moved=True, parent_id=tenant.units[tenant.team_unit])

    await tenant.do(edit_org_unit, order)

    async with transactions.sight(tenant.caller(manager)) as sight:
        assert sight.policy.check(sight.actor, "visit.view", Record(org_unit_id=team)).allowed


async def test_only_who_administers_the_organisation_changes_it(tenant: TenantHandle) -> None:
    manager = await tenant.member("周經理", "sales-manager")
    unit = tenant.units[tenant.team_unit]

    for command, order in (
        (create_org_unit, a_unit(parent_id=unit)),
        (edit_org_unit, EditOrgUnit(unit, 1, names=texts("x"))),
        (retire_org_unit, RetireOrgUnit(unit, 1)),
    ):
        with pytest.raises(Forbidden):
            await tenant.do(command, order, by=manager)  # type: ignore[arg-type]  # many kinds


async def test_another_tenants_units_are_not_there(
    tenant: TenantHandle, other: TenantHandle
) -> None:
    foreign, own = other.units["group"], tenant.units[tenant.team_unit]

    for command, order in (
        (create_org_unit, a_unit(parent_id=foreign)),
        (edit_org_unit, EditOrgUnit(foreign, 1, names=texts("x"))),
        (edit_org_unit, EditOrgUnit(own, 1, moved=True, parent_id=foreign)),
        (retire_org_unit, RetireOrgUnit(foreign, 1)),
    ):
        with pytest.raises(NotFound):
            await tenant.do(command, order)  # type: ignore[arg-type]  # many kinds


async def test_a_unit_cannot_come_below_itself(tenant: TenantHandle) -> None:
    region, team = tenant.units["region-1"], tenant.units[tenant.team_unit]

    for parent in (region, team):
        with pytest.raises(TreeWouldCircle):
            await tenant.do(edit_org_unit, EditOrgUnit(region, 1, moved=True, parent_id=parent))


async def test_two_units_that_swap_places_at_once_make_no_circle(tenant: TenantHandle) -> None:
    first = await tenant.do(create_org_unit, a_unit(parent_id=tenant.units["group"]))
    second = await tenant.do(create_org_unit, a_unit(parent_id=tenant.units["group"]))

    results = await asyncio.gather(
        tenant.do(edit_org_unit, EditOrgUnit(first, 1, moved=True, parent_id=second)),
        tenant.do(edit_org_unit, EditOrgUnit(second, 1, moved=True, parent_id=first)),
        return_exceptions=True,
    )

    assert sum(isinstance(result, TreeWouldCircle) for result in results) == 1
    assert sum(isinstance(result, UUID) for result in results) == 1


async def test_a_unit_in_use_stays_open(tenant: TenantHandle) -> None:
    for code in ("group", tenant.team_unit):
        with pytest.raises(StillInUse):
            await tenant.do(retire_org_unit, RetireOrgUnit(tenant.units[code], 1))


async def test_a_unit_closes_on_a_day_to_come_and_takes_nothing_new_from_then(
    tenant: TenantHandle,
) -> None:
    tomorrow = TODAY + timedelta(days=1)
    unit = await tenant.do(create_org_unit, a_unit(parent_id=tenant.units["group"]))

    await tenant.do(retire_org_unit, RetireOrgUnit(unit, 1, tomorrow))

    assert await tenant.do(create_org_unit, a_unit(parent_id=unit, valid_from=TODAY))
    with pytest.raises(SpanInvalid):
        await tenant.do(create_org_unit, a_unit(parent_id=unit, valid_from=tomorrow))


async def test_a_closed_unit_is_not_closed_again_on_a_later_day(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    unit = await tenant.do(create_org_unit, a_unit(parent_id=tenant.units["group"]))
    await tenant.do(retire_org_unit, RetireOrgUnit(unit, 1, TODAY + timedelta(days=1)))

    await tenant.do(retire_org_unit, RetireOrgUnit(unit, 2, TODAY + timedelta(days=2)))
    clock.advance(timedelta(days=2))
    with pytest.raises(SpanInvalid):
        await tenant.do(retire_org_unit, RetireOrgUnit(unit, 3, TODAY + timedelta(days=5)))


@pytest.mark.parametrize("until", [TODAY, TODAY - timedelta(days=1)])
async def test_a_unit_lasts_at_least_a_day(tenant: TenantHandle, until: date) -> None:
    unit = await tenant.do(create_org_unit, a_unit(parent_id=tenant.units["group"]))

    with pytest.raises(SpanInvalid):
        await tenant.do(retire_org_unit, RetireOrgUnit(unit, 1, until))


async def test_a_unit_is_made_once_for_a_key_and_its_code_once_for_the_tenant(
    tenant: TenantHandle, other: TenantHandle
) -> None:
    order = a_unit(parent_id=None)

    first = await tenant.do(create_org_unit, order, key="one-unit-please")
    again = await tenant.do(create_org_unit, order, key="one-unit-please")

    assert first == again
    with pytest.raises(AlreadyTaken):
        await tenant.do(create_org_unit, a_unit(code=order.code))
    assert await other.do(create_org_unit, a_unit(code=order.code))


async def test_levels_names_and_versions_are_checked(tenant: TenantHandle) -> None:
    unit = tenant.units["group"]

    with pytest.raises(InvalidInput) as unknown:
        await tenant.do(create_org_unit, a_unit(kind="galaxy"))
    assert "region" in unknown.value.choices
    for order in (
        a_unit(code="x" * 10_000),
        a_unit(code="*"),
        a_unit(names=texts("")),
        a_unit(names=texts("華" * 10_000)),
    ):
        with pytest.raises(Refusals):
            await tenant.do(create_org_unit, order)
    await tenant.do(edit_org_unit, EditOrgUnit(unit, 1, names=texts("集團"), kind="region"))
    with pytest.raises(VersionConflict):
        await tenant.do(edit_org_unit, EditOrgUnit(unit, 1, names=texts("總部")))
