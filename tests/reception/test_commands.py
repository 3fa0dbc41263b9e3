"""Commands against PostgreSQL: allowed, refused by duty, foreign ids, repeated keys, statements."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from builders.reception import Showroom, a_showroom, at, phone

from service.clock import ManualClock
from service.customers.commands import LinkParties, link_parties
from service.errors import Forbidden, InvalidPhone, NotFound, Refusals
from service.ownership.errors import SurveyVisitorNotRegistered
from service.reception.commands import (
    CloseVisit,
    ComeBack,
    ExposeSurvey,
    GoAway,
    NameRepresentative,
    ReassignReception,
    RecordArrival,
    RecordCall,
    RecordDeal,
    RegisterCustomer,
    SignIn,
    SignOut,
    TakeDayOff,
    TakeVisitor,
    close_visit,
    come_back,
    expose_survey,
    go_away,
    name_representative,
    reassign_reception,
    record_arrival,
    record_call,
    record_deal,
    register_customer,
    sign_in,
    sign_out,
    take_day_off,
    take_visitor,
)
from service.reception.errors import (
    AlreadySignedIn,
    NamedTooLate,
    NotOnShift,
    ReasonMissing,
    TakingRefused,
)
from service.work import Transactions, UnitOfWork


@pytest.fixture
async def showroom(transactions: Transactions, clock: ManualClock) -> Showroom:
    at(clock, "03-02 08:30")
    return await a_showroom(transactions)


async def register(showroom: Showroom, visit: dict[str, Any], tel: int, by: str = "An") -> None:
    order = RegisterCustomer(visit["id"], full_name="王芳", phones=(phone(tel),))
    await showroom.do(register_customer, order, by=by)


def mode_of(showroom: Showroom, visit: dict[str, Any]) -> tuple[str, str, str]:
    names = (showroom.name_of(visit["receiver_id"]), showroom.name_of(visit["owner_id"]))
    return (*names, visit["mode"])


async def test_the_order_of_sign_in_is_the_order_of_reception_and_wraps_around(
    showroom: Showroom,
) -> None:
    await showroom.sign_in("An", "Bo", "Chu")

    received = [await showroom.arrives(tel) for tel in (1, 2, 3)]
    await showroom.do(close_visit, CloseVisit(received[0]["id"]))

    assert [showroom.name_of(visit["receiver_id"]) for visit in received] == ["An", "Bo", "Chu"]
    assert [visit["number"] for visit in received] == [1, 2, 3]
    assert await showroom.receiver(4) == "An"


async def test_reps_signed_in_at_the_same_time_are_ordered_by_staff_code(
    showroom: Showroom,
) -> None:
    names = ("Chu", "An", "Bo")
    await showroom.do(
        sign_in, SignIn(showroom.site_id, tuple(showroom.people[name] for name in names))
    )

    assert await showroom.queue() == ["An", "Bo", "Chu"]


async def test_who_signs_out_and_in_again_is_at_the_tail(showroom: Showroom) -> None:
    await showroom.sign_in("An", "Bo")
    await showroom.do(sign_out, SignOut(showroom.site_id, showroom.people["An"]), by="An")
    await showroom.sign_in("An")

    assert await showroom.queue() == ["Bo", "An"]


async def test_away_on_business_keeps_the_place_and_on_private_matters_loses_it(
    showroom: Showroom,
) -> None:
    await showroom.sign_in("An", "Bo", "Chu", "Dai")
    for name, reason in (("An", "BUSINESS"), ("Bo", "PRIVATE")):
        order = GoAway(showroom.site_id, showroom.people[name], reason)
        await showroom.do(go_away, order, by=name)

    assert await showroom.receiver(1) == "Chu"
    assert await showroom.queue() == ["An", "Dai", "Bo", "Chu"]
    (decision,) = await showroom.tenant.rows(
        "SELECT passed_over FROM app.decision WHERE tenant_id = $1 AND kind = 'RECEPTION'"
    )
    assert [(entry["reason"], entry["place"]) for entry in decision["passed_over"]] == [
        ("AWAY_BUSINESS", "KEEP"),
        ("AWAY_PRIVATE", "LOSE"),
    ]

    await showroom.do(come_back, ComeBack(showroom.site_id, showroom.people["An"]), by="An")
    assert await showroom.receiver(2) == "An"


async def test_when_everybody_is_busy_the_least_loaded_takes_a_second_one(
    showroom: Showroom,
) -> None:
    await showroom.sign_in("An", "Bo")
    await showroom.arrives(1)
    await showroom.arrives(2)

    assert mode_of(showroom, await showroom.arrives(3)) == ("An", "An", "DOUBLE")


async def test_with_nobody_signed_in_the_manager_receives_for_the_company(
    showroom: Showroom,
) -> None:
    visit = await showroom.arrives(1)

    assert mode_of(showroom, visit) == ("Mei", "-", "MANAGER")
    assert (visit["owner_kind"], visit["turn_member_id"]) == ("COMPANY", None)


async def test_yesterdays_queue_counts_as_empty(showroom: Showroom, clock: ManualClock) -> None:
    await showroom.sign_in("An")
    at(clock, "03-02 23:59:59")
    assert await showroom.receiver(1) == "An"

    at(clock, "03-03 00:00")
    visit = await showroom.arrives(2)
    assert (showroom.name_of(visit["receiver_id"]), visit["number"]) == ("Mei", 1)


async def test_an_open_visit_of_yesterday_keeps_nobody_busy(
    showroom: Showroom, clock: ManualClock
) -> None:
    await showroom.sign_in("An")
    await showroom.arrives(1)
    at(clock, "03-03 08:30")
    await showroom.sign_in("An")

    assert mode_of(showroom, await showroom.arrives(2))[2] == "TURN"


async def test_a_registered_customer_returns_to_his_rep_without_a_turn(
    showroom: Showroom, clock: ManualClock
) -> None:
    await showroom.sign_in("An", "Bo")
    await register(showroom, await showroom.arrives(1), 1)
    at(clock, "03-05 09:00")
    await showroom.sign_in("Bo", "An")

    visit = await showroom.arrives(1, said_before=True)

    assert mode_of(showroom, visit) == ("An", "An", "OWN_RETURN")
    assert await showroom.queue() == ["Bo", "An"]
    (row,) = await showroom.tenant.rows(
        "SELECT protected_until FROM app.registration WHERE tenant_id = $1"
    )
    assert row["protected_until"].isoformat() == "2026-03-12T16:00:00+00:00"


async def test_for_an_absent_owner_the_last_in_rotation_receives_and_moves_nobody(
    showroom: Showroom, clock: ManualClock
) -> None:
    await showroom.sign_in("An", "Bo")
    await register(showroom, await showroom.arrives(1), 1)
    at(clock, "03-05 09:00")
    await showroom.sign_in("Bo", "Chu", "Dai")

    visit = await showroom.arrives(1)

    assert mode_of(showroom, visit) == ("Dai", "An", "OBLIGATORY")
    assert (visit["obligation"], visit["clause"]) == ("OLD_CUSTOMER", "五(五)4")
    assert await showroom.queue() == ["Bo", "Chu", "Dai"]


async def test_a_rep_named_after_his_call_receives_and_without_one_it_is_the_rotation(
    showroom: Showroom,
) -> None:
    bo = showroom.people["Bo"]
    order = RecordCall(showroom.site_id, phone(1), rings=4, duration_seconds=60)
    taken = await showroom.do(record_call, order, by="Bo")
    await showroom.sign_in("An", "Bo")

    named = await showroom.arrives(1, way="PHONE_FIRST", named_member_id=bo)
    unproven = await showroom.arrives(2, named_member_id=bo)

    assert (taken.rings, taken.length) == ("BREACH", "OK")
    assert mode_of(showroom, named) == ("Bo", "Bo", "NAMED")
    assert mode_of(showroom, unproven) == ("An", "An", "TURN")


async def test_a_relative_known_for_the_same_unit_is_one_customer(
    showroom: Showroom, clock: ManualClock
) -> None:
    await showroom.sign_in("An", "Bo")
    husband = await showroom.arrives(1)
    await register(showroom, husband, 1)
    wife = await showroom.arrives(2)
    link = LinkParties(husband["party_id"], wife["party_id"], "spouse", "8-301")
    await showroom.do(link_parties, link)
    at(clock, "03-05 09:00")
    await showroom.sign_in("Bo", "An")

    same = await showroom.arrives(2, unit_code="8-301")
    other = await showroom.arrives(2, unit_code="9-502")

    assert mode_of(showroom, same) == ("An", "An", "OWN_RETURN")
    assert mode_of(showroom, other)[2] == "TURN"


async def test_on_his_day_off_a_rep_receives_for_the_head_of_the_queue(showroom: Showroom) -> None:
    await showroom.sign_in("Bo", "Chu")
    an = showroom.people["An"]
    await showroom.do(take_day_off, TakeDayOff(showroom.site_id, an), by="An")

    visit = await showroom.arrives(1, taken_by_id=an)

    assert mode_of(showroom, visit) == ("An", "Bo", "OBLIGATORY")
    assert await showroom.queue() == ["Chu", "Bo"]


async def test_who_has_left_the_company_is_never_chosen(showroom: Showroom) -> None:
    await showroom.sign_in("An", "Bo")

    async def leave(work: UnitOfWork) -> None:
        work.write(
            "member",
            "UPDATE app.member SET state = 'LEFT' WHERE tenant_id = {}::uuid AND id = {}::uuid",
            work.tenant_id,
            showroom.people["An"],
            expected=1,
        )

    await showroom.tenant.transactions.internally(showroom.tenant_id, "leave", leave)

    assert await showroom.receiver(1) == "Bo"
    assert await showroom.queue() == ["Bo"]


async def test_a_declared_survey_uses_no_turn_and_is_not_registered(showroom: Showroom) -> None:
    await showroom.sign_in("An", "Bo")

    visit = await showroom.arrives(1, survey="DECLARED")

    assert mode_of(showroom, visit) == ("Bo", "-", "SURVEY")
    assert await showroom.queue() == ["An", "Bo"]
    with pytest.raises(SurveyVisitorNotRegistered):
        await register(showroom, visit, 1, by="Bo")


async def test_an_exposed_survey_gives_the_turn_back(showroom: Showroom) -> None:
    await showroom.sign_in("An", "Bo", "Chu")
    visit = await showroom.arrives(1, survey="SUSPECTED")

    await showroom.do(expose_survey, ExposeSurvey(visit["id"]))

    assert await showroom.queue() == ["An", "Bo", "Chu"]
    assert (await showroom.visit(visit["id"]))["survey"] == "EXPOSED"


async def test_a_survey_that_is_not_admitted_gives_nothing_back(showroom: Showroom) -> None:
    await showroom.sign_in("An", "Bo")
    visit = await showroom.arrives(1, survey="SUSPECTED")

    await showroom.do(expose_survey, ExposeSurvey(visit["id"], admitted=False))

    assert await showroom.queue() == ["Bo", "An"]


async def test_naming_after_the_assignment_is_too_late(showroom: Showroom) -> None:
    await showroom.sign_in("An", "Bo")
    visit = await showroom.arrives(1)

    order = NameRepresentative(visit["id"], showroom.people["Bo"])
    with pytest.raises(NamedTooLate) as refused:
        await showroom.do(name_representative, order)

    assert refused.value.clause == "五(五)7"


async def test_a_rep_takes_no_second_new_customer_while_a_colleague_is_free(
    showroom: Showroom,
) -> None:
    await showroom.sign_in("An", "Bo")
    await showroom.arrives(1)

    with pytest.raises(TakingRefused) as refused:
        await showroom.do(take_visitor, TakeVisitor(showroom.site_id), by="An")
    assert refused.value.clause == "五(五)6"

    await showroom.arrives(2)
    taking = await showroom.do(take_visitor, TakeVisitor(showroom.site_id), by="An")
    assert taking.visit_id is None


async def test_a_manager_may_order_a_rep_to_take_a_visitor_who_waits(showroom: Showroom) -> None:
    await showroom.override(rotation__all_busy="WAIT")
    await showroom.sign_in("An", "Bo")
    _, _, waiting = [await showroom.arrives(tel) for tel in (1, 2, 3)]
    bo = showroom.people["Bo"]
    take = TakeVisitor(showroom.site_id, bo, waiting["id"], reason="貴賓")
    with pytest.raises(Forbidden):
        await showroom.do(take_visitor, take, by="Bo")

    await showroom.do(take_visitor, take, by="Mei")

    assert mode_of(showroom, await showroom.visit(waiting["id"])) == ("Bo", "Bo", "TURN")


async def test_a_manager_gives_a_visitor_to_another_rep_with_a_reason(showroom: Showroom) -> None:
    await showroom.sign_in("An", "Bo", "Chu")
    visit = await showroom.arrives(1)
    order = ReassignReception(visit["id"], showroom.people["Bo"], " ")
    with pytest.raises(ReasonMissing):
        await showroom.do(reassign_reception, order, by="Mei")

    await showroom.do(reassign_reception, replace(order, reason="客戶投訴"), by="Mei")

    assert mode_of(showroom, await showroom.visit(visit["id"])) == ("Bo", "Bo", "TURN")
    assert await showroom.queue() == ["An", "Chu", "Bo"]
    events = await showroom.tenant.rows(
        "SELECT reason FROM app.queue_event WHERE tenant_id = $1 AND change = 'OVERRIDE'"
    )
    assert {event["reason"] for event in events} == {"客戶投訴"}


async def test_a_deal_takes_its_visits_facts_along(showroom: Showroom) -> None:
    await showroom.sign_in("An")
    visit = await showroom.arrives(1)
    await register(showroom, visit, 1)

    deal_id = await showroom.do(record_deal, RecordDeal(visit["id"], "8-301", 1_000_000), by="An")

    (deal,) = await showroom.tenant.rows(
        "SELECT * FROM app.deal WHERE tenant_id = $1 AND id = $2", deal_id
    )
    assert showroom.name_of(deal["owner_id"]) == "An"
    assert (deal["unit_code"], deal["currency"]) == ("8-301", "CNY")


async def test_a_leave_after_midnight_is_day_0_and_one_noted_next_morning_is_not(
    showroom: Showroom, clock: ManualClock
) -> None:
    await showroom.sign_in("An")
    at(clock, "03-02 23:30")
    late, forgotten = await showroom.arrives(1), await showroom.arrives(2)
    await register(showroom, late, 1)
    await register(showroom, forgotten, 2)

    at(clock, "03-03 00:20")
    await showroom.do(close_visit, CloseVisit(late["id"]), by="An")
    at(clock, "03-03 09:30")
    await showroom.do(close_visit, CloseVisit(forgotten["id"]), by="An")

    rows = await showroom.tenant.rows(
        "SELECT protected_until FROM app.registration WHERE tenant_id = $1 ORDER BY entry_number"
    )
    ends = [row["protected_until"].isoformat() for row in rows]
    assert ends == ["2026-03-10T16:00:00+00:00", "2026-03-09T16:00:00+00:00"]


async def test_an_arrival_needs_four_statements_with_its_answer(showroom: Showroom) -> None:
    await showroom.sign_in("An", "Bo")
    await showroom.arrives(9)
    counted: list[int] = []

    async def answer(work: UnitOfWork, visit_id: object) -> object:
        found = await work.fetch_value(
            "SELECT number FROM app.visit WHERE tenant_id = $1 AND id = $2",
            work.tenant_id,
            visit_id,
        )
        counted.append(work.statement_count)
        return found

    caller = showroom.tenant.caller(showroom.people["Clerk"])
    for tel in (1, 9):
        order = RecordArrival(showroom.site_id, phones=(phone(tel),), customer_name="李強")
        await showroom.tenant.transactions.carry_out(
            caller, f"key-{tel}", order, record_arrival, answer
        )

    assert max(counted) <= 4


async def test_the_same_key_gives_the_same_visit_and_writes_nothing(showroom: Showroom) -> None:
    await showroom.sign_in("An", "Bo")
    order = RecordArrival(showroom.site_id, phones=(phone(1),))

    first = await showroom.do(record_arrival, order, key="the-same-key-twice")
    again = await showroom.do(record_arrival, order, key="the-same-key-twice")

    assert first == again
    assert await showroom.queue() == ["Bo", "An"]
    (count,) = await showroom.tenant.rows("SELECT count(*) FROM app.visit WHERE tenant_id = $1")
    assert count["count"] == 1


async def test_a_rep_may_not_record_arrivals_nor_sign_a_colleague_in(showroom: Showroom) -> None:
    with pytest.raises(Forbidden):
        await showroom.do(record_arrival, RecordArrival(showroom.site_id), by="An")
    order = SignIn(showroom.site_id, (showroom.people["Bo"],))
    with pytest.raises(Forbidden):
        await showroom.do(sign_in, order, by="An")


async def test_a_rep_may_not_reassign(showroom: Showroom) -> None:
    await showroom.sign_in("An", "Bo")
    visit = await showroom.arrives(1)

    order = ReassignReception(visit["id"], showroom.people["Bo"], "because")
    with pytest.raises(Forbidden):
        await showroom.do(reassign_reception, order, by="An")


async def test_another_tenants_ids_answer_like_missing_ones(
    showroom: Showroom, transactions: Transactions
) -> None:
    other = await a_showroom(transactions, ("Xu",))
    theirs = await other.arrives(1)

    for site_id in (other.site_id, uuid4()):
        with pytest.raises(NotFound) as refused:
            await showroom.do(record_arrival, RecordArrival(site_id))
        assert refused.value.field == ("input", "siteId")
    for visit_id in (theirs["id"], uuid4()):
        with pytest.raises(NotFound):
            await showroom.do(close_visit, CloseVisit(visit_id))
    for member_id, party_id in ((other.people["Xu"], theirs["party_id"]), (uuid4(), uuid4())):
        order = RecordArrival(
            showroom.site_id,
            phones=("12",),
            named_member_id=member_id,
            taken_by_id=member_id,
            party_id=party_id,
            referrer_party_id=party_id,
        )
        with pytest.raises(Refusals) as all_faults:
            await showroom.do(record_arrival, order)
        fields = [refusal.field[1] for refusal in all_faults.value.refusals]
        assert fields == ["phones", "namedMemberId", "takenById", "partyId", "referrerPartyId"]
        assert isinstance(all_faults.value.refusals[0], InvalidPhone)


async def test_who_is_signed_in_is_not_signed_in_again(showroom: Showroom) -> None:
    await showroom.sign_in("An")

    with pytest.raises(AlreadySignedIn, match="'member': 'An'"):
        await showroom.sign_in("An")
    with pytest.raises(NotOnShift):
        await showroom.do(sign_out, SignOut(showroom.site_id, showroom.people["Bo"]), by="Bo")
