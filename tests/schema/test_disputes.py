"""Disputes over HTTP: who may do what, what is seen by whom, what is owed (五(五)8)."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from builders.api import Desk

from service.clock import ManualClock
from service.work import UnitOfWork
from service.worker.registry import EVENTS
from service.worker.restoring import restored

WHOLE = 10_000
DISPUTE = """query D($id: ID!) { dispute(id: $id) {
  state final firstBasisPoints secondBasisPoints allowedActions
  firstMember { name } secondMember { name } opening { why rule } outcome { why }
  deal { id credit { final shares { holder member { name } basisPoints } } dispute { id } }
  steps { stepNumber kind member { name } firstBasisPoints words }
} disputes(filter: {endedAt: {isNull: true}}) { nodes { id } totalCount } }"""


def at(clock: ManualClock, text: str) -> None:
    clock.set(datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZoneInfo("Asia/Shanghai")))


async def a_dispute(desk: Desk) -> str:
    """An receives and sells on 2 March; Bo disputes the deal that noon."""
    await desk.showroom.sign_in("An", "Bo", "Chu")
    visit = (await desk.arrives(customer={"phone": "13800000001"}))["visit"]["id"]
    await desk.does("An", "registerCustomer", "registration { id }", visitId=visit, fullName="王芳")
    made = await desk.does("An", "recordDeal", "deal { id }", visitId=visit, unitCode="8-301")
    opened = await desk.does(
        "Bo",
        "openDispute",
        "dispute { id }",
        dealId=made["deal"]["id"],
        memberIds=[desk.member("Bo"), desk.member("An")],
        ground="I called him first",
    )
    dispute_id: str = opened["dispute"]["id"]
    return dispute_id


async def hear(desk: Desk) -> None:
    """Let the worker's reactions hear what has happened."""

    async def step(work: UnitOfWork) -> None:
        rows = await work.fetch(
            "SELECT kind, body FROM app.outbox WHERE tenant_id = $1 AND kind LIKE 'Dispute%'"
            " ORDER BY position",
            work.tenant_id,
        )
        for row in rows:
            heard = EVENTS[row["kind"]]
            for reaction in heard.reactions:
                await reaction(work, restored(heard.event, row["body"]))

    await desk.showroom.tenant.transactions.internally(desk.showroom.tenant_id, "hear", step)


async def tasks(desk: Desk, name: str) -> list[tuple[str, str]]:
    found = await desk.ask(
        name, "{ viewer { tasks(first: 9, filter: {}) { nodes { kind state message dueAt } } } }"
    )
    return [(task["kind"], task["state"]) for task in found["viewer"]["tasks"]["nodes"]]


async def actions(desk: Desk, name: str, dispute_id: str) -> list[str] | None:
    found = (await desk.ask(name, DISPUTE, id=dispute_id))["dispute"]
    return None if found is None else found["allowedActions"]


async def test_the_two_see_their_dispute_and_what_they_may_do_and_nobody_else(desk: Desk) -> None:
    dispute_id = await a_dispute(desk)

    found = (await desk.ask("An", DISPUTE, id=dispute_id))["dispute"]
    assert found["state"] == "PRIVATE"
    assert [found[side]["name"] for side in ("firstMember", "secondMember")] == ["Bo", "An"]
    managers = (await desk.ask("Mei", DISPUTE, id=dispute_id))["dispute"]
    assert managers["deal"]["credit"]["shares"] == [
        {"holder": "NOBODY", "member": None, "basisPoints": WHOLE}
    ]
    assert found["deal"]["dispute"] == {"id": dispute_id}
    assert found["steps"] == [
        {
            "stepNumber": 1,
            "kind": "OPENED",
            "member": {"name": "Bo"},
            "firstBasisPoints": None,
            "words": "I called him first",
        }
    ]
    for name in ("An", "Bo"):
        assert await actions(desk, name, dispute_id) == ["AGREE", "ESCALATE"]
    assert await actions(desk, "Mei", dispute_id) == []
    for name in ("Chu", "Clerk"):
        assert (await desk.ask(name, DISPUTE, id=dispute_id)) == {
            "dispute": None,
            "disputes": {"nodes": [], "totalCount": 0},
        }


async def test_who_has_asked_for_the_manager_is_offered_it_again_once_he_has_proposed(
    desk: Desk,
) -> None:
    dispute_id = await a_dispute(desk)

    await desk.does("An", "escalateDispute", "dispute { id }", disputeId=dispute_id)

    assert await actions(desk, "An", dispute_id) == ["AGREE"]
    assert await actions(desk, "Bo", dispute_id) == ["AGREE", "ESCALATE"]
    half = {"firstBasisPoints": WHOLE // 2, "secondBasisPoints": WHOLE // 2}
    await desk.does("An", "agreeOnDispute", "dispute { id }", disputeId=dispute_id, **half)
    assert await actions(desk, "An", dispute_id) == ["AGREE", "ESCALATE"]
    for name in ("An", "Bo"):
        await desk.does(name, "escalateDispute", "dispute { id }", disputeId=dispute_id)
    found = (await desk.ask("Bo", DISPUTE, id=dispute_id))["dispute"]
    assert (found["state"], found["allowedActions"]) == ("MANAGER", [])


async def test_settled_by_both_it_is_final_and_says_why(desk: Desk) -> None:
    dispute_id = await a_dispute(desk)

    for name in ("An", "Bo"):
        payload = await desk.does(
            name,
            "agreeOnDispute",
            "dispute { state final outcome { rule } }",
            disputeId=dispute_id,
            firstBasisPoints=4_000,
            secondBasisPoints=6_000,
        )

    assert payload["dispute"] == {"state": "SETTLED", "final": True, "outcome": {"rule": "PP-4"}}
    found = await desk.ask("Mei", DISPUTE, id=dispute_id)
    assert "Bo" in found["dispute"]["outcome"]["why"]
    assert found["dispute"]["deal"]["credit"]["final"] is True
    assert found["disputes"] == {"nodes": [], "totalCount": 0}


async def test_the_manager_decides_when_the_day_is_over_and_the_reps_do_not(
    desk: Desk, clock: ManualClock
) -> None:
    dispute_id = await a_dispute(desk)
    verdict: dict[str, Any] = {
        "disputeId": dispute_id,
        "secondBasisPoints": WHOLE,
        "reason": "He registered him",
    }
    early = await desk.api.tries(desk.token("Mei"), "decideDispute", "dispute { id }", **verdict)
    assert [one["code"] for one in early["errors"]] == ["DISPUTE_STILL_PRIVATE"]
    at(clock, "03-03 00:00")
    assert await actions(desk, "Mei", dispute_id) == ["DECIDE"]
    assert await actions(desk, "An", dispute_id) == []
    for name in ("An", "Bo", "Chu", "Clerk"):
        tried = await desk.api.tries(desk.token(name), "decideDispute", "dispute { id }", **verdict)
        assert [one["code"] for one in tried["errors"]] == ["FORBIDDEN"]

    decided = await desk.does("Mei", "decideDispute", "dispute { state final reason }", **verdict)

    assert decided["dispute"] == {"state": "DECIDED", "final": True, "reason": "He registered him"}


async def test_a_manager_who_is_a_side_decides_nothing_and_his_superior_does(
    desk: Desk, clock: ManualClock
) -> None:
    await desk.showroom.sign_in("An", "Bo")
    visit = (await desk.arrives(customer={"phone": "13800000001"}))["visit"]["id"]
    made = await desk.does("An", "recordDeal", "deal { id }", visitId=visit)
    opened = await desk.does(
        "Mei",
        "openDispute",
        "dispute { id }",
        dealId=made["deal"]["id"],
        memberIds=[desk.member("An"), desk.member("Mei")],
        ground="Mine",
    )
    verdict = {
        "disputeId": opened["dispute"]["id"],
        "firstBasisPoints": WHOLE,
        "reason": "An received him",
    }
    at(clock, "03-03 09:00")

    own = await desk.api.tries(desk.token("Mei"), "decideDispute", "dispute { id }", **verdict)
    assert [one["code"] for one in own["errors"]] == ["FORBIDDEN"]
    assert "本人" in own["errors"][0]["message"]
    await desk.does("Lin", "decideDispute", "dispute { id }", **verdict)


async def test_a_settlement_and_then_a_verdict_is_owed_until_it_is_given(desk: Desk) -> None:
    dispute_id = await a_dispute(desk)
    await hear(desk)
    assert await tasks(desk, "An") == [("settle_dispute", "OPEN")]
    assert await tasks(desk, "Mei") == []

    for name in ("An", "Bo"):
        await desk.does(name, "escalateDispute", "dispute { state }", disputeId=dispute_id)
    await hear(desk)
    assert await tasks(desk, "An") == [("settle_dispute", "CANCELLED")]
    assert await tasks(desk, "Mei") == [("decide_dispute", "OPEN")]

    await desk.does(
        "Mei",
        "decideDispute",
        "dispute { id }",
        disputeId=dispute_id,
        firstBasisPoints=WHOLE,
        reason="The call is on record",
    )
    await hear(desk)
    assert await tasks(desk, "Mei") == [("decide_dispute", "DONE")]


async def test_missing_and_foreign_disputes_answer_alike(desk: Desk) -> None:
    dispute_id = await a_dispute(desk)
    missing = "dispute_00000000-0000-7000-8000-000000000000"

    answers = [
        await desk.api.tries(desk.token("Chu"), "escalateDispute", "dispute { id }", disputeId=one)
        for one in (missing, "dispute_none", "deal_" + dispute_id.removeprefix("dispute_"))
    ]

    assert {answer["errors"][0]["code"] for answer in answers} == {"NOT_FOUND"}


CUSTOMERS = """query C($id: ID!) { dispute(id: $id) {
  subject deal { id } party { id } state opening { why rule } outcome { why rule }
} registrations { nodes { id member { name } allowedActions } } }"""


async def test_a_customer_is_disputed_before_he_signs_and_whose_he_is_says_why(
    desk: Desk, clock: ManualClock
) -> None:
    await desk.showroom.sign_in("An", "Bo", "Chu")
    visit = (await desk.arrives(customer={"phone": "13800000001"}))["visit"]["id"]
    await desk.does("An", "registerCustomer", "registration { id }", visitId=visit, fullName="王芳")
    party = await desk.ask("An", "query V($id: ID!) { visit(id: $id) { party { id } } }", id=visit)
    party_id = party["visit"]["party"]["id"]
    order = {
        "partyId": party_id,
        "siteId": desk.site,
        "memberIds": [desk.member("Bo"), desk.member("An")],
        "ground": "I called him first",
    }
    nobody = {**order, "memberIds": [desk.member("Bo"), desk.member("Chu")]}
    for wrong, code in (
        (nobody, "NOT_THEIR_CUSTOMER"),
        ({**order, "partyId": "party_00000000-0000-7000-8000-000000000000"}, "NOT_FOUND"),
        ({**order, "partyId": None}, "INVALID_INPUT"),
    ):
        tried = await desk.api.tries(desk.token("Bo"), "openDispute", "dispute { id }", **wrong)
        assert [one["code"] for one in tried["errors"]] == [code]

    opened = await desk.does("Bo", "openDispute", "dispute { id }", **order)

    dispute_id = opened["dispute"]["id"]
    found = await desk.ask("An", CUSTOMERS, id=dispute_id)
    assert found["dispute"] | {"opening": None} == {
        "subject": "CUSTOMER",
        "deal": None,
        "party": {"id": party_id},
        "state": "PRIVATE",
        "opening": None,
        "outcome": None,
    }
    assert found["dispute"]["opening"]["rule"] == "DI-4"
    (entry,) = found["registrations"]["nodes"]
    assert "OPEN_DISPUTE" not in entry["allowedActions"]
    await hear(desk)
    assert await tasks(desk, "An") == [("settle_dispute", "OPEN")]
    at(clock, "03-03 09:00")
    await desk.does(
        "Mei",
        "decideDispute",
        "dispute { id }",
        disputeId=dispute_id,
        firstBasisPoints=WHOLE,
        reason="The call is on record",
    )
    await hear(desk)

    mine = await desk.ask("Bo", CUSTOMERS, id=dispute_id)
    assert (mine["dispute"]["state"], mine["dispute"]["outcome"]["rule"]) == ("DECIDED", "VD-6")
    assert [one["member"]["name"] for one in mine["registrations"]["nodes"]] == ["Bo"]
    assert "OPEN_DISPUTE" in mine["registrations"]["nodes"][0]["allowedActions"]
