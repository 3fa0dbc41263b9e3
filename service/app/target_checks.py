"""`bailiwick targets`: whether a tenant's plans add up, for operators."""

from typing import Annotated, Final

import typer

from service.app.base import Base, StartRefused, opened
from service.app.running import run_to_end
from service.clock import new_id
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
    """Name every target whose parts do not sum on some day; exit code 1 if there is one."""
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
    for one in found:
        figures = f"{one.found}" if one.wanted is None else f"{one.found} instead of {one.wanted}"
        typer.echo(f"{one.invariant} {one.plan} {one.day} target_node_{one.node_id}: {figures}")
    typer.echo(f"{code}: {len(found)} broken" if found else f"{code}: every sum holds")
    return bool(found)
