"""One tenant of each template, made once as the product makes it; a test's own is copied from it.

To make a tenant is a thousand rows, each of which is put together, sent, and held against the rows
it refers to. A copy is one statement of the database's superuser, in a session in which nothing is
asked again of rows that were found right before: the same rows under new ids, in a fifth of the
time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self
from uuid import UUID
from weakref import WeakKeyDictionary

import asyncpg

from service.clock import new_id
from service.database.pool import TenantPool
from service.organisation.actors import Callers
from service.policies.access import CompiledTenant
from service.provisioning.copying import Founding, Provisioned, provision
from service.provisioning.templates import load_template
from service.work import Caller, Transactions, UnitOfWork

_Kind = tuple[str, str, datetime, int]
# Digits of an id that are the tenant's; the last nine are the row's.
_FIRST = 27
# Each tenant's own: they tell when and by which transaction a row was written.
_MADE = frozenset({"created_at", "at"})
_OF_THE_DATABASE = frozenset({"transaction"})
_COLUMNS = """
SELECT quote_ident(attname) AS name, format_type(atttypid, NULL) AS kind FROM pg_attribute
 WHERE attrelid = ('app.' || $1::text)::regclass AND attnum > 0 AND NOT attisdropped
   AND attgenerated = ''
"""
# What a column holds that is not simply that of the original.
_TOLD = {
    ("tenant", "code"): "$5::text",
    ("tenant", "name"): "$6::text",
    ("audit_event", "request_id"): "'product-' || $2::uuid",
    ("rotation_queue", "day"): """($4::timestamptz AT TIME ZONE (
        SELECT s.time_zone FROM app.site s
         WHERE s.tenant_id = t.tenant_id AND s.id = t.site_id))::date""",
}


@dataclass(frozen=True, slots=True)
class Made:
    """A tenant as the product has made it: which tables have its rows, and who may do what."""

    tenant: Provisioned
    tables: Collection[str]
    policy: CompiledTenant


@dataclass(frozen=True, slots=True)
class _Original:
    made: Provisioned
    statement: Any
    policy: CompiledTenant
    """What its copies are allowed, who share it for as long as it is kept: to compile it takes
    longer than to copy a tenant."""


@dataclass(slots=True)
class Originals:
    """The originals of one database."""

    connection: "asyncpg.Connection[Any]"
    written: set[str] = field(default_factory=set)
    """The tables that have rows of one of them."""
    _kept: dict[_Kind, _Original] = field(default_factory=dict)
    _alone: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    async def of(cls, connection: "asyncpg.Connection[Any]") -> Self:
        """Take a connection of the superuser, which is used for nothing else."""
        await connection.execute("SET session_replication_role = replica")
        # The plan is made while the tables are small, and kept while they grow.
        await connection.execute(
            "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan"
        )
        return cls(connection)

    async def copy(
        self,
        template: str,
        founding: Founding,
        now: datetime,
        make: Callable[[], Awaitable[Made]],
    ) -> Provisioned:
        """Return a tenant like the original, made at an instant; the first call makes that, too.

        Args:
            template: what it is made of.
            founding: the new tenant's, with a beginning.
            now: when it is made.
            make: makes such a tenant as the product does.
        """
        assert founding.beginning is not None
        first_year = min(now, founding.beginning).year
        kind = (template, founding.admin_name, founding.beginning, first_year)
        async with self._alone:
            if kind not in self._kept:
                self._kept[kind] = await self._original(await make())
            original = self._kept[kind]
            tenant_id = new_id()
            # An id begins with its instant; chance follows, of which one half tells tenants apart
            # and the other the rows of one.
            first = str(new_id(now))[:_FIRST]
            await original.statement.fetchval(
                original.made.tenant_id, tenant_id, first, now, founding.code, founding.name
            )
        return _renamed(original.made, tenant_id, first)

    async def _original(self, made: Made) -> _Original:
        parts = [await self._insert(table) for table in made.tables]
        self.written.update(made.tables)
        text = "WITH " + ",\n".join(
            f"part_{position} AS ({part})" for position, part in enumerate(parts)
        )
        statement = await self.connection.prepare(f"{text} SELECT 1")
        return _Original(made.tenant, statement, made.policy)

    async def _insert(self, table: str) -> str:
        found = await self.connection.fetch(_COLUMNS, table)
        columns = {
            row["name"]: _value(table, row["name"], row["kind"])
            for row in found
            if row["name"] not in _OF_THE_DATABASE
        }
        return (
            f"INSERT INTO app.{table} ({', '.join(columns)})"
            f" SELECT {', '.join(columns.values())} FROM app.{table} t WHERE tenant_id = $1::uuid"
        )


def _value(table: str, column: str, kind: str) -> str:
    if (table, column) in _TOLD:
        return _TOLD[table, column]
    if column == "tenant_id":
        return "$2::uuid"
    if column in _MADE:
        return "$4::timestamptz"
    if kind == "uuid":
        return f"($3::text || substr(t.{column}::text, {_FIRST + 1}))::uuid"
    return f"t.{column}"


def _renamed(made: Provisioned, tenant_id: UUID, first: str) -> Provisioned:
    def renamed(old: UUID) -> UUID:
        return UUID(first + str(old)[_FIRST:])

    def all_renamed(olds: Mapping[str, UUID]) -> dict[str, UUID]:
        return {code: renamed(old) for code, old in olds.items()}

    return Provisioned(
        tenant_id=tenant_id,
        admin_id=renamed(made.admin_id),
        rulebook_version_id=renamed(made.rulebook_version_id),
        units=all_renamed(made.units),
        territories=all_renamed(made.territories),
        sites=all_renamed(made.sites),
        roles=all_renamed(made.roles),
        duties=all_renamed(made.duties),
    )


# By the pool they are for; a test that opens a pool of its own makes its tenants from the template.
originals: WeakKeyDictionary[TenantPool, Originals] = WeakKeyDictionary()


async def provisioned(transactions: Transactions, template: str, founding: Founding) -> Provisioned:
    """Make a tenant of a template; copied where that can be."""

    async def step(work: UnitOfWork) -> tuple[Provisioned, Collection[str]]:
        made = provision(work, load_template(template), founding)
        written = (str(table.__tablename__) for table in work._inserts)
        return made, (*written, "audit_event")

    async def made() -> tuple[Provisioned, Collection[str]]:
        return await transactions.internally(new_id(), "a_tenant", step)

    async def make() -> Made:
        tenant, tables = await made()
        reading = Transactions(transactions._pool, transactions.clock, Callers())
        admin = Caller(tenant.tenant_id, tenant.admin_id, "its-policy", None)
        async with reading.sight(admin) as sight:
            return Made(tenant, tables, sight.policy)

    kept = originals.get(transactions._pool)
    if kept is None or kept.connection.is_closed():
        tenant, _ = await made()
        return tenant
    return await kept.copy(template, founding, transactions.clock.now(), make)
