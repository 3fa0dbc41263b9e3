"""One operation, whatever carries it: from what is asked to the payloads it comes to."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson
from graphql import ExecutionResult, GraphQLError, GraphQLSchema, OperationType
from graphql.execution import create_source_event_stream
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from service.clock import new_id
from service.delivery.following import Follower
from service.delivery.hub import Hub
from service.identity.tokens import Claims
from service.schema.admission import Admission
from service.schema.answers import COST
from service.schema.bodies import Asked
from service.schema.deprecations import count_uses
from service.schema.documents import Document, Faults, Operation
from service.schema.execution import Executed, Execution, VariablesRefused
from service.schema.faults import document_fault
from service.schema.pricing import Price, rows_in
from service.schema.quantities import Variables
from service.schema.rates import Budget
from service.schema.showing import Refused, Showing
from service.schema.subscriptions.presenting import Presenter, View
from service.schema.subscriptions.standing import StreamContext
from service.work import Transactions


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks over a stream, and in which language.

    Attributes:
        locale: the language he asks for; None leaves it to his own.
        own: his own, as it was when he was let in: for what is refused before he is looked at.
    """

    claims: Claims
    locale: str | None
    own: str | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """Where operations read, and what they are told by."""

    transactions: Transactions
    hub: Hub
    identity_pool: "asyncpg.Pool[Any] | None" = None


@dataclass(frozen=True, slots=True)
class Paid:
    """What an operation was charged with."""

    price: Price
    variables: Variables
    points: int
    budget: Budget

    def settled(self, data: bytes | None, limit: int) -> bytes:
        """Give back what was not used; returns what the answer says of its cost, after a comma."""
        actual = self.price.spent(self.points, rows_in(data), self.variables)
        self.budget.give_back(self.points - actual)
        told = (self.points, actual, limit, self.budget.remaining(), self.budget.restored)
        return COST % told


class Operations:
    """Carries out the operations of all streams of a process."""

    def __init__(
        self,
        schema: GraphQLSchema,
        admission: Admission,
        execution: Execution,
        followed: Followed,
    ) -> None:
        self._schema = schema
        self._admission = admission
        self._execution = execution
        self._sources = followed
        self.presenter = Presenter(schema, execution, followed.transactions)

    def showing(self, asker: Asker) -> Showing:
        """Return what shows the errors of a new operation."""
        showing = Showing(self._schema, new_id().hex, asker.locale)
        showing.learn(asker.own)
        return showing

    async def _admitted(
        self, asker: Asker, asked: Asked, showing: Showing
    ) -> tuple[Document, Operation, Paid]:
        """Let an operation in, and its asker pay; who follows something pays once.

        Raises:
            Refused: it is not GraphQL, or does not fit the schema.
            Refusal: it asks too much, or names no operation.
        """
        try:
            document = await self._admission.document(asked, asker.claims)
        except Faults as faults:
            found = [(document_fault(error, self._schema), error) for error in faults.errors]
            raise showing.faults(found) from faults
        operation = document.asked(asked.operation_name)
        count_uses(document.deprecated, document.id, asked.variables)
        budget = self._admission.budget(asker.claims)
        points = operation.price.of(asked.variables)
        self._admission.charge(operation, asked, points, budget)
        return document, operation, Paid(operation.price, asked.variables, points, budget)

    async def results(
        self, asker: Asker, asked: Asked, showing: Showing
    ) -> AsyncGenerator[list[bytes], None]:
        """Yield the payloads of an operation: one of a query or command, or one for each event.

        Raises:
            Refused, Refusal: nothing could be answered, or the stream ends for a reason.
            Ended: the caller is not who he was.
        """
        with self._admission.paying(asker.claims):
            document, operation, paid = await self._admitted(asker, asked, showing)
        context = self._context(asker, document, showing)
        if operation.kind is OperationType.SUBSCRIPTION:
            followed = self._followed(asker, document, asked, context, showing)
            async with aclosing(followed):
                async for payloads in followed:
                    yield payloads
            return
        once = asyncio.ensure_future(self._once(document, asked, context, paid.budget))
        once.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            # A command that has begun is carried out, whether or not anybody hears of it.
            result = await (
                asyncio.shield(once) if operation.kind is OperationType.MUTATION else once
            )
        except VariablesRefused as faults:
            self._admission.look(paid.budget)
            raise showing.faults(faults.found) from faults
        if context.language_known:
            showing.locale = context.locale
        errors = [showing.executed(error) for error in result.errors]
        shown = b'"errors":%s,' % orjson.dumps(errors) if errors else b""
        limit = self._admission.rates.allowance.request
        cost = paid.settled(result.data, limit)
        yield [b'{%s"data":%s%s}' % (shown, result.data or b"null", cost)]

    async def _once(
        self, document: Document, asked: Asked, context: StreamContext, budget: Budget
    ) -> Executed:
        await budget.enter()
        try:
            async with context:
                return await self._execution.answer(document, asked, context)
        finally:
            budget.leave()

    async def _followed(
        self,
        asker: Asker,
        document: Document,
        asked: Asked,
        context: StreamContext,
        showing: Showing,
    ) -> AsyncGenerator[list[bytes], None]:
        tenant_id = context.caller.tenant_id
        try:
            async with context:
                follower = await self._begun(document, asked, context, showing)
            showing.locale = context.locale
            view = View.of(
                context,
                document,
                asked,
                fresh=lambda: self._context(asker, document, showing),
                query=self.presenter.query_of(document, asked, follower.interest),
            )
            while True:
                payloads = await self.presenter.present(view, await follower.take())
                yield [payload for payload in payloads if payload is not None]
        finally:
            context.leave(tenant_id)

    async def _begun(
        self, document: Document, asked: Asked, context: StreamContext, showing: Showing
    ) -> Follower:
        try:
            self._execution.check(document, asked)
        except VariablesRefused as faults:
            raise showing.faults(faults.found) from faults
        executor = StrawberryGraphQLCoreExecutionContext.build(
            self._schema,
            document.node,
            context_value=context,
            raw_variable_values=asked.variables,
            operation_name=asked.operation_name,
            hide_suggestions=True,
        )
        if isinstance(executor, list):
            raise showing.faults((document_fault(one, self._schema), one) for one in executor)
        found = create_source_event_stream(executor)
        stream: AsyncIterable[Any] | ExecutionResult = (
            found if isinstance(found, AsyncIterable | ExecutionResult) else await found
        )
        if context.follower is None:
            errors: list[GraphQLError] = getattr(stream, "errors", None) or []
            shown = [showing.executed(error) for error in errors]
            raise Refused(shown[0]["extensions"]["code"], shown)
        return context.follower

    def _context(self, asker: Asker, document: Document, showing: Showing) -> StreamContext:
        return StreamContext(
            self._sources.hub,
            self._sources.transactions,
            asker.claims,
            showing.request_id,
            wanted_locale=asker.locale,
            asked=document.names,
            identity_pool=self._sources.identity_pool,
        )
