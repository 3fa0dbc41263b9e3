"""Versions of a tenant's rulebook, and what was seen of a text before it decided anything."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from service.database.tables import INSTANT, JSON, Recorded, index, of_tenant, one_of, to


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


class SimulationKind(StrEnum):
    """How a past period is decided anew."""

    # The facts of each stored decision, as they were; nothing feeds back.
    STATELESS = "STATELESS"
    # The events, so that queues, busy states and ownership follow from the new decisions.
    STATEFUL = "STATEFUL"


class SimulationState(StrEnum):
    """Where a simulation is in its life: QUEUED -> RUNNING -> DONE, CANCELLED or FAILED."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


class RulebookSimulation(Recorded, table=True):
    """A past period decided anew under a text: the job, how far it is, and its totals.

    Attributes:
        text_hash: digest of the text and its overrides, so that a draft finds what was simulated
            of exactly what stands in it now.
        rulebook_version_id: the version, where a published one was simulated.
        first_day, last_day: the period, days of each site's own calendar, both included.
        site_ids: the sites asked for; none means all.
        done_count, total_count: events gone through so far, and all.
        heartbeat_at: when the worker that runs it last said so; a silent one is taken over.
        summary: the totals, in the shape of `service.simulation`.
    """

    __table_args__: ClassVar[Any] = (
        of_tenant(),
        to("rulebook_version"),
        one_of("rulebook_simulation", "kind", SimulationKind),
        one_of("rulebook_simulation", "state", SimulationState),
        CheckConstraint("last_day >= first_day", name="rulebook_simulation_period_check"),
        CheckConstraint(
            "(state = 'DONE') = (summary IS NOT NULL)", name="rulebook_simulation_summary_check"
        ),
        # One at a time for each tenant: two workers that start one at once meet here.
        Index(
            "rulebook_simulation_one_running_key",
            "tenant_id",
            unique=True,
            postgresql_where=text("state = 'RUNNING'"),
        ),
        index("rulebook_simulation", "text_hash", "created_at"),
        index("rulebook_simulation", "created_at", "id"),
        Index(
            "rulebook_simulation_waiting_ix",
            "tenant_id",
            "created_at",
            postgresql_where=text("state IN ('QUEUED', 'RUNNING')"),
        ),
    )

    policy: str
    text_hash: str
    document: dict[str, Any] = Field(sa_type=JSON)
    overrides: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    rulebook_version_id: UUID | None = None
    kind: str
    state: str = SimulationState.QUEUED.value
    first_day: date
    last_day: date
    site_ids: list[str] = Field(default_factory=list, sa_type=JSON)
    done_count: int = Field(default=0, sa_type=BigInteger)
    total_count: int | None = Field(default=None, sa_type=BigInteger, nullable=True)
    attempts: int = 0
    started_at: datetime | None = Field(default=None, sa_type=INSTANT)
    heartbeat_at: datetime | None = Field(default=None, sa_type=INSTANT)
    cancel_requested_at: datetime | None = Field(default=None, sa_type=INSTANT)
    finished_at: datetime | None = Field(default=None, sa_type=INSTANT)
    failure: str | None = None
    summary: dict[str, Any] | None = Field(default=None, sa_type=JSON, nullable=True)
