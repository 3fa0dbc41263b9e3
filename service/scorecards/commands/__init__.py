"""Scorecards and bonus schemes are made, and end on a day; what they weigh never changes."""

from service.scorecards.commands.bonuses import (
    CreateBonusScheme,
    EndBonusScheme,
    WantedBonusStep,
    create_bonus_scheme,
    end_bonus_scheme,
)
from service.scorecards.commands.scorecards import (
    CreateScorecard,
    EndScorecard,
    WantedLine,
    create_scorecard,
    end_scorecard,
)

__all__ = [
    "CreateBonusScheme",
    "CreateScorecard",
    "EndBonusScheme",
    "EndScorecard",
    "WantedBonusStep",
    "WantedLine",
    "create_bonus_scheme",
    "create_scorecard",
    "end_bonus_scheme",
    "end_scorecard",
]
