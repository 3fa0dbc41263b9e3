"""A visit or a call becomes a campaign's: lines that ride along with its own command."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from service.campaigns.errors import CampaignElsewhere, CampaignNotRunning
from service.campaigns.events import CampaignTouched
from service.campaigns.facts import Named
from service.campaigns.tables import CampaignTouch
from service.errors import FieldPath
from service.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Touched:
    """A visit or a call that a campaign may have brought.

    Attributes:
        party_id: the visit's customer, as far as he is known; None of a call.
        at, on: the arrival or the call, and the site's day of it.
        site_id, territory_id: where.
    """

    at: datetime
    on: date
    site_id: UUID
    territory_id: UUID | None
    visit_id: UUID | None = None
    call_id: UUID | None = None
    party_id: UUID | None = None


def require_running(campaign: Named, what: Touched, field: FieldPath) -> None:
    """Refuse a campaign that cannot have brought a visit or a call.

    Raises:
        CampaignNotRunning: not on that day.
        CampaignElsewhere: not to that site.
    """
    days = campaign.days
    if not days.brings_on(what.on):
        raise CampaignNotRunning(
            day=what.on.isoformat(),
            first_day=days.first_on.isoformat(),
            last_day=days.ran_to.isoformat(),
            field=field,
        )
    if not campaign.reach.has(what.site_id, what.territory_id):
        raise CampaignElsewhere(field=field)


def touched(work: UnitOfWork, campaign_id: UUID, what: Touched) -> None:
    """Write that a campaign brought it, as it is recorded."""
    _line(work, (campaign_id, what.party_id), what, sign=1, counted_on=what.on)


def moved(
    work: UnitOfWork,
    what: Touched,
    before: tuple[UUID | None, UUID | None],
    after: tuple[UUID | None, UUID | None],
    *,
    today: date,
    reason: str | None = None,
) -> None:
    """Take back the line that stands, and write the one that is right.

    Args:
        work: the unit of work.
        what: the visit or call.
        before: the campaign and the customer as they stand.
        after: the same as they are right.
        today: the site's day.
        reason: why, where somebody corrects it.
    """
    for sign, (campaign_id, party_id) in ((-1, before), (1, after)):
        if campaign_id is not None:
            whose = (campaign_id, party_id)
            _line(work, whose, what, sign=sign, counted_on=today, reason=reason)


def _line(
    work: UnitOfWork,
    whose: tuple[UUID, UUID | None],
    what: Touched,
    *,
    sign: int,
    counted_on: date,
    reason: str | None = None,
) -> None:
    campaign_id, party_id = whose
    work.add(
        CampaignTouch(
            tenant_id=work.tenant_id,
            id=work.new_id(),
            campaign_id=campaign_id,
            visit_id=what.visit_id,
            call_id=what.call_id,
            party_id=party_id,
            sign=sign,
            touched_at=what.at,
            touched_on=what.on,
            counted_on=counted_on,
            recorded_at=work.now,
            recorded_by=work.caller.member_id,
            reason=reason,
        )
    )
    work.emit(CampaignTouched(campaign_id, what.visit_id, what.call_id, sign))
