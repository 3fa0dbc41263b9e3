"""What is done to ownership and credit; the only code that writes who owns."""

from service.ownership.commands.claims import FileClaim, file_claim
from service.ownership.commands.credit import CREDIT_FINAL, finalise_credit
from service.ownership.commands.deals import ClosingVisit, enter_deal
from service.ownership.commands.follow_ups import (
    CorrectFollowUp,
    RecordFollowUp,
    correct_follow_up,
    record_follow_up,
)
from service.ownership.commands.registers import (
    CallEntry,
    CorrectRegistration,
    Entry,
    call_right,
    correct_registration,
    enter_call,
    enter_registration,
)
from service.ownership.commands.tracking import (
    FIRST_FOLLOW_UP_DUE,
    TRACKING_ENDING,
    TRACKING_LAPSED,
    reception_renews,
    visit_left,
)
from service.ownership.commands.voiding import VoidRegister, void_register

__all__ = [
    "CREDIT_FINAL",
    "FIRST_FOLLOW_UP_DUE",
    "TRACKING_ENDING",
    "TRACKING_LAPSED",
    "CallEntry",
    "ClosingVisit",
    "CorrectFollowUp",
    "CorrectRegistration",
    "Entry",
    "FileClaim",
    "RecordFollowUp",
    "VoidRegister",
    "call_right",
    "correct_follow_up",
    "correct_registration",
    "enter_call",
    "enter_deal",
    "enter_registration",
    "file_claim",
    "finalise_credit",
    "reception_renews",
    "record_follow_up",
    "visit_left",
    "void_register",
]
