"""The campaigns that a visit or a call at a site may name: what a desk chooses from."""

from collections.abc import Mapping as MappingType
from datetime import date
from typing import Annotated, Any, Final

import strawberry

from service.schema.campaigns.types import Campaign
from service.schema.context import Info
from service.schema.costs import BOARD, costs
from service.schema.planner.mapping import PLANNED, mapping_of
from service.schema.planner.statements import Statement
from service.schema.planner.written import Written
from service.schema.scalars import NO_ROW, found_id
from service.schema.statistics.rows import in_rows, made_of, record_in_row

_MOST: Final = 200
# As `service.campaigns.rules.Reach` has it: these sites, else those of its territory, else all.
_REACHES: Final = (
    "CASE WHEN EXISTS (SELECT FROM app.campaign_site a WHERE a.tenant_id = $1"
    " AND a.campaign_id = t.id) THEN EXISTS (SELECT FROM app.campaign_site a"
    " WHERE a.tenant_id = $1 AND a.campaign_id = t.id AND a.site_id = h.id)"
    " ELSE t.territory_id IS NULL OR t.territory_id = h.territory_id"
    " OR EXISTS (SELECT FROM tree u JOIN tree b ON b.id = h.territory_id"
    " WHERE u.id = t.territory_id AND u.place <= b.place AND b.place < u.after) END"
)


@in_rows
@strawberry.type(description="A campaign that a visit or a call at the site may name.")
class RunningCampaign:
    campaign: Campaign | None = record_in_row("Campaign", "The campaign.")


def _running(
    statement: Statement, given: MappingType[str, Any], _asked: frozenset[str] | None
) -> str:
    site = statement.place(found_id(str(given["site_id"]), "site") or NO_ROW, "uuid")
    spans = statement.sight.policy.territories.spans
    nodes = statement.place(list(spans), "uuid[]")
    places = statement.place([place for place, _ in spans.values()], "integer[]")
    after = statement.place([end for _, end in spans.values()], "integer[]")
    day = "h.day"
    if given["on_day"]:
        day = statement.place(given["on_day"], "date")
    today = statement.settle("({now} AT TIME ZONE t.time_zone)::date")
    sites, campaigns = mapping_of("Site"), mapping_of("Campaign")
    return (
        f"WITH here AS (SELECT t.id, t.territory_id, {today} AS day {statement.rows_of(sites)}"
        f" AND t.id = {site}),"
        f" tree AS (SELECT * FROM unnest({nodes}, {places}, {after}) y (id, place, after))"
        f" SELECT t.id AS campaign {statement.rows_of(campaigns, ' CROSS JOIN here h')}"
        f" AND t.first_on <= {day} AND t.last_on >= {day}"
        f" AND (t.cancelled_on IS NULL OR t.cancelled_on > {day}) AND {_REACHES}"
        f" ORDER BY t.first_on DESC, t.id DESC LIMIT {_MOST}"
    )


@strawberry.type
class RunningCampaignsQuery:
    @strawberry.field(
        description="The campaigns that a visit or a call at a site may name, latest first, at most"
        " 200; none without such a site in sight.",
        metadata={PLANNED: Written(_running), **costs(BOARD)},
    )
    async def running_campaigns(
        self,
        info: Info,
        site_id: Annotated[strawberry.ID, strawberry.argument(description="The site.")],
        *,
        on_day: Annotated[
            date | None, strawberry.argument(description="The site's day; left out, today.")
        ] = None,
    ) -> list[RunningCampaign]:
        given = {"site_id": site_id, "on_day": on_day}
        reader = await info.context.reader()
        rows = await reader.fetch(lambda statement: _running(statement, given, reader.asked))
        return [made_of(RunningCampaign, dict(row)) for row in rows]
