"""What simulations of a rulebook say no with."""

from dataclasses import dataclass
from typing import ClassVar

from service.errors import Refusal


@dataclass(eq=False, kw_only=True)
class SimulationsWaiting(Refusal):
    """As many simulations wait already as may; one runs at a time."""

    code: ClassVar[str] = "SIMULATIONS_WAITING"

    most: int


@dataclass(eq=False, kw_only=True)
class SimulationEndedAlready(Refusal):
    """The simulation has come to its end; there is nothing to cancel."""

    code: ClassVar[str] = "SIMULATION_ENDED_ALREADY"


@dataclass(eq=False, kw_only=True)
class NotSimulated(Refusal):
    """Only a showroom's rulebook that can be read can be simulated."""

    code: ClassVar[str] = "NOT_SIMULATED"
