"""A deal falls through: credit, ledger, claims, dispute and registrations on PostgreSQL."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from builders.ownership import PERMISSIONS, Showroom, a_showroom

from service.clock import ManualClock
from service.errors import Forbidden, InvalidInput, NotFound, Refusal
from service.ownership.commands import (
    AgreeOnDispute,
    AppealDispute,
    CancelDeal,
    DecideDispute,
    EscalateDispute,
    FileClaim,
    OpenDispute,
    agree_on_dispute,
    appeal_dispute,
    cancel_deal,
    decide_dispute,
    escalate_dispute,
    file_claim,
    finalise_credit,
    open_dispute,
)
from service.ownership.errors import DealAlreadyRecorded, DealIsCancelled
from service.ownership.queries import credit_of, dispute_state
from service.ownership.rules import WHOLE
from service.reception.tables import Visit
from service.work import Transactions, UnitOfWork

LEDGER = """
SELECT e.member_id, e.metric, e.basis_points, e.amount_minor, e.credited_on,
    e.reverses_id IS NOT NULL AS reversal
FROM app.credit_entry e WHERE e.tenant_id = $1 AND e.deal_id = $2 ORDER BY e.at, e.metric, e.id
"""


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+08:00").astimezone(UTC)


@pytest.fixture(autouse=True)
def _the_clerk_cancels(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = [("deal", "view", "tenant"), ("deal", "cancel", "tenant")]
    monkeypatch.setitem(PERMISSIONS, "clerk", [*PERMISSIONS["clerk"], *seen])
    own = ("deal", "view", "own")
    monkeypatch.setitem(PERMISSIONS, "rep", [*PERMISSIONS["rep"], own])


@pytest.fixture
async def open_connections(pool: "asyncpg.Pool[Any]") -> None:
    # A pool opens connections one by one: the first of two would be done before the second begins.
    await asyncio.gather(*(pool.fetch("SELECT pg_sleep(0.1)") for _ in range(4)))


@dataclass
class Sale:
    """An has sold to a customer whom Bo registered before him, on 2 March at 11."""

    house: Showroom
    clock: ManualClock
    visit: Visit
    deal_id: UUID
    registration_id: UUID

    async def cancel(self, by: str = "Fin", **changes: Any) -> None:
        order = CancelDeal(self.deal_id, **{"reason": "The buyer withdraws", **changes})
        await self.house.by(by, cancel_deal, order)

    async def finalise(self) -> None:
        async def step(work: UnitOfWork) -> None:
            await finalise_credit(work, self.deal_id)

        await self.house.inside(step)

    async def ledger(self) -> list[Any]:
        return await self.house.rows(LEDGER, self.deal_id)

    async def sums(self) -> dict[str, tuple[int, int]]:
        """What the ledger has of the deal: basis points and amount, by metric."""
        found: dict[str, tuple[int, int]] = {}
        for row in await self.ledger():
            points, amount = found.get(row["metric"], (0, 0))
            found[row["metric"]] = (
                points + row["basis_points"],
                amount + (row["amount_minor"] or 0),
            )
        return found

    async def credit(self) -> Any:
        async def look(work: UnitOfWork) -> Any:
            return await credit_of(work, self.deal_id, work.now)

        return await self.house.inside(look)


async def a_sale(house: Showroom, clock: ManualClock) -> Sale:
    clock.set(max(clock.now(), shanghai("03-02 10:00")))
    party_id = await house.a_party()
    registration_id = await house.a_registration("Bo", party_id)
    clock.advance(timedelta(hours=1))
    visit = await house.a_visit("An", party_id)
    deal_id = await house.a_deal(visit, amount_minor=100_001, currency="CNY")
    return Sale(house, clock, visit, deal_id, registration_id)


async def test_before_its_credit_is_final_nothing_was_entered_and_nothing_ever_is(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(await a_showroom(transactions), clock)

    await sale.cancel()
    clock.set(shanghai("03-20 09:00"))
    await sale.finalise()

    assert await sale.ledger() == []
    credit = await sale.credit()
    assert (credit.shares, credit.final, credit.reversed) == ((), True, True)
    row = await sale.house.row("deal", sale.deal_id)
    assert row["cancelled_at"] == shanghai("03-02 11:00")
    assert row["cancelled_by"] == sale.house.members["Fin"]
    assert row["cancellation_reason"] == "The buyer withdraws"


async def test_q19_final_credit_is_taken_back_by_entries_on_the_day_of_the_cancellation(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(await a_showroom(transactions), clock)
    clock.set(shanghai("03-20 09:00"))
    await sale.finalise()
    entered = await sale.ledger()
    clock.set(shanghai("05-20 09:00"))

    await sale.cancel(cancelled_on=date(2026, 5, 18))

    after = await sale.ledger()
    assert after[: len(entered)] == entered
    back = after[len(entered) :]
    assert [(row["metric"], row["basis_points"], row["amount_minor"]) for row in back] == [
        ("DEALS", -WHOLE, None),
        ("SALES_AMOUNT", -WHOLE, -100_001),
    ]
    assert {row["credited_on"] for row in back} == {date(2026, 5, 18)}
    assert all(row["reversal"] for row in back)
    assert (await sale.credit()).shares == ()


async def test_restated_it_is_taken_back_on_the_day_of_the_deal(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(await a_showroom(transactions), clock)
    clock.set(shanghai("03-20 09:00"))
    await sale.finalise()

    await sale.cancel(restated=True)

    assert {row["credited_on"] for row in await sale.ledger()} == {date(2026, 3, 2)}
    assert await sale.sums() == {"DEALS": (0, 0), "SALES_AMOUNT": (0, 0)}


async def test_its_claims_and_its_dispute_end_and_no_more_is_said_of_it(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(await a_showroom(transactions), clock)
    house = sale.house
    two = (house.members["An"], house.members["Bo"])
    await house.by("Bo", file_claim, FileClaim(sale.deal_id))
    dispute_id = await house.by("An", open_dispute, OpenDispute(sale.deal_id, two, "Mine"))
    await house.by("An", agree_on_dispute, AgreeOnDispute(dispute_id, 5_000, 5_000))

    await sale.cancel()

    async def state(work: UnitOfWork) -> str:
        return await dispute_state(work, dispute_id, work.now)

    assert await house.inside(state) == "CANCELLED"
    steps = await house.rows(
        "SELECT kind, words FROM app.dispute_step WHERE tenant_id = $1 ORDER BY step_number"
    )
    assert (steps[-1]["kind"], steps[-1]["words"]) == ("CANCELLED", "The buyer withdraws")
    (told,) = await house.rows(
        "SELECT body FROM app.outbox WHERE tenant_id = $1 AND kind = 'DealCancelled'"
    )
    assert set(told["body"]["concerned_ids"]) == {str(one) for one in two}
    assert told["body"]["dispute_id"] == str(dispute_id)
    halves = AgreeOnDispute(dispute_id, 5_000, 5_000)
    for who, command, order in (
        ("Bo", file_claim, FileClaim(sale.deal_id)),
        ("Bo", open_dispute, OpenDispute(sale.deal_id, two, "Mine")),
        ("Bo", agree_on_dispute, halves),
        ("Bo", escalate_dispute, EscalateDispute(dispute_id)),
        ("Mei", decide_dispute, DecideDispute(dispute_id, "An's", WHOLE)),
        ("Bo", appeal_dispute, AppealDispute(dispute_id, "Not heard")),
        ("Fin", cancel_deal, CancelDeal(sale.deal_id, "Once more")),
    ):
        with pytest.raises(DealIsCancelled):
            await house.by(who, command, order)
    assert await sale.ledger() == []


async def test_its_customer_is_tracked_again_and_the_visit_is_sold_anew(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(await a_showroom(transactions), clock)
    house = sale.house
    with pytest.raises(DealAlreadyRecorded):
        await house.a_deal(sale.visit)

    await sale.cancel()

    row = await house.row("registration", sale.registration_id)
    assert row["converted_at"] is None
    clock.advance(timedelta(hours=1))
    again = await house.a_deal(sale.visit)
    assert again != sale.deal_id
    row = await house.row("registration", sale.registration_id)
    assert row["converted_at"] == clock.now()


async def test_a_customer_who_has_bought_twice_stays_a_buyer_by_the_other_deal(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(await a_showroom(transactions), clock)
    house = sale.house
    clock.advance(timedelta(hours=1))
    other = await house.a_deal(await house.a_visit("An", sale.visit.party_id))
    signed_at = clock.now()

    await sale.cancel()
    row = await house.row("registration", sale.registration_id)
    assert row["converted_at"] == signed_at

    await house.by("Fin", cancel_deal, CancelDeal(other, "That one too"))
    row = await house.row("registration", sale.registration_id)
    assert row["converted_at"] is None


async def test_who_sees_it_is_refused_by_his_duties_and_to_others_there_is_no_such_deal(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(await a_showroom(transactions), clock)
    theirs = await a_sale(await a_showroom(transactions), clock)

    with pytest.raises(Forbidden):
        await sale.cancel("An")
    missing = []
    for who, deal_id in (("Chu", sale.deal_id), ("Fin", theirs.deal_id), ("Fin", uuid4())):
        with pytest.raises(NotFound) as refused:
            await sale.house.by(who, cancel_deal, CancelDeal(deal_id, "No more"))
        missing.append(refused.value)
    assert len({(one.code, one.field) for one in missing}) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"reason": "x" * 2_001}, "reason"),
        ({"cancelled_on": date(2026, 3, 1)}, "cancelledOn"),
        ({"cancelled_on": date(2026, 3, 3)}, "cancelledOn"),
    ],
)
async def test_it_has_a_reason_and_a_day_from_the_signing_to_today(
    transactions: Transactions, clock: ManualClock, changes: dict[str, Any], field: str
) -> None:
    sale = await a_sale(await a_showroom(transactions), clock)

    with pytest.raises(InvalidInput) as refused:
        await sale.cancel(**changes)

    assert refused.value.field == ("input", field)
    await sale.cancel(cancelled_on=date(2026, 3, 2))


async def test_what_is_cancelled_stays_so_whoever_writes(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(await a_showroom(transactions), clock)
    await sale.cancel()

    for change in ("cancelled_at = NULL", "cancellation_reason = 'None'"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await sale.house.rows(
                f"UPDATE app.deal SET {change} WHERE tenant_id = $1 RETURNING id",
            )


@pytest.mark.usefixtures("open_connections")
@pytest.mark.parametrize("_round", range(2))
async def test_cancelled_and_claimed_or_cancelled_twice_at_once_one_wins_and_the_other_is_told(
    transactions: Transactions, clock: ManualClock, _round: int
) -> None:
    sale = await a_sale(await a_showroom(transactions), clock)
    clock.set(shanghai("03-05 23:00"))

    answers = await asyncio.gather(
        sale.cancel(),
        sale.house.by("Bo", file_claim, FileClaim(sale.deal_id)),
        sale.cancel(reason="Entered wrongly"),
        return_exceptions=True,
    )

    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert {type(one) for one in refused} == {DealIsCancelled}
    assert sum(isinstance(answers[at], DealIsCancelled) for at in (0, 2)) == 1
    assert (await sale.credit()).shares == ()


@pytest.mark.usefixtures("open_connections")
async def test_cancelled_while_the_worker_enters_it_the_ledger_sums_to_nothing(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    for _ in range(4):
        sale = await a_sale(house, clock)
        clock.advance(timedelta(days=20))

        await asyncio.gather(sale.finalise(), sale.cancel(), sale.finalise())

        assert set((await sale.sums()).values()) <= {(0, 0)}


def _steps(sale: Sale) -> dict[str, Callable[[UUID], Awaitable[Any]]]:
    """Everything that may be done about a deal's credit; each takes the dispute's id."""
    house, members, deal_id = sale.house, sale.house.members, sale.deal_id
    two = (members["An"], members["Bo"])

    def by(who: str, command: Any, order: Callable[[UUID], object]) -> Any:
        return lambda dispute_id: house.by(who, command, order(dispute_id))

    async def night(_: UUID) -> None:
        sale.clock.advance(timedelta(hours=20))

    return {
        "claim": by("Bo", file_claim, lambda _: FileClaim(deal_id)),
        "dispute": by("An", open_dispute, lambda _: OpenDispute(deal_id, two, "Mine")),
        "An agrees": by("An", agree_on_dispute, lambda x: AgreeOnDispute(x, 3_333, 6_667)),
        "Bo agrees": by("Bo", agree_on_dispute, lambda x: AgreeOnDispute(x, 3_333, 6_667)),
        "Mei decides": by("Mei", decide_dispute, lambda x: DecideDispute(x, "Bo's", 0, WHOLE)),
        "Bo appeals": by("Bo", appeal_dispute, lambda x: AppealDispute(x, "Not heard")),
        "Ray decides": by("Ray", decide_dispute, lambda x: DecideDispute(x, "An's", WHOLE)),
        "a night": night,
        "the worker": lambda _: sale.finalise(),
        "cancel": lambda _: sale.cancel(),
    }


async def test_after_whatever_was_said_of_it_a_cancelled_deal_is_nobodys_and_sums_to_nothing(
    transactions: Transactions, clock: ManualClock
) -> None:
    chance = random.Random(19)  # noqa: S311 - a story, not a secret
    house = await a_showroom(transactions, dispute__appeal="REGIONAL_MANAGER")
    final = 0
    for _ in range(8):
        sale = await a_sale(house, clock)
        steps, dispute_id = _steps(sale), uuid4()
        names = chance.choices(sorted(steps), k=6)
        ending = ["a night"] * chance.randint(0, 5) + ["the worker", "cancel", "the worker"]
        for name in [*names, *ending]:
            with suppress(Refusal):
                made = await steps[name](dispute_id)
                dispute_id = made if name == "dispute" else dispute_id
            credit, sums = await sale.credit(), await sale.sums()
            if credit.reversed:
                assert credit.shares == ()
                assert sums in ({}, {"DEALS": (0, 0), "SALES_AMOUNT": (0, 0)})
            else:
                assert sum(share.basis_points for share in credit.shares) == WHOLE
                assert sums in ({}, {"DEALS": (WHOLE, 0), "SALES_AMOUNT": (WHOLE, 100_001)})
        assert credit.reversed
        final += bool(sums)
    # Some had been entered and some had not.
    assert 0 < final < 8


async def test_said_again_under_its_key_it_is_cancelled_once(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(await a_showroom(transactions), clock)
    clock.set(shanghai("03-20 09:00"))
    await sale.finalise()
    order = CancelDeal(sale.deal_id, "The buyer withdraws")

    for _ in range(2):
        await sale.house.by("Fin", cancel_deal, order, key="a key of sixteen")

    assert len([row for row in await sale.ledger() if row["reversal"]]) == 2
