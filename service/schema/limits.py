"""How much one document may ask, counted after fragment expansion, before it is validated."""

from collections.abc import Iterable
from dataclasses import dataclass
from sys import intern
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
)

from service.schema.refusals import Counted, DocumentLimit

MOST_CHARACTERS: Final = 64 * 1024
MOST_TOKENS: Final = 4_000
MOST_DEPTH: Final = 12
MOST_ALIASES: Final = 50
MOST_ROOT_FIELDS: Final = 30
MOST_MUTATIONS: Final = 10
MOST_DIRECTIVES: Final = 20
MOST_ERRORS: Final = 5
MOST_FIELDS: Final = 1_000
MOST_REPEATS: Final = 50
# Fragments inside fragments double with each level; past this the count itself would be the load.
_COUNTED: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Weight:
    """What a selection amounts to."""

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    root_fields: int = 0

    def beside(self, other: "Weight") -> "Weight":
        """Add a selection that stands next to this one."""
        return Weight(
            max(self.depth, other.depth),
            min(self.aliases + other.aliases, _COUNTED),
            min(self.directives + other.directives, _COUNTED),
            min(self.root_fields + other.root_fields, _COUNTED),
        )


def check_limits(document: DocumentNode) -> int:
    """Return how many fields a document has, and refuse one that asks too much.

    A field counts wherever its fragment is spread: so often it is compared, and planned.

    Raises:
        DocumentLimit: names what is too much.
    """
    scales = _Scales(document)
    for operation in document.definitions:
        if isinstance(operation, OperationDefinitionNode):
            weight = scales.weigh(operation.selection_set.selections)
            mutation = operation.operation is OperationType.MUTATION
            _at_most("LEVELS", weight.depth, MOST_DEPTH)
            _at_most("ALIASES", weight.aliases, MOST_ALIASES)
            _at_most("DIRECTIVES", weight.directives, MOST_DIRECTIVES)
            most = MOST_MUTATIONS if mutation else MOST_ROOT_FIELDS
            _at_most("ROOT_FIELDS", weight.root_fields, most)
    return _Places(document).check()


def field_names(document: DocumentNode) -> frozenset[str]:
    """Return every field name of a document, so that a read computes nothing else."""
    names: set[str] = set()
    waiting: list[SelectionNode] = []
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode):
            waiting += definition.selection_set.selections
    while waiting:
        selection = waiting.pop()
        if isinstance(selection, FieldNode):
            # One text for each name, in however many documents it stands.
            names.add(intern(selection.name.value))
        if isinstance(selection, FieldNode | InlineFragmentNode) and selection.selection_set:
            waiting += selection.selection_set.selections
    return frozenset(names)


def _at_most(what: Counted, found: int, limit: int) -> None:
    if found > limit:
        raise DocumentLimit(what=what, found=found, at_most=limit)


class _Scales:
    """Weighs selections; each fragment once, so that nested spreads cost nothing to count."""

    def __init__(self, document: DocumentNode) -> None:
        found = (d for d in document.definitions if isinstance(d, FragmentDefinitionNode))
        self._fragments = {fragment.name.value: fragment for fragment in found}
        self._known: dict[str, Weight] = {}

    def weigh(self, selections: Iterable[SelectionNode]) -> Weight:
        total = Weight()
        for selection in selections:
            total = total.beside(self._one(selection))
        return total

    def _one(self, selection: SelectionNode) -> Weight:
        directives = len(selection.directives or ())
        if isinstance(selection, FieldNode):
            inner = selection.selection_set
            below = self.weigh(inner.selections) if inner else Weight()
            # The standard introspection query is deep; it has its own rule.
            introspection = selection.name.value.startswith("__")
            return Weight(
                depth=0 if introspection else below.depth + 1,
                aliases=below.aliases + (selection.alias is not None),
                directives=below.directives + directives,
                root_fields=1,
            )
        if isinstance(selection, FragmentSpreadNode):
            found = self._spread(selection.name.value)
        else:
            found = self.weigh(selection.selection_set.selections)  # type: ignore[attr-defined]  # an inline fragment
        return found.beside(Weight(directives=directives))

    def _spread(self, name: str) -> Weight:
        known = self._known.get(name)
        if known is None:
            # A fragment inside itself weighs nothing here; validation refuses it.
            self._known[name] = Weight()
            fragment = self._fragments.get(name)
            known = self.weigh(fragment.selection_set.selections) if fragment else Weight()
            self._known[name] = known
        return known


class _Places:
    """Counts how many fields there are, and how many of them are answered at one place.

    Validation compares every two fields of one place: its work grows with the square of them. It
    looks at fragments by themselves too, so each definition is counted.
    """

    def __init__(self, document: DocumentNode) -> None:
        self._definitions = document.definitions
        found = (d for d in document.definitions if isinstance(d, FragmentDefinitionNode))
        self._fragments = {fragment.name.value: fragment for fragment in found}
        self._fields = 0

    def check(self) -> int:
        """Return how many fields there are, and refuse too many.

        Raises:
            DocumentLimit: names what is too much.
        """
        for definition in self._definitions:
            if isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode):
                waiting = [definition.selection_set.selections]
                while waiting:
                    places = self._one_place(waiting.pop())
                    for fields in places.values():
                        _at_most("REPEATS", len(fields), MOST_REPEATS)
                        below = [f.selection_set.selections for f in fields if f.selection_set]
                        if below:
                            waiting.append(tuple(one for inner in below for one in inner))
        return self._fields

    def _one_place(self, selections: tuple[SelectionNode, ...]) -> dict[str, list[FieldNode]]:
        """Return the fields that are answered side by side, by the name of their answer."""
        places: dict[str, list[FieldNode]] = {}
        spread: set[str] = set()
        waiting = list(selections)
        while waiting:
            selection = waiting.pop()
            if isinstance(selection, FieldNode):
                self._fields += 1
                _at_most("FIELDS", self._fields, MOST_FIELDS)
                name = (selection.alias or selection.name).value
                places.setdefault(name, []).append(selection)
            elif isinstance(selection, InlineFragmentNode):
                waiting += selection.selection_set.selections
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in spread:
                # A second spread at one place adds nothing; neither does one inside itself.
                spread.add(selection.name.value)
                fragment = self._fragments.get(selection.name.value)
                waiting += fragment.selection_set.selections if fragment else ()
        return places
