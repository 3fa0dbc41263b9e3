"""What a document must fulfil: the rules of the specification and strawberry's, asked at once."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from graphql import ASTValidationRule, Node, specified_rules
from graphql.language import BREAK, SKIP
from graphql.language.visitor import EnterLeaveVisitor
from graphql.validation import ValidationContext
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule

RULES: Final[tuple[type[Any], ...]] = (*specified_rules, MaybeNullValidationRule)
"""Each of them alone, in the order in which they find faults."""

_Found = tuple[tuple[int, Callable[..., Any]], ...]


class AllRules(ASTValidationRule):
    """All rules as one, which finds the same faults in the same order.

    Asked beside each other, graphql-core looks for the methods of each rule by every kind of node
    again for every document, and goes past all that have none at every node: a third of the time.
    """

    context: ValidationContext

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._rules = [rule(context) for rule in RULES]
        # What each rule looks away from until it is left: a node, or everything that follows.
        self._passed: list[object] = [None] * len(RULES)
        self._passing = 0

    def get_enter_leave_for_kind(self, kind: str) -> EnterLeaveVisitor:
        """Return what is done where a node of a kind begins, and where it ends."""
        known = self.enter_leave_map.get(kind)
        if known is None:
            entering = [(place, one.__get__(self._rules[place])) for place, one in _entering(kind)]
            leaving = [(place, one.__get__(self._rules[place])) for place, one in _leaving(kind)]

            def enter(node: Node, *more: Any) -> None:  # noqa: ANN401 - graphql-core's
                self._ask(entering, node, more, enters=True)

            def leave(node: Node, *more: Any) -> None:  # noqa: ANN401 - graphql-core's
                self._ask(leaving, node, more, enters=False)
                if self._passing:
                    self._end(node)

            known = self.enter_leave_map[kind] = EnterLeaveVisitor(enter, leave)
        return known

    def _ask(self, found: list[Any], node: Node, more: tuple[Any, ...], *, enters: bool) -> None:
        passed = self._passed
        for place, ask in found:
            if passed[place] is None:
                said = ask(node, *more)
                if said is BREAK or said is True:
                    passed[place] = BREAK
                elif enters and (said is SKIP or said is False):
                    passed[place] = node
                    self._passing += 1

    def _end(self, node: Node) -> None:
        """Let the rules that looked away from a node look again."""
        passed = self._passed
        for place, until in enumerate(passed):
            if until is node:
                passed[place] = None
                self._passing -= 1


@cache
def _entering(kind: str) -> _Found:
    return tuple(_methods("enter", kind).items())


@cache
def _leaving(kind: str) -> _Found:
    return tuple(_methods("leave", kind).items())


def _methods(when: str, kind: str) -> Mapping[int, Callable[..., Any]]:
    """Return which rules do something there, by their places; one's own of a kind goes first."""
    found = (
        (place, getattr(rule, f"{when}_{kind}", None) or getattr(rule, when, None))
        for place, rule in enumerate(RULES)
    )
    return {place: method for place, method in found if method is not None}
