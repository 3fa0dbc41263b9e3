"""Documents, parsed and validated once; only good ones are kept, and only so many."""

import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    parse,
    validate,
)

from service.schema.deprecations import NOTHING, Uses, uses_of
from service.schema.limits import (
    MOST_CHARACTERS,
    MOST_ERRORS,
    MOST_TOKENS,
    check_limits,
    field_names,
)
from service.schema.planner.syntax import Syntax
from service.schema.pricing import Price, is_bulk, is_reference, price_of
from service.schema.refusals import DocumentInvalid, DocumentLimit, DocumentUnknown
from service.schema.trusted import Registered
from service.schema.validation import AllRules

_log = logging.getLogger(__name__)
_MOST_KEPT: Final = 2_000
# With its price and its names, and its tree put aside, a character weighs about ten bytes.
_MOST_KEPT_CHARACTERS: Final = 1_000_000
_MOST_ALIKE: Final = 512
_TOO_LONG: Final = f"Syntax Error: Document contains more than {MOST_TOKENS} tokens"


class Faults(Exception):
    """A document that is not GraphQL or does not fit the schema."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(errors)
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a valid document.

    Attributes:
        position: which of the document's operations it is.
        kind: whether it asks, commands or subscribes.
        price: what a request for it costs.
        reference: it asks for nothing but what hardly ever changes.
        bulk: it is a command of thousands of items.
    """

    syntax: Syntax
    position: int
    name: str | None
    kind: OperationType
    price: Price
    reference: bool
    bulk: bool

    @property
    def node(self) -> OperationDefinitionNode:
        """The operation as it is written."""
        return self.syntax.operation(self.position)


@dataclass(frozen=True, slots=True)
class Document:
    """A valid document, its operations and every field name in it.

    Attributes:
        fields: how many it has, those of a fragment wherever it is spread.
        id: `sha256:` and the hash of its text, where it is a trusted one.
        deprecated: what it uses of what is to be removed.
    """

    syntax: Syntax
    names: frozenset[str]
    operations: tuple[Operation, ...]
    fields: int
    id: str | None = None
    deprecated: Uses = NOTHING

    @property
    def node(self) -> DocumentNode:
        """The document as it is written."""
        return self.syntax.node

    def asked(self, name: str | None) -> Operation:
        """Return the operation to run.

        Raises:
            DocumentInvalid: none of that name, or several and no name.
        """
        if name is None and len(self.operations) == 1:
            return self.operations[0]
        chosen = [one for one in self.operations if name is None or one.name == name]
        if len(chosen) != 1:
            raise DocumentInvalid(fault="OPERATION_NOT_CHOSEN")
        return chosen[0]

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """Return the operation to run, as it is written.

        Raises:
            DocumentInvalid: none of that name, or several and no name.
        """
        return self.asked(name).node

    @property
    def bulk(self) -> bool:
        """Whether its body may be longer than others."""
        return any(one.bulk for one in self.operations)

    def writes(self, name: str | None) -> bool:
        """Tell whether the operation is a mutation."""
        return self.asked(name).kind is OperationType.MUTATION


class Documents:
    """The trusted documents, and of the others those seen last, by their text."""

    def __init__(
        self, schema: GraphQLSchema, trusted: Mapping[str, Registered] | None = None
    ) -> None:
        """Read every trusted document now, so that its first request is a fast one."""
        self._schema = schema
        self._kept: OrderedDict[str, Document] = OrderedDict()
        self._characters = 0
        self._trusted: dict[str, Document | Faults | DocumentLimit] = {}
        for name, registered in (trusted or {}).items():
            self._trusted[name] = found = self._registered(registered)
            if not isinstance(found, Document):
                releases = ", ".join(map(str, registered.releases))
                _log.warning("the trusted document %s of %s: %s", name, releases, found)

    @property
    def trusted(self) -> Mapping[str, "Document | Faults | DocumentLimit"]:
        """The trusted documents by their ids; instead of one that is broken, what is wrong."""
        return self._trusted

    def named(self, name: str) -> Document:
        """Return a trusted document.

        Raises:
            DocumentUnknown: no client's manifest has it.
            DocumentLimit, Faults: a manifest has it, but it can not run.
        """
        found = self._trusted.get(name)
        if found is None:
            raise DocumentUnknown
        if not isinstance(found, Document):
            raise found
        return found

    def trusted_ask(self, field: str) -> bool:
        """Tell whether a trusted document asks for a field of that name."""
        return any(
            field in found.names for found in self._trusted.values() if isinstance(found, Document)
        )

    def kept(self, text: str) -> Document | None:
        """Return a document that was read before, if it is still kept."""
        known = self._kept.get(text)
        if known is not None:
            self._kept.move_to_end(text)
        return known

    def read(self, text: str) -> Document:
        """Return a document ready to run.

        Raises:
            DocumentLimit: it asks too much.
            Faults: it is not GraphQL, or does not fit the schema.
        """
        known = self.kept(text)
        if known is None:
            known = self._kept[text] = self._read(text)
            self._characters += len(text)
            while len(self._kept) > _MOST_KEPT or self._characters > _MOST_KEPT_CHARACTERS:
                forgotten, _ = self._kept.popitem(last=False)
                self._characters -= len(forgotten)
        return known

    def _registered(self, registered: Registered) -> "Document | Faults | DocumentLimit":
        try:
            return replace(self._read(registered.text), id=registered.id)
        except (Faults, DocumentLimit) as wrong:
            return wrong

    def _read(self, text: str) -> Document:
        if len(text) > MOST_CHARACTERS:
            raise DocumentLimit(what="LETTERS", found=len(text), at_most=MOST_CHARACTERS)
        node = _parsed(text, places=False)
        fields = check_limits(node)
        if self._faults(node):
            # Places double what a document weighs in memory, so only a faulty one is given them.
            raise Faults(self._faults(_parsed(text, places=True)))
        syntax = Syntax(node, text)
        found = (one for one in node.definitions if isinstance(one, OperationDefinitionNode))
        operations = tuple(
            Operation(
                syntax,
                position,
                one.name.value if one.name else None,
                one.operation,
                _price_like(price_of(self._schema, node, one)),
                is_reference(self._schema, one),
                is_bulk(self._schema, one),
            )
            for position, one in enumerate(found)
        )
        return Document(
            syntax,
            _names_like(field_names(node)),
            operations,
            fields,
            deprecated=uses_of(self._schema, node),
        )

    def _faults(self, node: DocumentNode) -> list[GraphQLError]:
        return validate(
            self._schema, node, [AllRules], max_errors=MOST_ERRORS, hide_suggestions=True
        )


@lru_cache(_MOST_ALIKE)
def _names_like(names: frozenset[str]) -> frozenset[str]:
    """Return the same names as another document has them: many differ in nothing but a name."""
    return names


@lru_cache(_MOST_ALIKE)
def _price_like(price: Price) -> Price:
    """Return the same price as another operation has it."""
    return price


def _parsed(text: str, *, places: bool) -> DocumentNode:
    try:
        return parse(text, max_lexical_tokens=MOST_TOKENS, no_location=not places)
    except GraphQLError as error:
        if error.message.startswith(_TOO_LONG):
            # The lexer has stopped: how many there are is not known.
            more = MOST_TOKENS + 1
            raise DocumentLimit(what="TOKENS", found=more, at_most=MOST_TOKENS) from error
        raise Faults([error]) from error
