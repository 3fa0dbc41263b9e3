"""Two at once: on a server the database decides, and both answers are right."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from builders.ownership import Showroom, a_showroom

from service.clock import ManualClock
from service.ownership import facts
from service.ownership.commands import (
    AssignFromPool,
    CompanyVisit,
    CorrectRegistration,
    FileClaim,
    RecordFollowUp,
    VoidRegister,
    assign_from_pool,
    correct_registration,
    enter_pool,
    file_claim,
    finalise_credit,
    record_follow_up,
    void_register,
)
from service.ownership.errors import (
    AlreadyCorrected,
    AlreadyRegistered,
    DealAlreadyRecorded,
    PoolEntryTaken,
)
from service.work import Transactions, UnitOfWork


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+08:00").astimezone(UTC)


@pytest.fixture(autouse=True)
async def _connections_are_open(pool: "asyncpg.Pool[Any]") -> None:
    # A pool opens connections one by one: the first of two would be done before the second begins.
    await asyncio.gather(*(pool.fetch("SELECT pg_sleep(0.1)") for _ in range(8)))


async def test_a_reps_first_entries_at_once_share_one_book_without_a_gap(
    transactions: Transactions,
) -> None:
    house = await a_showroom(transactions)
    visits = [await house.a_visit("An", await house.a_party()) for _ in range(6)]

    await asyncio.gather(*(house.enter(visit) for visit in visits))

    (book,) = await house.rows("SELECT * FROM app.register_book WHERE tenant_id = $1")
    numbers = await house.rows(
        "SELECT entry_number FROM app.registration WHERE tenant_id = $1 ORDER BY 1"
    )
    assert book["entry_count"] == 6
    assert [row["entry_number"] for row in numbers] == [1, 2, 3, 4, 5, 6]


async def test_one_customer_entered_twice_at_once_stands_once(transactions: Transactions) -> None:
    house = await a_showroom(transactions)
    visit = await house.a_visit("An", await house.a_party())

    answers = await asyncio.gather(house.enter(visit), house.enter(visit), return_exceptions=True)

    assert sorted(type(answer) for answer in answers if isinstance(answer, Exception)) == [
        AlreadyRegistered
    ]
    assert len(await house.rows("SELECT 1 FROM app.registration WHERE tenant_id = $1")) == 1


async def test_one_visits_deal_recorded_twice_at_once_is_one_deal(
    transactions: Transactions,
) -> None:
    house = await a_showroom(transactions)
    visit = await house.a_visit("An", await house.a_party())

    answers = await asyncio.gather(house.a_deal(visit), house.a_deal(visit), return_exceptions=True)

    assert [type(a) for a in answers if isinstance(a, Exception)] == [DealAlreadyRecorded]


async def test_follow_ups_at_once_are_all_kept_in_one_chain(transactions: Transactions) -> None:
    house = await a_showroom(transactions)
    entry_id = await house.a_registration("An", await house.a_party())
    order = RecordFollowUp(entry_id, "PHONE", "Called")

    await asyncio.gather(*(house.by("An", record_follow_up, order) for _ in range(6)))

    numbers = await house.rows(
        "SELECT entry_number FROM app.follow_up WHERE tenant_id = $1 ORDER BY 1"
    )
    assert [row["entry_number"] for row in numbers] == [1, 2, 3, 4, 5, 6]


async def test_an_entry_corrected_twice_at_once_is_corrected_once(
    transactions: Transactions,
) -> None:
    house = await a_showroom(transactions)
    entry_id = await house.a_registration("An", await house.a_party())

    answers = await asyncio.gather(
        *(
            house.by("An", correct_registration, CorrectRegistration(entry_id, remark))
            for remark in ("one", "two")
        ),
        return_exceptions=True,
    )

    assert [type(a) for a in answers if isinstance(a, Exception)] == [AlreadyCorrected]


async def test_two_claimants_at_once_leave_the_credit_with_the_earlier_registration(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    customers = [await house.a_party() for _ in range(8)]
    for rep in ("An", "Chu"):
        for customer in customers:
            await house.a_registration(rep, customer)
        clock.advance(timedelta(minutes=1))
    clock.set(shanghai("03-05 09:00"))
    deals = [await house.a_deal(await house.a_visit("Bo", customer)) for customer in customers]

    for deal_id in deals:
        await asyncio.gather(
            *(house.by(rep, file_claim, FileClaim(deal_id)) for rep in ("An", "Chu", "An", "Chu"))
        )

    claims = await house.rows("SELECT 1 FROM app.claim WHERE tenant_id = $1")
    holders = await house.rows(
        "SELECT s.member_id FROM app.credit_share s JOIN app.deal d ON d.tenant_id = $1"
        " AND d.credit_decision_id = s.decision_id WHERE s.tenant_id = $1"
    )
    assert len(claims) == 2 * len(deals)
    assert [row["member_id"] for row in holders] == [house.members["An"]] * len(deals)


async def test_1000_claims_at_once_are_answered_alike_and_every_share_is_counted(
    transactions: Transactions, clock: ManualClock
) -> None:
    """Two reps had the customers in their registers, the closer had not; all claim and insist."""
    house = await a_showroom(transactions)
    customers = [await house.a_party() for _ in range(25)]
    for rep in ("Chu", "An"):
        await asyncio.gather(*(house.a_registration(rep, customer) for customer in customers))
        clock.advance(timedelta(minutes=1))
    clock.set(shanghai("03-05 09:00"))
    deals = [await house.a_deal(await house.a_visit("Bo", customer)) for customer in customers]

    async def insists(rep: str, first: int) -> None:
        for deal_id in (*deals[first:], *deals[:first]):
            await house.by(rep, file_claim, FileClaim(deal_id))

    await asyncio.gather(
        *(insists(rep, first) for rep in ("An", "Chu", "Bo") for first in (0, 0, *range(2, 26, 2)))
    )

    claims = await house.rows(
        "SELECT claimant_id, result, count(*) AS claims, count(DISTINCT deal_id) AS deals"
        " FROM app.claim WHERE tenant_id = $1 GROUP BY 1, 2"
    )
    names = {member_id: name for name, member_id in house.members.items()}
    told = {(names[c["claimant_id"]], c["result"]): (c["claims"], c["deals"]) for c in claims}
    shares = await house.rows(
        "SELECT s.decision_id, sum(s.basis_points) AS whole, min(s.member_id::text) AS holder,"
        " bool_or(d.id IS NOT NULL) AS in_force FROM app.credit_share s LEFT JOIN app.deal d"
        " ON d.tenant_id = $1 AND d.credit_decision_id = s.decision_id"
        " WHERE s.tenant_id = $1 GROUP BY 1"
    )
    # Each asked over and over and was answered once; the earliest entry decides.
    assert told == {
        ("An", "ADMITTED"): (25, 25),
        ("Chu", "ADMITTED"): (25, 25),
        ("Bo", "REJECTED"): (25, 25),
    }
    assert {share["whole"] for share in shares} == {10_000}
    in_force = [share["holder"] for share in shares if share["in_force"]]
    assert in_force == [str(house.members["Chu"])] * 25


@pytest.mark.parametrize("_round", range(4))
async def test_a_claim_never_survives_a_finding_made_at_the_same_time(
    transactions: Transactions, clock: ManualClock, _round: int
) -> None:
    house = await a_showroom(transactions)
    wang = await house.a_party()
    await house.a_registration("An", wang)
    clock.set(shanghai("03-05 09:00"))
    deal_id = await house.a_deal(await house.a_visit("Bo", wang))
    finding = VoidRegister(house.members["An"], house.site_id, "Copied")

    await asyncio.gather(
        house.by("An", file_claim, FileClaim(deal_id)),
        house.by("Mei", void_register, finding),
    )

    (claim,) = await house.rows("SELECT result, reason FROM app.claim WHERE tenant_id = $1")
    (share,) = await house.rows(
        "SELECT s.member_id FROM app.credit_share s JOIN app.deal d ON d.tenant_id = $1"
        " AND d.credit_decision_id = s.decision_id WHERE s.tenant_id = $1"
    )
    assert (claim["result"], claim["reason"]) == ("REJECTED", "REGISTER_VOID")
    assert share["member_id"] == house.members["Bo"]


async def test_credit_finalised_by_many_at_once_enters_the_ledger_once(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    deal_id: UUID = await house.a_deal(await house.a_visit("Bo", await house.a_party()))
    clock.set(shanghai("03-20 09:00"))

    async def finalise(work: UnitOfWork) -> None:
        await finalise_credit(work, deal_id)

    await asyncio.gather(*(house.inside(finalise) for _ in range(6)))

    entries = await house.rows("SELECT 1 FROM app.credit_entry WHERE tenant_id = $1")
    told = await house.rows(
        "SELECT 1 FROM app.outbox WHERE tenant_id = $1 AND kind = 'CreditFinalised'"
    )
    assert (len(entries), len(told)) == (1, 1)


async def in_the_pool(house: Showroom) -> UUID:
    """A customer whom nobody received is the company's; his entry of the pool."""
    visit = await house.a_visit("An", await house.a_party())

    async def step(work: UnitOfWork) -> UUID:
        party_id = visit.party_id
        assert party_id is not None
        return await enter_pool(
            work, CompanyVisit(visit.id, party_id, house.site_id, house.unit_id, None)
        )

    entry_id: UUID = await house.inside(step)
    return entry_id


async def test_a_customer_of_the_pool_handed_out_at_once_has_one_representative(
    transactions: Transactions,
) -> None:
    house = await a_showroom(transactions)
    entry_id = await in_the_pool(house)

    answers = await asyncio.gather(
        *(
            house.by("Mei", assign_from_pool, AssignFromPool(entry_id, house.members[name]))
            for name in ("An", "Bo", "Chu")
        ),
        return_exceptions=True,
    )

    refused = [type(answer) for answer in answers if isinstance(answer, Exception)]
    assert refused == [PoolEntryTaken] * 2
    assert len(await house.rows("SELECT 1 FROM app.registration WHERE tenant_id = $1")) == 1


async def test_who_is_handed_out_waits_for_the_register_before_the_pool(
    transactions: Transactions,
) -> None:
    """Whoever enters him has the register, and takes him out of the pool without waiting."""
    house = await a_showroom(transactions)
    entry_id = await in_the_pool(house)
    await house.a_registration("Bo", await house.a_party())
    order = AssignFromPool(entry_id, house.members["Bo"])

    async def enters(work: UnitOfWork) -> asyncio.Task[Any]:
        await facts.locked_book(work, house.members["Bo"], house.site_id)
        handing_out = asyncio.create_task(house.by("Mei", assign_from_pool, order))
        async with asyncio.timeout(20):
            while not await work.fetch_value(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            ):
                await asyncio.sleep(0.01)
        await work.fetch(
            "SELECT FROM app.pool_entry WHERE tenant_id = $1 AND id = $2 FOR UPDATE NOWAIT",
            work.tenant_id,
            entry_id,
        )
        return handing_out

    assert await (await house.inside(enters)) == entry_id
