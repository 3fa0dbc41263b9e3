"""Opportunities, their stages, and how each stood on any day."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
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

LAST_OF_ALL: Final = date.max
"""The last day of what still stands; PostgreSQL has it as infinity."""


class OpportunityState(StrEnum):
    """Whether an opportunity is still open, and how it ended."""

    OPEN = "OPEN"
    WON = "WON"
    LOST = "LOST"
    ABANDONED = "ABANDONED"


class ForecastCategory(StrEnum):
    """How sure whoever has it is of it, and so in which forecasts it counts."""

    COMMIT = "COMMIT"
    BEST = "BEST"
    PIPELINE = "PIPELINE"
    OMITTED = "OMITTED"


class OpportunityStage(Recorded, table=True):
    """A step on the way to a deal; its code is never used for another.

    Opportunities keep the chance they were given: a stage that is changed later changes no past.
    """

    __table_args__: ClassVar[Any] = (
        of_tenant(),
        UniqueConstraint("tenant_id", "code"),
        short("opportunity_stage", "code", 64),
        one_of("opportunity_stage", "category", ForecastCategory),
        CheckConstraint(
            "probability_basis_points BETWEEN 0 AND 10000",
            name="opportunity_stage_probability_check",
        ),
        index("opportunity_stage", "position", "id"),
    )
    fixed: ClassVar[tuple[str, ...]] = ("code",)

    code: str
    names: dict[str, str] = Field(sa_type=JSON)
    position: int
    probability_basis_points: int
    category: str
    retired_at: datetime | None = Field(default=None, sa_type=INSTANT)


class Opportunity(Recorded, table=True):
    """Business that is hoped for, as it stands now.

    Attributes:
        metric_id: what it would count toward; with the amount it says what would be reached.
        amount: in whole units of the metric.
        currency: of a MONEY metric.
        expected_on: the day it is expected to count.
        closed_on: the day it was won, lost or given up.
    """

    __table_args__: ClassVar[Any] = (
        to("party"),
        to("member"),
        to("org_unit"),
        to("territory"),
        to("metric"),
        to("opportunity_stage", "stage_id"),
        one_of("opportunity", "category", ForecastCategory),
        one_of("opportunity", "state", OpportunityState),
        short("opportunity", "name", 200),
        short("opportunity", "reason", 500),
        CheckConstraint(
            "probability_basis_points BETWEEN 0 AND 10000", name="opportunity_probability_check"
        ),
        CheckConstraint("amount >= 0", name="opportunity_amount_check"),
        CheckConstraint("(state = 'OPEN') = (closed_on IS NULL)", name="opportunity_closed_check"),
        index("opportunity", "expected_on", "id"),
        index("opportunity", "metric_id", "expected_on", "id"),
        index("opportunity", "member_id", "expected_on", "id"),
        index("opportunity", "org_unit_id", "expected_on", "id"),
        index("opportunity", "territory_id", "expected_on", "id"),
        index("opportunity", "party_id", "expected_on", "id"),
        index("opportunity", "state", "expected_on", "id"),
        index("opportunity", "category", "expected_on", "id"),
        index("opportunity", "stage_id", "expected_on", "id"),
    )
    fixed: ClassVar[tuple[str, ...]] = ("metric_id", "currency")

    name: str
    party_id: UUID | None = None
    member_id: UUID
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    metric_id: UUID
    stage_id: UUID
    category: str
    probability_basis_points: int
    amount: int = Field(sa_type=BigInteger)
    currency: str | None = None
    expected_on: date
    state: str
    closed_on: date | None = None
    reason: str | None = None


class OpportunityStanding(TenantTable, table=True):
    """How an opportunity stood from one day to another: what a board of a past day is made of.

    Of several changes on one day the last one stands for it, so only today's is ever rewritten.
    """

    __table_args__: ClassVar[Any] = (
        to("opportunity"),
        to("party"),
        to("member"),
        to("org_unit"),
        to("territory"),
        to("metric"),
        to("opportunity_stage", "stage_id"),
        one_of("opportunity_standing", "category", ForecastCategory),
        one_of("opportunity_standing", "state", OpportunityState),
        UniqueConstraint("tenant_id", "opportunity_id", "first_day"),
        CheckConstraint("last_day >= first_day", name="opportunity_standing_days_check"),
        index("opportunity_standing", "first_day", "id"),
        index("opportunity_standing", "opportunity_id", "first_day", "id"),
        index("opportunity_standing", "metric_id", "first_day", "id"),
        index("opportunity_standing", "member_id", "first_day", "id"),
        index("opportunity_standing", "org_unit_id", "first_day", "id"),
        index("opportunity_standing", "territory_id", "first_day", "id"),
        index("opportunity_standing", "metric_id", "expected_on", "last_day"),
        index("opportunity_standing", "party_id", "first_day"),
    )
    fixed: ClassVar[tuple[str, ...]] = ("opportunity_id", "metric_id", "currency", "first_day")

    opportunity_id: UUID
    party_id: UUID | None = None
    member_id: UUID
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    metric_id: UUID
    stage_id: UUID
    category: str
    probability_basis_points: int
    amount: int = Field(sa_type=BigInteger)
    currency: str | None = None
    expected_on: date
    state: str
    first_day: date
    last_day: date
