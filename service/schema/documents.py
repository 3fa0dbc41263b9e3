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
class Document:
    """A valid document and every field name in it."""

    node: DocumentNode
    names: frozenset[str]

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """Return the operation to run.

        Raises:
            DocumentInvalid: none of that name, or several and no name.
        """
        operations = [d for d in self.node.definitions if isinstance(d, OperationDefinitionNode)]
        chosen = [
            one for one in operations if name is None or (one.name and one.name.value == name)
        ]
        if len(chosen) != 1:
            raise DocumentInvalid(fault="OPERATION_NOT_CHOSEN")
        return chosen[0]

    def writes(self, name: str | None) -> bool:
        """Tell whether the operation is a mutation."""
        return self.operation(name).operation is OperationType.MUTATION


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
        return Document(node, field_names(node))
