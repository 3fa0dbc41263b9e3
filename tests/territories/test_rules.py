"""When a model is in force: one at a time, whatever is announced, and nothing of the past moves."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from service.territories.rules.activations import Span, in_force, restored, spliced

START = datetime(2026, 1, 1, tzinfo=UTC)
Step = tuple[int, int, bool]


def at(day: int) -> datetime:
    return START + timedelta(days=day)


def span(number: int, begins: int, ends: int | None = None) -> Span:
    last = None if ends is None else at(ends)
    return Span(UUID(int=number), UUID(int=number), at(begins), last)


def test_a_model_announced_between_two_others_lasts_until_the_second() -> None:
    splice = spliced([span(1, 0, 30), span(2, 30)], at(10))

    assert splice.before == span(1, 0, 30)
    assert splice.ends == at(30)
    assert not splice.taken


def test_two_cannot_begin_at_one_instant() -> None:
    assert spliced([span(1, 0, 30), span(2, 30)], at(30)).taken


def test_one_that_was_taken_back_takes_no_day() -> None:
    splice = spliced([span(1, 0), span(2, 30, 30)], at(30))

    assert not splice.taken
    assert splice.ends is None


def test_what_was_in_force_goes_on_when_the_next_is_taken_back() -> None:
    assert restored([span(1, 0, 30), span(2, 30, 40), span(3, 40)], span(2, 30, 40)) == {
        UUID(int=1): at(40)
    }


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 20), st.booleans()), min_size=1, max_size=25
    )
)
def test_one_is_in_force_at_every_instant_and_no_day_that_is_over_ever_changes(
    steps: list[Step],
) -> None:
    spans, today = [span(0, 0)], 0
    for number, (passed, ahead, taken_back) in enumerate(steps, 1):
        today += passed
        before = [in_force(spans, at(day)) for day in range(today + 1)]
        spans = _taken_back(spans, today) if taken_back else _announced(spans, number, today, ahead)
        after = [in_force(spans, at(day)) for day in range(today + 1)]

        # Today's may begin today; what was in force yesterday stays so.
        assert [one and one.model_id for one in after[:today]] == [
            one and one.model_id for one in before[:today]
        ]
        for day in range(60):
            assert sum(not one.is_empty and one.holds_at(at(day)) for one in spans) == 1


def _announced(spans: list[Span], number: int, today: int, ahead: int) -> list[Span]:
    begins = at(today + ahead)
    splice = spliced(spans, begins)
    if splice.taken:
        return spans
    cut = [_ending(one, begins) if one == splice.before else one for one in spans]
    return [*cut, Span(UUID(int=number), UUID(int=number), begins, splice.ends)]


def _taken_back(spans: list[Span], today: int) -> list[Span]:
    later = [one for one in spans if one.begins > at(today) and not one.is_empty]
    if not later:
        return spans
    removed = later[0]
    ends = restored(spans, removed)
    return [
        _ending(one, removed.begins)
        if one == removed
        else _ending(one, ends[one.activation_id])
        if one.activation_id in ends
        else one
        for one in spans
    ]


def _ending(one: Span, ends: datetime | None) -> Span:
    return Span(one.activation_id, one.model_id, one.begins, ends)
