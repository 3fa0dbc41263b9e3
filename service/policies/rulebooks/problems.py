"""What can be wrong with a rulebook document: coded, with its place, in three languages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from service.policies.rulebooks.messages import MESSAGES
from service.policies.rulebooks.vocabulary.kinds import Locale


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """Line and column, both counted from 1; 0 and 0 where the document came as JSON."""

    line: int = 0
    column: int = 0

    def right(self, columns: int) -> "Position":
        """Return the place further right on the same line."""
        return Position(self.line, self.column + columns) if self.line else self


NOWHERE = Position()

# A text with more faults than this is no draft; the rest of it is not looked at.
MOST_PROBLEMS = 50
LONGEST_WORD = 60
MOST_CANDIDATES = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: what (a code with its values), where, and what was perhaps meant."""

    code: str
    at: Position = NOWHERE
    values: Mapping[str, str] = field(default_factory=dict)
    suggestion: str | None = None

    def message(self, locale: Locale) -> str:
        """Word the problem for a person."""
        text = MESSAGES[self.code].text(locale).format(**self.values)
        if self.suggestion is None:
            return text
        return text + " " + MESSAGES["SUGGESTION"].text(locale).format(word=self.suggestion)


class RulebookRefused(Exception):
    """A document that cannot become a rulebook; all its problems, in the order of the text."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.at))
        super().__init__("; ".join(map(_line, self.problems)))


def _line(problem: Problem) -> str:
    return f"{problem.at.line}:{problem.at.column} {problem.code}: {problem.message('en')}"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that was most likely meant, if any is near."""
    if len(word) > LONGEST_WORD:
        return None
    # Comparing costs; nobody misspells one of a thousand names by hand.
    candidates = sorted(known)[:MOST_CANDIDATES]
    matches = get_close_matches(word, candidates, n=1, cutoff=0.6)
    return matches[0] if matches else None
