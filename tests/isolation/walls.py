"""The wall around every tenant's rows, read from the catalogue of a migrated database.

`breaches` returns one sentence for each rule of the database page (2.1 to 2.3, 2.7, 2.11) that a
table breaks; none is the only good answer. It is SQL over the catalogue, so that a table nobody
mapped is looked at like any other.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

import asyncpg

import service
from service.database.security import (
    APPLICATION,
    IDENTITY,
    MIGRATION,
    OWNER,
    POLICY_NAME,
    RELAY,
    TRANSFER,
)
from service.database.tables import METADATA, tenant_tables

# A module, or a package of the same name where there are many.
for _tables in sorted(Path(service.__file__).parent.glob("*/tables*")):
    import_module(f"service.{_tables.parent.name}.tables")

GLOBAL_TABLES = frozenset(
    name.partition(".")[2]
    for name in METADATA.tables
    if name.startswith(("app.global_", "app.platform_"))
) | {"alembic_version"}
"""Tables of no tenant: the directory and who signs in. The application sees none of them."""

READ_BY_ALL = frozenset({("alembic_version", APPLICATION, "SELECT")})
"""The application compares the revision before it serves."""

POLICY_TEXT = "(tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)"
# The tenant's own table is keyed by `tenant_id` alone.
OWN_TABLE = "tenant"
SECURITY_DEFINERS: frozenset[str] = frozenset()

_TABLES = """
WITH t AS (
    SELECT c.oid, c.relname AS name, c.relkind, c.relrowsecurity, c.relforcerowsecurity,
        c.relispartition,
        (SELECT a.attnum FROM pg_attribute a
         WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND a.atttypid = 'uuid'::regtype
           AND a.attnotnull AND NOT a.attisdropped) AS key
    FROM pg_class c WHERE c.relnamespace = 'app'::regnamespace AND c.relkind IN ('r', 'p')
      AND NOT c.relname = ANY($1::text[])
), part AS (
    SELECT con.oid, con.conrelid, con.conname, con.contype, con.conkey, con.confrelid,
        con.confkey, con.confdeltype, con.confupdtype, con.conindid
    FROM pg_constraint con JOIN t ON t.oid = con.conrelid
)
SELECT name || ': has no tenant_id uuid NOT NULL' FROM t WHERE key IS NULL
UNION ALL
SELECT t.name || ': its primary key does not begin with tenant_id' FROM t
WHERE NOT EXISTS (SELECT FROM part p WHERE p.conrelid = t.oid AND p.contype = 'p'
    AND p.conkey[1] = t.key)
UNION ALL
SELECT t.name || ': its primary key is not (tenant_id, id)' FROM t
WHERE t.name <> $2 AND t.relkind = 'r' AND NOT t.relispartition AND NOT EXISTS (
    SELECT FROM part p JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'id'
    WHERE p.conrelid = t.oid AND p.contype = 'p' AND p.conkey = ARRAY[t.key, a.attnum])
UNION ALL
SELECT t.name || ': its primary key is not (tenant_id, at, id)' FROM t
WHERE (t.relkind = 'p' OR t.relispartition) AND NOT EXISTS (
    SELECT FROM part p JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'id'
    JOIN pg_attribute w ON w.attrelid = t.oid AND w.attname = 'at'
    WHERE p.conrelid = t.oid AND p.contype = 'p' AND p.conkey = ARRAY[t.key, w.attnum, a.attnum])
UNION ALL
SELECT t.name || ': is not parted by its instant, with a part for what has no month' FROM t
WHERE t.relkind = 'p' AND (pg_get_partkeydef(t.oid) <> 'RANGE (at)' OR NOT EXISTS (
    SELECT FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = t.oid AND c.relname = t.name || '_default'
      AND pg_get_expr(c.relpartbound, c.oid) = 'DEFAULT'))
UNION ALL
SELECT t.name || ': ' || p.conname || ' does not have tenant_id'
FROM part p JOIN t ON t.oid = p.conrelid
WHERE p.contype IN ('u', 'x', 'f') AND NOT coalesce(t.key = ANY(p.conkey), false)
UNION ALL
SELECT t.name || ': ' || p.conname || ' does not have tenant_id at the same place on both sides'
FROM part p JOIN t ON t.oid = p.conrelid LEFT JOIN t other ON other.oid = p.confrelid
WHERE p.contype = 'f' AND other.oid IS NOT NULL
  AND array_position(p.conkey, t.key) IS DISTINCT FROM array_position(p.confkey, other.key)
UNION ALL
SELECT t.name || ': ' || p.conname || ' leads to a table of no tenant'
FROM part p JOIN t ON t.oid = p.conrelid LEFT JOIN t other ON other.oid = p.confrelid
WHERE p.contype = 'f' AND other.oid IS NULL
UNION ALL
SELECT t.name || ': ' || p.conname || ' leads to a partitioned table'
FROM part p JOIN t ON t.oid = p.conrelid JOIN t other ON other.oid = p.confrelid
WHERE p.contype = 'f' AND other.relkind = 'p'
UNION ALL
SELECT t.name || ': ' || p.conname || ' sets null or default'
FROM part p JOIN t ON t.oid = p.conrelid
WHERE p.contype = 'f' AND (p.confdeltype IN ('n', 'd') OR p.confupdtype IN ('n', 'd'))
UNION ALL
SELECT t.name || ': ' || p.conname || ' ends in digits or is longer than 55 bytes'
FROM part p JOIN t ON t.oid = p.conrelid
WHERE p.contype <> 'n' AND (p.conname ~ '[0-9]$' OR octet_length(p.conname) > 55)
UNION ALL
SELECT t.name || ': index ' || i.relname || ' does not begin with tenant_id'
FROM pg_index x JOIN t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
WHERE x.indkey[0] IS DISTINCT FROM t.key
UNION ALL
SELECT t.name || ': index ' || i.relname || ' is not valid'
FROM pg_index x JOIN t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
WHERE NOT x.indisvalid
UNION ALL
SELECT t.name || ': row security is not enabled' FROM t WHERE NOT relrowsecurity
UNION ALL
SELECT t.name || ': row security is not forced' FROM t WHERE NOT relforcerowsecurity
UNION ALL
SELECT t.name || ': has not exactly the one standard policy' FROM t
WHERE (SELECT count(*) FROM pg_policy o WHERE o.polrelid = t.oid) <> 1
   OR NOT EXISTS (SELECT FROM pg_policy o WHERE o.polrelid = t.oid AND o.polname = $3
        AND o.polcmd = '*' AND o.polpermissive AND o.polroles = ARRAY[0::oid]
        AND pg_get_expr(o.polqual, o.polrelid) = $4
        AND pg_get_expr(o.polwithcheck, o.polrelid) = $4)
UNION ALL
SELECT t.name || ': column ' || a.attname || ' is an enum'
FROM pg_attribute a JOIN t ON t.oid = a.attrelid JOIN pg_type y ON y.oid = a.atttypid
WHERE a.attnum > 0 AND NOT a.attisdropped AND y.typtype = 'e'
UNION ALL
SELECT t.name || ': column ' || a.attname || ' is an instant without three decimals'
FROM pg_attribute a JOIN t ON t.oid = a.attrelid
WHERE a.attnum > 0 AND NOT a.attisdropped
  AND (a.atttypid = 'timestamp'::regtype OR a.atttypid = 'timestamptz'::regtype
       AND a.atttypmod <> 3)
"""

# From the access lists themselves: the views of information_schema take seconds for this.
_RIGHTS = """
SELECT c.relname AS name, c.relispartition,
    (SELECT i.inhparent::regclass::text FROM pg_inherits i WHERE i.inhrelid = c.oid) AS part_of,
    (SELECT coalesce(array_agg(coalesce(r.rolname, 'PUBLIC') || ' ' || g.privilege_type), '{}')
        FROM aclexplode(c.relacl) g LEFT JOIN pg_roles r ON r.oid = g.grantee
        WHERE r.rolname IS DISTINCT FROM $2) AS rights,
    (SELECT count(*) FROM pg_trigger r JOIN pg_proc f ON f.oid = r.tgfoid
        WHERE r.tgrelid = c.oid AND f.proname = 'refuse_change' AND r.tgenabled = 'O'
          AND r.tgtype & 2 = 2 AND (r.tgtype & 25 = 25 OR r.tgtype & 32 = 32)) AS triggers
FROM pg_class c
WHERE c.relnamespace = 'app'::regnamespace AND c.relkind IN ('r', 'p')
  AND (c.relname = ANY($1::text[])) = $3
"""

_REST = r"""
SELECT 'view ' || c.relname || ' is not security_invoker' FROM pg_class c
WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'v'
  AND NOT coalesce('security_invoker=true' = ANY(c.reloptions)
      OR 'security_invoker=on' = ANY(c.reloptions), false)
UNION ALL
SELECT 'materialised view ' || c.relname FROM pg_class c
WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'm'
UNION ALL
SELECT 'function ' || p.proname || ' is SECURITY DEFINER' FROM pg_proc p
WHERE p.pronamespace = 'app'::regnamespace AND p.prosecdef AND NOT p.proname = ANY($1::text[])
UNION ALL
SELECT 'function ' || p.proname || ' has no fixed search_path' FROM pg_proc p
WHERE p.pronamespace = 'app'::regnamespace
  AND NOT EXISTS (SELECT FROM unnest(p.proconfig) s WHERE s LIKE 'search_path=%')
UNION ALL
SELECT c.relname || ' belongs to ' || r.rolname FROM pg_class c
JOIN pg_roles r ON r.oid = c.relowner
WHERE c.relnamespace = 'app'::regnamespace AND r.rolname <> $2
UNION ALL
SELECT 'type ' || y.typname || ' is an enum' FROM pg_type y
WHERE y.typnamespace = 'app'::regnamespace AND y.typtype = 'e'
UNION ALL
SELECT 'column right ' || coalesce(r.rolname, 'PUBLIC') || ' ' || g.privilege_type
    || ' on ' || c.relname || '.' || a.attname
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid, aclexplode(a.attacl) g
LEFT JOIN pg_roles r ON r.oid = g.grantee
WHERE c.relnamespace = 'app'::regnamespace AND a.attacl IS NOT NULL
  AND NOT (c.relispartition AND c.relname LIKE '%\_default' AND a.attname IN ('tenant_id', 'at')
      AND r.rolname = $4 AND g.privilege_type = 'SELECT')
UNION ALL
SELECT 'schema right CREATE of ' || r.rolname FROM pg_roles r
WHERE r.rolname = ANY($3::text[]) AND has_schema_privilege(r.oid, 'app', 'CREATE')
UNION ALL
SELECT 'schema right CREATE of ' || r.rolname || ' in public' FROM pg_roles r
WHERE r.rolname = ANY($3::text[]) AND has_schema_privilege(r.oid, 'public', 'CREATE')
"""

_ROLES = """
SELECT r.rolname || ' is a superuser' FROM pg_roles r WHERE r.rolname = ANY($1) AND r.rolsuper
UNION ALL
SELECT r.rolname || ' may make roles or databases' FROM pg_roles r
WHERE r.rolname = ANY($1) AND (r.rolcreaterole OR r.rolcreatedb OR r.rolreplication)
UNION ALL
SELECT r.rolname || ' bypasses row security' FROM pg_roles r
WHERE r.rolname = ANY($2) AND r.rolbypassrls
UNION ALL
SELECT r.rolname || ' can sign in' FROM pg_roles r WHERE r.rolname = $3 AND r.rolcanlogin
UNION ALL
SELECT r.rolname || ' inherits' FROM pg_roles r
WHERE r.rolname = ANY($1) AND r.rolname <> $3 AND r.rolinherit
UNION ALL
SELECT m.rolname || ' is a member of ' || g.rolname FROM pg_auth_members a
JOIN pg_roles m ON m.oid = a.member JOIN pg_roles g ON g.oid = a.roleid
WHERE m.rolname = ANY($1) AND NOT (m.rolname = $4 AND g.rolname = $3)
UNION ALL
SELECT r.rolname || ' owns ' || c.relname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
WHERE r.rolname = ANY($1) AND r.rolname <> $3
UNION ALL
SELECT name || ' is missing' FROM unnest($1::text[]) name
WHERE NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = name)
"""


def _expected() -> dict[str, tuple[set[str], bool]]:
    """Return the registered rights and whether the table is append-only, by table."""
    across = {
        "outbox": {f"{RELAY} SELECT", f"{RELAY} UPDATE", f"{RELAY} DELETE"},
        "outbox_listener": {
            f"{RELAY} {right}" for right in ("SELECT", "INSERT", "UPDATE", "DELETE")
        },
        "timer": {f"{RELAY} SELECT", f"{RELAY} UPDATE"},
    }
    moves = {f"{TRANSFER} {right}" for right in ("SELECT", "INSERT", "DELETE")}
    expected: dict[str, tuple[set[str], bool]] = {}
    for table in tenant_tables():
        rights = ["SELECT", "INSERT"]
        rights += [] if table.append_only else ["UPDATE"]
        rights += ["DELETE"] if table.deletable else []
        name = str(table.__tablename__)
        own = {f"{APPLICATION} {right}" for right in rights}
        expected[name] = (own | moves | across.get(name, set()), table.append_only)
    own = {f"{APPLICATION} {right}" for right in ("SELECT", "INSERT", "UPDATE")}
    expected[OWN_TABLE] = (own | moves, False)
    return expected


async def breaches(connection: "asyncpg.Connection[Any]") -> list[str]:
    """Return every breach of the walls in the database, sorted; none means they stand."""
    known = list(GLOBAL_TABLES)
    found = [
        row[0]
        for row in await connection.fetch(_TABLES, known, OWN_TABLE, POLICY_NAME, POLICY_TEXT)
    ]
    found += await _rights(connection, known)
    logins = [APPLICATION, IDENTITY, RELAY, TRANSFER]
    found += [
        row[0]
        for row in await connection.fetch(_REST, list(SECURITY_DEFINERS), OWNER, logins, RELAY)
    ]
    obeying = [APPLICATION, IDENTITY, MIGRATION, OWNER]
    roles = [*logins, MIGRATION, OWNER]
    found += [row[0] for row in await connection.fetch(_ROLES, roles, obeying, OWNER, MIGRATION)]
    found += await _platform_rights(connection)
    return sorted(found)


async def _rights(connection: "asyncpg.Connection[Any]", known: list[str]) -> list[str]:
    expected = _expected()
    found: list[str] = []
    for row in await connection.fetch(_RIGHTS, known, OWNER, False):
        name, rights = row["name"], set(row["rights"])
        # A part has no rights of its own, and refuses changes like its ledger.
        whole = row["part_of"].removeprefix("app.") if row["relispartition"] else name
        wanted, append_only = expected.get(whole, (set(), False))
        if row["relispartition"]:
            wanted = set()
        found += [f"{name}: {right} is not registered" for right in sorted(rights - wanted)]
        found += [f"{name}: {right} is missing" for right in sorted(wanted - rights)]
        if append_only and row["triggers"] != 2:
            found.append(f"{name}: the triggers that refuse changes are missing")
    return found


async def _platform_rights(connection: "asyncpg.Connection[Any]") -> list[str]:
    """The application sees no table of the platform; nobody but sign-in and relay sees any."""
    rows = await connection.fetch(_RIGHTS, list(GLOBAL_TABLES), OWNER, True)
    pairs = [(row["name"], *right.split(" ")) for row in rows for right in row["rights"]]
    return [
        f"{table}: {role} {right} is not registered"
        for table, role, right in pairs
        if (table, role, right) not in READ_BY_ALL
        and (
            role not in {IDENTITY, RELAY}
            or right in {"TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN"}
            or (role == RELAY and right != "SELECT")
        )
    ]
