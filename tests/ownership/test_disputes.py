"""Disputes on PostgreSQL: opened, settled, decided, appealed; ledger and worker (五(五)8)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from builders.ownership import Showroom, a_showroom

from service.clock import ManualClock
from service.errors import Forbidden, InvalidInput, NotFound
from service.ownership.commands import (
    AgreeOnDispute,
    AppealDispute,
    DecideDispute,
    EscalateDispute,
    FileClaim,
    OpenDispute,
    VoidRegister,
    agree_on_dispute,
    announce_handover,
    appeal_dispute,
    decide_dispute,
    escalate_dispute,
    file_claim,
    finalise_credit,
    open_dispute,
    void_register,
)
from service.ownership.errors import (
    AppealedAlready,
    AppealTooLate,
    CreditIsFinal,
    DisputedBefore,
    DisputeIsOver,
    DisputeStillPrivate,
    NotAggravated,
    NothingToAppeal,
    PrivatePhaseOver,
    SplitNotAllowed,
    VerdictIsFinal,
)
from service.ownership.queries import credit_of, dispute_state
from service.ownership.rules import WHOLE
from service.work import Transactions, UnitOfWork

TO_AN, TO_BO = {"first_basis_points": WHOLE}, {"second_basis_points": WHOLE}
TO_COMPANY = {"company_basis_points": WHOLE}
SPLIT = {"first_basis_points": 6_000, "second_basis_points": 4_000}


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+08:00").astimezone(UTC)


@dataclass(frozen=True)
class Case:
    """An sold to Wang on 2 March at 11; at noon An and Bo dispute the deal."""

    house: Showroom
    clock: ManualClock
    deal_id: UUID
    dispute_id: UUID

    def at(self, text: str) -> None:
        self.clock.set(shanghai(text))

    async def agrees(self, who: str, **parts: int) -> None:
        await self.house.by(who, agree_on_dispute, AgreeOnDispute(self.dispute_id, **parts))

    async def escalates(self, who: str) -> None:
        await self.house.by(who, escalate_dispute, EscalateDispute(self.dispute_id))

    async def decides(self, who: str, **changes: Any) -> None:
        order = DecideDispute(self.dispute_id, "He registered first", **changes)
        await self.house.by(who, decide_dispute, order)

    async def appeals(self, who: str) -> None:
        await self.house.by(who, appeal_dispute, AppealDispute(self.dispute_id, "Not heard"))

    async def state(self) -> str:
        async def read(work: UnitOfWork) -> str:
            return await dispute_state(work, self.dispute_id, work.now)

        found: str = await self.house.inside(read)
        return found

    async def credit(self) -> tuple[dict[str, int], bool]:
        """Return the shares by holder, and whether they are final."""

        async def read(work: UnitOfWork) -> Any:
            return await credit_of(work, self.deal_id, work.now)

        found = await self.house.inside(read)
        names = {member_id: name for name, member_id in self.house.members.items()}
        shares = {
            names[share.member_id] if share.member_id else share.holder: share.basis_points
            for share in found.shares
        }
        return shares, found.final

    async def ledger(self) -> list[tuple[str, str, int, int | None]]:
        """Return holder, metric, basis points and amount of each entry."""
        names = {member_id: name for name, member_id in self.house.members.items()}
        rows = await self.house.rows(
            "SELECT holder, member_id, metric, basis_points, amount_minor, credited_on"
            " FROM app.credit_entry WHERE tenant_id = $1"
        )
        return sorted(
            (
                names.get(row["member_id"], row["holder"]),
                row["metric"],
                row["basis_points"],
                row["amount_minor"],
            )
            for row in rows
        )


async def a_case(
    transactions: Transactions, clock: ManualClock, by: str = "An", **overrides: object
) -> Case:
    house = await a_showroom(transactions, **overrides)  # type: ignore[arg-type]
    clock.set(shanghai("03-02 10:00"))
    visit = await house.a_visit("An", await house.a_party("Wang"))
    clock.set(shanghai("03-02 11:00"))
    deal_id = await house.a_deal(visit, amount_minor=100_001, currency="CNY")
    clock.set(shanghai("03-02 12:00"))
    order = OpenDispute(deal_id, (house.members["An"], house.members["Bo"]), "He was mine first")
    return Case(house, clock, deal_id, await house.by(by, open_dispute, order))


async def kinds(house: Showroom, table: str, member: str) -> list[str]:
    rows = await house.rows(
        f"SELECT kind FROM app.{table} WHERE tenant_id = $1 AND member_id = $2",
        house.members[member],
    )
    return sorted(row["kind"] for row in rows)


async def test_an_open_dispute_leaves_the_credit_with_nobody_and_never_final(
    transactions: Transactions, clock: ManualClock
) -> None:
    case = await a_case(transactions, clock)
    assert await case.credit() == ({"NOBODY": WHOLE}, False)
    case.at("06-30 09:00")

    async def finalise(work: UnitOfWork) -> None:
        await finalise_credit(work, case.deal_id)

    await case.house.inside(finalise)

    assert await case.state() == "MANAGER"
    assert await case.credit() == ({"NOBODY": WHOLE}, False)
    assert await case.ledger() == []


async def test_the_same_of_both_settles_and_enters_the_ledger_to_the_last_minor_unit(
    transactions: Transactions, clock: ManualClock
) -> None:
    case = await a_case(transactions, clock)

    await case.agrees("An", **SPLIT)
    assert (await case.state(), await case.ledger()) == ("PRIVATE", [])
    await case.agrees("Bo", **SPLIT)

    assert await case.state() == "SETTLED"
    assert await case.credit() == ({"An": 6_000, "Bo": 4_000}, True)
    assert await case.ledger() == [
        ("An", "DEALS", 6_000, None),
        ("An", "SALES_AMOUNT", 6_000, 60_001),
        ("Bo", "DEALS", 4_000, None),
        ("Bo", "SALES_AMOUNT", 4_000, 40_000),
    ]


async def test_a_deal_of_march_decided_in_april_is_credited_to_march(
    transactions: Transactions, clock: ManualClock
) -> None:
    case = await a_case(transactions, clock)
    case.at("04-01 00:00")

    await case.decides("Mei", **TO_BO)

    (day,) = await case.house.rows(
        "SELECT DISTINCT credited_on FROM app.credit_entry WHERE tenant_id = $1"
    )
    assert day["credited_on"].isoformat() == "2026-03-02"


async def test_after_midnight_the_two_have_no_say_though_the_worker_never_came(
    transactions: Transactions, clock: ManualClock
) -> None:
    case = await a_case(transactions, clock)
    await case.agrees("An", **TO_BO)
    case.at("03-03 00:00")

    with pytest.raises(PrivatePhaseOver) as refused:
        await case.agrees("Bo", **TO_BO)
    with pytest.raises(PrivatePhaseOver):
        await case.escalates("Bo")

    assert refused.value.clause == "五(五)8"
    assert await case.state() == "MANAGER"


async def test_a_manager_decides_only_when_the_time_of_the_two_is_over(
    transactions: Transactions, clock: ManualClock
) -> None:
    case = await a_case(transactions, clock)
    with pytest.raises(DisputeStillPrivate):
        await case.decides("Mei", **TO_BO)

    await case.escalates("An")
    with pytest.raises(DisputeStillPrivate):
        await case.decides("Mei", **TO_BO)
    await case.escalates("Bo")
    await case.decides("Mei", **TO_BO)

    assert await case.state() == "DECIDED"
    assert await case.credit() == ({"Bo": WHOLE}, True)
    with pytest.raises(DisputeIsOver):
        await case.decides("Max", **TO_AN)
    with pytest.raises(DisputeIsOver):
        await case.agrees("An", **TO_AN)


@pytest.mark.parametrize(
    ("overrides", "changes", "refusal"),
    [
        ({}, SPLIT, SplitNotAllowed),
        ({}, TO_COMPANY, NotAggravated),
        ({}, {"first_basis_points": 5_000, "company_basis_points": 5_000}, SplitNotAllowed),
        (
            {"dispute__allow_manager_split": True},
            {"first_basis_points": 5_000, "company_basis_points": 5_000},
            NotAggravated,
        ),
        ({}, {"first_basis_points": 9_999}, InvalidInput),
        ({}, {"first_basis_points": 10_001, "second_basis_points": -1}, InvalidInput),
        ({}, {**TO_AN, "reason": " "}, InvalidInput),
    ],
)
async def test_a_verdict_the_rulebook_does_not_allow_changes_nothing(
    transactions: Transactions,
    clock: ManualClock,
    overrides: dict[str, object],
    changes: dict[str, Any],
    refusal: type[Exception],
) -> None:
    case = await a_case(transactions, clock, **overrides)
    case.at("03-03 09:00")
    order = DecideDispute(case.dispute_id, **{"reason": "Heard", **changes})

    with pytest.raises(refusal):
        await case.house.by("Mei", decide_dispute, order)

    assert await case.state() == "MANAGER"
    steps = await case.house.rows("SELECT kind FROM app.dispute_step WHERE tenant_id = $1")
    assert [step["kind"] for step in steps] == ["OPENED"]


async def test_aggravated_misconduct_gives_the_deal_to_the_company(
    transactions: Transactions, clock: ManualClock
) -> None:
    case = await a_case(transactions, clock)
    case.at("03-03 09:00")

    await case.decides("Mei", aggravated=True, **TO_COMPANY)

    assert await case.credit() == ({"COMPANY": WHOLE}, True)


@pytest.mark.parametrize("who", ["An", "Chu", "Fin"])
async def test_neither_reps_nor_clerks_decide(
    transactions: Transactions, clock: ManualClock, who: str
) -> None:
    case = await a_case(transactions, clock)
    case.at("03-03 09:00")

    with pytest.raises(Forbidden):
        await case.decides(who, **TO_AN)


async def test_who_is_no_side_speaks_in_no_dispute_and_opens_none(
    transactions: Transactions, clock: ManualClock
) -> None:
    case = await a_case(transactions, clock)
    an, bo = case.house.members["An"], case.house.members["Bo"]

    with pytest.raises(Forbidden):
        await case.agrees("Chu", **TO_AN)
    with pytest.raises(Forbidden):
        await case.house.by("Chu", open_dispute, OpenDispute(case.deal_id, (an, bo), "Why not"))


async def test_a_manager_opens_a_dispute_for_two_of_his_team(
    transactions: Transactions, clock: ManualClock
) -> None:
    case = await a_case(transactions, clock, by="Mei")

    assert await case.state() == "PRIVATE"


async def test_a_deal_is_disputed_once_and_not_when_its_credit_is_final(
    transactions: Transactions, clock: ManualClock
) -> None:
    case = await a_case(transactions, clock)
    an, bo = case.house.members["An"], case.house.members["Bo"]
    with pytest.raises(DisputedBefore):
        await case.house.by("Bo", open_dispute, OpenDispute(case.deal_id, (bo, an), "Mine"))
    other = await case.house.a_deal(await case.house.a_visit("An", await case.house.a_party()))
    case.at("03-06 00:00")

    with pytest.raises(CreditIsFinal):
        await case.house.by("An", open_dispute, OpenDispute(other, (an, bo), "Late"))


async def test_what_is_nowhere_is_not_found_and_two_are_two(
    transactions: Transactions, clock: ManualClock
) -> None:
    case = await a_case(transactions, clock)
    other = await a_case(transactions, clock)
    an, bo = case.house.members["An"], case.house.members["Bo"]
    strangers = (an, other.house.members["Bo"])

    for order in (OpenDispute(uuid4(), (an, bo), "x"), OpenDispute(other.deal_id, (an, bo), "x")):
        with pytest.raises(NotFound):
            await case.house.by("An", open_dispute, order)
    with pytest.raises(NotFound) as foreign:
        await case.house.by("An", open_dispute, OpenDispute(case.deal_id, strangers, "x"))
    assert foreign.value.field == ("input", "memberIds", "1")
    for dispute_id in (uuid4(), other.dispute_id):
        with pytest.raises(NotFound):
            await case.house.by("An", agree_on_dispute, AgreeOnDispute(dispute_id, WHOLE))
        with pytest.raises(NotFound):
            await case.house.by("Mei", decide_dispute, DecideDispute(dispute_id, "x", WHOLE))
    for members in ((an,), (an, an), (an, bo, an)):
        with pytest.raises(InvalidInput):
            await case.house.by("An", open_dispute, OpenDispute(case.deal_id, members, "x"))


async def test_a_repeated_key_agrees_once(transactions: Transactions, clock: ManualClock) -> None:
    case = await a_case(transactions, clock)
    order = AgreeOnDispute(case.dispute_id, WHOLE)

    for _ in range(2):
        await case.house.by("An", agree_on_dispute, order, key="the-same-key-twice")

    steps = await case.house.rows("SELECT kind FROM app.dispute_step WHERE tenant_id = $1")
    assert sorted(step["kind"] for step in steps) == ["OPENED", "PROPOSED"]


async def test_an_appeal_is_heard_by_another_and_takes_the_credit_back_meanwhile(
    transactions: Transactions, clock: ManualClock
) -> None:
    case = await a_case(transactions, clock, dispute__appeal="REGIONAL_MANAGER")
    with pytest.raises(NothingToAppeal):
        await case.appeals("Bo")
    case.at("03-03 09:00")
    await case.decides("Mei", **TO_AN)
    assert await case.credit() == ({"An": WHOLE}, False)
    assert await case.ledger() == []

    await case.appeals("Bo")
    assert await case.credit() == ({"NOBODY": WHOLE}, False)
    with pytest.raises(Forbidden):
        await case.decides("Mei", **TO_AN)
    with pytest.raises(AppealedAlready):
        await case.appeals("An")
    await case.decides("Ray", **TO_BO)
    with pytest.raises(VerdictIsFinal):
        await case.appeals("An")

    assert await case.state() == "FINAL"
    assert await case.credit() == ({"Bo": WHOLE}, True)
    assert [entry[:2] for entry in await case.ledger()] == [("Bo", "DEALS"), ("Bo", "SALES_AMOUNT")]


async def test_unappealed_the_verdict_is_final_by_the_clock_and_entered_by_the_worker_once(
    transactions: Transactions, clock: ManualClock
) -> None:
    case = await a_case(transactions, clock, dispute__appeal="REGIONAL_MANAGER")
    case.at("03-03 09:00")
    await case.decides("Mei", **TO_BO)

    async def finalise(work: UnitOfWork) -> None:
        await finalise_credit(work, case.deal_id)

    case.at("03-06 23:59:59.999")
    await case.house.inside(finalise)
    assert (await case.credit())[1] is False
    assert await case.ledger() == []

    case.at("03-07 00:00")
    assert await case.credit() == ({"Bo": WHOLE}, True)
    with pytest.raises(AppealTooLate):
        await case.appeals("An")
    for _ in range(2):
        await case.house.inside(finalise)
    assert len(await case.ledger()) == 2


async def test_a_claim_in_an_open_dispute_is_heard_and_the_verdict_stands(
    transactions: Transactions, clock: ManualClock
) -> None:
    house = await a_showroom(transactions)
    wang = await house.a_party("Wang")
    clock.set(shanghai("03-02 09:30"))
    await house.a_registration("An", wang)
    clock.set(shanghai("03-05 09:00"))
    deal_id = await house.a_deal(await house.a_visit("Bo", wang))
    an, bo = house.members["An"], house.members["Bo"]
    dispute_id = await house.by("An", open_dispute, OpenDispute(deal_id, (an, bo), "Mine"))
    case = Case(house, clock, deal_id, dispute_id)

    await house.by("An", file_claim, FileClaim(deal_id))
    assert await case.credit() == ({"NOBODY": WHOLE}, False)

    case.at("03-20 09:00")
    await house.by("Mei", void_register, VoidRegister(an, house.site_id, "Copied"))
    (claim,) = await house.rows("SELECT result, reason FROM app.claim WHERE tenant_id = $1")
    assert (claim["result"], claim["reason"]) == ("REJECTED", "REGISTER_VOID")
    assert await case.credit() == ({"NOBODY": WHOLE}, False)
    await case.decides("Mei", **TO_BO)
    assert await case.credit() == ({"Bo": WHOLE}, True)


async def test_the_worker_tells_the_manager_once_the_two_have_not_settled(
    transactions: Transactions, clock: ManualClock
) -> None:
    settled, waiting = await a_case(transactions, clock), await a_case(transactions, clock)
    await settled.agrees("An", **TO_BO)
    await settled.agrees("Bo", **TO_BO)
    told = []
    for at in ("03-02 23:59", "03-03 00:00"):
        waiting.at(at)
        for case in (settled, waiting):

            async def announce(work: UnitOfWork, case: Case = case) -> None:
                await announce_handover(work, case.dispute_id)

            await case.house.inside(announce)
            rows = await case.house.rows(
                "SELECT 1 FROM app.outbox WHERE tenant_id = $1 AND kind = 'DisputeHandedOver'"
            )
            told.append(len(rows))

    assert told == [0, 0, 0, 1]
