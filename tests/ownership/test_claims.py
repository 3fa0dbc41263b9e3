"""Claims, credit by the clock, findings (五(四)3 to 5, 五(五)3)."""

from datetime import date
from uuid import uuid4

import pytest
from builders.ownership import a_showroom
from builders.sales import Sale, a_sale, shanghai

from service.clock import ManualClock
from service.errors import Forbidden, InvalidInput, NotFound
from service.ownership.commands import (
    FileClaim,
    VoidRegister,
    file_claim,
    finalise_credit,
    void_register,
)
from service.ownership.errors import CreditIsHisAlready
from service.ownership.queries import Credit, credit_of
from service.work import Transactions, UnitOfWork


async def test_the_closer_has_the_credit_until_the_tracker_claims_it(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(transactions, clock)
    assert await sale.holders("03-05 12:00") == {"Bo": 10_000}

    claim = await sale.claim("03-05 15:00")

    assert (claim["result"], claim["registration_id"]) == ("ADMITTED", sale.entry_id)
    credit = await sale.credit("03-05 15:01")
    assert (credit.rule, credit.clause, credit.final) == ("CR-3", "五(四)3", False)
    assert await sale.holders("03-09 00:00") == {"An": 10_000}


async def test_credit_becomes_final_by_the_clock_without_the_worker(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(transactions, clock)

    assert not (await sale.credit("03-08 23:59:59")).final
    assert (await sale.credit("03-09 00:00")).final


@pytest.mark.parametrize(
    ("at", "result", "reason"),
    [("03-08 23:59:59.999", "ADMITTED", None), ("03-09 00:00", "REJECTED", "LATE")],
)
async def test_a_claim_is_heard_until_the_end_of_the_third_day(
    transactions: Transactions, clock: ManualClock, at: str, result: str, reason: str | None
) -> None:
    sale = await a_sale(transactions, clock)

    claim = await sale.claim(at)

    assert (claim["result"], claim["reason"]) == (result, reason)


async def test_the_clock_of_claims_may_run_from_the_provisional_deposit(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(
        transactions,
        clock,
        deal={"provisional_at": shanghai("03-04 12:00")},
        claim__deal_event="PROVISIONAL",
    )

    assert (await sale.claim("03-08 10:00"))["reason"] == "LATE"


async def test_who_never_registered_the_customer_cannot_claim(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(transactions, clock)

    claim = await sale.claim("03-06 09:00", by="Chu")

    assert (claim["reason"], claim["registration_id"]) == ("NOT_REGISTERED", None)
    assert await sale.holders("03-06 09:01") == {"Bo": 10_000}


@pytest.mark.parametrize(
    ("unit", "result", "reason"),
    [("8-301", "ADMITTED", None), ("9-502", "REJECTED", "NOT_SAME_CUSTOMER")],
)
async def test_a_spouses_registration_is_found_and_counts_for_the_same_unit(
    transactions: Transactions, clock: ManualClock, unit: str, result: str, reason: str | None
) -> None:
    sale = await a_sale(transactions, clock, same_buyer=False)
    await sale.house.a_relation(sale.wang, sale.buyer, "spouse", unit)

    claim = await sale.claim("03-06 09:05")

    assert (claim["result"], claim["reason"]) == (result, reason)


async def test_whose_the_whole_credit_is_claims_nothing_until_it_is_anothers(
    transactions: Transactions, clock: ManualClock
) -> None:
    """By the tie of who files first, the owner would else be before whoever tracked the buyer."""
    sale = await a_sale(transactions, clock, claim__tie_break="FIRST_TO_FILE")
    await sale.house.a_registration("Bo", sale.buyer)

    with pytest.raises(CreditIsHisAlready) as refused:
        await sale.claim("03-05 12:00", by="Bo")
    assert refused.value.field == ("input", "dealId")
    assert await sale.house.rows("SELECT 1 FROM app.claim WHERE tenant_id = $1") == []
    admitted = await sale.claim("03-05 15:00")
    # Repeated, it is the same claim.
    assert (await sale.claim("03-05 15:01"))["id"] == admitted["id"]

    assert (await sale.claim("03-05 15:02", by="Bo"))["result"] == "ADMITTED"
    assert await sale.holders("03-09 00:00") == {"An": 10_000}


async def test_the_owner_of_a_divided_credit_may_claim_it(
    transactions: Transactions, clock: ManualClock
) -> None:
    """An received for Bo, and half of it is his by the rulebook."""
    house = await a_showroom(transactions, obligatory__credit_split=50)
    party_id = await house.a_party()
    clock.set(shanghai("03-02 09:30"))
    await house.a_registration("Bo", party_id)
    bo = {"owner_id": house.members["Bo"], "mode": "OBLIGATORY", "obligation": "OLD_CUSTOMER"}
    visit = await house.a_visit("An", party_id, **bo)
    deal_id = await house.a_deal(visit, unit_code="8-301")

    claim_id = await house.by("Bo", file_claim, FileClaim(deal_id))

    assert (await house.row("claim", claim_id))["result"] == "ADMITTED"


async def test_siblings_are_one_customer_only_where_the_tenant_says_so(
    transactions: Transactions, clock: ManualClock
) -> None:
    strict = await a_sale(transactions, clock, same_buyer=False)
    family = ["spouse", "parent", "child", "sibling"]
    wide = await a_sale(transactions, clock, same_buyer=False, merge__family=family)
    answers = []

    for sale in (strict, wide):
        await sale.house.a_relation(sale.wang, sale.buyer, "sibling", "8-301")
        answers.append((await sale.claim("03-06 09:05"))["result"])

    assert answers == ["REJECTED", "ADMITTED"]


async def test_a_claim_fails_when_the_tracking_had_lapsed_at_the_closing_visit(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(transactions, clock, tracking__days=2)

    assert (await sale.claim("03-06 09:00"))["reason"] == "LAPSED"


async def test_the_closing_owner_with_the_earlier_registration_keeps_the_credit(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    wang, alias = await house.a_party("Wang"), await house.a_party("Wang Wei")
    clock.set(shanghai("03-02 09:00"))
    await house.a_registration("Bo", wang)
    clock.set(shanghai("03-03 09:00"))
    entry_id = await house.a_registration("An", alias)
    clock.set(shanghai("03-05 09:00"))
    deal_id = await house.a_deal(await house.a_visit("Bo", wang))
    sale = Sale(house, clock, wang, wang, entry_id, deal_id)

    claim = await sale.vouch("03-06 09:00")

    assert claim["reason"] == "EARLIER_REGISTRATION"


async def test_of_two_claimants_the_earlier_registration_has_the_credit(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    wang = await house.a_party("Wang")
    for day, rep in (("03-02", "An"), ("03-03", "Chu")):
        clock.set(shanghai(f"{day} 09:00"))
        entry_id = await house.a_registration(rep, wang)
    clock.set(shanghai("03-05 09:00"))
    deal_id = await house.a_deal(await house.a_visit("Bo", wang))
    sale = Sale(house, clock, wang, wang, entry_id, deal_id)

    await sale.claim("03-05 12:00", by="Chu")
    assert await sale.holders("03-05 12:01") == {"Chu": 10_000}
    await sale.claim("03-06 12:00", by="An")

    assert await sale.holders("03-06 12:01") == {"An": 10_000}


async def test_a_split_shares_the_amount_exactly(
    transactions: Transactions, clock: ManualClock
) -> None:
    amount = {"amount_minor": 123_456_789, "currency": "CNY"}
    sale = await a_sale(transactions, clock, deal=amount, claim__split_owner=50)

    await sale.claim("03-06 09:00")

    assert await sale.holders("03-06 09:01") == {"An": 5_000, "Bo": 5_000}
    parts = await sale.house.rows(
        "SELECT amount_minor FROM app.credit_share WHERE tenant_id = $1 AND decision_id = $2"
        " ORDER BY amount_minor DESC",
        (await sale.credit("03-06 09:02")).decision_id,
    )
    assert [part["amount_minor"] for part in parts] == [61_728_395, 61_728_394]


async def test_an_admitted_claim_repeated_is_the_same_claim(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(transactions, clock)

    first, again = await sale.claim("03-06 09:00"), await sale.claim("03-07 09:00")

    assert first["id"] == again["id"]


@pytest.mark.parametrize("based_on_entry", [True, False])
async def test_a_claim_rejected_again_for_the_same_reason_is_the_same_claim(
    transactions: Transactions, clock: ManualClock, *, based_on_entry: bool
) -> None:
    sale = await a_sale(transactions, clock, same_buyer=False)
    on = {"registration_id": sale.entry_id} if based_on_entry else {}

    first, again = await sale.claim("03-06 09:00", **on), await sale.claim("03-06 09:05", **on)

    assert (first["result"], first["id"]) == ("REJECTED", again["id"])
    assert len(await sale.house.rows("SELECT 1 FROM app.claim WHERE tenant_id = $1")) == 1


async def test_a_claim_rejected_for_another_reason_is_answered_anew(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(transactions, clock, same_buyer=False)

    early = await sale.claim("03-06 09:00", registration_id=sale.entry_id)
    late = await sale.vouch("03-09 09:00")

    assert [early["reason"], late["reason"]] == ["NOT_SAME_CUSTOMER", "LATE"]
    assert early["id"] != late["id"]


async def test_a_colleagues_registration_is_not_ones_own_to_claim_by(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(transactions, clock)

    with pytest.raises(NotFound):
        await sale.claim("03-06 09:00", by="Chu", registration_id=sale.entry_id)


@pytest.mark.parametrize("name", ["Mei", "Fin"])
async def test_only_reps_claim(transactions: Transactions, clock: ManualClock, name: str) -> None:
    sale = await a_sale(transactions, clock)

    with pytest.raises(Forbidden):
        await sale.claim("03-06 09:00", by=name)


async def test_another_tenants_deal_answers_like_a_missing_one(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale, other = await a_sale(transactions, clock), await a_showroom(transactions)

    for unknown in (sale.deal_id, uuid4()):
        with pytest.raises(NotFound):
            await other.by("An", file_claim, FileClaim(unknown))


async def test_evidence_has_a_bound(transactions: Transactions, clock: ManualClock) -> None:
    sale = await a_sale(transactions, clock)

    with pytest.raises(InvalidInput):
        await sale.claim("03-06 09:00", evidence="x" * 4001)


async def a_finding(sale: Sale, text: str) -> None:
    sale.clock.set(shanghai(text))
    house = sale.house
    order = VoidRegister(house.members["An"], house.site_id, "Copied from the call list")
    await house.by("Mei", void_register, order)


async def test_a_void_register_cannot_be_claimed_by(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(transactions, clock)
    await a_finding(sale, "03-06 09:00")

    claim = await sale.claim("03-06 10:00")

    assert claim["reason"] == "REGISTER_VOID"
    assert await sale.holders("03-09 00:00") == {"Bo": 10_000}


async def test_a_pending_claim_falls_with_its_register_and_the_credit_goes_back(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(transactions, clock)
    claim = await sale.claim("03-06 09:00")

    await a_finding(sale, "03-07 09:00")

    fallen = await sale.house.row("claim", claim["id"])
    assert (fallen["result"], fallen["reason"]) == ("REJECTED", "REGISTER_VOID")
    assert await sale.holders("03-07 09:01") == {"Bo": 10_000}


async def test_a_final_deal_stays_when_the_register_falls_later(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(transactions, clock)
    await sale.claim("03-06 09:00")

    await a_finding(sale, "03-09 00:00")

    assert await sale.holders("03-09 00:01") == {"An": 10_000}


async def test_final_credit_enters_the_ledger_once_and_not_too_early(
    transactions: Transactions, clock: ManualClock
) -> None:
    amount = {"amount_minor": 100, "currency": "CNY"}
    sale = await a_sale(transactions, clock, deal=amount)

    async def finalise(work: UnitOfWork) -> None:
        await finalise_credit(work, sale.deal_id)

    for text in ("03-08 23:59:59", "03-09 00:00", "03-20 00:00"):
        clock.set(shanghai(text))
        await sale.house.inside(finalise)

    entries = await sale.house.rows(
        "SELECT metric, member_id, basis_points, amount_minor, credited_on, at"
        " FROM app.credit_entry WHERE tenant_id = $1 ORDER BY metric"
    )
    bo = sale.house.members["Bo"]
    signed, at = date(2026, 3, 5), shanghai("03-09 00:00")
    assert [tuple(entry) for entry in entries] == [
        ("DEALS", bo, 10_000, None, signed, at),
        ("SALES_AMOUNT", bo, 10_000, 100, signed, at),
    ]


async def test_the_credit_of_an_unknown_deal_is_not_found(transactions: Transactions) -> None:
    house = await a_showroom(transactions)

    async def read(work: UnitOfWork) -> Credit:
        return await credit_of(work, uuid4(), work.now)

    with pytest.raises(NotFound):
        await house.inside(read)
