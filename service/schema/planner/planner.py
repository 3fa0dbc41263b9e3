"""Answers operations from one statement each, and says which it does not."""

from collections import Counter
from collections.abc import Awaitable, Hashable, Mapping
from datetime import datetime
from typing import Any, Final, Protocol
from weakref import ReferenceType, ref

import orjson
from graphql import GraphQLError, GraphQLSchema

import service.schema.planner.items  # noqa: F401 - the forms of declarations
from service.languages import shown_locale
from service.schema.planner.access import Access
from service.schema.planner.asks import Seer, asked, made_of
from service.schema.planner.cache import Kept, Weighed
from service.schema.planner.commanded import Command
from service.schema.planner.finishing import Finishing, finished
from service.schema.planner.finishing import Reading as Besides
from service.schema.planner.noting import Request
from service.schema.planner.payloads import Accesses, Answered, Showing, composed
from service.schema.planner.plan import TYPENAME, Asked
from service.schema.planner.prepared import MOST_FORMS, Choice, Prepared, Ready, Walked, Written
from service.schema.planner.repeated import Repeated
from service.schema.planner.sql import (
    Outline,
    Writer,
    WrittenShape,
)
from service.schema.planner.syntax import Syntax
from service.schema.planner.texts import Bound, Text, query_of
from service.schema.planner.unplannable import Unplannable
from service.work import Known, Sight, Standpoint


class Reading(Besides, Protocol):
    """What a planned read needs of its request.

    Attributes:
        ready: the statement, where it was looked up before.
    """

    ready: "Ready | None"

    @property
    def request(self) -> Request:
        """What the audit says of the request."""

    @property
    def here(self) -> str:
        """The column that every statement brings besides, to confirm the caller."""

    @property
    def now(self) -> datetime:
        """The instant of the reading."""

    async def known(self, now: datetime) -> Known:
        """Return the caller as he is at an instant."""

    async def take(self, known: Known) -> None:
        """Read as a caller who is known already."""

    def changed(self) -> None:
        """Forget the caller: he is not any more as he was known."""

    def locale_of(self, known: Known) -> str:
        """Return the language of the answer."""

    async def read(self, text: str, values: list[object]) -> tuple[str | None, bytes]:
        """Run a statement; return its `here` and its `data`."""


class Commanding(Protocol):
    """What commands need of their request.

    Attributes:
        showing: what the command that is being carried out is to show.
    """

    showing: Showing | None

    def locale_in(self, sight: Sight) -> str:
        """Return the language of the answer in a transaction of the caller's."""

    def resolve(self, command: Command, arguments: Mapping[str, Any]) -> Awaitable[Any]:
        """Carry a command out and return its payload."""


_MOST_OPERATIONS: Final = 2_000
_HEAVIEST_PLANS: Final = 12_000_000
"""Bytes of all plans of a process together."""
_WEIGHT: Final = 3_000
"""Bytes of an operation's plan besides its texts."""
_MOST_WALKED: Final = 32
_MOST_RUNS: Final = 3
_MOST_BOUND: Final = 2_000
_ACCESS: Final = "access"


class Planner:
    """Plans operations of one schema.

    Attributes:
        counts: operations answered, by `sql` or by why they fell back.
    """

    def __init__(self, schema: GraphQLSchema, *, enabled: bool = True) -> None:
        self._schema = schema
        self._enabled = enabled
        # With each its document, so that no other can come to have its identity.
        self._prepared: Weighed[tuple[int, int], tuple[Syntax, Prepared | Unplannable]] = Weighed(
            _MOST_OPERATIONS, _HEAVIEST_PLANS
        )
        self._recent: Kept[int, tuple[Choice, Walked]] = Kept(_MOST_WALKED)
        # Who is known no more is not kept for what he asked: with him goes all that held for him.
        self._bounds: Kept[Any, tuple[ReferenceType[Known], Choice, Bound]] = Kept(_MOST_BOUND)
        self._accesses = Accesses()
        self._repeated = Repeated()
        self.counts: Counter[str] = Counter()

    @property
    def weight(self) -> int:
        """Bytes of the plans that are kept, about."""
        return self._prepared.weight

    def _prepare(self, written: Written) -> Prepared:
        if not self._enabled:
            raise Unplannable("OFF")
        key = (id(written[0]), written[1])
        known = self._prepared.get(key)
        if known is None:
            known = self._prepared.put(key, (written[0], self._looked_over(written)), _WEIGHT)
        prepared = known[1]
        if isinstance(prepared, Unplannable):
            raise Unplannable(prepared.reason, prepared.what)
        return prepared

    def _looked_over(self, written: Written) -> Prepared | Unplannable:
        try:
            return Prepared(self._schema, written, self._recent)
        except Unplannable as reason:
            return reason

    def beforehand(self, written: Written) -> Unplannable | None:
        """Plan an operation before anybody asks it; return why not, where it is not planned."""
        try:
            return self._prepare(written).widest().refused
        except Unplannable as reason:
            return reason

    async def answer(
        self,
        written: Written,
        sent: Mapping[str, object],
        reading: Reading,
    ) -> bytes:
        """Answer a query with the JSON of its `data`.

        Raises:
            Unplannable: the reference implementation has to.
        """
        if reading.ready is not None:
            await reading.take(reading.ready.known)
            data = await self._read(reading.ready, reading)
            if data is not None:
                return data
        prepared = self._prepare(written)
        given = prepared.variables.given(sent)
        choice = prepared.choice(given)
        if choice.refused is not None:
            raise Unplannable(choice.refused.reason, choice.refused.what)
        for _ in range(_MOST_RUNS):
            now = reading.now
            known = await reading.known(now)
            viewpoint = Standpoint.of(known, max(now, known.since))
            locale = reading.locale_of(known)
            seer = Seer(viewpoint, _access_of(known), locale, self._repeated)
            asks = [asked(one, given, seer) for one in choice.asks]
            bound = self._bound((written, choice), known, asks, (viewpoint, reading.here))
            ready = Ready(known, choice, bound, asks, viewpoint, locale)
            data = await self._read(ready, reading)
            if data is not None:
                return data
        raise Unplannable("CALLER")

    async def _read(self, ready: Ready, reading: Reading) -> bytes | None:
        """Run a statement and do to its answer what is left; None where the caller has changed."""
        here, data = await reading.read(ready.sql, ready.values(reading.request))
        if here != ready.known.here:
            reading.changed()
            return None
        tasks = ready.bound.text.tasks
        if tasks is None or ready.whole:
            return ready.shown(data)
        finishing = Finishing(ready.viewpoint, ready.locale, reading)
        return await finished(data, ready.choice.walked[0], tasks, ready.asks, finishing)

    def ready(
        self, written: Written, sent: Mapping[str, object], known: Known, now: datetime
    ) -> Ready | None:
        """Return the statement of a query that was answered before, for a known caller.

        None where it has to be written first.
        """
        try:
            prepared = self._prepare(written)
            given = prepared.variables.given(sent)
            choice = prepared.choice(given)
            viewpoint = Standpoint.of(known, max(now, known.since))
            locale = shown_locale(known.caller.locale, known.loaded.actor.locale)
            seer = Seer(viewpoint, _access_of(known), locale, self._repeated)
            asks = [asked(one, given, seer) for one in choice.asks]
        except Unplannable:
            return None
        bound = self._bound_before(known, choice, _forms(asks))
        if bound is None:
            return None
        return Ready(known, choice, bound, asks, viewpoint, locale)

    async def carry_out(
        self,
        written: Written,
        sent: Mapping[str, object],
        commanding: Commanding,
    ) -> Answered:
        """Carry out an operation's commands in their order, each answered from its transaction.

        Raises:
            Unplannable: the reference implementation has to; nothing was done yet.
        """
        prepared = self._prepare(written)
        given = prepared.variables.given(sent)
        choice = prepared.choice(given)
        inputs = [made_of(one, one.arguments.of(given)) for one in choice.asks]
        answer: dict[str, Any] = {}
        for payload in choice.payloads:
            field = payload.field
            if field.name == TYPENAME:
                answer[field.key] = choice.root
                continue
            showing = Showing(payload, self._accesses, commanding.locale_in)
            commanding.showing = showing
            try:
                made = await commanding.resolve(field.item, inputs[field.ask or 0])
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told at its field
                told = GraphQLError(
                    str(error), nodes=list(field.nodes), path=[field.key], original_error=error
                )
                return Answered(None, [told])
            finally:
                commanding.showing = None
            answer[field.key] = composed(payload, made, showing.found)
        return Answered(orjson.dumps(answer))

    def _bound(
        self,
        asked_for: tuple[Written, Choice],
        known: Known,
        asks: list[Asked],
        seen: tuple[Standpoint, str],
    ) -> Bound:
        choice = asked_for[1]
        forms = _forms(asks)
        before = self._bound_before(known, choice, forms)
        if before is not None:
            return before
        access = _access_of(known)
        texts = choice.texts.get(forms) or choice.texts.put(forms, [])
        text = next((one for one in texts if one.serves(access)), None)
        if text is None:
            text = self._text(asked_for, asks, access, seen)
            texts.insert(0, text)
            del texts[MOST_FORMS:]
        bound = Bound(text, access, known.here)
        self._bounds.put((id(known), id(choice), forms), (ref(known), choice, bound))
        return bound

    def _bound_before(
        self, known: Known, choice: Choice, forms: tuple[Hashable, ...]
    ) -> Bound | None:
        ready = self._bounds.get((id(known), id(choice), forms))
        if ready is not None and ready[0]() is known and ready[1] is choice:
            return ready[2]
        return None

    def _text(
        self,
        asked_for: tuple[Written, Choice],
        asks: list[Asked],
        access: Access,
        seen: tuple[Standpoint, str],
    ) -> Text:
        (syntax, position), choice = asked_for
        operation, fields = walked = choice.walked
        viewpoint, here = seen
        outline = Outline(viewpoint, access)
        writer = Writer(operation, outline, tuple([one.shape for one in asks]))
        through = [one for ask in asks for one in ask.through]
        try:
            text = query_of(writer, writer.roots(fields), here, through)
        except Unplannable as reason:
            if reason.reason != "ARGUMENT":
                choice.refused = reason
            raise
        if text.tasks is not None and text.tasks.unfinished:
            choice.pin(walked)
        self._prepared.grow((id(syntax), position), len(text.sql))
        return text


def _forms(asks: list[Asked]) -> tuple[Hashable, ...]:
    """Return what the statement's text depends on, as it is kept by."""
    return tuple([_form(one) if one.through else _shape(one) for one in asks])


def _form(one: Asked) -> Hashable:
    return _shape(one), *sorted({mapping.kind for mapping in one.through})


def _shape(one: Asked) -> Hashable:
    return one.shape.key if isinstance(one.shape, WrittenShape) else one.shape


def _access_of(known: Known) -> Access:
    access: Access | None = known.beside.get(_ACCESS)
    if access is None:
        access = known.beside[_ACCESS] = Access(known.loaded.actor, known.loaded.policy)
    return access
