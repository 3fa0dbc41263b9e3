"""The ledger of what counts toward metrics, and its sums by day."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field

from service.database.tables import INSTANT, TenantTable, index, one_of, short, to
from service.journal.tables import in_written_order, written_by


class CreditKind(StrEnum):
    """Whether an amount is part of the company's total, or counted beside it (I4)."""

    PRIMARY = "PRIMARY"
    OVERLAY = "OVERLAY"


class CreditSource(StrEnum):
    """What made an amount count."""

    DEAL = "DEAL"
    VISIT = "VISIT"
    CUSTOMER = "CUSTOMER"
    RECORDED = "RECORDED"


class MetricCredit(TenantTable, table=True):
    """One share of an amount that counts toward a metric; a reversal is an entry of its own.

    Attributes:
        member_id: whose it is; null is the company's own.
        org_unit_id, territory_id: where it counts, as things stood on the day.
        amount: in whole units of the metric; of a RATIO metric the numerator.
        base: the denominator of a RATIO metric; null for others.
        credited_on: the day on which it counts.
        source_key: what made it count: with the metric it counts once.
    """

    append_only: ClassVar[bool] = True
    made_by_database: ClassVar[frozenset[str]] = frozenset({"transaction"})
    __table_args__: ClassVar[Any] = (
        to("metric"),
        to("member"),
        to("org_unit"),
        to("territory"),
        to("site"),
        to("party"),
        to("deal"),
        to("member", "author_id"),
        to("metric_credit", "reverses_id"),
        one_of("metric_credit", "kind", CreditKind),
        one_of("metric_credit", "source", CreditSource),
        short("metric_credit", "source_key", 200),
        short("metric_credit", "product_code", 64),
        short("metric_credit", "channel_code", 64),
        short("metric_credit", "reason", 500),
        CheckConstraint(
            "basis_points BETWEEN 0 AND 10000", name="metric_credit_basis_points_check"
        ),
        Index(
            "metric_credit_source_key",
            "tenant_id",
            "metric_id",
            "source",
            "source_key",
            "kind",
            "member_id",
            unique=True,
            postgresql_where="reverses_id IS NULL",
            postgresql_nulls_not_distinct=True,
        ),
        index("metric_credit", "reverses_id", unique=True, where="reverses_id IS NOT NULL"),
        index("metric_credit", "credited_on", "id"),
        index("metric_credit", "metric_id", "credited_on", "id"),
        index("metric_credit", "member_id", "credited_on", "id"),
        index("metric_credit", "org_unit_id", "credited_on", "id"),
        index("metric_credit", "territory_id", "credited_on", "id"),
        index("metric_credit", "deal_id", "credited_on", "id"),
        in_written_order("metric_credit"),
    )

    metric_id: UUID
    member_id: UUID | None = None
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    site_id: UUID | None = None
    party_id: UUID | None = None
    deal_id: UUID | None = None
    product_code: str | None = None
    channel_code: str | None = None
    kind: str
    basis_points: int
    amount: int = Field(sa_type=BigInteger)
    base: int | None = Field(default=None, sa_type=BigInteger)
    credited_on: date
    recorded_at: datetime = Field(sa_type=INSTANT)
    source: str
    source_key: str
    reason: str | None = None
    author_id: UUID | None = None
    reverses_id: UUID | None = None
    transaction: int | None = written_by()


class MetricCreditDay(TenantTable, table=True):
    """What counted on one day for one metric, place and person: the sum of the ledger's entries.

    A trigger of the ledger keeps it in the entry's own transaction.
    """

    __table_args__: ClassVar[Any] = (
        to("metric"),
        to("member"),
        to("org_unit"),
        to("territory"),
        Index(
            "metric_credit_day_key",
            "tenant_id",
            "metric_id",
            "kind",
            "credited_on",
            "territory_id",
            "org_unit_id",
            "member_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        index("metric_credit_day", "metric_id", "territory_id", "credited_on"),
        index("metric_credit_day", "metric_id", "member_id", "credited_on"),
        index("metric_credit_day", "credited_on", "id"),
        index("metric_credit_day", "metric_id", "credited_on", "id"),
        index("metric_credit_day", "member_id", "credited_on", "id"),
        index("metric_credit_day", "org_unit_id", "credited_on", "id"),
        index("metric_credit_day", "territory_id", "credited_on", "id"),
    )

    metric_id: UUID
    kind: str
    credited_on: date
    territory_id: UUID | None = None
    org_unit_id: UUID | None = None
    member_id: UUID | None = None
    amount: int = Field(sa_type=BigInteger)
    base: int = Field(sa_type=BigInteger)
    entry_count: int


class MetricCreditMonth(TenantTable, table=True):
    """The same of a whole month, by its first day: what a board of a year reads.

    A trigger of the ledger keeps it in the entry's own transaction.
    """

    __table_args__: ClassVar[Any] = (
        to("metric"),
        to("member"),
        to("org_unit"),
        to("territory"),
        Index(
            "metric_credit_month_key",
            "tenant_id",
            "metric_id",
            "kind",
            "credited_on",
            "territory_id",
            "org_unit_id",
            "member_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        index("metric_credit_month", "metric_id", "territory_id", "credited_on"),
        index("metric_credit_month", "metric_id", "member_id", "credited_on"),
        index("metric_credit_month", "metric_id", "org_unit_id", "credited_on"),
    )

    metric_id: UUID
    kind: str
    credited_on: date
    territory_id: UUID | None = None
    org_unit_id: UUID | None = None
    member_id: UUID | None = None
    amount: int = Field(sa_type=BigInteger)
    base: int = Field(sa_type=BigInteger)
    entry_count: int


class MetricCreditLate(TenantTable, table=True):
    """What was recorded after the day on which it counts: a board of a past day leaves it out.

    A trigger of the ledger keeps it in the entry's own transaction.

    Attributes:
        recorded_on: the company's day on which it was recorded.
    """

    __table_args__: ClassVar[Any] = (
        to("metric"),
        to("member"),
        to("org_unit"),
        to("territory"),
        CheckConstraint("recorded_on > credited_on", name="metric_credit_late_days_check"),
        Index(
            "metric_credit_late_key",
            "tenant_id",
            "metric_id",
            "kind",
            "credited_on",
            "recorded_on",
            "territory_id",
            "org_unit_id",
            "member_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        index("metric_credit_late", "metric_id", "credited_on", "recorded_on"),
        index("metric_credit_late", "metric_id", "recorded_on", "credited_on"),
    )

    metric_id: UUID
    kind: str
    credited_on: date
    recorded_on: date
    territory_id: UUID | None = None
    org_unit_id: UUID | None = None
    member_id: UUID | None = None
    amount: int = Field(sa_type=BigInteger)
    base: int = Field(sa_type=BigInteger)
    entry_count: int


class MetricCreditPartyMonth(TenantTable, table=True):
    """What counted of a customer in a month, by its first day: his share of a target when he goes.

    Primary parts alone; also what is of no customer. A trigger of the ledger keeps it in the
    entry's own transaction.

    Attributes:
        territory_id: where it was credited.
    """

    __table_args__: ClassVar[Any] = (
        to("metric"),
        to("party"),
        to("territory"),
        Index(
            "metric_credit_party_month_key",
            "tenant_id",
            "metric_id",
            "credited_on",
            "party_id",
            "territory_id",
            "product_code",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )

    metric_id: UUID
    credited_on: date
    party_id: UUID | None = None
    territory_id: UUID | None = None
    product_code: str | None = None
    amount: int = Field(sa_type=BigInteger)


class MetricCreditLineDay(TenantTable, table=True):
    """What counted on a day in a line of business: through a channel, of a product, or both.

    A trigger of the ledger keeps it in the entry's own transaction.

    Attributes:
        recorded_on: the company's day on which it was recorded.
    """

    __table_args__: ClassVar[Any] = (
        to("metric"),
        to("member"),
        to("org_unit"),
        to("territory"),
        Index(
            "metric_credit_line_day_key",
            "tenant_id",
            "metric_id",
            "credited_on",
            "recorded_on",
            "kind",
            "channel_code",
            "product_code",
            "territory_id",
            "org_unit_id",
            "member_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )

    metric_id: UUID
    credited_on: date
    recorded_on: date
    kind: str
    channel_code: str | None = None
    product_code: str | None = None
    territory_id: UUID | None = None
    org_unit_id: UUID | None = None
    member_id: UUID | None = None
    amount: int = Field(sa_type=BigInteger)
    base: int = Field(sa_type=BigInteger)
    entry_count: int
