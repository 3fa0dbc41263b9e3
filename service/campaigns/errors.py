"""What campaigns say no with, and which of the database's refusals they know."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from service.database.constraints import answers
from service.errors import AlreadyTaken, Refusal

answers("campaign_code_key", lambda value: AlreadyTaken(value=value, field=("input", "code")))


@dataclass(eq=False, kw_only=True)
class CampaignNotRunning(Refusal):
    """A campaign brings only whom it reaches within its days."""

    code: ClassVar[str] = "CAMPAIGN_NOT_RUNNING"

    day: str
    first_day: str
    last_day: str


@dataclass(eq=False, kw_only=True)
class CampaignElsewhere(Refusal):
    """The campaign is for other sites, or for another territory."""

    code: ClassVar[str] = "CAMPAIGN_ELSEWHERE"


@dataclass(eq=False, kw_only=True)
class CampaignIsOver(Refusal):
    """What has ended or was cancelled is not changed any more."""

    code: ClassVar[str] = "CAMPAIGN_IS_OVER"
    coded: ClassVar[Mapping[str, str]] = {"state": "CAMPAIGN"}

    state: str


@dataclass(eq=False, kw_only=True)
class CampaignCostReversed(Refusal):
    """A cost is taken back once, and what takes one back is not taken back."""

    code: ClassVar[str] = "CAMPAIGN_COST_REVERSED"


answers(
    "campaign_cost_reverses_id_key",
    lambda _value: CampaignCostReversed(field=("input", "campaignCostId")),
)


@dataclass(eq=False, kw_only=True)
class SameCampaign(Refusal):
    """The visit or call is attributed so already."""

    code: ClassVar[str] = "SAME_CAMPAIGN"
