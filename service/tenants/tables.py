"""The tenant's own row, its words and calendar; the directory tenant -> cluster."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, UniqueConstraint, text
from sqlmodel import Field

from service.database.tables import (
    INSTANT,
    JSON,
    SCHEMA,
    Recorded,
    Table,
    TenantTable,
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
    """Where a tenant is in a move between clusters (database page 4.2)."""

    ACTIVE = "ACTIVE"
    FROZEN = "FROZEN"
    MOVING = "MOVING"


class Tenant(Table, table=True):
    """A company using the product. Its key is `tenant_id` alone; everything else refers to it."""

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
    created_at: datetime = Field(sa_type=INSTANT)
    version: int = Field(default=1, sa_type=BigInteger)


class Term(TenantTable, table=True):
    """The tenant's own word for a thing or a state, in three languages."""

    __table_args__: ClassVar[Any] = (of_tenant(), UniqueConstraint("tenant_id", "code"))

    code: str
    names: dict[str, str] = Field(sa_type=JSON)


class CalendarDay(TenantTable, table=True):
    """A day that differs from the tenant's usual week."""

    deletable: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (of_tenant(), UniqueConstraint("tenant_id", "day"))

    day: date
    worked: bool
    reason: str | None = None


class Channel(Recorded, table=True):
    """A way to the customer, of the kinds the industry knows."""

    __table_args__: ClassVar[Any] = (of_tenant(), UniqueConstraint("tenant_id", "code"))

    code: str
    kind: str
    names: dict[str, str] = Field(sa_type=JSON)


class GlobalCluster(Table, table=True):
    """A database cluster that holds tenants."""

    __tablename__: str = "global_cluster"
    __table_args__: ClassVar[Any] = (
        CheckConstraint("kind IN ('PLAIN', 'CITUS')", name="global_cluster_kind_check"),
    )

    code: str = Field(primary_key=True)
    kind: str = "PLAIN"
    region: str = "local"


class GlobalTenantDirectory(Table, table=True):
    """Which cluster holds a tenant; read at sign-in, never by the application's role."""

    __tablename__: str = "global_tenant_directory"
    __table_args__: ClassVar[Any] = (
        one_of("global_tenant_directory", "state", PlacementState),
        one_of("global_tenant_directory", "tenant_state", TenantState),
        UniqueConstraint("code"),
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
