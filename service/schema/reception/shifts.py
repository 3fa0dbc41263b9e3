"""What is done to the roster of a site."""

from datetime import date, time

import strawberry

from service.reception import commands
from service.schema.carry import Payload, the
from service.schema.mutation import CommandInput, command, optional, orders, required
from service.schema.reception.types import Shift


@strawberry.input(description="A member is to work at a site on a day.")
class PlanShiftInput(CommandInput):
    site_id: strawberry.ID = required("Where.")
    member_id: strawberry.ID = required("Who.")
    day: date = required("The site's day, today or up to 366 days ahead.")
    starts_at: time = required("From when.")
    ends_at: time = required("Until when, later than the start.")


@strawberry.input(description="A shift is moved; what is left out stays.")
class ChangeShiftInput(CommandInput):
    shift_id: strawberry.ID = required("The shift.")
    expected_version: int = required("The version the caller has seen.")
    day: date | None = optional("The site's day, today or up to 366 days ahead.")
    starts_at: time | None = optional("From when.")
    ends_at: time | None = optional("Until when, later than the start.")


@strawberry.input(description="A shift is called off.")
class CancelShiftInput(CommandInput):
    shift_id: strawberry.ID = required("The shift.")
    expected_version: int = required("The version the caller has seen.")


@strawberry.type(description="`shift` is null exactly when `errors` is not empty.")
class _OfShift(Payload):
    shift: Shift | None = strawberry.field(default=None, description="The shift.")


@strawberry.type(description="`shift` is null exactly when `errors` is not empty.")
class PlanShiftPayload(_OfShift):
    pass


@strawberry.type(description="`shift` is null exactly when `errors` is not empty.")
class ChangeShiftPayload(_OfShift):
    pass


@strawberry.type(description="`shift` is null exactly when `errors` is not empty.")
class CancelShiftPayload(_OfShift):
    pass


@strawberry.type
class ShiftsMutation:
    plan_shift: PlanShiftPayload = command(
        commands.plan_shift,
        orders(commands.PlanShift, site_id="site", member_id="member"),
        PlanShiftInput,
        PlanShiftPayload,
        the(shift=Shift),
        "Plans a member for hours of a day. Refused while he is on leave, and where he is planned"
        " already at that time, here or at another site. Action `shift.plan`.",
    )
    change_shift: ChangeShiftPayload = command(
        commands.change_shift,
        orders(commands.ChangeShift, shift_id="shift"),
        ChangeShiftInput,
        ChangeShiftPayload,
        the(shift=Shift),
        "Moves a shift to other hours or another day, as it could be planned there; for another"
        " member it is called off and planned anew. One whose day has passed stays as it was."
        " Action `shift.plan`.",
    )
    cancel_shift: CancelShiftPayload = command(
        commands.cancel_shift,
        orders(commands.CancelShift, shift_id="shift"),
        CancelShiftInput,
        CancelShiftPayload,
        the(shift=Shift),
        "Calls a shift off; it stays in the list as cancelled. One whose day has passed stays as"
        " it was. Action `shift.plan`.",
    )
