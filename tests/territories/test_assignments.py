"""Who answers for a territory: by days, in seats that outlive who sits in them."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from builders.tenants import TenantHandle, a_tenant

from service.clock import ManualClock
from service.errors import Forbidden, InvalidInput, NotFound, VersionConflict
from service.organisation.commands import LeaveMember, leave_member
from service.organisation.errors import AlreadyAssigned, MemberHasLeft, SpanInvalid
from service.organisation.events import MemberLeft
from service.territories.commands import (
    AssignTerritory,
    EndTerritoryAssignment,
    assign_territory,
    end_territory_assignment,
)
from service.territories.errors import TerritoryHasOwner
from service.territories.reactions import on_member_left
from service.territories.tables import TerritoryRole
from service.work import Transactions, UnitOfWork

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
TODAY, NEXT_MONTH = date(2026, 3, 2), date(2026, 4, 1)
Line = tuple[UUID | None, date, date | None]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


def owner(tenant: TenantHandle, member: UUID | None, **changes: Any) -> AssignTerritory:
    region = tenant.territories["region-1"]
    return AssignTerritory(region, TerritoryRole.OWNER, member, **changes)


async def lines(tenant: TenantHandle) -> list[Line]:
    """Return who sits where from when until when, seat by seat."""

    async def step(work: UnitOfWork) -> list[Line]:
        rows = await work.fetch(
            "SELECT member_id, valid_from, valid_until FROM app.territory_assignment"
            " WHERE tenant_id = $1 AND valid_until IS DISTINCT FROM valid_from"
            " ORDER BY seat_id, valid_from",
            tenant.id,
        )
        return [(row["member_id"], row["valid_from"], row["valid_until"]) for row in rows]

    return await tenant.transactions.internally(tenant.id, "look", step)


async def test_a_successor_takes_the_seat_over_and_no_day_has_two_owners_or_none(
    tenant: TenantHandle,
) -> None:
    lin, mei = [await tenant.member(name, "regional-manager") for name in ("林", "梅")]
    first = await tenant.do(assign_territory, owner(tenant, lin))
    with pytest.raises(TerritoryHasOwner):
        await tenant.do(assign_territory, owner(tenant, mei, valid_from=NEXT_MONTH))

    await tenant.do(
        assign_territory, owner(tenant, mei, instead_of_id=first, valid_from=NEXT_MONTH)
    )

    assert await lines(tenant) == [(lin, TODAY, NEXT_MONTH), (mei, NEXT_MONTH, None)]


async def test_a_seat_stays_empty_until_somebody_takes_it(
    tenant: TenantHandle, clock: ManualClock
) -> None:
    rep, new = [await tenant.member(name) for name in ("小王", "小李")]
    region = tenant.territories["region-1"]
    seat = await tenant.do(assign_territory, AssignTerritory(region, TerritoryRole.REP, rep))
    clock.set(NOW + timedelta(days=3))

    await tenant.do(end_territory_assignment, EndTerritoryAssignment(seat, 1))
    vacant = await lines(tenant)
    clock.set(NOW + timedelta(days=9))
    await tenant.do(
        assign_territory, AssignTerritory(region, TerritoryRole.REP, new, instead_of_id=seat)
    )

    assert vacant == [(rep, TODAY, date(2026, 3, 5)), (None, date(2026, 3, 5), None)]
    assert await lines(tenant) == [
        (rep, TODAY, date(2026, 3, 5)),
        (None, date(2026, 3, 5), date(2026, 3, 11)),
        (new, date(2026, 3, 11), None),
    ]


async def test_who_steps_in_gives_way_to_whoever_was_to_come(tenant: TenantHandle) -> None:
    lin, mei, stand_in = [
        await tenant.member(name, "regional-manager") for name in ("林", "梅", "周")
    ]
    first = await tenant.do(assign_territory, owner(tenant, lin))
    taken_over = {"instead_of_id": first}
    await tenant.do(assign_territory, owner(tenant, mei, **taken_over, valid_from=NEXT_MONTH))
    day = TODAY + timedelta(days=7)

    await tenant.do(assign_territory, owner(tenant, stand_in, **taken_over, valid_from=day))

    assert await lines(tenant) == [
        (lin, TODAY, day),
        (stand_in, day, NEXT_MONTH),
        (mei, NEXT_MONTH, None),
    ]


async def test_whoever_leaves_leaves_his_seats_empty(tenant: TenantHandle) -> None:
    rep = await tenant.member("小王")
    region = tenant.territories["region-1"]
    await tenant.do(assign_territory, AssignTerritory(region, TerritoryRole.REP, rep))
    await tenant.do(
        assign_territory,
        AssignTerritory(region, TerritoryRole.OVERLAY, rep, valid_from=NEXT_MONTH),
    )
    await tenant.do(leave_member, LeaveMember(rep, 1))

    for _ in range(2):
        await tenant.transactions.internally(
            tenant.id, "react", lambda work: on_member_left(work, MemberLeft(rep))
        )

    assert set(await lines(tenant)) == {(None, TODAY, None), (None, NEXT_MONTH, None)}
    with pytest.raises(MemberHasLeft):
        await tenant.do(assign_territory, AssignTerritory(region, TerritoryRole.REP, rep))


async def test_of_two_owners_at_once_one_is_late(tenant: TenantHandle) -> None:
    pair = [await tenant.member(name, "regional-manager") for name in ("林", "梅")]

    results = await asyncio.gather(
        *(tenant.do(assign_territory, owner(tenant, one)) for one in pair), return_exceptions=True
    )

    assert sum(isinstance(one, UUID) for one in results) == 1
    assert sum(isinstance(one, TerritoryHasOwner) for one in results) == 1


async def test_nothing_of_the_past_is_written_and_nobody_holds_one_part_twice(
    tenant: TenantHandle,
) -> None:
    rep = await tenant.member("小王")
    region = tenant.territories["region-1"]
    order = AssignTerritory(region, TerritoryRole.REP, rep)
    made = await tenant.do(assign_territory, order)

    with pytest.raises(AlreadyAssigned):
        await tenant.do(assign_territory, order)
    for wrong in ({"valid_from": date(2026, 3, 1)}, {"valid_until": TODAY}):
        with pytest.raises(SpanInvalid):
            await tenant.do(assign_territory, owner(tenant, rep, **wrong))
    with pytest.raises(InvalidInput):
        await tenant.do(assign_territory, owner(tenant, rep, instead_of_id=made))
    with pytest.raises(VersionConflict):
        await tenant.do(end_territory_assignment, EndTerritoryAssignment(made, 2))
    with pytest.raises(SpanInvalid):
        await tenant.do(end_territory_assignment, EndTerritoryAssignment(made, 1, date(2026, 3, 1)))
    await tenant.do(end_territory_assignment, EndTerritoryAssignment(made, 1, NEXT_MONTH))
    for day in (NEXT_MONTH, date(2026, 5, 1)):
        with pytest.raises(SpanInvalid):
            await tenant.do(end_territory_assignment, EndTerritoryAssignment(made, 2, day))


async def test_a_regional_manager_fills_the_seats_of_his_sub_tree_alone(
    tenant: TenantHandle, transactions: Transactions
) -> None:
    lin = await tenant.member("林", "regional-manager", unit="region-1")
    rep = await tenant.member("小王")
    top = AssignTerritory(tenant.territories["all"], TerritoryRole.REP, rep)
    other = await a_tenant(transactions, name="別家")
    stranger = await other.member("生人")
    foreign = await other.do(assign_territory, owner(other, stranger))

    made = await tenant.do(
        assign_territory, AssignTerritory(tenant.territories["region-1"], TerritoryRole.REP, rep),
        by=lin,
    )  # fmt: skip

    for by, order in ((lin, top), (rep, owner(tenant, rep))):
        with pytest.raises(Forbidden):
            await tenant.do(assign_territory, order, by=by)
    with pytest.raises(Forbidden):
        await tenant.do(end_territory_assignment, EndTerritoryAssignment(made, 1), by=rep)
    for command, wrong in (
        (assign_territory, owner(tenant, stranger)),
        (assign_territory, owner(tenant, rep, instead_of_id=foreign)),
        (assign_territory, owner(other, rep)),
        (end_territory_assignment, EndTerritoryAssignment(foreign, 1)),
    ):
        with pytest.raises(NotFound):
            await tenant.do(command, wrong)  # type: ignore[arg-type]  # many kinds
