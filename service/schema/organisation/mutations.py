"""What is done to the organisation: units, members, posts, stand-ins."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import strawberry

from service.errors import Refusal
from service.organisation import commands
from service.organisation.memberships import close_door, open_door
from service.schema.carry import Payload, Records, carry_out, refused, the
from service.schema.context import Info
from service.schema.mutation import (
    CommandInput,
    command,
    declared,
    given,
    is_set,
    optional,
    order_of,
    orders,
    required,
)
from service.schema.organisation.logins import LoginInput, accounts_of, asked, wanted
from service.schema.organisation.types import Assignment, Delegation, Member, OrgUnit
from service.schema.scalars import LocaleTag, LocalizedTextInput, row_id
from service.work import Sight

_EXPECTED = "The version the caller has seen."


@strawberry.input(description="A new unit.")
class CreateOrgUnitInput(CommandInput):
    code: str = required("Unique; 1 to 64 small letters, digits, dashes.")
    kind: str = required("The level, a code of the tenant's template.")
    names: LocalizedTextInput = required("Its name.")
    parent_id: strawberry.ID | None = optional("The unit above; left out at the top.")
    valid_from: date | None = optional("First day; today when left out.")


@strawberry.input(description="A unit is renamed or moved; what is left out stays.")
class EditOrgUnitInput(CommandInput):
    org_unit_id: strawberry.ID = required("The unit.")
    expected_version: int = required(_EXPECTED)
    names: LocalizedTextInput | None = optional("Its name.")
    kind: str | None = optional("The level.")
    parent_id: strawberry.ID | None = optional("The unit above; null moves it to the top.")


@strawberry.input(description="A unit is no more.")
class RetireOrgUnitInput(CommandInput):
    org_unit_id: strawberry.ID = required("The unit.")
    expected_version: int = required(_EXPECTED)
    valid_until: date | None = optional("First day without it; today when left out.")


@strawberry.type(description="`orgUnit` is null exactly when `errors` is not empty.")
class _OfUnit(Payload):
    org_unit: OrgUnit | None = strawberry.field(default=None, description="The unit.")


@strawberry.type(description="`orgUnit` is null exactly when `errors` is not empty.")
class CreateOrgUnitPayload(_OfUnit):
    pass


@strawberry.type(description="`orgUnit` is null exactly when `errors` is not empty.")
class EditOrgUnitPayload(_OfUnit):
    pass


@strawberry.type(description="`orgUnit` is null exactly when `errors` is not empty.")
class RetireOrgUnitPayload(_OfUnit):
    pass


@strawberry.input(description="Somebody joins the company.")
class CreateMemberInput(CommandInput):
    name: str = required("1 to 200 characters.")
    staff_code: str = required("Unique; 1 to 64 characters.")
    org_unit_id: strawberry.ID | None = optional("The unit he belongs to.")
    territory_id: strawberry.ID | None = optional("His territory.")
    locale: LocaleTag | None = optional("His language; the tenant's when left out.")
    hired_on: date | None = optional("First day of work.")
    login: LoginInput | None = optional("How he signs in; left out for who does not yet.")


@strawberry.input(description="A member's data are put right; what is left out stays.")
class EditMemberInput(CommandInput):
    member_id: strawberry.ID = required("The member.")
    expected_version: int = required(_EXPECTED)
    name: str | None = optional("1 to 200 characters.")
    staff_code: str | None = optional("Unique; 1 to 64 characters.")
    locale: LocaleTag | None = optional("His language.")
    org_unit_id: strawberry.ID | None = optional("His unit; given together with the territory.")
    territory_id: strawberry.ID | None = optional("His territory; given together with the unit.")


@strawberry.input(description="A member leaves the company.")
class LeaveMemberInput(CommandInput):
    member_id: strawberry.ID = required("The member.")
    expected_version: int = required(_EXPECTED)
    left_on: date | None = optional("Last day of work; today when left out.")


@strawberry.type(description="`member` is null exactly when `errors` is not empty.")
class _OfMember(Payload):
    member: Member | None = strawberry.field(default=None, description="The member.")


@strawberry.type(description="`member` is null exactly when `errors` is not empty.")
class CreateMemberPayload(_OfMember):
    pass


@strawberry.type(description="`member` is null exactly when `errors` is not empty.")
class EditMemberPayload(_OfMember):
    pass


@strawberry.type(description="`member` is null exactly when `errors` is not empty.")
class LeaveMemberPayload(_OfMember):
    pass


@strawberry.input(description="A member is given a role at a place.")
class AssignRoleInput(CommandInput):
    member_id: strawberry.ID = required("The member.")
    role_id: strawberry.ID = required("The role.")
    org_unit_id: strawberry.ID | None = optional("At which unit.")
    territory_id: strawberry.ID | None = optional("For which territory.")
    valid_from: datetime | None = optional("From when; at once when left out.")
    valid_until: datetime | None = optional("First instant without; no end when left out.")


@strawberry.input(description="A member's role ends.")
class EndAssignmentInput(CommandInput):
    assignment_id: strawberry.ID = required("The assignment.")
    expected_version: int = required(_EXPECTED)
    at: datetime | None = optional("First instant without; at once when left out.")


@strawberry.type(description="`assignment` is null exactly when `errors` is not empty.")
class AssignRolePayload(Payload):
    assignment: Assignment | None = strawberry.field(default=None, description="The assignment.")


@strawberry.type(description="`assignment` is null exactly when `errors` is not empty.")
class EndAssignmentPayload(Payload):
    assignment: Assignment | None = strawberry.field(default=None, description="The assignment.")


@strawberry.input(description="A member stands in for another, for listed commands.")
class DelegateInput(CommandInput):
    from_member_id: strawberry.ID = required("Who is absent.")
    to_member_id: strawberry.ID = required("Who stands in.")
    commands: list[str] = required("Actions like `visit.reassign`, 1 to 200.")
    valid_from: datetime | None = optional("From when; at once when left out.")
    valid_until: datetime = required("First instant without.")


@strawberry.input(description="A delegation ends early.")
class EndDelegationInput(CommandInput):
    delegation_id: strawberry.ID = required("The delegation.")
    expected_version: int = required(_EXPECTED)


@strawberry.type(description="`delegation` is null exactly when `errors` is not empty.")
class DelegatePayload(Payload):
    delegation: Delegation | None = strawberry.field(default=None, description="The delegation.")


@strawberry.type(description="`delegation` is null exactly when `errors` is not empty.")
class EndDelegationPayload(Payload):
    delegation: Delegation | None = strawberry.field(default=None, description="The delegation.")


def _edit_unit(sent: EditOrgUnitInput) -> commands.EditOrgUnit:
    ids = {"org_unit_id": "org_unit", "parent_id": "org_unit"}
    return order_of(commands.EditOrgUnit, sent, ids, moved=is_set(sent.parent_id))


def _edit_member(sent: EditMemberInput) -> commands.EditMember:
    ids = {"member_id": "member", "org_unit_id": "org_unit", "territory_id": "territory"}
    moved = is_set(sent.org_unit_id, sent.territory_id)
    return order_of(commands.EditMember, sent, ids, moved=moved)


_SHOWN = the(member=Member)
_PLACE = {"org_unit_id": "org_unit", "territory_id": "territory"}


async def _create_member(info: Info, input: CreateMemberInput) -> CreateMemberPayload:
    sent = given(input.login)
    try:
        login = None if sent is None else await wanted(info, input.idempotency_key, sent)
    except Refusal as refusal:
        return refused(info, CreateMemberPayload, refusal)

    async def opened(sight: Sight, member_id: UUID) -> dict[str, Any]:
        if login is not None:
            await open_door(sight, accounts_of(info), member_id, login)
        return {}

    return await carry_out(
        info,
        input.idempotency_key,
        lambda: order_of(
            commands.CreateMember, input, _PLACE, login=None if login is None else asked(login)
        ),
        commands.create_member,
        payload=CreateMemberPayload,
        answer=Records(_SHOWN.shows, opened),
    )


async def _leave_member(info: Info, input: LeaveMemberInput) -> LeaveMemberPayload:
    payload = await carry_out(
        info,
        input.idempotency_key,
        lambda: order_of(commands.LeaveMember, input, {"member_id": "member"}),
        commands.leave_member,
        payload=LeaveMemberPayload,
        answer=_SHOWN,
    )
    if not payload.errors and info.context.identity_pool is not None:
        member_id = row_id(str(input.member_id), "member", "memberId")
        await close_door(accounts_of(info), info.context.caller.tenant_id, member_id)
    return payload


@strawberry.type
class OrganisationMutation:
    create_org_unit: CreateOrgUnitPayload = command(
        commands.create_org_unit,
        orders(commands.CreateOrgUnit, parent_id="org_unit"),
        CreateOrgUnitInput,
        CreateOrgUnitPayload,
        the(org_unit=OrgUnit),
        "Adds a unit to the company tree; members and roles can be placed there at once. A code"
        " in use and a parent that is no more are refused. Action `org_unit.create`.",
    )
    edit_org_unit: EditOrgUnitPayload = command(
        commands.edit_org_unit,
        _edit_unit,
        EditOrgUnitInput,
        EditOrgUnitPayload,
        the(org_unit=OrgUnit),
        "Renames a unit or hangs it elsewhere in the tree; everybody whose rights reach its old"
        " or new place gains or loses it from the next request on. A circle is refused. Action"
        " `org_unit.edit`.",
    )
    retire_org_unit: RetireOrgUnitPayload = command(
        commands.retire_org_unit,
        orders(commands.RetireOrgUnit, org_unit_id="org_unit"),
        RetireOrgUnitInput,
        RetireOrgUnitPayload,
        the(org_unit=OrgUnit),
        "Takes a unit out of use; its records stay and can be read. One that still has units,"
        " members, posts or sites in it is refused. Action `org_unit.retire`.",
    )
    create_member: CreateMemberPayload = declared(
        _create_member,
        CreateMemberInput,
        "Enters a person as a member, and how he signs in if that is given; he holds no role yet."
        " Action `member.create`. A name that anybody on the platform signs in with is refused:"
        " only an operator admits a person who is known already.",
        shows=_SHOWN.shows,
    )
    edit_member: EditMemberPayload = command(
        commands.edit_member,
        _edit_member,
        EditMemberInput,
        EditMemberPayload,
        the(member=Member),
        "Puts a member's name, staff code, language or place right; a new place counts for rights"
        " from the next request on. Action `member.edit`.",
    )
    leave_member: LeaveMemberPayload = declared(
        _leave_member,
        LeaveMemberInput,
        "Records that a member leaves: he may do nothing more from then on, and his records stay."
        " Customers, tasks and disputes of his go as by `planDeparture`, which can say where to."
        " Action `member.leave`. His sign-in to this company and his sessions in it end.",
        shows=_SHOWN.shows,
    )
    assign_role: AssignRolePayload = command(
        commands.assign_role,
        orders(commands.AssignRole, member_id="member", role_id="role", **_PLACE),
        AssignRoleInput,
        AssignRolePayload,
        the(assignment=Assignment),
        "Gives a member a role at a unit and a territory, from an instant on; its duties are his"
        " from then, and what they make him owe. Refused where he would hold duties that are kept"
        " apart, or the caller would give more than he may. Action `assignment.create`.",
    )
    end_assignment: EndAssignmentPayload = command(
        commands.end_assignment,
        orders(commands.EndAssignment, assignment_id="assignment"),
        EndAssignmentInput,
        EndAssignmentPayload,
        the(assignment=Assignment),
        "Takes a role from a member from an instant on; records made under it stay. Refused where"
        " nobody could give rights any more. Action `assignment.end`.",
    )
    delegate: DelegatePayload = command(
        commands.delegate,
        orders(commands.Delegate, from_member_id="member", to_member_id="member"),
        DelegateInput,
        DelegatePayload,
        the(delegation=Delegation),
        "Lets a colleague use an absent member's rights for the listed actions until an instant;"
        " whatever he does so is written down with both names. An action that none of the absent"
        " member's offices gives him is refused. Action `delegation.create`.",
    )
    end_delegation: EndDelegationPayload = command(
        commands.end_delegation,
        orders(commands.EndDelegation, delegation_id="delegation"),
        EndDelegationInput,
        EndDelegationPayload,
        the(delegation=Delegation),
        "Ends a delegation at once instead of at its end. Action `delegation.end`.",
    )
