"""The second tier: values that Python makes of what a statement has brought in their place.

Only these are looked at: everything else in the answer stays as PostgreSQL wrote it, apart from
being read and written once more.
"""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Final, NamedTuple, Protocol, TypeVar
from uuid import UUID

import orjson
from graphql import GraphQLEnumType, GraphQLScalarType

from service.policies.access import Actor, CompiledTenant
from service.schema.planner.mapping import Finished
from service.schema.planner.mapping import Mapping as TypeMapping
from service.schema.planner.plan import TYPENAME, Asked, Operation, Selected
from service.schema.planner.statements import Viewpoint
from service.work import Sight, TenantFacts

_R = TypeVar("_R")
Path = tuple[str, ...]
EACH: Final = ""
"""Stands in a path for every entry of a list; no field has this name."""
OWNER: Final = " owner"
"""With the number of its `Watched`, where the owner of an audited record stands until it is shown;
no field has such a name."""
# Nothing inside a text of JSON reads like this: a quotation mark there stands behind a backslash.
# It begins with what seldom stands anywhere: the comma before it would be tried at every byte.
_OWNERS: Final = re.compile(rb'"' + OWNER.encode() + rb'\d+":(?:null|"[^"]*"|\[[^\]]*\])')


class Unfinished(NamedTuple):
    """A value to be made, and where it stands."""

    path: Path
    field: Selected


class Watched(NamedTuple):
    """Records whose reading is written down, and where they stand."""

    path: Path
    mapping: TypeMapping


class Shown(NamedTuple):
    """A part of a made object that the statement has written already, by the field that asks."""

    by_field: Mapping[int, Any]


class Reading(Protocol):
    """What finishing needs of its request, where the statement was not enough."""

    async def within(self, step: Callable[[Sight], Awaitable[_R]]) -> _R:
        """Read besides, in the caller's sight."""


class Finishing:
    """One answer being finished.

    Attributes:
        locale: the answer's language.
    """

    def __init__(self, viewpoint: Viewpoint, locale: str, reading: Reading) -> None:
        self.locale = locale
        self.viewpoint = viewpoint
        self._reading = reading

    @property
    def tenant_id(self) -> UUID:
        """Whose rows."""
        return self.viewpoint.tenant_id

    @property
    def now(self) -> datetime:
        """The instant of the reading."""
        return self.viewpoint.now

    @property
    def actor(self) -> Actor:
        """Who reads."""
        return self.viewpoint.actor

    @property
    def policy(self) -> CompiledTenant:
        """The tenant's compiled duties."""
        return self.viewpoint.policy

    @property
    def tenant(self) -> TenantFacts:
        """The tenant's settings."""
        return self.viewpoint.tenant

    async def within(self, step: Callable[[Sight], Awaitable[_R]]) -> _R:
        """Read what the statement could not bring, because it was not known to be needed."""
        return await self._reading.within(step)


def looked_through(sight: Sight, mapping: TypeMapping) -> None:
    """Write down that audited records decided what was shown, though none of them was."""
    verdict = sight.policy.check(sight.actor, str(mapping.action))
    sight.note(str(mapping.audited), verdict=verdict, looked_through=True)


class Tasks(NamedTuple):
    """What is left to do to an answer.

    Attributes:
        unfinished: the innermost first: what stands inside a value is made before the value is.
    """

    unfinished: Sequence[Unfinished]
    watched: Sequence[Watched]


def without_owners(data: bytes) -> bytes:
    """Take the owners of audited records out of an answer that is otherwise as it is shown."""
    # An owner is the last of his object, and the only one where all else is left out.
    *before, rest = _OWNERS.split(data)
    return b"".join([*[text.removesuffix(b",") for text in before], rest])


async def finished(
    data: bytes,
    operation: Operation,
    tasks: Tasks,
    asks: Sequence[Asked],
    finishing: Finishing,
) -> bytes:
    """Make what is unfinished, and write the answer anew, without the owners of its records."""
    answer = orjson.loads(data)
    taken_out(answer, tasks)
    await finish_in(answer, operation, tasks, asks, finishing)
    return orjson.dumps(answer)


def taken_out(
    answer: Any,  # noqa: ANN401 - JSON
    tasks: Tasks,
) -> list[tuple[Watched, list[str | list[str] | None]]]:
    """Take the owners of audited records out of an answer; returns them as they stood there."""
    found = []
    for number, watched in enumerate(tasks.watched):
        key = f"{OWNER}{number}"
        records = [one for one in _places(answer, watched.path) if key in one]
        found.append((watched, [one.pop(key) for one in records]))
    return found


async def finish_in(
    answer: Any,  # noqa: ANN401 - JSON
    operation: Operation,
    tasks: Tasks,
    asks: Sequence[Asked],
    finishing: Finishing,
) -> None:
    """Make what is unfinished in an answer."""
    for path, field in tasks.unfinished:
        item: Finished = field.item
        arguments: Mapping[str, Any] = {} if field.ask is None else _arguments(asks[field.ask])
        for holder in _places(answer, path[:-1]):
            raw = holder.get(path[-1])
            if raw is not None:
                made = await item.finish(finishing, raw, arguments)
                holder[path[-1]] = shown(operation, field, made)


def _arguments(asked: Asked) -> Mapping[str, Any]:
    found: Any = asked.values[0]
    return found  # type: ignore[no-any-return]  # what `asks` has put there


def _places(answer: Any, path: Path) -> list[Any]:  # noqa: ANN401 - whatever JSON holds
    level = [answer]
    for step in path:
        if step == EACH:
            level = [entry for one in level for entry in one]
        else:
            level = [one[step] for one in level]
        level = [one for one in level if one is not None]
    return level


def write_down(sight: Sight, watched: Watched, owners: Sequence[str | list[str] | None]) -> None:
    """Write down whose records were read, of what stood as the owner of each."""
    mapping = watched.mapping
    others: set[str] = set()
    for owner in owners:
        if owner is not None:
            others.update(owner if isinstance(owner, list) else [owner])
    others.discard(str(sight.actor.member_id))
    if others:
        verdict = sight.policy.check(sight.actor, str(mapping.action))
        sight.note_reading(str(mapping.audited), others, verdict, rows=len(owners))


def shown(operation: Operation, field: Selected, value: Any) -> Any:  # noqa: ANN401 - any value
    """Return a made value as JSON shows it: plain ones by their scalar, objects by selection."""
    if value is None:
        return None
    if isinstance(value, list | tuple):
        return [shown(operation, field, one) for one in value]
    named = field.named
    if isinstance(named, GraphQLEnumType):
        return value.name if isinstance(value, Enum) else named.serialize(value)
    if isinstance(named, GraphQLScalarType):
        return named.serialize(value)
    return dict(_members(operation, field, value))


def _members(operation: Operation, field: Selected, value: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - any object
    for one in operation.below(field):
        if one.name == TYPENAME:
            yield one.key, field.named.name
            continue
        found = getattr(value, one.name)
        # What the statement has written already is shown as it is.
        if isinstance(found, Shown):
            yield one.key, found.by_field.get(id(one))
        else:
            yield one.key, shown(operation, one, found)
