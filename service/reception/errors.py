"""What reception says no with, and which of the database's refusals it knows."""

from dataclasses import dataclass
from typing import ClassVar

from service.database.constraints import answers, lost_race
from service.errors import AlreadyTaken, Refusal

# Looked for before it is written: whoever loses the race finds the other's shift.
lost_race("shift_one_at_a_time_excl")
answers("visit_pk", lambda value: AlreadyTaken(value=value, field=("input", "id")))
answers("site_code_key", lambda value: AlreadyTaken(value=value, field=("input", "code")))


@dataclass(eq=False, kw_only=True)
class AlreadySignedIn(Refusal):
    """The member is signed in already."""

    code: ClassVar[str] = "ALREADY_SIGNED_IN"

    member: str


@dataclass(eq=False, kw_only=True)
class SignedInElsewhere(Refusal):
    """The member is signed in at another site today."""

    code: ClassVar[str] = "SIGNED_IN_ELSEWHERE"

    member: str
    site: str


@dataclass(eq=False, kw_only=True)
class ShiftOverlaps(Refusal):
    """The member is planned already for some of these hours, here or at another site."""

    code: ClassVar[str] = "SHIFT_OVERLAPS"

    site: str
    starts_at: str
    ends_at: str


@dataclass(eq=False, kw_only=True)
class ShiftOver(Refusal):
    """The shift's day has passed or it was called off; it stays as it was."""

    code: ClassVar[str] = "SHIFT_OVER"


@dataclass(eq=False, kw_only=True)
class NotOnShift(Refusal):
    """The member is not signed in at the site today."""

    code: ClassVar[str] = "NOT_ON_SHIFT"


@dataclass(eq=False, kw_only=True)
class NotAway(Refusal):
    """The member is on site; there is nothing to come back from."""

    code: ClassVar[str] = "NOT_AWAY"


@dataclass(eq=False, kw_only=True)
class TakingRefused(Refusal):
    """The rep may not take a second new customer while a colleague is free (Q9)."""

    code: ClassVar[str] = "TAKING_REFUSED"


@dataclass(eq=False, kw_only=True)
class NotHisTurn(Refusal):
    """The rulebook gives the waiting visitor to somebody else, or lets him wait."""

    code: ClassVar[str] = "NOT_HIS_TURN"


@dataclass(eq=False, kw_only=True)
class NamedTooLate(Refusal):
    """The visitor named a rep after the reception was assigned (Q11)."""

    code: ClassVar[str] = "NAMED_TOO_LATE"


@dataclass(eq=False, kw_only=True)
class VisitAlreadyAssigned(Refusal):
    """Somebody receives the visitor already; only a manager reassigns."""

    code: ClassVar[str] = "VISIT_ALREADY_ASSIGNED"


@dataclass(eq=False, kw_only=True)
class VisitClosedAlready(Refusal):
    """The visitor has left."""

    code: ClassVar[str] = "VISIT_CLOSED"


@dataclass(eq=False, kw_only=True)
class AlreadyExposed(Refusal):
    """The visitor was exposed before."""

    code: ClassVar[str] = "ALREADY_EXPOSED"


@dataclass(eq=False, kw_only=True)
class ReasonMissing(Refusal):
    """An override needs a reason, which is kept."""

    code: ClassVar[str] = "REASON_MISSING"


@dataclass(eq=False, kw_only=True)
class NoPenalty(Refusal):
    """The rep owes no turn and is not barred, so there is nothing to lift."""

    code: ClassVar[str] = "NO_PENALTY"


@dataclass(eq=False, kw_only=True)
class NoPenaltyRule(Refusal):
    """The rulebook in force has no decision about breaches of the floor's rules."""

    code: ClassVar[str] = "NO_PENALTY_RULE"


@dataclass(eq=False, kw_only=True)
class NotOfCompany(Refusal):
    """The visit is not the company's, so its customer does not go to the pool."""

    code: ClassVar[str] = "NOT_OF_COMPANY"


@dataclass(eq=False, kw_only=True)
class CustomerOfNobody(Refusal):
    """The visit belongs to no rep, so there is no register to enter the customer in."""

    code: ClassVar[str] = "CUSTOMER_OF_NOBODY"


@dataclass(eq=False, kw_only=True)
class CustomerUnknown(Refusal):
    """Nobody knows who the visitor is; register him first."""

    code: ClassVar[str] = "CUSTOMER_UNKNOWN"


@dataclass(eq=False, kw_only=True)
class VisitorWaits(Refusal):
    """Nobody receives the visitor yet, so his reception has no stages."""

    code: ClassVar[str] = "VISITOR_WAITS"


@dataclass(eq=False, kw_only=True)
class StageTooLate(Refusal):
    """The visit's day is over; its stages are noted on the day (TM-5)."""

    code: ClassVar[str] = "STAGE_TOO_LATE"


@dataclass(eq=False, kw_only=True)
class StageNotedAlready(Refusal):
    """The visit has reached that stage before."""

    code: ClassVar[str] = "STAGE_NOTED_ALREADY"


answers("visit_stage_visit_id_stage_key", lambda _value: StageNotedAlready())
