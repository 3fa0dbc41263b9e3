"""The grammar of condition lines: text to a syntax tree with columns, nothing typed yet.

    condition  = part {"or" part}              part    = factor {"and" factor}
    factor     = "not" factor | comparison
    comparison = sum [("is" ["not"] | "<" | "<=" | ">" | ">=") sum | ["not"] "in" set]
    sum        = atom {("+" | "-") atom}       set     = params.name | "(" word {"," word} ")"
    atom       = integer | name | params.name | "(" condition ")"

A strict subset of CEL in what it can say; `cel` prints it there.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple, NoReturn

from service.policies.rulebooks.characters import name_problem, word_around
from service.policies.rulebooks.problems import Position, Problem, RulebookRefused

MOST_NESTING = 24
MOST_TOKENS = 400

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d{1,15})(?![\w.])|(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)"
    r"|(?P<sign><=|>=|[<>+\-(),]))",
    re.ASCII,
)
_RESERVED = {"and", "or", "not", "is", "in"}
_RELATIONS = {"<", "<=", ">", ">="}


class Token(NamedTuple):
    """One word or sign of a line; `kind` is END after the last."""

    kind: Literal["number", "name", "sign", "END"]
    text: str
    column: int


@dataclass(frozen=True, slots=True)
class Leaf:
    """A number, a name or params.name as written."""

    token: Token


@dataclass(frozen=True, slots=True)
class Negated:
    """`not` before a part."""

    part: "Syntax"
    column: int


@dataclass(frozen=True, slots=True)
class Joined:
    """Parts joined by `and` or by `or`."""

    operator: Literal["and", "or"]
    parts: tuple["Syntax", ...]
    column: int


@dataclass(frozen=True, slots=True)
class Compared:
    """Two sums and what is between them: is, <, <=, > or >=."""

    left: "Syntax"
    relation: str
    right: "Syntax"
    column: int


@dataclass(frozen=True, slots=True)
class Member:
    """A word and the list, or the parameter, it must be in."""

    left: "Syntax"
    listed: tuple[Token, ...]
    column: int


@dataclass(frozen=True, slots=True)
class Added:
    """Terms with their signs, +1 or -1."""

    terms: tuple[tuple[int, "Syntax"], ...]
    column: int


Syntax = Leaf | Negated | Joined | Compared | Member | Added


def column_of(syntax: Syntax) -> int:
    """Return the column (from 0) at which a part of a line begins or is joined."""
    return syntax.token.column if isinstance(syntax, Leaf) else syntax.column


def read_condition(line: str, at: Position) -> Syntax:
    """Read one line that begins at a place.

    Raises:
        RulebookRefused: the line is no condition, at the place of the first fault.
    """
    return _Parser(_tokens(line, at), at).whole()


def _tokens(line: str, at: Position) -> list[Token]:
    tokens: list[Token] = []
    column, end = 0, len(line.rstrip())
    while column < end:
        match = _TOKEN.match(line, column)
        if match is None:
            start = column + len(line[column:]) - len(line[column:].lstrip())
            raise RulebookRefused([_foreign(line, at, start)])
        kind: Literal["number", "name", "sign"] = match.lastgroup  # type: ignore[assignment]
        start, column = match.span(kind)
        tokens.append(Token(kind, line[start:column], start))
        if len(tokens) > MOST_TOKENS:
            raise RulebookRefused([Problem("TOO_COMPLEX", at, {"what": "the line"})])
    return [*tokens, Token("END", "the end of the line", end)]


def _foreign(line: str, at: Position, start: int) -> Problem:
    """Return what is wrong with a character that begins no word or sign."""
    word = word_around(line, start)
    if line[start].isascii():
        return _unreadable(line[start : start + 12].strip(), at, start)
    column = line.index(word, max(start - len(word), 0))
    return name_problem(word, at.right(column)) or _unreadable(word, at, start)


def _unreadable(found: str, at: Position, column: int) -> Problem:
    return Problem("CONDITION_UNREADABLE", at.right(column), {"found": found})


class _Parser:
    """Recursive descent over one line; depth is bounded, so hostile lines end early."""

    def __init__(self, tokens: list[Token], at: Position) -> None:
        self._tokens = tokens
        self._next = 0
        self._token = tokens[0]
        self._at = at
        self._depth = 0

    def whole(self) -> Syntax:
        """Read the line to its end."""
        syntax = self._condition()
        if self._token.kind != "END":
            self._refuse()
        return syntax

    def _step(self) -> Token:
        """Go on to the next token; returns the one that was read."""
        read = self._token
        self._next += 1
        self._token = self._tokens[self._next]
        return read

    def _refuse(self) -> NoReturn:
        raise RulebookRefused([_unreadable(self._token.text, self._at, self._token.column)])

    def _take(self, text: str) -> bool:
        if self._token.text != text or self._token.kind == "END":
            return False
        self._step()
        return True

    def _need(self, text: str) -> None:
        if not self._take(text):
            self._refuse()

    def _condition(self) -> Syntax:
        return self._joined("or", self._part)

    def _part(self) -> Syntax:
        return self._joined("and", self._factor)

    def _joined(self, operator: Literal["and", "or"], part: Callable[[], Syntax]) -> Syntax:
        column = self._token.column
        parts = [part()]
        while self._take(operator):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Joined(operator, tuple(parts), column)

    def _factor(self) -> Syntax:
        self._depth += 1
        if self._depth > MOST_NESTING:
            raise RulebookRefused([Problem("TOO_COMPLEX", self._at, {"what": "the line"})])
        column = self._token.column
        factor = Negated(self._factor(), column) if self._take("not") else self._comparison()
        self._depth -= 1
        return factor

    def _comparison(self) -> Syntax:
        left = self._sum()
        column = self._token.column
        if self._take("is"):
            negated = self._take("not")
            compared = Compared(left, "is", self._sum(), column)
            return Negated(compared, column) if negated else compared
        if self._token.text in _RELATIONS:
            return Compared(left, self._step().text, self._sum(), column)
        if self._take("not"):
            self._need("in")
            return Negated(Member(left, self._listed(), column), column)
        return Member(left, self._listed(), column) if self._take("in") else left

    def _listed(self) -> tuple[Token, ...]:
        if not self._take("("):
            return (self._name(),)
        listed = [self._name()]
        while self._take(","):
            listed.append(self._name())
        self._need(")")
        return tuple(listed)

    def _name(self) -> Token:
        token = self._token
        if token.kind != "name" or token.text in _RESERVED:
            self._refuse()
        return self._step()

    def _sum(self) -> Syntax:
        column = self._token.column
        terms: list[tuple[int, Syntax]] = [(1, self._atom())]
        while self._token.text in {"+", "-"}:
            sign = -1 if self._step().text == "-" else 1
            terms.append((sign, self._atom()))
        return terms[0][1] if len(terms) == 1 else Added(tuple(terms), column)

    def _atom(self) -> Syntax:
        if self._take("("):
            inside = self._condition()
            self._need(")")
            return inside
        if self._token.kind == "number":
            return Leaf(self._step())
        return Leaf(self._name())
