"""What commands for metrics, plans and targets take."""

from datetime import date
from decimal import Decimal
from typing import Final

import strawberry
from strawberry.utils.str_converters import to_camel_case

from service.schema.mutation import CommandInput, given, optional, order_of, required
from service.schema.scalars import BigInt, CurrencyCode, LocalizedTextInput, row_id
from service.schema.targets.words import (
    AllocationMethod,
    CountingEvent,
    DifferenceBelow,
    Holder,
    MetricBusiness,
    MetricDirection,
    MetricUnit,
    TargetKind,
    TargetLevel,
    TargetSplit,
)
from service.targets.commands import nodes
from service.targets.commands.allocating import AllocateTarget, WantedChild

_NODE = "The target."
_SEEN = "The version the caller has seen."
_PLAN_SEEN = "The plan's version the caller has seen; left out, whatever it is."
_KEY = "The sender's own name for it, 1 to 64 characters, each once."
_AS_SEEN = (
    "The target's version the caller has seen; where it was set or changed since, it is refused."
    " Left out, whatever it is."
)
_UNITS = "In whole units of the metric: minor units, pieces, basis points."


@strawberry.input(description="Something a target may be set on from now on.")
class CreateMetricInput(CommandInput):
    code: str = required("Unique: 1 to 64 capital letters, digits or underscores.")
    names: LocalizedTextInput = required("Its name.")
    unit: MetricUnit = required("What it is counted in; it never changes.")
    counting_event: CountingEvent = required("What makes an amount count.")
    direction: MetricDirection = strawberry.field(
        default=MetricDirection.HIGHER, description="Which way is better."
    )
    currency: CurrencyCode | None = optional(
        "Of a MONEY metric; the company's when left out. Others have none."
    )
    business: MetricBusiness = strawberry.field(
        default=MetricBusiness.ALL, description="Which business counts."
    )
    product_codes: list[str] = strawberry.field(
        default_factory=list, description="Only these products count, at most 1,000; none: all."
    )
    new_only: bool = strawberry.field(
        default=False, description="Whether only a customer's first order counts."
    )
    launch_first_day: date | None = optional("First day on which its products count as new.")
    launch_last_day: date | None = optional("The last such day.")


@strawberry.input(description="A metric is renamed; what it counts stays.")
class EditMetricInput(CommandInput):
    metric_id: strawberry.ID = required("The metric.")
    expected_version: int = required(_SEEN)
    names: LocalizedTextInput = required("Its name.")


@strawberry.input(description="No further plan is set on a metric.")
class RetireMetricInput(CommandInput):
    metric_id: strawberry.ID = required("The metric.")
    expected_version: int = required(_SEEN)


@strawberry.input(description="A plan is begun.")
class CreateTargetPlanInput(CommandInput):
    code: str = required("Unique; 1 to 64 small letters, digits, dashes.")
    names: LocalizedTextInput = required("Its name.")
    first_day: date = required("Its first day.")
    last_day: date = required("Its last day, at most ten years later.")
    currency: CurrencyCode | None = optional("The company's when left out.")
    calendar_site_id: strawberry.ID | None = optional(
        "Whose working days its pace counts; the company's when left out."
    )
    revision_of_id: strawberry.ID | None = optional(
        "The plan it is to take the place of, whole: from its publication on the boards have this"
        " one's targets and none of that one's; the days before keep theirs."
    )


@strawberry.input(description="A plan goes into another state.")
class _MovePlanInput(CommandInput):
    plan_id: strawberry.ID = required("The plan.")
    expected_version: int | None = optional(_PLAN_SEEN)


@strawberry.input(description="A plan is broken down: every sum holds from now on.")
class DistributeTargetPlanInput(_MovePlanInput):
    pass


@strawberry.input(description="A plan is put into force.")
class PublishTargetPlanInput(_MovePlanInput):
    pass


@strawberry.input(description="Those below may propose what they take on.")
class OpenTargetFeedbackInput(_MovePlanInput):
    pass


@strawberry.input(description="Proposals and total are brought together.")
class ReconcileTargetPlanInput(_MovePlanInput):
    pass


@strawberry.input(description="A plan is approved.")
class ApproveTargetPlanInput(_MovePlanInput):
    pass


@strawberry.input(description="An approval is taken back before the plan is published.")
class ReopenTargetPlanInput(_MovePlanInput):
    pass


@strawberry.input(description="A plan is over.")
class CloseTargetPlanInput(_MovePlanInput):
    pass


@strawberry.input(description="What one would take on instead of what was set.")
class ProposeTargetInput(CommandInput):
    node_id: strawberry.ID = required(_NODE)
    amount: BigInt = required(_UNITS)
    comment: str | None = optional("Why, 1 to 500 characters.")
    expected_version: int | None = optional(_AS_SEEN)


@strawberry.input(description="A target is approved as it stands.")
class ApproveTargetInput(CommandInput):
    node_id: strawberry.ID = required(_NODE)
    comment: str | None = optional("1 to 500 characters.")
    expected_version: int | None = optional(_AS_SEEN)


@strawberry.input(description="A target is sent back to those below.")
class ReturnTargetInput(CommandInput):
    node_id: strawberry.ID = required(_NODE)
    comment: str = required("Why, 1 to 500 characters.")
    expected_version: int | None = optional(_AS_SEEN)


@strawberry.input(description="One has read one's target.")
class AcknowledgeTargetInput(CommandInput):
    node_id: strawberry.ID = required(_NODE)
    expected_version: int | None = optional(_AS_SEEN)


@strawberry.input(description="A target to be added; what is left out is the parent's.")
class NewTargetNodeInput:
    key: str = required(_KEY)
    metric_id: strawberry.ID | None = optional("What is counted; a part counts as the whole does.")
    parent_key: str | None = optional(
        "The target above, earlier in the same input; 1 to 64 characters."
    )
    parent_id: strawberry.ID | None = optional("The target above, already in the plan.")
    amount: BigInt = strawberry.field(default=BigInt(0), description=_UNITS)
    org_unit_id: strawberry.ID | None = optional("The unit that has it.")
    territory_id: strawberry.ID | None = optional("The territory that has it.")
    member_id: strawberry.ID | None = optional("The person who has it.")
    channel_code: str | None = optional("The channel it is for, 1 to 64 characters.")
    product_code: str | None = optional("The product it is for, 1 to 64 characters.")
    seat: str | None = optional("The seat it belongs to, 1 to 64 characters.")
    first_day: date | None = optional("Its first day.")
    last_day: date | None = optional("Its last day.")
    kind: TargetKind | None = optional("What it is for.")
    level: TargetLevel | None = optional("How hard it is.")
    split: TargetSplit = strawberry.field(
        default=TargetSplit.BREAKDOWN, description="How it is a part of the target above."
    )
    pinned: bool = strawberry.field(
        default=False, description="Whether divisions leave it as it is."
    )
    is_vacancy: bool = strawberry.field(
        name="vacant", default=False, description="Whether its seat is vacant; `seat` says which."
    )
    over_assignment_basis_points: int = strawberry.field(
        default=0, description="How much more its children are to have together, 0 to 10,000."
    )


@strawberry.input(description="Targets are added to an open plan, parents before their children.")
class AddTargetNodesInput(CommandInput):
    plan_id: strawberry.ID = required("The plan.")
    nodes: list[NewTargetNodeInput] = required("The targets, 1 to 10,000.")
    expected_version: int | None = optional(_PLAN_SEEN)


@strawberry.input(description="A target of an open plan that is to be set; what is left out stays.")
class TargetSettingInput:
    node_id: strawberry.ID = required(_NODE)
    amount: BigInt | None = optional(
        f"{_UNITS} Once the plan is broken down, the difference is what the one above has"
        " unassigned."
    )
    pinned: bool | None = optional("Whether divisions leave it as it is.")
    over_assignment_basis_points: int | None = optional(
        "How much more its children are to have together, 0 to 10,000."
    )


@strawberry.input(description="A target of an open plan is set; what is left out stays.")
class SetTargetNodeInput(TargetSettingInput, CommandInput):
    expected_version: int = required(_SEEN)
    expected_plan_version: int | None = optional(
        "The plan's, from `previewTargetChange`: exactly what that showed is set, or nothing."
    )


@strawberry.input(description="A target of an open plan that is to be set with all below it.")
class TargetRedistributionInput:
    node_id: strawberry.ID = required(_NODE)
    amount: BigInt = required(
        f"The new amount. {_UNITS} Once the plan is broken down, the difference is what the one"
        " above has unassigned."
    )


@strawberry.input(description="How one child is to be treated in a division.")
class AllocationChildNodeInput:
    node_id: strawberry.ID = required("The child.")
    weight: Decimal | None = optional("Its part in proportion to the others', 0 or more.")
    history: list[Decimal] = strawberry.field(
        default_factory=list, description="What it reached in earlier periods, latest first."
    )
    potential: Decimal | None = optional("Its market, beds, households, parc; 0 or more.")
    headcount: Decimal | None = optional("How many work there, 0 or more.")
    productivity: Decimal | None = optional("What each of them makes; 1 when left out.")
    ramp_basis_points: int | None = optional(
        "Which share of that their tenure allows; 10,000 when left out."
    )
    proposal: BigInt | None = optional(
        "What counts as proposed; else what was proposed last, and without a proposal what it has."
    )
    pinned: BigInt | None = optional("The part it is to keep; it takes no part in the division.")
    least: BigInt | None = optional("The least it may get.")
    most: BigInt | None = optional("The most it may get.")


@strawberry.input(description="A target is to be divided among its children.")
class TargetAllocationInput:
    node_id: strawberry.ID = required(_NODE)
    method: AllocationMethod = required("Where the weights come from.")
    step: BigInt = strawberry.field(
        default=BigInt(1), description="The smallest part, in whole units; 1 or more."
    )
    split: TargetSplit = strawberry.field(
        default=TargetSplit.BREAKDOWN, description="Which of its children: pieces, or periods."
    )
    children: list[AllocationChildNodeInput] = strawberry.field(
        default_factory=list, description="Children that are to be treated so, at most 10,000."
    )
    history_share_basis_points: int = strawberry.field(
        default=10_000, description="Part of the history in a blend; the rest is potential."
    )
    growth_cap_basis_points: int | None = optional("How much a part may grow beyond its past.")
    below: DifferenceBelow = strawberry.field(
        default=DifferenceBelow.UNASSIGNED,
        description="What becomes of the difference of a part that is broken down itself.",
    )


@strawberry.input(description="A target is divided among its children.")
class AllocateTargetInput(TargetAllocationInput, CommandInput):
    expected_version: int | None = optional(
        "The plan's, from the preview: exactly that division is carried out, or none."
    )


@strawberry.input(description="What every change of a published plan takes.")
class TargetChangeInput(CommandInput):
    reason: str = required("Why, 1 to 500 characters.")
    expected_version: int | None = optional(
        "The plan's, from `previewTargetChange`: exactly what that showed is carried out, or"
        " nothing."
    )


@strawberry.input(description="A published target is to change from a day on.")
class TargetAdjustmentInput:
    node_id: strawberry.ID = required(_NODE)
    delta: BigInt = required(f"What it gains; below 0, what it loses. {_UNITS}")
    effective_on: date = required("First day of the new figure: today or later, of its days.")
    holder: Holder = strawberry.field(default=Holder.MANAGER, description="Who has the difference.")


@strawberry.input(description="A published target changes from a day on.")
class AdjustTargetInput(TargetAdjustmentInput, TargetChangeInput):
    pass


def allocation_of(sent: TargetAllocationInput) -> AllocateTarget:
    """Make the order of a division from what was sent, to be shown or to be carried out.

    Raises:
        NotFound: an id is malformed.
    """
    children = tuple(_child(place, child) for place, child in enumerate(sent.children))
    return order_of(AllocateTarget, sent, {"node_id": "target_node"}, children=children)


def _child(place: int, sent: AllocationChildNodeInput) -> WantedChild:
    node_id = row_id(str(sent.node_id), "target_node", "children", str(place), "nodeId")
    return order_of(WantedChild, sent, {}, node_id=node_id)


_IDS: Final = {
    "metric_id": "metric",
    "parent_id": "target_node",
    "org_unit_id": "org_unit",
    "territory_id": "territory",
    "member_id": "member",
}


def nodes_of(sent: AddTargetNodesInput) -> nodes.AddTargetNodes:
    """Make the order that adds targets from what was sent.

    Raises:
        NotFound: an id is malformed.
    """
    made = tuple(_node(place, node) for place, node in enumerate(sent.nodes))
    return order_of(nodes.AddTargetNodes, sent, {"plan_id": "target_plan"}, nodes=made)


def _node(place: int, sent: NewTargetNodeInput) -> nodes.NewTargetNode:
    where = ("nodes", str(place))
    ids = {
        name: row_id(str(value), kind, *where, to_camel_case(name))
        for name, kind in _IDS.items()
        if (value := given(getattr(sent, name))) is not None
    }
    return order_of(nodes.NewTargetNode, sent, {}, **ids)
