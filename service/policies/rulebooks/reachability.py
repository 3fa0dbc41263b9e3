"""Which facts bring a decision to which of its rules: exact, over every possible fact.

Numbers among the facts are cut at the boundaries the conditions ask about, so that each piece
behaves alike. Number parameters stand at their values; flags, words and sets among the parameters
are free, for a rule that a choice switches off is no mistake. Axioms of the vocabulary exclude
facts that cannot come together.
"""

from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import cast

from service.policies.rulebooks.conditions import (
    All,
    Among,
    Compares,
    Condition,
    FactTerm,
    Holds,
    Leaf,
    Not,
    ParameterTerm,
    Sum,
    Term,
    Word,
    leaves,
    terms,
)
from service.policies.rulebooks.diagrams import ALWAYS, NEVER, Diagrams
from service.policies.rulebooks.evaluating import Facts, Values, compare, sum_value, term_value
from service.policies.rulebooks.meaning import MeantDecision
from service.policies.rulebooks.parameters import Parameters
from service.policies.rulebooks.reading import Text
from service.policies.rulebooks.settling import Scope, settle_condition
from service.policies.rulebooks.vocabulary.kinds import (
    Fact,
    Flag,
    Number,
    ParameterValue,
    Value,
    Words,
    WordSet,
)

# What a diagram asks: a fact, a parameter, or (a pair) whether a set holds a word.
Variable = FactTerm | ParameterTerm | tuple[ParameterTerm, str]


@dataclass(frozen=True, slots=True)
class Reach:
    """Per rule, as diagrams: the facts its lines ask for, and those that bring a decision to it."""

    own: tuple[int, ...]
    reached: tuple[int, ...]


class Space:
    """All facts and choices of one decision, as the variables of diagrams."""

    def __init__(self, decisions: Iterable[MeantDecision], parameters: Parameters) -> None:
        """Take every version of the decision to be compared: they share boundaries."""
        versions = tuple(decisions)
        self._parameters = parameters
        self._facts = versions[0].words.facts
        self._numbers = [
            name for name, kind in parameters.kinds.items() if isinstance(kind, Number)
        ]
        scope = Scope(versions[0].words, parameters.kinds)
        axioms = [settle_condition(Text(line), scope) for line in versions[0].words.axioms]
        lines = [line for version in versions for rule in version.rules for line in rule.when]
        asked = [leaf for line in (*axioms, *lines) for leaf in leaves(line)]
        self._values: dict[Variable, tuple[Value, ...]] = {
            FactTerm(fact.name): _pieces(fact, self._boundaries(asked)) for fact in self._facts
        }
        for leaf in asked:
            for variable in self._choices(leaf):
                self._values.setdefault(variable, self._choice_values(variable))
        self._variables = tuple(self._values)
        self._index = {variable: index for index, variable in enumerate(self._variables)}
        self.diagrams = Diagrams([len(values) for values in self._values.values()])
        self._possible = self._all(axioms)

    def reach(self, decision: MeantDecision) -> Reach:
        """Follow a decision rule by rule; raises TooComplex beyond the budget."""
        diagrams, left = self.diagrams, self._possible
        own, reached = [], []
        for rule in decision.rules:
            lines = self._all(rule.when)
            own.append(diagrams.both(self._possible, lines))
            reached.append(diagrams.both(left, lines))
            left = diagrams.both(left, diagrams.negated(lines))
        return Reach(tuple(own), tuple(reached))

    def example(self, node: int) -> tuple[dict[str, Value], dict[str, ParameterValue]]:
        """Return facts and choices under which a diagram holds, near the usual ones."""
        found = self.diagrams.example(node, lambda index: self._usual(self._variables[index]))
        facts: dict[str, Value] = {}
        choices: dict[str, ParameterValue] = {}
        for index, variable in enumerate(self._variables):
            value = self._values[variable][found.get(index, self._usual(variable))]
            if isinstance(variable, FactTerm):
                facts[variable.name] = value
            elif isinstance(variable, ParameterTerm):
                choices[variable.name] = value
            else:
                named, word = variable
                members = cast("tuple[str, ...]", choices.get(named.name, ()))
                choices[named.name] = (*members, word) if value else members
        return facts, choices

    def places(self, facts: Facts, values: Values) -> tuple[int, ...] | None:
        """Return complete facts and parameters as the diagrams see them.

        None where number parameters stand otherwise than here: the diagrams say nothing of that.
        """
        if any(values[name] != self._parameters.values[name] for name in self._numbers):
            return None
        return tuple(
            _piece_of(facts[variable.name], pieces)
            if isinstance(variable, FactTerm)
            else self._chosen(variable, values)
            for variable, pieces in self._values.items()
        )

    def lines(self, conditions: Iterable[Condition]) -> int:
        """Return the diagram of all the conditions holding, among what is possible."""
        return self.diagrams.both(self._possible, self._all(conditions))

    def as_set(self) -> int:
        """Return the diagram of the parameters being as the document sets them."""
        values = self._parameters.values
        together = ALWAYS
        for index, variable in enumerate(self._variables):
            if not isinstance(variable, FactTerm):
                chosen = {self._chosen(variable, values)}
                together = self.diagrams.both(together, self.diagrams.literal(index, chosen))
        return together

    def among(self, fact: str, value: Value) -> int:
        """Return the diagram of a fact being where all conditions treat it as this value."""
        variable = FactTerm(fact)
        piece = _piece_of(value, self._values[variable])
        return self.diagrams.literal(self._index[variable], {piece})

    # What the conditions ask about.

    def _boundaries(self, asked: Iterable[Leaf]) -> dict[str, set[int]]:
        starts: dict[str, set[int]] = {}
        for leaf in asked:
            if isinstance(leaf, Compares) and isinstance(leaf.right, Sum):
                # A piece begins at the number asked about, and one right after it.
                value = sum_value(leaf.right, self._parameters.values)
                if isinstance(leaf.left, FactTerm):
                    starts.setdefault(leaf.left.name, set()).update((value, value + 1))
        return starts

    def _choices(self, leaf: Leaf) -> Iterator[Variable]:
        for term in terms(leaf):
            if isinstance(term, ParameterTerm):
                kind = self._parameters.kinds[term.name]
                if isinstance(kind, WordSet):
                    yield from ((term, word) for word in kind.words)
                else:
                    yield term

    def _choice_values(self, variable: Variable) -> tuple[Value, ...]:
        if isinstance(variable, ParameterTerm):
            kind = self._parameters.kinds[variable.name]
            if isinstance(kind, Words):
                return kind.words
        return (False, True)

    def _usual(self, variable: Variable) -> int:
        """Return the index of the absent fact, or of the parameter's own value."""
        values = self._values[variable]
        if isinstance(variable, FactTerm):
            absent = next(fact.absent for fact in self._facts if fact.name == variable.name)
            return _piece_of(absent, values)
        return self._chosen(variable, self._parameters.values)

    def _chosen(
        self,
        variable: ParameterTerm | tuple[ParameterTerm, str],
        choices: Mapping[str, ParameterValue],
    ) -> int:
        """Return the index of what is chosen for a parameter."""
        if isinstance(variable, ParameterTerm):
            return self._values[variable].index(cast("Value", choices[variable.name]))
        named, word = variable
        return int(word in cast("tuple[str, ...]", choices[named.name]))

    # From conditions to diagrams.

    def _diagram(self, condition: Condition) -> int:
        if isinstance(condition, Holds):
            return self._where(condition.flag, {True})
        if isinstance(condition, Compares):
            return self._comparison(condition)
        if isinstance(condition, Among):
            return self._membership(condition)
        if isinstance(condition, Not):
            return self.diagrams.negated(self._diagram(condition.part))
        if isinstance(condition, All):
            return self._all(condition.parts)
        return self._any([self._diagram(part) for part in condition.parts])

    def _all(self, conditions: Iterable[Condition]) -> int:
        together = ALWAYS
        for condition in conditions:
            together = self.diagrams.both(together, self._diagram(condition))
        return together

    def _any(self, parts: Iterable[int]) -> int:
        together = NEVER
        for part in parts:
            together = self.diagrams.either(together, part)
        return together

    def _where(self, variable: Variable, wanted: Set[Value]) -> int:
        values = self._values[variable]
        chosen = {index for index, value in enumerate(values) if value in wanted}
        return self.diagrams.literal(self._index[variable], chosen)

    def _comparison(self, condition: Compares) -> int:
        left, right = condition.left, condition.right
        if isinstance(right, Sum):
            return self._number(left, condition.relation, right)
        # Words: `_typed` terms on the left are a fact or a parameter.
        named = cast("FactTerm | ParameterTerm", left)
        if isinstance(right, Word):
            return self._where(named, {right.text})
        other = cast("ParameterTerm", right)
        shared = set(self._values[named]) & set(self._values[other])
        return self._any(
            self.diagrams.both(self._where(named, {word}), self._where(other, {word}))
            for word in sorted(map(str, shared))
        )

    def _number(self, left: Term, relation: str, right: Sum) -> int:
        bound = sum_value(right, self._parameters.values)
        if isinstance(left, FactTerm):
            values = self._values[left]
            return self._where(left, {value for value in values if compare(value, relation, bound)})
        value = term_value(left, {}, self._parameters.values)
        return ALWAYS if compare(value, relation, bound) else NEVER

    def _membership(self, condition: Among) -> int:
        left, listed = condition.left, condition.listed
        if not isinstance(listed, ParameterTerm):
            return self._where(left, set(listed))
        members = (word for word in map(str, self._values[left]) if (listed, word) in self._index)
        return self._any(
            self.diagrams.both(self._where(left, {word}), self._where((listed, word), {True}))
            for word in members
        )


def _pieces(fact: Fact, boundaries: dict[str, set[int]]) -> tuple[Value, ...]:
    """Return one value for each piece of a fact's range that all conditions treat alike."""
    if isinstance(fact.kind, Flag):
        return (False, True)
    if isinstance(fact.kind, Words):
        return fact.kind.words
    starts = {start for start in boundaries.get(fact.name, ()) if fact.kind.admits(start)}
    return tuple(sorted(starts | {fact.kind.least}))


def _piece_of(value: Value, pieces: tuple[Value, ...]) -> int:
    if value in pieces:
        return pieces.index(value)
    # A number inside a piece: the last piece that begins before it.
    return bisect(cast("tuple[int, ...]", pieces), cast("int", value)) - 1
