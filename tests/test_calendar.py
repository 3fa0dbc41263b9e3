"""The clock cases of the rulebook page, and what holds of windows in any zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.calendar import (
    WorkingCalendar,
    day_of,
    end_of_day,
    last_day_inside,
    start_of_day,
    window_closes,
)

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
NEW_YORK, CAIRO = ZoneInfo("America/New_York"), ZoneInfo("Africa/Cairo")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "zone", "days", "day_zero", "closes"),
    [
        pytest.param(
            "2026-03-02 15:59:59", SHANGHAI, 7, "2026-03-02", "2026-03-09 16:00", id="CK1"
        ),
        pytest.param(
            "2026-03-02 16:00:00", SHANGHAI, 7, "2026-03-03", "2026-03-10 16:00", id="CK2"
        ),
        pytest.param("2026-03-05 15:30", SHANGHAI, 3, "2026-03-05", "2026-03-08 16:00", id="CK3"),
        pytest.param("2026-03-27 09:00", BERLIN, 7, "2026-03-27", "2026-04-03 22:00", id="CK4"),
        pytest.param("2026-10-30 15:00", NEW_YORK, 3, "2026-10-30", "2026-11-03 05:00", id="CK5"),
        pytest.param("2028-02-24 02:00", SHANGHAI, 7, "2028-02-24", "2028-03-02 16:00", id="CK6"),
    ],
)
def test_a_window_ends_at_midnight_of_the_site_after_its_last_day(
    start: str, zone: ZoneInfo, days: int, day_zero: str, closes: str
) -> None:
    assert day_of(utc(start), zone) == date.fromisoformat(day_zero)
    assert window_closes(utc(start), days, zone) == utc(closes)


def test_the_spring_week_has_167_hours_and_the_autumn_days_73() -> None:  # CK4, CK5
    spring = window_closes(utc("2026-03-27 09:00"), 7, BERLIN)
    autumn = window_closes(utc("2026-10-30 15:00"), 3, NEW_YORK)

    assert spring - end_of_day(utc("2026-03-27 09:00"), BERLIN) == timedelta(hours=167)
    assert autumn - end_of_day(utc("2026-10-30 15:00"), NEW_YORK) == timedelta(hours=73)


def test_hours_are_elapsed_time_also_across_a_clock_change() -> None:  # CK7
    begun = datetime(2026, 3, 28, 10, 20, tzinfo=BERLIN).astimezone(UTC)

    ends = begun + timedelta(hours=24)

    assert ends == utc("2026-03-29 09:20")
    assert ends.astimezone(BERLIN).isoformat(timespec="minutes") == "2026-03-29T11:20+02:00"


def test_a_window_crosses_the_end_of_february() -> None:
    closes = window_closes(utc("2026-02-25 01:00"), 7, SHANGHAI)

    assert last_day_inside(closes, SHANGHAI) == date(2026, 3, 4)


def test_a_window_crosses_the_end_of_the_year() -> None:
    closes = window_closes(utc("2026-12-28 01:00"), 7, SHANGHAI)

    assert last_day_inside(closes, SHANGHAI) == date(2027, 1, 4)


def test_a_day_without_midnight_begins_at_its_first_instant() -> None:
    # Cairo sets its clocks at midnight: 24 April 2026 begins at 01:00.
    first = start_of_day(date(2026, 4, 24), CAIRO)

    assert day_of(first, CAIRO) == date(2026, 4, 24)
    assert day_of(first - timedelta(milliseconds=1), CAIRO) == date(2026, 4, 23)


def test_a_day_with_two_midnights_begins_at_the_first() -> None:
    # Cairo repeats the last hour of 29 October 2026: its midnight is passed once for good.
    first = start_of_day(date(2026, 10, 30), CAIRO)

    assert day_of(first, CAIRO) == date(2026, 10, 30)
    assert day_of(first - timedelta(milliseconds=1), CAIRO) == date(2026, 10, 29)


def test_havana_repeats_its_midnight_and_the_day_begins_at_the_first_of_them() -> None:
    havana = ZoneInfo("America/Havana")
    # At 01:00 of 1 November 2026 the clocks go back to 00:00.
    first = start_of_day(date(2026, 11, 1), havana)

    assert day_of(first, havana) == date(2026, 11, 1)
    assert day_of(first - timedelta(milliseconds=1), havana) == date(2026, 10, 31)


def test_two_sites_cut_the_same_instant_into_different_days() -> None:
    instant = utc("2026-03-02 17:00")

    assert day_of(instant, SHANGHAI) == date(2026, 3, 3)
    assert day_of(instant, NEW_YORK) == date(2026, 3, 2)


def test_working_days_leave_out_weekends_and_follow_the_calendars_exceptions() -> None:
    calendar = WorkingCalendar(exceptions={date(2026, 3, 7): True, date(2026, 3, 9): False})

    # From Thursday: Friday, the Saturday worked in exchange, and Tuesday after the free Monday.
    closes = calendar.window_closes(utc("2026-03-05 02:00"), 3, SHANGHAI)

    assert last_day_inside(closes, SHANGHAI) == date(2026, 3, 10)


def test_a_calendar_without_working_days_is_refused() -> None:
    idle = WorkingCalendar(weekend=frozenset(range(7)))

    with pytest.raises(ValueError, match="no working day"):
        idle.window_closes(utc("2026-03-05 02:00"), 1, SHANGHAI)


instants = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
zones = st.sampled_from(
    [
        "Asia/Shanghai",
        "Europe/Berlin",
        "America/New_York",
        "America/Havana",
        "Africa/Cairo",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
    ]
).map(ZoneInfo)


@given(instant=instants, zone=zones, days=st.integers(0, 400))
def test_the_last_instant_inside_lies_on_the_last_day_and_the_next_one_after_it(
    instant: datetime, zone: ZoneInfo, days: int
) -> None:
    closes = window_closes(instant, days, zone)
    last = day_of(instant, zone) + timedelta(days=days)

    assert last_day_inside(closes, zone) == last
    assert day_of(closes, zone) == last + timedelta(days=1)
    assert closes > instant


@given(instant=instants, zone=zones, days=st.integers(0, 60))
def test_a_calendar_where_every_day_is_worked_counts_calendar_days(
    instant: datetime, zone: ZoneInfo, days: int
) -> None:
    every_day = WorkingCalendar(weekend=frozenset())

    assert every_day.window_closes(instant, days, zone) == window_closes(instant, days, zone)
