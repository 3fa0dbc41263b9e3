"""Prints a decision as a CASE expression of PostgreSQL, over columns of facts.

It answers with the index of the rule that decides, so that nothing a tenant wrote is part of the
statement; the words that conditions ask for are arguments to be bound.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from service.policies.rulebooks.evaluating import Values
from service.policies.rulebooks.meaning import MeantDecision
from service.policies.rulebooks.resolving import (
    ALWAYS,
    NEVER,
    Comparing,
    Every,
    Failing,
    Holding,
    Listed,
    Question,
    Some,
    question_of,
)
from service.policies.rulebooks.vocabulary.kinds import DecisionWords, Flag, Number


@dataclass(frozen=True, slots=True)
class Case:
    """An expression that comes to the index of the deciding rule, and what `$n` stand for."""

    sql: str
    arguments: tuple[str, ...]


def to_sql(
    decision: MeantDecision,
    values: Values,
    columns: Mapping[str, str] | None = None,
    bound_before: int = 0,
) -> Case:
    """Return a decision as a CASE.

    Args:
        decision: what is asked; the last of its rules is the ELSE.
        values: the parameters' values.
        columns: an SQL expression for each fact, never null; by default its name, quoted.
        bound_before: how many arguments the statement has already.
    """
    printing = _Printing(columns or _named_columns(decision.words), bound_before)
    branches: list[str] = []
    for index, meant in enumerate(decision.rules):
        asked = question_of(meant, values)
        if asked == ALWAYS:
            # What follows is never asked; the last rule has no lines.
            return Case(_case(branches, index), tuple(printing.words))
        if asked != NEVER:
            branches.append(f"WHEN {printing.question(asked)} THEN {index}")
    return Case(_case(branches, len(decision.rules) - 1), tuple(printing.words))


def columns_of_json(words: DecisionWords, source: str) -> dict[str, str]:
    """Return expressions that read a decision's facts from a jsonb, absent where it has none.

    `source` is an SQL expression of the jsonb, such as `d.facts`; words stay text.
    """
    columns = {}
    for fact in words.facts:
        read = f"({source}->>'{fact.name}')"
        if isinstance(fact.kind, Flag):
            columns[fact.name] = f"coalesce({read}::boolean, {str(fact.absent).lower()})"
        elif isinstance(fact.kind, Number):
            columns[fact.name] = f"coalesce({read}::bigint, {fact.absent})"
        else:
            columns[fact.name] = f"coalesce({read}, '{fact.absent}')"
    return columns


def _named_columns(words: DecisionWords) -> dict[str, str]:
    return {fact.name: f'"{fact.name}"' for fact in words.facts}


def _case(branches: list[str], last: int) -> str:
    return f"CASE {' '.join(branches)} ELSE {last} END" if branches else str(last)


class _Printing:
    def __init__(self, columns: Mapping[str, str], bound_before: int) -> None:
        self._columns = columns
        self._bound_before = bound_before
        self.words: list[str] = []

    def question(self, question: Question) -> str:
        """Print a question."""
        if isinstance(question, Failing):
            return f"NOT ({self.question(question.part)})"
        if isinstance(question, Every | Some):
            joint = " AND " if isinstance(question, Every) else " OR "
            return joint.join(f"({self.question(part)})" for part in question.parts)
        column = self._columns[question.fact]
        if isinstance(question, Holding):
            return column
        if isinstance(question, Listed):
            return f"{column} IN ({', '.join(map(self._bound, question.words))})"
        return column + self._compared(question)

    def _compared(self, question: Comparing) -> str:
        relation = "=" if question.relation == "is" else question.relation
        # A number is of our own making; text never goes into the statement.
        constant = question.constant
        shown = f"{constant:d}" if isinstance(constant, int) else self._bound(constant)
        return f" {relation} {shown}"

    def _bound(self, word: str) -> str:
        if word not in self.words:
            self.words.append(word)
        return f"${self._bound_before + self.words.index(word) + 1}::text"
