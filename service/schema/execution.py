"""From a valid document and its variables to the bytes of `data` and the errors beside them."""

import logging
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

import asyncpg
import orjson
from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    execute,
)
from graphql.execution.values import get_variable_values

from service.errors import Refusal
from service.schema.bodies import Asked
from service.schema.context import RequestContext
from service.schema.documents import Document, Operation
from service.schema.faults import variable_faults
from service.schema.limits import MOST_ERRORS
from service.schema.planner.planner import Planner
from service.schema.planner.unplannable import Reason, Unplannable
from service.schema.refusals import DocumentInvalid
from service.schema.side_by_side import SideBySide
from service.work import CONNECTION_LOST

_log = logging.getLogger(__name__)


class Executed(NamedTuple):
    """What an operation came to.

    Attributes:
        data: the JSON text of `data`; None where nothing could be answered.
        errors: what went wrong at which field.
    """

    data: bytes | None
    errors: Sequence[GraphQLError] = ()


class VariablesRefused(Exception):
    """Variables that do not fit their declarations: each refusal, with graphql-core's if any."""

    def __init__(self, found: Sequence[tuple[Refusal, GraphQLError | None]]) -> None:
        super().__init__(found)
        self.found = found


class Execution:
    """Answers valid documents."""

    def __init__(self, schema: GraphQLSchema, *, planning: bool = True) -> None:
        self._schema = schema
        self.planner = Planner(schema, enabled=planning)

    async def answer(self, document: Document, asked: Asked, context: RequestContext) -> Executed:
        """Answer the operation asked for.

        Raises:
            DocumentInvalid: no operation of that name.
            VariablesRefused: a variable's value does not fit.
        """
        operation = document.asked(asked.operation_name)
        try:
            done = await self._planned(operation, asked, context)
        except Unplannable as reason:
            context.unplanned_at = reason.what
            return await self._instead(reason.reason, document, asked, context)
        except (*CONNECTION_LOST, asyncpg.QueryCanceledError):
            # What took too long once would take as long again.
            raise
        except asyncpg.PostgresError:
            # One wrong value must not cost the rest of the answer: field by field it does not.
            _log.exception("request %s: its statement failed", context.request_id)
            return await self._instead("STATEMENT", document, asked, context)
        context.plan = "sql"
        self.planner.counts["SQL"] += 1
        return done

    async def _planned(
        self, operation: Operation, asked: Asked, context: RequestContext
    ) -> Executed:
        written = operation.syntax, operation.position
        if operation.kind is OperationType.MUTATION:
            done = await self.planner.carry_out(written, asked.variables, context)
            return Executed(done.data, done.errors)
        data = await self.planner.answer(written, asked.variables, context)
        return Executed(data)

    async def _instead(
        self, reason: Reason, document: Document, asked: Asked, context: RequestContext
    ) -> Executed:
        context.plan, context.unplanned = "fallback", reason
        self.planner.counts[reason] += 1
        operation = document.operation(asked.operation_name)
        self._check_variables(operation, asked)
        result = execute(
            self._schema,
            document.node,
            context_value=context,
            variable_values=asked.variables,
            operation_name=asked.operation_name,
            executor_class=SideBySide,
            hide_suggestions=True,
        )
        done = result if isinstance(result, ExecutionResult) else await result
        data = None if done.data is None else orjson.dumps(done.data)
        return Executed(data, done.errors or ())

    def check(self, document: Document, asked: Asked) -> None:
        """Check an operation's variables, for who executes it himself.

        Raises:
            DocumentInvalid, VariablesRefused: as `answer`.
        """
        self._check_variables(document.operation(asked.operation_name), asked)

    def _check_variables(self, operation: OperationDefinitionNode, asked: Asked) -> None:
        definitions = operation.variable_definitions or ()
        values = get_variable_values(
            self._schema,
            definitions,
            asked.variables,
            max_errors=MOST_ERRORS,
            hide_suggestions=True,
        )
        if isinstance(values, list):
            found = islice(variable_faults(self._schema, operation, asked.variables), MOST_ERRORS)
            fallback = DocumentInvalid(fault="OUT_OF_SCHEMA")
            raise VariablesRefused([(one, None) for one in found] or [(fallback, values[0])])
