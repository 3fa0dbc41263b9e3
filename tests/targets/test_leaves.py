"""What leaves take off a target (targets page 4.4): by days, whichever is told first."""

from datetime import date, timedelta
from itertools import accumulate
from uuid import UUID

from hypothesis import example, given
from hypothesis import strategies as st

from service.calendar import WorkingCalendar
from service.targets.rules.balancing import PERIOD, Part
from service.targets.rules.changing import relief
from service.targets.rules.leaves import Relieved, Span, relieved

JUNE, JULY = UUID(int=6), UUID(int=7)
DAYS = {
    JUNE: (date(2026, 6, 1), date(2026, 6, 30)),
    JULY: (date(2026, 7, 1), date(2026, 7, 31)),
}
WORKED = WorkingCalendar(frozenset({5, 6}), {}).worked(date(2026, 6, 1), date(2026, 8, 1))


@st.composite
def leaves_in_any_order(draw: st.DrawFn) -> tuple[list[Span], list[Span]]:
    """Leaves of June and July that share no day, in two orders."""
    steps = draw(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 20)), max_size=6))
    lasts = list(accumulate(gap + length for gap, length in steps))
    found = [
        Span(date(2026, 5, 31) + timedelta(days=last - length), date(2026, 5, 31) + timedelta(last))
        for (_, length), last in zip(steps, lasts, strict=True)
        if last <= 61
    ]
    return found, draw(st.permutations(found))


def figures_after(
    targets: dict[UUID, int], leaves: list[Span], helped: dict[UUID, int]
) -> dict[UUID, int]:
    """Return what is left of each period; what it has of others' leaves is beside its target."""
    known = {part: Relieved(helped[part]) for part in targets}
    figures = {part: targets[part] + helped[part] for part in targets}
    for away in leaves:
        parts = [
            Part(part, None, PERIOD, DAYS[part], figures[part], 0, False, False) for part in targets
        ]
        for part, delta in relieved(parts, away, WORKED, known):
            figures[part] += delta
            before = known[part]
            known[part] = Relieved(before.delta + delta, before.own + delta, (*before.away, away))
    return figures


amounts = st.integers(-50, 10**12)


@example(
    orders=([Span(date(2026, 6, 1), date(2026, 6, 5)), Span(date(2026, 6, 8), date(2026, 6, 12))],)
    * 2,
    targets=(42, 1),
    helped=(0, 0),
)
@given(
    orders=leaves_in_any_order(),
    targets=st.tuples(amounts, amounts),
    helped=st.tuples(st.integers(0, 99), st.integers(0, 99)),
)
def test_leaves_take_off_by_all_their_days_together_in_any_order(
    orders: tuple[list[Span], list[Span]], targets: tuple[int, int], helped: tuple[int, int]
) -> None:
    asked = dict(zip(DAYS, targets, strict=True))
    beside = dict(zip(DAYS, helped, strict=True))
    one, other = (figures_after(asked, leaves, beside) for leaves in orders)

    assert one == other
    for part, (first, last) in DAYS.items():
        whole = [day for day in WORKED if first <= day <= last]
        away = [day for day in whole if any(one.first <= day <= one.last for one in orders[0])]
        target = asked[part]
        assert one[part] == target - relief(target, len(away), len(whole)) + beside[part]
        assert len(away) < len(whole) or one[part] == beside[part]
