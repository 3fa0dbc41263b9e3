"""`bailiwick simulate`: an operator tries a text on a tenant's past, with a bar, into files."""

import asyncio
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from service.app.base import Base, StartRefused
from service.app.proving import tenants_of
from service.app.simulating import run_first
from service.clock import new_id
from service.rulebooks.tables import SimulationKind
from service.simulation.periods.commands import (
    CancelSimulation,
    StartSimulation,
    cancel_simulation,
    start_simulation,
)
from service.simulation.periods.showing import plot, spreadsheet
from service.work import Caller, UnitOfWork


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried, on which days, and where what it shows is written to."""

    first: date
    last: date
    draft: str | None = None
    number: int | None = None
    stateless: bool = False
    xlsx: Path | None = None
    svg: Path | None = None


def trial_of(first: str, last: str, **rest: object) -> Trial:
    """Read what an operator asked for.

    Raises:
        StartRefused: a day is none, or not exactly one text is named.
    """
    try:
        days = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError as error:
        raise StartRefused(f"A day is written like 2026-03-02: {error}.") from error
    trial = Trial(*days, **rest)  # type: ignore[arg-type]  # the command line's own options
    if (trial.draft is None) == (trial.number is None):
        raise StartRefused("Name either a draft (--draft ID) or a version (--version NUMBER).")
    return trial


async def try_text(base: Base, code: str, trial: Trial, console: Console) -> str:
    """Run a simulation here and now, and return one line of what it showed."""
    ((_, tenant_id),) = await tenants_of(base, code)
    order = await _order(base, tenant_id, trial)
    transactions = base.transactions
    simulation_id = await transactions.internally(
        tenant_id, "start_simulation", lambda work: start_simulation(work, order)
    )
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), console=console
    ) as bar:
        task = bar.add_task(f"{code}: replaying")

        def told(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        try:
            state = await run_first(base, tenant_id, simulation_id, told)
        except asyncio.CancelledError:
            await transactions.internally(
                tenant_id, "cancel_simulation", lambda work: _cancel(work, simulation_id)
            )
            raise
    async with transactions.sight(Caller(tenant_id, None, f"simulate-{new_id()}")) as sight:
        row = await sight.fetch_only(
            "SELECT summary, failure FROM app.rulebook_simulation WHERE tenant_id = $1 AND id = $2",
            tenant_id,
            simulation_id,
        )
        if trial.xlsx is not None:
            await spreadsheet(sight, simulation_id, trial.xlsx, "en")
        if trial.svg is not None:
            text = await plot(sight, simulation_id, "en")
            await asyncio.to_thread(trial.svg.write_text, text, "utf-8")
    if row["summary"] is None:
        raise StartRefused(f"The simulation ended {state}. {row['failure'] or ''}".strip())
    found = row["summary"]
    kind = SimulationKind.STATELESS if trial.stateless else SimulationKind.STATEFUL
    return (
        f"{code} ({kind.value.lower()}): of {found['visits']} visits {found['receiver_changed']}"
        f" would be received by somebody else and {found['owner_changed']} belong to somebody"
        f" else; of {found['deals']} deals {found['credit_changed']} would be credited otherwise"
    )


async def _cancel(work: UnitOfWork, simulation_id: UUID) -> UUID:
    return await cancel_simulation(work, CancelSimulation(simulation_id))


async def _order(base: Base, tenant_id: UUID, trial: Trial) -> StartSimulation:
    kind = SimulationKind.STATELESS if trial.stateless else SimulationKind.STATEFUL
    draft_id = version_id = None
    if trial.draft is not None:
        try:
            draft_id = UUID(trial.draft.removeprefix("rulebook_draft_"))
        except ValueError as error:
            raise StartRefused(f"{trial.draft} is no draft's id.") from error
    else:
        async with base.transactions.sight(Caller(tenant_id, None, "simulate")) as sight:
            version_id = await sight.fetch_value(
                "SELECT id FROM app.rulebook_version WHERE tenant_id = $1"
                " AND policy = 'showroom' AND number = $2",
                tenant_id,
                trial.number,
            )
        if version_id is None:
            raise StartRefused(f"There is no version {trial.number} of the rulebook.")
    return StartSimulation(
        kind.value, trial.first, trial.last, draft_id=draft_id, version_id=version_id
    )
