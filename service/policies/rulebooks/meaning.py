"""What a document says, with every line typed and every outcome settled.

The half-way house of all back ends: the checks, the compiler and the tracer start from a `Meaning`.
"""

import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from service.policies.rulebooks.conditions import Condition, ParameterTerm, Sum, Word
from service.policies.rulebooks.evaluating import Facts, Values, holds, sum_value
from service.policies.rulebooks.heading import head_problems
from service.policies.rulebooks.parameters import (
    Overrides,
    Parameters,
    describe,
    settle_parameters,
)
from service.policies.rulebooks.parts import Decision, Document, Rule
from service.policies.rulebooks.problems import (
    MOST_PROBLEMS,
    Problem,
    RulebookRefused,
    nearest,
)
from service.policies.rulebooks.reading import Text
from service.policies.rulebooks.rotating import settle_order, settle_terms
from service.policies.rulebooks.settling import PREFIX, Scope, settle_condition, settle_sum
from service.policies.rulebooks.vocabulary.kinds import (
    DecisionWords,
    Field,
    Number,
    ParameterValue,
    Vocabulary,
    Words,
)

PLACEHOLDER = re.compile(r"\{([A-Za-z_][\w.]*)\}", re.ASCII)

Settled = Word | ParameterTerm | Sum


@dataclass(frozen=True, slots=True)
class MeantRule:
    """A rule with typed lines and a complete outcome."""

    rule: Rule
    when: tuple[Condition, ...]
    then: Mapping[str, Settled]

    def matches(self, facts: Facts, values: Values) -> bool:
        """Say whether every line holds; facts must be complete."""
        return all(holds(line, facts, values) for line in self.when)

    def outcome(self, values: Values) -> dict[str, int | str]:
        """Return the outcome for the parameters' values."""
        return {name: _settled_value(term, values) for name, term in self.then.items()}


@dataclass(frozen=True, slots=True)
class MeantDecision:
    """A decision whose every rule has a meaning; the last rule is its `otherwise`."""

    words: DecisionWords
    rules: tuple[MeantRule, ...]

    def first_match(self, facts: Facts, values: Values) -> MeantRule:
        """Return the rule that decides; facts must be complete."""
        *rules, otherwise = self.rules
        for meant in rules:
            if meant.matches(facts, values):
                return meant
        return otherwise


@dataclass(frozen=True, slots=True)
class Meaning:
    """A typed document; `decisions` holds those without problems.

    `order` is how turns come, `rotation` on which terms reps take part in it; both are empty
    where the vocabulary has nothing to rotate. `overridden` is what tests that override parameters
    found them to be: many override alike.
    """

    document: Document
    vocabulary: Vocabulary
    parameters: Parameters
    decisions: Mapping[str, MeantDecision]
    order: str
    rotation: Mapping[str, ParameterValue]
    overridden: dict[Hashable, Mapping[str, ParameterValue]] = field(
        default_factory=dict, compare=False, repr=False
    )


def meaning_of(
    document: Document, vocabulary: Vocabulary, overrides: Overrides | None = None
) -> tuple[Meaning, list[Problem]]:
    """Type a whole document against a vocabulary; with everything that is wrong in it."""
    parameters, problems = settle_parameters(
        document.params,
        vocabulary.parameters,
        overrides or {},
        document.at.within("params"),
        vocabulary.optional,
    )
    if document.policy.raw != vocabulary.policy:
        values = {"found": document.policy.raw, "expected": vocabulary.policy}
        problems.append(Problem("WRONG_POLICY", document.policy.at, values))
    order, terms = "", dict[str, ParameterValue]()
    if vocabulary.orders:
        order = settle_order(document, vocabulary, parameters, problems)
        terms |= settle_terms(document, vocabulary, parameters, problems)
    problems += islice(head_problems(document), MOST_PROBLEMS)
    problems += islice(_decision_names(document, vocabulary), MOST_PROBLEMS)
    problems += islice(_duplicate_ids(document), MOST_PROBLEMS)
    decisions = {}
    for name, decision in document.decisions.items():
        words = vocabulary.decisions.get(name)
        if words is not None:
            meant = _decision(decision, Scope(words, parameters.kinds), parameters, problems)
            if meant is not None:
                decisions[name] = meant
    return Meaning(document, vocabulary, parameters, decisions, order, terms), problems


def _settled_value(term: Settled, values: Values) -> int | str:
    if isinstance(term, Word):
        return term.text
    if isinstance(term, Sum):
        return sum_value(term, values)
    return str(values[term.name])


def _decision_names(document: Document, vocabulary: Vocabulary) -> Iterator[Problem]:
    for name, decision in document.decisions.items():
        if name not in vocabulary.decisions:
            near = nearest(name, vocabulary.decisions)
            yield Problem("UNKNOWN_DECISION", decision.at, {"name": name}, near)
    for name, words in vocabulary.decisions.items():
        if words.required and name not in document.decisions:
            at = document.at.within("decisions").within(name)
            yield Problem("MISSING_DECISION", at, {"name": name})


def _duplicate_ids(document: Document) -> Iterator[Problem]:
    seen: set[str] = set()
    for decision in document.decisions.values():
        for rule in decision.all_rules:
            if rule.id.raw in seen:
                yield Problem("DUPLICATE_ID", rule.id.at, {"id": rule.id.raw})
            seen.add(rule.id.raw)


def _decision(
    decision: Decision, scope: Scope, parameters: Parameters, problems: list[Problem]
) -> MeantDecision | None:
    before = len(problems)
    if decision.otherwise is None:
        at = decision.at.within("otherwise")
        problems.append(Problem("MISSING_OTHERWISE", at, {"name": decision.name}))
    rules = tuple(
        _rule(rule, scope, parameters, problems)
        for rule in decision.all_rules
        if len(problems) < MOST_PROBLEMS
    )
    return None if len(problems) > before else MeantDecision(scope.decision, rules)


def _rule(rule: Rule, scope: Scope, parameters: Parameters, problems: list[Problem]) -> MeantRule:
    when = []
    for line in rule.when:
        if len(problems) >= MOST_PROBLEMS:
            break
        try:
            when.append(settle_condition(line, scope))
        except RulebookRefused as refused:
            problems += refused.problems
    then: dict[str, Settled] = {}
    for name, text in rule.then.items():
        field = scope.fields.get(name)
        if field is None:
            near = nearest(name, scope.fields)
            problems.append(Problem("UNKNOWN_OUTCOME", text.at, {"name": name}, near))
            continue
        settled = _outcome(field, text, scope, parameters, problems)
        if settled is not None:
            then[name] = settled
    problems += _unsaid(rule, scope.decision)
    problems += _placeholders(rule, scope)
    left_out = {name: term for name, term in scope.defaults.items() if name not in then}
    return MeantRule(rule, tuple(when), then | left_out)


def _outcome(
    field: Field, text: Text, scope: Scope, parameters: Parameters, problems: list[Problem]
) -> Settled | None:
    if isinstance(field.kind, Words) and text.raw in field.kind.words:
        return Word(text.raw)
    if isinstance(field.kind, Number):
        try:
            settled: Settled = settle_sum(text, scope)
        except RulebookRefused as refused:
            problems += refused.problems
            return None
    else:
        settled = _word(text)
    if _admitted(field, settled, parameters):
        return settled
    values = {"name": field.name, "value": text.raw, "expected": describe(field.kind)}
    near = nearest(text.raw, field.kind.words) if isinstance(field.kind, Words) else None
    problems.append(Problem("WRONG_OUTCOME", text.at, values, near))
    return None


def _word(text: Text) -> Settled:
    if text.raw.startswith(PREFIX):
        return ParameterTerm(text.raw.removeprefix(PREFIX))
    return Word(text.raw)


def _admitted(field: Field, settled: Settled, parameters: Parameters) -> bool:
    if isinstance(settled, ParameterTerm):
        kind = parameters.kinds.get(settled.name)
        words = field.kind.words if isinstance(field.kind, Words) else ()
        return isinstance(kind, Words) and set(kind.words) <= set(words)
    named = (*settled.added, *settled.taken_away) if isinstance(settled, Sum) else ()
    # A parameter without a value has its own problem; the outcome is not blamed for it.
    missing = any(name not in parameters.values for name in named)
    return missing or field.kind.admits(_settled_value(settled, parameters.values))


def _unsaid(rule: Rule, words: DecisionWords) -> Iterator[Problem]:
    for one in words.fields:
        if one.default is None and one.name not in rule.then:
            values = {"id": rule.id.raw, "name": one.name}
            at = rule.at.within("then").within(one.name)
            yield Problem("MISSING_OUTCOME", at, values)


def _placeholders(rule: Rule, scope: Scope) -> Iterator[Problem]:
    for sentence in rule.says.values():
        if "{" not in sentence.raw:
            continue
        # One unknown name is enough of a sentence: it may hold thousands.
        for match in islice(PLACEHOLDER.finditer(sentence.raw), MOST_PROBLEMS):
            name = match[1]
            if not scope.mentions(name):
                values = {"id": rule.id.raw, "name": name}
                at = sentence.at.right(match.start())
                known = {*scope.decision.names, *(PREFIX + one for one in scope.parameters)}
                yield Problem("UNKNOWN_PLACEHOLDER", at, values, nearest(name, known))
