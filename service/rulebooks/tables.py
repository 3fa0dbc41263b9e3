"""Versions of a tenant's rulebook, and what was seen of a text before it decided anything."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Index,
    UniqueConstraint,
    column,
    text,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field

from service.database.tables import (
    IDS,
    INSTANT,
    JSON,
    Recorded,
    index,
    of_tenant,
    one_of,
    short,
    to,
)
from service.journal.tables import written_by

LONGEST_TEXT = 262_144


class RulebookState(StrEnum):
    """Where a version is in its life."""

    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"
    RETIRED = "RETIRED"


class RulebookVersion(Recorded, table=True):
    """One version of a rulebook; once published its document never changes, nor where it holds.

    Attributes:
        overrides: parameters that differ from the document's own values.
        site_id: the one site it is for; None is the whole company.
        effective_on: the local day it begins with, at each site's own midnight; None where it
            began at the instant of its publication.
        effective_from, effective_until: its window on the clock of its site, or of the company
            where it is the whole company's; half-open, and moved by what is published later.
        author_ids: everybody who wrote in its text; none of them may have approved it.
        published_by: who approved it.
        unsimulated_reason: why it was put in force without a simulation of its text.
        switches: whether its document takes running periods over (`running: switch`). Of the whole
            document it is what every arrival asks.
    """

    made_by_database: ClassVar[frozenset[str]] = frozenset({"switches", "transaction"})
    fixed: ClassVar[tuple[str, ...]] = (
        "policy",
        "number",
        "document",
        "overrides",
        "site_id",
        "effective_on",
        "effective_from",
        "published_by",
        "author_ids",
        "created_at",
    )

    __table_args__: ClassVar[Any] = (
        of_tenant(),
        to("site"),
        one_of("rulebook_version", "state", RulebookState),
        UniqueConstraint("tenant_id", "policy", "number"),
        CheckConstraint(
            "state = 'DRAFT' OR effective_from IS NOT NULL", name="rulebook_version_effective_check"
        ),
        CheckConstraint("effective_until >= effective_from", name="rulebook_version_lasts_check"),
        # Two approvals at once: this, not a check in Python, keeps one version in force at a time.
        ExcludeConstraint(
            (column("tenant_id"), "="),
            (column("policy"), "="),
            (text("coalesce(site_id, tenant_id)"), "="),
            (text("tstzrange(effective_from, effective_until)"), "&&"),
            where=text("state = 'PUBLISHED'"),
            using="gist",
            name="rulebook_version_one_at_a_time_excl",
        ),
        index("rulebook_version", "policy", "effective_from"),
        index("rulebook_version", "effective_from", "id"),
        index(
            "rulebook_version",
            "site_id",
            "policy",
            "effective_from",
            where="site_id IS NOT NULL",
        ),
    )

    policy: str
    number: int
    state: str = RulebookState.DRAFT.value
    document: dict[str, Any] = Field(sa_type=JSON)
    overrides: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    site_id: UUID | None = None
    effective_on: date | None = None
    effective_from: datetime | None = Field(default=None, sa_type=INSTANT)
    effective_until: datetime | None = Field(default=None, sa_type=INSTANT)
    author_ids: list[UUID] = Field(default_factory=list, sa_type=IDS)
    published_by: UUID | None = None
    unsimulated_reason: str | None = None
    switches: bool | None = Field(
        default=None,
        sa_column=Column(
            Boolean,
            Computed("coalesce(document->>'running' = 'switch', false)", persisted=True),
            nullable=True,
        ),
    )
    transaction: int | None = written_by()


class DraftState(StrEnum):
    """Where a draft is: DRAFT -> SUBMITTED -> APPROVED, or back to DRAFT; REJECTED, DISCARDED."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    DISCARDED = "DISCARDED"


class RulebookDraft(Recorded, table=True):
    """A text on its way to a version: written, looked over, submitted, approved by another.

    Attributes:
        name: what its author calls it.
        text: YAML as it was written, readable or not.
        text_hash: digest of what the text says, as simulations are kept by; None while it cannot
            be read. What is approved is the text of this digest.
        site_id: the site it is meant for; None is the whole company.
        based_on_id: the version it was made from.
        author_ids: everybody who wrote in it, and for whom; none of them may approve it.
        effective_on: the day it is to begin with; None is at once, when it is approved.
        unsimulated_reason: why it should be put in force without a simulation.
        decided_by: who approved or rejected it, with `decision_reason`.
        version_id: the version it became.
    """

    __table_args__: ClassVar[Any] = (
        of_tenant(),
        to("site"),
        to("rulebook_version", "based_on_id"),
        to("rulebook_version", "version_id"),
        to("member", "submitted_by"),
        to("member", "decided_by"),
        one_of("rulebook_draft", "state", DraftState),
        short("rulebook_draft", "name"),
        short("rulebook_draft", "text", LONGEST_TEXT),
        CheckConstraint(
            "state <> 'SUBMITTED' OR (text_hash IS NOT NULL AND submitted_at IS NOT NULL)",
            name="rulebook_draft_submitted_check",
        ),
        CheckConstraint(
            "(state = 'APPROVED') = (version_id IS NOT NULL)", name="rulebook_draft_approved_check"
        ),
        CheckConstraint(
            "state <> 'APPROVED' OR NOT coalesce(decided_by = ANY(author_ids), false)",
            name="rulebook_draft_four_eyes_check",
        ),
        CheckConstraint(
            "state NOT IN ('APPROVED', 'REJECTED') OR decided_at IS NOT NULL",
            name="rulebook_draft_decided_check",
        ),
        index("rulebook_draft", "created_at", "id"),
        index("rulebook_draft", "state", "created_at", "id"),
        index("rulebook_draft", "site_id", "created_at", "id"),
        index("rulebook_draft", "version_id", where="version_id IS NOT NULL", unique=True),
    )

    policy: str
    name: str
    text: str
    text_hash: str | None = None
    site_id: UUID | None = None
    based_on_id: UUID | None = None
    author_ids: list[UUID] = Field(default_factory=list, sa_type=IDS)
    state: str = DraftState.DRAFT.value
    changed_at: datetime = Field(sa_type=INSTANT)
    effective_on: date | None = None
    unsimulated_reason: str | None = None
    submitted_by: UUID | None = None
    submitted_at: datetime | None = Field(default=None, sa_type=INSTANT)
    decided_by: UUID | None = None
    decided_at: datetime | None = Field(default=None, sa_type=INSTANT)
    decision_reason: str | None = None
    version_id: UUID | None = None


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
        rulebook_draft_id: the draft, where one was; its text may have changed since.
        first_day, last_day: the period, days of each site's own calendar, both included.
        site_ids: the sites asked for; none means all.
        done_count, total_count: events gone through so far, and all.
        heartbeat_at: when the worker that runs it last said so; a silent one is taken over.
        summary: the totals, in the shape of `service.simulation`.
    """

    __table_args__: ClassVar[Any] = (
        of_tenant(),
        to("rulebook_version"),
        to("rulebook_draft"),
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
        index("rulebook_simulation", "state", "created_at", "id"),
        index("rulebook_simulation", "rulebook_draft_id", "created_at", "id"),
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
    rulebook_draft_id: UUID | None = None
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
