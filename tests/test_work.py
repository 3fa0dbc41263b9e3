"""The unit of work: keys, races, walls of one transaction."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

import pytest
from builders.tenants import TenantHandle, a_tenant

from service.errors import (
    Busy,
    Forbidden,
    IdempotencyKeyReused,
    InvalidInput,
    NotSignedIn,
    TenantSuspended,
)
from service.tenants.tables import Term
from service.work import Anchor, Caller, Transactions, UnitOfWork, nothing_more

KEY = "a-key-of-sixteen-characters"


@dataclass(frozen=True, slots=True)
class AddTerm:
    """Keep a word."""

    code: str


async def add_term(work: UnitOfWork, order: AddTerm) -> UUID:
    work.authorise("tenant.edit")
    term = Term(tenant_id=work.tenant_id, id=work.new_id(), code=order.code, names={"en": "x"})
    work.add(term)
    return term.id


async def terms(tenant: TenantHandle, code: str) -> int:
    rows = await tenant.rows(
        "SELECT count(*) AS n FROM app.term WHERE tenant_id = $1 AND code = $2", code
    )
    return int(rows[0]["n"])


async def test_a_repeated_key_gets_the_first_answer_and_writes_nothing(
    transactions: Transactions,
) -> None:
    tenant = await a_tenant(transactions)
    caller = tenant.caller()

    first = await transactions.carry_out(caller, KEY, AddTerm("loft"), add_term, nothing_more)
    again = await transactions.carry_out(caller, KEY, AddTerm("loft"), add_term, nothing_more)

    assert (again.result, again.replayed) == (first.result, True)
    assert not first.replayed
    assert await terms(tenant, "loft") == 1


async def test_the_same_key_with_another_input_is_refused(transactions: Transactions) -> None:
    tenant = await a_tenant(transactions)
    await transactions.carry_out(tenant.caller(), KEY, AddTerm("loft"), add_term, nothing_more)

    with pytest.raises(IdempotencyKeyReused):
        await transactions.carry_out(tenant.caller(), KEY, AddTerm("villa"), add_term, nothing_more)
    assert await terms(tenant, "villa") == 0


async def test_a_refused_command_may_be_repeated_with_its_key(transactions: Transactions) -> None:
    tenant = await a_tenant(transactions)
    allowed = False

    async def sometimes(work: UnitOfWork, order: AddTerm) -> UUID:
        if not allowed:
            raise InvalidInput(expected="NOT_NEGATIVE")
        return await add_term(work, order)

    with pytest.raises(InvalidInput):
        await transactions.carry_out(tenant.caller(), KEY, AddTerm("loft"), sometimes, nothing_more)
    allowed = True
    done = await transactions.carry_out(
        tenant.caller(), KEY, AddTerm("loft"), sometimes, nothing_more
    )

    assert not done.replayed


async def test_ten_at_once_with_one_key_do_it_once(transactions: Transactions) -> None:
    tenant = await a_tenant(transactions)

    done = await asyncio.gather(
        *(
            transactions.carry_out(tenant.caller(), KEY, AddTerm("loft"), add_term, nothing_more)
            for _ in range(8)
        )
    )

    assert len({one.result for one in done}) == 1
    assert sorted(one.replayed for one in done) == [False] + [True] * 7


async def test_two_tenants_may_use_the_same_key(transactions: Transactions) -> None:
    for tenant in [await a_tenant(transactions), await a_tenant(transactions)]:
        done = await transactions.carry_out(
            tenant.caller(), KEY, AddTerm("loft"), add_term, nothing_more
        )
        assert not done.replayed


async def test_a_command_that_asks_no_duty_is_a_fault(transactions: Transactions) -> None:
    tenant = await a_tenant(transactions)

    async def careless(work: UnitOfWork, order: AddTerm) -> UUID:
        work.add(
            Term(tenant_id=work.tenant_id, id=work.new_id(), code=order.code, names={"en": "x"})
        )
        return work.new_id()

    with pytest.raises(RuntimeError, match="asked no duty"):
        await tenant.do(careless, AddTerm("loft"))
    assert await terms(tenant, "loft") == 0


async def test_whoever_lacks_the_duty_is_refused_with_a_sentence(
    transactions: Transactions,
) -> None:
    tenant = await a_tenant(transactions)
    rep = await tenant.member("安")

    with pytest.raises(Forbidden) as refused:
        await tenant.do(add_term, AddTerm("loft"), by=rep)
    assert refused.value.reason
    assert await terms(tenant, "loft") == 0


async def test_strangers_and_those_who_left_are_not_signed_in(transactions: Transactions) -> None:
    tenant, other = await a_tenant(transactions), await a_tenant(transactions)
    nobody = Caller(UUID(int=7), tenant.admin_id, "r")
    elsewhere = Caller(other.id, tenant.admin_id, "r")

    for caller in (nobody, elsewhere):
        with pytest.raises(NotSignedIn):
            await transactions.carry_out(caller, KEY, AddTerm("loft"), add_term, nothing_more)
        with pytest.raises(NotSignedIn):
            async with transactions.sight(caller):
                pass


async def test_a_suspended_tenant_is_refused_and_keeps_its_rows(
    transactions: Transactions,
) -> None:
    tenant = await a_tenant(transactions)
    await tenant.do(add_term, AddTerm("loft"))

    async def suspend(work: UnitOfWork) -> None:
        await work.fetch(
            "UPDATE app.tenant SET state = 'SUSPENDED' WHERE tenant_id = $1", work.tenant_id
        )

    await transactions.internally(tenant.id, "suspend", suspend)

    with pytest.raises(TenantSuspended):
        await tenant.do(add_term, AddTerm("villa"))
    with pytest.raises(TenantSuspended):
        async with transactions.sight(tenant.caller()):
            pass


async def test_a_change_that_hits_nothing_undoes_the_whole(transactions: Transactions) -> None:
    tenant = await a_tenant(transactions)

    async def hopeful(work: UnitOfWork, order: AddTerm) -> UUID:
        work.change(Term, UUID(int=9), {"code": "nowhere"})
        return await add_term(work, order)

    with pytest.raises(Busy):
        await tenant.do(hopeful, AddTerm("loft"))
    assert await terms(tenant, "loft") == 0


@dataclass(frozen=True, slots=True)
class Count:
    """Raise the queue's number by one, reading it first."""

    anchor: ClassVar[Anchor] = Anchor("rotation_queue", "site_id", "site_id")

    site_id: UUID
    number: int


async def count(work: UnitOfWork, order: Count) -> int:
    work.authorise("tenant.edit")
    anchor = work.anchor
    assert anchor is not None
    # Long enough for everybody else to arrive at the lock.
    await asyncio.sleep(0.005)
    work.write(
        "rotation_queue",
        "UPDATE app.rotation_queue SET last_sequence = {}::int"
        " WHERE tenant_id = {}::uuid AND site_id = {}::uuid",
        anchor["last_sequence"] + 1,
        work.tenant_id,
        order.site_id,
        expected=1,
    )
    return int(anchor["last_sequence"]) + 1


async def test_the_anchor_lets_one_after_another_through(transactions: Transactions) -> None:
    tenant = await a_tenant(transactions)

    numbers = await asyncio.gather(
        *(tenant.do(count, Count(tenant.site_id, number)) for number in range(20))
    )

    assert sorted(numbers) == list(range(1, 21))


async def test_a_command_leaves_its_name_duty_and_subject_in_the_audit(
    transactions: Transactions,
) -> None:
    tenant = await a_tenant(transactions)
    await tenant.do(add_term, AddTerm("loft"))

    rows = await tenant.rows(
        "SELECT actor_id, duty, request_id FROM app.audit_event"
        " WHERE tenant_id = $1 AND command = 'add_term'"
    )

    assert [row["actor_id"] for row in rows] == [tenant.admin_id]
    assert rows[0]["duty"].startswith("d:")


@pytest.mark.parametrize("broken", [False, True])
async def test_what_stands_beside_a_transaction_ends_after_it_and_as_it_did(
    transactions: Transactions, broken: bool
) -> None:
    tenant = await a_tenant(transactions)
    seen: list[tuple[int, bool]] = []

    @asynccontextmanager
    async def another() -> AsyncIterator[None]:
        try:
            yield
        except RuntimeError:
            seen.append((await terms(tenant, "atrium"), False))
            raise
        seen.append((await terms(tenant, "atrium"), True))

    async def answer(work: UnitOfWork, _term_id: UUID) -> None:
        await work.beside.enter_async_context(another())
        if broken:
            raise RuntimeError("power cut")

    running = transactions.carry_out(tenant.caller(), KEY, AddTerm("atrium"), add_term, answer)
    if broken:
        with pytest.raises(RuntimeError):
            await running
    else:
        await running

    assert seen == [(0, False) if broken else (1, True)]
