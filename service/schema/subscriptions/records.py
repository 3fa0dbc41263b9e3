"""What a subscription asks of a record, as a query of its own: that can be one planned statement.

An event's own fields are known before anything is read; only its record is a question to the
database. So the selection below the record is asked as if its id had been looked up. What is put
together in a less plain way is carried out as it is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import orjson
from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    NamedTypeNode,
    NameNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    VariableDefinitionNode,
    VariableNode,
)

from service.schema.documents import Document, Operation
from service.schema.planner.syntax import Syntax

RECORD: Final = "recordOfTheEvent"
_ANSWER: Final = "record"
_OWN: Final = frozenset({"cursor", "at", "changes", "__typename"})


@dataclass(frozen=True, slots=True)
class Found:
    """Where a record is looked up: the query's fields, outermost first; the first takes `id`.

    Attributes:
        event: the name of the event's type.
        kind: the word that the id begins with.
    """

    event: str
    kind: str
    path: tuple[str, ...]


@dataclass(slots=True, eq=False)
class RecordQuery:
    """The query for an event's record.

    Attributes:
        root: the name the subscription's field is answered under.
        event: the name of the event's type.
        field: the event's field that is the record.
        kind: the word that the record's id begins with.
        fields: the names the event's fields are answered under, and the fields, in order.
        document: the query; `RECORD` is the id.
        below: where the record stands in its answer.
        planned: it has not been found yet that it cannot be planned.
    """

    root: str
    event: str
    field: str
    kind: str
    fields: tuple[tuple[str, str], ...]
    document: Document
    below: tuple[str, ...]
    planned: bool = True

    def record(self, data: bytes) -> object:
        """Return the record in the query's answer; None where it is out of sight."""
        found = orjson.loads(data)
        for name in self.below:
            if found is None:
                return None
            found = found[name]
        return found


def record_query(
    document: Document, operation: Operation, field: str, found: Found
) -> RecordQuery | None:
    """Return the query for the record of a subscription's events; None where it is not plain.

    Args:
        document: the subscription's.
        operation: the subscription.
        field: the event's field that is the record.
        found: where it is looked up.
    """
    node = operation.node
    roots = _plain(node.selection_set.selections)
    declared = {one.variable.name.value for one in node.variable_definitions or ()}
    if roots is None or len(roots) != 1 or RECORD in declared:
        return None
    inner = roots[0].selection_set
    selected = _plain(inner.selections) if inner else None
    if selected is None:
        return None
    records = [one for one in selected if one.name.value == field]
    names = [(_answered(one), one.name.value) for one in selected]
    strange = {name for _, name in names} - _OWN - {field}
    if strange or len(records) > 1 or len({answered for answered, _ in names}) < len(names):
        return None
    asked = records[0].selection_set if records else None
    query = _query(node, asked or _selection(_field("__typename")), found.path)
    fragments = [d for d in document.node.definitions if isinstance(d, FragmentDefinitionNode)]
    syntax = Syntax(DocumentNode(definitions=(query, *fragments)))
    made = replace(
        document,
        syntax=syntax,
        names=document.names | set(found.path) | {"__typename"},
        operations=(replace(operation, syntax=syntax, position=0, kind=OperationType.QUERY),),
    )
    return RecordQuery(
        root=_answered(roots[0]),
        event=found.event,
        field=field,
        kind=found.kind,
        fields=tuple(names),
        document=made,
        below=(_ANSWER, *found.path[1:]),
    )


def _plain(selections: Sequence[SelectionNode]) -> list[FieldNode] | None:
    """Return fields without conditions, or None where there is anything else."""
    fields = [one for one in selections if isinstance(one, FieldNode) and not one.directives]
    return fields if len(fields) == len(selections) else None


def _answered(field: FieldNode) -> str:
    return (field.alias or field.name).value


def _query(
    node: OperationDefinitionNode, asked: SelectionSetNode, path: tuple[str, ...]
) -> OperationDefinitionNode:
    record = VariableNode(name=NameNode(value=RECORD))
    below = asked
    for name in reversed(path[1:]):
        below = _selection(_field(name, below))
    root = FieldNode(
        name=NameNode(value=path[0]),
        alias=NameNode(value=_ANSWER),
        arguments=(ArgumentNode(name=NameNode(value="id"), value=record),),
        directives=(),
        selection_set=below,
    )
    given = VariableDefinitionNode(
        variable=record,
        type=NonNullTypeNode(type=NamedTypeNode(name=NameNode(value="ID"))),
        directives=(),
    )
    return OperationDefinitionNode(
        operation=OperationType.QUERY,
        name=node.name,
        variable_definitions=(*(node.variable_definitions or ()), given),
        directives=(),
        selection_set=_selection(root),
    )


def _field(name: str, below: SelectionSetNode | None = None) -> FieldNode:
    named = NameNode(value=name)
    return FieldNode(name=named, arguments=(), directives=(), selection_set=below)


def _selection(field: FieldNode) -> SelectionSetNode:
    return SelectionSetNode(selections=(field,))
