"""What boards, scores and bonuses are all asked by."""

from datetime import date
from typing import Annotated

import strawberry

from service.schema.statistics.periods import PeriodInput

Period = Annotated[PeriodInput, strawberry.argument(description="The days of the targets.")]
AsOfDay = Annotated[
    date | None,
    strawberry.argument(
        description="The last day looked at, which is over then; left out, today, which is not."
    ),
]
Restated = Annotated[
    bool,
    strawberry.argument(
        description="Of a past day, also what came to be known after it: what was recorded later"
        " for days up to it, plans published since, the calendar as it is. Left out, the board is"
        " as it was at the end of that day, whatever is done later."
    ),
]
WithinUnit = Annotated[
    strawberry.ID | None, strawberry.argument(description="A unit, with those below it.")
]
WithinTerritory = Annotated[
    strawberry.ID | None, strawberry.argument(description="A territory, with those below it.")
]
