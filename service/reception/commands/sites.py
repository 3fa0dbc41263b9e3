"""Commands on sites."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers

from service.calendar import day_of
from service.errors import InvalidInput, Refusals, VersionConflict
from service.policies.access import Record
from service.reception.events import SiteCreated, SiteEdited
from service.reception.facts import sites as facts
from service.reception.tables import RotationQueue, Site, SiteKind
from service.work import UnitOfWork

_LONGEST_CODE = 64


@dataclass(frozen=True, slots=True)
class CreateSite:
    """A place of reception is opened; its queue comes with it.

    Attributes:
        kind: a word of SiteKind.
        time_zone: cuts its days, for ever: windows and queues are counted in it.
        manager_id: receives when no rep is on duty (RR-15).
    """

    code: str
    kind: str
    names: Mapping[str, str]
    time_zone: str
    phone_region: str
    org_unit_id: UUID
    opens_at: time
    closes_at: time
    territory_id: UUID | None = None
    manager_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class EditSite:
    """A site's settings are changed; None leaves a setting as it is."""

    site_id: UUID
    expected_version: int
    names: Mapping[str, str] | None = None
    phone_region: str | None = None
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    manager_id: UUID | None = None
    opens_at: time | None = None
    closes_at: time | None = None


async def create_site(work: UnitOfWork, order: CreateSite) -> UUID:
    """Open a site with its empty queue and return its id.

    Raises NotFound, Forbidden, InvalidInput (all faults together), or AlreadyTaken.
    """
    work.authorise("site.create", Record(None, order.org_unit_id, order.territory_id))
    _check_site(order)
    await facts.require(
        work,
        org_unit=order.org_unit_id,
        territory=order.territory_id,
        manager=order.manager_id,
    )
    site = Site(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        created_at=work.now,
        created_by=work.caller.member_id,
        code=order.code,
        kind=order.kind,
        names=dict(order.names),
        time_zone=order.time_zone,
        phone_region=order.phone_region,
        org_unit_id=order.org_unit_id,
        territory_id=order.territory_id,
        manager_id=order.manager_id,
        opens_at=order.opens_at,
        closes_at=order.closes_at,
    )
    work.add(site)
    work.add(
        RotationQueue(
            tenant_id=work.tenant_id,
            id=work.new_id(),
            site_id=site.id,
            day=day_of(work.now, ZoneInfo(order.time_zone)),
        )
    )
    work.concerns("site", site.id, code=order.code)
    work.emit(SiteCreated(site.id))
    return site.id


async def edit_site(work: UnitOfWork, order: EditSite) -> UUID:
    """Change a site's settings and return its id; locks the site.

    Raises NotFound, Forbidden, InvalidInput, or VersionConflict.
    """
    site = await facts.site(work, order.site_id, locked=True)
    work.authorise("site.edit", site.record())
    if site.version != order.expected_version:
        raise VersionConflict(current_version=site.version, field=("input", "expectedVersion"))
    if order.phone_region is not None:
        known = order.phone_region in phonenumbers.SUPPORTED_REGIONS
        _check(known, InvalidInput(field=("input", "phoneRegion"), expected="PHONE_REGION"))
    await facts.require(
        work,
        org_unit=order.org_unit_id,
        territory=order.territory_id,
        manager=order.manager_id,
    )
    wanted = {
        "names": dict(order.names) if order.names else None,
        "phone_region": order.phone_region,
        "org_unit_id": order.org_unit_id,
        "territory_id": order.territory_id,
        "manager_id": order.manager_id,
        "opens_at": order.opens_at,
        "closes_at": order.closes_at,
    }
    changes = {column: value for column, value in wanted.items() if value is not None}
    work.change(Site, site.id, changes)
    work.concerns("site", site.id, changed=sorted(changes))
    work.emit(SiteEdited(site.id))
    return site.id


def _check_site(order: CreateSite) -> None:
    """Refuse what a site cannot be made of, all of it together."""
    kinds = tuple(kind.value for kind in SiteKind)
    faults = [
        (
            1 <= len(order.code) <= _LONGEST_CODE,
            InvalidInput(
                field=("input", "code"), expected="CHARACTERS", least=1, most=_LONGEST_CODE
            ),
        ),
        (
            order.kind in kinds,
            InvalidInput(field=("input", "kind"), expected="ONE_OF", choices=kinds),
        ),
        (
            bool(order.names),
            InvalidInput(field=("input", "names"), expected="SOME_LANGUAGE"),
        ),
        (
            order.time_zone in available_timezones(),
            InvalidInput(field=("input", "timeZone"), expected="TIME_ZONE"),
        ),
        (
            order.phone_region in phonenumbers.SUPPORTED_REGIONS,
            InvalidInput(field=("input", "phoneRegion"), expected="PHONE_REGION"),
        ),
    ]
    refused = [refusal for fits, refusal in faults if not fits]
    if refused:
        raise Refusals(refused)


def _check(fits: bool, refusal: InvalidInput) -> None:
    if not fits:
        raise refusal
