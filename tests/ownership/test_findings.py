"""What falls with a finding of falsification, and the case that is kept of it (五(四)5)."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from builders.ownership import Showroom, a_showroom

from service.clock import ManualClock
from service.errors import Forbidden, InvalidInput, NotFound
from service.ownership.commands import (
    ClosePenaltyCase,
    FileClaim,
    OpenDispute,
    VoidRegister,
    close_penalty_case,
    file_claim,
    open_dispute,
    void_register,
)
from service.ownership.errors import CaseIsClosed, SaleWaitsForDispute
from service.work import Transactions


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+08:00").astimezone(UTC)


async def entries(house: Showroom, clock: ManualClock) -> list[UUID]:
    """An enters a customer on each of three days."""
    made = []
    for day in ("03-02", "03-03", "03-04"):
        clock.set(shanghai(f"{day} 10:00"))
        made.append(await house.a_registration("An", await house.a_party()))
    return made


async def find(house: Showroom, **changes: Any) -> UUID:
    order = VoidRegister(house.members["An"], house.site_id, "Copied", **changes)
    book_id: UUID = await house.by("Mei", void_register, order)
    return book_id


async def void(house: Showroom) -> set[UUID]:
    rows = await house.rows(
        "SELECT id FROM app.registration WHERE tenant_id = $1 AND voided_at IS NOT NULL"
    )
    return {row["id"] for row in rows}


@pytest.mark.parametrize(
    ("scope", "names", "fallen"),
    [
        ("WHOLE_REGISTER", "nothing", [0, 1, 2]),
        ("WHOLE_REGISTER", "entry", [0, 1, 2]),
        ("ENTRY", "entry", [1]),
        ("ENTRY", "nothing", [0, 1, 2]),
        ("PERIOD", "days", [0, 1]),
        ("PERIOD", "days on", [1, 2]),
        ("PERIOD", "entry", [0, 1, 2]),
    ],
)
async def test_as_much_falls_as_the_rulebook_says_and_the_finding_names(
    transactions: Transactions, clock: ManualClock, scope: str, names: str, fallen: list[int]
) -> None:
    house = await a_showroom(transactions, tamper__scope=scope)
    made = await entries(house, clock)
    named: dict[str, Any] = {
        "nothing": {},
        "entry": {"registration_id": made[1]},
        "days": {"first_day": date(2026, 3, 2), "last_day": date(2026, 3, 3)},
        "days on": {"first_day": date(2026, 3, 3)},
    }[names]

    book_id = await find(house, **named)

    assert await void(house) == {made[n] for n in fallen}
    whole = len(fallen) == len(made)
    assert ((await house.row("register_book", book_id))["voided_at"] is not None) is whole
    (case,) = await house.rows("SELECT * FROM app.penalty_case WHERE tenant_id = $1")
    assert set(case["registration_ids"]) == {made[n] for n in fallen}
    assert case["scope"] == (scope if not whole else "WHOLE_REGISTER")
    told = ("named_registration_id", "first_day", "last_day")
    assert {name: case[name] for name in told} == {
        "named_registration_id": named.get("registration_id"),
        "first_day": named.get("first_day"),
        "last_day": named.get("last_day"),
    }
    assert (case["member_id"], case["found_by"]) == (house.members["An"], house.members["Mei"])


async def test_a_claim_on_another_entry_than_the_false_one_stands(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions, tamper__scope="ENTRY")
    clock.set(shanghai("03-02 10:00"))
    wang, li = await house.a_party("Wang"), await house.a_party("Li")
    false_one = await house.a_registration("An", li)
    await house.a_registration("An", wang)
    clock.set(shanghai("03-05 09:00"))
    deals = [await house.a_deal(await house.a_visit("Bo", party)) for party in (wang, li)]
    for deal_id in deals:
        await house.by("An", file_claim, FileClaim(deal_id))

    await find(house, registration_id=false_one)

    rows = await house.rows("SELECT deal_id, result FROM app.claim WHERE tenant_id = $1")
    assert {row["deal_id"]: row["result"] for row in rows} == {
        deals[0]: "ADMITTED",
        deals[1]: "REJECTED",
    }


async def test_his_private_disputes_go_to_the_manager(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    clock.set(shanghai("03-02 10:00"))
    await house.a_registration("An", await house.a_party())
    deal_id = await house.a_deal(await house.a_visit("Bo", await house.a_party()))
    two = (house.members["Bo"], house.members["An"])
    dispute_id = await house.by("Bo", open_dispute, OpenDispute(deal_id, two, "Mine"))

    await find(house)

    assert (await house.row("dispute", dispute_id))["handed_over_at"] == shanghai("03-02 10:00")
    assert await house.rows(
        "SELECT 1 FROM app.outbox WHERE tenant_id = $1 AND kind = 'DisputeHandedOver'"
    )


@pytest.mark.parametrize("scope", ["ENTRY", "WHOLE_REGISTER"])
async def test_a_finding_names_what_there_is_and_one_thing_only(
    transactions: Transactions, clock: ManualClock, scope: str
) -> None:
    house = await a_showroom(transactions, tamper__scope=scope)
    made = await entries(house, clock)
    bos = await house.a_registration("Bo", await house.a_party())

    for missing in (uuid4(), bos):
        with pytest.raises(NotFound):
            await find(house, registration_id=missing)
    for odd in (
        {"registration_id": made[0], "first_day": date(2026, 3, 2)},
        {"last_day": date(2026, 3, 2)},
        {"first_day": date(2026, 3, 3), "last_day": date(2026, 3, 2)},
    ):
        with pytest.raises(InvalidInput):
            await find(house, **odd)
    assert await void(house) == set()


async def test_what_is_done_about_a_case_is_put_on_record_once_by_a_manager(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    await entries(house, clock)
    await find(house)
    (case,) = await house.rows("SELECT id FROM app.penalty_case WHERE tenant_id = $1")
    order = ClosePenaltyCase(case["id"], "Warned in writing")

    with pytest.raises(Forbidden):
        await house.by("An", close_penalty_case, order)
    with pytest.raises(NotFound):
        await house.by("Mei", close_penalty_case, ClosePenaltyCase(uuid4(), "Warned"))
    await house.by("Mei", close_penalty_case, order)
    with pytest.raises(CaseIsClosed):
        await house.by("Max", close_penalty_case, order)

    assert (await house.row("penalty_case", case["id"]))["measure"] == "Warned in writing"


@pytest.mark.parametrize("first", [True, False])
async def test_the_sale_comes_first_unless_the_tenant_lets_it_wait(
    transactions: Transactions, clock: ManualClock, first: bool
) -> None:
    house = await a_showroom(transactions, deal__first=first)
    clock.set(shanghai("03-02 10:00"))
    wang = await house.a_party("Wang")
    deal_id = await house.a_deal(await house.a_visit("An", wang))
    two = (house.members["An"], house.members["Bo"])
    await house.by("An", open_dispute, OpenDispute(deal_id, two, "Mine"))
    visit = await house.a_visit("An", wang)

    if first:
        await house.a_deal(visit)
    else:
        with pytest.raises(SaleWaitsForDispute) as refused:
            await house.a_deal(visit)
        assert refused.value.clause == "五(一)"
