"""A showroom's day over HTTP: sign in, arrive, register, follow up, sign, claim, read."""

from datetime import timedelta

import pytest
from builders.api import ARRIVE, Desk, a_key

from service.clock import ManualClock, new_id


async def test_reps_sign_in_and_the_queue_says_who_is_next_and_why(desk: Desk) -> None:
    for name in ("An", "Bo", "Chu"):
        await desk.does(
            name, "signIn", "site { id }", siteId=desk.site, memberIds=[desk.member(name)]
        )
    await desk.does(
        "An",
        "goAway",
        "site { id }",
        siteId=desk.site,
        memberId=desk.member("An"),
        reason="BUSINESS",
    )

    found = await desk.ask(
        "Mei",
        "query Queue($id: ID!) { site(id: $id) { receptionQueue { day"
        " places { position standing visitorCount member { name } }"
        " next { order member { name } passedOver { reason member { name } } } } } }",
        id=desk.site,
    )

    queue = found["site"]["receptionQueue"]
    assert queue["day"] == "2026-03-02"
    assert [(one["member"]["name"], one["standing"]) for one in queue["places"]] == [
        ("An", "AWAY_BUSINESS"),
        ("Bo", "FREE"),
        ("Chu", "FREE"),
    ]
    assert queue["next"]["member"] == {"name": "Bo"}
    assert queue["next"]["passedOver"] == [{"reason": "AWAY_BUSINESS", "member": {"name": "An"}}]


async def test_an_arrival_is_decided_and_says_why_in_the_callers_language(desk: Desk) -> None:
    await desk.showroom.sign_in("An", "Bo")

    payload = await desk.arrives("Mei", customer={"phone": "13800000001"})

    assert payload["errors"] == []
    assert payload["replayed"] is False
    assert payload["visit"]["state"] == "ASSIGNED"
    assert payload["visit"]["receiver"] == {"name": "An"}
    assert payload["decision"]["receiver"] == {"name": "An"}
    assert payload["decision"]["why"]
    assert "{" not in payload["decision"]["why"]
    assert payload["visit"]["maskedPhones"] == ["+86 138****0001"]


async def test_a_repeated_key_is_answered_and_not_carried_out_again(desk: Desk) -> None:
    await desk.showroom.sign_in("An", "Bo")
    key = a_key()

    first = await desk.arrives(idempotencyKey=key, customer={"phone": "13800000001"})
    again = await desk.arrives(idempotencyKey=key, customer={"phone": "13800000001"})
    other = await desk.arrives(idempotencyKey=key, customer={"phone": "13800000002"})

    assert again["replayed"] is True
    assert again["visit"] == first["visit"]
    assert other["visit"] is None
    assert [error["code"] for error in other["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]


async def test_an_arrival_costs_at_most_four_statements(desk: Desk) -> None:
    await desk.showroom.sign_in("An", "Bo")
    sent = {"idempotencyKey": a_key(), "siteId": desk.site}
    document = (
        "mutation A($input: RecordArrivalInput!) { recordArrival(input: $input)"
        " { visit { id number mode rule } errors { code } } }"
    )
    await desk.ask("Clerk", document, input=sent)

    await desk.ask("Clerk", document, input=sent | {"idempotencyKey": a_key()})

    assert desk.api.statements <= 4


@pytest.mark.parametrize("no_key", ["short", " " * 20])
async def test_a_refusal_names_code_field_and_words_of_the_language(
    desk: Desk, no_key: str
) -> None:
    sent = {"idempotencyKey": a_key(), "siteId": "site_nonsense"}
    short = {"idempotencyKey": no_key, "siteId": desk.site}

    missing = await desk.ask("Clerk", ARRIVE, input=sent)
    key = await desk.ask("Clerk", ARRIVE, input=short)

    (error,) = missing["recordArrival"]["errors"]
    assert (error["code"], error["category"]) == ("NOT_FOUND", "NOT_FOUND")
    assert error["field"] == ["input", "siteId"]
    (error,) = key["recordArrival"]["errors"]
    assert (error["code"], error["field"]) == (
        "INVALID_IDEMPOTENCY_KEY",
        ["input", "idempotencyKey"],
    )


async def test_from_the_register_to_the_final_credit(desk: Desk, clock: ManualClock) -> None:
    await desk.showroom.sign_in("An", "Bo")
    arrived = await desk.arrives(customer={"phone": "13800000001"})
    visit = arrived["visit"]["id"]
    entry = await desk.does(
        "An",
        "registerCustomer",
        "registration { id state party { fullName } entryNumber }",
        visitId=visit,
        fullName="王先生",
        phones=["13800000001"],
    )
    registration = entry["registration"]
    assert registration["state"] == "LIVE"
    clock.advance(timedelta(hours=1))
    contact = await desk.does(
        "An",
        "recordFollowUp",
        "followUp { id renewed registration { state } }",
        registrationId=registration["id"],
        channel="PHONE",
        content="約好週六再來",
    )
    deal = await desk.does(
        "An",
        "recordDeal",
        "deal { id unitCode amount { amountMinor currency exponent } }",
        visitId=visit,
        unitCode="3-1201",
        amount={"amountMinor": "123456700", "currency": "CNY"},
    )

    assert contact["followUp"]["registration"]["state"] == "LIVE"
    assert deal["deal"]["amount"] == {
        "amountMinor": "123456700",
        "currency": "CNY",
        "exponent": 2,
    }
    ask = (
        "query Deal($id: ID!) { deal(id: $id) { credit { final clause"
        " shares { basisPoints holder member { name } } } claims { id } } }"
    )
    before = (await desk.ask("Mei", ask, id=deal["deal"]["id"]))["deal"]["credit"]
    clock.advance(timedelta(days=9))
    after = (await desk.ask("Mei", ask, id=deal["deal"]["id"]))["deal"]["credit"]
    assert before["final"] is False
    assert after["final"] is True
    assert after["shares"][0]["basisPoints"] == 10000


async def test_a_visit_id_in_use_is_named_in_the_refusal(desk: Desk, clock: ManualClock) -> None:
    await desk.showroom.sign_in("An", "Bo")
    made = f"visit_{new_id(clock.now())}"
    first = await desk.arrives(id=made)

    again = await desk.arrives(id=made)

    assert first["visit"]["id"] == made
    (error,) = again["errors"]
    assert (error["code"], error["field"]) == ("ALREADY_TAKEN", ["input", "id"])
    assert made in error["message"]


async def test_the_manager_reads_the_reason_of_a_reassignment_beside_its_decision(
    desk: Desk,
) -> None:
    await desk.showroom.sign_in("An", "Bo")
    visit = (await desk.arrives())["visit"]["id"]
    await desk.does(
        "Mei",
        "reassignReception",
        "visit { id }",
        visitId=visit,
        memberId=desk.member("Bo"),
        reason="客户投诉",
    )

    found = await desk.ask(
        "Mei",
        "query V($id: ID!) { visit(id: $id) { mode decision {"
        " statedReason why mode receiver { name } owner { name } } } }",
        id=visit,
    )

    decision = found["visit"]["decision"]
    assert decision["statedReason"] == "客户投诉"
    assert decision["mode"] == found["visit"]["mode"] == "TURN"
    assert decision["receiver"] == decision["owner"] == {"name": "Bo"}


async def test_a_key_used_for_something_else_is_refused_in_the_callers_language(
    desk: Desk,
) -> None:
    await desk.showroom.sign_in("An", "Bo")
    key = a_key()
    await desk.arrives(idempotencyKey=key)

    other = await desk.arrives(idempotencyKey=key, unitCode="3-1201")

    (error,) = other["errors"]
    assert error["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert not error["message"].isascii(), "the company's language is Chinese"
