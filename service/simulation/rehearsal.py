"""Plays stories through the real service and compares each answer with what was expected."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from service.simulation.stories import Step, Story

Answers = Mapping[str, str]


class Unsupported(Exception):
    """A verb this release cannot play; the story is reported, never skipped in silence."""


class Stage:
    """What a story is played on: an empty showroom whose clock the steps turn."""

    async def play(self, step: Step) -> Answers:
        """Carry a step out and return every answer key of its verb.

        Raises:
            Unsupported: the verb is unknown here.
        """
        raise NotImplementedError


OpenStage = Callable[[Story], Awaitable[Stage]]


@dataclass(frozen=True, slots=True)
class Played:
    """A step with its answers."""

    step: Step
    answered: Answers
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
        unsupported: the verb that could not be played, if that ended it.
    """

    story: Story
    steps: Sequence[Played] = field(default=())
    unsupported: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the whole story went as told."""
        return self.unsupported is None and all(step.ok for step in self.steps)

    def first_fault(self) -> Played | None:
        """Return the first step that went otherwise."""
        return next((step for step in self.steps if not step.ok), None)


async def play(story: Story, open_stage: OpenStage) -> Outcome:
    """Play one story from an empty showroom; a wrong answer does not stop it."""
    stage = await open_stage(story)
    played: list[Played] = []
    for step in story.steps:
        try:
            played.append(Played(step, await stage.play(step)))
        except Unsupported as error:
            return Outcome(story, played, unsupported=str(error))
        except Exception as error:  # noqa: BLE001 - a fault of ours is the story's failure
            played.append(Played(step, {}, f"{type(error).__name__}: {error}"))
    return Outcome(story, played)


async def play_all(stories: Sequence[Story], open_stage: OpenStage) -> AsyncIterator[Outcome]:
    """Play stories one after another."""
    for story in stories:
        yield await play(story, open_stage)


def line_of(outcome: Outcome) -> str:
    """Return what is printed of a story: ok, or where it went otherwise."""
    if outcome.unsupported is not None:
        return f"{outcome.story.id} unsupported verb: {outcome.unsupported}"
    fault = outcome.first_fault()
    if fault is None:
        return f"{outcome.story.id} ok"
    if fault.fault is not None:
        return f"{outcome.story.id} FAILED at “{fault.step.text}”: {fault.fault}"
    wrong = {
        key: (value, fault.answered.get(key))
        for key, value in fault.step.expected.items()
        if fault.answered.get(key) != value
    }
    said = ", ".join(f"{key}: expected {e}, answered {a}" for key, (e, a) in wrong.items())
    return f"{outcome.story.id} FAILED at “{fault.step.text}”: {said}"


def as_json(outcome: Outcome) -> dict[str, object]:
    """Return a story's outcome as `--json` prints it."""
    shown: dict[str, object] = {
        "id": outcome.story.id,
        "ok": outcome.ok,
        "steps": [
            {
                "step": played.step.text,
                "expected": dict(played.step.expected),
                "answered": dict(played.answered),
                "ok": played.ok,
            }
            for played in outcome.steps
        ],
    }
    if outcome.unsupported is not None:
        shown["unsupported"] = outcome.unsupported
    return shown
