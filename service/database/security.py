"""Row security: the same wall around every tenant table, and who may do what (database page 2)."""

from collections.abc import Sequence

from service.database.tables import SCHEMA, TenantTable

OWNER = "bailiwick_owner"
APPLICATION = "bailiwick_app"
RELAY = "bailiwick_relay"
IDENTITY = "bailiwick_identity"
TRANSFER = "bailiwick_transfer"
MIGRATION = "bailiwick_migrate"

POLICY_NAME = "tenant_isolation"
# After a transaction that set it, the setting is an empty string for the rest of the session;
# nullif makes that mean "no rows, no writes" instead of an error.
POLICY = "tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid"

REFUSE_CHANGE = f"""
CREATE FUNCTION {SCHEMA}.refuse_change() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '42501';
END $$
"""

_REFUSE = f"EXECUTE FUNCTION {SCHEMA}.refuse_change()"


def wall(
    name: str, *, append_only: bool = False, deletable: bool = False, fixed: Sequence[str] = ()
) -> list[str]:
    """Return the statements that put row security, grants and triggers on a tenant table."""
    table = f"{SCHEMA}.{name}"
    rights = ["SELECT", "INSERT"]
    if not append_only:
        rights.append("UPDATE")
    if deletable:
        rights.append("DELETE")
    statements = [
        *_row_security(table),
        f"GRANT {', '.join(rights)} ON {table} TO {APPLICATION}",
        f"GRANT SELECT, INSERT, DELETE ON {table} TO {TRANSFER}",
    ]
    if append_only:
        statements += [
            f"CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW {_REFUSE}",
            _no_truncate(name),
        ]
    return [*statements, *fixing(name, fixed)] if fixed else statements


def fixing(name: str, columns: Sequence[str]) -> list[str]:
    """Return the statements that keep columns of a table as they were written, for everybody."""
    return [
        f"CREATE TRIGGER {name}_fixed BEFORE UPDATE ON {SCHEMA}.{name} "
        f"FOR EACH ROW WHEN ({_changed(columns)}) {_REFUSE}"
    ]


def fixing_afterwards(name: str, columns: Sequence[str]) -> list[str]:
    """Return the same for a table of which a statement sets 100,000 rows.

    A trigger before a row locks the row first, which writes as much again as setting it does; this
    one is asked only where a statement names one of the columns.
    """
    return [
        f"CREATE TRIGGER {name}_fixed AFTER UPDATE OF {', '.join(columns)} ON {SCHEMA}.{name} "
        f"FOR EACH ROW WHEN ({_changed(columns)}) {_REFUSE}"
    ]


def ending(name: str, columns: Sequence[str]) -> list[str]:
    """Return the statements that keep columns as they are once the first of them is written."""
    return [
        f"CREATE TRIGGER {name}_ended BEFORE UPDATE ON {SCHEMA}.{name} FOR EACH ROW"
        f" WHEN (OLD.{columns[0]} IS NOT NULL AND ({_changed(columns)})) {_REFUSE}"
    ]


def _changed(columns: Sequence[str]) -> str:
    return " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)


def wall_of_partition(name: str) -> list[str]:
    """Return the wall of one part of a ledger: nobody is granted anything on it.

    A statement through the ledger is held by the ledger's own policy and row triggers; these hold
    whoever names the part.
    """
    return [*_row_security(f"{SCHEMA}.{name}"), _no_truncate(name)]


def _row_security(table: str) -> list[str]:
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY {POLICY_NAME} ON {table} USING ({POLICY}) WITH CHECK ({POLICY})",
    ]


def _no_truncate(name: str) -> str:
    return (
        f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {SCHEMA}.{name} "
        f"FOR EACH STATEMENT {_REFUSE}"
    )


def wall_of(table: type[TenantTable]) -> list[str]:
    """Return the wall of a mapped tenant table."""
    name = str(table.__tablename__)
    statements = wall(name, append_only=table.append_only, deletable=table.deletable)
    if table.fixed:
        statements += (fixing_afterwards if table.set_together else fixing)(name, table.fixed)
    return [*statements, *ending(name, table.ending)] if table.ending else statements


def grants(role: str, rights: str, tables: Sequence[str]) -> list[str]:
    """Return the grants of a role on tables it may see across tenants."""
    return [f"GRANT {rights} ON {SCHEMA}.{table} TO {role}" for table in tables]


PLATFORM_GRANTS = [
    *grants(
        IDENTITY,
        "SELECT, INSERT, UPDATE",
        [
            "platform_user",
            "platform_membership",
            "platform_refresh_token",
            "global_tenant_directory",
        ],
    ),
    # Refresh tokens go with their session, by the foreign key.
    *grants(IDENTITY, "SELECT, INSERT, UPDATE, DELETE", ["platform_session"]),
    *grants(IDENTITY, "SELECT, INSERT, DELETE", ["platform_sign_in_failure"]),
    *grants(IDENTITY, "SELECT", ["global_cluster"]),
    *grants(RELAY, "SELECT, UPDATE", ["outbox", "timer"]),
    *grants(RELAY, "SELECT", ["global_tenant_directory"]),
    *grants(APPLICATION, "SELECT", ["alembic_version"]),
]

STREAM_GRANTS = [
    *grants(RELAY, "DELETE", ["outbox"]),
    *grants(RELAY, "SELECT, INSERT, UPDATE, DELETE", ["outbox_listener"]),
]
