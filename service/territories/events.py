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
