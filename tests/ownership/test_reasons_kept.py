"""What a decision keeps besides its outcome: who was passed over, and the records behind it."""

from datetime import UTC, datetime
from typing import Any

from builders.ownership import Showroom, a_showroom

from service.clock import ManualClock
from service.ownership.commands import FileClaim, file_claim
from service.work import Transactions


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+08:00").astimezone(UTC)


async def decisions(house: Showroom, kind: str) -> list[Any]:
    return await house.rows(
        "SELECT outcome, passed_over FROM app.decision WHERE tenant_id = $1 AND kind = $2"
        " ORDER BY at, id",
        kind,
    )


async def test_who_loses_the_credit_to_a_claim_is_kept_with_the_reason_and_the_records(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    wang = await house.a_party()
    entries = {}
    for day, rep in (("03-02", "An"), ("03-03", "Chu")):
        clock.set(shanghai(f"{day} 10:00"))
        entries[rep] = await house.a_registration(rep, wang)
    clock.set(shanghai("03-05 10:00"))
    deal_id = await house.a_deal(await house.a_visit("Bo", wang))
    claims = {}
    for hour, rep in (("11", "Chu"), ("12", "An")):
        clock.set(shanghai(f"03-05 {hour}:00"))
        claims[rep] = await house.by(rep, file_claim, FileClaim(deal_id))

    last = (await decisions(house, "CREDIT"))[-1]

    assert [(one["member_id"], one["reason"]) for one in last["passed_over"]] == [
        (str(house.members["Bo"]), "CLAIM_ADMITTED"),
        (str(house.members["Chu"]), "LATER_REGISTRATION"),
    ]
    assert last["outcome"]["behind"] == {
        "claims": [str(claims["Chu"]), str(claims["An"])],
        "registrations": [str(entries["Chu"]), str(entries["An"])],
    }
    first = (await decisions(house, "CLAIM"))[0]
    assert first["outcome"]["behind"]["registrations"] == [str(entries["Chu"])]


async def test_the_holder_of_the_whole_credit_passes_nobody_over(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    clock.set(shanghai("03-05 10:00"))

    await house.a_deal(await house.a_visit("Bo", await house.a_party()))

    assert [one["passed_over"] for one in await decisions(house, "CREDIT")] == [[]]
