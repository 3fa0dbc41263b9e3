"""Amounts are split exactly, whatever the weights."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.money import BASIS_POINTS, exponent_of, exponents, is_currency, spread

weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=12)
totals = st.integers(-(10**15), 10**15)


@given(total=totals, weights=weights)
def test_the_parts_sum_to_the_total_exactly(total: int, weights: list[int]) -> None:
    assert sum(spread(total, weights)) == total


@given(total=totals, weights=weights)
def test_a_part_is_less_than_one_unit_from_its_share(total: int, weights: list[int]) -> None:
    whole = sum(weights)
    if whole == 0:
        return

    for part, weight in zip(spread(total, weights), weights, strict=True):
        assert abs(part * whole - total * weight) < whole


@given(total=totals, weights=weights)
def test_a_reversal_takes_back_what_was_given(total: int, weights: list[int]) -> None:
    assert spread(-total, weights) == [-part for part in spread(total, weights)]


@given(total=st.integers(0, 10**12), weights=weights)
def test_a_larger_weight_never_gets_less(total: int, weights: list[int]) -> None:
    parts = spread(total, weights)

    for one, weight in zip(parts, weights, strict=True):
        for other, other_weight in zip(parts, weights, strict=True):
            assert one >= other or weight <= other_weight


def test_the_odd_cent_goes_to_the_larger_remainder_then_the_larger_weight_then_the_first() -> None:
    assert spread(100, [1, 1, 1]) == [34, 33, 33]
    assert spread(101, [6_000, 4_000]) == [61, 40]
    assert spread(5, [1, 3]) == [1, 4]
    assert spread(2, [1, 3]) == [0, 2]


@given(total=st.integers(0, 60), weights=st.lists(st.integers(0, 6), min_size=1, max_size=6))
def test_units_left_over_go_one_by_one_as_the_rule_reads(total: int, weights: list[int]) -> None:
    shares = weights if any(weights) else [1 for _ in weights]
    ideals = [Fraction(total * share, sum(shares)) for share in shares]
    parts = [int(ideal) for ideal in ideals]

    while sum(parts) < total:
        waiting = [n for n in range(len(parts)) if parts[n] <= ideals[n]]
        most = max(ideals[n] - parts[n] for n in waiting)
        waiting = [n for n in waiting if ideals[n] - parts[n] == most]
        heaviest = max(shares[n] for n in waiting)
        parts[next(n for n in waiting if shares[n] == heaviest)] += 1

    assert spread(total, weights) == parts


def test_without_any_weight_the_parts_are_equal() -> None:
    assert spread(7, [0, 0]) == [4, 3]


def test_an_amount_needs_somebody_to_take_it_and_no_negative_weight() -> None:
    with pytest.raises(ValueError, match="at least one"):
        spread(1, [])
    with pytest.raises(ValueError, match="not negative"):
        spread(1, [2, -1])


def test_currencies_have_the_decimals_of_the_standard() -> None:
    assert [exponent_of(code) for code in ("CNY", "JPY", "KWD", "ISK", "TND")] == [2, 0, 3, 0, 3]
    assert all(is_currency(code) for code in (*exponents()[0], "CNY", "HKD", "TWD", "EUR"))
    assert not any(map(is_currency, ("XXX", "XTS", "XAU", "DEM", "cny", "")))
    assert BASIS_POINTS == 10_000
