"""What is done to metrics, plans and targets through the API."""

from typing import Any, Final
from uuid import UUID

import strawberry

from service.languages import shown_locale
from service.schema.carry import Payload, Records, itself, the
from service.schema.costs import FREE, costs
from service.schema.errors import CommandWarning, command_warning
from service.schema.mutation import command, orders
from service.schema.planner.commanded import Shows
from service.schema.scalars import make_id
from service.schema.targets import inputs
from service.schema.targets.types import Metric, TargetNode, TargetPlan
from service.schema.unseen import all_named, named_by, parts_named_by
from service.targets.commands import (
    adjusting,
    allocating,
    metrics,
    nodes,
    plans,
    responding,
)
from service.targets.errors import TargetPlanLeavesOut, TargetPlansAddUp
from service.targets.overlapping import overlaps
from service.targets.replacing import left_out
from service.work import Sight


@strawberry.type(description="`metric` is null exactly when `errors` is not empty.")
class _OfMetric(Payload):
    metric: Metric | None = strawberry.field(default=None, description="The metric.")


@strawberry.type(description="`targetPlan` is null exactly when `errors` is not empty.")
class _OfPlan(Payload):
    target_plan: TargetPlan | None = strawberry.field(default=None, description="The plan.")


@strawberry.type(description="`targetNode` is null exactly when `errors` is not empty.")
class OfNode(Payload):
    target_node: TargetNode | None = strawberry.field(default=None, description="The target.")


def _warnings() -> Any:  # noqa: ANN401 - a declaration
    return strawberry.field(
        default_factory=list,
        description="`TARGET_PLANS_ADD_UP` for each published plan and metric with targets of the"
        " same holders, kind, level and days: boards add them up. None for targets beside the total"
        " (`OVERLAY`), nor for a `STREET` target beside a `COMMITMENT`."
        " `TARGET_PLAN_LEAVES_OUT` for each metric of the plan whose place it takes, and the days"
        " for which that alone has targets.",
        metadata=costs(FREE),
    )


@strawberry.type(description="`metric` is null exactly when `errors` is not empty.")
class CreateMetricPayload(_OfMetric):
    pass


@strawberry.type(description="`metric` is null exactly when `errors` is not empty.")
class EditMetricPayload(_OfMetric):
    pass


@strawberry.type(description="`metric` is null exactly when `errors` is not empty.")
class RetireMetricPayload(_OfMetric):
    pass


@strawberry.type(description="`targetPlan` is null exactly when `errors` is not empty.")
class CreateTargetPlanPayload(_OfPlan):
    pass


@strawberry.type(description="`targetPlan` is null exactly when `errors` is not empty.")
class DistributeTargetPlanPayload(_OfPlan):
    pass


@strawberry.type(description="`targetPlan` is null exactly when `errors` is not empty.")
class PublishTargetPlanPayload(_OfPlan):
    warnings: list[CommandWarning] = _warnings()


@strawberry.type(description="`targetPlan` is null exactly when `errors` is not empty.")
class OpenTargetFeedbackPayload(_OfPlan):
    pass


@strawberry.type(description="`targetPlan` is null exactly when `errors` is not empty.")
class ReconcileTargetPlanPayload(_OfPlan):
    pass


@strawberry.type(description="`targetPlan` is null exactly when `errors` is not empty.")
class ApproveTargetPlanPayload(_OfPlan):
    warnings: list[CommandWarning] = _warnings()


@strawberry.type(description="`targetPlan` is null exactly when `errors` is not empty.")
class ReopenTargetPlanPayload(_OfPlan):
    pass


@strawberry.type(description="`targetPlan` is null exactly when `errors` is not empty.")
class CloseTargetPlanPayload(_OfPlan):
    pass


@strawberry.type(description="`targetPlan` is null exactly when `errors` is not empty.")
class AddTargetNodesPayload(_OfPlan):
    node_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="The new targets' ids, in the order they were sent."
    )


@strawberry.type(description="`targetNode` is null exactly when `errors` is not empty.")
class SetTargetNodePayload(OfNode):
    pass


@strawberry.type(description="`targetNode` is null exactly when `errors` is not empty.")
class AllocateTargetPayload(OfNode):
    pass


@strawberry.type(description="`targetNode` is null exactly when `errors` is not empty.")
class AdjustTargetPayload(OfNode):
    pass


@strawberry.type(description="`targetNode` is null exactly when `errors` is not empty.")
class ProposeTargetPayload(OfNode):
    pass


@strawberry.type(description="`targetNode` is null exactly when `errors` is not empty.")
class ApproveTargetPayload(OfNode):
    pass


@strawberry.type(description="`targetNode` is null exactly when `errors` is not empty.")
class ReturnTargetPayload(OfNode):
    pass


@strawberry.type(description="`targetNode` is null exactly when `errors` is not empty.")
class AcknowledgeTargetPayload(OfNode):
    pass


def _plan_of(result: Any) -> Any:  # noqa: ANN401 - an id
    return result.plan_id


async def _made(_sight: object, result: Any) -> dict[str, Any]:  # noqa: ANN401 - what the command returned
    return {"node_ids": [make_id("target_node", one) for one in result.node_ids]}


async def _warned(sight: Sight, plan_id: UUID) -> dict[str, Any]:
    locale = shown_locale(sight.caller.locale, sight.actor.locale)
    found = [
        TargetPlansAddUp(
            plan=one.plan,
            other=one.other_plan,
            metric=one.metric,
            first=one.first_day.isoformat(),
            last=one.last_day.isoformat(),
            nodes=one.targets,
        )
        for one in await overlaps(sight, plan_id)
    ]
    gone = [
        TargetPlanLeavesOut(
            plan=one.plan,
            other=one.other_plan,
            metric=one.metric,
            first=one.first_day.isoformat(),
            last=one.last_day.isoformat(),
        )
        for one in await left_out(sight, plan_id)
    ]
    return {"warnings": [command_warning(one, locale) for one in (*found, *gone)]}


_NODE: Final = {"node_id": "target_node"}
_ABOVE: Final = {"parent_id": "target_node"}
_WARNED: Final = Records({"target_plan": Shows("TargetPlan", itself)}, _warned)


@strawberry.type
class TargetsMutation:
    create_metric: CreateMetricPayload = command(
        metrics.create_metric,
        orders(metrics.CreateMetric),
        inputs.CreateMetricInput,
        CreateMetricPayload,
        the(metric=Metric),
        "Adds something a target may be set on. Action `metric.edit`.",
    )
    edit_metric: EditMetricPayload = command(
        metrics.edit_metric,
        orders(metrics.EditMetric, metric_id="metric"),
        inputs.EditMetricInput,
        EditMetricPayload,
        the(metric=Metric),
        "Renames a metric; what it counts stays. Action `metric.edit`.",
    )
    retire_metric: RetireMetricPayload = command(
        metrics.retire_metric,
        orders(metrics.RetireMetric, metric_id="metric"),
        inputs.RetireMetricInput,
        RetireMetricPayload,
        the(metric=Metric),
        "No further plan is set on a metric. Action `metric.edit`.",
    )
    create_target_plan: CreateTargetPlanPayload = command(
        plans.create_target_plan,
        orders(plans.CreateTargetPlan, calendar_site_id="site", revision_of_id="target_plan"),
        inputs.CreateTargetPlanInput,
        CreateTargetPlanPayload,
        the(target_plan=TargetPlan),
        "Begins a plan for a span of days. Action `target_plan.edit`.",
    )
    add_target_nodes: AddTargetNodesPayload = command(
        nodes.add_target_nodes,
        inputs.nodes_of,
        inputs.AddTargetNodesInput,
        AddTargetNodesPayload,
        Records({"target_plan": Shows("TargetPlan", _plan_of)}, _made),
        "Adds targets to an open plan, parents before their children. Action `target_plan.edit`"
        " for targets of the whole plan, else `target.distribute` at the target above and at the"
        " new one's place.",
        names=parts_named_by("nodes", _ABOVE),
    )
    set_target_node: SetTargetNodePayload = command(
        nodes.set_target_node,
        orders(nodes.SetTargetNode, node_id="target_node"),
        inputs.SetTargetNodeInput,
        SetTargetNodePayload,
        the("target.distribute", target_node=TargetNode),
        "Sets a target of an open plan. Action `target.distribute` at the target above, or"
        " `target_plan.edit` where there is none; at the target itself for what it gives out alone"
        " (`overAssignmentBasisPoints`).",
    )
    allocate_target: AllocateTargetPayload = command(
        allocating.allocate_target,
        inputs.allocation_of,
        inputs.AllocateTargetInput,
        AllocateTargetPayload,
        the("target.distribute", target_node=TargetNode),
        "Divides a target of an open plan among its children, exactly: what no child takes is an"
        " unassigned one. Action `target.distribute`.",
        names=all_named(named_by(_NODE), parts_named_by("children", _NODE)),
    )
    distribute_target_plan: DistributeTargetPlanPayload = command(
        plans.distribute_target_plan,
        orders(plans.MovePlan, plan_id="target_plan"),
        inputs.DistributeTargetPlanInput,
        DistributeTargetPlanPayload,
        the(target_plan=TargetPlan),
        "Says that a plan is broken down; one whose sums do not hold is refused. Action"
        " `target_plan.edit`.",
    )
    publish_target_plan: PublishTargetPlanPayload = command(
        plans.publish_target_plan,
        orders(plans.MovePlan, plan_id="target_plan"),
        inputs.PublishTargetPlanInput,
        PublishTargetPlanPayload,
        _WARNED,
        "Puts a plan into force: its amounts stay, and changes are dated. It warns of published"
        " plans to whose targets boards add those of this one. Action `target_plan.publish`.",
    )
    adjust_target: AdjustTargetPayload = command(
        adjusting.adjust_target,
        orders(adjusting.AdjustTarget, node_id="target_node"),
        inputs.AdjustTargetInput,
        AdjustTargetPayload,
        the("target.adjust", target_node=TargetNode),
        "Changes a published target from a day on, and with it whatever keeps the sums exact."
        " Action `target.adjust` at the target above, for the whole company where there is none or"
        " nobody holds the difference.",
    )
    open_target_feedback: OpenTargetFeedbackPayload = command(
        plans.open_target_feedback,
        orders(plans.MovePlan, plan_id="target_plan"),
        inputs.OpenTargetFeedbackInput,
        OpenTargetFeedbackPayload,
        the(target_plan=TargetPlan),
        "Lets those below propose what they take on. Action `target_plan.edit`.",
    )
    reconcile_target_plan: ReconcileTargetPlanPayload = command(
        plans.reconcile_target_plan,
        orders(plans.MovePlan, plan_id="target_plan"),
        inputs.ReconcileTargetPlanInput,
        ReconcileTargetPlanPayload,
        the(target_plan=TargetPlan),
        "Says that proposals and total are brought together. Action `target_plan.edit`.",
    )
    approve_target_plan: ApproveTargetPlanPayload = command(
        plans.approve_target_plan,
        orders(plans.MovePlan, plan_id="target_plan"),
        inputs.ApproveTargetPlanInput,
        ApproveTargetPlanPayload,
        _WARNED,
        "Approves a plan: its amounts are not set any more. One with targets that were sent"
        " back is refused. It warns as `publishTargetPlan` would. Action `target_plan.approve`.",
    )
    reopen_target_plan: ReopenTargetPlanPayload = command(
        plans.reopen_target_plan,
        orders(plans.MovePlan, plan_id="target_plan"),
        inputs.ReopenTargetPlanInput,
        ReopenTargetPlanPayload,
        the(target_plan=TargetPlan),
        "Takes an approval back before the plan is published. Action `target_plan.approve`.",
    )
    close_target_plan: CloseTargetPlanPayload = command(
        plans.close_target_plan,
        orders(plans.MovePlan, plan_id="target_plan"),
        inputs.CloseTargetPlanInput,
        CloseTargetPlanPayload,
        the(target_plan=TargetPlan),
        "Says that a plan is over: nothing of it changes any more. Action `target_plan.publish`.",
    )
    propose_target: ProposeTargetPayload = command(
        responding.propose_target,
        orders(responding.ProposeTarget, node_id="target_node"),
        inputs.ProposeTargetInput,
        ProposeTargetPayload,
        the("target.propose", target_node=TargetNode),
        "Says what one would take on instead of what was set; the last proposal counts."
        " Action `target.propose`.",
    )
    approve_target: ApproveTargetPayload = command(
        responding.approve_target,
        orders(responding.JudgeTarget, node_id="target_node"),
        inputs.ApproveTargetInput,
        ApproveTargetPayload,
        the("target.approve", target_node=TargetNode),
        "Approves a target as it stands. Action `target.approve` at the target above.",
    )
    return_target: ReturnTargetPayload = command(
        responding.return_target,
        orders(responding.JudgeTarget, node_id="target_node"),
        inputs.ReturnTargetInput,
        ReturnTargetPayload,
        the("target.approve", target_node=TargetNode),
        "Sends a target back to those below; the plan is not approved until it is. Action"
        " `target.approve` at the target above.",
    )
    acknowledge_target: AcknowledgeTargetPayload = command(
        responding.acknowledge_target,
        orders(responding.AcknowledgeTarget, node_id="target_node"),
        inputs.AcknowledgeTargetInput,
        AcknowledgeTargetPayload,
        the("target.acknowledge", target_node=TargetNode),
        "Says that one has read one's published target. Action `target.acknowledge`.",
    )
