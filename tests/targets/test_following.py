"""What of the targets follows customers elsewhere: exact, and never a day that is over."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.money import spread
from service.targets.rules.balancing import BREAKDOWN, PERIOD, Balance, Move, Part
from service.targets.rules.following import (
    Going,
    Share,
    Standing,
    Trees,
    Weights,
    carried,
    counterparts,
    covered,
    months_between,
    routes,
    shares,
    year_before,
)
from service.targets.rules.leaves import taken_from

YEAR = (date(2027, 1, 1), date(2027, 12, 31))
HALVES = ((date(2027, 1, 1), date(2027, 6, 30)), (date(2027, 7, 1), date(2027, 12, 31)))
NEW_YEAR, JULY = date(2027, 1, 1), date(2027, 7, 1)


def an_id(number: int) -> UUID:
    return UUID(int=number)


ROOT, A, B, N, S, E = (an_id(number) for number in range(1, 7))
"""The company; its regions A and B; N below A, S and E below B. Targets are numbered alike."""
PARENTS: Mapping[UUID, UUID | None] = {ROOT: None, A: ROOT, B: ROOT, N: A, S: B, E: B}
ACCOUNT, OTHER = an_id(100), an_id(101)


def part(number: UUID, parent: UUID | None, figure: int, **more: object) -> Part:
    plain = Part(number, parent, BREAKDOWN, YEAR, figure, 0, False, False)
    return replace(plain, **more)  # type: ignore[arg-type]  # a part's own fields


@dataclass(frozen=True)
class Plan:
    """Targets of all territories, each of them in two halves of the year.

    Attributes:
        over: what each that has others below it gives out beyond what it has, in basis points; what
            it has to give out still nobody is assigned.
    """

    leaves: tuple[int, int, int]
    over: int = 0

    def balance(self, on: date) -> Balance:
        north, south, other = self.leaves
        figures = {N: north, S: south, E: other}
        parts = {}
        for number, below in ((A, (N,)), (B, (S, E)), (ROOT, (A, B))):
            given = sum(figures[one] for one in below)
            figures[number] = given * 10_000 // (10_000 + self.over)
            above = part(number, None, figures[number], over=self.over)
            rest, nobodys = above.to_give_out(above.figure) - given, an_id(number.int + 2_000)
            parts[nobodys] = part(nobodys, number, rest, is_unassigned=True)
        for number, parent in PARENTS.items():
            more = {"broken_down": True, "over": self.over} if number in {A, B, ROOT} else {}
            parts[number] = part(number, parent, figures[number], **more)
            for half, amount in enumerate(spread(figures[number], [1, 1])):
                made = an_id(number.int * 10 + half)
                parts[made] = part(made, number, amount, split=PERIOD, days=HALVES[half])
        return Balance(parts, on)


def after(balance: Balance, moves: list[Move]) -> dict[UUID, int]:
    """Return every figure once moves are made; missing unassigned children by what is above."""
    figures = {number: one.figure for number, one in balance.parts.items()}
    for move in moves:
        key = move.node_id or an_id((move.parent_id or ROOT).int + 1_000)
        figures[key] = figures.get(key, 0) + move.delta
    return figures


def refuse_broken(balance: Balance, figures: dict[UUID, int]) -> None:
    """Fail where the parts of a target do not sum to it."""
    for number, one in balance.parts.items():
        for split in (BREAKDOWN, PERIOD):
            below = [each.id for each in balance.parts.values() if each.parent_id == number]
            of_split = [one for one in below if balance.parts[one].split == split]
            if of_split:
                held = figures.get(an_id(number.int + 1_000), 0) if split == BREAKDOWN else 0
                whole = figures[one.id]
                due = one.to_give_out(whole) if split == BREAKDOWN else whole
                assert sum(figures[each] for each in of_split) + held == due


amounts = st.integers(0, 10_000)


@example(leaves=(3, 0, 0), over=0, history=(1, 1), rest=0, takers=(S, E), on=date(2027, 3, 15))
@given(
    leaves=st.tuples(amounts, amounts, amounts),
    over=st.sampled_from([0, 1_000, 2_500]),
    history=st.tuples(amounts, amounts),
    rest=amounts,
    takers=st.tuples(*[st.sampled_from([S, E, B, A, None])] * 2),
    on=st.sampled_from([NEW_YEAR, JULY, date(2027, 3, 15), date(2027, 11, 2)]),
)
def test_what_leaves_joins_every_sum_stays_and_no_day_that_is_over_changes(
    *,
    leaves: tuple[int, int, int],
    over: int,
    history: tuple[int, int],
    rest: int,
    takers: tuple[UUID | None, UUID | None],
    on: date,
) -> None:
    balance = Plan(leaves, over).balance(on)
    going = dict(zip((ACCOUNT, OTHER), takers, strict=True))
    own = dict(zip((ACCOUNT, OTHER), history, strict=True))
    found = shares(balance, N, going, Weights(own, sum(history) + rest, 5))

    moves = carried(balance, found)

    figures = after(balance, moves)
    refuse_broken(balance, figures)
    assert figures[ROOT] == balance.parts[ROOT].figure
    leaving = sum(one.amount for one in found)
    assert figures[N] == leaves[0] - leaving >= 0
    for taker, was in zip((S, E), leaves[1:], strict=True):
        assert figures[taker] == was + sum(one.amount for one in found if one.taker_id == taker)
    # What a period has for days that are over it keeps, also where the day is one of its own.
    for one in balance.parts.values():
        if one.parent_id == N:
            assert figures[one.id] >= one.figure - max(taken_from(one, on, None), 0)
    over = [one for one in balance.parts.values() if one.split == PERIOD and one.days[1] < on]
    assert all(figures[one.id] == one.figure for one in over)


def test_what_goes_joins_the_periods_that_it_leaves() -> None:
    balance = Plan((100, 100, 100)).balance(NEW_YEAR)
    halves = {one: [an_id(one.int * 10 + half) for half in (0, 1)] for one in PARENTS}
    parts = dict(balance.parts)
    for half, figure in zip(halves[S], (20, 80), strict=True):
        parts[half] = replace(parts[half], figure=figure)
    balance = Balance(parts, NEW_YEAR)

    figures = after(balance, carried(balance, [Share(ACCOUNT, S, N, 10)]))

    refuse_broken(balance, figures)
    gained = {
        one: tuple(figures[half] - parts[half].figure for half in halves[one]) for one in halves
    }
    assert [gained[one] for one in (S, B, N, A, ROOT)] == [*[(-2, -8)] * 2, *[(2, 8)] * 2, (0, 0)]


def test_q32_and_the_same_from_the_middle_of_the_year() -> None:
    weights = Weights({ACCOUNT: 120}, 500, 9)
    whole = shares(Plan((500, 300, 200)).balance(NEW_YEAR), N, {ACCOUNT: S}, weights)
    half = shares(Plan((500, 300, 200)).balance(JULY), N, {ACCOUNT: S}, weights)

    assert whole == [Share(ACCOUNT, N, S, 120)]
    assert half == [Share(ACCOUNT, N, S, 60)]


def test_without_history_all_customers_of_the_territory_share_equally() -> None:
    balance = Plan((500, 0, 0)).balance(NEW_YEAR)

    assert shares(balance, N, {ACCOUNT: S, OTHER: E}, Weights({}, 0, 5)) == [
        Share(ACCOUNT, N, S, 100),
        Share(OTHER, N, E, 100),
    ]


def test_who_brought_nothing_beside_others_who_did_takes_nothing() -> None:
    balance = Plan((500, 0, 0)).balance(NEW_YEAR)

    assert shares(balance, N, {ACCOUNT: S}, Weights({}, 700, 5)) == []


def test_of_the_whole_plan_nothing_goes_where_there_is_no_target() -> None:
    balance = Plan((500, 0, 0)).balance(NEW_YEAR)

    assert shares(balance, ROOT, {ACCOUNT: None}, Weights({ACCOUNT: 1}, 1, 1)) == []


@pytest.mark.parametrize(
    ("standing", "went", "expected"),
    [
        pytest.param((N, S), (N, S), {N: {ACCOUNT: S}}, id="from one to the other"),
        pytest.param((A, S), (N, S), {A: {ACCOUNT: S}}, id="from the nearest above that has one"),
        pytest.param((ROOT,), (N, S), {}, id="within one target nothing moves"),
        pytest.param((N,), (N, S), {N: {ACCOUNT: None}}, id="none takes"),
        pytest.param((S,), (None, S), {}, id="from nowhere nothing comes"),
        pytest.param((A, N), (N, A), {N: {ACCOUNT: A}}, id="up"),
    ],
)
def test_the_nearest_target_above_gives_and_takes(
    standing: tuple[UUID, ...],
    went: tuple[UUID | None, UUID | None],
    expected: dict[UUID, dict[UUID, UUID | None]],
) -> None:
    targets = counterparts(Standing(one, one, ("plan",)) for one in standing)

    assert routes([Going(ACCOUNT, *went)], Trees(PARENTS, PARENTS), targets) == expected


def test_a_target_stands_for_what_is_below_it_but_not_for_what_has_a_target_beside_it() -> None:
    standing = [Standing(one, one, ("plan",)) for one in (A, B, S)]
    targets = counterparts(standing)
    beside = {A: ROOT, B: ROOT, S: ROOT, ROOT: None}
    inside = {**beside, S: B}

    assert covered(standing[1], targets, beside, PARENTS) == {B, E}
    assert covered(standing[1], targets, inside, PARENTS) == {B, S, E}
    assert covered(standing[0], targets, beside, PARENTS) == {A, N}


def test_targets_of_another_kind_are_no_counterparts() -> None:
    targets = counterparts([Standing(N, N, ("TARGET",)), Standing(S, S, ("STRETCH",))])

    assert routes([Going(ACCOUNT, N, S)], Trees(PARENTS, PARENTS), targets) == {N: {ACCOUNT: None}}


def test_the_year_before_a_leap_day_begins_on_the_last_of_february() -> None:
    assert year_before(date(2028, 2, 29)) == date(2027, 2, 28)
    assert year_before(date(2027, 3, 1)) == date(2026, 3, 1)


@given(
    first=st.dates(date(2024, 1, 1), date(2027, 12, 31)),
    length=st.one_of(st.integers(0, 70), st.integers(360, 370)),
)
@example(first=date(2025, 1, 31), length=29)
@example(first=date(2025, 3, 1), length=31)
def test_a_span_is_its_whole_months_and_the_days_beside_them(first: date, length: int) -> None:
    until = first + timedelta(days=length)

    begins, whole, over, ends = months_between(first, until)

    assert (begins, ends) == (first, until)
    assert begins <= whole <= over <= ends
    # Of a month that is read whole, every day is in the span; no month of it is left to its days.
    assert whole == over or (whole.day, over.day) == (1, 1)
    for day in (whole - timedelta(days=1), over):
        month = day.replace(day=1)
        after = (month + timedelta(days=31)).replace(day=1)
        assert not (first <= month and after <= until)
