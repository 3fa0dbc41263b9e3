"""A total is divided exactly (targets page 4.2): the page's own examples and what always holds."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.targets.rules.distributing import (
    Child,
    ChildAtOddsWithItself,
    LimitsUnsatisfiable,
    distribute,
)


def by(*weights: object) -> list[Child]:
    return [Child(Fraction(str(weight))) for weight in weights]


@pytest.mark.parametrize(
    ("total", "children", "step", "amounts"),
    [
        pytest.param(100_000_000, by(1, 1, 1), 1, (33333334, 33333333, 33333333), id="Q01"),
        pytest.param(100, by(*[1] * 7), 1, (15, 15, 14, 14, 14, 14, 14), id="Q02"),
        pytest.param(120, by(37, 41, 22, 0), 1, (45, 49, 26, 0), id="Q03"),
        pytest.param(
            120, [*by(37, 41, 22), Child(Fraction(0), least=5)], 1, (43, 47, 25, 5), id="Q04"
        ),
        pytest.param(120, by("32.20", "42.60", "25.20"), 1, (39, 51, 30), id="Q05"),
        pytest.param(300, by(1, 1, "0.5", "0.25"), 1, (109, 109, 55, 27), id="Q06"),
        pytest.param(
            1_000,
            by(5, 3, 9, 8, 9, 12, 6, 6, 13, 12, 9, 8),
            1,
            (50, 30, 90, 80, 90, 120, 60, 60, 130, 120, 90, 80),
            id="Q07",
        ),
        pytest.param(
            1_200,
            by(5, 3, 9, 8, 9, 12, 6, 6, 13, 12, 9, 8),
            1,
            (60, 36, 108, 96, 108, 144, 72, 72, 156, 144, 108, 96),
            id="Q07-1200",
        ),
        pytest.param(700, by(2_800, 3_100, 3_400), 1, (211, 233, 256), id="Q08"),
        pytest.param(700, by(1_200, 100, 500), 1, (467, 39, 194), id="Q08b"),
        pytest.param(
            10_000_000, by(37, 41, 22), 100_000, (3_700_000, 4_100_000, 2_200_000), id="Q10"
        ),
        pytest.param(
            10_000_500, by(37, 41, 22), 1_000, (3_700_000, 4_100_500, 2_200_000), id="Q10b"
        ),
        pytest.param(100, [Child(Fraction(50), most=40), *by(30, 20)], 1, (40, 36, 24), id="Q11"),
        pytest.param(
            100,
            [Child(Fraction(70), most=60), *by(25), Child(Fraction(5), least=12)],
            1,
            (60, 28, 12),
            id="Q11b",
        ),
        pytest.param(
            1_000, [Child(pinned=300), *by(40, 35, 25)], 1, (300, 280, 245, 175), id="Q12"
        ),
        pytest.param(100_000_001, by(60, 40), 1, (60_000_001, 40_000_000), id="Q17"),
        pytest.param(
            100_000_000, by(50, 30, 20), 1, (50_000_000, 30_000_000, 20_000_000), id="Q17b"
        ),
        pytest.param(1_000, by(380, 420, 200), 1, (380, 420, 200), id="Q32"),
        pytest.param(400, by(1, 1, 1, 1), 1, (100, 100, 100, 100), id="Q36"),
        pytest.param(10, by(6, 6, 2), 1, (4, 4, 2), id="Q37-10"),
        pytest.param(11, by(6, 6, 2), 1, (5, 5, 1), id="Q37-11"),
        pytest.param(1_001, by(3, 2, 2), 1, (429, 286, 286), id="Q38"),
        pytest.param(429, by(1, 1), 1, (215, 214), id="Q38-first"),
        pytest.param(286, by(1, 1, 1), 1, (96, 95, 95), id="Q38-second"),
        pytest.param(286, by(5, 3), 1, (179, 107), id="Q38-third"),
        pytest.param(-100, by(37, 41, 22), 1, (-37, -41, -22), id="Q39"),
        pytest.param(768, by(6, 6, 13, 12, 9, 8), 1, (85, 85, 185, 171, 128, 114), id="Q31"),
        pytest.param(877, by(6, 6, 13, 12, 9, 8), 1, (98, 97, 211, 195, 146, 130), id="Q31b"),
    ],
)
def test_the_examples_of_the_page(
    total: int, children: list[Child], step: int, amounts: tuple[int, ...]
) -> None:
    divided = distribute(total, children, step)

    assert divided.amounts == amounts
    assert divided.unassigned == 0


def test_what_no_child_is_there_to_take_is_unassigned_and_never_lost() -> None:
    assert distribute(700, []).unassigned == 700
    assert distribute(10_000, [Child(pinned=9_300)]).unassigned == 700


def test_limits_that_cannot_be_kept_are_refused_and_say_how_far_they_reach() -> None:
    with pytest.raises(LimitsUnsatisfiable) as capped:
        distribute(100, [Child(most=40), Child(most=50), Child(pinned=5)])
    with pytest.raises(LimitsUnsatisfiable) as floored:
        distribute(100, [Child(least=60), Child(least=50)])
    with pytest.raises(LimitsUnsatisfiable):
        distribute(100, [Child(pinned=60), Child(pinned=50)])

    assert (capped.value.least, capped.value.most) == (5, 95)
    assert (floored.value.least, floored.value.most) == (110, None)


def test_a_child_at_odds_with_itself_is_named() -> None:
    with pytest.raises(ChildAtOddsWithItself) as crossed:
        distribute(100, [Child(), Child(least=5, most=4)])
    with pytest.raises(ChildAtOddsWithItself) as negative:
        distribute(100, by(-1))

    assert (crossed.value.index, negative.value.index) == (1, 0)


def test_a_capped_child_takes_less_where_the_floors_need_more() -> None:
    divided = distribute(100, [Child(most=10), Child(least=95)])

    assert divided.amounts == (5, 95)


def test_caps_are_fixed_before_floors() -> None:
    # Were the floor fixed first, the first two would share 60 as 40 and 20.
    children = [Child(Fraction(60), most=55), *by(30), Child(Fraction(10), least=40)]

    assert distribute(100, children).amounts == (55, 5, 40)


_WEIGHTS = st.fractions(min_value=0, max_value=1_000, max_denominator=100)
_LIMIT = st.none() | st.integers(0, 400)


@st.composite
def _children(draw: st.DrawFn) -> list[Child]:
    made = []
    for _ in range(draw(st.integers(1, 7))):
        limits = sorted(
            (draw(_LIMIT), draw(_LIMIT)), key=lambda limit: -1 if limit is None else limit
        )
        least, most = limits if None not in limits else (limits[0], draw(_LIMIT) and None)
        pinned = draw(st.none() | st.none() | st.integers(0, 200))
        made.append(Child(draw(_WEIGHTS), pinned, least, most))
    return made


@given(st.integers(0, 2_000), _children(), st.sampled_from([1, 1, 5, 100]))
def test_every_division_is_exact_and_within_limits_or_refused_for_a_reason(
    total: int, children: list[Child], step: int
) -> None:
    free = [child for child in children if child.pinned is None]
    pinned = sum(child.pinned or 0 for child in children)
    least = pinned + sum(child.least or 0 for child in free)
    caps = [child.most for child in free]
    most = None if None in caps else pinned + sum(cap or 0 for cap in caps)
    possible = least <= total and (most is None or total <= most or not free)
    try:
        divided = distribute(total, children, step)
    except LimitsUnsatisfiable:
        assert not possible
        return

    assert possible
    assert sum(divided.amounts) + divided.unassigned == total
    assert divided.unassigned == 0 or not free
    for child, amount in zip(children, divided.amounts, strict=True):
        if child.pinned is not None:
            assert amount == child.pinned
        else:
            assert amount >= (child.least or 0)
            assert child.most is None or amount <= child.most


@given(st.integers(0, 10**15), st.lists(_WEIGHTS, min_size=1, max_size=9))
def test_nobody_is_a_whole_unit_from_his_ideal_part(total: int, weights: list[Fraction]) -> None:
    sharing = weights if any(weights) else [Fraction(1)] * len(weights)
    whole = sum(sharing)

    divided = distribute(total, [Child(weight) for weight in weights])

    for weight, amount in zip(sharing, divided.amounts, strict=True):
        assert abs(amount - total * weight / whole) < 1


@given(st.integers(0, 5_000), _children())
def test_a_reduction_is_the_mirror_of_its_division(total: int, children: list[Child]) -> None:
    mirrored = [child.negated() for child in children]
    try:
        divided = distribute(total, children)
    except LimitsUnsatisfiable:
        if total:
            with pytest.raises(LimitsUnsatisfiable):
                distribute(-total, mirrored)
        return

    if total:
        assert distribute(-total, mirrored).amounts == tuple(-part for part in divided.amounts)


@given(st.integers(0, 5_000), st.lists(_WEIGHTS, min_size=2, max_size=6, unique=True))
def test_the_order_of_the_children_decides_only_between_equals(
    total: int, weights: list[Fraction]
) -> None:
    turned = distribute(total, [Child(weight) for weight in reversed(weights)])
    divided = distribute(total, [Child(weight) for weight in weights])

    assert turned.amounts == divided.amounts[::-1]
