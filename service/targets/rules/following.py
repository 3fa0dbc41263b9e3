"""What of the targets follows customers to another territory (targets page 4.4, Q32). Pure.

A customer's share of his territory's target is his share of its history; it leaves the targets of
the territory he leaves and joins those of the one he goes to, and what is above both stays.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final, TypeAlias
from uuid import UUID

from service.money import spread
from service.targets.rules.balancing import Balance, Days, Move, Part, make, merged
from service.targets.rules.leaves import leaves, taken_from

_MONTH: Final = timedelta(days=31)
Parents: TypeAlias = Mapping[UUID, UUID | None]
"""Which territory stands below which."""
Counterparts: TypeAlias = Mapping[tuple[object, ...], Mapping[UUID, UUID]]
"""The targets by what they have in common, and of those that are alike by territory."""


@dataclass(frozen=True, slots=True)
class Going:
    """A customer who goes from one territory to another."""

    party_id: UUID
    from_id: UUID | None
    to_id: UUID | None


@dataclass(frozen=True, slots=True)
class Trees:
    """The territories as they stood before the customers go, and as they stand after it."""

    before: Parents
    after: Parents


@dataclass(frozen=True, slots=True)
class Standing:
    """A target of a territory.

    Attributes:
        alike: what it has in common with its counterparts in other territories: plan, metric, kind,
            level, product, channel, days.
    """

    id: UUID
    territory_id: UUID
    alike: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """What targets of a territory are shared by.

    Attributes:
        parties: the history of each customer who goes, where he has any.
        whole: the history of all.
        count: how many customers there are; where there is no history they share equally.
    """

    parties: Mapping[UUID, int]
    whole: int
    count: int


@dataclass(frozen=True, slots=True)
class Share:
    """What of a target goes with a customer.

    Attributes:
        taker_id: the target it joins; None where the territory he goes to has none: then who
            answers for the target above holds it unassigned.
        days: the period it is of; None for as much of each as is still open.
    """

    party_id: UUID
    giver_id: UUID
    taker_id: UUID | None
    amount: int
    days: Days | None = None


def year_before(day: date) -> date:
    """Return the first day of the year that is over on a day."""
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if leap else day.day)


def months_between(first: date, until: date) -> tuple[date, date, date, date]:
    """Return a span's first day, its whole months' first day and first day after them, its end.

    `until` is the first day after the span. Without a whole month the two in the middle are one.
    """
    begin = first if first.day == 1 else (first.replace(day=1) + _MONTH).replace(day=1)
    if begin > until:
        return first, until, until, until
    return first, begin, until.replace(day=1), until


def chain(territory_id: UUID | None, parents: Parents) -> list[UUID]:
    """Return a territory and all above it, the nearest first."""
    found: list[UUID] = []
    while territory_id is not None and territory_id not in found:
        found.append(territory_id)
        territory_id = parents.get(territory_id)
    return found


def below(territory_id: UUID, parents: Parents) -> frozenset[UUID]:
    """Return a territory and all below it."""
    return frozenset(
        {territory_id} | {one for one in parents if territory_id in chain(one, parents)}
    )


def counterparts(standing: Iterable[Standing]) -> Counterparts:
    """Return which targets are alike: of several of one territory the first."""
    found: dict[tuple[object, ...], dict[UUID, UUID]] = {}
    for one in standing:
        found.setdefault(one.alike, {}).setdefault(one.territory_id, one.id)
    return found


def covered(
    giver: Standing, targets: Counterparts, above: Parents, parents: Parents
) -> frozenset[UUID]:
    """Return the territories whose history a target stands for: its own and those below it.

    One below that has a target of its own is left out unless that is a part of this one.

    Args:
        giver: the target.
        targets: all targets of territories.
        above: which target is a part of which.
        parents: the territories as they stand.
    """
    alike = targets[giver.alike]
    found: set[UUID] = set()
    for territory_id in below(giver.territory_id, parents):
        nearest = next(alike[here] for here in chain(territory_id, parents) if here in alike)
        if giver.id in chain(nearest, above):
            found.add(territory_id)
    return frozenset(found)


def routes(
    going: Iterable[Going], trees: Trees, targets: Counterparts
) -> dict[UUID, dict[UUID, UUID | None]]:
    """Return, by target that gives, which customers leave it and which target takes each.

    It is the target of the nearest territory that has one; within one target nothing moves.
    """
    found: dict[UUID, dict[UUID, UUID | None]] = {}
    for party in going:
        left, joined = chain(party.from_id, trees.before), chain(party.to_id, trees.after)
        for nodes in targets.values():
            giver = next((nodes[one] for one in left if one in nodes), None)
            taker = next((nodes[one] for one in joined if one in nodes), None)
            if giver is not None and giver != taker:
                found.setdefault(giver, {})[party.party_id] = taker
    return found


def to_give(balance: Balance, node_id: UUID) -> int:
    """Return what of a target is still open on the day: its days before it stay as they were."""
    return sum(taken_from(one, balance.on, None) for one in leaves(balance, node_id))


def shares(
    balance: Balance, giver_id: UUID, takers: Mapping[UUID, UUID | None], weights: Weights
) -> list[Share]:
    """Divide what a target has to give among the customers who go and all who stay.

    By history, exactly (targets page 4.2); where there is none, equally by customer.
    """
    open_amount = to_give(balance, giver_id)
    if open_amount <= 0:
        return []
    is_top = balance.parts[giver_id].parent_id is None
    parties = sorted(takers, key=str)
    if weights.whole > 0:
        own = [max(weights.parties.get(one, 0), 0) for one in parties]
        rest = max(weights.whole - sum(own), 0)
    else:
        own = [1] * len(parties)
        rest = max(weights.count - len(parties), 0)
    divided = spread(open_amount, [*own, rest]) if any(own) else [0] * len(parties)
    return [
        Share(party, giver_id, takers[party], amount)
        for party, amount in zip(parties, divided[: len(parties)], strict=True)
        # Above a plan's whole nobody could hold what the plan gives up: it stays.
        if amount and not (is_top and takers[party] is None)
    ]


def carried(balance: Balance, given: Iterable[Share]) -> list[Move]:
    """Return every move when shares leave their targets and join others: all sums stay exact."""
    sums: dict[tuple[UUID, UUID | None, Days | None], int] = {}
    for one in given:
        place = (one.giver_id, one.taker_id, one.days)
        sums[place] = sums.get(place, 0) + one.amount
    parts = dict(balance.parts)
    balance = replace(balance, parts=parts)
    # As things are before anybody goes: what is given first must not count as open again.
    still_open = {giver_id: _open(balance, giver_id) for giver_id, _, _ in sums}
    moves: list[Move] = []
    for (giver_id, taker_id, days), amount in sums.items():
        taken = _taken(balance, still_open[giver_id], amount, days)
        for leaf, part in taken.items():
            still_open[giver_id][leaf] -= part
        joined = {} if taker_id is None else _joined(balance, taker_id, taken)
        moves += _carried(balance, parts, (giver_id, taker_id), (taken, joined))
    return merged(moves)


def _taken(
    balance: Balance, still_open: Mapping[UUID, int], amount: int, days: Days | None
) -> dict[UUID, int]:
    """Take an amount from the period it is of, as far as that has it; the rest from all."""
    taken: dict[UUID, int] = {}
    same = _same(balance, still_open, days)
    if same is not None:
        taken[same] = min(amount, still_open[same])
    rest = {leaf: left - taken.get(leaf, 0) for leaf, left in still_open.items()}
    for leaf, part in _by_leaf(rest, amount - sum(taken.values())).items():
        taken[leaf] = taken.get(leaf, 0) + part
    return {leaf: part for leaf, part in taken.items() if part}


def _joined(balance: Balance, taker_id: UUID, taken: Mapping[UUID, int]) -> dict[UUID, int]:
    """Divide what a target takes among its periods: it joins the one that it was of, if any."""
    still_open = _open(balance, taker_id)
    joined: dict[UUID, int] = {}
    elsewhere = 0
    for leaf, part in taken.items():
        same = _same(balance, still_open, balance.parts[leaf].days)
        if same is None:
            elsewhere += part
        else:
            joined[same] = joined.get(same, 0) + part
    for leaf, part in _by_leaf(still_open, elsewhere).items():
        joined[leaf] = joined.get(leaf, 0) + part
    return joined


def _same(balance: Balance, leaves_of: Iterable[UUID], days: Days | None) -> UUID | None:
    """Return the period of exactly these days."""
    return next((leaf for leaf in leaves_of if balance.parts[leaf].days == days), None)


def _carried(
    balance: Balance,
    parts: dict[UUID, Part],
    place: tuple[UUID, UUID | None],
    periods: tuple[Mapping[UUID, int], Mapping[UUID, int]],
) -> list[Move]:
    """Return the moves when a target gives to another, made on the balance's own parts."""
    giver_id, taker_id = place
    taken, joined = periods
    given = {leaf: -part for leaf, part in taken.items()}
    above = _above(balance.parts, giver_id)
    meeting = above[1] if taker_id is None else _meeting(balance.parts, giver_id, taker_id)
    moves: list[Move] = []
    arrived = 0
    for node_id, changes in ((giver_id, given), (taker_id, joined)):
        if node_id == meeting:
            continue
        for leaf, part in changes.items():
            made, change = balance.raised_below(leaf, part, meeting)
            make(parts, made)
            moves += made
            arrived += change
    if arrived and meeting is not None:
        made = balance.unassigned(meeting, -arrived)
        make(parts, made)
        moves += made
    return moves


def _open(balance: Balance, node_id: UUID) -> dict[UUID, int]:
    """Return what each open period of a target has for the day and those after it."""
    return {one.id: max(taken_from(one, balance.on, None), 0) for one in leaves(balance, node_id)}


def _by_leaf(still_open: Mapping[UUID, int], amount: int) -> dict[UUID, int]:
    """Divide an amount among periods by what each has open."""
    if not still_open:
        return {}
    divided = spread(amount, list(still_open.values()))
    return {leaf: part for leaf, part in zip(still_open, divided, strict=True) if part}


def _above(parts: Mapping[UUID, Part], node_id: UUID) -> list[UUID | None]:
    """Return a target and all above it, and then nothing."""
    found: list[UUID | None] = []
    here: UUID | None = node_id
    while here is not None:
        found.append(here)
        here = parts[here].parent_id
    return [*found, None]


def _meeting(parts: Mapping[UUID, Part], giver_id: UUID, taker_id: UUID) -> UUID | None:
    """Return the nearest target that both are, or are below; None where they have none."""
    others = set(_above(parts, taker_id))
    return next(one for one in _above(parts, giver_id) if one in others)
