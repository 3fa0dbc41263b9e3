"""The tenant's own row, its words and calendar; the directory tenant -> cluster."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    DDL,
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    UniqueConstraint,
    event,
    text,
)
from sqlmodel import Field

from service.database.tables import (
    INSTANT,
    JSON,
    SCHEMA,
    Recorded,
    Table,
    TenantTable,
    index,
    of_tenant,
    one_of,
    short,
)


class TenantState(StrEnum):
    """Whether a tenant may work."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    CLOSED = "CLOSED"


class PlacementState(StrEnum):
    """Where a tenant is in a move between clusters (database page 4.2).

    PREPARING is a tenant whose rows are being made: nobody can sign in yet, and making it again
    goes on from there.
    """

    PREPARING = "PREPARING"
    ACTIVE = "ACTIVE"
    FROZEN = "FROZEN"
    MOVING = "MOVING"


class Tenant(Table, table=True):
    """A company using the product. Its key is `tenant_id` alone; everything else refers to it.

    Attributes:
        settings: what its template gave and nobody filters on: `calendar` (base, weekend),
            `customer_key` (identified_by, within, note), `privacy` (phone_mask, keep_…_months).
        trusted_documents_only: documents are answered by their hash alone, no text is.
        histories_since: from when on it is kept where members belonged and until when registrations
            protected, of a company that is older than that; null is from its beginning.
    """

    __table_args__: ClassVar[Any] = (
        one_of("tenant", "state", TenantState),
        short("tenant", "name"),
        CheckConstraint("code ~ '^[a-z0-9][a-z0-9-]{1,62}$'", name="tenant_code_check"),
    )

    tenant_id: UUID = Field(primary_key=True)
    code: str
    name: str
    industry: str
    state: str = TenantState.ACTIVE.value
    # Raised with every move between clusters: a stale router is refused by data, not by care.
    generation: int = Field(default=1, sa_type=BigInteger)
    # Raised in the transaction that changes roles, duties, trees or assignments.
    access_version: int = Field(default=1, sa_type=BigInteger)
    time_zone: str
    phone_region: str
    currency: str
    locale: str
    settings: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    trusted_documents_only: bool = Field(
        default=False, sa_column_kwargs={"server_default": text("false")}
    )
    created_at: datetime = Field(sa_type=INSTANT)
    version: int = Field(default=1, sa_type=BigInteger)
    histories_since: datetime | None = Field(default=None, sa_type=INSTANT)


class Term(TenantTable, table=True):
    """The tenant's own word for a thing or a state, in three languages."""

    __table_args__: ClassVar[Any] = (of_tenant(), UniqueConstraint("tenant_id", "code"))

    code: str
    names: dict[str, str] = Field(sa_type=JSON)


class CalendarDay(TenantTable, table=True):
    """A day that differs from the tenant's usual week.

    Attributes:
        reasons: why, by language; one given in a single language stands under the tenant's.
        reason: of the release before, which had one language; written and no longer read.
    """

    deletable: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (of_tenant(), UniqueConstraint("tenant_id", "day"))

    day: date
    worked: bool
    reason: str | None = None
    reasons: dict[str, str] | None = Field(default=None, sa_type=JSON, nullable=True)


class CalendarDayChange(TenantTable, table=True):
    """What a day of the calendar was before it changed: a board of a past day keeps its days.

    Attributes:
        former: whether it was worked; null is as the usual week says.
        recorded_at: when it changed.
    """

    append_only: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        of_tenant(),
        index("calendar_day_change", "day", "recorded_at", "id"),
        index("calendar_day_change", "recorded_at", "id"),
    )

    day: date
    former: bool | None = None
    recorded_at: datetime = Field(sa_type=INSTANT)


class Channel(Recorded, table=True):
    """A way to the customer, of the kinds the industry knows."""

    __table_args__: ClassVar[Any] = (of_tenant(), UniqueConstraint("tenant_id", "code"))

    code: str
    kind: str
    names: dict[str, str] = Field(sa_type=JSON)


class GlobalCluster(Table, table=True):
    """A database cluster that holds tenants."""

    __table_args__: ClassVar[Any] = (
        CheckConstraint("kind IN ('PLAIN', 'CITUS')", name="global_cluster_kind_check"),
    )

    code: str = Field(primary_key=True)
    kind: str = "PLAIN"
    region: str = "local"


# The one cluster a new installation has; it is data, but nothing can refer to a cluster before it.
event.listen(
    GlobalCluster.__table__,
    "after_create",
    DDL(  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
        f"INSERT INTO {SCHEMA}.global_cluster (code, kind, region)"
        " VALUES ('default', 'PLAIN', 'local')"
    ),
)


class GlobalTenantDirectory(Table, table=True):
    """Which cluster holds a tenant; read at sign-in, never by the application's role.

    Attributes:
        ordered_by, order_key, order_digest: the operator who had it made, his idempotency key and
            the digest of his order; null where it was made at the command line.
    """

    __table_args__: ClassVar[Any] = (
        one_of("global_tenant_directory", "state", PlacementState),
        one_of("global_tenant_directory", "tenant_state", TenantState),
        UniqueConstraint("code"),
        UniqueConstraint("ordered_by", "order_key"),
        ForeignKeyConstraint(["cluster"], [f"{SCHEMA}.global_cluster.code"]),
    )

    tenant_id: UUID = Field(primary_key=True)
    code: str
    name: str
    industry: str
    cluster: str = Field(default="default", sa_column_kwargs={"server_default": text("'default'")})
    state: str = PlacementState.ACTIVE.value
    tenant_state: str = TenantState.ACTIVE.value
    generation: int = Field(default=1, sa_type=BigInteger)
    created_at: datetime = Field(sa_type=INSTANT)
    ordered_by: UUID | None = None
    order_key: str | None = None
    order_digest: str | None = None
