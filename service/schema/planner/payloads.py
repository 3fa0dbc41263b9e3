"""What a command answers: its results read by one statement, inside the command's transaction."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, Final, NamedTuple, TypeVar
from weakref import ReferenceType, ref

import orjson
from graphql import GraphQLError

from service.policies.access import Actor, compile_tenant
from service.schema.planner.access import Access
from service.schema.planner.cache import Kept
from service.schema.planner.commanded import Command, Shows
from service.schema.planner.finishing import (
    Finishing,
    Shown,
    finish_in,
    shown,
    taken_out,
    write_down,
)
from service.schema.planner.mapping import mapping_of
from service.schema.planner.plan import TYPENAME, Asked, Operation, Selected
from service.schema.planner.sql import Outline, Value, Writer
from service.schema.planner.texts import Bound, Text, text_of
from service.schema.scalars import NO_ROW
from service.work import Sight, UnitOfWork

_R = TypeVar("_R")
_MOST_ACCESSES: Final = 500
_MOST_FORMS: Final = 8
_MOST_BOUND: Final = 64
# The claim before it has loaded the caller; here the witness alone is needed. The two other
# parameters every text begins with are named, for a parameter that is not used has no type.
_HERE: Final = (
    "EXISTS (SELECT FROM app.tenant t WHERE t.tenant_id = $1) AS here,"
    " $2::uuid AS member_row, $3::timestamptz AS read_at"
)
_NOBODY: Final = Access(Actor(NO_ROW, NO_ROW), compile_tenant(NO_ROW, 0, rows=(), role_duties={}))


class Accesses:
    """The conditions of those who command, kept as long as they hold the same."""

    def __init__(self) -> None:
        self._known: Kept[tuple[Hashable, ...], tuple[Actor, Access]] = Kept(_MOST_ACCESSES)

    def of(self, work: Sight) -> Access:
        """Return a caller's."""
        caller, actor, policy = work.caller, work.actor, work.policy
        # What he holds is compared and not part of the key: so a policy that was changed is not
        # kept beside the new one, and nothing of it is asked for its hash.
        key = work.tenant_id, caller.member_id, caller.api_key_id, actor.locale
        known = self._known.get(key)
        if known is None or known[0] != actor or known[1].policy is not policy:
            known = self._known.put(key, (actor, Access(actor, policy)))
        return known[1]


class Answered(NamedTuple):
    """What an operation of commands came to."""

    data: bytes | None
    errors: Sequence[GraphQLError] = ()


class Payload:
    """One command's payload under one selection."""

    def __init__(self, operation: Operation, field: Selected) -> None:
        """Write it once for nobody: what has no form is known before anything is carried out.

        Raises:
            Unplannable: something in it has none.
        """
        self.operation = operation
        self.field = field
        self._shows: Mapping[str, Shows] = {}
        self.results: list[Selected] = []
        if isinstance(field.item, Command):
            self._shows = field.item.results
            self.results = [one for one in operation.below(field) if one.name in self._shows]
        self._texts: list[Text] = []
        self._bounds: Kept[int, tuple[ReferenceType[Access], Bound]] = Kept(_MOST_BOUND)
        if self.results:
            self._written(_Nobody(), _NOBODY)

    @cached_property
    def parts(self) -> Sequence[tuple[Selected, bool]]:
        """What is selected of it, and whether that is a record that is read."""
        return [(one, one in self.results) for one in self.operation.below(self.field)]

    def bound(self, work: Sight, access: Access) -> Bound:
        """Return the statement with a caller's values in it."""
        known = self._bounds.get(id(access))
        if known is None or known[0]() is not access:
            bound = Bound(self._text(work, access), access)
            known = self._bounds.put(id(access), (ref(access), bound))
        return known[1]

    def _text(self, work: Sight, access: Access) -> Text:
        text = next((one for one in self._texts if one.serves(access)), None)
        if text is None:
            text = self._written(work, access)
            self._texts.insert(0, text)
            del self._texts[_MOST_FORMS:]
        return text

    def rows(self, result: Any) -> tuple[object, ...]:  # noqa: ANN401 - the command's own
        """Return the ids of what is shown."""
        return tuple(self._shows[one.name].row(result) for one in self.results)

    def _written(self, sight: Any, access: Access) -> Text:  # noqa: ANN401 - a viewpoint
        outline = Outline(sight, access)
        writer = Writer(self.operation, outline, ())
        columns = []
        for place, one in enumerate(self.results):
            with writer.at(one.key):
                shows = self._shows[one.name]
                row = outline.place(Value(0, place), "uuid" if shows.order is None else "uuid[]")
                write = _result if shows.order is None else _results
                columns.append(f'{write(writer, one, shows, row)} AS "{one.key}"')
        body = f"SELECT row_to_json(o) FROM (SELECT {', '.join(columns)}) o"
        return text_of(writer, body, _HERE)


class _Nobody:
    tenant_id = NO_ROW
    now = None
    actor, policy = _NOBODY.actor, _NOBODY.policy


def _result(writer: Writer, field: Selected, shows: Shows, row: str) -> str:
    """Write one result: to whoever may see it, or may still give one of the commands for it."""
    target = mapping_of(shows.target)
    key = row
    if shows.through is not None:
        leading, column = mapping_of(shows.through[0]), shows.through[1]
        key = f"(SELECT t.{column} {writer.outline.rows_of(leading)} AND t.id = {row})"
    seen = [target, *(replace(target, action=action) for action in shows.actions)]
    forms = [writer.one(field, one, key) for one in seen]
    return forms[0] if len(forms) == 1 else f"coalesce({', '.join(forms)})"


def _results(writer: Writer, field: Selected, shows: Shows, rows: str) -> str:
    """Write several results, to whoever may see them."""
    target = mapping_of(shows.target)
    with writer.each():
        columns = writer.columns(field, target)
    return (
        f"(SELECT coalesce(json_agg(row_to_json(o)), '[]') FROM (SELECT {columns}"
        f" {writer.outline.rows_of(target)} AND t.{target.key_column} = ANY({rows})"
        f" ORDER BY {shows.order}) o)"
    )


class Showing:
    """What a command that is being carried out is to show; it may be run again when it lost."""

    def __init__(
        self, payload: Payload, accesses: Accesses, locale_of: Callable[[Sight], str]
    ) -> None:
        self._payload = payload
        self._accesses = accesses
        self._locale_of = locale_of
        self.found: dict[str, Shown] = {}

    async def read(self, work: UnitOfWork, result: Any) -> None:  # noqa: ANN401 - the command's own
        """Read the results for the caller, in the command's transaction."""
        payload = self._payload
        self.found = {}
        if not payload.results:
            return
        access, locale = self._accesses.of(work), self._locale_of(work)
        bound = payload.bound(work, access)
        text = bound.text
        asked = [Asked(None, payload.rows(result))]
        values = bound.values(work, locale, asked)
        row = await work.fetch_only(text.sql, *values)
        answer = orjson.loads(row["data"])
        if text.tasks is not None:
            for watched, owners in taken_out(answer, text.tasks):
                write_down(work, watched, owners)
            finishing = Finishing(work, locale, _Inside(work))
            await finish_in(answer, payload.operation, text.tasks, (), finishing)
            await work.flush()
        for one in payload.results:
            known = self.found.get(one.name)
            by_field = {} if known is None else dict(known.by_field)
            self.found[one.name] = Shown({**by_field, id(one): answer[one.key]})


class _Inside:
    """Reads besides in the command's own transaction."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    async def within(self, step: Callable[[Sight], Awaitable[_R]]) -> _R:
        """Read besides."""
        return await step(self._work)


def composed(payload: Payload, made: Any, found: dict[str, Shown]) -> dict[str, Any]:  # noqa: ANN401 - a payload
    """Return a payload as it is shown: what was read, and what the command says of itself."""
    answer: dict[str, Any] = {}
    for one, is_read in payload.parts:
        if one.name == TYPENAME:
            answer[one.key] = payload.field.named.name
        elif is_read:
            # What was read before the refusal was undone with everything else.
            read = None if made.errors else found.get(one.name)
            answer[one.key] = None if read is None else read.by_field.get(id(one))
        else:
            answer[one.key] = shown(payload.operation, one, getattr(made, one.name))
    return answer
