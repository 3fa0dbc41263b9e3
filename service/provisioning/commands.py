"""Tenants made, suspended and resumed, and people admitted, by the platform's operators.

A tenant stands in two places: its own rows, under the application's role, and the directory with
its administrator's membership, under the sign-in role. No transaction spans both, so the steps
are ordered and each can be repeated: first the name is taken in the directory (PREPARING), then
the rows are made, then the door is opened. A crash between them is mended by the same order again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import asyncpg

from service.clock import new_id
from service.database.constraints import lost_race
from service.errors import (
    AlreadyTaken,
    Forbidden,
    IdempotencyKeyReused,
    InvalidInput,
    NotFound,
    Refusal,
    Refusals,
)
from service.identity.accounts import Accounts
from service.identity.errors import SignInNameTaken, SignInNameUnknown, TenantHasOtherAdmin
from service.identity.names import sign_in_name
from service.journal.entries import digest
from service.organisation.errors import MemberHasLeft
from service.policies.access import Actor, Record, operators_only, platform_table
from service.tenants.codes import is_tenant_code
from service.tenants.commands import refuse_without_documents
from service.tenants.tables import PlacementState, Tenant, TenantState
from service.work import Transactions, UnitOfWork

if TYPE_CHECKING:
    from service.provisioning.templates import Template

_LONGEST_NAME = 200
_ADMIN_LOGIN = ("input", "adminLogin")
_FIELDS = {"name": "name", "admin_name": "adminName", "admin_login": "adminLogin"}

# Two operators repeat the same order at once: the second runs again and finds the rows made.
lost_race("tenant_pk")


@dataclass(frozen=True, slots=True)
class CreateTenant:
    """An operator opens a company's account from an industry template.

    Attributes:
        industry: code of a shipped template.
        admin_login: name under which the first administrator signs in.
        admin_password_hash: Argon2id, of a person nobody knows yet; None for one who is known
            already and keeps his password, or who comes by an identity provider.
        admin_known: he is known already for certain: a name that nobody signs in by is refused.
        beginning: when the tenant's records begin, None meaning now: demo data begins in the past.
        key: the operator's idempotency key; None at the command line, where the code is enough.
    """

    code: str
    name: str
    industry: str
    admin_name: str
    admin_login: str
    admin_password_hash: str | None = None
    admin_known: bool = False
    beginning: datetime | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class CreatedTenant:
    """A tenant that is open.

    Attributes:
        already: it was there before, made by the same order.
    """

    tenant_id: UUID
    admin_member_id: UUID
    already: bool


async def create_tenant(
    transactions: Transactions,
    identity_pool: "asyncpg.Pool[Any]",
    order: CreateTenant,
    operator: Actor,
) -> CreatedTenant:
    """Make a tenant with everything of its template; the same order twice makes one.

    Raises:
        Forbidden: the actor is no operator of the platform.
        Refusals: code, names or industry are not of their form.
        IdempotencyKeyReused: the operator has ordered another tenant under the key.
        AlreadyTaken: the code belongs to a tenant of another name or industry.
        SignInNameTaken: a password is given for a name that somebody else signs in by.
        SignInNameUnknown: somebody known is named, and nobody signs in so.
        TenantHasOtherAdmin: the tenant is open, and its administrator another person.
    """
    authorise_operator(operator, "tenant.create")
    from service.provisioning.templates import load_template  # noqa: PLC0415 - seldom asked for

    _refuse_malformed(order)
    template = load_template(order.industry)
    await _refuse_odd_login(identity_pool, order)
    taken = await _take_code(identity_pool, order, operator, transactions.clock.now())
    tenant_id, already = taken.tenant_id, taken.open

    async def make(work: UnitOfWork) -> UUID:
        admin_id: UUID | None = await work.fetch_value(
            "SELECT id FROM app.member WHERE tenant_id = $1 ORDER BY created_at, id LIMIT 1",
            tenant_id,
        )
        return admin_id or _make(work, template, order, operator)

    admin_id = await transactions.internally(tenant_id, "create_tenant", make)
    if not already:
        accounts = Accounts(identity_pool, transactions.clock)
        already = not await _open(accounts, order, tenant_id, admin_id)
    if already and not taken.by_key:
        await _refuse_other_admin(identity_pool, order, tenant_id, admin_id)
    return CreatedTenant(tenant_id, admin_id, already)


async def suspend_tenant(
    transactions: Transactions,
    identity_pool: "asyncpg.Pool[Any]",
    tenant_id: UUID,
    operator: Actor,
) -> None:
    """Refuse the tenant's members from their next request on; its records stay.

    Raises:
        Forbidden, NotFound.
    """
    authorise_operator(operator, "tenant.suspend")
    await _set_state(transactions, identity_pool, tenant_id, operator, TenantState.SUSPENDED)


async def resume_tenant(
    transactions: Transactions,
    identity_pool: "asyncpg.Pool[Any]",
    tenant_id: UUID,
    operator: Actor,
) -> None:
    """Let a suspended tenant work again.

    Raises:
        Forbidden, NotFound.
    """
    authorise_operator(operator, "tenant.resume")
    await _set_state(transactions, identity_pool, tenant_id, operator, TenantState.ACTIVE)


@dataclass(frozen=True, slots=True)
class RestrictTenant:
    """An operator sets whether a tenant answers trusted documents only."""

    tenant_id: UUID
    trusted_documents_only: bool


async def restrict_tenant(
    transactions: Transactions, order: RestrictTenant, operator: Actor
) -> None:
    """Let a tenant's members ask registered documents only, or whatever they write.

    Its administrators can do the same with `edit_tenant`; this is for one that has locked itself
    out. It holds within ten seconds, in every process.

    Raises:
        Forbidden, NotFound, NoTrustedDocuments.
    """
    authorise_operator(operator, "tenant.restrict")

    async def change(work: UnitOfWork) -> None:
        if order.trusted_documents_only:
            refuse_without_documents(work, ("input", "trustedDocumentsOnly"))
        work.write(
            str(Tenant.__tablename__),
            "UPDATE app.tenant SET trusted_documents_only = {}::boolean, version = version + 1"
            " WHERE tenant_id = {}::uuid",
            order.trusted_documents_only,
            await known_tenant(work),
            expected=1,
        )
        work.concerns(
            "tenant",
            work.tenant_id,
            trusted_documents_only=order.trusted_documents_only,
            operator=operator.member_id,
        )

    await transactions.internally(order.tenant_id, "restrict_tenant", change)


async def known_tenant(work: UnitOfWork) -> UUID:
    """Return the id of a tenant that has not ended, and lock it."""
    state = await work.fetch_value(
        "SELECT state FROM app.tenant WHERE tenant_id = $1 FOR NO KEY UPDATE", work.tenant_id
    )
    if state is None or state == TenantState.CLOSED:
        raise NotFound(field=("input", "tenantId"))
    return work.tenant_id


@dataclass(frozen=True, slots=True)
class AdmitPerson:
    """An operator admits a person who is known already to a further tenant, as one of its members.

    No tenant's administrator can: he would reach into whatever else the person may enter.

    Attributes:
        staff_code: the member's number in that tenant, which its administrator has entered.
        login: the name the person signs in with.
    """

    tenant_id: UUID
    staff_code: str
    login: str


async def admit_person(
    transactions: Transactions,
    identity_pool: "asyncpg.Pool[Any]",
    order: AdmitPerson,
    operator: Actor,
) -> UUID:
    """Let a known person sign in as a tenant's member and return the member's id.

    He keeps his password; one who has left comes in again. The same order twice is once.

    Raises:
        Forbidden: the actor is no operator of the platform.
        NotFound: the tenant, the member or the name is unknown.
        MemberHasLeft: the member does not work there any more.
        AlreadyTaken: the person is another member there, or another person is this member.
    """
    authorise_operator(operator, "tenant.admit")
    accounts = Accounts(identity_pool, transactions.clock)
    user_id = await accounts.person_named(order.login)

    async def step(work: UnitOfWork) -> UUID:
        staff_code = order.staff_code.strip()
        member_id = await _member_of(work, staff_code)
        name = sign_in_name(order.login)
        who = operator.member_id
        work.concerns("member", member_id, sign_in_name=name, operator=who)
        # The audit line is committed first: nobody is admitted without one.
        connection = await work.beside.enter_async_context(accounts.begun())
        await accounts.admit(user_id, work.tenant_id, member_id, connection, staff_code=staff_code)
        return member_id

    return await transactions.internally(order.tenant_id, "admit_person", step)


async def _member_of(work: UnitOfWork, staff_code: str) -> UUID:
    row = await work.fetch_one(
        "SELECT id, name, state FROM app.member"
        " WHERE tenant_id = $1 AND staff_code = $2 FOR NO KEY UPDATE",
        work.tenant_id,
        staff_code,
    )
    if row is None:
        raise NotFound(field=("input", "staffCode"))
    if row["state"] != "ACTIVE":
        raise MemberHasLeft(field=("input", "staffCode"), member=row["name"])
    member_id: UUID = row["id"]
    return member_id


def authorise_operator(operator: Actor, action: str) -> None:
    """Raise Forbidden unless the actor is an operator of the platform who may do it."""
    if not platform_table().check(operator, action, Record()):
        raise Forbidden(action=action, reason=operators_only(operator.locale))


def _refuse_malformed(order: CreateTenant) -> None:
    from service.provisioning.templates import template_codes  # noqa: PLC0415 - seldom asked for

    faults: list[Refusal] = []
    if not is_tenant_code(order.code):
        faults.append(InvalidInput(field=("input", "code"), expected="TENANT_CODE"))
    if order.industry not in template_codes():
        field, known = ("input", "industry"), tuple(template_codes())
        faults.append(InvalidInput(field=field, expected="ONE_OF", choices=known))
    for name, written in _FIELDS.items():
        value = getattr(order, name)
        if not 1 <= len(value.strip()) <= _LONGEST_NAME or not value.isprintable():
            field, most = ("input", written), _LONGEST_NAME
            faults.append(InvalidInput(field=field, expected="LINE", least=1, most=most))
    if faults:
        raise Refusals(faults)


class _Taken(NamedTuple):
    """An entry of the directory.

    Attributes:
        open: its tenant is open already.
        by_key: it was ordered by the same operator under the same key.
    """

    tenant_id: UUID
    open: bool
    by_key: bool


async def _take_code(
    identity_pool: "asyncpg.Pool[Any]", order: CreateTenant, operator: Actor, now: datetime
) -> _Taken:
    """Enter the directory, or find the entry of an earlier attempt.

    An operator's key and a code are each there once: of two orders at once one is entered.
    """
    ordered = operator.member_id, order.key, digest("create_tenant", order)
    async with identity_pool.acquire() as connection:
        await connection.execute(
            "INSERT INTO app.global_tenant_directory"
            " (tenant_id, code, name, industry, state, tenant_state, generation, created_at,"
            " ordered_by, order_key, order_digest)"
            " VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
            new_id(now),
            order.code,
            order.name,
            order.industry,
            PlacementState.PREPARING.value,
            TenantState.ACTIVE.value,
            now,
            *(ordered if order.key is not None else (None, None, None)),
        )
        # Under his key, if there is one; else by its code.
        found = await connection.fetchrow(
            "SELECT tenant_id, name, industry, state, order_digest,"
            " (ordered_by, order_key) = ($2::uuid, $3::text) IS TRUE AS by_key"
            " FROM app.global_tenant_directory"
            " WHERE code = $1 OR (ordered_by = $2 AND order_key = $3)"
            " ORDER BY by_key DESC LIMIT 1",
            order.code,
            *ordered[:2],
        )
    if found["by_key"] and found["order_digest"] != ordered[2]:
        raise IdempotencyKeyReused(field=("input", "idempotencyKey"))
    alike = (found["name"], found["industry"]) == (order.name, order.industry)
    if not alike and not found["by_key"]:
        raise AlreadyTaken(field=("input", "code"), value=order.code)
    is_open = found["state"] != PlacementState.PREPARING
    return _Taken(found["tenant_id"], is_open, found["by_key"])


def _make(work: UnitOfWork, template: "Template", order: CreateTenant, operator: Actor) -> UUID:
    from service.provisioning.copying import Founding, provision  # noqa: PLC0415 - seldom asked for

    founding = Founding(
        code=order.code,
        name=order.name,
        admin_name=order.admin_name,
        beginning=order.beginning,
    )
    made = provision(work, template, founding)
    work.concerns("tenant", work.tenant_id, code=order.code, operator=operator.member_id)
    return made.admin_id


async def _open(accounts: Accounts, order: CreateTenant, tenant_id: UUID, admin_id: UUID) -> bool:
    """Let the administrator in and open the tenant; False where another attempt has done so."""
    async with accounts.begun() as connection:
        state = await connection.fetchval(
            "SELECT state FROM app.global_tenant_directory WHERE tenant_id = $1 FOR UPDATE",
            tenant_id,
        )
        if state != PlacementState.PREPARING:
            return False
        if order.admin_password_hash is None:
            user_id = await accounts.known_or_added(order.admin_login, None, connection)
        else:
            user_id = await accounts.add_named(
                order.admin_login, order.admin_password_hash, connection, _ADMIN_LOGIN
            )
        await accounts.admit(user_id, tenant_id, admin_id, connection)
        await connection.execute(
            "UPDATE app.global_tenant_directory SET state = $2 WHERE tenant_id = $1",
            tenant_id,
            PlacementState.ACTIVE.value,
        )
    return True


async def _refuse_odd_login(identity_pool: "asyncpg.Pool[Any]", order: CreateTenant) -> None:
    """Refuse a password for somebody who has one, or nobody, before anything is written."""
    name = sign_in_name(order.admin_login)
    if order.admin_known:
        known = await identity_pool.fetchval(
            "SELECT EXISTS (SELECT FROM app.platform_user WHERE name = $1)", name
        )
        if not known:
            raise SignInNameUnknown(field=_ADMIN_LOGIN, name=name)
    if order.admin_password_hash is None:
        return
    taken = await identity_pool.fetchval(
        "SELECT EXISTS (SELECT FROM app.platform_user WHERE name = $1) AND NOT EXISTS"
        " (SELECT FROM app.global_tenant_directory WHERE code = $2 AND state <> $3)",
        name,
        order.code,
        PlacementState.PREPARING.value,
    )
    if taken:
        raise SignInNameTaken(field=_ADMIN_LOGIN, name=name)


async def _refuse_other_admin(
    identity_pool: "asyncpg.Pool[Any]", order: CreateTenant, tenant_id: UUID, admin_id: UUID
) -> None:
    """Refuse an order for an open tenant that names another administrator than it was made with."""
    name = await identity_pool.fetchval(
        "SELECT u.name FROM app.platform_membership m JOIN app.platform_user u ON u.id = m.user_id"
        " WHERE m.tenant_id = $1 AND m.member_id = $2",
        tenant_id,
        admin_id,
    )
    if name != sign_in_name(order.admin_login):
        raise TenantHasOtherAdmin(field=_ADMIN_LOGIN, tenant=order.code)


async def _set_state(
    transactions: Transactions,
    identity_pool: "asyncpg.Pool[Any]",
    tenant_id: UUID,
    operator: Actor,
    state: TenantState,
) -> None:
    async def change(work: UnitOfWork) -> None:
        await known_tenant(work)
        work.write(
            str(Tenant.__tablename__),
            "UPDATE app.tenant SET state = {}::text, version = version + 1"
            " WHERE tenant_id = {}::uuid",
            state.value,
            tenant_id,
            expected=1,
        )
        work.concerns("tenant", tenant_id, state=state.value, operator=operator.member_id)

    # The tenant's own row decides every request; the directory only greys out the choice.
    name = "suspend_tenant" if state is TenantState.SUSPENDED else "resume_tenant"
    await transactions.internally(tenant_id, name, change)
    async with identity_pool.acquire() as connection:
        await connection.execute(
            "UPDATE app.global_tenant_directory SET tenant_state = $2 WHERE tenant_id = $1",
            tenant_id,
            state.value,
        )
