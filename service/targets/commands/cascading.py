"""A whole tree is set anew from its top: in an open plan, and when a published one is revised."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from service.database.session import Row
from service.errors import InvalidInput
from service.policies.access import Record
from service.targets import facts
from service.targets.commands.adjusting import refuse_reason
from service.targets.commands.intending import (
    Intended,
    IntendedAmounts,
    amounts_written,
    changing,
    locked_plan,
    written,
)
from service.targets.commands.moving import Why, balance_around, later_in_plan
from service.targets.commands.nodes import authorise_above, refuse_beyond, refuse_figures
from service.targets.commands.passing import pushed, twigs_of
from service.targets.errors import (
    LimitsNotReachable,
    NoPeriodsToCarry,
    NothingToChange,
    ShortfallNotCarried,
)
from service.targets.reached import reached
from service.targets.rules.balancing import PERIOD, Move
from service.targets.rules.cascading import PinnedBeyondTotal, Twig, as_they_stand
from service.targets.rules.dated import added
from service.targets.tables import TargetChangeKind, TargetPlan, TargetPlanState
from service.work import Sight, UnitOfWork


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

    In a plan that is broken down the difference is taken from, or left to, the unassigned target
    of the one above.

    Raises:
        Forbidden, NotFound, VersionConflict, TargetPlanNotOpen, LimitsNotReachable, InvalidInput.
    """
    plan = await facts.open_plan(work, await facts.plan_of(work, order.node_id), facts.NODE)
    intended = await intended_redistribution(work, plan, order)
    await amounts_written(work, intended)
    work.concerns("target_node", order.node_id, amount=order.amount, targets=len(intended.amounts))
    return order.node_id


async def intended_redistribution(
    sight: Sight, plan: Row, order: RedistributeTarget
) -> IntendedAmounts:
    """Work out what a redistribution sets; nothing is written.

    Raises:
        What `redistribute_target` raises.
    """
    refuse_figures(("input",), order.amount, None)
    node = await facts.node(sight, order.node_id)
    await authorise_above(sight, node, "target.distribute", "target_plan.edit")
    facts.refuse_other_version(plan, order.expected_version)
    if node["is_unassigned"]:
        raise InvalidInput(field=facts.NODE, expected="ASSIGNED_TARGET")
    await facts.refuse_ratio(sight, node)
    twigs = await twigs_of(sight, node, plan["first_day"])
    tops = {order.node_id: order.amount}
    figures = await pushed(sight, twigs, tops, plan["first_day"], field=("input", "amount"))
    moves: list[Move] = []
    gained = order.amount - node["amount"]
    if gained and node["parent_id"] is not None and plan["state"] not in facts.SUMS_MAY_BE_OPEN:
        # Its manager gives, or has, the difference.
        balance = await balance_around(sight, node, plan["first_day"])
        moves = balance.around(node["id"], gained)
    return IntendedAmounts(plan, node, moves, figures)


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
        credited: what was reached in the closed periods; given with CARRY_SHORTFALL alone. Left
            out, what counted in them.
        expected_version: the plan's, as the caller saw it with the preview.
    """

    bulk: ClassVar[bool] = True

    node_id: UUID
    figure: int
    effective_on: date
    reason: str
    mode: str = RevisionMode.KEEP_CLOSED.value
    credited: int | None = None
    expected_version: int | None = None


async def revise_target(work: UnitOfWork, order: ReviseTarget) -> UUID:
    """Revise the target and all below it as dated changes; returns its id. Locks the plan.

    What the open periods carry over stands as an unassigned period below 0, so that the periods
    still sum to the year (I2).

    Raises:
        Forbidden, NotFound, VersionConflict, TargetPlanNotInForce, ChangeInThePast, InvalidInput,
        LimitsNotReachable, NoPeriodsToCarry, ShortfallNotCarried, NothingToChange.
    """
    refuse_reason(order.reason)
    work.authorise("target_plan.publish", Record())
    plan = await locked_plan(work, order.node_id)
    node_id = await written(work, await intended_revision(work, plan, order))
    revised = {"state": TargetPlanState.REVISED.value, "revision": plan["revision"] + 1}
    work.change(TargetPlan, plan["id"], revised)
    return node_id


async def intended_revision(sight: Sight, plan: Row, order: ReviseTarget) -> Intended:
    """Work out what a revision changes; nothing is written.

    Raises:
        What `revise_target` raises.
    """
    refuse_beyond(("input", "figure"), order.figure)
    refuse_beyond(("input", "credited"), order.credited or 0)
    carries = order.mode == RevisionMode.CARRY_SHORTFALL
    if not carries and order.credited is not None:
        raise InvalidInput(field=("input", "credited"), expected="NOTHING")
    sight.authorise("target_plan.publish", Record())
    node = await changing(sight, plan, order.node_id, order.effective_on)
    facts.refuse_other_version(plan, order.expected_version)
    if node["parent_id"] is not None:
        raise InvalidInput(field=facts.NODE, expected="TARGET_OF_PLAN")
    await facts.refuse_ratio(sight, node)
    twigs = await twigs_of(sight, node, order.effective_on)
    if carries and order.credited is None:
        spans = [(one["first_day"], one["last_day"]) for one in await _closed(sight, order)]
        order = replace(order, credited=await reached(sight, node, spans))
    shortfall = _shortfall(twigs, order) if carries else 0
    days = []
    later = await later_in_plan(sight, plan["id"], order.effective_on)
    for day, then in as_they_stand(twigs, order.effective_on, later):
        figures = await _revised(sight, then, order, shortfall)
        before = {twig.id: twig.figure for twig in then}
        each = [Move(node_id, figure - before[node_id]) for node_id, figure in figures.items()]
        if shortfall:
            each.append(_carried(then, node["id"], -shortfall))
        days.append((day, each))
    # What begins to count later is none of the new figure either: it is opposed on its own day.
    moves, more = added(days)
    if not moves and not more:
        raise NothingToChange(field=facts.NODE)
    why = Why(TargetChangeKind.REVISION, order.effective_on, order.reason.strip())
    sized_by = ("input", "figure")
    return Intended(plan, node, order.node_id, moves, why, sized_by=sized_by, later=more)


async def _revised(
    sight: Sight, twigs: Sequence[Twig], order: ReviseTarget, shortfall: int
) -> dict[UUID, int]:
    """Return the new figures; where the open periods cannot carry the shortfall, say by how much.

    Raises:
        ShortfallNotCarried, LimitsNotReachable.
    """
    tops, field = {order.node_id: order.figure}, ("input", "figure")
    try:
        return await pushed(sight, twigs, tops, order.effective_on, field=field, carried=shortfall)
    except LimitsNotReachable as error:
        beyond = error.__cause__
        carries = order.mode == RevisionMode.CARRY_SHORTFALL
        if not carries or not isinstance(beyond, PinnedBeyondTotal):
            raise
        if (beyond.node_id, beyond.split) != (order.node_id, PERIOD):
            raise
        over = shortfall + (order.credited or 0)
        raise ShortfallNotCarried(
            closed=over,
            credited=order.credited or 0,
            due=beyond.total - over,
            open_periods=sum(one.last_day >= order.effective_on for one in _periods(twigs, order)),
            least=beyond.least - over,
            most=None if beyond.most is None else beyond.most - over,
            before=order.effective_on.isoformat(),
            field=field,
        ) from beyond


async def _closed(sight: Sight, order: ReviseTarget) -> Sequence[Row]:
    """Return the days of the periods right below the target that are over by the day."""
    return await sight.fetch(
        "SELECT first_day, last_day FROM app.target_node WHERE tenant_id = $1 AND parent_id = $2"
        " AND split = 'PERIOD' AND NOT is_unassigned AND last_day < $3",
        sight.tenant_id,
        order.node_id,
        order.effective_on,
    )


def _periods(twigs: Sequence[Twig], order: ReviseTarget) -> list[Twig]:
    """Return the periods right below the target; what was carried over is none."""
    return [
        one
        for one in twigs
        if one.parent_id == order.node_id and one.split == PERIOD and not one.carries
    ]


def _shortfall(twigs: Sequence[Twig], order: ReviseTarget) -> int:
    """Return what the closed periods had to make and have not; it may be below 0.

    What an earlier revision has carried over already is missing of them no more.

    Raises:
        NoPeriodsToCarry: the target has no periods of its own.
    """
    periods = _periods(twigs, order)
    if not periods:
        raise NoPeriodsToCarry(field=("input", "mode"))
    closed = sum(one.figure for one in periods if one.last_day < order.effective_on)
    carried = sum(one.figure for one in twigs if one.parent_id == order.node_id and one.carries)
    return closed + carried - (order.credited or 0)


def _carried(twigs: Sequence[Twig], root: UUID, delta: int) -> Move:
    for one in twigs:
        if one.parent_id == root and one.carries:
            return Move(one.id, delta)
    return Move(None, delta, root, PERIOD)
