"""Running periods when the rulebook changes, against a model that walks from day to day."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from service.calendar import start_of_day
from service.ownership.rules import Terms
from service.ownership.rules.running import Lengths, Moment, Switch, runs_on, tracking_ends

FIRST = date(2026, 10, 20)
HORIZON = 120
ZONES = [ZoneInfo(name) for name in ("Asia/Shanghai", "America/New_York", "Europe/Berlin")]


@dataclass(frozen=True)
class Version:
    """A version that begins with a day, counted from the reception's or the call's."""

    day: int
    days: int
    cap: int
    switches: bool
    call_days: int = 0


def noon(day: int, zone: ZoneInfo) -> datetime:
    return datetime.combine(FIRST + timedelta(days=day), time(12), zone).astimezone(UTC)


def walked(
    versions: list[Version], contacts: list[int], *, called: bool = False
) -> tuple[int, list[int]]:
    """Walk from midnight to midnight; returns the first day outside, and the contacts that count.

    Written from the sentence alone: no instants, no zones, no windows.
    """

    def in_force(day: int) -> Version:
        return max((one for one in versions if one.day <= day), key=lambda one: one.day)

    def last_inside(begun: int, version: Version) -> int:
        # Nobody is called back on the day of his call: only that one begins on day 0.
        last = begun + (version.call_days if called and begun == 0 else version.days)
        return last if version.cap == 0 else min(last, version.cap)

    begun, last, counted = 0, last_inside(0, in_force(0)), []
    for day in range(1, HORIZON * 4):
        if day > last:
            return day, counted
        for version in versions:
            if version.day == day and version.switches:
                last = last_inside(begun, version)
                if last < day:
                    return day, counted
        if day in contacts:
            counted.append(day)
            begun, last = day, max(last, last_inside(day, in_force(day)))
    raise AssertionError("beyond the horizon")


VERSIONS = st.builds(
    lambda first, more: [first, *{one.day: one for one in more}.values()],
    st.builds(
        Version,
        st.just(0),
        st.integers(0, 30),
        st.sampled_from([0, 0, 20, 40]),
        st.just(False),
        st.integers(0, 30),
    ),
    st.lists(
        st.builds(
            Version,
            st.integers(1, HORIZON),
            st.integers(0, 30),
            st.sampled_from([0, 0, 20, 40]),
            st.booleans(),
            st.integers(0, 30),
        ),
        max_size=4,
    ),
)


@given(
    VERSIONS,
    st.sets(st.integers(1, HORIZON), max_size=8),
    st.sampled_from(ZONES),
    st.booleans(),
)
def test_a_tracking_ends_when_the_walk_says(
    versions: list[Version], days: set[int], zone: ZoneInfo, called: bool
) -> None:
    ends, counted = walked(versions, sorted(days), called=called)

    def terms(version: Version) -> Terms:
        return Terms(version.days, version.cap, 3, zone)

    def fresh(version: Version) -> Terms:
        return Terms(version.call_days if called else version.days, version.cap, 3, zone)

    def at(day: int) -> Terms:
        return terms(max((one for one in versions if one.day <= day), key=lambda one: one.day))

    moments = [Moment(noon(0, zone), fresh(versions[0]))]
    moments += [Moment(noon(day, zone), at(day)) for day in counted]
    switches = [
        Switch(start_of_day(FIRST + timedelta(days=one.day), zone), Lengths(fresh(one), terms(one)))
        for one in versions
        if one.switches
    ]

    found = tracking_ends(noon(0, zone), moments, switches)

    assert found == start_of_day(FIRST + timedelta(days=ends), zone)


@given(
    st.integers(0, 30),
    st.dictionaries(st.integers(1, 60), st.integers(0, 30), max_size=4),
    st.sampled_from(ZONES),
)
def test_a_claim_window_ends_when_the_walk_says(
    days: int, later: dict[int, int], zone: ZoneInfo
) -> None:
    versions = [Version(0, days, 0, switches=False)]
    versions += [Version(day, length, 0, switches=True) for day, length in later.items()]
    ends, _ = walked(versions, [])

    def midnight(day: int) -> datetime:
        return start_of_day(FIRST + timedelta(days=day), zone)

    switches = [Switch(midnight(day), midnight(length + 1)) for day, length in later.items()]

    assert runs_on(midnight(days + 1), switches) == midnight(ends)


def test_keeping_changes_nothing_and_switching_takes_nothing_back() -> None:
    zone = ZONES[0]
    began = Moment(noon(0, zone), Terms(10, 0, 3, zone))
    shorter = Terms(3, 0, 3, zone)
    day_six = start_of_day(FIRST + timedelta(days=6), zone)

    kept = tracking_ends(began.at, [began], [])
    switched = tracking_ends(began.at, [began], [Switch(day_six, Lengths(shorter, shorter))])

    assert kept == start_of_day(FIRST + timedelta(days=11), zone)
    assert switched == day_six


def test_a_call_that_was_taken_over_and_then_followed_up_keeps_its_own_days() -> None:
    """A follow-up never shortens, and a version that begins with it has taken over before."""
    zone = ZONES[0]
    call, visit = Terms(15, 0, 3, zone), Terms(2, 0, 3, zone)
    began, day_two = Moment(noon(0, zone), call), start_of_day(FIRST + timedelta(days=2), zone)
    switch = Switch(day_two, Lengths(call, visit))

    for contact in (day_two, noon(2, zone)):
        found = tracking_ends(began.at, [began, Moment(contact, visit)], [switch])
        assert found == start_of_day(FIRST + timedelta(days=16), zone)

    after = tracking_ends(began.at, [began, Moment(noon(1, zone), visit)], [switch])
    assert after == start_of_day(FIRST + timedelta(days=4), zone)
