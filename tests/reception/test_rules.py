"""The queue's operators and the arrival's decision, against values and the shipped rulebook."""

from functools import cache
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.policies.rulebooks.compiler import compile_rulebook
from service.policies.rulebooks.document import parse
from service.policies.rulebooks.rulebook import Rulebook
from service.policies.rulebooks.vocabulary.showroom import SHOWROOM
from service.reception.rules.arrival import ReceptionOutcome, Visitor, decide_reception
from service.reception.rules.handover import Handover, handed_over
from service.reception.rules.queue import (
    Hold,
    Order,
    PassedOver,
    Place,
    Queue,
    Standing,
    best_state,
    first_present,
    head,
    joined,
    last_in_rotation,
    least_loaded,
    left,
    next_in_rotation,
    to_head,
    to_tail,
    whereabouts,
)

AN, BO, CHU, DAI, EVE, MEI, OFF_DUTY = (UUID(int=number) for number in range(1, 8))
FREE, BUSY = Standing.FREE, Standing.BUSY
BUSINESS, PRIVATE = Standing.AWAY_BUSINESS, Standing.AWAY_PRIVATE
SHIPPED = Path(__file__).parents[2] / "policies/rulebooks/showroom.yaml"


@cache
def showroom(*overrides: tuple[str, object]) -> Rulebook:
    return compile_rulebook(parse(SHIPPED.read_text("utf-8")), SHOWROOM, dict(overrides))


def queue(*places: tuple[UUID, Standing], order: Order = Order.SIGN_IN) -> Queue:
    return Queue(
        tuple(Place(member, standing, int(standing is BUSY)) for member, standing in places), order
    )


def received(visitor: Visitor, places: Queue, *overrides: tuple[str, object]) -> ReceptionOutcome:
    return decide_reception(showroom(*overrides), visitor, places)


def who(outcome: ReceptionOutcome) -> tuple[UUID | None, UUID | None, str, UUID | None]:
    return outcome.receiver_id, outcome.owner_id, outcome.mode, outcome.turn_member_id


# -- the queue ----------------------------------------------------------------------------------


def test_the_next_in_rotation_is_the_first_who_is_free() -> None:
    pick = next_in_rotation(queue((AN, BUSY), (BO, PRIVATE), (CHU, FREE), (DAI, FREE)))

    assert pick.member_id == CHU
    assert pick.passed_over == (PassedOver(AN, "BUSY"), PassedOver(BO, "AWAY_PRIVATE"))


def test_nobody_is_next_when_nobody_is_free() -> None:
    assert next_in_rotation(queue((AN, BUSY), (BO, BUSINESS))).member_id is None


def test_the_last_in_rotation_is_searched_upwards_from_the_tail() -> None:
    pick = last_in_rotation(queue((AN, FREE), (BO, FREE), (CHU, BUSY)))

    assert (pick.member_id, pick.passed_over) == (BO, (PassedOver(CHU, "BUSY"),))


def test_the_one_received_for_can_be_left_out() -> None:
    places = queue((AN, FREE), (BO, FREE))

    assert last_in_rotation(places.without(BO)).member_id == AN


def test_the_least_loaded_is_the_first_queued_among_equals() -> None:
    places = Queue(
        (
            Place(AN, PRIVATE),
            Place(BO, BUSY, load=2),
            Place(CHU, BUSY, load=1),
            Place(DAI, BUSY, load=1),
        )
    )

    assert least_loaded(places).member_id == CHU
    assert [passed.member_id for passed in least_loaded(places).passed_over] == [AN, BO, DAI]
    assert least_loaded(queue((AN, PRIVATE))).member_id is None


def test_with_fewest_new_first_equals_keep_the_order_of_the_queue() -> None:
    places = Queue((Place(AN, turns=2), Place(BO, turns=1), Place(CHU, turns=1)), Order.FEWEST_NEW)

    assert next_in_rotation(places).member_id == BO
    assert head(places).member_id == AN


def test_the_first_present_may_be_busy_but_not_out() -> None:
    assert first_present(queue((AN, BUSINESS), (BO, BUSY))).member_id == BO
    assert first_present(queue((AN, BUSINESS))).member_id is None


@pytest.mark.parametrize(
    ("places", "state"),
    [
        (queue((AN, BUSY), (BO, FREE)), "FREE"),
        (queue((AN, BUSY), (BO, PRIVATE)), "BUSY"),
        (queue((BO, PRIVATE)), "AWAY"),
        (queue(), "EMPTY"),
    ],
)
def test_the_best_state_of_a_queue(places: Queue, state: str) -> None:
    assert best_state(places) == state


def test_where_a_rep_is() -> None:
    places = queue((AN, BUSY), (BO, PRIVATE), (CHU, FREE))

    assert [whereabouts(places, one) for one in (AN, BO, CHU, DAI, None)] == [
        "BUSY",
        "AWAY",
        "FREE",
        "OFF",
        "NONE",
    ]


def test_places_of_the_live_order() -> None:
    order = (AN, BO, CHU)

    assert joined(order, [BO, DAI]) == (AN, BO, CHU, DAI)
    assert left(order, BO) == (AN, CHU)
    assert to_tail(order, AN) == (BO, CHU, AN)
    assert to_head(order, CHU) == (CHU, AN, BO)
    assert to_tail(order, DAI) == to_head(order, DAI) == order


# -- the arrival --------------------------------------------------------------------------------

WHOLE = queue((AN, FREE), (BO, FREE), (CHU, FREE))


def test_a_new_visitor_is_received_in_turn_and_the_turn_is_used() -> None:
    outcome = received(Visitor(), WHOLE)

    assert who(outcome) == (AN, AN, "TURN", AN)
    assert (outcome.rule, outcome.clause, outcome.order) == ("RR-13", "五(二)", (BO, CHU, AN))


def test_who_is_out_on_private_matters_loses_the_place_before_the_turn_is_used() -> None:
    outcome = received(Visitor(), queue((AN, PRIVATE), (BO, BUSY), (CHU, FREE), (DAI, FREE)))

    assert outcome.order == (BO, DAI, AN, CHU)
    assert [(move.member_id, move.change) for move in outcome.moved] == [
        (AN, "SKIP"),
        (CHU, "CONSUME"),
    ]


LIVE = Visitor(registration="LIVE", registered_by=BO)


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        (WHOLE, (BO, BO, "OWN_RETURN", None)),
        (queue((AN, FREE), (BO, BUSY), (CHU, FREE)), (CHU, BO, "OBLIGATORY", None)),
        (queue((AN, FREE), (CHU, FREE)), (CHU, BO, "OBLIGATORY", None)),
        (queue((AN, FREE), (BO, PRIVATE)), (AN, BO, "OBLIGATORY", None)),
    ],
)
def test_an_old_customer_is_his_owners(
    places: Queue, expected: tuple[UUID, UUID, str, None]
) -> None:
    outcome = received(LIVE, places)

    assert who(outcome) == expected
    assert outcome.order == places.member_ids


def test_with_nobody_free_to_stand_in_the_manager_does() -> None:
    visitor = Visitor(registration="LIVE", registered_by=BO, manager_id=MEI)

    assert who(received(visitor, queue((BO, BUSY), (CHU, BUSY)))) == (MEI, BO, "OBLIGATORY", None)


@pytest.mark.parametrize(
    ("override", "receiver", "waits"),
    [
        (("rotation.obligatory_receiver", "QUEUE_HEAD"), AN, False),
        (("rotation.obligatory_receiver", "MANAGER"), MEI, False),
        (("rotation.obligatory_receiver", "BUDDY"), CHU, False),
    ],
)
def test_who_stands_in_is_the_rulebooks_choice(
    override: tuple[str, str], receiver: UUID, waits: bool
) -> None:
    visitor = Visitor(registration="LIVE", registered_by=EVE, manager_id=MEI, buddies={EVE: CHU})
    outcome = received(visitor, WHOLE, override)

    assert (outcome.receiver_id, outcome.waits) == (receiver, waits)
    assert outcome.order == WHOLE.member_ids


def test_without_a_buddy_the_fallback_receives() -> None:
    visitor = Visitor(registration="LIVE", registered_by=EVE)
    busy = queue((AN, BUSINESS), (BO, BUSY))
    buddy = ("rotation.obligatory_receiver", "BUDDY")

    head_of_queue = received(visitor, busy, buddy, ("rotation.obligatory_fallback", "QUEUE_HEAD"))
    waiting = received(visitor, busy, buddy, ("rotation.obligatory_fallback", "WAIT"))

    assert head_of_queue.receiver_id == BO
    assert (waiting.receiver_id, waiting.waits, waiting.owner_id) == (None, True, EVE)


def test_nobody_stands_in_for_himself() -> None:
    visitor = Visitor(registration="LIVE", registered_by=AN, manager_id=MEI)
    head_of_queue = ("rotation.obligatory_fallback", "QUEUE_HEAD")

    both_busy = received(visitor, queue((AN, BUSY), (BO, BUSY)), head_of_queue)
    alone = received(visitor, queue((AN, BUSY)), head_of_queue)

    assert who(both_busy) == (BO, AN, "OBLIGATORY", None)
    assert who(alone) == (MEI, AN, "OBLIGATORY", None)


def test_a_lapsed_registration_is_a_preference_only() -> None:
    lapsed = Visitor(registration="LAPSED", registered_by=BO)

    assert who(received(lapsed, WHOLE)) == (BO, BO, "OWN_RETURN", None)
    assert who(received(lapsed, queue((AN, FREE), (BO, BUSY)))) == (AN, AN, "TURN", AN)


def test_a_naming_with_evidence_is_honoured() -> None:
    called = Visitor(named_id=BO, evidence="CALL", arrival="PHONE")

    assert who(received(called, WHOLE)) == (BO, BO, "NAMED", None)
    busy = received(called, queue((AN, FREE), (BO, BUSY), (CHU, FREE)))
    assert (who(busy), busy.obligation) == ((CHU, BO, "OBLIGATORY", None), "NAMED_REP")
    assert who(received(called, queue((AN, FREE)))) == (AN, AN, "TURN", AN)
    assert who(received(Visitor(named_id=BO), WHOLE)) == (AN, AN, "TURN", AN)


def test_a_naming_may_use_the_turn_if_it_coincides() -> None:
    rule = ("rotation.named_consumes_turn", "IF_COINCIDES")
    first, second = (
        received(Visitor(named_id=one, evidence="REFERRAL"), WHOLE, rule) for one in (AN, BO)
    )

    assert (first.turn_member_id, second.turn_member_id) == (AN, None)


def test_a_referrers_rep_receives_where_the_rulebook_says_so() -> None:
    referred = Visitor(arrival="REFERRAL", referrer_rep_id=CHU)
    rule = ("referral.unnamed", "REFERRER_OWNER")

    assert who(received(referred, WHOLE)) == (AN, AN, "TURN", AN)
    assert who(received(referred, WHOLE, rule)) == (CHU, CHU, "NAMED", None)


def test_on_a_day_off_the_head_of_the_queue_owns_even_when_he_is_out() -> None:
    taken = Visitor(taker_id=EVE)
    outcome = received(taken, queue((AN, PRIVATE), (BO, FREE)))

    assert who(outcome) == (EVE, AN, "OBLIGATORY", AN)
    assert outcome.order == (BO, AN)
    assert received(taken, queue()).owner_kind == "COMPANY"
    assert who(received(taken, WHOLE, ("offday.owner", "RECEIVER"))) == (EVE, EVE, "TURN", None)


def test_on_a_day_off_an_old_customer_stays_whose_he_is() -> None:
    colleagues = Visitor(taker_id=EVE, registration="LIVE", registered_by=BO)
    own = Visitor(taker_id=EVE, registration="LIVE", registered_by=EVE)

    assert who(received(colleagues, WHOLE)) == (EVE, BO, "OBLIGATORY", None)
    assert who(received(own, WHOLE)) == (EVE, EVE, "OWN_RETURN", None)


def test_when_all_are_busy_the_rulebook_may_let_the_visitor_wait() -> None:
    busy = queue((AN, BUSY), (BO, BUSY))
    waiting = received(Visitor(), busy, ("rotation.all_busy", "WAIT"))

    assert who(received(Visitor(), busy)) == (AN, AN, "DOUBLE", AN)
    assert (waiting.waits, waiting.owner_kind, waiting.mode) == (True, "NOBODY", "WAIT")


def test_without_reps_and_without_a_manager_the_company_has_the_visitor() -> None:
    outcome = received(Visitor(), queue())

    assert (outcome.receiver_id, outcome.owner_kind, outcome.waits) == (None, "COMPANY", False)


def test_a_decision_tells_every_question_it_asked() -> None:
    visitor = Visitor(named_id=BO, evidence="CALL")
    outcome = received(visitor, queue((AN, PRIVATE), (BO, BUSY), (CHU, FREE)))

    assert [step.decision for step in outcome.steps] == ["reception", "naming", "stand_in"]
    assert [step.decision for step in received(Visitor(), queue((AN, BUSY), (BO, FREE))).steps] == [
        "reception",
        "rotation_skip",
    ]


def test_what_a_visit_becomes_in_another_reps_hands() -> None:
    def hand(to: UUID, owner: UUID | None, mode: str, why: str = "NONE", **more: bool) -> Handover:
        facts = {"received_for": False, "registered": False, **more}
        return handed_over(to, owner_id=owner, mode=mode, obligation=why, **facts)

    own = hand(BO, AN, "TURN")
    pool = hand(BO, None, "MANAGER")
    kept = hand(BO, AN, "OBLIGATORY", "NAMED_REP", received_for=True)
    home = hand(AN, AN, "OBLIGATORY", "OLD_CUSTOMER", received_for=True, registered=True)
    waited = hand(BO, AN, "WAIT", received_for=True, registered=True)
    waited_named = hand(BO, AN, "WAIT", received_for=True)

    assert own == Handover(BO, "TURN", "NONE")
    assert pool == Handover(BO, "TURN", "NONE")
    assert kept == Handover(AN, "OBLIGATORY", "NAMED_REP")
    assert home == Handover(AN, "OWN_RETURN", "NONE")
    assert waited == Handover(AN, "OBLIGATORY", "OLD_CUSTOMER")
    assert waited_named == Handover(AN, "OBLIGATORY", "NAMED_REP")
    assert hand(AN, AN, "WAIT", received_for=True, registered=True).mode == "OWN_RETURN"
    assert hand(AN, AN, "WAIT", received_for=True).mode == "NAMED"


# -- properties ---------------------------------------------------------------------------------

REPS = [AN, BO, CHU, DAI, EVE, MEI]
places = st.lists(st.sampled_from(REPS), unique=True, max_size=6).flatmap(
    lambda members: st.tuples(
        *(
            st.builds(
                Place,
                member_id=st.just(member),
                standing=st.sampled_from(Standing),
                load=st.integers(0, 3),
                turns=st.integers(0, 3),
                weight=st.integers(1, 3),
                hold=st.none() | st.sampled_from(Hold),
            )
            for member in members
        )
    )
)
queues = st.builds(Queue, places=places, order=st.sampled_from(Order))
somebody = st.none() | st.sampled_from(REPS)


@st.composite
def visitors(draw: st.DrawFn) -> Visitor:
    registration = draw(st.sampled_from(["NONE", "LIVE", "LAPSED"]))
    return Visitor(
        survey=draw(st.sampled_from(["NONE", "UNDECLARED", "DECLARED"])),
        arrival=draw(st.sampled_from(["WALK_IN", "PHONE", "REFERRAL"])),
        said_before=draw(st.booleans()),
        taker_id=draw(st.none() | st.just(OFF_DUTY)),
        registration=registration,
        registered_by=None if registration == "NONE" else draw(st.sampled_from([*REPS, OFF_DUTY])),
        named_id=draw(somebody),
        evidence=draw(st.sampled_from(["NONE", "CALL", "REFERRAL"])),
        named_took_call=draw(st.booleans()),
        referrer_rep_id=draw(somebody),
        manager_id=draw(st.none() | st.just(MEI)),
    )


@given(visitor=visitors(), live=queues)
def test_obligatory_reception_never_moves_the_queue(visitor: Visitor, live: Queue) -> None:
    outcome = received(visitor, live)

    if outcome.obligation in {"OLD_CUSTOMER", "NAMED_REP"}:
        assert outcome.order == live.member_ids
        assert outcome.moved == ()


@given(visitor=visitors(), live=queues)
def test_nobody_takes_a_second_new_customer_while_another_is_free(
    visitor: Visitor, live: Queue
) -> None:
    outcome = received(visitor, live)
    receiver = live.place_of(outcome.receiver_id)

    in_rotation = best_state(live.rotation)
    if outcome.turn_member_id == outcome.receiver_id is not None and in_rotation == "FREE":
        assert receiver is not None
        assert receiver.standing is FREE


@given(visitor=visitors(), live=queues)
def test_a_decision_loses_nobody_from_the_queue(visitor: Visitor, live: Queue) -> None:
    outcome = received(visitor, live)

    assert sorted(outcome.order) == sorted(live.member_ids)
    assert {passed.member_id for passed in outcome.passed_over} <= set(live.member_ids)
    assert outcome.receiver_id not in {passed.member_id for passed in outcome.passed_over}


IN_TURN = st.sampled_from([Order.SIGN_IN, Order.FEWEST_NEW, Order.WEIGHTED])


@given(reps=st.integers(1, 6), visitors_of_day=st.integers(1, 60), order=IN_TURN)
def test_turns_differ_by_at_most_one_among_reps_present_all_day(
    reps: int, visitors_of_day: int, order: Order
) -> None:
    """Each visitor leaves before his rep's next turn."""
    members = tuple(REPS[:reps])
    turns = dict.fromkeys(members, 0)
    for _ in range(visitors_of_day):
        live = Queue(tuple(Place(one, turns=turns[one]) for one in members), order)
        outcome = received(Visitor(), live)
        members = outcome.order
        turns[outcome.turn_member_id or MEI] += 1

    assert max(turns.values()) - min(turns.values()) <= 1


@given(visitors_of_day=st.integers(1, 40))
def test_when_all_are_busy_second_customers_are_shared_evenly(visitors_of_day: int) -> None:
    """Nobody leaves: every load grows in step, so no rep has two more than another."""
    members = (AN, BO, CHU)
    loads = dict.fromkeys(members, 0)
    for _ in range(visitors_of_day):
        live = Queue(tuple(Place(one, BUSY if loads[one] else FREE, loads[one]) for one in members))
        outcome = received(Visitor(), live)
        members = outcome.order
        loads[outcome.receiver_id or MEI] += 1

    assert max(loads.values()) - min(loads.values()) <= 1
