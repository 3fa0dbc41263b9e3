"""What happened in each territory of a sub-tree: figures rolled up the tree, in one statement."""

from collections.abc import Callable, Collection
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from typing import Annotated, Any, Final

import strawberry
from strawberry.types.base import get_object_definition
from strawberry.utils.str_converters import to_camel_case

from service.organisation.territory_tree import places_at
from service.schema.context import Info
from service.schema.costs import BOARD, costs
from service.schema.organisation.types import Territory
from service.schema.ownership.states import STATE
from service.schema.planner.mapping import PLANNED, mapping_of
from service.schema.planner.statements import Statement
from service.schema.planner.written import Written
from service.schema.scalars import NO_ROW, Money, found_id
from service.schema.statistics.counting import Statistics
from service.schema.statistics.fields import note_counted
from service.schema.statistics.ownership import DEALS, FOLLOW_UPS, REGISTRATIONS
from service.schema.statistics.periods import Days, PeriodInput, days_of, within
from service.schema.statistics.reception import CALLS, VISITS
from service.schema.statistics.rows import (
    amounts,
    amounts_in_row,
    in_rows,
    made_of,
    record_in_row,
)
from service.schema.statistics.trees import MOST_NODES, checked_depth, in_bounds, walked, whole


@in_rows
@strawberry.type(
    description="What happened in a territory and everything below it, as far as the caller could"
    " list it."
)
class TerritoryActivity:
    territory: Territory | None = record_in_row("Territory", "The territory.")
    parent: Territory | None = record_in_row(
        "Territory", "The territory above it in this answer; null for the first."
    )
    depth: int = strawberry.field(description="Levels below the territory asked for, which is 0.")
    customer_count: int = strawberry.field(description="Customers who are from there.")
    new_customer_count: int = strawberry.field(
        description="Customers recorded in the period, cut in the company's time zone."
    )
    live_registration_count: int = strawberry.field(
        description="Registrations that protect at this instant, whenever they were entered."
    )
    registration_count: int = strawberry.field(description="Registrations entered in the period.")
    visit_count: int = strawberry.field(description="Visits in the period.")
    call_count: int = strawberry.field(description="Telephone enquiries in the period.")
    follow_up_count: int = strawberry.field(description="Follow-ups made in the period.")
    deal_count: int = strawberry.field(description="Deals signed in the period.")
    amounts: list[Money] = amounts_in_row(
        "Their prices together, exact, one sum for each currency, by its code."
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """A roll-up being written.

    Attributes:
        nodes: the parameter with the ids of the sub-tree.
        wanted: the figures selected, by Python name.
    """

    statement: Statement
    days: Days
    nodes: str
    wanted: Collection[str]

    def rows(self, of: str, columns: str) -> str:
        """Write the rows of a list that lie in the sub-tree."""
        rows = self.statement.rows_of(mapping_of(of))
        return f"SELECT {columns} {rows} AND t.territory_id = ANY({self.nodes})"

    def in_period(self, what: Statistics, columns: str) -> str:
        """Write those of them that fall in the period."""
        inside = within(self.statement, self.days, what.at, what.day)
        rows = self.rows(what.of, "t.*")
        return f"SELECT {columns} FROM ({rows}) t {what.zone_of_day} WHERE {inside}"

    def counted(self, what: Statistics) -> str:
        """Write how many of them each territory has."""
        return f"{self.in_period(what, 't.territory_id, count(*) AS n')} GROUP BY 1"


def _parties(asked: _Asked) -> str:
    zone = asked.statement.place(asked.statement.sight.tenant.time_zone, "text")
    day = f"(t.created_at AT TIME ZONE {zone})::date"
    new = within(asked.statement, asked.days, "t.created_at", day)
    counts = f"t.territory_id, count(*) AS n, count(*) FILTER (WHERE {new}) AS new"
    return f"{asked.rows('Party', counts)} GROUP BY 1"


def _registrations(asked: _Asked) -> str:
    # One reading of the register serves both: what is live, and what was entered.
    inside = within(asked.statement, asked.days, REGISTRATIONS.at, REGISTRATIONS.day)
    live = asked.statement.settle(f"{STATE} = 'LIVE'")
    counts = (
        f"t.territory_id, count(*) FILTER (WHERE {inside}) AS n,"
        f" count(*) FILTER (WHERE {live}) AS live, array_agg(DISTINCT t.member_id) AS owners"
    )
    rows = asked.rows("Registration", "t.*")
    return f"SELECT {counts} FROM ({rows}) t {REGISTRATIONS.zone} GROUP BY 1"


def _deals(asked: _Asked) -> str:
    counts = "t.territory_id, t.currency, count(*) AS n, sum(t.amount_minor) AS minor"
    return f"{asked.in_period(DEALS, counts)} GROUP BY 1, 2"


# Each reading, and the figures it gives: the figure's name and its column.
_READINGS: Final[dict[str, tuple[Callable[[_Asked], str], dict[str, str]]]] = {
    "parties": (_parties, {"customer_count": "n", "new_customer_count": "new"}),
    "registrations": (
        _registrations,
        {"registration_count": "n", "live_registration_count": "live"},
    ),
    "visits": (lambda asked: asked.counted(VISITS), {"visit_count": "n"}),
    "calls": (lambda asked: asked.counted(CALLS), {"call_count": "n"}),
    "follow_ups": (lambda asked: asked.counted(FOLLOW_UPS), {"follow_up_count": "n"}),
}
_REGISTER: Final = "registrations"


def activity(asked: _Asked, root: str, depth: str) -> str:
    """Write the whole statement.

    Each record is counted once, where it lies; each node then gives its counts to every node above
    it in the sub-tree, so the numbers of nodes and levels are all that is multiplied.
    """
    readings = {
        name: (
            write,
            {figure: column for figure, column in figures.items() if figure in asked.wanted},
        )
        for name, (write, figures) in _READINGS.items()
    }
    readings = {name: one for name, one in readings.items() if one[1]}
    places = places_at(asked.statement.settle("{now}"))
    parts = [walked(asked.statement, "Territory", f"t.id = ANY({asked.nodes})", root, places)]
    parts.append(
        "upward AS (SELECT w.id, above.id AS above FROM walked w, unnest(w.path) above (id))"
    )
    columns, joins = ["w.id AS territory", "w.parent_id AS parent", "w.depth"], []
    for name, (write, figures) in readings.items():
        sums = ", ".join(f'sum(r.{column}) AS "{figure}"' for figure, column in figures.items())
        parts.append(f"{name} AS ({write(asked)})")
        parts.append(
            f"{name}_above AS (SELECT u.above, {sums} FROM upward u"
            f" JOIN {name} r ON r.territory_id = u.id GROUP BY 1)"
        )
        joins.append(f"LEFT JOIN {name}_above ON {name}_above.above = w.id")
        columns += [f'coalesce({name}_above."{one}", 0)::integer AS "{one}"' for one in figures]
    if {"deal_count", "amounts"} & set(asked.wanted):
        parts += [f"deals AS ({_deals(asked)})", _DEALS_ABOVE]
        joins.append("LEFT JOIN deals_above d ON d.above = w.id")
        columns += ['coalesce(d.n, 0)::integer AS "deal_count"']
        columns += ["coalesce(d.amounts, '[]') AS \"amounts\""]
    owners = "NULL::uuid[]"
    if _REGISTER in readings:
        # Whose registrations were counted stands in the first row: it is the same for all.
        owners = (
            "CASE WHEN w.depth = 0 THEN (SELECT array_agg(DISTINCT one.id)"
            f" FROM {_REGISTER} r, unnest(r.owners) one (id)) END"
        )
    return (
        f"WITH {', '.join(parts)} SELECT {', '.join(columns)}, {owners} AS owners"
        f" FROM walked w {' '.join(joins)} WHERE w.depth <= {depth}"
        f" ORDER BY w.place, w.id LIMIT {MOST_NODES + 1}"
    )


_DEALS_ABOVE: Final = """
deals_above AS (
    SELECT s.above, sum(s.n) AS n,
           jsonb_agg(jsonb_build_array(s.minor::text, s.currency) ORDER BY s.currency)
           FILTER (WHERE s.currency IS NOT NULL) AS amounts
    FROM (SELECT u.above, d.currency, sum(d.n) AS n, sum(d.minor) AS minor
          FROM upward u JOIN deals d ON d.territory_id = u.id GROUP BY 1, 2) s
    GROUP BY 1)
"""


def _written(
    statement: Statement, given: MappingType[str, Any], asked: frozenset[str] | None
) -> str:
    root = found_id(str(given["territory_id"]), "territory") or NO_ROW
    depth = checked_depth(given["depth"])
    days = days_of(given["period"])
    # The tree as ids: a sub-tree by path would be no condition of an index.
    nodes = statement.place(list(statement.sight.policy.territories.below(root)), "uuid[]")
    rolled = _Asked(statement, days, nodes, _wanted(asked))
    return activity(rolled, statement.place(root, "uuid"), statement.place(depth, "integer"))


def _wanted(asked: frozenset[str] | None) -> frozenset[str]:
    fields = get_object_definition(TerritoryActivity, strict=True).fields
    names = (one.python_name for one in fields)
    return frozenset(name for name in names if asked is None or to_camel_case(name) in asked)


@strawberry.type
class TerritoryActivityQuery:
    @strawberry.field(
        description="A territory first, then its sub-tree in depth-first order down to `depth`:"
        " what happened in each and everything below it, as far as the caller could list it; the"
        " regional manager's page is one request. Empty when the territory is out of sight."
        " Counting a colleague's registrations is audited.",
        metadata={
            PLANNED: Written(
                in_bounds(_written, lambda policy: policy.territories), counts="Registration"
            ),
            **costs(BOARD),
        },
    )
    async def territory_activity(
        self,
        info: Info,
        territory_id: Annotated[
            strawberry.ID, strawberry.argument(description="The territory to begin with.")
        ],
        period: Annotated[
            PeriodInput,
            strawberry.argument(description="The days, cut in the time zone of each site."),
        ],
        depth: Annotated[
            int, strawberry.argument(description="How many levels below it, 0 to 100.")
        ] = 1,
    ) -> list[TerritoryActivity]:
        reader = await info.context.reader()
        given = {"territory_id": territory_id, "period": period, "depth": depth}
        rows = whole(await reader.fetch(lambda statement: _written(statement, given, reader.asked)))
        note_counted(reader, mapping_of("Registration"), rows)
        return [_made(dict(row)) for row in rows]


def _made(row: dict[str, Any]) -> TerritoryActivity:
    if "amounts" in row:
        row["amounts"] = amounts(row["amounts"])
    return made_of(TerritoryActivity, row)
