"""`bailiwick targets import`, `export` and `board`, `bailiwick report territory`.

What they do is imported by them: it brings the whole schema, and a list of settings needs none.
"""

from pathlib import Path
from typing import Annotated

import typer

from service.app.administering import administer, one_sentence
from service.app.base import Base, StartRefused
from service.app.drafting import Language

reports = typer.Typer(help="Draw reports with pictures.", no_args_is_help=True)

Tenant = Annotated[str, typer.Option(help="The company's code.")]
Plan = Annotated[str, typer.Option(help="The plan's code.")]
Out = Annotated[Path, typer.Option(help="The file to write; its ending says which kind.")]
Seer = Annotated[
    str | None,
    typer.Option("--member", help="Staff code of whose eyes it is seen through."),
]


@one_sentence
def import_targets(
    file: Annotated[Path, typer.Argument(help="CSV or XLSX.")],
    *,
    tenant: Tenant,
    plan: Plan,
    dry_run: Annotated[bool, typer.Option(help="Tell what would be, and write nothing.")] = False,
    encoding: Annotated[str | None, typer.Option(help="Of a CSV that is not UTF-8.")] = None,
) -> None:
    """Import targets into an open plan: all rows or none; exit code 1 where some are at fault."""
    from service.app.exchanging import PlanFile, import_plan  # noqa: PLC0415 - see the module

    wanted = PlanFile(tenant, plan, file, dry=dry_run, encoding=encoding)

    async def step(base: Base) -> str:
        if not await import_plan(base, wanted, typer.echo):
            raise typer.Exit(1)
        return "Nothing was written." if dry_run else "Done."

    administer(step)


@one_sentence
def export_targets(*, tenant: Tenant, plan: Plan, out: Out) -> None:
    """Write a plan into a CSV or XLSX file, which may be imported again."""
    from service.app.exchanging import PlanFile, export_plan  # noqa: PLC0415 - see the module

    administer(lambda base: export_plan(base, PlanFile(tenant, plan, out)))


@one_sentence
def export_board(
    board: Annotated[str, typer.Argument(help="A field of the API that lists rows.")],
    arguments: Annotated[
        list[str] | None, typer.Argument(help="Its arguments: name=value.")
    ] = None,
    *,
    tenant: Tenant,
    out: Out,
    member: Seer = None,
) -> None:
    """Write a board into a CSV or XLSX file, with all its columns."""
    from service.app.exchanging import export_board as export  # noqa: PLC0415 - see the module

    administer(lambda base: export(base, tenant, board, arguments or [], member, out))


@reports.callback()
def _reports() -> None:
    """Draw reports with pictures."""


@reports.command(name="territory")
@one_sentence
def territory_report(
    *,
    tenant: Tenant,
    out: Out,
    site: Annotated[str | None, typer.Option(help="Code of a site: its territory.")] = None,
    territory: Annotated[str | None, typer.Option(help="Code of a territory.")] = None,
    period: Annotated[
        str | None, typer.Option(help="Like 2027, 2027-Q1, 2027-03; left out, this year.")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="The last day looked at.")] = None,
    restated: Annotated[
        bool, typer.Option("--restated", help="As the day is known now, not as it was then.")
    ] = False,
    metric: Annotated[list[str] | None, typer.Option(help="Code; several, or all.")] = None,
    depth: Annotated[int, typer.Option(min=0, max=100, help="Levels below it.")] = 3,
    member: Seer = None,
    language: Annotated[Language | None, typer.Option(help="Of the report.")] = None,
) -> None:
    """Draw a territory and all below it against their targets: a page or a workbook."""
    from service.app.exchanging import ReportFile, write_report  # noqa: PLC0415 - see the module

    if (site is None) == (territory is None):
        raise StartRefused("Name either a site or a territory.")
    wanted = ReportFile(
        tenant=tenant,
        path=out,
        site=site,
        territory=territory,
        period=period,
        day=as_of,
        restated=restated,
        metrics=tuple(metric or ()),
        depth=depth,
        member=member,
        language=language.value if language else None,
    )
    administer(lambda base: write_report(base, wanted))
