"""What an act is to change of a published plan: worked out by it, then shown or written.

Each command of a published plan works out what it intends by one function, over the plan as its
row is locked; a preview calls the same function over the plan as it stands, and writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from service.database.session import Row
from service.errors import FieldPath, NotFound
from service.targets import facts
from service.targets.commands.moving import Why, recorded
from service.targets.errors import ChangeInThePast
from service.targets.events import TargetAdjusted
from service.targets.rules.balancing import Move
from service.targets.tables import TargetNode, TargetPlan
from service.work import Sight, UnitOfWork

EFFECTIVE: FieldPath = ("input", "effectiveOn")


@dataclass(frozen=True, slots=True)
class Heir:
    """A target that is to be made like another, for somebody else, with nothing yet.

    Attributes:
        like_id: the target whose place, days and metric it has.
        row: its columns.
    """

    like_id: UUID
    row: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Intended:
    """What one act changes of a published plan.

    Attributes:
        plan, node: what it is an act on.
        answered_id: the target it answers.
        moves: what every target gains or loses, from `why.effective_on` on.
        heirs: the targets that are made for it.
    """

    plan: Row
    node: Row
    answered_id: UUID
    moves: Sequence[Move]
    why: Why
    heirs: Sequence[Heir] = ()


async def locked_plan(work: UnitOfWork, node_id: UUID, field: FieldPath = facts.NODE) -> Row:
    """Lock the published plan of a target that is to change.

    Raises:
        NotFound, TargetPlanNotInForce, TargetPlanSuperseded.
    """
    return await facts.plan_in_force(work, await facts.plan_of(work, node_id, field), field)


async def changing(
    sight: Sight, plan: Row, node_id: UUID, on: date, field: FieldPath = facts.NODE
) -> Row:
    """Return the target of a plan that is to change from a day on.

    Raises:
        NotFound, ChangeInThePast.
    """
    node = await facts.node(sight, node_id, field)
    if node["is_unassigned"]:
        raise NotFound(field=field)
    if not max(sight.today, plan["first_day"]) <= on <= node["last_day"]:
        raise ChangeInThePast(field=EFFECTIVE)
    return node


async def written(work: UnitOfWork, intended: Intended) -> UUID:
    """Record what is intended, count the plan on, tell of it, and return what it answers."""
    plan, why = intended.plan, intended.why
    work.add(*(TargetNode(**heir.row) for heir in intended.heirs))
    changes = await recorded(work, intended.moves, why)
    work.change(TargetPlan, plan["id"], {"state": plan["state"]})
    work.concerns("target_node", intended.node["id"], change=why.kind.value, reason=why.reason)
    work.emit(
        *(
            TargetAdjusted(one.node_id, plan["id"], why.kind.value, why.effective_on, one.delta)
            for one in changes
        )
    )
    return intended.answered_id
