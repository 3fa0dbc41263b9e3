"""The door of a tenant: which person signs in as which member. Under the sign-in role.

A tenant's rows stand under the application's role and its door under the sign-in role; no
transaction spans both, so each order has its own way to be safe when it breaks off between them.

- A new member's door is written before his member is committed, and committed right after: a
  name that is taken leaves no member behind, and no name is ever held for a member who was not
  made. A crash between the two leaves a member without a sign-in; the same key makes up for it.
- A known member's sign-in is changed and committed before the audit line is. A key that is
  answered again therefore changes nothing: an old request cannot bring an old password back.
- Behind a member who left the door is closed after the commit, at once where it can be and by the
  worker in any case. His own row refuses him from his next request on, whatever happens here.
"""

from collections.abc import Awaitable, Callable
from uuid import UUID

import asyncpg
import structlog

from service.identity.accounts import Accounts, Login, Membership
from service.organisation.events import MemberLeft
from service.work import CONNECTION_LOST, Sight, UnitOfWork

_log = structlog.get_logger(__name__)

_HAS_STATE = "SELECT state FROM app.member WHERE tenant_id = $1 AND id = $2"


async def open_door(work: Sight, accounts: Accounts, member_id: UUID, login: Login) -> None:
    """Let a new member sign in, once his transaction is committed; the same twice is once.

    Called with everything of the member written, as the last step before the commit: whoever
    waits here for a name waits for somebody who needs nothing any more but to commit.

    Raises:
        InvalidInput, SignInNameTaken: as `Accounts.let_in`.
    """
    connection = await work.beside.enter_async_context(accounts.begun())
    membership = Membership(work.tenant_id, member_id)
    # The key is answered again: what became of the sign-in since is not undone.
    if await accounts.has_entered(membership, connection):
        return
    if await work.fetch_value(_HAS_STATE, work.tenant_id, member_id) == "ACTIVE":
        await accounts.let_in(membership, login, connection)


async def close_door(accounts: Accounts, tenant_id: UUID, member_id: UUID) -> None:
    """Close the door behind a member who left, as well as it can be done at once."""
    try:
        await accounts.dismiss(tenant_id, member_id)
    except (asyncpg.PostgresError, *CONNECTION_LOST, TimeoutError) as error:
        _log.warning("organisation.door_left_to_the_worker", error=repr(error))


def closing(accounts: Accounts) -> Callable[[UnitOfWork, MemberLeft], Awaitable[None]]:
    """Return the reaction to a member who left."""

    async def on_member_left(work: UnitOfWork, event: MemberLeft) -> None:
        """Close his door, unless he works here again by now."""
        if await work.fetch_value(_HAS_STATE, work.tenant_id, event.member_id) != "ACTIVE":
            await accounts.dismiss(work.tenant_id, event.member_id)

    return on_member_left
