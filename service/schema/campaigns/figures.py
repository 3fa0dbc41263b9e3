"""What campaigns brought and cost, as far as it was known on a day, in one statement.

A deal counts for the campaign of its customer's first touch: of his visits and calls that name a
campaign, not later than the signature and at most `attributionDays` of that campaign before it, the
earliest. So does an opportunity by the instant at which it was recorded. Everything is read from
ledgers that are only added to, each line from a day on, so that the figures of a past day never
change.
"""

from collections.abc import Iterator
from collections.abc import Mapping as MappingType
from datetime import date
from typing import Annotated, Any, Final

import strawberry

from service.campaigns.tables import CampaignState
from service.schema.boards.pieces import ENDS, cut
from service.schema.campaigns.types import PLACE, TOUCH, Campaign, CampaignFilter, reaches, state_on
from service.schema.context import Info
from service.schema.costs import BOARD, costs
from service.schema.filters import condition
from service.schema.organisation.types import TODAY
from service.schema.planner.mapping import PLANNED, amount_of, mapping_of
from service.schema.planner.statements import Statement
from service.schema.planner.written import Written
from service.schema.scalars import NO_ROW, CurrencyCode, Money, found_id, money
from service.schema.statistics.rows import in_rows, made_of, record_in_row

MOST: Final = 500
_ORDER: Final = "t.first_on DESC, t.id DESC"
_EVEN: Final = "Rounded half to even; null where there is none."
_MONEY: Final = (
    "budget",
    "cost",
    "budget_left",
    "subscribed",
    "open_pipeline",
    "cost_per_visit",
    "cost_per_deal",
    "cost_per_new_customer",
)
AsOfDay = Annotated[
    date | None,
    strawberry.argument(
        description="What was known at the end of that day; left out, all that is known now."
    ),
]


def _of(name: str, description: str) -> Any:  # noqa: ANN401 - what a declaration returns
    return amount_of(f't."{name}"', 't."currency"', description)


@in_rows
@strawberry.type(description="What a campaign brought and cost.")
class CampaignBoardRow:
    campaign: Campaign | None = record_in_row("Campaign", "The campaign.")
    cut: bool = strawberry.field(description=ENDS)
    state: CampaignState = strawberry.field(description="Where it was on the last day looked at.")
    currency: CurrencyCode = strawberry.field(description="Of its amounts.")
    visit_count: int = strawberry.field(
        description="Visits that it brought: `campaignTouches`, and `visits` as of now."
    )
    call_count: int = strawberry.field(description="Calls that it brought.")
    registration_count: int = strawberry.field(
        description="Those visits and calls whose customer was validly entered in a register."
    )
    new_customer_count: int = strawberry.field(
        description="Customers nobody knew before their first touch, which was its."
    )
    deal_count: int = strawberry.field(
        description="Deals of customers whose first touch before the signature was its."
    )
    subscribed: Money | None = _of("subscribed", "What those deals in its currency come to.")
    other_currency_deal_count: int = strawberry.field(
        description="Those of them without a price or in another currency: in no amount."
    )
    opportunity_count: int = strawberry.field(
        description="Opportunities of customers whose first touch before they were recorded was"
        " its; opens to `campaignOpportunities`."
    )
    open_opportunity_count: int = strawberry.field(
        description="Those of them that were open on the last day looked at."
    )
    open_pipeline: Money | None = _of(
        "open_pipeline", "What those open ones whose metric is in its currency would come to."
    )
    budget: Money | None = _of("budget", "What it may cost; null where nobody said.")
    cost: Money | None = _of("cost", "What it cost so far; opens to `campaignCosts`.")
    budget_left: Money | None = _of(
        "budget_left", "The budget less the cost, below 0 where it is exceeded; null without one."
    )
    cost_per_visit: Money | None = _of("cost_per_visit", f"The cost by its visits. {_EVEN}")
    cost_per_deal: Money | None = _of("cost_per_deal", f"The cost by its deals. {_EVEN}")
    cost_per_new_customer: Money | None = _of(
        "cost_per_new_customer", f"The cost by its new customers. {_EVEN}"
    )


def half_even(dividend: str, divisor: str) -> str:
    """Write a quotient of whole numbers not below 0, a half to the even one; null by nothing."""
    whole = f"div({dividend}, {divisor})"
    twice = f"2 * mod({dividend}, {divisor})"
    up = f"{twice} > {divisor} OR ({twice} = {divisor} AND mod({whole}, 2) = 1)"
    return f"CASE WHEN {divisor} > 0 THEN {whole} + CASE WHEN {up} THEN 1 ELSE 0 END END"


def chosen(statement: Statement, wanted: str) -> str:
    """Write the CTE `chosen`: the campaigns asked for whose figures the caller may see.

    Args:
        statement: the statement.
        wanted: SQL over `t`, a campaign.
    """
    mapping = mapping_of("Campaign")
    allowed = statement.allowed("campaign_cost.view", PLACE)
    return (
        "chosen AS MATERIALIZED (SELECT t.id, t.first_on, t.last_on, t.cancelled_on, t.currency,"
        f" {cut(_ORDER, MOST)} {statement.rows_of(mapping)} AND {statement.settle(allowed)}"
        f" AND {wanted} ORDER BY {_ORDER} LIMIT {MOST})"
    )


def touches(statement: Statement, day: str) -> Iterator[str]:
    """Yield the CTEs of whom the chosen campaigns brought, and of everything that brought those.

    `brought` has a row for each visit and call; `touches` all of these customers, whatever the
    campaign; both with `party`, the customer as he was known on the day.
    """
    zone = statement.place(statement.sight.tenant.time_zone, "text")
    end = f"({day} + 1)::timestamp AT TIME ZONE {zone}"
    stands = f"l.counted_on <= {day} GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(l.sign) > 0"
    yield (
        f"lines AS (SELECT l.party_id, {TOUCH} FROM app.campaign_touch l"
        f" WHERE l.tenant_id = $1 AND l.campaign_id IN (SELECT id FROM chosen) AND {stands})"
    )
    yield (
        f"brought AS MATERIALIZED (SELECT {TOUCH}, coalesce(l.party_id, c.party_id) AS party"
        " FROM lines l"
        " LEFT JOIN app.call_record k ON k.tenant_id = $1 AND k.id = l.call_id"
        " LEFT JOIN app.contact_point c ON c.tenant_id = $1 AND c.phone = k.phone"
        f" AND c.created_at < {end})"
    )
    yield "parties AS MATERIALIZED (SELECT DISTINCT party FROM brought WHERE party IS NOT NULL)"
    yield (
        f"touches AS MATERIALIZED (SELECT p.party, {TOUCH} FROM parties p"
        " JOIN app.campaign_touch l ON l.tenant_id = $1 AND l.party_id = p.party"
        f" WHERE {stands}"
        f" UNION ALL SELECT p.party, {TOUCH} FROM parties p"
        " JOIN app.contact_point c ON c.tenant_id = $1 AND c.party_id = p.party"
        f" AND c.created_at < {end}"
        " JOIN app.call_record k ON k.tenant_id = $1 AND k.phone = c.phone"
        " JOIN app.campaign_touch l ON l.tenant_id = $1 AND l.call_id = k.id"
        f" WHERE {stands})"
    )


def deals(day: str) -> str:
    """Write the CTE `deals`: these customers' deals, each with the campaign of its first touch."""
    signed_on = "(d.signed_at AT TIME ZONE z.time_zone)::date"
    return (
        "deals AS (SELECT DISTINCT ON (d.id) d.id, d.amount_minor, d.currency, d.signed_at,"
        " u.party, u.campaign_id, u.visit_id, u.call_id, u.touched_at FROM touches u"
        " JOIN app.campaign m ON m.tenant_id = $1 AND m.id = u.campaign_id"
        " JOIN app.deal d ON d.tenant_id = $1 AND d.party_id = u.party"
        " JOIN app.site z ON z.tenant_id = $1 AND z.id = d.site_id"
        f" WHERE u.touched_at <= d.signed_at AND {signed_on} <= {day}"
        f" AND coalesce((d.cancelled_at AT TIME ZONE z.time_zone)::date > {day}, TRUE)"
        f" AND {reaches(signed_on)}"
        " ORDER BY d.id, u.touched_at, u.visit_id, u.call_id)"
    )


def opportunities(statement: Statement, day: str) -> str:
    """Write the CTE `hopes`: these customers' opportunities, with the campaign of the first touch.

    Args:
        statement: the statement.
        day: SQL of the last day looked at.
    """
    zone = statement.place(statement.sight.tenant.time_zone, "text")
    recorded_on = f"(o.created_at AT TIME ZONE {zone})::date"
    return (
        "hopes AS (SELECT DISTINCT ON (o.id) o.id, o.created_at, u.party, u.campaign_id,"
        " u.visit_id, u.call_id, u.touched_at, g.amount, g.currency, g.state FROM touches u"
        " JOIN app.campaign m ON m.tenant_id = $1 AND m.id = u.campaign_id"
        " JOIN app.opportunity_standing g ON g.tenant_id = $1 AND g.party_id = u.party"
        f" AND g.first_day <= {day} AND g.last_day >= {day}"
        " JOIN app.opportunity o ON o.tenant_id = $1 AND o.id = g.opportunity_id"
        f" WHERE u.touched_at <= o.created_at AND {reaches(recorded_on)}"
        " ORDER BY o.id, u.touched_at, u.visit_id, u.call_id)"
    )


def new_customers() -> str:
    """Write the CTE `newcomers`: customers unknown before their first touch, with its campaign."""
    return (
        "newcomers AS (SELECT f.party, f.campaign_id, f.visit_id, f.call_id, f.touched_at"
        " FROM (SELECT DISTINCT ON (u.party) u.* FROM touches u"
        " ORDER BY u.party, u.touched_at, u.visit_id, u.call_id) f"
        " JOIN app.party y ON y.tenant_id = $1 AND y.id = f.party"
        " WHERE y.created_at >= f.touched_at)"
    )


def _registered(day: str) -> str:
    return (
        "EXISTS (SELECT FROM app.registration r"
        " JOIN app.site z ON z.tenant_id = $1 AND z.id = r.site_id"
        " WHERE r.tenant_id = $1 AND r.party_id = b.party AND r.result = 'VALID'"
        " AND (r.visit_id = b.visit_id OR r.call_id = b.call_id)"
        f" AND (r.entered_at AT TIME ZONE z.time_zone)::date <= {day})"
    )


def _sums(day: str) -> Iterator[str]:
    yield (
        "reached AS (SELECT b.campaign_id AS id, count(b.visit_id) AS visits,"
        f" count(b.call_id) AS calls, count(*) FILTER (WHERE {_registered(day)}) AS registered"
        " FROM brought b GROUP BY 1)"
    )
    yield "met AS (SELECT campaign_id AS id, count(*) AS customers FROM newcomers GROUP BY 1)"
    yield (
        "won AS (SELECT d.campaign_id AS id, count(*) AS deals,"
        " coalesce(sum(d.amount_minor) FILTER (WHERE d.currency = s.currency), 0) AS amount,"
        " count(*) FILTER (WHERE d.currency IS DISTINCT FROM s.currency) AS others"
        " FROM deals d JOIN chosen s ON s.id = d.campaign_id GROUP BY 1)"
    )
    yield (
        "hoped AS (SELECT h.campaign_id AS id, count(*) AS opportunities,"
        " count(*) FILTER (WHERE h.state = 'OPEN') AS open, coalesce(sum(h.amount)"
        " FILTER (WHERE h.state = 'OPEN' AND h.currency = s.currency), 0) AS amount"
        " FROM hopes h JOIN chosen s ON s.id = h.campaign_id GROUP BY 1)"
    )
    yield (
        "spent AS (SELECT o.campaign_id AS id, sum(o.amount_minor) AS cost"
        " FROM app.campaign_cost o WHERE o.tenant_id = $1"
        f" AND o.campaign_id IN (SELECT id FROM chosen) AND o.counted_on <= {day} GROUP BY 1)"
    )
    yield (
        "allowed AS (SELECT DISTINCT ON (o.campaign_id) o.campaign_id AS id, o.amount_minor"
        " FROM app.campaign_budget o WHERE o.tenant_id = $1"
        f" AND o.campaign_id IN (SELECT id FROM chosen) AND o.counted_on <= {day}"
        " ORDER BY o.campaign_id, o.counted_on DESC, o.recorded_at DESC, o.id DESC)"
    )


def known_by(statement: Statement, as_of: date | None) -> str:
    """Place the last day looked at; left out, every day."""
    return statement.place(as_of, "date") if as_of else "'infinity'::date"


def _wanted(statement: Statement, given: MappingType[str, Any]) -> str:
    which = given["filter"]
    wanted = condition(which, statement) if which else "TRUE"
    if given.get("after_id"):
        one = statement.place(found_id(str(given["after_id"]), "campaign") or NO_ROW, "uuid")
        rows = statement.rows_of(mapping_of("Campaign"))
        wanted += f" AND (t.first_on, t.id) < (SELECT t.first_on, t.id {rows} AND t.id = {one})"
    return wanted


def _board(
    statement: Statement, given: MappingType[str, Any], _asked: frozenset[str] | None
) -> str:
    day = known_by(statement, given["as_of_day"])
    told = day if given["as_of_day"] else statement.settle(TODAY)
    parts = [
        chosen(statement, _wanted(statement, given)),
        *touches(statement, day),
        deals(day),
        new_customers(),
        opportunities(statement, day),
        *_sums(day),
    ]
    return (
        f"WITH {', '.join(parts)} SELECT s.id AS campaign, s.cut, {state_on(told, 's')} AS"
        " state, s.currency, f.visits::integer AS visit_count, f.calls::integer AS call_count,"
        " f.registered::integer AS registration_count, f.customers::integer AS new_customer_count,"
        " f.deals::integer AS deal_count, f.amount::bigint AS subscribed,"
        " f.others::integer AS other_currency_deal_count,"
        " coalesce(p.opportunities, 0)::integer AS opportunity_count,"
        " coalesce(p.open, 0)::integer AS open_opportunity_count,"
        " coalesce(p.amount, 0)::bigint AS open_pipeline, f.budget, f.cost::bigint AS cost,"
        " (f.budget - f.cost)::bigint AS budget_left,"
        f" ({half_even('f.cost', 'f.visits')})::bigint AS cost_per_visit,"
        f" ({half_even('f.cost', 'f.deals')})::bigint AS cost_per_deal,"
        f" ({half_even('f.cost', 'f.customers')})::bigint AS cost_per_new_customer"
        " FROM chosen s LEFT JOIN reached r ON r.id = s.id LEFT JOIN met e ON e.id = s.id"
        " LEFT JOIN hoped p ON p.id = s.id LEFT JOIN won w ON w.id = s.id"
        " LEFT JOIN spent o ON o.id = s.id"
        " LEFT JOIN allowed a ON a.id = s.id"
        " CROSS JOIN LATERAL (SELECT coalesce(r.visits, 0)::numeric AS visits,"
        " coalesce(r.calls, 0) AS calls, coalesce(r.registered, 0) AS registered,"
        " coalesce(e.customers, 0)::numeric AS customers, coalesce(w.deals, 0)::numeric AS deals,"
        " coalesce(w.amount, 0) AS amount, coalesce(w.others, 0) AS others,"
        " a.amount_minor AS budget, coalesce(o.cost, 0)::numeric AS cost) f"
        " ORDER BY s.first_on DESC, s.id DESC"
    )


@strawberry.type
class CampaignBoardQuery:
    @strawberry.field(
        description="What campaigns brought and cost, latest first: all of theirs, also of sites"
        " out of the caller's sight. The first 500: the last says whether more follow (`cut`). A"
        " deal counts for the campaign of its customer's first touch, the earliest of his visits"
        " and calls that name one, as far as that campaign's `attributionDays` reach. Action"
        " `campaign_cost.view` where the campaign's owner is, or at the territory it is for, also"
        " of one whom another owns: the one it names, or else the lowest that has all the sites"
        " it names, as these stood when it was planned or last changed.",
        metadata={PLANNED: Written(_board), **costs(BOARD)},
    )
    async def campaign_board(
        self,
        info: Info,
        *,
        filter: Annotated[
            CampaignFilter | None,
            strawberry.argument(description="Which campaigns; left out, all."),
        ] = None,
        as_of_day: AsOfDay = None,
        after_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="The campaign after which to go on, the last of an answer that was cut."
            ),
        ] = None,
    ) -> list[CampaignBoardRow]:
        given = {"filter": filter, "as_of_day": as_of_day, "after_id": after_id}
        reader = await info.context.reader()
        rows = await reader.fetch(lambda statement: _board(statement, given, reader.asked))
        return [_made(dict(row)) for row in rows]


def _made(row: dict[str, Any]) -> CampaignBoardRow:
    amounts = {name: money(row[name], row["currency"]) for name in _MONEY}
    return made_of(CampaignBoardRow, {**row, **amounts, "state": CampaignState(row["state"])})
