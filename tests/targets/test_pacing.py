"""Pace, forecasts and scores: the examples of targets page 4.7, and what is never made up."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.targets.rules.pacing import (
    Colour,
    Measure,
    Period,
    Stair,
    attained_by_ratio,
    attained_linearly,
    coverage,
    divided,
    next_stair,
    pace,
    projection_by_history,
    score,
    stair_bonus,
    stepwise_bonus,
    weighted_forecast,
)
from service.targets.rules.rounding import shown


def percent(value: Fraction | None) -> str:
    assert value is not None
    return shown(value * 100)


def test_q20_a_month_by_working_days() -> None:
    found = pace(210, 78, Period(Fraction(9), Fraction(21), Fraction(12)))

    assert found.expected == 90
    assert (percent(found.index), percent(found.attainment)) == ("86.67", "37.14")
    assert found.run_rate is not None
    assert found.required is not None
    assert found.projection is not None
    assert shown(found.run_rate) == "8.67"
    assert shown(found.required) == "11.00"
    assert shown(found.projection) == "182.00"
    assert found.colour is Colour.RED


def test_q21_a_month_by_its_season() -> None:
    found = pace(200, 60, Period(Fraction(35, 100), Fraction(1), Fraction(65, 100)))

    assert found.expected == 70
    assert percent(found.index) == "85.71"
    assert found.projection is not None
    assert shown(found.projection) == "171.43"
    by_half = pace(200, 60, Period(Fraction(1), Fraction(2), Fraction(1)))
    assert percent(by_half.index) == "60.00"


def test_q22_and_q23_a_quarter_and_its_pipeline() -> None:
    found = pace(900, 410, Period(Fraction(10), Fraction(13), Fraction(3)))

    assert percent(found.attainment) == "45.56"
    assert found.required is not None
    assert shown(found.required) == "163.33"
    forecast = weighted_forecast(
        410, [(200, Fraction(80, 100)), (300, Fraction(50, 100)), (500, Fraction(20, 100))]
    )
    assert (forecast, 900 - forecast) == (820, 80)


def test_q24_a_projection_from_earlier_periods() -> None:
    found = projection_by_history(60, [Fraction(30, 100), Fraction(36, 100), Fraction(33, 100)])

    assert found is not None
    assert shown(found) == "181.82"
    assert projection_by_history(60, []) is None


@pytest.mark.parametrize(
    ("measures", "expected"),
    [
        pytest.param([(50, "92", None), (30, "110", None), (20, "150", None)], "103.00", id="Q25"),
        pytest.param([(50, "92", None), (30, "55", "60"), (20, "150", None)], "70.00", id="Q25b"),
        pytest.param([(50, "92", None), (30, None, None), (20, "120", None)], "100.00", id="Q27"),
    ],
)
def test_scores(measures: list[tuple[int, str | None, str | None]], expected: str) -> None:
    built = [
        Measure(
            Fraction(weight),
            None if reached is None else Fraction(reached) / 100,
            Fraction(120, 100),
            None if floor is None else Fraction(floor) / 100,
        )
        for weight, reached, floor in measures
    ]

    assert percent(score(built)) == expected


def test_q29_a_distributors_score() -> None:
    parts = [(50, 460, 600), (30, 5, 8), (20, 7, 12)]
    reached = [divided(actual, target) for _, actual, target in parts]

    assert [percent(one) for one in reached] == ["76.67", "62.50", "58.33"]
    measures = [
        Measure(Fraction(weight), one) for (weight, *_), one in zip(parts, reached, strict=True)
    ]
    assert percent(score(measures)) == "68.75"


def test_q26_where_lower_is_better() -> None:
    assert percent(attained_linearly(Fraction(30), Fraction(36))) == "80.00"
    assert percent(attained_linearly(Fraction(30), Fraction(24))) == "120.00"
    assert percent(attained_by_ratio(Fraction(30), Fraction(36))) == "83.33"
    assert percent(attained_by_ratio(Fraction(30), Fraction(24))) == "125.00"


def test_q28_a_gap_that_is_closed_is_covered() -> None:
    assert coverage(1_470, 490) == 3
    assert coverage(1_470, 0) is None


def test_q30_a_stair_counts_for_every_unit() -> None:
    stairs = [
        Stair(Fraction(90, 100), 1_000),
        Stair(Fraction(1), 2_000),
        Stair(Fraction(110, 100), 3_000),
    ]

    paid = {units: stair_bonus(120, units, stairs) for units in (107, 108, 119, 120, 131, 132)}

    assert paid == {107: 0, 108: 108_000, 119: 119_000, 120: 240_000, 131: 262_000, 132: 396_000}


def test_what_the_next_stair_takes_and_what_each_unit_earns_on_its_own_stair() -> None:
    stairs = [Stair(Fraction(90, 100), 1_000), Stair(Fraction(1), 2_000)]

    assert next_stair(120, 107, stairs) == (stairs[0], 1)
    assert next_stair(120, 108, stairs) == (stairs[1], 12)
    assert next_stair(120, 120, stairs) is None
    assert next_stair(0, 5, stairs) is None
    assert stepwise_bonus(120, 107, stairs) == 0
    assert stepwise_bonus(120, 121, stairs) == 12 * 1_000 + 2 * 2_000


def test_q34_values_are_shown_half_up() -> None:
    assert percent(Fraction(2, 3)) == "66.67"
    assert shown(Fraction("12.345")) == "12.35"
    assert shown(Fraction("1.005")) == "1.01"
    assert shown(Fraction("-30")) == "-30.00"
    assert shown(Fraction("-0.001")) == "0.00"


def test_q35_and_q40_over_assignment_and_two_territories() -> None:
    assert percent(divided(96, 100)) == "96.00"
    assert percent(divided(96, 110)) == "87.27"
    assert percent(divided(15 + 50, 20 + 63)) == "78.31"


@pytest.mark.parametrize(
    ("actual", "colour"),
    [(10_000, Colour.GREEN), (9_999, Colour.AMBER), (9_000, Colour.AMBER), (8_999, Colour.RED)],
)
def test_green_begins_at_the_pace_and_amber_at_nine_tenths_of_it(
    actual: int, colour: Colour
) -> None:
    assert pace(10_000, actual, Period(Fraction(1), Fraction(1), Fraction(0))).colour is colour


def test_a_target_of_nothing_is_not_divided_by() -> None:
    found = pace(0, 5, Period(Fraction(0), Fraction(21), Fraction(0)))

    assert found.attainment is found.index is found.run_rate is found.projection is None
    assert found.required is None
    assert found.colour is None
    assert found.gap == 0


@given(st.integers(0, 10**9), st.integers(-(10**9), 10**9), st.integers(1, 30), st.integers(0, 30))
def test_who_keeps_to_the_pace_reaches_the_target(
    target: int, actual: int, elapsed: int, left: int
) -> None:
    found = pace(
        target, actual, Period(Fraction(elapsed), Fraction(elapsed + left), Fraction(left))
    )

    assert (found.gap == 0) is (actual >= target)
    if found.required is not None:
        assert found.gap == found.required * left
    assert found.projection is not None
    if found.index is not None:
        assert (found.projection >= target) is (found.index >= 1)
