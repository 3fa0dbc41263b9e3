"""How much of a season is over (targets page 4.5, Q21)."""

from datetime import date
from fractions import Fraction

from service.targets.rules.seasons import SeasonStep, Span, season_over

MARCH = date(2026, 3, 1)
WEEKS = [
    SeasonStep(date(2026, 3, day), Fraction(weight))
    for day, weight in ((8, 15), (15, 20), (22, 25), (31, 40))
]
WEEKDAYS = {date(2026, 3, day) for day in range(1, 32) if date(2026, 3, day).weekday() < 5}


def over(until: date, *, first: date = MARCH, end: date = date(2026, 4, 1)) -> Fraction | None:
    return season_over(MARCH, WEEKS, WEEKDAYS, Span(first, end, until))


def test_q21_after_two_weeks_a_third_of_the_month_is_over() -> None:
    assert over(date(2026, 3, 16)) == Fraction(35, 100)
    assert over(date(2026, 3, 1)) == 0
    assert over(date(2026, 4, 1)) == 1


def test_a_week_falls_evenly_on_its_working_days() -> None:
    assert over(date(2026, 3, 11)) == Fraction(15 + 8, 100)
    assert over(date(2026, 3, 15)) == over(date(2026, 3, 14)) == Fraction(35, 100)


def test_a_part_of_a_season_has_the_weights_of_its_own_days() -> None:
    second_week = over(date(2026, 3, 10), first=date(2026, 3, 9), end=date(2026, 3, 16))

    assert second_week == Fraction(1, 5)


def test_a_step_without_a_working_day_falls_on_all_its_days() -> None:
    weekend = [SeasonStep(date(2026, 3, 1), Fraction(3)), SeasonStep(date(2026, 3, 2), Fraction(1))]
    span = Span(MARCH, date(2026, 3, 3), date(2026, 3, 2))

    assert season_over(MARCH, weekend, WEEKDAYS, span) == Fraction(3, 4)


def test_days_that_weigh_nothing_have_no_share() -> None:
    nothing = [SeasonStep(date(2026, 3, 31), Fraction(0))]

    assert season_over(MARCH, nothing, WEEKDAYS, Span(MARCH, date(2026, 4, 1), MARCH)) is None
