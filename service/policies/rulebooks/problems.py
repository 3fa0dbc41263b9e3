"""What can be wrong with a rulebook document: coded, with its place, in three languages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from service.policies.rulebooks.messages import MESSAGES, PHRASES, WARNINGS
from service.policies.rulebooks.unreadable import YAML_FAULTS
from service.policies.rulebooks.vocabulary.kinds import Locale


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """Where something stands in a document.

    Attributes:
        line, column: from 1. A document that came as JSON values has no lines: 0, and the column
            is that within the text named by `path`, or 0 for the whole of it.
        path: the part of the document, as a JSON pointer (RFC 6901).
        folds: where a text goes on elsewhere: offset in the text, line and column.
    """

    line: int = 0
    column: int = 0
    path: str = field(default="", compare=False)
    folds: tuple[tuple[int, int, int], ...] = field(default=(), compare=False)

    def right(self, offset: int) -> "Position":
        """Return the place of the character at an offset of the text that begins here."""
        if not self.line:
            return Position(0, max(self.column, 1) + offset, self.path)
        for begins, line, column in reversed(self.folds):
            if begins <= offset:
                return Position(line, column + offset - begins, self.path)
        return Position(self.line, self.column + offset, self.path)

    def within(self, key: str | int) -> "Position":
        """Return the place of a part that has none of its own: a key that is missing, say."""
        return Position(self.line, self.column, pointer(self.path, key))


def pointer(path: str, key: str | int) -> str:
    """Return the JSON pointer of a part."""
    part = str(key)
    if "~" in part or "/" in part:
        part = part.replace("~", "~0").replace("/", "~1")
    return f"{path}/{part}"


NOWHERE = Position()

# A text with more faults than this is no draft; the rest of it is not looked at.
MOST_PROBLEMS = 50
LONGEST_WORD = 60
LONGEST_VALUE = 200
MOST_CANDIDATES = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: what (a code with its values), where, and what was perhaps meant.

    `test` is a row for the document's own tests that would settle it, in the form of JSON.
    """

    code: str
    at: Position = NOWHERE
    values: Mapping[str, str] = field(default_factory=dict)
    suggestion: str | None = None
    test: Mapping[str, object] | None = None

    @property
    def forbids(self) -> bool:
        """Say whether the document cannot be published because of it; else it is a warning."""
        return self.code not in WARNINGS

    def message(self, locale: Locale) -> str:
        """Word the problem for a person."""
        shown = {name: _short(_worded(value, locale)) for name, value in self.values.items()}
        text = MESSAGES[self.code].text(locale).format(**shown)
        if self.suggestion is None:
            return text
        return text + " " + MESSAGES["SUGGESTION"].text(locale).format(word=self.suggestion)


class RulebookRefused(Exception):
    """A document that cannot become a rulebook; all its problems, in the order of the text."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.at))
        super().__init__("; ".join(map(_line, self.problems)))


def _worded(value: str, locale: Locale) -> str:
    label = PHRASES.get(value) or YAML_FAULTS.get(value)
    return value if label is None else label.text(locale)


def _short(value: str) -> str:
    """Return a value as a message shows it: what somebody pastes may be a whole document."""
    whole = " ".join(value.split())
    return whole if len(whole) <= LONGEST_VALUE else whole[: LONGEST_VALUE - 1] + "…"


def _line(problem: Problem) -> str:
    return f"{problem.at.line}:{problem.at.column} {problem.code}: {problem.message('en')}"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that was most likely meant, if any is near."""
    near = nearest_few(word, known, most=1)
    return near[0] if near else None


def nearest_few(word: str, known: Iterable[str], most: int = 3) -> tuple[str, ...]:
    """Return the known words that were perhaps meant, the likeliest first."""
    if len(word) > LONGEST_WORD:
        return ()
    # Comparing costs; nobody misspells one of a thousand names by hand.
    candidates = sorted(known)[:MOST_CANDIDATES]
    if (alike := word.casefold()) in (folded := {name.casefold(): name for name in candidates}):
        return (folded[alike],)
    from difflib import get_close_matches  # noqa: PLC0415 - seldom asked for

    return tuple(get_close_matches(word, candidates, n=most, cutoff=0.6))
