"""A tenant's settings, words and calendar."""

import asyncio
from datetime import date
from uuid import UUID

import pytest
from builders.organisation import texts
from builders.tenants import TenantHandle

from service.errors import Forbidden, NotFound, Refusals, VersionConflict
from service.tenants.commands import (
    CalendarEntry,
    EditCalendar,
    EditTenant,
    EditTerms,
    Wording,
    edit_calendar,
    edit_tenant,
    edit_terms,
)
from service.tenants.texts import Texts

DAY = date(2026, 5, 9)


async def settings(tenant: TenantHandle) -> dict[str, object]:
    (row,) = await tenant.rows(
        "SELECT name, time_zone, phone_region, locale, version FROM app.tenant WHERE tenant_id = $1"
    )
    return row


async def test_the_administrator_changes_the_settings_he_names_and_no_others(
    tenant: TenantHandle,
) -> None:
    before = await settings(tenant)

    await tenant.do(edit_tenant, EditTenant(1, name="華庭集團", time_zone="Asia/Taipei"))

    assert await settings(tenant) == before | {
        "name": "華庭集團",
        "time_zone": "Asia/Taipei",
        "version": 2,
    }


async def test_of_two_edits_at_once_the_later_is_told(tenant: TenantHandle) -> None:
    results = await asyncio.gather(
        tenant.do(edit_tenant, EditTenant(1, name="甲")),
        tenant.do(edit_tenant, EditTenant(1, name="乙")),
        return_exceptions=True,
    )

    (refusal,) = (result for result in results if not isinstance(result, UUID))
    assert isinstance(refusal, VersionConflict)
    assert refusal.current_version == 2


async def test_a_rep_changes_no_settings(tenant: TenantHandle) -> None:
    rep = await tenant.member("安娜")

    for command, order in (
        (edit_tenant, EditTenant(1, name="x")),
        (edit_terms, EditTerms((Wording("visit", texts("x")),))),
        (edit_calendar, EditCalendar((CalendarEntry(DAY, True),))),
    ):
        with pytest.raises(Forbidden):
            await tenant.do(command, order, by=rep)  # type: ignore[arg-type]  # many kinds


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "華" * 10_000},
        {"time_zone": "Mars/Olympus"},
        {"phone_region": "XX"},
        {"locale": "tlh"},
    ],
)
async def test_settings_out_of_form_are_refused(
    tenant: TenantHandle, changes: dict[str, str]
) -> None:
    with pytest.raises(Refusals):
        await tenant.do(edit_tenant, EditTenant(1, **changes))


async def test_a_company_uses_its_own_words_and_another_keeps_its_own(
    tenant: TenantHandle, other: TenantHandle
) -> None:
    await tenant.do(edit_terms, EditTerms((Wording("site", texts("體驗中心")),)))

    sql = "SELECT names->>'en' AS word FROM app.term WHERE tenant_id = $1 AND code = 'site'"
    assert await tenant.rows(sql) == [{"word": "體驗中心"}]
    assert await other.rows(sql) == [{"word": "showroom"}]


async def test_words_for_things_there_are_not_are_refused(tenant: TenantHandle) -> None:
    with pytest.raises(NotFound):
        await tenant.do(edit_terms, EditTerms((Wording("starship", texts("x")),)))
    for terms in ((), (Wording("*", texts("x")),), (Wording("site", texts("x")),) * 2):
        with pytest.raises(Refusals):
            await tenant.do(edit_terms, EditTerms(terms))


async def test_a_day_is_set_changed_and_made_usual_again(tenant: TenantHandle) -> None:
    sql = "SELECT worked, reasons FROM app.calendar_day WHERE tenant_id = $1 AND day = $2"
    seen = []

    for worked, reason in ((True, "開盤"), (False, "搬遷"), (None, None)):
        await tenant.do(edit_calendar, EditCalendar((CalendarEntry(DAY, worked, reason),)))
        seen.append(await tenant.rows(sql, DAY))

    assert seen == [
        [{"worked": True, "reasons": {"zh-Hans": "開盤"}}],
        [{"worked": False, "reasons": {"zh-Hans": "搬遷"}}],
        [],
    ]


async def test_why_a_day_differs_is_said_in_all_languages(tenant: TenantHandle) -> None:
    entry = CalendarEntry(DAY, True, reasons=Texts("Opening", "開盤", "开盘"))

    await tenant.do(edit_calendar, EditCalendar((entry,)))

    sql = "SELECT reason, reasons FROM app.calendar_day WHERE tenant_id = $1 AND day = $2"
    assert await tenant.rows(sql, DAY) == [
        {"reason": "开盘", "reasons": {"en": "Opening", "zh-Hant": "開盤", "zh-Hans": "开盘"}}
    ]


async def test_a_day_is_named_once(tenant: TenantHandle) -> None:
    with pytest.raises(Refusals):
        await tenant.do(
            edit_calendar, EditCalendar((CalendarEntry(DAY, True), CalendarEntry(DAY, None)))
        )
