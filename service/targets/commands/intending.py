"""What an act is to change of a plan: worked out by it, then shown or written.

Each command works out what it intends by one function, over the plan as its row is locked; a
preview calls the same function over the plan as it stands, and writes nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from service.database.session import Row
from service.errors import FieldPath, InvalidInput, NotFound
from service.targets import facts
from service.targets.commands.moving import Why, applied_to_amounts, recorded
from service.targets.errors import ChangeInThePast
from service.targets.events import TargetAdjusted, TargetPlanChanged
from service.targets.rules.balancing import Move
from service.targets.rules.dated import DayMoves
from service.targets.tables import TargetNode, TargetPlan
from service.work import Sight, UnitOfWork

EFFECTIVE: FieldPath = ("input", "effectiveOn")
# What a figure may weigh with all that ever changed it: far within what the database can sum.
_MOST_WEIGHT: Final = 2**62
# By steps no greater than this nobody comes that far, and nothing has to be looked up.
_LIGHT: Final = 2**32


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
        sized_by: the field that says how much.
        later: what is added to the moves on days after it.
    """

    plan: Row
    node: Row
    answered_id: UUID
    moves: Sequence[Move]
    why: Why
    heirs: Sequence[Heir] = ()
    sized_by: FieldPath = facts.NODE
    later: DayMoves = ()


@dataclass(frozen=True, slots=True)
class IntendedAmounts:
    """What one act changes of an open plan: amounts, for of these nothing is in force yet.

    Attributes:
        plan, node: what it is an act on.
        moves: what targets gain or lose.
        amounts: what others have from then on; of a whole tree moves take long to make.
    """

    plan: Row
    node: Row
    moves: Sequence[Move]
    amounts: Mapping[UUID, int] = field(default_factory=dict)


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


async def refuse_too_heavy(sight: Sight, intended: Intended) -> None:
    """Refuse what would let a figure grow beyond all sums, on whatever day its changes count.

    Raises:
        InvalidInput.
    """
    moved: Counter[UUID | None] = Counter()
    for _, moves in ((intended.why.effective_on, intended.moves), *intended.later):
        for move in moves:
            moved[move.node_id] += abs(move.delta)
    if max(moved.values(), default=0) <= _LIGHT:
        return
    rows = await sight.fetch(
        "SELECT n.id, abs(n.amount) + coalesce((SELECT sum(abs(c.delta)) FROM app.target_change c"
        "  WHERE c.tenant_id = $1 AND c.node_id = n.id), 0)::numeric AS weight"
        " FROM app.target_node n WHERE n.tenant_id = $1 AND n.id = ANY($2::uuid[])",
        sight.tenant_id,
        [node_id for node_id in moved if node_id is not None],
    )
    weights = {row["id"]: int(row["weight"]) for row in rows}
    if any(weights.get(node_id, 0) + more > _MOST_WEIGHT for node_id, more in moved.items()):
        raise InvalidInput(field=intended.sized_by, expected="LESS_IN_ALL")


async def written(work: UnitOfWork, intended: Intended) -> UUID:
    """Record what is intended, count the plan on, tell of it, and return what it answers.

    Raises:
        InvalidInput: a figure would grow beyond all sums.
    """
    await refuse_too_heavy(work, intended)
    plan, why = intended.plan, intended.why
    work.add(*(TargetNode(**heir.row) for heir in intended.heirs))
    changes = await recorded(work, intended.moves, why, intended.later)
    work.change(TargetPlan, plan["id"], {"state": plan["state"]})
    work.concerns("target_node", intended.node["id"], change=why.kind.value, reason=why.reason)
    work.emit(
        *(
            TargetAdjusted(one.node_id, plan["id"], why.kind.value, one.effective_on, one.delta)
            for one in changes
        )
    )
    return intended.answered_id


async def amounts_written(
    work: UnitOfWork, intended: IntendedAmounts, further: Mapping[str, Any] | None = None
) -> None:
    """Set the amounts as intended, count the plan on, and tell of it.

    Args:
        work: the caller's transaction.
        intended: the amounts.
        further: what else becomes of the target that it is an act on.
    """
    plan, node, moves = intended.plan, intended.node, intended.moves
    gained = sum(move.delta for move in moves if move.node_id == node["id"])
    if further:
        # All is written by one statement, and of a row that it wrote twice once would be lost.
        moves = [move for move in moves if move.node_id != node["id"]]
    await applied_to_amounts(work, moves)
    if intended.amounts:
        work.write(
            "target_node",
            "UPDATE app.target_node n SET amount = d.amount, version = n.version + 1"
            " FROM unnest({}::uuid[], {}::bigint[]) d (id, amount)"
            " WHERE n.tenant_id = {}::uuid AND n.id = d.id",
            list(intended.amounts),
            list(intended.amounts.values()),
            work.tenant_id,
            expected=len(intended.amounts),
        )
    if further:
        work.change(TargetNode, node["id"], {**further, "amount": node["amount"] + gained})
    work.change(TargetPlan, plan["id"], {"state": plan["state"]})
    work.emit(TargetPlanChanged(plan["id"], plan["state"]))
