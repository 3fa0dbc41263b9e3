"""The SQL in the code keeps to what row security, one clock and many machines allow.

Read from the strings of the code; a statement put together of several strings is judged by its
parts, so these tests find carelessness, not cunning.
"""

import re
from collections.abc import Iterator
from functools import cache

from source_tree import declare_tables, name_of, parsed, python_files, texts

from service.database.tables import METADATA

VERB = re.compile(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|MERGE)\b")
# A table that is read or changed in place; what is inserted names its tenant among its values.
REFERENCE = re.compile(r"(?<!NULL::)(?<!INTO )\bapp\.([a-z_]+)\b(?!\()")
TENANT = re.compile(r"\btenant_id\b\"?\s*(?:=|\))")

# "file: first words" -> why the statement does not name its tenant.
ACROSS_TENANTS: dict[str, str] = {
    "service/delivery/purging.py: WITH RECURSIVE tenants AS (": (
        "the relay finds the tenants that have events; each is then purged by itself"
    ),
    "service/database/target_guards.py: CREATE TRIGGER target_node_set AFTER UPDATE": (
        "makes a trigger; what it runs is bound to the tenant of the rows"
    ),
    "service/database/target_guards.py: CREATE CONSTRAINT TRIGGER target_plan_moved AFTER": (
        "makes a trigger; what it runs is bound to the tenant of the rows"
    ),
    "service/worker/backlog.py: SELECT (SELECT count(*) FROM app.outbox": (
        "counts for operators under the relay's role; no row of anybody's is read"
    ),
    "service/worker/loop.py: UPDATE app.outbox o SET published_at": (
        "the relay takes work of every tenant; its role sees outbox and timers and nothing else"
    ),
    "service/worker/sealing.py: WITH RECURSIVE tenants AS (": (
        "the relay finds the tenants that have news; each is then sealed by itself"
    ),
}

FORBIDDEN = {
    "MERGE takes locks Citus cannot place": re.compile(r"\bMERGE INTO\b"),
    "the instant is the command's, a parameter": re.compile(
        r"\b(?:now|clock_timestamp|statement_timestamp)\(\)|\bCURRENT_(?:TIMESTAMP|DATE|TIME)\b"
    ),
    "Citus refuses SET NULL and SET DEFAULT": re.compile(r"\bON DELETE SET\b|\bSET NULL\b"),
    "enum equality is no index condition": re.compile(r"\bAS ENUM\b"),
    "Citus refuses a sub-select in VALUES": re.compile(
        r"\bVALUES\s*\((?:[^()]|\((?!\s*SELECT)[^()]*\))*\(\s*SELECT\b"
    ),
}


@cache
def statements() -> tuple[tuple[str, str], ...]:
    """Return every string that is SQL on our tables, with its place."""
    return tuple(
        (f"{name_of(path)}:{line}", text)
        for path in python_files("service")
        for line, text in texts(parsed(path))
        if VERB.search(text)
    )


def own_tables() -> frozenset[str]:
    """Return the tables whose rows belong to a tenant."""
    declare_tables()
    names = (table.name for table in METADATA.tables.values() if "tenant_id" in table.columns)
    return frozenset(name for name in names if not name.startswith(("platform_", "global_")))


def unbounded(text: str) -> list[str]:
    """Return the tenants' tables of a statement when it names the tenant fewer times than them."""
    named = [name for name in REFERENCE.findall(text) if name in own_tables()]
    return named if len(TENANT.findall(text)) < len(named) else []


def key(place: str, text: str) -> str:
    return f"{place.partition(':')[0]}: {' '.join(text.split()[:5])}"


def test_there_are_statements_to_judge() -> None:
    assert len(statements()) > 30


def test_no_statement_uses_what_is_forbidden() -> None:
    found = [
        f"{place}: {why}"
        for place, text in statements()
        for why, pattern in FORBIDDEN.items()
        if pattern.search(text)
    ]

    assert found == []


def test_the_tenants_setting_is_never_made_by_a_statement_that_reads() -> None:
    found = [place for place, text in statements() if "set_config" in text and "app." in text]

    assert [place for place in found if reads_and_sets(dict(statements())[place])] == []


def reads_and_sets(text: str) -> bool:
    return (
        "set_config" in text and re.search(r"\b(?:FROM|JOIN|UPDATE|INTO)\s+app\.", text) is not None
    )


def loose() -> Iterator[tuple[str, str, list[str]]]:
    for place, text in statements():
        tables = unbounded(text)
        # A migration changes every tenant's rows, each by its own.
        if tables and not place.startswith("service/database/migrations/versions/"):
            yield place, key(place, text), tables


def test_every_table_of_a_statement_is_bound_to_the_tenant() -> None:
    found = [f"{place} {tables}" for place, name, tables in loose() if name not in ACROSS_TENANTS]

    assert found == []


def test_every_statement_across_tenants_still_exists() -> None:
    names = {name for _, name, _ in loose()}

    assert sorted(ACROSS_TENANTS.keys() - names) == []


def test_these_tests_can_fail() -> None:
    in_values = FORBIDDEN["Citus refuses a sub-select in VALUES"]
    assert in_values.search("VALUES ($1, coalesce($2, 3), (SELECT 1))")
    assert not in_values.search("VALUES ($1, $2) RETURNING 1) SELECT EXISTS (SELECT FROM x)")
    assert unbounded("SELECT 1 FROM app.visit v") == ["visit"]
    assert unbounded("SELECT 1 FROM app.visit v JOIN app.site s ON s.tenant_id = $1") != []
    assert unbounded("SELECT 1 FROM app.visit v WHERE v.tenant_id = $1") == []
    assert unbounded("INSERT INTO app.visit SELECT * FROM f(NULL::app.visit, $1)") == []
    assert reads_and_sets("SELECT set_config('app.tenant_id', $1, true) FROM app.visit")
    assert not reads_and_sets("BEGIN; SELECT set_config('app.tenant_id', $1, true)")
