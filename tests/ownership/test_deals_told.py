"""Who learns of a deal in time to claim it: everybody else who was tracking the buyer (2.8, 23)."""

from datetime import UTC, datetime

import pytest
from builders.ownership import Showroom, a_showroom
from builders.parts_in_deals import parts_in_deals

from service.clock import ManualClock
from service.ownership.commands import VoidRegister, void_register
from service.work import Transactions


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+08:00").astimezone(UTC)


async def told(house: Showroom) -> list[str]:
    """Return who is to be told of the showroom's deal."""
    (row,) = await house.rows(
        "SELECT body FROM app.outbox WHERE tenant_id = $1 AND kind = 'DealRecorded'"
    )
    names = {str(member_id): name for name, member_id in house.members.items()}
    return [names[member_id] for member_id in row["body"]["tracking_ids"]]


async def test_everybody_else_who_tracks_the_buyer_is_told_the_first_first(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    wang = await house.a_party()
    for day, rep in (("03-02", "Chu"), ("03-03", "An"), ("03-04", "Bo")):
        clock.set(shanghai(f"{day} 10:00"))
        await house.a_registration(rep, wang)

    await house.a_deal(await house.a_visit("Bo", wang))

    assert await told(house) == ["Chu", "An"]
    kept, happened = await parts_in_deals(transactions, house.tenant_id)
    assert kept == happened
    assert {member for _, member, _ in kept} == {
        house.members[name] for name in ("An", "Bo", "Chu")
    }


async def test_who_received_for_the_owner_knows_already(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    wang = await house.a_party()
    clock.set(shanghai("03-02 10:00"))
    await house.a_registration("An", wang)
    await house.a_registration("Bo", wang)

    visit = await house.a_visit("Bo", wang, owner_id=house.members["An"])
    await house.a_deal(visit)

    assert await told(house) == []


@pytest.mark.parametrize(("unit", "names"), [("8-301", ["An"]), ("8-302", [])])
async def test_who_tracks_the_buyers_wife_is_told_of_a_deal_for_the_same_unit(
    transactions: Transactions, clock: ManualClock, unit: str, names: list[str]
) -> None:
    house = await a_showroom(transactions)
    wang, wife = await house.a_party("Wang"), await house.a_party("Wife")
    await house.a_relation(wang, wife, "spouse", "8-301")
    clock.set(shanghai("03-02 10:00"))
    await house.a_registration("An", wife)

    await house.a_deal(await house.a_visit("Bo", wang), unit_code=unit)

    assert await told(house) == names


async def test_a_lapsed_and_a_void_registration_tell_nobody(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    wang = await house.a_party()
    clock.set(shanghai("03-02 10:00"))
    await house.a_registration("An", wang)
    clock.set(shanghai("03-10 10:00"))
    await house.a_registration("Chu", wang)
    order = VoidRegister(house.members["Chu"], house.site_id, "Entries were altered.")
    await house.by("Mei", void_register, order)

    await house.a_deal(await house.a_visit("Bo", wang))

    assert await told(house) == []


async def test_a_rulebook_may_leave_it_to_the_reps_to_find_out(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions, claim__auto_notify=False)
    wang = await house.a_party()
    clock.set(shanghai("03-02 10:00"))
    await house.a_registration("An", wang)

    await house.a_deal(await house.a_visit("Bo", wang))

    assert await told(house) == []
