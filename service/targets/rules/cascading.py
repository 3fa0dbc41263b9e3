"""A new total pushed down a whole tree in the proportions it has (targets page 4.2, Q31). Pure."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple, TypeAlias
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


_Placed: TypeAlias = tuple[int, Twig]
"""A node with its place in the order."""


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
    # By places and not by ids: of 100,000 nodes looking up ids is most of the work.
    place = {twig.id: at for at, twig in enumerate(twigs)}
    top = place[root]
    below: dict[int | None, list[int]] = {}
    for at, twig in enumerate(twigs):
        if twig.parent_id is not None and at != top:
            below.setdefault(place.get(twig.parent_id), []).append(at)
    figures = {top: total}
    walk = [top]
    for at in walk:
        children = below.get(at)
        if children:
            own = carried if at == top else 0
            made = _divided(twigs[at], figures[at], [(n, twigs[n]) for n in children], on, own)
            figures.update(made)
            walk += made
    return {twigs[at].id: figure for at, figure in figures.items() if twigs[at].figure != figure}


def _divided(
    parent: Twig, figure: int, children: Sequence[_Placed], on: date, carried: int
) -> dict[int, int]:
    pieces = [one for one in children if one[1].split == BREAKDOWN]
    made: dict[int, int] = {}
    if pieces:
        due = figure
        if parent.over:
            due = rounded(Fraction(figure * (BASIS_POINTS + parent.over), BASIS_POINTS))
        made = _shared(parent.id, due, pieces, [one for one in pieces if not one[1].fixed])
    if len(pieces) < len(children):
        periods = [one for one in children if one[1].split == PERIOD]
        still_open = [
            one for one in periods if not (one[1].fixed or one[1].carries or one[1].last_day < on)
        ]
        made |= _shared(parent.id, figure + carried, periods, still_open)
    return made


def _shared(
    parent_id: UUID, total: int, children: Sequence[_Placed], free: Sequence[_Placed]
) -> dict[int, int]:
    """Share a total among the children that are free; the others keep what they have."""
    rest = total
    if len(free) < len(children):
        kept = {at for at, _ in children} - {at for at, _ in free}
        rest -= sum(one.figure for at, one in children if at in kept)
    if not free:
        if rest:
            raise PinnedBeyondTotal(parent_id)
        return {}
    if rest < 0 <= total:
        raise PinnedBeyondTotal(parent_id)
    weights = [max(0, one.figure) for _, one in free]
    # Nobody here has a floor or a cap: the one rule is the plain spread, in steps of one unit.
    return dict(zip([at for at, _ in free], spread(rest, weights), strict=True))
