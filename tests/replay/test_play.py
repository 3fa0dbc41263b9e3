"""The remembered answer is the commands' own: same receiver, owner, turn, order, words, who waits.

Each case is decided twice: by `decide_reception` on the members themselves, and through a play that
has seen many other cases before it and knows people by their seats only.
"""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from builders.rulebooks import showroom_rulebook
from hypothesis import given, settings
from hypothesis import strategies as st

from service.policies.rulebooks.rulebook import Rulebook
from service.reception.rules.arrival import Visitor, decide_reception
from service.reception.rules.queue import Place as QueuePlace
from service.reception.rules.queue import Queue
from service.replay.days import Days, instant_of
from service.replay.floor import Floor
from service.replay.history import Place
from service.replay.places import LOAD, NOBODY, STANDINGS, place_of
from service.replay.play import OUTSIDE, Concerns, Play

MEMBERS = 9
IDS = tuple(UUID(int=1000 + number) for number in range(MEMBERS))
CODES = [f"{number:04}" for number in range(MEMBERS)]
ZONE = Days(ZoneInfo("Asia/Shanghai"))

PARAMETERS = (
    {},
    {"rotation__order": "FEWEST_NEW", "rotation__skip_busy": "LOSE"},
    {"rotation__order": "WEIGHTED", "named__busy": "WAIT"},
    {"rotation__all_busy": "WAIT", "rotation__obligatory_fallback": "WAIT"},
    {"rotation__obligatory_receiver": "QUEUE_HEAD", "returning__busy_owner": "ROTATION"},
    {"rotation__capacity_per_day": 2, "named__evidence": "ANY"},
    {"referral__unnamed": "REFERRER_OWNER", "offday__owner": "COMPANY"},
    {"rotation__skip_busy": "LOSE", "rotation__obligatory_fallback": "QUEUE_HEAD"},
    {"rotation__obligatory_receiver": "MANAGER", "rotation__named_consumes_turn": "IF_COINCIDES"},
)
# Kept between the examples on purpose: what they remember of one must not be told of another.
PLAYS = [(showroom_rulebook(**values), Play(showroom_rulebook(**values))) for values in PARAMETERS]

someone = st.one_of(st.just(NOBODY), st.integers(0, MEMBERS - 1))


mixed = st.builds(place_of, st.integers(0, 3), st.integers(0, 4))
quiet = st.builds(place_of, st.sampled_from([0, 0, 0, 2, 3]), st.sampled_from([0, 0, 0, 1, 3]))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Floor, Concerns, tuple[str, str, bool]]:
    floor = Floor(Place(ZONE, draw(someone)), CODES, PLAYS[0][1])
    floor.turn_to(0)
    standing, owing = draw(st.sampled_from([mixed, quiet])), draw(st.booleans())
    for member in draw(st.lists(st.integers(0, MEMBERS - 1), max_size=8, unique=True)):
        floor.join(member)
        floor.places[-1] = draw(standing)
        floor.used[member] = draw(st.integers(0, 3))
        if owing and draw(st.integers(0, 4)) == 0:
            floor.owe(member, 1)
    about = Concerns()
    about.registered = draw(someone)
    about.live = about.registered != NOBODY and draw(st.booleans())
    about.named, about.referrer = draw(someone), draw(someone)
    about.companion = draw(someone)
    about.evidence = draw(st.sampled_from(["NONE", "CALL", "REFERRAL"]))
    about.took_call = draw(st.booleans())
    taker = draw(someone)
    about.taker = NOBODY if taker in floor.order else taker
    said = (
        draw(st.sampled_from(["NONE", "UNDECLARED", "DECLARED"])),
        draw(st.sampled_from(["WALK_IN", "PHONE", "REFERRAL"])),
        draw(st.booleans()),
    )
    return floor, about, said


def member_id(member: int) -> UUID | None:
    return None if member == NOBODY else IDS[member]


def by_the_commands(
    rulebook: Rulebook, play: Play, floor: Floor, about: Concerns, said: tuple[str, str, bool]
) -> tuple[object, ...]:
    marks = floor.marks(play.rotation)
    queue = Queue(
        tuple(
            QueuePlace(
                IDS[member],
                STANDINGS[byte % LOAD],
                byte // LOAD,
                used,
                weight,
                play.rotation.hold_of(used, CODES[member], floor.kept.get(member, {}), _local()),
            )
            for member, byte, (used, weight, _) in zip(
                floor.order, floor.places, marks, strict=True
            )
        ),
        play.rotation.order,
    )
    lives = "LIVE" if about.live else "LAPSED"
    visitor = Visitor(
        survey=said[0],
        arrival=said[1],
        said_before=said[2],
        taker_id=member_id(about.taker),
        registration="NONE" if about.registered == NOBODY else lives,
        registered_by=member_id(about.registered),
        named_id=member_id(about.named),
        evidence=about.evidence,
        named_took_call=about.took_call,
        referrer_rep_id=member_id(about.referrer),
        companion_rep_id=member_id(about.companion),
        manager_id=member_id(floor.manager),
    )
    decided = decide_reception(rulebook, visitor, queue)
    return (
        decided.receiver_id,
        decided.owner_id,
        decided.turn_member_id,
        decided.order,
        (decided.owner_kind, decided.mode, decided.obligation, decided.rule, decided.clause),
        decided.waits,
        decided.paid,
    )


def _local() -> datetime:
    return instant_of(0).astimezone(ZONE.zone)


def by_the_replay(
    play: Play, floor: Floor, about: Concerns, said: tuple[str, str, bool]
) -> tuple[object, ...]:
    others: list[int] = []

    def seat(member: int) -> int:
        if member == NOBODY:
            return NOBODY
        if member in floor.order:
            return floor.order.index(member)
        if member not in others:
            others.append(member)
        return len(floor.order) + others.index(member)

    seated = Concerns()
    for name in ("registered", "named", "referrer", "taker", "companion"):
        setattr(seated, name, seat(getattr(about, name)))
    seated.live, seated.evidence = about.live, about.evidence
    seated.took_call = about.took_call
    manager = seat(floor.manager)
    concerned = (about.registered, about.named, about.referrer, about.taker, about.companion)
    if all(member == NOBODY for member in concerned):
        place = OUTSIDE if manager >= len(floor.order) else manager
        reception = play.plain_reception(play.plain_key(said, place), said, floor, manager)
    else:
        reception = play.reception(said, floor, manager, seated)
    before, owing = list(floor.order), dict(floor.kept)
    receiver, owner, turn = floor.apply(7, reception, others)
    words = reception.words
    paid = tuple(IDS[before[seat]] for seat in reception.paid)
    assert all(owing[before[seat]] != floor.kept.get(before[seat]) for seat in reception.paid)
    return (
        member_id(receiver),
        member_id(owner),
        member_id(turn),
        tuple(IDS[member] for member in floor.order),
        (words.owner_kind, words.mode, words.obligation, words.rule, words.clause),
        reception.waits,
        paid,
    )


@settings(max_examples=500, deadline=None)
@given(cases(), st.integers(0, len(PARAMETERS) - 1))
def test_what_is_remembered_of_a_case_is_what_the_commands_decide(
    case: tuple[Floor, Concerns, tuple[str, str, bool]], which: int
) -> None:
    floor, about, said = case
    rulebook, play = PLAYS[which]

    decided = by_the_commands(rulebook, play, floor, about, said)
    replayed = by_the_replay(play, floor, about, said)

    assert replayed == decided


def test_who_receives_is_busy_and_free_again_when_his_visitor_leaves() -> None:
    floor, play = Floor(Place(ZONE), CODES, PLAYS[0][1]), PLAYS[0][1]
    floor.turn_to(0)
    floor.join(3)
    floor.join(5)
    said = ("NONE", "WALK_IN", False)

    first = floor.apply(
        0, play.plain_reception(play.plain_key(said, NOBODY), said, floor, NOBODY), ()
    )
    second = floor.apply(
        1, play.plain_reception(play.plain_key(said, NOBODY), said, floor, NOBODY), ()
    )
    both_busy = [place % LOAD for place in floor.places]
    floor.close(0)

    assert (first, second) == ((3, 3, 3), (5, 5, 5))
    assert both_busy == [1, 1]
    assert dict(zip(floor.order, [place % LOAD for place in floor.places], strict=True)) == {
        3: 0,
        5: 1,
    }
