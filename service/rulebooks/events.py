"""What happens to a tenant's rulebook."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PolicyPublished:
    """A version of a rulebook was published; it decides from `effective_from` on.

    Attributes:
        site_id: the one site it is for; None is the whole company.
        draft_id: the draft it was, if it was one.
    """

    version_id: UUID
    policy: str
    number: int
    effective_from: datetime
    site_id: UUID | None = None
    draft_id: UUID | None = None

    @property
    def subject_id(self) -> UUID:
        """The version."""
        return self.version_id


@dataclass(frozen=True, slots=True)
class PolicyCancelled:
    """A version was taken back before it had begun."""

    version_id: UUID
    policy: str
    number: int

    @property
    def subject_id(self) -> UUID:
        """The version."""
        return self.version_id


@dataclass(frozen=True, slots=True)
class PolicyEnded:
    """A site's own version was given an end; from it on the company's decides there."""

    version_id: UUID
    site_id: UUID
    effective_until: datetime

    @property
    def subject_id(self) -> UUID:
        """The version."""
        return self.version_id


@dataclass(frozen=True, slots=True)
class DraftWritten:
    """A draft was begun, changed, taken back from approval, or discarded."""

    draft_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The draft."""
        return self.draft_id


@dataclass(frozen=True, slots=True)
class DraftSubmitted:
    """A draft waits for somebody to approve it.

    Attributes:
        author_ids: who wrote in it; none of them may approve.
    """

    draft_id: UUID
    site_id: UUID | None
    submitted_by: UUID
    author_ids: tuple[UUID, ...]
    at: datetime

    @property
    def subject_id(self) -> UUID:
        """The draft."""
        return self.draft_id


@dataclass(frozen=True, slots=True)
class DraftDecided:
    """A draft was approved or rejected."""

    draft_id: UUID
    approved: bool
    decided_by: UUID
    author_ids: tuple[UUID, ...]
    at: datetime

    @property
    def subject_id(self) -> UUID:
        """The draft."""
        return self.draft_id


@dataclass(frozen=True, slots=True)
class SimulationStarted:
    """A simulation was asked for."""

    simulation_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The simulation."""
        return self.simulation_id


@dataclass(frozen=True, slots=True)
class SimulationAdvanced:
    """A simulation has gone on."""

    simulation_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The simulation."""
        return self.simulation_id


@dataclass(frozen=True, slots=True)
class SimulationEnded:
    """A simulation is done, was cancelled or has failed."""

    simulation_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The simulation."""
        return self.simulation_id
