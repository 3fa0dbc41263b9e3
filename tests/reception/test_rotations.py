"""The other rotations through the commands: shares, limits, shifts, an open floor, penalties."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date, time
from typing import Any
from uuid import UUID

import pytest
from builders.reception import REPS, Showroom, a_showroom, at
from builders.replayed import differs

from service.clock import ManualClock
from service.errors import Forbidden, InvalidInput
from service.organisation.tables import Assignment, Role
from service.reception.commands import (
    CancelShift,
    ChangeShift,
    LiftPenalty,
    PlanShift,
    RecordBreach,
    SignOut,
    TakeVisitor,
    cancel_shift,
    change_shift,
    lift_penalty,
    plan_shift,
    record_breach,
    sign_out,
    take_visitor,
)
from service.reception.errors import (
    NoPenalty,
    NoPenaltyRule,
    NotHisTurn,
    ReasonMissing,
    VisitAlreadyAssigned,
)
from service.reception.queries import next_in_turn
from service.rulebooks.commands.placing import NewVersion, put_in_force
from service.rulebooks.in_force import in_force
from service.work import Caller, Transactions, UnitOfWork


@pytest.fixture
async def showroom(transactions: Transactions, clock: ManualClock) -> Showroom:
    at(clock, "03-02 08:30")
    return await a_showroom(transactions)


async def day_of_visitors(showroom: Showroom, count: int) -> list[str]:
    """Let visitors come and go one after another, and return who received them."""
    receivers = []
    for number in range(count):
        visit = await showroom.arrives(1000 + number)
        receivers.append(showroom.name_of(visit["receiver_id"]))
        await showroom.leaves(visit)
    return receivers


async def rewrite(showroom: Showroom, change: Callable[[dict[str, Any]], None]) -> None:
    """Put another document in force, as a change to the present one makes it."""

    async def step(work: UnitOfWork) -> None:
        present = await work.fetch_only(
            "SELECT policy, document, overrides FROM app.rulebook_version"
            " WHERE tenant_id = $1 ORDER BY number DESC LIMIT 1",
            work.tenant_id,
        )
        document = present["document"]
        change(document)
        version = NewVersion(present["policy"], document, present["overrides"], work.now)
        await put_in_force(work, version)

    await showroom.tenant.transactions.internally(showroom.tenant_id, "amend", step)


async def amend_rotation(showroom: Showroom, term: str, value: str) -> None:
    """Write one term more into the rotation of the document in force."""
    await rewrite(showroom, lambda document: document["rotation"].update({term: value}))


async def promote(showroom: Showroom, name: str, role: str) -> None:
    """Give a rep a role more, which is his grade."""

    async def step(work: UnitOfWork) -> None:
        role_id = work.new_id()
        made = {"tenant_id": work.tenant_id, "created_at": work.now}
        work.add(Role(**made, id=role_id, code=role, names={"en": role}))
        work.add(
            Assignment(
                **made,
                id=work.new_id(),
                member_id=showroom.people[name],
                role_id=role_id,
                valid_from=work.now,
            )
        )

    await showroom.tenant.transactions.internally(showroom.tenant_id, "promote", step)


async def foreseen(showroom: Showroom) -> Any:
    """Return what the live queue says of the next visitor, from the same places."""
    people = showroom.tenant
    rows = await people.rows(
        "SELECT p.member_id::text, 'FREE' AS standing, 0 AS visitors,"
        " coalesce((q.turns->>p.member_id::text)::int, 0) AS turns,"
        " coalesce(q.terms->p.member_id::text, '{}') AS kept, m.staff_code, '2026-03-02T09:00'"
        " FROM app.rotation_queue q, unnest(q.member_ids) WITH ORDINALITY p (member_id, place)"
        " JOIN app.member m ON m.tenant_id = $1 AND m.id = p.member_id"
        " WHERE q.tenant_id = $1 ORDER BY p.place"
    )
    async with people.transactions.sight(Caller(people.id, None, "test")) as sight:
        known = await in_force(sight, sight.now)
    return next_in_turn(known.rulebook, [tuple(row.values()) for row in rows], None)


# -- weights ------------------------------------------------------------------------------------


async def test_a_senior_of_twice_the_weight_receives_twice_as_many(
    showroom: Showroom, clock: ManualClock
) -> None:
    await amend_rotation(showroom, "weight.senior", "2")
    await showroom.override(rotation__order="WEIGHTED")
    await promote(showroom, "An", "senior")
    at(clock, "03-02 08:40")
    await showroom.sign_in("An", "Bo", "Chu")

    receivers = await day_of_visitors(showroom, 8)

    assert [receivers.count(name) for name in ("An", "Bo", "Chu")] == [4, 2, 2]
    visit = await showroom.arrives(1)
    assert visit["rule"] == "RR-13w"


# -- capacity and shifts ------------------------------------------------------------------------


async def test_after_his_number_of_the_day_a_rep_is_passed_over_and_the_manager_has_the_rest(
    showroom: Showroom,
) -> None:
    await showroom.override(rotation__capacity_per_day=2)
    await showroom.sign_in("An", "Bo")

    receivers = await day_of_visitors(showroom, 5)

    assert receivers == ["An", "Bo", "An", "Bo", "Mei"]
    assert (await foreseen(showroom)).rule == "RR-15c"


async def test_of_many_visitors_at_once_nobody_receives_more_than_his_number(
    showroom: Showroom,
) -> None:
    await showroom.override(rotation__capacity_per_day=3)
    await showroom.sign_in(*REPS)

    visits = await asyncio.gather(*(showroom.arrives(number) for number in range(1, 25)))

    used = [showroom.name_of(visit["turn_member_id"]) for visit in visits]
    assert sorted(used.count(name) for name in REPS) == [3] * 5
    assert used.count("-") == 9


async def test_the_afternoons_rep_is_next_only_in_the_afternoon(
    showroom: Showroom, clock: ManualClock
) -> None:
    await showroom.override(rotation__by_shift=True)
    for name, starts, ends in (("An", time(13), time(21)), ("Bo", time(9), time(14))):
        order = PlanShift(showroom.site_id, showroom.people[name], date(2026, 3, 2), starts, ends)
        await showroom.do(plan_shift, order, by="Mei")
    await showroom.sign_in("An", "Bo")

    at(clock, "03-02 09:00")
    assert await day_of_visitors(showroom, 2) == ["Bo", "Bo"]
    assert (await foreseen(showroom)).receiver_id == showroom.people["Bo"]
    at(clock, "03-02 14:00")
    assert await day_of_visitors(showroom, 2) == ["An", "An"]


async def test_a_shift_planned_after_the_sign_in_counts_at_once(
    showroom: Showroom, clock: ManualClock
) -> None:
    await showroom.override(rotation__by_shift=True)
    await showroom.sign_in("An", "Bo")
    order = PlanShift(showroom.site_id, showroom.people["An"], date(2026, 3, 2), time(13), time(21))
    shift = await showroom.do(plan_shift, order, by="Mei")

    at(clock, "03-02 12:59")
    assert await day_of_visitors(showroom, 1) == ["Bo"]
    at(clock, "03-02 13:00")
    assert await day_of_visitors(showroom, 1) == ["An"]
    await showroom.do(change_shift, ChangeShift(shift, 1, starts_at=time(15)), by="Mei")
    assert await day_of_visitors(showroom, 2) == ["Bo", "Bo"]
    await showroom.do(cancel_shift, CancelShift(shift, 2), by="Mei")
    assert await day_of_visitors(showroom, 2) == ["An", "Bo"]


# -- open floor ---------------------------------------------------------------------------------


async def test_on_an_open_floor_a_visitor_is_the_first_takers(showroom: Showroom) -> None:
    await showroom.override(rotation__order="OPEN_FLOOR")
    await showroom.sign_in("An", "Bo")
    visit = await showroom.arrives(1)
    assert (visit["state"], visit["rule"]) == ("WAITING", "RR-14f")

    taken = await showroom.do(
        take_visitor, TakeVisitor(showroom.site_id, visit_id=visit["id"]), by="Bo"
    )

    visit = await showroom.visit(taken.visit_id)
    assert showroom.name_of(visit["receiver_id"]) == "Bo"
    assert (visit["mode"], visit["rule"], visit["state"]) == ("TURN", "RR-14t", "ASSIGNED")


async def test_of_two_who_take_at_once_one_has_the_visitor(showroom: Showroom) -> None:
    await showroom.override(rotation__order="OPEN_FLOOR")
    await showroom.sign_in(*REPS)
    visit = await showroom.arrives(1)
    order = TakeVisitor(showroom.site_id, visit_id=visit["id"])

    answers = await asyncio.gather(
        *(showroom.do(take_visitor, order, by=name) for name in REPS), return_exceptions=True
    )

    assert [type(one) for one in answers if isinstance(one, Exception)] == (
        [VisitAlreadyAssigned] * 4
    )


async def test_elsewhere_a_visitor_who_waits_is_not_the_first_takers(showroom: Showroom) -> None:
    await showroom.override(rotation__all_busy="WAIT", returning__busy_owner="WAIT")
    await showroom.sign_in("An")
    await showroom.arrives(1)
    waiting = await showroom.arrives(2)

    order = TakeVisitor(showroom.site_id, visit_id=waiting["id"])
    with pytest.raises(NotHisTurn):
        await showroom.do(take_visitor, order, by="An")


# -- penalties ----------------------------------------------------------------------------------


def breach_of(visit: dict[str, Any], member_id: UUID, breach: str, reason: str = "Seen") -> Any:
    return RecordBreach(visit["id"], member_id, breach, reason)


async def test_who_did_not_ask_is_passed_over_at_his_next_turn_and_only_then(
    showroom: Showroom,
) -> None:
    await showroom.override(rotation__ask_first_visit_penalty="SKIP_ONE_TURN")
    await showroom.sign_in("An", "Bo")
    visit = await showroom.arrives(1)
    order = breach_of(visit, showroom.people["An"], "FIRST_VISIT_NOT_ASKED")
    await showroom.do(record_breach, order, by="Mei")
    await showroom.leaves(visit)

    assert await day_of_visitors(showroom, 1) == ["Bo"]
    # An stood next, was passed over and went behind; from here it is as ever.
    visit = await showroom.arrives(2)
    assert showroom.name_of(visit["receiver_id"]) == "Bo"
    assert await showroom.queue() == ["An", "Bo"]
    await showroom.leaves(visit)
    assert await day_of_visitors(showroom, 2) == ["An", "Bo"]


async def test_a_turn_owed_outlasts_the_day_and_signing_out(
    showroom: Showroom, clock: ManualClock
) -> None:
    await showroom.override(rotation__ask_first_visit_penalty="SKIP_ONE_TURN")
    await showroom.sign_in("An", "Bo")
    visit = await showroom.arrives(1)
    order = breach_of(visit, showroom.people["An"], "FIRST_VISIT_NOT_ASKED")
    await showroom.do(record_breach, order, by="Mei")
    await showroom.do(sign_out, SignOut(showroom.site_id, showroom.people["An"]), by="An")
    at(clock, "03-04 08:30")
    await showroom.sign_in("An", "Bo")

    assert await day_of_visitors(showroom, 2) == ["Bo", "An"]


async def test_who_refuses_a_customer_is_out_of_the_rotation_for_a_week(
    showroom: Showroom, clock: ManualClock
) -> None:
    await showroom.override(rotation__refuse_penalty_days=7)
    await showroom.sign_in("An", "Bo")
    visit = await showroom.arrives(1)
    order = breach_of(visit, showroom.people["An"], "VISITOR_REFUSED")
    await showroom.do(record_breach, order, by="Mei")
    await showroom.leaves(visit)

    assert await day_of_visitors(showroom, 2) == ["Bo", "Bo"]
    assert (await foreseen(showroom)).receiver_id == showroom.people["Bo"]
    at(clock, "03-09 08:30")
    await showroom.sign_in("An", "Bo")
    assert await day_of_visitors(showroom, 1) == ["Bo"]
    at(clock, "03-10 08:30")
    await showroom.sign_in("An", "Bo")
    assert await day_of_visitors(showroom, 1) == ["An"]


async def test_by_the_shipped_rulebook_a_breach_is_noted_with_its_reason_and_costs_nothing(
    showroom: Showroom,
) -> None:
    await showroom.sign_in("An", "Bo")
    visit = await showroom.arrives(1)
    order = breach_of(visit, showroom.people["An"], "FIRST_VISIT_NOT_ASKED", " He did not ask. ")
    decision_id = await showroom.do(record_breach, order, by="Mei", key="a-breach-of-the-floor")
    again = await showroom.do(record_breach, order, by="Mei", key="a-breach-of-the-floor")

    (decision,) = await showroom.tenant.rows(
        "SELECT rule, clause, outcome FROM app.decision WHERE tenant_id = $1 AND id = $2",
        decision_id,
    )
    assert again == decision_id
    assert (decision["rule"], decision["outcome"]["reason"]) == ("PN-3", "He did not ask.")
    await showroom.leaves(visit)
    assert await day_of_visitors(showroom, 2) == ["Bo", "An"]


async def test_only_who_may_reassign_notes_a_breach_and_says_what_happened(
    showroom: Showroom,
) -> None:
    await showroom.sign_in("An")
    visit = await showroom.arrives(1)
    member_id = showroom.people["An"]

    with pytest.raises(Forbidden):
        await showroom.do(record_breach, breach_of(visit, member_id, "VISITOR_REFUSED"), by="An")
    order = breach_of(visit, member_id, "VISITOR_REFUSED", " ")
    with pytest.raises(ReasonMissing):
        await showroom.do(record_breach, order, by="Mei")
    with pytest.raises(InvalidInput):
        await showroom.do(record_breach, breach_of(visit, member_id, "LATE"), by="Mei")


async def test_a_manager_lifts_what_a_breach_cost_and_a_replay_knows_it(showroom: Showroom) -> None:
    await showroom.override(
        rotation__ask_first_visit_penalty="SKIP_ONE_TURN", rotation__refuse_penalty_days=7
    )
    await showroom.sign_in("An", "Bo")
    visit = await showroom.arrives(1)
    for breach in ("FIRST_VISIT_NOT_ASKED", "VISITOR_REFUSED"):
        order = breach_of(visit, showroom.people["An"], breach)
        await showroom.do(record_breach, order, by="Mei")
    await showroom.leaves(visit)
    assert await day_of_visitors(showroom, 1) == ["Bo"]

    lifted = LiftPenalty(showroom.site_id, showroom.people["An"], "He was told off enough.")
    with pytest.raises(Forbidden):
        await showroom.do(lift_penalty, lifted, by="An")
    with pytest.raises(ReasonMissing):
        await showroom.do(lift_penalty, replace(lifted, reason=" "), by="Mei")
    await showroom.do(lift_penalty, lifted, by="Mei")

    assert await day_of_visitors(showroom, 2) == ["An", "Bo"]
    with pytest.raises(NoPenalty):
        await showroom.do(lift_penalty, lifted, by="Mei")
    (audited,) = await showroom.tenant.rows(
        "SELECT details FROM app.audit_event WHERE tenant_id = $1 AND command = 'lift_penalty'"
    )
    assert audited["details"]["reason"] == "He was told off enough."
    assert (audited["details"]["turns"], audited["details"]["barred_until"]) == (1, "2026-03-10")
    assert await differs(showroom.tenant.transactions, showroom.tenant_id) == []


async def test_days_that_are_over_are_not_lifted_with_the_turn_that_is_owed(
    showroom: Showroom, clock: ManualClock
) -> None:
    await showroom.override(
        rotation__ask_first_visit_penalty="SKIP_ONE_TURN", rotation__refuse_penalty_days=7
    )
    await showroom.sign_in("An")
    visit = await showroom.arrives(1)
    for breach in ("FIRST_VISIT_NOT_ASKED", "VISITOR_REFUSED"):
        order = breach_of(visit, showroom.people["An"], breach)
        await showroom.do(record_breach, order, by="Mei")
    at(clock, "03-10 09:00")
    await showroom.sign_in("An")

    lifted = LiftPenalty(showroom.site_id, showroom.people["An"], "He was told off enough.")
    await showroom.do(lift_penalty, lifted, by="Mei")

    (told,) = await showroom.tenant.rows(
        "SELECT body FROM app.outbox WHERE tenant_id = $1 AND kind = 'PenaltyLifted'"
    )
    assert (told["body"]["turns"], told["body"]["barred"]) == (1, False)


async def test_a_rulebook_of_before_that_knows_no_penalties_says_so(showroom: Showroom) -> None:
    await showroom.sign_in("An")
    visit = await showroom.arrives(1)

    await rewrite(showroom, lambda document: document["decisions"].pop("penalty"))

    order = breach_of(visit, showroom.people["An"], "VISITOR_REFUSED")
    with pytest.raises(NoPenaltyRule):
        await showroom.do(record_breach, order, by="Mei")
    assert await showroom.receiver(2) == "An"
