"""A new total pushed down a whole tree in the proportions it has (targets page 4.2, Q31). Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple
from uuid import UUID

from service.money import BASIS_POINTS, spread
from service.targets.rules.balancing import BREAKDOWN, PERIOD
from service.targets.rules.dated import Later
from service.targets.rules.distributing import Child, LimitsUnsatisfiable, distribute
from service.targets.rules.evening import Line, evened
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
    came from are kept. Where all pieces of a node have its periods, each period is what those of
    the pieces are together, as far as what is pinned, bound or over leaves room for it.

    Args:
        twigs: the nodes whose figures change, everything below them and maybe more, brothers in
            their order.
        tops: their new figures; none of them is below another.
        on: first day of the change; in an open plan, the plan's first day.
        carried: what the tops' open periods have to make up for besides: their shortfall.

    Raises:
        PinnedBeyondTotal: see there.
    """
    tree = _planted(twigs, on)
    made = tree.figures.copy()
    walk = [tree.places[top] for top in tops]
    for at, total in zip(walk, tops.values(), strict=True):
        made[at] = total
    highest = set(walk)
    dealt: set[int] = set()
    for at in walk:
        total, here = made[at], at
        try:
            free: Iterable[int] = ()
            if pieces := tree.pieces[at]:
                free = tree.shared(_given_out(total, twigs[at].over), pieces, made, BREAKDOWN)
                walk += free
            if (periods := tree.periods[at]) and at not in dealt:
                due = total + carried if at in highest else total
                walk += tree.shared(due, periods, made, PERIOD)
            if pieces and periods:
                # At once, and not when each is come to: the months of all are brought together.
                for here in free:
                    if below := tree.periods[here]:
                        walk += tree.shared(made[here], below, made, PERIOD)
                        dealt.add(here)
                tree.even(twigs, at, made)
        except PinnedBeyondTotal as error:
            error.node_id = twigs[here].id
            raise
    figures = tree.figures
    return {twigs[at].id: made[at] for at in walk if made[at] != figures[at]}


def as_they_stand(
    twigs: Sequence[Twig], on: date, later: Later
) -> Iterator[tuple[date, Sequence[Twig]]]:
    """Yield the nodes as they stand on a day, and on each after it on which one changes.

    Args:
        twigs: the nodes with all that will ever be of them.
        on: the day.
        later: what of that begins after it.
    """
    figures = {twig.id: twig.figure for twig in twigs}
    changing = set()
    for _, deltas in later:
        for node_id, delta in deltas.items():
            if node_id in figures:
                figures[node_id] -= delta
                changing.add(node_id)
    for day, deltas in ((on, {}), *later):
        for node_id, delta in deltas.items():
            if node_id in figures:
                figures[node_id] += delta
        yield (
            day,
            [
                twig._replace(figure=figures[twig.id]) if twig.id in changing else twig
                for twig in twigs
            ],
        )


def _given_out(figure: int, over: int) -> int:
    return rounded(Fraction(figure * (BASIS_POINTS + over), BASIS_POINTS)) if over else figure


@dataclass(frozen=True, slots=True)
class _Tree:
    """The nodes by their places in the order: of 100,000, looking up ids is most of the work.

    Attributes:
        places: the place of each id.
        figures: what is in force of each place.
        pieces, periods: of each place those below it, in their order; None where there are none.
        kept: the places that keep what they have.
        bounds: what binds a place, of those that something binds.
    """

    places: dict[UUID, int]
    figures: list[int]
    pieces: list[list[int] | None]
    periods: list[list[int] | None]
    kept: set[int]
    bounds: dict[int, Bounds]

    def shared(self, total: int, children: list[int], made: list[int], split: str) -> Iterable[int]:
        """Share a total among the children that are free, and return them; the others keep theirs.

        Args:
            total: what they are to have together.
            children: their places.
            made: has the new figure of each place, and is given theirs.
            split: as what they are parts.
        """
        figures, kept, bounds = self.figures, self.kept, self.bounds
        free, rest = children, total
        if kept and not kept.isdisjoint(children):
            free = [at for at in children if at not in kept]
            rest -= sum([figures[at] for at in children if at in kept])
        held = total - rest
        if not free:
            if rest:
                raise PinnedBeyondTotal(total, held, held, split)
            return free
        if rest < 0 <= total:
            raise PinnedBeyondTotal(total, held, None, split)
        weights = [figures[at] for at in free]
        if min(weights) < 0:
            weights = [max(0, weight) for weight in weights]
        parts: Sequence[int]
        if not bounds or bounds.keys().isdisjoint(free):
            # Without steps, floors and caps the one rule is the plain spread.
            parts = spread(rest, weights)
        else:
            parts = self._within_bounds(rest, free, weights, split, total)
        for at, part in zip(free, parts, strict=True):
            made[at] = part
        return free

    def even(self, twigs: Sequence[Twig], at: int, made: list[int]) -> None:
        """Bring the months of a place's pieces together, where all of them have its months.

        Args:
            twigs: the nodes.
            at: the place.
            made: has what each has by itself, and is given what they have together.
        """
        days, columns = self._months(twigs, at)
        # What nobody is assigned, where that is nothing, has no months and adds to none.
        pieces = [one for one in self.pieces[at] or () if made[one] or self.periods[one]]
        rows = []
        for piece in pieces:
            its_days, row = self._months(twigs, piece)
            if its_days != days:
                return
            rows.append(row)
        wanted = [_given_out(made[one], twigs[at].over) for one in columns]
        amounts = [[made[one] for one in row] for row in rows]
        if wanted == list(map(sum, zip(*amounts, strict=True))):
            return
        lines = [
            Line(
                each,
                [max(self.figures[one], 0) for one in row],
                [self.kept.isdisjoint((piece, one)) and one not in self.bounds for one in row],
            )
            for piece, row, each in zip(pieces, rows, amounts, strict=True)
        ]
        evened(wanted, lines)
        for row, line in zip(rows, lines, strict=True):
            for one, amount in zip(row, line.amounts, strict=True):
                made[one] = amount

    def _months(self, twigs: Sequence[Twig], at: int) -> tuple[list[date], list[int]]:
        """Return the last days of the periods right below a place, in their order, and these."""
        periods = [one for one in self.periods[at] or () if not twigs[one].carries]
        days = [twigs[one].last_day for one in periods]
        if days != sorted(days):
            periods.sort(key=lambda one: twigs[one].last_day)
            days.sort()
        return days, periods

    def _within_bounds(
        self, rest: int, free: list[int], weights: list[int], split: str, total: int
    ) -> Sequence[int]:
        bound = [self.bounds.get(at) or Bounds() for at in free]
        asked = [
            Child(Fraction(weight), None, one.least, one.most)
            for weight, one in zip(weights, bound, strict=True)
        ]
        try:
            return distribute(rest, asked, max(one.step for one in bound)).amounts
        except LimitsUnsatisfiable as error:
            held = total - rest
            most = None if error.most is None else error.most + held
            raise PinnedBeyondTotal(total, error.least + held, most, split) from error


def _planted(twigs: Sequence[Twig], on: date) -> _Tree:
    places = {twig.id: at for at, twig in enumerate(twigs)}
    count = len(twigs)
    tree = _Tree(places, [twig.figure for twig in twigs], [None] * count, [None] * count, set(), {})
    pieces, periods, place_of = tree.pieces, tree.periods, places.get
    for at, (_, parent_id, split, last_day, _, _, fixed, carries, bounds) in enumerate(twigs):
        parent = place_of(parent_id) if parent_id is not None else None
        if parent is None:
            continue
        is_period = split == PERIOD
        below = periods if is_period else pieces
        brothers = below[parent]
        if brothers is None:
            below[parent] = [at]
        else:
            brothers.append(at)
        if fixed or (is_period and (carries or last_day < on)):
            tree.kept.add(at)
        if bounds:
            tree.bounds[at] = bounds
    return tree
