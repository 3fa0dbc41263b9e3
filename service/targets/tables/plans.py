"""Metrics, target plans, their nodes and changes, and the work planned beside a target."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from service.database.tables import (
    INSTANT,
    JSON,
    TEXTS,
    Recorded,
    TenantTable,
    index,
    of_tenant,
    one_of,
    short,
    to,
)


class MetricUnit(StrEnum):
    """What a metric is counted in."""

    MONEY = "MONEY"
    COUNT = "COUNT"
    RATIO = "RATIO"


class MetricDirection(StrEnum):
    """Whether more of it is better, or less."""

    HIGHER = "HIGHER"
    LOWER = "LOWER"


class CountingEvent(StrEnum):
    """What makes an amount count."""

    VISIT = "VISIT"
    NEW_CUSTOMER = "NEW_CUSTOMER"
    SUBSCRIPTION = "SUBSCRIPTION"
    CONTRACT = "CONTRACT"
    CASH = "CASH"
    ORDER = "ORDER"
    DELIVERY = "DELIVERY"
    WHOLESALE = "WHOLESALE"
    INVOICE = "INVOICE"
    SAMPLE_SITE = "SAMPLE_SITE"
    OTHER = "OTHER"


class MetricBusiness(StrEnum):
    """Whether all business counts, or only what was there before, or only what is added."""

    ALL = "ALL"
    EXISTING = "EXISTING"
    INCREMENTAL = "INCREMENTAL"


class TargetPlanState(StrEnum):
    """Where a plan stands (model page 5.3)."""

    DRAFT = "DRAFT"
    TOP_DOWN_SET = "TOP_DOWN_SET"
    DISTRIBUTED = "DISTRIBUTED"
    FEEDBACK = "FEEDBACK"
    RECONCILED = "RECONCILED"
    APPROVED = "APPROVED"
    PUBLISHED = "PUBLISHED"
    REVISED = "REVISED"
    CLOSED = "CLOSED"


class TargetKind(StrEnum):
    """What a target is for: counted on above, given below, or beside the company's total."""

    COMMITMENT = "COMMITMENT"
    STREET = "STREET"
    OVERLAY = "OVERLAY"


class TargetLevel(StrEnum):
    """How hard it is."""

    TARGET = "TARGET"
    STRETCH = "STRETCH"
    CHALLENGE = "CHALLENGE"


class TargetSplit(StrEnum):
    """How a node is a part of its parent: a piece of the business, or a part of its time."""

    BREAKDOWN = "BREAKDOWN"
    PERIOD = "PERIOD"


class TargetChangeKind(StrEnum):
    """Why a published target changed (targets page 4.4)."""

    ADJUSTMENT = "ADJUSTMENT"
    RELIEF = "RELIEF"
    RAMP = "RAMP"
    TRANSFER = "TRANSFER"
    VACANCY = "VACANCY"
    REVISION = "REVISION"


class AllocationMethod(StrEnum):
    """Where the weights of a division come from (targets page 4.3)."""

    EVEN = "EVEN"
    CURRENT = "CURRENT"
    WEIGHTS = "WEIGHTS"
    SEASON = "SEASON"
    HISTORY = "HISTORY"
    POTENTIAL = "POTENTIAL"
    BLEND = "BLEND"
    CAPACITY = "CAPACITY"
    GROWTH = "GROWTH"
    PROPOSALS = "PROPOSALS"
    COMMITMENT = "COMMITMENT"
    HEADROOM = "HEADROOM"


class TargetResponseKind(StrEnum):
    """What was said to a target."""

    PROPOSAL = "PROPOSAL"
    APPROVAL = "APPROVAL"
    RETURN = "RETURN"
    ACKNOWLEDGEMENT = "ACKNOWLEDGEMENT"


class Metric(Recorded, table=True):
    """Something a target may be set on; a code is never used for another."""

    __table_args__: ClassVar[Any] = (
        of_tenant(),
        UniqueConstraint("tenant_id", "code"),
        short("metric", "code", 64),
        one_of("metric", "unit", MetricUnit),
        one_of("metric", "direction", MetricDirection),
        one_of("metric", "counting_event", CountingEvent),
        one_of("metric", "business", MetricBusiness),
        CheckConstraint("(unit = 'MONEY') = (currency IS NOT NULL)", name="metric_currency_check"),
        CheckConstraint("launch_last_day >= launch_first_day", name="metric_launch_check"),
        index("metric", "code", "id"),
    )
    fixed: ClassVar[tuple[str, ...]] = ("code", "unit", "currency")

    code: str
    names: dict[str, str] = Field(sa_type=JSON)
    unit: str
    currency: str | None = None
    direction: str
    counting_event: str
    business: str
    product_codes: list[str] = Field(sa_type=TEXTS)
    new_only: bool
    launch_first_day: date | None = None
    launch_last_day: date | None = None
    retired_at: datetime | None = Field(default=None, sa_type=INSTANT)


class TargetPlan(Recorded, table=True):
    """Targets for a span of days. Whoever changes its nodes locks its row and counts it on."""

    __table_args__: ClassVar[Any] = (
        of_tenant(),
        to("site", "calendar_site_id"),
        to("target_plan", "revision_of_id"),
        UniqueConstraint("tenant_id", "code"),
        short("target_plan", "code", 64),
        one_of("target_plan", "state", TargetPlanState),
        CheckConstraint("last_day >= first_day", name="target_plan_days_check"),
        index("target_plan", "first_day", "id"),
        index("target_plan", "state", "first_day", "id"),
    )
    fixed: ClassVar[tuple[str, ...]] = ("code", "first_day", "last_day")

    code: str
    names: dict[str, str] = Field(sa_type=JSON)
    first_day: date
    last_day: date
    state: str
    currency: str
    calendar_site_id: UUID | None = None
    revision_of_id: UUID | None = None
    revision: int
    published_at: datetime | None = Field(default=None, sa_type=INSTANT)


AXES = (
    "plan_id",
    "parent_id",
    "metric_id",
    "org_unit_id",
    "territory_id",
    "member_id",
    "channel_code",
    "product_code",
    "seat",
    "first_day",
    "last_day",
    "kind",
    "level",
    "split",
    "is_unassigned",
    "is_vacancy",
)


class TargetNode(Recorded, table=True):
    """One target of a plan: whose, of what, for which days, and how much was set.

    Its place is its parent's where it says none of its own. After publication the amount stays;
    what is in force on a day is the amount and every change effective by then.
    """

    __table_args__: ClassVar[Any] = (
        to("target_plan", "plan_id"),
        to("target_node", "parent_id"),
        to("metric"),
        to("org_unit"),
        to("territory"),
        to("member"),
        one_of("target_node", "kind", TargetKind),
        one_of("target_node", "level", TargetLevel),
        one_of("target_node", "split", TargetSplit),
        short("target_node", "channel_code", 64),
        short("target_node", "product_code", 64),
        short("target_node", "seat", 64),
        CheckConstraint("last_day >= first_day", name="target_node_days_check"),
        CheckConstraint(
            "over_assignment_basis_points BETWEEN 0 AND 10000",
            name="target_node_over_assignment_check",
        ),
        CheckConstraint(
            "NOT (is_unassigned AND (is_vacancy OR pinned)) AND NOT (is_vacancy AND seat IS NULL)",
            name="target_node_holder_check",
        ),
        # Named by hand: the names of so many columns are no name.
        Index(
            "target_node_axes_key",
            "tenant_id",
            *AXES,
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        index("target_node", "parent_id", "position", "id"),
        index("target_node", "position", "id"),
        index("target_node", "plan_id", "position", "id"),
        index("target_node", "member_id", "position", "id"),
        index("target_node", "org_unit_id", "position", "id"),
        index("target_node", "territory_id", "position", "id"),
        # Room for another version of each row in its page: amounts are set again and again, are
        # in no index, and so no index is touched when a whole tree is set anew.
        {"postgresql_with": {"fillfactor": 45}},
    )
    fixed: ClassVar[tuple[str, ...]] = (*AXES, "currency")
    set_together: ClassVar[bool] = True

    plan_id: UUID
    parent_id: UUID | None = None
    metric_id: UUID
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    member_id: UUID | None = None
    channel_code: str | None = None
    product_code: str | None = None
    seat: str | None = None
    first_day: date
    last_day: date
    kind: str
    level: str
    split: str
    currency: str | None = None
    amount: int = Field(sa_type=BigInteger)
    pinned: bool
    is_unassigned: bool
    is_vacancy: bool
    over_assignment_basis_points: int
    position: int


class TargetChange(TenantTable, table=True):
    """A dated change of a published target; its place is the node's. Never undone, only opposed.

    Attributes:
        away_from, away_until: the leave that it relieves.
        hands_over: what it takes is another's from its day on: who had it makes no more of it.
    """

    append_only: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("target_plan", "plan_id"),
        to("target_node", "node_id"),
        to("target_change", "opposite_id"),
        to("metric"),
        to("org_unit"),
        to("territory"),
        to("member"),
        to("member", "author_id"),
        one_of("target_change", "kind", TargetChangeKind),
        short("target_change", "reason", 500),
        CheckConstraint(
            "away_until >= away_from AND num_nulls(away_from, away_until) <> 1",
            name="target_change_away_check",
        ),
        index("target_change", "node_id", "effective_on", "id"),
        index("target_change", "recorded_at", "id"),
        index("target_change", "metric_id", "effective_on", "id"),
        index("target_change", "kind", "recorded_at", "id"),
        index("target_change", "plan_id", "recorded_at", "id"),
        index("target_change", "member_id", "recorded_at", "id"),
        index("target_change", "org_unit_id", "recorded_at", "id"),
        index("target_change", "territory_id", "recorded_at", "id"),
    )

    plan_id: UUID
    node_id: UUID
    metric_id: UUID
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    member_id: UUID | None = None
    effective_on: date
    delta: int = Field(sa_type=BigInteger)
    kind: str
    reason: str
    author_id: UUID | None = None
    away_from: date | None = None
    away_until: date | None = None
    hands_over: bool = False
    recorded_at: datetime = Field(sa_type=INSTANT)
    opposite_id: UUID | None = None


class TargetAllocation(TenantTable, table=True):
    """How a node was divided: method, weights, limits, step and what came of it."""

    append_only: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("target_plan", "plan_id"),
        to("target_node", "node_id"),
        to("org_unit"),
        to("territory"),
        to("member"),
        to("member", "author_id"),
        index("target_allocation", "node_id", "recorded_at", "id"),
        index("target_allocation", "recorded_at", "id"),
        index("target_allocation", "member_id", "recorded_at", "id"),
        index("target_allocation", "org_unit_id", "recorded_at", "id"),
        index("target_allocation", "territory_id", "recorded_at", "id"),
    )

    plan_id: UUID
    node_id: UUID
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    member_id: UUID | None = None
    method: str
    step: int = Field(sa_type=BigInteger)
    total: int = Field(sa_type=BigInteger)
    unassigned: int = Field(sa_type=BigInteger)
    parts: list[dict[str, Any]] = Field(sa_type=JSON)
    author_id: UUID | None = None
    recorded_at: datetime = Field(sa_type=INSTANT)


class TargetResponse(TenantTable, table=True):
    """What was said to a target: proposed by those below, judged by those above, acknowledged.

    The plan's version says what was said last: two may speak in the same millisecond.
    """

    append_only: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("target_plan", "plan_id"),
        to("target_node", "node_id"),
        to("org_unit"),
        to("territory"),
        to("member"),
        to("member", "author_id"),
        one_of("target_response", "kind", TargetResponseKind),
        short("target_response", "comment", 500),
        CheckConstraint(
            "(kind = 'PROPOSAL') = (amount IS NOT NULL)", name="target_response_amount_check"
        ),
        index("target_response", "node_id", "recorded_at", "id"),
        index("target_response", "recorded_at", "id"),
        index("target_response", "plan_id", "recorded_at", "id"),
        index("target_response", "kind", "recorded_at", "id"),
        index("target_response", "member_id", "recorded_at", "id"),
        index("target_response", "org_unit_id", "recorded_at", "id"),
        index("target_response", "territory_id", "recorded_at", "id"),
    )

    plan_id: UUID
    node_id: UUID
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    member_id: UUID | None = None
    kind: str
    plan_version: int = Field(sa_type=BigInteger)
    amount: int | None = Field(default=None, sa_type=BigInteger)
    comment: str | None = None
    author_id: UUID | None = None
    recorded_at: datetime = Field(sa_type=INSTANT)


class SeasonStep(TenantTable, table=True):
    """A step of a plan's season: its days, and what they weigh beside the others (Q21).

    Attributes:
        metric_id: whose season it is; null is every metric's that has none of its own.
    """

    deletable: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("target_plan", "plan_id"),
        to("metric"),
        CheckConstraint("last_day >= first_day", name="season_step_days_check"),
        CheckConstraint("weight >= 0", name="season_step_weight_check"),
        Index(
            "season_step_key",
            "tenant_id",
            "plan_id",
            "metric_id",
            "first_day",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )

    plan_id: UUID
    metric_id: UUID | None = None
    first_day: date
    last_day: date
    weight: int


class WorkItemKind(StrEnum):
    """What is planned beside a target."""

    ACTION = "ACTION"
    CAMPAIGN = "CAMPAIGN"
    HEADCOUNT = "HEADCOUNT"
    BUDGET = "BUDGET"


class WorkItem(Recorded, table=True):
    """Something planned for a target: who owns it, by when, how much of it, and what came of it.

    Figures are whole units: people for headcount, minor units of the currency for a budget and for
    what a campaign costs, pieces of the target's metric for what an action is to bring.
    """

    __table_args__: ClassVar[Any] = (
        to("target_node", "node_id"),
        to("org_unit"),
        to("territory"),
        to("member", "owner_id"),
        one_of("work_item", "kind", WorkItemKind),
        short("work_item", "title", 200),
        short("work_item", "remark", 2000),
        CheckConstraint(
            "planned >= 0 AND result >= 0 AND cost >= 0", name="work_item_figures_check"
        ),
        index("work_item", "due_on", "id"),
        index("work_item", "done_at", "due_on", "id"),
        index("work_item", "kind", "due_on", "id"),
        index("work_item", "created_at", "id"),
        index("work_item", "node_id", "due_on", "id"),
        index("work_item", "owner_id", "due_on", "id"),
        index("work_item", "org_unit_id", "due_on", "id"),
        index("work_item", "territory_id", "due_on", "id"),
    )
    fixed: ClassVar[tuple[str, ...]] = ("node_id", "kind", "org_unit_id", "territory_id")

    node_id: UUID
    kind: str
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    owner_id: UUID
    title: str
    due_on: date
    planned: int = Field(sa_type=BigInteger)
    result: int | None = Field(default=None, sa_type=BigInteger)
    cost: int | None = Field(default=None, sa_type=BigInteger)
    currency: str
    remark: str | None = None
    done_at: datetime | None = Field(default=None, sa_type=INSTANT)
