"""What a territory model would move, the targets of those who would go included."""

from datetime import date
from typing import Final
from uuid import UUID

from service.organisation.errors import SpanInvalid
from service.targets.commands.following import Following, following
from service.targets.commands.rehanging import rehanging
from service.targets.figures import goes_on
from service.targets.rules.following import Going, Trees, carried
from service.targets.rules.rehanging import Rehung
from service.territories import commands as of_territories
from service.territories.belonging import drawing_from, places_of, would_move
from service.territories.commands import PreviewTerritoryModel
from service.territories.facts import model_in_force, spans
from service.territories.rules.membership import tree_of
from service.work import UnitOfWork

_IN_FORCE: Final = f"""
SELECT EXISTS (SELECT FROM app.target_plan p WHERE p.tenant_id = $1
    AND p.last_day >= $2 AND {goes_on("p")})
"""
# With the moves that the caller is shown, and no others.
_KEPT: Final = """
INSERT INTO app.territory_move_target (tenant_id, created_at, created_by, territory_model_id,
    territory_move_id, plan_id, metric_id, from_node_id, to_node_id, from_territory_id,
    to_territory_id, owner_id, kind, level, amount, currency)
SELECT $1, m.created_at, m.created_by, m.territory_model_id, m.id, g.plan_id, g.metric_id, g.id,
    t.id, g.territory_id, t.territory_id, m.owner_id, g.kind, g.level, s.amount, g.currency
FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::bigint[]) s (party_id, giver, taker, amount)
JOIN app.territory_move m ON m.tenant_id = $1 AND m.territory_model_id = $2
    AND m.created_by = $3 AND m.party_id = s.party_id
JOIN app.target_node g ON g.tenant_id = $1 AND g.id = s.giver
LEFT JOIN app.target_node t ON t.tenant_id = $1 AND t.id = s.taker
RETURNING 1
"""
_ALONG: Final = """
INSERT INTO app.territory_move_target (tenant_id, created_at, created_by, territory_model_id,
    moved_territory_id, plan_id, metric_id, from_node_id, to_node_id, from_territory_id,
    to_territory_id, kind, level, amount, currency)
SELECT $1, $4, $3, $2, n.territory_id, n.plan_id, n.metric_id, g.id, t.id,
    coalesce(g.territory_id, n.territory_id), t.territory_id, n.kind, n.level, s.amount, n.currency
FROM unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::bigint[]) s (node, giver, taker, amount)
JOIN app.target_node n ON n.tenant_id = $1 AND n.id = s.node
JOIN app.target_node g ON g.tenant_id = $1 AND g.id = s.giver
JOIN app.target_node t ON t.tenant_id = $1 AND t.id = s.taker
RETURNING 1
"""


async def preview_territory_model(work: UnitOfWork, order: PreviewTerritoryModel) -> UUID:
    """Write what a model would move, for the caller alone, and return its id; locks the model.

    What lies outside his sub-tree on both sides he is not told.

    Raises:
        Forbidden, NotFound, SpanInvalid (a day that is over).
    """
    on = order.active_on or work.today
    if on < work.today:
        raise SpanInvalid(field=("input", "activeOn"))
    await of_territories.preview_territory_model(work, order)
    # What goes with a customer is gone with his move.
    work.write(
        "territory_move_target",
        "DELETE FROM app.territory_move_target WHERE tenant_id = {}::uuid"
        " AND territory_model_id = {}::uuid AND created_by = {}::uuid",
        work.tenant_id,
        order.territory_model_id,
        work.caller.member_id,
    )
    await work.flush()
    if await work.fetch_value(_IN_FORCE, work.tenant_id, on):
        found, trees = await _following(work, order, on)
        await _keep(work, order.territory_model_id, found)
        along = await rehanging(work, trees, on, carried(found.balance, found.shares))
        await _keep_along(work, order.territory_model_id, along)
    return order.territory_model_id


async def _following(
    work: UnitOfWork, order: PreviewTerritoryModel, on: date
) -> tuple[Following, Trees]:
    all_spans = await spans(work)
    drawn = await drawing_from(work, all_spans, order.territory_model_id, work.now, work.now)
    going = [Going(*one) for one in await would_move(work, drawn)]
    now_id = await model_in_force(work)
    before = () if now_id is None else await places_of(work, now_id, work.now)
    trees = Trees(before=tree_of(before), after=tree_of(drawn.places))
    return await following(work, going, trees, on), trees


async def _keep(work: UnitOfWork, model_id: UUID, found: Following) -> None:
    await work.fetch(
        _KEPT,
        work.tenant_id,
        model_id,
        work.caller.member_id,
        [one.party_id for one in found.shares],
        [one.giver_id for one in found.shares],
        [one.taker_id for one in found.shares],
        [one.amount for one in found.shares],
    )


async def _keep_along(work: UnitOfWork, model_id: UUID, found: Rehung) -> None:
    await work.fetch(
        _ALONG,
        work.tenant_id,
        model_id,
        work.caller.member_id,
        work.now,
        [one.node_id for one in found.targets],
        [one.giver_id for one in found.targets],
        [one.taker_id for one in found.targets],
        [one.amount for one in found.targets],
    )
