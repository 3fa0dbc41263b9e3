"""Small falsifications of a rulebook, and the proof that one of them changes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from service.policies.rulebooks.conditions import (
    All,
    Among,
    Any,
    Compares,
    Condition,
    Holds,
    Not,
    ParameterTerm,
    Sum,
    Word,
)
from service.policies.rulebooks.diagrams import NEVER
from service.policies.rulebooks.meaning import Meaning, MeantDecision, MeantRule, Settled
from service.policies.rulebooks.reachability import Space
from service.policies.rulebooks.vocabulary.kinds import Field, Words

SHIFTED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One falsified decision, and what was done to it."""

    decision: str
    what: str
    falsified: MeantDecision

    def of(self, meaning: Meaning) -> Meaning:
        """Return the rulebook with the falsified decision in it."""
        return replace(meaning, decisions={**meaning.decisions, self.decision: self.falsified})


def mutants(meaning: Meaning) -> Iterator[Mutant]:
    """Yield every falsification of every decision."""
    for name, decision in meaning.decisions.items():
        for what, rules in _of_rules(decision, meaning):
            yield Mutant(name, what, replace(decision, rules=tuple(rules)))


def difference(meaning: Meaning, mutant: Mutant) -> tuple[Space, int]:
    """Return the facts and choices that get another rule or outcome, as a diagram."""
    original = meaning.decisions[mutant.decision]
    space = Space([original, mutant.falsified], meaning.parameters)
    before, after = _answers(space, original), _answers(space, mutant.falsified)
    diagrams, differs = space.diagrams, NEVER
    for answer in before.keys() | after.keys():
        old, new = before.get(answer, NEVER), after.get(answer, NEVER)
        gone = diagrams.both(old, diagrams.negated(new))
        come = diagrams.both(new, diagrams.negated(old))
        differs = diagrams.either(differs, diagrams.either(gone, come))
    return space, differs


def _answers(space: Space, decision: MeantDecision) -> dict[tuple[object, ...], int]:
    reached = space.reach(decision).reached
    return {
        (meant.rule.id.raw, *sorted(meant.then.items(), key=str)): node
        for meant, node in zip(decision.rules, reached, strict=True)
    }


def _of_rules(decision: MeantDecision, meaning: Meaning) -> Iterator[tuple[str, list[MeantRule]]]:
    rules = list(decision.rules)
    for index, meant in enumerate(rules):
        rule_id = meant.rule.id.raw

        def changed(other: MeantRule, at: int = index) -> list[MeantRule]:
            return [*rules[:at], other, *rules[at + 1 :]]

        for what, when in _of_lines(meant.when):
            yield f"{rule_id}: {what}", changed(replace(meant, when=when))
        for field in decision.words.fields:
            for term in _other_outcomes(field, meant.then[field.name], meaning):
                then = {**meant.then, field.name: term}
                yield f"{rule_id}: {field.name} becomes {term}", changed(replace(meant, then=then))
        if index < len(rules) - 1:
            yield f"{rule_id}: deleted", rules[:index] + rules[index + 1 :]
        if index < len(rules) - 2:
            swapped = [rules[index + 1], meant]
            yield f"{rule_id}: swapped", [*rules[:index], *swapped, *rules[index + 2 :]]


def _of_lines(
    when: tuple[Condition, ...],
) -> Iterator[tuple[str, tuple[Condition, ...]]]:
    for index, line in enumerate(when):
        before, after = when[:index], when[index + 1 :]
        yield f"line {index + 1} dropped", (*before, *after)
        for what, other in _of_condition(line):
            yield f"line {index + 1} {what}", (*before, other, *after)


def _of_condition(line: Condition) -> Iterator[tuple[str, Condition]]:
    yield "negated", Not(line)
    if isinstance(line, Not):
        for what, part in _of_condition(line.part):
            yield f"not: {what}", Not(part)
    elif isinstance(line, All | Any):
        yield "and for or", (Any if isinstance(line, All) else All)(line.parts)
        for index, part in enumerate(line.parts):
            for what, other in _of_condition(part):
                parts = (*line.parts[:index], other, *line.parts[index + 1 :])
                yield f"part {index + 1} {what}", replace(line, parts=parts)
    elif isinstance(line, Compares) and isinstance(line.right, Sum):
        yield "boundary shifted", replace(line, relation=SHIFTED[line.relation])
        for step in (-1, 1):
            right = replace(line.right, constant=line.right.constant + step)
            yield f"boundary moved by {step}", replace(line, right=right)
    elif isinstance(line, Among) and isinstance(line.listed, tuple):
        for word in line.listed:
            left = tuple(other for other in line.listed if other != word)
            yield f"{word} left out", replace(line, listed=left)
    else:
        assert isinstance(line, Holds | Compares | Among)


def _other_outcomes(field: Field, term: Settled, meaning: Meaning) -> Iterator[Settled]:
    if isinstance(term, ParameterTerm):
        yield Word(str(meaning.parameters.values[term.name]))
    elif isinstance(term, Word):
        assert isinstance(field.kind, Words)
        yield from (Word(word) for word in field.kind.words if word != term.text)
    else:
        yield replace(term, constant=term.constant + 1)
        values = meaning.parameters.values
        if term.added:
            fixed = sum(int(str(values[name])) for name in term.added)
            yield Sum(term.constant + fixed, (), term.taken_away)
