"""Bottom-up: what is proposed, judged by the level above, and acknowledged (targets page 4.1)."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from service.database.session import Row
from service.errors import InvalidInput, VersionConflict
from service.targets import facts
from service.targets.commands.nodes import authorise_above, refuse_figures
from service.targets.errors import TargetNotNegotiated
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
        expected_version: the target's, as the caller saw it.
    """

    node_id: UUID
    amount: int
    comment: str | None = None
    expected_version: int | None = None


async def propose_target(work: UnitOfWork, order: ProposeTarget) -> UUID:
    """Keep the proposal and return the target's id; the last one counts. Locks the plan.

    Raises:
        Forbidden, NotFound, InvalidInput.
        TargetNotNegotiated: the plan is not open for feedback.
        VersionConflict: what was set is not what the caller saw.
    """
    refuse_figures(("input",), order.amount, None)
    _refuse_comment(order.comment)
    plan, node = await _looked_up(work, order.node_id)
    work.authorise("target.propose", facts.record_of(node))
    if order.expected_version is not None:
        # Nobody changes it any more: the plan is locked.
        now = {"version": await facts.version_now(work, order.node_id)}
        facts.refuse_other_version(now, order.expected_version)
    if plan["state"] != TargetPlanState.FEEDBACK:
        raise TargetNotNegotiated(state=plan["state"], field=facts.NODE)
    _kept(work, plan, node, TargetResponseKind.PROPOSAL, order.comment, amount=order.amount)
    _told(work, plan)
    return order.node_id


@dataclass(frozen=True, slots=True)
class JudgeTarget:
    """Approve a target as it stands, or send it back.

    Attributes:
        expected_version: the target's, as the caller saw it.
    """

    node_id: UUID
    comment: str | None = None
    expected_version: int | None = None


async def approve_target(work: UnitOfWork, order: JudgeTarget) -> UUID:
    """Approve a target for the level above; returns its id. Locks the plan.

    Raises:
        Forbidden, NotFound, InvalidInput, TargetNotNegotiated, VersionConflict.
    """
    await _judged(work, order, TargetResponseKind.APPROVAL)
    return order.node_id


async def return_target(work: UnitOfWork, order: JudgeTarget) -> UUID:
    """Send a target back to those below, with a comment; returns its id. Locks the plan.

    Raises:
        Forbidden, NotFound, InvalidInput, TargetNotNegotiated, VersionConflict.
    """
    if order.comment is None:
        raise InvalidInput(field=("input", "comment"), expected="GIVEN")
    await _judged(work, order, TargetResponseKind.RETURN)
    return order.node_id


@dataclass(frozen=True, slots=True)
class AcknowledgeTarget:
    """Say that one has read one's target.

    Attributes:
        expected_version: the target's, as the caller read it. The plan's would do for nobody, as
            it grows with whatever a colleague says.
    """

    node_id: UUID
    expected_version: int | None = None


async def acknowledge_target(work: UnitOfWork, order: AcknowledgeTarget) -> UUID:
    """Keep that a published target was read; returns its id. Locks the plan.

    Raises:
        Forbidden, NotFound, TargetPlanNotInForce.
        VersionConflict: it has changed since the caller saw it, or while this waited for the plan.
    """
    plan_id = await facts.plan_of(work, order.node_id)
    seen = await facts.version_now(work, order.node_id)
    plan = await facts.plan_in_force(work, plan_id, facts.NODE)
    node = await facts.node(work, order.node_id)
    work.authorise("target.acknowledge", facts.record_of(node))
    await _refuse_unseen(work, order, seen)
    _kept(work, plan, node, TargetResponseKind.ACKNOWLEDGEMENT)
    _told(work, plan)
    return order.node_id


async def _refuse_unseen(
    work: UnitOfWork, order: JudgeTarget | AcknowledgeTarget, seen: int
) -> None:
    """Refuse what is said to a target that is not as the caller saw it, or changed meanwhile.

    Raises:
        VersionConflict.
    """
    now = await facts.version_now(work, order.node_id)
    facts.refuse_other_version({"version": now}, order.expected_version)
    if now != seen:
        raise VersionConflict(current_version=now, field=facts.NODE)


async def _looked_up(work: UnitOfWork, node_id: UUID) -> tuple[Row, Row]:
    plan_id = await facts.plan_of(work, node_id)
    plan = await facts.locked(work, "target_plan", plan_id, facts.NODE)
    node = await facts.node(work, node_id)
    if node["is_unassigned"]:
        raise InvalidInput(field=facts.NODE, expected="ASSIGNED_TARGET")
    return plan, node


async def _judged(work: UnitOfWork, order: JudgeTarget, kind: TargetResponseKind) -> None:
    _refuse_comment(order.comment)
    seen = await facts.version_now(work, order.node_id)
    plan, node = await _looked_up(work, order.node_id)
    await authorise_above(work, node, "target.approve", "target_plan.approve")
    await _refuse_unseen(work, order, seen)
    if plan["state"] not in _JUDGED:
        raise TargetNotNegotiated(state=plan["state"], field=facts.NODE)
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
