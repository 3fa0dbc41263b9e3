"""What the platform's operators do to tenants; they read nothing inside one.

An operator is in no tenant, and keys are kept in tenants: his are kept in the one he does something
to. One that is not there yet keeps none: under which key it was ordered stands in the directory.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import strawberry

import service.schema.tenants  # noqa: F401 - describes the state of a tenant first
from service.errors import Forbidden, NotSignedIn, Refusal, Refusals, TenantSuspended
from service.policies.access import Actor, Record, operator, operators_only, platform_table
from service.provisioning import commands
from service.schema.carry import Payload, check_key, refused
from service.schema.context import Info
from service.schema.mutation import CommandInput, declared, given, optional, required
from service.schema.passwords import hashed
from service.schema.scalars import make_id, row_id
from service.tenants.directory import Placement, TenantDirectory
from service.tenants.tables import TenantState
from service.work import KeptKey

_P = TypeVar("_P", bound=Payload)


@strawberry.type(description="A tenant as the platform's directory has it.")
class PlatformTenant:
    id: strawberry.ID = strawberry.field(description="The tenant's id.")
    code: str = strawberry.field(description="Unique on the platform.")
    name: str = strawberry.field(description="The company's name.")
    industry: str = strawberry.field(description="Code of the template it was made from.")
    cluster: str = strawberry.field(description="The database cluster that holds it.")
    state: TenantState = strawberry.field(description="Whether it may work.")
    created_at: datetime = strawberry.field(description="When it was made.")


@strawberry.type
class PlatformQuery:
    @strawberry.field(
        description="Every tenant of the platform, by code; for operators. Action `tenant.view`."
    )
    async def platform_tenants(self, info: Info) -> list[PlatformTenant]:
        actor, pool = await _operator(info, "tenant.view")
        if not platform_table().check(actor, "tenant.view", Record()):
            raise Forbidden(action="tenant.view", reason="")
        return [_shown(one) for one in await TenantDirectory(pool).all()]


@strawberry.input(description="A company's account is opened from an industry template.")
class CreateTenantInput(CommandInput):
    code: str = required("Unique on the platform; 2 to 63 small letters, digits, dashes.")
    name: str = required("The company's name, 1 to 200 characters.")
    industry: str = required("Code of a shipped template, like `property-developer`.")
    admin_name: str = required("Name of the first administrator, 1 to 200 characters.")
    admin_login: str = required("The name he signs in with.")
    admin_password: str | None = optional(
        "12 to 200 characters, of a new person; left out: he has a sign-in, or a provider's."
    )


@strawberry.input(description="A tenant's members are refused; its records stay.")
class SuspendTenantInput(CommandInput):
    tenant_id: strawberry.ID = required("The tenant.")


@strawberry.input(description="A suspended tenant works again.")
class ResumeTenantInput(CommandInput):
    tenant_id: strawberry.ID = required("The tenant.")


@strawberry.input(description="A tenant answers registered documents only, or any.")
class RestrictTenantInput(CommandInput):
    tenant_id: strawberry.ID = required("The tenant.")
    trusted_documents_only: bool = required("Whether a document's text is refused.")


@strawberry.input(
    description="A tenant of an earlier release gets what its template has since; what the company"
    " changed, retired or took away stays so."
)
class UpgradeTenantInput(CommandInput):
    tenant_id: strawberry.ID = required("The tenant.")
    dry_run: bool = strawberry.field(
        default=False, description="Tell what is missing and add nothing."
    )


@strawberry.input(
    description="A person who signs in to one company already may enter a further one."
)
class AdmitPersonInput(CommandInput):
    tenant_id: strawberry.ID = required("The further company.")
    staff_code: str = required("Which of its members he is there.")
    login: str = required("The name he signs in with.")


@strawberry.type(description="`tenant` is null exactly when `errors` is not empty.")
class AdmitPersonPayload(Payload):
    tenant: PlatformTenant | None = strawberry.field(default=None, description="The tenant.")
    member_id: strawberry.ID | None = strawberry.field(
        default=None, description="The person as its member."
    )


@strawberry.type(description="`tenant` is null exactly when `errors` is not empty.")
class CreateTenantPayload(Payload):
    tenant: PlatformTenant | None = strawberry.field(default=None, description="The tenant.")
    admin_member_id: strawberry.ID | None = strawberry.field(
        default=None, description="The first administrator, as a member."
    )


@strawberry.type(description="`tenant` is null exactly when `errors` is not empty.")
class SuspendTenantPayload(Payload):
    tenant: PlatformTenant | None = strawberry.field(default=None, description="The tenant.")


@strawberry.type(description="`tenant` is null exactly when `errors` is not empty.")
class ResumeTenantPayload(Payload):
    tenant: PlatformTenant | None = strawberry.field(default=None, description="The tenant.")


@strawberry.type(description="`tenant` is null exactly when `errors` is not empty.")
class RestrictTenantPayload(Payload):
    tenant: PlatformTenant | None = strawberry.field(default=None, description="The tenant.")


@strawberry.type(description="`tenant` is null exactly when `errors` is not empty.")
class UpgradeTenantPayload(Payload):
    tenant: PlatformTenant | None = strawberry.field(default=None, description="The tenant.")
    added: list[str] = strawberry.field(
        default_factory=list,
        description="What it got, or lacks where it was a dry run, a line each: words, channels,"
        " metrics, stages, duties, rights, roles, by the template's codes.",
    )
    left_out: list[str] = strawberry.field(
        default_factory=list,
        description="What it did not get though the template has it, and why, a sentence each.",
    )


async def _create(info: Info, input: CreateTenantInput) -> CreateTenantPayload:
    async def step() -> CreateTenantPayload:
        check_key(input.idempotency_key)
        actor, pool = await _operator(info, "tenant.create")
        commands.authorise_operator(actor, "tenant.create")
        key, password = input.idempotency_key, given(input.admin_password)
        made = await commands.create_tenant(
            info.context.transactions,
            pool,
            commands.CreateTenant(
                code=input.code,
                name=input.name,
                industry=input.industry,
                admin_name=input.admin_name,
                admin_login=input.admin_login,
                admin_password_hash=await hashed(info, key, password, ("input", "adminPassword")),
                key=key,
            ),
            actor,
        )
        return CreateTenantPayload(
            tenant=await _placed(pool, made.tenant_id),
            admin_member_id=make_id("member", made.admin_member_id),
            replayed=made.already,
        )

    return await _told(info, CreateTenantPayload, step)


async def _with_tenant(
    info: Info,
    input: Any,  # noqa: ANN401 - an input that names a tenant
    payload: type[_P],
    action: str,
    carry: Callable[[Actor, "asyncpg.Pool[Any]", UUID], Awaitable[dict[str, Any]]],
) -> _P:
    """Carry out what an operator does to one tenant, once for a key, and show the tenant then.

    Args:
        info: the request's.
        input: names the tenant.
        payload: shows it.
        action: what the operator must be allowed.
        carry: does it, given who, the directory and which tenant; returns what else is shown.
    """

    async def step() -> _P:
        check_key(input.idempotency_key)
        actor, pool = await _operator(info, action)
        commands.authorise_operator(actor, action)
        tenant_id = row_id(str(input.tenant_id), "tenant", "tenantId")
        who = info.context.claims.user_id
        kept = KeptKey(tenant_id, who, input.idempotency_key, payload.__name__, input)
        shown, replayed = await info.context.transactions.once(
            kept, lambda: carry(actor, pool, tenant_id)
        )
        found: dict[str, Any] = {"tenant": await _placed(pool, tenant_id), **shown}
        return payload(**found, replayed=replayed)

    return await _told(info, payload, step)


async def _suspend(info: Info, input: SuspendTenantInput) -> SuspendTenantPayload:
    async def carry(actor: Actor, pool: "asyncpg.Pool[Any]", tenant_id: UUID) -> dict[str, Any]:
        await commands.suspend_tenant(info.context.transactions, pool, tenant_id, actor)
        return {}

    return await _with_tenant(info, input, SuspendTenantPayload, "tenant.suspend", carry)


async def _resume(info: Info, input: ResumeTenantInput) -> ResumeTenantPayload:
    async def carry(actor: Actor, pool: "asyncpg.Pool[Any]", tenant_id: UUID) -> dict[str, Any]:
        await commands.resume_tenant(info.context.transactions, pool, tenant_id, actor)
        return {}

    return await _with_tenant(info, input, ResumeTenantPayload, "tenant.resume", carry)


async def _restrict(info: Info, input: RestrictTenantInput) -> RestrictTenantPayload:
    async def carry(actor: Actor, _pool: object, tenant_id: UUID) -> dict[str, Any]:
        order = commands.RestrictTenant(tenant_id, input.trusted_documents_only)
        await commands.restrict_tenant(info.context.transactions, order, actor)
        return {}

    return await _with_tenant(info, input, RestrictTenantPayload, "tenant.restrict", carry)


async def _upgrade(info: Info, input: UpgradeTenantInput) -> UpgradeTenantPayload:
    from service.provisioning.upgrading import (  # noqa: PLC0415 - seldom asked for
        UpgradeTenant,
        upgrade_tenant,
    )

    async def carry(actor: Actor, _pool: object, tenant_id: UUID) -> dict[str, Any]:
        order = UpgradeTenant(tenant_id, dry_run=input.dry_run)
        found = await upgrade_tenant(info.context.transactions, order, actor)
        return {"added": list(found.lines()), "left_out": list(found.left_out)}

    return await _with_tenant(info, input, UpgradeTenantPayload, "tenant.create", carry)


async def _admit(info: Info, input: AdmitPersonInput) -> AdmitPersonPayload:
    async def carry(actor: Actor, pool: "asyncpg.Pool[Any]", tenant_id: UUID) -> dict[str, Any]:
        order = commands.AdmitPerson(tenant_id, input.staff_code, input.login)
        admitted = await commands.admit_person(info.context.transactions, pool, order, actor)
        return {"member_id": make_id("member", admitted)}

    return await _with_tenant(info, input, AdmitPersonPayload, "tenant.admit", carry)


@strawberry.type
class PlatformMutation:
    create_tenant: CreateTenantPayload = declared(
        _create, CreateTenantInput, "For operators. Action `tenant.create`."
    )
    suspend_tenant: SuspendTenantPayload = declared(
        _suspend, SuspendTenantInput, "For operators. Action `tenant.suspend`."
    )
    resume_tenant: ResumeTenantPayload = declared(
        _resume, ResumeTenantInput, "For operators. Action `tenant.resume`."
    )
    restrict_tenant: RestrictTenantPayload = declared(
        _restrict,
        RestrictTenantInput,
        "For operators; a tenant's administrators have `editTenant`. Action `tenant.restrict`.",
    )
    upgrade_tenant: UpgradeTenantPayload = declared(
        _upgrade,
        UpgradeTenantInput,
        "For operators, as `bailiwick tenant upgrade` does it: all of it or nothing; the same"
        " again adds nothing. Action `tenant.create`.",
    )
    admit_person: AdmitPersonPayload = declared(
        _admit, AdmitPersonInput, "For operators. Action `tenant.admit`; he keeps his password."
    )


async def _operator(info: Info, action: str) -> tuple[Actor, "asyncpg.Pool[Any]"]:
    operator_id, pool = info.context.operator_id, info.context.identity_pool
    if operator_id is not None and pool is not None:
        return operator(operator_id, info.context.locale), pool
    if info.context.claims.member_id is None:
        raise NotSignedIn
    # He is told in his own language.
    await info.context.reader()
    raise Forbidden(action=action, reason=operators_only(info.context.locale))


async def _told(info: Info, payload: type[_P], step: Callable[[], Awaitable[_P]]) -> _P:
    try:
        return await step()
    except (NotSignedIn, TenantSuspended):
        raise
    except Refusal as refusal:
        return refused(info, payload, refusal)
    except Refusals as several:
        return refused(info, payload, *several.refusals)


async def _placed(pool: "asyncpg.Pool[Any]", tenant_id: UUID) -> PlatformTenant | None:
    found = await TenantDirectory(pool).by_id(tenant_id)
    return _shown(found) if found is not None else None


def _shown(placed: Placement) -> PlatformTenant:
    return PlatformTenant(
        id=make_id("tenant", placed.tenant_id),
        code=placed.code,
        name=placed.name,
        industry=placed.industry,
        cluster=placed.cluster,
        state=placed.tenant_state,
        created_at=placed.created_at,
    )
