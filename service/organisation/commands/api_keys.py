"""API keys: who may ask as a member who is no person, and that they may not any more."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from service.errors import InvalidInput, Refusal
from service.identity.addresses import address_range
from service.organisation import facts
from service.organisation.access import refuse_beyond_own, refuse_on_behalf
from service.organisation.errors import NotByApiKey, SignInOfAnApiKey, SpanInvalid
from service.organisation.tables import ApiKey
from service.tenants.commands import refuse_without_documents
from service.tenants.texts import line_faults, refuse_faults
from service.work import UnitOfWork

MEMBER = ("input", "memberId")
_MOST_RANGES: Final = 20


@dataclass(frozen=True, slots=True)
class CreateApiKey:
    """Make a key for a member who is no person. Its secret is no part of the order.

    Attributes:
        expires_at: from then on it is worth nothing.
        address_ranges: addresses or networks its requests come from; everywhere when empty.
        trusted_documents_only: whether it sends registered documents only, by their hash.
    """

    member_id: UUID
    name: str
    expires_at: datetime
    address_ranges: tuple[str, ...] = ()
    trusted_documents_only: bool = False


async def create_api_key(work: UnitOfWork, order: CreateApiKey, secret_hash: str) -> UUID:
    """Make a key and return its id; locks the member. Whoever has it can do what the member can.

    So this needs his rights, or the right to give them; and a right of one's own. That he is no
    person, whoever carries it out has to ask: it is known to sign-in alone.

    Raises:
        NotByApiKey, Forbidden, NotFound, MemberHasLeft, SpanInvalid, BeyondOwnRights,
        NoTrustedDocuments, or Refusals for the name and the ranges.
    """
    refuse_by_key(work)
    row = await facts.member(work, order.member_id, MEMBER)
    verdict = work.authorise("api_key.create", facts.member_record(row))
    refuse_on_behalf(work, "api_key.create", verdict)
    refuse_faults([*line_faults(order.name, ("input", "name")), *_range_faults(order)])
    if order.trusted_documents_only:
        refuse_without_documents(work, ("input", "trustedDocumentsOnly"))
    if order.expires_at <= work.now:
        raise SpanInvalid(field=("input", "expiresAt"))
    given = await facts.rights_of(work, order.member_id)
    refuse_beyond_own(work, "assignment.create", given)
    key = ApiKey(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        member_id=order.member_id,
        name=order.name.strip(),
        secret_hash=secret_hash,
        expires_at=order.expires_at,
        address_ranges=list(filter(None, map(address_range, order.address_ranges))),
        trusted_documents_only=order.trusted_documents_only,
        created_at=work.now,
        created_by=work.caller.member_id,
    )
    work.add(key)
    work.concerns(
        "api_key",
        key.id,
        member=order.member_id,
        name=key.name,
        expires_at=order.expires_at,
        address_ranges=key.address_ranges,
        trusted_documents_only=key.trusted_documents_only,
    )
    return key.id


def _range_faults(order: CreateApiKey) -> Iterator[Refusal]:
    field = ("input", "addressRanges")
    if len(order.address_ranges) > _MOST_RANGES:
        yield InvalidInput(field=field, expected="AT_MOST_ENTRIES", most=_MOST_RANGES)
        return
    for place, one in enumerate(order.address_ranges):
        if address_range(one) is None:
            yield InvalidInput(field=(*field, str(place)), expected="ADDRESS_RANGE")


@dataclass(frozen=True, slots=True)
class RevokeApiKey:
    """End a key before its time."""

    api_key_id: UUID


async def revoke_api_key(work: UnitOfWork, order: RevokeApiKey) -> UUID:
    """End a key; locks it. One that is revoked stays as it is.

    Raises:
        Forbidden, NotFound.
    """
    field = ("input", "apiKeyId")
    key = await facts.locked(work, "api_key", order.api_key_id, field)
    row = await facts.locked(work, "member", key["member_id"], field)
    work.authorise("api_key.revoke", facts.member_record(row))
    if key["revoked_at"] is None:
        work.change(ApiKey, order.api_key_id, {"revoked_at": work.now})
    work.concerns("api_key", order.api_key_id, member=key["member_id"])
    return order.api_key_id


def refuse_by_key(work: UnitOfWork) -> None:
    """Refuse a program what opens a further door: a key that leaked must end with itself.

    Raises:
        NotByApiKey: a key asks.
    """
    if work.caller.api_key_id is not None:
        raise NotByApiKey


async def refuse_sign_in_of_key(work: UnitOfWork, member_id: UUID, name: str) -> None:
    """Refuse a sign-in to a member whom a key acts as; he must be locked.

    Raises:
        SignInOfAnApiKey.
    """
    acted_as = await work.fetch_value(
        "SELECT EXISTS (SELECT FROM app.api_key WHERE tenant_id = $1 AND member_id = $2"
        " AND revoked_at IS NULL AND expires_at > $3)",
        work.tenant_id,
        member_id,
        work.now,
    )
    if acted_as:
        raise SignInOfAnApiKey(field=MEMBER, member=name)
