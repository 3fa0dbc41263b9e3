"""What begins later passes on later: each day alone, and in the end what all of it comes to."""

from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from service.targets.rules.balancing import BREAKDOWN, Balance, Move, Part
from service.targets.rules.dated import as_they_stand, by_day

FIRST = date(2027, 3, 1)
DAYS = (FIRST, date(2027, 12, 31))
HIS, OTHERS = UUID(int=1), UUID(int=2)
amounts = st.integers(-1_000, 1_000)
changes = st.dictionaries(
    st.integers(1, 30), st.dictionaries(st.sampled_from([HIS, OTHERS]), amounts, min_size=1)
)


def two(his: int, others: int) -> Balance:
    parts = {
        one: Part(one, None, BREAKDOWN, DAYS, figure, 0, is_unassigned=False, broken_down=False)
        for one, figure in ((HIS, his), (OTHERS, others))
    }
    return Balance(parts, FIRST)


def half_of(balance: Balance) -> list[Move]:
    """Give half of his to the other, rounded down."""
    half = balance.parts[HIS].figure // 2
    return [Move(HIS, -half), Move(OTHERS, half)] if half else []


@given(his=amounts, others=amounts, later=changes)
def test_on_every_day_it_is_what_it_would_be_were_there_no_day_after_it(
    his: int, others: int, later: dict[int, dict[UUID, int]]
) -> None:
    dated = [(FIRST + timedelta(days=n), later[n]) for n in sorted(later)]
    final = {HIS: his, OTHERS: others}
    for _, deltas in dated:
        final = {one: figure + deltas.get(one, 0) for one, figure in final.items()}

    moves, more = by_day(two(final[HIS], final[OTHERS]), dated, half_of)

    made = [(FIRST, moves), *more]
    assert all(some for _, some in more)
    assert {day for day, _ in more} <= {day for day, _ in dated}
    stands = {HIS: his, OTHERS: others}
    assert [day for day, _ in as_they_stand(two(**named(final)), dated)] == [
        FIRST,
        *(day for day, _ in dated),
    ]
    for day, deltas in ((FIRST, dict[UUID, int]()), *dated):
        stands = {one: figure + deltas.get(one, 0) for one, figure in stands.items()}
        moved = [move for on, some in made if on <= day for move in some]
        alone = half_of(two(**named(stands)))
        for one in (HIS, OTHERS):
            assert sum(move.delta for move in moved if move.node_id == one) == sum(
                move.delta for move in alone if move.node_id == one
            )


def named(figures: dict[UUID, int]) -> dict[str, int]:
    return {"his": figures[HIS], "others": figures[OTHERS]}
