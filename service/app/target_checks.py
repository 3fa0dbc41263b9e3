"""`bailiwick targets`: whether a tenant's plans and credits add up, for operators."""

from typing import Annotated, Final

import typer

from service.app.base import Base, StartRefused, opened
from service.app.running import run_to_end
from service.clock import new_id
from service.credits.checking import wrong_days
from service.settings import Settings
from service.targets.checking import broken_invariants
from service.work import Caller

BROKEN: Final = 1

targets = typer.Typer(help="Look over target plans.", no_args_is_help=True)


@targets.callback()
def _several() -> None:
    """Keep `check` a command of its own name while it is the only one."""


@targets.command()
def check(tenant: Annotated[str, typer.Argument(help="Its code.")]) -> None:
    """Name what does not sum: a target's parts on a day, a day's credits; exit code 1 if any."""
    settings = Settings.from_environment()

    async def main() -> None:
        async with opened(settings) as base:
            if await _told(base, tenant):
                raise typer.Exit(BROKEN)

    run_to_end(settings, main)


async def _told(base: Base, code: str) -> bool:
    tenant_id = await base.identity_pool.fetchval(
        "SELECT tenant_id FROM app.global_tenant_directory WHERE code = $1", code
    )
    if tenant_id is None:
        raise StartRefused(f"There is no tenant {code}; see `bailiwick tenant list`.")
    caller = Caller(tenant_id, None, f"targets-check-{new_id()}")
    async with base.transactions.sight(caller) as sight:
        found = await broken_invariants(sight)
        wrong = await wrong_days(sight)
    for one in found:
        figures = f"{one.found}" if one.wanted is None else f"{one.found} instead of {one.wanted}"
        typer.echo(f"{one.invariant} {one.plan} {one.day} target_node_{one.node_id}: {figures}")
    for day in wrong:
        typer.echo(f"metric_{day.metric_id} {day.day}: the day is not the sum of its entries")
    broken = len(found) + len(wrong)
    typer.echo(f"{code}: {broken} broken" if broken else f"{code}: every sum holds")
    return bool(broken)
