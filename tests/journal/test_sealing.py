"""Every byte of the ledgers is sealed; whoever touches one is found, and the line named."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from builders.ownership import a_showroom
from builders.sales import a_sale, shanghai
from builders.tenants import TenantHandle, a_tenant

from service.clock import ManualClock
from service.credits.tables import MetricCredit
from service.database.connections import Location, connected
from service.journal.sealing import Touch, Verified, seal, verify
from service.ownership.chains import unchained
from service.ownership.commands import (
    CorrectFollowUp,
    OpenDispute,
    RecordFollowUp,
    VoidRegister,
    correct_follow_up,
    finalise_credit,
    open_dispute,
    record_follow_up,
    void_register,
)
from service.reception.commands import RecordArrival, SignIn, record_arrival, sign_in
from service.targets.tables import Metric
from service.work import Caller, Transactions, UnitOfWork
from service.worker.sealing import seal_all


@pytest.fixture
async def owner(location: Location) -> AsyncIterator["asyncpg.Connection[Any]"]:
    """Whoever owns the tables and can put their guards out of the way: the one to be afraid of."""
    async with connected(location, "postgres") as connection:
        yield connection


SEALED = (
    "decision",
    "audit_event",
    "credit_entry",
    "rulebook_version",
    "register_book",
    "registration",
    "follow_up",
    "party_relation",
    "metric_credit",
    "dispute_step",
    "penalty_case",
)


async def a_day(transactions: Transactions) -> TenantHandle:
    tenant = await a_tenant(transactions)
    members = await tenant.members("薄文静", "安志远")
    desk = await tenant.member("前台", role="desk-clerk")
    await tenant.do(sign_in, SignIn(tenant.site_id, members), by=desk)
    for number in range(3):
        phones = (f"1380013800{number}",)
        await tenant.do(record_arrival, RecordArrival(tenant.site_id, phones=phones), by=desk)
    return tenant


async def verified(tenant: Any) -> Verified:
    async with tenant.transactions.sight(tenant.caller()) as sight:
        return await verify(sight)


async def touch(owner: "asyncpg.Connection[Any]", tenant: Any, *said: str) -> None:
    tables = ("journal_seal", *SEALED)
    async with owner.transaction():
        for table in tables:
            await owner.execute(f"ALTER TABLE app.{table} DISABLE TRIGGER USER")
        await owner.execute("SELECT set_config('app.tenant_id', $1, true)", str(tenant.id))
        for one in said:
            await owner.execute(one)
        for table in tables:
            await owner.execute(f"ALTER TABLE app.{table} ENABLE TRIGGER USER")


async def a_decision(tenant: TenantHandle) -> UUID:
    rows = await tenant.rows(
        "SELECT id FROM app.decision WHERE tenant_id = $1 AND kind = 'RECEPTION'"
        " ORDER BY id LIMIT 1 OFFSET 1"
    )
    found: UUID = rows[0]["id"]
    return found


async def sealed_up(tenant: Any) -> int:
    """Seal until what there is now is sealed: other tests' transactions may hold it back."""
    counts = (f"(SELECT count(*) FROM app.{table} WHERE tenant_id = $1)" for table in SEALED)
    (row,) = await tenant.rows(f"SELECT {' + '.join(counts)} AS lines")
    total = 0
    async with asyncio.timeout(60):
        while True:
            total += await seal_all(tenant.transactions, tenant.id)
            found = await verified(tenant)
            # In the order of their transactions, so that what came later comes after them.
            if found.waiting == 0 and found.lines >= row["lines"]:
                return total
            await asyncio.sleep(0)


async def test_what_nobody_touched_is_as_it_was_sealed(transactions: Transactions) -> None:
    tenant = await a_day(transactions)

    count = await sealed_up(tenant)
    once_more = await verified(tenant)

    assert count == once_more.lines > 6
    assert once_more.found == ()
    assert len(once_more.head) == 64


@pytest.mark.parametrize(
    "change",
    [
        "rule = rule || ' '",
        "facts = facts || '{\"said_before\": true}'",
        "at = at + interval '1 millisecond'",
        "owner_id = NULL",
        "passed_over = '[{}]'",
    ],
)
async def test_a_changed_byte_of_a_decision_is_found_and_no_other_line_accused(
    transactions: Transactions, owner: "asyncpg.Connection[Any]", change: str
) -> None:
    tenant = await a_day(transactions)
    await sealed_up(tenant)
    victim = await a_decision(tenant)

    await touch(owner, tenant, f"UPDATE app.decision SET {change} WHERE id = '{victim}'")

    found = (await verified(tenant)).found
    assert [(one.touch, one.record, one.id) for one in found] == [
        (Touch.CHANGED, "decision", victim)
    ]


class House:
    """A showroom as those who seal and verify see it."""

    def __init__(self, house: Any) -> None:
        self.id, self.transactions, self.rows = house.tenant_id, house.transactions, house.rows

    def caller(self) -> Caller:
        return Caller(self.id, None, "verify")


async def test_the_words_of_a_rulebook_and_who_has_a_credit_are_sealed(
    transactions: Transactions, owner: "asyncpg.Connection[Any]", clock: ManualClock
) -> None:
    sale = await a_sale(transactions, clock)
    clock.set(shanghai("03-09 00:00"))
    await sale.house.inside(lambda work: finalise_credit(work, sale.deal_id))
    house = House(sale.house)
    await sealed_up(house)
    ((version_id,),) = await house.rows("SELECT id FROM app.rulebook_version WHERE tenant_id = $1")
    ((entry_id,),) = await house.rows("SELECT id FROM app.credit_entry WHERE tenant_id = $1")
    assert (await verified(house)).found == ()

    # Until when it holds is moved by the next version, and is no part of what it says.
    of_ours = f"WHERE id = '{version_id}'"
    until = f"UPDATE app.rulebook_version SET effective_until = '2030-01-01' {of_ours}"
    await touch(owner, house, until)
    assert (await verified(house)).found == ()

    said = "'{decisions,reception,rules,0,says,en}'"
    await touch(
        owner,
        house,
        f"UPDATE app.rulebook_version SET document = jsonb_set(document, {said}, '\"So.\"')"
        f" {of_ours}",
        "UPDATE app.credit_entry SET member_id ="
        f" '{sale.house.members['An']}' WHERE id = '{entry_id}'",
    )

    found = (await verified(house)).found
    assert {(one.touch, one.record, one.id) for one in found} == {
        (Touch.CHANGED, "rulebook_version", version_id),
        (Touch.CHANGED, "credit_entry", entry_id),
    }


@pytest.mark.parametrize(
    "change",
    [
        "overrides = '{\"tracking.days\": 99}'",
        "effective_from = effective_from - interval '1 day'",
        "effective_on = '2020-01-01'",
        "author_ids = author_ids || id",
        "published_by = id",
    ],
)
async def test_the_parameters_of_a_rulebook_and_when_and_by_whom_it_was_put_in_force_are_sealed(
    transactions: Transactions, owner: "asyncpg.Connection[Any]", change: str
) -> None:
    tenant = await a_tenant(transactions)
    await sealed_up(tenant)
    (version,) = await tenant.rows("SELECT id FROM app.rulebook_version WHERE tenant_id = $1")

    of_ours = f"WHERE id = '{version['id']}'"
    await touch(owner, tenant, f"UPDATE app.rulebook_version SET {change} {of_ours}")

    found = (await verified(tenant)).found
    assert [(one.touch, one.record, one.id) for one in found] == [
        (Touch.CHANGED, "rulebook_version", version["id"])
    ]


async def test_an_entry_of_a_register_that_does_not_follow_the_one_before_is_named(
    transactions: Transactions, owner: "asyncpg.Connection[Any]"
) -> None:
    showroom = await a_showroom(transactions)
    for _ in range(4):
        await showroom.a_registration("An", await showroom.a_party())
    house = House(showroom)
    entries = await house.rows(
        "SELECT id FROM app.registration WHERE tenant_id = $1 ORDER BY entry_number"
    )
    ((book_id,),) = await house.rows("SELECT id FROM app.register_book WHERE tenant_id = $1")
    first, second, third, last = (row["id"] for row in entries)

    async def named() -> list[UUID]:
        async with transactions.sight(house.caller()) as sight:
            found = await unchained(sight)
        assert {one.touch for one in found} <= {Touch.UNCHAINED}
        return [one.id for one in found]

    assert await named() == []
    await touch(owner, house, f"UPDATE app.registration SET remark = '' WHERE id = '{first}'")
    assert await named() == [first]
    await touch(owner, house, f"DELETE FROM app.registration WHERE id IN ('{second}', '{last}')")
    assert await named() == [first, third, book_id]


async def test_whose_a_register_and_an_entry_are_is_sealed_with_follow_ups_and_relations(
    transactions: Transactions, owner: "asyncpg.Connection[Any]"
) -> None:
    showroom = await a_showroom(transactions)
    wang, li = await showroom.a_party(), await showroom.a_party()
    entry_id = await showroom.a_registration("An", wang)
    await showroom.a_relation(wang, li, "spouse", None)
    contacts = [RecordFollowUp(entry_id, "PHONE", f"Asked {time}") for time in range(3)]
    made = [await showroom.by("An", record_follow_up, contact) for contact in contacts]
    correction = CorrectFollowUp(made[0], "PHONE", "Asked his wife")
    made.append(await showroom.by("An", correct_follow_up, correction))
    house = House(showroom)
    await sealed_up(house)
    ((book_id,),) = await house.rows("SELECT id FROM app.register_book WHERE tenant_id = $1")
    ((relation_id,),) = await house.rows("SELECT id FROM app.party_relation WHERE tenant_id = $1")

    async def named() -> tuple[set[tuple[Touch, str, UUID]], list[UUID]]:
        sealed = (await verified(house)).found
        async with transactions.sight(house.caller()) as sight:
            chains = await unchained(sight)
        return {(one.touch, one.record, one.id) for one in sealed}, [one.id for one in chains]

    assert await named() == (set(), [])
    # What goes on moving is no part of what is sealed.
    ours = f"WHERE tenant_id = '{house.id}'"
    await touch(
        owner,
        house,
        f"UPDATE app.registration SET protected_until = now(), version = version + 1 {ours}",
        f"UPDATE app.register_book SET void_reason = 'Copied', version = version + 1 {ours}",
    )
    assert await named() == (set(), [])

    bo = showroom.members["Bo"]
    await touch(
        owner,
        house,
        f"UPDATE app.register_book SET member_id = '{bo}' {ours}",
        f"UPDATE app.registration SET member_id = '{bo}' {ours}",
        f"UPDATE app.party_relation SET created_at = created_at - interval '1 day' {ours}",
        f"UPDATE app.follow_up SET content = 'Not asked' WHERE id = '{made[1]}'",
        f"DELETE FROM app.follow_up WHERE id = '{made[3]}'",
    )

    assert await named() == (
        {
            (Touch.CHANGED, "register_book", book_id),
            (Touch.CHANGED, "registration", entry_id),
            (Touch.CHANGED, "party_relation", relation_id),
            (Touch.CHANGED, "follow_up", made[1]),
            (Touch.REMOVED, "follow_up", made[3]),
        },
        [made[1]],
    )


async def a_metric_credit(work: UnitOfWork) -> UUID:
    """What counted once, of a metric of its own."""
    common: Any = {"tenant_id": work.tenant_id}
    metric = Metric(
        **common,
        id=work.new_id(),
        created_at=work.now,
        code="VIEWINGS",
        names={"en": "Viewings"},
        unit="COUNT",
        direction="HIGHER",
        counting_event="OTHER",
        business="ALL",
        product_codes=[],
        new_only=False,
    )
    entry = MetricCredit(
        **common,
        id=work.new_id(),
        metric_id=metric.id,
        kind="PRIMARY",
        basis_points=10_000,
        amount=7,
        credited_on=work.now.date(),
        recorded_at=work.now,
        source="RECORDED",
        source_key="viewings of Monday",
    )
    work.add(metric, entry)
    return entry.id


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("metric_credit", "amount = amount + 1"),
        ("metric_credit", "credited_on = credited_on - 1"),
        ("metric_credit", "member_id = '{Bo}'"),
        ("metric_credit", "source_key = 'viewings of Tuesday'"),
        ("dispute_step", "words = 'Not so'"),
        ("dispute_step", "at = at - interval '1 millisecond'"),
        ("dispute_step", "member_id = '{Chu}'"),
        ("penalty_case", "reason = 'Copied twice'"),
        ("penalty_case", "found_by = '{Bo}'"),
        ("penalty_case", "registration_ids = '{{}}'"),
    ],
)
async def test_what_counts_what_was_said_and_what_was_found_is_sealed(
    transactions: Transactions,
    owner: "asyncpg.Connection[Any]",
    clock: ManualClock,
    table: str,
    change: str,
) -> None:
    sale = await a_sale(transactions, clock)
    two = (sale.house.members["Bo"], sale.house.members["An"])
    await sale.house.by("Bo", open_dispute, OpenDispute(sale.deal_id, two, "Mine"))
    void = VoidRegister(sale.house.members["An"], sale.house.site_id, "Copied")
    await sale.house.by("Mei", void_register, void)
    await sale.house.inside(a_metric_credit)
    house = House(sale.house)
    await sealed_up(house)
    ((victim,),) = await house.rows(f"SELECT id FROM app.{table} WHERE tenant_id = $1")
    assert (await verified(house)).found == ()

    names = {name: str(member_id) for name, member_id in sale.house.members.items()}
    said = change.format(**names)
    await touch(owner, house, f"UPDATE app.{table} SET {said} WHERE id = '{victim}'")

    found = (await verified(house)).found
    assert [(one.touch, one.record, one.id) for one in found] == [(Touch.CHANGED, table, victim)]


async def test_an_entry_made_while_the_registers_are_looked_through_accuses_none(
    transactions: Transactions,
) -> None:
    showroom = await a_showroom(transactions)
    for rep in ("An", "Bo"):
        await showroom.a_registration(rep, await showroom.a_party())
    house, wang = House(showroom), await showroom.a_party()
    ((rep,),) = await house.rows(
        "SELECT m.name FROM app.register_book b"
        " JOIN app.member m ON m.tenant_id = $1 AND m.id = b.member_id"
        " WHERE b.tenant_id = $1 ORDER BY b.id LIMIT 1"
    )

    async with transactions.sight(house.caller()) as sight:
        # What is made in the first register comes before the place where the second look begins.
        passing: Any = Passing(sight, lambda: showroom.a_registration(rep, wang))
        found = await unchained(passing)

    assert found == []
    entries = await house.rows("SELECT id FROM app.registration WHERE tenant_id = $1")
    assert len(entries) == 3


async def test_a_removed_and_an_inserted_line_are_named(
    transactions: Transactions, owner: "asyncpg.Connection[Any]"
) -> None:
    tenant = await a_day(transactions)
    await sealed_up(tenant)
    victim = await a_decision(tenant)
    columns = (
        "tenant_id, kind, at, subject_type, subject_id, rulebook_version_id, rule, clause, facts,"
        " outcome, passed_over, transaction"
    )

    await touch(
        owner,
        tenant,
        f"INSERT INTO app.decision (id, {columns}) SELECT '{UUID(int=7)}', {columns}"
        f" FROM app.decision WHERE id = '{victim}'",
        "DELETE FROM app.audit_event WHERE command = 'sign_in'",
    )

    found = (await verified(tenant)).found
    assert sorted((one.touch.value, one.record) for one in found) == [
        ("INSERTED", "decision"),
        ("REMOVED", "audit_event"),
    ]
    assert UUID(int=7) in {one.id for one in found}


async def test_a_seal_taken_out_of_the_row_is_found(
    transactions: Transactions, owner: "asyncpg.Connection[Any]"
) -> None:
    tenant = await a_day(transactions)
    await sealed_up(tenant)
    await tenant.member("易俊杰")
    await sealed_up(tenant)

    await touch(owner, tenant, "DELETE FROM app.journal_seal WHERE number = 1")

    touched = {one.touch for one in (await verified(tenant)).found}
    assert {Touch.SEAL_BROKEN, Touch.INSERTED} == touched


class Passing:
    """A session during whose first look at a ledger somebody else's transaction ends."""

    def __init__(self, sight: Any, ends: Callable[[], Awaitable[object]]) -> None:
        self._sight = sight
        self._ends: Callable[[], Awaitable[object]] | None = ends

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sight, name)

    async def fetch(self, statement: str, *arguments: object) -> Any:
        rows = await self._sight.fetch(statement, *arguments)
        if self._ends is not None:
            ends, self._ends = self._ends, None
            await ends()
        return rows


async def test_a_transaction_that_ends_between_two_ledgers_is_passed_by_in_none(
    transactions: Transactions, owner: "asyncpg.Connection[Any]"
) -> None:
    """It holds the horizon back in the audit and not in the decisions any more."""
    slow = owner.transaction()
    await slow.start()
    await owner.execute("SELECT pg_current_xact_id()")
    tenant = await a_day(transactions)

    async with transactions.sight(tenant.caller()) as sight:
        passing: Any = Passing(sight, slow.commit)
        await seal(passing, sight.now, sight.new_id())
    await sealed_up(tenant)

    assert (await verified(tenant)).found == ()


async def test_workers_who_seal_at_once_seal_every_line_once(transactions: Transactions) -> None:
    tenant = await a_day(transactions)

    counts = await asyncio.gather(*(seal_all(transactions, tenant.id) for _ in range(4)))
    left = await sealed_up(tenant)

    whole = await verified(tenant)
    assert sum(counts) + left == whole.lines
    assert whole.found == ()
    ids = await tenant.rows(
        "SELECT count(*) AS lines, count(DISTINCT id) AS different"
        " FROM (SELECT unnest(record_ids) AS id FROM app.journal_seal WHERE tenant_id = $1) x"
    )
    assert ids[0]["lines"] == ids[0]["different"] == whole.lines
