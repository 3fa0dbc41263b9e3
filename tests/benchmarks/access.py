"""How fast the compiled table answers, against Casbin on the same rows in the same run.

`python tests/benchmarks/access.py` prints the table; `measure()` gives it to `make bench`.
"""

import statistics
import time
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from asyncpg.pgproto import pgproto

from service.policies.access import (
    ACTIONS,
    Actor,
    CompiledTenant,
    Domain,
    Holding,
    PolicyRow,
    Record,
    compile_tenant,
)
from service.policies.access.reference import Reference, TenantPolicy

ROWS, DUTIES, ROLES, NODES = 200, 60, 15, 200
RECORDS = 50
TENANT = UUID(int=1)


def _policy(chance: Random) -> TenantPolicy:
    """Return a tenant of the size a large one has: 15 roles, 200 rows, two trees of 200."""
    actions = [entry for entry in ACTIONS.values() if Domain.TENANT in entry.domains]
    rows = {
        PolicyRow("*", "deal", "record", "requested", effect="deny"),
        PolicyRow("d:duty-1", "deal", "record", "territory", "discount_bp<=300"),
    }
    while len(rows) < ROWS:
        entry = chance.choice(actions)
        duty = f"d:duty-{chance.randrange(DUTIES)}"
        scope = chance.choice(["own", "team", "territory", "tenant"])
        rows.add(PolicyRow(duty, entry.object, entry.action, scope))
    duties = [f"d:duty-{number}" for number in range(DUTIES)]
    held = {f"r:role-{n}": ["d:duty-1", *chance.sample(duties, 12)] for n in range(ROLES)}
    includes = {f"r:role-{number}": [f"r:role-{number - 1}"] for number in (3, 6, 9)}
    in_order = sorted(rows, key=repr)
    return TenantPolicy(TENANT, in_order, held, includes, _tree(chance), _tree(chance))


def _tree(chance: Random) -> dict[UUID, UUID | None]:
    parents: dict[UUID, UUID | None] = {}
    for _ in range(NODES):
        parents[_id(chance)] = chance.choice(list(parents)) if parents else None
    return parents


def _id(chance: Random) -> UUID:
    """Return an id of the driver's own class, as actors and records have it when served."""
    made: UUID = pgproto.UUID(chance.randbytes(16))
    return made


def _compiled(policy: TenantPolicy) -> CompiledTenant:
    return compile_tenant(
        policy.tenant_id,
        1,
        rows=policy.rows,
        role_duties=policy.role_duties,
        role_includes=policy.role_includes,
        org_parents=policy.org_parents,
        territory_parents=policy.territory_parents,
    )


def _questions(policy: TenantPolicy, chance: Random) -> list[tuple[Actor, str, Record]]:
    """Return questions to which somebody's duties have something to say; half of them dear.

    Dear is a deal: a limit, four eyes, and a third position that is delegated.
    """
    units, areas = list(policy.org_parents), list(policy.territory_parents)
    me, absent = _id(chance), _id(chance)
    listed = frozenset({"deal.record"})
    said = {duty for role in ("r:role-1", "r:role-2") for duty in policy.role_duties[role]}
    granted = sorted({f"{row.object}.{row.action}" for row in policy.rows if row.duty in said})
    holdings = (
        Holding("r:role-1", chance.choice(units), chance.choice(areas)),
        Holding("r:role-2", chance.choice(units), chance.choice(areas)),
        Holding("r:role-3", chance.choice(units), chance.choice(areas), absent, listed),
    )
    actor = Actor(TENANT, me, holdings)
    return [
        (
            actor,
            "deal.record" if number % 2 else chance.choice(granted),
            Record(
                chance.choice([me, absent, _id(chance)]),
                chance.choice(units),
                chance.choice(areas),
                _id(chance),
                {"discount_bp": chance.randrange(600)},
            ),
        )
        for number in range(RECORDS)
    ]


def _nanoseconds(run: Callable[[], object]) -> int:
    started = time.perf_counter_ns()
    run()
    return time.perf_counter_ns() - started


def _percentile(values: list[int], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]


def _warm(compiled: CompiledTenant, questions: list[tuple[Actor, str, Record]]) -> list[int]:
    """Return the time of each single check, ten thousand of them, after a warm-up."""
    rounds = [question for _ in range(200) for question in questions]
    for actor, action, record in rounds[:1000]:
        compiled.check(actor, action, record)
    clock, check = time.perf_counter_ns, compiled.check
    times = []
    for actor, action, record in rounds:
        started = clock()
        check(actor, action, record)
        times.append(clock() - started)
    return times


def _entry(
    name: str, value: float, unit: str, reference: str, *, goal: str, ok: bool
) -> dict[str, Any]:
    figures = {"value": round(value, 2), "unit": unit, "reference": reference}
    return {"name": name, **figures, "goal": goal, "ok": ok}


def measure() -> list[dict[str, Any]]:
    """Return the three figures that authorisation promises, each with its goal."""
    chance = Random(20260302)  # noqa: S311 - benchmark data, no secret
    policy = _policy(chance)
    questions = _questions(policy, chance)
    compiled, reference = _compiled(policy), Reference([policy])
    for actor, action, record in questions:
        same = compiled.check(actor, action, record).allowed
        if same is not reference.allows(actor, action, record):
            raise AssertionError("the two forms disagree: the comparison is worthless")

    checks = _warm(compiled, questions)
    enforced = [_nanoseconds(partial(reference.allows, *question)) for question in questions * 2]
    cold = [_nanoseconds(lambda: _compiled(policy)) for _ in range(100)]

    ratio = statistics.median(enforced) / statistics.median(checks)
    warm, compiling = _percentile(checks, 99) / 1e3, _percentile(cold, 95) / 1e6
    middle = statistics.median(enforced) / 1e6
    size = f"{ROWS} rows, {ROLES} roles, two trees of {NODES}"
    return [
        _entry(
            "access: enforce() / compiled check",
            ratio,
            "times",
            f"enforce() {middle:.2f} ms on the same {ROWS} rows",
            goal=">= 300",
            ok=ratio >= 300,
        ),
        _entry(
            "access: warm check, p99",
            warm,
            "µs",
            f"median {statistics.median(checks) / 1e3:.2f} µs",
            goal="<= 10",
            ok=warm <= 10,
        ),
        _entry("access: cold tenant, p95", compiling, "ms", size, goal="<= 20", ok=compiling <= 20),
    ]


def main() -> None:
    """Print the table."""
    for entry in measure():
        mark = "ok " if entry["ok"] else "NO "
        figure = f"{entry['value']} {entry['unit']}"
        print(f"{mark} {entry['name']:36} {figure:>14}  {entry['goal']:8} {entry['reference']}")  # noqa: T201 - a command


if __name__ == "__main__":
    main()
