"""The tenant's own settings, words and calendar, changed by its administrator."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID
from zoneinfo import available_timezones

import phonenumbers

from service.errors import LOCALES, FieldPath, InvalidInput, NotFound, Refusal, VersionConflict
from service.policies.access import Record
from service.tenants.errors import NoTrustedDocuments
from service.tenants.texts import Texts, line_faults, refuse_faults
from service.work import UnitOfWork

_MOST_AT_ONCE = 400
_TERM = re.compile(r"[a-z][A-Za-z0-9_.-]{0,79}", re.ASCII)


@dataclass(frozen=True, slots=True)
class EditTenant:
    """Change the company's settings; what is None stays. The currency is for ever.

    Attributes:
        alert_pace_basis_points: below which share of what is expected a target is behind.
        alert_pace_days: on how many working days in a row.
        alert_idle_days: after how many working days without anything a representative is idle.
    """

    expected_version: int
    name: str | None = None
    time_zone: str | None = None
    phone_region: str | None = None
    locale: str | None = None
    trusted_documents_only: bool | None = None
    alert_pace_basis_points: int | None = None
    alert_pace_days: int | None = None
    alert_idle_days: int | None = None


# The words of `settings.alerts`: how the API names each, and the most it may be.
_ALERTS = {
    "pace_basis_points": ("alertPaceBasisPoints", 10_000),
    "pace_days": ("alertPaceDays", 20),
    "idle_days": ("alertIdleDays", 20),
}
_SETTINGS = {
    "name": "text",
    "time_zone": "text",
    "phone_region": "text",
    "locale": "text",
    "trusted_documents_only": "boolean",
}


async def edit_tenant(work: UnitOfWork, order: EditTenant) -> UUID:
    """Change the settings and return the tenant's id; locks the tenant.

    Raises:
        Forbidden, VersionConflict, NoTrustedDocuments, Refusals (form).
    """
    work.authorise("tenant.edit", Record())
    refuse_faults(_setting_faults(order))
    if order.trusted_documents_only:
        refuse_without_documents(work, ("input", "trustedDocumentsOnly"))
    version = await work.fetch_value(
        "SELECT version FROM app.tenant WHERE tenant_id = $1 FOR NO KEY UPDATE", work.tenant_id
    )
    if version != order.expected_version:
        raise VersionConflict(field=("input", "expectedVersion"), current_version=version)
    changes = {name: getattr(order, name) for name in _SETTINGS if getattr(order, name) is not None}
    sets = "".join(f", {name} = {{}}::{_SETTINGS[name]}" for name in changes)
    alerts = {
        word: value for word in _ALERTS if (value := getattr(order, f"alert_{word}")) is not None
    }
    if alerts:
        sets += (
            ", settings = settings || jsonb_build_object('alerts',"
            " coalesce(settings->'alerts', '{{}}') || {}::jsonb)"
        )
    work.write(
        "tenant",
        f"UPDATE app.tenant SET version = version + 1{sets} WHERE tenant_id = {{}}::uuid",
        *changes.values(),
        *([alerts] if alerts else []),
        work.tenant_id,
        expected=1,
    )
    work.concerns("tenant", work.tenant_id, **changes, **alerts)
    return work.tenant_id


def refuse_without_documents(work: UnitOfWork, field: FieldPath) -> None:
    """Keep a company from being shut out: restricted to documents, where there are none.

    Raises:
        NoTrustedDocuments.
    """
    if not work.installation.trusted_documents:
        raise NoTrustedDocuments(field=field)


@dataclass(frozen=True, slots=True)
class Wording:
    """The company's word for a thing or a state."""

    code: str
    names: Texts


@dataclass(frozen=True, slots=True)
class EditTerms:
    """Give things the company's own names. Only things there are: a term is never added."""

    terms: tuple[Wording, ...]


async def edit_terms(work: UnitOfWork, order: EditTerms) -> UUID:
    """Change words and return the tenant's id.

    Raises:
        Forbidden, NotFound (a term), Refusals (form).
    """
    work.authorise("tenant.edit", Record())
    refuse_faults(_term_faults(order.terms))
    codes = [term.code for term in order.terms]
    rows = await work.fetch(
        "SELECT code, id FROM app.term WHERE tenant_id = $1 AND code = ANY($2::text[])"
        " ORDER BY code FOR NO KEY UPDATE",
        work.tenant_id,
        codes,
    )
    ids = {row["code"]: row["id"] for row in rows}
    for position, code in enumerate(codes):
        if code not in ids:
            raise NotFound(field=("input", "terms", str(position), "code"))
    work.write(
        "term",
        "UPDATE app.term t SET names = w.names"
        " FROM jsonb_to_recordset({}::jsonb) AS w (id uuid, names jsonb)"
        " WHERE t.tenant_id = {}::uuid AND t.id = w.id",
        [{"id": str(ids[one.code]), "names": one.names.by_locale()} for one in order.terms],
        work.tenant_id,
        expected=len(codes),
    )
    work.concerns("tenant", work.tenant_id, terms=codes)
    return work.tenant_id


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """A day that differs from the usual week; `worked` None makes it usual again.

    Attributes:
        reason: why, in the tenant's language alone.
        reasons: why, in all languages; it comes before `reason`.
    """

    day: date
    worked: bool | None
    reason: str | None = None
    reasons: Texts | None = None


@dataclass(frozen=True, slots=True)
class EditCalendar:
    """Set days that differ from the usual week, for windows counted in working days (TM-3)."""

    days: tuple[CalendarEntry, ...]


async def edit_calendar(work: UnitOfWork, order: EditCalendar) -> UUID:
    """Change the calendar and return the tenant's id; windows already closed stay closed.

    Raises:
        Forbidden, Refusals (form).
    """
    work.authorise("tenant.edit", Record())
    refuse_faults(_day_faults(order.days))
    # What a day was is kept: a board of a past day goes by the calendar of then.
    work.write(
        "calendar_day_change",
        "INSERT INTO app.calendar_day_change (tenant_id, day, former, recorded_at)"
        " SELECT {0}::uuid, w.day, c.worked, {2}::timestamptz FROM unnest({1}::date[]) w (day)"
        " LEFT JOIN app.calendar_day c ON c.tenant_id = {0}::uuid AND c.day = w.day",
        work.tenant_id,
        [entry.day for entry in order.days],
        work.now,
    )
    usual = [entry.day for entry in order.days if entry.worked is None]
    if usual:
        work.write(
            "calendar_day",
            "DELETE FROM app.calendar_day WHERE tenant_id = {}::uuid AND day = ANY({}::date[])",
            work.tenant_id,
            usual,
        )
    for entry in order.days:
        if entry.worked is not None:
            reasons = _reasons(entry, work.tenant.locale)
            work.write(
                "calendar_day",
                "INSERT INTO app.calendar_day (tenant_id, id, day, worked, reason, reasons)"
                " VALUES ({}::uuid, {}::uuid, {}::date, {}::boolean, {}::text, {}::jsonb)"
                " ON CONFLICT (tenant_id, day) DO UPDATE SET worked = excluded.worked,"
                " reason = excluded.reason, reasons = excluded.reasons",
                work.tenant_id,
                work.new_id(),
                entry.day,
                entry.worked,
                (reasons or {}).get(work.tenant.locale),
                reasons,
                expected=1,
            )
    work.concerns("tenant", work.tenant_id, days=[str(entry.day) for entry in order.days])
    return work.tenant_id


def _reasons(entry: CalendarEntry, locale: str) -> dict[str, str] | None:
    if entry.reasons is not None:
        return entry.reasons.by_locale()
    return None if entry.reason is None else {locale: entry.reason.strip()}


def _setting_faults(order: EditTenant) -> Iterator[Refusal]:
    if order.name is not None:
        yield from line_faults(order.name, ("input", "name"))
    if order.time_zone is not None and order.time_zone not in available_timezones():
        yield InvalidInput(field=("input", "timeZone"), expected="TIME_ZONE")
    regions = phonenumbers.SUPPORTED_REGIONS
    if order.phone_region is not None and order.phone_region not in regions:
        yield InvalidInput(field=("input", "phoneRegion"), expected="PHONE_REGION")
    if order.locale is not None and order.locale not in LOCALES:
        yield InvalidInput(field=("input", "locale"), expected="ONE_OF", choices=LOCALES)
    for word, (name, most) in _ALERTS.items():
        value = getattr(order, f"alert_{word}")
        if value is not None and not 1 <= value <= most:
            yield InvalidInput(field=("input", name), expected="FROM_TO", least=1, most=most)


def _term_faults(terms: tuple[Wording, ...]) -> Iterator[Refusal]:
    field = ("input", "terms")
    if not 1 <= len(terms) <= _MOST_AT_ONCE:
        yield InvalidInput(field=field, expected="ENTRIES", least=1, most=_MOST_AT_ONCE)
        return
    seen: set[str] = set()
    for position, term in enumerate(terms):
        place = (*field, str(position))
        if _TERM.fullmatch(term.code) is None or term.code in seen:
            yield InvalidInput(field=(*place, "code"), expected="TERM_CODE_ONCE")
        seen.add(term.code)
        yield from term.names.faults((*place, "names"))


def _day_faults(days: tuple[CalendarEntry, ...]) -> Iterator[Refusal]:
    field = ("input", "days")
    if not 1 <= len(days) <= _MOST_AT_ONCE:
        yield InvalidInput(field=field, expected="ENTRIES", least=1, most=_MOST_AT_ONCE)
        return
    seen: set[date] = set()
    for position, entry in enumerate(days):
        if entry.day in seen:
            yield InvalidInput(field=(*field, str(position), "day"), expected="EACH_ONCE")
        seen.add(entry.day)
        if entry.reason is not None:
            yield from line_faults(entry.reason, (*field, str(position), "reason"))
        if entry.reasons is not None:
            yield from entry.reasons.faults((*field, str(position), "reasons"))
