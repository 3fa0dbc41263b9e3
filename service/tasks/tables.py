"""What members owe, and what they are told."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlmodel import Field

from service.database.tables import INSTANT, JSON, Recorded, TenantTable, index, one_of, to


class TaskState(StrEnum):
    """Where a task is."""

    OPEN = "OPEN"
    DONE = "DONE"
    CANCELLED = "CANCELLED"


class Task(Recorded, table=True):
    """Something a member owes, from a duty, an event or a colleague."""

    __table_args__: ClassVar[Any] = (
        to("member"),
        to("duty"),
        to("org_unit"),
        one_of("task", "state", TaskState),
        index("task", "member_id", "due_at", "id"),
        index("task", "created_at", "id"),
        index("task", "member_id", "created_at", "id"),
        index("task", "org_unit_id", "created_at", "id"),
        # One open task of a kind for a subject: an event heard twice makes one task.
        index("task", "kind", "subject_id", "member_id", where="state = 'OPEN'", unique=True),
        index("task", "state", "created_at", "id"),
        index("task", "kind", "created_at", "id"),
    )

    member_id: UUID
    kind: str
    subject_type: str | None = None
    subject_id: UUID | None = None
    title: str | None = None
    arguments: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    duty_id: UUID | None = None
    org_unit_id: UUID | None = None
    due_at: datetime | None = Field(default=None, sa_type=INSTANT)
    state: str = TaskState.OPEN.value
    done_at: datetime | None = Field(default=None, sa_type=INSTANT)


class Notification(TenantTable, table=True):
    """Something a member is told once."""

    __table_args__: ClassVar[Any] = (
        to("member"),
        index("notification", "member_id", "at", "id"),
        # Who was told of a deal sees it: asked at every reading of deals.
        index("notification", "member_id", "kind", "subject_id"),
        index("notification", "event_key", "member_id", unique=True),
    )

    member_id: UUID
    at: datetime = Field(sa_type=INSTANT)
    kind: str
    # The event that caused it: heard twice, told once.
    event_key: str
    subject_type: str
    subject_id: UUID
    arguments: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    read_at: datetime | None = Field(default=None, sa_type=INSTANT)
