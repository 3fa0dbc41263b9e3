"""Who reads why he lost a deal: everybody it was decided between, and nobody else."""

from datetime import timedelta
from typing import Any

import pytest
from builders.api import Desk
from builders.reception import Showroom
from builders.tenants import a_tenant

from service.clock import ManualClock
from service.work import Transactions

WHY = """query W($id: ID!, $kinds: [DecisionKind!]) {
  decision(id: $id) { why rule clause { clause } version facts { name label value }
                      rulebookVersion { number } passedOver { reason member { name } } }
  decisions(filter: {kind: {in: $kinds}}) { nodes { id } }
}"""
FILE = "mutation F($i: FileClaimInput!) { fileClaim(input: $i) { errors { code field } } }"
BETWEEN_MEMBERS = ["CLAIM", "CREDIT", "DISPUTE"]
EVERYBODY = ("An", "Bo", "Chu", "Mei", "Clerk")


async def sold(desk: Desk, phone: str) -> str:
    """Whoever is next receives a customer, registers him and sells; return the deal's id."""
    visit = (await desk.arrives(customer={"phone": phone}))["visit"]
    rep = visit["receiver"]["name"]
    await desk.does(
        rep, "registerCustomer", "registration { id }", visitId=visit["id"], fullName="王芳"
    )
    made = await desk.does(rep, "recordDeal", "deal { id }", visitId=visit["id"])
    deal_id: str = made["deal"]["id"]
    return deal_id


async def credit_of(desk: Desk, name: str, deal_id: str) -> str:
    found = await desk.ask(
        name, "query C($id: ID!) { deal(id: $id) { credit { decision { id } } } }", id=deal_id
    )
    decision_id: str = found["deal"]["credit"]["decision"]["id"]
    return decision_id


async def readers(desk: Desk, decision_id: str) -> list[str]:
    """Return who reads the decision by its id, after looking that each finds it in the list too."""
    found = {}
    for name in EVERYBODY:
        answer = await desk.ask(name, WHY, id=decision_id, kinds=BETWEEN_MEMBERS)
        listed = decision_id in [one["id"] for one in answer["decisions"]["nodes"]]
        assert listed == (answer["decision"] is not None), name
        found[name] = answer["decision"]
    everything = [one for one in found.values() if one is not None]
    assert everything
    for one in everything:
        assert one == everything[0]
        assert one["why"]
        assert one["clause"]["clause"]
        assert one["version"] == one["rulebookVersion"]["number"] == 1
        assert one["facts"]
    return [name for name, one in found.items() if one is not None]


async def disputed(desk: Desk) -> tuple[str, str, str]:
    """An sells and Bo disputes it; return the ids of deal, dispute and its opening."""
    await desk.showroom.sign_in("An", "Bo", "Chu")
    deal_id = await sold(desk, "13800000001")
    opened = await desk.does(
        "Bo",
        "openDispute",
        "dispute { id opening { id } }",
        dealId=deal_id,
        memberIds=[desk.member("Bo"), desk.member("An")],
        ground="I called him first",
    )
    return deal_id, opened["dispute"]["id"], opened["dispute"]["opening"]["id"]


async def test_both_sides_of_a_dispute_read_why_it_was_opened_and_how_it_ended(desk: Desk) -> None:
    deal_id, dispute_id, opening_id = await disputed(desk)
    assert await readers(desk, opening_id) == ["An", "Bo", "Mei"]
    assert await readers(desk, await credit_of(desk, "An", deal_id)) == ["An", "Bo", "Mei"]

    for name in ("An", "Bo"):
        await desk.does(name, "escalateDispute", "dispute { state }", disputeId=dispute_id)
    verdict = await desk.does(
        "Mei",
        "decideDispute",
        "dispute { outcome { id } }",
        disputeId=dispute_id,
        firstBasisPoints=10_000,
        reason="The call is on record",
    )

    assert await readers(desk, verdict["dispute"]["outcome"]["id"]) == ["An", "Bo", "Mei"]
    lost = await credit_of(desk, "An", deal_id)
    assert await readers(desk, lost) == ["An", "Bo", "Mei"]
    passed_over = (await desk.ask("An", WHY, id=lost))["decision"]["passedOver"]
    assert {"reason": "NOT_AWARDED", "member": {"name": "An"}} in passed_over


async def claimed(desk: Desk, by: str, deal_id: str, **said: Any) -> dict[str, Any]:
    filed = await desk.does(
        by, "fileClaim", "claim { result reason decision { id } }", dealId=deal_id, **said
    )
    claim: dict[str, Any] = filed["claim"]
    return claim


async def test_a_claim_is_read_by_its_claimant_and_by_whose_credit_it_was(desk: Desk) -> None:
    await desk.showroom.sign_in("An", "Bo", "Chu")
    deal_id = await sold(desk, "13800000001")

    claim = await claimed(desk, "Bo", deal_id)

    assert claim["result"] == "REJECTED"
    assert await readers(desk, claim["decision"]["id"]) == ["An", "Bo", "Mei"]
    assert await readers(desk, await credit_of(desk, "An", deal_id)) == ["An", "Bo", "Mei"]


async def test_whose_credit_went_to_a_colleague_reads_why(desk: Desk, clock: ManualClock) -> None:
    await desk.showroom.sign_in("An", "Bo", "Chu")
    visit = (await desk.arrives(customer={"phone": "13800000001"}))["visit"]
    assert visit["receiver"]["name"] == "An"
    await desk.does(
        "An", "registerCustomer", "registration { id }", visitId=visit["id"], fullName="王芳"
    )
    clock.advance(timedelta(hours=1))
    deal_id = await sold(desk, "13800000002")
    before = await credit_of(desk, "Bo", deal_id)
    assert await readers(desk, before) == ["Bo", "Mei"]

    registered = await desk.ask("An", "{ registrations { nodes { id } } }")
    said = {
        "registrationId": registered["registrations"]["nodes"][0]["id"],
        "statedSameCustomer": True,
    }
    alone = {"dealId": deal_id, "idempotencyKey": "an-states-it-alone", **said}
    refused = (await desk.ask("An", FILE, i=alone))["fileClaim"]["errors"]
    assert [(one["code"], one["field"]) for one in refused] == [
        ("SAME_CUSTOMER_NEEDS_VOUCHER", ["input", "statedSameCustomer"])
    ]
    claim = await claimed(desk, "Mei", deal_id, claimantId=desk.member("An"), **said)

    assert (claim["result"], claim["reason"]) == ("ADMITTED", None)
    lost = await credit_of(desk, "Bo", deal_id)
    assert lost != before
    assert await readers(desk, lost) == ["An", "Bo", "Mei"]
    assert await readers(desk, claim["decision"]["id"]) == ["An", "Bo", "Mei"]


@pytest.mark.parametrize("title", ["director", "sales-manager"])
async def test_another_tenants_people_read_nothing_of_it(
    desk: Desk, transactions: Transactions, title: str
) -> None:
    deal_id, _dispute_id, opening_id = await disputed(desk)
    other = await a_tenant(transactions)
    elsewhere = Desk(
        desk.api, Showroom(other, other.site_id, {"Kai": await other.member("Kai", title)})
    )

    for one in (opening_id, await credit_of(desk, "An", deal_id), opening_id[:-12] + "0" * 12):
        found = await elsewhere.ask("Kai", WHY, id=one, kinds=BETWEEN_MEMBERS)
        assert found == {"decision": None, "decisions": {"nodes": []}}
