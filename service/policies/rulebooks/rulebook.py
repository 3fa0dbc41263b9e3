"""A rulebook ready to decide: outcomes, traces and sentences."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from service.policies.rulebooks.evaluating import Facts, holds
from service.policies.rulebooks.meaning import PLACEHOLDER, Meaning, MeantDecision, MeantRule
from service.policies.rulebooks.settling import PREFIX
from service.policies.rulebooks.vocabulary.kinds import Locale, ParameterValue, Value


class FactRefused(ValueError):
    """A fact that the vocabulary does not have, or a value it cannot take: a reader's mistake."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision came to, and by which rule; `clause` is the tenant's own."""

    rule_id: str
    clause: str
    then: Mapping[str, int | str]


class Tried(NamedTuple):
    """One rule that was asked; `failed` is the first line that did not hold, if any."""

    rule_id: str
    clause: str
    failed: str | None


@dataclass(frozen=True, slots=True)
class Trace:
    """Why a decision came out as it did: every rule asked up to the one that decided."""

    outcome: Outcome
    tried: tuple[Tried, ...]


@dataclass(frozen=True, slots=True)
class CompiledDecision:
    """One decision: its function, its outcomes by rule id, what facts not given are.

    The function takes facts by their names and answers None where one cannot be what it is.
    """

    meant: MeantDecision
    function: Callable[..., Outcome | None]
    outcomes: Mapping[str, Outcome]
    absent: Mapping[str, Value]

    def refused(self, facts: Facts) -> FactRefused:
        """Say which of the facts the function took for none of the vocabulary's."""
        known = {fact.name: fact.kind for fact in self.meant.words.facts}
        name, value = next(
            (name, value)
            for name, value in facts.items()
            if name not in known or not known[name].admits(value)
        )
        if name in known:
            return FactRefused(f"{self.meant.words.name}.{name} cannot be {value!r}")
        return FactRefused(f"{self.meant.words.name} does not know {name!r}")


class Rulebook:
    """A compiled document with its parameters; immutable and shared between requests."""

    def __init__(self, meaning: Meaning, decisions: Mapping[str, CompiledDecision]) -> None:
        self._meaning = meaning
        self._decisions = decisions
        self._rules = {
            meant.rule.id.raw: meant
            for decision in decisions.values()
            for meant in decision.meant.rules
        }
        self.parameters: Mapping[str, ParameterValue] = MappingProxyType(
            dict(meaning.parameters.values)
        )

    @property
    def meaning(self) -> Meaning:
        """The typed document this was compiled from."""
        return self._meaning

    @property
    def order(self) -> str:
        """How the operators put the rotation in order."""
        return self._meaning.order

    @property
    def rotation(self) -> Mapping[str, ParameterValue]:
        """The terms by which reps take part in the rotation, as the document names them."""
        return self._meaning.rotation

    def parameter(self, name: str) -> ParameterValue:
        """Return a parameter's value; KeyError names one the document does not have."""
        return self.parameters[name]

    def decide(self, name: str, facts: Facts) -> Outcome:
        """Decide on facts; those left out count as absent.

        Raises:
            FactRefused: a fact is unknown to the decision or has a value it cannot have.
        """
        decision = self._decisions[name]
        try:
            outcome = decision.function(**facts)
        except TypeError as error:
            raise decision.refused(facts) from error
        if outcome is None:
            raise decision.refused(facts)
        return outcome

    def trace(self, name: str, facts: Facts) -> Trace:
        """Decide again, slowly, and tell of each rule asked which line failed."""
        decision = self._decisions[name]
        outcome = self.decide(name, facts)
        complete = {**decision.absent, **facts}
        tried: list[Tried] = []
        failed: str | None = ""
        rules = iter(decision.meant.rules)
        # Ends at the latest with the `otherwise`, which has no lines to fail.
        while failed is not None:
            meant = next(rules)
            failed = self._failed(meant, complete)
            tried.append(Tried(meant.rule.id.raw, meant.rule.source.raw, failed))
        return Trace(outcome, tuple(tried))

    def says(self, rule_id: str, locale: Locale, names: Mapping[str, str] | None = None) -> str:
        """Return the sentence of a rule; names not given stay between their braces."""
        known = dict(names or {})

        def replacement(name: str) -> str:
            if name.startswith(PREFIX):
                return str(self.parameters[name.removeprefix(PREFIX)])
            return known.get(name, "{" + name + "}")

        sentence = self._rules[rule_id].rule.says[locale].raw
        return PLACEHOLDER.sub(lambda match: replacement(match[1]), sentence)

    def _failed(self, meant: MeantRule, facts: Facts) -> str | None:
        for index, condition in enumerate(meant.when):
            if not holds(condition, facts, self.parameters):
                return meant.rule.when[index].raw
        return None
