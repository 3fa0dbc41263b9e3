"""`/files/reports/territory.html` and `.xlsx`: a territory against its targets, with pictures."""

from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service.clock import new_id
from service.errors import InvalidInput, NotFound, Refusal, Unavailable
from service.exchange.asking import Processes
from service.languages import wanted_locale
from service.schema.exporting import Boards, period_of
from service.schema.reporting import Wanted, report
from service.web.callers import Authenticate, caller_of
from service.web.plan_files import XLSX, no, truth
from service.work import CONNECTION_LOST, Transactions

_MEDIA: Final = {"html": "text/html; charset=utf-8", "xlsx": XLSX}
_DRAWING: Final = "service.reports.drawing"
_DEEPEST: Final = 100


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
        return [Route("/files/reports/territory.{kind}", self._territory, methods=["GET"])]

    async def _territory(self, request: Request) -> Response:
        try:
            kind = request.path_params["kind"]
            claims, caller = await caller_of(request, self._authenticate, "report")
            if kind not in _MEDIA:
                raise NotFound
            async with self._transactions.sight(caller) as sight:
                sight.note("export_report", asked=dict(request.query_params))
                today = sight.today.isoformat()
            told = f"report-{new_id()}", wanted_locale(request.headers.get("accept-language"))
            shown = await report(self._boards, claims, _wanted(request, today), told)
            body = await self._processes.run(_DRAWING, kind, sent=orjson.dumps(shown))
        except CONNECTION_LOST:
            return no(request, Unavailable())
        except Refusal as refusal:
            return no(request, refusal)
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
    words = asked.get("period") or today[:4]
    period = period_of(words)
    if period is None:
        raise InvalidInput(field=("period",), expected="PERIOD")
    depth = asked.get("depth", "3")
    if not (depth.isascii() and depth.isdigit() and int(depth) <= _DEEPEST):
        raise InvalidInput(field=("depth",), expected="FROM_TO", least=0, most=_DEEPEST)
    return Wanted(
        period=period,
        period_in_words=words,
        site_id=asked.get("siteId"),
        territory_id=asked.get("territoryId"),
        day=asked.get("asOfDay"),
        restated=truth(request, "restated"),
        today=today,
        metrics=asked.getlist("metric"),
        depth=int(depth),
    )
