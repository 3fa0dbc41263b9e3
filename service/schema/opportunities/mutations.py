"""What is done to opportunities and their stages over the API."""

from datetime import date
from typing import Final

import strawberry

from service.opportunities import commands
from service.opportunities.tables import ForecastCategory, OpportunityState
from service.schema.carry import Payload, the
from service.schema.mutation import CommandInput, command, optional, orders, required
from service.schema.opportunities.types import Opportunity, OpportunityStage
from service.schema.scalars import BigInt, LocalizedTextInput

_VERSION: Final = "The version the caller has seen."
_SEEN: Final = "The version the caller has seen; left out, whatever it is."
_CHANCE: Final = "How likely it is, 0 to 10,000 ten-thousandths"
_RECORD: Final = "Action `opportunity.record`."
_EDIT: Final = "Action `opportunity_stage.edit`."


@strawberry.input(description="A stage is added.")
class CreateOpportunityStageInput(CommandInput):
    code: str = required(
        "Its code, 1 to 64 small letters, digits or dashes; never used for another."
    )
    names: LocalizedTextInput = required("Its name.")
    position: int = required("Its place among the others, 0 to 1,000.")
    probability_basis_points: int = required(f"{_CHANCE}.")
    category: ForecastCategory = required("In which forecasts what stands in it counts.")


@strawberry.input(description="A stage is changed; opportunities in it keep their chance.")
class EditOpportunityStageInput(CommandInput):
    stage_id: strawberry.ID = required("The stage.")
    expected_version: int = required(_VERSION)
    names: LocalizedTextInput = required("Its name.")
    position: int = required("Its place among the others, 0 to 1,000.")
    probability_basis_points: int = required(f"{_CHANCE}.")
    category: ForecastCategory = required("In which forecasts what stands in it counts.")


@strawberry.input(description="A stage is used no more.")
class RetireOpportunityStageInput(CommandInput):
    stage_id: strawberry.ID = required("The stage.")
    expected_version: int = required(_VERSION)


@strawberry.input(description="An opportunity is opened.")
class CreateOpportunityInput(CommandInput):
    name: str = required("What it is called, 1 to 200 characters.")
    metric_id: strawberry.ID = required("What it would count toward: money or pieces, no ratio.")
    amount: BigInt = required("In whole units of the metric, 0 to 10^15.")
    stage_id: strawberry.ID = required("Where it stands.")
    expected_on: date = required("The day it is expected to count.")
    member_id: strawberry.ID | None = optional("Who has it; left out, the caller.")
    party_id: strawberry.ID | None = optional("The customer.")
    territory_id: strawberry.ID | None = optional(
        "Where it would count; left out, the customer's where conditions of the territories in"
        " force say it, else the member's own."
    )
    probability_basis_points: int | None = optional(f"{_CHANCE}; left out, the stage's.")
    category: ForecastCategory | None = optional(
        "In which forecasts it counts; left out, the stage's."
    )


@strawberry.input(description="An open opportunity is changed; what is left out stays.")
class ChangeOpportunityInput(CommandInput):
    opportunity_id: strawberry.ID = required("The opportunity.")
    expected_version: int | None = optional(_SEEN)
    name: str | None = optional("What it is called, 1 to 200 characters.")
    amount: BigInt | None = optional("In whole units of the metric, 0 to 10^15.")
    stage_id: strawberry.ID | None = optional(
        "Where it stands; it brings the stage's chance and category."
    )
    expected_on: date | None = optional("The day it is expected to count.")
    member_id: strawberry.ID | None = optional("Who has it; its place follows him.")
    party_id: strawberry.ID | None = optional("The customer.")
    territory_id: strawberry.ID | None = optional("Where it would count.")
    probability_basis_points: int | None = optional(f"{_CHANCE}.")
    category: ForecastCategory | None = optional("In which forecasts it counts.")


@strawberry.input(description="An opportunity ends.")
class CloseOpportunityInput(CommandInput):
    opportunity_id: strawberry.ID = required("The opportunity.")
    outcome: OpportunityState = required("How it ended: WON, LOST or ABANDONED.")
    reason: str | None = optional("Why, 1 to 500 characters; needed unless it is won.")
    expected_version: int | None = optional(_SEEN)


@strawberry.input(description="An opportunity is opened again.")
class ReopenOpportunityInput(CommandInput):
    opportunity_id: strawberry.ID = required("The opportunity.")
    expected_version: int | None = optional(_SEEN)


@strawberry.type(description="`opportunityStage` is null exactly when `errors` is not empty.")
class _OfStage(Payload):
    opportunity_stage: OpportunityStage | None = strawberry.field(
        default=None, description="The stage."
    )


@strawberry.type(description="`opportunity` is null exactly when `errors` is not empty.")
class _OfOpportunity(Payload):
    opportunity: Opportunity | None = strawberry.field(default=None, description="The opportunity.")


@strawberry.type(description="`opportunityStage` is null exactly when `errors` is not empty.")
class CreateOpportunityStagePayload(_OfStage):
    pass


@strawberry.type(description="`opportunityStage` is null exactly when `errors` is not empty.")
class EditOpportunityStagePayload(_OfStage):
    pass


@strawberry.type(description="`opportunityStage` is null exactly when `errors` is not empty.")
class RetireOpportunityStagePayload(_OfStage):
    pass


@strawberry.type(description="`opportunity` is null exactly when `errors` is not empty.")
class CreateOpportunityPayload(_OfOpportunity):
    pass


@strawberry.type(description="`opportunity` is null exactly when `errors` is not empty.")
class ChangeOpportunityPayload(_OfOpportunity):
    pass


@strawberry.type(description="`opportunity` is null exactly when `errors` is not empty.")
class CloseOpportunityPayload(_OfOpportunity):
    pass


@strawberry.type(description="`opportunity` is null exactly when `errors` is not empty.")
class ReopenOpportunityPayload(_OfOpportunity):
    pass


_STAGE: Final = the("opportunity_stage.edit", opportunity_stage=OpportunityStage)
_OPPORTUNITY: Final = the("opportunity.record", opportunity=Opportunity)
_IDS: Final = {
    "metric_id": "metric",
    "stage_id": "opportunity_stage",
    "member_id": "member",
    "party_id": "party",
    "territory_id": "territory",
}


@strawberry.type
class OpportunitiesMutation:
    create_opportunity_stage: CreateOpportunityStagePayload = command(
        commands.create_opportunity_stage,
        orders(commands.CreateOpportunityStage),
        CreateOpportunityStageInput,
        CreateOpportunityStagePayload,
        _STAGE,
        f"Adds a stage of opportunities. {_EDIT}",
    )
    edit_opportunity_stage: EditOpportunityStagePayload = command(
        commands.edit_opportunity_stage,
        orders(commands.EditOpportunityStage, stage_id="opportunity_stage"),
        EditOpportunityStageInput,
        EditOpportunityStagePayload,
        _STAGE,
        f"Changes a stage; opportunities that are in it keep the chance they were given. {_EDIT}",
    )
    retire_opportunity_stage: RetireOpportunityStagePayload = command(
        commands.retire_opportunity_stage,
        orders(commands.RetireOpportunityStage, stage_id="opportunity_stage"),
        RetireOpportunityStageInput,
        RetireOpportunityStagePayload,
        _STAGE,
        f"Lets no opportunity come to a stage any more; those in it stay. {_EDIT}",
    )
    create_opportunity: CreateOpportunityPayload = command(
        commands.create_opportunity,
        orders(commands.CreateOpportunity, **_IDS),
        CreateOpportunityInput,
        CreateOpportunityPayload,
        _OPPORTUNITY,
        f"Opens an opportunity: what it would bring, by when, and how likely. {_RECORD}",
    )
    change_opportunity: ChangeOpportunityPayload = command(
        commands.change_opportunity,
        orders(commands.ChangeOpportunity, opportunity_id="opportunity", **_IDS),
        ChangeOpportunityInput,
        ChangeOpportunityPayload,
        _OPPORTUNITY,
        f"Changes what is open from today on; boards of past days stay. {_RECORD}",
    )
    close_opportunity: CloseOpportunityPayload = command(
        commands.close_opportunity,
        orders(commands.CloseOpportunity, opportunity_id="opportunity"),
        CloseOpportunityInput,
        CloseOpportunityPayload,
        _OPPORTUNITY,
        f"Says how an opportunity ended; what counts of one won, the ledger says. {_RECORD}",
    )
    reopen_opportunity: ReopenOpportunityPayload = command(
        commands.reopen_opportunity,
        orders(commands.ReopenOpportunity, opportunity_id="opportunity"),
        ReopenOpportunityInput,
        ReopenOpportunityPayload,
        _OPPORTUNITY,
        f"Opens again what was closed too early. {_RECORD}",
    )
