"""What happened to tasks."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class TaskAssigned:
    """A colleague gave a member something to do."""

    task_id: UUID
    member_id: UUID
    assigned_by: UUID

    @property
    def subject_id(self) -> UUID:
        """The task."""
        return self.task_id


@dataclass(frozen=True, slots=True)
class TaskOwed:
    """A duty or an event made a member owe something."""

    task_id: UUID
    member_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The task."""
        return self.task_id


@dataclass(frozen=True, slots=True)
class TaskCompleted:
    """A task was reported done."""

    task_id: UUID
    member_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The task."""
        return self.task_id


@dataclass(frozen=True, slots=True)
class TaskCancelled:
    """A task was taken back."""

    task_id: UUID
    member_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The task."""
        return self.task_id
