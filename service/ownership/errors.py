"""What ownership says no with."""

from dataclasses import dataclass
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
