"""Versions of a tenant's rulebook."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import Field

from service.database.tables import INSTANT, JSON, Recorded, index, of_tenant, one_of


class RulebookState(StrEnum):
    """Where a version is in its life."""

    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"
    RETIRED = "RETIRED"


class RulebookVersion(Recorded, table=True):
    """One version of a rulebook; once published its document never changes."""

    __table_args__: ClassVar[Any] = (
        of_tenant(),
        one_of("rulebook_version", "state", RulebookState),
        UniqueConstraint("tenant_id", "policy", "number"),
        CheckConstraint(
            "state = 'DRAFT' OR effective_from IS NOT NULL", name="rulebook_version_effective_check"
        ),
        index("rulebook_version", "policy", "effective_from"),
        index("rulebook_version", "effective_from", "id"),
    )

    policy: str
    number: int
    state: str = RulebookState.DRAFT.value
    document: dict[str, Any] = Field(sa_type=JSON)
    # Parameters that differ from the document's own values.
    overrides: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    effective_from: datetime | None = Field(default=None, sa_type=INSTANT)
    published_by: UUID | None = None
