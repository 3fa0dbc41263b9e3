"""What happens to the territories that others must know of."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class TerritoryActivated:
    """A model of the territories came into force.

    Told once it has begun, a moment late perhaps; whoever reads goes by the clock.
    """

    territory_model_id: UUID
    activation_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The model."""
        return self.territory_model_id


@dataclass(frozen=True, slots=True)
class TerritoryAnnounced:
    """A model of the territories is to come into force on a day to come."""

    territory_model_id: UUID
    activation_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The model."""
        return self.territory_model_id


@dataclass(frozen=True, slots=True)
class TerritoryWithdrawn:
    """What was announced of a model was taken back before it began."""

    territory_model_id: UUID
    activation_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The model."""
        return self.territory_model_id
