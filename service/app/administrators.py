"""Letting a new administrator into a company that shut itself out, from the command line."""

import asyncio

from service.app.administering import tenant_of
from service.app.base import OPERATOR, Base
from service.identity.passwords import check_form, hashed_now
from service.provisioning.restoring import RestoreAdministrator, restore_administrator


async def restore(base: Base, code: str, person: tuple[str, str, str], password: str | None) -> str:
    """Enter an administrator and return a last line.

    Args:
        base: the opened base.
        code: which tenant.
        person: his name, his staff code there and the name he signs in with.
        password: None for who has a sign-in and keeps it.

    Raises:
        StartRefused: there is no tenant of that code.
        Refusal, Refusals: as `restore_administrator`.
    """
    name, staff_code, login = person
    if password is not None:
        check_form(password, ("password",))
    order = RestoreAdministrator(
        await tenant_of(base, code),
        name,
        staff_code,
        login,
        password and await asyncio.to_thread(hashed_now, password),
    )
    member_id = await restore_administrator(base.transactions, base.identity_pool, order, OPERATOR)
    return f"{login} administers {code} as member {member_id}"
