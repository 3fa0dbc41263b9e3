"""Registrations, follow-ups, deals and claims, counted."""

from datetime import date
from enum import Enum
from typing import Final

import strawberry

from service.ownership.tables import ClaimResult, OwnerKind, RegistrationResult
from service.reception.tables import ReceptionMode
from service.schema.organisation.types import Member, OrgUnit, Territory
from service.schema.ownership.states import (
    DEAL_STATE,
    OVERDUE,
    STATE,
    DealState,
    RegistrationState,
)
from service.schema.ownership.types import (
    ClaimFilter,
    DealFilter,
    FollowUpFilter,
    RegistrationFilter,
)
from service.schema.reception.types import Site
from service.schema.scalars import Money
from service.schema.statistics.counting import (
    Through,
    amounts_of,
    by,
    by_record,
    counted,
    number_of,
    number_with,
    statistics,
)
from service.schema.statistics.fields import statistics_field
from service.schema.statistics.words import (
    DAY,
    HIDDEN,
    MONTH,
    NONE,
    ORG_UNIT,
    SITE,
    SITE_OF_RECORD,
    TERRITORY,
    WEEK,
    local,
    month_of,
    week_of,
)

_ENTERED: Final = local("t.entered_at")
_MADE: Final = local("t.at")
_SIGNED: Final = local("t.signed_at")
_FILED: Final = local("t.filed_at")
_STANDS: Final = "t.cancelled_at IS NULL"
# The zone alone is taken through the record that names the site; nothing of that is shown.
_SITE_OF_REGISTRATION: Final = (
    "JOIN app.registration y ON y.tenant_id = $1 AND y.id = t.registration_id"
    " JOIN app.site z ON z.tenant_id = $1 AND z.id = y.site_id"
)
_SITE_OF_DEAL: Final = (
    "JOIN app.deal y ON y.tenant_id = $1 AND y.id = t.deal_id"
    " JOIN app.site z ON z.tenant_id = $1 AND z.id = y.site_id"
)


@strawberry.enum(description="What registrations are counted by. Values are added.")
class RegistrationDimension(Enum):
    SITE = strawberry.enum_value("SITE", description=SITE)
    DAY = strawberry.enum_value("DAY", description="The day of entry, in the site's time zone.")
    WEEK = strawberry.enum_value("WEEK", description=WEEK)
    MONTH = strawberry.enum_value("MONTH", description=MONTH)
    MEMBER = strawberry.enum_value("MEMBER", description="By whose register.")
    STATE = strawberry.enum_value("STATE", description="By where they are at this instant.")
    RESULT = strawberry.enum_value("RESULT", description="By what the rulebook said at entry.")
    ORG_UNIT = strawberry.enum_value("ORG_UNIT", description=ORG_UNIT)
    TERRITORY = strawberry.enum_value("TERRITORY", description=TERRITORY)


@strawberry.type(
    description="What a row of registrations is about; null where it is not grouped by that."
)
class RegistrationStatisticsKey:
    site: Site | None = by_record("t.site_id", "Site", SITE)
    day: date | None = by(
        f"{_ENTERED}::date", "The day of entry, in the site's time zone.", zoned=True
    )
    week: date | None = by(week_of(_ENTERED), WEEK, zoned=True)
    month: date | None = by(month_of(_ENTERED), MONTH, zoned=True)
    member: Member | None = by_record("t.member_id", "Member", "Whose register.")
    state: RegistrationState | None = by(STATE, "Where they are at this instant.")
    result: RegistrationResult | None = by("t.result", "What the rulebook said at entry.")
    org_unit: OrgUnit | None = by_record("t.org_unit_id", "OrgUnit", ORG_UNIT)
    territory: Territory | None = by_record("t.territory_id", "Territory", TERRITORY)
    none: list[RegistrationDimension] = strawberry.field(description=NONE)
    hidden: list[RegistrationDimension] = strawberry.field(description=HIDDEN)


@strawberry.type(description="Registrations in the caller's sight, counted.")
class RegistrationStatistics:
    key: RegistrationStatisticsKey = strawberry.field(description="What the row is about.")
    registration_count: int = counted("count(*)", "How many entries.")
    customer_count: int = counted("count(DISTINCT t.party_id)", "How many customers, each once.")
    live_count: int = number_of(f"{STATE} = 'LIVE'", "Entries that protect at this instant.")
    lapsed_count: int = number_of(f"{STATE} = 'LAPSED'", "Entries whose window has closed.")
    converted_count: int = number_of(f"{STATE} = 'CONVERTED'", "Entries whose customer signed.")
    invalid_count: int = number_of(f"{STATE} = 'INVALID'", "Entries that never protected.")
    first_follow_up_overdue_count: int = number_of(
        OVERDUE, "Entries whose first follow-up is late, or was."
    )
    first_follow_up_owed_count: int = number_of(
        f"{STATE} = 'LIVE' AND t.first_followed_up_at IS NULL",
        "Live entries without a follow-up so far.",
    )


REGISTRATIONS: Final = statistics(
    "Registration",
    RegistrationStatistics,
    RegistrationStatisticsKey,
    zone=SITE_OF_RECORD,
    at="t.entered_at",
    day=f"{_ENTERED}::date",
)


@strawberry.enum(description="What follow-ups are counted by. Values are added.")
class FollowUpDimension(Enum):
    SITE = strawberry.enum_value("SITE", description=SITE)
    DAY = strawberry.enum_value("DAY", description=DAY)
    WEEK = strawberry.enum_value("WEEK", description=WEEK)
    MONTH = strawberry.enum_value("MONTH", description=MONTH)
    MEMBER = strawberry.enum_value("MEMBER", description="By who made them.")
    CHANNEL = strawberry.enum_value("CHANNEL", description="By the way they were made.")
    ORG_UNIT = strawberry.enum_value("ORG_UNIT", description=ORG_UNIT)
    TERRITORY = strawberry.enum_value("TERRITORY", description=TERRITORY)


@strawberry.type(
    description="What a row of follow-ups is about; null where it is not grouped by that."
)
class FollowUpStatisticsKey:
    site: Site | None = by_record(
        "t.site_id", "Site", SITE, Through("Registration", "t.registration_id")
    )
    day: date | None = by(f"{_MADE}::date", DAY, zoned=True)
    week: date | None = by(week_of(_MADE), WEEK, zoned=True)
    month: date | None = by(month_of(_MADE), MONTH, zoned=True)
    member: Member | None = by_record("t.member_id", "Member", "Who made them.")
    channel: str | None = by("t.channel", "The way, a code of `followUpChannels`.")
    org_unit: OrgUnit | None = by_record("t.org_unit_id", "OrgUnit", ORG_UNIT)
    territory: Territory | None = by_record("t.territory_id", "Territory", TERRITORY)
    none: list[FollowUpDimension] = strawberry.field(description=NONE)
    hidden: list[FollowUpDimension] = strawberry.field(description=HIDDEN)


@strawberry.type(description="Follow-ups in the caller's sight, counted.")
class FollowUpStatistics:
    key: FollowUpStatisticsKey = strawberry.field(description="What the row is about.")
    follow_up_count: int = counted("count(*)", "How many entries, corrections among them.")
    registration_count: int = counted(
        "count(DISTINCT t.registration_id)", "Of how many registrations, each once."
    )
    connected_count: int = number_of("t.connected", "Entries that reached the customer.")
    renewed_count: int = number_of("t.renewed", "Entries that renewed the registration.")


FOLLOW_UPS: Final = statistics(
    "FollowUp",
    FollowUpStatistics,
    FollowUpStatisticsKey,
    zone=_SITE_OF_REGISTRATION,
    at="t.at",
    day=f"{_MADE}::date",
)


@strawberry.enum(description="What deals are counted by. Values are added.")
class DealDimension(Enum):
    SITE = strawberry.enum_value("SITE", description=SITE)
    DAY = strawberry.enum_value("DAY", description="The day of signing, in the site's time zone.")
    WEEK = strawberry.enum_value("WEEK", description=WEEK)
    MONTH = strawberry.enum_value("MONTH", description=MONTH)
    CLOSER = strawberry.enum_value("CLOSER", description="By who received the closing visit.")
    OWNER = strawberry.enum_value("OWNER", description="By whose customer.")
    OWNER_KIND = strawberry.enum_value("OWNER_KIND", description="By to whom customers belonged.")
    STATE = strawberry.enum_value("STATE", description="By whether they stand.")
    MODE = strawberry.enum_value("MODE", description="By how the closing visit was received.")
    ORG_UNIT = strawberry.enum_value("ORG_UNIT", description=ORG_UNIT)
    TERRITORY = strawberry.enum_value("TERRITORY", description=TERRITORY)


@strawberry.type(description="What a row of deals is about; null where it is not grouped by that.")
class DealStatisticsKey:
    site: Site | None = by_record("t.site_id", "Site", SITE)
    day: date | None = by(
        f"{_SIGNED}::date", "The day of signing, in the site's time zone.", zoned=True
    )
    week: date | None = by(week_of(_SIGNED), WEEK, zoned=True)
    month: date | None = by(month_of(_SIGNED), MONTH, zoned=True)
    closer: Member | None = by_record("t.closer_id", "Member", "Who received the closing visits.")
    owner: Member | None = by_record("t.owner_id", "Member", "Whose customers.")
    owner_kind: OwnerKind | None = by("t.owner_kind", "To whom the customers belonged.")
    state: DealState | None = by(DEAL_STATE, "Whether the deals stand.")
    mode: ReceptionMode | None = by("t.mode", "How the closing visits were received.")
    org_unit: OrgUnit | None = by_record("t.org_unit_id", "OrgUnit", ORG_UNIT)
    territory: Territory | None = by_record("t.territory_id", "Territory", TERRITORY)
    none: list[DealDimension] = strawberry.field(description=NONE)
    hidden: list[DealDimension] = strawberry.field(description=HIDDEN)


@strawberry.type(description="Deals in the caller's sight, counted.")
class DealStatistics:
    key: DealStatisticsKey = strawberry.field(description="What the row is about.")
    deal_count: int = number_of(_STANDS, "How many deals; cancelled ones are not.")
    cancelled_count: int = number_of(f"NOT ({_STANDS})", "How many deals were cancelled.")
    unpriced_count: int = number_of(
        f"{_STANDS} AND t.amount_minor IS NULL", "Deals without a price, none cancelled."
    )
    amounts: list[Money] = amounts_of(
        f"CASE WHEN {_STANDS} THEN t.amount_minor END",
        "The prices together, exact, one sum for each currency, by its code; none cancelled.",
    )
    cancelled_amounts: list[Money] = amounts_of(
        f"CASE WHEN NOT ({_STANDS}) THEN t.amount_minor END",
        "The prices of cancelled deals together, exact, one sum for each currency, by its code.",
        name="cancelled_amounts",
    )
    claimable_count: int = number_of(
        f"{_STANDS} AND t.claims_close_at > {{now}}", "Deals whose credit can still be claimed."
    )
    claimed_count: int = number_with(
        "t.deal_id", "Claim", "Deals with a claim in the caller's sight, cancelled or not."
    )


DEALS: Final = statistics(
    "Deal",
    DealStatistics,
    DealStatisticsKey,
    zone=SITE_OF_RECORD,
    at="t.signed_at",
    day=f"{_SIGNED}::date",
)


@strawberry.enum(description="What claims are counted by. Values are added.")
class ClaimDimension(Enum):
    SITE = strawberry.enum_value("SITE", description="The deal's site.")
    DAY = strawberry.enum_value("DAY", description=DAY)
    WEEK = strawberry.enum_value("WEEK", description=WEEK)
    MONTH = strawberry.enum_value("MONTH", description=MONTH)
    CLAIMANT = strawberry.enum_value("CLAIMANT", description="By who claims.")
    RESULT = strawberry.enum_value("RESULT", description="By what the rulebook said.")
    REASON = strawberry.enum_value("REASON", description="By why it said so.")


@strawberry.type(description="What a row of claims is about; null where it is not grouped by that.")
class ClaimStatisticsKey:
    site: Site | None = by_record(
        "t.site_id", "Site", "The deal's site.", Through("Deal", "t.deal_id")
    )
    day: date | None = by(f"{_FILED}::date", DAY, zoned=True)
    week: date | None = by(week_of(_FILED), WEEK, zoned=True)
    month: date | None = by(month_of(_FILED), MONTH, zoned=True)
    claimant: Member | None = by_record("t.claimant_id", "Member", "Who claims.")
    result: ClaimResult | None = by("t.result", "What the rulebook said.")
    reason: str | None = by("t.reason", "Why, a word of the rulebook.")
    none: list[ClaimDimension] = strawberry.field(description=NONE)
    hidden: list[ClaimDimension] = strawberry.field(description=HIDDEN)


@strawberry.type(description="Claims in the caller's sight, counted.")
class ClaimStatistics:
    key: ClaimStatisticsKey = strawberry.field(description="What the row is about.")
    claim_count: int = counted("count(*)", "How many claims.")
    admitted_count: int = number_of("t.result = 'ADMITTED'", "Claims that take part in the credit.")
    rejected_count: int = number_of("t.result = 'REJECTED'", "Claims that do not.")
    deal_count: int = counted("count(DISTINCT t.deal_id)", "Of how many deals, each once.")


CLAIMS: Final = statistics(
    "Claim",
    ClaimStatistics,
    ClaimStatisticsKey,
    zone=_SITE_OF_DEAL,
    at="t.filed_at",
    day=f"{_FILED}::date",
)


@strawberry.type
class OwnershipStatisticsQuery:
    registration_statistics: list[RegistrationStatistics] = statistics_field(
        REGISTRATIONS,
        "The registrations of `registrations`, counted: a total is the sum of what the caller could"
        " list. Counting a colleague's is audited.",
        dimensions=RegistrationDimension,
        filter=RegistrationFilter,
    )
    follow_up_statistics: list[FollowUpStatistics] = statistics_field(
        FOLLOW_UPS,
        "The follow-ups of `followUps`, counted: a total is the sum of what the caller could list.",
        dimensions=FollowUpDimension,
        filter=FollowUpFilter,
    )
    deal_statistics: list[DealStatistics] = statistics_field(
        DEALS,
        "The deals of `deals`, counted: a total is the sum of what the caller could list.",
        dimensions=DealDimension,
        filter=DealFilter,
    )
    claim_statistics: list[ClaimStatistics] = statistics_field(
        CLAIMS,
        "The claims of `claims`, counted: a total is the sum of what the caller could list.",
        dimensions=ClaimDimension,
        filter=ClaimFilter,
    )
