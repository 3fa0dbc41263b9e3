"""/auth over HTTP: passwords, companies, refreshing, leaving."""

import asyncio
from datetime import timedelta

import asyncpg
import httpx
import pytest
from builders.identity import PASSWORD_HASH, Door, a_company, a_person, set_tenant_state

from service.clock import ManualClock, new_id
from service.identity.accounts import Accounts
from service.identity.sessions import LEEWAY

Pool = asyncpg.Pool


def outcome(answer: httpx.Response) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("error")


FAILED = (401, "SIGN_IN_FAILED")
REUSED = (401, "REFRESH_TOKEN_REUSED")
MOMENT = timedelta(milliseconds=1)


async def test_name_and_password_open_the_one_company_of_a_person(
    door: Door, identity_pool: Pool, clock: ManualClock
) -> None:
    company = await a_company(identity_pool)
    person = await a_person(identity_pool, clock, company)

    answer = await door.knock(f" {person.name.upper()} ")

    body = answer.json()
    assert answer.status_code == 200
    assert body["tenant"] == {"code": company.code, "name": company.name}
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 600)
    claims = await door.authentication.claims(body["access_token"])
    assert claims is not None
    assert (claims.user_id, claims.tenant_id) == (person.id, company.id)
    assert claims.member_id == person.member_ids[company.id]
    assert not claims.operator


async def test_a_wrong_password_and_an_unknown_name_are_answered_alike(
    door: Door, identity_pool: Pool, clock: ManualClock
) -> None:
    company = await a_company(identity_pool)
    known = await a_person(identity_pool, clock, company)
    by_provider_only = await a_person(identity_pool, clock, company, password_hash=None)
    of_no_company = await a_person(identity_pool, clock)

    answers = [
        await door.knock(known.name, "荷花"),
        await door.knock(f"nobody-{new_id()}", "荷花"),
        await door.knock(by_provider_only.name, "荷花"),
        await door.knock(of_no_company.name),
        await door.knock(known.name, tenant="another-company"),
    ]

    assert {outcome(answer) for answer in answers} == {FAILED}
    assert len({answer.content for answer in answers}) == 1
    assert len({str(sorted(answer.headers.items())) for answer in answers}) == 1
    assert answers[0].headers["WWW-Authenticate"] == "Bearer"


async def test_nothing_under_auth_is_stored_by_anybody(
    door: Door, identity_pool: Pool, clock: ManualClock
) -> None:
    person = await a_person(identity_pool, clock, await a_company(identity_pool))
    good = await door.knock(person.name)
    token = good.json()["refresh_token"]

    answers = [
        good,
        await door.knock(person.name, "荷花"),
        await door.post("/auth/token", {}),
        await door.leave(token),
    ]

    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}


async def test_a_person_in_two_companies_chooses_one(
    door: Door, identity_pool: Pool, clock: ManualClock
) -> None:
    companies = [await a_company(identity_pool) for _ in range(2)]
    person = await a_person(identity_pool, clock, *companies)

    asked = await door.knock(person.name)
    assert outcome(asked) == (409, "TENANT_TO_CHOOSE")
    shown = [tenant["code"] for tenant in asked.json()["tenants"]]
    assert shown == sorted(company.code for company in companies)

    chosen = await door.knock(person.name, tenant=companies[1].code)
    claims = await door.authentication.claims(chosen.json()["access_token"])
    assert claims is not None
    assert claims.tenant_id == companies[1].id


async def test_the_choices_are_shown_to_nobody_without_the_password(
    door: Door, identity_pool: Pool, clock: ManualClock
) -> None:
    person = await a_person(
        identity_pool, clock, *[await a_company(identity_pool) for _ in range(2)]
    )

    answer = await door.knock(person.name, "荷花")

    assert outcome(answer) == FAILED
    assert "tenants" not in answer.json()


async def test_a_session_moves_to_the_persons_other_company_and_an_old_copy_still_ends_it(
    door: Door, identity_pool: Pool, clock: ManualClock
) -> None:
    companies = [await a_company(identity_pool) for _ in range(2)]
    person = await a_person(identity_pool, clock, *companies)
    first = (await door.knock(person.name, tenant=companies[0].code)).json()

    moved = await door.refresh(first["refresh_token"], tenant=companies[1].code)
    assert moved.json()["tenant"]["code"] == companies[1].code
    stayed = await door.refresh(moved.json()["refresh_token"])
    assert stayed.json()["tenant"]["code"] == companies[1].code

    assert outcome(await door.refresh(first["refresh_token"])) == REUSED
    assert outcome(await door.refresh(stayed.json()["refresh_token"])) == FAILED


async def test_nobody_moves_into_a_company_that_is_not_his(
    door: Door, identity_pool: Pool, clock: ManualClock
) -> None:
    own, foreign = [await a_company(identity_pool) for _ in range(2)]
    person = await a_person(identity_pool, clock, own)
    token = (await door.knock(person.name)).json()["refresh_token"]

    foreign_answer = await door.refresh(token, tenant=foreign.code)
    missing_answer = await door.refresh(token, tenant="no-such-company")

    assert outcome(foreign_answer) == FAILED
    assert foreign_answer.content == missing_answer.content
    assert (await door.refresh(token)).status_code == 200, "a refused exchange spends nothing"


async def test_a_refresh_token_is_good_once_and_its_copy_ends_the_session(
    door: Door, identity_pool: Pool, clock: ManualClock
) -> None:
    person = await a_person(identity_pool, clock, await a_company(identity_pool))
    first = (await door.knock(person.name)).json()
    second = (await door.refresh(first["refresh_token"])).json()
    door.stopwatch.seconds += 2
    assert await door.authentication.claims(second["access_token"]) is not None
    clock.advance(LEEWAY + MOMENT)

    assert outcome(await door.refresh(first["refresh_token"])) == REUSED

    assert outcome(await door.refresh(second["refresh_token"])) == FAILED
    door.stopwatch.seconds += 2
    assert await door.authentication.claims(second["access_token"]) is None


async def test_the_end_of_one_session_leaves_the_others(
    door: Door, identity_pool: Pool, clock: ManualClock
) -> None:
    person = await a_person(identity_pool, clock, await a_company(identity_pool))
    phone, desk = [(await door.knock(person.name)).json() for _ in range(2)]

    await door.refresh(phone["refresh_token"])
    clock.advance(LEEWAY + MOMENT)
    await door.refresh(phone["refresh_token"])

    assert (await door.refresh(desk["refresh_token"])).status_code == 200


async def test_who_did_not_hear_the_answer_asks_again_and_is_given_the_same_token(
    door: Door, identity_pool: Pool, clock: ManualClock
) -> None:
    person = await a_person(identity_pool, clock, await a_company(identity_pool))
    first = (await door.knock(person.name)).json()["refresh_token"]
    lost = (await door.refresh(first)).json()
    clock.advance(LEEWAY)

    heard = await door.refresh(first)

    assert heard.status_code == 200
    assert heard.json()["refresh_token"] == lost["refresh_token"] != first
    assert await door.authentication.claims(heard.json()["access_token"]) is not None
    # There is one token to go on with, so a copy of it shows itself as ever.
    after = (await door.refresh(lost["refresh_token"])).json()["refresh_token"]
    clock.advance(LEEWAY + MOMENT)
    assert outcome(await door.refresh(lost["refresh_token"])) == REUSED
    assert outcome(await door.refresh(after)) == FAILED


async def test_who_has_used_the_next_token_does_not_come_again_with_the_last(
    door: Door, identity_pool: Pool, clock: ManualClock
) -> None:
    """However soon: he has the answer, so whoever comes with the old token is another."""
    person = await a_person(identity_pool, clock, await a_company(identity_pool))
    first = (await door.knock(person.name)).json()["refresh_token"]
    second = (await door.refresh(first)).json()["refresh_token"]
    third = (await door.refresh(second)).json()["refresh_token"]

    assert outcome(await door.refresh(first)) == REUSED

    assert outcome(await door.refresh(third)) == FAILED


async def test_who_asks_again_may_enter_another_company_and_no_foreign_one(
    door: Door, identity_pool: Pool, clock: ManualClock
) -> None:
    companies = [await a_company(identity_pool) for _ in range(3)]
    person = await a_person(identity_pool, clock, *companies[:2])
    first = (await door.knock(person.name, tenant=companies[0].code)).json()["refresh_token"]
    await door.refresh(first)

    foreign = await door.refresh(first, tenant=companies[2].code)
    moved = await door.refresh(first, tenant=companies[1].code)

    assert outcome(foreign) == FAILED
    claims = await door.authentication.claims(moved.json()["access_token"])
    assert claims is not None
    assert claims.tenant_id == companies[1].id


async def test_a_session_that_has_ended_is_not_opened_by_asking_again(
    door: Door, identity_pool: Pool, clock: ManualClock
) -> None:
    person = await a_person(identity_pool, clock, await a_company(identity_pool))
    first = (await door.knock(person.name)).json()["refresh_token"]
    second = (await door.refresh(first)).json()["refresh_token"]

    await door.leave(second)

    assert outcome(await door.refresh(first)) == FAILED


async def test_two_who_come_at_once_with_one_token_go_on_with_the_same(
    door: Door, identity_pool: Pool, clock: ManualClock
) -> None:
    person = await a_person(identity_pool, clock, await a_company(identity_pool))
    token = (await door.knock(person.name)).json()["refresh_token"]

    # All are held up at the token, so that none has seen another's use.
    async with identity_pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "SELECT FROM app.platform_refresh_token t JOIN app.platform_session s"
            " ON s.id = t.session_id WHERE s.user_id = $1 FOR UPDATE",
            person.id,
        )
        both = [asyncio.create_task(door.refresh(token)) for _ in range(2)]
        await asyncio.sleep(0.2)
        assert not any(task.done() for task in both)
    answers = await asyncio.gather(*both)

    assert [answer.status_code for answer in answers] == [200, 200]
    (following,) = {answer.json()["refresh_token"] for answer in answers}
    issued = await identity_pool.fetchval(
        "SELECT count(*) FROM app.platform_refresh_token t JOIN app.platform_session s"
        " ON s.id = t.session_id WHERE s.user_id = $1",
        person.id,
    )
    assert issued == 2
    assert (await door.refresh(following)).status_code == 200


async def test_a_sign_in_lasts_thirty_days_however_often_it_is_refreshed(
    door: Door, identity_pool: Pool, clock: ManualClock
) -> None:
    person = await a_person(identity_pool, clock, await a_company(identity_pool))
    token = (await door.knock(person.name)).json()["refresh_token"]

    clock.advance(timedelta(days=29, hours=23))
    token = (await door.refresh(token)).json()["refresh_token"]
    clock.advance(timedelta(hours=1))

    assert outcome(await door.refresh(token)) == FAILED


async def test_a_token_that_never_was_is_refused(door: Door) -> None:
    assert outcome(await door.refresh("AAAA")) == FAILED
    assert (await door.leave("AAAA")).json() == {"signed_out": True}


async def test_signing_out_ends_this_session_and_not_the_others(
    door: Door, identity_pool: Pool, clock: ManualClock
) -> None:
    person = await a_person(identity_pool, clock, await a_company(identity_pool))
    phone, desk = [(await door.knock(person.name)).json() for _ in range(2)]

    await door.leave(phone["refresh_token"])

    assert outcome(await door.refresh(phone["refresh_token"])) == FAILED
    door.stopwatch.seconds += 2
    assert await door.authentication.claims(phone["access_token"]) is None
    assert await door.authentication.claims(desk["access_token"]) is not None
    assert (await door.refresh(desk["refresh_token"])).status_code == 200


async def test_signing_out_everywhere_ends_every_session_of_the_person(
    door: Door, identity_pool: Pool, clock: ManualClock
) -> None:
    company = await a_company(identity_pool)
    person, colleague = [await a_person(identity_pool, clock, company) for _ in range(2)]
    sessions = [(await door.knock(person.name)).json() for _ in range(3)]
    others = (await door.knock(colleague.name)).json()

    await door.leave(sessions[0]["refresh_token"], everywhere=True)

    door.stopwatch.seconds += 2
    for session in sessions:
        assert outcome(await door.refresh(session["refresh_token"])) == FAILED
        assert await door.authentication.claims(session["access_token"]) is None
    assert await door.authentication.claims(others["access_token"]) is not None


async def test_a_new_password_signs_the_old_ones_users_out(
    door: Door, identity_pool: Pool, clock: ManualClock
) -> None:
    person = await a_person(identity_pool, clock, await a_company(identity_pool))
    token = (await door.knock(person.name)).json()["refresh_token"]

    await Accounts(identity_pool, clock).set_password(person.id, PASSWORD_HASH)

    assert outcome(await door.refresh(token)) == FAILED
    assert (await door.knock(person.name)).status_code == 200


async def test_a_suspended_company_admits_nobody_and_spends_no_token(
    door: Door, identity_pool: Pool, clock: ManualClock
) -> None:
    company = await a_company(identity_pool)
    person = await a_person(identity_pool, clock, company)
    token = (await door.knock(person.name)).json()["refresh_token"]
    await set_tenant_state(identity_pool, company, "SUSPENDED")

    assert outcome(await door.knock(person.name)) == (403, "TENANT_SUSPENDED")
    assert outcome(await door.refresh(token)) == (403, "TENANT_SUSPENDED")

    await set_tenant_state(identity_pool, company, "ACTIVE")
    assert (await door.refresh(token)).status_code == 200


@pytest.mark.parametrize("state", ["CLOSED"])
async def test_a_closed_company_is_as_if_it_had_never_been(
    door: Door, identity_pool: Pool, clock: ManualClock, state: str
) -> None:
    company = await a_company(identity_pool)
    person = await a_person(identity_pool, clock, company)
    await set_tenant_state(identity_pool, company, state)

    assert outcome(await door.knock(person.name)) == FAILED


async def test_a_company_still_being_made_admits_nobody(
    door: Door, identity_pool: Pool, clock: ManualClock
) -> None:
    company = await a_company(identity_pool, state="PREPARING")
    person = await a_person(identity_pool, clock, company)

    assert outcome(await door.knock(person.name)) == FAILED


async def test_an_ended_membership_opens_nothing(
    door: Door, identity_pool: Pool, clock: ManualClock
) -> None:
    company = await a_company(identity_pool)
    person = await a_person(identity_pool, clock, company)
    signed_in = (await door.knock(person.name)).json()

    await Accounts(identity_pool, clock).dismiss(company.id, person.member_ids[company.id])

    assert outcome(await door.knock(person.name)) == FAILED
    assert outcome(await door.refresh(signed_in["refresh_token"])) == FAILED
    door.stopwatch.seconds += 2
    assert await door.authentication.claims(signed_in["access_token"]) is None


async def test_leaving_one_of_two_companies_leaves_the_other_open(
    door: Door, identity_pool: Pool, clock: ManualClock
) -> None:
    companies = [await a_company(identity_pool) for _ in range(2)]
    person = await a_person(identity_pool, clock, *companies)
    staying = (await door.knock(person.name, tenant=companies[1].code)).json()

    member_id = person.member_ids[companies[0].id]
    await Accounts(identity_pool, clock).dismiss(companies[0].id, member_id)

    assert (await door.refresh(staying["refresh_token"])).status_code == 200
    assert (await door.knock(person.name)).json()["tenant"]["code"] == companies[1].code


async def test_an_operator_enters_the_platform_and_no_company(
    door: Door, identity_pool: Pool, clock: ManualClock
) -> None:
    person = await a_person(identity_pool, clock, operator=True)

    first = (await door.knock(person.name)).json()
    again = (await door.refresh(first["refresh_token"])).json()

    for body in (first, again):
        claims = await door.authentication.claims(body["access_token"])
        assert claims is not None
        assert claims.operator
        assert (claims.tenant_id, claims.member_id, body["tenant"]) == (None, None, None)


async def test_who_is_no_operator_any_more_is_refused_at_the_next_refresh(
    door: Door, identity_pool: Pool, clock: ManualClock
) -> None:
    person = await a_person(identity_pool, clock, operator=True)
    token = (await door.knock(person.name)).json()["refresh_token"]
    await identity_pool.execute(
        "UPDATE app.platform_user SET operator = false WHERE id = $1", person.id
    )

    assert outcome(await door.refresh(token)) == FAILED


async def test_a_signed_out_operator_is_out(
    door: Door, identity_pool: Pool, clock: ManualClock
) -> None:
    person = await a_person(identity_pool, clock, operator=True)
    body = (await door.knock(person.name)).json()

    await door.leave(body["refresh_token"])
    door.stopwatch.seconds += 2

    assert await door.authentication.claims(body["access_token"]) is None


async def test_passwords_are_off_where_the_operator_did_not_switch_them_on(
    identity_pool: Pool, clock: ManualClock
) -> None:
    door = Door(identity_pool, clock, password_allowed=False)
    person = await a_person(identity_pool, clock, await a_company(identity_pool))

    known, unknown = await door.knock(person.name), await door.knock("nobody")

    assert outcome(known) == (403, "PASSWORD_SIGN_IN_OFF")
    assert known.content == unknown.content
