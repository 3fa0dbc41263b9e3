"""API keys, as a company's administrators make and revoke them."""

from datetime import date, datetime
from enum import Enum
from functools import wraps
from uuid import UUID

import strawberry

from service.identity.accounts import Membership
from service.organisation import commands, tables
from service.organisation.api_keys import new_secret, secret_hash, written
from service.organisation.errors import ApiKeyOfAPerson
from service.policies.access import RecordColumns
from service.schema.carry import Payload, carry_out, the
from service.schema.connections import Connection, Orders, SortKey
from service.schema.context import Info
from service.schema.listing import listing
from service.schema.mutation import CommandInput, command, declared, orders, required
from service.schema.nodes import CREATED_AT, ID, VERSION, Node
from service.schema.organisation.logins import accounts_of
from service.schema.organisation.types import Member
from service.schema.planner.mapping import Possible, allowed_actions, column, key, planned, to_one
from service.schema.scalars import row_id
from service.work import UnitOfWork


@strawberry.enum(description="What may be done with an API key. Values are added.")
class ApiKeyAction(Enum):
    REVOKE = strawberry.enum_value("REVOKE", description="`revokeApiKey`.")


@planned(
    tables.ApiKey,
    action="api_key.view",
    scope=RecordColumns(owner="t.member_id", org_unit="m.org_unit_id", territory="m.territory_id"),
    joins="JOIN app.member m ON m.tenant_id = $1 AND m.id = t.member_id",
)
@strawberry.type(
    description="That a program may ask as a member who is no person. Its secret is kept nowhere."
)
class ApiKey(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    name: str = column("name", "What it is for.")
    member: Member | None = to_one("member_id", "Member", "Whom it acts as; null out of sight.")
    created_at: datetime = column("created_at", CREATED_AT)
    expires_at: datetime = column("expires_at", "From then on it is worth nothing.")
    last_used_on: date | None = column(
        "last_used_on", "The day it was last used, in the tenant's zone; null while it never was."
    )
    address_ranges: list[str] = column(
        "address_ranges", "Networks its requests come from, `203.0.113.0/24`; everywhere when none."
    )
    trusted_documents_only: bool = column(
        "trusted_documents_only", "Whether it sends registered documents only, by their hash."
    )
    revoked_at: datetime | None = column("revoked_at", "When it was revoked; null if it was not.")
    allowed_actions: list[ApiKeyAction] = allowed_actions(
        "Commands the caller could issue now.",
        REVOKE=Possible("api_key.revoke", "t.revoked_at IS NULL"),
    )


@strawberry.input(description="A new API key.")
class CreateApiKeyInput(CommandInput):
    member_id: strawberry.ID = required(
        "Whom it acts as: a member entered for it, with roles of his own, who cannot sign in."
    )
    name: str = required("What it is for, 1 to 200 characters.")
    expires_at: datetime = required("From then on it is worth nothing.")
    address_ranges: list[str] = strawberry.field(
        default_factory=list,
        description="Addresses or networks its requests come from, at most 20 entries:"
        " `203.0.113.7`, `203.0.113.0/24`, `2001:db8::/32`. Everywhere when none is given.",
    )
    trusted_documents_only: bool = strawberry.field(
        default=False,
        description="Whether it sends registered documents only, by their hash; it may not"
        " introspect then.",
    )


@strawberry.type(description="`apiKey` is null exactly when `errors` is not empty.")
class CreateApiKeyPayload(Payload):
    api_key: ApiKey | None = strawberry.field(default=None, description="The key.")
    secret: str | None = strawberry.field(
        default=None,
        description="What the program sends as its bearer token. Told this once: null when"
        " `replayed`, and kept nowhere.",
    )


@strawberry.input(description="An API key is worth nothing any more.")
class RevokeApiKeyInput(CommandInput):
    api_key_id: strawberry.ID = required("The key.")


@strawberry.type(description="`apiKey` is null exactly when `errors` is not empty.")
class RevokeApiKeyPayload(Payload):
    api_key: ApiKey | None = strawberry.field(default=None, description="The key.")


_SHOWN = the(api_key=ApiKey)


async def _create(info: Info, input: CreateApiKeyInput) -> CreateApiKeyPayload:
    accounts = accounts_of(info)
    secret = new_secret()
    made: list[UUID] = []

    def order() -> commands.CreateApiKey:
        member_id = row_id(str(input.member_id), "member", "memberId")
        return commands.CreateApiKey(
            member_id,
            input.name,
            input.expires_at,
            tuple(input.address_ranges),
            input.trusted_documents_only,
        )

    @wraps(commands.create_api_key)
    async def carried(work: UnitOfWork, order: commands.CreateApiKey) -> UUID:
        key_id = await commands.create_api_key(work, order, secret_hash(secret))
        # The member is locked: nobody gives him a sign-in meanwhile.
        async with accounts.begun() as connection:
            if await accounts.has_entered(Membership(work.tenant_id, order.member_id), connection):
                name = await work.fetch_value(
                    "SELECT name FROM app.member WHERE tenant_id = $1 AND id = $2",
                    work.tenant_id,
                    order.member_id,
                )
                raise ApiKeyOfAPerson(field=("input", "memberId"), member=name)
        made[:] = [key_id]
        return key_id

    payload = await carry_out(
        info,
        input.idempotency_key,
        order,
        carried,
        payload=CreateApiKeyPayload,
        answer=_SHOWN,
    )
    if made and not payload.errors and not payload.replayed:
        payload.secret = written(info.context.caller.tenant_id, made[0], secret)
    return payload


@strawberry.type
class ApiKeysQuery:
    api_keys: Connection[ApiKey] = listing(
        ApiKey,
        Orders({"CREATED_AT": SortKey("t.created_at", "timestamptz")}, usual="CREATED_AT"),
        "The company's API keys, the newest first; revoked and expired ones too.",
    )


@strawberry.type
class ApiKeysMutation:
    create_api_key: CreateApiKeyPayload = declared(
        _create,
        CreateApiKeyInput,
        "Makes an API key that acts as a member who is no person; `secret` is told once. Action"
        " `api_key.create`, and the member's own rights or `assignment.create` everywhere. Refused"
        " for a member who can sign in, and to a caller who came with a key.",
        shows=_SHOWN.shows,
    )
    revoke_api_key: RevokeApiKeyPayload = command(
        commands.revoke_api_key,
        orders(commands.RevokeApiKey, api_key_id="api_key"),
        RevokeApiKeyInput,
        RevokeApiKeyPayload,
        the(api_key=ApiKey),
        "Ends an API key; within two seconds no process takes it any more. Action"
        " `api_key.revoke`.",
    )
