"""A published target is changed from a day on, with reason and author (I3, targets page 4.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from service.database.session import Row
from service.errors import FieldPath, InvalidInput, NotFound
from service.policies.access import Record
from service.targets import facts
from service.targets.commands.moving import Why, balance_around, recorded
from service.targets.commands.nodes import authorise_above
from service.targets.errors import ChangeInThePast, PeerBelowZero
from service.targets.events import TargetAdjusted
from service.targets.rules.balancing import PERIOD, Balance, Move, fallen_below_zero
from service.targets.rules.changing import relieved_to_peers
from service.targets.tables import TargetChangeKind, TargetPlan
from service.tenants.texts import line_faults, refuse_faults
from service.work import UnitOfWork

_LONGEST_REASON: Final = 500
EFFECTIVE: Final = ("input", "effectiveOn")


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
    """

    node_id: UUID
    delta: int
    effective_on: date
    reason: str
    holder: str = Holder.MANAGER.value


async def adjust_target(work: UnitOfWork, order: AdjustTarget) -> UUID:
    """Record the change with all that keep the sums exact; returns the node's id. Locks the plan.

    Raises:
        Forbidden (at the target, or where the difference is held), NotFound,
        TargetPlanNotInForce, ChangeInThePast, InvalidInput.
        PeerBelowZero: one of the others has less than his part of the difference.
    """
    refuse_reason(order.reason)
    if order.delta == 0:
        raise InvalidInput(field=("input", "delta"), expected="NOT_ZERO")
    plan, node = await changing(work, order.node_id, order.effective_on)
    await authorise_change(work, node, order.holder)
    peers = await peers_of(work, node, order.effective_on) if order.holder == Holder.PEERS else []
    balance = await balance_around(work, node, order.effective_on, peers)
    moves = held(balance, node["id"], order.delta, holder=order.holder, peers=peers)
    fallen = fallen_below_zero(balance, moves, peers)
    if fallen is not None:
        part, left = fallen
        raise PeerBelowZero(
            of=await facts.named(work, part.id),
            figure=part.figure,
            share=part.figure - left,
            field=("input", "delta"),
        )
    why = Why(TargetChangeKind.ADJUSTMENT, order.effective_on, order.reason.strip())
    await changed(work, plan, node, moves, why)
    return order.node_id


async def changing(
    work: UnitOfWork, node_id: UUID, effective_on: date, field: FieldPath = facts.NODE
) -> tuple[Row, Row]:
    """Lock the plan of a target that is to change from a day on; returns plan and node.

    Raises:
        NotFound, TargetPlanNotInForce, ChangeInThePast.
    """
    plan = await facts.plan_in_force(work, await facts.plan_of(work, node_id, field), field)
    node = await facts.node(work, node_id, field)
    if node["is_unassigned"]:
        raise NotFound(field=field)
    if not max(work.today, plan["first_day"]) <= effective_on <= node["last_day"]:
        raise ChangeInThePast(field=EFFECTIVE)
    return plan, node


async def changed(work: UnitOfWork, plan: Row, node: Row, moves: Sequence[Move], why: Why) -> None:
    """Record moves, count the plan on, and tell of it."""
    changes = await recorded(work, moves, why)
    work.change(TargetPlan, plan["id"], {"state": plan["state"]})
    work.concerns("target_node", node["id"], change=why.kind.value, reason=why.reason)
    work.emit(
        *(
            TargetAdjusted(one.node_id, plan["id"], why.kind.value, why.effective_on, one.delta)
            for one in changes
        )
    )


async def authorise_change(work: UnitOfWork, node: Row, holder: str) -> None:
    """Ask the duty where the difference is held, which is above the target itself.

    Raises:
        Forbidden.
    """
    if holder == Holder.NONE:
        work.authorise("target.adjust", Record())
    else:
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


async def peers_of(work: UnitOfWork, node: Row, on: date) -> list[UUID]:
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
