"""Answers operations from one statement each, and says which it does not."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Protocol

import orjson
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
)

import service.schema.planner.items  # noqa: F401 - the forms of declarations
from service.schema.planner.access import Access
from service.schema.planner.asks import Seer, asked, made_of
from service.schema.planner.cache import Kept
from service.schema.planner.commanded import Command
from service.schema.planner.finishing import Finishing, finished
from service.schema.planner.finishing import Reading as Besides
from service.schema.planner.mapping import Amount, Finished, Names, Part
from service.schema.planner.payloads import Accesses, Answered, Payload, Showing, composed
from service.schema.planner.plan import TYPENAME, Asked, Operation, Selected, deciding_variables
from service.schema.planner.sql import (
    Outline,
    Writer,
    refuse_unwritten,
)
from service.schema.planner.texts import Bound, Text, text_of
from service.schema.planner.unplannable import Unplannable
from service.schema.planner.variables import Given, Variables, booleans
from service.work import Known, Sight, Standpoint


class Reading(Besides, Protocol):
    """What a planned read needs of its request."""

    @property
    def here(self) -> str:
        """The column that every statement brings besides, to confirm the caller."""

    @property
    def now(self) -> datetime:
        """The instant of the reading."""

    async def known(self, now: datetime) -> Known:
        """Return the caller as he is at an instant."""

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

    async def resolve(self, command: Command, arguments: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a payload
        """Carry a command out and return its payload."""


_MOST_OPERATIONS: Final = 1_000
_MOST_CHOICES: Final = 64
_MOST_TEXTS: Final = 2_000
_MOST_FORMS: Final = 8
_MOST_RUNS: Final = 3
_ACCESS: Final = "access"
_BOUND: Final = "bound"
_MOST_BOUND: Final = 64


class _Choice:
    """An operation under one combination of the variables that decide what is selected."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.fields: list[Selected] = operation.fields()
        # Walked once: whatever takes arguments is known before the first request's are read.
        waiting: list[tuple[Selected, Selected | None]] = [(one, None) for one in self.fields]
        while waiting:
            field, above = waiting.pop()
            if isinstance(field.item, Command):
                waiting += self._below_command(operation, field)
                continue
            refuse_unwritten(field, above)
            if not isinstance(field.item, Amount | Names | Part):
                inside = field if isinstance(field.item, Finished) else above
                waiting += [(one, inside) for one in operation.all_below(field)]
        self.refused: Unplannable | None = None
        self.payloads: list[Payload] = []
        if operation.node.operation is OperationType.MUTATION:
            if len(operation.asks) > len(self.fields):
                # What a payload's own arguments come to is known only inside the transaction.
                raise Unplannable("ARGUMENT", "payload")
            self.payloads = [Payload(operation, one) for one in self.fields]
        self.texts: Kept[tuple[Any, ...], list[Text]] = Kept(_MOST_FORMS)

    @staticmethod
    def _below_command(
        operation: Operation, field: Selected
    ) -> list[tuple[Selected, Selected | None]]:
        """Return what is below a command: results are read, all else the payload keeps."""
        item: Command = field.item
        found: list[tuple[Selected, Selected | None]] = []
        for one in operation.below(field):
            if one.name in item.results:
                found += [(inner, None) for inner in operation.below(one)]
            else:
                found.append((one, field))
        return found


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
        truths = booleans(self._deciding, given) if self._deciding else ()
        known = self._choices.get(truths)
        if known is None:
            settled = dict(zip(self._deciding, truths, strict=True))
            known = _Choice(Operation(self._schema, self.document, self.node, settled))
            self._choices.put(truths, known)
        return known

    def widest(self) -> _Choice:
        """Return the plan of a request that leaves nothing out which a variable could."""
        return self.choice(dict.fromkeys(self._deciding, True))


class Planner:
    """Plans operations of one schema.

    Attributes:
        counts: operations answered, by `sql` or by why they fell back.
    """

    def __init__(self, schema: GraphQLSchema, *, enabled: bool = True) -> None:
        self._schema = schema
        self._enabled = enabled
        self._prepared: Kept[int, _Prepared | Unplannable] = Kept(_MOST_OPERATIONS)
        self._accesses = Accesses()
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
        if node.operation is OperationType.SUBSCRIPTION:
            return Unplannable("OPERATION")
        try:
            return _Prepared(self._schema, document, node)
        except Unplannable as reason:
            return reason

    def beforehand(
        self, document: DocumentNode, node: OperationDefinitionNode
    ) -> Unplannable | None:
        """Plan an operation before anybody asks it; return why not, where it is not planned."""
        try:
            return self._prepare(document, node).widest().refused
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
            now = reading.now
            known = await reading.known(now)
            now = max(now, known.since)
            viewpoint = Standpoint.of(known, now)
            locale = reading.locale_of(known)
            seer = Seer(viewpoint, _access_of(known), locale)
            asks = [asked(one, given, seer) for one in choice.operation.asks]
            bound = self._bound(choice, known, asks, (viewpoint, reading.here))
            values = bound.values(viewpoint, locale, asks)
            here, data = await reading.read(bound.text.sql, values)
            if here == known.here:
                tasks = bound.text.tasks
                through = [one for ask in asks for one in ask.through]
                if tasks is None and not through:
                    return data
                finishing = Finishing(viewpoint, locale, reading)
                await finishing.write_down(through)
                if tasks is None:
                    return data
                return await finished(data, choice.operation, tasks, asks, finishing)
            reading.changed()
        raise Unplannable("CALLER")

    async def carry_out(
        self,
        document: DocumentNode,
        node: OperationDefinitionNode,
        sent: Mapping[str, object],
        commanding: Commanding,
    ) -> Answered:
        """Carry out an operation's commands in their order, each answered from its transaction.

        Raises:
            Unplannable: the reference implementation has to; nothing was done yet.
        """
        prepared = self._prepare(document, node)
        given = prepared.variables.given(sent)
        choice = prepared.choice(given)
        inputs = [made_of(one, one.arguments.of(given)) for one in choice.operation.asks]
        answer: dict[str, Any] = {}
        for payload in choice.payloads:
            field = payload.field
            if field.name == TYPENAME:
                answer[field.key] = choice.operation.root.name
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
        choice: _Choice,
        known: Known,
        asks: list[Asked],
        seen: tuple[Standpoint, str],
    ) -> Bound:
        shapes = tuple([one.shape for one in asks])
        key = (id(choice), shapes)
        mine: Kept[Any, tuple[_Choice, Bound]] | None = known.beside.get(_BOUND)
        if mine is None:
            mine = known.beside[_BOUND] = Kept(_MOST_BOUND)
        ready = mine.get(key)
        if ready is not None and ready[0] is choice:
            return ready[1]
        access = _access_of(known)
        texts = choice.texts.get(shapes) or choice.texts.put(shapes, [])
        text = next((one for one in texts if one.serves(access)), None)
        if text is None:
            viewpoint, here = seen
            outline = Outline(viewpoint, access)
            writer = Writer(choice.operation, outline, shapes)
            try:
                text = text_of(writer, writer.roots(choice.fields), here)
            except Unplannable as reason:
                if reason.reason != "ARGUMENT":
                    choice.refused = reason
                raise
            texts.insert(0, text)
            del texts[_MOST_FORMS:]
        bound = Bound(text, access)
        mine.put(key, (choice, bound))
        return bound


def _access_of(known: Known) -> Access:
    access: Access | None = known.beside.get(_ACCESS)
    if access is None:
        access = known.beside[_ACCESS] = Access(known.loaded.actor, known.loaded.policy)
    return access
