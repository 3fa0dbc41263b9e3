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


@dataclass(frozen=True, slots=True)
class MetricCreditEntered:
    """An entry was written into the ledger of what counts.

    Attributes:
        member_id: whose it is; None is the company's own.
    """

    metric_credit_id: UUID
    metric_id: UUID
    member_id: UUID | None

    @property
    def subject_id(self) -> UUID:
        """The entry."""
        return self.metric_credit_id
