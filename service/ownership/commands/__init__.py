"""What is done to ownership and credit; the only code that writes who owns."""

from service.ownership.commands.credit import CREDIT_FINAL, finalise_credit
from service.ownership.commands.deals import ClosingVisit, enter_deal
from service.ownership.commands.registers import (
    CorrectRegistration,
    Entry,
    correct_registration,
    enter_registration,
)
from service.ownership.commands.tracking import (
    FIRST_FOLLOW_UP_DUE,
    TRACKING_ENDING,
    TRACKING_LAPSED,
    reception_renews,
    visit_left,
)

__all__ = [
    "CREDIT_FINAL",
    "FIRST_FOLLOW_UP_DUE",
    "TRACKING_ENDING",
    "TRACKING_LAPSED",
    "ClosingVisit",
    "CorrectRegistration",
    "Entry",
    "correct_registration",
    "enter_deal",
    "enter_registration",
    "finalise_credit",
    "reception_renews",
    "visit_left",
]
