"""A relief is taken back when its leave is cancelled: all it moved goes back, from a day on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from service.database.session import Row
from service.errors import NotFound
from service.policies.access import Record
from service.targets.commands.adjusting import (
    EFFECTIVE,
    Holder,
    authorise_change,
    changed,
    changing,
    refuse_reason,
)
from service.targets.commands.moving import Why, balance_of
from service.targets.commands.staffing import whole
from service.targets.errors import ChangeInThePast, ReliefWithdrawn, WithdrawnBeforeRelief
from service.targets.rules import leaves
from service.targets.tables import TargetChangeKind
from service.work import UnitOfWork

_CHANGE = ("input", "changeId")


@dataclass(frozen=True, slots=True)
class WithdrawRelief:
    """Take a relief back: its leave is cancelled.

    Attributes:
        change_id: any change that the relief made; all of them are opposed.
        effective_on: first day without it; today or later, and not before the relief's own.
    """

    change_id: UUID
    effective_on: date
    reason: str


async def withdraw_relief(work: UnitOfWork, order: WithdrawRelief) -> UUID:
    """Oppose what a relief changed and return the target it relieved. Locks the plan.

    Raises:
        Forbidden, NotFound, TargetPlanNotInForce, TargetPlanSuperseded, ChangeInThePast (also
        where a period that it relieves is over by the day), WithdrawnBeforeRelief,
        ReliefWithdrawn.
    """
    refuse_reason(order.reason)
    first = await _first(work, order.change_id)
    plan, part = await changing(work, first["node_id"], order.effective_on, _CHANGE)
    # The plan is locked: nobody else withdraws it, and none of its changes is new.
    made = await _made(work, first)
    relieved = [one["node_id"] for one in made if one["away_from"] is not None]
    node = part if len(relieved) <= 1 else await whole(work, part)
    await _authorise(work, node, made)
    if any(one["withdrawn"] for one in made):
        raise ReliefWithdrawn(field=_CHANGE)
    if order.effective_on < first["effective_on"]:
        raise WithdrawnBeforeRelief(since=first["effective_on"].isoformat(), field=EFFECTIVE)
    if any(one["node_id"] in relieved and one["last_day"] < order.effective_on for one in made):
        raise ChangeInThePast(field=EFFECTIVE)
    balance = await balance_of(work, [one["node_id"] for one in made], order.effective_on)
    moves = leaves.opposed(balance, {one["node_id"]: one["delta"] for one in made})
    away = None if first["away_from"] is None else (first["away_from"], first["away_until"])
    why = Why(
        TargetChangeKind.RELIEF,
        order.effective_on,
        order.reason.strip(),
        away=away,
        relieved=frozenset(relieved),
        opposes={one["node_id"]: one["id"] for one in made},
    )
    await changed(work, plan, node, moves, why)
    relieved_id: UUID = node["id"]
    return relieved_id


async def _first(work: UnitOfWork, change_id: UUID) -> Row:
    """Return the first change of the relief that one of its changes names: that of a target.

    Raises:
        NotFound: it is none of a relief.
        ReliefWithdrawn: it is one of a withdrawal.
    """
    found = await work.fetch(
        "SELECT f.*, f.opposite_id IS NOT NULL OR f.id <> c.id AND f.node_id = c.node_id AS opposes"
        " FROM app.target_change c JOIN app.target_change f"
        " ON f.tenant_id = c.tenant_id AND f.id = coalesce(c.opposite_id, c.id)"
        " WHERE c.tenant_id = $1 AND c.id = $2 AND c.kind = 'RELIEF'",
        work.tenant_id,
        change_id,
    )
    for row in found:
        if row["opposes"]:
            raise ReliefWithdrawn(field=_CHANGE)
        return row
    raise NotFound(field=_CHANGE)


async def _made(work: UnitOfWork, first: Row) -> Sequence[Row]:
    """Return all that a relief changed, its first change first.

    Each change of an act but the first names that one as its opposite, and so does what withdraws
    the first itself: that alone is of the same target.
    """
    return await work.fetch(
        "SELECT c.id, c.node_id, c.delta, c.away_from, n.parent_id, n.last_day,"
        " EXISTS (SELECT FROM app.target_change o WHERE o.tenant_id = $1"
        "  AND o.opposite_id = c.id AND o.node_id = c.node_id) AS withdrawn"
        " FROM app.target_change c"
        " JOIN app.target_node n ON n.tenant_id = $1 AND n.id = c.node_id"
        " WHERE c.tenant_id = $1 AND (c.id = $2 OR c.opposite_id = $2 AND c.node_id <> $3)"
        " ORDER BY c.id <> $2, c.id",
        work.tenant_id,
        first["id"],
        first["node_id"],
    )


async def _authorise(work: UnitOfWork, node: Row, made: Sequence[Row]) -> None:
    """Ask what the relief asked: the whole company where it changed all above, to the top.

    Raises:
        Forbidden.
    """
    if any(one["parent_id"] is None for one in made):
        work.authorise("target.adjust", Record())
    else:
        await authorise_change(work, node, Holder.MANAGER)
