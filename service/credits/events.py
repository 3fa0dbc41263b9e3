"""What happened in the ledger of credits."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class MetricCredited:
    """An amount counts toward a metric, or one that did is reversed.

    Attributes:
        member_ids: whose figures it changed.
        credited_on: the day on which it counts.
        amount: of all primary shares together, in whole units; below 0 for a reversal.
    """

    metric_id: UUID
    member_ids: tuple[UUID, ...]
    credited_on: date
    amount: int

    @property
    def subject_id(self) -> UUID:
        """The metric."""
        return self.metric_id
