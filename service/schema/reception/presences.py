"""Who is there: reps sign in and out, go away and come back."""

from enum import Enum
from typing import Final

import strawberry

from service.reception import commands
from service.schema.carry import Payload, the
from service.schema.mutation import CommandInput, command, orders, required
from service.schema.reception.types import Site

_SITE: Final = "The site."
PRESENCE: Final = {"site_id": "site", "member_id": "member"}


@strawberry.input(description="Reps sign in at a site; several at once signed in at equal times.")
class SignInInput(CommandInput):
    site_id: strawberry.ID = required(_SITE)
    member_ids: list[strawberry.ID] = required("Who; 1 to 200.")


@strawberry.input(description="A rep and a site.")
class PresenceInput(CommandInput):
    site_id: strawberry.ID = required(_SITE)
    member_id: strawberry.ID = required("The rep.")


@strawberry.input(description="A rep signs out.")
class SignOutInput(PresenceInput):
    pass


@strawberry.input(description="A rep comes back.")
class ComeBackInput(PresenceInput):
    pass


@strawberry.input(description="A rep has the day off.")
class TakeDayOffInput(PresenceInput):
    pass


@strawberry.enum(description="Why a rep goes away for a while. Values are added.")
class AwayReason(Enum):
    BUSINESS = strawberry.enum_value("BUSINESS", description="On business.")
    PRIVATE = strawberry.enum_value("PRIVATE", description="Privately.")


@strawberry.input(description="A rep goes away for a while.")
class GoAwayInput(PresenceInput):
    reason: AwayReason = strawberry.field(default=AwayReason.BUSINESS, description="Why.")


@strawberry.type(description="`site` is null exactly when `errors` is not empty.")
class _OfSite(Payload):
    site: Site | None = strawberry.field(default=None, description="The site, with its queue.")


@strawberry.type(description="`site` is null exactly when `errors` is not empty.")
class SignInPayload(_OfSite):
    pass


@strawberry.type(description="`site` is null exactly when `errors` is not empty.")
class SignOutPayload(_OfSite):
    pass


@strawberry.type(description="`site` is null exactly when `errors` is not empty.")
class GoAwayPayload(_OfSite):
    pass


@strawberry.type(description="`site` is null exactly when `errors` is not empty.")
class ComeBackPayload(_OfSite):
    pass


@strawberry.type(description="`site` is null exactly when `errors` is not empty.")
class TakeDayOffPayload(_OfSite):
    pass


@strawberry.input(description="A rep is let off what his breaches cost him.")
class LiftReceptionPenaltyInput(PresenceInput):
    reason: str = required("Why, 1 to 500 characters; kept in the audit.")


@strawberry.type(description="`site` is null exactly when `errors` is not empty.")
class LiftReceptionPenaltyPayload(_OfSite):
    pass


@strawberry.type
class PresencesMutation:
    sign_in: SignInPayload = command(
        commands.sign_in,
        orders(commands.SignIn, site_id="site", member_ids="member"),
        SignInInput,
        SignInPayload,
        the(site=Site),
        "Puts reps at the tail of today's live order, several at once by their staff codes."
        " Action `reception_queue.sign_in`, for each of them.",
    )
    sign_out: SignOutPayload = command(
        commands.sign_out,
        orders(commands.SignOut, **PRESENCE),
        SignOutInput,
        SignOutPayload,
        the(site=Site),
        "Takes a rep out of today's live order; his visits stay his."
        " Action `reception_queue.sign_out`.",
    )
    go_away: GoAwayPayload = command(
        commands.go_away,
        orders(commands.GoAway, **PRESENCE),
        GoAwayInput,
        GoAwayPayload,
        the(site=Site),
        "Leaves a rep his place in the live order while he is away; visitors pass him over, and"
        " by the rulebook he may lose his place when his turn comes."
        " Action `reception_queue.go_away`.",
    )
    come_back: ComeBackPayload = command(
        commands.come_back,
        orders(commands.ComeBack, **PRESENCE),
        ComeBackInput,
        ComeBackPayload,
        the(site=Site),
        "Makes a rep who was away available again, where his place is now."
        " Action `reception_queue.come_back`.",
    )
    take_day_off: TakeDayOffPayload = command(
        commands.take_day_off,
        orders(commands.TakeDayOff, **PRESENCE),
        TakeDayOffInput,
        TakeDayOffPayload,
        the(site=Site),
        "Notes a day off: the rep leaves today's live order."
        " Action `reception_queue.take_day_off`.",
    )
    lift_reception_penalty: LiftReceptionPenaltyPayload = command(
        commands.lift_penalty,
        orders(commands.LiftPenalty, **PRESENCE),
        LiftReceptionPenaltyInput,
        LiftReceptionPenaltyPayload,
        the("visit.reassign", site=Site),
        "Lifts the turns a rep owes and the days he is barred from the rotation; who was passed"
        " over stays so, and the breaches stay on record. Action `visit.reassign`.",
    )
