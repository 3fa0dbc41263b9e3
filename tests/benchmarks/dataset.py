"""The data sets: fifty tenants of a trade, and a large tenant beside a small one.

They are made once, in a folder that `BENCH_HOME` names (default: `build/benchmark`), and found
again by later runs; a change of what fills them, or of a migration they were made with, makes them
anew. The server forgoes syncing, so that nothing but the processor counts; what it holds can be
made again at any time.

`python -m tests.benchmarks.dataset` makes them and says how long it took.
"""

import asyncio
import hashlib
import json
import os
import shutil
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import SecretStr

from service.app.base import Base, opened
from service.clock import ManualClock
from service.database.connections import Location, connected
from service.embedded.lease import Lease, acquire
from service.organisation.actors import Callers
from service.provisioning.copying import Founding, Provisioned, provision
from service.provisioning.templates import load_template
from service.settings import Settings
from service.work import Transactions, UnitOfWork
from tests.benchmarks import filling, ledgers
from tests.benchmarks.house import KEY, token_for
from tests.benchmarks.load import ENDLESS, Serving, free_port

HOME = Path(os.environ.get("BENCH_HOME", Path("build") / "benchmark")).absolute()
BEGAN = datetime(2024, 1, 1, tzinfo=UTC)
ENDED = datetime(2026, 2, 1, tzinfo=UTC)
TRADE = {f"trade-{number}": 4_000 for number in range(1, 51)}
"""Fifty tenants: 200,000 leads, 600,000 follow-ups, 61 territories each."""
PAIR = {"small": 5_000, "large": 500_000}
LEDGER = {"ledger-small": 50, "ledger-large": 5_000}
"""A ledger of a thousand entries for each lead: 50,000 beside five million."""
SETS = {"trade": TRADE, "pair": PAIR, "ledger": LEDGER}

_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "1h",
    "shared_buffers": "768MB",
    # All that are compared hold theirs at once.
    "max_connections": "100",
    "maintenance_work_mem": "512MB",
    # A shared machine: a benchmark must not measure the cleaner.
    "autovacuum": "off",
}
_MIGRATIONS = Path("service") / "database" / "migrations" / "versions"


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody of a tenant who asks, and the token he asks with."""

    tenant_id: UUID
    member_id: UUID
    token: str


class Dataset:
    """A filled database, and where its people are."""

    def __init__(self, base: Base, name: str, tenants: dict[str, UUID]) -> None:
        self.base = base
        self.name = name
        self.tenants = tenants

    @property
    def location(self) -> Location:
        """Return where the database is."""
        return self.base.location

    def server(self, **settings: str) -> Serving:
        """Return an API process on it, not yet started."""
        port = free_port()
        environment = {
            "BAILIWICK_HOME": str(HOME),
            "BAILIWICK_DATABASE": self.name,
            "BAILIWICK_PORT": str(port),
            "BAILIWICK_TOKEN_KEY": KEY,
            "BAILIWICK_LOG_LEVEL": "warning",
            **ENDLESS,
            **settings,
        }
        return Serving(["-m", "service.start", "serve"], environment, port)

    async def staff(self, tenant: str, staff_code: str) -> Staff:
        """Return a member by his code.

        `M07` manages site 7, `R07` is its rep, `D07` at its desk; `G2` has a region's territory,
        `L1` that of one site, `C1` directs the company.
        """
        tenant_id = self.tenants[tenant]
        async with connected(self.location, "postgres") as connection:
            member_id = await connection.fetchval(
                "SELECT id FROM app.member WHERE tenant_id = $1 AND staff_code = $2",
                tenant_id,
                staff_code,
            )
        return Staff(tenant_id, member_id, token_for(tenant_id, member_id))

    async def row(self, sql: str, *arguments: object) -> Any:
        """Return the first row of a statement over all tenants."""
        async with connected(self.location, "postgres") as connection:
            return await connection.fetchrow(sql, *arguments)


@asynccontextmanager
async def dataset(name: str) -> AsyncIterator[Dataset]:
    """Open a data set, made first if it is not there or no longer fits."""
    lease = await asyncio.to_thread(_server)
    try:
        if not _fits(name):
            await _drop(lease, name)
        settings = Settings(home=HOME, database=name, token_key=SecretStr(KEY))
        async with opened(settings, making=True) as base:
            if not _fits(name):
                await _fill(base, SETS[name], ledger=name == "ledger")
                _mark(name).write_text(json.dumps(_made_of(name)), "ascii")
            yield Dataset(base, name, await _tenants(base))
    finally:
        lease.stop_if_last()


def _server() -> Lease:
    HOME.mkdir(parents=True, exist_ok=True)
    HOME.chmod(0o711)
    return acquire(HOME, settings=_SETTINGS)


def _mark(name: str) -> Path:
    return HOME / f"{name}.json"


def _made_of(name: str) -> dict[str, str]:
    """Return the digests of what a data set is made with."""
    fillers = ["filling.py", *(["ledgers.py"] if name == "ledger" else [])]
    files = [*(Path("tests/benchmarks", one) for one in fillers), *_MIGRATIONS.glob("0*.py")]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _fits(name: str) -> bool:
    """Tell whether it was made with what there is; newer migrations are run on it."""
    if not _mark(name).exists():
        return False
    made_of = json.loads(_mark(name).read_text("ascii"))
    return made_of.items() <= _made_of(name).items()


async def _drop(lease: Lease, name: str) -> None:
    _mark(name).unlink(missing_ok=True)
    where = Location(str(lease.socket_folder), "postgres")
    async with connected(where, "postgres") as connection:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


async def _tenants(base: Base) -> dict[str, UUID]:
    async with connected(base.location, "postgres") as connection:
        rows = await connection.fetch("SELECT code, tenant_id FROM app.tenant")
    return {row["code"]: row["tenant_id"] for row in rows}


async def _fill(base: Base, plan: dict[str, int], *, ledger: bool) -> None:
    async with connected(base.location, "postgres") as connection:
        for statement in filling.PREPARED:
            await connection.execute(statement)
        for number, (code, leads) in enumerate(plan.items(), 1):
            await _found(base, connection, (number, code, leads))
        await connection.execute("SET session_replication_role = replica")
        for statement in (*filling.PEOPLE, filling.LEADS):
            await connection.execute(statement)
        await connection.execute("ANALYZE benchmark.lead")
    await _both([_without_indexes(base, *one) for one in filling.ROWS.items()])
    if ledger:
        await _fill_ledger(base)
    async with connected(base.location, "postgres") as connection:
        await connection.execute("DROP SCHEMA benchmark CASCADE")
        await connection.execute("VACUUM (ANALYZE, PARALLEL 2)")


async def _fill_ledger(base: Base) -> None:
    async with connected(base.location, "postgres") as connection:
        await connection.execute("SET session_replication_role = replica")
        for statement in ledgers.PREPARED:
            await connection.execute(statement)
        await connection.execute("ANALYZE benchmark.seated, benchmark.counted, benchmark.bought")
    for table, statement in ledgers.ROWS.items():
        await _without_indexes(base, table, statement)


async def _both(work: Iterable[Any]) -> None:
    """Do the work two at a time: there are two processors."""
    gate = asyncio.Semaphore(2)

    async def gated(one: Any) -> None:
        async with gate:
            await one

    await asyncio.gather(*(gated(one) for one in work))


async def _without_indexes(base: Base, table: str, statement: str) -> None:
    """Fill a table, its plain indexes being made afterwards: a third of the time."""
    async with connected(base.location, "postgres") as connection:
        indexes = await connection.fetch(
            "SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made"
            " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
            " WHERE i.indrelid = ('app.' || $1)::regclass AND c.relkind = 'i'"
            " AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)",
            table,
        )
        await connection.execute("SET session_replication_role = replica")
        for index in indexes:
            await connection.execute(f"DROP INDEX {index['name']}")
        await connection.execute(statement)
        for index in indexes:
            await connection.execute(index["made"])


async def _found(
    base: Base, connection: "asyncpg.Connection[Any]", tenant: tuple[int, str, int]
) -> None:
    """Give a tenant what every tenant of the trade starts with."""
    number, code, leads = tenant
    tenant_id = UUID(hashlib.md5(f"benchmark/{code}".encode()).hexdigest())  # noqa: S324 - a name
    founding = Founding(code=code, name=code, admin_name="管理员", beginning=BEGAN)
    transactions = Transactions(base.application_pool, ManualClock(BEGAN), Callers())

    async def step(work: UnitOfWork) -> Provisioned:
        return provision(work, load_template("property-developer"), founding)

    made = await transactions.internally(tenant_id, "benchmark_tenant", step)
    await base.identity_pool.execute(
        "INSERT INTO app.global_tenant_directory (tenant_id, code, name, industry, cluster, state,"
        " tenant_state, generation, created_at)"
        " VALUES ($1, $2, $2, 'property-developer', 'default', 'ACTIVE', 'ACTIVE', 1, $3)",
        tenant_id,
        code,
        BEGAN,
    )
    known = [
        {key: str(value) for key, value in ids.items()}
        for ids in (made.roles, made.units, made.territories)
    ]
    await connection.execute(
        "INSERT INTO benchmark.tenant VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        *(number, tenant_id, leads, BEGAN, ENDED, made.rulebook_version_id, *known),
    )


async def _make(names: Iterable[str]) -> None:
    for name in names:
        started = perf_counter()
        async with dataset(name) as made:
            row = await made.row(
                "SELECT (SELECT count(*) FROM app.registration) AS leads,"
                " (SELECT count(*) FROM app.follow_up) AS follow_ups,"
                " pg_size_pretty(pg_database_size(current_database())) AS size"
            )
        print(f"{name}: {dict(row)} in {perf_counter() - started:.0f} s")  # noqa: T201 - a program


def forget() -> None:
    """Remove every data set."""
    shutil.rmtree(HOME, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(_make(SETS))
