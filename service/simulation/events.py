"""What happens to a simulation of a rulebook."""

from dataclasses import dataclass
from uuid import UUID


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
