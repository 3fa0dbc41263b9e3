"""A published target is changed from a day on, with reason and author (I3, targets page 4.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from service.database.session import Row
from service.errors import InvalidInput
from service.policies.access import Record
from service.targets import facts
from service.targets.commands.intending import Intended, changing, locked_plan, written
from service.targets.commands.moving import Why, balance_around, later_changes
from service.targets.commands.nodes import authorise_above, refuse_beyond
from service.targets.errors import PeerBelowZero, TargetBelowZero
from service.targets.rules.balancing import PERIOD, Balance, Move, fallen_below_zero, whole_of
from service.targets.rules.changing import relieved_to_peers
from service.targets.rules.dated import added, as_they_stand
from service.targets.tables import TargetChangeKind
from service.tenants.texts import line_faults, refuse_faults
from service.work import Sight, UnitOfWork

_LONGEST_REASON: Final = 500


class Holder(StrEnum):
    """Who has the difference when one target changes."""

    MANAGER = "MANAGER"
    PEERS = "PEERS"
    NONE = "NONE"


@dataclass(frozen=True, slots=True)
class AdjustTarget:
    """Change a published target from a day on.

    Attributes:
        delta: what it gains, in whole units of the metric; below 0, what it loses.
        holder: who has the difference: what the manager holds unassigned, the other parts of the
            same node evenly, or nobody, so that all targets above change too.
        expected_version: the plan's, as the caller saw it with the preview.
    """

    node_id: UUID
    delta: int
    effective_on: date
    reason: str
    holder: str = Holder.MANAGER.value
    expected_version: int | None = None


async def adjust_target(work: UnitOfWork, order: AdjustTarget) -> UUID:
    """Record the change with all that keep the sums exact; returns the node's id. Locks the plan.

    Raises:
        Forbidden (at the target, or where the difference is held), NotFound, VersionConflict,
        TargetPlanNotInForce, ChangeInThePast, InvalidInput.
        TargetBelowZero: it has less than is taken off.
        PeerBelowZero: one of the others has less than his part of the difference.
    """
    refuse_reason(order.reason)
    plan = await locked_plan(work, order.node_id)
    return await written(work, await intended_adjustment(work, plan, order))


async def intended_adjustment(sight: Sight, plan: Row, order: AdjustTarget) -> Intended:
    """Work out what an adjustment changes; nothing is written.

    Raises:
        What `adjust_target` raises.
    """
    if order.delta == 0:
        raise InvalidInput(field=("input", "delta"), expected="NOT_ZERO")
    refuse_beyond(("input", "delta"), order.delta)
    node = await changing(sight, plan, order.node_id, order.effective_on)
    await authorise_change(sight, node, order.holder)
    facts.refuse_other_version(plan, order.expected_version)
    peers = await peers_of(sight, node, order.effective_on) if order.holder == Holder.PEERS else []
    balance = await balance_around(sight, node, order.effective_on, peers)
    days = [
        (day, then, held(then, node["id"], order.delta, holder=order.holder, peers=peers))
        for day, then in as_they_stand(balance, await later_changes(sight, balance))
    ]
    # Also of what begins later nothing is taken off before it is there.
    for _, then, each in days:
        await _refuse_below_zero(sight, order.delta, (node, then), each, peers)
    # What a level gives out more than it has is rounded of what it has on each day.
    moves, later = added([(day, each) for day, _, each in days])
    why = Why(TargetChangeKind.ADJUSTMENT, order.effective_on, order.reason.strip())
    sized_by = ("input", "delta")
    return Intended(plan, node, order.node_id, moves, why, sized_by=sized_by, later=later)


async def _refuse_below_zero(
    sight: Sight, delta: int, place: tuple[Row, Balance], moves: Sequence[Move], peers: list[UUID]
) -> None:
    """Refuse what would leave a target, or one of those who give, less than nothing on a day.

    Raises:
        TargetBelowZero, PeerBelowZero.
    """
    node, then = place
    figure = then.parts[node["id"]].figure
    left = figure + delta
    # One that is below 0 was meant so; what nobody is assigned may be.
    if figure >= 0 > left and not node["is_unassigned"]:
        named = await facts.named(sight, node["id"])
        raise TargetBelowZero(of=named, figure=figure, left=left, field=("input", "delta"))
    enough = {part.id for part in then.parts.values() if part.figure >= 0}
    taking = [move for move in moves if move.node_id in enough]
    own = fallen_below_zero(then, taking, [whole_of(then, node["id"])])
    if own is not None:
        part, left = own
        named = await facts.named(sight, part.id)
        raise TargetBelowZero(of=named, figure=part.figure, left=left, field=("input", "delta"))
    fallen = fallen_below_zero(then, moves, peers)
    if fallen is not None:
        part, left = fallen
        raise PeerBelowZero(
            of=await facts.named(sight, part.id),
            figure=part.figure,
            share=part.figure - left,
            field=("input", "delta"),
        )


async def authorise_change(work: Sight, node: Row, holder: str) -> None:
    """Ask the duty where the difference is held, which is above the target itself.

    A territory that hangs elsewhere now is its new manager's: what is left of its target below the
    former one is asked for where the territory is.

    Raises:
        Forbidden.
    """
    if holder == Holder.NONE:
        work.authorise("target.adjust", Record())
    else:
        if node["territory_id"] is not None:
            work.authorise("target.adjust", facts.record_of(node))
        await authorise_above(work, node, "target.adjust", "target.adjust")


def held(
    balance: Balance,
    node_id: UUID,
    delta: int,
    *,
    holder: str,
    peers: Sequence[UUID],
    before: int = 0,
) -> list[Move]:
    """Return the moves when a target gains: its peers share the difference evenly, if there are.

    Args:
        balance: the parts around it.
        node_id: the target.
        delta: what it gains.
        holder: a word of Holder.
        peers: who shares it.
        before: what it gained before by acts of the same sort, which are shared as one.
    """
    if holder == Holder.NONE:
        return balance.raised(node_id, delta)
    had, have = (
        relieved_to_peers(-one, len(peers)) if peers else () for one in (before, before + delta)
    )
    shares = [now - was for was, now in zip(had, have, strict=True)]
    return balance.moved(node_id, delta, list(zip(peers, shares, strict=True)))


async def peers_of(work: Sight, node: Row, on: date) -> list[UUID]:
    """Return the others who could hold a difference: neither pinned, vacant nor unassigned.

    Of a month or another period they are those beside the whole target: they hold it in theirs.

    Raises:
        InvalidInput: there is nobody.
    """
    while node["split"] == PERIOD and node["parent_id"] is not None:
        node = await facts.node(work, node["parent_id"])
    rows = await facts.children(work, node["parent_id"], on)
    peers = [
        row["id"]
        for row in rows
        if row["id"] != node["id"]
        and row["split"] == node["split"]
        and row["kind"] == node["kind"]
        and not (row["is_unassigned"] or row["is_vacancy"] or row["pinned"])
    ]
    if not peers:
        raise InvalidInput(field=("input", "holder"), expected="PEERS_TO_HOLD")
    return peers


def refuse_reason(reason: str) -> None:
    """Refuse a change without a reason.

    Raises:
        Refusals.
    """
    refuse_faults(line_faults(reason, ("input", "reason"), _LONGEST_REASON))
