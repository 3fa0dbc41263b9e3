"""The conduct checklist, inspections, and what each found."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from service.database.tables import (
    INSTANT,
    JSON,
    Recorded,
    TenantTable,
    index,
    of_tenant,
    one_of,
    short,
    to,
)


class InspectionPart(StrEnum):
    """The part of the checklist an item belongs to."""

    CONDUCT = "CONDUCT"
    SPEECH = "SPEECH"
    TELEPHONE = "TELEPHONE"
    RECEPTION = "RECEPTION"
    OTHER = "OTHER"


class InspectionItem(Recorded, table=True):
    """Something a manager looks at, in the tenant's words; a code is never used for another."""

    __table_args__: ClassVar[Any] = (
        of_tenant(),
        UniqueConstraint("tenant_id", "code"),
        short("inspection_item", "code", 64),
        one_of("inspection_item", "part", InspectionPart),
        index("inspection_item", "position", "id"),
    )

    code: str
    part: str
    position: int
    names: dict[str, str] = Field(sa_type=JSON)
    retired_at: datetime | None = Field(default=None, sa_type=INSTANT)


class Inspection(Recorded, table=True):
    """A manager looked at a member's conduct; it changes nobody's ownership."""

    __table_args__: ClassVar[Any] = (
        to("member"),
        to("member", "inspector_id"),
        to("site"),
        to("org_unit"),
        to("territory"),
        short("inspection", "remark", 2000),
        index("inspection", "inspected_at", "id"),
        index("inspection", "member_id", "inspected_at", "id"),
        index("inspection", "org_unit_id", "inspected_at", "id"),
        index("inspection", "territory_id", "inspected_at", "id"),
        index("inspection", "site_id", "inspected_at", "id"),
    )

    member_id: UUID
    inspector_id: UUID
    site_id: UUID
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    inspected_at: datetime = Field(sa_type=INSTANT)
    remark: str | None = None


class InspectionFinding(TenantTable, table=True):
    """What an inspection found of one item. Its place is the inspection's."""

    append_only: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("inspection"),
        to("inspection_item", "item_id"),
        to("member"),
        to("site"),
        to("org_unit"),
        to("territory"),
        short("inspection_finding", "remark", 500),
        UniqueConstraint("tenant_id", "inspection_id", "item_id"),
        index("inspection_finding", "at", "id"),
        index("inspection_finding", "member_id", "at", "id"),
        index("inspection_finding", "org_unit_id", "at", "id"),
        index("inspection_finding", "territory_id", "at", "id"),
        index("inspection_finding", "site_id", "at", "id"),
        index("inspection_finding", "item_id", "at", "id"),
    )

    inspection_id: UUID
    item_id: UUID
    member_id: UUID
    site_id: UUID
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    at: datetime = Field(sa_type=INSTANT)
    met: bool
    remark: str | None = None
