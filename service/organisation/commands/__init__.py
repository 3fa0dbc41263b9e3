"""The organisation's commands, one file a subject; each order stands beside its function."""

from service.organisation.commands.api_keys import (
    CreateApiKey,
    RevokeApiKey,
    create_api_key,
    revoke_api_key,
)
from service.organisation.commands.assignments import (
    AssignRole,
    EndAssignment,
    assign_role,
    end_assignment,
)
from service.organisation.commands.delegations import (
    Delegate,
    EndDelegation,
    delegate,
    end_delegation,
)
from service.organisation.commands.duties import (
    CreateDuty,
    EditDuty,
    Permission,
    RetireDuty,
    create_duty,
    edit_duty,
    retire_duty,
)
from service.organisation.commands.leave import (
    CancelLeave,
    EndLeave,
    RecordLeave,
    cancel_leave,
    end_leave,
    record_leave,
)
from service.organisation.commands.logins import LoginAsked, SetLogin, set_login
from service.organisation.commands.members import (
    CreateMember,
    EditMember,
    LeaveMember,
    create_member,
    edit_member,
    leave_member,
)
from service.organisation.commands.roles import (
    CreateRole,
    EditRole,
    RetireRole,
    create_role,
    edit_role,
    retire_role,
)
from service.organisation.commands.separations import (
    JoinDuties,
    SeparateDuties,
    join_duties,
    separate_duties,
)
from service.organisation.commands.units import (
    CreateOrgUnit,
    EditOrgUnit,
    RetireOrgUnit,
    create_org_unit,
    edit_org_unit,
    retire_org_unit,
)

__all__ = [
    "AssignRole",
    "CancelLeave",
    "CreateApiKey",
    "CreateDuty",
    "CreateMember",
    "CreateOrgUnit",
    "CreateRole",
    "Delegate",
    "EditDuty",
    "EditMember",
    "EditOrgUnit",
    "EditRole",
    "EndAssignment",
    "EndDelegation",
    "EndLeave",
    "JoinDuties",
    "LeaveMember",
    "LoginAsked",
    "Permission",
    "RecordLeave",
    "RetireDuty",
    "RetireOrgUnit",
    "RetireRole",
    "RevokeApiKey",
    "SeparateDuties",
    "SetLogin",
    "assign_role",
    "cancel_leave",
    "create_api_key",
    "create_duty",
    "create_member",
    "create_org_unit",
    "create_role",
    "delegate",
    "edit_duty",
    "edit_member",
    "edit_org_unit",
    "edit_role",
    "end_assignment",
    "end_delegation",
    "end_leave",
    "join_duties",
    "leave_member",
    "record_leave",
    "retire_duty",
    "retire_org_unit",
    "retire_role",
    "revoke_api_key",
    "separate_duties",
    "set_login",
]
