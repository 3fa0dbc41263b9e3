"""What stands behind the figures of a campaign: its deals, and the customers that it won."""

from collections.abc import Iterable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar

import strawberry

from service.schema.boards.pieces import ENDS, AfterRow, cut
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
from service.schema.costs import BOARD, costs
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
_CampaignId = Annotated[strawberry.ID, strawberry.argument(description="The campaign.")]


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
    cut: bool = strawberry.field(description=ENDS)


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


@dataclass(frozen=True, slots=True)
class _Counted:
    """What counts for a campaign and is listed, latest first.

    Attributes:
        kind: what its ids are of.
        rows: the CTE that has it, each with its campaign.
        id, at: its columns of which it is and since when.
    """

    kind: str
    rows: str
    id: str
    at: str

    def listed(
        self, statement: Statement, given: MappingType[str, Any], parts: Iterable[str]
    ) -> str:
        """Write the list; `parts` are the CTEs that it is read from."""
        order, further = f"r.{self.at} DESC, r.{self.id} DESC", ""
        if given.get("after_id"):
            last = found_id(str(given["after_id"]), self.kind) or NO_ROW
            further = (
                f" WHERE (r.{self.at}, r.{self.id}) < (SELECT x.{self.at}, x.{self.id}"
                f" FROM {self.rows} x WHERE x.{self.id} = {statement.place(last, 'uuid')})"
            )
        own = "" if self.id == "party" else f"r.{self.id} AS {self.kind}, "
        return (
            f"WITH {', '.join(parts)} SELECT {own}r.party, r.visit_id AS visit,"
            f" r.call_id AS call_record, r.touched_at, '{self.kind}_' || r.{self.id} AS cursor,"
            f" {cut(order, MOST)} FROM {self.rows} r JOIN chosen s ON s.id = r.campaign_id{further}"
            f" ORDER BY {order} LIMIT {MOST}"
        )


_DEALS: Final = _Counted("deal", "deals", "id", "signed_at")
_OPPORTUNITIES: Final = _Counted("opportunity", "hopes", "id", "created_at")
_CUSTOMERS: Final = _Counted("party", "newcomers", "party", "touched_at")


def _deals(
    statement: Statement, given: MappingType[str, Any], _asked: frozenset[str] | None
) -> str:
    day = known_by(statement, given["as_of_day"])
    parts = (_chosen(statement, given), *touches(statement, day), deals(day))
    return _DEALS.listed(statement, given, parts)


def _opportunities(
    statement: Statement, given: MappingType[str, Any], _asked: frozenset[str] | None
) -> str:
    day = known_by(statement, given["as_of_day"])
    hopes = opportunities(statement, day)
    parts = (_chosen(statement, given), *touches(statement, day), hopes)
    return _OPPORTUNITIES.listed(statement, given, parts)


def _customers(
    statement: Statement, given: MappingType[str, Any], _asked: frozenset[str] | None
) -> str:
    day = known_by(statement, given["as_of_day"])
    parts = (_chosen(statement, given), *touches(statement, day), new_customers())
    return _CUSTOMERS.listed(statement, given, parts)


@strawberry.type
class CampaignOpenedQuery:
    @strawberry.field(
        description="The deals that `campaignBoard` counts for a campaign, latest first; what is"
        " out of the caller's sight is null. The first 1,000: the last says whether more follow"
        " (`cut`). Action `campaign_cost.view`.",
        metadata={PLANNED: Written(_deals), **costs(BOARD)},
    )
    async def campaign_deals(
        self,
        info: Info,
        campaign_id: _CampaignId,
        *,
        as_of_day: AsOfDay = None,
        after_id: AfterRow = None,
    ) -> list[CampaignDeal]:
        given = {"campaign_id": campaign_id, "as_of_day": as_of_day, "after_id": after_id}
        return await _rows(info, CampaignDeal, _deals, given)

    @strawberry.field(
        description="The opportunities that `campaignBoard` counts for a campaign, latest first;"
        " what is out of the caller's sight is null. The first 1,000: the last says whether more"
        " follow (`cut`). Action `campaign_cost.view`.",
        metadata={PLANNED: Written(_opportunities), **costs(BOARD)},
    )
    async def campaign_opportunities(
        self,
        info: Info,
        campaign_id: _CampaignId,
        *,
        as_of_day: AsOfDay = None,
        after_id: AfterRow = None,
    ) -> list[CampaignOpportunity]:
        given = {"campaign_id": campaign_id, "as_of_day": as_of_day, "after_id": after_id}
        return await _rows(info, CampaignOpportunity, _opportunities, given)

    @strawberry.field(
        description="The new customers that `campaignBoard` counts for a campaign, latest first;"
        " what is out of the caller's sight is null. The first 1,000: the last says whether more"
        " follow (`cut`). Action `campaign_cost.view`.",
        metadata={PLANNED: Written(_customers), **costs(BOARD)},
    )
    async def campaign_customers(
        self,
        info: Info,
        campaign_id: _CampaignId,
        *,
        as_of_day: AsOfDay = None,
        after_id: AfterRow = None,
    ) -> list[CampaignCustomer]:
        given = {"campaign_id": campaign_id, "as_of_day": as_of_day, "after_id": after_id}
        return await _rows(info, CampaignCustomer, _customers, given)


async def _rows(info: Info, kind: type[_T], write: Write, given: MappingType[str, Any]) -> list[_T]:
    reader = await info.context.reader()
    rows = await reader.fetch(lambda statement: write(statement, given, reader.asked))
    return [made_of(kind, dict(row)) for row in rows]
