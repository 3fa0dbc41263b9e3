"""An identity provider's people, over HTTP: bearer tokens and their exchange."""

from collections.abc import Iterator

import asyncpg
import httpx
import pytest
from builders.identity import Door, Person, Stopwatch, a_company, a_person, set_tenant_state
from builders.issuer import AUDIENCE, Issuer, an_issuer

from service.clock import ManualClock, new_id
from service.identity.accounts import Accounts
from service.identity.providers import Provider
from service.identity.subjects import Subject

Pool = asyncpg.Pool
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with an_issuer() as running:
        yield running


@pytest.fixture
def door(identity_pool: Pool, clock: ManualClock, issuer: Issuer) -> Door:
    provider = Provider(issuer.url, AUDIENCE, clock, stopwatch=Stopwatch())
    return Door(identity_pool, clock, provider=provider)


async def vouched_for(
    pool: Pool, clock: ManualClock, issuer: Issuer, companies: int = 1
) -> tuple[Person, str]:
    """Return somebody of so many companies, and the provider's token of him."""
    person = await a_person(pool, clock, *[await a_company(pool) for _ in range(companies)])
    subject = Subject(issuer.url, str(new_id()))
    await Accounts(pool, clock).link_provider(person.id, subject)
    return person, issuer.token(clock, sub=subject.subject)


async def exchange(door: Door, token: str, **more: str) -> httpx.Response:
    body = {"grant_type": EXCHANGE, "subject_token": token, **more}
    return await door.post("/auth/token", body)


async def test_a_providers_token_is_a_bearer_token_of_its_person(
    door: Door, identity_pool: Pool, clock: ManualClock, issuer: Issuer
) -> None:
    person, token = await vouched_for(identity_pool, clock, issuer)

    claims = await door.authentication.claims(token)

    assert claims is not None
    assert claims.user_id == person.id
    assert {claims.tenant_id: claims.member_id} == person.member_ids
    assert not claims.operator


async def test_the_token_of_a_person_we_do_not_know_opens_nothing(
    door: Door, clock: ManualClock, issuer: Issuer
) -> None:
    token = issuer.token(clock, sub=str(new_id()))

    assert await door.authentication.claims(token) is None
    assert (await exchange(door, token)).status_code == 401


async def test_a_person_of_two_companies_exchanges_the_token_for_one(
    door: Door, identity_pool: Pool, clock: ManualClock, issuer: Issuer
) -> None:
    person, token = await vouched_for(identity_pool, clock, issuer, companies=2)
    assert await door.authentication.claims(token) is None, "which company is nowhere said"

    asked = await exchange(door, token)
    assert asked.status_code == 409
    wanted = asked.json()["tenants"][1]["code"]

    chosen = await exchange(door, token, tenant=wanted)
    claims = await door.authentication.claims(chosen.json()["access_token"])
    assert chosen.json()["tenant"]["code"] == wanted
    assert claims is not None
    assert claims.user_id == person.id


async def test_an_exchanged_token_is_refreshed_like_any_other(
    door: Door, identity_pool: Pool, clock: ManualClock, issuer: Issuer
) -> None:
    _, token = await vouched_for(identity_pool, clock, issuer)

    first = (await exchange(door, token)).json()

    second = await door.refresh(first["refresh_token"])
    assert second.status_code == 200
    assert (await door.refresh(second.json()["refresh_token"])).status_code == 200
    assert (await door.refresh(first["refresh_token"])).status_code == 401


async def test_a_forged_or_expired_token_is_not_exchanged(
    door: Door, identity_pool: Pool, clock: ManualClock, issuer: Issuer
) -> None:
    await vouched_for(identity_pool, clock, issuer)
    now = int(clock.now().timestamp())

    for token in ("a.b.c", issuer.token(clock, exp=now), issuer.token(clock, aud="payroll")):
        answer = await exchange(door, token)
        assert (answer.status_code, answer.json()["error"]) == (401, "SIGN_IN_FAILED")


async def test_a_suspended_company_takes_no_providers_token_in_exchange(
    door: Door, identity_pool: Pool, clock: ManualClock, issuer: Issuer
) -> None:
    company = await a_company(identity_pool)
    person = await a_person(identity_pool, clock, company)
    subject = Subject(issuer.url, str(new_id()))
    await Accounts(identity_pool, clock).link_provider(person.id, subject)
    await set_tenant_state(identity_pool, company, "SUSPENDED")

    answer = await exchange(door, issuer.token(clock, sub=subject.subject))

    assert (answer.status_code, answer.json()["error"]) == (403, "TENANT_SUSPENDED")


async def test_an_operator_enters_by_exchange_and_not_by_the_providers_own_token(
    door: Door, identity_pool: Pool, clock: ManualClock, issuer: Issuer
) -> None:
    person = await a_person(identity_pool, clock, operator=True)
    subject = Subject(issuer.url, str(new_id()))
    await Accounts(identity_pool, clock).link_provider(person.id, subject)
    token = issuer.token(clock, sub=subject.subject)

    assert await door.authentication.claims(token) is None
    answer = await exchange(door, token)
    claims = await door.authentication.claims(answer.json()["access_token"])
    assert claims is not None
    assert claims.operator


async def test_an_own_token_that_has_ended_is_not_asked_of_the_provider(
    door: Door, identity_pool: Pool, clock: ManualClock, issuer: Issuer
) -> None:
    person = await a_person(identity_pool, clock, await a_company(identity_pool))
    token = (await door.knock(person.name)).json()["access_token"]
    clock.advance(door.tokens.life)

    assert await door.authentication.claims(token) is None
    assert issuer.asked == []
