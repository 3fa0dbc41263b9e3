"""Campaigns, where they are for, their budgets and costs, and whom they brought."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, SmallInteger, UniqueConstraint
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


class CampaignKind(StrEnum):
    """What is done to bring customers."""

    ADVERTISING = "ADVERTISING"
    ONLINE = "ONLINE"
    EVENT = "EVENT"
    EXHIBITION = "EXHIBITION"
    ROADSHOW = "ROADSHOW"
    FIELD_PROMOTION = "FIELD_PROMOTION"
    REFERRAL = "REFERRAL"
    CHANNEL = "CHANNEL"
    PRODUCT_PROMOTION = "PRODUCT_PROMOTION"
    SPECIAL_ACTION = "SPECIAL_ACTION"


class CampaignState(StrEnum):
    """Where a campaign is on a day; only CANCELLED is kept, the others are what its days say."""

    PLANNED = "PLANNED"
    RUNNING = "RUNNING"
    ENDED = "ENDED"
    CANCELLED = "CANCELLED"


class Campaign(Recorded, table=True):
    """Something done for some days to bring customers.

    Attributes:
        first_on, last_on: its days, both included; a visit is of it by the site's day.
        owner_id: who answers for it; it is at his unit.
        territory_id: the territory whose sites it is for, with those below; null is every one.
        within_territory_id: the lowest territory that has all it is for, as they stood when it was
            planned or last changed: whose manager answers for it; null is of no territory.
        attribution_days: how many days after a touch a deal still counts for it; null is for ever.
        cancelled_on: the first day on which it brings nobody any more.
    """

    __table_args__: ClassVar[Any] = (
        of_tenant(),
        UniqueConstraint("tenant_id", "code"),
        to("member", "owner_id"),
        to("org_unit"),
        to("territory"),
        to("territory", "within_territory_id"),
        one_of("campaign", "kind", CampaignKind),
        short("campaign", "code", 64),
        short("campaign", "reason", 500),
        CheckConstraint("last_on >= first_on", name="campaign_days_check"),
        CheckConstraint("attribution_days >= 0", name="campaign_attribution_check"),
        CheckConstraint(
            "(cancelled_on IS NULL) = (reason IS NULL)", name="campaign_cancelled_check"
        ),
        index("campaign", "first_on", "id"),
        index("campaign", "last_on", "id"),
        index("campaign", "owner_id", "first_on", "id"),
        index("campaign", "org_unit_id", "first_on", "id"),
        index("campaign", "territory_id", "first_on", "id"),
        index("campaign", "within_territory_id", "first_on", "id"),
        index("campaign", "kind", "first_on", "id"),
        index("campaign", "cancelled_on", "first_on", "id"),
    )
    # Another window would move deals of the past to another campaign.
    fixed: ClassVar[tuple[str, ...]] = ("code", "kind", "currency", "attribution_days")

    code: str
    names: dict[str, str] = Field(sa_type=JSON)
    kind: str
    first_on: date
    last_on: date
    owner_id: UUID
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    within_territory_id: UUID | None = None
    currency: str
    attribution_days: int | None = None
    cancelled_on: date | None = None
    reason: str | None = None


class CampaignSite(TenantTable, table=True):
    """That a campaign is for a site; one that names none is for every site of its territory."""

    deletable: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("campaign"),
        to("site"),
        UniqueConstraint("tenant_id", "campaign_id", "site_id"),
        index("campaign_site", "site_id"),
    )

    campaign_id: UUID
    site_id: UUID


class CampaignBudget(TenantTable, table=True):
    """What a campaign may cost, from a day on; a later line takes its place.

    Attributes:
        counted_on: the company's day of its recording, from which on figures know it.
    """

    append_only: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("campaign"),
        to("member", "recorded_by"),
        CheckConstraint("amount_minor >= 0", name="campaign_budget_amount_check"),
        short("campaign_budget", "reason", 500),
        index("campaign_budget", "campaign_id", "counted_on", "recorded_at", "id"),
        index("campaign_budget", "counted_on", "id"),
    )

    campaign_id: UUID
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str
    counted_on: date
    recorded_at: datetime = Field(sa_type=INSTANT)
    recorded_by: UUID | None = None
    reason: str | None = None


class CampaignCost(TenantTable, table=True):
    """What was spent on a campaign; a reversal is a line with the opposite sign.

    Attributes:
        spent_on: the day of the bill.
        counted_on: the company's day of its recording, from which on figures know it.
    """

    append_only: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("campaign"),
        to("member", "recorded_by"),
        to("campaign_cost", "reverses_id"),
        CheckConstraint(
            "(reverses_id IS NULL AND amount_minor > 0)"
            " OR (reverses_id IS NOT NULL AND amount_minor < 0)",
            name="campaign_cost_amount_check",
        ),
        short("campaign_cost", "purpose", 200),
        # Two may take back one cost at the same instant.
        index("campaign_cost", "reverses_id", where="reverses_id IS NOT NULL", unique=True),
        index("campaign_cost", "campaign_id", "counted_on", "id"),
        index("campaign_cost", "counted_on", "id"),
        index("campaign_cost", "spent_on", "id"),
    )

    campaign_id: UUID
    amount_minor: int = Field(sa_type=BigInteger)
    currency: str
    spent_on: date
    purpose: str
    counted_on: date
    recorded_at: datetime = Field(sa_type=INSTANT)
    recorded_by: UUID | None = None
    reverses_id: UUID | None = None


class CampaignTouch(TenantTable, table=True):
    """That a campaign brought a visit or a call, or did not after all.

    Attributes:
        party_id: the visit's customer as far as he is known; a caller is known by his number.
        sign: 1, or -1 where an earlier line of the same visit or call is taken back.
        touched_at, touched_on: the arrival or the call, and the site's day of it.
        counted_on: the site's day of its recording, from which on figures know it.
    """

    append_only: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("campaign"),
        to("visit"),
        to("call_record", "call_id"),
        to("party"),
        to("member", "recorded_by"),
        CheckConstraint("sign IN (-1, 1)", name="campaign_touch_sign_check"),
        CheckConstraint(
            "num_nonnulls(visit_id, call_id) = abs(sign)", name="campaign_touch_subject_check"
        ),
        short("campaign_touch", "reason", 500),
        index("campaign_touch", "campaign_id", "counted_on", "id"),
        index("campaign_touch", "counted_on", "id"),
        index("campaign_touch", "visit_id"),
        index("campaign_touch", "call_id"),
        index("campaign_touch", "party_id"),
    )

    campaign_id: UUID
    visit_id: UUID | None = None
    call_id: UUID | None = None
    party_id: UUID | None = None
    sign: int = Field(sa_type=SmallInteger)
    touched_at: datetime = Field(sa_type=INSTANT)
    touched_on: date
    counted_on: date
    recorded_at: datetime = Field(sa_type=INSTANT)
    recorded_by: UUID | None = None
    reason: str | None = None
