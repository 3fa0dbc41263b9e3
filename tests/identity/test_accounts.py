"""People made known to sign-in, and what ends their sessions."""

from typing import Any

import asyncpg
import pytest
from builders.identity import PASSWORD_HASH, Person, a_company, a_person

from service.clock import ManualClock, new_id
from service.errors import AlreadyTaken, InvalidInput, NotFound
from service.identity.accounts import Accounts
from service.identity.providers import Subject

Pool = asyncpg.Pool


@pytest.fixture
def accounts(identity_pool: Pool, clock: ManualClock) -> Accounts:
    return Accounts(identity_pool, clock)


async def test_a_name_is_taken_however_it_is_typed(accounts: Accounts) -> None:
    name = f"Li.{new_id()}"
    await accounts.add_user(name)

    with pytest.raises(AlreadyTaken):
        await accounts.add_user(f"  {name.upper()} ")


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "li\nwei", "li\x00wei"])
async def test_a_name_fits_one_line(accounts: Accounts, name: str) -> None:
    with pytest.raises(InvalidInput):
        await accounts.add_user(name)


async def test_a_providers_subject_is_one_person(
    accounts: Accounts, identity_pool: Pool, clock: ManualClock
) -> None:
    first, second = [await a_person(identity_pool, clock) for _ in range(2)]
    subject = Subject("https://id.example", str(new_id()))
    await accounts.link_provider(first.id, subject)

    with pytest.raises(AlreadyTaken):
        await accounts.link_provider(second.id, subject)


async def test_nobody_cannot_be_given_a_password_or_a_provider(accounts: Accounts) -> None:
    with pytest.raises(NotFound):
        await accounts.set_password(new_id(), PASSWORD_HASH)
    with pytest.raises(NotFound):
        await accounts.link_provider(new_id(), Subject("https://id.example", "1"))


async def memberships(pool: Any, person: Person) -> list[tuple[Any, bool]]:
    rows = await pool.fetch(
        "SELECT member_id, ended_at FROM app.platform_membership WHERE user_id = $1", person.id
    )
    return [(row["member_id"], row["ended_at"] is None) for row in rows]


async def test_who_left_a_company_may_come_back_as_another_member(
    accounts: Accounts, identity_pool: Pool, clock: ManualClock
) -> None:
    company = await a_company(identity_pool)
    person = await a_person(identity_pool, clock, company)
    old = person.member_ids[company.id]

    await accounts.dismiss(company.id, old)
    await accounts.dismiss(company.id, old)
    assert await memberships(identity_pool, person) == [(old, False)]

    new = new_id()
    await accounts.admit(person.id, company.id, new)
    assert await memberships(identity_pool, person) == [(new, True)]
