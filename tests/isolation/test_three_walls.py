"""Keys, row security, predicate: each wall alone keeps two tenants apart, and is missed if gone."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from builders.organisation import texts
from builders.tenants import TenantHandle

from isolation.walls import GLOBAL_TABLES
from service.clock import ManualClock
from service.database.connections import Location, connected, open_tenant_pool
from service.database.security import APPLICATION, IDENTITY, OWNER
from service.database.tables import tenant_tables
from service.errors import NotFound, NotSignedIn
from service.organisation import queries
from service.organisation.actors import Callers
from service.organisation.commands import (
    AssignRole,
    EditDuty,
    EditMember,
    EditOrgUnit,
    EditRole,
    LeaveMember,
    assign_role,
    edit_duty,
    edit_member,
    edit_org_unit,
    edit_role,
    leave_member,
)
from service.work import Caller, Transactions, nothing_more

TABLES = [*sorted(str(table.__tablename__) for table in tenant_tables()), "tenant"]
APPEND_ONLY = sorted(str(t.__tablename__) for t in tenant_tables() if t.append_only)
INSERT_LEAVE = (
    "INSERT INTO app.leave (tenant_id, id, member_id, kind, first_day, last_day, created_at)"
    " VALUES ($1, $2, $3, 'SICK', '2026-03-03', '2026-03-03', '2026-03-02Z')"
)


async def enter(connection: "asyncpg.Connection[Any]", tenant_id: UUID, role: str) -> None:
    """Act as a role of ours inside the superuser's transaction, with a tenant set."""
    await connection.execute("SELECT set_config('app.tenant_id', $1, true)", str(tenant_id))
    await connection.execute(f"SET LOCAL ROLE {role}")


# -- the first wall: keys --------------------------------------------------------------------------


async def test_another_tenants_id_answers_exactly_like_a_missing_one(
    superuser: "asyncpg.Connection[Any]", tenant: TenantHandle, other: TenantHandle
) -> None:
    said = []
    for member_id in (other.admin_id, uuid4()):
        with pytest.raises(asyncpg.ForeignKeyViolationError) as refused:
            async with superuser.transaction():
                await superuser.execute(INSERT_LEAVE, tenant.id, uuid4(), member_id)
        said.append((refused.value.constraint_name, refused.value.message))

    assert said[0] == said[1]


async def test_without_the_whole_key_another_tenants_id_would_pass(
    superuser: "asyncpg.Connection[Any]", tenant: TenantHandle, other: TenantHandle
) -> None:
    await superuser.execute("ALTER TABLE app.leave DROP CONSTRAINT leave_member_id_fk")
    await superuser.execute("CREATE UNIQUE INDEX member_id_alone_key ON app.member (id)")
    await superuser.execute(
        "ALTER TABLE app.leave ADD CONSTRAINT leave_member_alone_fk"
        " FOREIGN KEY (member_id) REFERENCES app.member (id)"
    )

    await superuser.execute(INSERT_LEAVE, tenant.id, uuid4(), other.admin_id)


# -- the second wall: row security -----------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
async def test_a_query_that_forgets_the_tenant_sees_its_own_rows_only(
    superuser: "asyncpg.Connection[Any]", tenant: TenantHandle, other: TenantHandle, table: str
) -> None:
    assert other.id
    await enter(superuser, tenant.id, APPLICATION)

    tenants = await superuser.fetch(f"SELECT DISTINCT tenant_id FROM app.{table}")

    assert {row["tenant_id"] for row in tenants} <= {tenant.id}


async def test_without_row_security_the_same_query_would_see_the_other(
    superuser: "asyncpg.Connection[Any]", tenant: TenantHandle, other: TenantHandle
) -> None:
    await superuser.execute("ALTER TABLE app.member DISABLE ROW LEVEL SECURITY")
    await enter(superuser, tenant.id, APPLICATION)

    tenants = await superuser.fetch("SELECT DISTINCT tenant_id FROM app.member")

    assert {tenant.id, other.id} <= {row["tenant_id"] for row in tenants}


@pytest.mark.parametrize("setting", [None, ""])
async def test_without_a_tenant_set_there_are_no_rows_and_no_writes(
    superuser: "asyncpg.Connection[Any]", tenant: TenantHandle, setting: str | None
) -> None:
    if setting is not None:
        await superuser.execute("SELECT set_config('app.tenant_id', $1, true)", setting)
    await superuser.execute(f"SET LOCAL ROLE {APPLICATION}")

    assert await superuser.fetchval("SELECT count(*) FROM app.member") == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await superuser.execute(INSERT_LEAVE, tenant.id, uuid4(), tenant.admin_id)


@pytest.mark.parametrize(
    "sql",
    [
        INSERT_LEAVE,
        "UPDATE app.member SET tenant_id = $1 WHERE id <> $2 AND id <> $3",
        "INSERT INTO app.term (tenant_id, id, code, names) VALUES ($1, $2, $3::text, '{}')"
        " ON CONFLICT (tenant_id, code) DO UPDATE SET names = excluded.names",
    ],
)
async def test_nothing_is_written_into_another_tenant(
    superuser: "asyncpg.Connection[Any]", tenant: TenantHandle, other: TenantHandle, sql: str
) -> None:
    third = "visit" if "::text" in sql else other.admin_id
    await enter(superuser, tenant.id, APPLICATION)

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await superuser.execute(sql, other.id, uuid4(), third)


async def test_the_owner_obeys_too(
    superuser: "asyncpg.Connection[Any]", tenant: TenantHandle, other: TenantHandle
) -> None:
    await enter(superuser, tenant.id, OWNER)

    found = await superuser.fetchval(
        "SELECT count(*) FROM app.member WHERE tenant_id = $1", other.id
    )

    assert found == 0


# -- the third wall: the predicate -----------------------------------------------------------------


@pytest.fixture(scope="module")
async def above_walls(location: Location) -> AsyncIterator["asyncpg.Pool[Any]"]:
    """A pool that row security does not hold: what is left is what the statements say."""
    async with await open_tenant_pool(location, "postgres", 4) as opened:
        yield opened


async def test_commands_stay_in_their_tenant_by_their_own_statements(
    above_walls: "asyncpg.Pool[Any]",
    clock: ManualClock,
    tenant: TenantHandle,
    other: TenantHandle,
) -> None:
    unguarded = Transactions(above_walls, clock, Callers())
    stranger = await other.member("外人")
    role, duty = other.roles["planner"], other.duties["lead-team"]

    for command, order in (
        (edit_member, EditMember(stranger, 1, name="x")),
        (leave_member, LeaveMember(stranger, 1)),
        (edit_role, EditRole(role, 1, names=texts("x"))),
        (edit_role, EditRole(tenant.roles["planner"], 1, duty_ids=(duty,))),
        (edit_duty, EditDuty(duty, 1, wording=texts("x"))),
        (edit_org_unit, EditOrgUnit(other.units["group"], 1, names=texts("x"))),
        (assign_role, AssignRole(stranger, tenant.roles["planner"])),
        (assign_role, AssignRole(tenant.admin_id, role)),
    ):
        with pytest.raises(NotFound):
            await unguarded.carry_out(
                tenant.caller(),
                f"key-{uuid4()}",
                order,
                command,  # type: ignore[arg-type]  # many kinds
                nothing_more,
            )


async def test_a_caller_and_his_policy_are_his_own_tenants_by_the_statements_alone(
    above_walls: "asyncpg.Pool[Any]",
    clock: ManualClock,
    tenant: TenantHandle,
    other: TenantHandle,
) -> None:
    unguarded = Transactions(above_walls, clock, Callers())

    with pytest.raises(NotSignedIn):
        async with unguarded.sight(Caller(tenant.id, other.admin_id, "r")):
            pass
    async with unguarded.sight(tenant.caller()) as sight:
        units = set(sight.policy.org_units.order)
        held = await queries.duties_held(sight)
        with pytest.raises(NotFound):
            await queries.explain_access(sight, other.admin_id, [queries.Asked("role.edit")])
    assert units == set(tenant.units.values())
    assert {duty.duty_id for duty in held} <= set(tenant.duties.values())


async def test_without_the_predicate_such_a_pool_would_see_the_other(
    above_walls: "asyncpg.Pool[Any]", tenant: TenantHandle, other: TenantHandle
) -> None:
    async with above_walls.acquire() as connection, connection.transaction():
        await connection.execute("SELECT set_config('app.tenant_id', $1, true)", str(tenant.id))
        seen = await connection.fetch("SELECT DISTINCT tenant_id FROM app.member")

    assert other.id in {row["tenant_id"] for row in seen}


# -- roles and ledgers -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sql",
    [
        f"SET ROLE {OWNER}",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION postgres",
        "TRUNCATE app.calendar_day",
        "ALTER TABLE app.member DISABLE ROW LEVEL SECURITY",
        "DROP POLICY tenant_isolation ON app.member",
        "CREATE TABLE app.mine (id int)",
        "CREATE TABLE public.mine (id int)",
        "SET session_replication_role = replica",
        "SELECT * FROM app.platform_user",
        "SELECT * FROM app.global_tenant_directory",
        "DELETE FROM app.member",
        "UPDATE app.audit_event SET command = 'x'",
        "SET row_security = off; SELECT * FROM app.member",
    ],
)
async def test_the_application_may_not(location: Location, sql: str) -> None:
    async with connected(location, APPLICATION) as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(sql)


@pytest.mark.parametrize("table", APPEND_ONLY)
async def test_a_ledger_refuses_change_even_from_its_owner(
    superuser: "asyncpg.Connection[Any]", table: str
) -> None:
    columns = await superuser.fetch(
        "SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0"
        " AND NOT attisdropped ORDER BY attnum",
        f"app.{table}",
    )
    # A row of nulls is enough: the trigger speaks before any constraint would.
    for column in columns:
        if column["attname"] not in {"tenant_id", "at", "id"}:
            await superuser.execute(
                f'ALTER TABLE app.{table} ALTER "{column["attname"]}" DROP NOT NULL'
            )
    tenant_id = uuid4()
    await superuser.execute("SET LOCAL session_replication_role = replica")
    at = {column["attname"] for column in columns} & {"at"}
    await superuser.execute(
        f"INSERT INTO app.{table} (tenant_id, id{', at' if at else ''})"
        f" VALUES ($1, $2{', timestamptz $$2026-03-02Z$$' if at else ''})",
        tenant_id,
        uuid4(),
    )
    await superuser.execute("SET LOCAL session_replication_role = origin")
    await enter(superuser, tenant_id, OWNER)

    for sql in (f"UPDATE app.{table} SET id = id", f"DELETE FROM app.{table}",
                f"TRUNCATE app.{table} CASCADE"):  # fmt: skip
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
            async with superuser.transaction():
                await superuser.execute(sql)


@pytest.mark.parametrize("table", TABLES)
async def test_who_runs_the_platform_reads_no_tenants_table(
    superuser: "asyncpg.Connection[Any]", table: str
) -> None:
    for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"):
        assert not await superuser.fetchval(
            "SELECT has_table_privilege($1, $2, $3)", IDENTITY, f"app.{table}", right
        )


async def test_sign_in_itself_cannot_look_into_a_tenant(location: Location) -> None:
    async with connected(location, IDENTITY) as connection:
        assert await connection.fetchval("SELECT count(*) FROM app.global_tenant_directory") >= 0
        for sql in ("SELECT * FROM app.member", f"SET ROLE {APPLICATION}", f"SET ROLE {OWNER}"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(sql)


def test_every_table_is_of_a_tenant_or_of_none() -> None:
    assert not GLOBAL_TABLES & set(TABLES)
