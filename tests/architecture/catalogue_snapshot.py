"""What a database is made of, as text that two databases can be compared by.

Alembic's own comparison misses checks, exclusions, predicates of indexes, row security, policies,
grants and triggers (database page 2.10); the system catalogue misses nothing.
"""

from typing import Any

import asyncpg

_RELATIONS = """
    SELECT c.* FROM pg_class c WHERE c.relnamespace = 'app'::regnamespace
    AND c.relname NOT LIKE 'alembic%'
"""
# The order of columns is left out: a migration can only add at the end.
_QUESTIONS = {
    "table": f"""
        SELECT relname, concat_ws(' ', relkind, relrowsecurity, relforcerowsecurity,
            pg_get_userbyid(relowner), relpersistence, pg_get_partkeydef(oid),
            pg_get_expr(relpartbound, oid))
        FROM ({_RELATIONS}) c WHERE relkind IN ('r', 'p', 'v', 'S')
    """,
    "column": f"""
        SELECT c.relname || '.' || a.attname, concat_ws(' ',
            format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated, a.attidentity,
            pg_get_expr(d.adbin, d.adrelid), a.attcollation::regcollation)
        FROM ({_RELATIONS}) c JOIN pg_attribute a ON a.attrelid = c.oid
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relkind IN ('r', 'p', 'v') AND a.attnum > 0 AND NOT a.attisdropped
    """,
    "constraint": f"""
        SELECT c.relname || '.' || o.conname, pg_get_constraintdef(o.oid) || ' ' || o.convalidated
        FROM ({_RELATIONS}) c JOIN pg_constraint o ON o.conrelid = c.oid
    """,
    "index": f"""
        SELECT c.relname, pg_get_indexdef(c.oid) || ' ' || i.indisvalid
        FROM ({_RELATIONS}) c JOIN pg_index i ON i.indexrelid = c.oid
    """,
    "policy": f"""
        SELECT c.relname || '.' || p.polname, concat_ws(' ', p.polcmd, p.polpermissive,
            p.polroles::regrole[]::text, pg_get_expr(p.polqual, p.polrelid),
            pg_get_expr(p.polwithcheck, p.polrelid))
        FROM ({_RELATIONS}) c JOIN pg_policy p ON p.polrelid = c.oid
    """,
    "trigger": f"""
        SELECT c.relname || '.' || t.tgname, pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text
        FROM ({_RELATIONS}) c JOIN pg_trigger t ON t.tgrelid = c.oid WHERE NOT t.tgisinternal
    """,
    "function": """
        SELECT p.oid::regprocedure::text, concat_ws(' ', pg_get_functiondef(p.oid),
            pg_get_userbyid(p.proowner), p.proacl::text)
        FROM pg_proc p WHERE p.pronamespace = 'app'::regnamespace
    """,
    "grant": f"""
        SELECT c.relname || ' to ' || g.grantee::regrole, string_agg(
            g.privilege_type || CASE WHEN g.is_grantable THEN '*' ELSE '' END, ' '
            ORDER BY g.privilege_type)
        FROM ({_RELATIONS}) c, aclexplode(c.relacl) g GROUP BY 1, c.relname, g.grantee
    """,
    "column grant": f"""
        SELECT c.relname || '.' || a.attname, a.attacl::text
        FROM ({_RELATIONS}) c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE a.attacl IS NOT NULL
    """,
    "type": """
        SELECT t.typname, t.typtype::text FROM pg_type t
        WHERE t.typnamespace = 'app'::regnamespace AND t.typtype IN ('e', 'd', 'r')
    """,
}


async def snapshot(connection: "asyncpg.Connection[Any]") -> dict[str, str]:
    """Return everything in the schema by kind and name."""
    found: dict[str, str] = {}
    for kind, question in _QUESTIONS.items():
        for name, text in await connection.fetch(question):
            found[f"{kind} {name}"] = text
    return found


def differences(one: dict[str, str], other: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Return what the two do not agree about."""
    absent = "(absent)"
    return {
        name: (one.get(name, absent), other.get(name, absent))
        for name in sorted(one.keys() | other.keys())
        if one.get(name, absent) != other.get(name, absent)
    }
