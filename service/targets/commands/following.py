"""What of the targets follows customers to another territory: read, shown, written."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from service.database.session import Row
from service.targets.commands.moving import Why, balance_of, later_changes, recorded
from service.targets.events import TargetAdjusted
from service.targets.figures import goes_on
from service.targets.rules.balancing import Balance
from service.targets.rules.dated import added, as_they_stand
from service.targets.rules.following import (
    Going,
    Share,
    Standing,
    Trees,
    Weights,
    carried,
    chain,
    counterparts,
    covered,
    months_between,
    routes,
    shares,
    year_before,
)
from service.targets.tables import TargetChange, TargetChangeKind, TargetPlan
from service.work import Sight, UnitOfWork

# A territory's own target: not a person's, not what nobody is assigned, and no part of another of
# the same territory. Ratios are no amounts that could be shared.
_STANDING: Final = f"""
SELECT n.id, n.plan_id, n.metric_id, n.territory_id, u.territory_id AS above_id, n.kind, n.level,
    n.product_code, n.channel_code, n.first_day, n.last_day, n.currency
FROM app.target_node n
JOIN app.target_plan p ON p.tenant_id = $1 AND p.id = n.plan_id
    AND {goes_on("p")}
JOIN app.metric m ON m.tenant_id = $1 AND m.id = n.metric_id AND m.unit <> 'RATIO'
LEFT JOIN app.target_node u ON u.tenant_id = $1 AND u.id = n.parent_id
WHERE n.tenant_id = $1 AND n.territory_id = ANY($2::uuid[]) AND n.last_day >= $3
    AND n.kind <> 'OVERLAY' AND n.split = 'BREAKDOWN' AND n.member_id IS NULL
    AND NOT n.is_unassigned AND NOT n.is_vacancy
    AND n.territory_id IS DISTINCT FROM u.territory_id
ORDER BY n.position, n.id
"""
_DAYS: Final = """
SELECT e.metric_id, e.product_code, e.amount, e.party_id, e.territory_id
FROM app.metric_credit e WHERE e.tenant_id = $1 AND e.kind = 'PRIMARY'
    AND e.metric_id = ANY($2::uuid[]) AND e.credited_on >= {first} AND e.credited_on < {until}
"""
# Whole months are summed already, by customer; entries are read of the days beside them alone.
# History follows its customer, so it counts where he stands before he goes; what is of no customer
# counts where it was credited.
_HISTORY: Final = f"""
SELECT h.metric_id, h.territory_id, h.product_code, h.party_id, sum(h.amount)::bigint AS amount
FROM (
    SELECT c.metric_id, c.product_code, c.amount, g.party_id,
        CASE WHEN g.party_id IS NULL THEN coalesce(p.territory_id, c.territory_id) ELSE g.was END
            AS territory_id
    FROM (
        SELECT m.metric_id, m.product_code, m.amount, m.party_id, m.territory_id
        FROM app.metric_credit_party_month m WHERE m.tenant_id = $1
            AND m.metric_id = ANY($2::uuid[]) AND m.credited_on >= $7 AND m.credited_on < $8
        UNION ALL {_DAYS.format(first="$6", until="$7")}
        UNION ALL {_DAYS.format(first="$8", until="$9")}) c
    LEFT JOIN app.party p ON p.tenant_id = $1 AND p.id = c.party_id
    LEFT JOIN unnest($4::uuid[], $5::uuid[]) g (party_id, was) ON g.party_id = c.party_id) h
WHERE h.territory_id = ANY($3::uuid[])
GROUP BY 1, 2, 3, 4
"""
# Who goes counts where he came from, whether or not he is there already.
_COUNTS: Final = """
SELECT coalesce(g.was, p.territory_id) AS territory_id, count(*) AS number
FROM app.party p
LEFT JOIN unnest($3::uuid[], $4::uuid[]) g (party_id, was) ON g.party_id = p.id
WHERE p.tenant_id = $1 AND (p.territory_id = ANY($2::uuid[]) OR p.id = ANY($3::uuid[]))
GROUP BY 1
"""
_ABOVE: Final = """
WITH RECURSIVE up AS (
    SELECT n.id, n.parent_id FROM app.target_node n
    WHERE n.tenant_id = $1 AND n.id = ANY($2::uuid[])
    UNION
    SELECT n.id, n.parent_id FROM up JOIN app.target_node n ON n.id = up.parent_id
    WHERE n.tenant_id = $1
) SELECT id, parent_id FROM up
"""
# Also those that are still at work: one that is being published must not slip by unseen.
_LOCK: Final = """
SELECT p.id FROM app.target_plan p
WHERE p.tenant_id = $1 AND p.last_day >= $2 AND p.state <> 'CLOSED'
ORDER BY p.id FOR NO KEY UPDATE
"""
_LOCKED: Final = f"""
SELECT p.id, p.state, p.first_day FROM app.target_plan p
WHERE p.tenant_id = $1 AND p.id = ANY($2::uuid[]) AND {goes_on("p")} ORDER BY p.id
"""


@dataclass(frozen=True, slots=True)
class Following:
    """What would follow the customers, and the targets it is about by their ids.

    Attributes:
        shares: of the targets as they stand on the day.
        balance: those targets.
        later: the same of each day after it on which one of them changes.
    """

    shares: Sequence[Share]
    nodes: Mapping[UUID, Row]
    balance: Balance
    later: Sequence[tuple[date, Balance, Sequence[Share]]] = ()


async def following(sight: Sight, going: Collection[Going], trees: Trees, on: date) -> Following:
    """Work out what of the targets in force follows customers who go on a day.

    Args:
        sight: the transaction.
        going: the customers.
        trees: the territories before and after.
        on: the day.
    """
    standing, nodes = await standing_targets(sight, trees, on)
    if not nodes:
        return Following([], nodes, Balance({}, on))
    targets = counterparts(standing)
    leaving = routes(going, trees, targets)
    if not leaving:
        return Following([], nodes, Balance({}, on))
    takers = {one for each in leaving.values() for one in each.values() if one is not None}
    balance = await balance_of(sight, {*leaving, *takers}, on)
    parts_of = await parts_above(sight, nodes)
    within = {
        one.id: covered(one, targets, parts_of, trees.before)
        for one in standing
        if one.id in leaving
    }
    weights = await _weights(sight, going, [nodes[one] for one in leaving], within, on)
    first, *later = [
        (
            day,
            then,
            [
                share
                for giver_id, parties in leaving.items()
                for share in shares(then, giver_id, parties, weights[giver_id])
            ],
        )
        for day, then in as_they_stand(balance, await later_changes(sight, balance))
    ]
    return Following(first[2], nodes, first[1], later)


async def standing_targets(
    sight: Sight, trees: Trees, on: date
) -> tuple[list[Standing], dict[UUID, Row]]:
    """Return the targets of territories that are in force on a day, and their rows.

    Of those that are alike in one territory the one comes first that hangs where it does: another
    was left when the territory was hung elsewhere.
    """
    everywhere = list(trees.before.keys() | trees.after.keys())
    rows = await sight.fetch(_STANDING, sight.tenant_id, everywhere, on)
    rows = sorted(
        rows, key=lambda row: row["above_id"] not in chain(row["territory_id"], trees.before)
    )
    return [_standing(row) for row in rows], {row["id"]: row for row in rows}


async def parts_above(sight: Sight, node_ids: Collection[UUID]) -> dict[UUID, UUID | None]:
    """Return what targets, and all above them, are parts of."""
    rows = await sight.fetch(_ABOVE, sight.tenant_id, list(node_ids))
    return {row["id"]: row["parent_id"] for row in rows}


async def locked_plans(work: UnitOfWork, on: date) -> dict[UUID, Row]:
    """Lock the plans that are not over on a day, and return those in force.

    Which are is read once the locks are held: meanwhile one may have taken the place of another.
    """
    locked = [row["id"] for row in await work.fetch(_LOCK, work.tenant_id, on)]
    return {row["id"]: row for row in await work.fetch(_LOCKED, work.tenant_id, locked)}


def _standing(row: Row) -> Standing:
    alike = ("plan_id", "metric_id", "kind", "level", "product_code", "channel_code")
    days = ("first_day", "last_day")
    return Standing(row["id"], row["territory_id"], tuple(row[name] for name in (*alike, *days)))


async def _weights(
    sight: Sight,
    going: Collection[Going],
    givers: Sequence[Row],
    within: Mapping[UUID, frozenset[UUID]],
    on: date,
) -> dict[UUID, Weights]:
    """Return the history of the year before of every target that gives, over what it covers."""
    everywhere = list({one for each in within.values() for one in each})
    parties = [one.party_id for one in going]
    was = [one.from_id for one in going]
    history = await sight.fetch(
        _HISTORY,
        sight.tenant_id,
        list({row["metric_id"] for row in givers}),
        everywhere,
        parties,
        was,
        *months_between(year_before(on), on),
    )
    of_place: dict[tuple[UUID, UUID], list[Row]] = {}
    for row in history:
        of_place.setdefault((row["metric_id"], row["territory_id"]), []).append(row)
    counts: dict[UUID, int] = {}
    found: dict[UUID, Weights] = {}
    for row in givers:
        places = ((row["metric_id"], one) for one in within[row["id"]])
        covers = (entry for place in places for entry in of_place.get(place, ()))
        own, whole = _history_of(row["product_code"], covers)
        if whole <= 0 and not counts:
            counted = await sight.fetch(_COUNTS, sight.tenant_id, everywhere, parties, was)
            counts = {one["territory_id"]: one["number"] for one in counted}
        count = sum(counts.get(one, 0) for one in within[row["id"]])
        found[row["id"]] = Weights(own, whole, count)
    return found


def _history_of(product_code: str | None, covers: Iterable[Row]) -> tuple[dict[UUID, int], int]:
    own: dict[UUID, int] = {}
    whole = 0
    for row in covers:
        if product_code in {None, row["product_code"]}:
            whole += row["amount"]
            if row["party_id"] is not None:
                own[row["party_id"]] = own.get(row["party_id"], 0) + row["amount"]
    return own, whole


@dataclass(frozen=True, slots=True)
class Redrawn:
    """That territories were drawn anew.

    Attributes:
        on: the first day on which it is so.
        reason: what is written beside every change.
        author_id: who put it in force.
    """

    trees: Trees
    on: date
    reason: str
    author_id: UUID | None


async def targets_follow(work: UnitOfWork, going: Collection[Going], redrawn: Redrawn) -> int:
    """Let the targets in force follow customers: dated changes, every sum exact. Locks the plans.

    Returns:
        How many changes were recorded.
    """
    plans = await locked_plans(work, redrawn.on)
    if not plans or not going:
        return 0
    found = await following(work, going, redrawn.trees, redrawn.on)
    count = 0
    for plan_id, plan in plans.items():
        on = max(plan["first_day"], redrawn.on)
        moves, later = added(
            [
                (
                    day,
                    carried(
                        then,
                        [one for one in given if found.nodes[one.giver_id]["plan_id"] == plan_id],
                    ),
                )
                for day, then, given in ((on, found.balance, found.shares), *found.later)
            ]
        )
        if moves or later:
            why = Why(TargetChangeKind.TRANSFER, on, redrawn.reason, redrawn.author_id)
            changes = await recorded(work, moves, why, later)
            told(work, plan, changes, why)
            count += len(changes)
    return count


def told(work: UnitOfWork, plan: Row, changes: Sequence[TargetChange], why: Why) -> None:
    """Count a plan on that has changed, and tell of it."""
    work.change(TargetPlan, plan["id"], {"state": plan["state"]})
    kind = why.kind.value
    work.emit(
        *(
            TargetAdjusted(one.node_id, plan["id"], kind, one.effective_on, one.delta)
            for one in changes
        )
    )
