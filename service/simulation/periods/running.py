"""Runs a simulation: claimed, gone through with its progress told, kept; or given up.

Whoever runs it says so every few seconds. A run that has gone silent is taken over from the start:
nothing of it is written before it is whole.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from service.calendar import start_of_day
from service.clock import monotonic_seconds, new_id
from service.database.session import Row, Session
from service.journal.entries import kind_of, plain
from service.journal.tables import Outbox
from service.policies.rulebooks.compiler import compile_rulebook
from service.policies.rulebooks.document import from_json
from service.policies.rulebooks.rulebook import Rulebook
from service.policies.rulebooks.vocabulary.shipped import VOCABULARIES
from service.replay.days import milliseconds
from service.replay.engine import Replay, undisturbed
from service.replay.play import Play
from service.replay.succession import Timeline
from service.rulebooks.events import SimulationAdvanced, SimulationEnded
from service.rulebooks.tables import RulebookSimulation, SimulationKind, SimulationState
from service.simulation.periods.comparing import Comparison, Within, compared
from service.simulation.periods.fidelity import as_it_was, past
from service.simulation.periods.keeping import keep
from service.simulation.periods.records import Recorded
from service.simulation.periods.stateless import stateless
from service.work import Caller, Transactions, UnitOfWork

SILENT: Final = timedelta(seconds=60)
MOST_ATTEMPTS: Final = 3
_TOLD_EVERY_SECONDS: Final = 1.0

Told = Callable[[int, int], None]

_log = structlog.get_logger(__name__)


class _CalledOff(Exception):
    """Somebody cancelled it, or another worker has taken it over: nothing is kept."""


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A simulation that is ours to run."""

    id: UUID
    attempt: int
    row: Row


async def run_simulation(
    transactions: Transactions, tenant_id: UUID, simulation_id: UUID, told: Told | None = None
) -> str:
    """Run a simulation if it waits, or if who ran it has gone silent; return its state then.

    Args:
        transactions: the way in.
        tenant_id: whose it is.
        simulation_id: which.
        told: learns how many of how many events are done.
    """
    claimed = await transactions.internally(
        tenant_id, "run_simulation", lambda work: _claim(work, simulation_id)
    )
    if claimed is None:
        return await _state(transactions, tenant_id, simulation_id)
    run = _Run(transactions, tenant_id, claimed, told)
    try:
        found = await run.found()
        await run.end(SimulationState.DONE, found)
    except _CalledOff:
        await run.end(SimulationState.CANCELLED, None)
    except Exception as error:  # noqa: BLE001 - whatever it was, the simulation has failed
        _log.exception("simulation.failed", simulation=str(simulation_id))
        await run.end(SimulationState.FAILED, None, f"{type(error).__name__}: {error}"[:500])
    return await _state(transactions, tenant_id, simulation_id)


async def _state(transactions: Transactions, tenant_id: UUID, simulation_id: UUID) -> str:
    async with transactions.sight(Caller(tenant_id, None, f"simulation-{new_id()}")) as sight:
        state: str | None = await sight.fetch_value(
            "SELECT state FROM app.rulebook_simulation WHERE tenant_id = $1 AND id = $2",
            tenant_id,
            simulation_id,
        )
    return state or "GONE"


async def _claim(work: UnitOfWork, simulation_id: UUID) -> _Claimed | None:
    """Take a simulation that waits, or whose runner is silent; None where it is not to be run."""
    row = await work.fetch_one(
        "SELECT * FROM app.rulebook_simulation WHERE tenant_id = $1 AND id = $2"
        " FOR NO KEY UPDATE SKIP LOCKED",
        work.tenant_id,
        simulation_id,
    )
    if row is None or not _may_run(row, work.now):
        return None
    if row["state"] == SimulationState.QUEUED and await _another_runs(work, simulation_id):
        return None
    changes: dict[str, object] = {
        "state": SimulationState.RUNNING.value,
        "attempts": row["attempts"] + 1,
        "started_at": row["started_at"] or work.now,
        "heartbeat_at": work.now,
        "done_count": 0,
    }
    given_up = row["attempts"] >= MOST_ATTEMPTS
    if given_up:
        changes = {
            "state": SimulationState.FAILED.value,
            "failure": "its worker was lost again and again",
            "finished_at": work.now,
        }
        work.emit(SimulationEnded(simulation_id))
    work.change(RulebookSimulation, simulation_id, changes)
    work.concerns("rulebook_simulation", simulation_id)
    return None if given_up else _Claimed(simulation_id, row["attempts"] + 1, dict(row))


def _may_run(row: Row, now: datetime) -> bool:
    if row["state"] == SimulationState.QUEUED:
        return True
    silent_since: datetime | None = row["heartbeat_at"]
    if row["state"] != SimulationState.RUNNING or silent_since is None:
        return False
    return silent_since < now - SILENT


async def _another_runs(work: UnitOfWork, simulation_id: UUID) -> bool:
    found = await work.fetch_value(
        "SELECT EXISTS (SELECT FROM app.rulebook_simulation WHERE tenant_id = $1 AND id <> $2"
        " AND state = 'RUNNING')",
        work.tenant_id,
        simulation_id,
    )
    return bool(found)


class _Run:
    """One run of a simulation."""

    def __init__(
        self, transactions: Transactions, tenant_id: UUID, claimed: _Claimed, told: Told | None
    ) -> None:
        self._transactions = transactions
        self._tenant_id = tenant_id
        self._claimed = claimed
        self._row = claimed.row
        self._told = told
        self._last_told = 0.0

    async def found(self) -> Comparison:
        """Go through the period and compare."""
        vocabulary = VOCABULARIES[self._row["policy"]]
        document = from_json(self._row["document"])
        rulebook = compile_rulebook(document, vocabulary, self._row["overrides"])
        if self._row["kind"] == SimulationKind.STATELESS:
            async with self._transactions.sight(self._caller()) as sight:
                within = await self._within_sites(sight)
                return await stateless(sight, rulebook, within, self._advance)
        async with self._transactions.snapshot(self._caller()) as sight:
            made, then = await past(sight, self._ends(sight.now))
        within = self._within(made)
        was = as_it_was(made, then)
        timelines = self._timelines(made, then.timelines, rulebook)
        # What is decided for no site, the text decides where it is tried on all of them.
        everywhere = timelines and not self._row["site_ids"]
        company = timelines[0] if everywhere else then.company
        would = Replay(made.history, timelines, company)
        with undisturbed():
            await self._play(was, 0)
            await self._play(would, len(made.history))
        return compared(made, was, would, within)

    def _caller(self) -> Caller:
        return Caller(self._tenant_id, None, f"simulation-{self._claimed.id}")

    def _ends(self, now: datetime) -> datetime:
        """Return the last instant that is read: the period's end in the latest of zones."""
        latest = datetime.combine(self._row["last_day"], datetime.min.time(), UTC)
        return min(latest + timedelta(days=2), now)

    def _within(self, made: Recorded) -> Within:
        places = zip(made.site_ids, made.history.places, strict=True)
        return self._spans({site_id: place.days.zone for site_id, place in places})

    async def _within_sites(self, sight: Session) -> Within:
        rows = await sight.fetch(
            "SELECT id, time_zone FROM app.site WHERE tenant_id = $1", self._tenant_id
        )
        return self._spans({row["id"]: ZoneInfo(row["time_zone"]) for row in rows})

    def _spans(self, zones: Mapping[UUID, ZoneInfo]) -> Within:
        wanted = {UUID(site_id) for site_id in self._row["site_ids"]} or set(zones)
        first, last = self._row["first_day"], self._row["last_day"]
        after: date = last + timedelta(days=1)
        return Within(
            {
                site_id: (start_of_day(first, zone), start_of_day(after, zone))
                for site_id, zone in zones.items()
                if site_id in wanted
            }
        )

    def _timelines(
        self, made: Recorded, then: Mapping[UUID, Timeline], rulebook: Rulebook
    ) -> Sequence[Timeline]:
        """Let the text begin at the first day of the period, at the sites that were asked for."""
        play = Play(rulebook)
        spans = self._within(made).spans
        timelines: list[Timeline] = []
        for site_id in made.site_ids:
            known = then[site_id]
            if site_id in spans:
                begins = milliseconds(spans[site_id][0])
                known = [*(one for one in known if one[0] < begins), (begins, play)]
            timelines.append(known)
        return timelines

    async def _play(self, replay: Replay, before: int) -> None:
        total = 2 * len(replay.history)
        for done in replay.steps():
            await self._advance(before + done, total)

    async def _advance(self, done: int, total: int) -> None:
        """Tell how far it is, now and then; the loop of this process goes on meanwhile."""
        seconds = monotonic_seconds()
        if self._told is not None:
            self._told(done, total)
        if seconds - self._last_told < _TOLD_EVERY_SECONDS and done < total:
            return
        self._last_told = seconds
        await asyncio.sleep(0)
        event = SimulationAdvanced(self._claimed.id)
        async with self._transactions.sight(self._caller()) as sight:
            row = await sight.fetch_one(
                "UPDATE app.rulebook_simulation SET done_count = $3, total_count = $4,"
                " heartbeat_at = $5, version = version + 1"
                " WHERE tenant_id = $1 AND id = $2 AND state = 'RUNNING' AND attempts = $6"
                " RETURNING cancel_requested_at",
                self._tenant_id,
                self._claimed.id,
                done,
                total,
                sight.now,
                self._claimed.attempt,
            )
            # Its own line in the outbox, without a command: nobody's audit is full of progress.
            sight.add(
                Outbox(
                    tenant_id=self._tenant_id,
                    id=sight.new_id(),
                    at=sight.now,
                    kind=kind_of(event),
                    subject_id=event.subject_id,
                    body=plain(event),
                )
            )
        if row is None or row["cancel_requested_at"] is not None:
            raise _CalledOff

    async def end(
        self, state: SimulationState, found: Comparison | None, failure: str | None = None
    ) -> None:
        """Keep what was found, and tell that it has ended; nothing where another took it over."""

        async def step(work: UnitOfWork) -> None:
            row = await work.fetch_one(
                "SELECT cancel_requested_at FROM app.rulebook_simulation"
                " WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND state = 'RUNNING'"
                " FOR NO KEY UPDATE",
                work.tenant_id,
                self._claimed.id,
                self._claimed.attempt,
            )
            if row is None:
                return
            # Who called it off was told that it ends so, however far it had come.
            called_off = row["cancel_requested_at"] is not None
            ended = SimulationState.CANCELLED if called_off else state
            kept = None if called_off else found
            if kept is not None:
                keep(work, self._claimed.id, kept)
            work.change(
                RulebookSimulation,
                self._claimed.id,
                {
                    "state": ended.value,
                    "finished_at": work.now,
                    "failure": None if called_off else failure,
                    "summary": None if kept is None else kept.summary(),
                },
            )
            work.concerns("rulebook_simulation", self._claimed.id, state=ended.value)
            work.emit(SimulationEnded(self._claimed.id))

        await self._transactions.internally(self._tenant_id, "end_simulation", step)
