"""Follow-ups in one's own register (五(四)1 and 2)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from builders.ownership import Showroom, a_showroom

from service.clock import ManualClock
from service.errors import Forbidden, InvalidInput, NotFound, Refusals
from service.ownership.commands import (
    CorrectFollowUp,
    CorrectRegistration,
    RecordFollowUp,
    correct_follow_up,
    correct_registration,
    record_follow_up,
)
from service.ownership.errors import AlreadyCorrected
from service.work import Transactions


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+08:00").astimezone(UTC)


def a_call(registration_id: UUID, **changes: Any) -> RecordFollowUp:
    return replace(
        RecordFollowUp(registration_id, "PHONE", "Asked about the south side"), **changes
    )


async def an_entry(transactions: Transactions, **overrides: object) -> tuple[Showroom, UUID]:
    house = await a_showroom(transactions, **overrides)  # type: ignore[arg-type]
    return house, await house.a_registration("An", await house.a_party())


async def test_a_follow_up_in_time_starts_a_new_week(
    transactions: Transactions, clock: ManualClock
) -> None:
    house, entry_id = await an_entry(transactions)
    clock.set(shanghai("03-08 10:00"))

    follow_up = await house.row(
        "follow_up", await house.by("An", record_follow_up, a_call(entry_id))
    )

    entry = await house.row("registration", entry_id)
    assert (follow_up["renewed"], follow_up["rule"]) == (True, "RN-6")
    assert entry["protected_until"] == shanghai("03-16 00:00")
    assert await house.formerly(entry_id) == [shanghai("03-10 00:00")]
    assert entry["first_followed_up_at"] == shanghai("03-08 10:00")


async def test_a_follow_up_after_the_lapse_is_kept_and_revives_nothing(
    transactions: Transactions, clock: ManualClock
) -> None:
    house, entry_id = await an_entry(transactions)
    clock.set(shanghai("03-10 00:00"))

    follow_up = await house.row(
        "follow_up", await house.by("An", record_follow_up, a_call(entry_id))
    )

    entry = await house.row("registration", entry_id)
    assert (follow_up["renewed"], follow_up["rule"]) == (False, "RN-1")
    assert entry["protected_until"] == shanghai("03-10 00:00")
    assert await house.formerly(entry_id) == []


async def test_a_back_dated_follow_up_is_judged_by_its_receipt(
    transactions: Transactions, clock: ManualClock
) -> None:
    house, entry_id = await an_entry(transactions)
    clock.set(shanghai("03-10 09:00"))
    stated = a_call(entry_id, stated_at=shanghai("03-08 10:00"))

    follow_up = await house.row("follow_up", await house.by("An", record_follow_up, stated))

    assert (follow_up["renewed"], follow_up["stated_at"]) == (False, shanghai("03-08 10:00"))


async def test_an_unanswered_call_does_not_renew_where_only_reached_customers_count(
    transactions: Transactions,
) -> None:
    house, entry_id = await an_entry(transactions, tracking__effective_only=True)

    follow_up_id = await house.by("An", record_follow_up, a_call(entry_id, connected=False))

    assert (await house.row("follow_up", follow_up_id))["rule"] == "RN-5"


async def test_a_follow_up_of_an_invalid_entry_is_kept_without_effect(
    transactions: Transactions,
) -> None:
    house = await a_showroom(transactions)
    visit = await house.a_visit("An", await house.a_party())
    entry_id = await house.enter(visit, phone_given=False)

    follow_up_id = await house.by("An", record_follow_up, a_call(entry_id))

    assert not (await house.row("follow_up", follow_up_id))["renewed"]
    assert (await house.row("registration", entry_id))["protected_until"] is None


@pytest.mark.parametrize("name", ["Bo", "Mei", "Fin"])
async def test_nobody_writes_in_a_colleagues_register(
    transactions: Transactions, name: str
) -> None:
    house, entry_id = await an_entry(transactions)

    with pytest.raises(Forbidden):
        await house.by(name, record_follow_up, a_call(entry_id))


async def test_another_tenants_registration_answers_like_a_missing_one(
    transactions: Transactions,
) -> None:
    _, entry_id = await an_entry(transactions)
    other = await a_showroom(transactions)

    for unknown in (entry_id, uuid4()):
        with pytest.raises(NotFound):
            await other.by("An", record_follow_up, a_call(unknown))


async def test_a_repeated_key_records_one_follow_up(transactions: Transactions) -> None:
    house, entry_id = await an_entry(transactions)

    first = await house.by("An", record_follow_up, a_call(entry_id), key="k" * 16)
    again = await house.by("An", record_follow_up, a_call(entry_id), key="k" * 16)

    assert first == again
    assert len(await house.rows("SELECT 1 FROM app.follow_up WHERE tenant_id = $1")) == 1


async def test_all_faults_of_a_follow_up_are_told_together(
    transactions: Transactions, clock: ManualClock
) -> None:
    house, entry_id = await an_entry(transactions)
    tomorrow = clock.now() + timedelta(days=1)
    yesterday = clock.now() - timedelta(days=1)
    order = RecordFollowUp(entry_id, " ", "", stated_at=tomorrow, next_at=yesterday)

    with pytest.raises(Refusals) as refused:
        await house.by("An", record_follow_up, order)

    fields = [refusal.field[-1] for refusal in refused.value.refusals]
    assert fields == ["channel", "content", "nextAt", "statedAt"]


async def test_a_corrected_entry_is_followed_up_under_its_correction(
    transactions: Transactions,
) -> None:
    house, entry_id = await an_entry(transactions)
    await house.by("An", correct_registration, CorrectRegistration(entry_id, "better"))

    with pytest.raises(AlreadyCorrected):
        await house.by("An", record_follow_up, a_call(entry_id))


async def test_a_correction_refers_to_the_follow_up_and_changes_no_window(
    transactions: Transactions, clock: ManualClock
) -> None:
    house, entry_id = await an_entry(transactions)
    follow_up_id = await house.by("An", record_follow_up, a_call(entry_id))
    before = await house.row("registration", entry_id)
    clock.advance(timedelta(days=3))
    order = CorrectFollowUp(follow_up_id, "PHONE", "Asked about the north side")

    correction = await house.row("follow_up", await house.by("An", correct_follow_up, order))

    after = await house.row("registration", entry_id)
    assert (correction["corrects_id"], correction["entry_number"]) == (follow_up_id, 2)
    assert after["protected_until"] == before["protected_until"]
    assert (await house.row("follow_up", follow_up_id))["content"] == "Asked about the south side"


async def test_a_follow_up_is_corrected_once_and_only_by_its_rep(
    transactions: Transactions,
) -> None:
    house, entry_id = await an_entry(transactions)
    follow_up_id = await house.by("An", record_follow_up, a_call(entry_id))
    order = CorrectFollowUp(follow_up_id, "PHONE", "better")
    with pytest.raises(Forbidden):
        await house.by("Bo", correct_follow_up, order)
    await house.by("An", correct_follow_up, order)

    with pytest.raises(AlreadyCorrected):
        await house.by("An", correct_follow_up, order)


async def test_another_tenants_follow_up_answers_like_a_missing_one(
    transactions: Transactions,
) -> None:
    house, entry_id = await an_entry(transactions)
    follow_up_id = await house.by("An", record_follow_up, a_call(entry_id))
    other = await a_showroom(transactions)

    with pytest.raises(NotFound):
        await other.by("An", correct_follow_up, CorrectFollowUp(follow_up_id, "PHONE", "x"))


async def test_a_follow_up_cannot_be_changed_or_deleted(transactions: Transactions) -> None:
    house, entry_id = await an_entry(transactions)
    await house.by("An", record_follow_up, a_call(entry_id))

    with pytest.raises(Exception, match="permission denied"):
        await house.rows("UPDATE app.follow_up SET content = 'x' WHERE tenant_id = $1 RETURNING 1")


async def test_a_way_that_is_not_on_the_list_is_refused_with_the_list(
    transactions: Transactions,
) -> None:
    house = await a_showroom(transactions)
    entry_id = await house.a_registration("An", await house.a_party())

    with pytest.raises(Refusals) as refused:
        await house.by("An", record_follow_up, RecordFollowUp(entry_id, "PIGEON", "Sent"))

    (fault,) = refused.value.refusals
    assert isinstance(fault, InvalidInput)
    assert fault.field == ("input", "channel")
    assert fault.choices == ("PHONE", "WECHAT", "SMS", "VISIT", "MESSAGE", "EMAIL", "OTHER")
