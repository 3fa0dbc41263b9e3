"""What is done to roles and duties: the sheets from which all rights come."""

import strawberry

from service.organisation import commands
from service.organisation.obligations import Clock, Obligation
from service.schema.carry import Payload, the
from service.schema.mutation import (
    CommandInput,
    command,
    given,
    is_set,
    optional,
    order_of,
    orders,
    required,
)
from service.schema.organisation.types import Duty, Role
from service.schema.scalars import LocalizedTextInput

_EXPECTED = "The version the caller has seen."


@strawberry.input(description="A new role.")
class CreateRoleInput(CommandInput):
    code: str = required("Unique; 1 to 64 small letters, digits, dashes.")
    names: LocalizedTextInput = required("Its name.")
    duty_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Its duties, at most 200."
    )
    included_role_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Roles whose duties it has besides, at most 200."
    )


@strawberry.input(description="A role is changed; what is left out stays.")
class EditRoleInput(CommandInput):
    role_id: strawberry.ID = required("The role.")
    expected_version: int = required(_EXPECTED)
    names: LocalizedTextInput | None = optional("Its name.")
    duty_ids: list[strawberry.ID] | None = optional("All its duties from now on, at most 200.")
    included_role_ids: list[strawberry.ID] | None = optional(
        "All roles it includes from now on, at most 200."
    )


@strawberry.input(description="A role is no longer given.")
class RetireRoleInput(CommandInput):
    role_id: strawberry.ID = required("The role.")
    expected_version: int = required(_EXPECTED)


@strawberry.type(description="`role` is null exactly when `errors` is not empty.")
class _OfRole(Payload):
    role: Role | None = strawberry.field(default=None, description="The role.")


@strawberry.type(description="`role` is null exactly when `errors` is not empty.")
class CreateRolePayload(_OfRole):
    pass


@strawberry.type(description="`role` is null exactly when `errors` is not empty.")
class EditRolePayload(_OfRole):
    pass


@strawberry.type(description="`role` is null exactly when `errors` is not empty.")
class RetireRolePayload(_OfRole):
    pass


@strawberry.input(description="One row of authority.")
class PermissionInput:
    object: str = required("A word of the vocabulary, like `visit`.")
    action: str = required("A word of the vocabulary, like `record` or `view.phone`.")
    scope: str = required("own, team, territory or tenant.")
    limit: str | None = optional("A bound on a figure, like `discount_bp<=300`.")
    effect: str = strawberry.field(default="allow", description="allow or deny.")


@strawberry.input(description="When an obligation is due; exactly one way of counting is set.")
class ClockInput:
    within_days: int | None = optional("Days after the event, 1 to 366.")
    within_minutes: int | None = optional("Minutes after the event, 1 to 1,440.")
    end_of_day: bool = strawberry.field(default=False, description="24:00 of the event's day.")
    weekday: int | None = optional("Every week; Monday is 0.")
    day_of_month: int | None = optional("Every month, 1 to 28.")
    after: str | None = optional("The event it counts from, unless it recurs.")
    parameter: str | None = optional("The rulebook's parameter that sets the number.")


@strawberry.input(description="What a duty makes its holder owe.")
class ObligationInput:
    kind: str = required("A word of the duty vocabulary, like `first_follow_up`.")
    clock: ClockInput = required("By when.")
    evidence: str = required("Which record shows that it was done.")


@strawberry.input(description="A new duty.")
class CreateDutyInput(CommandInput):
    code: str = required("Unique; 1 to 64 small letters, digits, dashes.")
    wording: LocalizedTextInput = required("What is to be done.")
    permissions: list[PermissionInput] = strawberry.field(
        default_factory=list, description="The rows of authority it gives, at most 100."
    )
    metric: str | None = optional("Code of the metric it answers for.")
    obligation: ObligationInput | None = optional("What its holder owes.")
    sources: list[str] = strawberry.field(
        default_factory=list, description="Lines of job descriptions it comes from, at most 50."
    )


@strawberry.input(description="A duty is changed; what is left out stays, null clears.")
class EditDutyInput(CommandInput):
    duty_id: strawberry.ID = required("The duty.")
    expected_version: int = required(_EXPECTED)
    wording: LocalizedTextInput | None = optional("What is to be done; cannot be cleared.")
    permissions: list[PermissionInput] | None = optional(
        "All its rows of authority from now on, at most 100."
    )
    metric: str | None = optional("The metric; null clears it.")
    obligation: ObligationInput | None = optional("What its holder owes; null clears it.")


@strawberry.input(description="A duty is no longer given.")
class RetireDutyInput(CommandInput):
    duty_id: strawberry.ID = required("The duty.")
    expected_version: int = required(_EXPECTED)


@strawberry.input(description="Two duties that no role and no member may hold together.")
class SeparateDutiesInput(CommandInput):
    duty_id: strawberry.ID = required("One of them.")
    other_duty_id: strawberry.ID = required("The other.")
    reason: LocalizedTextInput = required("Why.")


@strawberry.input(description="Two duties may be held together again.")
class JoinDutiesInput(CommandInput):
    duty_id: strawberry.ID = required("One of them.")
    other_duty_id: strawberry.ID = required("The other.")


@strawberry.type(description="`duty` is null exactly when `errors` is not empty.")
class _OfDuty(Payload):
    duty: Duty | None = strawberry.field(default=None, description="The duty.")


@strawberry.type(description="`duty` is null exactly when `errors` is not empty.")
class CreateDutyPayload(_OfDuty):
    pass


@strawberry.type(description="`duty` is null exactly when `errors` is not empty.")
class EditDutyPayload(_OfDuty):
    pass


@strawberry.type(description="`duty` is null exactly when `errors` is not empty.")
class RetireDutyPayload(_OfDuty):
    pass


@strawberry.type(description="Whether the duties are kept apart now.")
class SeparateDutiesPayload(Payload):
    pass


@strawberry.type(description="Whether the duties may be held together now.")
class JoinDutiesPayload(Payload):
    pass


def _permissions(sent: list[PermissionInput]) -> tuple[commands.Permission, ...]:
    return tuple(order_of(commands.Permission, one, {}) for one in sent)


def _obligation(sent: ObligationInput | None) -> Obligation | None:
    if sent is None:
        return None
    return order_of(Obligation, sent, {}, clock=order_of(Clock, sent.clock, {}))


def _create(sent: CreateDutyInput) -> commands.CreateDuty:
    obligation = _obligation(given(sent.obligation))
    return order_of(
        commands.CreateDuty,
        sent,
        {},
        permissions=_permissions(sent.permissions),
        obligation=obligation,
    )


def _edit(sent: EditDutyInput) -> commands.EditDuty:
    rows = given(sent.permissions)
    return order_of(
        commands.EditDuty,
        sent,
        {"duty_id": "duty"},
        permissions=None if rows is None else _permissions(rows),
        obligation=_obligation(given(sent.obligation)),
        without_metric=is_set(sent.metric) and sent.metric is None,
        without_obligation=is_set(sent.obligation) and sent.obligation is None,
    )


_PAIR = {"duty_id": "duty", "other_duty_id": "duty"}


@strawberry.type
class DutiesMutation:
    create_role: CreateRolePayload = command(
        commands.create_role,
        orders(commands.CreateRole, duty_ids="duty", included_role_ids="role"),
        CreateRoleInput,
        CreateRolePayload,
        the(role=Role),
        "Adds a role with its duties and the roles it includes; nobody holds it yet. Duties that"
        " are kept apart are refused. Action `role.create`.",
    )
    edit_role: EditRolePayload = command(
        commands.edit_role,
        orders(commands.EditRole, role_id="role", duty_ids="duty", included_role_ids="role"),
        EditRoleInput,
        EditRolePayload,
        the(role=Role),
        "Changes a role; a list that is given is the whole list from now on, and counts for all"
        " its holders from their next request on. Duties that are kept apart, and locking oneself"
        " out, are refused. Action `role.edit`.",
    )
    retire_role: RetireRolePayload = command(
        commands.retire_role,
        orders(commands.RetireRole, role_id="role"),
        RetireRoleInput,
        RetireRolePayload,
        the(role=Role),
        "Takes a role out of use. One that somebody holds or another role includes is refused."
        " Action `role.retire`.",
    )
    create_duty: CreateDutyPayload = command(
        commands.create_duty,
        _create,
        CreateDutyInput,
        CreateDutyPayload,
        the(duty=Duty),
        "Adds a duty: its wording, its permissions and what it makes its holder owe. It gives"
        " nobody anything until a role has it. Unknown words are answered with the ones perhaps"
        " meant. Action `duty.create`.",
    )
    edit_duty: EditDutyPayload = command(
        commands.edit_duty,
        _edit,
        EditDutyInput,
        EditDutyPayload,
        the(duty=Duty),
        "Changes a duty for everybody who has it, from his next request on; a list of permissions"
        " that is given is the whole list. Locking oneself out is refused. Action `duty.edit`.",
    )
    retire_duty: RetireDutyPayload = command(
        commands.retire_duty,
        orders(commands.RetireDuty, duty_id="duty"),
        RetireDutyInput,
        RetireDutyPayload,
        the(duty=Duty),
        "Takes a duty out of use: every role loses it at once, and what was decided under it"
        " keeps its wording. Locking oneself out is refused. Action `duty.retire`.",
    )
    separate_duties: SeparateDutiesPayload = command(
        commands.separate_duties,
        orders(commands.SeparateDuties, **_PAIR),
        SeparateDutiesInput,
        SeparateDutiesPayload,
        the(),
        "Keeps two duties apart: no role and no member may have both from now on. Refused while"
        " one does. Action `duty.edit`.",
    )
    join_duties: JoinDutiesPayload = command(
        commands.join_duties,
        orders(commands.JoinDuties, **_PAIR),
        JoinDutiesInput,
        JoinDutiesPayload,
        the(),
        "Lets two duties be held together again. Action `duty.edit`.",
    )
