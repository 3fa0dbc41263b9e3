"""What ownership says no with."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from service.database.constraints import answers, lost_race
from service.errors import Refusal


@dataclass(eq=False, kw_only=True)
class SurveyVisitorNotRegistered(Refusal):
    """A survey visitor is no customer and enters no register (五(五)2)."""

    code: ClassVar[str] = "SURVEY_VISITOR_NOT_REGISTERED"


@dataclass(eq=False, kw_only=True)
class AlreadyRegistered(Refusal):
    """The visit's customer stands in this register already; a mistake is corrected (TR-9)."""

    code: ClassVar[str] = "ALREADY_REGISTERED"


@dataclass(eq=False, kw_only=True)
class AlreadyCorrected(Refusal):
    """The entry was corrected by a later one, which is the one to refer to (TR-9)."""

    code: ClassVar[str] = "ALREADY_CORRECTED"


@dataclass(eq=False, kw_only=True)
class RegisterIsVoid(Refusal):
    """The entry's register was found falsified; nothing is added to it (TR-8)."""

    code: ClassVar[str] = "REGISTER_IS_VOID"


@dataclass(eq=False, kw_only=True)
class DealAlreadyRecorded(Refusal):
    """The visit's deal is on record already."""

    code: ClassVar[str] = "DEAL_ALREADY_RECORDED"


@dataclass(eq=False, kw_only=True)
class DealIsCancelled(Refusal):
    """The deal fell through: nobody has credit of it, and nothing more is said of that."""

    code: ClassVar[str] = "DEAL_IS_CANCELLED"


@dataclass(eq=False, kw_only=True)
class CreditIsHisAlready(Refusal):
    """Who has the whole credit of a deal claims nothing: the owner needs no claim (CR-4)."""

    code: ClassVar[str] = "CREDIT_IS_CLAIMANTS"


@dataclass(eq=False, kw_only=True)
class DealHasContract(Refusal):
    """The contract of a deal is recorded once: the days to claim may have begun with it."""

    code: ClassVar[str] = "DEAL_HAS_CONTRACT"


@dataclass(eq=False, kw_only=True)
class SameCustomerNeedsVoucher(Refusal):
    """That the buyer is the person of an entry is not stated by whoever claims by it (五(四)3)."""

    code: ClassVar[str] = "SAME_CUSTOMER_NEEDS_VOUCHER"


@dataclass(eq=False, kw_only=True)
class VoucherIsConcerned(Refusal):
    """Who files a claim for another has no part in the credit himself."""

    code: ClassVar[str] = "VOUCHER_IS_CONCERNED"


@dataclass(eq=False, kw_only=True)
class DisputedBefore(Refusal):
    """A deal is disputed once, and a customer by one pair at a time (五(五)8)."""

    code: ClassVar[str] = "DISPUTED_BEFORE"


@dataclass(eq=False, kw_only=True)
class CreditIsFinal(Refusal):
    """The credit of the deal can no longer change, so it is not disputed either."""

    code: ClassVar[str] = "CREDIT_IS_FINAL"


@dataclass(eq=False, kw_only=True)
class DisputeNeedsDeal(Refusal):
    """The rulebook hears disputes about deals alone (`dispute.customers`)."""

    code: ClassVar[str] = "DISPUTE_NEEDS_DEAL"


@dataclass(eq=False, kw_only=True)
class NotTheirCustomer(Refusal):
    """Neither of the two tracks the customer or has received him today."""

    code: ClassVar[str] = "NOT_THEIR_CUSTOMER"


@dataclass(eq=False, kw_only=True)
class CustomerNotDivided(Refusal):
    """A customer is one member's; what can be divided is the credit of a deal."""

    code: ClassVar[str] = "CUSTOMER_NOT_DIVIDED"


@dataclass(eq=False, kw_only=True)
class PrivatePhaseOver(Refusal):
    """The two may no longer settle it among themselves (五(五)8)."""

    code: ClassVar[str] = "PRIVATE_PHASE_OVER"


@dataclass(eq=False, kw_only=True)
class DisputeStillPrivate(Refusal):
    """The two may still settle it among themselves; nobody decides before that."""

    code: ClassVar[str] = "DISPUTE_STILL_PRIVATE"


@dataclass(eq=False, kw_only=True)
class DisputeIsOver(Refusal):
    """The dispute was settled or decided before."""

    code: ClassVar[str] = "DISPUTE_IS_OVER"


@dataclass(eq=False, kw_only=True)
class SplitNotAllowed(Refusal):
    """In this showroom a verdict does not divide the credit."""

    code: ClassVar[str] = "SPLIT_NOT_ALLOWED"


@dataclass(eq=False, kw_only=True)
class NotAggravated(Refusal):
    """The company gets a deal only with a finding of aggravated misconduct (五(五)8)."""

    code: ClassVar[str] = "NOT_AGGRAVATED"


@dataclass(eq=False, kw_only=True)
class NothingToAppeal(Refusal):
    """No manager has decided the dispute."""

    code: ClassVar[str] = "NOTHING_TO_APPEAL"


@dataclass(eq=False, kw_only=True)
class VerdictIsFinal(Refusal):
    """No appeal is heard against the verdict: the rulebook has none, or one was decided."""

    code: ClassVar[str] = "VERDICT_IS_FINAL"


@dataclass(eq=False, kw_only=True)
class AppealedAlready(Refusal):
    """An appeal against the verdict waits for its answer; it is heard once, for both."""

    code: ClassVar[str] = "APPEALED_ALREADY"


@dataclass(eq=False, kw_only=True)
class AppealTooLate(Refusal):
    """The days for an appeal are over."""

    code: ClassVar[str] = "APPEAL_TOO_LATE"


@dataclass(eq=False, kw_only=True)
class NotASide(Refusal):
    """A representative opens only a dispute of his own, and only the two speak in it."""

    code: ClassVar[str] = "NOT_A_SIDE"


@dataclass(eq=False, kw_only=True)
class CaseIsClosed(Refusal):
    """What was done about the case is on record."""

    code: ClassVar[str] = "CASE_IS_CLOSED"


@dataclass(eq=False, kw_only=True)
class SaleWaitsForDispute(Refusal):
    """A dispute over another deal of the customer is open, and here the sale waits for it."""

    code: ClassVar[str] = "SALE_WAITS_FOR_DISPUTE"


@dataclass(eq=False, kw_only=True)
class DepartureAlreadyPlanned(Refusal):
    """The member's departure is planned already; cancel it first."""

    code: ClassVar[str] = "DEPARTURE_ALREADY_PLANNED"


@dataclass(eq=False, kw_only=True)
class DepartureInThePast(Refusal):
    """The first day is past, and nobody has confirmed that, or it is too long past."""

    code: ClassVar[str] = "DEPARTURE_IN_THE_PAST"

    earliest: date


@dataclass(eq=False, kw_only=True)
class DepartureOver(Refusal):
    """The departure has taken effect, or was cancelled."""

    code: ClassVar[str] = "DEPARTURE_OVER"


@dataclass(eq=False, kw_only=True)
class SuccessorLeaves(Refusal):
    """The successor will have left by the day on which he would take over."""

    code: ClassVar[str] = "SUCCESSOR_LEAVES"


@dataclass(eq=False, kw_only=True)
class NotAReceiver(Refusal):
    """None of the member's own duties lets him receive visitors at this site."""

    code: ClassVar[str] = "NOT_A_RECEIVER"

    member: str


@dataclass(eq=False, kw_only=True)
class PoolEntryTaken(Refusal):
    """The customer has been handed out already."""

    code: ClassVar[str] = "POOL_ENTRY_TAKEN"


@dataclass(eq=False, kw_only=True)
class PhoneTrackedByColleague(Refusal):
    """A colleague tracks the customer and is known by the number; a manager may remove it."""

    code: ClassVar[str] = "PHONE_TRACKED_BY_COLLEAGUE"


@dataclass(eq=False, kw_only=True)
class CustomerIncomplete(Refusal):
    """Too little is known of the customer to stand in a register."""

    code: ClassVar[str] = "CUSTOMER_INCOMPLETE"


@dataclass(eq=False, kw_only=True)
class NobodyToTake(Refusal):
    """Nobody receives at the site, so the rotation gives the customer to nobody."""

    code: ClassVar[str] = "NOBODY_TO_TAKE"


answers("departure_member_id_key", lambda _value: DepartureAlreadyPlanned())
answers("registration_visit_id_party_id_member_id_key", lambda _value: AlreadyRegistered())
answers("registration_call_id_party_id_member_id_key", lambda _value: AlreadyRegistered())
answers("registration_corrects_id_key", lambda _value: AlreadyCorrected())
answers("follow_up_corrects_id_key", lambda _value: AlreadyCorrected())
answers("deal_visit_id_key", lambda _value: DealAlreadyRecorded())
# A member's first two entries at once both make the book: the second finds it when run again.
lost_race("register_book_member_id_site_id_key")
lost_race("claim_deal_id_claimant_id_key")
lost_race("claim_deal_id_claimant_id_registration_id_reason_key")
lost_race("credit_entry_deal_id_metric_holder_member_id_key")
# Run again, the second sees the first one's dispute and says so in the rulebook's words.
lost_race("dispute_deal_id_key")
lost_race("dispute_party_id_site_id_key")
