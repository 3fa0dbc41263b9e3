"""What the rulebooks feature says no with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from service.database.constraints import lost_race
from service.errors import Refusal
from service.policies.rulebooks.trials import TrialFailure


@dataclass(eq=False, kw_only=True)
class NoRulebookInForce(Refusal):
    """No published version of the rulebook is in force at this instant."""

    code: ClassVar[str] = "NO_RULEBOOK_IN_FORCE"


@dataclass(eq=False, kw_only=True)
class TextsWaiting(Refusal):
    """Many rulebooks are being looked over already; the caller may repeat in a moment."""

    code: ClassVar[str] = "RULEBOOKS_IN_LINE"


@dataclass(eq=False, kw_only=True)
class PublishedInThePast(Refusal):
    """A version decides only what happens after it was published."""

    code: ClassVar[str] = "PUBLISHED_IN_THE_PAST"


@dataclass(eq=False, kw_only=True)
class RulebookNeedsApproval(Refusal):
    """Somebody else could approve it: it goes the way of a draft."""

    code: ClassVar[str] = "RULEBOOK_NEEDS_APPROVAL"


@dataclass(eq=False, kw_only=True)
class DraftNotInState(Refusal):
    """The draft is elsewhere in its life than this command asks.

    Attributes:
        state: where it is.
    """

    code: ClassVar[str] = "RULEBOOK_DRAFT_STATE"
    coded: ClassVar[Mapping[str, str]] = {"state": "RULEBOOK_DRAFT"}

    state: str


@dataclass(eq=False, kw_only=True)
class DraftTextOther(Refusal):
    """What stands in the draft is not what the caller has seen."""

    code: ClassVar[str] = "RULEBOOK_TEXT_CHANGED"


@dataclass(eq=False, kw_only=True)
class DraftNotSimulated(Refusal):
    """Nobody has looked at what this text would have decided, and no reason says why not."""

    code: ClassVar[str] = "RULEBOOK_NOT_SIMULATED"


@dataclass(eq=False, kw_only=True)
class DraftChangesNothing(Refusal):
    """The draft is the very text that it would follow."""

    code: ClassVar[str] = "RULEBOOK_DRAFT_UNCHANGED"


@dataclass(eq=False, kw_only=True)
class VersionBegun(Refusal):
    """The version has begun to decide; it can only be followed by another."""

    code: ClassVar[str] = "RULEBOOK_VERSION_BEGUN"


@dataclass(eq=False, kw_only=True)
class VersionNotOfSite(Refusal):
    """The whole company's rulebook does not end: another follows it."""

    code: ClassVar[str] = "RULEBOOK_OF_COMPANY"


@dataclass(eq=False, kw_only=True)
class RulebookFaulty(Refusal):
    """A mistake in the document or in a parameter, with its place in the text.

    Attributes:
        problem: code of the mistake.
        line, column: from 1; 0 where the mistake is in an override.
        message: the mistake in the caller's language.
    """

    code: ClassVar[str] = "RULEBOOK_FAULTY"

    problem: str
    line: int
    column: int
    message: str


@dataclass(eq=False, kw_only=True)
class RulebookTestFails(Refusal):
    """A test the document brings along comes out otherwise."""

    code: ClassVar[str] = "RULEBOOK_TEST_FAILS"

    line: int
    decision: str
    expected: str
    answered: str


def failing_test(failure: TrialFailure) -> RulebookTestFails:
    """Return the refusal of a document for one of its own tests."""
    answered = {name: failure.answered[name] for name in failure.expected}
    return RulebookTestFails(
        field=("input", "text"),
        line=failure.at.line,
        decision=failure.decision,
        expected=_said(failure.expected),
        answered=_said(answered),
    )


def _said(answers: Mapping[str, str]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in answers.items())


# Two approvals at once: the second runs again, and then makes room for itself.
lost_race("rulebook_version_one_at_a_time_excl")
lost_race("rulebook_draft_version_id_key")
# Two publish at once: the second runs again and takes the next number.
lost_race("rulebook_version_policy_number_key")
# Two workers start a simulation at once: the second looks again and finds the first running.
lost_race("rulebook_simulation_one_running_key")
