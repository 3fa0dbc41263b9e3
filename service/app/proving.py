"""What an operator asks of a tenant's past: is it as written, and would it be decided so again?"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from service.app.base import Base, StartRefused
from service.clock import new_id
from service.journal.sealing import MOST, Verified, has_head, sentences, verify
from service.ownership.chains import unchained
from service.ownership.sealed import disagreeing
from service.replay.engine import undisturbed
from service.rulebooks.in_force import version
from service.simulation.periods.fidelity import (
    Difference,
    as_it_was,
    differences,
    instants_of,
    past,
)
from service.simulation.periods.records import Recorded
from service.simulation.periods.redeciding import Redecider, decisions
from service.work import Caller, Sight

Say = Callable[[str], None]


async def tenants_of(base: Base, code: str | None) -> Sequence[tuple[str, UUID]]:
    """Return codes and ids of one tenant or of all.

    Raises:
        StartRefused: there is no such tenant.
    """
    rows = await base.identity_pool.fetch(
        "SELECT code, tenant_id FROM app.global_tenant_directory"
        " WHERE tenant_id IS NOT NULL AND ($1::text IS NULL OR code = $1) ORDER BY code",
        code,
    )
    if code is not None and not rows:
        raise StartRefused(f"There is no tenant {code}; see `bailiwick tenant list`.")
    return [(row["code"], row["tenant_id"]) for row in rows]


async def verify_tenants(base: Base, code: str | None, head: str, say: Say) -> int:
    """Verify tenants one after the other, say what was found, and return how much it was."""
    tenants = await tenants_of(base, code)
    if not tenants:
        # Silence would read like "all is well"; and a head that was noted somewhere is not here.
        say("There is no tenant in this database: nothing was verified.")
        return int(bool(head))
    total = 0
    for name, tenant_id in tenants:
        caller = Caller(tenant_id, None, f"verify-{new_id()}")
        async with base.transactions.sight(caller) as sight:
            sealed = await verify(sight)
            beside = (*await unchained(sight), *await disagreeing(sight))
            verified = replace(sealed, found=(*sealed.found, *beside))
            lost = bool(head) and not await has_head(sight, head)
        total += len(verified.found) + lost
        say(_summary(name, verified))
        for sentence in sentences(verified):
            say(f"  {sentence}")
        if lost:
            say("  the head noted earlier is in no seal: seals were removed or made anew")
    return total


def _summary(name: str, verified: Verified) -> str:
    waiting = f"{MOST} or more" if verified.waiting == MOST else verified.waiting
    outcome = f"{len(verified.found)} TOUCHED" if verified.found else "untouched"
    return (
        f"{name}: {verified.lines} lines in {verified.seals} seals, {outcome},"
        f" {waiting} to be sealed; head {verified.head or 'none'}"
    )


@dataclass(frozen=True, slots=True)
class Period:
    """Days in UTC, both included; None leaves an end open."""

    first: date | None
    last: date | None

    def instants(self, now: datetime) -> tuple[datetime, datetime]:
        """Return the first instant inside and the first after it."""
        begins = datetime.combine(self.first or date(1970, 1, 1), time.min, UTC)
        if self.last is None:
            return begins, now
        return begins, datetime.combine(self.last + timedelta(days=1), time.min, UTC)


def period_of(first: str | None, last: str | None) -> Period:
    """Read the days of a period.

    Raises:
        StartRefused: one is no day, or the first comes after the last: nothing would be replayed,
            and nothing would differ.
    """
    try:
        days = [None if day is None else date.fromisoformat(day) for day in (first, last)]
    except ValueError as error:
        raise StartRefused(f"A day is written like 2026-03-02: {error}.") from error
    first_day, last_day = days
    if last_day is not None and last_day >= date.max:
        raise StartRefused("The last day must lie before 9999-12-31.")
    if first_day is not None and last_day is not None and first_day > last_day:
        raise StartRefused(f"The period ends before it begins: {first_day} comes after {last_day}.")
    return Period(first_day, last_day)


async def replay_tenant(
    base: Base, code: str, period: Period, say: Say, *, in_json: bool = False
) -> int:
    """Decide a tenant's past again, from stored facts and from the events; return what differs.

    First each decision's own facts are put to the version that decided then. Then everything that
    happened is replayed under the versions in force, so that queues, busy states and ownership
    have to come out as they were.
    """
    ((_, tenant_id),) = await tenants_of(base, code)
    caller = Caller(tenant_id, None, f"replay-{new_id()}")
    async with base.transactions.snapshot(caller) as sight:
        begins, ends = period.instants(sight.now)
        found = await _decided_again(sight, begins, ends)
        made, then = await past(sight, ends)
    replay = as_it_was(made, then)
    with undisturbed():
        replay.run()
    within = [one for one in differences(made, replay) if _inside(made, one, begins)]
    for one in [*found.differing, *within]:
        say(json.dumps(asdict(one), default=str, ensure_ascii=False) if in_json else _line(one))
    summary = {
        "tenant": code,
        "decisions": found.count,
        "visits": sum(begins <= at for at in instants_of(made)),
        "events": len(made.history),
        "differences": len(found.differing) + len(within),
    }
    say(json.dumps(summary) if in_json else _replayed(summary))
    return len(found.differing) + len(within)


@dataclass(slots=True)
class _Again:
    """How many decisions were put again, and what came out otherwise."""

    count: int
    differing: list[Difference]


async def _decided_again(sight: Sight, begins: datetime, ends: datetime) -> _Again:
    again = _Again(0, [])
    redeciders: dict[UUID, Redecider] = {}
    rows = [row async for row in decisions(sight, begins, ends)]
    for version_id in {row["rulebook_version_id"] for row in rows}:
        redeciders[version_id] = Redecider((await version(sight, version_id)).rulebook)
    for row in rows:
        again.count += 1
        again.differing += redeciders[row["rulebook_version_id"]].differences(row)
    return again


def _inside(made: Recorded, one: Difference, begins: datetime) -> bool:
    return made.happened_at(one.id) >= begins


def _line(one: Difference) -> str:
    return f"{one.subject} {one.id}: {one.what} was {one.recorded}, is {one.replayed}"


def _replayed(summary: dict[str, object]) -> str:
    told = "difference" if summary["differences"] == 1 else "differences"
    return (
        f"{summary['tenant']}: {summary['decisions']} decisions and {summary['visits']} visits"
        f" ({summary['events']} events) decided again, {summary['differences']} {told}"
    )
