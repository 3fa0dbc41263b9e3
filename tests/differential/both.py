"""One operation answered both ways."""

from dataclasses import dataclass
from typing import Any

import orjson
from builders.api import SCHEMA

from service.clock import ManualClock
from service.identity.tokens import Claims
from service.schema.bodies import Asked
from service.schema.context import RequestContext
from service.schema.documents import Documents
from service.schema.execution import Execution, VariablesRefused
from service.work import Transactions

GRAPHQL = SCHEMA._schema
PLANNED, PLAIN = "planned", "plain"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an operation, with keys in one order.

    Attributes:
        plan: which way it was answered.
        why: why it was not planned.
        statements: how many were sent for it.
    """

    data: Any
    errors: list[tuple[str, list[str | int] | None]]
    plan: str | None
    statements: int
    why: str | None = None

    def says(self) -> tuple[Any, Any]:
        """Return what a client sees of it."""
        return self.data, self.errors


def _why(context: RequestContext) -> str | None:
    return context.unplanned and f"{context.unplanned} {context.unplanned_at}".strip()


class Both:
    """The two executors, each with the documents it has seen."""

    def __init__(self, transactions: Transactions, *, clock: ManualClock) -> None:
        self.transactions = transactions
        self.clock = clock
        self.documents = Documents(GRAPHQL)
        self.planned = Execution(GRAPHQL)
        self.plain = Execution(GRAPHQL, planning=False)
        self.world: Any = None

    async def ask(
        self, claims: Claims, document: str, variables: dict[str, Any], locale: str | None = None
    ) -> tuple[Answer, Answer]:
        """Answer an operation by the planner, and by the reference implementation."""
        asked = Asked(document, None, variables)
        return (
            await self._by(PLANNED, claims, asked, locale),
            await self._by(PLAIN, claims, asked, locale),
        )

    async def _by(self, way: str, claims: Claims, asked: Asked, locale: str | None) -> Answer:
        """Answer one way, whose name is the request's in the audit."""
        execution = self.planned if way == PLANNED else self.plain
        document = self.documents.read(asked.document)
        context = RequestContext(
            self.transactions, claims, way, wanted_locale=locale, asked=document.names
        )
        async with context:
            try:
                done = await execution.answer(document, asked, context)
            except VariablesRefused as refused:
                found = [(one.code, list(one.field)) for one, _ in refused.found]
                return Answer(None, found, context.plan, context.statement_count, _why(context))
        errors = [(type(one.original_error).__name__, one.path) for one in done.errors]
        data = None if done.data is None else orjson.loads(done.data)
        return Answer(data, errors, context.plan, context.statement_count, _why(context))
