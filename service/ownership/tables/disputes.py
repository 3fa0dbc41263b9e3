"""Disputes over customers and deals, and cases of misconduct."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint, text
from sqlmodel import Field

from service.database.tables import IDS, INSTANT, Recorded, TenantTable, index, one_of, short, to
from service.journal.tables import in_written_order, written_by


class DisputeSubject(StrEnum):
    """What two members disputed when they began."""

    CUSTOMER = "CUSTOMER"
    DEAL = "DEAL"


class DisputeStepKind(StrEnum):
    """What somebody did in a dispute."""

    OPENED = "OPENED"
    PROPOSED = "PROPOSED"
    HANDOVER_ASKED = "HANDOVER_ASKED"
    DECIDED = "DECIDED"
    APPEALED = "APPEALED"
    APPEAL_DECIDED = "APPEAL_DECIDED"
    CANCELLED = "CANCELLED"


_PARTS = "first_basis_points + second_basis_points + company_basis_points = 10000"
_NONE_BELOW = "least(first_basis_points, second_basis_points, company_basis_points) >= 0"


def _whole(table: str) -> CheckConstraint:
    """Let an outcome be absent, or the whole credit divided among the two and the company."""
    absent = "num_nonnulls(first_basis_points, second_basis_points, company_basis_points) = 0"
    return CheckConstraint(
        f"{absent} OR ({_PARTS} AND {_NONE_BELOW})", name=f"{table}_outcome_check"
    )


class Dispute(Recorded, table=True):
    """Two members who both say that a customer or a deal is theirs (五(五)8).

    Where it stands is what the clock makes of these instants (TM-8).

    Attributes:
        subject: what it began about, a customer at a site or a deal.
        deal_id: the deal; of a dispute about a customer, the one he signed while it was open.
        private_until: first instant at which the two may no longer settle it among themselves.
        handed_over_at: when both, or a finding, gave it to the manager before that.
        appeal_until: first instant without an appeal; null where none is heard.
        first_basis_points: of the outcome, like the other two; null until there is one.
        cancelled_at: when its deal fell through while it could still end otherwise.
        opening_id, outcome_id: the decisions that admitted it and that it ended with so far.
    """

    __table_args__: ClassVar[Any] = (
        to("deal"),
        to("party"),
        to("site"),
        to("member", "first_member_id"),
        to("member", "second_member_id"),
        to("member", "decided_by"),
        to("member", "appealed_by"),
        to("member", "appeal_decided_by"),
        to("org_unit"),
        to("territory"),
        CheckConstraint("first_member_id <> second_member_id", name="dispute_members_check"),
        short("dispute", "ground", 2000),
        _whole("dispute"),
        one_of("dispute", "subject", DisputeSubject),
        CheckConstraint(
            "subject = 'CUSTOMER' OR deal_id IS NOT NULL", name="dispute_has_subject_check"
        ),
        # Two may open one at the same instant: a deal is disputed once, and a customer by one pair
        # at a time.
        index("dispute", "deal_id", unique=True),
        index(
            "dispute",
            "party_id",
            "site_id",
            where="deal_id IS NULL AND ended_at IS NULL",
            unique=True,
        ),
        index("dispute", "opened_at", "id"),
        index("dispute", "first_member_id", "opened_at", "id"),
        index("dispute", "second_member_id", "opened_at", "id"),
        index("dispute", "org_unit_id", "opened_at", "id"),
        index("dispute", "territory_id", "opened_at", "id"),
        index("dispute", "site_id", "opened_at", "id"),
        index("dispute", "party_id", "opened_at", "id"),
        index("dispute", "ended_at", "opened_at", "id"),
    )

    subject: str = Field(
        default=DisputeSubject.DEAL.value, sa_column_kwargs={"server_default": text("'DEAL'")}
    )
    deal_id: UUID | None = None
    party_id: UUID
    site_id: UUID
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    first_member_id: UUID
    second_member_id: UUID
    ground: str
    opened_at: datetime = Field(sa_type=INSTANT)
    private_until: datetime = Field(sa_type=INSTANT)
    handed_over_at: datetime | None = Field(default=None, sa_type=INSTANT)
    settled_at: datetime | None = Field(default=None, sa_type=INSTANT)
    decided_at: datetime | None = Field(default=None, sa_type=INSTANT)
    decided_by: UUID | None = None
    appeal_until: datetime | None = Field(default=None, sa_type=INSTANT)
    appealed_at: datetime | None = Field(default=None, sa_type=INSTANT)
    appealed_by: UUID | None = None
    appeal_decided_at: datetime | None = Field(default=None, sa_type=INSTANT)
    appeal_decided_by: UUID | None = None
    cancelled_at: datetime | None = Field(default=None, sa_type=INSTANT)
    # The latest settlement or verdict, or the end of its deal; null again while an appeal is open.
    ended_at: datetime | None = Field(default=None, sa_type=INSTANT)
    first_basis_points: int | None = None
    second_basis_points: int | None = None
    company_basis_points: int | None = None
    aggravated: bool = False
    reason: str | None = None
    opening_id: UUID
    outcome_id: UUID | None = None


class DisputeStep(TenantTable, table=True):
    """What somebody did in a dispute: proposed, asked, decided, appealed; never changed."""

    append_only: ClassVar[bool] = True
    made_by_database: ClassVar[frozenset[str]] = frozenset({"transaction"})
    __table_args__: ClassVar[Any] = (
        to("dispute"),
        to("member"),
        one_of("dispute_step", "kind", DisputeStepKind),
        _whole("dispute_step"),
        UniqueConstraint("tenant_id", "dispute_id", "step_number"),
        in_written_order("dispute_step"),
    )

    dispute_id: UUID
    step_number: int
    member_id: UUID
    at: datetime = Field(sa_type=INSTANT)
    kind: str
    first_basis_points: int | None = None
    second_basis_points: int | None = None
    company_basis_points: int | None = None
    aggravated: bool = False
    words: str | None = None
    transaction: int | None = written_by()


class FindingScope(StrEnum):
    """How much of a register falls with a finding of falsification (`tamper.scope`)."""

    WHOLE_REGISTER = "WHOLE_REGISTER"
    ENTRY = "ENTRY"
    PERIOD = "PERIOD"


class PenaltyCase(Recorded, table=True):
    """A member's misconduct as found by a manager, with what fell with it (五(四)5).

    Attributes:
        scope: how much of the register became void.
        named_registration_id: the entry that the finding named.
        first_day, last_day: the days it named; without a last one, all from the first.
        registration_ids: the entries that became void.
        measure: what was done about it, once somebody says so.
    """

    made_by_database: ClassVar[frozenset[str]] = frozenset({"transaction"})
    __table_args__: ClassVar[Any] = (
        to("member"),
        to("member", "found_by"),
        to("site"),
        to("org_unit"),
        to("territory"),
        to("register_book"),
        to("registration", "named_registration_id"),
        one_of("penalty_case", "scope", FindingScope),
        short("penalty_case", "reason", 2000),
        short("penalty_case", "measure", 2000),
        index("penalty_case", "found_at", "id"),
        index("penalty_case", "member_id", "found_at", "id"),
        index("penalty_case", "org_unit_id", "found_at", "id"),
        index("penalty_case", "territory_id", "found_at", "id"),
        index("penalty_case", "site_id", "found_at", "id"),
        in_written_order("penalty_case"),
    )

    member_id: UUID
    site_id: UUID
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    register_book_id: UUID
    found_at: datetime = Field(sa_type=INSTANT)
    found_by: UUID
    scope: str
    named_registration_id: UUID | None = None
    first_day: date | None = None
    last_day: date | None = None
    reason: str
    registration_ids: list[UUID] = Field(default_factory=list, sa_type=IDS)
    decision_id: UUID
    measure: str | None = None
    closed_at: datetime | None = Field(default=None, sa_type=INSTANT)
    transaction: int | None = written_by()
