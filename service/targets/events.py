"""What happened to metrics, plans and targets."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class MetricChanged:
    """A metric was made, changed or retired."""

    metric_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The metric."""
        return self.metric_id


@dataclass(frozen=True, slots=True)
class TargetPlanChanged:
    """A plan was made, its nodes were set, or it went into another state.

    Attributes:
        state: the one it is in now.
    """

    plan_id: UUID
    state: str

    @property
    def subject_id(self) -> UUID:
        """The plan."""
        return self.plan_id


@dataclass(frozen=True, slots=True)
class TargetPublished:
    """A plan's targets hold from now on."""

    plan_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The plan."""
        return self.plan_id


@dataclass(frozen=True, slots=True)
class WorkItemChanged:
    """Work was planned for a target, or its result was reported."""

    item_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The item."""
        return self.item_id


@dataclass(frozen=True, slots=True)
class TargetAdjusted:
    """A published target changed.

    Attributes:
        kind: why, a word of the change's kinds.
        effective_on: the first day of the new figure.
        delta: what was added, in whole units of the metric.
    """

    node_id: UUID
    plan_id: UUID
    kind: str
    effective_on: date
    delta: int

    @property
    def subject_id(self) -> UUID:
        """The node."""
        return self.node_id
