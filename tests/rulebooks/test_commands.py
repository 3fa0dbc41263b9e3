"""Publishing a rulebook: whole, numbered, never into the past."""

import asyncio
from datetime import timedelta

import pytest
from builders.tenants import TenantHandle, a_tenant

from service.clock import ManualClock
from service.errors import Forbidden, InvalidInput, Refusals
from service.policies import policies_folder
from service.rulebooks.commands import PublishRulebook, publish_rulebook
from service.rulebooks.errors import PublishedInThePast
from service.rulebooks.in_force import in_force
from service.work import Transactions

HOUR = timedelta(hours=1)
TEXT = (policies_folder() / "rulebooks" / "showroom.yaml").read_text(encoding="utf-8")


async def test_a_parameter_is_overridden_from_an_instant_on(
    transactions: Transactions, tenant: TenantHandle, clock: ManualClock
) -> None:
    begins = clock.now() + HOUR

    version = await tenant.do(publish_rulebook, PublishRulebook(None, {"tracking.days": 9}, begins))

    async with transactions.sight(tenant.caller()) as sight:
        before = await in_force(sight, begins - timedelta(milliseconds=1))
        after = await in_force(sight, begins)
    assert before.version_id == tenant.made.rulebook_version_id
    assert after.version_id == version
    assert after.rulebook.parameter("tracking.days") == 9
    assert before.rulebook.parameter("tracking.days") != 9


async def test_overrides_add_up_and_a_new_text_starts_afresh(
    transactions: Transactions, tenant: TenantHandle, clock: ManualClock
) -> None:
    await tenant.do(publish_rulebook, PublishRulebook(None, {"tracking.days": 9}))
    clock.advance(HOUR)
    await tenant.do(publish_rulebook, PublishRulebook(None, {"rotation.order": "FEWEST_NEW"}))
    async with transactions.sight(tenant.caller()) as sight:
        both = (await in_force(sight, clock.now())).rulebook
    clock.advance(HOUR)
    await tenant.do(publish_rulebook, PublishRulebook(TEXT))
    async with transactions.sight(tenant.caller()) as sight:
        fresh = (await in_force(sight, clock.now())).rulebook

    assert (both.parameter("tracking.days"), both.order) == (9, "FEWEST_NEW")
    assert (fresh.parameter("tracking.days"), fresh.order) == (7, "SIGN_IN")


async def test_nothing_is_published_into_the_past(tenant: TenantHandle, clock: ManualClock) -> None:
    with pytest.raises(PublishedInThePast):
        await tenant.do(
            publish_rulebook, PublishRulebook(TEXT, None, clock.now() - timedelta(milliseconds=1))
        )


async def test_every_mistake_is_told_with_its_place(tenant: TenantHandle) -> None:
    broken = TEXT.replace("receiver: NEXT_IN_ROTATION", "receiver: NEXT_IN_ROTATOIN", 1)

    with pytest.raises(Refusals) as raised:
        await tenant.do(publish_rulebook, PublishRulebook(broken))

    line = next(n for n, text in enumerate(broken.splitlines(), 1) if "ROTATOIN" in text)
    assert line in {int(one.values()["line"]) for one in raised.value.refusals}
    assert {one.code for one in raised.value.refusals} == {"RULEBOOK_FAULTY"}


@pytest.mark.parametrize(
    "overrides",
    [{"tracking.days": "seven"}, {"no.such": 1}, {"rotation.order": "*"}, {"tracking.days": -1}],
)
async def test_bad_overrides_are_refused(
    tenant: TenantHandle, overrides: dict[str, int | str]
) -> None:
    with pytest.raises(Refusals) as raised:
        await tenant.do(publish_rulebook, PublishRulebook(None, overrides))
    assert {one.field for one in raised.value.refusals} == {("input", "overrides")}


@pytest.mark.parametrize("text", ["", "[]", "policy: showroom", "a: &a [*a]", "\0", "- " * 50_000])
async def test_what_is_no_rulebook_is_refused(tenant: TenantHandle, text: str) -> None:
    with pytest.raises((Refusals, InvalidInput)):
        await tenant.do(publish_rulebook, PublishRulebook(text))


async def test_a_rep_publishes_nothing(tenant: TenantHandle) -> None:
    rep = await tenant.member("安娜")

    with pytest.raises(Forbidden):
        await tenant.do(publish_rulebook, PublishRulebook(TEXT), by=rep)


async def test_a_repeated_key_publishes_once_and_two_at_once_get_two_numbers(
    tenant: TenantHandle,
) -> None:
    order = PublishRulebook(None, {"tracking.days": 9})

    first = await tenant.do(publish_rulebook, order, key="publish-it-just-once")
    again = await tenant.do(publish_rulebook, order, key="publish-it-just-once")
    await asyncio.gather(*(tenant.do(publish_rulebook, order) for _ in range(2)))

    numbers = await tenant.rows(
        "SELECT number FROM app.rulebook_version WHERE tenant_id = $1 ORDER BY number"
    )
    assert first == again
    assert [row["number"] for row in numbers] == [1, 2, 3, 4]


async def test_another_tenants_rulebook_stays_its_own(
    transactions: Transactions, tenant: TenantHandle, clock: ManualClock
) -> None:
    other = await a_tenant(transactions)

    await tenant.do(publish_rulebook, PublishRulebook(None, {"tracking.days": 9}))

    async with transactions.sight(other.caller()) as sight:
        assert (await in_force(sight, clock.now())).rulebook.parameter("tracking.days") == 7
