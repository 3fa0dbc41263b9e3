"""Scorecards with their lines, and bonus schemes with their steps."""

from datetime import date
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field

from service.database.tables import (
    JSON,
    Recorded,
    TenantTable,
    index,
    of_tenant,
    one_of,
    short,
    to,
)


class ScoreMethod(StrEnum):
    """How a line's attainment is made of what is credited and its target."""

    DIRECT = "DIRECT"
    LINEAR = "LINEAR"
    RATIO = "RATIO"


class Scorecard(Recorded, table=True):
    """What is weighed into one score, for whom and for which days.

    Its lines stay as they were made: another weighing is another scorecard from its own day on, so
    that a score of the past is what it was.

    Attributes:
        role_id: for whoever holds the role; member_id: for one person; neither is for everybody,
            and for territories.
        last_day: none while it goes on.
    """

    __table_args__: ClassVar[Any] = (
        of_tenant(),
        to("role"),
        to("member"),
        UniqueConstraint("tenant_id", "code"),
        short("scorecard", "code", 64),
        CheckConstraint("last_day >= first_day", name="scorecard_days_check"),
        CheckConstraint("num_nonnulls(role_id, member_id) <= 1", name="scorecard_for_check"),
        index("scorecard", "first_day", "id"),
        index("scorecard", "role_id", "first_day", "id"),
        index("scorecard", "member_id", "first_day", "id"),
    )
    fixed: ClassVar[tuple[str, ...]] = ("code", "role_id", "member_id", "first_day")

    code: str
    names: dict[str, str] = Field(sa_type=JSON)
    role_id: UUID | None = None
    member_id: UUID | None = None
    first_day: date
    last_day: date | None = None


class ScorecardLine(TenantTable, table=True):
    """A metric of a scorecard: its weight, and how much of its attainment counts.

    Attributes:
        cap_basis_points: what counts of it at the most.
        floor_basis_points: below it, it counts for nothing.
    """

    append_only: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("scorecard"),
        to("metric"),
        one_of("scorecard_line", "method", ScoreMethod),
        CheckConstraint(
            "weight > 0 AND cap_basis_points >= 0 AND floor_basis_points >= 0",
            name="scorecard_line_figures_check",
        ),
        UniqueConstraint("tenant_id", "scorecard_id", "metric_id"),
        index("scorecard_line", "scorecard_id", "position"),
    )

    scorecard_id: UUID
    position: int
    metric_id: UUID
    weight: int
    method: str
    cap_basis_points: int | None = None
    floor_basis_points: int | None = None


class BonusScheme(Recorded, table=True):
    """What each unit of a metric earns, by how much of the target is reached (Q30).

    Attributes:
        retroactive: the step that is reached is paid for every unit, and not for those above it.
    """

    __table_args__: ClassVar[Any] = (
        of_tenant(),
        to("metric"),
        UniqueConstraint("tenant_id", "code"),
        short("bonus_scheme", "code", 64),
        CheckConstraint("last_day >= first_day", name="bonus_scheme_days_check"),
        index("bonus_scheme", "first_day", "id"),
        index("bonus_scheme", "metric_id", "first_day", "id"),
    )
    fixed: ClassVar[tuple[str, ...]] = ("code", "metric_id", "currency", "first_day", "retroactive")

    code: str
    names: dict[str, str] = Field(sa_type=JSON)
    metric_id: UUID
    currency: str
    retroactive: bool
    first_day: date
    last_day: date | None = None


class BonusStep(TenantTable, table=True):
    """From what attainment on each unit earns how much, in minor units."""

    append_only: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("bonus_scheme", "scheme_id"),
        CheckConstraint(
            "from_basis_points >= 0 AND amount_each_minor >= 0", name="bonus_step_figures_check"
        ),
        UniqueConstraint("tenant_id", "scheme_id", "from_basis_points"),
    )

    scheme_id: UUID
    from_basis_points: int
    amount_each_minor: int = Field(sa_type=BigInteger)
    currency: str
