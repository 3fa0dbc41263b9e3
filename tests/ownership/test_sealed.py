"""Whoever changes a claim, a deal, a share or a verdict by hand is found, and the column named."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from builders.ownership import PERMISSIONS, Showroom
from builders.sales import Sale, a_sale, shanghai

from service.clock import ManualClock
from service.database.connections import Location, connected
from service.database.pool import TenantPool
from service.journal.sealing import Found, Touch, Verified, sentences
from service.organisation.actors import Callers
from service.ownership.commands import (
    AppealDispute,
    CancelDeal,
    ClosePenaltyCase,
    DecideDispute,
    OpenDispute,
    RecordContract,
    VoidRegister,
    appeal_dispute,
    cancel_deal,
    close_penalty_case,
    decide_dispute,
    finalise_credit,
    open_dispute,
    record_contract,
    void_register,
)
from service.ownership.sealed import disagreeing
from service.work import Caller, Transactions

PRICE = {"amount_minor": 250_000_001, "currency": "CNY"}


@pytest.fixture
async def owner(location: Location) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """Whoever owns the tables and can put their guards out of the way: the one to be afraid of."""
    async with connected(location, "postgres") as connection:
        yield connection


@pytest.fixture
async def sale(transactions: Transactions, clock: ManualClock) -> Sale:
    """An tracked him, Bo sold to him, An's claim is admitted, and their dispute was decided."""
    made = await a_sale(transactions, clock, deal=PRICE)
    await made.claim("03-05 12:00")
    two = (made.house.members["Bo"], made.house.members["An"])
    dispute_id = await made.house.by("Bo", open_dispute, OpenDispute(made.deal_id, two, "Mine"))
    clock.set(shanghai("03-06 09:00"))
    verdict = DecideDispute(dispute_id, "Heard", 0, 10_000)
    await made.house.by("Mei", decide_dispute, verdict)
    return made


async def told(house: Showroom) -> list[Found]:
    caller = Caller(house.tenant_id, None, "verify")
    async with house.transactions.sight(caller) as sight:
        return await disagreeing(sight)


@pytest.fixture(autouse=True)
def _the_clerk_keeps_deals(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = [("deal", action, "tenant") for action in ("view", "contract", "cancel")]
    monkeypatch.setitem(PERMISSIONS, "clerk", [*PERMISSIONS["clerk"], *seen])


class Forger:
    """Changes rows past every guard, sees what is told then, and puts it all back."""

    def __init__(self, owner: "asyncpg.Connection[Any]", house: Showroom) -> None:
        self.owner, self.house, self.tenant_id = owner, house, house.tenant_id
        self.fetch = owner.fetch

    async def finds(self, *said: str) -> list[Found]:
        begun = self.owner.transaction()
        await begun.start()
        try:
            await self.owner.execute("SET LOCAL session_replication_role = replica")
            await self.owner.execute(
                "SELECT set_config('app.tenant_id', $1, true)", str(self.tenant_id)
            )
            names = {name: str(member_id) for name, member_id in self.house.members.items()}
            for one in said:
                await self.owner.execute(
                    one.format(ours=f"tenant_id = '{self.tenant_id}'", **names)
                )
            session: Any = self
            return await disagreeing(session)
        finally:
            await begun.rollback()


async def test_what_nobody_changed_says_what_was_decided(sale: Sale) -> None:
    assert await told(sale.house) == []


# What is set, and which columns are named for it.
CLAIM: dict[str, set[str]] = {
    "result = 'REJECTED', reason = 'LATE'": {"result", "reason"},
    "filed_at = filed_at - interval '1 hour'": {"filed_at"},
    "claimant_id = '{Chu}'": {"claimant_id"},
    "registration_id = NULL": {"registration_id"},
    "stated_same_customer = true": {"stated_same_customer"},
    "deal_id = id": {"deal_id"},
    "decision_id = id": {"decision_id"},
}
DEAL: dict[str, set[str]] = {
    "amount_minor = amount_minor - 1": {"amount_minor"},
    "amount_minor = NULL, currency = NULL": {"amount_minor", "currency"},
    "currency = 'HKD'": {"currency"},
    "owner_id = '{An}'": {"owner_id"},
    "closer_id = '{An}'": {"closer_id"},
    "party_id = id": {"party_id"},
    "visit_id = id": {"visit_id"},
    "unit_code = '8-302'": {"unit_code"},
    "signed_at = signed_at - interval '1 day'": {"signed_at"},
    "cancelled_at = now(), cancelled_on = now(), cancelled_by = owner_id,"
    " cancellation_reason = 'So'": {"cancelled_at"},
    "contracted_at = now(), contracted_on = now(), contracted_by = owner_id": {"contracted_at"},
    "credit_decision_id = (SELECT d.id FROM app.decision d WHERE d.subject_id = t.id"
    " ORDER BY d.at, d.id LIMIT 1)": {"credit_decision_id"},
}
DISPUTE: dict[str, set[str]] = {
    "first_basis_points = 10000, second_basis_points = 0": {
        "first_basis_points",
        "second_basis_points",
    },
    "second_basis_points = 9999, company_basis_points = 1": {
        "second_basis_points",
        "company_basis_points",
    },
    "decided_by = '{Chu}'": {"decided_by"},
    "decided_at = decided_at - interval '1 hour'": {"decided_at"},
    "aggravated = true": {"aggravated"},
    "reason = 'Misheard'": {"reason"},
    "first_member_id = '{Chu}'": {"first_member_id"},
    "second_member_id = '{Chu}'": {"second_member_id"},
    "opened_at = opened_at - interval '1 hour'": {"opened_at"},
    "opening_id = id": {"opening_id"},
    "outcome_id = NULL": {"outcome_id"},
}


@pytest.mark.parametrize(
    ("table", "changes"), [("claim", CLAIM), ("deal", DEAL), ("dispute", DISPUTE)]
)
async def test_a_column_that_was_changed_by_hand_is_named(
    sale: Sale,
    owner: "asyncpg.Connection[Any]",
    table: str,
    changes: dict[str, set[str]],
) -> None:
    forger = Forger(owner, sale.house)
    (row,) = await sale.house.rows(f"SELECT id FROM app.{table} WHERE tenant_id = $1")

    for change, fields in changes.items():
        found = await forger.finds(f"UPDATE app.{table} t SET {change} WHERE {{ours}}")

        of_it = [one for one in found if one.record == table and one.id == row["id"]]
        assert {one.touch for one in of_it} == {Touch.DISAGREES}, change
        assert {one.field for one in of_it} == fields, change
        assert found == of_it, change


async def test_a_share_that_was_given_to_another_or_made_larger_is_named(
    sale: Sale, owner: "asyncpg.Connection[Any]"
) -> None:
    forger = Forger(owner, sale.house)
    rows = await sale.house.rows(
        "SELECT s.id FROM app.credit_share s JOIN app.deal d ON d.tenant_id = $1"
        " AND d.id = s.deal_id AND d.credit_decision_id = s.decision_id WHERE s.tenant_id = $1"
    )
    (share_id,) = {row["id"] for row in rows}
    share = f"app.credit_share SET {{}} WHERE {{{{ours}}}} AND id = '{share_id}'"

    for change, field in (
        ("amount_minor = 1", "amount_minor"),
        ("basis_points = 9999", "basis_points"),
        ("member_id = '{Bo}'", "member_id"),
        ("holder = 'COMPANY', member_id = NULL", "member_id"),
    ):
        found = await forger.finds(f"UPDATE {share.format(change)}")
        assert [(one.id, one.field) for one in found] == [(share_id, field)], change
    taken_out = await forger.finds(f"DELETE FROM app.credit_share WHERE id = '{share_id}'")
    assert [(one.record, one.field) for one in taken_out] == [("credit_share", "shares")]


async def test_a_claim_or_a_deal_that_was_taken_out_is_missed(
    sale: Sale, owner: "asyncpg.Connection[Any]"
) -> None:
    (claim,) = await sale.house.rows("SELECT id FROM app.claim WHERE tenant_id = $1")

    found = await Forger(owner, sale.house).finds(
        "DELETE FROM app.claim WHERE {ours}", "DELETE FROM app.deal WHERE {ours}"
    )

    assert {(one.touch, one.record, one.id) for one in found} == {
        (Touch.REMOVED, "claim", claim["id"]),
        (Touch.REMOVED, "deal", sale.deal_id),
    }


async def test_the_price_of_a_deal_from_before_its_terms_were_sealed_is_held_against_the_ledger(
    transactions: Transactions, clock: ManualClock, owner: "asyncpg.Connection[Any]"
) -> None:
    sale = await a_sale(transactions, clock, deal=PRICE)
    clock.set(shanghai("03-09 00:00"))
    await sale.house.inside(lambda work: finalise_credit(work, sale.deal_id))
    forger = Forger(owner, sale.house)
    older = (
        "UPDATE app.decision SET outcome = outcome - ARRAY['deal', 'shares', 'claim', 'dispute']"
        " WHERE {ours}"
    )

    assert await forger.finds(older) == []
    found = await forger.finds(older, "UPDATE app.deal SET amount_minor = 1 WHERE {ours}")

    assert [(one.id, one.field) for one in found] == [(sale.deal_id, "amount_minor")]


async def test_what_was_done_about_a_case_is_what_was_said_to_be_done(
    sale: Sale, owner: "asyncpg.Connection[Any]"
) -> None:
    house = sale.house
    for name in ("An", "Bo"):
        if name == "Bo":
            await house.a_registration("Bo", await house.a_party())
        void = VoidRegister(house.members[name], house.site_id, "Copied")
        await house.by("Mei", void_register, void)
    cases = await house.rows(
        "SELECT id FROM app.penalty_case WHERE tenant_id = $1 ORDER BY found_at, id"
    )
    closed, still_open = (case["id"] for case in cases)
    await house.by("Mei", close_penalty_case, ClosePenaltyCase(closed, "Warned in writing"))
    forger = Forger(owner, house)
    case = "UPDATE app.penalty_case SET {} WHERE {{ours}} AND id = '{}'"

    assert await told(house) == []
    for victim, change, fields in (
        (closed, "measure = 'Dismissed'", {"measure"}),
        (closed, "closed_at = closed_at - interval '1 day'", {"closed_at"}),
        (closed, "measure = NULL, closed_at = NULL", {"measure", "closed_at"}),
        (still_open, "measure = 'Warned', closed_at = now()", {"measure", "closed_at"}),
    ):
        found = await forger.finds(case.format(change, victim))
        assert {(one.record, one.id) for one in found} == {("penalty_case", victim)}, change
        assert {one.field for one in found} == fields, change


class RunningClock(ManualClock):
    """A clock that is later at each look, as between a command's coming and its turn."""

    def now(self) -> datetime:
        self.advance(timedelta(milliseconds=1))
        return self.at


async def test_whatever_people_do_to_a_deal_says_what_was_decided(pool: TenantPool) -> None:
    clock = RunningClock(shanghai("03-02 09:00"))
    transactions = Transactions(pool, clock, Callers())
    halves = {"claim__split_owner": 50, "dispute__appeal": "REGIONAL_MANAGER"}
    sale = await a_sale(transactions, clock, deal=PRICE, **halves)
    house = sale.house
    await sale.claim("03-05 12:00")
    two = (house.members["Bo"], house.members["An"])
    dispute_id = await house.by("Bo", open_dispute, OpenDispute(sale.deal_id, two, "Mine"))
    await house.by("Fin", record_contract, RecordContract(sale.deal_id))
    clock.set(shanghai("03-06 09:00"))
    await house.by("Mei", decide_dispute, DecideDispute(dispute_id, "Heard", 0, 10_000))
    assert await told(house) == []
    clock.set(shanghai("03-06 10:00"))
    await house.by("Bo", appeal_dispute, AppealDispute(dispute_id, "Unheard"))
    assert await told(house) == []
    void = VoidRegister(house.members["An"], house.site_id, "Copied")
    await house.by("Mei", void_register, void)
    assert await told(house) == []
    clock.set(shanghai("03-06 11:00"))
    await house.by("Fin", cancel_deal, CancelDeal(sale.deal_id, "No money"))

    assert await told(house) == []
    (claim,) = await house.rows("SELECT result FROM app.claim WHERE tenant_id = $1")
    assert claim["result"] == "REJECTED"


def test_the_operator_reads_which_column_it_is() -> None:
    one = Found(Touch.DISAGREES, "deal", UUID(int=7), None, shanghai("03-05 11:00"), "amount_minor")

    (said,) = sentences(Verified(1, 1, 0, "", (one,)))

    assert said == (
        f"deal {UUID(int=7)} of 2026-03-05T03:00:00.000+00:00 does not say what was decided:"
        " amount_minor"
    )
