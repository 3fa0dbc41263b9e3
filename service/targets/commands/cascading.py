"""A whole tree is set anew from its top: in an open plan, and when a published one is revised."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Final
from uuid import UUID

from service.database.session import Row
from service.errors import InvalidInput
from service.policies.access import Record
from service.targets import facts
from service.targets.commands.adjusting import changed, changing, refuse_reason
from service.targets.commands.moving import Why, applied_to_amounts, balance_around
from service.targets.commands.nodes import authorise_above, refuse_figures
from service.targets.errors import LimitsNotReachable, NothingToChange
from service.targets.events import TargetPlanChanged
from service.targets.rules.balancing import BREAKDOWN, PERIOD, Move
from service.targets.rules.cascading import PinnedBeyondTotal, Twig, cascaded
from service.targets.tables import TargetChangeKind, TargetPlan, TargetPlanState
from service.work import UnitOfWork

# The whole plan in one reading of its index, for a walk from node to node is planned for the few
# nodes there were when the table was looked at last. Changes are summed once for the plan.
_OF_PLAN: Final = """
SELECT n.id, n.parent_id, n.split, n.last_day, n.amount + coalesce(c.delta, 0)::bigint,
       n.over_assignment_basis_points, n.pinned, n.is_unassigned AND n.split = 'PERIOD'
FROM app.target_node n
LEFT JOIN (SELECT h.node_id, sum(h.delta) AS delta FROM app.target_change h
           WHERE h.tenant_id = $1 AND h.plan_id = $2 GROUP BY 1) c ON c.node_id = n.id
WHERE n.tenant_id = $1 AND n.plan_id = $2 AND n.kind <> 'OVERLAY' ORDER BY n.position, n.id
"""


@dataclass(frozen=True, slots=True)
class RedistributeTarget:
    """Give a target of an open plan another amount, and push it down in today's proportions.

    Attributes:
        amount: in whole units of the metric.
        expected_version: the plan's, as the caller saw it.
    """

    bulk: ClassVar[bool] = True

    node_id: UUID
    amount: int
    expected_version: int | None = None


async def redistribute_target(work: UnitOfWork, order: RedistributeTarget) -> UUID:
    """Set the target and everything below it, and return its id; locks the plan.

    In a plan that is broken down already, what it gains is taken from what the target above has
    unassigned; a period of another target can then only be given the same amount again.

    Raises:
        Forbidden, NotFound, VersionConflict, TargetPlanNotOpen, LimitsNotReachable, SumsDoNotHold.
    """
    refuse_figures(("input",), order.amount, None)
    plan = await facts.open_plan(work, await facts.plan_of(work, order.node_id), facts.NODE)
    node = await facts.node(work, order.node_id)
    await authorise_above(work, node, "target.distribute", "target_plan.edit")
    facts.refuse_other_version(plan, order.expected_version)
    twigs = await _twigs(work, node)
    figures = _figures(twigs, node["id"], order.amount, plan["first_day"])
    figures |= await _taken_above(work, plan, node, order.amount - node["amount"])
    work.write(
        "target_node",
        "UPDATE app.target_node n SET amount = d.amount, version = n.version + 1"
        " FROM unnest({}::uuid[], {}::bigint[]) d (id, amount)"
        " WHERE n.tenant_id = {}::uuid AND n.id = d.id",
        list(figures),
        list(figures.values()),
        work.tenant_id,
        expected=len(figures),
    )
    work.change(TargetPlan, plan["id"], {"state": plan["state"]})
    work.concerns("target_node", node["id"], amount=order.amount, targets=len(figures))
    work.emit(TargetPlanChanged(plan["id"], plan["state"]))
    return order.node_id


async def _taken_above(work: UnitOfWork, plan: Row, node: Row, gained: int) -> dict[UUID, int]:
    """Take what a piece gains from what is unassigned beside it; return the figures there."""
    above = node["parent_id"]
    may_be_open = plan["state"] in facts.SUMS_MAY_BE_OPEN
    if not gained or above is None or node["split"] != BREAKDOWN or may_be_open:
        return {}
    around = await balance_around(work, node, plan["first_day"])
    moves = around.unassigned(above, -gained)
    await applied_to_amounts(work, [move for move in moves if move.node_id is None])
    # With the others in one statement: the database sums when it ends.
    return {
        move.node_id: around.parts[move.node_id].figure + move.delta
        for move in moves
        if move.node_id is not None
    }


class RevisionMode(StrEnum):
    """What the open periods have to make: the rest of the target, or what is still missing."""

    KEEP_CLOSED = "KEEP_CLOSED"
    CARRY_SHORTFALL = "CARRY_SHORTFALL"


@dataclass(frozen=True, slots=True)
class ReviseTarget:
    """Give a published target of the whole plan another figure from a day on (Q31).

    Attributes:
        figure: the new one, in whole units of the metric.
        mode: closed periods keep their targets; the open ones share the rest of the figure, or
            with CARRY_SHORTFALL what was not reached in the closed ones as well (Q31b).
        credited: what was reached in the closed periods; asked for with CARRY_SHORTFALL alone.
    """

    bulk: ClassVar[bool] = True

    node_id: UUID
    figure: int
    effective_on: date
    reason: str
    mode: str = RevisionMode.KEEP_CLOSED.value
    credited: int | None = None


async def revise_target(work: UnitOfWork, order: ReviseTarget) -> UUID:
    """Revise the target and all below it as dated changes; returns its id. Locks the plan.

    What the open periods carry over stands as an unassigned period below 0, so that the periods
    still sum to the year (I2).

    Raises:
        Forbidden, NotFound, TargetPlanNotInForce, ChangeInThePast, InvalidInput,
        LimitsNotReachable, NothingToChange.
    """
    refuse_reason(order.reason)
    refuse_figures(("input",), order.figure, None)
    carries = order.mode == RevisionMode.CARRY_SHORTFALL
    if carries and order.credited is None:
        raise InvalidInput(field=("input", "credited"), expected="GIVEN")
    if not carries and order.credited is not None:
        raise InvalidInput(field=("input", "credited"), expected="NOTHING")
    work.authorise("target_plan.publish", Record())
    plan, node = await changing(work, order.node_id, order.effective_on)
    if node["parent_id"] is not None:
        raise InvalidInput(field=facts.NODE, expected="TARGET_OF_PLAN")
    twigs = await _twigs(work, node)
    shortfall = _shortfall(twigs, node["id"], order) if carries else 0
    figures = _figures(twigs, node["id"], order.figure, order.effective_on, shortfall)
    before = {twig.id: twig.figure for twig in twigs}
    moves = [Move(node_id, figure - before[node_id]) for node_id, figure in figures.items()]
    if shortfall:
        moves.append(_carried(twigs, node["id"], -shortfall))
    if not moves:
        raise NothingToChange(field=facts.NODE)
    why = Why(TargetChangeKind.REVISION, order.effective_on, order.reason.strip())
    await changed(work, plan, node, moves, why)
    revised = {"state": TargetPlanState.REVISED.value, "revision": plan["revision"] + 1}
    work.change(TargetPlan, plan["id"], revised)
    return order.node_id


async def _twigs(work: UnitOfWork, node: Row) -> list[Twig]:
    rows = await work.fetch(_OF_PLAN, work.tenant_id, node["plan_id"])
    # The columns are the fields, in their order.
    return list(map(Twig._make, rows))


def _figures(
    twigs: Sequence[Twig], node_id: UUID, total: int, on: date, shortfall: int = 0
) -> dict[UUID, int]:
    try:
        return cascaded(twigs, node_id, total, on, shortfall)
    except PinnedBeyondTotal as error:
        pinned = sum(one.figure for one in twigs if one.parent_id == error.node_id and one.fixed)
        raise LimitsNotReachable(
            total=total, least=pinned, most=None, field=("input", "amount")
        ) from error


def _shortfall(twigs: Sequence[Twig], root: UUID, order: ReviseTarget) -> int:
    """Return what the closed periods had to make and have not; it may be below 0."""
    closed = sum(
        one.figure
        for one in twigs
        if one.parent_id == root and one.split == PERIOD and one.last_day < order.effective_on
    )
    return closed - (order.credited or 0)


def _carried(twigs: Sequence[Twig], root: UUID, delta: int) -> Move:
    for one in twigs:
        if one.parent_id == root and one.carries:
            return Move(one.id, delta)
    return Move(None, delta, root, PERIOD)
