"""Customers entered by hand, over HTTP."""

from datetime import timedelta

from builders.api import Desk, a_key

from service.clock import ManualClock
from service.customers.commands.probing import MOST_IN_AN_HOUR


async def test_a_customer_may_be_known_by_a_telephone_alone(desk: Desk) -> None:
    made = await desk.does("Mei", "createParty", "party { fullName }", phones=["13800138000"])

    assert made["party"] == {"fullName": None}


MAKE = (
    "mutation M($i: CreatePartyInput!) { createParty(input: $i) { party { id } errors { code } } }"
)
REGISTER = (
    "mutation R($i: RegisterCustomerInput!)"
    " { registerCustomer(input: $i) { registration { id } errors { code } } }"
)
ADD = "mutation A($i: AddPhoneInput!) { addPhone(input: $i) { errors { code } } }"


async def test_whose_number_is_taken_is_told_so_often_and_each_time_kept(
    desk: Desk, clock: ManualClock
) -> None:
    taken, free = "13800138000", "13800138001"
    await desk.does("Mei", "createParty", "party { id }", phones=[taken])
    own = (await desk.does("An", "createParty", "party { id }", fullName="Li"))["party"]["id"]
    await desk.showroom.sign_in("An")
    visit = (await desk.arrives(customer={"phone": "13800138009"}))["visit"]["id"]

    async def makes(*phones: str) -> list[str]:
        sent = {"idempotencyKey": a_key(), "phones": list(phones)}
        made = (await desk.ask("An", MAKE, i=sent))["createParty"]
        return [error["code"] for error in made["errors"]]

    async def adds(phone: str) -> list[str]:
        sent = {"idempotencyKey": a_key(), "partyId": own, "phone": phone}
        return [one["code"] for one in (await desk.ask("An", ADD, i=sent))["addPhone"]["errors"]]

    async def registers(phone: str) -> list[str]:
        sent = {"idempotencyKey": a_key(), "visitId": visit, "phones": [phone]}
        registered = (await desk.ask("An", REGISTER, i=sent))["registerCustomer"]
        return [error["code"] for error in registered["errors"]]

    for ask in (makes, adds, registers, adds) * (MOST_IN_AN_HOUR // 4):
        assert await ask(taken) == ["PHONE_OF_ANOTHER_CUSTOMER"]
    for ask in (makes, adds, registers):
        assert await ask(taken) == await ask(free) == ["TOO_MANY_TAKEN_NUMBERS"]
    assert await makes() == []
    # What he was told before, that the visitor gave it himself, he may go on with.
    assert await registers("13800138009") == []

    kept = await desk.showroom.tenant.rows(
        "SELECT actor_id, subject_type, details->>'asked_by' AS asked_by FROM app.audit_event"
        " WHERE tenant_id = $1 AND command = 'note_taken_number'"
    )
    assert len(kept) == MOST_IN_AN_HOUR
    an = desk.showroom.people["An"]
    assert {(one["actor_id"], one["subject_type"]) for one in kept} == {(an, "party")}
    assert {one["asked_by"] for one in kept} == {
        *("create_party", "add_phone", "register_customer"),
    }
    clock.advance(timedelta(hours=1))
    assert await adds(free) == []


async def test_a_removed_number_is_masked_as_the_others(desk: Desk) -> None:
    asked = "{ fullName contactPoints { id } removedPhones { phone maskedPhone reason } }"
    made = await desk.does(
        "An", "createParty", f"party {asked}", fullName="王芳", phones=["13800138000"]
    )
    sent = {"contactPointId": made["party"]["contactPoints"][0]["id"], "reason": "錯號"}

    removed = await desk.does("An", "removePhone", f"party {asked} errors {{ code }}", **sent)

    assert removed["party"] == {
        "fullName": "王芳",
        "contactPoints": [],
        "removedPhones": [
            {"phone": "+8613800138000", "maskedPhone": "+86 138****8000", "reason": "錯號"}
        ],
    }
    # The director sees customers, and their numbers masked.
    seen = await desk.ask("Lin", f"query {{ parties {{ nodes {asked} }} }}")
    assert [one["removedPhones"][0]["phone"] for one in seen["parties"]["nodes"]] == [None]
