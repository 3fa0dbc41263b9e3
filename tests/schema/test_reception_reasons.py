"""Who receives and why, as the people of a showroom read it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from builders.api import Desk

from service.clock import ManualClock
from service.rulebooks import in_force
from service.rulebooks.commands.placing import NewVersion, put_in_force
from service.work import UnitOfWork

NEXT = """
query Next($id: ID!) { site(id: $id) { receptionQueue {
  next { mode rule clause { clause } why member { name } } } } }
"""
DECISION = """
query Why($id: ID!) { visit(id: $id) { why decision { why version rule
  facts { name label value valueLabel } passedOver { reason member { name } }
  consideredMembers { reason member { name } } } } }
"""
NUMBERED = """
query Version($id: ID!) { visit(id: $id) { decision {
  clause { clause } rulebookVersion { number standing } } } }
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

    listed = await desk.ask("Clerk", "{ decisions(first: 9) { nodes { kind } } }")
    elsewhere = await desk.ask("Bo", DECISION, id=visit)

    assert arrived["decision"]["why"] == seen["why"]
    assert "An" in seen["why"]
    same = ("why", "rule", "consideredMembers")
    assert [seen["decision"][one] for one in same] == [arrived["decision"][one] for one in same]
    assert seen["decision"]["facts"]
    assert {one["kind"] for one in listed["decisions"]["nodes"]} == {"RECEPTION"}
    assert elsewhere["visit"] is None
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
    values = {fact["value"]: fact["valueLabel"] for fact in decision["facts"]}
    assert (values["WALK_IN"], values["false"]) == ("自行上门", "否")
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


async def test_two_years_later_a_decision_is_told_in_the_words_of_the_version_that_decided(
    desk: Desk, clock: ManualClock
) -> None:
    await desk.showroom.sign_in("An")
    await desk.arrives()
    await desk.showroom.sign_in("Bo")
    arrived = await desk.arrives(customer={"phone": "13800000001"})
    visit = arrived["visit"]["id"]
    told = (await desk.ask("Mei", DECISION, id=visit))["visit"]["decision"]

    def otherwise(document: Any) -> Any:
        decisions = dict(document["decisions"])
        decisions["reception"] = {**decisions["reception"], "rules": [], "otherwise": {
            **decisions["reception"]["otherwise"], "id": "RR-99",
            "says": {"en": "Anybody.", "zh-Hant": "任何人。", "zh-Hans": "任何人。"},
        }}  # fmt: skip
        return {**document, "decisions": decisions}

    async def supersede(work: UnitOfWork) -> UUID:
        known = await work.fetch_only(
            "SELECT document FROM app.rulebook_version WHERE tenant_id = $1", work.tenant_id
        )
        new = NewVersion("showroom", otherwise(known["document"]), {}, work.now)
        return await put_in_force(work, new)

    clock.advance(timedelta(days=730))
    tenant_id = desk.showroom.tenant_id
    await desk.api.transactions.internally(tenant_id, "supersede", supersede)
    in_force._compiled.clear()

    again = (await desk.ask("Mei", DECISION, id=visit))["visit"]["decision"]
    version = await desk.ask("Mei", NUMBERED, id=visit)

    assert again == told
    assert told["passedOver"]
    assert {one["name"] for one in told["facts"]} >= {"registration", "arrival"}
    assert version["visit"]["decision"]["clause"] == {"clause": "五(二)"}
    assert version["visit"]["decision"]["rulebookVersion"] == {
        "number": 1, "standing": "SUPERSEDED",
    }  # fmt: skip
