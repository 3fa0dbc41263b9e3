"""Visits and calls, counted."""

from datetime import date
from enum import Enum
from typing import Final

import strawberry

from service.reception.queries import NEW_VISITOR
from service.reception.tables import ArrivalWay, ReceptionMode
from service.schema.campaigns.types import Campaign
from service.schema.organisation.types import Member, OrgUnit, Territory
from service.schema.reception.types import CallRecordFilter, Site, VisitFilter
from service.schema.scalars import BigInt
from service.schema.statistics.counting import (
    by,
    by_record,
    counted,
    number_of,
    number_with,
    statistics,
)
from service.schema.statistics.fields import Bound, statistics_field
from service.schema.statistics.words import (
    DAY,
    HIDDEN,
    HOUR,
    MONTH,
    NONE,
    ORG_UNIT,
    SITE,
    SITE_OF_RECORD,
    TERRITORY,
    WEEK,
    hour_of,
    local,
    month_of,
    week_of,
)

_CALLED: Final = local("t.called_at")
_CAMPAIGN: Final = "By the campaign that brought somebody, as said by now."


def _reached(stage: str, service: str = "") -> str:
    """Return SQL that tells whether a visit has reached a stage, with a service if one is said."""
    judged = f" AND g.service = '{service}'" if service else ""
    return (
        "EXISTS (SELECT FROM app.visit_stage g WHERE g.tenant_id = $1 AND g.visit_id = t.id"
        f" AND g.stage = '{stage}'{judged})"
    )


@strawberry.enum(description="What visits are counted by. Values are added.")
class VisitDimension(Enum):
    SITE = strawberry.enum_value("SITE", description=SITE)
    DAY = strawberry.enum_value("DAY", description=DAY)
    WEEK = strawberry.enum_value("WEEK", description=WEEK)
    MONTH = strawberry.enum_value("MONTH", description=MONTH)
    HOUR = strawberry.enum_value("HOUR", description=HOUR)
    RECEIVER = strawberry.enum_value("RECEIVER", description="By who receives.")
    OWNER = strawberry.enum_value("OWNER", description="By whose customer.")
    MODE = strawberry.enum_value("MODE", description="By how the visitor is received.")
    WAY = strawberry.enum_value("WAY", description="By how the visitor came.")
    ORG_UNIT = strawberry.enum_value("ORG_UNIT", description=ORG_UNIT)
    TERRITORY = strawberry.enum_value("TERRITORY", description=TERRITORY)
    CAMPAIGN = strawberry.enum_value("CAMPAIGN", description=_CAMPAIGN)


@strawberry.type(description="What a row of visits is about; null where it is not grouped by that.")
class VisitStatisticsKey:
    site: Site | None = by_record("t.site_id", "Site", SITE)
    day: date | None = by("t.reception_day", DAY)
    week: date | None = by(week_of("t.reception_day"), WEEK)
    month: date | None = by(month_of("t.reception_day"), MONTH)
    hour: int | None = by(hour_of(local("t.arrived_at")), HOUR, zoned=True)
    receiver: Member | None = by_record("t.receiver_id", "Member", "Who receives.")
    owner: Member | None = by_record("t.owner_id", "Member", "Whose customer.")
    mode: ReceptionMode | None = by("t.mode", "How the visitors are received.")
    way: ArrivalWay | None = by("t.way", "How the visitors came.")
    org_unit: OrgUnit | None = by_record("t.org_unit_id", "OrgUnit", ORG_UNIT)
    territory: Territory | None = by_record("t.territory_id", "Territory", TERRITORY)
    campaign: Campaign | None = by_record("t.campaign_id", "Campaign", _CAMPAIGN)
    none: list[VisitDimension] = strawberry.field(description=NONE)
    hidden: list[VisitDimension] = strawberry.field(description=HIDDEN)


@strawberry.type(description="Visits in the caller's sight, counted.")
class VisitStatistics:
    key: VisitStatisticsKey = strawberry.field(description="What the row is about.")
    visit_count: int = counted("count(*)", "How many visits.")
    customer_count: int = counted(
        "count(DISTINCT t.party_id)", "How many recognised customers, each once."
    )
    new_customer_count: int = number_of(
        NEW_VISITOR, "Visits of customers whom no live registration brought to their receiver."
    )
    turn_count: int = number_of("t.turn_member_id IS NOT NULL", "Visits that used a turn.")
    waiting_count: int = number_of("t.state = 'WAITING'", "Visitors nobody receives yet.")
    open_count: int = number_of("t.left_at IS NULL", "Visitors who have not left.")
    survey_count: int = number_of("t.mode = 'SURVEY'", "Visitors of the same trade.")
    registered_count: int = number_with(
        "t.visit_id", "Registration", "Visits with a registration in the caller's sight."
    )
    deal_count: int = number_with(
        "t.visit_id",
        "Deal",
        "Visits that closed a deal in the caller's sight which was not cancelled.",
        where="t.cancelled_at IS NULL",
    )
    greeted_count: int = number_of(_reached("GREETED"), "Visitors greeted.")
    model_tour_count: int = number_of(_reached("MODEL_TOUR"), "Model shown.")
    seated_count: int = number_of(_reached("SEATED"), "Visitors seated.")
    recommended_count: int = number_of(_reached("UNIT_RECOMMENDED"), "Units recommended.")
    quoted_count: int = number_of(_reached("QUOTED"), "Costs worked out.")
    unit_checked_count: int = number_of(_reached("UNIT_CHECKED"), "Unit checked with the manager.")
    deposit_slip_count: int = number_of(_reached("DEPOSIT_SLIP"), "Deposit slip given.")
    escorted_count: int = number_of(_reached("ESCORTED_OUT"), "Escorted to the door.")
    desk_reset_count: int = number_of(_reached("DESK_RESET"), "Desk put in order.")
    greeted_late_count: int = number_of(
        _reached("GREETED", "BREACH"), "Visitors greeted later than the rulebook wants."
    )


VISITS: Final = statistics(
    "Visit",
    VisitStatistics,
    VisitStatisticsKey,
    zone=SITE_OF_RECORD,
    at="t.arrived_at",
    day="t.reception_day",
)


# As the rulebook judged each call, or by limits that were asked for. Of calls recorded before its
# word was kept the usual limits tell.
_IN_TIME: Final = (
    "CASE WHEN {max_rings} IS NULL THEN coalesce(t.rings_in_time, t.rings <= 2)"
    " ELSE t.rings <= {max_rings} END"
)
_SHORT_ENOUGH: Final = (
    "CASE WHEN {max_seconds} IS NULL THEN coalesce(t.length_in_time, t.duration_seconds <= 180)"
    " ELSE t.duration_seconds <= {max_seconds} END"
)


@strawberry.enum(description="What calls are counted by. Values are added.")
class CallDimension(Enum):
    SITE = strawberry.enum_value("SITE", description=SITE)
    DAY = strawberry.enum_value("DAY", description=DAY)
    WEEK = strawberry.enum_value("WEEK", description=WEEK)
    MONTH = strawberry.enum_value("MONTH", description=MONTH)
    HOUR = strawberry.enum_value("HOUR", description=HOUR)
    TAKER = strawberry.enum_value("TAKER", description="By who took the call.")
    SOURCE = strawberry.enum_value("SOURCE", description="By where the caller heard of it.")
    ORG_UNIT = strawberry.enum_value("ORG_UNIT", description=ORG_UNIT)
    TERRITORY = strawberry.enum_value("TERRITORY", description=TERRITORY)
    CAMPAIGN = strawberry.enum_value("CAMPAIGN", description=_CAMPAIGN)


@strawberry.type(description="What a row of calls is about; null where it is not grouped by that.")
class CallStatisticsKey:
    site: Site | None = by_record("t.site_id", "Site", SITE)
    day: date | None = by(f"{_CALLED}::date", DAY, zoned=True)
    week: date | None = by(week_of(_CALLED), WEEK, zoned=True)
    month: date | None = by(month_of(_CALLED), MONTH, zoned=True)
    hour: int | None = by(hour_of(_CALLED), HOUR, zoned=True)
    taker: Member | None = by_record("t.taker_id", "Member", "Who took the calls.")
    source: str | None = by("t.source", "Where the callers heard of it.")
    org_unit: OrgUnit | None = by_record("t.org_unit_id", "OrgUnit", ORG_UNIT)
    territory: Territory | None = by_record("t.territory_id", "Territory", TERRITORY)
    campaign: Campaign | None = by_record("t.campaign_id", "Campaign", _CAMPAIGN)
    none: list[CallDimension] = strawberry.field(description=NONE)
    hidden: list[CallDimension] = strawberry.field(description=HIDDEN)


@strawberry.type(description="Telephone enquiries in the caller's sight, counted.")
class CallStatistics:
    key: CallStatisticsKey = strawberry.field(description="What the row is about.")
    call_count: int = counted("count(*)", "How many calls.")
    answered_late_count: int = number_of(f"NOT ({_IN_TIME})", "Calls that were answered late.")
    overlong_count: int = number_of(f"NOT ({_SHORT_ENOUGH})", "Calls that took too long.")
    answered_in_time_basis_points: int | None = counted(
        f"round(10000.0 * count(*) FILTER (WHERE {_IN_TIME}) / nullif(count(t.rings), 0))::integer",
        "Calls answered in time, of those whose rings were noted; null where none were.",
    )
    short_enough_basis_points: int | None = counted(
        f"round(10000.0 * count(*) FILTER (WHERE {_SHORT_ENOUGH})"
        " / nullif(count(t.duration_seconds), 0))::integer",
        "Calls not too long, of those whose length was noted; null where none were.",
    )
    rings_known_count: int = number_of("t.rings IS NOT NULL", "Calls whose rings were noted.")
    duration_known_count: int = number_of(
        "t.duration_seconds IS NOT NULL", "Calls whose length was noted."
    )
    total_duration_seconds: BigInt = counted(
        "coalesce(sum(t.duration_seconds), 0)::bigint", "How long they took together."
    )


CALLS: Final = statistics(
    "CallRecord",
    CallStatistics,
    CallStatisticsKey,
    zone=SITE_OF_RECORD,
    at="t.called_at",
    day=f"{_CALLED}::date",
)


@strawberry.type
class ReceptionStatisticsQuery:
    visit_statistics: list[VisitStatistics] = statistics_field(
        VISITS,
        "The visits of `visits`, counted: a total is the sum of what the caller could list.",
        dimensions=VisitDimension,
        filter=VisitFilter,
    )
    call_statistics: list[CallStatistics] = statistics_field(
        CALLS,
        "The calls of `callRecords`, counted: a total is the sum of what the caller could list.",
        dimensions=CallDimension,
        filter=CallRecordFilter,
        bounds={
            "max_rings": Bound(
                None,
                1,
                100,
                "integer",
                "Rings that are not late yet, 1 to 100; as the rulebook judged each call if left"
                " out.",
            ),
            "max_seconds": Bound(
                None,
                1,
                86_400,
                "integer",
                "Seconds that are not too long yet, 1 to 86,400; as the rulebook judged each call"
                " if left out.",
            ),
        },
    )
