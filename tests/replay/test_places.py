"""Places that read alike decide alike, whatever the parameters and whomever a case is about."""

from builders.rulebooks import showroom_rulebook
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from service.replay.places import NOBODY, deciding, place_of, telling
from service.replay.play import Concerns, Play, Seats
from service.replay.receptions import Reception

MOST = 8
RULEBOOKS = [
    showroom_rulebook(**values)
    for values in (
        {},
        {"rotation__skip_busy": "LOSE", "rotation__obligatory_receiver": "QUEUE_HEAD"},
        {"rotation__skip_away_business": "LOSE", "rotation__obligatory_fallback": "QUEUE_HEAD"},
        {"rotation__named_consumes_turn": "IF_COINCIDES", "returning__busy_owner": "ROTATION"},
        {"visit__group_policy": "SHARE_REP"},
        {"rotation__obligatory_receiver": "MANAGER", "referral__unnamed": "REFERRER_OWNER"},
    )
]
SAID = ("NONE", "WALK_IN", False)
BYTES = [place_of(standing, load) for standing in range(4) for load in range(4)]

some_places = st.lists(st.sampled_from(BYTES), min_size=1, max_size=MOST)
quiet_places = st.lists(st.sampled_from([*BYTES, 0, 0, 0, 0, 0, 0]), min_size=3, max_size=MOST)
changes = st.lists(st.tuples(st.integers(0, MOST - 1), st.sampled_from(BYTES)), max_size=24)
somebody = st.one_of(st.just(NOBODY), st.integers(0, MOST + 1))


class Standing:
    """A live order in which nobody is kept from anything."""

    def __init__(self, places: bytearray) -> None:
        self.places = places
        self.kept: dict[int, object] = {}

    def marks(self, _rotation: object) -> list[tuple[int, int, int]]:
        return [(0, 1, 0)] * len(self.places)


def decided(play: Play, places: bytearray, seats: Seats, about: Concerns) -> tuple[object, ...]:
    standing = Standing(places)
    if max(seats[:-1]) == NOBODY:
        key = play.plain_key(SAID, seats[-1])
        found = play.plain_reception(key, SAID, standing, seats[-1])
    else:
        found = play.reception(SAID, standing, seats[-1], about)
    return (*shown(found), tuple(place_after(found, list(range(len(places))))))


def shown(found: Reception) -> tuple[object, ...]:
    words = found.words
    return (found.receiver, found.owner, found.turn, found.waits, words.rule, words.owner_kind)


def place_after(found: Reception, order: list[int]) -> list[int]:
    if found.tail != NOBODY:
        order.append(order.pop(found.tail))
    elif found.reorder is not None:
        order = list(found.reorder(order))
    return order


@st.composite
def concerns(draw: st.DrawFn) -> Concerns:
    about = Concerns()
    who = draw(
        st.sampled_from(["taker", "registered", "named", "referrer", "companion", "all", "none"])
    )
    if who in {"registered", "all"}:
        about.registered = draw(somebody)
        about.live = about.registered != NOBODY and draw(st.booleans())
    if who in {"named", "all"}:
        about.named = draw(somebody)
        about.evidence = draw(st.sampled_from(["NONE", "CALL", "REFERRAL"]))
    if who in {"referrer", "all"}:
        about.referrer = draw(somebody)
    if who in {"companion", "all"}:
        about.companion = draw(somebody)
    if who == "taker":
        # Who greets somebody on his day off stands in no queue.
        about.taker = MOST + 1
    return about


@settings(max_examples=600, deadline=None)
@given(
    st.sampled_from([deciding, telling]),
    st.sampled_from(RULEBOOKS),
    st.tuples(st.one_of(some_places, quiet_places), changes),
    concerns(),
    st.sampled_from([NOBODY, MOST + 2]),
)
def test_places_that_read_alike_decide_alike(reading, rulebook, queues, about, manager) -> None:
    standing, changed = queues
    people = (about.registered, about.named, about.referrer, about.taker)
    seats = (*people, NOBODY, about.companion, manager)
    places, alike = bytearray(standing), bytearray(standing)
    read = reading(places, seats)
    for seat, byte in changed:
        if seat < len(alike):
            before = alike[seat]
            alike[seat] = byte
            if reading(alike, seats) != read:
                alike[seat] = before
    assume(alike != places)

    other = decided(Play(rulebook), alike, seats, about)
    assert other == decided(Play(rulebook), places, seats, about)
