"""Documents, parsed and validated once; only good ones are kept, and only so many."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from service.schema.limits import (
    MOST_CHARACTERS,
    MOST_ERRORS,
    MOST_TOKENS,
    check_limits,
    field_names,
)
from service.schema.pricing import Price, price_of
from service.schema.refusals import DocumentInvalid, DocumentLimit

_MOST_KEPT: Final = 1_000
_RULES: Final[tuple[Any, ...]] = (
    *specified_rules,
    MaybeNullValidationRule,
    OneOfInputValidationRule,
)


class Faults(Exception):
    """A document that is not GraphQL or does not fit the schema."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__(errors)
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a valid document.

    Attributes:
        price: what a request for it costs.
    """

    node: OperationDefinitionNode
    name: str | None
    price: Price

    @property
    def kind(self) -> OperationType:
        """Whether it asks, commands or subscribes."""
        return self.node.operation


@dataclass(frozen=True, slots=True)
class Document:
    """A valid document, its operations and every field name in it.

    Attributes:
        id: `sha256:` and the hash of its text, where it is a trusted one.
    """

    node: DocumentNode
    names: frozenset[str]
    operations: tuple[Operation, ...]
    id: str | None = None

    def asked(self, name: str | None) -> Operation:
        """Return the operation to run.

        Raises:
            DocumentInvalid: none of that name, or several and no name.
        """
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

    def writes(self, name: str | None) -> bool:
        """Tell whether the operation is a mutation."""
        return self.asked(name).kind is OperationType.MUTATION


class Documents:
    """The documents seen last, by their text."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._kept: OrderedDict[str, Document] = OrderedDict()

    def read(self, text: str) -> Document:
        """Return a document ready to run.

        Raises:
            DocumentLimit: it asks too much.
            Faults: it is not GraphQL, or does not fit the schema.
        """
        known = self._kept.get(text)
        if known is None:
            known = self._kept[text] = self._read(text)
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(text)
        return known

    def _read(self, text: str) -> Document:
        if len(text) > MOST_CHARACTERS:
            raise DocumentLimit(what="LETTERS", found=len(text), at_most=MOST_CHARACTERS)
        try:
            node = parse(text, max_lexical_tokens=MOST_TOKENS)
        except GraphQLError as error:
            raise Faults([error]) from error
        check_limits(node)
        errors = validate(self._schema, node, _RULES, max_errors=MOST_ERRORS, hide_suggestions=True)
        if errors:
            raise Faults(errors)
        operations = tuple(
            Operation(one, one.name.value if one.name else None, price_of(self._schema, node, one))
            for one in node.definitions
            if isinstance(one, OperationDefinitionNode)
        )
        return Document(node, field_names(node), operations)
