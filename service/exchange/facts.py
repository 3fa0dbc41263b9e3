"""What a file is compared with: the plan, its targets, and what codes stand for in sight.

A code out of the sender's sight answers like one that does not exist, another tenant's too; what
holds a target that he sees is told by it.
"""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from service.database.session import Row
from service.errors import LOCALES, NotFound
from service.exchange.rules.comparing import AXES, Known, Metric, Target
from service.exchange.rules.values import SheetRow
from service.policies.access import RecordColumns
from service.targets.facts import PLAN
from service.targets.figures import figure_on
from service.work import Sight

_PLACE: Final = RecordColumns(
    owner="t.member_id", org_unit="t.org_unit_id", territory="t.territory_id"
)
# Nobody reads his own figure while those above still weigh it.
_TOLD: Final = (
    "(t.member_id IS DISTINCT FROM $3::uuid OR NOT EXISTS (SELECT FROM app.target_plan p"
    " WHERE p.tenant_id = $1 AND p.id = t.plan_id"
    " AND p.state IN ('DRAFT', 'TOP_DOWN_SET', 'DISTRIBUTED')))"
)
_CODED: Final = {
    "org_unit": ("code", "names->>'{}'", "org_unit.view", RecordColumns(org_unit="t.id")),
    "territory": ("code", "names->>'{}'", "territory.view", RecordColumns(territory="t.id")),
    "member": (
        "staff_code",
        "name",
        "member.view",
        RecordColumns(
            owner="t.id", org_unit="t.org_unit_id", territory="t.territory_id", requester="t.id"
        ),
    ),
}


def _seen(
    sight: Sight, action: str, columns: RecordColumns, first: int
) -> tuple[str, tuple[object, ...]]:
    if sight.by_product:
        return "TRUE", ()
    allowed = sight.policy.predicate(sight.actor, action, columns, first)
    return f"({allowed.sql})", allowed.parameters


async def plan_in_sight(sight: Sight, plan_id: UUID) -> Row:
    """Return a plan the caller sees.

    Raises:
        NotFound: there is none in sight.
    """
    seen, parameters = _seen(sight, "target_plan.view", RecordColumns(), 3)
    row = await sight.fetch_one(
        f"SELECT t.* FROM app.target_plan t WHERE t.tenant_id = $1 AND t.id = $2 AND {seen}",
        sight.tenant_id,
        plan_id,
        *parameters,
    )
    if row is None:
        raise NotFound(field=PLAN)
    return row


async def targets_of(sight: Sight, plan_id: UUID) -> list[Target]:
    """Return every target of a plan in its order; which of them the caller sees is told."""
    seen, parameters = _seen(sight, "target.view", _PLACE, 4)
    told = "TRUE" if sight.by_product else _TOLD
    rows = await sight.fetch(
        f"SELECT t.id, t.parent_id, {', '.join(f't.{name}' for name in AXES)},"
        f" {figure_on('t')}::bigint AS amount, t.pinned, t.over_assignment_basis_points AS over,"
        f" coalesce({seen} AND {told}, FALSE) AND $3::uuid IS NOT NULL AS visible"
        " FROM app.target_node t WHERE t.tenant_id = $1 AND t.plan_id = $2"
        " ORDER BY t.position, t.id",
        sight.tenant_id,
        plan_id,
        sight.caller.member_id or UUID(int=0),
        *parameters,
    )
    return [
        Target(
            id=row["id"],
            parent_id=row["parent_id"],
            axes={name: row[name] for name in AXES},
            amount=row["amount"],
            pinned=row["pinned"],
            over=row["over"],
            visible=row["visible"],
        )
        for row in rows
    ]


async def metrics(sight: Sight) -> dict[str, Metric]:
    """Return the metrics in sight by code."""
    seen, parameters = _seen(sight, "metric.view", RecordColumns(), 2)
    rows = await sight.fetch(
        "SELECT t.id, t.code, t.unit, t.currency, t.retired_at FROM app.metric t"
        f" WHERE t.tenant_id = $1 AND {seen}",
        sight.tenant_id,
        *parameters,
    )
    return {
        row["code"]: Metric(row["id"], row["unit"], row["currency"], row["retired_at"] is not None)
        for row in rows
    }


async def known_of(sight: Sight, rows: Sequence[SheetRow], targets: Sequence[Target]) -> Known:
    """Return what the codes of a file stand for: what is in sight, or holds a target that is.

    Args:
        sight: the reading.
        rows: of the file.
        targets: the plan's.
    """
    ids: dict[str, dict[str, UUID]] = {}
    held = [one for one in targets if one.visible]
    for kind, (code, _, _, _) in _CODED.items():
        wanted = {row.values[kind] for row in rows if kind in row.values}
        holders = {one.axes[f"{kind}_id"] for one in held} - {None}
        found = await _coded(sight, kind, f"t.{code} = ANY($2::text[])", list(wanted))
        ids[kind] = {row["code"]: row["id"] for row in found if row["seen"] or row["id"] in holders}
    return Known(await metrics(sight), ids)


async def codes_of(
    sight: Sight, kind: str, ids: Collection[UUID], locale: str
) -> dict[UUID, tuple[str, str | None]]:
    """Return codes and names of who holds targets in sight: `org_unit`, `territory`, `member`.

    Units and territories are named in a language of the product.

    Who is out of sight himself has his code without his name: a file without it would say that the
    target is its parent's, and add another when it is sent back.
    """
    found = await _coded(sight, kind, "t.id = ANY($2::uuid[])", list(ids), locale)
    return {row["id"]: (row["code"], row["name"] if row["seen"] else None) for row in found}


async def _coded(
    sight: Sight, kind: str, condition: str, wanted: list[object], locale: str = LOCALES[0]
) -> Sequence[Row]:
    if not wanted:
        return []
    code, name, action, columns = _CODED[kind]
    name = name.format(LOCALES[LOCALES.index(locale)])  # one of ours, whatever was asked for
    seen, parameters = _seen(sight, action, columns, 3)
    return await sight.fetch(
        f"SELECT t.id, t.{code} AS code, t.{name} AS name, coalesce({seen}, FALSE) AS seen"
        f" FROM app.{kind} t WHERE t.tenant_id = $1 AND {condition}",
        sight.tenant_id,
        wanted,
        *parameters,
    )
