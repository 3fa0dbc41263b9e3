"""Moves of several targets that leave every sum exact: read, worked out, written."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final
from uuid import UUID

from service.database.session import Row
from service.targets import facts
from service.targets.figures import figure_on, is_ratio
from service.targets.rules.balancing import Balance, Days, Move, Part
from service.targets.rules.dated import DayMoves, Later
from service.targets.tables import (
    TargetChange,
    TargetChangeKind,
    TargetNode,
    TargetSplit,
)
from service.work import Sight, UnitOfWork

# The node and all above it, who holds the difference and what nobody is assigned; below each of
# them its periods and what is unassigned there: never the whole plan. A target of a ratio stands
# alone: what is above and below it has a goal of its own.
_AROUND: Final = f"""
WITH RECURSIVE up AS (
    SELECT n.id, CASE WHEN NOT {is_ratio("n")} THEN n.parent_id END AS parent_id
    FROM app.target_node n WHERE n.tenant_id = $1 AND n.id = ANY($2::uuid[])
    UNION
    SELECT n.id, n.parent_id FROM up JOIN app.target_node n ON n.id = up.parent_id
    WHERE n.tenant_id = $1
), down AS (
    SELECT up.id FROM up
    UNION
    SELECT n.id FROM app.target_node n WHERE n.tenant_id = $1 AND n.id = ANY($3::uuid[])
    UNION
    SELECT n.id FROM down JOIN app.target_node n ON n.parent_id = down.id
    WHERE n.tenant_id = $1 AND (n.split = 'PERIOD' OR n.is_unassigned) AND NOT {is_ratio("n")}
)
SELECT n.id, CASE WHEN NOT {is_ratio("n")} THEN n.parent_id END AS parent_id,
       n.split, n.first_day, n.last_day, n.is_unassigned,
       n.over_assignment_basis_points AS over,
       {figure_on("n")}::bigint AS figure,
       EXISTS (SELECT FROM app.target_node b WHERE b.tenant_id = n.tenant_id AND b.parent_id = n.id
               AND b.split = 'BREAKDOWN' AND (b.kind <> 'OVERLAY' OR n.kind = 'OVERLAY'))
           AND NOT {is_ratio("n")} AS broken_down,
       n.kind = 'OVERLAY' AND coalesce(a.kind <> 'OVERLAY', FALSE) AS beside
FROM down JOIN app.target_node n ON n.id = down.id
LEFT JOIN app.target_node a ON a.tenant_id = $1 AND a.id = n.parent_id
WHERE n.tenant_id = $1
"""
_LATER: Final = """
SELECT c.effective_on, c.node_id, sum(c.delta)::bigint AS delta FROM app.target_change c
WHERE c.tenant_id = $1 AND {which} AND c.effective_on > $3
GROUP BY 1, 2 HAVING sum(c.delta) <> 0 ORDER BY 1, 2
"""
_LATER_OF: Final = _LATER.format(which="c.node_id = ANY($2::uuid[])")
_LATER_IN_PLAN: Final = _LATER.format(which="c.plan_id = $2")


async def balance_around(
    work: Sight, node: Row, on: date, holders: Collection[UUID] = ()
) -> Balance:
    """Read what is around a node, for a change from a day on."""
    return await balance_of(work, [node["id"]], on, holders)


async def balance_of(
    sight: Sight, node_ids: Collection[UUID], on: date, holders: Collection[UUID] = ()
) -> Balance:
    """Read what is around several nodes, for a change from a day on."""
    rows = await sight.fetch(_AROUND, sight.tenant_id, list(node_ids), list(holders))
    return Balance({row["id"]: _part(row) for row in rows}, on)


async def later_changes(sight: Sight, balance: Balance) -> Later:
    """Return what begins to count of a balance's targets after its day."""
    return await _later(sight, _LATER_OF, list(balance.parts), balance.on)


async def later_in_plan(sight: Sight, plan_id: UUID, on: date) -> Later:
    """Return what begins to count of a plan's targets after a day."""
    return await _later(sight, _LATER_IN_PLAN, plan_id, on)


async def _later(sight: Sight, statement: str, of: object, on: date) -> Later:
    found: dict[date, dict[UUID, int]] = {}
    for row in await sight.fetch(statement, sight.tenant_id, of, on):
        found.setdefault(row["effective_on"], {})[row["node_id"]] = row["delta"]
    return list(found.items())


def _part(row: Row) -> Part:
    return Part(
        id=row["id"],
        parent_id=row["parent_id"],
        split=row["split"],
        days=(row["first_day"], row["last_day"]),
        figure=row["figure"],
        over=row["over"],
        is_unassigned=row["is_unassigned"],
        broken_down=row["broken_down"],
        beside=row["beside"],
    )


def unassigned_below(work: UnitOfWork, parent: Any, split: str, amount: int) -> TargetNode:  # noqa: ANN401 - a row's form
    """Make the child of a node that holds what nobody is assigned."""
    return TargetNode(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        created_at=work.now,
        created_by=work.caller.member_id,
        plan_id=parent["plan_id"],
        parent_id=parent["id"],
        metric_id=parent["metric_id"],
        org_unit_id=parent["org_unit_id"],
        territory_id=parent["territory_id"],
        member_id=parent["member_id"],
        channel_code=parent["channel_code"],
        product_code=parent["product_code"],
        seat=parent["seat"],
        first_day=parent["first_day"],
        last_day=parent["last_day"],
        kind=parent["kind"],
        level=parent["level"],
        split=split,
        currency=parent["currency"],
        amount=amount,
        pinned=False,
        is_unassigned=True,
        is_vacancy=False,
        over_assignment_basis_points=0,
        position=2_000_000_000,
    )


async def applied_to_amounts(work: UnitOfWork, moves: Sequence[Move]) -> None:
    """Apply moves to the amounts of an open plan, in one statement."""
    parents = await facts.nodes(
        work, {m.parent_id for m in moves if m.node_id is None and m.parent_id is not None}
    )
    for move in moves:
        if move.node_id is None and move.parent_id is not None:
            parent = parents[move.parent_id]
            work.add(unassigned_below(work, parent, move.split, move.delta))
    known = [move for move in moves if move.node_id is not None]
    set_by_delta(work, [(move.node_id, move.delta) for move in known])


def set_by_delta(work: UnitOfWork, deltas: Sequence[tuple[UUID | None, int]]) -> None:
    """Add to the amounts of nodes with the next flush."""
    if deltas:
        work.write(
            "target_node",
            "UPDATE app.target_node n SET amount = n.amount + d.delta, version = n.version + 1"
            " FROM unnest({}::uuid[], {}::bigint[]) d (id, delta)"
            " WHERE n.tenant_id = {}::uuid AND n.id = d.id",
            [node_id for node_id, _ in deltas],
            [delta for _, delta in deltas],
            work.tenant_id,
            expected=len(deltas),
        )


@dataclass(frozen=True, slots=True)
class Why:
    """What is written beside every change of one act.

    Attributes:
        author_id: who is behind it, where it is not the caller.
        away: the leave it relieves, its first and last day.
        relieved: the nodes it takes off for that leave.
        hands_over: what it takes is another's from its day on.
        handed: the nodes of which that is so, where it is not so of all.
        heirs: the nodes of which it is not, where it is so of all others: they take.
        opposes: the change of each node that this one takes back, where the act does so.
    """

    kind: TargetChangeKind
    effective_on: date
    reason: str
    author_id: UUID | None = None
    away: Days | None = None
    relieved: frozenset[UUID] = frozenset()
    hands_over: bool = False
    handed: frozenset[UUID] = frozenset()
    heirs: frozenset[UUID] = frozenset()
    opposes: Mapping[UUID, UUID] = field(default_factory=dict)


async def recorded(
    work: UnitOfWork, moves: Sequence[Move], why: Why, later: DayMoves = ()
) -> list[TargetChange]:
    """Record moves of a published plan as changes, each naming what it opposes or the first.

    Args:
        work: the transaction.
        moves: what every target gains or loses from `why.effective_on` on.
        why: what is written beside each.
        later: what is added to that on days after it.
    """
    days = [(why.effective_on, moves), *later]
    every = [move for _, each in days for move in each]
    wanted = {move.node_id or move.parent_id for move in every}
    rows = await facts.nodes(work, {one for one in wanted if one is not None})
    made: dict[tuple[UUID, str], Any] = {}
    changes: list[TargetChange] = []
    for on, each in days:
        for move in each:
            node = rows[move.node_id] if move.node_id else _nobodys(work, move, rows, made)
            first = changes[0].id if changes else None
            opposite = why.opposes.get(node["id"], first)
            changes.append(_change(work, node, move.delta, replace(why, effective_on=on), opposite))
    work.add(*changes)
    return changes


def _nobodys(
    work: UnitOfWork,
    move: Move,
    rows: Mapping[UUID, Any],
    made: dict[tuple[UUID, str], Any],
) -> Any:  # noqa: ANN401 - a row's form
    """Return what nobody is assigned below a target: it is made where it is moved first."""
    if move.parent_id is None:
        raise ValueError("a move has a node or a parent")
    place = (move.parent_id, TargetSplit(move.split).value)
    if place not in made:
        node = unassigned_below(work, rows[move.parent_id], place[1], 0)
        work.add(node)
        made[place] = node.__dict__
    return made[place]


def _change(
    work: UnitOfWork,
    node: Any,  # noqa: ANN401 - a row's form
    delta: int,
    why: Why,
    opposite_id: UUID | None,
) -> TargetChange:
    away_from, away_until = (node["id"] in why.relieved and why.away) or (None, None)
    return TargetChange(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        plan_id=node["plan_id"],
        node_id=node["id"],
        metric_id=node["metric_id"],
        org_unit_id=node["org_unit_id"],
        territory_id=node["territory_id"],
        member_id=node["member_id"],
        effective_on=why.effective_on,
        delta=delta,
        kind=why.kind.value,
        reason=why.reason,
        author_id=why.author_id or work.caller.member_id,
        away_from=away_from,
        away_until=away_until,
        hands_over=(why.hands_over or node["id"] in why.handed)
        and node["id"] not in why.heirs
        and delta < 0
        and not node["is_unassigned"],
        recorded_at=work.now,
        opposite_id=opposite_id,
    )
