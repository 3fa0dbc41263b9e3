"""What happened to opportunities and their stages."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class OpportunityStageChanged:
    """A stage was made, changed or retired."""

    stage_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The stage."""
        return self.stage_id


@dataclass(frozen=True, slots=True)
class OpportunityChanged:
    """An opportunity was opened, changed or closed.

    Attributes:
        metric_id: what it would count toward.
        state: how it stands now.
    """

    opportunity_id: UUID
    metric_id: UUID
    state: str

    @property
    def subject_id(self) -> UUID:
        """The opportunity."""
        return self.opportunity_id
