"""The walls stand, and the check that says so sees each of them fall."""

from typing import Any

import asyncpg
import pytest

from isolation.walls import breaches
from service.database.security import OWNER, wall

NEW = "CREATE TABLE app.newcomer (tenant_id uuid NOT NULL, id uuid NOT NULL, note text)"

BROKEN = [
    ("CREATE TABLE app.newcomer (id uuid PRIMARY KEY)", "has no tenant_id"),
    (f"{NEW}; ALTER TABLE app.newcomer ADD CONSTRAINT newcomer_pk PRIMARY KEY (id)",
     "primary key does not begin"),
    (f"{NEW}; ALTER TABLE app.newcomer ADD CONSTRAINT newcomer_pk PRIMARY KEY (tenant_id)",
     "primary key is not (tenant_id, id)"),
    (NEW, "row security is not enabled"),
    ("ALTER TABLE app.member ADD CONSTRAINT member_id_key UNIQUE (id)",
     "member_id_key does not have tenant_id"),
    ("CREATE UNIQUE INDEX member_swapped_key ON app.member (id, tenant_id)",
     "member_swapped_key does not begin"),
    ("CREATE INDEX member_name_short_ix ON app.member (name)", "does not begin with tenant_id"),
    ("CREATE INDEX member_lower_ix ON app.member (lower(name))", "does not begin with tenant_id"),
    ("CREATE UNIQUE INDEX term_id_key ON app.term (id);"
     " ALTER TABLE app.member ADD COLUMN term_id uuid REFERENCES app.term (id)",
     "member_term_id_fkey does not have tenant_id"),
    ("CREATE UNIQUE INDEX term_pair_key ON app.term (id, tenant_id);"
     " ALTER TABLE app.leave ADD CONSTRAINT leave_swapped_fk FOREIGN KEY (tenant_id, id)"
     " REFERENCES app.term (id, tenant_id) NOT VALID", "same place on both sides"),
    ("ALTER TABLE app.member ADD CONSTRAINT member_directory_fk FOREIGN KEY (tenant_id)"
     " REFERENCES app.global_tenant_directory NOT VALID", "leads to a table of no tenant"),
    ("CREATE TABLE app.parted (tenant_id uuid NOT NULL, id uuid NOT NULL,"
     " CONSTRAINT parted_pk PRIMARY KEY (tenant_id, id)) PARTITION BY HASH (tenant_id);"
     " ALTER TABLE app.leave ADD CONSTRAINT leave_parted_fk FOREIGN KEY (tenant_id, id)"
     " REFERENCES app.parted NOT VALID", "leads to a partitioned table"),
    ("ALTER TABLE app.leave DROP CONSTRAINT leave_member_id_fk;"
     " ALTER TABLE app.leave ADD CONSTRAINT leave_member_id_fk FOREIGN KEY (tenant_id, member_id)"
     " REFERENCES app.member ON DELETE SET NULL (member_id)", "sets null or default"),
    ("ALTER TABLE app.member ADD CONSTRAINT member_state_check_2 CHECK (true)", "ends in digits"),
    (f"ALTER TABLE app.member ADD CONSTRAINT {'m' * 56} CHECK (true)", "longer than 55"),
    ("ALTER TABLE app.member DISABLE ROW LEVEL SECURITY", "row security is not enabled"),
    ("ALTER TABLE app.member NO FORCE ROW LEVEL SECURITY", "row security is not forced"),
    ("ALTER TABLE app.tenant NO FORCE ROW LEVEL SECURITY", "row security is not forced"),
    ("DROP POLICY tenant_isolation ON app.member", "standard policy"),
    ("CREATE POLICY more ON app.member USING (true)", "standard policy"),
    ("DROP POLICY tenant_isolation ON app.member;"
     " CREATE POLICY tenant_isolation ON app.member USING (true) WITH CHECK (true)",
     "standard policy"),
    ("ALTER POLICY tenant_isolation ON app.member WITH CHECK (true)", "standard policy"),
    ("ALTER POLICY tenant_isolation ON app.member TO bailiwick_app", "standard policy"),
    ("CREATE TYPE app.mood AS ENUM ('GOOD', 'BAD');"
     " ALTER TABLE app.member ADD COLUMN mood app.mood", "mood is an enum"),
    ("ALTER TABLE app.member ADD COLUMN seen timestamptz", "without three decimals"),
    ("GRANT DELETE ON app.member TO bailiwick_app", "bailiwick_app DELETE is not registered"),
    ("GRANT TRUNCATE ON app.term TO bailiwick_app", "bailiwick_app TRUNCATE is not registered"),
    ("GRANT REFERENCES ON app.term TO bailiwick_app", "REFERENCES is not registered"),
    ("GRANT TRIGGER ON app.term TO bailiwick_app", "TRIGGER is not registered"),
    ("GRANT UPDATE ON app.audit_event TO bailiwick_app", "UPDATE is not registered"),
    ("GRANT UPDATE (details) ON app.audit_event TO bailiwick_app", "column right bailiwick_app"),
    ("REVOKE INSERT ON app.audit_event FROM bailiwick_app", "INSERT is missing"),
    ("GRANT SELECT ON app.member TO bailiwick_identity", "bailiwick_identity SELECT"),
    ("GRANT SELECT ON app.member TO bailiwick_relay", "bailiwick_relay SELECT"),
    ("GRANT SELECT ON app.member TO PUBLIC", "PUBLIC SELECT"),
    ("GRANT SELECT ON app.global_tenant_directory TO bailiwick_app",
     "global_tenant_directory: bailiwick_app SELECT"),
    ("GRANT SELECT ON app.platform_user TO bailiwick_app", "platform_user: bailiwick_app SELECT"),
    ("DROP TRIGGER audit_event_append_only ON app.audit_event", "refuse changes are missing"),
    ("DROP TRIGGER audit_event_no_truncate ON app.audit_event", "refuse changes are missing"),
    ("ALTER TABLE app.audit_event DISABLE TRIGGER audit_event_append_only",
     "refuse changes are missing"),
    ("GRANT SELECT ON app.audit_event_default TO bailiwick_app",
     "audit_event_default: bailiwick_app SELECT is not registered"),
    ("GRANT SELECT ON app.audit_event_default TO bailiwick_relay",
     "audit_event_default: bailiwick_relay SELECT is not registered"),
    ("GRANT SELECT (details) ON app.audit_event_default TO bailiwick_relay",
     "column right bailiwick_relay"),
    ("GRANT SELECT (at) ON app.audit_event_default TO bailiwick_app", "column right bailiwick_app"),
    ("GRANT SELECT (at) ON app.audit_event TO bailiwick_relay", "column right bailiwick_relay"),
    ("ALTER TABLE app.audit_event_default NO FORCE ROW LEVEL SECURITY",
     "audit_event_default: row security is not forced"),
    ("DROP POLICY tenant_isolation ON app.queue_event_default", "standard policy"),
    ("DROP TRIGGER audit_event_default_no_truncate ON app.audit_event_default",
     "audit_event_default: the triggers that refuse changes are missing"),
    ("ALTER TABLE app.queue_event DETACH PARTITION app.queue_event_default",
     "queue_event: is not parted by its instant"),
    ("DROP TABLE app.audit_event_default", "audit_event: is not parted by its instant"),
    ("CREATE VIEW app.everybody AS SELECT name FROM app.member", "is not security_invoker"),
    ("CREATE MATERIALIZED VIEW app.copied AS SELECT name FROM app.member", "materialised view"),
    ("CREATE FUNCTION app.peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER"
     " SET search_path = pg_catalog AS 'SELECT count(*) FROM app.member'", "SECURITY DEFINER"),
    ("CREATE FUNCTION app.loose() RETURNS int LANGUAGE sql AS 'SELECT 1'", "no fixed search_path"),
    ("ALTER TABLE app.member OWNER TO bailiwick_app", "belongs to bailiwick_app"),
    ("ALTER ROLE bailiwick_app SUPERUSER", "bailiwick_app is a superuser"),
    ("ALTER ROLE bailiwick_app BYPASSRLS", "bailiwick_app bypasses"),
    ("ALTER ROLE bailiwick_owner BYPASSRLS", "bailiwick_owner bypasses"),
    ("ALTER ROLE bailiwick_app CREATEROLE", "may make roles"),
    ("ALTER ROLE bailiwick_app INHERIT", "bailiwick_app inherits"),
    ("ALTER ROLE bailiwick_owner LOGIN", "bailiwick_owner can sign in"),
    ("GRANT bailiwick_owner TO bailiwick_app", "is a member of bailiwick_owner"),
    ("GRANT bailiwick_transfer TO bailiwick_app", "is a member of bailiwick_transfer"),
    ("GRANT CREATE ON SCHEMA app TO bailiwick_app", "schema right CREATE of bailiwick_app"),
]  # fmt: skip


async def test_the_walls_stand(superuser: "asyncpg.Connection[Any]") -> None:
    assert await breaches(superuser) == []


@pytest.mark.parametrize(("sql", "seen"), BROKEN, ids=lambda value: value[:60])
async def test_each_broken_rule_is_seen(
    superuser: "asyncpg.Connection[Any]", sql: str, seen: str
) -> None:
    before = await breaches(superuser)
    await superuser.execute("SET LOCAL client_min_messages = error")

    await superuser.execute(sql)

    found = await breaches(superuser)
    assert before == []
    assert any(seen in breach for breach in found), found


async def test_a_new_table_with_the_whole_wall_passes_but_for_its_registration(
    superuser: "asyncpg.Connection[Any]",
) -> None:
    await superuser.execute(f"SET LOCAL ROLE {OWNER}")
    await superuser.execute(NEW)
    await superuser.execute(
        "ALTER TABLE app.newcomer ADD CONSTRAINT newcomer_pk PRIMARY KEY (tenant_id, id)"
    )
    for statement in wall("newcomer"):
        await superuser.execute(statement)
    await superuser.execute("RESET ROLE")

    found = await breaches(superuser)

    assert all("is not registered" in breach for breach in found), found
    assert any("bailiwick_app SELECT" in breach for breach in found)
