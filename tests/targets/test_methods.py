"""Where weights come from (targets page 4.3): every method comes down to the one exact rule."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from service.targets.rules.methods import Known, Terms, allocated


def past(*figures: int) -> tuple[Fraction, ...]:
    return tuple(Fraction(one) for one in figures)


def test_a_blend_weighs_history_and_potential_by_their_shares_q05() -> None:
    parts = [
        Known(history=past(history), potential=Fraction(potential))
        for history, potential in ((37, 50), (41, 90), (22, 60))
    ]

    assert allocated(120, parts, "BLEND", terms=Terms(6_000)).amounts == (39, 51, 30)


def test_capacity_is_headcount_times_productivity_times_ramp_q06() -> None:
    parts = [
        Known(headcount=Fraction(1)),
        Known(headcount=Fraction(1), productivity=Fraction(1)),
        Known(headcount=Fraction(1), ramp=Fraction(1, 2)),
        Known(headcount=Fraction(1, 4)),
    ]

    assert allocated(300, parts, "CAPACITY").amounts == (109, 109, 55, 27)


def test_the_gap_to_what_was_proposed_is_divided_by_commitment_headroom_or_not_at_all_q08() -> None:
    parts = [
        Known(proposal=proposal, potential=Fraction(potential))
        for proposal, potential in ((2_800, 4_000), (3_100, 3_200), (3_400, 3_900))
    ]

    assert allocated(10_000, parts, "COMMITMENT").amounts == (3_011, 3_333, 3_656)
    assert allocated(10_000, parts, "HEADROOM").amounts == (3_267, 3_139, 3_594)
    left = allocated(10_000, parts, "PROPOSALS")
    assert (left.amounts, left.unassigned) == ((2_800, 3_100, 3_400), 700)


def test_who_proposes_nothing_stands_by_what_was_set() -> None:
    parts = [Known(current=500, proposal=450), Known(current=300), Known(current=200, proposal=0)]

    left = allocated(1_000, parts, "PROPOSALS")
    assert (left.amounts, left.unassigned) == ((450, 300, 0), 250)
    # 250 more by 450 to 300 to nothing.
    assert allocated(1_000, parts, "COMMITMENT").amounts == (600, 400, 0)


def test_a_year_of_a_flood_is_no_history() -> None:
    flood = Known(history=past(40, 2, 44))
    usual = Known(history=past(42, 42, 42))

    assert allocated(84, [flood, usual], "HISTORY").amounts == (42, 42)
    assert Known(history=past(40, 2)).past == 21


def test_who_grows_fastest_grows_no_further_than_the_cap() -> None:
    parts = [Known(history=past(100)), Known(history=past(100), most=500)]

    assert allocated(260, parts, "GROWTH").amounts == (130, 130)
    capped = [Known(history=past(100), pinned=110), Known(history=past(100))]
    assert allocated(240, capped, "GROWTH", terms=Terms(growth_cap=3_000)).amounts == (110, 130)


METHODS = (
    *("EVEN", "CURRENT", "WEIGHTS", "SEASON", "HISTORY", "POTENTIAL", "BLEND", "CAPACITY"),
    *("GROWTH", "PROPOSALS", "COMMITMENT", "HEADROOM"),
)
SHARES = st.integers(0, 1_000).map(Fraction)
KNOWN = st.builds(
    Known,
    current=st.integers(0, 1_000),
    weight=st.none() | SHARES,
    history=st.lists(SHARES, max_size=3).map(tuple),
    potential=st.none() | SHARES,
    headcount=st.none() | SHARES,
    proposal=st.none() | st.integers(0, 1_000),
)


@given(
    total=st.integers(-100_000, 100_000),
    parts=st.lists(KNOWN, min_size=1, max_size=6),
    method=st.sampled_from(METHODS),
    step=st.sampled_from([1, 7, 100]),
    share=st.integers(0, 10_000),
)
def test_whatever_the_method_the_parts_and_the_rest_are_the_total(
    total: int, parts: list[Known], method: str, step: int, share: int
) -> None:
    done = allocated(total, parts, method, step, Terms(share))

    assert sum(done.amounts) + done.unassigned == total
    assert done.unassigned == 0 or method == "PROPOSALS"
