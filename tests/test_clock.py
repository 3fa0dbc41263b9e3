"""Time and identifiers come from one place, cut to milliseconds."""

import os
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from service.clock import ManualClock, SystemClock, cut_to_milliseconds, new_id

INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))


@given(INSTANTS)
def test_cutting_never_rounds_into_the_next_millisecond(instant: datetime) -> None:
    cut = cut_to_milliseconds(instant)

    assert timedelta() <= instant - cut < timedelta(milliseconds=1)
    assert cut.microsecond % 1000 == 0


def test_the_last_instant_of_a_day_stays_in_it() -> None:
    last = datetime(2026, 3, 2, 23, 59, 59, 999_999, tzinfo=UTC)

    assert cut_to_milliseconds(last).date() == last.date()


def test_the_machines_clock_speaks_utc_in_whole_milliseconds() -> None:
    before, now = datetime.now(UTC), SystemClock().now()

    assert now.tzinfo is UTC
    assert now.microsecond % 1000 == 0
    assert abs(now - before) < timedelta(seconds=5)


def test_a_clock_of_a_test_stands_still_until_moved() -> None:
    clock = ManualClock(datetime(2026, 3, 2, 2, 0, tzinfo=UTC))
    assert clock.now() == clock.now()

    clock.advance(timedelta(hours=1, microseconds=1500))
    assert clock.now() == datetime(2026, 3, 2, 3, 0, 0, 1000, tzinfo=UTC)


def test_a_clock_may_be_set_in_any_zone_and_answers_in_utc() -> None:
    clock = ManualClock(datetime(2026, 3, 2, tzinfo=UTC))

    clock.set(datetime(2026, 3, 2, 10, 0, tzinfo=timezone(timedelta(hours=8))))

    assert clock.now() == datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    assert clock.now().tzinfo is UTC


@given(INSTANTS)
def test_an_id_is_a_uuid_of_version_seven_that_carries_its_instant(instant: datetime) -> None:
    made = new_id(instant)

    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert abs((made.int >> 80) - instant.timestamp() * 1000) <= 1


def test_later_ids_sort_later() -> None:
    start = datetime(2026, 3, 2, tzinfo=UTC)
    made = [new_id(start + timedelta(milliseconds=n)) for n in range(100)]

    assert made == sorted(made)


def test_ids_of_one_instant_differ() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)

    assert len({new_id(now) for _ in range(1000)}) == 1000


def test_a_forked_process_draws_for_itself() -> None:
    new_id()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, new_id().bytes)
        os._exit(0)
    os.waitpid(child, 0)

    theirs, ours = UUID(bytes=os.read(reading, 16)), new_id()

    # The last half is of chance alone.
    assert theirs.bytes[8:] != ours.bytes[8:]
    os.close(reading)
    os.close(writing)
