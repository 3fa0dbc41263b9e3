"""What happened to the conduct checklist."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class InspectionRecorded:
    """A manager looked at a member's conduct.

    Attributes:
        not_met_count: how many items he found not met.
    """

    inspection_id: UUID
    member_id: UUID
    inspector_id: UUID
    not_met_count: int

    @property
    def subject_id(self) -> UUID:
        """The inspection."""
        return self.inspection_id


@dataclass(frozen=True, slots=True)
class InspectionItemChanged:
    """An item of the checklist was made or retired."""

    item_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The item."""
        return self.item_id
