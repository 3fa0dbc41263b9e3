"""Windows and ranks of a replay are those of ownership's own functions, to the millisecond."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from builders.rulebooks import showroom_rulebook
from hypothesis import given, settings
from hypothesis import strategies as st

from service.ownership.rules import (
    Contact,
    earliest_lapsed,
    earliest_live,
    protected_until,
    terms_of,
)
from service.replay.contacts import contact
from service.replay.days import Days, instant_of, milliseconds
from service.replay.engine import Replay
from service.replay.entries import best_of
from service.replay.floor import Floor
from service.replay.history import CONNECTED, OF_HIS_OWN, EntryMade, History, Place, Said
from service.replay.play import Play
from service.replay.registering import Registering

ELSEWHERE = ZoneInfo("Pacific/Auckland")
BEGINS = datetime(2026, 3, 2, 9, tzinfo=UTC)
PARAMETERS = (
    {},
    {"tracking__renewal": "FIXED"},
    {"tracking__max_total_days": 20, "tracking__days": 9},
    {"tracking__effective_only": True, "tracking__days": 0},
    {"tracking__max_total_days": 3, "tracking__days": 9},
)
PLAYS = [(showroom_rulebook(**values), Play(showroom_rulebook(**values))) for values in PARAMETERS]

minutes = st.integers(0, 40 * 24 * 60).map(lambda count: timedelta(minutes=count))
zones = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York"]).map(ZoneInfo)


def a_register(play: Play, zone: ZoneInfo, count: int = 1) -> Replay:
    """Members and customers enough, and one visit of the same customer for each entry."""
    history = History(
        members=[UUID(int=number + 1) for number in range(5)],
        parties=[UUID(int=90)],
        places=[Place(Days(zone)), Place(Days(ELSEWHERE))],
    )
    history.visits.said_words.append(Said(("NONE", "WALK_IN", False)))
    for number in range(count):
        history.visits.add(0, 0, 0, milliseconds(BEGINS))
        history.entries.append(
            EntryMade(number, 0, True, True, False, False, UUID(int=number + 50))
        )
    return Replay(history, [[(0, play)]] * 2)


def happened(replay: Replay, instant: datetime, site: int = 0) -> tuple[int, Floor]:
    """Return an instant of the replay, and a floor on its day."""
    at, floor = milliseconds(instant), replay.floors[site]
    if at >= floor.ends:
        floor.turn_to(at)
    return at, floor


@settings(deadline=None)
@given(
    st.lists(st.tuples(minutes, st.booleans(), st.booleans(), st.integers(0, 1)), max_size=8),
    zones,
    st.integers(0, len(PARAMETERS) - 1),
)
def test_a_window_moves_as_the_recorded_contacts_move_it(
    contacts: list[tuple[timedelta, bool, bool, int]], zone: ZoneInfo, which: int
) -> None:
    rulebook, play = PLAYS[which]
    replay = a_register(play, zone)
    replay.owner[0] = 0
    Registering(replay).register(*happened(replay, BEGINS), 0)
    entry = replay.registers.by_number[0]
    assert entry is not None
    contacts = sorted(contacts)

    for after, connected, own, site in contacts:
        # Wherever it comes about: days are counted where he is registered.
        bits = CONNECTED * connected + OF_HIS_OWN * own
        contact(replay.registers, *happened(replay, BEGINS + after, site), entry, bits)

    assert instant_of(entry.protected_until) == protected_until(
        rulebook,
        terms_of(rulebook, zone),
        BEGINS,
        [Contact(BEGINS + after, "FOLLOW_UP", done, own) for after, done, own, _ in contacts],
    )


@settings(deadline=None)
@given(
    st.lists(st.tuples(minutes, st.integers(0, 4)), min_size=1, max_size=6, unique_by=lambda p: p),
    minutes,
    st.sets(st.integers(0, 4), max_size=2),
)
def test_who_owns_a_customer_is_the_earliest_live_entry_or_the_earliest_lapsed(
    entered: list[tuple[timedelta, int]], asked: timedelta, gone: set[int]
) -> None:
    _, play = PLAYS[0]
    replay = a_register(play, ZoneInfo("Asia/Shanghai"), len(entered))
    registers, register = replay.registers, Registering(replay).register
    for number, (after, member) in enumerate(sorted(entered)):
        replay.owner[number] = member
        register(*happened(replay, BEGINS + after), number)
    for member in gone:
        registers.member_left(member)
    entries = registers.entries_of(0)
    known = [registers.known(entry) for entry in entries]
    at = BEGINS + asked

    best, live = best_of(entries, milliseconds(at))

    expected = earliest_live(known, at)
    assert live == (expected is not None)
    wanted = expected or earliest_lapsed(known, at)
    assert (best.id if best else None) == (wanted.id if wanted else None)


@pytest.mark.parametrize(("scope", "elsewhere"), [("SITE", 0), ("TENANT", 1)])
def test_an_entry_of_another_site_counts_where_he_is_one_customer_there(
    scope: str, elsewhere: int
) -> None:
    play = Play(showroom_rulebook(customer__identity_scope=scope))
    replay = a_register(play, ZoneInfo("Asia/Shanghai"))
    replay.owner[0] = 0
    Registering(replay).register(*happened(replay, BEGINS), 0)
    registers = replay.registers

    for site, count in ((0, 1), (1, elsewhere)):
        assert len(registers.counting(play, registers.entries_of(0), site)) == count
        assert len(registers.own(play, (0,), None, site)) == count
