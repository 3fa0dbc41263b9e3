"""What is done to campaigns, and how visits and calls become theirs."""

from service.campaigns.commands.costs import (
    RecordCampaignCost,
    ReverseCampaignCost,
    SetCampaignBudget,
    record_campaign_cost,
    reverse_campaign_cost,
    set_campaign_budget,
)
from service.campaigns.commands.planning import (
    CancelCampaign,
    CreateCampaign,
    EditCampaign,
    cancel_campaign,
    create_campaign,
    edit_campaign,
)
from service.campaigns.commands.touching import Touched, moved, require_running, touched

__all__ = [
    "CancelCampaign",
    "CreateCampaign",
    "EditCampaign",
    "RecordCampaignCost",
    "ReverseCampaignCost",
    "SetCampaignBudget",
    "Touched",
    "cancel_campaign",
    "create_campaign",
    "edit_campaign",
    "moved",
    "record_campaign_cost",
    "require_running",
    "reverse_campaign_cost",
    "set_campaign_budget",
    "touched",
]
