"""Proposes tests that a document still lacks, as rows that pass on the document as it stands.

What a test of the document, or an earlier proposal, shows already is left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.policies.rulebooks.conditions import named_in
from service.policies.rulebooks.diagrams import NEVER, TooComplex
from service.policies.rulebooks.goals import Aim, Goal, Goals
from service.policies.rulebooks.meaning import Meaning, MeantDecision, MeantRule
from service.policies.rulebooks.parts import Plain
from service.policies.rulebooks.reachability import Space
from service.policies.rulebooks.trials import RULE, facts_of, values_of
from service.policies.rulebooks.vocabulary.kinds import (
    Number,
    ParameterKind,
    ParameterValue,
    Value,
    Words,
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A test the document lacks.

    Attributes:
        test: the row, in the form of the document's own tests.
        aim: what it is for.
        rule: the rule it is about; `other` is the second rule of an overlap.
        line: number of the rule's line, from 1, or 0.
    """

    test: Mapping[str, Plain]
    aim: Aim
    rule: str
    line: int = 0
    other: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """Complete facts and parameters of one test, and the index of the rule that decides."""

    facts: Mapping[str, Value]
    values: Mapping[str, ParameterValue]
    winner: int


def propose(meaning: Meaning) -> tuple[Proposal, ...]:
    """Return the tests a typed document lacks, decision by decision."""
    return tuple(
        proposal
        for decision in meaning.decisions.values()
        for proposal in Cases(meaning, decision).proposals()
    )


class Cases:
    """What the tests of one decision show, and what more there is to show."""

    def __init__(self, meaning: Meaning, decision: MeantDecision) -> None:
        """Begin with the document's own tests of the decision."""
        self._decision = decision
        self._meaning = meaning
        self._values = meaning.parameters.values
        self._cases = [
            self._case(facts_of(decision, trial), values_of(meaning, trial))
            for trial in meaning.document.tests
            if trial.decision.raw == decision.words.name
        ]

    def proposals(self) -> Iterator[Proposal]:
        """Yield what is lacking; ends early where the diagrams would grow too large."""
        try:
            goals = Goals(self._meaning, self._decision)
            seen = [goals.space.places(case.facts, case.values) for case in self._cases]
            for goal in goals.every():
                if not self._shown(goal, goals.space, seen):
                    case = self.example(goal, goals.space)
                    self._cases.append(case)
                    seen.append(goals.space.places(case.facts, case.values))
                    yield self._proposal(case, goal)
            for index, node in enumerate(goals.reach.reached):
                if node != NEVER:
                    yield from self._following(index, *goals.space.example(node))
        except TooComplex:
            return

    def example(self, goal: Goal, space: Space) -> Case:
        """Return a case that reaches a goal, as near to absent facts as can be."""
        facts, choices = space.example(goal.node)
        if goal.exactly is not None:
            name, number = goal.exactly
            facts[name] = number
        return self._case(facts, {**self._values, **choices})

    def shown(self) -> set[tuple[int, int]]:
        """Return the pairs of rules of which a test shows that the first decides."""
        rules = list(enumerate(self._decision.rules[:-1]))
        return {
            (case.winner, index)
            for case in self._cases
            for index, meant in rules[case.winner + 1 :]
            if meant.matches(case.facts, case.values)
        }

    def test(self, case: Case) -> dict[str, Plain]:
        """Return a case as a row of the document's tests, with what its rules answer."""
        given = {
            fact.name: case.facts[fact.name]
            for fact in self._decision.words.facts
            if case.facts[fact.name] != fact.absent
        }
        params: dict[str, Plain] = {
            name: [*value] if isinstance(value, tuple) else value
            for name, value in case.values.items()
            if not _same(value, self._values[name])
        }
        meant = self._decision.rules[case.winner]
        return {
            "decision": self._decision.words.name,
            **({"params": params} if params else {}),
            "given": {**given},
            "expect": {RULE: meant.rule.id.raw, **meant.outcome(case.values)},
        }

    def _case(self, facts: Mapping[str, Value], values: Mapping[str, ParameterValue]) -> Case:
        winner = self._decision.first_match(facts, values)
        return Case(facts, values, self._decision.rules.index(winner))

    def _shown(self, goal: Goal, space: Space, seen: Sequence[tuple[int, ...] | None]) -> bool:
        """Say whether a case reaches a goal; `seen` are the cases as the diagrams see them."""
        holds, node, exactly = space.diagrams.holds, goal.node, goal.exactly
        return any(
            places is not None
            and holds(node, places)
            and (exactly is None or case.facts[exactly[0]] == exactly[1])
            for case, places in zip(self._cases, seen, strict=True)
        )

    def _proposal(self, case: Case, goal: Goal) -> Proposal:
        ids = [meant.rule.id.raw for meant in self._decision.rules]
        other = ids[goal.other] if goal.other >= 0 else ""
        return Proposal(self.test(case), goal.aim, ids[goal.rule], goal.line, other)

    def _following(
        self, index: int, facts: Mapping[str, Value], choices: Mapping[str, ParameterValue]
    ) -> Iterator[Proposal]:
        """Yield tests that a rule's outcome follows the parameters it names."""
        meant = self._decision.rules[index]
        for name in sorted({name for term in meant.then.values() for name in named_in(term)}):
            if any(self._follows(case, index, name) for case in self._cases):
                continue
            for value in _others(self._meaning.parameters.kinds[name], self._values[name]):
                case = self._case(facts, {**self._values, **choices, name: value})
                if case.winner == index and self._changes(meant, case):
                    self._cases.append(case)
                    yield Proposal(self.test(case), "PARAMETER", meant.rule.id.raw)
                    break

    def _follows(self, case: Case, index: int, name: str) -> bool:
        return case.winner == index and not _same(case.values[name], self._values[name])

    def _changes(self, meant: MeantRule, case: Case) -> bool:
        """Say whether the outcome is another one, and one that the product admits."""
        outcome = meant.outcome(case.values)
        fields = self._decision.words.fields
        admitted = all(field.kind.admits(outcome[field.name]) for field in fields)
        return admitted and outcome != meant.outcome(self._values)


def _same(value: ParameterValue, other: ParameterValue) -> bool:
    if isinstance(value, tuple) and isinstance(other, tuple):
        return set(value) == set(other)
    return value == other


def _others(kind: ParameterKind, value: ParameterValue) -> Iterator[ParameterValue]:
    """Yield a few other values of a parameter: its neighbours, its bounds, its other words."""
    if isinstance(kind, Words):
        yield from (word for word in kind.words if word != value)
    elif isinstance(kind, Number) and isinstance(value, int):
        near = (value + 1, value - 1, kind.least, kind.most)
        yield from (other for other in near if other != value and kind.admits(other))
