"""What stands behind the figures of a campaign: its deals, and the customers that it won."""

from collections.abc import Mapping as MappingType
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar

import strawberry

from service.schema.boards.pieces import cut
from service.schema.campaigns.figures import (
    AsOfDay,
    chosen,
    deals,
    known_by,
    new_customers,
    opportunities,
    touches,
)
from service.schema.context import Info
from service.schema.costs import AGGREGATE, costs
from service.schema.customers import Party
from service.schema.opportunities.types import Opportunity
from service.schema.ownership.types import Deal
from service.schema.planner.mapping import PLANNED
from service.schema.planner.statements import Statement
from service.schema.planner.written import Written
from service.schema.reception.types import CallRecord, Visit
from service.schema.scalars import NO_ROW, found_id
from service.schema.statistics.rows import in_rows, made_of, record_in_row
from service.schema.statistics.trees import Write

_T = TypeVar("_T")

MOST: Final = 1_000
_DEALS: Final = "d.signed_at DESC, d.id DESC"
_HOPES: Final = "h.created_at DESC, h.id DESC"
_CUSTOMERS: Final = "n.touched_at DESC, n.party DESC"
_CampaignId = Annotated[strawberry.ID, strawberry.argument(description="The campaign.")]
_AfterId = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="The `cursor` of the last row of an answer that was cut."),
]


@strawberry.type(description="The touch by which somebody counts for a campaign.")
class OfTouch:
    party: Party | None = record_in_row("Party", "The customer.")
    visit: Visit | None = record_in_row(
        "Visit", "The visit that was his first touch; null where it was a call."
    )
    call_record: CallRecord | None = record_in_row(
        "CallRecord", "The call that was his first touch; null where it was a visit."
    )
    touched_at: datetime = strawberry.field(description="When it was.")
    cursor: strawberry.ID = strawberry.field(description="The row's place in the list.")
    cut: bool = strawberry.field(
        description="Whether the answer ends with this one though more follow: go on from there by"
        " `afterId`."
    )


@in_rows
@strawberry.type(description="A deal that counts for a campaign.")
class CampaignDeal(OfTouch):
    deal: Deal | None = record_in_row("Deal", "The deal.")


@in_rows
@strawberry.type(description="An opportunity that counts for a campaign.")
class CampaignOpportunity(OfTouch):
    opportunity: Opportunity | None = record_in_row("Opportunity", "The opportunity.")


@in_rows
@strawberry.type(description="A customer nobody knew before a campaign brought him.")
class CampaignCustomer(OfTouch):
    pass


def _chosen(statement: Statement, given: MappingType[str, Any]) -> str:
    row = found_id(str(given["campaign_id"]), "campaign") or NO_ROW
    return chosen(statement, f"t.id = {statement.place(row, 'uuid')}")


def _deals(
    statement: Statement, given: MappingType[str, Any], _asked: frozenset[str] | None
) -> str:
    day = known_by(statement, given["as_of_day"])
    parts = (_chosen(statement, given), *touches(statement, day), deals(day))
    last = _last(statement, given, "deal")
    further = last and (
        f" WHERE (d.signed_at, d.id) < (SELECT x.signed_at, x.id FROM deals x WHERE x.id = {last})"
    )
    return (
        f"WITH {', '.join(parts)} SELECT d.id AS deal, d.party, d.visit_id AS visit,"
        f" d.call_id AS call_record, d.touched_at, 'deal_' || d.id AS cursor, {cut(_DEALS, MOST)}"
        f" FROM deals d JOIN chosen s ON s.id = d.campaign_id{further}"
        f" ORDER BY {_DEALS} LIMIT {MOST}"
    )


def _opportunities(
    statement: Statement, given: MappingType[str, Any], _asked: frozenset[str] | None
) -> str:
    day = known_by(statement, given["as_of_day"])
    hopes = opportunities(statement, day)
    parts = (_chosen(statement, given), *touches(statement, day), hopes)
    last = _last(statement, given, "opportunity")
    further = last and (
        " WHERE (h.created_at, h.id) <"
        f" (SELECT x.created_at, x.id FROM hopes x WHERE x.id = {last})"
    )
    return (
        f"WITH {', '.join(parts)} SELECT h.id AS opportunity, h.party, h.visit_id AS visit,"
        f" h.call_id AS call_record, h.touched_at, 'opportunity_' || h.id AS cursor,"
        f" {cut(_HOPES, MOST)} FROM hopes h JOIN chosen s ON s.id = h.campaign_id{further}"
        f" ORDER BY {_HOPES} LIMIT {MOST}"
    )


def _customers(
    statement: Statement, given: MappingType[str, Any], _asked: frozenset[str] | None
) -> str:
    day = known_by(statement, given["as_of_day"])
    parts = (_chosen(statement, given), *touches(statement, day), new_customers())
    last = _last(statement, given, "party")
    further = last and (
        " WHERE (n.touched_at, n.party) <"
        f" (SELECT x.touched_at, x.party FROM newcomers x WHERE x.party = {last})"
    )
    return (
        f"WITH {', '.join(parts)} SELECT n.party, n.visit_id AS visit, n.call_id AS call_record,"
        f" n.touched_at, 'party_' || n.party AS cursor, {cut(_CUSTOMERS, MOST)}"
        f" FROM newcomers n JOIN chosen s ON s.id = n.campaign_id{further}"
        f" ORDER BY {_CUSTOMERS} LIMIT {MOST}"
    )


def _last(statement: Statement, given: MappingType[str, Any], kind: str) -> str:
    if not given.get("after_id"):
        return ""
    return statement.place(found_id(str(given["after_id"]), kind) or NO_ROW, "uuid")


@strawberry.type
class CampaignOpenedQuery:
    @strawberry.field(
        description="The deals that `campaignBoard` counts for a campaign, latest first; what is"
        " out of the caller's sight is null. The first 1,000: the last says whether more follow"
        " (`cut`). Action `campaign_cost.view`.",
        metadata={PLANNED: Written(_deals), **costs(AGGREGATE)},
    )
    async def campaign_deals(
        self,
        info: Info,
        campaign_id: _CampaignId,
        *,
        as_of_day: AsOfDay = None,
        after_id: _AfterId = None,
    ) -> list[CampaignDeal]:
        given = {"campaign_id": campaign_id, "as_of_day": as_of_day, "after_id": after_id}
        return await _rows(info, CampaignDeal, _deals, given)

    @strawberry.field(
        description="The opportunities that `campaignBoard` counts for a campaign, latest first;"
        " what is out of the caller's sight is null. The first 1,000: the last says whether more"
        " follow (`cut`). Action `campaign_cost.view`.",
        metadata={PLANNED: Written(_opportunities), **costs(AGGREGATE)},
    )
    async def campaign_opportunities(
        self,
        info: Info,
        campaign_id: _CampaignId,
        *,
        as_of_day: AsOfDay = None,
        after_id: _AfterId = None,
    ) -> list[CampaignOpportunity]:
        given = {"campaign_id": campaign_id, "as_of_day": as_of_day, "after_id": after_id}
        return await _rows(info, CampaignOpportunity, _opportunities, given)

    @strawberry.field(
        description="The new customers that `campaignBoard` counts for a campaign, latest first;"
        " what is out of the caller's sight is null. The first 1,000: the last says whether more"
        " follow (`cut`). Action `campaign_cost.view`.",
        metadata={PLANNED: Written(_customers), **costs(AGGREGATE)},
    )
    async def campaign_customers(
        self,
        info: Info,
        campaign_id: _CampaignId,
        *,
        as_of_day: AsOfDay = None,
        after_id: _AfterId = None,
    ) -> list[CampaignCustomer]:
        given = {"campaign_id": campaign_id, "as_of_day": as_of_day, "after_id": after_id}
        return await _rows(info, CampaignCustomer, _customers, given)


async def _rows(info: Info, kind: type[_T], write: Write, given: MappingType[str, Any]) -> list[_T]:
    reader = await info.context.reader()
    rows = await reader.fetch(lambda statement: write(statement, given, reader.asked))
    return [made_of(kind, dict(row)) for row in rows]
