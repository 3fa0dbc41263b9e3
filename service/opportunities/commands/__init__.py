"""What is done to opportunities and their stages."""

from service.opportunities.commands.closing import (
    CloseOpportunity,
    ReopenOpportunity,
    close_opportunity,
    reopen_opportunity,
)
from service.opportunities.commands.following import Since, follow_customers
from service.opportunities.commands.pursuing import (
    ChangeOpportunity,
    CreateOpportunity,
    change_opportunity,
    create_opportunity,
)
from service.opportunities.commands.stages import (
    CreateOpportunityStage,
    EditOpportunityStage,
    RetireOpportunityStage,
    create_opportunity_stage,
    edit_opportunity_stage,
    retire_opportunity_stage,
)

__all__ = [
    "ChangeOpportunity",
    "CloseOpportunity",
    "CreateOpportunity",
    "CreateOpportunityStage",
    "EditOpportunityStage",
    "ReopenOpportunity",
    "RetireOpportunityStage",
    "Since",
    "change_opportunity",
    "close_opportunity",
    "create_opportunity",
    "create_opportunity_stage",
    "edit_opportunity_stage",
    "follow_customers",
    "reopen_opportunity",
    "retire_opportunity_stage",
]
