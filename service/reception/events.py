"""What happens at a site: names that subscribers know."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class _OfSite:
    """Something of a site's queue."""

    site_id: UUID
    member_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The site."""
        return self.site_id


@dataclass(frozen=True, slots=True)
class RepSignedIn(_OfSite):
    """A rep joined the tail of the queue."""


@dataclass(frozen=True, slots=True)
class RepSignedOut(_OfSite):
    """A rep left the queue for the day."""


@dataclass(frozen=True, slots=True)
class RepWentAway(_OfSite):
    """A rep is out for a while: BUSINESS or PRIVATE."""

    reason: str


@dataclass(frozen=True, slots=True)
class RepCameBack(_OfSite):
    """A rep is on site again."""


@dataclass(frozen=True, slots=True)
class RepTookDayOff(_OfSite):
    """A rep does not work today."""


@dataclass(frozen=True, slots=True)
class PlaceLost(_OfSite):
    """A rep whose turn came while he was out went to the tail (Q5)."""

    visit_id: UUID


@dataclass(frozen=True, slots=True)
class TurnConsumed(_OfSite):
    """A rep's turn was used; he is at the tail."""

    visit_id: UUID


@dataclass(frozen=True, slots=True)
class TurnRestored(_OfSite):
    """A rep was given his turn back; he is at the head (Q8)."""

    visit_id: UUID


@dataclass(frozen=True, slots=True)
class RotationPenalised(_OfSite):
    """A rep broke a rule of the floor; it costs him turns, days in the rotation, or nothing."""

    visit_id: UUID
    breach: str
    turns: int
    days: int


@dataclass(frozen=True, slots=True)
class PenaltyLifted(_OfSite):
    """A manager let a rep off the turns he owed, or the days he was barred."""

    turns: int
    barred: bool


@dataclass(frozen=True, slots=True)
class ShiftPlanned(_OfSite):
    """A member is to work at a site on a day."""

    shift_id: UUID
    day: date


@dataclass(frozen=True, slots=True)
class ShiftChanged(_OfSite):
    """A planned shift was moved; `day` is where it stands now."""

    shift_id: UUID
    day: date


@dataclass(frozen=True, slots=True)
class ShiftCancelled(_OfSite):
    """A planned shift was called off."""

    shift_id: UUID
    day: date


@dataclass(frozen=True, slots=True)
class SiteCreated:
    """A place of reception was opened."""

    site_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The site."""
        return self.site_id


@dataclass(frozen=True, slots=True)
class SiteEdited:
    """A site's settings were changed."""

    site_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The site."""
        return self.site_id


@dataclass(frozen=True, slots=True)
class CallRecorded:
    """A telephone enquiry was taken."""

    call_id: UUID
    site_id: UUID
    taker_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The call."""
        return self.call_id


@dataclass(frozen=True, slots=True)
class _OfVisit:
    """Something of a visit."""

    visit_id: UUID
    site_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The visit."""
        return self.visit_id


@dataclass(frozen=True, slots=True)
class VisitArrived(_OfVisit):
    """A visitor came."""

    number: int
    party_id: UUID | None
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class ReceptionAssigned(_OfVisit):
    """Somebody was chosen to receive a visitor, at arrival or once he had waited."""

    receiver_id: UUID | None
    owner_kind: str
    owner_id: UUID | None
    mode: str
    rule: str


@dataclass(frozen=True, slots=True)
class ReceptionReassigned(_OfVisit):
    """A manager gave a visitor to somebody else, with a reason."""

    former_receiver_id: UUID | None
    receiver_id: UUID


@dataclass(frozen=True, slots=True)
class SurveyExposed(_OfVisit):
    """A visitor was exposed as a survey of a competitor."""

    admitted: bool


@dataclass(frozen=True, slots=True)
class VisitClosed(_OfVisit):
    """A visitor left."""

    left_at: datetime


@dataclass(frozen=True, slots=True)
class VisitStageReached:
    """A reception has reached a stage."""

    visit_id: UUID
    site_id: UUID
    stage: str

    @property
    def subject_id(self) -> UUID:
        """The visit."""
        return self.visit_id
