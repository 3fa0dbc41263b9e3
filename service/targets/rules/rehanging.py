"""What of a target goes along when its territory hangs below another one (targets page 4.4). Pure.

What lies from the day on is made over, with all that is below it, to targets like them below the
new one; what is above both stays, and so does what lies before the day.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import TypeAlias
from uuid import UUID

from service.money import BASIS_POINTS, spread
from service.targets.rules.balancing import BREAKDOWN, Balance, Move, Part, make, merged
from service.targets.rules.dated import DayMoves, Later, added, as_they_stand
from service.targets.rules.following import Counterparts, Share, Standing, Trees, carried, chain
from service.targets.rules.leaves import leaves, taken_from
from service.targets.rules.rounding import rounded

Since: TypeAlias = Mapping[UUID, Sequence[tuple[date, int]]]
"""What was made over to a target, or by it, for the days from one on."""
HeirOf: TypeAlias = Callable[[UUID, UUID], UUID]
"""From a target, and the one below which its heir is to be, the heir's id."""


@dataclass(frozen=True, slots=True)
class Forest:
    """Targets as they stand before a territory is hung elsewhere.

    Attributes:
        balance: the targets that may go, all below and above them, and where they may go.
        since: what of their figures is for a part of their days alone.
        axes: what tells each from others below the same target.
    """

    balance: Balance
    since: Since
    axes: Mapping[UUID, tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Rehanging:
    """A target goes along with its territory.

    Attributes:
        node_id: the target.
        giver_id, taker_id: what it is a part of, and will be.
    """

    node_id: UUID
    territory_id: UUID
    giver_id: UUID
    taker_id: UUID
    amount: int


@dataclass(slots=True)
class Rehung:
    """What follows when territories hang elsewhere.

    Attributes:
        targets: which go along, with how much.
        heirs: the targets to be made, each with the one it is like and the one it is below, from
            the top down.
        moves: every change of the day, so that all sums stay exact.
        handed: the targets whose days from the day on are another's now.
        later: what is added to the moves on days after it.
    """

    targets: list[Rehanging] = field(default_factory=list)
    heirs: list[tuple[UUID, UUID, UUID]] = field(default_factory=list)
    moves: Sequence[Move] = field(default_factory=list)
    handed: set[UUID] = field(default_factory=set)
    later: DayMoves = ()


def wandering(
    standing: Iterable[Standing],
    targets: Counterparts,
    above: Mapping[UUID, UUID | None],
    trees: Trees,
) -> list[tuple[Standing, UUID]]:
    """Return the targets whose territory hangs elsewhere, the lowest first, and where each goes.

    That is the target of the nearest territory above that has one. One that is no part of what
    stood above it, or would come to be below itself, stays.
    """
    found: list[tuple[int, Standing, UUID]] = []
    for one in standing:
        if one.territory_id not in trees.before or one.territory_id not in trees.after:
            continue
        alike, path = targets[one.alike], chain(one.territory_id, trees.before)
        ids = {node_id: territory_id for territory_id, node_id in alike.items()}
        up = chain(one.id, above)[1:]
        giver = next((node_id for node_id in up if node_id in ids), None)
        joined = chain(one.territory_id, trees.after)[1:]
        taker = next((alike[here] for here in joined if here in alike), None)
        if giver is None or taker is None or taker == giver or ids[giver] not in path[1:]:
            continue
        if one.id not in chain(taker, above):
            found.append((-len(path), one, taker))
    found.sort(key=lambda each: each[0])
    return [(one, taker) for _, one, taker in found]


def rehung(
    forest: Forest,
    wanted: Iterable[tuple[Standing, UUID]],
    new_id: Callable[[], UUID],
    ids: dict[tuple[UUID, UUID], UUID] | None = None,
) -> Rehung:
    """Hang targets elsewhere one after the other, what lies from the balance's day on of each.

    Args:
        forest: the targets.
        wanted: which go, and where.
        new_id: makes the id of a target that is not there yet.
        ids: those that were made on another day, by what each is like and is below.
    """
    done, made = Rehung(), {} if ids is None else ids

    def heir_of(node_id: UUID, above_id: UUID) -> UUID:
        return made.get((node_id, above_id)) or made.setdefault((node_id, above_id), new_id())

    for one, taker_id in wanted:
        forest = _hung(forest, one, taker_id, done, heir_of)
    done.moves = merged(done.moves)
    return done


def rehung_by_day(
    forest: Forest,
    later: Later,
    wanted: Sequence[tuple[Standing, UUID]],
    new_id: Callable[[], UUID],
) -> Rehung:
    """Hang targets elsewhere as they stand on the day, and what begins later on its own days.

    Args:
        forest: the targets with all that will ever be of them.
        later: what of that begins after the balance's day.
        wanted: the targets that go, and where.
        new_id: makes the id of a target that is not there yet.

    Returns:
        What follows; `targets` says how much of the day.
    """
    ids: dict[tuple[UUID, UUID], UUID] = {}
    days: list[tuple[date, Rehung]] = []
    for day, balance in as_they_stand(forest.balance, later):
        since = {
            node_id: [one for one in each if one[0] <= day]
            for node_id, each in forest.since.items()
        }
        done = rehung(replace(forest, balance=balance, since=since), wanted, new_id, ids)
        days.append((day, done))
    found = days[0][1]
    found.moves, found.later = added([(day, done.moves) for day, done in days])
    for _, done in days[1:]:
        found.heirs += [one for one in done.heirs if one not in found.heirs]
        found.handed |= done.handed
    return found


def still_open(forest: Forest, node_id: UUID) -> int:
    """Return what of a target lies from the day on: by its periods, by calendar days of each."""
    balance = forest.balance
    return sum(
        _open_of(part, balance.on, forest.since.get(part.id, ()))
        for part in leaves(balance, node_id)
    )


def _open_of(part: Part, on: date, since: Sequence[tuple[date, int]]) -> int:
    made_over = [(max(day, part.days[0]), delta) for day, delta in since]
    whole = part.figure - sum(delta for _, delta in made_over)
    rest = Fraction(taken_from(replace(part, figure=whole), on, None))
    for day, delta in made_over:
        left = (part.days[1] - max(day, on)).days + 1
        rest += Fraction(delta * left, max((part.days[1] - day).days + 1, 1))
    return min(max(rounded(rest), 0), max(part.figure, 0))


def _hung(forest: Forest, one: Standing, taker_id: UUID, done: Rehung, heir_of: HeirOf) -> Forest:
    balance = forest.balance
    giver_id = balance.parts[one.id].parent_id
    amount = still_open(forest, one.id)
    if giver_id is None or amount <= 0:
        return forest
    if not leaves(balance, giver_id) or not leaves(balance, taker_id):
        return forest
    # What was never broken down has no parts on the days before.
    if not balance.parts[taker_id].broken_down:
        return forest
    above = _above(forest, one.id, giver_id, taker_id)
    parts, axes = dict(balance.parts), dict(forest.axes)
    given = _copied(forest, (one.id, taker_id), (parts, axes), done, heir_of)
    grown = replace(balance, parts=parts)
    moves = [move for pair in given for move in (Move(pair[0], -pair[2]), Move(pair[1], pair[2]))]
    moves += _completed(grown, {node_id: -part for node_id, _, part in given})
    moves += _completed(grown, {heir_id: part for _, heir_id, part in given})
    moves = merged([*moves, *above])
    make(parts, moves)
    since = {node_id: list(each) for node_id, each in forest.since.items()}
    for move in moves:
        if move.node_id is not None:
            since.setdefault(move.node_id, []).append((balance.on, move.delta))
    done.targets.append(Rehanging(one.id, one.territory_id, giver_id, taker_id, amount))
    done.moves = [*done.moves, *moves]
    done.handed |= {pair[0] for pair in given}
    return Forest(replace(balance, parts=parts), since, axes)


def _above(forest: Forest, node_id: UUID, giver_id: UUID, taker_id: UUID) -> list[Move]:
    """Return the moves of what gives, what takes and all above, up to where they meet.

    Each period has what goes of it: a month of the region is what its territories have in it.
    """
    balance = forest.balance
    of_period = {
        part.days: _open_of(part, balance.on, forest.since.get(part.id, ()))
        for part in leaves(balance, node_id)
    }
    amount = sum(of_period.values())
    over = balance.parts[giver_id].over
    given = rounded(Fraction(amount * BASIS_POINTS, BASIS_POINTS + over))
    pieces = zip(of_period, spread(given, list(of_period.values())), strict=True)
    return [
        # Whose share it is does not matter: it is one.
        *carried(
            balance, [Share(giver_id, giver_id, taker_id, part, days) for days, part in pieces]
        ),
        *balance.unassigned(giver_id, amount),
        *balance.unassigned(taker_id, -amount),
    ]


def _copied(
    forest: Forest,
    place: tuple[UUID, UUID],
    grown: tuple[dict[UUID, Part], dict[UUID, tuple[object, ...]]],
    done: Rehung,
    heir_of: HeirOf,
) -> list[tuple[UUID, UUID, int]]:
    """Return what a target and all below it give, each with the target that takes it.

    Those that are not there yet are made among `grown`.
    """
    parts, axes = grown
    found: list[tuple[UUID, UUID, int]] = []
    waiting = [place]
    while waiting:
        node_id, above_id = waiting.pop(0)
        amount = still_open(forest, node_id)
        if amount <= 0:
            continue
        heir_id = next(
            (
                other
                for other in forest.balance.below.get(above_id, ())
                if axes[other] == axes[node_id]
            ),
            None,
        )
        if heir_id is None:
            heir_id = heir_of(node_id, above_id)
            done.heirs.append((heir_id, node_id, above_id))
            axes[heir_id] = axes[node_id]
            parts[heir_id] = replace(parts[node_id], id=heir_id, parent_id=above_id, figure=0)
        found.append((node_id, heir_id, amount))
        waiting += [
            (below_id, heir_id)
            for below_id in forest.balance.below.get(node_id, ())
            if not forest.balance.parts[below_id].is_unassigned
        ]
    return found


def _completed(balance: Balance, deltas: Mapping[UUID, int]) -> list[Move]:
    """Return what nobody is assigned below each, so that its parts sum to what it has then."""
    moves: list[Move] = []
    for node_id, delta in deltas.items():
        part = balance.parts[node_id]
        if not part.broken_down:
            continue
        due = part.to_give_out(part.figure + delta) - part.to_give_out(part.figure)
        rest = due - sum(
            deltas.get(below_id, 0)
            for below_id in balance.below.get(node_id, ())
            if balance.parts[below_id].split == BREAKDOWN and not balance.parts[below_id].beside
        )
        moves += balance.unassigned(node_id, rest) if rest else []
    return moves
