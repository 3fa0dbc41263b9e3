"""What a verb is: a way to carry a step out, and what it answers when it is refused."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from service.errors import Forbidden, Refusal
from service.ownership.errors import SurveyVisitorNotRegistered
from service.policies.rulebooks.clauses import short_clause
from service.simulation.showroom import Showroom
from service.simulation.stories import Step, Unsupported

NOTHING = "-"
DENIED, REJECTED = "DENIED", "REJECTED"
Answers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb.

    Attributes:
        carry_out: does it and gives every answer key.
        refused: gives the same keys when the command was refused.
    """

    carry_out: Callable[[Showroom, Step], Awaitable[Answers]]
    refused: Callable[[Refusal], Answers]


def silent(_refusal: Refusal) -> Answers:
    """Answer nothing: the verb has no keys."""
    return {}


def blank(*keys: str) -> Callable[[Refusal], Answers]:
    """Answer each key with nothing."""
    return lambda _refusal: dict.fromkeys(keys, NOTHING)


def verdict(refusal: Refusal) -> str:
    """Tell a missing right from a rule that said no."""
    return DENIED if isinstance(refusal, Forbidden) else REJECTED


def result_of(refusal: Refusal) -> str:
    """Return what an entry came to that was refused."""
    if isinstance(refusal, SurveyVisitorNotRegistered):
        return "REFUSED_SURVEY"
    return verdict(refusal)


def clause_of(refusal: Refusal) -> str:
    """Return the clause that refused, or its code where no clause did."""
    return short_clause(refusal.clause) if refusal.clause else refusal.code


def word(step: Step, position: int) -> str:
    """Return a positional argument.

    Raises:
        Unsupported: the step has fewer.
    """
    if position >= len(step.words):
        raise Unsupported(f"{step.verb} without its argument {position + 1}")
    return step.words[position]


def yes(flag: bool) -> str:
    """Word a flag as stories do."""
    return "yes" if flag else "no"
