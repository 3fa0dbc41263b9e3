"""Scorecards and bonus schemes are made and ended over the API."""

from datetime import date
from typing import Final

import strawberry

from service.schema.carry import Payload, the
from service.schema.mutation import (
    CommandInput,
    command,
    given,
    optional,
    order_of,
    orders,
    required,
)
from service.schema.scalars import BigInt, LocalizedTextInput, row_id
from service.schema.scorecards.types import BonusScheme, Scorecard
from service.scorecards import commands
from service.scorecards.commands import WantedBonusStep, WantedLine
from service.scorecards.tables import ScoreMethod

_SEEN: Final = "The version the caller has seen; left out, whatever it is."
_EDIT: Final = "Action `scorecard.edit`."


@strawberry.input(description="A metric that is weighed.")
class ScorecardLineInput:
    metric_id: strawberry.ID = required("The metric, once in a scorecard.")
    weight: int = required("Its weight beside the others', 1 to 1,000,000.")
    method: ScoreMethod = strawberry.field(
        default=ScoreMethod.DIRECT, description="How its attainment is made."
    )
    cap_basis_points: int | None = optional("What counts of it at the most.")
    floor_basis_points: int | None = optional("Below it, it counts for nothing.")


@strawberry.input(description="Metrics are weighed into one score.")
class CreateScorecardInput(CommandInput):
    code: str = required("Its code, 1 to 64 small letters, digits or dashes.")
    names: LocalizedTextInput = required("Its name.")
    first_day: date = required("Its first day.")
    lines: list[ScorecardLineInput] = required("What is weighed, 1 to 50 lines.")
    role_id: strawberry.ID | None = optional("For whoever holds this role.")
    member_id: strawberry.ID | None = optional("For this person.")
    last_day: date | None = optional("Its last day; left out, it goes on.")


@strawberry.input(description="A scorecard ends.")
class EndScorecardInput(CommandInput):
    scorecard_id: strawberry.ID = required("The scorecard.")
    last_day: date = required("Its last day.")
    expected_version: int | None = optional(_SEEN)


@strawberry.input(description="A step of a bonus scheme.")
class BonusStepInput:
    from_basis_points: int = required("From what attainment on, once in a scheme.")
    amount_each: BigInt = required("What each unit earns, in minor units.")


@strawberry.input(description="Each unit of a metric is rewarded.")
class CreateBonusSchemeInput(CommandInput):
    code: str = required("Its code, 1 to 64 small letters, digits or dashes.")
    names: LocalizedTextInput = required("Its name.")
    metric_id: strawberry.ID = required("A metric that counts pieces.")
    first_day: date = required("Its first day.")
    steps: list[BonusStepInput] = required("Its steps, 1 to 20.")
    retroactive: bool = strawberry.field(
        default=True,
        description="Whether the step that is reached is paid for every unit; otherwise each unit"
        " earns what the step says on which it was reached.",
    )
    last_day: date | None = optional("Its last day; left out, it goes on.")


@strawberry.input(description="A bonus scheme ends.")
class EndBonusSchemeInput(CommandInput):
    scheme_id: strawberry.ID = required("The scheme.")
    last_day: date = required("Its last day.")
    expected_version: int | None = optional(_SEEN)


@strawberry.type(description="`scorecard` is null exactly when `errors` is not empty.")
class CreateScorecardPayload(Payload):
    scorecard: Scorecard | None = strawberry.field(default=None, description="The scorecard.")


@strawberry.type(description="`scorecard` is null exactly when `errors` is not empty.")
class EndScorecardPayload(Payload):
    scorecard: Scorecard | None = strawberry.field(default=None, description="The scorecard.")


@strawberry.type(description="`bonusScheme` is null exactly when `errors` is not empty.")
class CreateBonusSchemePayload(Payload):
    bonus_scheme: BonusScheme | None = strawberry.field(default=None, description="The scheme.")


@strawberry.type(description="`bonusScheme` is null exactly when `errors` is not empty.")
class EndBonusSchemePayload(Payload):
    bonus_scheme: BonusScheme | None = strawberry.field(default=None, description="The scheme.")


def _scorecard(sent: CreateScorecardInput) -> commands.CreateScorecard:
    lines = tuple(
        WantedLine(
            row_id(str(line.metric_id), "metric", "lines", str(place), "metricId"),
            line.weight,
            ScoreMethod(line.method).value,
            given(line.cap_basis_points),
            given(line.floor_basis_points),
        )
        for place, line in enumerate(sent.lines)
    )
    ids = {"role_id": "role", "member_id": "member"}
    return order_of(commands.CreateScorecard, sent, ids, lines=lines)


def _scheme(sent: CreateBonusSchemeInput) -> commands.CreateBonusScheme:
    steps = tuple(WantedBonusStep(one.from_basis_points, one.amount_each) for one in sent.steps)
    return order_of(commands.CreateBonusScheme, sent, {"metric_id": "metric"}, steps=steps)


@strawberry.type
class ScorecardsMutation:
    create_scorecard: CreateScorecardPayload = command(
        commands.create_scorecard,
        _scorecard,
        CreateScorecardInput,
        CreateScorecardPayload,
        the("scorecard.edit", scorecard=Scorecard),
        "Weighs metrics into one score, for a role, a person, or everybody and territories; its"
        f" lines stay as they are made. {_EDIT}",
    )
    end_scorecard: EndScorecardPayload = command(
        commands.end_scorecard,
        orders(commands.EndScorecard, scorecard_id="scorecard"),
        EndScorecardInput,
        EndScorecardPayload,
        the("scorecard.edit", scorecard=Scorecard),
        f"Sets a scorecard's last day; another weighing is another scorecard. {_EDIT}",
    )
    create_bonus_scheme: CreateBonusSchemePayload = command(
        commands.create_bonus_scheme,
        _scheme,
        CreateBonusSchemeInput,
        CreateBonusSchemePayload,
        the("scorecard.edit", bonus_scheme=BonusScheme),
        f"Rewards each unit of a metric by how much of the target is reached. {_EDIT}",
    )
    end_bonus_scheme: EndBonusSchemePayload = command(
        commands.end_bonus_scheme,
        orders(commands.EndBonusScheme, scheme_id="bonus_scheme"),
        EndBonusSchemeInput,
        EndBonusSchemePayload,
        the("scorecard.edit", bonus_scheme=BonusScheme),
        f"Sets a bonus scheme's last day. {_EDIT}",
    )
