"""A resolver that is made when it is called answers as one that was made with the schema."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import nullcontext
from typing import Any

import pytest
import strawberry
from strawberry.extensions import FieldExtension

from service.app.empties import fields_lightened
from service.schema.definition import build_schema
from service.schema.resolvers import resolvers_put_off


class _Louder(FieldExtension):
    def resolve(
        self,
        next_: Callable[..., Any],
        source: Any,
        info: strawberry.Info,
        **given: Any,
    ) -> str:
        return f"{next_(source, info, **given)}!"


@strawberry.type
class _Visit:
    number: int

    @strawberry.field
    async def doubled(self) -> int:
        return self.number * 2


@strawberry.type
class _Query:
    @strawberry.field
    def visit(self, info: strawberry.Info, number: int = 3) -> _Visit:
        return _Visit(number=number + len(info.path.as_list()))

    @strawberry.field(extensions=[_Louder()])
    def greeting(self) -> str:
        return "good morning"

    @strawberry.field
    def broken(self) -> int | None:
        raise ValueError("the bell is broken")


@strawberry.type
class _Subscription:
    @strawberry.subscription
    async def visits(self, count: int) -> AsyncIterator[_Visit]:
        for number in range(count):
            yield _Visit(number=number)


def _schema(*, put_off: bool) -> strawberry.Schema:
    with resolvers_put_off() if put_off else nullcontext():
        return strawberry.Schema(query=_Query, subscription=_Subscription)


ASKED = "{ visit { number doubled } other: visit(number: 7) { number doubled } greeting broken }"


def test_questions_have_the_same_answers() -> None:
    told = [asyncio.run(_schema(put_off=put_off).execute(ASKED)) for put_off in (True, False)]

    assert told[0].data == told[1].data
    assert told[0].data == {
        "visit": {"number": 4, "doubled": 8},
        "other": {"number": 8, "doubled": 16},
        "greeting": "good morning!",
        "broken": None,
    }
    assert [str(error) for error in told[0].errors or ()] == [
        str(error) for error in told[1].errors or ()
    ]


def test_what_a_function_gave_up_is_found_again() -> None:
    schema = _schema(put_off=True)
    before = asyncio.run(schema.execute(ASKED)).data

    fields_lightened()

    assert asyncio.run(_schema(put_off=True).execute(ASKED)).data == before
    assert asyncio.run(schema.execute(ASKED)).data == before


def test_a_subscription_goes_on() -> None:
    async def numbers() -> list[Any]:
        stream = await _schema(put_off=True).subscribe(
            "subscription { visits(count: 2) { doubled } }"
        )
        assert isinstance(stream, AsyncIterator)
        return [told.data async for told in stream]

    assert asyncio.run(numbers()) == [{"visits": {"doubled": 0}}, {"visits": {"doubled": 2}}]


@pytest.mark.parametrize("name", ["Query", "Mutation", "Visit"])
def test_the_schema_is_built_with_none_made(name: str) -> None:
    kind: Any = build_schema()._schema.type_map[name]

    assert {type(field.resolve).__name__ for field in kind.fields.values()} == {"_PutOff"}
