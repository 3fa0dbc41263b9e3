"""Answers operations from one statement each, and says which it does not."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, OperationType

import service.schema.planner.items  # noqa: F401 - the forms of declarations
from service.schema.planner.access import Access
from service.schema.planner.asks import Seer, asked
from service.schema.planner.cache import Kept
from service.schema.planner.finishing import Finishing, Tasks, finished
from service.schema.planner.finishing import Reading as Besides
from service.schema.planner.mapping import Amount, Finished, Names, Part
from service.schema.planner.plan import Asked, Operation, Selected, deciding_variables
from service.schema.planner.sql import (
    LOCALE,
    MEMBER,
    NOW,
    TENANT,
    Granted,
    Need,
    Outline,
    Slot,
    Value,
    Writer,
    refuse_unwritten,
)
from service.schema.planner.unplannable import Unplannable
from service.schema.planner.variables import Given, Variables, booleans
from service.schema.planner.walls import refuse_unwalled
from service.work import Known, Standpoint


class Reading(Besides, Protocol):
    """What a planned read needs of its request."""

    @property
    def here(self) -> str:
        """The column that every statement brings besides, to confirm the caller."""

    @property
    def now(self) -> datetime:
        """The instant of the reading."""

    async def known(self) -> Known:
        """Return the caller."""

    def changed(self) -> None:
        """Forget the caller: he is not any more as he was known."""

    def locale_of(self, known: Known) -> str:
        """Return the language of the answer."""

    async def read(self, text: str, values: list[object]) -> tuple[str | None, bytes]:
        """Run a statement; return its `here` and its `data`."""


_MOST_OPERATIONS: Final = 1_000
_MOST_CHOICES: Final = 64
_MOST_TEXTS: Final = 2_000
_MOST_FORMS: Final = 8
_MOST_RUNS: Final = 3
_ACCESS: Final = "access"


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """A statement ready to run for every caller whose conditions read as these."""

    sql: str
    slots: tuple[Slot, ...]
    needs: tuple[Need, ...]
    tasks: Tasks | None

    def serves(self, access: Access) -> bool:
        """Tell whether a caller's conditions read as those the text was written with."""
        return all(
            need.met_by(access.condition(need.action, need.scope, plain=need.plain))
            for need in self.needs
        )


class _Bound:
    """A text with one caller's own values in it."""

    def __init__(self, text: Text, known: Known, access: Access) -> None:
        self.text = text
        self._values: list[object] = []
        self._open: list[tuple[int, int, int]] = []
        self._locales: list[int] = []
        granted = {
            (need.action, id(need.scope), need.plain): access.condition(
                need.action, need.scope, plain=need.plain
            ).parameters
            for need in text.needs
        }
        for position, slot in enumerate(text.slots):
            value: object = None
            match slot:
                case Granted(action, scope, plain, place):
                    value = granted[action, scope, plain][place]
                case Value(ask, place):
                    self._open.append((position, ask, place))
                case _ if slot == LOCALE:
                    self._locales.append(position)
                case _ if slot == TENANT:
                    value = known.caller.tenant_id
                case _ if slot == MEMBER:
                    value = known.loaded.actor.member_id
            self._values.append(value)
        if text.slots[2] != NOW:
            raise Unplannable("OPERATION")

    def values(self, viewpoint: Standpoint, locale: str, asks: list[Asked]) -> list[object]:
        """Return the values of one request."""
        made = self._values.copy()
        made[2] = viewpoint.now
        for position in self._locales:
            made[position] = locale
        for position, ask, place in self._open:
            made[position] = asks[ask].values[place]
        return made


class _Choice:
    """An operation under one combination of the variables that decide what is selected."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.fields: list[Selected] = operation.fields()
        # Walked once: whatever takes arguments is known before the first request's are read.
        waiting: list[tuple[Selected, Selected | None]] = [(one, None) for one in self.fields]
        while waiting:
            field, above = waiting.pop()
            refuse_unwritten(field, above)
            if not isinstance(field.item, Amount | Names | Part):
                inside = field if isinstance(field.item, Finished) else above
                waiting += [(one, inside) for one in operation.all_below(field)]
        self.refused: Unplannable | None = None
        self.texts: Kept[tuple[Any, ...], list[Text]] = Kept(_MOST_FORMS)


class _Prepared:
    """An operation of a document, with its plans."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, node: OperationDefinitionNode
    ) -> None:
        self.document = document
        self.node = node
        self.variables = Variables(schema, node)
        self._schema = schema
        self._deciding = deciding_variables(document, node)
        self._choices: Kept[tuple[bool, ...], _Choice] = Kept(_MOST_CHOICES)

    def choice(self, given: Given) -> _Choice:
        """Return the plan for a request's variables."""
        truths = booleans(self._deciding, given)
        known = self._choices.get(truths)
        if known is None:
            settled = dict(zip(self._deciding, truths, strict=True))
            known = _Choice(Operation(self._schema, self.document, self.node, settled))
            self._choices.put(truths, known)
        return known


class Planner:
    """Plans operations of one schema.

    Attributes:
        counts: operations answered, by `sql` or by why they fell back.
    """

    def __init__(self, schema: GraphQLSchema, *, enabled: bool = True) -> None:
        self._schema = schema
        self._enabled = enabled
        self._prepared: Kept[int, _Prepared | Unplannable] = Kept(_MOST_OPERATIONS)
        self.counts: Counter[str] = Counter()

    def _prepare(self, document: DocumentNode, node: OperationDefinitionNode) -> _Prepared:
        if not self._enabled:
            raise Unplannable("OFF")
        known = self._prepared.get(id(node))
        if known is None:
            known = self._prepared.put(id(node), self._looked_over(document, node))
        if isinstance(known, Unplannable):
            raise Unplannable(known.reason, known.what)
        return known

    def _looked_over(
        self, document: DocumentNode, node: OperationDefinitionNode
    ) -> _Prepared | Unplannable:
        if node.operation is not OperationType.QUERY:
            return Unplannable("OPERATION")
        try:
            return _Prepared(self._schema, document, node)
        except Unplannable as reason:
            return reason

    async def answer(
        self,
        document: DocumentNode,
        node: OperationDefinitionNode,
        sent: Mapping[str, object],
        reading: Reading,
    ) -> bytes:
        """Answer a query with the JSON of its `data`.

        Raises:
            Unplannable: the reference implementation has to.
        """
        prepared = self._prepare(document, node)
        given = prepared.variables.given(sent)
        choice = prepared.choice(given)
        if choice.refused is not None:
            raise Unplannable(choice.refused.reason, choice.refused.what)
        for _ in range(_MOST_RUNS):
            known = await reading.known()
            viewpoint = Standpoint.of(known, reading.now)
            locale = reading.locale_of(known)
            seer = Seer(viewpoint, _access_of(known), locale)
            asks = [asked(one, given, seer) for one in choice.operation.asks]
            bound = self._bound(choice, known, asks, reading)
            values = bound.values(viewpoint, locale, asks)
            here, data = await reading.read(bound.text.sql, values)
            if here is not None and known.is_still(here):
                tasks = bound.text.tasks
                finishing = Finishing(viewpoint, locale, reading)
                await finishing.write_down(one for ask in asks for one in ask.through)
                if tasks is None:
                    return data
                return await finished(data, choice.operation, tasks, asks, finishing)
            reading.changed()
        raise Unplannable("CALLER")

    def _bound(
        self,
        choice: _Choice,
        known: Known,
        asks: list[Asked],
        reading: Reading,
    ) -> _Bound:
        shapes = tuple(one.shape for one in asks)
        key = (id(choice), shapes)
        mine: Kept[Any, tuple[_Choice, _Bound]] = known.beside.setdefault("bound", Kept(64))
        ready = mine.get(key)
        if ready is not None and ready[0] is choice:
            return ready[1]
        access = _access_of(known)
        texts = choice.texts.get(shapes) or choice.texts.put(shapes, [])
        text = next((one for one in texts if one.serves(access)), None)
        if text is None:
            outline = Outline(Standpoint.of(known, reading.now), access)
            writer = Writer(choice.operation, outline, shapes)
            try:
                text = _written(writer, choice.fields, reading.here)
            except Unplannable as reason:
                if reason.reason != "ARGUMENT":
                    choice.refused = reason
                raise
            texts.insert(0, text)
            del texts[_MOST_FORMS:]
        bound = _Bound(text, known, access)
        mine.put(key, (choice, bound))
        return bound


def _written(writer: Writer, fields: list[Selected], here: str) -> Text:
    body = writer.roots(fields)
    sql = f"SELECT {here}, json_send(({body})) AS data"
    refuse_unwalled(sql)
    outline = writer.outline
    tasks = Tasks(writer.unfinished, writer.watched)
    return Text(sql, outline.slots, tuple(outline.needs.values()), tasks if any(tasks) else None)


def _access_of(known: Known) -> Access:
    access: Access | None = known.beside.get(_ACCESS)
    if access is None:
        access = known.beside[_ACCESS] = Access(known.loaded.actor, known.loaded.policy)
    return access
