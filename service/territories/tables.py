"""The territory tree."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from service.database.tables import INSTANT, JSON, Recorded, index, of_tenant, short, to


class Territory(Recorded, table=True):
    """A node of the territory tree."""

    __table_args__: ClassVar[Any] = (
        of_tenant(),
        UniqueConstraint("tenant_id", "code"),
        to("territory", "parent_id"),
        short("territory", "code", 64),
        index("territory", "parent_id"),
    )

    code: str
    dimension: str
    names: dict[str, str] = Field(sa_type=JSON)
    parent_id: UUID | None = None
    retired_at: datetime | None = Field(default=None, sa_type=INSTANT)
