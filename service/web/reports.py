"""`/files/reports/territory.html` and `.xlsx`: a territory against its targets, with pictures."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service.clock import new_id
from service.errors import InvalidInput, NotFound
from service.exchange.asking import Processes
from service.languages import wanted_locale
from service.schema.exporting import Boards, period_of
from service.schema.reporting import Wanted, report
from service.schema.scalars import Unfit, found_id, read_day
from service.web.answering import answer_as
from service.web.board_files import LONGEST_ADDRESS
from service.web.callers import Authenticate, caller_of
from service.web.plan_files import XLSX, answering, truth
from service.work import Transactions

_MEDIA: Final = {"html": "text/html; charset=utf-8", "xlsx": XLSX}
_DRAWING: Final = "service.reports.drawing"
_DEEPEST: Final = 100
_DEPTH: Final = re.compile(r"[0-9]{1,3}", re.ASCII)
_ASKED: Final = frozenset(
    {"siteId", "territoryId", "period", "asOfDay", "restated", "metric", "depth"}
)


class Reports:
    """Gives out reports."""

    def __init__(
        self,
        boards: Boards,
        transactions: Transactions,
        authenticate: Authenticate,
        processes: Processes,
    ) -> None:
        self._boards = boards
        self._transactions = transactions
        self._authenticate = authenticate
        self._processes = processes

    def routes(self) -> list[Route]:
        """Return the route to mount."""
        return [
            Route("/files/reports/territory.{kind}", answering(self._territory), methods=["GET"])
        ]

    async def _territory(self, request: Request) -> Response:
        kind = request.path_params["kind"]
        claims, caller = await caller_of(request, self._authenticate, "report")
        self._boards.admission.check_file(claims)
        if kind not in _MEDIA or len(request.url.query) > LONGEST_ADDRESS:
            raise NotFound
        async with self._transactions.sight(caller) as sight:
            answer_as(request, sight.actor.locale)
            today = sight.today.isoformat()
        wanted = _wanted(request, today)
        told = f"report-{new_id()}", wanted_locale(request.headers.get("accept-language"))
        async with self._processes.reading.turn():
            shown = await report(self._boards, claims, wanted, told)
            body = await self._processes.run(_DRAWING, kind, sent=orjson.dumps(shown))
        async with self._transactions.sight(caller) as sight:
            # What leaves is written down, by what it shows and not by what an address said.
            territory_id = found_id(shown["territory_id"], "territory")
            subject = ("territory", territory_id) if territory_id else None
            sight.note("export_report", subject, **_told(wanted, shown))
        return Response(
            body,
            headers={
                "Cache-Control": "no-store",
                "Content-Disposition": f'attachment; filename="territory-{today}.{kind}"',
                "Content-Language": shown["locale"],
                "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
                "X-Content-Type-Options": "nosniff",
            },
            media_type=_MEDIA[kind],
        )


def _wanted(request: Request, today: str) -> Wanted:
    asked = request.query_params
    for unknown in sorted(set(asked) - _ASKED):
        raise InvalidInput(field=(unknown,), expected="KNOWN_FIELD")
    words = asked.get("period") or today[:4]
    period = period_of(words)
    if period is None:
        raise InvalidInput(field=("period",), expected="PERIOD")
    depth = asked.get("depth", "3")
    if not _DEPTH.fullmatch(depth) or int(depth) > _DEEPEST:
        raise InvalidInput(field=("depth",), expected="FROM_TO", least=0, most=_DEEPEST)
    return Wanted(
        period=period,
        period_in_words=words,
        site_id=asked.get("siteId"),
        territory_id=asked.get("territoryId"),
        day=_day(asked.get("asOfDay")),
        restated=truth(request, "restated"),
        today=today,
        metrics=asked.getlist("metric"),
        depth=int(depth),
    )


def _day(text: str | None) -> str | None:
    """Return a day as it is written.

    Raises:
        InvalidInput: there is no such day.
    """
    if text is None:
        return None
    try:
        return read_day(text).isoformat()
    except Unfit as unfit:
        raise replace(unfit.refusal, field=("asOfDay",)) from unfit


def _told(wanted: Wanted, shown: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the audit says of a report that was made."""
    return {
        "period": wanted.period_in_words,
        "as_of": shown["as_of"],
        "restated": wanted.restated,
        "depth": wanted.depth,
        "metrics": [metric["code"] for metric in shown["metrics"]],
    }
