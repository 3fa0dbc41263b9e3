"""Two managers at once, neighbours who see nothing of each other, and what nobody can break."""

import asyncio
import re
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from asyncpg import CheckViolationError, InsufficientPrivilegeError
from builders.api import Desk
from builders.targets import Planner
from builders.waiting import waited_for

from service.database.connections import Location, connected
from service.database.constraints import refusal_of
from service.database.security import APPLICATION
from service.database.target_guards import AMOUNT_STAYS
from service.targets.checking import broken_invariants
from service.targets.commands.adjusting import AdjustTarget, adjust_target
from service.targets.commands.following import locked_plans
from service.targets.commands.plans import MovePlan, publish_target_plan
from service.targets.tables import TargetNode
from service.work import Caller, UnitOfWork

OVER = """query($plan: ID!) { targetNodes(first: 200, filter: {planId: {eq: $plan}}) {
  nodes { id figure overAssignmentBasisPoints childrenFigure parent { id } } } }"""

# More than are looked at one by one.
MANY = """
INSERT INTO app.target_node (tenant_id, id, created_at, plan_id, parent_id, metric_id, org_unit_id,
    territory_id, seat, first_day, last_day, kind, level, split, amount, pinned, is_unassigned,
    is_vacancy, over_assignment_basis_points, position)
SELECT tenant_id, uuidv7(), created_at, plan_id, parent_id, metric_id, org_unit_id, territory_id,
    'n' || g, first_day, last_day, kind, level, split, CASE WHEN g = 77 THEN $2 ELSE 0 END, pinned,
    FALSE, FALSE, 0, g
FROM app.target_node, generate_series(1, 501) g WHERE id = $1
"""
# Of each column that stays, another value.
ELSEWHERE = {
    "plan_id": "(SELECT p.id FROM app.target_plan p WHERE p.id <> n.plan_id)",
    "parent_id": "NULL",
    "metric_id": "(SELECT m.id FROM app.metric m WHERE m.id <> n.metric_id LIMIT 1)",
    "org_unit_id": "NULL",
    "territory_id": "(SELECT y.id FROM app.territory y LIMIT 1)",
    "member_id": "NULL",
    "channel_code": "'x'",
    "product_code": "'x'",
    "seat": "'x'",
    "first_day": "n.first_day + 1",
    "last_day": "n.last_day - 1",
    "kind": "'STREET'",
    "level": "'STRETCH'",
    "split": "'PERIOD'",
    "is_unassigned": "TRUE",
    "is_vacancy": "TRUE, seat = 'x'",
    "currency": "'EUR'",
}
ONE_SIDED = """
INSERT INTO app.target_change (tenant_id, id, plan_id, node_id, metric_id, effective_on, delta,
    hands_over, kind, reason, recorded_at)
SELECT tenant_id, uuidv7(), plan_id, id, metric_id, '2026-05-01', 7, FALSE, 'ADJUSTMENT', 'x',
    created_at
FROM app.target_node WHERE id = $1
"""


async def test_two_who_adjust_siblings_at_once_lose_nothing_and_the_sum_is_exact(
    desk: Desk,
) -> None:
    planner = Planner(desk)
    await planner.with_metric()
    await planner.with_plan()
    names = ("a", "b", "c", "d")
    await planner.root_with(1_000, names)
    await planner.divide("root")
    await planner.publish()

    payloads = await asyncio.gather(
        *(planner.adjust(name, -5 * n, "2026-03-02") for n, name in enumerate(names * 2, 1))
    )

    assert [one["errors"] for one in payloads] == [[]] * 8
    figures = await planner.below("root")
    assert [figures[name] for name in names] == [220, 210, 200, 190]
    assert figures["unassigned"] == 180
    async with desk.api.transactions.sight(Caller(desk.showroom.tenant.id, None, "check")) as sight:
        assert await broken_invariants(sight) == []


async def revised(desk: Desk) -> tuple[Planner, UUID, UUID]:
    """A plan in force, and one that is to take its place."""
    planner = Planner(desk)
    await planner.with_metric()
    first = await planner.with_plan()
    await planner.add({"key": "his", "amount": "100", "memberId": desk.member("An")})
    await planner.publish()
    second = await planner.with_plan("second", revisionOfId=first)
    await planner.add({"key": "new", "amount": "90", "memberId": desk.member("An")})
    await desk.does("Lin", "distributeTargetPlan", "targetPlan { state }", planId=second)
    return planner, UUID(first.split("_")[-1]), UUID(second.split("_")[-1])


async def test_who_adjusts_a_plan_whose_place_is_being_taken_is_told_so(desk: Desk) -> None:
    planner, _, second = await revised(desk)
    transactions, tenant_id = desk.api.transactions, desk.showroom.tenant.id

    async def publishes(work: UnitOfWork) -> asyncio.Task[Any]:
        await publish_target_plan(work, MovePlan(second))
        await work.flush()
        return await waited_for(work, planner.adjust("his", 7, "2026-03-02"))

    adjusted = await (await transactions.internally(tenant_id, "publishes", publishes))

    assert [one["code"] for one in adjusted["errors"]] == ["TARGET_PLAN_SUPERSEDED"]


async def test_a_plan_is_published_after_whoever_adjusts_the_one_it_replaces(desk: Desk) -> None:
    planner, first, second = await revised(desk)
    transactions, tenant_id = desk.api.transactions, desk.showroom.tenant.id
    his = UUID(planner.ids["his"].removeprefix("target_node_"))
    order = AdjustTarget(his, 7, date(2026, 3, 2), "as decided", holder="NONE")

    async def adjusts(work: UnitOfWork) -> asyncio.Task[Any]:
        await adjust_target(work, order)
        await work.flush()
        asked = desk.does("Lin", "publishTargetPlan", "targetPlan { state }", planId=planner.plan)
        return await waited_for(work, asked)

    published = await (await transactions.internally(tenant_id, "adjusts", adjusts))

    assert (published["targetPlan"], published["errors"]) == ({"state": "PUBLISHED"}, [])
    # The change stands in the plan whose place was taken; what redraws territories finds the other.
    planner.plan = f"target_plan_{first}"
    assert await planner.figures() == {"his": 107}
    assert await in_force(desk) == {second}


async def in_force(desk: Desk) -> set[UUID]:
    """Lock the plans as what redraws territories does, and return them."""

    async def locks(work: UnitOfWork) -> set[UUID]:
        return set(await locked_plans(work, date(2026, 3, 2)))

    tenant_id = desk.showroom.tenant.id
    return await desk.api.transactions.internally(tenant_id, "redraws", locks)


async def test_territories_that_are_redrawn_move_the_targets_of_a_plan_being_published(
    desk: Desk,
) -> None:
    _, _, second = await revised(desk)

    async def publishes(work: UnitOfWork) -> asyncio.Task[set[UUID]]:
        await publish_target_plan(work, MovePlan(second))
        await work.flush()
        return await waited_for(work, in_force(desk))

    tenant_id = desk.showroom.tenant.id
    redrawn = await desk.api.transactions.internally(tenant_id, "publishes", publishes)

    # Not those of the plan whose place it takes: nobody looks at them any more.
    assert await redrawn == {second}


async def two_teams(desk: Desk) -> Planner:
    """Two managers below one director, each with a team, a person and something unassigned."""
    tenant = desk.showroom.tenant
    planner = Planner(desk)
    await planner.with_metric()
    await planner.with_plan()
    first, second = list(tenant.units)[-1], list(tenant.units)[-2]
    desk.showroom.people["Rui"] = await tenant.member(
        "Rui", "sales-manager", unit=second, territory=next(iter(tenant.territories))
    )
    await planner.add(
        {
            "key": "co",
            "amount": "10000",
            "seat": "co",
            "overAssignmentBasisPoints": 1_000,
        },
        *(
            {
                "key": name,
                "parentKey": "co",
                "seat": name,
                "amount": "5500",
                "orgUnitId": f"org_unit_{tenant.units[unit]}",
                "overAssignmentBasisPoints": 500,
            }
            for name, unit in (("east", first), ("west", second))
        ),
        {
            "key": "An",
            "parentKey": "east",
            "amount": "5775",
            "memberId": desk.member("An"),
        },
    )
    await planner.publish()
    return planner


async def test_a_manager_sees_neither_the_neighbour_nor_what_the_level_above_adds(
    desk: Desk,
) -> None:
    planner = await two_teams(desk)

    mei = {one["id"]: one for one in await ask(planner, "Mei")}
    an = await ask(planner, "An")

    # Mei has her own padding in sight, and neither the company's nor the neighbour's figure.
    assert set(mei) == {planner.ids["east"], planner.ids["An"]}
    assert mei[planner.ids["east"]]["overAssignmentBasisPoints"] == 500
    assert mei[planner.ids["east"]]["parent"] is None
    # An has his street target, and no padding of anybody above.
    assert [(one["figure"], one["parent"]) for one in an] == [("5775", None)]
    payload = await planner.adjust("east", 100, "2026-03-02", by="Mei")
    assert [one["code"] for one in payload["errors"]] == ["FORBIDDEN"]
    assert (await planner.adjust("An", -75, "2026-03-02", by="Mei"))["errors"] == []


async def ask(planner: Planner, name: str) -> list[dict[str, Any]]:
    data = await planner.desk.ask(name, OVER, plan=planner.plan)
    nodes: list[dict[str, Any]] = data["targetNodes"]["nodes"]
    return nodes


async def test_past_the_commands_the_database_keeps_sums_amounts_and_changes(
    desk: Desk, location: Location
) -> None:
    planner = await two_teams(desk)
    tenant_id = desk.showroom.tenant.id
    node = planner.ids["An"].removeprefix("target_node_")
    async with connected(location, APPLICATION) as connection:
        await connection.execute("SELECT set_config('app.tenant_id', $1, false)", str(tenant_id))
        for statement, refused in (
            ("UPDATE app.target_node SET amount = amount + 1 WHERE id = $1", CheckViolationError),
            ("UPDATE app.target_node SET seat = 'x' WHERE id = $1", InsufficientPrivilegeError),
            (ONE_SIDED, CheckViolationError),
            ("DELETE FROM app.target_change WHERE node_id = $1", InsufficientPrivilegeError),
        ):
            with pytest.raises(refused):
                await connection.execute(statement, UUID(node))
        # Of a tree that is set to nothing every sum holds; it was published all the same.
        with pytest.raises(CheckViolationError) as raised:
            await connection.execute("UPDATE app.target_node SET amount = 0")
        assert raised.value.constraint_name == AMOUNT_STAYS


async def test_past_the_commands_whose_target_it_is_of_what_and_when_stays(
    desk: Desk, location: Location
) -> None:
    planner = await two_teams(desk)
    await planner.with_plan("other")
    node = UUID(planner.ids["An"].removeprefix("target_node_"))
    assert set(ELSEWHERE) == set(TargetNode.fixed)
    async with connected(location, APPLICATION) as connection:
        tenant_id = str(desk.showroom.tenant.id)
        await connection.execute("SELECT set_config('app.tenant_id', $1, false)", tenant_id)
        for column, value in ELSEWHERE.items():
            # With a figure or alone: the trigger hears of columns that a statement names.
            for also in ("", ", position = position + 1"):
                statement = f"UPDATE app.target_node n SET {column} = {value}{also} WHERE id = $1"
                with pytest.raises(InsufficientPrivilegeError, match="append-only"):
                    await connection.execute(statement, node)


@pytest.mark.parametrize("changed", [True, False])
async def test_a_statement_of_many_targets_is_summed_as_each_of_them_would_be(
    desk: Desk, location: Location, changed: bool
) -> None:
    planner = await two_teams(desk)
    if changed:
        await planner.adjust("An", -75, "2026-03-02", by="Mei")
    node = UUID(planner.ids["An"].removeprefix("target_node_"))
    async with connected(location, APPLICATION) as connection:
        tenant_id = str(desk.showroom.tenant.id)
        await connection.execute("SELECT set_config('app.tenant_id', $1, false)", tenant_id)
        await connection.execute(MANY, node, 0)
        for statement, values in ((MANY.replace("'n", "'m"), [1]), (ONE_SIDED, [])):
            with pytest.raises(CheckViolationError) as raised:
                await connection.execute(statement, node, *values)
            told = refusal_of(raised.value.constraint_name, raised.value.detail)
            assert told is not None
            assert told.code == "SUMS_DO_NOT_HOLD"
            whose = told.values()
            assert whose["target_ids"] in {planner.ids["east"], planner.ids["An"]}
            assert re.fullmatch(rf"{whose['target_ids']} \d+ ≠ \d+", whose["targets"])


async def test_the_checker_names_the_day_on_which_a_sum_is_open(
    desk: Desk, location: Location
) -> None:
    planner = await two_teams(desk)
    node = planner.ids["An"].removeprefix("target_node_")
    async with connected(location, "postgres") as connection:
        # Past every guard, as a broken restore would be.
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(ONE_SIDED, UUID(node))

    async with desk.api.transactions.sight(Caller(desk.showroom.tenant.id, None, "check")) as sight:
        found = await broken_invariants(sight)

    east = UUID(planner.ids["east"].removeprefix("target_node_"))
    # Until that day it holds.
    assert [(one.invariant, one.node_id, one.day, one.wanted, one.found) for one in found] == [
        ("I1", east, "2026-05-01", 5_775, 5_782)
    ]
