"""Plays random stories in both showrooms and compares every answer of every step.

One tenant serves many stories under one policy: each has a site and a cast of its own.
"""

import random
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.simulation.lending import Loan
from service.simulation.rehearsal import Outcome, Stage, play
from service.simulation.showroom import Showroom, open_beside, open_showroom
from service.simulation.stories import Story, read_step
from service.simulation.verbs import StoryStage, open_stage
from tests.builders.parts_in_deals import parts_in_deals
from tests.model.showroom import play_all
from tests.model.tales import random_policy, tale

PER_TENANT = 25
Policy = Mapping[str, Any]


@dataclass(frozen=True)
class Disagreement:
    """The first step of a story at which the two differ."""

    name: str
    policy: Policy
    steps: Sequence[str]
    step: str
    model: Mapping[str, str]
    service: Mapping[str, str]

    def __str__(self) -> str:
        told = "\n".join(f"  {step}" for step in self.steps)
        return (
            f"{self.name} under {dict(self.policy)}\n{told}\n"
            f"at    {self.step}\nmodel   {dict(self.model)}\nservice {dict(self.service)}"
        )


def story_of(name: str, policy: Policy, steps: Sequence[str]) -> Story:
    return Story(name, name, "", policy, tuple(read_step(step) for step in steps))


def compare(outcome: Outcome, policy: Policy, steps: Sequence[str]) -> Disagreement | None:
    """Compare the service's answers with the model's; a fault of the service differs too."""
    name = outcome.story.id
    if outcome.fault or outcome.unsupported:
        said = {"fault": str(outcome.fault or outcome.unsupported)}
        return Disagreement(name, policy, steps, "before the first step", {}, said)
    for step, told, played in zip(steps, play_all(steps, policy), outcome.steps, strict=True):
        answered = dict(played.answered) if played.fault is None else {"fault": played.fault}
        if told != answered:
            until = steps[: steps.index(step) + 1]
            return Disagreement(name, policy, until, step, told, answered)
    return None


async def play_story(loan: Loan, name: str) -> Disagreement | None:
    """Play one story again, by its name, in a tenant of its own."""
    seed, _, number = name.rpartition("-")
    policy = random_policy(random.Random(seed))  # noqa: S311 - it tells stories, it keeps no secret
    steps = tale(name, policy, int(number))
    story = story_of(name, policy, steps)
    return compare(await play(story, lambda told: open_stage(loan, told)), policy, steps)


async def play_tenant(loan: Loan, seed: str, stories: int) -> AsyncIterator[Disagreement | None]:
    """Play some stories under one random policy, in one tenant."""
    chance = random.Random(seed)  # noqa: S311 - it tells stories, it keeps no secret
    policy = random_policy(chance)
    first: Showroom | None = None
    for number in range(stories):
        name = f"{seed}-{number}"
        steps = tale(name, policy, number)
        story = story_of(name, policy, steps)
        if first is None:
            showroom = first = await open_showroom(loan, story)
        else:
            showroom = await open_beside(loan, first, story)

        async def opened(_story: Story, here: Showroom = showroom) -> Stage:
            return StoryStage(here)

        yield compare(await play(story, opened), policy, steps)
    if first is not None:
        kept, happened = await parts_in_deals(first.transactions, first.tenant.tenant_id)
        assert kept == happened, "whose own the deals are to read"
