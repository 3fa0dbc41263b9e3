"""Who goes, over HTTP: a director clicks through who gets what before it happens, and after."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from builders.api import Api, Desk
from builders.targets import Planner

from service.clock import ManualClock
from service.ownership.commands import departure_due
from service.ownership.commands.switching import publish_rulebook
from service.reception.commands import SignOut, sign_out
from service.rulebooks.commands import PublishRulebook

PREVIEW = """query P($id: ID!) { departure(id: $id) {
  state goes went successor { name }
  liveRegistrationCount pendingClaimCount openDisputeCount openTaskCount openVisitCount
  claimableDealCount targetCount
  registrations(first: 9) { totalCount nodes {
    goes taker { name } registration { member { name } party { fullName } } } }
  deals(first: 9) { totalCount nodes { unitCode owner { name } } }
  claims(first: 9) { totalCount nodes { claimant { name } result } }
  disputes(first: 9) { totalCount nodes { state firstMember { name } secondMember { name } } }
  visits(first: 9) { totalCount nodes { number receiver { name } } }
  tasks(first: 9) { totalCount nodes { goes taker { name } task { kind } } }
  poolEntries(first: 9) { totalCount nodes { former { name } } }
  targets(first: 9) { totalCount nodes { figure member { name } } }
} }"""

TOUCHED = """query T($id: ID!) { departure(id: $id) {
  touchedRegistrations(first: 9) { totalCount nodes {
    number state member { name } receptionDay goes taker { name } registration { id } } }
  touchedTasks(first: 9) { totalCount nodes { kind dueAt goes task { id } } }
  touchedDeals(first: 9) { totalCount nodes { unitCode owner { name } deal { id } } }
  touchedClaims(first: 9) { totalCount nodes { claimant { name } filedAt claim { id } } }
  touchedDisputes(first: 9) { totalCount nodes { openedAt toManager dispute { id } } }
  touchedVisits(first: 9) { totalCount nodes { number receiver { name } visit { id } } }
  touchedTargets(first: 9) { totalCount nodes { firstDay lastDay target { id } } }
} }"""


def at(clock: ManualClock, text: str) -> None:
    clock.set(datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZoneInfo("Asia/Shanghai")))


async def customers(desk: Desk, *tels: int) -> list[str]:
    """An receives and registers customers, who leave; the visits."""
    visits = []
    for tel in tels:
        visit = (await desk.arrives(customer={"phone": f"1380000{tel:04}"}))["visit"]["id"]
        await desk.does(
            "An", "registerCustomer", "registration { id }", visitId=visit, fullName=f"王{tel}"
        )
        await desk.does("Clerk", "closeVisit", "visit { id }", visitId=visit)
        visits.append(visit)
    return visits


async def falls_due(desk: Desk, departure_id: str) -> None:
    row_id = UUID(departure_id.removeprefix("departure_"))
    await desk.showroom.tenant.transactions.internally(
        desk.showroom.tenant_id, "due", lambda work: departure_due(work, row_id)
    )


async def plan(desk: Desk, **said: Any) -> str:
    order = {"kind": "LEAVING", "firstDay": "2026-03-04", "reason": "Moves abroad"}
    order |= {"memberId": desk.member("An"), **said}
    admin = desk.api.token(desk.showroom.tenant_id, desk.showroom.tenant.admin_id)
    payload = await desk.api.does(admin, "planDeparture", "departure { id }", **order)
    departure_id: str = payload["departure"]["id"]
    return departure_id


async def a_busy_rep(desk: Desk, clock: ManualClock) -> None:
    """An has three customers and a task, has sold to a fourth, and a fifth is with him now."""
    at(clock, "03-02 09:00")
    await desk.showroom.sign_in("An")
    await customers(desk, 1, 2, 3)
    (sold,) = await customers(desk, 4)
    await desk.does("An", "recordDeal", "deal { id }", visitId=sold, unitCode="3-1201")
    await desk.showroom.sign_in("Bo", "Chu")
    await desk.arrives(customer={"phone": "13800000005"})
    await desk.does(
        "Mei", "assignTask", "task { id }", memberId=desk.member("An"), title="Tidy the model"
    )


async def a_customer_of_bo(desk: Desk) -> None:
    """Bo, whose turn it is, receives and registers somebody, who leaves."""
    visit = (await desk.arrives(customer={"phone": "13800000006"}))["visit"]["id"]
    await desk.does("Bo", "registerCustomer", "registration { id }", visitId=visit, fullName="王")
    await desk.does("Clerk", "closeVisit", "visit { id }", visitId=visit)


async def seen_alike(desk: Desk, departure_id: str) -> Any:
    """What the director is shown, in one statement and without the planner alike."""
    planned = (await desk.ask("Lin", PREVIEW, id=departure_id))["departure"]
    assert desk.api.last is not None
    assert desk.api.last.plan == "sql"
    step_by_step = Desk(Api(desk.api.transactions, planning=False), desk.showroom)
    assert (await step_by_step.ask("Lin", PREVIEW, id=departure_id))["departure"] == planned
    return planned


@pytest.mark.parametrize(
    ("wish", "held", "takers"),
    [
        ({"registrations": "POOL"}, 0, [None, None, None]),
        ({}, 0, [None, None, None]),
        ({"registrations": "ROTATION"}, 0, ["Bo", "Chu", "Bo"]),
        ({"registrations": "ROTATION"}, 1, ["Chu", "Bo", "Chu"]),
        ({"registrations": "SUCCESSOR", "successorId": "Chu"}, 0, ["Chu"] * 3),
    ],
    ids=[
        "to the pool",
        "as the rulebook says",
        "by rotation",
        "by rotation, where Bo has one already",
        "to a successor",
    ],
)
async def test_a_director_sees_beforehand_who_gets_whom_and_afterwards_it_was_so(
    desk: Desk, clock: ManualClock, wish: dict[str, str], held: int, takers: list[str | None]
) -> None:
    await a_busy_rep(desk, clock)
    goes = wish.get("registrations", "POOL")
    for _ in range(held):
        await a_customer_of_bo(desk)
    if "successorId" in wish:
        wish = {**wish, "successorId": desk.member(wish["successorId"])}
    departure_id = await plan(desk, **wish)

    before = await seen_alike(desk, departure_id)

    def told(found: dict[str, Any]) -> list[tuple[str, str | None]]:
        taken = [(one["goes"], one["taker"]) for one in found["registrations"]["nodes"]]
        return [(word, taker and taker["name"]) for word, taker in taken]

    assert (before["state"], before["goes"], before["went"]) == ("PLANNED", goes, None)
    assert told(before) == [(goes, taker) for taker in takers]
    assert before["registrations"]["totalCount"] == before["liveRegistrationCount"] == 3
    assert [one["unitCode"] for one in before["deals"]["nodes"]] == ["3-1201"]
    assert before["visits"]["totalCount"] == before["openVisitCount"] == 1
    assert before["poolEntries"]["totalCount"] == 0
    to_successor = "successorId" in wish
    (task,) = before["tasks"]["nodes"]
    assert task["goes"] == ("SUCCESSOR" if to_successor else "CANCELLED")
    assert task["taker"] == ({"name": "Chu"} if to_successor else None)

    at(clock, "03-04 00:00")
    await falls_due(desk, departure_id)
    after = await seen_alike(desk, departure_id)

    assert (after["state"], after["went"]) == ("DONE", goes)
    assert told(after) == told(before)
    assert after["poolEntries"]["totalCount"] == takers.count(None)


async def test_a_new_rulebook_is_foreseen_and_nobody_else_looks_on(
    desk: Desk, clock: ManualClock
) -> None:
    await a_busy_rep(desk, clock)
    departure_id = await plan(desk)
    first = (await desk.ask("Lin", PREVIEW, id=departure_id))["departure"]

    dealt_out = PublishRulebook(overrides={"member.offboarding": "BY_ROTATION"})
    await desk.showroom.tenant.transactions.internally(
        desk.showroom.tenant_id, "publish", lambda work: publish_rulebook(work, dealt_out)
    )

    then = (await desk.ask("Lin", PREVIEW, id=departure_id))["departure"]
    assert (first["goes"], then["goes"]) == ("POOL", "ROTATION")
    for name in ("Bo", "Clerk"):
        assert (await desk.ask(name, PREVIEW, id=departure_id))["departure"] is None


async def test_what_he_claims_and_disputes_is_listed_with_whom_it_concerns(
    desk: Desk, clock: ManualClock
) -> None:
    at(clock, "03-02 09:00")
    # What he shares with who received for him he may claim.
    await desk.showroom.override(obligatory__credit_split=50)
    await desk.showroom.sign_in("An")
    await customers(desk, 1)
    await desk.showroom.do(
        sign_out, SignOut(desk.showroom.site_id, desk.showroom.people["An"]), by="Clerk"
    )
    at(clock, "03-03 09:00")
    await desk.showroom.sign_in("Bo")
    visit = (await desk.arrives(customer={"phone": "13800000001"}))["visit"]["id"]
    made = await desk.does("Bo", "recordDeal", "deal { id }", visitId=visit, unitCode="3-1201")
    deal_id = made["deal"]["id"]
    await desk.does("An", "fileClaim", "claim { result }", dealId=deal_id)
    sides = [desk.member("An"), desk.member("Bo")]
    await desk.does(
        "An", "openDispute", "dispute { id }", dealId=deal_id, memberIds=sides, ground="Mine"
    )
    departure_id = await plan(desk)

    found = (await desk.ask("Lin", PREVIEW, id=departure_id))["departure"]

    assert found["claims"]["nodes"] == [{"claimant": {"name": "An"}, "result": "ADMITTED"}]
    (dispute,) = found["disputes"]["nodes"]
    assert (dispute["state"], dispute["secondMember"]["name"]) == ("PRIVATE", "Bo")
    assert (found["pendingClaimCount"], found["openDisputeCount"]) == (1, 1)


async def test_who_plans_it_is_told_how_much_of_each_kind_is_out_of_his_sight(
    desk: Desk, clock: ManualClock
) -> None:
    """An administrator plans it and sees no customers: he is told how many, and not whose."""
    await a_busy_rep(desk, clock)
    departure_id = await plan(desk)
    admin = desk.api.token(desk.showroom.tenant_id, desk.showroom.tenant.admin_id)

    director = await seen_alike(desk, departure_id)
    found = (await desk.api.ask(admin, PREVIEW, id=departure_id))["departure"]

    kinds = {
        "registrations": "liveRegistrationCount",
        "deals": "claimableDealCount",
        "claims": "pendingClaimCount",
        "disputes": "openDisputeCount",
        "visits": "openVisitCount",
        "tasks": "openTaskCount",
        "targets": "targetCount",
    }
    counts = {count: found[count] for count in kinds.values()}
    assert (counts["liveRegistrationCount"], counts["claimableDealCount"]) == (3, 1)
    assert counts == {count: director[count] for count in kinds.values()}
    assert {found[kind]["totalCount"] for kind in ("registrations", "deals", "visits")} == {0}
    assert all(director[kind]["totalCount"] == director[count] for kind, count in kinds.items())


async def test_who_plans_it_sees_each_record_it_touches_though_not_whose_customer_it_is(
    desk: Desk, clock: ManualClock
) -> None:
    await a_busy_rep(desk, clock)
    departure_id = await plan(desk)
    admin = desk.api.token(desk.showroom.tenant_id, desk.showroom.tenant.admin_id)

    counts = (await desk.ask("Lin", PREVIEW, id=departure_id))["departure"]
    found = (await desk.api.ask(admin, TOUCHED, id=departure_id))["departure"]
    assert desk.api.last is not None
    assert desk.api.last.plan == "sql"
    step_by_step = Api(desk.api.transactions, planning=False)
    admin = step_by_step.token(desk.showroom.tenant_id, desk.showroom.tenant.admin_id)
    assert (await step_by_step.ask(admin, TOUCHED, id=departure_id))["departure"] == found

    totals = {kind: found[kind]["totalCount"] for kind in found}
    assert totals == {
        "touchedRegistrations": counts["liveRegistrationCount"],
        "touchedTasks": counts["openTaskCount"],
        "touchedDeals": counts["claimableDealCount"],
        "touchedClaims": counts["pendingClaimCount"],
        "touchedDisputes": counts["openDisputeCount"],
        "touchedVisits": counts["openVisitCount"],
        "touchedTargets": counts["targetCount"],
    }
    for entry in found["touchedRegistrations"]["nodes"]:
        assert (entry["state"], entry["member"]) == ("LIVE", {"name": "An"})
        assert (entry["goes"], entry["registration"]) == ("POOL", None)
    (deal,) = found["touchedDeals"]["nodes"]
    assert deal == {"unitCode": "3-1201", "owner": {"name": "An"}, "deal": None}
    (visit,) = found["touchedVisits"]["nodes"]
    assert (visit["receiver"], visit["visit"]) == ({"name": "An"}, None)
    read = await desk.showroom.tenant.rows(
        "SELECT actor_id, subject_id FROM app.audit_event"
        " WHERE tenant_id = $1 AND command = 'read_registrations' AND actor_id = $2",
        desk.showroom.tenant.admin_id,
    )
    assert desk.showroom.people["An"] in {row["subject_id"] for row in read}
    for name in ("Bo", "Clerk"):
        assert (await desk.ask(name, TOUCHED, id=departure_id))["departure"] is None


async def test_his_published_targets_of_days_to_come_are_among_what_he_leaves(
    desk: Desk, clock: ManualClock
) -> None:
    at(clock, "03-02 09:00")
    planner = Planner(desk)
    await planner.with_metric()
    await planner.with_plan()
    spans = {"gone by": ("2026-01-01", "2026-02-28"), "to come": ("2026-03-01", "2026-12-31")}
    await planner.add(
        {"key": "root", "amount": "10", "seat": "root"},
        *(
            {
                "key": f"{name} {key}",
                "parentKey": "root",
                "memberId": desk.member(name),
                "firstDay": first,
                "lastDay": last,
            }
            for key, (first, last) in spans.items()
            for name in ("An", "Bo")
        ),
    )
    await planner.weighed("root", {"An to come": "7", "An gone by": "3"})
    departure_id = await plan(desk)

    assert (await seen_alike(desk, departure_id))["targets"]["nodes"] == []
    await planner.publish()
    found = await seen_alike(desk, departure_id)

    assert found["targets"]["nodes"] == [{"figure": "7", "member": {"name": "An"}}]
    assert found["targetCount"] == 1


async def test_a_director_sees_that_a_successor_who_leaves_that_day_takes_nothing(
    desk: Desk, clock: ManualClock
) -> None:
    await a_busy_rep(desk, clock)
    chu = desk.member("Chu")
    departure_id = await plan(desk, registrations="SUCCESSOR", successorId=chu)
    other = await plan(desk, memberId=chu)

    before = await seen_alike(desk, departure_id)
    at(clock, "03-04 00:00")
    await falls_due(desk, departure_id)
    await falls_due(desk, other)
    after = await seen_alike(desk, departure_id)

    assert (before["goes"], after["goes"], after["went"]) == ("POOL", "POOL", "POOL")
    for found in (before, after):
        told = [(one["goes"], one["taker"]) for one in found["registrations"]["nodes"]]
        assert told == [("POOL", None)] * 3
    assert [one["goes"] for one in before["tasks"]["nodes"]] == ["CANCELLED"]
    assert after["poolEntries"]["totalCount"] == 3
