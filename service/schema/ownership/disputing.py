"""What is done in disputes."""

import strawberry

from service.ownership import commands
from service.reception import commands as reception
from service.schema.carry import Payload, the
from service.schema.mutation import CommandInput, command, orders, required
from service.schema.ownership.disputes import Dispute

_PART = "in basis points; the three sum to 10,000."


@strawberry.input(description="Two members dispute a deal, or a customer at a site.")
class OpenDisputeInput(CommandInput):
    deal_id: strawberry.ID | None = strawberry.field(
        default=None, description="The deal; left out where a customer is disputed."
    )
    party_id: strawberry.ID | None = strawberry.field(
        default=None, description="The customer, who has not signed; with `siteId`."
    )
    site_id: strawberry.ID | None = strawberry.field(
        default=None, description="The site he is a customer of."
    )
    member_ids: list[strawberry.ID] = required(
        "The two, the first and the second, at most 2; a representative is one of them."
    )
    ground: str = required("Why, 1 to 2,000 characters.")


@strawberry.input(description="One of the two proposes, or confirms, whose the deal is.")
class AgreeOnDisputeInput(CommandInput):
    dispute_id: strawberry.ID = required("The dispute.")
    first_basis_points: int = strawberry.field(
        default=0, description=f"The first member's part, {_PART}"
    )
    second_basis_points: int = strawberry.field(
        default=0, description=f"The second member's part, {_PART}"
    )
    company_basis_points: int = strawberry.field(
        default=0, description=f"The company's part, {_PART}"
    )


@strawberry.input(description="One of the two wants the manager to decide now.")
class EscalateDisputeInput(CommandInput):
    dispute_id: strawberry.ID = required("The dispute.")


@strawberry.input(description="The verdict in a dispute, or on the appeal in it.")
class DecideDisputeInput(AgreeOnDisputeInput):
    reason: str = required("Why, 1 to 2,000 characters.")
    aggravated: bool = strawberry.field(
        default=False, description="Aggravated misconduct is found; the reason says which."
    )


@strawberry.input(description="One of the two appeals against the manager's verdict.")
class AppealDisputeInput(CommandInput):
    dispute_id: strawberry.ID = required("The dispute.")
    ground: str = required("Why, 1 to 2,000 characters.")


@strawberry.type(description="`dispute` is null exactly when `errors` is not empty.")
class OpenDisputePayload(Payload):
    dispute: Dispute | None = strawberry.field(
        default=None, description="The dispute as it stands."
    )


@strawberry.type(description="`dispute` is null exactly when `errors` is not empty.")
class AgreeOnDisputePayload(Payload):
    dispute: Dispute | None = strawberry.field(
        default=None, description="The dispute as it stands."
    )


@strawberry.type(description="`dispute` is null exactly when `errors` is not empty.")
class EscalateDisputePayload(Payload):
    dispute: Dispute | None = strawberry.field(
        default=None, description="The dispute as it stands."
    )


@strawberry.type(description="`dispute` is null exactly when `errors` is not empty.")
class DecideDisputePayload(Payload):
    dispute: Dispute | None = strawberry.field(
        default=None, description="The dispute as it stands."
    )


@strawberry.type(description="`dispute` is null exactly when `errors` is not empty.")
class AppealDisputePayload(Payload):
    dispute: Dispute | None = strawberry.field(
        default=None, description="The dispute as it stands."
    )


@strawberry.type
class DisputesMutation:
    open_dispute: OpenDisputePayload = command(
        commands.open_dispute,
        orders(
            commands.OpenDispute,
            deal_id="deal",
            member_ids="member",
            party_id="party",
            site_id="site",
        ),
        OpenDisputeInput,
        OpenDisputePayload,
        the(dispute=Dispute),
        "Disputes a deal between two members: until it ends nobody has the credit, and the sale"
        " goes on. Or a customer at a site whom one of them tracks or has received today: he is"
        " served as before; a deal he signs meanwhile is disputed with him. The two may settle it"
        " by themselves as long as the rulebook says. A deal is disputed once, and not when its"
        " credit is final; a customer by one pair at a time. Action `dispute.open`.",
    )
    agree_on_dispute: AgreeOnDisputePayload = command(
        reception.agree_on_dispute,
        orders(commands.AgreeOnDispute, dispute_id="dispute"),
        AgreeOnDisputeInput,
        AgreeOnDisputePayload,
        the(dispute=Dispute),
        "Proposes an outcome as one of the two, or confirms the other's: the same of both settles"
        " the dispute, and the credit is final. The latest proposal of each counts. A customer"
        " goes wholly to one of them. Refused when their time is over. Action `dispute.settle`.",
    )
    escalate_dispute: EscalateDisputePayload = command(
        commands.escalate_dispute,
        orders(commands.EscalateDispute, dispute_id="dispute"),
        EscalateDisputeInput,
        EscalateDisputePayload,
        the(dispute=Dispute),
        "Asks, as one of the two, that the manager decide before their own time is over; once both"
        " ask he does. Action `dispute.settle`.",
    )
    decide_dispute: DecideDisputePayload = command(
        reception.decide_dispute,
        orders(commands.DecideDispute, dispute_id="dispute"),
        DecideDisputeInput,
        DecideDisputePayload,
        the(dispute=Dispute),
        "Decides a dispute that the two did not settle, for one of them, or as the rulebook lets"
        " a manager; where no appeal is left the credit is final. A customer is at once whose the"
        " verdict says: tracking, rank and unsold visits are his. Neither of the two decides, and"
        " nobody on the appeal against his own verdict. Action `dispute.decide`, on appeal"
        " `dispute.decide_appeal`.",
    )
    appeal_dispute: AppealDisputePayload = command(
        commands.appeal_dispute,
        orders(commands.AppealDispute, dispute_id="dispute"),
        AppealDisputeInput,
        AppealDisputePayload,
        the(dispute=Dispute),
        "Appeals, as one of the two, against the manager's verdict; the credit is nobody's again"
        " until it is decided. Refused where the rulebook hears none, and when its days are over."
        " Action `dispute.appeal`.",
    )
