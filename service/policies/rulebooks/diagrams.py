"""Decision diagrams over small finite variables: exact answers to "can this ever hold?".

A node asks one variable and has one child a value; equal nodes are one node, so two conditions mean
the same exactly when they are the same number. The number of nodes is bounded: a document that
would need more is told that it is too complex.
"""

from collections.abc import Callable, Sequence, Set

MOST_NODES = 40_000
MOST_STEPS = 90_000
MOST_VARIABLES = 150
NEVER, ALWAYS = 0, 1


class TooComplex(Exception):
    """The diagrams of a decision grew past the budget."""


class Diagrams:
    """Builds diagrams over variables that are asked in a fixed order."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self._sizes = tuple(sizes)
        # The recursion goes one variable deeper at each step.
        if len(self._sizes) > MOST_VARIABLES:
            raise TooComplex
        end = len(sizes)
        self._nodes: list[tuple[int, tuple[int, ...]]] = [(end, ()), (end, ())]
        self._known: dict[tuple[int, tuple[int, ...]], int] = {}
        self._both: dict[tuple[int, int], int] = {}
        self._negated: dict[int, int] = {NEVER: ALWAYS, ALWAYS: NEVER}

    def literal(self, variable: int, values: Set[int]) -> int:
        """Return the diagram of "the variable has one of these values"."""
        children = (ALWAYS if value in values else NEVER for value in range(self._sizes[variable]))
        return self._node(variable, tuple(children))

    def both(self, left: int, right: int) -> int:
        """Return the diagram of both holding."""
        if NEVER in {left, right}:
            return NEVER
        if left in {ALWAYS, right}:
            return right
        if right == ALWAYS:
            return left
        key = (left, right) if left < right else (right, left)
        if key not in self._both:
            if len(self._both) >= MOST_STEPS:
                raise TooComplex
            self._both[key] = self._split(left, right)
        return self._both[key]

    def negated(self, node: int) -> int:
        """Return the diagram of it not holding."""
        if node not in self._negated:
            variable, children = self._nodes[node]
            self._negated[node] = self._node(variable, tuple(map(self.negated, children)))
        return self._negated[node]

    def either(self, left: int, right: int) -> int:
        """Return the diagram of at least one holding."""
        return self.negated(self.both(self.negated(left), self.negated(right)))

    def holds(self, node: int, places: Sequence[int]) -> bool:
        """Say whether a diagram holds where each variable has the value of that index."""
        nodes = self._nodes
        while node > ALWAYS:
            variable, children = nodes[node]
            node = children[places[variable]]
        return node == ALWAYS

    def example(self, node: int, preferred: Callable[[int], int]) -> dict[int, int]:
        """Return values under which a diagram that can hold does, as near the preferred as can be.

        Variables it does not name may have any value.
        """
        values: dict[int, int] = {}
        while node != ALWAYS:
            variable, children = self._nodes[node]
            wanted = preferred(variable)
            possible = [value for value, child in enumerate(children) if child != NEVER]
            values[variable] = wanted if wanted in possible else possible[0]
            node = children[values[variable]]
        return values

    def _node(self, variable: int, children: tuple[int, ...]) -> int:
        if all(child == children[0] for child in children):
            return children[0]
        key = (variable, children)
        if key not in self._known:
            if len(self._nodes) >= MOST_NODES:
                raise TooComplex
            self._known[key] = len(self._nodes)
            self._nodes.append(key)
        return self._known[key]

    def _split(self, left: int, right: int) -> int:
        """Join two nodes value by value of whichever variable comes first."""
        first, left_children = self._nodes[left]
        second, right_children = self._nodes[right]
        variable = min(first, second)
        size = self._sizes[variable]
        if first > variable:
            left_children = (left,) * size
        if second > variable:
            right_children = (right,) * size
        return self._node(variable, tuple(map(self.both, left_children, right_children)))
