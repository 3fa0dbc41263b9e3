"""When a version begins and ends: by the site's midnight, for the company or a site alone."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from builders.drafts import FIRST_OF_APRIL, MIDNIGHT, UNSIMULATED, a_draft, published, submitted
from builders.tenants import TenantHandle

from service.clock import ManualClock
from service.errors import Forbidden, InvalidInput
from service.rulebooks.commands import (
    ApproveDraft,
    CancelVersion,
    CreateDraft,
    EndVersion,
    SubmitDraft,
    approve_draft,
    cancel_version,
    create_draft,
    end_version,
    submit_draft,
)
from service.rulebooks.errors import (
    PublishedInThePast,
    VersionBegun,
    VersionNotOfSite,
)
from service.rulebooks.in_force import in_force
from service.work import Transactions

INSTANT = timedelta(milliseconds=1)


async def days_at(
    transactions: Transactions, tenant: TenantHandle, at: datetime, site: UUID | None = None
) -> int:
    async with transactions.sight(tenant.caller()) as sight:
        found = await in_force(sight, at, site)
    return int(str(found.rulebook.parameter("tracking.days")))


async def test_what_another_approves_decides_from_the_sites_midnight_on(
    transactions: Transactions, tenant: TenantHandle, director: UUID
) -> None:
    await published(tenant, director, 10, FIRST_OF_APRIL)

    for site in (None, tenant.site_id):
        assert await days_at(transactions, tenant, MIDNIGHT - INSTANT, site) == 7
        assert await days_at(transactions, tenant, MIDNIGHT, site) == 10


async def test_a_company_wide_day_begins_at_each_sites_own_midnight(
    transactions: Transactions, tenant: TenantHandle, director: UUID
) -> None:
    site = tenant.site_id

    async def to_berlin(work: object) -> None:
        work.write(  # type: ignore[attr-defined]
            "site",
            "UPDATE app.site SET time_zone = 'Europe/Berlin' WHERE tenant_id = {}::uuid",
            tenant.id,
            expected=1,
        )

    await transactions.internally(tenant.id, "move", to_berlin)
    await published(tenant, director, 10, FIRST_OF_APRIL)
    berlin = datetime(2026, 3, 31, 22, tzinfo=UTC)

    assert await days_at(transactions, tenant, MIDNIGHT) == 10
    assert await days_at(transactions, tenant, berlin - INSTANT, site) == 7
    assert await days_at(transactions, tenant, berlin, site) == 10


async def test_nothing_begins_on_a_day_that_has_begun(
    tenant: TenantHandle, director: UUID, clock: ManualClock
) -> None:
    draft_id = await a_draft(tenant)
    today = date(2026, 3, 2)
    with pytest.raises(PublishedInThePast):
        await tenant.do(submit_draft, SubmitDraft(draft_id, 2, today, UNSIMULATED))
    with pytest.raises(InvalidInput) as raised:
        await tenant.do(submit_draft, SubmitDraft(draft_id, 2, date(9999, 12, 31), UNSIMULATED))
    assert raised.value.expected == "WITHIN_TEN_YEARS"
    seen = await submitted(tenant, draft_id, date(2026, 3, 3))
    clock.advance(timedelta(days=2))

    with pytest.raises(PublishedInThePast):
        await tenant.do(approve_draft, ApproveDraft(draft_id, seen), by=director)
    later = ApproveDraft(draft_id, seen, effective_on=FIRST_OF_APRIL)
    await tenant.do(approve_draft, later, by=director)


async def test_a_version_to_come_is_cancelled_and_the_one_before_goes_on(
    transactions: Transactions, tenant: TenantHandle, director: UUID, clock: ManualClock
) -> None:
    version_id = await published(tenant, director, 10, FIRST_OF_APRIL)

    await tenant.do(cancel_version, CancelVersion(version_id, "Not this quarter."))

    assert await days_at(transactions, tenant, MIDNIGHT) == 7
    begun = await published(tenant, director, 11, date(2026, 3, 3))
    clock.advance(timedelta(days=1))
    with pytest.raises(VersionBegun):
        await tenant.do(cancel_version, CancelVersion(begun, "Too late."))


async def test_going_back_is_publishing_the_old_text_again(
    transactions: Transactions, tenant: TenantHandle, director: UUID, clock: ManualClock
) -> None:
    await published(tenant, director, 10)
    clock.advance(timedelta(hours=1))
    old = tenant.made.rulebook_version_id
    draft_id = await tenant.do(create_draft, CreateDraft("back", None, None, old))
    seen = await submitted(tenant, draft_id)
    await tenant.do(approve_draft, ApproveDraft(draft_id, seen), by=director)

    assert await days_at(transactions, tenant, clock.now()) == 7
    numbers = await tenant.rows("SELECT number FROM app.rulebook_version WHERE tenant_id = $1")
    assert len(numbers) == 3


async def test_a_sites_own_version_beats_the_companys_and_gives_way_when_it_ends(
    transactions: Transactions, tenant: TenantHandle, director: UUID
) -> None:
    site = tenant.site_id
    own = await published(tenant, director, 20, date(2026, 3, 10), site)
    await published(tenant, director, 10, FIRST_OF_APRIL)
    ends = EndVersion(own, "As everywhere again.", date(2026, 4, 10))
    with pytest.raises(Forbidden):
        await tenant.do(end_version, ends)
    await tenant.do(end_version, ends, by=director)

    def day(month: int, number: int) -> datetime:
        return datetime(2026, month, number, 4, tzinfo=UTC)

    assert [
        await days_at(transactions, tenant, at, site)
        for at in (day(3, 9), day(3, 10), day(4, 2), day(4, 9), day(4, 10))
    ] == [7, 20, 20, 20, 10]
    assert await days_at(transactions, tenant, day(4, 2)) == 10


async def test_the_companys_rulebook_does_not_end(tenant: TenantHandle) -> None:
    order = EndVersion(tenant.made.rulebook_version_id, "Enough.")
    with pytest.raises(VersionNotOfSite):
        await tenant.do(end_version, order)
