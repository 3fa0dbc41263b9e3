"""A plan is made, and goes through its states (model page 5.3)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from service.errors import InvalidInput, Refusal
from service.organisation.codes import code_faults
from service.policies.access import Record
from service.targets import facts
from service.targets.errors import TargetPlanStateWrong, TargetsReturned
from service.targets.events import TargetPlanChanged, TargetPublished
from service.targets.tables import TargetPlan, TargetPlanState
from service.tenants.texts import Texts, refuse_faults
from service.work import UnitOfWork

_LONGEST_DAYS: Final = 3_660
_S: Final = TargetPlanState


@dataclass(frozen=True, slots=True)
class CreateTargetPlan:
    """Begin a plan for a span of days.

    Attributes:
        currency: what its money is counted in; the tenant's when left out.
        calendar_site_id: whose working days its pace counts; the company's when left out.
        revision_of_id: the plan it is to take the place of.
    """

    code: str
    names: Texts
    first_day: date
    last_day: date
    currency: str | None = None
    calendar_site_id: UUID | None = None
    revision_of_id: UUID | None = None


async def create_target_plan(work: UnitOfWork, order: CreateTargetPlan) -> UUID:
    """Add a plan in DRAFT and return its id.

    Raises:
        Forbidden, AlreadyTaken (code), NotFound (site, plan), Refusals (form).
    """
    work.authorise("target_plan.edit", Record())
    refuse_faults(_faults(order))
    await facts.refuse_missing(work, "site", order.calendar_site_id, ("input", "calendarSiteId"))
    await facts.refuse_missing(work, "target_plan", order.revision_of_id, ("input", "revisionOfId"))
    plan = TargetPlan(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        created_at=work.now,
        created_by=work.caller.member_id,
        code=order.code,
        names=order.names.by_locale(),
        first_day=order.first_day,
        last_day=order.last_day,
        state=_S.DRAFT.value,
        currency=order.currency or work.tenant.currency,
        calendar_site_id=order.calendar_site_id,
        revision_of_id=order.revision_of_id,
        revision=0,
    )
    work.add(plan)
    work.concerns("target_plan", plan.id, code=plan.code)
    work.emit(TargetPlanChanged(plan.id, plan.state))
    return plan.id


@dataclass(frozen=True, slots=True)
class MovePlan:
    """Take a plan into its next state.

    Attributes:
        expected_version: the version the caller has seen; left out, whatever it is.
    """

    plan_id: UUID
    expected_version: int | None = None


async def distribute_target_plan(work: UnitOfWork, order: MovePlan) -> UUID:
    """Say that a plan is broken down: every sum holds from now on; locks the plan.

    Raises:
        Forbidden, NotFound, VersionConflict, TargetPlanStateWrong.
        SumsDoNotHold: parts are not what there is to give out; it says of which targets.
    """
    await _moved(work, order, _DISTRIBUTE)
    await facts.refuse_open_sums(work, order.plan_id)
    return order.plan_id


async def open_target_feedback(work: UnitOfWork, order: MovePlan) -> UUID:
    """Let those below propose what they take on; locks the plan.

    Raises:
        Forbidden, NotFound, VersionConflict, TargetPlanStateWrong.
    """
    await _moved(work, order, _FEEDBACK)
    return order.plan_id


async def reconcile_target_plan(work: UnitOfWork, order: MovePlan) -> UUID:
    """Say that proposals and total are brought together; locks the plan.

    Raises:
        Forbidden, NotFound, VersionConflict, TargetPlanStateWrong.
    """
    await _moved(work, order, _RECONCILE)
    return order.plan_id


async def approve_target_plan(work: UnitOfWork, order: MovePlan) -> UUID:
    """Approve a plan: its amounts are not set any more; locks the plan.

    Raises:
        Forbidden, NotFound, VersionConflict, TargetPlanStateWrong.
        TargetsReturned: a target was sent back, and nobody has approved it since.
    """
    await _moved(work, order, _APPROVE)
    returned = await work.fetch_value(_RETURNED, work.tenant_id, order.plan_id)
    if returned:
        raise TargetsReturned(nodes=returned, field=facts.PLAN)
    return order.plan_id


async def reopen_target_plan(work: UnitOfWork, order: MovePlan) -> UUID:
    """Take back an approval before the plan is published; locks the plan.

    Raises:
        Forbidden, NotFound, VersionConflict, TargetPlanStateWrong.
    """
    await _moved(work, order, _REOPEN)
    return order.plan_id


async def publish_target_plan(work: UnitOfWork, order: MovePlan) -> UUID:
    """Put a plan into force: its amounts stay, and whoever has one sees it; locks the plan.

    Raises:
        Forbidden, NotFound, VersionConflict, TargetPlanStateWrong.
    """
    work.authorise(_PUBLISH.action, Record())
    # Whoever changes the plan whose place it takes has done so by now, or is told of this one. The
    # earlier first, as whoever locks all of them does.
    await work.fetch(
        "SELECT p.id FROM app.target_plan p WHERE p.tenant_id = $1 AND p.id IN ($2,"
        " (SELECT o.revision_of_id FROM app.target_plan o WHERE o.tenant_id = $1 AND o.id = $2))"
        " ORDER BY p.id FOR NO KEY UPDATE",
        work.tenant_id,
        order.plan_id,
    )
    await _moved(work, order, _PUBLISH, published_at=work.now)
    work.emit(TargetPublished(order.plan_id))
    return order.plan_id


async def close_target_plan(work: UnitOfWork, order: MovePlan) -> UUID:
    """Say that a plan is over: nothing of it changes any more; locks the plan.

    Raises:
        Forbidden, NotFound, VersionConflict, TargetPlanStateWrong.
    """
    await _moved(work, order, _CLOSE)
    return order.plan_id


_RETURNED: Final = """
SELECT count(*) FROM (
    SELECT DISTINCT ON (r.node_id) r.node_id, r.kind FROM app.target_response r
    WHERE r.tenant_id = $1 AND r.plan_id = $2 AND r.kind IN ('APPROVAL', 'RETURN')
    ORDER BY r.node_id, r.plan_version DESC
) said WHERE said.kind = 'RETURN'
"""


@dataclass(frozen=True, slots=True)
class _Step:
    """A way from some states into another, and the action that goes it."""

    action: str
    before: frozenset[TargetPlanState]
    after: TargetPlanState


_EDIT, _APPROVED, _PUBLISHED = "target_plan.edit", "target_plan.approve", "target_plan.publish"
_DISTRIBUTE: Final = _Step(_EDIT, frozenset({_S.DRAFT, _S.TOP_DOWN_SET}), _S.DISTRIBUTED)
_FEEDBACK: Final = _Step(_EDIT, frozenset({_S.DISTRIBUTED, _S.RECONCILED}), _S.FEEDBACK)
_RECONCILE: Final = _Step(_EDIT, frozenset({_S.FEEDBACK}), _S.RECONCILED)
_APPROVE: Final = _Step(_APPROVED, frozenset({_S.DISTRIBUTED, _S.RECONCILED}), _S.APPROVED)
_REOPEN: Final = _Step(_APPROVED, frozenset({_S.APPROVED}), _S.RECONCILED)
_PUBLISH: Final = _Step(
    _PUBLISHED, frozenset({_S.DISTRIBUTED, _S.RECONCILED, _S.APPROVED}), _S.PUBLISHED
)
_CLOSE: Final = _Step(_PUBLISHED, frozenset({_S.PUBLISHED, _S.REVISED}), _S.CLOSED)


async def _moved(work: UnitOfWork, order: MovePlan, step: _Step, **changes: object) -> None:
    work.authorise(step.action, Record())
    plan = await facts.locked(work, "target_plan", order.plan_id, facts.PLAN)
    facts.refuse_other_version(plan, order.expected_version)
    after = step.after.value
    if plan["state"] not in step.before:
        raise TargetPlanStateWrong(state=plan["state"], wanted=after, field=facts.PLAN)
    work.change(TargetPlan, order.plan_id, {"state": after, **changes})
    work.concerns("target_plan", order.plan_id, state=after)
    work.emit(TargetPlanChanged(order.plan_id, after))


def _faults(order: CreateTargetPlan) -> Iterator[Refusal]:
    yield from code_faults(order.code)
    yield from order.names.faults(("input", "names"))
    if order.last_day < order.first_day:
        yield InvalidInput(field=("input", "lastDay"), expected="AFTER_START")
    elif (order.last_day - order.first_day).days > _LONGEST_DAYS:
        field = ("input", "lastDay")
        yield InvalidInput(field=field, expected="FROM_TO", least=1, most=_LONGEST_DAYS)
