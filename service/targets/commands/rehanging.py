"""Targets go along with territories that hang elsewhere: read, worked out, written."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID

from service.targets import facts
from service.targets.commands.following import (
    Redrawn,
    locked_plans,
    parts_above,
    standing_targets,
    told,
)
from service.targets.commands.moving import Why, balance_of, later_changes, recorded
from service.targets.rules.balancing import Move, make
from service.targets.rules.following import Standing, Trees, counterparts
from service.targets.rules.rehanging import Forest, Rehung, rehung_by_day, wandering
from service.targets.tables import TargetChangeKind, TargetNode
from service.work import Sight, UnitOfWork

_AXES: Final = (
    *("metric_id", "org_unit_id", "territory_id", "member_id", "channel_code", "product_code"),
    *("seat", "first_day", "last_day", "kind", "level", "split", "is_unassigned", "is_vacancy"),
)
# Who goes with all below it; of who takes, what may be its counterpart from a time before.
_BELOW: Final = """
WITH RECURSIVE down AS (
    SELECT n.id FROM app.target_node n WHERE n.tenant_id = $1 AND n.id = ANY($2::uuid[])
    UNION
    SELECT n.id FROM app.target_node n WHERE n.tenant_id = $1
        AND n.parent_id = ANY($3::uuid[]) AND n.territory_id = ANY($4::uuid[])
    UNION
    SELECT n.id FROM down JOIN app.target_node n ON n.parent_id = down.id WHERE n.tenant_id = $1
) SELECT id FROM down
"""
# A transfer is of the days from its own on; all else of the whole of a target's days.
_SINCE: Final = """
SELECT c.node_id, c.effective_on, sum(c.delta)::bigint AS delta FROM app.target_change c
WHERE c.tenant_id = $1 AND c.node_id = ANY($2::uuid[]) AND c.kind = 'TRANSFER'
GROUP BY 1, 2 ORDER BY 1, 2
"""


async def rehanging(
    work: UnitOfWork, trees: Trees, on: date, earlier: Sequence[Move] = ()
) -> Rehung:
    """Work out which targets in force go with their territories on a day, and all they change.

    Args:
        work: the unit of work.
        trees: the territories before and after.
        on: the day.
        earlier: what changes on that day before it.
    """
    standing, _ = await standing_targets(work, trees, on)
    above = await parts_above(work, [one.id for one in standing])
    wanted = wandering(standing, counterparts(standing), above, trees)
    if not wanted:
        return Rehung()
    forest = await _forest(work, wanted, on)
    parts = dict(forest.balance.parts)
    make(parts, earlier)
    since = {node_id: list(each) for node_id, each in forest.since.items()}
    for move in earlier:
        if move.node_id is not None:
            since.setdefault(move.node_id, []).append((on, move.delta))
    later = await later_changes(work, forest.balance)
    forest = replace(forest, balance=replace(forest.balance, parts=parts), since=since)
    return rehung_by_day(forest, later, wanted, work.new_id)


async def _forest(sight: Sight, wanted: Sequence[tuple[Standing, UUID]], on: date) -> Forest:
    going = [one.id for one, _ in wanted]
    takers = [taker_id for _, taker_id in wanted]
    places = list({one.territory_id for one, _ in wanted})
    rows = await sight.fetch(_BELOW, sight.tenant_id, going, takers, places)
    balance = await balance_of(sight, {*takers, *(row["id"] for row in rows)}, on)
    nodes = await facts.nodes(sight, balance.parts)
    since: dict[UUID, list[tuple[date, int]]] = {}
    for row in await sight.fetch(_SINCE, sight.tenant_id, list(balance.parts)):
        since.setdefault(row["node_id"], []).append((row["effective_on"], row["delta"]))
    axes = {one: tuple(row[name] for name in _AXES) for one, row in nodes.items()}
    return Forest(balance, since, axes)


async def targets_rehang(work: UnitOfWork, redrawn: Redrawn) -> int:
    """Let the targets in force go along with territories that hang elsewhere; locks the plans.

    Returns:
        How many changes were recorded.
    """
    plans = await locked_plans(work, redrawn.on)
    if not plans:
        return 0
    found = await rehanging(work, redrawn.trees, redrawn.on)
    if not found.moves and not found.later:
        return 0
    plan_of = await _made(work, found)

    def of_plan(moves: Sequence[Move], plan_id: UUID) -> list[Move]:
        return [move for move in moves if plan_of[move.node_id or move.parent_id] == plan_id]

    count = 0
    for plan_id, plan in plans.items():
        moves = of_plan(found.moves, plan_id)
        each = [(day, of_plan(some, plan_id)) for day, some in found.later]
        later = [(day, some) for day, some in each if some]
        if moves or later:
            on = max(plan["first_day"], redrawn.on)
            why = Why(
                TargetChangeKind.TRANSFER,
                on,
                redrawn.reason,
                redrawn.author_id,
                handed=frozenset(found.handed),
            )
            changes = await recorded(work, moves, why, later)
            told(work, plan, changes, why)
            count += len(changes)
    return count


async def _made(work: UnitOfWork, found: Rehung) -> dict[UUID | None, UUID]:
    """Make the targets that are not there yet, and return the plan of each that changes."""
    heirs = {heir_id for heir_id, _, _ in found.heirs}
    every = (found.moves, *(moves for _, moves in found.later))
    changing = {move.node_id or move.parent_id for moves in every for move in moves}
    wanted = {like_id for _, like_id, _ in found.heirs} | changing
    known = await facts.nodes(work, {one for one in wanted if one is not None} - heirs)
    rows = {node_id: dict(row) for node_id, row in known.items()}
    for heir_id, like_id, above_id in found.heirs:
        rows[heir_id] = {
            **rows[like_id],
            "id": heir_id,
            "parent_id": above_id,
            "created_at": work.now,
            "created_by": work.caller.member_id,
            "version": 1,
            "amount": 0,
            "pinned": False,
        }
        work.add(TargetNode(**rows[heir_id]))
    await work.flush()
    return {node_id: row["plan_id"] for node_id, row in rows.items()}
