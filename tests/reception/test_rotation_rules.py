"""The other rotations, as values: each is fair in its own way (rulebook 2.9)."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from functools import cache
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.policies.rulebooks.checks import check
from service.policies.rulebooks.compiler import compile_rulebook
from service.policies.rulebooks.document import parse
from service.policies.rulebooks.rulebook import Rulebook
from service.policies.rulebooks.vocabulary.showroom import SHOWROOM
from service.reception.rules.arrival import ReceptionOutcome, Visitor, decide_reception
from service.reception.rules.queue import Hold, Order, PassedOver, Place, Queue, Standing
from service.reception.rules.rotation import PerRep, Rotation, rotation_of

REPS = AN, BO, CHU, DAI = tuple(UUID(int=number) for number in range(1, 5))
MEI = UUID(int=9)
TEXT = (Path(__file__).parents[2] / "policies/rulebooks/showroom.yaml").read_text("utf-8")
NOON = datetime.fromisoformat("2026-03-02 12:00")


@cache
def showroom(*overrides: tuple[str, object]) -> Rulebook:
    return compile_rulebook(parse(TEXT), SHOWROOM, dict(overrides))


def received(
    places: Sequence[Place], order: Order = Order.SIGN_IN, taker_id: UUID | None = None
) -> ReceptionOutcome:
    rulebook = showroom(("rotation.order", order.value))
    return decide_reception(
        rulebook, Visitor(manager_id=MEI), Queue(tuple(places), order, taker_id)
    )


# -- fewest new first ---------------------------------------------------------------------------


@given(turns=st.lists(st.integers(0, 9), min_size=1, max_size=4), more=st.integers(1, 30))
def test_fewest_new_first_levels_out_whatever_went_before(turns: list[int], more: int) -> None:
    used = dict(zip(REPS, turns, strict=False))
    order = tuple(used)
    for _ in range(more):
        outcome = received([Place(one, turns=used[one]) for one in order], Order.FEWEST_NEW)
        fewest = min(used.values())
        assert outcome.rule == "RR-13n"
        assert used[outcome.turn_member_id or MEI] == fewest
        used[outcome.turn_member_id or MEI] += 1
        order = outcome.order


# -- weighted -----------------------------------------------------------------------------------


@given(weights=st.lists(st.integers(1, 9), min_size=1, max_size=4), visitors=st.integers(1, 60))
def test_by_weight_nobody_is_a_whole_turn_away_from_his_share(
    weights: list[int], visitors: int
) -> None:
    of = dict(zip(REPS, weights, strict=False))
    used = dict.fromkeys(of, 0)
    order = tuple(of)
    for number in range(1, visitors + 1):
        places = [Place(one, turns=used[one], weight=of[one]) for one in order]
        outcome = received(places, Order.WEIGHTED)
        order = outcome.order
        used[outcome.turn_member_id or MEI] += 1
        assert outcome.rule == "RR-13w"
        for one, weight in of.items():
            share = Fraction(number * weight, sum(weights))
            assert abs(used[one] - share) < 1


@given(
    weights=st.lists(st.integers(1, 9), min_size=2, max_size=4), busy=st.sets(st.sampled_from(REPS))
)
def test_by_weight_a_busy_rep_is_passed_over_and_somebody_free_receives(
    weights: list[int], busy: set[UUID]
) -> None:
    of = dict(zip(REPS, weights, strict=False))
    places = [
        Place(one, Standing.BUSY if one in busy else Standing.FREE, weight=weight)
        for one, weight in of.items()
    ]

    outcome = received(places, Order.WEIGHTED)

    free = set(of) - busy
    assert (outcome.mode == "TURN") is bool(free)
    assert outcome.receiver_id in (free or set(of))


def test_a_rep_of_twice_the_weight_receives_every_other_of_two_and_one() -> None:
    used, received_by = dict.fromkeys((AN, BO), 0), []
    for _ in range(6):
        places = [Place(AN, turns=used[AN], weight=2), Place(BO, turns=used[BO])]
        receiver = received(places, Order.WEIGHTED).receiver_id or MEI
        used[receiver] += 1
        received_by.append(receiver)

    assert received_by == [AN, AN, BO, AN, AN, BO]
    assert Counter(received_by) == {AN: 4, BO: 2}


def test_a_weight_is_his_own_or_the_highest_of_his_roles_or_everybodys() -> None:
    weight = PerRep(2, {"S001": 5, "senior": 3, "lead": 4})

    assert weight.of("S001", {"roles": ["lead"]}) == 5
    assert weight.of("S002", {"roles": ["senior", "lead", "desk"]}) == 4
    assert weight.of("S002", {"roles": ["desk"]}) == 2
    assert weight.of("S002", {}) == 2


def test_weights_and_numbers_of_a_day_are_terms_of_the_documents_rotation() -> None:
    text = TEXT.replace(
        "  skip: rotation_skip\n",
        "  skip: rotation_skip\n  weight.senior: 3\n  capacity_per_day.S002: 4\n",
    )
    overrides = {"rotation.order": "WEIGHTED", "rotation.capacity_per_day": 9}
    rotation = rotation_of(compile_rulebook(parse(text), SHOWROOM, overrides))

    assert rotation.order is Order.WEIGHTED
    assert rotation.weight == PerRep(1, {"senior": 3})
    assert rotation.capacity == PerRep(9, {"S002": 4})
    assert rotation_of(showroom()) == Rotation()


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("wait: 3", "UNKNOWN_KEY"),
        ("by_shift.senior: true", "UNKNOWN_KEY"),
        ("weight.senior: 0", "WRONG_TYPE"),
        ("weight.senior: many", "WRONG_TYPE"),
        ("weight.senior: params.nowhere", "WRONG_TYPE"),
        ("weight.senior: params.rotation.order", "WRONG_TYPE"),
    ],
)
def test_a_term_that_is_none_is_refused_at_its_place(written: str, code: str) -> None:
    text = TEXT.replace("  skip: rotation_skip\n", f"  skip: rotation_skip\n  {written}\n")

    (problem,) = check(parse(text), SHOWROOM)

    assert problem.code == code
    assert text.splitlines()[problem.at.line - 1].strip() == written


# -- open floor ---------------------------------------------------------------------------------


@given(busy=st.sets(st.sampled_from(REPS)))
def test_on_an_open_floor_nobody_is_given_a_visitor(busy: set[UUID]) -> None:
    places = [Place(one, Standing.BUSY if one in busy else Standing.FREE) for one in REPS]

    outcome = received(places, Order.OPEN_FLOOR)

    assert (outcome.receiver_id, outcome.mode, outcome.waits) == (None, "WAIT", True)
    assert outcome.order == REPS


@given(taker=st.sampled_from(REPS), busy=st.sets(st.sampled_from(REPS)))
def test_on_an_open_floor_the_visitor_is_the_first_takers(taker: UUID, busy: set[UUID]) -> None:
    places = [Place(one, Standing.BUSY if one in busy else Standing.FREE) for one in REPS]

    outcome = received(places, Order.OPEN_FLOOR, taker)

    assert (outcome.receiver_id, outcome.owner_id, outcome.mode) == (taker, taker, "TURN")
    assert (outcome.turn_member_id, outcome.rule) == (taker, "RR-14t")


def test_nobody_who_is_out_takes_from_the_floor() -> None:
    places = [Place(AN, Standing.AWAY_BUSINESS), Place(BO)]

    assert received(places, Order.OPEN_FLOOR, AN).receiver_id is None


# -- capacity, shifts, penalties ----------------------------------------------------------------


@given(
    order=st.sampled_from([Order.SIGN_IN, Order.FEWEST_NEW, Order.WEIGHTED]),
    capacity=st.integers(1, 4),
    visitors=st.integers(1, 24),
    stay=st.integers(1, 4),
)
def test_no_rep_is_given_more_than_his_number_of_the_day(
    order: Order, capacity: int, visitors: int, stay: int
) -> None:
    """Visitors stay while `stay` others come; the rest of the day's are the manager's."""
    rotation = Rotation(order, capacity=PerRep(capacity))
    used, here, live = dict.fromkeys(REPS, 0), [], REPS
    for _ in range(visitors):
        here = here[-stay + 1 :] if stay > 1 else []
        places = [
            Place(
                one,
                Standing.BUSY if one in here else Standing.FREE,
                here.count(one),
                used[one],
                hold=rotation.hold_of(used[one], "", {}, NOON),
            )
            for one in live
        ]
        outcome = received(places, order)
        live = outcome.order
        here.append(outcome.receiver_id)
        if outcome.turn_member_id is not None:
            used[outcome.turn_member_id] += 1
        assert (outcome.mode == "MANAGER") is all(place.hold is not None for place in places)

    assert max(used.values()) <= capacity
    assert sum(used.values()) == min(visitors, capacity * len(REPS))


def test_who_has_had_his_number_keeps_his_place_and_receives_for_others() -> None:
    places = (Place(AN, turns=2, hold=Hold.AT_CAPACITY), Place(BO, Standing.BUSY, 1))

    new = received(places)
    old = decide_reception(
        showroom(), Visitor(registration="LIVE", registered_by=CHU, manager_id=MEI), Queue(places)
    )

    assert (new.receiver_id, new.mode, new.order) == (BO, "DOUBLE", (AN, BO))
    assert (old.receiver_id, old.owner_id, old.mode) == (AN, CHU, "OBLIGATORY")


def test_where_the_rotation_has_nobody_the_manager_receives_and_it_says_why() -> None:
    outcome = received([Place(AN, hold=Hold.BARRED), Place(BO, hold=Hold.OFF_SHIFT)])

    assert (outcome.receiver_id, outcome.mode, outcome.rule) == (MEI, "MANAGER", "RR-15c")


def test_his_own_old_customer_is_received_by_a_rep_outside_the_rotation() -> None:
    places = (Place(AN, hold=Hold.BARRED),)
    visitor = Visitor(registration="LIVE", registered_by=AN)

    assert decide_reception(showroom(), visitor, Queue(places)).receiver_id == AN


@pytest.mark.parametrize(
    ("shifts", "clock", "held"),
    [
        ([], "12:00", None),
        ([["09:00:00", "18:00:00"]], "09:00", None),
        ([["09:00:00", "18:00:00"]], "17:59:59", None),
        ([["09:00:00", "18:00:00"]], "18:00", Hold.OFF_SHIFT),
        ([["09:00:00", "18:00:00"]], "08:59:59", Hold.OFF_SHIFT),
        ([["09:00:00", "12:00:00"], ["14:00:00", "18:00:00"]], "13:00", Hold.OFF_SHIFT),
        ([["09:00:00", "12:00:00"], ["14:00:00", "18:00:00"]], "14:00", None),
    ],
)
def test_by_shift_a_rep_is_in_the_rotation_while_he_is_planned(
    shifts: list[list[str]], clock: str, held: Hold | None
) -> None:
    local = datetime.fromisoformat(f"2026-03-02 {clock}")

    assert Rotation(by_shift=True).hold_of(0, "", {"shifts": shifts}, local) is held
    assert Rotation().hold_of(0, "", {"shifts": shifts}, local) is None


def test_who_is_barred_is_back_on_the_day_named() -> None:
    kept = {"barred_until": "2026-03-03"}

    assert Rotation().hold_of(0, "", kept, NOON) is Hold.BARRED
    assert Rotation().hold_of(0, "", kept, NOON.replace(day=3, hour=0)) is None


def test_who_owes_a_turn_is_passed_over_once_and_goes_to_the_tail() -> None:
    outcome = received([Place(AN, hold=Hold.OWES_A_TURN), Place(BO), Place(CHU)])

    assert (outcome.receiver_id, outcome.order) == (BO, (CHU, AN, BO))
    assert (outcome.passed_over, outcome.paid) == ((PassedOver(AN, "OWES_A_TURN"),), (AN,))


def test_who_owes_a_turn_pays_only_when_it_comes() -> None:
    later = received([Place(AN), Place(BO, hold=Hold.OWES_A_TURN)])
    busy = received([Place(AN, Standing.BUSY, 1, hold=Hold.OWES_A_TURN), Place(BO)])

    assert later.paid == busy.paid == ()
    assert busy.order == (AN, BO)


def test_a_visitor_is_not_left_standing_because_everybody_owes_a_turn() -> None:
    outcome = received([Place(AN, hold=Hold.OWES_A_TURN), Place(BO, hold=Hold.OWES_A_TURN)])

    assert (outcome.receiver_id, outcome.paid, outcome.order) == (AN, (), (BO, AN))
