"""A target is divided among its children: shown first, then set (targets page 4.2 and 4.3)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final
from uuid import UUID

from service.database.session import Row
from service.errors import InvalidInput, NotFound
from service.journal.entries import plain
from service.money import BASIS_POINTS
from service.targets import facts
from service.targets.commands.moving import applied_to_amounts
from service.targets.commands.passing import DifferenceBelow, Passed, passed_on
from service.targets.errors import LimitsNotReachable
from service.targets.events import TargetPlanChanged
from service.targets.rules.distributing import (
    ChildAtOddsWithItself,
    Distribution,
    LimitsUnsatisfiable,
)
from service.targets.rules.methods import Known, Terms, allocated
from service.targets.rules.rounding import rounded
from service.targets.rules.seasons import season_weight
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
        weight: its part in proportion to the others'; of SEASON, where none is given, what its
            days weigh in the plan's season.
        history: what it reached in earlier periods, latest first.
        potential: its market, beds, households, parc...
        headcount, productivity, ramp_basis_points: its capacity.
        proposal: what it is to count as proposed; else what was proposed last.
        pinned: the part it is to keep; it takes no part in the division.
        least, most: its floor and its cap.
    """

    node_id: UUID
    weight: Decimal | Fraction | None = None
    history: tuple[Decimal, ...] = ()
    potential: Decimal | None = None
    headcount: Decimal | None = None
    productivity: Decimal | None = None
    ramp_basis_points: int | None = None
    proposal: int | None = None
    pinned: int | None = None
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class AllocateTarget:
    """Divide a target of an open plan among its children.

    Attributes:
        method: where the weights come from.
        step: the smallest part, in whole units.
        history_share_basis_points: part of the history in a blend; the rest is potential.
        growth_cap_basis_points: how much a part may grow beyond its past.
        below: what becomes of the difference of a part that is broken down itself.
        expected_version: the plan's, as the caller saw it with the preview.
    """

    node_id: UUID
    method: str
    step: int = 1
    split: str = TargetSplit.BREAKDOWN.value
    children: tuple[WantedChild, ...] = ()
    history_share_basis_points: int = BASIS_POINTS
    growth_cap_basis_points: int | None = None
    below: str = DifferenceBelow.UNASSIGNED.value
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
        changed: every target that would have another figure, the parts among them.
    """

    node_id: UUID
    plan_version: int
    total: int
    parts: tuple[AllocatedPart, ...]
    unassigned_before: int
    unassigned: int
    changed: tuple[Passed, ...]

    @property
    def below(self) -> list[Passed]:
        """What would change further down."""
        return [one for one in self.changed if one.parent_id != self.node_id]


async def allocation_of(sight: Sight, order: AllocateTarget) -> tuple[Allocated, Row]:
    """Work out a division; nothing is written.

    Raises:
        NotFound: no such node, or a child that is none of its.
        InvalidInput: the step, a weight or limits at odds with themselves.
        LimitsNotReachable: no division keeps all limits, or what is carried down is bound below.
        RatioNotDivided.
    """
    if order.step < 1:
        raise InvalidInput(field=("input", "step"), expected="POSITIVE")
    found = await facts.with_figures(sight, [order.node_id], sight.today)
    node = found.get(order.node_id)
    if node is None or node["is_unassigned"]:
        raise NotFound(field=facts.NODE)
    await facts.refuse_ratio(sight, node)
    below = await facts.children(sight, order.node_id, sight.today)
    # What stands beside a target is no part of it; one that stands so itself has parts like it.
    beside = {TargetKind.OVERLAY} - {node["kind"]}
    ours = [row for row in below if row["split"] == order.split and row["kind"] not in beside]
    held = [row for row in ours if row["is_unassigned"]]
    ours = [row for row in ours if not row["is_unassigned"]]
    total = _to_give_out(node, order.split)
    proposals = await _proposals(sight, order)
    _refuse_odd(order, {row["id"] for row in ours})
    done = _distributed(total, await _by_season(sight, order, node, ours), ours, proposals)
    plan = await sight.fetch_only(
        "SELECT version, state, first_day FROM app.target_plan WHERE tenant_id = $1 AND id = $2",
        sight.tenant_id,
        node["plan_id"],
    )
    parts = tuple(
        AllocatedPart(row["id"], row["figure"], amount)
        for row, amount in zip(ours, done.amounts, strict=True)
    )
    figures = {part.node_id: part.after for part in parts}
    figures |= {row["id"]: done.unassigned for row in held[:1]}
    changed = await passed_on(sight, plan, node, figures, order.below)
    if not held and done.unassigned:
        changed.append(Passed(None, order.node_id, 0, done.unassigned, order.split))
    made = Allocated(
        order.node_id,
        plan["version"],
        total,
        parts,
        sum(row["figure"] for row in held),
        done.unassigned,
        tuple(changed),
    )
    return made, node


async def previewed(sight: Sight, order: AllocateTarget) -> Allocated:
    """Work out a division for who might carry it out; nothing is written.

    Raises:
        Forbidden, and what `allocation_of` raises.
    """
    made, node = await allocation_of(sight, order)
    sight.authorise(DISTRIBUTE, facts.record_of(node))
    return made


async def allocate_target(work: UnitOfWork, order: AllocateTarget) -> UUID:
    """Divide the target, set its children, and return its id; locks the plan.

    Raises:
        Forbidden, NotFound, VersionConflict, TargetPlanNotOpen, LimitsNotReachable, InvalidInput.
    """
    plan = await facts.open_plan(work, await facts.plan_of(work, order.node_id), facts.NODE)
    made, node = await allocation_of(work, order)
    work.authorise(DISTRIBUTE, facts.record_of(node))
    facts.refuse_other_version(plan, order.expected_version)
    await applied_to_amounts(work, [one.move for one in made.changed])
    work.add(_kept(work, node, order, made))
    work.change(TargetPlan, plan["id"], {"state": plan["state"]})
    work.concerns("target_node", order.node_id, method=order.method, step=order.step)
    work.emit(TargetPlanChanged(plan["id"], plan["state"]))
    return order.node_id


def _to_give_out(node: Row, split: str) -> int:
    if split == TargetSplit.PERIOD:
        figure: int = node["figure"]
        return figure
    over = BASIS_POINTS + node["over_assignment_basis_points"]
    return rounded(Fraction(node["figure"] * over, BASIS_POINTS))


async def _by_season(
    sight: Sight, order: AllocateTarget, node: Row, parts: Sequence[Row]
) -> AllocateTarget:
    """Give parts of a time what they weigh in the plan's season, where no weight is given."""
    if (order.method, order.split) != (AllocationMethod.SEASON, TargetSplit.PERIOD) or any(
        child.weight is not None for child in order.children
    ):
        return order
    plan = await sight.fetch_only(
        "SELECT first_day, last_day FROM app.target_plan WHERE tenant_id = $1 AND id = $2",
        sight.tenant_id,
        node["plan_id"],
    )
    begins, until = plan["first_day"], plan["last_day"] + timedelta(days=1)
    steps = await facts.season_of(sight, node["plan_id"], node["metric_id"])
    worked = await facts.worked_days(sight, begins, until)
    asked = {child.node_id: child for child in order.children}
    weighed = [
        replace(
            asked.get(part["id"], WantedChild(part["id"])),
            weight=season_weight(begins, steps, worked, part["first_day"], part["last_day"]),
        )
        for part in parts
    ]
    return replace(order, children=tuple(weighed))


_PROPOSED: Final = frozenset(
    {AllocationMethod.PROPOSALS, AllocationMethod.COMMITMENT, AllocationMethod.HEADROOM}
)
_LAST_PROPOSALS: Final = """
SELECT DISTINCT ON (r.node_id) r.node_id, r.amount FROM app.target_response r
JOIN app.target_node n ON n.tenant_id = r.tenant_id AND n.id = r.node_id
WHERE r.tenant_id = $1 AND n.parent_id = $2 AND r.kind = 'PROPOSAL'
ORDER BY r.node_id, r.plan_version DESC
"""


async def _proposals(sight: Sight, order: AllocateTarget) -> Mapping[UUID, int]:
    if order.method not in _PROPOSED:
        return {}
    rows = await sight.fetch(_LAST_PROPOSALS, sight.tenant_id, order.node_id)
    return {row["node_id"]: row["amount"] for row in rows}


def _distributed(
    total: int, order: AllocateTarget, rows: Sequence[Row], proposals: Mapping[UUID, int]
) -> Distribution:
    wanted = {child.node_id: child for child in order.children}
    parts = [_known(row, wanted.get(row["id"]), proposals.get(row["id"])) for row in rows]
    terms = Terms(order.history_share_basis_points, order.growth_cap_basis_points)
    try:
        return allocated(total, parts, order.method, order.step, terms)
    except ChildAtOddsWithItself as error:
        field = (*_CHILDREN, str(error.index), "most")
        raise InvalidInput(expected="NOT_BELOW_MIN", field=field) from error
    except LimitsUnsatisfiable as error:
        raise LimitsNotReachable(
            total=total, least=error.least, most=error.most, field=_CHILDREN
        ) from error


_WEIGHED: Final = ("weight", "potential", "headcount", "productivity")


def _refuse_odd(order: AllocateTarget, known: Collection[UUID]) -> None:
    share, cap = order.history_share_basis_points, order.growth_cap_basis_points
    if not 0 <= share <= BASIS_POINTS:
        where = ("input", "historyShareBasisPoints")
        raise InvalidInput(field=where, expected="FROM_TO", least=0, most=BASIS_POINTS)
    if cap is not None and cap < 0:
        raise InvalidInput(field=("input", "growthCapBasisPoints"), expected="NOT_NEGATIVE")
    seen: set[UUID] = set()
    for place, child in enumerate(order.children):
        field = (*_CHILDREN, str(place))
        if child.node_id not in known:
            raise NotFound(field=(*field, "nodeId"))
        if child.node_id in seen:
            raise InvalidInput(field=(*field, "nodeId"), expected="EACH_ONCE")
        seen.add(child.node_id)
        values = [getattr(child, name) for name in _WEIGHED] + [*child.history]
        if any(value is not None and value < 0 for value in values):
            raise InvalidInput(field=field, expected="NOT_NEGATIVE")


def _known(row: Row, wanted: WantedChild | None, proposal: int | None) -> Known:
    kept = row["figure"] if row["pinned"] else None
    if wanted is None:
        return Known(current=row["figure"], proposal=proposal, pinned=kept)
    ramp = wanted.ramp_basis_points
    return Known(
        current=row["figure"],
        weight=_exact(wanted.weight),
        history=tuple(Fraction(one) for one in wanted.history),
        potential=_exact(wanted.potential),
        headcount=_exact(wanted.headcount),
        productivity=_exact(wanted.productivity),
        ramp=None if ramp is None else Fraction(ramp, BASIS_POINTS),
        proposal=proposal if wanted.proposal is None else wanted.proposal,
        pinned=kept if wanted.pinned is None else wanted.pinned,
        least=wanted.least,
        most=wanted.most,
    )


def _exact(value: Decimal | Fraction | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def _kept(work: UnitOfWork, node: Row, order: AllocateTarget, made: Allocated) -> TargetAllocation:
    wanted = {child.node_id: plain(child) for child in order.children}
    parts = [
        {
            "node": str(part.node_id),
            "before": part.before,
            "after": part.after,
            "asked": wanted.get(part.node_id),
        }
        for part in made.parts
    ]
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
