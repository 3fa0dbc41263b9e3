"""`/files/simulations/{id}.xlsx`: what a simulation showed, as a workbook to be kept by who may.

Plain HTTP and not GraphQL: a file is no JSON. The same bearer token opens it, the same sight
decides, and what is missing, hidden, another tenant's or not done answers with the same bytes.
Nothing of it stays behind: it is made anew for who asks, and no cache may keep it.
"""

import asyncio
from io import BytesIO
from typing import TYPE_CHECKING, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service.errors import Busy, NotFound
from service.languages import shown_locale
from service.policies.access import RecordColumns
from service.schema.admission import Admission
from service.schema.scalars import NO_ROW, found_id
from service.web.callers import Authenticate, caller_of
from service.web.plan_files import POINTS, answering, attached
from service.work import Caller, Sight, Transactions

if TYPE_CHECKING:
    from service.simulation.periods.showing import Findings

_SIGHT: Final = "rulebook.review"
_TOLD_BY: Final = "workbookPath"
_MOST: Final = 8


class Workbooks:
    """Gives out workbooks; one is read and written at a time, so that they never fill the memory.

    A few wait for their turn; who comes when many wait is told to come again.
    """

    def __init__(
        self, transactions: Transactions, authenticate: Authenticate, admission: Admission
    ) -> None:
        self._transactions = transactions
        self._authenticate = authenticate
        self._admission = admission
        self._writing = asyncio.Semaphore(1)
        self._here = 0

    def routes(self) -> list[Route]:
        """Return the route to mount."""
        return [Route("/files/simulations/{id}.xlsx", answering(self._workbook), methods=["GET"])]

    async def _workbook(self, request: Request) -> Response:
        claims, caller = await caller_of(request, self._authenticate, "workbook")
        self._admission.check_file(claims, _TOLD_BY)
        budget = self._admission.budget(claims)
        budget.charge(POINTS)
        async with self._transactions.sight(caller) as sight:
            # First of all: nobody waits, or has others wait, for what he does not see.
            await _in_sight(sight, request.path_params["id"])
        async with budget.turn():
            found, body = await self._made(caller, request.path_params["id"])
        budget.take(len(found.cases))
        first, last = (found.summary[name] for name in ("first day", "last day"))
        return attached(body, f"simulation-{first}-{last}.xlsx", "xlsx")

    async def _made(self, caller: Caller, named: str) -> "tuple[Findings, bytes]":
        """Return what a simulation showed to who may read it when his turn has come.

        Raises:
            Busy: too many wait already.
            NotFound: it is not in his sight any more.
        """
        from service.simulation.periods.showing import (  # noqa: PLC0415 - seldom asked for
            findings,
        )

        if self._here >= _MOST:
            raise Busy
        self._here += 1
        try:
            async with self._writing:
                async with self._transactions.sight(caller) as sight:
                    known = await _in_sight(sight, named)
                    locale = shown_locale(caller.locale, sight.actor.locale)
                    found = await findings(sight, known, locale)
                    # What leaves in one piece is written down, as everything that leaves so is.
                    sight.note(
                        "export_simulation",
                        ("rulebook_simulation", known),
                        rows=len(found.cases),
                    )
                return found, await asyncio.to_thread(_written, found)
        finally:
            self._here -= 1


async def _in_sight(sight: Sight, named: str) -> UUID:
    """Return the id of a simulation that is done and may be read.

    Raises:
        NotFound: there is none of that name in sight.
    """
    seen = sight.policy.predicate(sight.actor, _SIGHT, RecordColumns(), 3)
    known: UUID | None = await sight.fetch_value(
        "SELECT t.id FROM app.rulebook_simulation t WHERE t.tenant_id = $1 AND t.id = $2"
        f" AND t.state = 'DONE' AND ({seen.sql})",
        sight.tenant_id,
        found_id(named, "rulebook_simulation") or NO_ROW,
        *seen.parameters,
    )
    if known is None:
        raise NotFound
    return known


def _written(found: "Findings") -> bytes:
    from service.simulation.periods.showing import write  # noqa: PLC0415 - seldom asked for

    target = BytesIO()
    write(target, found)
    return target.getvalue()
