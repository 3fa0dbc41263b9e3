"""A company that shut itself out gets an administrator again, by an operator.

A change of rights that would leave nobody to keep roles and duties is refused; who could sign in
may still have lost his password, left without a word or died. The person let in is a new member, so
that no prohibition of an old office is his.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from service.errors import Refusal
from service.identity.accounts import Accounts
from service.identity.names import sign_in_name
from service.organisation import facts
from service.organisation.access import judge, one_at_a_time
from service.organisation.actors import load_policy, role_code
from service.organisation.events import MemberJoined, RightsChanged
from service.organisation.rules import KEEPERS, lost_keeper
from service.organisation.tables import Assignment, Duty, DutyPermission, Member, Role, RoleDuty
from service.policies.access import Actor, Holding
from service.provisioning.commands import authorise_operator, known_tenant
from service.provisioning.copying import ADMINISTRATOR
from service.provisioning.sheets import Words
from service.tenants.texts import line_faults, refuse_faults
from service.work import Transactions, UnitOfWork

_LOGIN = ("input", "login")
_LONGEST_CODE = 64
_NAMES = Words("Restored administrator", "復原的管理員", "恢复的管理员")
_WORDING = Words(
    "Keeps the company's roles, duties and offices",
    "維護公司的角色、職責與任職",
    "维护公司的角色、职责与任职",
)


@dataclass(frozen=True, slots=True)
class RestoreAdministrator:
    """An operator gives a company a new member who administers it.

    Attributes:
        staff_code: the company's number for him, which nobody there has.
        login: the name he signs in with.
        password_hash: Argon2id, of a person nobody knows yet; None for one who is known already.
    """

    tenant_id: UUID
    name: str
    staff_code: str
    login: str
    password_hash: str | None = None


async def restore_administrator(
    transactions: Transactions,
    identity_pool: "asyncpg.Pool[Any]",
    order: RestoreAdministrator,
    operator: Actor,
) -> UUID:
    """Enter the administrator, let him in, and return his id as a member; all of it or nothing.

    He has the role the company was founded with, or, where that does not keep the company open any
    more, a role made for it. What others are forbidden stays; he can lift it.

    Raises:
        Forbidden: the actor is no operator of the platform.
        Refusals: name or staff code are not of their form.
        NotFound: the tenant, or without a password the person, is unknown.
        AlreadyTaken: the staff code is in use there.
        SignInNameTaken: a password is given for a name that somebody else signs in by.
    """
    authorise_operator(operator, "tenant.admit")
    refuse_faults(_faults(order))
    accounts = Accounts(identity_pool, transactions.clock)
    known = await accounts.person_named(order.login) if order.password_hash is None else None

    async def restore(work: UnitOfWork) -> UUID:
        await known_tenant(work)
        await one_at_a_time(work)
        member = await _enter(work, order)
        role_id = await _role(work, member.id)
        office = Assignment(
            tenant_id=work.tenant_id,
            id=work.new_id(),
            member_id=member.id,
            role_id=role_id,
            valid_from=work.now,
            created_at=work.now,
        )
        work.add(office)
        await judge(work)
        work.emit(RightsChanged(office.id))
        name, who = sign_in_name(order.login), operator.member_id
        work.concerns("member", member.id, sign_in_name=name, operator=who, role=role_id)
        # The audit line is committed first: nobody is let in without one.
        connection = await work.beside.enter_async_context(accounts.begun())
        user_id = known or await accounts.add_named(
            order.login, order.password_hash, connection, _LOGIN
        )
        await accounts.admit(user_id, work.tenant_id, member.id, connection)
        return member.id

    return await transactions.internally(order.tenant_id, "restore_administrator", restore)


def _faults(order: RestoreAdministrator) -> Iterator[Refusal]:
    yield from line_faults(order.name, ("input", "name"))
    yield from line_faults(order.staff_code, ("input", "staffCode"), _LONGEST_CODE)


async def _enter(work: UnitOfWork, order: RestoreAdministrator) -> Member:
    staff_code = order.staff_code.strip()
    await facts.refuse_taken_staff_code(work, staff_code)
    member = Member(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        staff_code=staff_code,
        name=order.name.strip(),
        created_at=work.now,
    )
    work.add(member)
    work.emit(MemberJoined(member.id))
    return member


async def _role(work: UnitOfWork, member_id: UUID) -> UUID:
    """Return the role of the template's administrator, or of one made anew if it keeps too little.

    It may have been retired, stripped of duties or forbidden them.
    """
    policy = await load_policy(work)
    alone = Actor(work.tenant_id, member_id, (Holding(role_code(ADMINISTRATOR)),))
    if lost_keeper(policy, [alone]) is None:
        found: UUID = await work.fetch_value(
            "SELECT id FROM app.role WHERE tenant_id = $1 AND code = $2",
            work.tenant_id,
            ADMINISTRATOR,
        )
        return found

    def key() -> dict[str, Any]:
        return {"tenant_id": work.tenant_id, "id": work.new_id()}

    code = f"restored-{work.now:%Y%m%d%H%M%S}"
    duty = Duty(**key(), code=code, wording=_WORDING.by_locale(), created_at=work.now)
    role = Role(**key(), code=code, names=_NAMES.by_locale(), created_at=work.now)
    work.add(duty)
    work.add(role)
    work.add(RoleDuty(**key(), role_id=role.id, duty_id=duty.id))
    for action in KEEPERS:
        of, what = action.rsplit(".", 1)
        row = DutyPermission(**key(), duty_id=duty.id, object=of, action=what, scope="tenant")
        work.add(row)
    return role.id
