"""The unit of work: keys, races, walls of one transaction."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

import asyncpg
import pytest
from builders.tenants import TenantHandle, a_tenant
from builders.ways import BOTH_WAYS

from service.clock import ManualClock
from service.database.connections import (
    Location,
    connected,
    open_tenant_pool,
    prepare_connection,
)
from service.database.pool import TenantPool
from service.database.security import APPLICATION
from service.database.session import WrongPlace
from service.errors import (
    Busy,
    Forbidden,
    IdempotencyKeyReused,
    InvalidInput,
    NotSignedIn,
    TenantSuspended,
    Unavailable,
)
from service.organisation.actors import Callers
from service.tenants.tables import Term
from service.work import Anchor, Caller, Transactions, UnitOfWork, nothing_more

pytestmark = BOTH_WAYS
KEY = "a-key-of-sixteen-characters"
MINUTE = timedelta(minutes=1)


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


async def looking(transactions: Transactions, caller: Caller) -> None:
    async with transactions.sight(caller):
        pass


async def adding(transactions: Transactions, caller: Caller) -> None:
    await transactions.carry_out(caller, KEY, AddTerm("loft"), add_term, nothing_more)


@dataclass(slots=True)
class Directory(Callers):
    """Callers that count how often the directory is asked anew."""

    asked: int = 0

    def __post_init__(self) -> None:
        Callers.__init__(self)

    async def look_again(self) -> None:
        self.asked += 1


@pytest.mark.parametrize("reads", [True, False], ids=["a read", "a command"])
async def test_a_tenant_that_is_not_here_is_looked_up_anew_once_and_then_unknown(
    pool: TenantPool, clock: ManualClock, reads: bool
) -> None:
    directory = Directory()
    elsewhere = Transactions(pool, clock, directory)
    caller = Caller(UUID(int=7), UUID(int=8), "r")

    with pytest.raises(NotSignedIn):
        await (looking(elsewhere, caller) if reads else adding(elsewhere, caller))

    assert directory.asked == 1


async def test_a_command_that_meets_the_wrong_place_half_way_is_run_again(
    pool: TenantPool, clock: ManualClock, transactions: Transactions
) -> None:
    tenant, directory = await a_tenant(transactions), Directory()

    async def moving(work: UnitOfWork, order: AddTerm) -> UUID:
        made = await add_term(work, order)
        if not directory.asked:
            raise WrongPlace
        return made

    done = await Transactions(pool, clock, directory).carry_out(
        tenant.caller(), KEY, AddTerm("loft"), moving, nothing_more
    )

    assert not done.replayed
    assert await terms(tenant, "loft") == 1


async def test_a_command_whose_table_a_migration_has_just_changed_is_run_again(
    location: Location, clock: ManualClock, transactions: Transactions, pipelining: bool
) -> None:
    tenant = await a_tenant(transactions)
    async with (
        await open_tenant_pool(location, APPLICATION, 1, pipelining=pipelining) as small,
        connected(location, "postgres") as superuser,
    ):
        apart = Transactions(small, clock, Callers())
        await superuser.execute(
            "CREATE TABLE app.changing (); GRANT SELECT ON app.changing TO PUBLIC"
        )

        async def looking(work: UnitOfWork, order: AddTerm) -> UUID:
            await work.fetch("SELECT * FROM app.changing")
            return await add_term(work, order)

        try:
            for number, key in enumerate((KEY, KEY[::-1])):
                order = AddTerm(f"loft-{number}")
                done = await apart.carry_out(tenant.caller(), key, order, looking, nothing_more)
                assert not done.replayed
                await superuser.execute(f"ALTER TABLE app.changing ADD COLUMN c{number} int")
        finally:
            await superuser.execute("DROP TABLE app.changing")

    assert await terms(tenant, "loft-1") == 1


async def test_a_read_whose_connection_had_died_begins_again_by_itself(
    location: Location, clock: ManualClock, transactions: Transactions, pipelining: bool
) -> None:
    tenant = await a_tenant(transactions)
    async with await open_tenant_pool(location, APPLICATION, 1, pipelining=pipelining) as small:
        apart = Transactions(small, clock, Callers())
        async with connected(location, "postgres") as superuser:
            async with small.acquire() as connection:
                backend = connection.get_server_pid()
            # The operating system's answer must not have been read yet: the pool would know.
            held = await small.take()
            await superuser.fetchval("SELECT pg_terminate_backend($1, 5000)", backend)
            small.give_back(held)

            async with apart.sight(tenant.caller()) as sight:
                assert sight.actor.member_id == tenant.admin_id


async def test_what_is_read_in_a_snapshot_stood_at_one_instant_before_its_own(
    clock: ManualClock, transactions: Transactions
) -> None:
    tenant = await a_tenant(transactions)
    counting = "SELECT count(*) FROM app.term WHERE tenant_id = $1 AND code = 'loft'"
    async with transactions.snapshot(tenant.caller()) as sight:
        before = await sight.fetch_value(counting, tenant.id)
        clock.advance(timedelta(seconds=1))
        await tenant.do(add_term, AddTerm("loft"))
        after = await sight.fetch_value(counting, tenant.id)

    assert (before, after) == (0, 0)
    assert sight.now < clock.now()
    async with transactions.snapshot(tenant.caller()) as sight:
        assert await sight.fetch_value(counting, tenant.id) == 1
        assert sight.now == clock.now()


@pytest.mark.parametrize("error", [TenantSuspended(), RuntimeError(), None])
async def test_no_connection_is_left_in_a_snapshot(
    location: Location,
    clock: ManualClock,
    transactions: Transactions,
    pipelining: bool,
    error: Exception | None,
) -> None:
    tenant = await a_tenant(transactions)
    async with await open_tenant_pool(location, APPLICATION, 1, pipelining=pipelining) as small:
        apart = Transactions(small, clock, Callers())
        with contextlib.nullcontext() if error is None else pytest.raises(type(error)):
            async with apart.snapshot(tenant.caller()):
                if error is not None:
                    raise error

        async with small.acquire() as connection:
            assert not connection.is_in_transaction()
            assert await connection.fetchval("SHOW transaction_timeout") == "15s"
        await apart.carry_out(tenant.caller(), KEY, AddTerm("loft"), add_term, nothing_more)


async def test_a_reader_is_told_at_once_that_the_database_is_away(
    clock: ManualClock, transactions: Transactions
) -> None:
    tenant = await a_tenant(transactions)
    attempts = 0

    async def refused() -> Any:
        nonlocal attempts
        attempts += 1
        raise ConnectionRefusedError

    async with TenantPool(refused, 2) as nowhere:
        with pytest.raises(Unavailable):
            async with Transactions(nowhere, clock, Callers()).sight(tenant.caller()):
                pass

    assert attempts == 1


@pytest.mark.parametrize("reads", [True, False], ids=["a read", "a command"])
async def test_whoever_finds_every_connection_lent_is_told_to_come_again(
    location: Location, clock: ManualClock, transactions: Transactions, reads: bool
) -> None:
    tenant = await a_tenant(transactions)
    async with TenantPool(lambda: asyncpg_connection(location), 1, patience_seconds=0.01) as small:
        apart = Transactions(small, clock, Callers())
        async with small.acquire():
            with pytest.raises(Busy):
                await (looking(apart, tenant.caller()) if reads else adding(apart, tenant.caller()))


async def asyncpg_connection(location: Location) -> Any:
    connection = await asyncpg.connect(**location.arguments(APPLICATION))
    await prepare_connection(connection)
    return connection


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


async def test_who_waited_for_the_anchor_acts_when_he_had_it(
    transactions: Transactions, clock: ManualClock
) -> None:
    tenant, began, instants = await a_tenant(transactions), clock.now(), list[datetime]()

    async def linger(work: UnitOfWork, order: Count) -> int:
        instants.append(work.now)
        clock.advance(MINUTE)
        return await count(work, order)

    await asyncio.gather(*(tenant.do(linger, Count(tenant.site_id, number)) for number in range(3)))

    assert instants == [began, began + MINUTE, began + 2 * MINUTE]


async def test_who_waited_for_a_lock_acts_when_he_had_it_unless_he_wrote_before(
    transactions: Transactions, clock: ManualClock
) -> None:
    tenant, began, instants = await a_tenant(transactions), clock.now(), list[datetime]()

    async def locked(work: UnitOfWork) -> None:
        clock.advance(MINUTE)
        await work.lock(
            "SELECT FROM app.rotation_queue WHERE tenant_id = $1 FOR NO KEY UPDATE", work.tenant_id
        )
        instants.append(work.now)

    async def wait(work: UnitOfWork, order: AddTerm) -> UUID:
        await locked(work)
        await locked(work)
        term_id = await add_term(work, order)
        await locked(work)
        return term_id

    await tenant.do(wait, AddTerm("loft"))

    assert instants == [began + MINUTE, began + 2 * MINUTE, began + 2 * MINUTE]


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
