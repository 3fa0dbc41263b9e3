"""Which verbs there are, and how a step is carried out at its time."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from service.errors import Refusal, Refusals
from service.simulation.lending import Loan
from service.simulation.showroom import Showroom, open_showroom
from service.simulation.stories import Step, Story, Unsupported
from service.simulation.verbs import deals, disputes, duties, floor, registers, visits
from service.simulation.verbs.verb import Verb

VERBS: Mapping[str, Verb] = MappingProxyType(
    {
        **floor.VERBS,
        **visits.VERBS,
        **registers.VERBS,
        **deals.VERBS,
        **disputes.VERBS,
        **duties.VERBS,
    }
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a step answered.

    Attributes:
        refused: code of the refusal its command met.
    """

    answers: Mapping[str, str]
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class StoryStage:
    """A showroom in which steps are played."""

    showroom: Showroom

    async def play(self, step: Step) -> Reply:
        """Let time pass until the step, carry it out, and return every answer key of its verb.

        Raises:
            Unsupported: the verb, or somebody it names, is not known here.
        """
        verb = VERBS.get(step.verb)
        if verb is None:
            raise Unsupported(step.verb)
        await self.showroom.turn_to(step.at)
        try:
            return Reply(await verb.carry_out(self.showroom, step))
        except Refusal as refusal:
            return Reply(verb.refused(refusal), refusal.code)
        except Refusals as refusals:
            first = refusals.refusals[0]
            return Reply(verb.refused(first), first.code)


async def open_stage(loan: Loan, story: Story) -> StoryStage:
    """Make the empty showroom of a story.

    Raises:
        Unsupported: the story sets a parameter that the rulebook does not have.
    """
    return StoryStage(await open_showroom(loan, story))
