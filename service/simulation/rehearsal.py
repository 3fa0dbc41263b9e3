"""Plays stories through the real service and compares each answer with what was expected."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from service.simulation.lending import Chance, Loan
from service.simulation.stories import (
    Step,
    StoriesUnreadable,
    Story,
    Unsupported,
    read_stories,
)
from service.simulation.verbs import Reply, open_stage

FAILED = 1


class Stage(Protocol):
    """What a story is played on: an empty showroom whose clock the steps turn."""

    async def play(self, step: Step) -> Reply:
        """Carry a step out and return every answer key of its verb.

        Raises:
            Unsupported: this release does not know the verb.
        """


OpenStage = Callable[[Story], Awaitable[Stage]]


@dataclass(frozen=True, slots=True)
class Played:
    """A step with its answers.

    Attributes:
        refused: code of the refusal the command met.
        fault: what went wrong with ourselves.
    """

    step: Step
    answered: Mapping[str, str]
    refused: str | None = None
    fault: str | None = None

    @property
    def ok(self) -> bool:
        """Whether every expected key has exactly its value."""
        told = self.answered
        return self.fault is None and all(
            told.get(key) == value for key, value in self.step.expected.items()
        )


@dataclass(frozen=True, slots=True)
class Outcome:
    """A story, as far as it was played.

    Attributes:
        unsupported: what could not be played, if that ended it.
        fault: why its showroom could not be opened.
    """

    story: Story
    steps: Sequence[Played] = field(default=())
    unsupported: str | None = None
    fault: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the whole story went as told."""
        nothing_wrong = self.unsupported is None and self.fault is None
        return nothing_wrong and all(step.ok for step in self.steps)

    @property
    def failed(self) -> bool:
        """Whether something went otherwise, as far as it could be played."""
        return self.fault is not None or not all(step.ok for step in self.steps)

    def first_fault(self) -> Played | None:
        """Return the first step that went otherwise."""
        return next((step for step in self.steps if not step.ok), None)


@dataclass(slots=True)
class Summary:
    """How many stories went as told, how many did not, how many could not be played."""

    passed: int = 0
    failed: int = 0
    unsupported: int = 0

    def count(self, outcome: Outcome) -> None:
        """Take one story into account."""
        if outcome.failed:
            self.failed += 1
        elif outcome.ok:
            self.passed += 1
        else:
            self.unsupported += 1

    @property
    def exit_code(self) -> int:
        """What the command line ends with."""
        return FAILED if self.failed else 0

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.unsupported} unsupported"


async def play(story: Story, opening: OpenStage) -> Outcome:
    """Play one story from an empty showroom; a wrong answer does not stop it."""
    try:
        stage = await opening(story)
    except Unsupported as error:
        return Outcome(story, unsupported=str(error))
    except Exception as error:  # noqa: BLE001 - a fault of ours is the story's failure
        return Outcome(story, fault=f"{type(error).__name__}: {error}")
    played: list[Played] = []
    for step in story.steps:
        try:
            reply = await stage.play(step)
        except Unsupported as error:
            return Outcome(story, played, unsupported=str(error))
        except Exception as error:  # noqa: BLE001 - a fault of ours is the story's failure
            played.append(Played(step, {}, fault=f"{type(error).__name__}: {error}"))
        else:
            played.append(Played(step, reply.answers, reply.refused))
    return Outcome(story, played)


async def play_all(stories: Sequence[Story], opening: OpenStage) -> AsyncIterator[Outcome]:
    """Play stories one after another."""
    for story in stories:
        yield await play(story, opening)


async def rehearse(
    loan: Loan, stories: Sequence[Story], show: Callable[[str], None], *, in_json: bool = False
) -> Summary:
    """Play stories and show one line for each; the closing line is the caller's `str(summary)`.

    Args:
        loan: what the composition root lends.
        stories: as `choose_stories` returns them.
        show: takes each line.
        in_json: show one object a line instead.
    """
    summary = Summary()
    async for outcome in play_all(stories, lambda story: open_stage(loan, story)):
        summary.count(outcome)
        show(json.dumps(as_json(outcome), ensure_ascii=False) if in_json else line_of(outcome))
    return summary


def choose_stories(
    files: Sequence[Path], *, only: Collection[str] = (), chance: Chance | None = None
) -> list[Story]:
    """Read scenario files and return their stories in the order they are to be played.

    Args:
        files: the files, one after another.
        only: ids of the stories to play; none means all.
        chance: shuffles them.

    Raises:
        StoriesUnreadable: a file cannot be read, or an id is in none of them.
    """
    stories = [story for path in files for story in _stories_in(path)]
    missing = sorted(set(only) - {story.id for story in stories})
    if missing:
        raise StoriesUnreadable(f"No story is called {', '.join(missing)}.")
    if only:
        stories = [story for story in stories if story.id in only]
    if chance is not None:
        chance.shuffle(stories)
    return stories


def _stories_in(path: Path) -> list[Story]:
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise StoriesUnreadable(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise StoriesUnreadable(f"{path} is no text in UTF-8.") from error
    return read_stories(text, str(path))


def line_of(outcome: Outcome) -> str:
    """Return what is printed of a story: ok, or where it went otherwise."""
    story_id, fault = outcome.story.id, outcome.first_fault()
    if outcome.fault is not None:
        return f"{story_id} FAILED before its first step: {outcome.fault}"
    if fault is not None:
        return f"{story_id} FAILED at “{fault.step.text.strip()}”: {_why(fault)}"
    if outcome.unsupported is not None:
        return f"{story_id} unsupported: {outcome.unsupported}"
    return f"{story_id} ok"


def _why(fault: Played) -> str:
    if fault.fault is not None:
        return fault.fault
    wrong = [
        f"{key}: expected {value}, answered {fault.answered.get(key, 'nothing')}"
        for key, value in fault.step.expected.items()
        if fault.answered.get(key) != value
    ]
    refused = f" ({fault.refused})" if fault.refused else ""
    return ", ".join(wrong) + refused


def as_json(outcome: Outcome) -> dict[str, object]:
    """Return a story's outcome as `--json` prints it."""
    shown: dict[str, object] = {
        "id": outcome.story.id,
        "ok": outcome.ok,
        "steps": [_step_as_json(played) for played in outcome.steps],
    }
    for name in ("unsupported", "fault"):
        if getattr(outcome, name) is not None:
            shown[name] = getattr(outcome, name)
    return shown


def _step_as_json(played: Played) -> dict[str, object]:
    shown: dict[str, object] = {
        "step": played.step.text,
        "expected": dict(played.step.expected),
        "answered": dict(played.answered),
        "ok": played.ok,
    }
    for name in ("refused", "fault"):
        if getattr(played, name) is not None:
            shown[name] = getattr(played, name)
    return shown
