"""Settles a condition line: gives every name its meaning and every comparison its types.

One side of a comparison at most is a fact, and arithmetic is for numbers and parameters only: so
each comparison asks one fact about a known set of values, and the checks can be exact.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from service.policies.rulebooks.conditions import (
    All,
    Among,
    Any,
    Compares,
    Condition,
    FactTerm,
    Holds,
    Not,
    ParameterTerm,
    Relation,
    Sum,
    Term,
    Word,
)
from service.policies.rulebooks.grammar import (
    Added,
    Compared,
    Joined,
    Leaf,
    Member,
    Negated,
    Syntax,
    Token,
    column_of,
    read_condition,
)
from service.policies.rulebooks.problems import Position, Problem, RulebookRefused, nearest
from service.policies.rulebooks.reading import Text
from service.policies.rulebooks.vocabulary.kinds import (
    DecisionWords,
    Field,
    Flag,
    Kind,
    Number,
    ParameterKind,
    Words,
    WordSet,
)

PREFIX = "params."
_SWAPPED: Mapping[str, Relation] = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "is": "is"}

Named = FactTerm | ParameterTerm


@dataclass(frozen=True)
class Scope:
    """The names a line may use: the facts of its decision and the document's parameters."""

    decision: DecisionWords
    parameters: Mapping[str, ParameterKind]
    _settled: dict[str, Condition] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def facts(self) -> Mapping[str, Kind]:
        """The types of the decision's facts."""
        return {fact.name: fact.kind for fact in self.decision.facts}

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """The parts of the decision's outcomes."""
        return {field.name: field for field in self.decision.fields}

    @cached_property
    def defaults(self) -> Mapping[str, Word | Sum]:
        """What an outcome has where its rule does not say."""
        return {
            field.name: Word(default) if isinstance(default, str) else Sum(default)
            for field in self.decision.fields
            if (default := field.default) is not None
        }

    def mentions(self, name: str) -> bool:
        """Say whether a sentence may mention a name between braces."""
        if name.startswith(PREFIX):
            return name.removeprefix(PREFIX) in self.parameters
        return name in self.decision.names

    def settled(self, line: Text) -> Condition:
        """Return what a line means; many rules of a decision ask alike, and each line is read once.

        Raises:
            RulebookRefused: the first problem of the line, at its place.
        """
        known = self._settled.get(line.raw)
        if known is None:
            known = _Settling(self, line.at).condition(read_condition(line.raw, line.at))
            self._settled[line.raw] = known
        return known


def settle_condition(line: Text, scope: Scope) -> Condition:
    """Read and type one condition line; raises RulebookRefused with its first problem."""
    return scope.settled(line)


def settle_sum(line: Text, scope: Scope) -> Sum:
    """Read a number made of integers and number parameters; raises RulebookRefused."""
    settling = _Settling(scope, line.at)
    term = settling.term(read_condition(line.raw, line.at))
    if not isinstance(term, Sum):
        raise settling.fault("WRONG_TYPE", 0, found=line.raw, expected="a number")
    return term


class _Settling:
    def __init__(self, scope: Scope, at: Position) -> None:
        self._scope = scope
        self._at = at

    def fault(
        self, code: str, column: int, meant: str | None = None, **values: str
    ) -> RulebookRefused:
        """Word what is wrong at a column of the line."""
        return RulebookRefused([Problem(code, self._at.right(column), values, meant)])

    def condition(self, syntax: Syntax) -> Condition:
        """Type something that must hold or not."""
        if isinstance(syntax, Negated):
            return Not(self.condition(syntax.part))
        if isinstance(syntax, Joined):
            parts = tuple(map(self.condition, syntax.parts))
            return All(parts) if syntax.operator == "and" else Any(parts)
        if isinstance(syntax, Compared):
            return self._compared(syntax)
        if isinstance(syntax, Member):
            return self._member(syntax)
        if isinstance(syntax, Leaf):
            named = self._named(syntax.token)
            if named is not None and isinstance(self._kind(named), Flag):
                return Holds(named)
            if named is None and syntax.token.kind == "name":
                raise self._unknown(syntax, syntax.token.text, ())
        raise self._wrong(syntax, "a condition")

    def term(self, syntax: Syntax) -> Term:
        """Type something that has a value; a bare name that is nothing else is a word."""
        if isinstance(syntax, Leaf):
            if syntax.token.kind == "number":
                return Sum(int(syntax.token.text))
            named = self._named(syntax.token)
            if isinstance(named, ParameterTerm) and isinstance(self._kind(named), Number):
                return Sum(0, (named.name,))
            return Word(syntax.token.text) if named is None else named
        if isinstance(syntax, Added):
            return self._added(syntax)
        raise self._wrong(syntax, "a fact, a parameter, a number or a word")

    def _added(self, syntax: Added) -> Sum:
        constant, names = 0, {1: list[str](), -1: list[str]()}
        for sign, part in syntax.terms:
            term = self.term(part)
            if not isinstance(term, Sum):
                raise self._wrong(part, "a number or a number parameter")
            constant += sign * term.constant
            names[sign] += term.added
            names[-sign] += term.taken_away
        return Sum(constant, tuple(names[1]), tuple(names[-1]))

    def _compared(self, syntax: Compared) -> Condition:
        left, right = self.term(syntax.left), self.term(syntax.right)
        relation = syntax.relation
        if isinstance(right, FactTerm) or (
            isinstance(left, Word) and isinstance(right, ParameterTerm)
        ):
            left, right = right, left
            relation = _SWAPPED[relation]
            syntax = Compared(syntax.right, relation, syntax.left, syntax.column)
        if isinstance(right, FactTerm):
            raise self._wrong(syntax.right, "a number, a word or a parameter; not a second fact")
        if relation == "is" and not isinstance(left, Sum) and not self._is_number(left):
            return self._same_word(syntax, left, right)
        if not (isinstance(left, Sum) or self._is_number(left)):
            raise self._wrong_term(syntax.left, left, "a number")
        if not isinstance(right, Sum):
            raise self._wrong_term(syntax.right, right, "a number")
        return Compares(left, relation, right)  # type: ignore[arg-type]  # the grammar's five

    def _same_word(self, syntax: Compared, left: Term, right: Term) -> Condition:
        if isinstance(left, Word):
            raise self._unknown(syntax.left, left.text, ())
        words = self._words(syntax.left, left)
        if isinstance(right, Word) and right.text not in words:
            raise self._unknown(syntax.right, right.text, words)
        if isinstance(right, ParameterTerm):
            kind = self._kind(right)
            if not isinstance(kind, Words) or not set(kind.words) & set(words):
                raise self._wrong(syntax.right, ", ".join(words))
        if isinstance(right, Sum):
            raise self._wrong(syntax.right, ", ".join(words))
        return Compares(left, "is", right)

    def _member(self, syntax: Member) -> Condition:
        left = self.term(syntax.left)
        words = self._words(syntax.left, left)
        first = syntax.listed[0]
        if first.text.startswith(PREFIX):
            named = self._named(first)
            if isinstance(named, ParameterTerm) and isinstance(self._kind(named), WordSet):
                return Among(left, named)  # type: ignore[arg-type]  # _words refuses the rest
            raise self._wrong(Leaf(first), "a parameter that holds a set of words")
        for token in syntax.listed:
            if token.text not in words:
                raise self._unknown(Leaf(token), token.text, words)
        return Among(left, tuple(token.text for token in syntax.listed))  # type: ignore[arg-type]

    def _words(self, syntax: Syntax, term: Term) -> tuple[str, ...]:
        """Return the closed list behind a term, or refuse it."""
        if isinstance(term, Word):
            raise self._unknown(syntax, term.text, ())
        if isinstance(term, Sum):
            raise self._wrong(syntax, "a fact or a parameter with words")
        kind = self._kind(term)
        if not isinstance(kind, Words):
            raise self._wrong(syntax, "a fact or a parameter with words")
        return kind.words

    def _is_number(self, term: Term) -> bool:
        return isinstance(term, FactTerm) and isinstance(self._kind(term), Number)

    def _named(self, token: Token) -> Named | None:
        if token.text.startswith(PREFIX):
            name = token.text.removeprefix(PREFIX)
            if name not in self._scope.parameters:
                near = nearest(name, self._scope.parameters)
                meant = None if near is None else PREFIX + near
                raise self.fault("UNKNOWN_NAME", token.column, meant, name=token.text)
            return ParameterTerm(name)
        return FactTerm(token.text) if token.text in self._scope.facts else None

    def _kind(self, named: Named) -> ParameterKind:
        if isinstance(named, ParameterTerm):
            return self._scope.parameters[named.name]
        return self._scope.facts[named.name]

    def _wrong_term(self, syntax: Syntax, term: Term, expected: str) -> RulebookRefused:
        if isinstance(term, Word):
            return self._unknown(syntax, term.text, ())
        return self._wrong(syntax, expected)

    def _unknown(self, syntax: Syntax, name: str, words: tuple[str, ...]) -> RulebookRefused:
        known = words or (
            *self._scope.facts,
            *(PREFIX + parameter for parameter in self._scope.parameters),
        )
        return self.fault("UNKNOWN_NAME", column_of(syntax), nearest(name, known), name=name)

    def _wrong(self, syntax: Syntax, expected: str) -> RulebookRefused:
        found = syntax.token.text if isinstance(syntax, Leaf) else "this part"
        return self.fault("WRONG_TYPE", column_of(syntax), found=found, expected=expected)
