"""Fields that are resolved side by side, and end together: one error does not cut the others off.

The reference implementation cancels the fields beside one that has failed where its error makes
their object null, and tells that which failed first. Here the others are let finish: what an
answer tells does not hang on which statement was the faster.
"""

import asyncio
from typing import Any

from graphql import GraphQLError, Undefined
from graphql import ResponsePath as Path
from graphql.type import GraphQLObjectType
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext


class SideBySide(StrawberryGraphQLCoreExecutionContext):
    """Executes an operation; of several errors of one object the first of the document is told."""

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,  # noqa: ANN401 - as the reference implementation has it
        path: Path | None,
        grouped_field_set: dict[str, Any],
        position_context: Any,  # noqa: ANN401 - as above
    ) -> Any:  # noqa: ANN401 - as above
        """Execute the fields of one object."""
        results: dict[str, Any] = {}
        failed: dict[str, BaseException] = {}
        for name, details in grouped_field_set.items():
            place = Path(path, name, parent_type.name)
            try:
                result = self.execute_field(
                    parent_type, source_value, details, place, position_context
                )
            except Exception as error:  # noqa: BLE001 - raised again once the others are through
                result, failed[name] = None, error
            if result is not Undefined:
                results[name] = result
        awaited = [name for name, result in results.items() if self.is_awaitable(result)]
        if awaited:
            return _together(results, failed, awaited)
        return _first_told(results, failed)

    def build_response(self, data: dict[str, Any] | None) -> Any:  # noqa: ANN401 - as above
        """Tell errors in the order of their fields, whichever was found first."""
        self.collected_errors.errors.sort(key=_by_place)
        return super().build_response(data)


async def _together(
    results: dict[str, Any], failed: dict[str, BaseException], awaited: list[str]
) -> dict[str, Any]:
    if len(awaited) == 1 and not failed:
        (name,) = awaited
        results[name] = await results[name]
        return results
    found = await asyncio.gather(*(results[name] for name in awaited), return_exceptions=True)
    for name, value in zip(awaited, found, strict=True):
        if isinstance(value, BaseException):
            failed[name] = value
        else:
            results[name] = value
    return _first_told(results, failed)


def _first_told(results: dict[str, Any], failed: dict[str, BaseException]) -> dict[str, Any]:
    for name in results:
        if name in failed:
            raise failed[name]
    return results


def _by_place(error: GraphQLError) -> tuple[object, ...]:
    """Order errors as their fields stand in the answer, whichever was found first."""
    places = tuple((place.line, place.column) for place in error.locations or ())
    rows = tuple(step for step in error.path or () if isinstance(step, int))
    return places[:1], rows
