"""Deadlines."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlmodel import Field

from service.database.tables import INSTANT, TenantTable, index, of_tenant


class Timer(TenantTable, table=True):
    """That something must be looked at once an instant has passed.

    Firing late or twice changes nothing: the reaction judges by recorded instants.
    """

    __table_args__: ClassVar[Any] = (
        of_tenant(),
        index("timer", "kind", "subject_id", "due_at", unique=True),
        index("timer", "due_at", where="fired_at IS NULL"),
    )

    kind: str
    subject_id: UUID
    due_at: datetime = Field(sa_type=INSTANT)
    fired_at: datetime | None = Field(default=None, sa_type=INSTANT)
