"""What is worth a test in a decision, as diagrams of the facts that would show it.

Each rule; each line, and each part of a line, that alone keeps a rule from matching; each boundary
of a number, one less and one more; each word of a list; each two rules that both match.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from service.policies.rulebooks.conditions import (
    All,
    Among,
    Any,
    Compares,
    Condition,
    FactTerm,
    Leaf,
    Not,
    Sum,
    Word,
    leaves,
)
from service.policies.rulebooks.diagrams import NEVER
from service.policies.rulebooks.evaluating import sum_value
from service.policies.rulebooks.meaning import Meaning, MeantDecision
from service.policies.rulebooks.reachability import Space

Aim = Literal["RULE", "LINE", "BOUNDARY", "OVERLAP", "PARAMETER"]

# A line of more parts is tested as a whole only: its parts cost their square. So are all lines of a
# decision with more parts in all.
MOST_PARTS = 24
MOST_PARTS_IN_ALL = 1_000


@dataclass(frozen=True, slots=True)
class Goal:
    """Facts worth a test.

    Attributes:
        rule: index of the rule it is about; `other` is the second rule of an overlap.
        node: the diagram of the facts that reach it.
        line: number of the rule's line, from 1, or 0.
        exactly: a number fact and the value that must be met, within the diagram.
    """

    aim: Aim
    rule: int
    node: int
    line: int = 0
    other: int = -1
    exactly: tuple[str, int] | None = None


class Goals:
    """The goals of one decision; raises TooComplex beyond the budget of diagrams."""

    def __init__(self, meaning: Meaning, decision: MeantDecision) -> None:
        self._decision = decision
        self._values = meaning.parameters.values
        in_all = sum(1 for rule in decision.rules for line in rule.when for _ in leaves(line))
        self._most_parts = MOST_PARTS if in_all <= MOST_PARTS_IN_ALL else 0
        self.space = Space([decision], meaning.parameters)
        self.reach = self.space.reach(decision)

    def every(self) -> Iterator[Goal]:
        """Yield every goal that facts can reach, the plainest first."""
        for index, node in enumerate(self.reach.reached):
            # A case that no other rule matches shows it best; most rules have one.
            yield from self._reachable(Goal("RULE", index, self._alone(index) or node))
        for goal in self._of_lines():
            yield from self._reachable(goal)
        rules = self._decision.rules
        for goal in self.overlaps():
            # The order of neighbours can be mistaken even where they come to the same.
            if goal.other == goal.rule + 1 or rules[goal.rule].then != rules[goal.other].then:
                yield goal

    def overlaps(self) -> Iterator[Goal]:
        """Yield where two rules both match and the first of them decides."""
        both, last = self.space.diagrams.both, len(self._decision.rules) - 1
        for index in range(last):
            for other in range(index + 1, last):
                node = both(self.reach.reached[index], self.reach.own[other])
                yield from self._reachable(Goal("OVERLAP", index, node, other=other))

    def deciding(self) -> Iterator[Goal]:
        """Yield overlaps as the parameters are set, each with the rule that would decide instead.

        Where a rule between the two matches as well and comes to something else, that one would.
        """
        diagrams = self.space.diagrams
        outcomes = [rule.outcome(self._values) for rule in self._decision.rules]
        for index, reached in enumerate(self.reach.reached[:-1]):
            left = diagrams.both(reached, self.space.as_set())
            for other in range(index + 1, len(outcomes) - 1):
                if outcomes[other] == outcomes[index]:
                    continue
                own = self.reach.own[other]
                node = diagrams.both(left, own)
                yield from self._reachable(Goal("OVERLAP", index, node, other=other))
                left = diagrams.both(left, diagrams.negated(own))

    def _reachable(self, goal: Goal) -> Iterator[Goal]:
        if goal.node != NEVER:
            yield goal

    def _alone(self, index: int) -> int:
        diagrams, node = self.space.diagrams, self.reach.reached[index]
        for other, own in enumerate(self.reach.own[:-1]):
            if other != index:
                node = diagrams.both(node, diagrams.negated(own))
        return node

    def _of_lines(self) -> Iterator[Goal]:
        diagrams, left = self.space.diagrams, self.space.lines(())
        for index, meant in enumerate(self._decision.rules[:-1]):
            for number, line in enumerate(meant.when):
                others = (*meant.when[:number], *meant.when[number + 1 :])
                there = diagrams.both(left, self.space.lines(others))
                yield from self._of_line(line, Goal("LINE", index, there, number + 1))
            left = diagrams.both(left, diagrams.negated(self.reach.own[index]))

    def _of_line(self, line: Condition, goal: Goal) -> Iterator[Goal]:
        """Yield where the line decides, and where each part of it does; `goal` says where it is."""
        diagrams, there = self.space.diagrams, goal.node
        yield self._where(goal, there, Not(line))
        parts = list(leaves(line))
        if len(parts) > self._most_parts:
            return
        for position, leaf in enumerate(parts):
            holding = self.space.lines([_replaced(line, position, All(()))])
            failing = self.space.lines([_replaced(line, position, Any(()))])
            differs = diagrams.either(
                diagrams.both(holding, diagrams.negated(failing)),
                diagrams.both(failing, diagrams.negated(holding)),
            )
            decides = diagrams.both(there, differs)
            yield self._where(goal, decides, leaf)
            yield self._where(goal, decides, Not(leaf))
            yield from self._of_values(leaf, replace(goal, node=decides))

    def _of_values(self, leaf: Leaf, goal: Goal) -> Iterator[Goal]:
        """Yield the numbers around a boundary, and the words of a list."""
        if isinstance(leaf, Among):
            words = leaf.listed if isinstance(leaf.listed, tuple) else ()
            for word in words:
                yield self._where(goal, goal.node, Compares(leaf.left, "is", Word(word)))
        elif (
            isinstance(leaf, Compares)
            and isinstance(leaf.left, FactTerm)
            and isinstance(leaf.right, Sum)
        ):
            yield from self._of_boundary(leaf.left.name, sum_value(leaf.right, self._values), goal)

    def _of_boundary(self, name: str, bound: int, goal: Goal) -> Iterator[Goal]:
        fact = self._decision.words.fact(name)
        for number in (bound, bound - 1, bound + 1):
            if fact is not None and fact.kind.admits(number):
                node = self.space.diagrams.both(goal.node, self.space.among(name, number))
                yield replace(goal, aim="BOUNDARY", node=node, exactly=(name, number))

    def _where(self, goal: Goal, there: int, condition: Condition) -> Goal:
        return replace(goal, node=self.space.diagrams.both(there, self.space.lines([condition])))


def _replaced(condition: Condition, position: int, by: Condition) -> Condition:
    """Return the condition with its leaf of that position, from the left, put as decided."""
    if isinstance(condition, Not):
        return Not(_replaced(condition.part, position, by))
    if isinstance(condition, All | Any):
        parts = []
        for part in condition.parts:
            count = sum(1 for _ in leaves(part))
            parts.append(_replaced(part, position, by) if 0 <= position < count else part)
            position -= count
        return type(condition)(tuple(parts))
    return by
