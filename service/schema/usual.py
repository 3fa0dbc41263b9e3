"""The usual request: a query that is planned already, of a caller who is known.

Everything on its way is looked up, and nothing is decided that `Endpoint` does not decide the same
for every other request. What is not as usual is left to it, with nothing done yet: a document that
is new, a command, a variable in another form, a caller who has changed, an answer of which Python
makes a part.
"""

from contextlib import AbstractContextManager
from typing import Any, TypeAlias

import asyncpg
from graphql import OperationType

from service.identity.tokens import Claims
from service.schema.admission import Admission
from service.schema.answers import Answer, Written
from service.schema.bodies import Asked
from service.schema.planner.noting import Request
from service.schema.planner.planner import Planner
from service.schema.planner.prepared import Ready
from service.schema.rates import Budget
from service.telemetry.tracing import step
from service.work import Known, Transactions

Waiting: TypeAlias = AbstractContextManager[object]


class Usual:
    """Answers what is usual."""

    def __init__(self, admission: Admission, planner: Planner, transactions: Transactions) -> None:
        self._admission = admission
        self._planner = planner
        self._clock = transactions.clock
        self._readings = transactions.readings

    async def answer(
        self,
        who_asks: tuple[Claims, Budget],
        asked: Asked,
        answer: Answer,
        waiting: Waiting,
    ) -> Written | None:
        """Answer a request by POST; None where it is not a usual one, and nothing was spent.

        Args:
            who_asks: the caller, and what he may spend.
            asked: the request's body.
            answer: the answer in the making.
            waiting: ends what runs inside it once the client has hung up.

        Raises:
            Refusal, ClientGone: as for every other request.
        """
        claims, budget = who_asks
        document = await self._admission.kept(asked, claims)
        if document is None or claims.tenant_id is None or claims.member_id is None:
            return None
        # The long way need not look for it again.
        answer.document = document
        operation = document.asked(asked.operation_name)
        if operation.kind is not OperationType.QUERY:
            return None
        with step("plan"):
            now = self._clock.now()
            member = claims.tenant_id, claims.member_id, answer.locale
            known = self._readings.known_as(member, now)
            if known is None:
                return None
            written = operation.syntax, operation.position
            ready = self._planner.ready(written, asked.variables, known, now)
        if ready is None or not ready.whole:
            # What is left to do to its answer is done on the long way, which need not look again.
            answer.ready = ready
            return None
        answer.operation = operation
        answer.cost = operation.price.of(asked.variables)
        self._admission.charge(operation, asked, answer.cost, budget)
        answer.actual = answer.cost
        if not budget.entered():
            await budget.enter()
        try:
            with waiting:
                row = await self._read(known, ready, Request(answer.request_id, claims.api_key_id))
        finally:
            budget.leave()
            answer.statements = 1
        if row is None or row["here"] != known.here:
            budget.give_back(answer.cost)
            return None
        answer.locale, answer.plan = ready.locale, "sql"
        self._planner.counts["SQL"] += 1
        return answer.usual(ready.shown(row["data"]))

    async def _read(self, known: Known, ready: Ready, request: Request) -> Any:  # noqa: ANN401 - asyncpg's row
        """Return the row; None where the statement failed: field by field not all of it may."""
        if not self._readings.is_confirmed(known):
            await self._readings.confirm(known)
        try:
            return await self._readings.read(
                known.caller.tenant_id, ready.sql, ready.values(request)
            )
        except asyncpg.QueryCanceledError:
            # What took too long once would take as long again.
            raise
        except asyncpg.PostgresError:
            return None
