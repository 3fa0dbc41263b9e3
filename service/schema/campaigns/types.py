"""Campaigns, their budgets and costs, and whom they brought, as the API shows them."""

from datetime import date, datetime
from enum import Enum
from typing import Final

import strawberry

from service.campaigns import tables
from service.campaigns.tables import CampaignKind, CampaignState
from service.policies.access import RecordColumns
from service.schema.connections import Connection, Orders, SortKey
from service.schema.customers import Party
from service.schema.filters import (
    DateFilter,
    Filter,
    IdFilter,
    OrgUnitScope,
    TerritoryScope,
    TextFilter,
    every,
    none_of,
    on,
    on_id,
    on_one,
    on_org_unit,
    on_territory,
    some,
)
from service.schema.listing import listing
from service.schema.nodes import CREATED_AT, ID, VERSION, Node, described
from service.schema.ordering import orders_of
from service.schema.organisation.types import TODAY, Member, OrgUnit, Territory
from service.schema.planner.mapping import (
    Possible,
    allowed_actions,
    amount,
    column,
    key,
    name_in,
    names,
    planned,
    sql,
    to_many,
    to_one,
)
from service.schema.reading import one
from service.schema.reception.types import CallRecord, Site, Visit
from service.schema.scalars import CurrencyCode, LocalizedText, Money

described(
    CampaignKind,
    "What is done to bring customers. Values are added.",
    ADVERTISING="Advertisements outdoors, in print and in broadcasts.",
    ONLINE="Advertisements and articles online.",
    EVENT="An event at the site or elsewhere.",
    EXHIBITION="A stand at an exhibition or fair.",
    ROADSHOW="A roadshow.",
    FIELD_PROMOTION="The company's own promoters outside.",
    REFERRAL="Old customers are asked to bring new ones.",
    CHANNEL="Together with channel partners.",
    PRODUCT_PROMOTION="The promotion of a product, as in a province or a hospital.",
    SPECIAL_ACTION="A special action with an owner and an end.",
)
described(
    CampaignState,
    "Where a campaign is on a day. Values are added.",
    PLANNED="Its first day is still to come.",
    RUNNING="The day is one of its days.",
    ENDED="Its last day is over.",
    CANCELLED="It was cancelled on that day or before.",
)
PLACE: Final = RecordColumns(
    owner="t.owner_id", org_unit="t.org_unit_id", territory="t.within_territory_id"
)
_OF_CAMPAIGN: Final = RecordColumns(
    owner="m.owner_id", org_unit="m.org_unit_id", territory="m.within_territory_id"
)
_JOINED: Final = "JOIN app.campaign m ON m.tenant_id = $1 AND m.id = t.campaign_id"
_COUNTED_ON: Final = "The day of its recording: figures of this day and later ones know it."
_NOT_OVER: Final = f"(t.cancelled_on IS NULL OR t.cancelled_on > {TODAY}) AND t.last_on >= {TODAY}"
TOUCH: Final = "l.campaign_id, l.visit_id, l.call_id, l.touched_at, l.touched_on"
"""What there is of each touch, over `l`, a line of the ledger."""


def reaches(day: str) -> str:
    """Write whether a touch `u` counts for what was on a day; `m` is the touch's campaign."""
    return f"(m.attribution_days IS NULL OR u.touched_on + m.attribution_days >= {day})"


def state_on(day: str, row: str = "t") -> str:
    """Write the state of a campaign on a day; what its days say, whatever ran late."""
    return (
        f"CASE WHEN {row}.cancelled_on <= {day} THEN 'CANCELLED'"
        f" WHEN {day} < {row}.first_on THEN 'PLANNED'"
        f" WHEN {day} <= {row}.last_on THEN 'RUNNING' ELSE 'ENDED' END"
    )


@planned(tables.CampaignSite, action="campaign.view", scope=_OF_CAMPAIGN, joins=_JOINED)
@strawberry.type(description="That a campaign is for a site.")
class CampaignSite(Node):
    id: strawberry.ID = key(ID)
    site: Site | None = to_one("site_id", "Site", "The site.")


@strawberry.enum(description="A command for a campaign. Values are added.")
class CampaignAction(Enum):
    EDIT = strawberry.enum_value("EDIT", description="`editCampaign`.")
    CANCEL = strawberry.enum_value("CANCEL", description="`cancelCampaign`.")
    SET_BUDGET = strawberry.enum_value("SET_BUDGET", description="`setCampaignBudget`.")
    RECORD_COST = strawberry.enum_value("RECORD_COST", description="`recordCampaignCost`.")


@planned(tables.Campaign, action="campaign.view", scope=PLACE)
@strawberry.type(description="Something done for some days to bring customers.")
class Campaign(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    created_at: datetime = column("created_at", CREATED_AT)
    code: str = column("code", "Its code, never used for another.")
    name: str = name_in("names", "Its name, in the request's language.")
    names: LocalizedText = names("names", "The same in every language.")
    kind: CampaignKind = column("kind", "What is done.")
    state: CampaignState = sql(state_on(TODAY), "Where it is on the company's day of today.")
    first_on: date = column("first_on", "Its first day.")
    last_on: date = column("last_on", "Its last day.")
    owner: Member | None = to_one("owner_id", "Member", "Who answers for it.")
    org_unit: OrgUnit | None = to_one("org_unit_id", "OrgUnit", "The owner's unit.")
    territory: Territory | None = to_one(
        "territory_id", "Territory", "Whose sites it is for, with those below; null is no limit."
    )
    sites: list[CampaignSite] = to_many(
        "CampaignSite", "campaign_id", "The sites it is for; none is all of its territory."
    )
    currency: CurrencyCode = column("currency", "Of its budget, its costs and its figures.")
    attribution_days: int | None = column(
        "attribution_days",
        "How many days after a visit or call of its a deal of that customer counts for it; null is"
        " for ever.",
    )
    cancelled_on: date | None = column(
        "cancelled_on", "The first day on which it brings nobody any more, where it was cancelled."
    )
    reason: str | None = column("reason", "Why it was cancelled.")
    allowed_actions: list[CampaignAction] = allowed_actions(
        "Commands the caller could issue now.",
        EDIT=Possible("campaign.edit", _NOT_OVER),
        CANCEL=Possible("campaign.edit", _NOT_OVER),
        SET_BUDGET=Possible("campaign.edit"),
        RECORD_COST=Possible("campaign_cost.record"),
    )


@planned(tables.CampaignBudget, action="campaign_cost.view", scope=_OF_CAMPAIGN, joins=_JOINED)
@strawberry.type(description="What a campaign may cost, until a later one takes its place.")
class CampaignBudget(Node):
    id: strawberry.ID = key(ID)
    campaign: Campaign | None = to_one("campaign_id", "Campaign", "The campaign.")
    amount: Money = amount("amount_minor", "currency", "What it may cost.")
    counted_on: date = column("counted_on", _COUNTED_ON)
    recorded_at: datetime = column("recorded_at", "When it was set.")
    recorded_by: Member | None = to_one("recorded_by", "Member", "Who set it.")
    reason: str | None = column("reason", "Why, as stated.")


@planned(tables.CampaignCost, action="campaign_cost.view", scope=_OF_CAMPAIGN, joins=_JOINED)
@strawberry.type(description="What was spent on a campaign, or what takes such a cost back.")
class CampaignCost(Node):
    id: strawberry.ID = key(ID)
    campaign: Campaign | None = to_one("campaign_id", "Campaign", "The campaign.")
    amount: Money = amount("amount_minor", "currency", "How much; below 0 where one is taken back.")
    spent_on: date = column("spent_on", "The day of the bill.")
    purpose: str = column("purpose", "What for; of one that takes another back, why.")
    counted_on: date = column("counted_on", _COUNTED_ON)
    recorded_at: datetime = column("recorded_at", "When it was recorded.")
    recorded_by: Member | None = to_one("recorded_by", "Member", "Who recorded it.")
    reverses: "CampaignCost | None" = to_one(
        "reverses_id", "CampaignCost", "The cost that it takes back."
    )
    reversed: bool = sql(
        "EXISTS (SELECT FROM app.campaign_cost o WHERE o.tenant_id = $1 AND o.reverses_id = t.id)",
        "Whether another line takes it back.",
    )


@planned(tables.CampaignTouch, action="campaign_cost.view", scope=_OF_CAMPAIGN, joins=_JOINED)
@strawberry.type(description="That a campaign brought a visit or a call, or did not after all.")
class CampaignTouch(Node):
    id: strawberry.ID = key(ID)
    campaign: Campaign | None = to_one("campaign_id", "Campaign", "The campaign.")
    visit: Visit | None = to_one("visit_id", "Visit", "The visit; null of a call.")
    call_record: CallRecord | None = to_one("call_id", "CallRecord", "The call; null of a visit.")
    party: Party | None = to_one("party_id", "Party", "The visit's customer, as far as known then.")
    sign: int = column("sign", "1; -1 where an earlier line is taken back.")
    touched_at: datetime = column("touched_at", "The arrival or the call.")
    touched_on: date = column("touched_on", "The site's day of it.")
    counted_on: date = column("counted_on", _COUNTED_ON)
    recorded_at: datetime = column("recorded_at", "When it was recorded.")
    recorded_by: Member | None = to_one("recorded_by", "Member", "Who recorded it.")
    reason: str | None = column("reason", "Why, where somebody corrected it.")


@strawberry.input(description="Which campaigns.")
class CampaignFilter:
    and_: list["CampaignFilter"] | None = every()
    or_: list["CampaignFilter"] | None = some()
    not_: "CampaignFilter | None" = none_of()
    id: IdFilter | None = on_id("t.id", "campaign", "By id.")
    code: TextFilter | None = on("t.code", "text", "By code.")
    kind: Filter[CampaignKind] | None = on("t.kind", "text", "By kind.")
    first_on: DateFilter | None = on("t.first_on", "date", "By first day.")
    last_on: DateFilter | None = on("t.last_on", "date", "By last day.")
    cancelled_on: DateFilter | None = on(
        "t.cancelled_on",
        "date",
        "By the day of its cancellation; `isNull` for the others.",
    )
    owner_id: IdFilter | None = on_id("t.owner_id", "member", "By who answers for it.")
    org_unit: OrgUnitScope | None = on_org_unit("t.org_unit_id", "By the owner's unit.")
    territory: TerritoryScope | None = on_territory("t.territory_id", "By the territory it is for.")


@strawberry.input(description="Which budgets.")
class CampaignBudgetFilter:
    campaign_id: IdFilter | None = on_id("t.campaign_id", "campaign", "By campaign.")
    counted_on: DateFilter | None = on("t.counted_on", "date", "By the day it counts from.")


@strawberry.input(description="Which costs.")
class CampaignCostFilter:
    and_: list["CampaignCostFilter"] | None = every()
    or_: list["CampaignCostFilter"] | None = some()
    not_: "CampaignCostFilter | None" = none_of()
    campaign_id: IdFilter | None = on_id("t.campaign_id", "campaign", "By campaign.")
    counted_on: DateFilter | None = on("t.counted_on", "date", "By the day it counts from.")
    spent_on: DateFilter | None = on("t.spent_on", "date", "By the day of the bill.")
    campaign: CampaignFilter | None = on_one("t.campaign_id", "Campaign", "By the campaign.")


@strawberry.input(description="Which touches.")
class CampaignTouchFilter:
    campaign_id: IdFilter | None = on_id("t.campaign_id", "campaign", "By campaign.")
    visit_id: IdFilter | None = on_id("t.visit_id", "visit", "By visit.")
    call_record_id: IdFilter | None = on_id("t.call_id", "call_record", "By call.")
    party_id: IdFilter | None = on_id("t.party_id", "party", "By customer.")
    counted_on: DateFilter | None = on("t.counted_on", "date", "By the day it counts from.")


_CAMPAIGNS: Final = orders_of(
    "Campaign",
    "campaigns",
    {
        "FIRST_ON": (SortKey("t.first_on", "date"), "By first day."),
        "LAST_ON": (SortKey("t.last_on", "date"), "By last day."),
        "CODE": (SortKey("t.code", "text"), "By code."),
    },
    "FIRST_ON",
)
_COSTS: Final = orders_of(
    "CampaignCost",
    "costs of campaigns",
    {
        "COUNTED_ON": (SortKey("t.counted_on", "date"), "By the day it counts from."),
        "SPENT_ON": (SortKey("t.spent_on", "date"), "By the day of the bill."),
    },
    "COUNTED_ON",
)
_COUNTED: Final = Orders({"COUNTED_ON": SortKey("t.counted_on", "date")}, "COUNTED_ON")


@strawberry.type
class CampaignsQuery:
    campaign: Campaign | None = one(Campaign, "One campaign; null when there is none in sight.")
    campaigns: Connection[Campaign] = listing(
        Campaign, _CAMPAIGNS, "Campaigns, latest first.", filter=CampaignFilter
    )
    campaign_budgets: Connection[CampaignBudget] = listing(
        CampaignBudget,
        _COUNTED,
        "What campaigns may cost, latest first. Action `campaign_cost.view`.",
        filter=CampaignBudgetFilter,
    )
    campaign_cost: CampaignCost | None = one(
        CampaignCost, "One cost; null when there is none in sight."
    )
    campaign_costs: Connection[CampaignCost] = listing(
        CampaignCost,
        _COSTS,
        "What campaigns cost, line by line, latest first. Action `campaign_cost.view`.",
        filter=CampaignCostFilter,
    )
    campaign_touches: Connection[CampaignTouch] = listing(
        CampaignTouch,
        _COUNTED,
        "Whom campaigns brought, line by line, latest first. Action `campaign_cost.view`.",
        filter=CampaignTouchFilter,
    )
