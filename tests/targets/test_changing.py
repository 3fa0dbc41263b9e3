"""People come, go and fall ill in the middle of a period: the examples of targets page 4.7."""

from calendar import monthrange
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from service.targets.rules.changing import (
    Transfer,
    ramp_by_anniversary,
    ramp_by_month,
    relief,
    relieved_to_peers,
    revised,
    transferred,
)
from service.targets.rules.rounding import rounded, shown

RAMP = [Fraction(0), Fraction(25, 100), Fraction(50, 100), Fraction(75, 100), Fraction(1)]
SEASON = [Fraction(weight) for weight in (5, 3, 9, 8, 9, 12, 6, 6, 13, 12, 9, 8)]


def whole(month: date) -> tuple[date, date]:
    """Return the first and the last day of a month."""
    return month, month.replace(day=monthrange(month.year, month.month)[1])


def test_q13_a_transfer_on_the_eleventh_of_march() -> None:
    assert transferred(62, 93, days=31, days_before=10) == Transfer(20, 63, 42)


def test_q14_a_leave_relieves_of_its_working_days() -> None:
    taken_off = relief(42, leave_days=6, working_days=21)

    assert (taken_off, 42 - taken_off) == (12, 30)
    assert relieved_to_peers(taken_off, 4) == (3, 3, 3, 3)


def test_q15_a_ramp_by_calendar_months() -> None:
    months = [date(2026, month, 1) for month in (1, 2, 3, 4, 5, 6, 7)]

    targets = [ramp_by_month(40, date(2026, 2, 15), RAMP, *whole(month)) for month in months]

    assert targets == [0, 0, 10, 20, 30, 40, 40]


def test_q15b_a_ramp_by_anniversaries() -> None:
    start = date(2026, 2, 15)

    march = ramp_by_anniversary(40, start, RAMP, *whole(date(2026, 3, 1)))
    april = ramp_by_anniversary(40, start, RAMP, *whole(date(2026, 4, 1)))

    assert (shown(march), shown(april)) == ("5.48", "15.33")


def test_a_target_of_a_quarter_grows_by_the_months_in_it() -> None:
    """December at a quarter, January at a half, February in full: each by its days of the 90."""
    quarter = (90, date(2026, 12, 15), [Fraction(1, 4), Fraction(1, 2)])
    days = (date(2026, 12, 1), date(2027, 2, 28))

    by_month = ramp_by_month(*quarter, *days)
    by_anniversary = ramp_by_anniversary(*quarter, *days)

    assert by_month == Fraction(31, 4) + Fraction(31, 2) + 28
    # 14 days before he began, then 31 at a quarter, 31 at a half and 14 in full.
    assert by_anniversary == Fraction(31, 4) + Fraction(31, 2) + 14


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 200), st.integers(0, 1_000))
def test_the_ramps_of_the_parts_of_a_period_are_that_of_the_period(
    start: date, days: int, each: int
) -> None:
    first, last = start - timedelta(days=days // 2), start + timedelta(days=days)
    whole_days = (last - first).days + 1

    for way in (ramp_by_month, ramp_by_anniversary):
        parts = sum(
            way(each, start, RAMP, day, day)
            for day in (first + timedelta(days=n) for n in range(whole_days))
        )
        assert way(each * whole_days, start, RAMP, first, last) == parts


def test_q31_a_revision_keeps_closed_months_and_the_season_of_the_others() -> None:
    closed = dict(enumerate((60, 36, 108, 96, 108, 144)))

    kept = revised(1_320, closed, SEASON)
    carried = revised(1_320, {0: 443, **dict.fromkeys(range(1, 6), 0)}, SEASON)

    assert sum(closed.values()) == 552
    assert list(kept.values()) == [85, 85, 185, 171, 128, 114]
    assert list(carried.values()) == [98, 97, 211, 195, 146, 130]


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 31), st.data())
def test_a_transfer_loses_nothing_of_the_node_that_is_left(
    old: int, new: int, days: int, draw: st.DataObject
) -> None:
    before = draw.draw(st.integers(0, days))

    moved = transferred(old, new, days, before)

    assert moved.kept + moved.vacated == old
    assert 0 <= moved.kept <= old
    assert 0 <= moved.taken <= new
    assert abs(moved.taken - Fraction(new * (days - before), days)) <= Fraction(1, 2)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 1_000))
def test_a_ramp_never_falls_and_ends_at_the_full_target(start: date, full: int) -> None:
    months = [
        date(start.year + (start.month - 1 + n) // 12, (start.month - 1 + n) % 12 + 1, 1)
        for n in range(8)
    ]

    for way in (ramp_by_month, ramp_by_anniversary):
        targets = [way(full, start, RAMP, *whole(month)) for month in months]
        assert targets == sorted(targets)
        assert targets[-1] == full


def test_rounding_is_half_up_on_both_sides() -> None:
    assert [rounded(Fraction(n, 2)) for n in (-3, -1, 1, 3)] == [-2, -1, 1, 2]
