"""Files and reports from the command line: plans in and out, boards out, reports with pictures.

A plan is imported and exported by the product itself, as whoever has a shell here may do. A board
and a report are seen through the eyes of a member: the one who is named, or the first who sees the
whole company.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson

from service.app.administering import tenant_of
from service.app.base import Base, StartRefused
from service.clock import new_id
from service.exchange.asking import Processes, Table, read_table
from service.exchange.commands import ImportTargets, import_targets, previewed
from service.exchange.errors import CellFault, SheetRefused
from service.exchange.queries import plan_sheet
from service.exchange.telling import counted, issues
from service.identity.tokens import Claims
from service.policies.access import Record
from service.schema.admission import Admission
from service.schema.definition import build_schema
from service.schema.execution import Execution
from service.schema.exporting import Boards, period_of
from service.schema.reporting import Wanted, report
from service.work import Caller, UnitOfWork

Say = Callable[[str], None]
_KINDS: Final = ("csv", "xlsx")
_SEES: Final = "metric_credit.view"


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A file, the plan it is for, and how it is imported.

    Attributes:
        encoding: what a CSV that is not UTF-8 is written in.
    """

    tenant: str
    plan: str
    path: Path
    dry: bool = False
    encoding: str | None = None


async def import_plan(base: Base, file: PlanFile, say: Say) -> bool:
    """Try a file on a plan, or import it; say what it does, and return whether it is without fault.

    Raises:
        Refusal: the file cannot be read, or the plan is not open.
        StartRefused: there is no such tenant, plan or file.
    """
    tenant_id = await tenant_of(base, file.tenant)
    plan_id = await _plan_of(base, tenant_id, file.plan)
    if not file.path.is_file():
        raise StartRefused(f"There is no file {file.path}.")
    table = await read_table(Processes(), file.path, _kind_of(file.path, _KINDS), file.encoding)
    if file.dry or table.faults:
        async with base.transactions.sight(Caller(tenant_id, None, f"import-{new_id()}")) as sight:
            _, found = await previewed(sight, plan_id, table)
        told = counted(found)
        for one in told["differences"]:
            changes = ", ".join(
                f"{change['column']} {change['before'] or '—'} → {change['after']}"
                for change in one["changes"]
            )
            say(f"row {one['row']} {one['key']}: {one['kind'].lower()}: {changes}")
        say(f"{told['added']} added, {told['changed']} changed, {told['unchanged']} as they were")
        return _said(found.faults, say) == 0
    return await _imported(base, tenant_id, plan_id, table, say)


async def _imported(base: Base, tenant_id: UUID, plan_id: UUID, table: Table, say: Say) -> bool:
    order = ImportTargets(plan_id, table.rows)

    async def step(work: UnitOfWork) -> Any:  # noqa: ANN401 - what the command returns
        return await import_targets(work, order)

    try:
        done = await base.transactions.internally(tenant_id, "import_targets", step)
    except SheetRefused as refused:
        return _said(refused.faults, say) == 0
    say(f"{done.added} added, {done.changed} changed, {done.unchanged} as they were")
    return True


def _said(faults: Sequence[CellFault], say: Say) -> int:
    told = issues(faults, "en")
    for one in told["issues"]:
        at = f" {one['column']}" if one["column"] else ""
        say(f"row {one['row']}{at}: {one['code']}: {one['message']}")
    if faults:
        say(f"{len(faults)} faults; nothing was written")
    return len(faults)


async def export_plan(base: Base, file: PlanFile) -> str:
    """Write a plan into a file, which may be imported again, and return a line about it."""
    tenant_id = await tenant_of(base, file.tenant)
    plan_id = await _plan_of(base, tenant_id, file.plan)
    kind = _kind_of(file.path, _KINDS)
    async with base.transactions.sight(Caller(tenant_id, None, f"export-{new_id()}")) as sight:
        _, sheet = await plan_sheet(sight, plan_id, sight.tenant.locale)
    await _keep(file.path, await Processes().file_of([sheet], kind))
    return f"{file.path}: {len(sheet.rows)} targets"


async def export_board(  # noqa: PLR0917 - as the command line has it
    base: Base, tenant: str, board: str, given: Sequence[str], member: str | None, path: Path
) -> str:
    """Write a board into a file and return a line about it.

    Args:
        base: the database.
        tenant: its code.
        board: a field of the API that lists rows.
        given: its arguments, `name=value` each.
        member: the staff code of whose eyes it is seen through.
        path: of the file.
    """
    tenant_id = await tenant_of(base, tenant)
    kind = _kind_of(path, _KINDS)
    claims, name = await _seen_by(base, tenant_id, member)
    pairs = dict(one.partition("=")[::2] for one in given)
    sheet = await _boards(base).sheet(claims, board, pairs, (f"board-{new_id()}", "en"))
    await _keep(path, await Processes().file_of([sheet], kind))
    return f"{path}: {len(sheet.rows)} rows as {name} sees them"


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A report and where it is written.

    Attributes:
        site, territory: codes; the territory, or else that of the site.
        member: the staff code of whose eyes it is seen through.
    """

    tenant: str
    path: Path
    site: str | None
    territory: str | None
    period: str | None
    day: str | None
    restated: bool
    metrics: tuple[str, ...]
    depth: int
    member: str | None
    language: str | None


async def write_report(base: Base, file: ReportFile) -> str:
    """Write a report of a territory and return a line about it."""
    tenant_id = await tenant_of(base, file.tenant)
    kind = _kind_of(file.path, ("html", "xlsx"))
    claims, name = await _seen_by(base, tenant_id, file.member)
    async with base.transactions.sight(Caller(tenant_id, None, f"report-{new_id()}")) as sight:
        today = sight.today.isoformat()
        language = file.language or sight.tenant.locale
        site = await _coded(sight, "site", file.site)
        territory = await _coded(sight, "territory", file.territory)
    words = file.period or today[:4]
    period = period_of(words)
    if period is None:
        raise StartRefused("A period is written like 2027, 2027-Q1, 2027-03 or 2027-03-15.")
    wanted = Wanted(
        period=period,
        period_in_words=words,
        site_id=site,
        territory_id=territory,
        day=file.day,
        restated=file.restated,
        today=today,
        metrics=file.metrics,
        depth=file.depth,
    )
    shown = await report(_boards(base), claims, wanted, (f"report-{new_id()}", language))
    drawn = await Processes().run("service.reports.drawing", kind, sent=orjson.dumps(shown))
    await _keep(file.path, drawn)
    return f"{file.path}: {shown['territory']}, {len(shown['metrics'])} metrics, as {name} sees it"


async def _coded(sight: Any, kind: str, code: str | None) -> str | None:  # noqa: ANN401 - a sight
    if code is None:
        return None
    found = await sight.fetch_value(
        f"SELECT id FROM app.{kind} WHERE tenant_id = $1 AND code = $2", sight.tenant_id, code
    )
    if found is None:
        raise StartRefused(f"There is no {kind} {code}.")
    return f"{kind}_{found}"


def _kind_of(path: Path, kinds: Sequence[str]) -> str:
    kind = path.suffix.removeprefix(".").lower()
    if kind not in kinds:
        raise StartRefused(f"{path} ends in none of: {', '.join(kinds)}.")
    return kind


async def _keep(path: Path, body: bytes) -> None:
    try:
        await asyncio.to_thread(path.write_bytes, body)
    except OSError as error:
        raise StartRefused(f"{path} cannot be written: {error.strerror}.") from error


async def _plan_of(base: Base, tenant_id: UUID, code: str) -> UUID:
    async with base.transactions.sight(Caller(tenant_id, None, f"plan-{new_id()}")) as sight:
        found: UUID | None = await sight.fetch_value(
            "SELECT id FROM app.target_plan WHERE tenant_id = $1 AND code = $2", tenant_id, code
        )
    if found is None:
        raise StartRefused(f"There is no plan {code}.")
    return found


def _boards(base: Base) -> Boards:
    schema = build_schema()._schema  # noqa: SLF001 - it has no public name
    return Boards(schema, Admission(schema), Execution(schema), base.transactions)


async def _seen_by(base: Base, tenant_id: UUID, staff_code: str | None) -> tuple[Claims, str]:
    """Return the claims and the name of a member: the one named, or who sees the whole company."""
    async with base.transactions.sight(Caller(tenant_id, None, f"member-{new_id()}")) as sight:
        rows = await sight.fetch(
            "SELECT id, name FROM app.member WHERE tenant_id = $1 AND state = 'ACTIVE'"
            " AND ($2::text IS NULL OR staff_code = $2) ORDER BY created_at, id LIMIT 500",
            tenant_id,
            staff_code,
        )
    for row in rows:
        claims = Claims(row["id"], tenant_id, row["id"], operator=False, session_id=None)
        if staff_code is not None:
            return claims, row["name"]
        caller = Caller(tenant_id, row["id"], f"member-{new_id()}")
        async with base.transactions.sight(caller) as sight:
            if sight.policy.check(sight.actor, _SEES, Record()).allowed:
                return claims, row["name"]
    raise StartRefused(
        f"There is no member {staff_code}."
        if staff_code is not None
        else "Nobody sees the whole company; name somebody with --member STAFF_CODE."
    )
