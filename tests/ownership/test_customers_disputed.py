"""Disputes about a customer who has not signed, on PostgreSQL: whose he is, and what follows."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from builders.ownership import Showroom, a_showroom

from service.calendar import last_day_inside
from service.clock import ManualClock
from service.errors import Forbidden, InvalidInput, NotFound
from service.ownership.commands import (
    CREDIT_FINAL,
    AgreeOnDispute,
    AppealDispute,
    AssignFromPool,
    DecideDispute,
    OpenDispute,
    appeal_dispute,
    assign_from_pool,
    finalise_credit,
    open_dispute,
)
from service.ownership.errors import (
    CustomerNotDivided,
    DisputedBefore,
    DisputeNeedsDeal,
    NotTheirCustomer,
)
from service.ownership.rules import WHOLE
from service.reception.commands import agree_on_dispute, decide_dispute
from service.work import Transactions, UnitOfWork


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+08:00").astimezone(UTC)


async def disputes(house: Showroom, party_id: UUID, by: str = "An", two: str = "An Bo") -> UUID:
    members = tuple(house.members[name] for name in two.split())
    order = OpenDispute(None, members, "Mine", party_id, house.site_id)
    dispute_id: UUID = await house.by(by, open_dispute, order)
    return dispute_id


async def standing(house: Showroom, party_id: UUID) -> list[tuple[str, str]]:
    """Whose entries of a customer count, with the last day of each."""
    names = {member_id: name for name, member_id in house.members.items()}
    rows = await house.rows(
        "SELECT member_id, protected_until FROM app.registration WHERE tenant_id = $1"
        " AND party_id = $2 AND superseded_at IS NULL ORDER BY ranks_from",
        party_id,
    )
    return [
        (names[row["member_id"]], str(last_day_inside(row["protected_until"], house.zone))[5:])
        for row in rows
    ]


async def decides(house: Showroom, dispute_id: UUID, by: str = "Mei", **parts: Any) -> None:
    await house.by(by, decide_dispute, DecideDispute(dispute_id, "Heard", **parts))


async def test_a_verdict_passes_on_rank_window_and_unsold_visits_and_an_appeal_takes_them_back(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions, dispute__appeal="REGIONAL_MANAGER")
    clock.set(shanghai("03-02 10:00"))
    party_id = await house.a_party()
    first = await house.a_visit("An", party_id)
    await house.enter(first)
    clock.set(shanghai("03-03 10:00"))
    unsold = await house.a_visit("An", party_id)
    dispute_id = await disputes(house, party_id)
    clock.set(shanghai("03-04 09:00"))

    await decides(house, dispute_id, second_basis_points=WHOLE)

    assert await standing(house, party_id) == [("Bo", "03-09")]
    for visit in (first, unsold):
        assert (await house.row("visit", visit.id))["owner_id"] == house.members["Bo"]
    assert (await house.row("party", party_id))["owner_id"] == house.members["Bo"]
    (entry,) = await house.rows(
        "SELECT ranks_from, decision_id FROM app.registration WHERE tenant_id = $1"
        " AND superseded_at IS NULL"
    )
    assert entry["ranks_from"] == shanghai("03-02 10:00")
    assert entry["decision_id"] == (await house.row("dispute", dispute_id))["outcome_id"]
    with pytest.raises(DisputedBefore):
        await disputes(house, party_id)

    await house.by("An", appeal_dispute, AppealDispute(dispute_id, "Not heard"))
    assert await standing(house, party_id) == [("Bo", "03-09")]
    await decides(house, dispute_id, "Ray", first_basis_points=WHOLE)

    assert await standing(house, party_id) == [("An", "03-09")]
    assert (await house.row("visit", unsold.id))["owner_id"] == house.members["An"]


async def test_the_deal_of_a_disputed_customer_waits_for_the_same_verdict(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    clock.set(shanghai("03-02 10:00"))
    party_id = await house.a_party()
    visit = await house.a_visit("An", party_id)
    dispute_id = await disputes(house, party_id)
    deal_id = await house.a_deal(visit)

    assert (await house.row("dispute", dispute_id))["deal_id"] == deal_id
    shares = "SELECT holder, member_id FROM app.credit_share WHERE tenant_id = $1 ORDER BY id"
    assert [row["holder"] for row in await house.rows(shares)] == ["NOBODY"]
    readers = await house.rows(
        "SELECT m.member_id FROM app.deal_member m WHERE m.tenant_id = $1 AND m.deal_id = $2",
        deal_id,
    )
    assert {row["member_id"] for row in readers} == {house.members["An"], house.members["Bo"]}

    # Of the deal's credit the two may divide what of a customer they may not.
    for name in ("An", "Bo"):
        await house.by(name, agree_on_dispute, AgreeOnDispute(dispute_id, 6_000, 4_000))
    entries = await house.rows(
        "SELECT member_id, basis_points FROM app.credit_entry WHERE tenant_id = $1 ORDER BY 2"
    )
    assert [row["basis_points"] for row in entries] == [4_000, 6_000]


async def test_a_deal_signed_while_an_appeal_is_possible_is_final_once_nobody_has_appealed(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions, dispute__appeal="REGIONAL_MANAGER", claim__days=1)
    clock.set(shanghai("03-02 10:00"))
    party_id = await house.a_party()
    await house.a_registration("An", party_id)
    dispute_id = await disputes(house, party_id)
    clock.set(shanghai("03-03 09:00"))
    await decides(house, dispute_id, second_basis_points=WHOLE)

    deal_id = await house.a_deal(await house.a_visit("Bo", party_id))

    assert (await house.row("dispute", dispute_id))["deal_id"] == deal_id
    due = await house.rows(
        "SELECT due_at FROM app.timer WHERE tenant_id = $1 AND kind = $2 AND subject_id = $3"
        " ORDER BY 1",
        CREDIT_FINAL,
        deal_id,
    )
    # The worker looks at it when its claims close, and again when nobody can appeal any more.
    assert [row["due_at"] for row in due] == [shanghai("03-05 00:00"), shanghai("03-07 00:00")]

    async def finalise(work: UnitOfWork) -> None:
        await finalise_credit(work, deal_id)

    holders = "SELECT member_id FROM app.credit_entry WHERE tenant_id = $1 AND metric = 'DEALS'"
    clock.set(shanghai("03-05 00:00"))
    await house.inside(finalise)
    assert await house.rows(holders) == []
    clock.set(shanghai("03-07 00:00"))
    await house.inside(finalise)
    assert [row["member_id"] for row in await house.rows(holders)] == [house.members["Bo"]]


async def test_a_third_members_deal_with_him_is_not_touched(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    clock.set(shanghai("03-02 10:00"))
    party_id = await house.a_party()
    await house.a_registration("An", party_id)
    dispute_id = await disputes(house, party_id)

    await house.a_deal(await house.a_visit("Chu", party_id))

    assert (await house.row("dispute", dispute_id))["deal_id"] is None
    shares = await house.rows("SELECT member_id FROM app.credit_share WHERE tenant_id = $1")
    assert [row["member_id"] for row in shares] == [house.members["Chu"]]


async def test_the_companys_customer_is_handed_out_and_who_has_left_keeps_nobody(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    clock.set(shanghai("03-02 10:00"))
    party_id = await house.a_party()
    await house.a_registration("An", party_id)
    dispute_id = await disputes(house, party_id)
    clock.set(shanghai("03-03 09:00"))
    await decides(house, dispute_id, company_basis_points=WHOLE, aggravated=True)

    assert await standing(house, party_id) == []
    (pooled,) = await house.rows("SELECT * FROM app.pool_entry WHERE tenant_id = $1")
    assert (pooled["from_member_id"], pooled["departure_id"]) == (house.members["An"], None)
    order = AssignFromPool(pooled["id"], house.members["Chu"])
    await house.by("Mei", assign_from_pool, order)
    assert await standing(house, party_id) == [("Chu", "03-10")]

    other_id = await house.a_party("Li")
    await house.a_registration("An", other_id)
    left = await disputes(house, other_id)
    await house.rows(
        "UPDATE app.member SET state = 'LEFT' WHERE tenant_id = $1 AND id = $2", house.members["Bo"]
    )
    clock.set(shanghai("03-04 09:00"))
    await decides(house, left, second_basis_points=WHOLE)
    assert await standing(house, other_id) == []


async def test_what_is_not_theirs_not_here_not_whole_or_not_allowed_is_refused(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    clock.set(shanghai("03-02 10:00"))
    party_id = await house.a_party()
    await house.a_registration("An", party_id)
    two = (house.members["An"], house.members["Bo"])

    with pytest.raises(NotTheirCustomer) as refused:
        await disputes(house, party_id, "Bo", "Bo Chu")
    assert refused.value.clause == "五(五)8"
    with pytest.raises(Forbidden):
        await disputes(house, party_id, "Chu")
    missing = [
        OpenDispute(None, two, "Mine", uuid4(), house.site_id),
        OpenDispute(None, two, "Mine", party_id, uuid4()),
        OpenDispute(None, two, "Mine", party_id),
    ]
    for order in missing:
        with pytest.raises(NotFound):
            await house.by("An", open_dispute, order)
    with pytest.raises(InvalidInput):
        await house.by("An", open_dispute, OpenDispute(None, two, "Mine"))
    dispute_id = await disputes(house, party_id)
    with pytest.raises(CustomerNotDivided):
        await house.by("An", agree_on_dispute, AgreeOnDispute(dispute_id, 6_000, 4_000))
    clock.set(shanghai("03-03 09:00"))
    with pytest.raises(CustomerNotDivided):
        await decides(house, dispute_id, first_basis_points=5_000, second_basis_points=5_000)

    strict = await a_showroom(transactions, dispute__customers=False)
    known = await strict.a_party()
    await strict.a_registration("An", known)
    with pytest.raises(DisputeNeedsDeal):
        await disputes(strict, known)


async def test_a_customer_disputed_by_both_at_once_is_disputed_once_and_sold_in_one_order(
    transactions: Transactions, clock: ManualClock, pool: Any
) -> None:
    await asyncio.gather(*(pool.fetch("SELECT pg_sleep(0.05)") for _ in range(4)))
    house = await a_showroom(transactions)
    clock.set(shanghai("03-02 10:00"))
    party_id = await house.a_party()
    visit = await house.a_visit("An", party_id)
    await house.enter(visit)

    answers = await asyncio.gather(
        disputes(house, party_id), disputes(house, party_id, "Bo", "Bo An"), return_exceptions=True
    )
    assert [type(one) for one in answers if isinstance(one, Exception)] == [DisputedBefore]

    (dispute_id,) = (one for one in answers if isinstance(one, UUID))
    clock.set(shanghai("03-03 09:00"))
    row = await house.row("dispute", dispute_id)
    part = "first" if row["first_member_id"] == house.members["Bo"] else "second"
    _, deal_id = await asyncio.gather(
        decides(house, dispute_id, **{f"{part}_basis_points": WHOLE}), house.a_deal(visit)
    )
    # Whichever came first, neither waited for the other for ever, and the other saw it done.
    shares = await house.rows(
        "SELECT s.member_id FROM app.credit_share s JOIN app.deal d ON d.tenant_id = $1"
        " AND d.id = $2 AND d.credit_decision_id = s.decision_id WHERE s.tenant_id = $1",
        deal_id,
    )
    carried = (await house.row("dispute", dispute_id))["deal_id"] == deal_id
    assert [row["member_id"] for row in shares] == [
        house.members["Bo"] if carried else house.members["An"]
    ]
    assert await standing(house, party_id) == [("Bo", "03-09")]
