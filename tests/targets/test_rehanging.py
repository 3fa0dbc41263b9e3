"""A target goes along with its territory: exact, and never a day that is over."""

from dataclasses import replace
from datetime import date
from itertools import count
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.targets.rules.balancing import PERIOD, Balance
from service.targets.rules.following import Standing, Trees, counterparts
from service.targets.rules.leaves import taken_from
from service.targets.rules.rehanging import Forest, Rehung, rehung, still_open, wandering

from .test_following import (
    JULY,
    NEW_YEAR,
    PARENTS,
    ROOT,
    A,
    B,
    N,
    Plan,
    S,
    an_id,
    part,
    refuse_broken,
)

SITE = an_id(7)
"""A target below S, of a territory of its own."""
ABOVE = {**PARENTS, SITE: S}
HUNG = {**ABOVE, S: A}
EVERY = [Standing(one, one, ("plan",)) for one in ABOVE]
amounts = st.integers(0, 10_000)


def with_site(balance: Balance, share: int) -> Balance:
    """Add a target below S; what it does not have of S nobody is assigned."""
    parts = dict(balance.parts)
    parts[S] = replace(parts[S], broken_down=True)
    parts[SITE] = part(SITE, S, share)
    nobodys = an_id(2_000 + S.int)
    parts[nobodys] = part(nobodys, S, parts[S].figure - share, is_unassigned=True)
    return Balance(parts, balance.on)


def hung(balance: Balance, trees: Trees, standing: list[Standing] = EVERY) -> Rehung:
    ids = (an_id(number) for number in count(9_000))
    above = {one.id: one.parent_id for one in balance.parts.values()}
    wanted = wandering(standing, counterparts(standing), above, trees)
    axes = {one.id: (one.id, one.split, one.days) for one in balance.parts.values()}
    return rehung(Forest(balance, {}, axes), wanted, lambda: next(ids))


def made(balance: Balance, done: Rehung) -> tuple[Balance, dict[UUID, int]]:
    """Return the targets with those that were made, and every figure once all is done."""
    parts = dict(balance.parts)
    for heir_id, like_id, above_id in done.heirs:
        parts[heir_id] = replace(parts[like_id], id=heir_id, parent_id=above_id, figure=0)
    figures = {number: one.figure for number, one in parts.items()}
    for move in done.moves:
        key = move.node_id or an_id((move.parent_id or ROOT).int + 1_000)
        figures[key] = figures.get(key, 0) + move.delta
    return Balance(parts, balance.on), figures


@example(leaves=(3, 5, 0), over=1_000, share=2, on=date(2027, 3, 15), to=A)
@example(leaves=(0, 4, 0), over=0, share=1, on=date(2027, 11, 2), to=A)
@given(
    leaves=st.tuples(amounts, amounts, amounts),
    over=st.sampled_from([0, 1_000, 2_500]),
    share=amounts,
    on=st.sampled_from([NEW_YEAR, JULY, date(2027, 3, 15), date(2027, 11, 2)]),
    to=st.sampled_from([A, ROOT]),
)
def test_what_goes_along_joins_every_sum_stays_and_no_day_that_is_over_changes(
    *, leaves: tuple[int, int, int], over: int, share: int, on: date, to: UUID
) -> None:
    balance = with_site(Plan(leaves, over).balance(on), share)
    goes = still_open(Forest(balance, {}, {}), S)

    done = hung(balance, Trees(ABOVE, {**ABOVE, S: to}))

    grown, figures = made(balance, done)
    refuse_broken(grown, figures)
    assert figures[ROOT] == balance.parts[ROOT].figure
    assert [(one.node_id, one.giver_id, one.taker_id, one.amount) for one in done.targets] == (
        [(S, B, to, goes)] if goes else []
    )
    assert figures[S] == leaves[1] - goes
    heirs = {like_id: heir_id for heir_id, like_id, _ in done.heirs}
    assert figures.get(heirs.get(S, ROOT) if goes else S) == (goes or leaves[1])
    assert figures[SITE] + (figures[heirs[SITE]] if SITE in heirs else 0) == share
    assert not goes or (SITE in heirs) == bool(still_open(Forest(balance, {}, {}), SITE))
    for one in balance.parts.values():
        if one.split == PERIOD and one.days[1] < on:
            assert figures[one.id] == one.figure
        if one.split == PERIOD and one.parent_id == S:
            assert figures[one.id] == one.figure - max(taken_from(one, on, None), 0)


@pytest.mark.parametrize(
    ("on", "first", "lost"),
    [
        pytest.param(NEW_YEAR, 10, (10, 90), id="each period has what goes of it"),
        pytest.param(NEW_YEAR, 99, (99, 1), id="as it is, and not as theirs are"),
        pytest.param(JULY, 10, (0, 90), id="what is over stays"),
    ],
)
def test_those_above_give_and_take_it_in_its_own_periods(
    *, on: date, first: int, lost: tuple[int, int]
) -> None:
    balance = Plan((100, 100, 100)).balance(on)
    halves = {one: [an_id(one.int * 10 + half) for half in (0, 1)] for one in (A, B, S, ROOT)}
    parts = dict(balance.parts)
    for half, figure in zip(halves[S], (first, 100 - first), strict=True):
        parts[half] = replace(parts[half], figure=figure)
    balance = Balance(parts, on)

    done = hung(balance, Trees(ABOVE, {**ABOVE, S: A}), [one for one in EVERY if one.id != SITE])

    grown, figures = made(balance, done)
    refuse_broken(grown, figures)
    gained = {
        one: tuple(figures[half] - parts[half].figure for half in halves[one])
        for one in (A, B, ROOT)
    }
    assert gained == {A: lost, B: tuple(-part for part in lost), ROOT: (0, 0)}


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param(HUNG, [(S, A)], id="what is below goes with it, and is not listed"),
        pytest.param({**ABOVE, S: ROOT}, [(S, ROOT)], id="up"),
        pytest.param({**ABOVE, SITE: N, S: A}, [(SITE, N), (S, A)], id="the lowest first"),
        pytest.param({**ABOVE, S: N, N: ROOT, A: ROOT}, [(N, ROOT), (S, N)], id="into what moves"),
        pytest.param({**ABOVE, S: ROOT, B: S}, [(S, ROOT)], id="never below itself"),
        pytest.param(ABOVE, [], id="nothing hangs elsewhere"),
        pytest.param({**ABOVE, S: None}, [], id="nothing is above it any more"),
    ],
)
def test_the_target_of_the_nearest_above_takes_it(
    after: dict[UUID, UUID | None], expected: list[tuple[UUID, UUID]]
) -> None:
    found = wandering(EVERY, counterparts(EVERY), ABOVE, Trees(ABOVE, after))

    assert sorted((one.id, taker_id) for one, taker_id in found) == sorted(expected)
    depth = {SITE: 3, S: 2, N: 2}
    assert [-depth[one.id] for one, _ in found] == sorted(-depth[one.id] for one, _ in found)


def test_one_that_is_no_part_of_what_stood_above_its_territory_stays() -> None:
    beside = {**ABOVE, S: ROOT}

    found = wandering(EVERY, counterparts(EVERY), beside, Trees({**ABOVE, B: None}, HUNG))

    assert found == []


def test_what_was_made_over_for_a_part_of_the_days_goes_on_by_these_days() -> None:
    days = (date(2027, 1, 1), date(2027, 12, 31))
    balance = Balance({S: part(S, None, 184)}, date(2027, 10, 1))
    whole = Forest(balance, {}, {})
    since_july = Forest(balance, {S: [(JULY, 184)]}, {})
    kept = replace(whole, balance=Balance({S: part(S, None, 181)}, date(2027, 10, 1)))
    gave = replace(kept, since={S: [(JULY, -184)]})

    assert days[1] > JULY
    # 92 of 365 days, 92 of 184; of what was kept for the days before nothing.
    assert [still_open(one, S) for one in (whole, since_july, gave)] == [46, 92, 0]
