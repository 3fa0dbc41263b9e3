"""The territories' commands, one file a subject; each order stands beside its function."""

from service.territories.commands.accounts import (
    ListAccounts,
    PreviewTerritoryModel,
    SetTerritoryRule,
    list_accounts,
    preview_territory_model,
    set_territory_rule,
)
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
from service.territories.commands.traits import (
    DeclareAccountTrait,
    EditAccountTrait,
    declare_account_trait,
    edit_account_trait,
)

__all__ = [
    "ActivateTerritoryModel",
    "AssignTerritory",
    "CreateTerritory",
    "CreateTerritoryModel",
    "DeclareAccountTrait",
    "DisplaceTerritory",
    "EditAccountTrait",
    "EditTerritory",
    "EditTerritoryModel",
    "EndTerritoryAssignment",
    "ListAccounts",
    "PlaceTerritory",
    "PreviewTerritoryModel",
    "RetireTerritory",
    "SetTerritoryRule",
    "WithdrawTerritoryActivation",
    "activate_territory_model",
    "assign_territory",
    "create_territory",
    "create_territory_model",
    "declare_account_trait",
    "displace_territory",
    "edit_account_trait",
    "edit_territory",
    "edit_territory_model",
    "end_territory_assignment",
    "list_accounts",
    "place_territory",
    "preview_territory_model",
    "retire_territory",
    "set_territory_rule",
    "withdraw_territory_activation",
]
