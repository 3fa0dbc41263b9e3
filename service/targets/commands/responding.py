"""Bottom-up: what is proposed, judged by the level above, and acknowledged (targets page 4.1)."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from service.database.session import Row
from service.errors import InvalidInput, VersionConflict
from service.targets import facts
from service.targets.commands.nodes import authorise_above, refuse_figures
from service.targets.errors import TargetPlanNotOpen, TargetPlanStateWrong
from service.targets.events import TargetPlanChanged
from service.targets.tables import (
    TargetPlan,
    TargetPlanState,
    TargetResponse,
    TargetResponseKind,
)
from service.tenants.texts import line_faults, refuse_faults
from service.work import UnitOfWork

_LONGEST_COMMENT: Final = 500
_JUDGED: Final = frozenset(
    {TargetPlanState.DISTRIBUTED, TargetPlanState.FEEDBACK, TargetPlanState.RECONCILED}
)


@dataclass(frozen=True, slots=True)
class ProposeTarget:
    """Say what one would take on instead of what was set.

    Attributes:
        amount: in whole units of the metric.
    """

    node_id: UUID
    amount: int
    comment: str | None = None


async def propose_target(work: UnitOfWork, order: ProposeTarget) -> UUID:
    """Keep the proposal and return the target's id; the last one counts. Locks the plan.

    Raises:
        Forbidden, NotFound, InvalidInput.
        TargetPlanStateWrong: the plan is not open for feedback.
    """
    refuse_figures(("input",), order.amount, None)
    _refuse_comment(order.comment)
    plan, node = await _looked_up(work, order.node_id)
    work.authorise("target.propose", facts.record_of(node))
    if plan["state"] != TargetPlanState.FEEDBACK:
        wanted = TargetPlanState.FEEDBACK.value
        raise TargetPlanStateWrong(state=plan["state"], wanted=wanted, field=facts.NODE)
    _kept(work, plan, node, TargetResponseKind.PROPOSAL, order.comment, amount=order.amount)
    _told(work, plan)
    return order.node_id


@dataclass(frozen=True, slots=True)
class JudgeTarget:
    """Approve a target as it stands, or send it back."""

    node_id: UUID
    comment: str | None = None


async def approve_target(work: UnitOfWork, order: JudgeTarget) -> UUID:
    """Approve a target for the level above; returns its id. Locks the plan.

    Raises:
        Forbidden, NotFound, InvalidInput, TargetPlanNotOpen, VersionConflict.
    """
    await _judged(work, order, TargetResponseKind.APPROVAL)
    return order.node_id


async def return_target(work: UnitOfWork, order: JudgeTarget) -> UUID:
    """Send a target back to those below, with a comment; returns its id. Locks the plan.

    Raises:
        Forbidden, NotFound, InvalidInput, TargetPlanNotOpen, VersionConflict.
    """
    if order.comment is None:
        raise InvalidInput(field=("input", "comment"), expected="GIVEN")
    await _judged(work, order, TargetResponseKind.RETURN)
    return order.node_id


@dataclass(frozen=True, slots=True)
class AcknowledgeTarget:
    """Say that one has read one's target."""

    node_id: UUID


async def acknowledge_target(work: UnitOfWork, order: AcknowledgeTarget) -> UUID:
    """Keep that a published target was read; returns its id. Locks the plan.

    Raises:
        Forbidden, NotFound, TargetPlanNotInForce.
        VersionConflict: it changed while this waited for the plan, so that nobody has read it.
    """
    plan_id, seen = await facts.plan_of(work, order.node_id), await _last_change(work, order)
    plan = await facts.plan_in_force(work, plan_id, facts.NODE)
    node = await facts.node(work, order.node_id)
    work.authorise("target.acknowledge", facts.record_of(node))
    if await _last_change(work, order) != seen:
        raise VersionConflict(current_version=plan["version"], field=facts.NODE)
    _kept(work, plan, node, TargetResponseKind.ACKNOWLEDGEMENT)
    _told(work, plan)
    return order.node_id


async def _last_change(work: UnitOfWork, order: AcknowledgeTarget) -> UUID | None:
    found: UUID | None = await work.fetch_value(
        "SELECT c.id FROM app.target_change c WHERE c.tenant_id = $1 AND c.node_id = $2"
        " ORDER BY c.recorded_at DESC, c.id DESC LIMIT 1",
        work.tenant_id,
        order.node_id,
    )
    return found


async def _looked_up(work: UnitOfWork, node_id: UUID) -> tuple[Row, Row]:
    plan_id = await facts.plan_of(work, node_id)
    plan = await facts.locked(work, "target_plan", plan_id, facts.NODE)
    node = await facts.node(work, node_id)
    if node["is_unassigned"]:
        raise InvalidInput(field=facts.NODE, expected="ASSIGNED_TARGET")
    return plan, node


async def _judged(work: UnitOfWork, order: JudgeTarget, kind: TargetResponseKind) -> None:
    _refuse_comment(order.comment)
    seen = await facts.node(work, order.node_id)
    plan, node = await _looked_up(work, order.node_id)
    await authorise_above(work, node, "target.approve", "target_plan.approve")
    if node["version"] != seen["version"]:
        # Set anew while this waited for the plan: what is judged is what was seen.
        raise VersionConflict(current_version=plan["version"], field=facts.NODE)
    if plan["state"] not in _JUDGED:
        raise TargetPlanNotOpen(state=plan["state"], field=facts.NODE)
    _kept(work, plan, node, kind, order.comment)
    _told(work, plan)


def _refuse_comment(comment: str | None) -> None:
    if comment is not None:
        refuse_faults(line_faults(comment, ("input", "comment"), _LONGEST_COMMENT))


def _kept(  # noqa: PLR0917 - a line of the record, in its order
    work: UnitOfWork,
    plan: Row,
    node: Row,
    kind: TargetResponseKind,
    comment: str | None = None,
    amount: int | None = None,
) -> None:
    work.add(
        TargetResponse(
            tenant_id=work.tenant_id,
            id=work.new_id(),
            plan_id=node["plan_id"],
            node_id=node["id"],
            org_unit_id=node["org_unit_id"],
            territory_id=node["territory_id"],
            member_id=node["member_id"],
            kind=kind.value,
            plan_version=plan["version"] + 1,
            amount=amount,
            comment=comment.strip() if comment else None,
            author_id=work.caller.member_id,
            recorded_at=work.now,
        )
    )
    work.concerns("target_node", node["id"], said=kind.value, amount=amount)


def _told(work: UnitOfWork, plan: Row) -> None:
    work.change(TargetPlan, plan["id"], {"state": plan["state"]})
    work.emit(TargetPlanChanged(plan["id"], plan["state"]))
