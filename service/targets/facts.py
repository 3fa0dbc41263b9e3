"""The rows a plan's commands stand on, locked, and what authorisation needs of them.

Whoever changes a node of a plan locks the plan's row first and counts its version on: two managers
who divide at once come one after the other, and the second sees what the first has done.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import Final
from uuid import UUID

from service.calendar import WorkingCalendar
from service.database.session import Row
from service.errors import FieldPath, NotFound, VersionConflict
from service.policies.access import Record
from service.targets.errors import (
    Named,
    OpenSum,
    RatioNotDivided,
    SumsDoNotHold,
    TargetPlanNotInForce,
    TargetPlanNotOpen,
    TargetPlanSuperseded,
)
from service.targets.figures import figure_on, is_ratio, published, version_of
from service.targets.rules.seasons import SeasonStep
from service.targets.tables import TargetPlanState
from service.work import Sight, UnitOfWork

PLAN: Final = ("input", "planId")
NODE: Final = ("input", "nodeId")
OPEN: Final = frozenset(
    {
        TargetPlanState.DRAFT,
        TargetPlanState.TOP_DOWN_SET,
        TargetPlanState.DISTRIBUTED,
        TargetPlanState.FEEDBACK,
        TargetPlanState.RECONCILED,
    }
)
SUMS_MAY_BE_OPEN: Final = frozenset({TargetPlanState.DRAFT, TargetPlanState.TOP_DOWN_SET})
"""States of a plan that is not broken down yet: in all others every sum holds."""
IN_FORCE: Final = frozenset({TargetPlanState.PUBLISHED, TargetPlanState.REVISED})
_WITH_FIGURES: Final = (
    f"SELECT n.*, {figure_on('n', '$3')}::bigint AS figure FROM app.target_node n"
    " WHERE n.tenant_id = $1 AND "
)


async def locked(work: UnitOfWork, table: str, row_id: UUID, field: FieldPath) -> Row:
    """Lock one row of the tenant for a change.

    Raises:
        NotFound: no such row, or another tenant's.
    """
    rows = await work.lock(
        f"SELECT * FROM app.{table} WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE",
        work.tenant_id,
        row_id,
    )
    for row in rows:
        return row
    raise NotFound(field=field)


def refuse_other_version(
    row: Row, expected: int | None, field: FieldPath = ("input", "expectedVersion")
) -> None:
    """Refuse a change of something the caller has not seen as it is.

    Raises:
        VersionConflict.
    """
    if expected is not None and row["version"] != expected:
        raise VersionConflict(field=field, current_version=row["version"])


async def version_now(sight: Sight, node_id: UUID) -> int:
    """Return how often a target was set and changed.

    Raises:
        NotFound: no such node.
    """
    found: int | None = await sight.fetch_value(
        f"SELECT {version_of('n')} FROM app.target_node n WHERE n.tenant_id = $1 AND n.id = $2",
        sight.tenant_id,
        node_id,
    )
    if found is None:
        raise NotFound(field=NODE)
    return found


async def open_plan(work: UnitOfWork, plan_id: UUID, field: FieldPath = PLAN) -> Row:
    """Lock a plan whose nodes may still be set.

    Raises:
        NotFound: no such plan.
        TargetPlanNotOpen: it is approved, published or closed.
    """
    plan = await locked(work, "target_plan", plan_id, field)
    _refuse_not_open(plan, field)
    return plan


async def plan_seen_open(sight: Sight, plan_id: UUID, field: FieldPath = PLAN) -> Row:
    """Return a plan whose nodes may still be set as it stands, for what is only shown.

    Raises:
        NotFound, TargetPlanNotOpen.
    """
    plan = await _seen(sight, plan_id, field)
    _refuse_not_open(plan, field)
    return plan


def _refuse_not_open(plan: Row, field: FieldPath) -> None:
    if plan["state"] not in OPEN:
        raise TargetPlanNotOpen(state=plan["state"], field=field)


async def plan_in_force(work: UnitOfWork, plan_id: UUID, field: FieldPath = PLAN) -> Row:
    """Lock a published plan.

    Raises:
        NotFound: no such plan.
        TargetPlanNotInForce: it is not published, or closed.
        TargetPlanSuperseded: another has taken its place.
    """
    plan = await locked(work, "target_plan", plan_id, field)
    await _refuse_not_in_force(work, plan, field)
    return plan


async def plan_seen_in_force(sight: Sight, plan_id: UUID, field: FieldPath = PLAN) -> Row:
    """Return a published plan as it stands, for what is only shown.

    Raises:
        NotFound, TargetPlanNotInForce, TargetPlanSuperseded.
    """
    plan = await _seen(sight, plan_id, field)
    await _refuse_not_in_force(sight, plan, field)
    return plan


async def _seen(sight: Sight, plan_id: UUID, field: FieldPath) -> Row:
    plan = await sight.fetch_one(
        "SELECT * FROM app.target_plan WHERE tenant_id = $1 AND id = $2", sight.tenant_id, plan_id
    )
    if plan is None:
        raise NotFound(field=field)
    return plan


async def _refuse_not_in_force(sight: Sight, plan: Row, field: FieldPath) -> None:
    if plan["state"] not in IN_FORCE:
        raise TargetPlanNotInForce(state=plan["state"], field=field)
    by = await sight.fetch_value(
        "SELECT p.code FROM app.target_plan p WHERE p.tenant_id = $1 AND p.revision_of_id = $2"
        f" AND {published('p')} ORDER BY p.published_at DESC, p.id LIMIT 1",
        sight.tenant_id,
        plan["id"],
    )
    if by is not None:
        raise TargetPlanSuperseded(by=by, field=field)


async def plan_of(work: Sight, node_id: UUID, field: FieldPath = NODE) -> UUID:
    """Return the plan of a node.

    Raises:
        NotFound: no such node.
    """
    found: UUID | None = await work.fetch_value(
        "SELECT plan_id FROM app.target_node WHERE tenant_id = $1 AND id = $2",
        work.tenant_id,
        node_id,
    )
    if found is None:
        raise NotFound(field=field)
    return found


async def nodes(
    work: Sight, node_ids: Collection[UUID], field: FieldPath = NODE
) -> dict[UUID, Row]:
    """Return nodes by their ids.

    Raises:
        NotFound: one of them does not exist.
    """
    rows = await work.fetch(
        "SELECT n.* FROM app.target_node n WHERE n.tenant_id = $1 AND n.id = ANY($2::uuid[])",
        work.tenant_id,
        list(node_ids),
    )
    found = {row["id"]: row for row in rows}
    if len(found) < len(set(node_ids)):
        raise NotFound(field=field)
    return found


async def node(work: Sight, node_id: UUID, field: FieldPath = NODE) -> Row:
    """Return one node.

    Raises:
        NotFound: it does not exist.
    """
    return (await nodes(work, [node_id], field))[node_id]


async def children(work: Sight, node_id: UUID, on: date) -> Sequence[Row]:
    """Return a node's children in their order, with the figure in force on a day in `figure`."""
    return await work.fetch(
        _WITH_FIGURES + "n.parent_id = $2 ORDER BY n.position, n.id",
        work.tenant_id,
        node_id,
        on,
    )


async def with_figures(work: Sight, node_ids: Iterable[UUID], on: date) -> dict[UUID, Row]:
    """Return nodes by their ids, with the figure in force on a day in `figure`."""
    rows = await work.fetch(
        _WITH_FIGURES + "n.id = ANY($2::uuid[])",
        work.tenant_id,
        list(node_ids),
        on,
    )
    return {row["id"]: row for row in rows}


async def refuse_ratio(sight: Sight, node: Row) -> None:
    """Refuse what would divide a target's figure, where it is no amount.

    Raises:
        RatioNotDivided.
    """
    if await sight.fetch_value(
        "SELECT unit = 'RATIO' FROM app.metric WHERE tenant_id = $1 AND id = $2",
        sight.tenant_id,
        node["metric_id"],
    ):
        raise RatioNotDivided(field=NODE)


def record_of(node: Row | None) -> Record:
    """Return a node as authorisation sees it; the company itself where there is none."""
    if node is None:
        return Record()
    return Record(
        owner_id=node["member_id"],
        org_unit_id=node["org_unit_id"],
        territory_id=node["territory_id"],
    )


async def refuse_missing(work: Sight, table: str, row_id: UUID | None, field: FieldPath) -> None:
    """Refuse a record that is named and is not there.

    Raises:
        NotFound.
    """
    if row_id is not None and not await work.fetch_value(
        f"SELECT true FROM app.{table} WHERE tenant_id = $1 AND id = $2", work.tenant_id, row_id
    ):
        raise NotFound(field=field)


async def season_of(sight: Sight, plan_id: UUID, metric_id: UUID) -> list[SeasonStep]:
    """Return the steps of a plan's season for a metric: its own, or else the general one."""
    rows = await sight.fetch(
        "SELECT s.last_day, s.weight FROM app.season_step s WHERE s.tenant_id = $1"
        " AND s.plan_id = $2 AND s.metric_id IS NOT DISTINCT FROM (SELECT o.metric_id"
        "  FROM app.season_step o WHERE o.tenant_id = $1 AND o.plan_id = $2"
        "  AND coalesce(o.metric_id = $3, TRUE) ORDER BY o.metric_id NULLS LAST LIMIT 1)"
        " ORDER BY s.first_day",
        sight.tenant_id,
        plan_id,
        metric_id,
    )
    return [SeasonStep(row["last_day"], Fraction(row["weight"])) for row in rows]


async def worked_days(sight: Sight, first: date, until: date) -> frozenset[date]:
    """Return the working days of the company's calendar from a day on, until another."""
    return (await working_calendar(sight, first, until)).worked(first, until)


async def working_calendar(sight: Sight, first: date, until: date) -> WorkingCalendar:
    """Return the company's calendar, with its exceptions from a day on, until another."""
    row = await sight.fetch_only(
        "SELECT t.settings->'calendar'->'weekend' AS weekend,"
        " (SELECT coalesce(jsonb_object_agg(d.day, d.worked), '{}') FROM app.calendar_day d"
        "  WHERE d.tenant_id = $1 AND d.day >= $2 AND d.day < $3) AS exceptions"
        " FROM app.tenant t WHERE t.tenant_id = $1",
        sight.tenant_id,
        first,
        until,
    )
    return WorkingCalendar(
        frozenset(row["weekend"]),
        {date.fromisoformat(day): worked for day, worked in row["exceptions"].items()},
    )


# Over `b`, a target: whose it is, as a sentence names it.
_NAMES: Final = """
CASE WHEN num_nonnulls(m.name, b.seat, b.channel_code, b.product_code) > 0
    THEN jsonb_build_object('name', concat_ws(' ', coalesce(m.name, b.seat),
                                              b.channel_code, b.product_code))
    ELSE coalesce(y.names, u.names, l.names) END
"""
_NAMED_BY: Final = """
JOIN app.target_plan l ON l.tenant_id = $1 AND l.id = b.plan_id
LEFT JOIN app.member m ON m.tenant_id = $1 AND m.id = b.member_id
LEFT JOIN app.territory y ON y.tenant_id = $1 AND y.id = b.territory_id
LEFT JOIN app.org_unit u ON u.tenant_id = $1 AND u.id = b.org_unit_id
"""
_OPEN_SUMS: Final = f"""
WITH sums AS (
    SELECT b.parent_id, b.split, sum(b.amount) AS found FROM app.target_node b
    WHERE b.tenant_id = $1 AND b.plan_id = $2 AND b.parent_id IS NOT NULL AND b.kind <> 'OVERLAY'
      AND NOT {is_ratio("b")}
    GROUP BY 1, 2
), compared AS (
    SELECT g.*, s.found, CASE WHEN s.split = 'PERIOD' THEN g.amount
        ELSE round(g.amount::numeric * (10000 + g.over_assignment_basis_points) / 10000) END
        AS wanted
    FROM sums s JOIN app.target_node g ON g.tenant_id = $1 AND g.id = s.parent_id
), broken AS (SELECT * FROM compared WHERE found <> wanted)
SELECT b.id, b.found::bigint AS found, b.wanted::bigint AS wanted,
       (SELECT count(DISTINCT o.id) FROM broken o) AS nodes, {_NAMES} AS names
FROM broken b {_NAMED_BY}
ORDER BY b.position, b.id LIMIT 10
"""


async def named(sight: Sight, node_id: UUID) -> Named:
    """Return a target as a sentence names it."""
    row = await sight.fetch_only(
        f"SELECT {_NAMES} AS names, b.first_day, b.last_day FROM app.target_node b {_NAMED_BY}"
        " WHERE b.tenant_id = $1 AND b.id = $2",
        sight.tenant_id,
        node_id,
    )
    return Named(node_id, row["names"], (row["first_day"], row["last_day"]))


async def refuse_open_sums(work: UnitOfWork, plan_id: UUID) -> None:
    """Refuse what needs every sum of a plan that is not published yet, and name who has none.

    Raises:
        SumsDoNotHold.
    """
    rows = await work.fetch(_OPEN_SUMS, work.tenant_id, plan_id)
    if rows:
        found = [OpenSum(row["id"], row["names"], row["found"], row["wanted"]) for row in rows]
        raise SumsDoNotHold(nodes=rows[0]["nodes"], targets=found, field=PLAN)
