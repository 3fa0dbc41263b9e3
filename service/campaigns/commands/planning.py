"""A campaign is planned, changed while it is not over, and cancelled."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from service.campaigns.commands.costs import CAMPAIGN, budget_faults, budgeted
from service.campaigns.errors import CampaignIsOver
from service.campaigns.events import CampaignCancelled, CampaignChanged
from service.campaigns.facts import days_from, place_of
from service.campaigns.tables import Campaign, CampaignSite, CampaignState
from service.database.session import Row
from service.errors import InvalidInput, NotFound, Refusal
from service.money import is_currency
from service.organisation.codes import code_faults
from service.organisation.facts import locked, member, refuse_missing_place, refuse_other_version
from service.policies.access import Record
from service.tenants.texts import Texts, line_faults, refuse_faults
from service.work import UnitOfWork

_EDIT: Final = "campaign.edit"
_OVER: Final = frozenset({CampaignState.ENDED, CampaignState.CANCELLED})
_MOST_DAYS: Final = 3_660
_LONGEST_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class CreateCampaign:
    """Plan a campaign.

    Attributes:
        owner_id: who answers for it; the caller when left out.
        territory_id: the territory whose sites it is for.
        site_ids: the sites it is for; with none, all of the territory, or of the company.
        attribution_days: how long after a touch a deal counts for it; None is for ever.
        budget_minor, budget_currency: what it may cost, in its own currency.
        currency: of its costs; left out, the budget's, else the company's.
    """

    code: str
    names: Texts
    kind: str
    first_on: date
    last_on: date
    owner_id: UUID | None = None
    territory_id: UUID | None = None
    site_ids: tuple[UUID, ...] = ()
    attribution_days: int | None = None
    budget_minor: int | None = None
    budget_currency: str | None = None
    currency: str | None = None


async def create_campaign(work: UnitOfWork, order: CreateCampaign) -> UUID:
    """Plan the campaign and return its id. It may have begun already.

    Raises:
        Forbidden (where its owner is, and everywhere it is for), NotFound, AlreadyTaken (code),
        Refusals (form).
    """
    currency = order.currency or order.budget_currency or work.tenant.currency
    refuse_faults(_faults(order, currency))
    owner = await _owner(work, order.owner_id or work.caller.member_id)
    await refuse_missing_place(work, None, order.territory_id)
    places = await _places(work, order.site_ids)
    within = _within(work, order.territory_id, order.site_ids, places)
    work.authorise(_EDIT, Record(owner["id"], owner["org_unit_id"], within))
    _authorise_reach(work, order.territory_id, order.site_ids, places)
    campaign = Campaign(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        created_at=work.now,
        created_by=work.caller.member_id,
        code=order.code,
        names=order.names.by_locale(),
        kind=order.kind,
        first_on=order.first_on,
        last_on=order.last_on,
        owner_id=owner["id"],
        org_unit_id=owner["org_unit_id"],
        territory_id=order.territory_id,
        within_territory_id=within,
        currency=currency,
        attribution_days=order.attribution_days,
    )
    work.add(campaign)
    _add_sites(work, campaign.id, order.site_ids)
    if order.budget_minor is not None:
        budgeted(work, campaign.id, order.budget_minor, currency, None)
    work.concerns("campaign", campaign.id, code=campaign.code)
    work.emit(CampaignChanged(campaign.id))
    return campaign.id


@dataclass(frozen=True, slots=True)
class EditCampaign:
    """Change a campaign that is not over; what is left out stays.

    Attributes:
        site_ids: all sites it is for from now on; none for all of its territory.
        everywhere: it is for no territory alone any more.
    """

    campaign_id: UUID
    expected_version: int
    names: Texts | None = None
    first_on: date | None = None
    last_on: date | None = None
    owner_id: UUID | None = None
    territory_id: UUID | None = None
    everywhere: bool = False
    site_ids: tuple[UUID, ...] | None = None


async def edit_campaign(work: UnitOfWork, order: EditCampaign) -> UUID:
    """Change the campaign and return its id; locks it. What it brought stays its.

    Where it was on a past day never changes: one that has begun keeps its first day, and no day
    that is over becomes one of its days or stops being one.

    Raises:
        Forbidden (as it is, and as it becomes), NotFound, VersionConflict, CampaignIsOver,
        Refusals (form).
    """
    row = await locked(work, "campaign", order.campaign_id, CAMPAIGN)
    work.authorise(_EDIT, place_of(row))
    refuse_other_version(row, order.expected_version)
    refuse_faults(_edit_faults(work, row, order))
    changes = await _changes(work, order)
    sites = order.site_ids
    if sites is None:
        sites = tuple(each["site_id"] for each in await _sites(work, order.campaign_id))
    places = await _places(work, sites)
    territory_id = changes.get("territory_id", row["territory_id"])
    within = _within(work, territory_id, sites, places)
    if within != row["within_territory_id"]:
        changes["within_territory_id"] = within
    work.authorise(_EDIT, place_of({**dict(row), **changes}))
    if order.site_ids is not None or "territory_id" in changes:
        _authorise_reach(work, territory_id, sites, places)
    if order.site_ids is not None:
        former = await _sites(work, order.campaign_id)
        work.remove(CampaignSite, [one["id"] for one in former])
        # The links that go and those that come are not one statement's: a site may be in both.
        await work.flush()
        _add_sites(work, order.campaign_id, order.site_ids)
    work.change(Campaign, order.campaign_id, changes or {"names": row["names"]})
    work.concerns("campaign", order.campaign_id, **changes)
    work.emit(CampaignChanged(order.campaign_id))
    return order.campaign_id


@dataclass(frozen=True, slots=True)
class CancelCampaign:
    """A campaign brings nobody any more, from today on."""

    campaign_id: UUID
    expected_version: int
    reason: str


async def cancel_campaign(work: UnitOfWork, order: CancelCampaign) -> UUID:
    """Cancel the campaign and return its id; locks it. What it brought and cost stays its.

    Raises:
        Forbidden, NotFound, VersionConflict, CampaignIsOver, Refusals (form).
    """
    row = await locked(work, "campaign", order.campaign_id, CAMPAIGN)
    work.authorise(_EDIT, place_of(row))
    refuse_other_version(row, order.expected_version)
    refuse_faults(line_faults(order.reason, ("input", "reason"), _LONGEST_REASON))
    _refuse_over(work, row)
    changes = {"cancelled_on": work.today, "reason": order.reason.strip()}
    work.change(Campaign, order.campaign_id, changes)
    work.concerns("campaign", order.campaign_id, **changes)
    work.emit(CampaignCancelled(order.campaign_id))
    return order.campaign_id


def _refuse_over(work: UnitOfWork, row: Row) -> str:
    state = days_from(row).state_on(work.today)
    if state in _OVER:
        raise CampaignIsOver(state=state, field=CAMPAIGN)
    return state


async def _owner(work: UnitOfWork, member_id: UUID | None) -> Row:
    if member_id is None:
        raise NotFound(field=("input", "ownerId"))
    return await member(work, member_id, ("input", "ownerId"))


async def _changes(work: UnitOfWork, order: EditCampaign) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if order.owner_id is not None:
        owner = await _owner(work, order.owner_id)
        changes |= {"owner_id": owner["id"], "org_unit_id": owner["org_unit_id"]}
    if order.territory_id is not None or order.everywhere:
        await refuse_missing_place(work, None, order.territory_id)
        changes["territory_id"] = order.territory_id
    if order.names is not None:
        changes["names"] = order.names.by_locale()
    days = {"first_on": order.first_on, "last_on": order.last_on}
    return changes | {name: day for name, day in days.items() if day is not None}


async def _sites(work: UnitOfWork, campaign_id: UUID) -> Sequence[Row]:
    return await work.fetch(
        "SELECT id, site_id FROM app.campaign_site WHERE tenant_id = $1 AND campaign_id = $2",
        work.tenant_id,
        campaign_id,
    )


async def _places(work: UnitOfWork, site_ids: Sequence[UUID]) -> dict[UUID, Record]:
    """Return where sites are; what is none of the company's is left out."""
    rows = await work.fetch(
        "SELECT id, org_unit_id, territory_id FROM app.site"
        " WHERE tenant_id = $1 AND id = ANY($2::uuid[])",
        work.tenant_id,
        list(site_ids),
    )
    return {row["id"]: Record(None, row["org_unit_id"], row["territory_id"]) for row in rows}


def _within(
    work: UnitOfWork,
    territory_id: UUID | None,
    site_ids: Sequence[UUID],
    places: Mapping[UUID, Record],
) -> UUID | None:
    """Return the lowest territory that has all a campaign is for: whose manager's it is."""
    if territory_id is not None:
        return territory_id
    found = {places[one].territory_id if one in places else None for one in site_ids}
    known = {one for one in found if one is not None}
    return work.policy.territories.holding(known) if known == found else None


def _authorise_reach(
    work: UnitOfWork,
    territory_id: UUID | None,
    site_ids: Sequence[UUID],
    places: Mapping[UUID, Record],
) -> None:
    """Let the duties decide everywhere a campaign is for, not only where its owner is.

    Raises:
        Forbidden, NotFound (a site).
    """
    if not site_ids:
        place = Record() if territory_id is None else Record(territory_id=territory_id)
        work.authorise(_EDIT, place)
        return
    for position, site_id in enumerate(site_ids):
        if site_id not in places:
            raise NotFound(field=("input", "siteIds", str(position)))
        work.authorise(_EDIT, places[site_id])


def _add_sites(work: UnitOfWork, campaign_id: UUID, site_ids: Sequence[UUID]) -> None:
    for site_id in dict.fromkeys(site_ids):
        work.add(
            CampaignSite(
                tenant_id=work.tenant_id,
                id=work.new_id(),
                campaign_id=campaign_id,
                site_id=site_id,
            )
        )


def _faults(order: CreateCampaign, currency: str) -> Iterator[Refusal]:
    yield from code_faults(order.code)
    yield from order.names.faults(("input", "names"))
    yield from _days_faults(order.first_on, order.last_on)
    if order.attribution_days is not None and not 0 <= order.attribution_days <= _MOST_DAYS:
        field = ("input", "attributionDays")
        yield InvalidInput(field=field, expected="FROM_TO", least=0, most=_MOST_DAYS)
    if order.budget_minor is not None:
        budgets = order.budget_currency or currency
        yield from budget_faults(order.budget_minor, budgets, currency)
    given = (("currency",), order.currency), (("budget", "currency"), order.budget_currency)
    for within, code in given:
        if code is not None and not is_currency(code):
            yield InvalidInput(field=("input", *within), expected="CURRENCY")


def _days_faults(first_on: date, last_on: date) -> Iterator[Refusal]:
    if last_on < first_on:
        yield InvalidInput(field=("input", "lastOn"), expected="AFTER_START")


def _edit_faults(work: UnitOfWork, row: Row, order: EditCampaign) -> Iterator[Refusal]:
    state, day = _refuse_over(work, row), work.today
    if order.names is not None:
        yield from order.names.faults(("input", "names"))
    if order.first_on not in {None, row["first_on"]}:
        if state == CampaignState.RUNNING:
            choices = (row["first_on"].isoformat(),)
            yield InvalidInput(field=("input", "firstOn"), expected="ONE_OF", choices=choices)
        elif order.first_on is not None and order.first_on < day:
            yield InvalidInput(field=("input", "firstOn"), expected="NOT_IN_PAST")
    if order.last_on is not None and order.last_on < day:
        yield InvalidInput(field=("input", "lastOn"), expected="NOT_IN_PAST")
    yield from _days_faults(order.first_on or row["first_on"], order.last_on or row["last_on"])
