"""Runs the tests a document brings along; a version is published only if all of them pass."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from service.policies.rulebooks.meaning import Meaning, MeantDecision
from service.policies.rulebooks.parameters import describe, settle_parameters
from service.policies.rulebooks.parts import Trial
from service.policies.rulebooks.problems import MOST_PROBLEMS, Position, Problem, nearest
from service.policies.rulebooks.reading import Text
from service.policies.rulebooks.rulebook import Rulebook
from service.policies.rulebooks.vocabulary.kinds import Fact, Flag, Number, ParameterValue, Value

RULE = "rule"
_NUMBER = re.compile(r"-?\d{1,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class TrialFailure:
    """A test of a document whose decision came out otherwise."""

    at: Position
    decision: str
    expected: Mapping[str, str]
    answered: Mapping[str, str]


def run_tests(rulebook: Rulebook) -> list[TrialFailure]:
    """Run the tests of a document that `check` found free of problems; return those that fail."""
    return list(failures(rulebook.meaning, rulebook.meaning.document.tests))


def failures(meaning: Meaning, trials: Iterable[Trial]) -> Iterator[TrialFailure]:
    """Run tests against a typed document one by one; each may override parameters for itself."""
    for trial in trials:
        values = values_of(meaning, trial)
        answered = _answered(meaning.decisions[trial.decision.raw], trial, values)
        expected = {name: text.raw for name, text in trial.expect.items()}
        if any(answered[name] != raw for name, raw in expected.items()):
            yield TrialFailure(trial.at, trial.decision.raw, expected, answered)


def trial_problems(meaning: Meaning, trial: Trial) -> list[Problem]:
    """Return what makes a test unreadable: names and values that do not exist."""
    decision = meaning.decisions.get(trial.decision.raw)
    if decision is None:
        near = nearest(trial.decision.raw, meaning.vocabulary.decisions)
        return [Problem("UNKNOWN_DECISION", trial.decision.at, {"name": trial.decision.raw}, near)]
    problems = _settled(meaning, trial)[1]
    for name, text in islice(trial.given.items(), MOST_PROBLEMS):
        fact = decision.words.fact(name)
        if fact is None:
            near = nearest(name, [known.name for known in decision.words.facts])
            problems.append(Problem("UNKNOWN_NAME", text.at, {"name": name}, near))
        elif not fact.kind.admits(_fact_value(fact, text)):
            values = {"found": text.raw, "expected": describe(fact.kind)}
            problems.append(Problem("WRONG_TYPE", text.at, values))
    return problems + _expectation_problems(decision, trial)


def _expectation_problems(decision: MeantDecision, trial: Trial) -> list[Problem]:
    problems = []
    ids = [meant.rule.id.raw for meant in decision.rules]
    for name, text in islice(trial.expect.items(), MOST_PROBLEMS):
        if name == RULE and text.raw not in ids:
            values = {"id": text.raw, "name": decision.words.name}
            problems.append(Problem("UNKNOWN_RULE", text.at, values, nearest(text.raw, ids)))
        elif name != RULE and decision.words.field(name) is None:
            near = nearest(name, [field.name for field in decision.words.fields])
            problems.append(Problem("UNKNOWN_OUTCOME", text.at, {"name": name}, near))
    return problems


def _settled(meaning: Meaning, trial: Trial) -> tuple[Mapping[str, ParameterValue], list[Problem]]:
    if not trial.params:
        return meaning.parameters.values, []
    overrides: dict[str, str | tuple[str, ...]] = {
        name: value.raw if isinstance(value, Text) else tuple(word.raw for word in value)
        for name, value in trial.params.items()
    }
    key = frozenset(overrides.items())
    known = meaning.overridden.get(key)
    if known is not None:
        return known, []
    parameters, problems = settle_parameters(meaning.document.params, {}, overrides)
    if not problems:
        meaning.overridden[key] = parameters.values
    placed = [replace(p, at=_parameter_place(trial, p.values["name"])) for p in problems]
    return parameters.values, placed


def _parameter_place(trial: Trial, name: str) -> Position:
    written = trial.params.get(name)
    return written.at if isinstance(written, Text) else trial.at.within("params").within(name)


def facts_of(decision: MeantDecision, trial: Trial) -> dict[str, Value]:
    """Return the complete facts of a test: what it gives, the rest absent."""
    facts = {fact.name: fact.absent for fact in decision.words.facts}
    for fact in decision.words.facts:
        if fact.name in trial.given:
            facts[fact.name] = _fact_value(fact, trial.given[fact.name])
    return facts


def values_of(meaning: Meaning, trial: Trial) -> Mapping[str, ParameterValue]:
    """Return the parameters' values as a test overrides them."""
    return _settled(meaning, trial)[0]


def _answered(
    decision: MeantDecision, trial: Trial, values: Mapping[str, ParameterValue]
) -> dict[str, str]:
    facts = facts_of(decision, trial)
    meant = decision.first_match(facts, values)
    outcome = {name: str(value) for name, value in meant.outcome(values).items()}
    return {RULE: meant.rule.id.raw, **outcome}


def _fact_value(fact: Fact, text: Text) -> Value:
    """Return the value a test writes for a fact; what is none stays text, which no fact admits."""
    if isinstance(fact.kind, Flag) and text.raw in {"true", "false"}:
        return text.raw == "true"
    if isinstance(fact.kind, Number) and _NUMBER.fullmatch(text.raw):
        return int(text.raw)
    return text.raw
