"""What the organisation says no with, and what its constraints mean."""

from dataclasses import dataclass
from typing import ClassVar

from service.database.constraints import answers, lost_race
from service.errors import NotFound, Refusal


@dataclass(eq=False, kw_only=True)
class TreeWouldCircle(Refusal):
    """A unit or territory would come to lie below itself."""

    code: ClassVar[str] = "TREE_WOULD_CIRCLE"


@dataclass(eq=False, kw_only=True)
class StillInUse(Refusal):
    """Something in force still stands on it: units, offices, sites, roles."""

    code: ClassVar[str] = "STILL_IN_USE"

    uses: int


@dataclass(eq=False, kw_only=True)
class MemberHasLeft(Refusal):
    """A member who has left holds nothing and stands in for nobody."""

    code: ClassVar[str] = "MEMBER_HAS_LEFT"

    member: str


@dataclass(eq=False, kw_only=True)
class DutiesInConflict(Refusal):
    """A role, or one member's roles together, would hold two duties that must stay apart."""

    code: ClassVar[str] = "DUTIES_IN_CONFLICT"

    holder: str
    first: str
    second: str


@dataclass(eq=False, kw_only=True)
class WouldLockOut(Refusal):
    """Afterwards nobody who can sign in, or not the caller, could put roles and duties right."""

    code: ClassVar[str] = "WOULD_LOCK_OUT"

    action: str


@dataclass(eq=False, kw_only=True)
class BeyondOwnRights(Refusal):
    """Nobody gives more than he holds himself; what he holds for another is not his to give."""

    code: ClassVar[str] = "BEYOND_OWN_RIGHTS"

    action: str


@dataclass(eq=False, kw_only=True)
class AlreadyAssigned(Refusal):
    """The member holds this role at this place already in part of the span."""

    code: ClassVar[str] = "ALREADY_ASSIGNED"


@dataclass(eq=False, kw_only=True)
class DelegationToOneself(Refusal):
    """Nobody stands in for himself."""

    code: ClassVar[str] = "DELEGATION_TO_ONESELF"


@dataclass(eq=False, kw_only=True)
class NotHeldByAbsent(Refusal):
    """Nobody lends what none of his offices gives him."""

    code: ClassVar[str] = "NOT_HELD_BY_ABSENT"

    member: str
    action: str


@dataclass(eq=False, kw_only=True)
class ApiKeyOfAPerson(Refusal):
    """An API key acts as a member who is no person; this one can or could sign in."""

    code: ClassVar[str] = "API_KEY_OF_A_PERSON"

    member: str


@dataclass(eq=False, kw_only=True)
class SignInOfAnApiKey(Refusal):
    """A member whom a live API key acts as is given no sign-in."""

    code: ClassVar[str] = "SIGN_IN_OF_AN_API_KEY"

    member: str


@dataclass(eq=False, kw_only=True)
class NotByApiKey(Refusal):
    """A person must do it: a key opens no further door, neither for keys nor for people."""

    code: ClassVar[str] = "NOT_BY_API_KEY"


@dataclass(eq=False, kw_only=True)
class SpanInvalid(Refusal):
    """A span that ends before it begins, or begins in the past."""

    code: ClassVar[str] = "SPAN_INVALID"


@dataclass(eq=False, kw_only=True)
class LastDayInvalid(Refusal):
    """A member leaves on a day to come, or before he was hired or, if that is unknown, entered."""

    code: ClassVar[str] = "LAST_DAY_INVALID"

    first: str
    today: str


@dataclass(eq=False, kw_only=True)
class LeaveOverlaps(Refusal):
    """The member's leave is recorded already for some of these days."""

    code: ClassVar[str] = "LEAVE_OVERLAPS"


@dataclass(eq=False, kw_only=True)
class LeaveBegun(Refusal):
    """Leave that has begun is ended, not cancelled: what has passed of it counted."""

    code: ClassVar[str] = "LEAVE_BEGUN"

    first_day: str


@dataclass(eq=False, kw_only=True)
class LeaveOver(Refusal):
    """The leave has passed or was cancelled; there is nothing of it to take back."""

    code: ClassVar[str] = "LEAVE_OVER"


@dataclass(eq=False, kw_only=True)
class MemberOnLeave(Refusal):
    """Who is on leave neither signs in nor is planned for a shift; the leave is ended first."""

    code: ClassVar[str] = "MEMBER_ON_LEAVE"

    member: str
    last_day: str


# Codes are looked up before they are written, to name the value: under row security the database
# keeps it to itself. Of two at once the loser runs again and then finds it taken.
for _key in (
    "org_unit_code_key",
    "role_code_key",
    "duty_code_key",
    "territory_code_key",
    "member_staff_code_key",
):
    lost_race(_key)
answers("delegation_to_another_check", lambda _: DelegationToOneself(field=("input", "toMemberId")))
answers("delegation_lasts_check", lambda _: SpanInvalid(field=("input", "validUntil")))
answers("assignment_lasts_check", lambda _: SpanInvalid(field=("input", "validUntil")))
answers("org_unit_lasts_check", lambda _: SpanInvalid(field=("input", "validUntil")))
answers("api_key_lasts_check", lambda _: SpanInvalid(field=("input", "expiresAt")))
answers("leave_lasts_check", lambda _: SpanInvalid(field=("input", "lastDay")))
# Looked for before it is written: whoever loses the race finds the other's leave.
lost_race("leave_one_at_a_time_excl")

# The foreign keys are looked up before they are written; a row that went since is just not there.
for _key in (
    "org_unit_parent_id_fk",
    "territory_parent_id_fk",
    "member_org_unit_id_fk",
    "member_territory_id_fk",
    "role_inclusion_included_role_id_fk",
    "role_duty_duty_id_fk",
    "assignment_member_id_fk",
    "assignment_role_id_fk",
    "assignment_org_unit_id_fk",
    "assignment_territory_id_fk",
    "delegation_from_member_id_fk",
    "delegation_to_member_id_fk",
    "leave_member_id_fk",
    "api_key_member_id_fk",
    "separated_duties_duty_id_fk",
    "separated_duties_other_duty_id_fk",
):
    answers(_key, lambda _: NotFound())

# Two edits of one role or pair at once: the loser runs again and meets the winner's rows.
for _key in (
    "role_duty_role_id_duty_id_key",
    "role_inclusion_role_id_included_role_id_key",
    "separated_duties_duty_id_other_duty_id_key",
):
    lost_race(_key)
