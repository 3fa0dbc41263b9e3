"""`/files/simulations/{id}.xlsx`: what a simulation showed, as a workbook to be kept by who may.

Plain HTTP and not GraphQL: a file is no JSON. The same bearer token opens it, the same sight
decides, and what is missing, hidden, another tenant's or not done answers with the same bytes.
Nothing of it stays behind: it is made anew for who asks, and no cache may keep it.
"""

import asyncio
import re
from io import BytesIO
from typing import TYPE_CHECKING, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service.errors import Busy, NotFound, NotSignedIn, Refusal, TenantSuspended, Unavailable
from service.languages import shown_locale
from service.policies.access import RecordColumns
from service.web.answering import refused
from service.web.callers import Authenticate, caller_of
from service.work import CONNECTION_LOST, Transactions

if TYPE_CHECKING:
    from service.simulation.periods.showing import Findings

_SIGHT: Final = "rulebook.review"
_ID: Final = re.compile(r"rulebook_simulation_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_MEDIA: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_STATUS: Final = {NotSignedIn: 401, TenantSuspended: 403, NotFound: 404}
_LATER: Final = 503


class Workbooks:
    """Gives out workbooks; one is written at a time, so that they never fill the memory."""

    def __init__(self, transactions: Transactions, authenticate: Authenticate) -> None:
        self._transactions = transactions
        self._authenticate = authenticate
        self._writing = asyncio.Semaphore(1)

    def routes(self) -> list[Route]:
        """Return the route to mount."""
        return [Route("/files/simulations/{id}.xlsx", self._workbook, methods=["GET"])]

    async def _workbook(self, request: Request) -> Response:
        try:
            found = await self._found(request)
        except CONNECTION_LOST:
            return refused(request, Unavailable(), _LATER, headers={"Retry-After": "2"})
        except Busy as busy:
            return refused(request, busy, _LATER, headers={"Retry-After": "2"})
        except Refusal as refusal:
            return refused(request, refusal, _STATUS.get(type(refusal), 400))
        async with self._writing:
            body = await asyncio.to_thread(_written, found)
        first, last = (found.summary[name] for name in ("first day", "last day"))
        return Response(
            body,
            headers={
                "Cache-Control": "no-store",
                "Content-Disposition": f'attachment; filename="simulation-{first}-{last}.xlsx"',
                "X-Content-Type-Options": "nosniff",
            },
            media_type=_MEDIA,
        )

    async def _found(self, request: Request) -> "Findings":
        from service.simulation.periods.showing import (  # noqa: PLC0415 - seldom asked for
            findings,
        )

        _, caller = await caller_of(request, self._authenticate, "workbook")
        match = _ID.fullmatch(request.path_params["id"])
        async with self._transactions.sight(caller) as sight:
            seen = sight.policy.predicate(sight.actor, _SIGHT, RecordColumns(), 3)
            known = match and await sight.fetch_value(
                "SELECT t.id FROM app.rulebook_simulation t WHERE t.tenant_id = $1 AND t.id = $2"
                f" AND t.state = 'DONE' AND ({seen.sql})",
                sight.tenant_id,
                UUID(match[1]),
                *seen.parameters,
            )
            if known is None:
                raise NotFound
            return await findings(sight, known, shown_locale(caller.locale, sight.actor.locale))


def _written(found: "Findings") -> bytes:
    from service.simulation.periods.showing import write  # noqa: PLC0415 - seldom asked for

    target = BytesIO()
    write(target, found)
    return target.getvalue()
