"""What a campaign may cost and what it did cost: lines that are only added to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from service.campaigns.errors import CampaignCostReversed
from service.campaigns.events import CampaignChanged, CampaignCostRecorded
from service.campaigns.facts import place_of
from service.campaigns.tables import CampaignBudget, CampaignCost
from service.database.session import Row
from service.errors import InvalidInput, NotFound, Refusal
from service.organisation.facts import locked
from service.tenants.texts import line_faults, refuse_faults
from service.work import UnitOfWork

CAMPAIGN: Final = ("input", "campaignId")
_COST: Final = ("input", "campaignCostId")
_GREATEST: Final = 10**13
_LONGEST_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class SetCampaignBudget:
    """Say what a campaign may cost, from today on.

    Attributes:
        amount_minor, currency: in the campaign's own currency.
    """

    campaign_id: UUID
    amount_minor: int
    currency: str
    reason: str | None = None


async def set_campaign_budget(work: UnitOfWork, order: SetCampaignBudget) -> UUID:
    """Keep the budget and return the campaign's id; locks it. Figures of past days keep theirs.

    Raises:
        Forbidden, NotFound, Refusals (form).
    """
    row = await locked(work, "campaign", order.campaign_id, CAMPAIGN)
    work.authorise("campaign.edit", place_of(row))
    faults = [*budget_faults(order.amount_minor, order.currency, row["currency"])]
    reason = None if order.reason is None else order.reason.strip()
    if reason is not None:
        faults += line_faults(reason, ("input", "reason"), _LONGEST_REASON)
    refuse_faults(faults)
    budgeted(work, order.campaign_id, order.amount_minor, order.currency, reason)
    work.concerns("campaign", order.campaign_id, budget=order.amount_minor)
    work.emit(CampaignChanged(order.campaign_id))
    return order.campaign_id


def budget_faults(amount_minor: int, currency: str, campaigns: str) -> Iterator[Refusal]:
    """Yield what is wrong with a budget: below nothing, beyond measure, another currency."""
    return _amount_faults(amount_minor, currency, campaigns, field="budget", least=0)


def _amount_faults(
    amount_minor: int, currency: str, campaigns: str, *, field: str, least: int
) -> Iterator[Refusal]:
    if not least <= amount_minor <= _GREATEST:
        at = ("input", field, "amountMinor")
        yield InvalidInput(field=at, expected="FROM_TO", least=least, most=_GREATEST)
    if currency != campaigns:
        at = ("input", field, "currency")
        yield InvalidInput(field=at, expected="ONE_OF", choices=(campaigns,))


def budgeted(
    work: UnitOfWork, campaign_id: UUID, amount_minor: int, currency: str, reason: str | None
) -> None:
    """Write a budget, which counts from today on."""
    work.add(
        CampaignBudget(
            tenant_id=work.tenant_id,
            id=work.new_id(),
            campaign_id=campaign_id,
            amount_minor=amount_minor,
            currency=currency,
            counted_on=work.today,
            recorded_at=work.now,
            recorded_by=work.caller.member_id,
            reason=reason,
        )
    )


@dataclass(frozen=True, slots=True)
class RecordCampaignCost:
    """Something was spent on a campaign, before, while or after it ran.

    Attributes:
        amount_minor, currency: in the campaign's own currency.
        spent_on: the day of the bill.
        purpose: what for.
    """

    campaign_id: UUID
    amount_minor: int
    currency: str
    spent_on: date
    purpose: str


async def record_campaign_cost(work: UnitOfWork, order: RecordCampaignCost) -> UUID:
    """Add the cost and return its id. It counts from today on, whenever it was spent.

    Raises:
        Forbidden, NotFound, Refusals (form).
    """
    row = await _campaign(work, order.campaign_id)
    work.authorise("campaign_cost.record", place_of(row))
    refuse_faults(_cost_faults(order, row["currency"], work.today))
    return _entered(
        work,
        CampaignCost(
            tenant_id=work.tenant_id,
            id=work.new_id(),
            campaign_id=order.campaign_id,
            amount_minor=order.amount_minor,
            currency=order.currency,
            spent_on=order.spent_on,
            purpose=order.purpose.strip(),
            counted_on=work.today,
            recorded_at=work.now,
            recorded_by=work.caller.member_id,
        ),
    )


def _cost_faults(order: RecordCampaignCost, campaigns: str, day: date) -> Iterator[Refusal]:
    yield from line_faults(order.purpose, ("input", "purpose"))
    yield from _amount_faults(
        order.amount_minor, order.currency, campaigns, field="amount", least=1
    )
    if order.spent_on > day:
        yield InvalidInput(field=("input", "spentOn"), expected="NOT_IN_FUTURE")


@dataclass(frozen=True, slots=True)
class ReverseCampaignCost:
    """A cost was recorded wrongly: a line takes it back, from today on.

    Attributes:
        reason: why; it is what the line is for.
    """

    campaign_cost_id: UUID
    reason: str


async def reverse_campaign_cost(work: UnitOfWork, order: ReverseCampaignCost) -> UUID:
    """Add the line that takes the cost back and return its id.

    Raises:
        Forbidden, NotFound, CampaignCostReversed, Refusals (form).
    """
    cost = await work.fetch_one(
        "SELECT * FROM app.campaign_cost WHERE tenant_id = $1 AND id = $2",
        work.tenant_id,
        order.campaign_cost_id,
    )
    if cost is None:
        raise NotFound(field=_COST)
    work.authorise("campaign_cost.record", place_of(await _campaign(work, cost["campaign_id"])))
    refuse_faults(line_faults(order.reason, ("input", "reason")))
    if cost["reverses_id"] is not None:
        raise CampaignCostReversed(field=_COST)
    return _entered(
        work,
        CampaignCost(
            tenant_id=work.tenant_id,
            id=work.new_id(),
            campaign_id=cost["campaign_id"],
            amount_minor=-cost["amount_minor"],
            currency=cost["currency"],
            spent_on=cost["spent_on"],
            purpose=order.reason.strip(),
            counted_on=work.today,
            recorded_at=work.now,
            recorded_by=work.caller.member_id,
            reverses_id=cost["id"],
        ),
    )


def _entered(work: UnitOfWork, cost: CampaignCost) -> UUID:
    work.add(cost)
    work.concerns("campaign_cost", cost.id, campaign=cost.campaign_id, amount=cost.amount_minor)
    work.emit(CampaignCostRecorded(cost.campaign_id, cost.id))
    return cost.id


async def _campaign(work: UnitOfWork, campaign_id: UUID) -> Row:
    row = await work.fetch_one(
        "SELECT owner_id, org_unit_id, within_territory_id, currency FROM app.campaign"
        " WHERE tenant_id = $1 AND id = $2",
        work.tenant_id,
        campaign_id,
    )
    if row is None:
        raise NotFound(field=CAMPAIGN)
    return row
