"""One's own targets: how far one is, what changed, and what is still to be acknowledged."""

from collections.abc import Mapping as MappingType
from typing import Any, Final

import strawberry

from service.organisation.territory_tree import places_at
from service.schema.boards.arguments import AsOfDay, Restated
from service.schema.boards.figures import (
    FIGURES,
    KIND,
    LATE,
    Figures,
    compared,
    summed,
)
from service.schema.boards.instants import end_of, looked_at
from service.schema.context import Info
from service.schema.costs import BOARD, costs
from service.schema.planner.mapping import PLANNED, mapping_of
from service.schema.planner.statements import Statement
from service.schema.planner.written import Written
from service.schema.statistics.rows import in_rows, made_of, record_in_row, records_in_row
from service.schema.targets.previews import PaceColour
from service.schema.targets.types import TargetChange, TargetNode
from service.targets import elapsed
from service.targets.figures import DAYS, figure_on, in_force

_MOST: Final = 500
_LAST_CHANGES: Final = 5
# Over `t`, a day of the ledger, and `s`, the target: whoever has targets in two territories has in
# each what counts there (Q40); whoever has them in one has all of his there.
_THERE: Final = (
    "(t.territory_id IN (SELECT a.id FROM there a WHERE a.top = s.territory_id)"
    " OR s.territory_id IS NULL OR NOT EXISTS (SELECT FROM own o"
    " WHERE o.metric_id = s.metric_id AND o.territory_id <> s.territory_id"
    " AND (o.kind = 'OVERLAY') = (s.kind = 'OVERLAY')))"
)


@in_rows
@strawberry.type(description="One of one's own targets, in its own days.")
class MyTarget(Figures):
    node: TargetNode | None = record_in_row("TargetNode", "The target.")
    last_changes: list[TargetChange] = records_in_row(
        "TargetChange", f"Its changes, latest first; at most {_LAST_CHANGES}."
    )
    acknowledged: bool = strawberry.field(
        description="Whether one has acknowledged it since it was published and last changed."
    )


def _own(statement: Statement, given: MappingType[str, Any], _asked: frozenset[str] | None) -> str:
    day, over = looked_at(statement, given["as_of_day"])
    me = statement.settle("{me}")
    targets = statement.rows_of(mapping_of("TargetNode"))
    metrics = statement.rows_of(mapping_of("Metric"))
    ledger = statement.rows_of(mapping_of("MetricCreditDay"))
    changes = statement.rows_of(mapping_of("TargetChange"))
    past = bool(given["as_of_day"]) and not given["restated"]
    at = end_of(statement, day)
    known = at if past else None
    # One that was made after the day, when another's was handed over, was not there yet.
    made = f" AND t.created_at <= {at}" if past else ""
    span = elapsed.over("s.metric_id", "s.first_day", "(s.last_day + 1)", over, known_at=known)
    his = (
        f"{ledger} AND t.member_id = {me} AND t.metric_id = s.metric_id"
        f" AND t.credited_on >= s.first_day AND t.credited_on <= {day} AND {_THERE}"
        " AND (s.kind <> 'OVERLAY' OR t.kind = 'OVERLAY')"
    )
    # A specialist's own target is met by his parts beside the total (Q18).
    kind = "CASE s.kind WHEN 'OVERLAY' THEN 'PRIMARY' ELSE t.kind END AS kind"
    counted = f"SELECT {kind}, t.credited_on, t.amount, t.base {his}"
    if past:
        late = f"{his.replace(DAYS, LATE)} AND t.recorded_on > {day}"
        counted += f" UNION ALL SELECT {kind}, t.credited_on, -t.amount, -t.base {late}"
    return (
        "WITH RECURSIVE own AS (SELECT t.id, t.plan_id, t.metric_id, t.first_day, t.last_day,"
        f" t.position, t.territory_id, t.kind, {figure_on('t', day)} AS figure {targets}"
        f" AND t.member_id = {me} AND NOT t.is_unassigned{made}"
        f" AND {day} BETWEEN t.first_day AND t.last_day"
        " AND EXISTS (SELECT FROM app.target_plan p WHERE p.tenant_id = $1 AND p.id = t.plan_id"
        f" AND {in_force('p', known)})),"
        f" places AS (SELECT p.territory_id, p.parent_id FROM {places_at(at)} p),"
        " there (top, id) AS (SELECT DISTINCT territory_id, territory_id FROM own"
        " WHERE territory_id IS NOT NULL UNION SELECT a.top, p.territory_id FROM there a"
        " JOIN places p ON p.parent_id = a.id)"
        f" SELECT s.id AS node, {FIGURES}, ARRAY(SELECT t.id {changes} AND t.node_id = s.id"
        f" AND t.recorded_at <= {at}"
        " ORDER BY t.effective_on DESC, t.recorded_at DESC, t.id DESC"
        f" LIMIT {_LAST_CHANGES}) AS last_changes,"
        " EXISTS (SELECT FROM app.target_response r WHERE r.tenant_id = $1 AND r.node_id = s.id"
        f" AND r.kind = 'ACKNOWLEDGEMENT' AND r.recorded_at BETWEEN p.published_at AND {at}"
        " AND NOT EXISTS (SELECT FROM app.target_change c WHERE c.tenant_id = $1"
        " AND c.node_id = s.id AND c.recorded_at > r.recorded_at"
        f" AND c.recorded_at <= {at})) AS acknowledged"
        " FROM own s JOIN app.target_plan p ON p.tenant_id = $1 AND p.id = s.plan_id"
        f" JOIN LATERAL (SELECT {KIND} {metrics} AND t.id = s.metric_id) kind ON TRUE"
        f" CROSS JOIN LATERAL (WITH {span} SELECT * FROM span) span"
        f" CROSS JOIN LATERAL (SELECT {summed('r', day)} FROM ({counted}) r) c"
        f" {compared('s.figure', '0::numeric')}"
        f" ORDER BY p.first_day, s.position, s.id LIMIT {_MOST}"
    )


@strawberry.type
class MyTargetsQuery:
    @strawberry.field(
        description="The caller's own targets in force on a day, each against what counted for him"
        " in its days: of targets in two territories in each what counted there. Nobody else's, and"
        " nothing of the target above.",
        metadata={PLANNED: Written(_own), **costs(BOARD)},
    )
    async def my_targets(
        self,
        info: Info,
        as_of_day: AsOfDay = None,
        *,
        restated: Restated = False,
    ) -> list[MyTarget]:
        reader = await info.context.reader()
        given = {"as_of_day": as_of_day, "restated": restated}
        rows = await reader.fetch(lambda statement: _own(statement, given, reader.asked))
        return [_made(dict(row)) for row in rows]


def _made(row: dict[str, Any]) -> MyTarget:
    row["colour"] = PaceColour(row["colour"]) if row["colour"] else None
    return made_of(MyTarget, row)
