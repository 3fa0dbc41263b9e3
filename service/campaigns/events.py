"""What happened to campaigns."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class _OfCampaign:
    """Something of a campaign."""

    campaign_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The campaign."""
        return self.campaign_id


@dataclass(frozen=True, slots=True)
class CampaignChanged(_OfCampaign):
    """A campaign was planned or changed."""


@dataclass(frozen=True, slots=True)
class CampaignCancelled(_OfCampaign):
    """A campaign brings nobody any more."""


@dataclass(frozen=True, slots=True)
class CampaignCostRecorded(_OfCampaign):
    """Something was spent on a campaign, or a cost was taken back."""

    campaign_cost_id: UUID


@dataclass(frozen=True, slots=True)
class CampaignTouched(_OfCampaign):
    """A visit or a call is a campaign's, or is not after all.

    Attributes:
        sign: 1, or -1 where it is taken back.
    """

    visit_id: UUID | None
    call_id: UUID | None
    sign: int
