"""A visitor who was registered turns out to be a competitor's survey, over HTTP (五(五)2)."""

import asyncio
from typing import Any

import pytest
from builders.api import Desk, a_key
from builders.reception import at
from builders.tenants import a_tenant

from service.clock import ManualClock
from service.policies import policies_folder
from service.rulebooks.commands import PublishRulebook, publish_rulebook
from service.work import Transactions, UnitOfWork

NUMBER = "13800000001"
ENTRIES = """{ registrations { nodes {
  id state member { name } decision { rule } voidDecision { rule clause { clause } why } } } }"""
CREDIT = """query D($id: ID!) { deal(id: $id) {
  credit { final shares { basisPoints member { name } } decision { rule } }
  claims { state claimant { name } decision { rule } } } }"""
KEEPING = (policies_folder() / "rulebooks" / "showroom.yaml").read_text(encoding="utf-8")
# A company whose rulebook registers surveys as everybody.
REGISTERING = KEEPING.replace("REFUSED_SURVEY", "VALID")


@pytest.fixture(autouse=True)
def in_the_morning(clock: ManualClock) -> None:
    at(clock, "03-02 09:00")


async def comes(desk: Desk, number: str = NUMBER) -> str:
    visit: str = (await desk.arrives(customer={"phone": number}))["visit"]["id"]
    return visit


async def registered(desk: Desk, visit: str, by: str = "An") -> str:
    made = await desk.does(
        by, "registerCustomer", "registration { id }", visitId=visit, fullName="王芳"
    )
    return str(made["registration"]["id"])


async def exposed(desk: Desk, visit: str, *, admitted: bool = True) -> Any:
    return await desk.does(
        "Clerk", "exposeSurvey", "visit { survey }", visitId=visit, admitted=admitted
    )


async def entries(desk: Desk) -> dict[str, Any]:
    found = await desk.ask("Mei", ENTRIES)
    return {entry["id"]: entry for entry in found["registrations"]["nodes"]}


async def surveys_are_registered(desk: Desk) -> None:
    """Let the rulebook register surveys from now on."""

    async def publish(work: UnitOfWork) -> None:
        await publish_rulebook(work, PublishRulebook(REGISTERING, {}, work.now))

    transactions = desk.showroom.tenant.transactions
    await transactions.internally(desk.showroom.tenant_id, "publish", publish)


async def sold_and_claimed(desk: Desk) -> tuple[str, str]:
    """An receives and registers him, Bo receives him too and sells; An's claim is admitted."""
    await desk.showroom.sign_in("An", "Bo")
    visit, closing = await comes(desk), await comes(desk)
    await registered(desk, visit)
    made = await desk.does("Bo", "recordDeal", "deal { id }", visitId=closing)
    deal_id = str(made["deal"]["id"])
    claim = await desk.does("An", "fileClaim", "claim { result }", dealId=deal_id)
    assert claim["claim"] == {"result": "ADMITTED"}
    return visit, deal_id


async def test_who_was_exposed_before_he_was_entered_is_not_registered(desk: Desk) -> None:
    await desk.showroom.sign_in("An", "Bo")
    visit = await comes(desk)

    await exposed(desk, visit)

    token, selection = desk.token("An"), "registration { id }"
    told = await desk.api.tries(
        token, "registerCustomer", selection, visitId=visit, fullName="王芳"
    )
    assert [one["code"] for one in told["errors"]] == ["SURVEY_VISITOR_NOT_REGISTERED"]
    assert await entries(desk) == {}


async def test_who_was_entered_before_he_was_exposed_loses_his_entry(desk: Desk) -> None:
    await desk.showroom.sign_in("An", "Bo")
    visit = await comes(desk)
    entry_id = await registered(desk, visit)
    other = await registered(desk, await comes(desk, "13800000002"), by="Bo")

    await exposed(desk, visit)

    found = await entries(desk)
    assert (found[entry_id]["state"], found[other]["state"]) == ("VOID", "LIVE")
    assert found[entry_id]["decision"] == {"rule": "RG-6"}
    assert found[entry_id]["voidDecision"] == {
        "rule": "RG-1",
        "clause": {"clause": "五(五)2"},
        "why": "采盘来访者不登记为客户。",
    }
    assert found[other]["voidDecision"] is None
    told = (await desk.ask("An", ENTRIES))["registrations"]["nodes"]
    assert [one["voidDecision"]["rule"] for one in told] == ["RG-1"]
    queue = await desk.showroom.queue()
    assert queue == ["An", "Bo"]


async def test_a_void_entry_is_neither_corrected_nor_made_anew(desk: Desk) -> None:
    await desk.showroom.sign_in("An", "Bo")
    visit = await comes(desk)
    entry_id = await registered(desk, visit)
    await exposed(desk, visit)

    token, selection = desk.token("An"), "registration { id }"
    again = await desk.api.tries(
        token, "registerCustomer", selection, visitId=visit, fullName="王芳"
    )
    corrected = await desk.api.tries(
        token, "correctRegistration", selection, registrationId=entry_id, remark="写错"
    )

    codes = [one["code"] for told in (again, corrected) for one in told["errors"]]
    assert codes == ["SURVEY_VISITOR_NOT_REGISTERED", "REGISTER_IS_VOID"]


async def test_who_admits_nothing_stays_registered_until_he_does(desk: Desk) -> None:
    await desk.showroom.sign_in("An", "Bo")
    visit = await comes(desk)
    entry_id = await registered(desk, visit)

    await exposed(desk, visit, admitted=False)
    assert (await entries(desk))[entry_id]["state"] == "LIVE"
    await exposed(desk, visit)

    assert (await entries(desk))[entry_id]["state"] == "VOID"


async def test_the_pool_says_of_whom_it_offers_that_he_is_a_survey(desk: Desk) -> None:
    """Both who came to the company himself and whose entry it has of somebody who went."""
    ask = "{ poolEntries { nodes { survey former { name } visit { id } } } }"
    alone, other = await comes(desk, "13800000007"), await comes(desk, "13800000008")
    await desk.showroom.sign_in("An")
    spy = await comes(desk)
    await registered(desk, spy)
    admin = desk.api.token(desk.showroom.tenant_id, desk.showroom.tenant.admin_id)
    await desk.api.does(
        admin, "planDeparture", "departure { id }", memberId=desk.member("An"), kind="LEAVING",
        firstDay="2026-03-02", reason="Goes", registrations="POOL",
    )  # fmt: skip
    for visit in (alone, spy):
        await exposed(desk, visit)

    pool = (await desk.ask("Mei", ask))["poolEntries"]["nodes"]

    own, fresh = {"former": None, "visit": {"id": alone}}, {"former": None, "visit": {"id": other}}
    assert sorted(pool, key=str) == sorted(
        [
            {"survey": "EXPOSED", **own},
            {"survey": "NONE", **fresh},
            {"survey": "EXPOSED", "former": {"name": "An"}, "visit": None},
        ],
        key=str,
    )


async def test_where_the_rulebook_registers_surveys_the_entry_stays(
    desk: Desk, clock: ManualClock
) -> None:
    await surveys_are_registered(desk)
    at(clock, "03-02 09:05")
    await desk.showroom.sign_in("An", "Bo")
    visit = await comes(desk)
    entry_id = await registered(desk, visit)

    await exposed(desk, visit)

    assert (await entries(desk))[entry_id]["state"] == "LIVE"


async def test_the_version_it_was_decided_by_decides_again(desk: Desk, clock: ManualClock) -> None:
    """What registers surveys only since is asked only of entries made since."""
    await desk.showroom.sign_in("An", "Bo")
    visit = await comes(desk)
    entry_id = await registered(desk, visit)
    await surveys_are_registered(desk)
    at(clock, "03-02 09:05")

    await exposed(desk, visit)

    assert (await entries(desk))[entry_id]["state"] == "VOID"


async def test_a_claim_that_rests_on_it_falls_while_the_deal_is_open(
    desk: Desk, clock: ManualClock
) -> None:
    visit, deal_id = await sold_and_claimed(desk)
    at(clock, "03-05 23:59")

    await exposed(desk, visit)

    deal = (await desk.ask("Mei", CREDIT, id=deal_id))["deal"]
    assert deal["claims"] == [
        {"state": "REJECTED", "claimant": {"name": "An"}, "decision": {"rule": "CL-3"}}
    ]
    assert [one["member"]["name"] for one in deal["credit"]["shares"]] == ["Bo"]
    why = await desk.showroom.tenant.rows(
        "SELECT reason FROM app.claim WHERE tenant_id = $1 AND result = 'REJECTED'"
    )
    assert [row["reason"] for row in why] == ["REGISTER_VOID"]


async def test_a_deal_that_is_final_stays_as_it_was_counted(desk: Desk, clock: ManualClock) -> None:
    visit, deal_id = await sold_and_claimed(desk)
    at(clock, "03-06 00:00")

    await exposed(desk, visit)

    deal = (await desk.ask("Mei", CREDIT, id=deal_id))["deal"]
    assert [one["member"]["name"] for one in deal["credit"]["shares"]] == ["An"]
    assert deal["credit"]["final"] is True


async def test_a_deal_of_the_very_visit_stays_with_who_closed_it(desk: Desk) -> None:
    await desk.showroom.sign_in("An", "Bo")
    visit = await comes(desk)
    entry_id = await registered(desk, visit)
    made = await desk.does("An", "recordDeal", "deal { id }", visitId=visit)

    await exposed(desk, visit)

    assert (await entries(desk))[entry_id]["state"] == "VOID"
    deal = (await desk.ask("Mei", CREDIT, id=made["deal"]["id"]))["deal"]
    assert [one["member"]["name"] for one in deal["credit"]["shares"]] == ["An"]


async def test_the_same_key_again_changes_nothing_more(desk: Desk) -> None:
    await desk.showroom.sign_in("An", "Bo")
    visit = await comes(desk)
    await registered(desk, visit)
    key = a_key()
    first = await desk.does(
        "Clerk", "exposeSurvey", "visit { id }", visitId=visit, admitted=True, idempotencyKey=key
    )
    before = await entries(desk)

    again = await desk.does(
        "Clerk", "exposeSurvey", "visit { id }", visitId=visit, admitted=True, idempotencyKey=key
    )

    assert (first["replayed"], again["replayed"]) == (False, True)
    assert await entries(desk) == before
    made = await desk.showroom.tenant.rows(
        "SELECT id FROM app.decision WHERE tenant_id = $1 AND rule = 'RG-1'"
    )
    assert len(made) == 1


async def test_exposed_and_entered_at_once_no_live_entry_is_left(desk: Desk) -> None:
    await desk.showroom.sign_in("An", "Bo")
    token = desk.token("An")
    for number in range(6):
        visit = await comes(desk, f"1380000001{number}")
        await asyncio.gather(
            exposed(desk, visit),
            desk.api.tries(
                token, "registerCustomer", "registration { id }", visitId=visit, fullName="王芳"
            ),
        )
    assert {one["state"] for one in (await entries(desk)).values()} <= {"VOID"}


async def test_exposed_and_claimed_at_once_no_claim_is_left(desk: Desk) -> None:
    visit, deal_id = await sold_and_claimed(desk)
    token, chu = desk.token("An"), desk.token("Chu")
    await asyncio.gather(
        exposed(desk, visit),
        desk.api.tries(token, "fileClaim", "claim { id }", dealId=deal_id),
        desk.api.tries(chu, "fileClaim", "claim { id }", dealId=deal_id),
    )
    deal = (await desk.ask("Mei", CREDIT, id=deal_id))["deal"]
    assert {one["state"] for one in deal["claims"]} == {"REJECTED"}
    assert [one["member"]["name"] for one in deal["credit"]["shares"]] == ["Bo"]


async def test_two_desks_at_once_expose_him_once(desk: Desk) -> None:
    await desk.showroom.sign_in("An", "Bo")
    visit = await comes(desk)
    await registered(desk, visit)

    told = await asyncio.gather(
        *(
            desk.api.tries(
                desk.token("Clerk"), "exposeSurvey", "visit { id }", visitId=visit, admitted=True
            )
            for _ in range(2)
        )
    )

    assert sorted(len(one["errors"]) for one in told) == [0, 1]
    assert [one["code"] for each in told for one in each["errors"]] == ["ALREADY_EXPOSED"]


async def test_another_company_exposes_nobody_here(desk: Desk, transactions: Transactions) -> None:
    await desk.showroom.sign_in("An", "Bo")
    visit = await comes(desk)
    entry_id = await registered(desk, visit)
    other = await a_tenant(transactions)
    stranger = desk.api.token(other.id, await other.member("Mei", "sales-manager"))

    told = await desk.api.tries(
        stranger, "exposeSurvey", "visit { id }", visitId=visit, admitted=True
    )
    own = await desk.api.tries(
        desk.token("An"),
        "exposeSurvey",
        "visit { id }",
        visitId=f"visit_{other.site_id}",
        admitted=True,
    )

    assert told["errors"] == own["errors"]
    assert [one["code"] for one in told["errors"]] == ["NOT_FOUND"]
    assert (await entries(desk))[entry_id]["state"] == "LIVE"
