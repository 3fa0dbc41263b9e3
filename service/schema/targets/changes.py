"""Published targets change: people are away, new, go, leave; the plan is revised."""

import strawberry

from service.schema.carry import the
from service.schema.mutation import CommandInput, command, optional, orders
from service.schema.targets.foreseen import (
    ReliefWithdrawalInput,
    TargetRampInput,
    TargetReliefInput,
    TargetRevisionInput,
    TargetTransferInput,
    TargetVacancyInput,
    VacancyFillingInput,
)
from service.schema.targets.inputs import TargetChangeInput, TargetRedistributionInput
from service.schema.targets.mutations import OfNode
from service.schema.targets.types import TargetNode
from service.targets.commands import cascading, staffing, withdrawing

_NULL = "`targetNode` is null exactly when `errors` is not empty."


@strawberry.input(description="Somebody is away: his target is relieved by its working days.")
class RelieveTargetInput(TargetReliefInput, TargetChangeInput):
    pass


@strawberry.input(description="A leave is cancelled: what its relief took off is given back.")
class WithdrawReliefInput(ReliefWithdrawalInput, TargetChangeInput):
    pass


@strawberry.input(description="Somebody is new: his months grow to the full target.")
class RampTargetInput(TargetRampInput, TargetChangeInput):
    pass


@strawberry.input(description="Somebody goes to another seat on a day.")
class TransferTargetInput(TargetTransferInput, TargetChangeInput):
    pass


@strawberry.input(description="Somebody leaves: what he has not reached is the vacant seat's.")
class VacateTargetInput(TargetVacancyInput, TargetChangeInput):
    pass


@strawberry.input(description="Somebody takes a vacant seat.")
class FillVacancyInput(VacancyFillingInput, TargetChangeInput):
    pass


@strawberry.input(description="A published target of the whole plan gets another figure.")
class ReviseTargetInput(TargetRevisionInput, TargetChangeInput):
    pass


@strawberry.input(description="A target of an open plan is set with everything below it.")
class RedistributeTargetInput(TargetRedistributionInput, CommandInput):
    expected_version: int | None = optional(
        "The plan's, from `previewTargetChange`: exactly what that showed is set, or nothing."
    )


@strawberry.type(description=_NULL)
class RelieveTargetPayload(OfNode):
    pass


@strawberry.type(description=_NULL)
class WithdrawReliefPayload(OfNode):
    pass


@strawberry.type(description=_NULL)
class RampTargetPayload(OfNode):
    pass


@strawberry.type(description=_NULL)
class TransferTargetPayload(OfNode):
    pass


@strawberry.type(description=_NULL)
class VacateTargetPayload(OfNode):
    pass


@strawberry.type(description=_NULL)
class FillVacancyPayload(OfNode):
    pass


@strawberry.type(description=_NULL)
class ReviseTargetPayload(OfNode):
    pass


@strawberry.type(description=_NULL)
class RedistributeTargetPayload(OfNode):
    pass


@strawberry.type
class TargetChangesMutation:
    relieve_target: RelieveTargetPayload = command(
        staffing.relieve_target,
        orders(staffing.RelieveTarget, node_id="target_node"),
        RelieveTargetInput,
        RelieveTargetPayload,
        the("target.adjust", target_node=TargetNode),
        "Takes off a target what a leave takes off its working days; the team's stays as it is."
        " Action `target.adjust` at the target above.",
    )
    withdraw_relief: WithdrawReliefPayload = command(
        withdrawing.withdraw_relief,
        orders(withdrawing.WithdrawRelief, change_id="target_change"),
        WithdrawReliefInput,
        WithdrawReliefPayload,
        the("target.adjust", target_node=TargetNode),
        "Takes a relief back, once, when its leave is cancelled: all that it changed is opposed"
        " from a day on, and the days may be relieved anew. Answers who was away's target. Action"
        " `target.adjust` at the target above, for the whole company where the relief changed all"
        " above too.",
    )
    ramp_target: RampTargetPayload = command(
        staffing.ramp_target,
        orders(staffing.RampTarget, node_id="target_node"),
        RampTargetInput,
        RampTargetPayload,
        the("target.adjust", target_node=TargetNode),
        "Lets somebody new grow into his target; the manager holds the difference. Action"
        " `target.adjust` at the target above.",
    )
    transfer_target: TransferTargetPayload = command(
        staffing.transfer_target,
        orders(staffing.TransferTarget, node_id="target_node", seat_node_id="target_node"),
        TransferTargetInput,
        TransferTargetPayload,
        the("target.adjust", target_node=TargetNode),
        "Moves somebody to another seat on a day: he keeps the days before, the rest of the old"
        " place is unassigned there, and he takes the new seat's days from then on. Answers his"
        " new target. Action `target.adjust` at both targets above.",
    )
    vacate_target: VacateTargetPayload = command(
        staffing.vacate_target,
        orders(staffing.VacateTarget, node_id="target_node"),
        VacateTargetInput,
        VacateTargetPayload,
        the("target.adjust", target_node=TargetNode),
        "Hands what a leaver has not reached to his vacant seat, which the manager holds; the"
        " team's target stays as it is. Answers the vacancy. Action `target.adjust` at the target"
        " above.",
    )
    fill_vacancy: FillVacancyPayload = command(
        staffing.fill_vacancy,
        orders(staffing.FillVacancy, node_id="target_node", member_id="member"),
        FillVacancyInput,
        FillVacancyPayload,
        the("target.adjust", target_node=TargetNode),
        "Hands a vacancy's open target to who takes the seat. Answers his. Action `target.adjust`"
        " at the target above.",
    )
    revise_target: ReviseTargetPayload = command(
        cascading.revise_target,
        orders(cascading.ReviseTarget, node_id="target_node"),
        ReviseTargetInput,
        ReviseTargetPayload,
        the("target.adjust", target_node=TargetNode),
        "Revises a published target of the whole plan and all below it: closed periods keep their"
        " targets, open ones share the rest as they did. Action `target_plan.publish`.",
    )
    redistribute_target: RedistributeTargetPayload = command(
        cascading.redistribute_target,
        orders(cascading.RedistributeTarget, node_id="target_node"),
        RedistributeTargetInput,
        RedistributeTargetPayload,
        the("target.distribute", target_node=TargetNode),
        "Gives a target of an open plan another amount and pushes it down to the last part in"
        " today's proportions; what is pinned stays, and so do steps, floors and caps of the last"
        " divisions. Action `target.distribute` at the target above, or `target_plan.edit` where"
        " there is none.",
    )
