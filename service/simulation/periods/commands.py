"""Asking for a simulation of a text over a past period, and calling it off."""

import asyncio
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from service.errors import InvalidInput, NotFound
from service.policies.access import Record
from service.policies.rulebooks.compiler import compile_rulebook
from service.policies.rulebooks.document import parse
from service.policies.rulebooks.problems import RulebookRefused
from service.policies.rulebooks.vocabulary.shipped import VOCABULARIES
from service.rulebooks.events import SimulationEnded, SimulationStarted
from service.rulebooks.in_force import SHOWROOM_POLICY
from service.rulebooks.simulated import text_hash
from service.rulebooks.tables import RulebookSimulation, SimulationKind, SimulationState
from service.simulation.errors import NotSimulated, SimulationEndedAlready, SimulationsWaiting
from service.work import UnitOfWork

SIMULATION_DUE: Final = "simulation_due"
_DRAFTING: Final = "rulebook.draft"
_MOST_WAITING: Final = 5
_MOST_DAYS: Final = 731
_ENDED: Final = frozenset({"DONE", "CANCELLED", "FAILED"})


@dataclass(frozen=True, slots=True)
class StartSimulation:
    """Decide a past period again under a draft or a version; one of the two is given.

    Attributes:
        kind: a word of SimulationKind.
        first_day, last_day: days of each site's own calendar, both included; the last one is over.
        site_ids: the sites; None means all.
    """

    kind: str
    first_day: date
    last_day: date
    draft_id: UUID | None = None
    version_id: UUID | None = None
    site_ids: tuple[UUID, ...] | None = None


async def start_simulation(work: UnitOfWork, order: StartSimulation) -> UUID:
    """Put a simulation in the queue and return its id; one runs at a time for each company.

    Locks the company.

    Raises:
        Forbidden, NotFound (draft, version, site), InvalidInput, NotSimulated, SimulationsWaiting.
    """
    work.authorise(_DRAFTING, Record())
    _check(order)
    await _check_sites(work, order)
    # One after the other: of several at once each would count the same queue.
    await work.fetch(
        "SELECT FROM app.tenant WHERE tenant_id = $1 FOR NO KEY UPDATE", work.tenant_id
    )
    waiting = await work.fetch_value(
        "SELECT count(*) FROM app.rulebook_simulation"
        " WHERE tenant_id = $1 AND state IN ('QUEUED', 'RUNNING')",
        work.tenant_id,
    )
    if waiting >= _MOST_WAITING:
        raise SimulationsWaiting(most=_MOST_WAITING)
    text = await (_of_draft(work, order) if order.draft_id else _of_version(work, order))
    simulation = RulebookSimulation(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        created_at=work.now,
        created_by=work.caller.member_id,
        policy=SHOWROOM_POLICY,
        kind=order.kind,
        first_day=order.first_day,
        last_day=order.last_day,
        site_ids=[str(site_id) for site_id in order.site_ids or ()],
        rulebook_version_id=order.version_id,
        rulebook_draft_id=order.draft_id,
        **text,
    )
    work.add(simulation)
    work.schedule(SIMULATION_DUE, simulation.id, work.now)
    work.concerns("rulebook_simulation", simulation.id, simulated=order.kind)
    work.emit(SimulationStarted(simulation.id))
    return simulation.id


def _check(order: StartSimulation) -> None:
    if order.kind not in SimulationKind.__members__:
        choices = tuple(SimulationKind.__members__)
        raise InvalidInput(field=("input", "kind"), expected="ONE_OF", choices=choices)
    days = (order.last_day - order.first_day).days + 1
    if not 1 <= days <= _MOST_DAYS:
        field = ("input", "lastDay")
        raise InvalidInput(field=field, expected="DAY_SPAN", least=1, most=_MOST_DAYS)


async def _check_sites(work: UnitOfWork, order: StartSimulation) -> None:
    if order.site_ids is not None and not order.site_ids:
        # No site is not every site.
        raise InvalidInput(field=("input", "siteIds"), expected="GIVEN")
    known = await work.fetch(
        "SELECT id, ($3::timestamptz AT TIME ZONE time_zone)::date AS today FROM app.site"
        " WHERE tenant_id = $1 AND ($2::uuid[] IS NULL OR id = ANY($2::uuid[]))",
        work.tenant_id,
        None if order.site_ids is None else list(order.site_ids),
        work.now,
    )
    found = {row["id"] for row in known}
    for position, site_id in enumerate(order.site_ids or ()):
        if site_id not in found:
            raise NotFound(field=("input", "siteIds", str(position)))
    if any(order.last_day >= row["today"] for row in known):
        # What is still happening would come out otherwise an hour later.
        raise InvalidInput(field=("input", "lastDay"), expected="DAY_THAT_IS_OVER")


async def _of_draft(work: UnitOfWork, order: StartSimulation) -> dict[str, Any]:
    row = await work.fetch_one(
        "SELECT text, text_hash FROM app.rulebook_draft"
        " WHERE tenant_id = $1 AND id = $2 AND state <> 'DISCARDED'",
        work.tenant_id,
        order.draft_id,
    )
    if row is None:
        raise NotFound(field=("input", "text", "draftId"))
    return await asyncio.to_thread(_read, row["text"], row["text_hash"])


def _read(text: str, known_hash: str | None) -> dict[str, Any]:
    try:
        document = parse(text)
        if document.policy.raw != SHOWROOM_POLICY:
            raise NotSimulated(field=("input", "text", "draftId"))
        compile_rulebook(document, VOCABULARIES[SHOWROOM_POLICY])
    except RulebookRefused as refused:
        raise NotSimulated(field=("input", "text", "draftId")) from refused
    stored = document.to_json()
    hashed = known_hash or text_hash(stored, {})
    return {"document": stored, "overrides": {}, "text_hash": hashed}


async def _of_version(work: UnitOfWork, order: StartSimulation) -> dict[str, Any]:
    row = await work.fetch_one(
        "SELECT policy, document, overrides FROM app.rulebook_version"
        " WHERE tenant_id = $1 AND id = $2",
        work.tenant_id,
        order.version_id,
    )
    field = ("input", "text", "versionId")
    if row is None:
        raise NotFound(field=field)
    if row["policy"] != SHOWROOM_POLICY:
        raise NotSimulated(field=field)
    document, overrides = row["document"], row["overrides"]
    hashed = text_hash(document, overrides)
    return {"document": document, "overrides": overrides, "text_hash": hashed}


@dataclass(frozen=True, slots=True)
class CancelSimulation:
    """Call a simulation off that waits or runs."""

    simulation_id: UUID


async def cancel_simulation(work: UnitOfWork, order: CancelSimulation) -> UUID:
    """End a waiting simulation at once, and a running one within moments; return its id.

    Locks the simulation. Raises NotFound, Forbidden, or SimulationEndedAlready.
    """
    work.authorise(_DRAFTING, Record())
    state = await work.fetch_value(
        "SELECT state FROM app.rulebook_simulation WHERE tenant_id = $1 AND id = $2"
        " FOR NO KEY UPDATE",
        work.tenant_id,
        order.simulation_id,
    )
    field = ("input", "simulationId")
    if state is None:
        raise NotFound(field=field)
    if state in _ENDED:
        raise SimulationEndedAlready(field=field)
    changes: dict[str, object] = {"cancel_requested_at": work.now}
    if state == SimulationState.QUEUED:
        changes |= {"state": SimulationState.CANCELLED.value, "finished_at": work.now}
        work.emit(SimulationEnded(order.simulation_id))
    work.change(RulebookSimulation, order.simulation_id, changes)
    work.concerns("rulebook_simulation", order.simulation_id)
    return order.simulation_id
