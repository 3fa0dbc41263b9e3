"""A new total is pushed down so that also each month is what the months below it are together."""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from service.targets.rules.balancing import BREAKDOWN, PERIOD
from service.targets.rules.cascading import Bounds, Twig, cascaded

YEAR_ENDS = date(2027, 12, 31)
REGIONS, REPS, MONTHS = 3, 3, 12
ROOT = (0, 0)
Place = tuple[int, int]
cells = st.lists(st.integers(0, 40), min_size=MONTHS, max_size=MONTHS)
tables = st.lists(cells, min_size=REGIONS * REPS, max_size=REGIONS * REPS)


def an_id(place: Place, month: int = 0) -> UUID:
    region, rep = place
    return UUID(int=1 + region * 10_000 + rep * 100 + month)


def above(place: Place) -> Place | None:
    region, rep = place
    if place == ROOT:
        return None
    return (region, 0) if rep else ROOT


def ends(month: int) -> date:
    return date(2027, month, monthrange(2027, month)[1])


def tree(months: dict[Place, Sequence[int]]) -> Iterator[Twig]:
    """Make a target of each place, with its months, whose year is what they have together."""
    for place, each in months.items():
        up = above(place)
        parent = None if up is None else an_id(up)
        yield Twig(an_id(place), parent, BREAKDOWN, YEAR_ENDS, sum(each))
        for month, amount in enumerate(each, 1):
            yield Twig(an_id(place, month), an_id(place), PERIOD, ends(month), amount)


def added_up(reps: Sequence[Sequence[int]]) -> dict[Place, Sequence[int]]:
    """Return the months of all places from those of the representatives."""
    months: dict[Place, Sequence[int]] = {
        (region + 1, rep + 1): reps[region * REPS + rep]
        for region in range(REGIONS)
        for rep in range(REPS)
    }
    for region in range(1, REGIONS + 1):
        below = [months[region, rep] for rep in range(1, REPS + 1)]
        months[region, 0] = [sum(column) for column in zip(*below, strict=True)]
    below = [months[region, 0] for region in range(1, REGIONS + 1)]
    return {ROOT: [sum(column) for column in zip(*below, strict=True)], **months}


@given(reps=tables, more=st.integers(1, 5_000), month=st.integers(1, 12))
def test_each_month_is_the_sum_of_the_months_below_it(
    reps: list[list[int]], more: int, month: int
) -> None:
    months = added_up(reps)
    twigs = list(tree(months))
    had = {twig.id: twig.figure for twig in twigs}

    total = had[an_id(ROOT)] + more
    made = had | cascaded(twigs, {an_id(ROOT): total}, date(2027, month, 1))

    assert made[an_id(ROOT)] == total
    for place in months:
        each = [made[an_id(place, n)] for n in range(1, MONTHS + 1)]
        assert each[: month - 1] == list(months[place][: month - 1])
        assert sum(each) == made[an_id(place)]
        assert min(each) >= 0
        below = [one for one in months if above(one) == place]
        if below:
            assert sum(made[an_id(one)] for one in below) == made[an_id(place)]
            for n in range(1, MONTHS + 1):
                assert sum(made[an_id(one, n)] for one in below) == made[an_id(place, n)]


def test_a_unit_goes_where_it_is_nearest_and_what_is_bound_or_pinned_stays() -> None:
    # Ten of each in two months become eleven of each: 16.5 a month.
    months = {ROOT: [30, 30], (1, 0): [10, 10], (2, 0): [10, 10], (3, 0): [10, 10]}
    twigs = list(tree(months))

    def of(twigs: Sequence[Twig], total: int) -> list[list[int]]:
        made = {twig.id: twig.figure for twig in twigs}
        made |= cascaded(twigs, {an_id(ROOT): total}, date(2027, 1, 1))
        return [[made[an_id(place, n)] for n in (1, 2)] for place in months]

    assert of(twigs, 66) == [[33, 33], [11, 11], [11, 11], [11, 11]]
    # 21 each: by itself every one would have 11 and 10, and January 33 of 32.
    assert of(twigs, 63) == [[32, 31], [10, 11], [11, 10], [11, 10]]
    bound = [
        twig._replace(bounds=Bounds(most=20)) if twig.id == an_id((1, 0), 1) else twig
        for twig in twigs
    ]
    assert of(bound, 63) == [[32, 31], [11, 10], [10, 11], [11, 10]]
    pinned = [
        twig._replace(fixed=True) if twig.id in {an_id((n, 0), 1) for n in (1, 2, 3)} else twig
        for twig in twigs
    ]
    assert of(pinned, 63) == [[32, 31], [10, 11], [10, 11], [10, 11]]
    whole = [twig._replace(fixed=True) if twig.id == an_id((1, 0)) else twig for twig in twigs]
    # 43 for the two others, 22 and 21: 11 and 11, 11 and 10, beside 10 and 10.
    assert of(whole, 63) == [[32, 31], [10, 10], [11, 11], [11, 10]]
    assert of(whole, 62) == [[31, 31], [10, 10], [10, 11], [11, 10]]


def test_of_those_who_have_no_months_or_others_each_keeps_its_own_season() -> None:
    months = {ROOT: [30, 30], (1, 0): [10, 10], (2, 0): [10, 10], (3, 0): [10, 10]}
    for missing in (an_id((3, 0), 1), an_id((3, 0), 2)):
        twigs = [twig for twig in tree(months) if twig.id != missing]
        twigs = [
            twig._replace(figure=20) if twig.parent_id == an_id((3, 0)) else twig for twig in twigs
        ]
        made = {twig.id: twig.figure for twig in twigs}
        made |= cascaded(twigs, {an_id(ROOT): 63}, date(2027, 1, 1))
        assert [made[an_id((1, 0), n)] for n in (1, 2)] == [11, 10]
