"""What opportunities say no with, and what their constraints mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from service.database.constraints import answers
from service.errors import AlreadyTaken, Refusal


@dataclass(eq=False, kw_only=True)
class OpportunityIsClosed(Refusal):
    """What was won, lost or given up is changed by opening it again."""

    code: ClassVar[str] = "OPPORTUNITY_IS_CLOSED"
    coded: ClassVar[Mapping[str, str]] = {"state": "OPPORTUNITY"}

    state: str


answers(
    "opportunity_stage_code_key",
    lambda value: AlreadyTaken(value=value, field=("input", "code")),
)
