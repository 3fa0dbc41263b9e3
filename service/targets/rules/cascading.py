"""A new total pushed down a whole tree in the proportions it has (targets page 4.2, Q31). Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import partial
from typing import NamedTuple, TypeAlias
from uuid import UUID

from service.money import BASIS_POINTS, spread
from service.targets.rules.balancing import BREAKDOWN, PERIOD
from service.targets.rules.distributing import Child, LimitsUnsatisfiable, distribute
from service.targets.rules.rounding import rounded


class Bounds(NamedTuple):
    """What binds a part besides the total: the step, the floor and the cap of its last division."""

    step: int = 1
    least: int | None = None
    most: int | None = None


class Twig(NamedTuple):
    """A node as a cascade sees it; a plan has 100,000 of them, so a tuple.

    Attributes:
        last_day: its last day: a period that is over stays as it is.
        figure: what is in force of it.
        over: over-assignment of its children, in basis points.
        fixed: it is pinned, beside the total, or nobody can make it any more: it keeps what it has.
        carries: it is no period of its own, but what others carried over.
        bounds: what its last division binds it by; None where that is nothing.
    """

    id: UUID
    parent_id: UUID | None
    split: str
    last_day: date
    figure: int
    over: int = 0
    fixed: bool = False
    carries: bool = False
    bounds: Bounds | None = None


_Placed: TypeAlias = tuple[int, Twig]
"""A node with its place in the order."""


class PinnedBeyondTotal(Exception):
    """What is pinned below a node, with floors and caps, is not what it has to give out.

    Attributes:
        total: what it has to give out.
        least, most: from where to where its children reach; None is unlimited.
        split: as what they are parts of it.
        node_id: it; known once it has left `cascaded`.
    """

    def __init__(self, total: int, least: int, most: int | None, split: str) -> None:
        super().__init__(f"{total} is not from {least} to {most}")
        self.total = total
        self.least = least
        self.most = most
        self.split = split
        self.node_id: UUID | None = None


def cascaded(
    twigs: Sequence[Twig], tops: Mapping[UUID, int], on: date, carried: int = 0
) -> dict[UUID, int]:
    """Return the new figure of every node that changes when some have others.

    Pieces share what their parent gives out as they do now; periods that are still open share what
    the closed ones leave. What is pinned stays; steps, floors and caps of the division that a part
    came from are kept.

    Args:
        twigs: the nodes whose figures change, everything below them and maybe more, brothers in
            their order.
        tops: their new figures; none of them is below another.
        on: first day of the change; in an open plan, the plan's first day.
        carried: what the tops' open periods have to make up for besides: their shortfall.

    Raises:
        PinnedBeyondTotal: see there.
    """
    # By places and not by ids: of 100,000 nodes looking up ids is most of the work.
    place = {twig.id: at for at, twig in enumerate(twigs)}
    figures = {place[top]: total for top, total in tops.items()}
    walk = list(figures)
    highest = set(walk)
    below: dict[int | None, list[int]] = {}
    for at, twig in enumerate(twigs):
        if twig.parent_id is not None and at not in highest:
            below.setdefault(place.get(twig.parent_id), []).append(at)
    for at in walk:
        children = below.get(at)
        if children:
            own = carried if at in highest else 0
            try:
                made = _divided(twigs[at], figures[at], [(n, twigs[n]) for n in children], on, own)
            except PinnedBeyondTotal as error:
                error.node_id = twigs[at].id
                raise
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
        made = _shared(due, pieces, [one for one in pieces if not one[1].fixed])
    if len(pieces) < len(children):
        periods = [one for one in children if one[1].split == PERIOD]
        still_open = [
            one for one in periods if not (one[1].fixed or one[1].carries or one[1].last_day < on)
        ]
        made |= _shared(figure + carried, periods, still_open)
    return made


def _shared(total: int, children: Sequence[_Placed], free: Sequence[_Placed]) -> dict[int, int]:
    """Share a total among the children that are free; the others keep what they have."""
    held = 0
    if len(free) < len(children):
        kept = {at for at, _ in children} - {at for at, _ in free}
        held = sum(one.figure for at, one in children if at in kept)
    rest = total - held
    beyond = partial(PinnedBeyondTotal, total, split=children[0][1].split)
    if not free:
        if rest:
            raise beyond(held, held)
        return {}
    if rest < 0 <= total:
        raise beyond(held, None)
    places = [at for at, _ in free]
    weights = [max(0, one.figure) for _, one in free]
    bounds = [one.bounds for _, one in free]
    if not any(bounds):
        # Without steps, floors and caps the one rule is the plain spread.
        return dict(zip(places, spread(rest, weights), strict=True))
    bound = [one or Bounds() for one in bounds]
    asked = [
        Child(Fraction(weight), None, one.least, one.most)
        for weight, one in zip(weights, bound, strict=True)
    ]
    try:
        made = distribute(rest, asked, max(one.step for one in bound))
    except LimitsUnsatisfiable as error:
        most = None if error.most is None else error.most + held
        raise beyond(error.least + held, most) from error
    return dict(zip(places, made.amounts, strict=True))
