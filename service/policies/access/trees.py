"""Org units and territories as trees: is one node inside the sub-tree of another?"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID


class TreeCycle(Exception):
    """Some nodes are their own ancestors, so the tree cannot be walked."""

    def __init__(self, nodes: tuple[UUID, ...]) -> None:
        super().__init__(f"{len(nodes)} nodes lie on or below a cycle")
        self.nodes = nodes


@dataclass(frozen=True, slots=True)
class Drawn:
    """How long a tree stands as it does by the clock alone: half-open, None is without end.

    A tree that was to change at midnight is another then, though nobody has changed anything.
    """

    begins: datetime | None = None
    ends: datetime | None = None

    def lasts(self, instant: datetime) -> bool:
        """Tell whether the tree is the same at an instant."""
        begun = self.begins is None or self.begins <= instant
        return begun and (self.ends is None or instant < self.ends)


FOR_EVER: Final = Drawn()


@dataclass(frozen=True, slots=True)
class Tree:
    """A forest laid out in preorder: a sub-tree is a slice, so memory stays linear in the nodes.

    A set of descendants per node would cost the sum of all depths: a chain of 10,000 units,
    which a tenant can make, would be 50 million entries.
    """

    order: tuple[UUID, ...]
    spans: Mapping[UUID, tuple[int, int]]

    def contains(self, root: UUID | None, node: UUID | None) -> bool:
        """Say whether the node is the root or lies below it; a node is always inside itself."""
        if root is None or node is None:
            return False
        span, place = self.spans.get(root), self.spans.get(node)
        if span is None or place is None:
            return root == node
        return span[0] <= place[0] < span[1]

    def below(self, root: UUID) -> tuple[UUID, ...]:
        """Return the root and everything below it; a node nobody knows stands alone."""
        span = self.spans.get(root)
        return (root,) if span is None else self.order[span[0] : span[1]]

    def holding(self, nodes: Collection[UUID]) -> UUID | None:
        """Return the lowest node that has all of some in its sub-tree; None where none has."""
        if len(set(nodes)) == 1:
            return next(iter(nodes))
        places = [span[0] for node in nodes if (span := self.spans.get(node)) is not None]
        if not nodes or len(places) < len(nodes):
            return None
        first, last = min(places), max(places)
        found = [
            (until - begin, node)
            for node, (begin, until) in self.spans.items()
            if begin <= first and last < until
        ]
        return min(found, default=(0, None))[1]


def plant(parents: Mapping[UUID, UUID | None]) -> Tree:
    """Lay the nodes out from each node's parent; a parent that is not a node itself counts as none.

    Raises:
        TreeCycle: some nodes are their own ancestors.
    """
    children: dict[UUID, list[UUID]] = {}
    roots: list[UUID] = []
    for node, parent in parents.items():
        if parent is None or parent not in parents:
            roots.append(node)
        else:
            children.setdefault(parent, []).append(node)
    order: list[UUID] = []
    spans: dict[UUID, tuple[int, int]] = {}
    # Not recursive: the depth is the tenant's to choose.
    walk: list[tuple[UUID, int, Iterator[UUID]]] = []
    for root in roots:
        _enter(root, children, order, walk)
        while walk:
            node, start, rest = walk[-1]
            child = next(rest, None)
            if child is None:
                spans[node] = (start, len(order))
                walk.pop()
            else:
                _enter(child, children, order, walk)
    if len(order) < len(parents):
        raise TreeCycle(tuple(node for node in parents if node not in spans))
    return Tree(tuple(order), MappingProxyType(spans))


def _enter(
    node: UUID,
    children: Mapping[UUID, list[UUID]],
    order: list[UUID],
    walk: list[tuple[UUID, int, Iterator[UUID]]],
) -> None:
    walk.append((node, len(order), iter(children.get(node, ()))))
    order.append(node)
