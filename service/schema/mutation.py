"""One declaration for a mutation: `input` in, payload out, the command in between."""

import dataclasses
import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Annotated, Any, Final, Generic, TypeVar

import strawberry
from strawberry.utils.str_converters import to_camel_case

from service.errors import Refusals
from service.schema.carry import (
    AS_NAMED,
    IDEMPOTENCY_KEY,
    Answer,
    Payload,
    Places,
    Records,
    carry_out,
    refused_before,
)
from service.schema.context import Info
from service.schema.planner.commanded import Command, Shows
from service.schema.planner.mapping import PLANNED, Declared
from service.schema.received import received
from service.schema.scalars import LocalizedTextInput, row_id
from service.schema.unseen import Names, named_by, nobody
from service.tenants.texts import Texts
from service.work import UnitOfWork

_AS_THEY_ARE: Final = frozenset({str, bool, int})
_camel_case = cache(to_camel_case)
_O = TypeVar("_O")
_R = TypeVar("_R")


@strawberry.input(description="What every command takes.")
class CommandInput:
    idempotency_key: str = strawberry.field(description=IDEMPOTENCY_KEY)


def required(description: str) -> Declared:
    """Declare an input field that must be given."""
    return strawberry.field(description=description)


def optional(description: str) -> Declared:
    """Declare an input field that may be left out; left out and null are told apart."""
    return strawberry.field(default=strawberry.UNSET, description=description)


def given(value: Declared) -> Declared:
    """Return an input's value, None where it was left out."""
    return None if value is strawberry.UNSET else value


def is_set(*values: object) -> bool:
    """Tell whether one of the values was given, null included."""
    return any(value is not strawberry.UNSET for value in values)


@dataclass(frozen=True, slots=True)
class Orders(Generic[_O]):
    """Makes an order of a kind from an input of the same field names.

    Attributes:
        ids: which fields are ids, and of what type of record.
    """

    kind: type[_O]
    ids: Mapping[str, str]

    def __call__(self, sent: object) -> _O:
        """Make it; raises NotFound where an id is malformed."""
        return order_of(self.kind, sent, self.ids)


def orders(kind: type[_O], **ids: str) -> Orders[_O]:
    """Return what makes an order of a kind from an input of the same field names."""
    return Orders(kind, ids)


def order_of(kind: type[_O], sent: object, ids: Mapping[str, str], **more: object) -> _O:
    """Make an order from an input's fields of the same names.

    Args:
        kind: the order's class.
        sent: the input.
        ids: which fields are ids, and of what type of record; several ids become a tuple.
        more: fields worked out by the caller, which go before the input's.

    Raises:
        NotFound: an id is malformed or of another type.
    """
    values: dict[str, Any] = {}
    fields: Any = kind
    for name in _names_of(fields):
        value = getattr(sent, name, None)
        if value is None or value is strawberry.UNSET or name in more:
            continue
        named = ids.get(name)
        plain = named is None and type(value) in _AS_THEY_ARE
        values[name] = value if plain else _plain(value, name, named)
    return kind(**values, **more)


@cache
def _names_of(kind: Any) -> tuple[str, ...]:  # noqa: ANN401 - a dataclass
    return tuple(item.name for item in dataclasses.fields(kind))


def _plain(value: Declared, name: str, kind: str | None) -> Declared:
    if kind is not None:
        return _ids(value, _camel_case(name), kind)
    if isinstance(value, LocalizedTextInput):
        return Texts(value.en, value.zh_hant, value.zh_hans)
    if isinstance(value, Enum):
        return value.value
    return tuple(value) if isinstance(value, list) else value


def _ids(value: Declared, field: str, kind: str) -> Declared:
    if isinstance(value, list):
        return tuple(row_id(str(one), kind, field, str(n)) for n, one in enumerate(value))
    return row_id(str(value), kind, field)


def command(  # noqa: PLR0917 - declarations read like a table
    carried: Callable[[UnitOfWork, _O], Awaitable[_R]],
    order: Callable[[Any], _O],
    sent: type,
    payload: type[Payload],
    answer: Answer[_R],
    description: str,
    places: Callable[[Any], Places] = lambda _sent: AS_NAMED,
    names: Names | None = None,
) -> Declared:
    """Declare the mutation of one command.

    Args:
        carried: the feature's command.
        order: makes the command's order from the input.
        sent: the input type.
        payload: the payload type.
        answer: reads the payload's results in the command's transaction.
        description: names the action it asks, and what it refuses.
        places: where an input has what the command names otherwise.
        names: which records an order names that are not there for who does not see them; left
            out, those that are ids of the input.
    """
    if names is None:
        names = named_by(order.ids) if isinstance(order, Orders) else nobody

    def resolve(info: Info, input: Any) -> Awaitable[Any]:  # noqa: ANN401 - see the signature
        return carry_out(
            info,
            input.idempotency_key,
            lambda: order(input),
            carried,
            payload=payload,
            answer=answer,
            places=places(input),
            names=names,
        )

    shows = answer.shows if isinstance(answer, Records) else None
    return declared(resolve, sent, description, payload, shows)


def declared(
    resolve: Callable[[Info, Any], Awaitable[Any]],
    sent: type,
    description: str,
    payload: type[Payload] | None = None,
    shows: Mapping[str, Shows] | None = None,
) -> Declared:
    """Declare a mutation with one input from its resolver.

    Args:
        resolve: carries the command out; it meets only inputs whose texts can be stored.
        sent: the input type.
        description: names the action it asks, and what it refuses.
        payload: the payload type; the one the resolver says it returns when left out.
        shows: the records it shows, where nothing else of it has to be read.
    """
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    wanted: Any = Annotated[sent, strawberry.argument(description="The command.")]
    answered: Any = payload or inspect.signature(resolve).return_annotation

    async def checked(info: Info, input: Any) -> Any:  # noqa: ANN401 - see the signature
        try:
            clean = received(input, info.context.transactions.clock.now())
        except Refusals as several:
            return await refused_before(info, answered, *several.refusals)
        return await resolve(info, clean)

    checked.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # functions take attributes
        [
            inspect.Parameter("info", kind, annotation=Info),
            inspect.Parameter("input", kind, annotation=wanted),
        ],
        return_annotation=Any,
    )
    metadata = {} if shows is None else {PLANNED: Command(checked, shows)}
    return strawberry.mutation(resolver=checked, description=description, metadata=metadata)
