"""A target is divided among its children: shown first, then set (targets page 4.2 and 4.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

from service.database.session import Row
from service.errors import Forbidden, InvalidInput, NotFound
from service.money import BASIS_POINTS
from service.targets import facts
from service.targets.commands.moving import set_by_delta, unassigned_below
from service.targets.errors import LimitsNotReachable
from service.targets.events import TargetPlanChanged
from service.targets.rules.distributing import (
    Child,
    ChildAtOddsWithItself,
    Distribution,
    LimitsUnsatisfiable,
    distribute,
)
from service.targets.rules.rounding import rounded
from service.targets.tables import (
    AllocationMethod,
    TargetAllocation,
    TargetKind,
    TargetPlan,
    TargetSplit,
)
from service.work import Sight, UnitOfWork

_CHILDREN: Final = ("input", "children")
DISTRIBUTE: Final = "target.distribute"


@dataclass(frozen=True, slots=True)
class WantedChild:
    """How one child is to be treated; what is None is as the child says.

    Attributes:
        weight: its part in proportion to the others'.
        pinned: the part it is to keep; it takes no part in the division.
        least, most: its floor and its cap.
    """

    node_id: UUID
    weight: Decimal | None = None
    pinned: int | None = None
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class AllocateTarget:
    """Divide a target of an open plan among its children.

    Attributes:
        method: where the weights come from.
        step: the smallest part, in whole units.
        expected_version: the plan's, as the caller saw it with the preview.
    """

    node_id: UUID
    method: str
    step: int = 1
    split: str = TargetSplit.BREAKDOWN.value
    children: tuple[WantedChild, ...] = ()
    expected_version: int | None = None


@dataclass(frozen=True, slots=True)
class AllocatedPart:
    """What a child has, and what it would have."""

    node_id: UUID
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Allocated:
    """A division of a node.

    Attributes:
        plan_version: the plan's, on which the division stands.
        total: what the node has to give out, with its over-assignment.
        unassigned_before, unassigned: what nobody has, and would have.
    """

    node_id: UUID
    plan_version: int
    total: int
    parts: tuple[AllocatedPart, ...]
    unassigned_before: int
    unassigned: int


async def allocation_of(sight: Sight, order: AllocateTarget) -> tuple[Allocated, Row, list[Row]]:
    """Work out a division; nothing is written.

    Raises:
        NotFound: no such node, or a child that is none of its.
        InvalidInput: the step, a weight or limits at odds with themselves.
        LimitsNotReachable: no division keeps all limits.
    """
    if order.step < 1:
        raise InvalidInput(field=("input", "step"), expected="POSITIVE")
    found = await facts.with_figures(sight, [order.node_id], facts.today(sight))
    node = found.get(order.node_id)
    if node is None or node["is_unassigned"]:
        raise NotFound(field=facts.NODE)
    below = await facts.children(sight, order.node_id, facts.today(sight))
    ours = [
        row for row in below if row["split"] == order.split and row["kind"] != TargetKind.OVERLAY
    ]
    held = [row for row in ours if row["is_unassigned"]]
    ours = [row for row in ours if not row["is_unassigned"]]
    total = _to_give_out(node, order.split)
    done = _distributed(total, order, ours)
    version = await sight.fetch_value(
        "SELECT version FROM app.target_plan WHERE tenant_id = $1 AND id = $2",
        sight.tenant_id,
        node["plan_id"],
    )
    parts = tuple(
        AllocatedPart(row["id"], row["figure"], amount)
        for row, amount in zip(ours, done.amounts, strict=True)
    )
    unassigned_before = sum(row["figure"] for row in held)
    made = Allocated(order.node_id, version, total, parts, unassigned_before, done.unassigned)
    return made, node, held


async def previewed(sight: Sight, order: AllocateTarget) -> Allocated:
    """Work out a division for who might carry it out; nothing is written.

    Raises:
        Forbidden, and what `allocation_of` raises.
    """
    made, node, _ = await allocation_of(sight, order)
    record = facts.record_of(node)
    if not sight.policy.check(sight.actor, DISTRIBUTE, record).allowed:
        told = sight.policy.explain(sight.actor, DISTRIBUTE, record, sight.actor.locale)
        raise Forbidden(action=DISTRIBUTE, reason=told.sentence)
    return made


async def allocate_target(work: UnitOfWork, order: AllocateTarget) -> UUID:
    """Divide the target, set its children, and return its id; locks the plan.

    Raises:
        Forbidden, NotFound, VersionConflict, TargetPlanNotOpen, LimitsNotReachable, InvalidInput.
    """
    plan = await facts.open_plan(work, await facts.plan_of(work, order.node_id), facts.NODE)
    made, node, held = await allocation_of(work, order)
    work.authorise(DISTRIBUTE, facts.record_of(node))
    facts.refuse_other_version(plan, order.expected_version)
    deltas = [(part.node_id, part.after - part.before) for part in made.parts]
    _set_unassigned(work, node, held, made.unassigned, order.split, deltas)
    set_by_delta(work, [(node_id, delta) for node_id, delta in deltas if delta])
    work.add(_kept(work, node, order, made))
    work.change(TargetPlan, plan["id"], {"state": plan["state"]})
    work.concerns("target_node", order.node_id, method=order.method, step=order.step)
    work.emit(TargetPlanChanged(plan["id"], plan["state"]))
    return order.node_id


def _set_unassigned(  # noqa: PLR0917 - one step of one command
    work: UnitOfWork,
    node: Row,
    held: Sequence[Row],
    amount: int,
    split: str,
    deltas: list[tuple[UUID, int]],
) -> None:
    if held:
        deltas.append((held[0]["id"], amount - held[0]["figure"]))
    elif amount:
        work.add(unassigned_below(work, node, split, amount))


def _to_give_out(node: Row, split: str) -> int:
    if split == TargetSplit.PERIOD:
        figure: int = node["figure"]
        return figure
    over = BASIS_POINTS + node["over_assignment_basis_points"]
    return rounded(Fraction(node["figure"] * over, BASIS_POINTS))


def _distributed(total: int, order: AllocateTarget, rows: Sequence[Row]) -> Distribution:
    wanted = {child.node_id: child for child in order.children}
    for place, child in enumerate(order.children):
        if child.node_id not in {row["id"] for row in rows}:
            raise NotFound(field=(*_CHILDREN, str(place), "nodeId"))
        if child.weight is not None and child.weight < 0:
            raise InvalidInput(field=(*_CHILDREN, str(place), "weight"), expected="NOT_NEGATIVE")
    children = [_child(order, row, wanted.get(row["id"])) for row in rows]
    try:
        return distribute(total, children, order.step)
    except ChildAtOddsWithItself as error:
        field = (*_CHILDREN, str(error.index), "most")
        raise InvalidInput(expected="NOT_BELOW_MIN", field=field) from error
    except LimitsUnsatisfiable as error:
        raise LimitsNotReachable(
            total=total, least=error.least, most=error.most, field=("input", "children")
        ) from error


def _child(order: AllocateTarget, row: Row, wanted: WantedChild | None) -> Child:
    pinned = wanted.pinned if wanted else None
    if pinned is None and row["pinned"]:
        pinned = row["figure"]
    return Child(
        weight=_weight(order.method, row, wanted),
        pinned=pinned,
        least=wanted.least if wanted else None,
        most=wanted.most if wanted else None,
    )


def _weight(method: str, row: Row, wanted: WantedChild | None) -> Fraction:
    if method == AllocationMethod.EVEN:
        return Fraction(1)
    if method == AllocationMethod.CURRENT:
        return Fraction(max(row["figure"], 0))
    # Who is not named has no part.
    return Fraction(wanted.weight) if wanted and wanted.weight is not None else Fraction(0)


def _kept(work: UnitOfWork, node: Row, order: AllocateTarget, made: Allocated) -> TargetAllocation:
    wanted = {child.node_id: child for child in order.children}
    parts: list[dict[str, Any]] = []
    for part in made.parts:
        child = wanted.get(part.node_id)
        parts.append(
            {
                "node": str(part.node_id),
                "weight": None if child is None or child.weight is None else str(child.weight),
                "before": part.before,
                "after": part.after,
            }
        )
    return TargetAllocation(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        plan_id=node["plan_id"],
        node_id=node["id"],
        org_unit_id=node["org_unit_id"],
        territory_id=node["territory_id"],
        member_id=node["member_id"],
        method=order.method,
        step=order.step,
        total=made.total,
        unassigned=made.unassigned,
        parts=parts,
        author_id=work.caller.member_id,
        recorded_at=work.now,
    )
