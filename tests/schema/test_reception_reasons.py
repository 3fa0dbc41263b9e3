"""Who receives and why, as the people of a showroom read it."""

from typing import Any

from builders.api import Desk

NEXT = """
query Next($id: ID!) { site(id: $id) { receptionQueue {
  next { mode rule clause { clause } why member { name } } } } }
"""
DECISION = """
query Why($id: ID!) { visit(id: $id) { why decision { why version rule
  facts { name label value } passedOver { reason member { name } }
  consideredMembers { reason member { name } } } } }
"""


async def next_at(desk: Desk) -> Any:
    return (await desk.ask("Mei", NEXT, id=desk.site))["site"]["receptionQueue"]["next"]


async def test_next_is_what_a_walk_in_meets_when_everybody_is_busy(desk: Desk) -> None:
    await desk.showroom.sign_in("An")
    free = await next_at(desk)
    await desk.arrives()

    shown = await next_at(desk)
    met = await desk.arrives()

    assert (free["mode"], free["member"]) == ("TURN", {"name": "An"})
    assert (shown["mode"], shown["member"]) == ("DOUBLE", {"name": "An"})
    assert shown["why"]
    assert "{" not in shown["why"]
    assert (met["visit"]["mode"], met["visit"]["receiver"]) == ("DOUBLE", {"name": "An"})
    assert met["decision"]["rule"] == shown["rule"]


async def test_next_is_nobody_of_the_queue_while_it_is_empty(desk: Desk) -> None:
    shown = await next_at(desk)
    met = await desk.arrives()

    assert shown["mode"] == met["visit"]["mode"]
    assert shown["rule"] == met["decision"]["rule"]
    assert shown["member"] == met["visit"]["receiver"]


async def test_the_clerk_reads_why_and_not_what_others_are_credited_with(desk: Desk) -> None:
    await desk.showroom.sign_in("An")
    arrived = await desk.arrives(customer={"phone": "13800000001"})
    visit = arrived["visit"]["id"]
    entry = await desk.does(
        "An",
        "registerCustomer",
        "registration { decision { id } }",
        visitId=visit,
        fullName="王小明",
        phones=["13800000001"],
    )

    seen = (await desk.ask("Clerk", DECISION, id=visit))["visit"]
    hidden = await desk.ask(
        "Clerk",
        "query D($id: ID!) { decision(id: $id) { why } }",
        id=entry["registration"]["decision"]["id"],
    )

    assert arrived["decision"]["why"] == seen["why"]
    assert "An" in seen["why"]
    assert seen["decision"] is None
    assert hidden["decision"] is None


async def test_a_busy_owner_is_named_among_those_considered(desk: Desk) -> None:
    await desk.showroom.sign_in("An", "Bo")
    first = await desk.arrives(customer={"phone": "13800000001"})
    await desk.does(
        "An",
        "registerCustomer",
        "registration { id }",
        visitId=first["visit"]["id"],
        fullName="王小明",
        phones=["13800000001"],
    )

    again = await desk.arrives(customer={"phone": "13800000001"})
    decision = (await desk.ask("Mei", DECISION, id=again["visit"]["id"]))["visit"]["decision"]

    assert again["visit"]["receiver"] == {"name": "Bo"}
    assert {"reason": "BUSY", "member": {"name": "An"}} in decision["passedOver"]
    assert decision["passedOver"] == decision["consideredMembers"]
    assert decision["version"] == 1
    labels = {fact["name"]: fact["label"] for fact in decision["facts"]}
    assert labels["owner_state"] not in {"", "owner_state"}
    (kept,) = await desk.showroom.tenant.rows(
        "SELECT outcome->'sources' AS sources FROM app.decision"
        " WHERE tenant_id = $1 AND subject_id = $2::text::uuid",
        again["visit"]["id"].removeprefix("visit_"),
    )
    assert kept["sources"]["registration_id"]
    assert [one["standing"] for one in kept["sources"]["queue"]] == ["FREE", "BUSY"]


async def test_what_becomes_of_a_visit_is_told_beside_each_command(desk: Desk) -> None:
    found = await desk.ask("Mei", "{ __schema { mutationType { fields { name description } } } }")
    told = {one["name"]: one["description"] for one in found["__schema"]["mutationType"]["fields"]}

    for name in ("signIn", "goAway", "takeVisitor", "reassignReception", "closeVisit"):
        assert not told[name].startswith("Action ")
