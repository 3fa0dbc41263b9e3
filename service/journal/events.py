"""What happens to the ledgers themselves."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class DecisionMade:
    """The rulebook decided something of a record."""

    decision_id: UUID
    kind: str
    subject_type: str
    about_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The decision."""
        return self.decision_id
