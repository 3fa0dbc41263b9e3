"""`/files/target-plans/{id}/import`: a plan comes from a spreadsheet, tried first or for real.

Plain HTTP beside GraphQL: a file is no JSON. It is the body as it is, it goes into a temporary file
as it comes, and a process of its own reads it. What it says is compared with the plan; a dry run
answers that, the import carries out the same in one transaction, once for its key, or nothing.
"""

import asyncio
import logging
import re
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias
from uuid import UUID

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from service.errors import (
    Busy,
    Category,
    Forbidden,
    InvalidInput,
    NotFound,
    NotSignedIn,
    Refusal,
    Refusals,
    TenantSuspended,
    Unavailable,
    catalogue,
)
from service.exchange.asking import MOST_BYTES, Processes, Table, read_table
from service.exchange.commands import ImportTargets, import_targets, previewed
from service.exchange.csv_reading import ENCODINGS
from service.exchange.errors import CellFault, FileTooLarge, FileTypeUnknown, SheetRefused
from service.exchange.facts import plan_in_sight
from service.exchange.queries import plan_sheet
from service.exchange.telling import about, counted, issues
from service.schema.admission import Admission
from service.schema.carry import check_key
from service.schema.rates import Budget
from service.schema.refusals import Internal, Overloaded, RateLimited, TimedOut
from service.schema.scalars import NO_ROW, found_id
from service.schema.showing import refusal_for
from service.targets.facts import PLAN
from service.web.answering import answer_as, json_answer, locale_of, refused
from service.web.callers import Authenticate, caller_of
from service.work import Caller, Transactions, nothing_more

_log = logging.getLogger(__name__)
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA: Final = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}
KINDS: Final = {"text/csv": "csv", XLSX: "xlsx"}
_STATUS: Final[Mapping[type[Refusal], int]] = {
    NotSignedIn: 401,
    TenantSuspended: 403,
    NotFound: 404,
    FileTooLarge: 413,
    FileTypeUnknown: 415,
    RateLimited: 429,
    Overloaded: 503,
    Busy: 503,
    TimedOut: 503,
    Unavailable: 503,
    Internal: 500,
}
_BY_CATEGORY: Final = {
    Category.FORBIDDEN: 403,
    Category.NOT_FOUND: 404,
    Category.CONFLICT: 409,
    Category.UNAVAILABLE: 503,
}
_UNPROCESSABLE: Final = 422
_LATER: Final = frozenset({429, 503})
_SOON: Final = 2
# What a file costs who sends it or has it made, beside a point for each row.
POINTS: Final = 10
_VERSION: Final = re.compile(r"[0-9]{1,9}", re.ASCII)


Handler: TypeAlias = Callable[[Request], Awaitable[Response]]


class PlanFiles:
    """Takes files of targets."""

    def __init__(
        self,
        transactions: Transactions,
        authenticate: Authenticate,
        processes: Processes,
        admission: Admission,
    ) -> None:
        self._transactions = transactions
        self._admission = admission
        self._authenticate = authenticate
        self._processes = processes

    def routes(self) -> list[Route]:
        """Return the routes to mount."""
        return [
            Route("/files/target-plans/{id}/import", answering(self._import), methods=["POST"]),
            Route("/files/target-plans/{id}.{kind}", answering(self._export), methods=["GET"]),
        ]

    async def _export(self, request: Request) -> Response:
        claims, caller = await caller_of(request, self._authenticate, "export")
        self._admission.check_file(claims)
        plan_id = found_id(request.path_params["id"], "target_plan") or NO_ROW
        kind = request.path_params["kind"]
        if kind not in MEDIA:
            raise NotFound(field=PLAN)
        budget = self._admission.budget(claims)
        budget.charge(POINTS)
        async with budget.turn(), self._processes.reading.turn():
            async with self._transactions.sight(caller) as sight:
                answer_as(request, sight.actor.locale)
                locale = locale_of(request)
                plan, sheet = await plan_sheet(sight, plan_id, locale)
                sight.note("export_targets", ("target_plan", plan_id), rows=len(sheet.rows))
            budget.take(len(sheet.rows))
            body = await self._processes.file_of([sheet], kind)
        return attached(body, f"targets-{plan['code']}.{kind}", kind)

    async def _import(self, request: Request) -> Response:
        try:
            claims, caller = await caller_of(request, self._authenticate, "import")
            self._admission.check_file(claims)
            return await self._imported(request, caller, self._admission.budget(claims))
        except ClientDisconnect:
            return Response(status_code=_UNPROCESSABLE)
        except Refusals as several:
            return _refusal(request, several.refusals[0])

    async def _imported(self, request: Request, caller: Caller, budget: Budget) -> Response:
        asked = request.query_params
        dry = truth(request, "dryRun")
        key = "" if dry else check_key(request.headers.get("idempotency-key", ""))
        encoding = asked.get("encoding")
        if encoding is not None and encoding.lower() not in ENCODINGS:
            raise InvalidInput(field=("encoding",), expected="ONE_OF", choices=tuple(ENCODINGS))
        version = _version(asked.get("expectedVersion"))
        plan_id = found_id(request.path_params["id"], "target_plan") or NO_ROW
        async with self._transactions.sight(caller) as sight:
            answer_as(request, sight.actor.locale)
            # First of all: nobody has a file read for a plan he does not see.
            await plan_in_sight(sight, plan_id)
        budget.charge(POINTS)
        table = await self._table(request, encoding.lower() if encoding else None)
        budget.charge(len(table.rows))
        # Not before: a body comes as slowly as its sender likes.
        async with budget.turn():
            if not dry and not table.faults:
                order = ImportTargets(plan_id, table.rows, version)
                return await self._carried_out(request, caller, key, order, table)
            async with self._transactions.sight(caller) as sight:
                plan, found = await previewed(sight, plan_id, table, version)
        if not dry:
            return _faulty(request, plan_id, table, found.faults)
        return json_answer(
            {
                **about(plan_id, table, dry=True),
                "planVersion": plan["version"],
                **counted(found),
                **issues(found.faults, locale_of(request)),
            }
        )

    async def _carried_out(
        self, request: Request, caller: Caller, key: str, order: ImportTargets, table: Table
    ) -> Response:
        try:
            done = await self._transactions.carry_out(
                caller, key, order, import_targets, nothing_more
            )
        except SheetRefused as several:
            return _faulty(request, order.plan_id, table, several.faults)
        counts = done.result
        return json_answer(
            {
                **about(order.plan_id, table, dry=False),
                "added": counts.added,
                "changed": counts.changed,
                "unchanged": counts.unchanged,
                "replayed": done.replayed,
                "issues": [],
            }
        )

    async def _table(self, request: Request, encoding: str | None) -> Table:
        """Write the body into a temporary file and have it read.

        Raises:
            FileTypeUnknown, FileTooLarge, FileUnreadable, FileEncodingUnknown, SheetTooLong, Busy.
        """
        kind = KINDS.get(request.headers.get("content-type", "").partition(";")[0].strip().lower())
        if kind is None:
            raise FileTypeUnknown
        stated = request.headers.get("content-length", "")
        if stated.isdigit() and int(stated) > MOST_BYTES:
            raise FileTooLarge(at_most=MOST_BYTES)
        with tempfile.NamedTemporaryFile(prefix="bailiwick-import-") as file:
            length = 0
            async for piece in request.stream():
                length += len(piece)
                if length > MOST_BYTES:
                    raise FileTooLarge(at_most=MOST_BYTES)
                file.write(piece)
            await asyncio.to_thread(file.flush)
            return await read_table(self._processes, Path(file.name), kind, encoding)


def attached(body: bytes, name: str, kind: str) -> Response:
    """Return a file that is kept by who asked for it, and by no cache."""
    return Response(
        body,
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
        media_type=MEDIA[kind],
    )


def answering(handler: Handler) -> Handler:
    """Let a handler of files refuse by raising; a fault of ours is logged, and masked."""

    async def answered(request: Request) -> Response:
        try:
            return await handler(request)
        except Exception as error:  # noqa: BLE001 - the outermost place: whatever it is, it is told
            refusal = refusal_for(error)
            if refusal is None:
                _log.exception("the file %s failed", request.url.path)
            return _refusal(request, refusal or Internal())

    return answered


def _refusal(request: Request, refusal: Refusal) -> Response:
    """Return a refusal with the status that says the same."""
    status = _STATUS.get(type(refusal))
    if status is None:
        status = _BY_CATEGORY.get(catalogue()[refusal.code].category, _UNPROCESSABLE)
    seconds = refusal.seconds if isinstance(refusal, RateLimited) else _SOON
    later = {"Retry-After": str(seconds)} if status in _LATER else None
    return refused(request, refusal, status, {"field": list(refusal.field)}, later)


def truth(request: Request, name: str) -> bool:
    """Return what an address says of a truth value; it is false where it says nothing.

    Raises:
        InvalidInput: it says anything but `true` or `false`.
    """
    text = request.query_params.get(name, "false")
    if text not in {"true", "false"}:
        raise InvalidInput(field=(name,), expected="TRUTH_VALUE")
    return text == "true"


def _version(text: str | None) -> int | None:
    if text is None:
        return None
    if not _VERSION.fullmatch(text):
        raise InvalidInput(field=("expectedVersion",), expected="WHOLE_NUMBER")
    return int(text)


def _faulty(request: Request, plan_id: UUID, table: Table, faults: Sequence[CellFault]) -> Response:
    refusal = SheetRefused(rows=len({fault.row for fault in faults}))
    forbidden = all(isinstance(fault.refusal, Forbidden) for fault in faults)
    status = _BY_CATEGORY[Category.FORBIDDEN] if forbidden else _UNPROCESSABLE
    more = {**about(plan_id, table, dry=False), **issues(faults, locale_of(request))}
    return refused(request, refusal, status, more)
