"""What a change of a plan would do to every target, before it is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias
from uuid import UUID

from service.targets import facts
from service.targets.commands.adjusting import AdjustTarget, intended_adjustment
from service.targets.commands.cascading import (
    RedistributeTarget,
    ReviseTarget,
    intended_redistribution,
    intended_revision,
)
from service.targets.commands.intending import Heir, Intended, refuse_too_heavy
from service.targets.commands.nodes import SetTargetNode, intended_setting
from service.targets.commands.staffing import (
    FillVacancy,
    RampTarget,
    RelieveTarget,
    TransferTarget,
    VacateTarget,
    intended_filling,
    intended_ramp,
    intended_relief,
    intended_transfer,
    intended_vacancy,
)
from service.targets.commands.withdrawing import (
    WithdrawRelief,
    intended_withdrawal,
    relieved_target,
)
from service.targets.rules.balancing import Move
from service.work import Sight

Setting: TypeAlias = SetTargetNode | RedistributeTarget
"""An order that sets amounts of an open plan."""
DatedChange: TypeAlias = (
    AdjustTarget
    | RelieveTarget
    | WithdrawRelief
    | RampTarget
    | TransferTarget
    | VacateTarget
    | FillVacancy
    | ReviseTarget
)
"""An order that changes a published plan."""
Change: TypeAlias = Setting | DatedChange


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a target has on the day of a change, and would have from it on.

    Attributes:
        node_id: the target; None is one that would be made.
        parent_id: the target above it; None also where that would be made.
        like_id: of one that would be made for somebody else, the target whose place it has.
        member_id: whose it is.
        is_unassigned, is_vacancy: that it is what nobody is assigned, or a vacant seat's.
    """

    node_id: UUID | None
    parent_id: UUID | None
    like_id: UUID | None
    member_id: UUID | None
    is_unassigned: bool
    is_vacancy: bool
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Foresight:
    """What a change would do, and what it stands on.

    Attributes:
        plan_version: the plan's.
        on: the first day of the new figures; of an open plan, its own.
        targets: those that would change.
    """

    plan_version: int
    on: date
    targets: Sequence[Foreseen]


async def foreseen(sight: Sight, order: Change) -> Foresight:
    """Work out what a change would do, exactly as its command does; nothing is written.

    Raises:
        What the command raises, save that a reason is given.
    """
    if isinstance(order, SetTargetNode | RedistributeTarget):
        plan_id = await facts.plan_of(sight, order.node_id)
        plan = await facts.plan_seen_open(sight, plan_id, facts.NODE)
        if isinstance(order, SetTargetNode):
            amounts = await intended_setting(sight, plan, order)
        else:
            amounts = await intended_redistribution(sight, plan, order)
        on = plan["first_day"]
        rows = await facts.with_figures(sight, amounts.amounts, on)
        moves = [Move(one, had - rows[one]["figure"]) for one, had in amounts.amounts.items()]
        moves += amounts.moves
        return Foresight(plan["version"], on, await _foreseen(sight, moves, (), on))
    intended = await _intended(sight, order)
    on = intended.why.effective_on
    targets = await _foreseen(sight, intended.moves, intended.heirs, on)
    return Foresight(intended.plan["version"], on, targets)


async def _intended(sight: Sight, order: DatedChange) -> Intended:
    named = order.change_id if isinstance(order, WithdrawRelief) else order.node_id
    field = facts.NODE
    if isinstance(order, WithdrawRelief):
        field, named = ("input", "changeId"), await relieved_target(sight, named)
    plan = await facts.plan_seen_in_force(sight, await facts.plan_of(sight, named, field), field)
    match order:
        case AdjustTarget():
            intended = await intended_adjustment(sight, plan, order)
        case RelieveTarget():
            intended = await intended_relief(sight, plan, order)
        case WithdrawRelief():
            intended = await intended_withdrawal(sight, plan, order)
        case RampTarget():
            intended = await intended_ramp(sight, plan, order)
        case TransferTarget():
            intended = await intended_transfer(sight, plan, order)
        case VacateTarget():
            intended = await intended_vacancy(sight, plan, order)
        case FillVacancy():
            intended = await intended_filling(sight, plan, order)
        case ReviseTarget():
            intended = await intended_revision(sight, plan, order)
    await refuse_too_heavy(sight, intended)
    return intended


async def _foreseen(
    sight: Sight, moves: Sequence[Move], made_for_it: Sequence[Heir], on: date
) -> list[Foreseen]:
    known = {move.node_id for move in moves if move.node_id is not None}
    heirs = {heir.row["id"]: heir for heir in made_for_it}
    rows = await facts.with_figures(sight, known - heirs.keys(), on)
    found = []
    for move in moves:
        heir = heirs.get(move.node_id) if move.node_id else None
        row = rows.get(move.node_id) if move.node_id else None
        # Without either it is what nobody is assigned yet below a target, and new.
        made = heir.row if heir else row
        above = move.parent_id if made is None else made["parent_id"]
        before = row["figure"] if row else 0
        found.append(
            Foreseen(
                node_id=move.node_id if row else None,
                parent_id=None if above in heirs else above,
                like_id=heir.like_id if heir else None,
                member_id=made["member_id"] if made else None,
                is_unassigned=made["is_unassigned"] if made else True,
                is_vacancy=made["is_vacancy"] if made else False,
                before=before,
                after=before + move.delta,
            )
        )
    return found
