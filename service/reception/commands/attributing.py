"""Which campaign brought a visit or a call is said later, or was said wrongly."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from service.calendar import day_of
from service.campaigns.commands import Touched, moved, require_running
from service.campaigns.errors import SameCampaign
from service.campaigns.facts import Named, named
from service.errors import FieldPath, NotFound
from service.organisation.facts import locked
from service.policies.access import Record
from service.reception.facts import sites
from service.reception.facts.visits import VisitFacts, visit
from service.reception.tables import CallRecord, Visit
from service.tenants.texts import line_faults, refuse_faults
from service.work import UnitOfWork

CAMPAIGN_FIELD: Final[FieldPath] = ("input", "campaignId")
_CALL: Final[FieldPath] = ("input", "callRecordId")
_LONGEST_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class AttributeVisit:
    """Say which campaign brought a visit; without one, that none did.

    Attributes:
        reason: why it is said now; it is kept.
    """

    visit_id: UUID
    reason: str
    campaign_id: UUID | None = None


async def attribute_visit(work: UnitOfWork, order: AttributeVisit) -> UUID:
    """Give a visit to another campaign, or to none, and return its id; locks it.

    It counts for the other from today on: figures of past days stay what they were.

    Raises:
        NotFound, Forbidden, SameCampaign, CampaignNotRunning, CampaignElsewhere, Refusals (form).
    """
    known = await visit(work, order.visit_id)
    place = Record(known.receiver_id, known.org_unit_id, known.territory_id)
    work.authorise("campaign.attribute", place)
    refuse_faults(line_faults(order.reason, ("input", "reason"), _LONGEST_REASON))
    what = touched_by(known)
    await _require(work, known.campaign_id, order.campaign_id, what)
    work.change(Visit, known.id, {"campaign_id": order.campaign_id})
    before, after = (known.campaign_id, known.party_id), (order.campaign_id, known.party_id)
    today, reason = known.today(work.now), order.reason.strip()
    moved(work, what, before, after, today=today, reason=reason)
    work.concerns(
        "visit", known.id, former=known.campaign_id, campaign=order.campaign_id, why=order.reason
    )
    return known.id


@dataclass(frozen=True, slots=True)
class AttributeCall:
    """Say which campaign made somebody call; without one, that none did.

    Attributes:
        reason: why it is said now; it is kept.
    """

    call_record_id: UUID
    reason: str
    campaign_id: UUID | None = None


async def attribute_call(work: UnitOfWork, order: AttributeCall) -> UUID:
    """Give a call to another campaign, or to none, and return its id; locks it.

    Raises:
        NotFound, Forbidden, SameCampaign, CampaignNotRunning, CampaignElsewhere, Refusals (form).
    """
    row = await locked(work, "call_record", order.call_record_id, _CALL)
    place = Record(row["taker_id"], row["org_unit_id"], row["territory_id"])
    work.authorise("campaign.attribute", place)
    refuse_faults(line_faults(order.reason, ("input", "reason"), _LONGEST_REASON))
    zone = ZoneInfo((await sites.site(work, row["site_id"])).time_zone)
    called_at = row["called_at"]
    what = Touched(
        called_at,
        day_of(called_at, zone),
        row["site_id"],
        row["territory_id"],
        call_id=row["id"],
    )
    await _require(work, row["campaign_id"], order.campaign_id, what)
    work.change(CallRecord, row["id"], {"campaign_id": order.campaign_id})
    before, after = (row["campaign_id"], None), (order.campaign_id, None)
    today, reason = day_of(work.now, zone), order.reason.strip()
    moved(work, what, before, after, today=today, reason=reason)
    work.concerns(
        "call", row["id"], former=row["campaign_id"], campaign=order.campaign_id, why=order.reason
    )
    return order.call_record_id


async def known_campaign(work: UnitOfWork, campaign_id: UUID) -> Named:
    """Return a campaign that is named.

    Raises:
        NotFound.
    """
    campaign = await named(work, campaign_id)
    if campaign is None:
        raise NotFound(field=CAMPAIGN_FIELD)
    return campaign


def touched_by(known: VisitFacts) -> Touched:
    """Return a visit as campaigns see it, whoever its customer is."""
    return Touched(
        known.arrived_at,
        known.reception_day,
        known.site_id,
        known.territory_id,
        visit_id=known.id,
    )


async def _require(
    work: UnitOfWork, former: UUID | None, campaign_id: UUID | None, what: Touched
) -> None:
    if campaign_id is not None:
        require_running(await known_campaign(work, campaign_id), what, CAMPAIGN_FIELD)
    if campaign_id == former:
        raise SameCampaign(field=CAMPAIGN_FIELD)
