"""An operation made ready: under each choice of its directives, and for one request of it."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from graphql import GraphQLSchema, OperationType

from service.schema.planner.cache import Few, Kept
from service.schema.planner.commanded import Command
from service.schema.planner.finishing import without_owners
from service.schema.planner.mapping import Amount, Finished, Names, Part
from service.schema.planner.noting import Request
from service.schema.planner.payloads import Payload
from service.schema.planner.plan import Asked, Operation, Selected, deciding_variables
from service.schema.planner.sql import refuse_unwritten
from service.schema.planner.syntax import Syntax
from service.schema.planner.texts import Bound, Text
from service.schema.planner.unplannable import Unplannable
from service.schema.planner.variables import Given, Variables, booleans
from service.work import Known, Standpoint

MOST_FORMS: Final = 8
_MOST_CHOICES: Final = 64

Written: TypeAlias = tuple[Syntax, int]
"""An operation as it is written: its document, and which of its operations it is."""
Walked: TypeAlias = tuple[Operation, list[Selected]]
"""An operation under one choice of its directives, and its root fields."""


class Choice:
    """An operation under one combination of the variables that decide what is selected.

    What was walked is put aside once a text is written, unless answers are finished by it: only
    another caller's first text needs it again.

    Attributes:
        asks: the fields with arguments; in whichever walk, they are met in this order.
        root: the name of the type its root fields are of.
    """

    __slots__ = (
        *("_pinned", "_recent", "_schema", "_truths", "_written"),
        *("asks", "payloads", "refused", "root", "texts"),
    )

    def __init__(
        self,
        schema: GraphQLSchema,
        written: Written,
        truths: Mapping[str, bool],
        recent: "Kept[int, tuple[Choice, Walked]]",
    ) -> None:
        self._schema = schema
        self._written = written
        self._truths = truths
        self._recent = recent
        self._pinned: Walked | None = None
        operation, fields = walked = self._walk()
        self.asks = operation.asks
        self.root = operation.root.name
        self.refused: Unplannable | None = None
        self.payloads: list[Payload] = []
        if operation.node.operation is OperationType.MUTATION:
            if len(operation.asks) > len(fields):
                # What a payload's own arguments come to is known only inside the transaction.
                raise Unplannable("ARGUMENT", "payload")
            self._pinned = walked
            self.payloads = [Payload(operation, one) for one in fields]
        recent.put(id(self), (self, walked))
        self.texts: Few[tuple[Any, ...], list[Text]] = Few(MOST_FORMS)

    @property
    def walked(self) -> Walked:
        """The operation with its fields, walked again where it was put aside."""
        if self._pinned is not None:
            return self._pinned
        known = self._recent.get(id(self))
        if known is not None and known[0] is self:
            return known[1]
        return self._recent.put(id(self), (self, self._walk()))[1]

    def pin(self, walked: Walked) -> None:
        """Keep what was walked: the answers of a text are finished by it."""
        self._pinned = walked

    def _walk(self) -> Walked:
        syntax, position = self._written
        node = syntax.operation(position)
        operation = Operation(self._schema, syntax.node, node, self._truths)
        fields = operation.fields()
        # Walked once: whatever takes arguments is known before the first request's are read.
        waiting: list[tuple[Selected, Selected | None]] = [(one, None) for one in fields]
        while waiting:
            field, above = waiting.pop()
            if isinstance(field.item, Command):
                waiting += self._below_command(operation, field)
                continue
            refuse_unwritten(field, above)
            if not isinstance(field.item, Amount | Names | Part):
                inside = field if isinstance(field.item, Finished) else above
                waiting += [(one, inside) for one in operation.all_below(field)]
        return operation, fields

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


class Prepared:
    """An operation of a document, with its plans."""

    __slots__ = ("_choices", "_deciding", "_recent", "_schema", "_written", "variables")

    def __init__(
        self,
        schema: GraphQLSchema,
        written: Written,
        recent: "Kept[int, tuple[Choice, Walked]]",
    ) -> None:
        syntax, position = written
        node = syntax.operation(position)
        if node.operation is OperationType.SUBSCRIPTION:
            raise Unplannable("OPERATION")
        self.variables = Variables(schema, node)
        self._schema = schema
        self._written = written
        self._recent = recent
        self._deciding = deciding_variables(syntax.node, node)
        self._choices: Few[tuple[bool, ...], Choice] = Few(_MOST_CHOICES)

    def choice(self, given: Given) -> Choice:
        """Return the plan for a request's variables."""
        truths = booleans(self._deciding, given) if self._deciding else ()
        known = self._choices.get(truths)
        if known is None:
            settled = dict(zip(self._deciding, truths, strict=True))
            known = Choice(self._schema, self._written, settled, self._recent)
            self._choices.put(truths, known)
        return known

    def widest(self) -> Choice:
        """Return the plan of a request that leaves nothing out which a variable could."""
        return self.choice(dict.fromkeys(self._deciding, True))


class Ready(NamedTuple):
    """A statement that is written, and what one request of one caller puts into it.

    Attributes:
        choice: the operation as its directives are settled.
    """

    known: Known
    choice: Choice
    bound: Bound
    asks: list[Asked]
    viewpoint: Standpoint
    locale: str

    @property
    def sql(self) -> str:
        """Return the statement."""
        return self.bound.text.sql

    def values(self, request: Request) -> list[object]:
        """Return its values for a request, which is named where it is written down."""
        return self.bound.values(self.viewpoint, self.locale, self.asks, request)

    @property
    def whole(self) -> bool:
        """Whether nothing is left to be made of its answer."""
        tasks = self.bound.text.tasks
        return tasks is None or not tasks.unfinished

    def shown(self, data: bytes) -> bytes:
        """Return what is shown of its answer, where that is whole."""
        return data if self.bound.text.tasks is None else without_owners(data)
