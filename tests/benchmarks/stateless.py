"""A million stored facts decided again: in memory with Polars, and where they lie, in PostgreSQL.

The reference is what the rulebook's own function takes for as many, one after the other.
"""

import asyncio
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from service.database.connections import Location, connected
from service.embedded.lease import acquire
from service.policies.rulebooks.compiler import compile_rulebook
from service.policies.rulebooks.document import parse
from service.policies.rulebooks.frames import schema_of, to_polars
from service.policies.rulebooks.meaning import MeantDecision
from service.policies.rulebooks.rulebook import Rulebook
from service.policies.rulebooks.sql import columns_of_json, to_sql
from service.policies.rulebooks.vocabulary.kinds import Fact, Flag, Number, Value
from service.policies.rulebooks.vocabulary.showroom import SHOWROOM

SHOWROOM_FILE = Path(__file__).parents[2] / "policies/rulebooks/showroom.yaml"
ROWS = 1_000_000
# As many different visits; the million repeats them.
DIFFERENT = 10_007
ROUNDS = 3
IN_MEMORY_SECONDS, IN_DATABASE_SECONDS = 1.0, 3.0
Visits = list[dict[str, Value]]
SQL_TYPES = {Flag: "boolean", Number: "bigint"}


def _value(fact: Fact, chance: random.Random) -> Value:
    if isinstance(fact.kind, Flag):
        return chance.random() < 0.5
    if isinstance(fact.kind, Number):
        return chance.randrange(min(fact.kind.most, 20) + 1)
    return chance.choice(fact.kind.words)


def _visits(decision: MeantDecision) -> Visits:
    chance = random.Random(14)  # noqa: S311 - visits, no secrets
    return [
        {fact.name: _value(fact, chance) for fact in decision.words.facts} for _ in range(DIFFERENT)
    ]


def _best(action: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.perf_counter()
        action()
        best = min(best, time.perf_counter() - started)
    return best


def _in_memory(rulebook: Rulebook, decision: MeantDecision, visits: Visits) -> float:
    frame = pl.DataFrame(visits, schema=schema_of(decision.words), orient="row")
    million = pl.concat([frame] * (ROWS // DIFFERENT + 1)).head(ROWS).rechunk()
    asked = to_polars(decision, rulebook.parameters)

    def decided() -> pl.DataFrame:
        return million.select(asked.alias("rule"))["rule"].value_counts()

    return _best(decided)


async def _in_database(
    location: Location, rulebook: Rulebook, decision: MeantDecision, visits: Visits
) -> tuple[float, float]:
    """Return the seconds over a column a fact, and over the facts in a jsonb, as decisions keep."""
    types = {fact.name: SQL_TYPES.get(type(fact.kind), "text") for fact in decision.words.facts}
    declared = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
    async with connected(location, "postgres", "postgres") as connection:
        await connection.execute(f"CREATE UNLOGGED TABLE visit ({declared})")
        await connection.execute(
            "INSERT INTO visit SELECT given.*"
            f" FROM jsonb_to_recordset($1::jsonb) AS given({declared}),"
            f" generate_series(0, {ROWS // DIFFERENT})",
            visits,
        )
        kept = "SELECT to_jsonb(visit) AS facts FROM visit"
        await connection.execute(f"CREATE UNLOGGED TABLE kept AS {kept}")
        await connection.execute("VACUUM (ANALYZE) visit, kept")
        seconds = []
        for table, columns in (
            ("visit", None),
            ("kept", columns_of_json(decision.words, "facts")),
        ):
            case = to_sql(decision, rulebook.parameters, columns)
            asked = f"SELECT {case.sql} AS rule, count(*) FROM {table} GROUP BY 1"
            best = float("inf")
            for _ in range(ROUNDS):
                started = time.perf_counter()
                await connection.fetch(asked, *case.arguments)
                best = min(best, time.perf_counter() - started)
            seconds.append(best)
        return seconds[0], seconds[1]


def _entry(name: str, value: float, reference: str, goal: float) -> dict[str, Any]:
    return {
        "name": f"rulebook: 1M visits {name}",
        "value": round(value, 3),
        "unit": "s",
        "reference": reference,
        "goal": goal,
        "ok": value <= goal,
    }


def measure() -> list[dict[str, Any]]:
    """Measure a million receptions of the shipped showroom decided again."""
    rulebook = compile_rulebook(parse(SHOWROOM_FILE.read_text("utf-8")), SHOWROOM)
    decision = rulebook.meaning.decisions["reception"]
    visits = _visits(decision)
    one_by_one = _best(lambda: [rulebook.decide("reception", facts) for facts in visits])
    reference = f"one by one {one_by_one * ROWS / DIFFERENT:.1f} s"
    home = Path(tempfile.mkdtemp(prefix="bailiwick-stateless-"))
    home.chmod(0o711)
    lease = acquire(home, throw_away=True)
    try:
        location = Location(str(lease.socket_folder), "postgres")
        columns, kept = asyncio.run(_in_database(location, rulebook, decision, visits))
    finally:
        lease.release()
        shutil.rmtree(home, ignore_errors=True)
    return [
        _entry("in memory", _in_memory(rulebook, decision, visits), reference, IN_MEMORY_SECONDS),
        _entry("in PostgreSQL", columns, "a column a fact", IN_DATABASE_SECONDS),
        _entry("in PostgreSQL, kept facts", kept, "facts in a jsonb", IN_DATABASE_SECONDS),
    ]


if __name__ == "__main__":
    for row in measure():
        sys.stdout.write(f"{row['name']:<45}{row['value']:>8} s  {row['reference']}\n")
