"""What is done to campaigns over the API, and how visits and calls become theirs."""

from datetime import date
from typing import Final

import strawberry

from service.campaigns import commands
from service.campaigns.tables import CampaignKind
from service.reception import commands as reception
from service.schema.campaigns.types import Campaign, CampaignCost
from service.schema.carry import Payload, the
from service.schema.mutation import (
    CommandInput,
    command,
    given,
    optional,
    order_of,
    orders,
    required,
)
from service.schema.reception.types import CallRecord, Visit
from service.schema.scalars import CurrencyCode, LocalizedTextInput, MoneyInput

_EDIT: Final = "Action `campaign.edit`, where its owner is and everywhere it is for."
_RECORD: Final = "Action `campaign_cost.record`."
_ATTRIBUTE: Final = "Action `campaign.attribute`."
_VERSION: Final = "The version the caller has seen."
_SITES: Final = "The sites it is for, at most 200; none is all of its territory, or of the company."


@strawberry.input(description="A campaign is planned.")
class CreateCampaignInput(CommandInput):
    code: str = required(
        "Its code, 1 to 64 small letters, digits, dots, dashes or underscores; never another's."
    )
    names: LocalizedTextInput = required("Its name.")
    kind: CampaignKind = required("What is done.")
    first_on: date = required("Its first day; it may be over.")
    last_on: date = required("Its last day.")
    owner_id: strawberry.ID | None = optional("Who answers for it; left out, the caller.")
    territory_id: strawberry.ID | None = optional(
        "The territory whose sites it is for, with those below; left out, no limit."
    )
    site_ids: list[strawberry.ID] = strawberry.field(default_factory=list, description=_SITES)
    attribution_days: int | None = optional(
        "How many days after a visit or call of its a deal of that customer counts for it, 0 to"
        " 3,660; left out, for ever. It stays as it is."
    )
    budget: MoneyInput | None = optional("What it may cost, 0 to 10^13 minor units.")
    currency: CurrencyCode | None = optional(
        "Of its costs; left out, the budget's, else the company's."
    )


@strawberry.input(description="A campaign that is not over is changed; what is left out stays.")
class EditCampaignInput(CommandInput):
    campaign_id: strawberry.ID = required("The campaign.")
    expected_version: int = required(_VERSION)
    names: LocalizedTextInput | None = optional("Its name.")
    first_on: date | None = optional("Its first day, today or later; only before it has begun.")
    last_on: date | None = optional("Its last day, today or later.")
    owner_id: strawberry.ID | None = optional("Who answers for it.")
    territory_id: strawberry.ID | None = optional(
        "The territory whose sites it is for; null takes the limit away."
    )
    site_ids: list[strawberry.ID] | None = optional(_SITES)


@strawberry.input(description="A campaign brings nobody any more, from today on.")
class CancelCampaignInput(CommandInput):
    campaign_id: strawberry.ID = required("The campaign.")
    expected_version: int = required(_VERSION)
    reason: str = required("Why, 1 to 500 characters.")


@strawberry.input(description="What a campaign may cost from today on.")
class SetCampaignBudgetInput(CommandInput):
    campaign_id: strawberry.ID = required("The campaign.")
    budget: MoneyInput = required("0 to 10^13 minor units of the campaign's currency.")
    reason: str | None = optional("Why, 1 to 500 characters.")


@strawberry.input(description="Something was spent on a campaign.")
class RecordCampaignCostInput(CommandInput):
    campaign_id: strawberry.ID = required("The campaign.")
    amount: MoneyInput = required("1 to 10^13 minor units of the campaign's currency.")
    spent_on: date = required("The day of the bill, not after today.")
    purpose: str = required("What for, 1 to 200 characters.")


@strawberry.input(description="A cost was recorded wrongly.")
class ReverseCampaignCostInput(CommandInput):
    campaign_cost_id: strawberry.ID = required("The cost.")
    reason: str = required("Why, 1 to 200 characters.")


@strawberry.input(description="Which campaign brought a visit is said later, or was said wrongly.")
class AttributeVisitInput(CommandInput):
    visit_id: strawberry.ID = required("The visit.")
    campaign_id: strawberry.ID | None = optional("The campaign; left out or null, none.")
    reason: str = required("Why, 1 to 500 characters.")


@strawberry.input(description="Which campaign made somebody call is said later, or again.")
class AttributeCallInput(CommandInput):
    call_record_id: strawberry.ID = required("The call.")
    campaign_id: strawberry.ID | None = optional("The campaign; left out or null, none.")
    reason: str = required("Why, 1 to 500 characters.")


_OF_CAMPAIGN: Final = "`campaign` is null exactly when `errors` is not empty."
_OF_COST: Final = "`campaignCost` is null exactly when `errors` is not empty."


@strawberry.type(description=_OF_CAMPAIGN)
class _OfCampaign(Payload):
    campaign: Campaign | None = strawberry.field(default=None, description="The campaign.")


@strawberry.type(description=_OF_COST)
class _OfCost(Payload):
    campaign_cost: CampaignCost | None = strawberry.field(default=None, description="The line.")


@strawberry.type(description=_OF_CAMPAIGN)
class CreateCampaignPayload(_OfCampaign):
    pass


@strawberry.type(description=_OF_CAMPAIGN)
class EditCampaignPayload(_OfCampaign):
    pass


@strawberry.type(description=_OF_CAMPAIGN)
class CancelCampaignPayload(_OfCampaign):
    pass


@strawberry.type(description=_OF_CAMPAIGN)
class SetCampaignBudgetPayload(_OfCampaign):
    pass


@strawberry.type(description=_OF_COST)
class RecordCampaignCostPayload(_OfCost):
    pass


@strawberry.type(description=_OF_COST)
class ReverseCampaignCostPayload(_OfCost):
    pass


@strawberry.type(description="`visit` is null exactly when `errors` is not empty.")
class AttributeVisitPayload(Payload):
    visit: Visit | None = strawberry.field(default=None, description="The visit.")


@strawberry.type(description="`callRecord` is null exactly when `errors` is not empty.")
class AttributeCallPayload(Payload):
    call_record: CallRecord | None = strawberry.field(default=None, description="The call.")


_IDS: Final = {"owner_id": "member", "territory_id": "territory", "site_ids": "site"}
_ONE: Final = {"campaign_id": "campaign"}
_CAMPAIGN: Final = the("campaign.edit", campaign=Campaign)
_COST: Final = the("campaign_cost.record", campaign_cost=CampaignCost)


def _created(sent: CreateCampaignInput) -> commands.CreateCampaign:
    budget, more = given(sent.budget), {}
    if budget is not None:
        more = {"budget_minor": budget.amount_minor, "budget_currency": budget.currency}
    return order_of(commands.CreateCampaign, sent, _IDS, **more)


def _edited(sent: EditCampaignInput) -> commands.EditCampaign:
    return order_of(
        commands.EditCampaign, sent, {**_IDS, **_ONE}, everywhere=sent.territory_id is None
    )


def _budget(sent: SetCampaignBudgetInput) -> commands.SetCampaignBudget:
    amount = {"amount_minor": sent.budget.amount_minor, "currency": sent.budget.currency}
    return order_of(commands.SetCampaignBudget, sent, _ONE, **amount)


def _cost(sent: RecordCampaignCostInput) -> commands.RecordCampaignCost:
    amount = {"amount_minor": sent.amount.amount_minor, "currency": sent.amount.currency}
    return order_of(commands.RecordCampaignCost, sent, _ONE, **amount)


@strawberry.type
class CampaignsMutation:
    create_campaign: CreateCampaignPayload = command(
        commands.create_campaign,
        _created,
        CreateCampaignInput,
        CreateCampaignPayload,
        _CAMPAIGN,
        f"Plans a campaign; visits and calls of its days may name it. {_EDIT}",
    )
    edit_campaign: EditCampaignPayload = command(
        commands.edit_campaign,
        _edited,
        EditCampaignInput,
        EditCampaignPayload,
        _CAMPAIGN,
        "Changes a campaign that is not over. What it brought stays its, and where it was on a past"
        f" day never changes. {_EDIT}",
    )
    cancel_campaign: CancelCampaignPayload = command(
        commands.cancel_campaign,
        orders(commands.CancelCampaign, **_ONE),
        CancelCampaignInput,
        CancelCampaignPayload,
        _CAMPAIGN,
        "Lets a campaign bring nobody any more, from today on; its bills are still recorded."
        " Action `campaign.edit`.",
    )
    set_campaign_budget: SetCampaignBudgetPayload = command(
        commands.set_campaign_budget,
        _budget,
        SetCampaignBudgetInput,
        SetCampaignBudgetPayload,
        _CAMPAIGN,
        "Says what a campaign may cost from today on; figures of past days keep the former one."
        " Action `campaign.edit`.",
    )
    record_campaign_cost: RecordCampaignCostPayload = command(
        commands.record_campaign_cost,
        _cost,
        RecordCampaignCostInput,
        RecordCampaignCostPayload,
        _COST,
        "Adds what was spent on a campaign, before, while or after it ran. It counts from today on,"
        f" whenever it was spent. {_RECORD}",
    )
    reverse_campaign_cost: ReverseCampaignCostPayload = command(
        commands.reverse_campaign_cost,
        orders(commands.ReverseCampaignCost, campaign_cost_id="campaign_cost"),
        ReverseCampaignCostInput,
        ReverseCampaignCostPayload,
        _COST,
        f"Takes a cost back by a line of its own, from today on. {_RECORD}",
    )
    attribute_visit: AttributeVisitPayload = command(
        reception.attribute_visit,
        orders(reception.AttributeVisit, visit_id="visit", **_ONE),
        AttributeVisitInput,
        AttributeVisitPayload,
        the("campaign.attribute", visit=Visit),
        "Says later which campaign brought a visit, or that none did. It counts so from today on;"
        f" figures of past days stay. {_ATTRIBUTE}",
    )
    attribute_call: AttributeCallPayload = command(
        reception.attribute_call,
        orders(reception.AttributeCall, call_record_id="call_record", **_ONE),
        AttributeCallInput,
        AttributeCallPayload,
        the("campaign.attribute", call_record=CallRecord),
        "Says later which campaign made somebody call, or that none did. It counts so from today"
        f" on; figures of past days stay. {_ATTRIBUTE}",
    )
