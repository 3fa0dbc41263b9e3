"""People made known to sign-in, and what ends their sessions."""

from typing import Any

import asyncpg
import pytest
from builders.identity import PASSWORD_HASH, Person, a_company, a_person

from service.clock import ManualClock, new_id
from service.errors import AlreadyTaken, InvalidInput, NotFound
from service.identity.accounts import Accounts, Login, Membership
from service.identity.errors import SignInNameTaken, SignInNotYours
from service.identity.subjects import Subject

Pool = asyncpg.Pool


@pytest.fixture
def accounts(identity_pool: Pool, clock: ManualClock) -> Accounts:
    return Accounts(identity_pool, clock)


async def test_a_name_is_taken_however_it_is_typed(accounts: Accounts) -> None:
    name = f"Li.{new_id()}"
    await accounts.add_user(name)

    with pytest.raises(SignInNameTaken):
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

    with pytest.raises(SignInNameTaken):
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


async def let_in(accounts: Accounts, membership: Membership, login: Login) -> None:
    async with accounts.begun() as connection:
        await accounts.let_in(membership, login, connection)


def somewhere() -> Membership:
    return Membership(new_id(), new_id())


async def password_of(pool: Any, name: str) -> Any:
    return await pool.fetchval("SELECT password_hash FROM app.platform_user WHERE name = $1", name)


async def test_a_name_of_one_company_is_given_to_nobody_by_another(
    accounts: Accounts, identity_pool: Pool
) -> None:
    name = f"ceo-{new_id()}"
    await let_in(accounts, somewhere(), Login(name, "the first company's"))

    with pytest.raises(SignInNameTaken) as refused:
        await let_in(accounts, somewhere(), Login(f" {name.upper()}", "the second company's"))

    assert refused.value.field == ("input", "login", "name")
    assert await password_of(identity_pool, name) == "the first company's"


async def test_a_subject_of_one_company_is_given_to_nobody_by_another(accounts: Accounts) -> None:
    subject = Subject("https://id.example", str(new_id()))
    await let_in(accounts, somewhere(), Login(f"ceo-{new_id()}", subject=subject))

    with pytest.raises(SignInNameTaken) as refused:
        await let_in(accounts, somewhere(), Login(f"other-{new_id()}", subject=subject))

    assert refused.value.field == ("input", "login", "provider", "subject")


async def test_for_whom_a_provider_vouches_needs_no_name_until_he_gets_a_password(
    accounts: Accounts, identity_pool: Pool
) -> None:
    inside, subject = somewhere(), Subject("https://id.example", str(new_id()))

    await let_in(accounts, inside, Login(None, subject=subject))

    with pytest.raises(SignInNameTaken) as taken:
        await let_in(accounts, somewhere(), Login(None, subject=subject))
    assert taken.value.field == ("input", "login", "provider", "subject")
    with pytest.raises(InvalidInput) as nameless:
        await accounts.change_login(inside, Login(None, PASSWORD_HASH))
    assert nameless.value.field == ("input", "login", "name")
    with pytest.raises(InvalidInput):
        await let_in(accounts, somewhere(), Login(None, PASSWORD_HASH))
    await accounts.change_login(inside, Login(name := f"wang-{new_id()}", PASSWORD_HASH))
    assert await password_of(identity_pool, name) == PASSWORD_HASH


async def test_who_came_by_a_provider_and_left_comes_back_by_it(accounts: Accounts) -> None:
    old, subject = somewhere(), Subject("https://id.example", str(new_id()))
    await let_in(accounts, old, Login(None, subject=subject))
    await accounts.dismiss(old.tenant_id, old.member_id)

    await let_in(accounts, Membership(old.tenant_id, new_id()), Login(None, subject=subject))


async def test_a_name_is_kept_in_one_form_whoever_gives_it(
    accounts: Accounts, identity_pool: Pool
) -> None:
    unique = new_id()
    await let_in(accounts, somewhere(), Login(f"  Ｗang.{unique} ", PASSWORD_HASH))
    await accounts.known_or_added(f"LI.{unique}", PASSWORD_HASH)

    assert await accounts.person_named(f"wang.{unique}")
    assert await password_of(identity_pool, f"li.{unique}") == PASSWORD_HASH
    with pytest.raises(NotFound):
        await accounts.person_named(f"nobody.{unique}")


async def test_who_left_comes_back_to_his_only_company_with_a_new_password(
    accounts: Accounts, identity_pool: Pool
) -> None:
    name, old = f"li-{new_id()}", somewhere()
    await let_in(accounts, old, Login(name, "old"))
    await accounts.dismiss(old.tenant_id, old.member_id)

    again = Membership(old.tenant_id, new_id())
    await let_in(accounts, again, Login(name, "new"))

    user_id = await accounts.person_named(name)
    assert await memberships(identity_pool, Person(user_id, name, {})) == [(again.member_id, True)]
    assert await password_of(identity_pool, name) == "new"


async def test_who_left_and_is_elsewhere_too_comes_back_by_the_operator_alone(
    accounts: Accounts, identity_pool: Pool
) -> None:
    name, old = f"li-{new_id()}", somewhere()
    await let_in(accounts, old, Login(name, "his"))
    user_id = await accounts.person_named(name)
    await accounts.admit(user_id, new_id(), new_id())
    await accounts.dismiss(old.tenant_id, old.member_id)

    again = Membership(old.tenant_id, new_id())
    with pytest.raises(SignInNameTaken):
        await let_in(accounts, again, Login(name, "the administrator's"))
    await accounts.admit(user_id, again.tenant_id, again.member_id)

    assert await password_of(identity_pool, name) == "his"


@pytest.mark.parametrize("how", ["in another company", "was in another company", "operator"])
async def test_an_administrator_changes_the_login_of_nobody_who_is_more_than_his(
    accounts: Accounts, identity_pool: Pool, how: str
) -> None:
    here, elsewhere, name = somewhere(), somewhere(), f"li-{new_id()}"
    user_id = await accounts.add_user(name, "his", operator=how == "operator")
    await accounts.admit(user_id, here.tenant_id, here.member_id)
    if how != "operator":
        await accounts.admit(user_id, elsewhere.tenant_id, elsewhere.member_id)
    if how == "was in another company":
        await accounts.dismiss(elsewhere.tenant_id, elsewhere.member_id)

    for change in (
        Login(None, "taken over"),
        Login("x", None),
        Login(None, None, Subject("i", "s")),
    ):
        with pytest.raises(SignInNotYours):
            await accounts.change_login(here, change)

    assert await password_of(identity_pool, name) == "his"


async def test_an_administrator_changes_the_login_of_his_own_member(
    accounts: Accounts, identity_pool: Pool
) -> None:
    here, name = somewhere(), f"li-{new_id()}"
    subject = Subject("https://id.example", str(new_id()))

    await accounts.change_login(here, Login(name, "first"))
    await accounts.change_login(here, Login(None, None, subject))
    await accounts.change_login(here, Login(f"{name}-married", "second"))

    row = await identity_pool.fetchrow(
        "SELECT u.password_hash, u.subject FROM app.platform_user u"
        " JOIN app.platform_membership m ON m.user_id = u.id"
        " WHERE u.name = $1 AND m.member_id = $2",
        f"{name}-married",
        here.member_id,
    )
    assert tuple(row) == ("second", subject.subject)


@pytest.mark.parametrize(
    "login",
    [
        Login(None, PASSWORD_HASH),
        Login(" ", PASSWORD_HASH),
        Login("nothing.to.sign.in.with"),
        Login("a.subject.in.two.lines", None, Subject("https://id.example", "0\n0")),
        Login("a.long.subject", None, Subject("https://id.example", "0" * 256)),
    ],
    ids=str,
)
async def test_a_login_that_opens_nothing_is_refused(accounts: Accounts, login: Login) -> None:
    with pytest.raises(InvalidInput):
        await let_in(accounts, somewhere(), login)


async def test_one_person_is_one_member_and_one_member_one_person(accounts: Accounts) -> None:
    here = somewhere()
    first, second = [await accounts.add_user(f"li-{new_id()}") for _ in range(2)]
    await accounts.admit(first, here.tenant_id, here.member_id)
    await accounts.admit(first, here.tenant_id, here.member_id)

    with pytest.raises(AlreadyTaken):
        await accounts.admit(first, here.tenant_id, new_id())
    with pytest.raises(AlreadyTaken):
        await accounts.admit(second, here.tenant_id, here.member_id)
