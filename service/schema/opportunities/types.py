"""Opportunities, their stages, and how each stood on any day, as the API shows them."""

from datetime import date, datetime
from enum import Enum
from typing import Final

import strawberry

from service.opportunities import tables
from service.opportunities.tables import ForecastCategory, OpportunityState
from service.policies.access import RecordColumns
from service.schema.campaigns.types import TOUCH, Campaign, reaches
from service.schema.connections import Connection, Orders, SortKey
from service.schema.customers import Party
from service.schema.filters import (
    DateFilter,
    Filter,
    IdFilter,
    OrgUnitScope,
    TerritoryScope,
    every,
    none_of,
    on,
    on_id,
    on_org_unit,
    on_territory,
    some,
)
from service.schema.listing import listing
from service.schema.nodes import CREATED_AT, ID, VERSION, Node, described
from service.schema.organisation.types import Member, OrgUnit, Territory
from service.schema.planner.mapping import (
    Possible,
    allowed_actions,
    amount_of,
    column,
    key,
    name_in,
    names,
    planned,
    relation,
    sql,
    to_one,
)
from service.schema.reading import one
from service.schema.scalars import BigInt, LocalizedText, Money
from service.schema.targets.types import PLACE, Metric

described(
    OpportunityState,
    "Whether an opportunity is open, and how it ended. Values are added.",
    OPEN="It may still become business.",
    WON="It became business; what counts of it stands in the ledger.",
    LOST="Another got it, or nobody.",
    ABANDONED="The company gave it up.",
)
described(
    ForecastCategory,
    "In which forecasts an opportunity counts. Values are added.",
    COMMIT="It is promised: in every forecast.",
    BEST="It comes if all goes well: in the best case and in the whole pipeline.",
    PIPELINE="It is worked on: in the whole pipeline alone.",
    OMITTED="In no forecast and in no pipeline.",
)
_OPEN: Final = "t.state = 'OPEN'"
_WHOLE: Final = "In whole units of the metric: minor units of its currency, or pieces."
_CHANCE: Final = "How likely it is, in ten-thousandths."
_RECORDED_ON: Final = (
    "(t.created_at AT TIME ZONE"
    " (SELECT z.time_zone FROM app.tenant z WHERE z.tenant_id = $1))::date"
)
# As `campaignBoard` counts it, as of now, over `t`, an opportunity.
_FIRST_TOUCH: Final = f"""
(SELECT u.campaign_id FROM (
    SELECT {TOUCH} FROM app.campaign_touch l
    WHERE l.tenant_id = $1 AND l.party_id = t.party_id
    GROUP BY 1, 2, 3, 4, 5 HAVING sum(l.sign) > 0
    UNION ALL SELECT {TOUCH} FROM app.contact_point c
    JOIN app.call_record k ON k.tenant_id = $1 AND k.phone = c.phone
    JOIN app.campaign_touch l ON l.tenant_id = $1 AND l.call_id = k.id
    WHERE c.tenant_id = $1 AND c.party_id = t.party_id
    GROUP BY 1, 2, 3, 4, 5 HAVING sum(l.sign) > 0) u
JOIN app.campaign m ON m.tenant_id = $1 AND m.id = u.campaign_id
WHERE u.touched_at <= t.created_at AND {reaches(_RECORDED_ON)}
ORDER BY u.touched_at, u.visit_id, u.call_id LIMIT 1)
"""


@planned(tables.OpportunityStage, action="opportunity_stage.view", scope=RecordColumns())
@strawberry.type(description="A step on the way to a deal.")
class OpportunityStage(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    code: str = column("code", "Its code, never used for another.")
    name: str = name_in("names", "Its name, in the request's language.")
    names: LocalizedText = names("names", "The same in every language.")
    position: int = column("position", "Its place among the others.")
    probability_basis_points: int = column("probability_basis_points", _CHANCE)
    category: ForecastCategory = column("category", "In which forecasts what stands in it counts.")
    retired_at: datetime | None = column("retired_at", "Since when nothing comes to it.")


@strawberry.enum(description="A command for an opportunity. Values are added.")
class OpportunityAction(Enum):
    CHANGE = strawberry.enum_value("CHANGE", description="Change it.")
    CLOSE = strawberry.enum_value("CLOSE", description="Say how it ended.")
    REOPEN = strawberry.enum_value("REOPEN", description="Open it again.")


@planned(tables.Opportunity, action="opportunity.view", scope=PLACE)
@strawberry.type(description="Business that is hoped for.")
class Opportunity(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    created_at: datetime = column("created_at", CREATED_AT)
    name: str = column("name", "What it is called.")
    party: Party | None = to_one("party_id", "Party", "The customer.")
    member: Member | None = to_one("member_id", "Member", "Who has it.")
    org_unit: OrgUnit | None = to_one("org_unit_id", "OrgUnit", "The unit where it would count.")
    territory: Territory | None = to_one(
        "territory_id", "Territory", "The territory where it would count."
    )
    metric: Metric | None = to_one("metric_id", "Metric", "What it would count toward.")
    stage: OpportunityStage | None = to_one("stage_id", "OpportunityStage", "Where it stands.")
    category: ForecastCategory = column("category", "In which forecasts it counts.")
    probability_basis_points: int = column("probability_basis_points", _CHANCE)
    amount: BigInt = sql("t.amount", _WHOLE)
    money: Money | None = amount_of("t.amount", "t.currency", "The same as money; null for pieces.")
    weighted: BigInt = sql(
        "round(t.amount::numeric * t.probability_basis_points / 10000)::bigint",
        "The amount by its chance, half up.",
    )
    expected_on: date = column("expected_on", "The day it is expected to count.")
    state: OpportunityState = column("state", "Whether it is open, and how it ended.")
    closed_on: date | None = column("closed_on", "The day it ended; null while it is open.")
    reason: str | None = column("reason", "Why it ended so, as stated.")
    campaign: Campaign | None = relation(
        _FIRST_TOUCH,
        "Campaign",
        "The campaign of its customer's first touch: of his visits and calls that name one, not"
        " later than its recording and as far as `attributionDays` reach, the earliest.",
    )
    allowed_actions: list[OpportunityAction] = allowed_actions(
        "Commands the caller could issue now.",
        CHANGE=Possible("opportunity.record", _OPEN),
        CLOSE=Possible("opportunity.record", _OPEN),
        REOPEN=Possible("opportunity.record", f"NOT {_OPEN}"),
    )


@planned(tables.OpportunityStanding, action="opportunity.view", scope=PLACE)
@strawberry.type(
    description="How an opportunity stood from one day to another: what a board of a past day sums."
)
class OpportunityStanding(Node):
    id: strawberry.ID = key(ID)
    opportunity: Opportunity | None = to_one("opportunity_id", "Opportunity", "The opportunity.")
    party: Party | None = to_one("party_id", "Party", "The customer it had.")
    member: Member | None = to_one("member_id", "Member", "Who had it.")
    territory: Territory | None = to_one("territory_id", "Territory", "Where it would count.")
    metric: Metric | None = to_one("metric_id", "Metric", "What it would count toward.")
    stage: OpportunityStage | None = to_one("stage_id", "OpportunityStage", "Where it stood.")
    category: ForecastCategory = column("category", "In which forecasts it counted.")
    probability_basis_points: int = column("probability_basis_points", _CHANCE)
    amount: BigInt = sql("t.amount", _WHOLE)
    expected_on: date = column("expected_on", "The day it was expected to count.")
    state: OpportunityState = column("state", "Whether it was open, and how it ended.")
    first_day: date = column("first_day", "The first day on which it stood so.")
    last_day: date | None = sql(
        "nullif(t.last_day, 'infinity'::date)", "The last such day; null while it stands."
    )


@strawberry.input(description="Which opportunities.")
class OpportunityFilter:
    and_: list["OpportunityFilter"] | None = every()
    or_: list["OpportunityFilter"] | None = some()
    not_: "OpportunityFilter | None" = none_of()
    metric_id: IdFilter | None = on_id("t.metric_id", "metric", "By metric.")
    member_id: IdFilter | None = on_id("t.member_id", "member", "By who has it.")
    party_id: IdFilter | None = on_id("t.party_id", "party", "By customer.")
    stage_id: IdFilter | None = on_id("t.stage_id", "opportunity_stage", "By stage.")
    org_unit: OrgUnitScope | None = on_org_unit("t.org_unit_id", "By unit.")
    territory: TerritoryScope | None = on_territory("t.territory_id", "By territory.")
    state: Filter[OpportunityState] | None = on("t.state", "text", "By state.")
    category: Filter[ForecastCategory] | None = on("t.category", "text", "By category.")
    expected_on: DateFilter | None = on("t.expected_on", "date", "By expected day.")


@strawberry.input(description="Which standings of opportunities.")
class OpportunityStandingFilter:
    and_: list["OpportunityStandingFilter"] | None = every()
    or_: list["OpportunityStandingFilter"] | None = some()
    not_: "OpportunityStandingFilter | None" = none_of()
    opportunity_id: IdFilter | None = on_id("t.opportunity_id", "opportunity", "By opportunity.")
    metric_id: IdFilter | None = on_id("t.metric_id", "metric", "By metric.")
    member_id: IdFilter | None = on_id("t.member_id", "member", "By who had it.")
    org_unit: OrgUnitScope | None = on_org_unit("t.org_unit_id", "By unit.")
    territory: TerritoryScope | None = on_territory("t.territory_id", "By territory.")
    first_day: DateFilter | None = on("t.first_day", "date", "By first day.")


_STAGES: Final = Orders({"POSITION": SortKey("t.position", "bigint")}, "POSITION", descending=False)
_EXPECTED: Final = Orders(
    {"EXPECTED_ON": SortKey("t.expected_on", "date")}, "EXPECTED_ON", descending=False
)
_STOOD: Final = Orders({"FIRST_DAY": SortKey("t.first_day", "date")}, "FIRST_DAY")


@strawberry.type
class OpportunitiesQuery:
    opportunity_stage: OpportunityStage | None = one(
        OpportunityStage, "One stage; null when there is none in sight."
    )
    opportunity_stages: Connection[OpportunityStage] = listing(
        OpportunityStage, _STAGES, "The stages of opportunities, in their order."
    )
    opportunity: Opportunity | None = one(
        Opportunity, "One opportunity; null when there is none in sight."
    )
    opportunities: Connection[Opportunity] = listing(
        Opportunity,
        _EXPECTED,
        "Opportunities as they stand now, by the day they are expected to count.",
        filter=OpportunityFilter,
    )
    opportunity_standings: Connection[OpportunityStanding] = listing(
        OpportunityStanding,
        _STOOD,
        "How opportunities stood, latest first: what the boards of past days sum.",
        filter=OpportunityStandingFilter,
    )
