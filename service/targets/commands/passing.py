"""What becomes of the difference below a target of an open plan that gets another figure.

Its own unassigned target has it, as when one target is set, or it is pushed down to the last.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Final
from uuid import UUID

from service.database.session import Row
from service.errors import FieldPath
from service.targets import facts
from service.targets.commands.moving import balance_of
from service.targets.errors import LimitsNotReachable
from service.targets.rules.balancing import Move, Part, merged
from service.targets.rules.cascading import Bounds, PinnedBeyondTotal, Twig, cascaded
from service.targets.tables import TargetKind
from service.work import Sight

# So many are pushed down by a thread: 100,000 take a quarter of a second, in which nobody else
# would be answered.
_MANY: Final = 5_000
# The whole plan in one reading of its index, for a walk from node to node is planned for the few
# nodes there were when the table was looked at last. Changes are summed once for the plan. Who
# has handed his target to another or to the vacancy keeps what he kept, as if it were
# pinned, until it comes back to him; of vacancies told long ago only the sign says who handed it
# over, and whoever took it in the same act has not. Brothers stand next to one another, for whoever
# walks through them by their parents.
_OF_PLAN: Final = """
SELECT n.id, n.parent_id, n.split, n.last_day, n.amount + coalesce(c.delta, 0)::bigint,
       n.over_assignment_basis_points,
       n.pinned OR coalesce(c.is_over AND NOT n.is_unassigned, FALSE),
       n.is_unassigned AND n.split = 'PERIOD', NULL
FROM app.target_node n
LEFT JOIN (SELECT h.node_id, sum(h.delta) AS delta,
               coalesce(max(h.recorded_at) FILTER (WHERE h.delta < 0 AND h.effective_on <= $4
                   AND h.hands_over)
               >= coalesce(max(h.recorded_at) FILTER (WHERE h.delta > 0 AND h.kind = 'TRANSFER'),
                   '-infinity'), FALSE)
               OR max(h.recorded_at) FILTER (WHERE h.delta < 0 AND h.effective_on <= $4
                   AND h.kind = 'VACANCY')
               > coalesce(max(h.recorded_at) FILTER (WHERE h.delta > 0
                   AND h.kind IN ('TRANSFER', 'VACANCY')), '-infinity') AS is_over
           FROM app.target_change h WHERE h.tenant_id = $1 AND h.plan_id = $2 GROUP BY 1) c
    ON c.node_id = n.id
WHERE n.tenant_id = $1 AND n.plan_id = $2 AND (n.kind <> 'OVERLAY' OR $3)
ORDER BY n.parent_id, n.position, n.id
"""
# As `Twig._make`, without a call of Python's own for each of 100,000.
_TWIG: Final[Callable[[Row], Twig]] = partial(tuple.__new__, Twig)
# What each part was bound by when it was divided last.
_LIMITS: Final = """
SELECT DISTINCT ON (p.part->>'node') (p.part->>'node')::uuid AS node_id, a.step,
       (p.part->'asked'->>'least')::bigint AS least, (p.part->'asked'->>'most')::bigint AS most,
       p.part->'asked'->>'pinned' IS NOT NULL AS pinned
FROM app.target_allocation a, jsonb_array_elements(a.parts) p (part)
WHERE a.tenant_id = $1 AND a.plan_id = $2
ORDER BY p.part->>'node', a.recorded_at DESC, a.id DESC
"""


class DifferenceBelow(StrEnum):
    """What becomes of the difference of a part that is broken down itself."""

    UNASSIGNED = "UNASSIGNED"
    CARRIED_DOWN = "CARRIED_DOWN"


@dataclass(frozen=True, slots=True)
class Passed:
    """What a target below has, and what it would have.

    Attributes:
        node_id: the target; None is the unassigned one below `parent_id` that is not there yet.
        split: how that one is a part of the other.
    """

    node_id: UUID | None
    parent_id: UUID | None
    before: int
    after: int
    split: str

    @property
    def move(self) -> Move:
        """The same as a change."""
        missing = self.parent_id if self.node_id is None else None
        return Move(self.node_id, self.after - self.before, missing, self.split)


async def passed_on(
    sight: Sight, plan: Row, root: Row, figures: Mapping[UUID, int], below: str
) -> list[Passed]:
    """Work out all that changes when targets below one get other figures, these first.

    While the sums of a plan may be open nothing else changes, save what is pushed down.

    Args:
        sight: where it is read.
        plan: the plan.
        root: the target whose parts they are.
        figures: the new figure of each.
        below: a word of DifferenceBelow.

    Raises:
        LimitsNotReachable: what is pinned, floors and caps below do not allow it.
    """
    if below == DifferenceBelow.CARRIED_DOWN:
        twigs = await twigs_of(sight, root, plan["first_day"])
        known = {twig.id: twig for twig in twigs}
        tops = {one: figure for one, figure in figures.items() if known[one].figure != figure}
        made = await pushed(sight, twigs, tops, plan["first_day"], field=("input", "below"))
        return [
            Passed(one, known[one].parent_id, known[one].figure, figure, known[one].split)
            for one, figure in made.items()
        ]
    balance = await balance_of(sight, figures, plan["first_day"])
    moves: list[Move] = []
    for one, figure in figures.items():
        part = balance.parts[one]
        if figure != part.figure:
            delta = figure - part.figure
            is_open = plan["state"] in facts.SUMS_MAY_BE_OPEN
            moves += [Move(one, delta)] if is_open else balance.given(part, delta)
    return [_passed(balance.parts, move) for move in merged(moves)]


def _passed(parts: Mapping[UUID, Part], move: Move) -> Passed:
    if move.node_id is None:
        return Passed(None, move.parent_id, 0, move.delta, move.split)
    part = parts[move.node_id]
    return Passed(part.id, part.parent_id, part.figure, part.figure + move.delta, part.split)


async def twigs_of(sight: Sight, node: Row, on: date) -> list[Twig]:
    """Read a node's plan as a cascade from a day on sees it, each part with its last bounds."""
    beside = node["kind"] == TargetKind.OVERLAY
    rows = await sight.fetch(_OF_PLAN, sight.tenant_id, node["plan_id"], beside, on)
    # The columns are the fields, all of them and in their order.
    twigs = list(map(_TWIG, rows))
    limits = await sight.fetch(_LIMITS, sight.tenant_id, node["plan_id"])
    bound = {
        row["node_id"]: (Bounds(row["step"], row["least"], row["most"]), row["pinned"])
        for row in limits
    }
    free = (Bounds(), False)
    bound = {node_id: found for node_id, found in bound.items() if found != free}
    if not bound:
        return twigs
    return [_bound(twig, *bound.get(twig.id, free)) for twig in twigs]


def _bound(twig: Twig, bounds: Bounds, pinned: bool) -> Twig:
    if bounds != Bounds():
        twig = twig._replace(bounds=bounds)
    return twig._replace(fixed=True) if pinned else twig


async def pushed(
    sight: Sight,
    twigs: Sequence[Twig],
    tops: Mapping[UUID, int],
    on: date,
    *,
    field: FieldPath,
    carried: int = 0,
) -> dict[UUID, int]:
    """Push new figures down a tree, as `cascaded` does.

    Raises:
        LimitsNotReachable: what is pinned, floors and caps below do not allow it; it says where.
    """
    try:
        if len(twigs) < _MANY:
            return cascaded(twigs, tops, on, carried)
        return await asyncio.to_thread(cascaded, twigs, tops, on, carried)
    except PinnedBeyondTotal as error:
        where = None if error.node_id is None else await facts.named(sight, error.node_id)
        raise LimitsNotReachable(
            total=error.total, least=error.least, most=error.most, of=where, field=field
        ) from error
