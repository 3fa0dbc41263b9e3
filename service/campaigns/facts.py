"""What commands need of a campaign, read beside what they read anyhow."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from service.campaigns.rules import Days, Reach
from service.database.session import Row
from service.identifiers import identifier
from service.policies.access import Record
from service.work import UnitOfWork

CAMPAIGN: Final = """
(SELECT jsonb_build_object('id', m.id, 'first_on', m.first_on, 'last_on', m.last_on,
    'cancelled_on', m.cancelled_on, 'territory_id', m.territory_id, 'site_ids', (
        SELECT coalesce(jsonb_agg(a.site_id), '[]') FROM app.campaign_site a
        WHERE a.tenant_id = $1::uuid AND a.campaign_id = m.id))
 FROM app.campaign m WHERE m.tenant_id = $1::uuid AND m.id = {campaign}::uuid)
"""
"""A campaign as `named_from` reads it; null where there is none of this id."""


@dataclass(frozen=True, slots=True)
class Named:
    """A campaign that a visit or a call names."""

    id: UUID
    days: Days
    reach: Reach


def named_from(work: UnitOfWork, found: Mapping[str, Any]) -> Named:
    """Return the campaign that `CAMPAIGN` found."""
    cancelled, territory = found["cancelled_on"], found["territory_id"]
    below = work.policy.territories.below(identifier(territory)) if territory else None
    return Named(
        identifier(found["id"]),
        Days(
            date.fromisoformat(found["first_on"]),
            date.fromisoformat(found["last_on"]),
            date.fromisoformat(cancelled) if cancelled else None,
        ),
        Reach(
            frozenset(map(identifier, found["site_ids"])),
            None if below is None else frozenset(below),
        ),
    )


async def named(work: UnitOfWork, campaign_id: UUID) -> Named | None:
    """Return a campaign by its id, or None."""
    text = f"SELECT {CAMPAIGN.format(campaign='$2')}"
    found = await work.fetch_value(text, work.tenant_id, campaign_id)
    return None if found is None else named_from(work, found)


def days_from(row: Row) -> Days:
    """Return the days of a campaign's row."""
    return Days(row["first_on"], row["last_on"], row["cancelled_on"])


def place_of(row: Any) -> Record:  # noqa: ANN401 - a row, or what becomes of one
    """Return what authorisation needs of a campaign."""
    return Record(row["owner_id"], row["org_unit_id"], row["within_territory_id"])
