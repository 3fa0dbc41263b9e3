"""What happens to a tenant's rulebook."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PolicyPublished:
    """A version of a rulebook was published; it decides from `effective_from` on."""

    version_id: UUID
    policy: str
    number: int
    effective_from: datetime

    @property
    def subject_id(self) -> UUID:
        """The version."""
        return self.version_id
