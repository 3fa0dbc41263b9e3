"""From a mutation's input to its payload: one command, one transaction, errors as a list."""

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final, TypeVar
from uuid import UUID

import strawberry

from service.clock import new_id
from service.customers.commands import NoteTakenNumber, note_taken_number
from service.customers.errors import PhoneOfAnother
from service.errors import (
    AlreadyTaken,
    FieldPath,
    IdempotencyInProgress,
    IdempotencyKeyReused,
    NotSignedIn,
    Refusal,
    Refusals,
    TenantSuspended,
    Unavailable,
)
from service.schema.context import Info
from service.schema.costs import FREE, costs
from service.schema.errors import CommandError, command_errors
from service.schema.planner.commanded import Shows
from service.schema.planner.fallback import Reader
from service.schema.planner.mapping import Mapping as TypeMapping
from service.schema.planner.mapping import mapping_of
from service.schema.refusals import InvalidIdempotencyKey
from service.schema.scalars import make_id
from service.schema.unseen import Named, Names, nobody, out_of_sight
from service.work import Sight, UnitOfWork, nothing_more

# Spaces alone are no key: two commands would be taken for one.
_KEY = re.compile(r"(?! +$)[\x20-\x7e]{16,128}")
_CAPITAL = re.compile(r"[A-Z]")
# What an order calls the id of a record that a device has made while it was offline.
_MADE_BY_DEVICES = {"id": "visit_id"}
# No answer of the domain: these end the request, they are no line of a payload.
_OF_THE_REQUEST = (NotSignedIn, TenantSuspended, Unavailable)

# Refused before the command has begun, and with it before the caller's language is known.
_BY_THE_KEY = (IdempotencyKeyReused, IdempotencyInProgress)

IDEMPOTENCY_KEY = "16 to 128 printable ASCII characters; the same key is carried out once."


@strawberry.type(description="What every command answers besides its results.")
class Payload:
    replayed: bool = strawberry.field(
        default=False,
        description="True when this key had been carried out before and nothing was written now.",
    )
    errors: list[CommandError] = strawberry.field(
        default_factory=list,
        description="Why nothing was written; empty exactly when the results are set.",
        metadata=costs(FREE),
    )


_P = TypeVar("_P", bound=Payload)
_O = TypeVar("_O")
_R = TypeVar("_R")

Answer = Callable[[Reader, _R], Awaitable[dict[str, Any]]]
Places = Mapping[FieldPath, FieldPath]
AS_NAMED: Final[Places] = MappingProxyType({})
"""The command names everything as the input does."""


def check_key(key: str) -> str:
    """Return an idempotency key as sent.

    Raises:
        InvalidIdempotencyKey: its length or a character is not allowed.
    """
    if not _KEY.fullmatch(key):
        raise InvalidIdempotencyKey(field=("input", "idempotencyKey"))
    return key


async def carry_out(
    info: Info,
    key: str,
    order: Callable[[], _O],
    command: Callable[[UnitOfWork, _O], Awaitable[_R]],
    *,
    payload: type[_P],
    answer: Answer[_R],
    places: Places = AS_NAMED,
    names: Names = nobody,
) -> _P:
    """Carry out a command and answer it from the same transaction.

    Args:
        info: the resolver's.
        key: the input's idempotency key.
        order: makes the order from the input; an id that is none is refused as a missing record.
        command: the feature's command.
        payload: the mutation's payload type.
        answer: reads the payload's results for the caller, inside the transaction.
        places: where the input has what the command names otherwise, both below `input`.
        names: which records the order names that are not there for who does not see them.
    """
    context = info.context
    await context.rest()

    async def read(work: UnitOfWork, result: _R) -> dict[str, Any]:
        if context.showing is not None and isinstance(answer, Records):
            await context.showing.read(work, result)
            context.count(work.statement_count)
            return await answer.besides(work, result)
        reader = context.reader_of(work)
        found = await answer(reader, result)
        await reader.follow(found.values())
        context.count(work.statement_count)
        return found

    try:
        check_key(key)
        made = order()
    except Refusal as refusal:
        return await refused_before(info, payload, refusal)
    except Refusals as several:
        return await refused_before(info, payload, *several.refusals)
    try:
        # The caller's language is known only inside; a refusal is worded after the rollback.
        done = await context.transactions.carry_out(
            context.caller, key, made, command, read, entered=context.learn
        )
    except _OF_THE_REQUEST:
        raise
    except _BY_THE_KEY as refusal:
        return await refused_before(info, payload, refusal)
    except Refusal as refusal:
        found = _placed([_with_value(await _noted(info, refusal, command.__name__), made)], places)
    except Refusals as several:
        found = _placed(several.refusals, places)
    else:
        return payload(**done.answer, replayed=done.replayed)
    return refused(info, payload, *await _told(info, found, list(names(made)), answer))


async def _told(
    info: Info, found: Iterable[Refusal], named: Sequence[Named], answer: Answer[Any]
) -> Iterable[Refusal]:
    """Return what a caller is told of what was found: of what is not there for him, that alone.

    What he sees is there, and what he may do that to for which the command's answer is shown.
    """
    if not named:
        return found
    shows = answer.shows.values() if isinstance(answer, Records) else ()
    actions = [action for one in shows for action in one.actions]
    context = info.context
    hidden = await context.within(
        lambda sight: out_of_sight(context.reader_of(sight), named, actions)
    )
    return found if hidden is None else [hidden]


def _placed(refusals: Iterable[Refusal], places: Places) -> Iterator[Refusal]:
    """Yield refusals with the place of what they blame in the input that was sent."""
    for refusal in refusals:
        for named, place in places.items():
            if refusal.field[1 : len(named) + 1] == named:
                refusal.field = ("input", *place, *refusal.field[len(named) + 1 :])
                break
        yield refusal


async def _noted(info: Info, refusal: Refusal, asked_by: str) -> Refusal:
    """Return a refusal, once it is kept of a taken number that it is told: nothing else was."""
    if not isinstance(refusal, PhoneOfAnother):
        return refusal
    context, order = info.context, NoteTakenNumber(refusal.number, asked_by)
    try:
        await context.transactions.carry_out(
            context.caller, f"{asked_by}-{new_id()}", order, note_taken_number, nothing_more
        )
    except Refusal as unkept:
        return unkept
    return refusal


def _with_value(refusal: Refusal, made: object) -> Refusal:
    """Name a value that is taken: under row security the database leaves it out of its answer."""
    if not isinstance(refusal, AlreadyTaken):
        return refusal
    taken = refusal
    name = taken.field[-1] if taken.field else ""
    name = _MADE_BY_DEVICES.get(name, _CAPITAL.sub(lambda one: f"_{one.group().lower()}", name))
    sent = getattr(made, name, None)
    if not taken.value and isinstance(sent, str):
        taken.value = sent
    elif not taken.value and isinstance(sent, UUID):
        taken.value = make_id(name.removesuffix("_id"), sent)
    return taken


async def refused_before(info: Info, payload: type[_P], *refusals: Refusal) -> _P:
    """Make the payload of a command that was refused before its transaction.

    The caller is looked at first: who may not come in is told that and nothing of his input, and
    who may is told in his language.

    Raises:
        NotSignedIn: he is no member any more.
        TenantSuspended: his tenant is.
    """
    if info.context.operator_id is None:
        await info.context.reader()
        await info.context.rest()
    return refused(info, payload, *refusals)


def refused(info: Info, payload: type[_P], *refusals: Refusal) -> _P:
    """Make the payload of a command that wrote nothing."""
    info.context.refusals += [refusal.code for refusal in refusals]
    return payload(errors=command_errors(refusals, info.context.locale))


async def _nothing(_sight: Sight, _result: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever the command returned
    return {}


@dataclass(frozen=True, slots=True)
class Records:
    """Answers a command with records, by the payload's Python names.

    Attributes:
        shows: the records; one that is reached through another is left to the payload's resolver.
        besides: what the payload says besides, made of the command's result as the last thing
            before the commit.
    """

    shows: Mapping[str, Shows]
    besides: Callable[[Sight, Any], Awaitable[dict[str, Any]]] = _nothing

    async def __call__(self, reader: Reader, result: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
        """Read them for the caller, inside the transaction."""
        found = {
            name: await _found(reader, one, one.row(result))
            for name, one in self.shows.items()
            if one.through is None
        }
        return found | await self.besides(reader.sight, result)


async def _found(reader: Reader, shows: Shows, row: Any) -> Any:  # noqa: ANN401 - an id, or ids
    mapping = mapping_of(shows.target)
    if shows.order is None:
        return await acted_on(reader, mapping, row, *shows.actions)
    return await reader.rows(
        mapping,
        lambda statement: (
            f"AND t.id = ANY({statement.place(list(row), 'uuid[]')}) ORDER BY {shows.order}"
        ),
    )


async def acted_on(reader: Reader, mapping: TypeMapping, row: UUID | None, *actions: str) -> Any:  # noqa: ANN401 - the kind's own
    """Return a record to whoever may see it, or may still give one of the commands for it.

    A delegate may have the command alone, without the right to look around; a repeated key is
    answered by the rights of the repetition.
    """
    found = await reader.one(mapping, row)
    for action in actions:
        if found is None and row is not None:
            rows = await reader.rows(
                replace(mapping, action=action),
                lambda statement: f"AND t.id = {statement.place(row, 'uuid')}",
            )
            found = rows[0] if rows else None
    return found


def itself(result: Any) -> Any:  # noqa: ANN401 - an id
    """Return the result of a command that returns the id of what it is shown by."""
    return result


def the(*actions: str, **results: type) -> Records:
    """Answer a command that returns one id with the record of that id, under the name given.

    Args:
        actions: besides who may see it, it is shown to who may do one of these to it.
        results: the record's type by the payload's Python name.
    """
    return Records(
        {name: Shows(mapping_of(kind).name, itself, actions) for name, kind in results.items()}
    )
