"""What is done to the ledger of credits."""

from service.credits.commands.cancelling import cancel_deal
from service.credits.commands.counting import OF_DEALS, Counting, count
from service.credits.commands.recording import (
    CreditPart,
    Recorded,
    RecordMetricCredit,
    record_metric_credit,
)
from service.credits.commands.reversing import ReverseMetricCredit, reverse_metric_credit

__all__ = [
    "OF_DEALS",
    "Counting",
    "CreditPart",
    "RecordMetricCredit",
    "Recorded",
    "ReverseMetricCredit",
    "cancel_deal",
    "count",
    "record_metric_credit",
    "reverse_metric_credit",
]
