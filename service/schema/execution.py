"""From a valid document and its variables to the bytes of `data` and the errors beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import orjson
from graphql import ExecutionResult, GraphQLError, GraphQLSchema, OperationDefinitionNode, execute
from graphql.execution.values import get_variable_values
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from service.errors import Refusal
from service.schema.bodies import Asked
from service.schema.context import RequestContext
from service.schema.documents import Document
from service.schema.faults import variable_faults
from service.schema.limits import MOST_ERRORS
from service.schema.refusals import DocumentInvalid


@dataclass(frozen=True, slots=True)
class Executed:
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

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema

    async def answer(self, document: Document, asked: Asked, context: RequestContext) -> Executed:
        """Answer the operation asked for.

        Raises:
            DocumentInvalid: no operation of that name.
            VariablesRefused: a variable's value does not fit.
        """
        operation = document.operation(asked.operation_name)
        self._check_variables(operation, asked)
        result = execute(
            self._schema,
            document.node,
            context_value=context,
            variable_values=asked.variables,
            operation_name=asked.operation_name,
            executor_class=StrawberryGraphQLCoreExecutionContext,
            hide_suggestions=True,
        )
        done = result if isinstance(result, ExecutionResult) else await result
        data = None if done.data is None else orjson.dumps(done.data)
        return Executed(data, done.errors or ())

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
