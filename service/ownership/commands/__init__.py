"""What is done to ownership and credit; the only code that writes who owns."""

from service.ownership.commands.cancelling import CancelDeal, cancel_deal
from service.ownership.commands.claims import FileClaim, file_claim
from service.ownership.commands.contracting import RecordContract, record_contract
from service.ownership.commands.credit import CREDIT_FINAL, finalise_credit
from service.ownership.commands.deals import ClosingVisit, enter_deal
from service.ownership.commands.departures import (
    DEPARTURE_DUE,
    CancelDeparture,
    PlanDeparture,
    cancel_departure,
    departure_due,
    plan_departure,
    release_left,
    release_stranded,
)
from service.ownership.commands.disputes import (
    DISPUTE_PRIVATE_ENDED,
    AgreeOnDispute,
    EscalateDispute,
    OpenDispute,
    agree_on_dispute,
    announce_handover,
    escalate_dispute,
    open_dispute,
)
from service.ownership.commands.entries import CallEntry, Entry, call_right
from service.ownership.commands.follow_ups import (
    CorrectFollowUp,
    RecordFollowUp,
    correct_follow_up,
    record_follow_up,
)
from service.ownership.commands.handing_on import AssignFromPool, assign_from_pool
from service.ownership.commands.numbers import remove_phone
from service.ownership.commands.penalties import ClosePenaltyCase, close_penalty_case
from service.ownership.commands.pooling import CompanyVisit, enter_pool, leave_pool
from service.ownership.commands.registers import (
    CorrectRegistration,
    correct_registration,
    enter_call,
    enter_registration,
)
from service.ownership.commands.running import count_trackings
from service.ownership.commands.surveys import void_survey_entries
from service.ownership.commands.tracking import (
    FIRST_FOLLOW_UP_DUE,
    TRACKING_ENDING,
    TRACKING_LAPSED,
    reception_renews,
    visit_left,
)
from service.ownership.commands.verdicts import (
    AppealDispute,
    DecideDispute,
    appeal_dispute,
    decide_dispute,
)
from service.ownership.commands.voiding import VoidRegister, void_register

__all__ = [
    "CREDIT_FINAL",
    "DEPARTURE_DUE",
    "DISPUTE_PRIVATE_ENDED",
    "FIRST_FOLLOW_UP_DUE",
    "TRACKING_ENDING",
    "TRACKING_LAPSED",
    "AgreeOnDispute",
    "AppealDispute",
    "AssignFromPool",
    "CallEntry",
    "CancelDeal",
    "CancelDeparture",
    "ClosePenaltyCase",
    "ClosingVisit",
    "CompanyVisit",
    "CorrectFollowUp",
    "CorrectRegistration",
    "DecideDispute",
    "Entry",
    "EscalateDispute",
    "FileClaim",
    "OpenDispute",
    "PlanDeparture",
    "RecordContract",
    "RecordFollowUp",
    "VoidRegister",
    "agree_on_dispute",
    "announce_handover",
    "appeal_dispute",
    "assign_from_pool",
    "call_right",
    "cancel_deal",
    "cancel_departure",
    "close_penalty_case",
    "correct_follow_up",
    "correct_registration",
    "count_trackings",
    "decide_dispute",
    "departure_due",
    "enter_call",
    "enter_deal",
    "enter_pool",
    "enter_registration",
    "escalate_dispute",
    "file_claim",
    "finalise_credit",
    "leave_pool",
    "open_dispute",
    "plan_departure",
    "reception_renews",
    "record_contract",
    "record_follow_up",
    "release_left",
    "release_stranded",
    "remove_phone",
    "visit_left",
    "void_register",
    "void_survey_entries",
]
