"""A document's syntax tree, which weighs forty bytes a character and is hardly ever needed again.

A planned operation is answered from its plan. What does need the tree (another caller's first plan,
a value of a wrong form, what is not planned at all) reads the text anew; the trees used last are
kept, so that they are not read twice in a row.
"""

from collections import OrderedDict
from typing import Final

from graphql import DocumentNode, OperationDefinitionNode, parse

_MOST_KEPT_CHARACTERS: Final = 30_000


class Syntax:
    """A valid document as it is written."""

    __slots__ = ("_node", "_text")

    def __init__(self, node: DocumentNode, text: str | None = None) -> None:
        """Take a tree, and the text it was read from; one without a text is kept for good."""
        self._node: DocumentNode | None = node
        self._text = text
        if text is not None:
            _recent.use(self, len(text))

    @property
    def node(self) -> DocumentNode:
        """The document's tree."""
        node = self._node
        if self._text is not None:
            if node is None:
                node = self._node = parse(self._text, no_location=True)
            _recent.use(self, len(self._text))
        if node is None:
            raise ValueError("a tree without a text is never put aside")
        return node

    def operation(self, position: int) -> OperationDefinitionNode:
        """Return one of its operations, by the order in which they are written."""
        found = (one for one in self.node.definitions if isinstance(one, OperationDefinitionNode))
        for place, one in enumerate(found):
            if place == position:
                return one
        raise LookupError(position)

    def put_aside(self) -> None:
        """Drop the tree until it is needed."""
        if self._text is not None:
            self._node = None


class _Recent:
    """The trees of this process that were used last, by the length of their texts."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._length = 0
        self._kept: OrderedDict[int, tuple[Syntax, int]] = OrderedDict()

    def use(self, syntax: Syntax, length: int) -> None:
        """Keep a tree, and put those aside that were not used for longest."""
        if id(syntax) in self._kept:
            self._kept.move_to_end(id(syntax))
            return
        self._kept[id(syntax)] = syntax, length
        self._length += length
        while self._length > self._most and len(self._kept) > 1:
            _, (oldest, its_length) = self._kept.popitem(last=False)
            self._length -= its_length
            oldest.put_aside()


_recent: Final = _Recent(_MOST_KEPT_CHARACTERS)
