"""The territories' commands, one file a subject; each order stands beside its function."""

from service.territories.commands.activating import (
    ActivateTerritoryModel,
    WithdrawTerritoryActivation,
    activate_territory_model,
    withdraw_territory_activation,
)
from service.territories.commands.assignments import (
    AssignTerritory,
    EndTerritoryAssignment,
    assign_territory,
    end_territory_assignment,
)
from service.territories.commands.models import (
    CreateTerritoryModel,
    EditTerritoryModel,
    create_territory_model,
    edit_territory_model,
)
from service.territories.commands.nodes import (
    CreateTerritory,
    EditTerritory,
    RetireTerritory,
    create_territory,
    edit_territory,
    retire_territory,
)
from service.territories.commands.placing import (
    DisplaceTerritory,
    PlaceTerritory,
    displace_territory,
    place_territory,
)

__all__ = [
    "ActivateTerritoryModel",
    "AssignTerritory",
    "CreateTerritory",
    "CreateTerritoryModel",
    "DisplaceTerritory",
    "EditTerritory",
    "EditTerritoryModel",
    "EndTerritoryAssignment",
    "PlaceTerritory",
    "RetireTerritory",
    "WithdrawTerritoryActivation",
    "activate_territory_model",
    "assign_territory",
    "create_territory",
    "create_territory_model",
    "displace_territory",
    "edit_territory",
    "edit_territory_model",
    "end_territory_assignment",
    "place_territory",
    "retire_territory",
    "withdraw_territory_activation",
]
