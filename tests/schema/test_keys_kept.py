"""Every mutation of the schema brings its key, and all of its input, to where keys are kept.

`service.work.Transactions.carry_out` is the one place, and `once` for operators, who are members of
nothing: beside the key they keep a digest of the command's name and order, and what it returned. A
mutation that went another way would write twice; one whose order differs from one time to the next
would refuse its own repetition; one that leaves a part of its input out of the order would take
another command for the same. The inputs are made from the schema; nothing here needs a database.
"""

import dataclasses
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias, get_args, get_origin, get_type_hints
from uuid import UUID
from zlib import crc32

import graphql
import orjson
import pytest
from builders.api import SCHEMA
from graphql import GraphQLInputObjectType

from service.clock import ManualClock, new_id
from service.identity.tokens import Claims
from service.journal.entries import digest, plain
from service.schema.context import RequestContext
from service.schema.planner.mapping import mappings
from service.work import Installation, KeptKey
from service.work.transactions import restored

CORE: Any = SCHEMA._schema
KEY = "kept-under-this-key"
MUTATIONS = frozenset(CORE.mutation_type.fields)
OPERATORS = {
    *("admitPerson", "createTenant", "restrictTenant", "resumeTenant", "suspendTenant"),
    "upgradeTenant",
}
VALUES: dict[str, tuple[object, object]] = {
    "BigInt": ("1", "2"),
    "Boolean": (False, True),
    "CurrencyCode": ("CNY", "HKD"),
    "Date": ("2026-03-03", "2026-03-04"),
    "DateTime": ("2026-03-02T01:00:00.000Z", "2026-03-02T01:00:00.001Z"),
    "Decimal": ("1", "2"),
    "Int": (1, 2),
    "LocaleTag": ("en", "zh-Hans"),
    "LocalTime": ("09:00", "09:30"),
    "PhoneNumber": ("+8613812345678", "+8613812345679"),
    "String": ("twelve letters", "twelve letters more"),
    "TimeZone": ("Asia/Shanghai", "Asia/Hong_Kong"),
}
# Where not every text will do.
CHOSEN = {
    "source.pack": ("lead-pool", "dealer-floor"),
    "source.blank": ("lead-pool", "dealer-floor"),
    "industry": ("property-developer", "car-dealer"),
}
# Of one mutation alone.
CHOSEN_OF = {("createTenant", "code"): ("twelve-letters", "twelve-letters-more")}
KINDS = sorted({one.kind for one in mappings().values()})

Path: TypeAlias = tuple[str, ...]


class Reached(Exception):
    """What came where keys are kept; an operator's without a command."""

    def __init__(self, key: str, kept: str, command: Any = None) -> None:
        super().__init__(key)
        self.key = key
        self.kept = kept
        self.command = command


class Keeper:
    """Stands where keys are kept: tells what would be, and carries out nothing."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.installation = Installation()

    async def carry_out(
        self, _caller: object, key: str, order: object, command: Any, *_: object, **__: object
    ) -> None:
        raise Reached(key, digest(command.__name__, order), command)

    async def once(self, kept: KeptKey, _step: object) -> None:
        raise Reached(kept.key, kept.digest)


class Directory:
    """Stands where tenants are entered before they are: with their operator's key."""

    async def fetchval(self, *_: object) -> bool:
        return False

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator["Directory"]:
        yield self

    async def execute(self, _statement: str, *entered: Any) -> None:
        raise Reached(*entered[-2:])


class Asker(RequestContext):
    """A member who is known without a look."""

    async def reader(self) -> Any:
        return None

    async def rest(self) -> None:
        return None


def leaves(kind: GraphQLInputObjectType, above: Path = ()) -> Iterator[Path]:
    """Yield the path of every leaf of an input, but its key; of a list one entry."""
    for name, field in kind.fields.items():
        path, inner = (*above, name), graphql.get_nullable_type(field.type)
        if graphql.is_list_type(inner):
            path, inner = (*path, "0"), graphql.get_nullable_type(inner.of_type)
        if isinstance(inner, GraphQLInputObjectType):
            yield from leaves(inner, path)
        elif path != ("idempotencyKey",):
            yield path


def kinds_for(path: Path) -> list[str]:
    """Return the kinds of record an id may be of, the likely ones by its name first."""
    name = [one for one in path if not one.isdecimal()][-1]
    word = re.sub(r"[A-Z]", lambda letter: f"_{letter.group().lower()}", re.sub(r"Ids?$", "", name))
    return sorted(KINDS, key=lambda kind: not (word.endswith(kind) or kind.endswith(word)))


def _sent_of(kind: GraphQLInputObjectType, wanted: str | None) -> list[tuple[str, Any]]:
    """Return the fields of an object that are sent: what must be, and the one that is wanted."""
    if kind.is_one_of:
        name = wanted or next(iter(kind.fields))
        return [(name, kind.fields[name])]
    return [
        (name, field)
        for name, field in kind.fields.items()
        if name == wanted or graphql.is_required_input_field(field)
    ]


class Sender:
    """Sends inputs of one mutation, and learns of what kinds its ids are."""

    def __init__(self, name: str, clock: ManualClock) -> None:
        self.name = name
        self.kind = graphql.get_nullable_type(CORE.mutation_type.fields[name].args["input"].type)
        self._document = graphql.parse(
            f"mutation Do($input: {self.kind.name}!) {{ {name}(input: $input)"
            " { errors { code field message } } }"
        )
        self._clock = clock
        self._asker = new_id()
        self._kinds: dict[Path, list[str]] = {}

    async def reaches(self, wanted: Path = (), *, other: bool = False) -> Reached:
        """Send what is required and one leaf besides, or the same with another value there."""
        while True:
            told = await self._told(self._value(self.kind, (), wanted, other=other))
            if isinstance(told, Reached):
                return told
            for error in told:
                assert error["code"] == "NOT_FOUND", (self.name, wanted, told)
                # It is of another kind: the next one is tried, as long as there is one.
                self._kinds[tuple(error["field"][1:])].pop(0)

    async def _told(self, sent: dict[str, object]) -> Reached | list[dict[str, Any]]:
        operator = self.name in OPERATORS
        place = None if operator else new_id()
        claims = Claims(self._asker, place, place, operator=operator, session_id=None)
        keeper: Any = Keeper(self._clock)
        pool: Any = Directory()
        asker = Asker(keeper, claims, "request", wanted_locale="en", identity_pool=pool)
        running: Any = graphql.execute(
            CORE, self._document, context_value=asker, variable_values={"input": sent}
        )
        answer = await running
        if not answer.errors:
            found: list[dict[str, Any]] = answer.data[self.name]["errors"]
            return found
        cause = answer.errors[0].original_error
        assert isinstance(cause, Reached), answer.errors
        return cause

    def _value(self, kind: Any, path: Path, wanted: Path, *, other: bool) -> Any:
        kind = graphql.get_nullable_type(kind)
        if graphql.is_list_type(kind):
            return [self._value(kind.of_type, (*path, "0"), wanted, other=other)]
        if isinstance(kind, GraphQLInputObjectType):
            below = wanted[len(path)] if wanted[: len(path)] == path != wanted else None
            return {
                name: self._value(field.type, (*path, name), wanted, other=other)
                for name, field in _sent_of(kind, below)
            }
        if path == ("idempotencyKey",):
            return KEY
        second = other and path == wanted
        if graphql.is_enum_type(kind):
            return list(kind.values)[-second]
        if kind.name == "ID":
            known = self._kinds.setdefault(path, kinds_for(path))
            return f"{known[0]}_0199c2f0-7d1e-7a5{second:d}-8a3e-{crc32(path[-1].encode()):012x}"
        chosen = CHOSEN_OF.get((self.name, ".".join(path))) or CHOSEN.get(".".join(path))
        return (chosen or VALUES[kind.name])[second]


def of_kind(hint: Any) -> Any:
    """Make a value of a command's result."""
    arguments = get_args(hint)
    if get_origin(hint) is tuple:
        several = arguments[1:] == (...,)
        return tuple(of_kind(one) for one in (arguments[:1] * 2 if several else arguments))
    if get_origin(hint) in {list, frozenset}:
        return get_origin(hint)([of_kind(arguments[0])])
    if arguments:
        return of_kind(arguments[0])
    if dataclasses.is_dataclass(hint):
        made: Any = hint
        return made(**{name: of_kind(one) for name, one in get_type_hints(hint).items()})
    return {UUID: new_id(), str: "said", int: 7, bool: True, type(None): None}[hint]


@pytest.mark.parametrize("name", sorted(MUTATIONS))
async def test_a_key_is_kept_with_all_of_the_input(name: str, clock: ManualClock) -> None:
    sender = Sender(name, clock)
    first, again = await sender.reaches(), await sender.reaches()

    assert first.key == KEY
    assert first.kept == again.kept
    for path in leaves(sender.kind):
        one, other = await sender.reaches(path), await sender.reaches(path, other=True)

        assert one.kept != other.kept, path

    if first.command is None:
        return
    # What it returned the first time is what a repetition answers.
    hint = get_type_hints(first.command)["return"]
    result = of_kind(hint)
    assert restored(hint, orjson.loads(orjson.dumps(plain(result)))) == result
