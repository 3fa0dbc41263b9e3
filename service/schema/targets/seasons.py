"""How a plan's days weigh, over the API."""

import strawberry

from service.schema.carry import Payload, the
from service.schema.mutation import CommandInput, command, optional, order_of, required
from service.schema.targets.previews import SeasonStepInput
from service.schema.targets.types import TargetPlan
from service.targets.commands import seasons


@strawberry.input(description="How a plan's days weigh.")
class SetTargetSeasonInput(CommandInput):
    plan_id: strawberry.ID = required("The plan, before it is approved.")
    steps: list[SeasonStepInput] = required(
        "In order, from the plan's first day to its last, at most 400; none lets every working day"
        " weigh the same."
    )
    metric_id: strawberry.ID | None = optional(
        "For this metric; left out, for those without a season of their own."
    )


@strawberry.type(description="`targetPlan` is null exactly when `errors` is not empty.")
class SetTargetSeasonPayload(Payload):
    target_plan: TargetPlan | None = strawberry.field(default=None, description="The plan.")


def _season(sent: SetTargetSeasonInput) -> seasons.SetTargetSeason:
    steps = tuple(seasons.WantedStep(one.last_day, one.weight) for one in sent.steps)
    ids = {"plan_id": "target_plan", "metric_id": "metric"}
    return order_of(seasons.SetTargetSeason, sent, ids, steps=steps)


@strawberry.type
class TargetSeasonsMutation:
    set_target_season: SetTargetSeasonPayload = command(
        seasons.set_target_season,
        _season,
        SetTargetSeasonInput,
        SetTargetSeasonPayload,
        the(target_plan=TargetPlan),
        "Says how a plan's days weigh, for pace and projection; once it is in force it stays."
        " Action `target_plan.edit`.",
    )
