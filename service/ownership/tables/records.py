"""Registers and their entries, deals, claims, credit."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint, text
from sqlmodel import Field

from service.database.tables import (
    INSTANT,
    JSON,
    Recorded,
    TenantTable,
    index,
    one_of,
    short,
    to,
)
from service.journal.tables import in_written_order, written_by


class RegistrationResult(StrEnum):
    """What the rulebook said of an entry when it was made (TR-1)."""

    VALID = "VALID"
    INVALID_INCOMPLETE = "INVALID_INCOMPLETE"
    INVALID_LATE = "INVALID_LATE"


class ClaimResult(StrEnum):
    """What the rulebook said of a claim."""

    ADMITTED = "ADMITTED"
    REJECTED = "REJECTED"


class OwnerKind(StrEnum):
    """To whom a customer or a result belongs."""

    MEMBER = "MEMBER"
    COMPANY = "COMPANY"
    NOBODY = "NOBODY"


class RegisterBook(Recorded, table=True):
    """A member's personal register at a site; the anchor of its chain of entries."""

    made_by_database: ClassVar[frozenset[str]] = frozenset({"transaction"})
    __table_args__: ClassVar[Any] = (
        to("member"),
        to("site"),
        index("register_book", "member_id", "site_id", where="voided_at IS NULL", unique=True),
        in_written_order("register_book"),
    )

    member_id: UUID
    site_id: UUID
    entry_count: int = 0
    head_hash: str = ""
    voided_at: datetime | None = Field(default=None, sa_type=INSTANT)
    void_reason: str | None = None
    transaction: int | None = written_by()


class Registration(Recorded, table=True):
    """One customer in a member's register, from one visit or call; never changed by hand.

    Attributes:
        received_at: the instant whose local day is day 0 of the window (TR-3).
        protected_until: first instant at which the customer is free for others; null if invalid.
        first_follow_up_due_at: first instant after the first follow-up's term (TR-7).
        ranks_from: the instant that orders registrations of one customer (先登記): that of entry,
            or of the reception (`merge.order_by`); the correction of a valid entry keeps the rank
            of what it corrects.
        superseded_at: when a later entry corrected this one; it counts for nothing since (TR-9).
        lapsed_at, first_follow_up_breached_at: when the worker made the lapse or the breach
            visible; no decision reads them (TM-8).
        entry_hash: sha256 over the previous entry's hash and this entry's canonical form.
    """

    made_by_database: ClassVar[frozenset[str]] = frozenset({"transaction"})
    __table_args__: ClassVar[Any] = (
        to("register_book"),
        to("member"),
        to("party"),
        to("visit"),
        to("call_record", "call_id"),
        to("site"),
        to("org_unit"),
        to("territory"),
        to("registration", "corrects_id"),
        one_of("registration", "result", RegistrationResult),
        CheckConstraint("num_nonnulls(visit_id, call_id) = 1", name="registration_origin_check"),
        UniqueConstraint("tenant_id", "register_book_id", "entry_number"),
        # A visit's customer stands once in a member's register; what is wrong is corrected.
        index(
            "registration",
            "visit_id",
            "party_id",
            "member_id",
            where="result = 'VALID' AND superseded_at IS NULL AND voided_at IS NULL",
            unique=True,
        ),
        index(
            "registration",
            "call_id",
            "party_id",
            "member_id",
            where="call_id IS NOT NULL AND superseded_at IS NULL",
            unique=True,
        ),
        index("registration", "corrects_id", where="corrects_id IS NOT NULL", unique=True),
        index("registration", "party_id", "entered_at"),
        index("registration", "visit_id"),
        index("registration", "member_id", "entered_at", "id"),
        index("registration", "org_unit_id", "entered_at", "id"),
        index("registration", "territory_id", "entered_at", "id"),
        index("registration", "entered_at", "id"),
        index("registration", "protected_until", "id"),
        index("registration", "site_id", "entered_at", "id"),
        # What is owed at a site: the floor looks at it all day.
        index(
            "registration",
            "site_id",
            "first_follow_up_due_at",
            where="first_followed_up_at IS NULL",
        ),
        index("registration", "member_id", "protected_until", "id"),
        index("registration", "org_unit_id", "protected_until", "id"),
        index("registration", "territory_id", "protected_until", "id"),
        index("registration", "result", "entered_at", "id"),
        index("registration", "reception_day", "entered_at", "id"),
        in_written_order("registration"),
    )

    register_book_id: UUID
    member_id: UUID
    party_id: UUID
    visit_id: UUID | None = None
    call_id: UUID | None = None
    site_id: UUID
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    entered_at: datetime = Field(sa_type=INSTANT)
    ranks_from: datetime = Field(sa_type=INSTANT)
    received_at: datetime = Field(sa_type=INSTANT)
    reception_day: date
    result: str
    decision_id: UUID
    protected_until: datetime | None = Field(default=None, sa_type=INSTANT)
    first_follow_up_due_at: datetime | None = Field(default=None, sa_type=INSTANT)
    first_followed_up_at: datetime | None = Field(default=None, sa_type=INSTANT)
    voided_at: datetime | None = Field(default=None, sa_type=INSTANT)
    converted_at: datetime | None = Field(default=None, sa_type=INSTANT)
    superseded_at: datetime | None = Field(default=None, sa_type=INSTANT)
    # When its member went, or lost a dispute, and it was passed on or given to the pool; it is
    # superseded since.
    released_at: datetime | None = Field(default=None, sa_type=INSTANT)
    lapsed_at: datetime | None = Field(default=None, sa_type=INSTANT)
    first_follow_up_breached_at: datetime | None = Field(default=None, sa_type=INSTANT)
    corrects_id: UUID | None = None
    remark: str | None = None
    entry_number: int
    entry_hash: str
    transaction: int | None = written_by()


class RegistrationMove(TenantTable, table=True):
    """A registration that went with its customer to another territory: where it stood before."""

    append_only: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("registration"),
        to("territory", "former_territory_id"),
        index("registration_move", "registration_id", "recorded_at", "id"),
    )

    registration_id: UUID
    former_territory_id: UUID | None = None
    recorded_at: datetime = Field(sa_type=INSTANT)


class FormerProtection(TenantTable, table=True):
    """Until when a registration protected its customer before that changed."""

    append_only: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("registration"),
        index("former_protection", "registration_id", "recorded_at", "id"),
    )

    registration_id: UUID
    protected_until: datetime = Field(sa_type=INSTANT)
    recorded_at: datetime = Field(sa_type=INSTANT)


class FollowUp(TenantTable, table=True):
    """A recorded contact with a registered customer (五(四)1); corrected only by a new entry."""

    append_only: ClassVar[bool] = True
    made_by_database: ClassVar[frozenset[str]] = frozenset({"transaction"})
    __table_args__: ClassVar[Any] = (
        to("registration"),
        to("member"),
        to("org_unit"),
        to("territory"),
        to("follow_up", "corrects_id"),
        short("follow_up", "content", 4000),
        UniqueConstraint("tenant_id", "registration_id", "entry_number"),
        # An entry is corrected once; what is still wrong then is the correction.
        index("follow_up", "corrects_id", where="corrects_id IS NOT NULL", unique=True),
        index("follow_up", "registration_id", "at", "id"),
        index("follow_up", "member_id", "at", "id"),
        index("follow_up", "org_unit_id", "at", "id"),
        index("follow_up", "territory_id", "at", "id"),
        index("follow_up", "at", "id"),
        in_written_order("follow_up"),
    )

    registration_id: UUID
    member_id: UUID
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    at: datetime = Field(sa_type=INSTANT)
    # What the rep says; the server's receipt in `at` decides (TM-6).
    stated_at: datetime | None = Field(default=None, sa_type=INSTANT)
    channel: str
    content: str
    connected: bool = True
    renewed: bool
    rule: str
    next_at: datetime | None = Field(default=None, sa_type=INSTANT)
    corrects_id: UUID | None = None
    entry_number: int
    entry_hash: str
    transaction: int | None = written_by()


class Deal(Recorded, table=True):
    """A subscription signed, as far as credit needs it.

    The closing visit's facts are kept as they were when the deal was recorded.

    Attributes:
        counted_from: the instant whose local day is day 0 of the claim window (`claim.deal_event`);
            null while that event is still to come.
        claims_close_at: first instant at which no claim is admitted and the credit is final; the
            last day of the year 9999 while the days have not begun.
        contracted_at: when its contract was recorded: that instant counts (TM-6).
        contracted_on: the site's day of the contract, as stated.
        contracted_by: who recorded it.
        cancelled_at: when it was recorded that it fell through; null while it stands.
        cancelled_on: the site's day on which it did.
        cancelled_by, cancellation_reason: who recorded that, and why.
        cancellation_restated: its credit is taken back on the day of the deal, not on that day.
    """

    # Others keep it beside the deal.
    fixed: ClassVar[tuple[str, ...]] = ("signed_at",)
    # What fell through by mistake is recorded anew.
    ending: ClassVar[tuple[str, ...]] = (
        "cancelled_at",
        "cancelled_on",
        "cancelled_by",
        "cancellation_reason",
        "cancellation_restated",
    )
    __table_args__: ClassVar[Any] = (
        to("party"),
        to("site"),
        to("visit"),
        to("member", "closer_id"),
        to("member", "owner_id"),
        to("org_unit"),
        to("territory"),
        one_of("deal", "owner_kind", OwnerKind),
        CheckConstraint("(amount_minor IS NULL) = (currency IS NULL)", name="deal_amount_check"),
        to("member", "contracted_by"),
        CheckConstraint(
            "num_nonnulls(contracted_at, contracted_on, contracted_by) IN (0, 3)",
            name="deal_contract_check",
        ),
        to("member", "cancelled_by"),
        short("deal", "cancellation_reason", 2000),
        CheckConstraint(
            "num_nonnulls(cancelled_at, cancelled_on, cancelled_by, cancellation_reason) IN (0, 4)"
            " AND (cancelled_at IS NOT NULL OR NOT cancellation_restated)",
            name="deal_cancellation_check",
        ),
        # A visit is sold once; after a deal that fell through it may be again.
        index("deal", "visit_id", where="cancelled_at IS NULL", unique=True),
        index("deal", "visit_id"),
        index("deal", "contracted_on", "id"),
        index("deal", "cancelled_at", "id"),
        index("deal", "cancelled_on", "id"),
        index("deal", "party_id"),
        index("deal", "signed_at", "id"),
        index("deal", "owner_id", "signed_at", "id"),
        index("deal", "closer_id", "signed_at", "id"),
        index("deal", "site_id", "signed_at", "id"),
        index("deal", "org_unit_id", "signed_at", "id"),
        index("deal", "territory_id", "signed_at", "id"),
    )

    party_id: UUID
    site_id: UUID
    visit_id: UUID
    visit_arrived_at: datetime = Field(sa_type=INSTANT)
    closer_id: UUID
    owner_kind: str
    owner_id: UUID | None = None
    mode: str
    # Why the closing visit was received for another, as the reception decided.
    obligation: str = "NONE"
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    unit_code: str | None = None
    amount_minor: int | None = Field(default=None, sa_type=BigInteger)
    currency: str | None = None
    signed_at: datetime = Field(sa_type=INSTANT)
    provisional_at: datetime | None = Field(default=None, sa_type=INSTANT)
    counted_from: datetime | None = Field(default=None, sa_type=INSTANT)
    claims_close_at: datetime = Field(sa_type=INSTANT)
    credit_decision_id: UUID
    contracted_at: datetime | None = Field(default=None, sa_type=INSTANT)
    contracted_on: date | None = None
    contracted_by: UUID | None = None
    cancelled_at: datetime | None = Field(default=None, sa_type=INSTANT)
    cancelled_on: date | None = None
    cancelled_by: UUID | None = None
    cancellation_reason: str | None = None
    cancellation_restated: bool = Field(
        default=False, sa_column_kwargs={"server_default": text("false")}
    )


class DealMember(TenantTable, table=True):
    """Somebody who takes part in a deal besides its owner and its closer: it is his own to read.

    Whoever claims it, has or had a share of it, is a side of its dispute, or was told of it.

    Attributes:
        signed_at: the deal's: who has a part in many reads them in its order.
    """

    append_only: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("deal"),
        to("member"),
        UniqueConstraint("tenant_id", "member_id", "deal_id"),
        index("deal_member", "member_id", "signed_at", "deal_id"),
    )

    deal_id: UUID
    member_id: UUID
    signed_at: datetime = Field(sa_type=INSTANT)


class Claim(Recorded, table=True):
    """A member's request for the credit of a deal (五(四)3), with its answer."""

    __table_args__: ClassVar[Any] = (
        to("deal"),
        to("member", "claimant_id"),
        to("registration"),
        to("org_unit"),
        to("territory"),
        one_of("claim", "result", ClaimResult),
        index("claim", "deal_id", "filed_at"),
        index("claim", "claimant_id", "filed_at", "id"),
        index("claim", "org_unit_id", "filed_at", "id"),
        index("claim", "territory_id", "filed_at", "id"),
        index("claim", "filed_at", "id"),
        index("claim", "registration_id"),
        # A second admitted claim of the same person on the same deal is the first one repeated.
        index("claim", "deal_id", "claimant_id", where="result = 'ADMITTED'", unique=True),
        index("claim", "result", "filed_at", "id"),
        # So is one that is refused again on the same entry, or on none, for the same reason.
        index(
            "claim",
            "deal_id",
            "claimant_id",
            "registration_id",
            "reason",
            where="result = 'REJECTED'",
            unique=True,
            nulls_equal=True,
        ),
    )

    deal_id: UUID
    claimant_id: UUID
    registration_id: UUID | None = None
    filed_at: datetime = Field(sa_type=INSTANT)
    stated_same_customer: bool = False
    evidence: str | None = None
    result: str
    reason: str | None = None
    decision_id: UUID
    # The deal's own place, which never changes: a list in an order is read from one index.
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None


class CreditShare(TenantTable, table=True):
    """One share of a deal's credit under one decision; the deal names the decision in force."""

    append_only: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("deal"),
        to("decision"),
        to("member"),
        CheckConstraint("basis_points BETWEEN 0 AND 10000", name="credit_share_points_check"),
        index("credit_share", "deal_id", "decision_id"),
        index("credit_share", "member_id", "deal_id"),
    )

    deal_id: UUID
    decision_id: UUID
    holder: str
    member_id: UUID | None = None
    basis_points: int
    amount_minor: int | None = Field(default=None, sa_type=BigInteger)
    currency: str | None = None


class CreditEntry(TenantTable, table=True):
    """The credit ledger: whose result, which metric, how much, when, by which decision.

    Written when a credit becomes final; a reversal is an entry with the opposite sign.
    """

    append_only: ClassVar[bool] = True
    made_by_database: ClassVar[frozenset[str]] = frozenset({"transaction"})
    __table_args__: ClassVar[Any] = (
        to("deal"),
        to("decision"),
        to("member"),
        to("credit_entry", "reverses_id"),
        index("credit_entry", "deal_id"),
        index("credit_entry", "member_id", "credited_on"),
        # A credit becomes final once, however often the timer comes by.
        index(
            "credit_entry",
            "deal_id",
            "metric",
            "holder",
            "member_id",
            where="reverses_id IS NULL",
            unique=True,
            nulls_equal=True,
        ),
        # An entry is taken back once.
        index("credit_entry", "reverses_id", where="reverses_id IS NOT NULL", unique=True),
        in_written_order("credit_entry"),
    )

    deal_id: UUID
    decision_id: UUID
    holder: str
    member_id: UUID | None = None
    metric: str
    basis_points: int
    amount_minor: int | None = Field(default=None, sa_type=BigInteger)
    currency: str | None = None
    credited_on: date
    at: datetime = Field(sa_type=INSTANT)
    reverses_id: UUID | None = None
    details: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    transaction: int | None = written_by()
