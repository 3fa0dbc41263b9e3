"""What happened to ownership and credit."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class _OfRegistration:
    registration_id: UUID
    member_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The registration."""
        return self.registration_id


@dataclass(frozen=True, slots=True)
class CustomerRegistered(_OfRegistration):
    """A valid entry was made in a member's register (TR-1), from a visit or from a call."""

    party_id: UUID
    visit_id: UUID | None
    site_id: UUID
    org_unit_id: UUID | None
    protected_until: datetime
    first_follow_up_due_at: datetime


@dataclass(frozen=True, slots=True)
class RegistrationCorrected:
    """A later entry took the place of an earlier one (TR-9).

    Attributes:
        first_follow_up_due_at: null when the new entry owes none, made already or not valid.
    """

    registration_id: UUID
    corrects_id: UUID
    member_id: UUID
    party_id: UUID
    org_unit_id: UUID | None
    first_follow_up_due_at: datetime | None

    @property
    def subject_id(self) -> UUID:
        """The new entry."""
        return self.registration_id


@dataclass(frozen=True, slots=True)
class FollowUpRecorded:
    """A contact with a registered customer was recorded (TR-4)."""

    follow_up_id: UUID
    registration_id: UUID
    member_id: UUID
    party_id: UUID
    at: datetime
    renewed: bool
    protected_until: datetime | None

    @property
    def subject_id(self) -> UUID:
        """The registration."""
        return self.registration_id


@dataclass(frozen=True, slots=True)
class FollowUpCorrected:
    """A follow-up was corrected by a new entry; no deadline changes (TR-9)."""

    follow_up_id: UUID
    corrects_id: UUID
    registration_id: UUID
    member_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The registration."""
        return self.registration_id


@dataclass(frozen=True, slots=True)
class FirstFollowUpOverdue(_OfRegistration):
    """The term of the first follow-up passed without one (TR-7): a service breach, no loss."""

    party_id: UUID
    due_at: datetime


@dataclass(frozen=True, slots=True)
class TrackingEnding(_OfRegistration):
    """The last day of a tracking window has begun."""

    party_id: UUID
    protected_until: datetime


@dataclass(frozen=True, slots=True)
class RegistrationLapsed(_OfRegistration):
    """A tracking window has passed; the customer is free for others (TR-6)."""

    party_id: UUID
    protected_until: datetime


@dataclass(frozen=True, slots=True)
class EntryTooLate(_OfRegistration):
    """A visitor was entered after the deadline: on record, without any right, and owed no more.

    Attributes:
        visit_id: None where a call made it.
    """

    visit_id: UUID | None


@dataclass(frozen=True, slots=True)
class RegisterVoided:
    """A member's register at a site was found falsified (TR-8)."""

    register_book_id: UUID
    member_id: UUID
    site_id: UUID
    registration_ids: tuple[UUID, ...]

    @property
    def subject_id(self) -> UUID:
        """The register."""
        return self.register_book_id


@dataclass(frozen=True, slots=True)
class SurveyEntryVoided(_OfRegistration):
    """An entry fell: its visitor turned out to be a competitor's survey (五(五)2)."""

    party_id: UUID
    visit_id: UUID


@dataclass(frozen=True, slots=True)
class DealRecorded:
    """A subscription was signed; its credit is provisional until the claims close.

    Attributes:
        claims_close_at: null while the days to claim have not begun.
        registration_ids: the customer's registrations that the deal converted.
        tracking_ids: members besides owner and closer who were tracking him, to be told in time.
    """

    deal_id: UUID
    visit_id: UUID
    party_id: UUID
    site_id: UUID
    closer_id: UUID
    owner_id: UUID | None
    claims_close_at: datetime | None
    registration_ids: tuple[UUID, ...]
    tracking_ids: tuple[UUID, ...] = ()

    @property
    def subject_id(self) -> UUID:
        """The deal."""
        return self.deal_id


@dataclass(frozen=True, slots=True)
class DealContracted:
    """The contract of a deal was recorded; the days to claim it may have begun with that.

    Attributes:
        claims_close_at: first instant without a claim, as it is from now on; null where a version
            that switches has the days wait for another event.
        concerned_ids: its owner, its closer, and whoever else takes part in it.
        recorded_by: who recorded it.
    """

    deal_id: UUID
    party_id: UUID
    claims_close_at: datetime | None
    concerned_ids: tuple[UUID, ...]
    recorded_by: UUID

    @property
    def subject_id(self) -> UUID:
        """The deal."""
        return self.deal_id


@dataclass(frozen=True, slots=True)
class DealCancelled:
    """A subscription fell through; nobody has credit of it any more.

    Attributes:
        dispute_id: the dispute that ended with it, if one was open.
        registration_ids: the customer's registrations that track him again.
        concerned_ids: its owner, its closer, who had a share, claimed it or disputed it.
        cancelled_by: who recorded it.
    """

    deal_id: UUID
    party_id: UUID
    site_id: UUID
    dispute_id: UUID | None
    registration_ids: tuple[UUID, ...]
    concerned_ids: tuple[UUID, ...]
    cancelled_by: UUID

    @property
    def subject_id(self) -> UUID:
        """The deal."""
        return self.deal_id


@dataclass(frozen=True, slots=True)
class CreditReversed:
    """A deal's credit was taken back from the ledger, by entries of the opposite sign."""

    deal_id: UUID
    holder_ids: tuple[UUID, ...]

    @property
    def subject_id(self) -> UUID:
        """The deal."""
        return self.deal_id


@dataclass(frozen=True, slots=True)
class ClaimFiled:
    """A claim on a deal was admitted."""

    claim_id: UUID
    deal_id: UUID
    claimant_id: UUID
    closing_owner_id: UUID | None

    @property
    def subject_id(self) -> UUID:
        """The deal."""
        return self.deal_id


@dataclass(frozen=True, slots=True)
class ClaimRejected:
    """A claim was rejected, at once or after its register was found void."""

    claim_id: UUID
    deal_id: UUID
    claimant_id: UUID
    reason: str

    @property
    def subject_id(self) -> UUID:
        """The deal."""
        return self.deal_id


@dataclass(frozen=True, slots=True)
class CreditFinalised:
    """A deal's credit entered the ledger."""

    deal_id: UUID
    decision_id: UUID
    holder_ids: tuple[UUID, ...]

    @property
    def subject_id(self) -> UUID:
        """The deal."""
        return self.deal_id


@dataclass(frozen=True, slots=True)
class DisputeOpened:
    """Two members both say that a customer or a deal is theirs (五(五)8).

    Attributes:
        deal_id: null as long as it is about a customer who has not signed.
        opened_by: one of the two, or who opened it for them; null when the product did.
    """

    dispute_id: UUID
    deal_id: UUID | None
    party_id: UUID
    site_id: UUID
    org_unit_id: UUID | None
    first_member_id: UUID
    second_member_id: UUID
    opened_by: UUID | None
    private_until: datetime

    @property
    def subject_id(self) -> UUID:
        """The dispute."""
        return self.dispute_id


@dataclass(frozen=True, slots=True)
class DisputeHandedOver:
    """The two did not settle it, or hand it over early: it waits for the manager's verdict."""

    dispute_id: UUID
    deal_id: UUID | None
    party_id: UUID
    site_id: UUID
    first_member_id: UUID
    second_member_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The dispute."""
        return self.dispute_id


@dataclass(frozen=True, slots=True)
class DisputeSettled:
    """The two have settled their dispute among themselves."""

    dispute_id: UUID
    deal_id: UUID | None
    party_id: UUID
    first_member_id: UUID
    second_member_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The dispute."""
        return self.dispute_id


@dataclass(frozen=True, slots=True)
class DisputeDecided:
    """A manager has decided a dispute, or the appeal in it.

    Attributes:
        appeal_until: first instant without an appeal; null where none is heard.
    """

    dispute_id: UUID
    deal_id: UUID | None
    party_id: UUID
    first_member_id: UUID
    second_member_id: UUID
    decided_by: UUID
    appeal_until: datetime | None

    @property
    def subject_id(self) -> UUID:
        """The dispute."""
        return self.dispute_id


@dataclass(frozen=True, slots=True)
class DisputeAppealed:
    """One of the two has appealed against the manager's verdict."""

    dispute_id: UUID
    deal_id: UUID | None
    party_id: UUID
    site_id: UUID
    first_member_id: UUID
    second_member_id: UUID
    appealed_by: UUID

    @property
    def subject_id(self) -> UUID:
        """The dispute."""
        return self.dispute_id


@dataclass(frozen=True, slots=True)
class PenaltyCaseOpened:
    """A member's misconduct was found and is on record."""

    penalty_case_id: UUID
    member_id: UUID
    found_by: UUID

    @property
    def subject_id(self) -> UUID:
        """The case."""
        return self.penalty_case_id


@dataclass(frozen=True, slots=True)
class PenaltyCaseClosed:
    """It is on record what was done about a member's misconduct."""

    penalty_case_id: UUID
    member_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The case."""
        return self.penalty_case_id


@dataclass(frozen=True, slots=True)
class DeparturePlanned:
    """It is planned that a member goes."""

    departure_id: UUID
    member_id: UUID
    takes_effect_at: datetime

    @property
    def subject_id(self) -> UUID:
        """The departure."""
        return self.departure_id


@dataclass(frozen=True, slots=True)
class DepartureCancelled:
    """A member stays after all."""

    departure_id: UUID
    member_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The departure."""
        return self.departure_id


@dataclass(frozen=True, slots=True)
class DepartureDone:
    """A member has gone, and everything of his has found new hands."""

    departure_id: UUID
    member_id: UUID
    successor_id: UUID | None

    @property
    def subject_id(self) -> UUID:
        """The departure."""
        return self.departure_id


@dataclass(frozen=True, slots=True)
class RegistrationsReleased:
    """Registrations of a member who went belong to the company now."""

    departure_id: UUID
    member_id: UUID
    registration_ids: tuple[UUID, ...]

    @property
    def subject_id(self) -> UUID:
        """The departure."""
        return self.departure_id


@dataclass(frozen=True, slots=True)
class CustomerPooled:
    """A customer who came belongs to the company until he is handed out."""

    pool_entry_id: UUID
    party_id: UUID
    site_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The pool entry."""
        return self.pool_entry_id


@dataclass(frozen=True, slots=True)
class AssignedFromPool:
    """A customer of the company was handed out."""

    pool_entry_id: UUID
    registration_id: UUID
    member_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The pool entry."""
        return self.pool_entry_id
