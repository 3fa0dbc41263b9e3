"""How members sign in, as their company's administrators set it."""

from functools import wraps
from uuid import UUID

import strawberry

from service.errors import Refusal, Unavailable
from service.identity.accounts import Accounts, Login, Membership
from service.identity.subjects import Subject
from service.organisation import commands
from service.schema.carry import Payload, carry_out, refused, the
from service.schema.context import Info
from service.schema.mutation import CommandInput, declared, given, optional, required
from service.schema.organisation.types import Member
from service.schema.passwords import PASSWORD, hashed
from service.schema.scalars import row_id
from service.work import UnitOfWork


@strawberry.input(description="Who an identity provider says somebody is.")
class ProviderSubjectInput:
    issuer: str = required("The provider's issuer, as its tokens name it; 1 to 2,000 characters.")
    subject: str = required("The person's `sub` there, 1 to 255 characters.")


@strawberry.input(
    description="How a member signs in. A password is a part of what the idempotency key stands"
    " for: another one with the same key is refused."
)
class LoginInput:
    name: str | None = optional(
        "His name for signing in, 1 to 200 characters; nobody else's. Needed for a password."
    )
    password: str | None = optional(PASSWORD)
    provider: ProviderSubjectInput | None = optional("An identity provider that vouches for him.")


@strawberry.input(description="A member signs in otherwise from now on; what is left out stays.")
class SetLoginInput(CommandInput):
    member_id: strawberry.ID = required("The member.")
    login: LoginInput = required("How.")


@strawberry.type(description="`member` is null exactly when `errors` is not empty.")
class SetLoginPayload(Payload):
    member: Member | None = strawberry.field(default=None, description="The member.")


_SHOWN = the(member=Member)


def accounts_of(info: Info) -> Accounts:
    """Return the accounts of the sign-in role.

    Raises:
        Unavailable: this server cannot reach them.
    """
    if info.context.identity_pool is None:
        raise Unavailable
    return Accounts(info.context.identity_pool, info.context.transactions.clock)


def asked(login: Login) -> commands.LoginAsked:
    """Return what an order keeps of a sign-in."""
    subject = login.subject
    if subject is None:
        return commands.LoginAsked(login.name, password_hash=login.password_hash)
    return commands.LoginAsked(login.name, subject.issuer, subject.subject, login.password_hash)


async def wanted(info: Info, key: str, sent: LoginInput) -> Login:
    """Return what is stored of a sign-in that is asked for under an idempotency key.

    Raises:
        InvalidInput: the password is too short or too long.
    """
    password_hash = await hashed(info, key, given(sent.password), ("input", "login", "password"))
    provider = given(sent.provider)
    subject = None if provider is None else Subject(provider.issuer, provider.subject)
    return Login(given(sent.name), password_hash, subject)


async def _set(info: Info, input: SetLoginInput) -> SetLoginPayload:
    try:
        login = await wanted(info, input.idempotency_key, input.login)
    except Refusal as refusal:
        return refused(info, SetLoginPayload, refusal)
    accounts = accounts_of(info)

    def order() -> commands.SetLogin:
        member_id = row_id(str(input.member_id), "member", "memberId")
        return commands.SetLogin(member_id, asked(login))

    @wraps(commands.set_login)
    async def command(work: UnitOfWork, order: commands.SetLogin) -> UUID:
        member_id = await commands.set_login(work, order)
        # Committed before the command is: see `service.organisation.memberships`.
        await accounts.change_login(Membership(work.tenant_id, member_id), login)
        return member_id

    return await carry_out(
        info,
        input.idempotency_key,
        order,
        command,
        payload=SetLoginPayload,
        answer=_SHOWN,
    )


@strawberry.type
class LoginsMutation:
    set_login: SetLoginPayload = declared(
        _set,
        SetLoginInput,
        "Action `member.edit`, and the member's own rights or `assignment.create` everywhere:"
        " whoever knows a password can do what its owner can. A person of several companies is"
        " left to the platform's operator. His sessions end with a new password or provider.",
        shows=_SHOWN.shows,
    )
