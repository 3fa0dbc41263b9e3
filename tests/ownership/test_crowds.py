"""Everybody at once: verdicts by two managers and claims on the same deals, each of them twice.

A few dozen deals in every run; `python -m tests.ownership 1000` makes it a thousand.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from builders.ownership import Showroom, a_showroom

from service.clock import ManualClock
from service.errors import Busy, Refusal
from service.ownership.commands import (
    ClosingVisit,
    DecideDispute,
    FileClaim,
    OpenDispute,
    decide_dispute,
    enter_deal,
    file_claim,
    open_dispute,
)
from service.ownership.errors import DisputeIsOver
from service.ownership.rules import WHOLE
from service.rulebooks.in_force import in_force
from service.work import Transactions, UnitOfWork


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+08:00").astimezone(UTC)


@pytest.fixture(autouse=True)
async def _connections_are_open(pool: "asyncpg.Pool[Any]") -> None:
    # A pool opens connections one by one: the first of two would be done before the second begins.
    await asyncio.gather(*(pool.fetch("SELECT pg_sleep(0.1)") for _ in range(8)))


async def all_of(steps: Iterable[Awaitable[Any]], width: int = 16) -> list[Any]:
    """Await them all, some at a time, in their order."""
    doors = asyncio.Semaphore(width)

    async def through(step: Awaitable[Any]) -> Any:
        async with doors:
            return await step

    return list(await asyncio.gather(*(through(step) for step in steps)))


async def insisting(command: Callable[[str], Awaitable[Any]]) -> Any:
    """Do as a client does who is told that everybody is busy: ask again, with the same key."""
    key = str(uuid4())
    while True:
        try:
            return await command(key)
        except Busy:
            continue
        except Refusal as refusal:
            return refusal


async def deals_of(house: Showroom, size: int) -> list[UUID]:
    """So many customers whom Chu has in his register, and An sells to."""
    parties = await all_of(house.a_party() for _ in range(size))
    await all_of(house.a_registration("Chu", party_id) for party_id in parties)
    visits = await all_of(house.a_visit("An", party_id) for party_id in parties)

    async def sell(work: UnitOfWork) -> list[UUID]:
        rulebook = await in_force(work, work.now)
        return [
            await enter_deal(
                work,
                rulebook,
                ClosingVisit(
                    visit_id=visit.id,
                    party_id=visit.party_id,
                    site_id=house.site_id,
                    zone=house.zone,
                    arrived_at=visit.arrived_at,
                    receiver_id=visit.receiver_id,
                    owner_kind="MEMBER",
                    owner_id=visit.owner_id,
                    mode="TURN",
                    org_unit_id=house.unit_id,
                ),
            )
            for visit in visits
        ]

    deals: list[UUID] = await house.inside(sell)
    return deals


async def test_verdicts_and_claims_at_once_leave_each_deal_with_one_verdict_and_one_claim(
    transactions: Transactions, clock: ManualClock, crowd: int
) -> None:
    house = await a_showroom(transactions)
    clock.set(shanghai("03-02 12:00"))
    deals = await deals_of(house, crowd)
    two = (house.members["An"], house.members["Bo"])
    disputes = await all_of(
        house.by("An", open_dispute, OpenDispute(deal_id, two, "Mine")) for deal_id in deals
    )
    clock.set(shanghai("03-03 09:00"))

    def asked(name: str, command: Any, order: object) -> Awaitable[Any]:
        return insisting(lambda key: house.by(name, command, order, key))

    answers = await asyncio.gather(
        *(
            asked(name, command, order)
            for dispute_id, deal_id in zip(disputes, deals, strict=True)
            for name, command, order in (
                ("Mei", decide_dispute, DecideDispute(dispute_id, "An's", WHOLE)),
                ("Chu", file_claim, FileClaim(deal_id)),
                ("Max", decide_dispute, DecideDispute(dispute_id, "Bo's", 0, WHOLE)),
                ("Chu", file_claim, FileClaim(deal_id)),
            )
        )
    )

    refused = Counter(type(answer) for answer in answers if isinstance(answer, Refusal))
    assert refused == {DisputeIsOver: crowd}
    decided = await house.rows(
        "SELECT dispute_id, count(*) AS times FROM app.dispute_step"
        " WHERE tenant_id = $1 AND kind = 'DECIDED' GROUP BY 1"
    )
    assert {row["dispute_id"]: row["times"] for row in decided} == dict.fromkeys(disputes, 1)
    claimed = await house.rows(
        "SELECT deal_id, array_agg(result) AS results FROM app.claim"
        " WHERE tenant_id = $1 GROUP BY 1"
    )
    kept = {row["deal_id"]: row["results"] for row in claimed}
    assert kept == {deal_id: ["ADMITTED"] for deal_id in deals}
    given = await house.rows(
        "SELECT decision_id, sum(basis_points) AS points FROM app.credit_share"
        " WHERE tenant_id = $1 GROUP BY 1"
    )
    assert {row["points"] for row in given} == {WHOLE}
    entered = await house.rows(
        "SELECT e.deal_id, e.member_id = CASE WHEN x.first_basis_points = 10000"
        "   THEN x.first_member_id ELSE x.second_member_id END AS as_decided, e.basis_points"
        " FROM app.credit_entry e JOIN app.dispute x ON x.tenant_id = $1 AND x.deal_id = e.deal_id"
        " WHERE e.tenant_id = $1"
    )
    ledger = sorted((row["deal_id"], row["as_decided"], row["basis_points"]) for row in entered)
    assert ledger == sorted((deal_id, True, WHOLE) for deal_id in deals)
