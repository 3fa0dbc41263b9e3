"""A template's rows as a new tenant's own: what the tenant has from then on is its to change."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from service.calendar import day_of
from service.inspections.tables import InspectionItem
from service.journal.entries import plain
from service.opportunities.tables import OpportunityStage
from service.organisation.tables import (
    Assignment,
    Duty,
    DutyPermission,
    Member,
    OrgUnit,
    Role,
    RoleDuty,
    RoleInclusion,
    SeparatedDuties,
)
from service.policies import policies_folder
from service.policies.rulebooks.packs import pack_document
from service.provisioning.duties import Obligation, Permission
from service.provisioning.sheets import Sheet, Words
from service.provisioning.templates import StartingNode, Template, WorkingDays
from service.reception.tables import RotationQueue, Site, SiteKind
from service.rulebooks.tables import RulebookState, RulebookVersion
from service.targets.tables import Metric as MetricRow
from service.targets.tables import MetricBusiness, MetricUnit
from service.tenants.tables import CalendarDay, Channel, Tenant, Term
from service.territories.tables import (
    Territory,
    TerritoryActivation,
    TerritoryModel,
    TerritoryPlace,
)
from service.work import UnitOfWork

ADMINISTRATOR = "tenant-admin"
_FIRST_MODEL = Words("First territories", "最初轄區", "最初辖区")
_SITE_KINDS = {
    "property-developer": SiteKind.SHOWROOM,
    "car-dealer": SiteKind.DEALERSHIP,
    "medical-device-distributor": SiteKind.REGION_OFFICE,
}


@dataclass(frozen=True, slots=True)
class Founding:
    """What a new tenant is called, who administers it, and when its records begin.

    Attributes:
        beginning: when its first rulebook and its administrator's office start; None means now.
    """

    code: str
    name: str
    admin_name: str
    admin_staff_code: str = "0001"
    beginning: datetime | None = None


@dataclass(frozen=True, slots=True)
class Provisioned:
    """The ids of what a new tenant starts with, by the codes of its template."""

    tenant_id: UUID
    admin_id: UUID
    rulebook_version_id: UUID
    units: Mapping[str, UUID]
    territories: Mapping[str, UUID]
    sites: Mapping[str, UUID]
    roles: Mapping[str, UUID]
    duties: Mapping[str, UUID]


def provision(work: UnitOfWork, template: Template, founding: Founding) -> Provisioned:
    """Give the unit of work's tenant everything of a template; written with the next flush.

    The tenant must not exist yet; making it twice meets its primary key.
    """
    return Copying(work, template, founding).everything()


class Copying:
    """One template, or what is missing of it, on its way into a tenant, all at one instant."""

    def __init__(self, work: UnitOfWork, template: Template, founding: Founding) -> None:
        self._work = work
        self._template = template
        self._founding = founding
        self._beginning = founding.beginning or work.now

    def everything(self) -> Provisioned:
        """Make a new tenant of it."""
        self._tenant()
        self._words_and_calendar()
        self.metrics()
        self.opportunity_stages()
        units, territories = self._units(), self._territories()
        sites = self._sites(units, territories)
        duties = self.duties()
        self.permissions(duties)
        self._separations(duties)
        roles = self._roles(duties)
        admin = self._administrator(roles, units, territories)
        return Provisioned(
            tenant_id=self._work.tenant_id,
            admin_id=admin,
            rulebook_version_id=self._rulebook(),
            units=units,
            territories=territories,
            sites=sites,
            roles=roles,
            duties=duties,
        )

    def _key(self) -> dict[str, Any]:
        return {"tenant_id": self._work.tenant_id, "id": self._work.new_id()}

    def _tenant(self) -> None:
        template, founding = self._template, self._founding
        self._work.add(
            Tenant(
                tenant_id=self._work.tenant_id,
                code=founding.code,
                name=founding.name,
                industry=template.code,
                time_zone=template.time_zone,
                phone_region=template.phone_region,
                currency=template.currency,
                locale=template.locale,
                settings=_settings(template),
                created_at=self._work.now,
            )
        )

    def _words_and_calendar(self) -> None:
        self.words(vocabulary(self._template))
        first_year = min(self._beginning, self._work.now).year
        for day, (worked, reasons) in calendar_days(self._template.calendar, first_year).items():
            self._work.add(
                CalendarDay(**self._key(), day=day, worked=worked, reasons=reasons.by_locale())
            )
        self.channels()
        self._inspection_items()

    def words(self, words: Mapping[str, Words]) -> None:
        """Give the tenant words of its own, by their codes."""
        for code, one in words.items():
            self._work.add(Term(**self._key(), code=code, names=one.by_locale()))

    def channels(self) -> None:
        """Give it the ways to the customer."""
        for channel in self._template.channels:
            self._work.add(
                Channel(
                    **self._key(),
                    code=channel.code,
                    kind=channel.kind,
                    names=channel.names.by_locale(),
                    created_at=self._work.now,
                )
            )

    def _inspection_items(self) -> None:
        for position, item in enumerate(self._template.inspection_items, 1):
            self._work.add(
                InspectionItem(
                    **self._key(),
                    code=item.code,
                    part=item.part,
                    position=position,
                    names=item.names.by_locale(),
                    created_at=self._work.now,
                )
            )

    def metrics(self) -> None:
        """Give it what targets may be set on."""
        for metric in self._template.metrics.values():
            in_money = metric.unit == MetricUnit.MONEY
            self._work.add(
                MetricRow(
                    **self._key(),
                    code=metric.code,
                    names=metric.names.by_locale(),
                    unit=metric.unit,
                    currency=self._template.currency if in_money else None,
                    direction=metric.direction,
                    counting_event=metric.event,
                    business=MetricBusiness.ALL.value,
                    product_codes=[],
                    new_only=metric.new_only,
                    created_at=self._work.now,
                )
            )

    def opportunity_stages(self, first: int = 1) -> None:
        """Give it the steps of opportunities, from a position on."""
        for position, stage in enumerate(self._template.opportunity_stages, first):
            self._work.add(
                OpportunityStage(
                    **self._key(),
                    code=stage.code,
                    names=stage.names.by_locale(),
                    position=position,
                    probability_basis_points=stage.probability,
                    category=stage.category,
                    created_at=self._work.now,
                )
            )

    def _units(self) -> dict[str, UUID]:
        ids = self._ids(self._template.org_units)
        first_day = day_of(self._beginning, ZoneInfo(self._template.time_zone))
        for node in self._template.org_units:
            self._work.add(
                OrgUnit(
                    tenant_id=self._work.tenant_id,
                    id=ids[node.code],
                    code=node.code,
                    kind=node.kind,
                    names=node.names.by_locale(),
                    parent_id=ids[node.parent] if node.parent else None,
                    valid_from=first_day,
                    created_at=self._work.now,
                )
            )
        return ids

    def _territories(self) -> dict[str, UUID]:
        ids = self._ids(self._template.territories)
        for node in self._template.territories:
            self._work.add(
                Territory(
                    tenant_id=self._work.tenant_id,
                    id=ids[node.code],
                    code=node.code,
                    dimension=node.kind,
                    names=node.names.by_locale(),
                    parent_id=ids[node.parent] if node.parent else None,
                    created_at=self._work.now,
                )
            )
        self._first_model(ids)
        return ids

    def _first_model(self, ids: Mapping[str, UUID]) -> None:
        """Draw the first territories, in force since the tenant began."""
        made = {"tenant_id": self._work.tenant_id, "created_at": self._work.now}
        model = TerritoryModel(
            **made, id=self._work.new_id(), code="first", names=_FIRST_MODEL.by_locale()
        )
        self._work.add(
            model,
            TerritoryActivation(
                **made,
                id=self._work.new_id(),
                territory_model_id=model.id,
                active_from=self._beginning,
            ),
        )
        for node in self._template.territories:
            self._work.add(
                TerritoryPlace(
                    **made,
                    id=self._work.new_id(),
                    territory_model_id=model.id,
                    territory_id=ids[node.code],
                    parent_id=ids[node.parent] if node.parent else None,
                )
            )

    def _ids(self, nodes: Iterable[StartingNode]) -> dict[str, UUID]:
        return {node.code: self._work.new_id() for node in nodes}

    def _sites(self, units: Mapping[str, UUID], territories: Mapping[str, UUID]) -> dict[str, UUID]:
        ids: dict[str, UUID] = {}
        for site in self._template.sites:
            row = Site(
                **self._key(),
                code=site.code,
                kind=_SITE_KINDS.get(self._template.code, SiteKind.SHOWROOM).value,
                names=site.names.by_locale(),
                time_zone=site.time_zone,
                phone_region=self._template.phone_region,
                org_unit_id=units[site.org_unit],
                territory_id=territories[site.territory],
                opens_at=min(hours.opens for hours in site.opening),
                closes_at=max(hours.closes for hours in site.opening),
                created_at=self._work.now,
            )
            today = day_of(self._work.now, ZoneInfo(site.time_zone))
            self._work.add(row, RotationQueue(**self._key(), site_id=row.id, day=today))
            ids[site.code] = row.id
        return ids

    def duties(self) -> dict[str, UUID]:
        """Give it the duties, without what they permit; returns their ids."""
        ids: dict[str, UUID] = {}
        for duty in self._template.duties.values():
            row = Duty(
                **self._key(),
                code=duty.code,
                wording=duty.wording.by_locale(),
                sources=list(duty.sources),
                metric=duty.metric,
                obligation=_obligation(duty.obligation),
                built_in=True,
                created_at=self._work.now,
            )
            self._work.add(row)
            ids[duty.code] = row.id
        return ids

    def permissions(self, duties: Mapping[str, UUID]) -> None:
        """Give the duties what they permit, and everybody the four-eyes rows."""
        for duty in self._template.duties.values():
            for permission in duty.permissions:
                self.permission(permission, duties[duty.code])
        for permission in self._template.four_eyes:
            self.permission(permission, None)

    def permission(self, permission: Permission, duty_id: UUID | None) -> None:
        """Give one duty, or by None everybody, one row."""
        self._work.add(
            DutyPermission(
                **self._key(),
                duty_id=duty_id,
                object=permission.object,
                action=permission.action,
                scope=permission.scope,
                limit=permission.limit,
                effect=permission.effect,
            )
        )

    def _separations(self, duties: Mapping[str, UUID]) -> None:
        for pair in self._template.separations:
            first, second = sorted((duties[pair.first], duties[pair.second]))
            self._work.add(
                SeparatedDuties(
                    **self._key(),
                    duty_id=first,
                    other_duty_id=second,
                    reason=pair.reason.by_locale(),
                )
            )

    def _roles(self, duties: Mapping[str, UUID]) -> dict[str, UUID]:
        ids = {code: self._work.new_id() for code in self._template.roles}
        for role in self._template.roles.values():
            self._work.add(
                Role(
                    tenant_id=self._work.tenant_id,
                    id=ids[role.code],
                    code=role.code,
                    names=role.names.by_locale(),
                    built_in=True,
                    created_at=self._work.now,
                )
            )
            for duty in role.duties:
                self._work.add(
                    RoleDuty(**self._key(), role_id=ids[role.code], duty_id=duties[duty])
                )
            for included in role.includes:
                self._work.add(
                    RoleInclusion(
                        **self._key(), role_id=ids[role.code], included_role_id=ids[included]
                    )
                )
        return ids

    def _administrator(
        self,
        roles: Mapping[str, UUID],
        units: Mapping[str, UUID],
        territories: Mapping[str, UUID],
    ) -> UUID:
        # The first node of each tree is its root.
        unit_id, territory_id = next(iter(units.values())), next(iter(territories.values()))
        member = Member(
            **self._key(),
            staff_code=self._founding.admin_staff_code,
            name=self._founding.admin_name,
            org_unit_id=unit_id,
            territory_id=territory_id,
            created_at=self._work.now,
        )
        self._work.add(
            member,
            Assignment(
                **self._key(),
                member_id=member.id,
                role_id=roles[ADMINISTRATOR],
                org_unit_id=unit_id,
                territory_id=territory_id,
                valid_from=self._beginning,
                created_at=self._work.now,
            ),
        )
        return member.id

    def _rulebook(self) -> UUID:
        document = pack_document(self._template.rulebook.pack)
        version = RulebookVersion(
            **self._key(),
            policy=document["policy"],
            number=1,
            state=RulebookState.PUBLISHED.value,
            document=document,
            overrides=dict(self._template.rulebook.parameters),
            effective_from=self._beginning,
            created_at=self._work.now,
        )
        self._work.add(version)
        return version.id


def calendar_days(calendar: WorkingDays, first_year: int) -> dict[date, tuple[bool, Words]]:
    """Return the days from a year on that differ from the usual week, with the reason of each.

    The statutory days are those the State Council has published; the template's own come on top.
    """
    days = {
        day: found
        for day, found in _statutory_days().items()
        if day.year >= first_year and found[0] is (day.weekday() in calendar.weekend)
    }
    return days | {one.day: (one.worked, one.reasons) for one in calendar.exceptions}


@cache
def _statutory_days() -> dict[date, tuple[bool, Words]]:
    sheet = Sheet.read(policies_folder() / "calendars", "mainland-china.yaml")
    named = sheet.sheet("holidays")
    words = {name: named.words(name) for name in named.entries}
    instead = sheet.words("worked_instead")
    # A server that makes no tenant today needs no calendar of twenty years.
    from chinese_calendar import constants  # noqa: PLC0415 - see above

    free = {day: (False, words[str(name)]) for day, name in constants.holidays.items()}
    return free | {
        day: (True, _filled(instead, words[str(name)])) for day, name in constants.workdays.items()
    }


def _filled(pattern: Words, holiday: Words) -> Words:
    return Words(
        pattern.en.format(holiday=holiday.en),
        pattern.zh_hant.format(holiday=holiday.zh_hant),
        pattern.zh_hans.format(holiday=holiday.zh_hans),
    )


def _obligation(obligation: Obligation | None) -> dict[str, Any] | None:
    if obligation is None:
        return None
    clock = dataclasses.asdict(obligation.clock)
    # Monday is 0, so only what is unset is left out.
    kept = {
        name: value for name, value in clock.items() if value is not None and value is not False
    }
    return {"kind": obligation.kind, "clock": kept, "evidence": obligation.evidence}


def _settings(template: Template) -> dict[str, Any]:
    calendar, key, privacy = template.calendar, template.customer_key, template.privacy
    return {
        "calendar": {"base": calendar.base, "weekend": list(calendar.weekend)},
        "customer_key": {
            "identified_by": list(key.identified_by),
            "within": key.within,
            "note": key.note.by_locale(),
        },
        "privacy": plain(privacy),
    }


def vocabulary(template: Template) -> dict[str, Words]:
    """Return every word of the template under one code each: terms, levels, relations, metrics."""
    words = dict(template.vocabulary)
    words |= {f"org_level.{level.code}": level.names for level in template.org_levels}
    words |= {f"territory.{one.code}": one.names for one in template.territory_dimensions}
    words |= {f"relation.{relation.code}": relation.names for relation in template.relations}
    words |= {f"metric.{metric.code}": metric.names for metric in template.metrics.values()}
    return words
