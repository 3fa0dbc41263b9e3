"""What is done to registers, follow-ups, deals and claims."""

from datetime import date, datetime

import strawberry

from service.credits.commands import cancel_deal
from service.ownership import commands
from service.reception.commands import correct_registration
from service.schema.carry import Payload, the
from service.schema.mutation import CommandInput, command, optional, orders, required
from service.schema.ownership.types import Claim, Deal, FollowUp, RegisterBook, Registration


@strawberry.input(description="A contact with a registered customer.")
class RecordFollowUpInput(CommandInput):
    registration_id: strawberry.ID = required("The registration.")
    channel: str = required("By which way, a code of `followUpChannels`.")
    content: str = required("What was said, 1 to 4,000 characters.")
    connected: bool = strawberry.field(default=True, description="Whether he was reached.")
    stated_at: datetime | None = optional("When it was; evidence only, the receipt decides.")
    next_at: datetime | None = optional("When the next contact is planned.")


@strawberry.input(description="A new entry puts a follow-up right; the old one stays.")
class CorrectFollowUpInput(CommandInput):
    follow_up_id: strawberry.ID = required("The entry to put right.")
    channel: str = required("By which way, a code of `followUpChannels`.")
    content: str = required("What was said, 1 to 4,000 characters.")
    connected: bool = strawberry.field(default=True, description="Whether he was reached.")
    next_at: datetime | None = optional("When the next contact is planned.")


@strawberry.type(description="`followUp` is null exactly when `errors` is not empty.")
class RecordFollowUpPayload(Payload):
    follow_up: FollowUp | None = strawberry.field(default=None, description="The entry.")


@strawberry.type(description="`followUp` is null exactly when `errors` is not empty.")
class CorrectFollowUpPayload(Payload):
    follow_up: FollowUp | None = strawberry.field(default=None, description="The new entry.")


@strawberry.input(description="A new entry takes the place of a registration; the old one stays.")
class CorrectRegistrationInput(CommandInput):
    registration_id: strawberry.ID = required("The entry to put right.")
    remark: str = required("What was wrong, 1 to 2,000 characters.")
    party_id: strawberry.ID | None = optional("The right customer, if it was the wrong one.")


@strawberry.type(description="`registration` is null exactly when `errors` is not empty.")
class CorrectRegistrationPayload(Payload):
    registration: Registration | None = strawberry.field(default=None, description="The new entry.")


@strawberry.input(description="A member's register at a site is declared void.")
class VoidRegisterInput(CommandInput):
    member_id: strawberry.ID = required("Whose register.")
    site_id: strawberry.ID = required("At which site.")
    reason: str = required("Why, 1 to 2,000 characters.")
    registration_id: strawberry.ID | None = optional(
        "The false entry, if one is named; it alone falls where the rulebook says so."
    )
    first_day: date | None = optional(
        "First of the site's days whose entries are false, if days are named; they alone fall"
        " where the rulebook says so."
    )
    last_day: date | None = optional("Last of them; today when left out.")


@strawberry.type(description="`registerBook` is null exactly when `errors` is not empty.")
class VoidRegisterPayload(Payload):
    register_book: RegisterBook | None = strawberry.field(
        default=None, description="The register, void."
    )


@strawberry.input(description="A member claims the credit of a deal, or his manager for him.")
class FileClaimInput(CommandInput):
    deal_id: strawberry.ID = required("The deal.")
    registration_id: strawberry.ID | None = optional("On which registration he relies.")
    claimant_id: strawberry.ID | None = optional("Who claims; the caller when left out.")
    stated_same_customer: bool = strawberry.field(
        default=False,
        description="The caller vouches that the registered person is the buyer, or his kin as the"
        " claimant recorded; for others alone.",
    )
    evidence: str | None = optional("Up to 2,000 characters.")


@strawberry.type(description="`claim` is null exactly when `errors` is not empty.")
class FileClaimPayload(Payload):
    claim: Claim | None = strawberry.field(default=None, description="The claim, answered.")


@strawberry.input(description="A signed subscription falls through.")
class CancelDealInput(CommandInput):
    deal_id: strawberry.ID = required("The deal.")
    reason: str = required("Why, 1 to 2,000 characters.")
    cancelled_on: date | None = optional(
        "The site's day on which it did, from the signing on; today when left out."
    )
    restated: bool = strawberry.field(
        default=False,
        description="Whether what it counted is taken back on the day it counted, while no plan of"
        " that day is closed; otherwise on the day of the cancellation.",
    )


@strawberry.type(description="`deal` is null exactly when `errors` is not empty.")
class CancelDealPayload(Payload):
    deal: Deal | None = strawberry.field(default=None, description="The deal, cancelled.")


@strawberry.input(description="The contract of a deal is signed.")
class RecordContractInput(CommandInput):
    deal_id: strawberry.ID = required("The deal.")
    contracted_on: date | None = optional(
        "The site's day on which it was, from the deal's signing on; today when left out."
    )


@strawberry.type(description="`deal` is null exactly when `errors` is not empty.")
class RecordContractPayload(Payload):
    deal: Deal | None = strawberry.field(default=None, description="The deal, contracted.")


@strawberry.type
class OwnershipMutation:
    record_contract: RecordContractPayload = command(
        commands.record_contract,
        orders(commands.RecordContract, deal_id="deal"),
        RecordContractInput,
        RecordContractPayload,
        the(deal=Deal),
        "Records the contract of a deal, once. Where the rulebook counts the days to claim from"
        " the contract (`claim.deal_event: CONTRACT`) they begin with the receipt of this command;"
        " until then the deal may be claimed and its credit is not final. It counts toward"
        " metrics of contracts once the credit is final. Whoever takes part in the deal is told."
        " Action `deal.contract`.",
    )
    cancel_deal: CancelDealPayload = command(
        cancel_deal,
        orders(commands.CancelDeal, deal_id="deal"),
        CancelDealInput,
        CancelDealPayload,
        the(deal=Deal),
        "Records that a deal fell through: the buyer withdraws, does not pay, or it was entered"
        " wrongly. From then on nobody has credit of it and nothing counts it; what it counted is"
        " taken back by entries of the opposite sign, its open claims and dispute end, its customer"
        " is tracked again, and its visit may be sold anew. Whoever it concerns is told. It is not"
        " undone: a deal that stands after all is recorded anew. Action `deal.cancel`.",
    )
    record_follow_up: RecordFollowUpPayload = command(
        commands.record_follow_up,
        orders(commands.RecordFollowUp, registration_id="registration"),
        RecordFollowUpInput,
        RecordFollowUpPayload,
        the(follow_up=FollowUp),
        "Adds a contact to a registration, signed by the instant of its receipt. While the"
        " tracking is live the rulebook may start its days anew; the first one closes the task that"
        " was owed. Action `follow_up.record`.",
    )
    correct_follow_up: CorrectFollowUpPayload = command(
        commands.correct_follow_up,
        orders(commands.CorrectFollowUp, follow_up_id="follow_up"),
        CorrectFollowUpInput,
        CorrectFollowUpPayload,
        the(follow_up=FollowUp),
        "Adds an entry that puts an earlier one right; the earlier one stays, and no window moves."
        " Refused when it was corrected before. Action `follow_up.correct`.",
    )
    correct_registration: CorrectRegistrationPayload = command(
        correct_registration,
        orders(commands.CorrectRegistration, registration_id="registration", party_id="party"),
        CorrectRegistrationInput,
        CorrectRegistrationPayload,
        the(registration=Registration),
        "Adds an entry that takes the place of an earlier one, which stays and counts no more. For"
        " the same customer it keeps rank and window; another customer, or an entry that was not"
        " valid, is judged anew now. The visit it was made of goes to the other customer with it,"
        " unless it was sold. A customer out of the caller's sight is a missing one. Action"
        " `register.append`.",
    )
    void_register: VoidRegisterPayload = command(
        commands.void_register,
        orders(
            commands.VoidRegister,
            member_id="member",
            site_id="site",
            registration_id="registration",
        ),
        VoidRegisterInput,
        VoidRegisterPayload,
        the(register_book=RegisterBook),
        "Declares a member's register at a site false: all of it is void, or as the rulebook says"
        " the entry or the days named. No void entry protects him any more, pending claims that"
        " rest on it fail, the credit of those deals is decided again, and his private disputes go"
        " to the manager. Deals that are final stay; the case is kept (`penaltyCases`). Action"
        " `register.void`.",
    )
    file_claim: FileClaimPayload = command(
        commands.file_claim,
        orders(
            commands.FileClaim,
            deal_id="deal",
            registration_id="registration",
            claimant_id="member",
        ),
        FileClaimInput,
        FileClaimPayload,
        the(claim=Claim),
        "Asks for the credit of a deal whose buyer the caller was tracking. The answer is stored"
        " either way, with its reason; an admitted claim decides the credit again and tells the"
        " owner. Action `claim.file`; too late once the deal's claims have closed. A manager files"
        " it for a `claimantId` and may vouch that the buyer, under another name or number, is the"
        " person of the registration; it counts from that moment. Action `claim.vouch`, not for"
        " the claimant, the owner, or who has part of the credit.",
    )
