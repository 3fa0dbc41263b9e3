"""A relief is taken back when its leave is cancelled: all it moved goes back, from a day on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from service.database.session import Row
from service.errors import NotFound
from service.policies.access import Record
from service.targets import facts
from service.targets.commands.adjusting import Holder, authorise_change, held, refuse_reason
from service.targets.commands.intending import (
    EFFECTIVE,
    Intended,
    changing,
    locked_plan,
    written,
)
from service.targets.commands.moving import Why, balance_of
from service.targets.commands.staffing import relieved_before, whole
from service.targets.errors import ReliefWithdrawn, WithdrawnBeforeRelief
from service.targets.rules import leaves
from service.targets.rules.balancing import PERIOD, Balance, Move
from service.targets.tables import TargetChangeKind
from service.work import Sight, UnitOfWork

_CHANGE = ("input", "changeId")


@dataclass(frozen=True, slots=True)
class WithdrawRelief:
    """Take a relief back: its leave is cancelled.

    Attributes:
        change_id: any change that the relief made; all of them are opposed.
        effective_on: first day without it; today or later, and not before the relief's own.
        expected_version: the plan's, as the caller saw it with the preview.
    """

    change_id: UUID
    effective_on: date
    reason: str
    expected_version: int | None = None


async def withdraw_relief(work: UnitOfWork, order: WithdrawRelief) -> UUID:
    """Oppose what a relief changed and return the target it relieved. Locks the plan.

    Of a relief of several periods those that are over by the day keep theirs; what it changed of
    the others, and for them of whoever holds it, is opposed.

    Raises:
        Forbidden, NotFound, VersionConflict, TargetPlanNotInForce, TargetPlanSuperseded,
        ChangeInThePast (also where every period that it relieves is over by the day),
        WithdrawnBeforeRelief, ReliefWithdrawn.
    """
    refuse_reason(order.reason)
    relieved_id = await relieved_target(work, order.change_id)
    plan = await locked_plan(work, relieved_id, _CHANGE)
    return await written(work, await intended_withdrawal(work, plan, order))


async def relieved_target(sight: Sight, change_id: UUID) -> UUID:
    """Return the last period that a relief relieved, by any of its changes.

    Raises:
        NotFound, ReliefWithdrawn.
    """
    node_id: UUID = (await _first(sight, change_id))["latest_id"]
    return node_id


async def intended_withdrawal(sight: Sight, plan: Row, order: WithdrawRelief) -> Intended:
    """Work out what a withdrawal changes; nothing is written.

    Raises:
        What `withdraw_relief` raises.
    """
    first = await _first(sight, order.change_id)
    part = await changing(sight, plan, first["latest_id"], order.effective_on, _CHANGE)
    # Where the plan is locked nobody else withdraws it, and none of its changes is new.
    made = await _made(sight, first)
    relieved = [one for one in made if one["away_from"] is not None]
    node = part if len(relieved) <= 1 else await whole(sight, part)
    await _authorise(sight, node, made)
    facts.refuse_other_version(plan, order.expected_version)
    if any(one["withdrawn"] for one in made):
        raise ReliefWithdrawn(field=_CHANGE)
    if order.effective_on < first["effective_on"]:
        raise WithdrawnBeforeRelief(since=first["effective_on"].isoformat(), field=EFFECTIVE)
    still_open = [one for one in relieved if one["last_day"] >= order.effective_on]
    balance = await balance_of(sight, [one["node_id"] for one in made], order.effective_on)
    deltas = {one["node_id"]: one["delta"] for one in made}
    if len(still_open) < len(relieved):
        deltas = await _of_periods(sight, balance, made, [one["node_id"] for one in still_open])
    moves = leaves.opposed(balance, deltas)
    away = None if first["away_from"] is None else (first["away_from"], first["away_until"])
    why = Why(
        TargetChangeKind.RELIEF,
        order.effective_on,
        order.reason.strip(),
        away=away,
        relieved=frozenset(one["node_id"] for one in still_open),
        opposes={one["node_id"]: one["id"] for one in made},
    )
    return Intended(plan, node, node["id"], moves, why)


async def _first(sight: Sight, change_id: UUID) -> Row:
    """Return the first change of the relief that one of its changes names: that of a target.

    `latest_id` is the last period that it relieves.

    Raises:
        NotFound: it is none of a relief.
        ReliefWithdrawn: it is one of a withdrawal.
    """
    found = await sight.fetch(
        "SELECT f.*, f.opposite_id IS NOT NULL OR f.id <> c.id AND f.node_id = c.node_id"
        " AS opposes, coalesce((SELECT l.node_id FROM app.target_change l"
        "  JOIN app.target_node n ON n.tenant_id = $1 AND n.id = l.node_id"
        "  WHERE l.tenant_id = $1 AND f.id IN (l.id, l.opposite_id) AND l.away_from IS NOT NULL"
        "  ORDER BY n.last_day DESC LIMIT 1), f.node_id) AS latest_id"
        " FROM app.target_change c JOIN app.target_change f"
        " ON f.tenant_id = c.tenant_id AND f.id = coalesce(c.opposite_id, c.id)"
        " WHERE c.tenant_id = $1 AND c.id = $2 AND c.kind = 'RELIEF'",
        sight.tenant_id,
        change_id,
    )
    for row in found:
        if row["opposes"]:
            raise ReliefWithdrawn(field=_CHANGE)
        return row
    raise NotFound(field=_CHANGE)


async def _made(sight: Sight, first: Row) -> Sequence[Row]:
    """Return all that a relief changed, its first change first.

    Each change of an act but the first names that one as its opposite, and so does what withdraws
    the first itself: that alone is of the same target.
    """
    return await sight.fetch(
        "SELECT c.id, c.node_id, c.delta, c.away_from, n.parent_id, n.last_day,"
        " n.split, n.is_unassigned,"
        " EXISTS (SELECT FROM app.target_change o WHERE o.tenant_id = $1"
        "  AND o.opposite_id = c.id AND o.node_id = c.node_id) AS withdrawn"
        " FROM app.target_change c"
        " JOIN app.target_node n ON n.tenant_id = $1 AND n.id = c.node_id"
        " WHERE c.tenant_id = $1 AND (c.id = $2 OR c.opposite_id = $2 AND c.node_id <> $3)"
        " ORDER BY c.id <> $2, n.position, c.id",
        sight.tenant_id,
        first["id"],
        first["node_id"],
    )


async def _of_periods(
    sight: Sight, balance: Balance, made: Sequence[Row], periods: Sequence[UUID]
) -> dict[UUID, int]:
    """Return what a relief changed for some of its periods alone: its changes tell it of all."""
    changed_ids = {one["node_id"]: one["delta"] for one in made}
    top = balance.parts[periods[0]]
    while top.split == PERIOD and top.parent_id is not None:
        top = balance.parts[top.parent_id]
    peers = [
        one["node_id"]
        for one in made
        if one["parent_id"] == top.parent_id
        and one["node_id"] != top.id
        and not one["is_unassigned"]
        and one["split"] == top.split
    ]
    is_whole = any(one["parent_id"] is None for one in made)
    holder = Holder.NONE if is_whole else Holder.PEERS if peers else Holder.MANAGER
    before = await relieved_before(sight, periods)

    def hold(around: Balance, part_id: UUID, delta: int) -> list[Move]:
        own = before[part_id].own - delta
        return held(around, part_id, delta, holder=holder, peers=peers, before=own)

    moves = leaves.changed(balance, [(one, changed_ids[one]) for one in periods], hold)
    # What rounding makes of a level that gives out more than it has is worked out anew.
    return {move.node_id: move.delta for move in moves if move.node_id is not None}


async def _authorise(sight: Sight, node: Row, made: Sequence[Row]) -> None:
    """Ask what the relief asked: the whole company where it changed all above, to the top.

    Raises:
        Forbidden.
    """
    if any(one["parent_id"] is None for one in made):
        sight.authorise("target.adjust", Record())
    else:
        await authorise_change(sight, node, Holder.MANAGER)
