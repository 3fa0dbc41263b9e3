"""A new total pushed down a whole tree in the proportions it has (targets page 4.2, Q31). Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

from service.money import BASIS_POINTS, spread
from service.targets.rules.balancing import BREAKDOWN, PERIOD
from service.targets.rules.rounding import rounded


class Twig(NamedTuple):
    """A node as a cascade sees it; a plan has 100,000 of them, so a tuple.

    Attributes:
        last_day: its last day: a period that is over stays as it is.
        figure: what is in force of it.
        over: over-assignment of its children, in basis points.
        fixed: it is pinned, or beside the total: it keeps what it has.
        carries: it is no period of its own, but what others carried over.
    """

    id: UUID
    parent_id: UUID | None
    split: str
    last_day: date
    figure: int
    over: int = 0
    fixed: bool = False
    carries: bool = False


class PinnedBeyondTotal(Exception):
    """What is pinned below a node is more than it has to give out.

    Attributes:
        node_id: the node.
    """

    def __init__(self, node_id: UUID) -> None:
        super().__init__(str(node_id))
        self.node_id = node_id


def cascaded(
    twigs: Sequence[Twig], root: UUID, total: int, on: date, carried: int = 0
) -> dict[UUID, int]:
    """Return the new figure of every node that changes when the root's is another.

    Pieces share what their parent gives out as they do now; periods that are still open share what
    the closed ones leave. What is pinned stays.

    Args:
        twigs: the root, everything below it and maybe more, brothers in their order.
        root: the node whose figure changes.
        total: its new figure.
        on: first day of the change; in an open plan, the plan's first day.
        carried: what the root's open periods have to make up for besides: their shortfall.

    Raises:
        PinnedBeyondTotal: see there.
    """
    known = {twig.id: twig for twig in twigs}
    below: dict[UUID, list[Twig]] = {}
    for twig in twigs:
        if twig.parent_id is not None and twig.id != root:
            below.setdefault(twig.parent_id, []).append(twig)
    figures = {root: total}
    walk = [root]
    for node_id in walk:
        children = below.get(node_id)
        if not children:
            continue
        own = carried if node_id == root else 0
        made = _divided(known[node_id], figures[node_id], children, on, own)
        figures.update(made)
        walk += made
    return {
        node_id: figure for node_id, figure in figures.items() if known[node_id].figure != figure
    }


def _divided(
    parent: Twig, figure: int, children: Sequence[Twig], on: date, carried: int
) -> Mapping[UUID, int]:
    pieces = [one for one in children if one.split == BREAKDOWN]
    periods = [one for one in children if one.split == PERIOD]
    made: dict[UUID, int] = {}
    if pieces:
        due = figure
        if parent.over:
            due = rounded(Fraction(figure * (BASIS_POINTS + parent.over), BASIS_POINTS))
        made |= _shared(parent.id, due, pieces, ())
    if periods:
        closed = [one for one in periods if one.last_day < on or one.carries]
        made |= _shared(parent.id, figure + carried, periods, closed)
    return made


def _shared(
    parent_id: UUID, total: int, children: Sequence[Twig], closed: Sequence[Twig]
) -> dict[UUID, int]:
    kept = {one.id for one in closed}
    free = [one for one in children if not one.fixed and one.id not in kept]
    rest = total - sum(one.figure for one in children if one.fixed or one.id in kept)
    if not free:
        if rest:
            raise PinnedBeyondTotal(parent_id)
        return {}
    weights = [max(one.figure, 0) for one in free]
    if rest < 0 <= total:
        raise PinnedBeyondTotal(parent_id)
    # Nobody here has a floor or a cap: the one rule is the plain spread, in steps of one unit.
    return dict(zip((one.id for one in free), spread(rest, weights), strict=True))
