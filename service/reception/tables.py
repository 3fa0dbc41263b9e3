"""Sites, shifts, sign-ins, the live queue, visits, calls."""

from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Computed, Text, UniqueConstraint, column, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlmodel import Field

from service.database.tables import (
    IDS,
    INSTANT,
    JSON,
    TEXTS,
    MonthlyLedger,
    Recorded,
    TenantTable,
    by_month,
    index,
    of_tenant,
    one_of,
    short,
    to,
)


class SiteKind(StrEnum):
    """What a site is in its industry."""

    SHOWROOM = "SHOWROOM"
    DEALERSHIP = "DEALERSHIP"
    REGION_OFFICE = "REGION_OFFICE"


class PresenceState(StrEnum):
    """Where a rep is today."""

    IN = "IN"
    AWAY_BUSINESS = "AWAY_BUSINESS"
    AWAY_PRIVATE = "AWAY_PRIVATE"
    OUT = "OUT"
    DAY_OFF = "DAY_OFF"


class ShiftState(StrEnum):
    """Whether a shift stands."""

    PLANNED = "PLANNED"
    CANCELLED = "CANCELLED"


class QueueChange(StrEnum):
    """What happened to a place in the queue."""

    JOIN = "JOIN"
    CONSUME = "CONSUME"
    SKIP = "SKIP"
    RESTORE = "RESTORE"
    LEAVE = "LEAVE"
    OVERRIDE = "OVERRIDE"


class Obligation(StrEnum):
    """Why somebody receives for another (義務接待)."""

    NONE = "NONE"
    OLD_CUSTOMER = "OLD_CUSTOMER"
    NAMED_REP = "NAMED_REP"
    DAY_OFF = "DAY_OFF"


class VisitState(StrEnum):
    """Where a visit is; one that nobody can receive yet waits (`rotation.all_busy` = WAIT)."""

    WAITING = "WAITING"
    ASSIGNED = "ASSIGNED"
    CLOSED = "CLOSED"


class ReceptionMode(StrEnum):
    """How a visitor is received (rulebook 2.1)."""

    TURN = "TURN"
    DOUBLE = "DOUBLE"
    OWN_RETURN = "OWN_RETURN"
    NAMED = "NAMED"
    OBLIGATORY = "OBLIGATORY"
    SURVEY = "SURVEY"
    MANAGER = "MANAGER"
    WAIT = "WAIT"


class ArrivalWay(StrEnum):
    """How the visitor came."""

    WALK_IN = "WALK_IN"
    PHONE_FIRST = "PHONE_FIRST"
    REFERRAL = "REFERRAL"


class SurveyStatus(StrEnum):
    """Whether the visitor is from the same industry (五(五)2)."""

    NONE = "NONE"
    SUSPECTED = "SUSPECTED"
    DECLARED = "DECLARED"
    EXPOSED = "EXPOSED"


class Site(Recorded, table=True):
    """A place of reception, with the zone that cuts its days.

    `manager_id` receives when nobody is on duty (RR-15).
    """

    __table_args__: ClassVar[Any] = (
        of_tenant(),
        UniqueConstraint("tenant_id", "code"),
        to("org_unit"),
        to("territory"),
        to("member", "manager_id"),
        one_of("site", "kind", SiteKind),
        short("site", "code", 64),
        index("site", "created_at", "id"),
        index("site", "org_unit_id"),
        index("site", "territory_id"),
        index("site", "kind"),
    )

    code: str
    kind: str
    names: dict[str, str] = Field(sa_type=JSON)
    time_zone: str
    phone_region: str
    org_unit_id: UUID
    territory_id: UUID | None = None
    manager_id: UUID | None = None
    opens_at: time
    closes_at: time


class Shift(Recorded, table=True):
    """That a member is planned to work at a site on a day.

    Nobody works at two places at once: the hours are compared as the clocks of the sites show them.

    Attributes:
        cancelled_at: when it was called off; it is kept and plans nothing.
        state: a word of ShiftState, by which lists are narrowed.
    """

    made_by_database: ClassVar[frozenset[str]] = frozenset({"state"})
    fixed: ClassVar[tuple[str, ...]] = ("site_id", "member_id")
    __table_args__: ClassVar[Any] = (
        to("site"),
        to("member"),
        CheckConstraint("ends_at > starts_at", name="shift_lasts_check"),
        ExcludeConstraint(
            (column("tenant_id"), "="),
            (column("member_id"), "="),
            (text("tsrange(day + starts_at, day + ends_at)"), "&&"),
            where=text("cancelled_at IS NULL"),
            using="gist",
            name="shift_one_at_a_time_excl",
        ),
        index("shift", "site_id", "day"),
        index("shift", "day", "id"),
        index("shift", "member_id", "day"),
        index("shift", "state", "day", "id"),
    )

    site_id: UUID
    member_id: UUID
    day: date
    starts_at: time
    ends_at: time
    cancelled_at: datetime | None = Field(default=None, sa_type=INSTANT)
    state: str | None = Field(
        default=None,
        sa_column=Column(
            Text,
            Computed(
                "CASE WHEN cancelled_at IS NULL THEN 'PLANNED' ELSE 'CANCELLED' END", persisted=True
            ),
            nullable=False,
        ),
    )


class RotationQueue(TenantTable, table=True):
    """The live order of one site: the row that serialises its receptions.

    Order, counts and sequence are those of `day`; on another day they count as empty (Q1).

    Attributes:
        turns: how many turns each rep has used, by his id (`rotation.order` FEWEST_NEW).
        terms: what else the rotation knows of each rep, by his id: `roles` and planned `shifts`
            of the day, turns `owed`, and the day `barred_until` (exclusive). Turns owed and
            being barred outlast the day.
        last_sequence: number of the day's latest visit.
    """

    __table_args__: ClassVar[Any] = (to("site"), UniqueConstraint("tenant_id", "site_id"))

    site_id: UUID
    day: date
    member_ids: list[UUID] = Field(default_factory=list, sa_type=IDS)
    turns: dict[str, int] = Field(
        default_factory=dict, sa_type=JSON, sa_column_kwargs={"server_default": text("'{}'")}
    )
    last_sequence: int = 0
    terms: dict[str, Any] = Field(
        default_factory=dict, sa_type=JSON, sa_column_kwargs={"server_default": text("'{}'")}
    )


class Presence(TenantTable, table=True):
    """A member's state at a site on a day: signed in, away, out or off."""

    __table_args__: ClassVar[Any] = (
        to("site"),
        to("member"),
        UniqueConstraint("tenant_id", "site_id", "day", "member_id"),
        one_of("presence", "state", PresenceState),
        index("presence", "member_id", "day"),
    )

    site_id: UUID
    member_id: UUID
    day: date
    state: str
    signed_in_at: datetime | None = Field(default=None, sa_type=INSTANT)
    changed_at: datetime = Field(sa_type=INSTANT)


class QueueEvent(MonthlyLedger, table=True):
    """One change of the live order, with its reason."""

    __table_args__: ClassVar[Any] = by_month(
        to("site"),
        to("member"),
        one_of("queue_event", "change", QueueChange),
        index("queue_event", "site_id", "day", "at", "id"),
    )

    site_id: UUID
    day: date
    member_id: UUID
    change: str
    reason: str | None = None
    visit_id: UUID | None = None


class VisitStageKind(StrEnum):
    """How far a reception has come (三, 四(二))."""

    GREETED = "GREETED"
    MODEL_TOUR = "MODEL_TOUR"
    SEATED = "SEATED"
    UNIT_RECOMMENDED = "UNIT_RECOMMENDED"
    QUOTED = "QUOTED"
    UNIT_CHECKED = "UNIT_CHECKED"
    DEPOSIT_SLIP = "DEPOSIT_SLIP"
    ESCORTED_OUT = "ESCORTED_OUT"
    DESK_RESET = "DESK_RESET"


class VisitStage(TenantTable, table=True):
    """A stage that a reception has reached; it changes nobody's ownership.

    Attributes:
        service: what the rulebook said of how quickly it was reached: OK or BREACH.
    """

    append_only: ClassVar[bool] = True
    __table_args__: ClassVar[Any] = (
        to("visit"),
        to("member"),
        one_of("visit_stage", "stage", VisitStageKind),
        UniqueConstraint("tenant_id", "visit_id", "stage"),
    )

    visit_id: UUID
    stage: str
    member_id: UUID
    at: datetime = Field(sa_type=INSTANT)
    seconds_since_arrival: int
    service: str
    rule: str


class Visit(Recorded, table=True):
    """A visitor (or one group) at a site, and what was decided at arrival.

    Attributes:
        number: order of arrival at the site on the day; equal instants are ordered by it (TM-7).
        turn_member_id: whose turn was used, if one was.
        together_with_id: the visit he came with, where the two buy apart.
        campaign_id: what brought him, as far as somebody said so.
        ambiguous: something the visitor gave or showed points to another customer.
        left_at: null while the reception lasts, at the longest until the end of the day.
    """

    __table_args__: ClassVar[Any] = (
        to("site"),
        to("org_unit"),
        to("territory"),
        to("party"),
        to("party", "referrer_party_id"),
        to("member", "named_member_id"),
        to("member", "taken_by_id"),
        to("member", "receiver_id"),
        to("member", "owner_id"),
        to("member", "turn_member_id"),
        to("visit", "together_with_id"),
        to("campaign"),
        one_of("visit", "state", VisitState),
        one_of("visit", "mode", ReceptionMode),
        one_of("visit", "obligation", Obligation),
        one_of("visit", "way", ArrivalWay),
        one_of("visit", "survey", SurveyStatus),
        CheckConstraint(
            "owner_kind IN ('MEMBER', 'COMPANY', 'NOBODY')", name="visit_owner_kind_check"
        ),
        UniqueConstraint("tenant_id", "site_id", "reception_day", "number"),
        index("visit", "party_id", "arrived_at"),
        index("visit", "site_id", "arrived_at", "id"),
        index("visit", "receiver_id", "arrived_at", "id"),
        index("visit", "owner_id", "arrived_at", "id"),
        index("visit", "org_unit_id", "arrived_at", "id"),
        index("visit", "territory_id", "arrived_at", "id"),
        index("visit", "arrived_at", "id"),
        index("visit", "site_id", "reception_day", where="left_at IS NULL"),
        index("visit", "state", "arrived_at", "id"),
        index("visit", "mode", "arrived_at", "id"),
        index("visit", "reception_day", "arrived_at", "id"),
        # Most visits name none: they cost the index nothing.
        index("visit", "campaign_id", "arrived_at", "id", where="campaign_id IS NOT NULL"),
    )

    site_id: UUID
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    number: int
    reception_day: date
    arrived_at: datetime = Field(sa_type=INSTANT)
    # The device's clock, kept as evidence; the server's receipt decides (TM-6).
    stated_at: datetime | None = Field(default=None, sa_type=INSTANT)
    left_at: datetime | None = Field(default=None, sa_type=INSTANT)
    state: str = VisitState.ASSIGNED.value
    party_id: UUID | None = None
    phones: list[str] = Field(default_factory=list, sa_type=TEXTS)
    # What the documents and the face he showed are kept as; the sign of somebody who waits.
    identities: list[str] = Field(
        default_factory=list, sa_type=TEXTS, sa_column_kwargs={"server_default": text("'{}'")}
    )
    ambiguous: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    way: str = ArrivalWay.WALK_IN.value
    said_before: bool = False
    named_member_id: UUID | None = None
    referrer_party_id: UUID | None = None
    survey: str = SurveyStatus.NONE.value
    unit_code: str | None = None
    taken_by_id: UUID | None = None
    together_with_id: UUID | None = None
    campaign_id: UUID | None = None
    receiver_id: UUID | None = None
    owner_kind: str
    owner_id: UUID | None = None
    mode: str
    obligation: str = Obligation.NONE.value
    turn_member_id: UUID | None = None
    decision_id: UUID
    rule: str
    clause: str


class VisitParty(TenantTable, table=True):
    """A party recognised in a visit; several numbers may belong to several."""

    __table_args__: ClassVar[Any] = (
        to("visit", cascade=True),
        to("party"),
        UniqueConstraint("tenant_id", "visit_id", "party_id"),
        index("visit_party", "party_id"),
    )

    visit_id: UUID
    party_id: UUID


class CallRecord(Recorded, table=True):
    """A telephone enquiry taken at a site (四(一)); it creates no right to the customer."""

    __table_args__: ClassVar[Any] = (
        to("site"),
        to("member", "taker_id"),
        to("org_unit"),
        to("territory"),
        to("campaign"),
        CheckConstraint("phone ~ '^[+][1-9][0-9]{2,14}$'", name="call_record_phone_check"),
        CheckConstraint("rings >= 0 AND duration_seconds >= 0", name="call_record_length_check"),
        index("call_record", "phone", "called_at"),
        index("call_record", "called_at", "id"),
        index("call_record", "taker_id", "called_at", "id"),
        index("call_record", "site_id", "called_at", "id"),
        index("call_record", "org_unit_id", "called_at", "id"),
        index("call_record", "territory_id", "called_at", "id"),
        index("call_record", "campaign_id", "called_at", "id", where="campaign_id IS NOT NULL"),
    )

    site_id: UUID
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    called_at: datetime = Field(sa_type=INSTANT)
    taker_id: UUID
    phone: str
    extension: str | None = None
    caller_name: str | None = None
    need: str | None = None
    source: str | None = None
    rings: int | None = None
    duration_seconds: int | None = None
    rings_in_time: bool | None = None
    length_in_time: bool | None = None
    campaign_id: UUID | None = None
