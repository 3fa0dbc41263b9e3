"""What may be written into a duty as owed: only what the product sees to."""

import pytest

from service.organisation.obligations import Clock, Obligation, obligation_faults

AFTER, EVIDENCE, PARAMETER = ("clock", "after"), ("evidence",), ("clock", "parameter")


@pytest.mark.parametrize(
    ("kind", "clock", "evidence", "fields"),
    [
        ("bulletin", Clock(day_of_month=31), "task_completed", [("clock", "day_of_month")]),
        (
            "response",
            Clock(within_days=1, after="x", parameter="'; --"),
            "call_recorded",
            [AFTER, PARAMETER, EVIDENCE, AFTER],
        ),
        ("bulletin", Clock(within_days=2, after="DealRecorded"), "task_completed", [("clock",)]),
        (
            "same_day_entry",
            Clock(end_of_day=True, after="DealRecorded"),
            "registration_recorded",
            [AFTER],
        ),
        # Each kind is seen to by its own evidence and number, or it would be promised in vain.
        ("response", Clock(within_days=3, after="DealRecorded"), "task_completed", [EVIDENCE]),
        ("inspection", Clock(weekday=0), "task_completed", [EVIDENCE]),
        (
            "first_follow_up",
            Clock(within_days=5, after="CustomerRegistered"),
            "follow_up_recorded",
            [PARAMETER],
        ),
        ("response", Clock(within_minutes=30, after="TaskAssigned"), "task_completed", []),
        ("response", Clock(within_days=3, after="DealRecorded"), "follow_up_recorded", []),
    ],
)
def test_nothing_is_owed_that_nobody_would_see_to(
    kind: str, clock: Clock, evidence: str, fields: list[tuple[str, ...]]
) -> None:
    found = obligation_faults(Obligation(kind, clock, evidence), ())

    assert [fault.field for fault in found] == fields
