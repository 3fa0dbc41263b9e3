"""Several at once in disputes: the deal's lock decides, and every answer is right."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from builders.ownership import Showroom, a_showroom

from service.clock import ManualClock
from service.ownership.commands import (
    AgreeOnDispute,
    DecideDispute,
    OpenDispute,
    agree_on_dispute,
    decide_dispute,
    open_dispute,
)
from service.ownership.errors import DisputedBefore, DisputeIsOver
from service.ownership.rules import WHOLE
from service.work import Transactions


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+08:00").astimezone(UTC)


@pytest.fixture(autouse=True)
async def _connections_are_open(pool: "asyncpg.Pool[Any]") -> None:
    # A pool opens connections one by one: the first of two would be done before the second begins.
    await asyncio.gather(*(pool.fetch("SELECT pg_sleep(0.1)") for _ in range(8)))


async def a_dispute(house: Showroom) -> UUID:
    deal_id = await house.a_deal(await house.a_visit("An", await house.a_party()))
    two = (house.members["An"], house.members["Bo"])
    dispute_id: UUID = await house.by("An", open_dispute, OpenDispute(deal_id, two, "Mine"))
    return dispute_id


def faults(answers: list[Any]) -> list[type[Exception]]:
    return [type(answer) for answer in answers if isinstance(answer, Exception)]


async def test_a_deal_disputed_by_both_at_once_is_disputed_once(transactions: Transactions) -> None:
    house = await a_showroom(transactions)
    deal_id = await house.a_deal(await house.a_visit("An", await house.a_party()))
    an, bo = house.members["An"], house.members["Bo"]

    answers = await asyncio.gather(
        house.by("An", open_dispute, OpenDispute(deal_id, (an, bo), "Mine")),
        house.by("Bo", open_dispute, OpenDispute(deal_id, (bo, an), "Mine")),
        return_exceptions=True,
    )

    assert faults(answers) == [DisputedBefore]


@pytest.mark.parametrize("_round", range(3))
async def test_different_outcomes_confirmed_at_once_settle_nothing(
    transactions: Transactions, _round: int
) -> None:
    house = await a_showroom(transactions)
    dispute_id = await a_dispute(house)

    await asyncio.gather(
        house.by("An", agree_on_dispute, AgreeOnDispute(dispute_id, WHOLE, 0)),
        house.by("Bo", agree_on_dispute, AgreeOnDispute(dispute_id, 0, WHOLE)),
    )

    row = await house.row("dispute", dispute_id)
    assert row["settled_at"] is None
    assert await house.rows("SELECT 1 FROM app.credit_entry WHERE tenant_id = $1") == []


@pytest.mark.parametrize("_round", range(3))
async def test_the_same_outcome_confirmed_at_once_settles_once(
    transactions: Transactions, _round: int
) -> None:
    house = await a_showroom(transactions)
    dispute_id = await a_dispute(house)

    await asyncio.gather(
        *(
            house.by(rep, agree_on_dispute, AgreeOnDispute(dispute_id, WHOLE))
            for rep in ("An", "Bo")
        )
    )

    (entry,) = await house.rows("SELECT member_id FROM app.credit_entry WHERE tenant_id = $1")
    assert entry["member_id"] == house.members["An"]


async def test_of_two_managers_deciding_at_once_one_decides(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    clock.set(shanghai("03-02 12:00"))
    dispute_id = await a_dispute(house)
    clock.set(shanghai("03-03 09:00"))

    answers = await asyncio.gather(
        house.by("Mei", decide_dispute, DecideDispute(dispute_id, "An's", WHOLE)),
        house.by("Max", decide_dispute, DecideDispute(dispute_id, "Bo's", 0, WHOLE)),
        return_exceptions=True,
    )

    assert faults(answers) == [DisputeIsOver]
    row = await house.row("dispute", dispute_id)
    (entry,) = await house.rows("SELECT member_id FROM app.credit_entry WHERE tenant_id = $1")
    winner = "first_member_id" if row["first_basis_points"] == WHOLE else "second_member_id"
    assert entry["member_id"] == row[winner]
