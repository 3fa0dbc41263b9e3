"""How a member signs in: his tenant decides it, the sign-in role keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from service.identity.errors import ProviderUnknown
from service.identity.names import sign_in_name
from service.organisation import facts
from service.organisation.access import refuse_beyond_own, refuse_on_behalf
from service.organisation.commands.api_keys import refuse_by_key, refuse_sign_in_of_key
from service.work import UnitOfWork

_MEMBER = ("input", "memberId")
_ISSUER = ("input", "login", "provider", "issuer")


@dataclass(frozen=True, slots=True)
class LoginAsked:
    """What an order keeps of a sign-in.

    Orders are kept by their SHA-256, which would give a guessable password away; so of a password
    its slow hash is in it, with a salt that is the same for the same key, and nothing else.
    """

    name: str | None = None
    issuer: str | None = None
    subject: str | None = None
    password_hash: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SetLogin:
    """Give a member a sign-in, or another name, password or provider."""

    member_id: UUID
    login: LoginAsked


async def set_login(work: UnitOfWork, order: SetLogin) -> UUID:
    """Let a member's sign-in be changed; locks him. Whoever carries it out changes it.

    Whoever holds somebody's password can do what he can: so this needs his rights, or the right
    to give them; and a right of his own, not one he has in somebody's place.

    Raises:
        NotByApiKey, Forbidden, NotFound, MemberHasLeft, BeyondOwnRights, SignInOfAnApiKey,
        ProviderUnknown.
    """
    refuse_by_key(work)
    row = await facts.member(work, order.member_id, _MEMBER)
    verdict = work.authorise("member.edit", facts.member_record(row))
    refuse_on_behalf(work, "member.edit", verdict)
    given = await facts.rights_of(work, order.member_id)
    refuse_beyond_own(work, "assignment.create", given)
    await refuse_sign_in_of_key(work, order.member_id, row["name"])
    refuse_unknown_provider(work, order.login)
    work.concerns("member", order.member_id, **shown(order.login))
    return order.member_id


def refuse_unknown_provider(work: UnitOfWork, asked: LoginAsked | None) -> None:
    """Keep an administrator from a sign-in by which nobody could come in.

    Raises:
        ProviderUnknown: this server takes no sign-in from the provider.
    """
    if asked is not None and asked.issuer and not work.installation.vouches(asked.issuer):
        raise ProviderUnknown(field=_ISSUER, issuer=asked.issuer)


def shown(asked: LoginAsked | None) -> Mapping[str, str]:
    """Return what the audit keeps of a sign-in."""
    if asked is None:
        return {}
    name = None if asked.name is None else sign_in_name(asked.name)
    kept = {"sign_in_name": name, "provider": asked.issuer, "provider_subject": asked.subject}
    return {key: value for key, value in kept.items() if value is not None}
