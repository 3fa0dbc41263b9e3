"""Leave: who is absent when, entered, taken back, ended early."""

from datetime import date, datetime
from enum import Enum

import strawberry

from service.organisation import commands, tables
from service.organisation.tables import LeaveKind, LeaveState
from service.policies.access import RecordColumns
from service.reception.commands import record_leave
from service.schema.carry import Payload, the
from service.schema.connections import Connection, Orders, SortKey
from service.schema.filters import DateFilter, Filter, IdFilter, on, on_id, on_one
from service.schema.listing import listing
from service.schema.mutation import CommandInput, command, optional, orders, required
from service.schema.nodes import CREATED_AT, ID, VERSION, Node, described
from service.schema.organisation.types import TODAY, Member, MemberFilter
from service.schema.planner.mapping import (
    Possible,
    allowed_actions,
    column,
    key,
    planned,
    to_one,
)
from service.schema.reading import one

described(
    LeaveKind,
    "Why a member is absent. Values are added.",
    **{kind.name: f"{kind.name.replace('_', ' ').capitalize()} leave." for kind in LeaveKind},
)


described(
    LeaveState,
    "Whether leave stands. Values are added.",
    RECORDED="It stands.",
    CANCELLED="It was taken back.",
)


@strawberry.enum(description="What may be done with leave. Values are added.")
class LeaveAction(Enum):
    CANCEL = strawberry.enum_value("CANCEL", description="`cancelLeave`.")
    END = strawberry.enum_value("END", description="`endLeave`.")


_HIS = RecordColumns(
    owner="t.member_id",
    org_unit="m.org_unit_id",
    territory="m.territory_id",
    requester="t.member_id",
)


@planned(
    tables.Leave,
    action="leave.view",
    scope=_HIS,
    joins="JOIN app.member m ON m.tenant_id = $1 AND m.id = t.member_id",
)
@strawberry.type(description="A member's absence, by whole days, both inclusive.")
class Leave(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    member: Member | None = to_one("member_id", "Member", "Who is absent.")
    kind: LeaveKind = column("kind", "Why.")
    first_day: date = column("first_day", "First day of absence.")
    last_day: date = column("last_day", "Last day of absence.")
    state: LeaveState = column("state", "Whether it stands.")
    cancelled_at: datetime | None = column("cancelled_at", "When it was taken back.")
    created_at: datetime = column("created_at", CREATED_AT)
    allowed_actions: list[LeaveAction] = allowed_actions(
        "Commands the caller could issue now.",
        CANCEL=Possible("leave.record", f"t.cancelled_at IS NULL AND t.first_day > {TODAY}"),
        END=Possible("leave.record", f"t.cancelled_at IS NULL AND t.last_day >= {TODAY}"),
    )


@strawberry.input(description="Which leave.")
class LeaveFilter:
    member_id: IdFilter | None = on_id("t.member_id", "member", "By who is absent.")
    first_day: DateFilter | None = on("t.first_day", "date", "By its first day.")
    state: Filter[LeaveState] | None = on("t.state", "text", "What stands, or not.")
    member: MemberFilter | None = on_one("t.member_id", "Member", "By the member.")


_BY_FIRST_DAY = Orders({"FIRST_DAY": SortKey("t.first_day", "date")}, "FIRST_DAY")


@strawberry.type
class LeaveQuery:
    leave: Leave | None = one(Leave, "One absence; null when there is none in sight.")
    leaves: Connection[Leave] = listing(
        Leave,
        _BY_FIRST_DAY,
        "The absences in the caller's sight, those that begin last first.",
        filter=LeaveFilter,
    )


@strawberry.input(description="A member will be absent; nobody records his own.")
class RecordLeaveInput(CommandInput):
    member_id: strawberry.ID = required("The member.")
    kind: LeaveKind = required("Why.")
    first_day: date = required("First day of absence, at most 366 days ago.")
    last_day: date = required("Last day of absence, at most 731 days ahead; at most 366 in all.")


@strawberry.input(description="Leave that has not begun is taken back.")
class CancelLeaveInput(CommandInput):
    leave_id: strawberry.ID = required("The leave.")
    expected_version: int = required("The version the caller has seen.")


@strawberry.input(description="A member is back before his leave is over.")
class EndLeaveInput(CommandInput):
    leave_id: strawberry.ID = required("The leave.")
    expected_version: int = required("The version the caller has seen.")
    back_on: date | None = optional("First day he is back, not passed; today when left out.")


@strawberry.type(description="`leave` is null exactly when `errors` is not empty.")
class _OfLeave(Payload):
    leave: Leave | None = strawberry.field(default=None, description="The leave.")


@strawberry.type(description="`leave` is null exactly when `errors` is not empty.")
class RecordLeavePayload(_OfLeave):
    pass


@strawberry.type(description="`leave` is null exactly when `errors` is not empty.")
class CancelLeavePayload(_OfLeave):
    pass


@strawberry.type(description="`leave` is null exactly when `errors` is not empty.")
class EndLeavePayload(_OfLeave):
    pass


@strawberry.type
class LeaveMutation:
    record_leave: RecordLeavePayload = command(
        record_leave,
        orders(commands.RecordLeave, member_id="member"),
        RecordLeaveInput,
        RecordLeavePayload,
        the(leave=Leave),
        "Enters a member's absence by whole days, which may not overlap another of his; nobody"
        " enters his own. Where it covers today he is signed out, and he signs in nowhere until it"
        " is over or ended. Action `leave.record`.",
    )
    cancel_leave: CancelLeavePayload = command(
        commands.cancel_leave,
        orders(commands.CancelLeave, leave_id="leave"),
        CancelLeaveInput,
        CancelLeavePayload,
        the(leave=Leave),
        "Takes leave back that has not begun; it stays in the list as cancelled. Action"
        " `leave.record`.",
    )
    end_leave: EndLeavePayload = command(
        commands.end_leave,
        orders(commands.EndLeave, leave_id="leave"),
        EndLeaveInput,
        EndLeavePayload,
        the(leave=Leave),
        "Lets leave end before its last day, because he is back; the days that have passed stay"
        " leave. Whoever is back on its first day was never away, and it is cancelled. Action"
        " `leave.record`.",
    )
