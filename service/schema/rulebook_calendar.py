"""What is in force where on which day."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, TypeAlias

import strawberry

from service.errors import InvalidInput
from service.rulebooks.calendars import COMPANYS_ZONE, START_OF_DAY, calendar_of, version_in
from service.rulebooks.in_force import SHOWROOM_POLICY
from service.schema.context import Info
from service.schema.costs import BOARD, costs
from service.schema.mutation import given
from service.schema.planner.mapping import PLANNED, mapping_of
from service.schema.planner.statements import Statement
from service.schema.planner.written import Found, Written
from service.schema.rulebooks import RulebookVersion
from service.schema.scalars import NO_ROW, found_id
from service.schema.statistics.rows import in_rows, made_of, record_in_row

Arguments: TypeAlias = Mapping[str, Any]
_MOST_DAYS = 3_660


@in_rows
@strawberry.type(description="A stretch of a calendar under one version of the rulebook.")
class RulebookSpan:
    begins_at: datetime = strawberry.field(description="First instant it decides there.")
    ends_at: datetime | None = strawberry.field(
        description="First instant it does not; null while nothing follows."
    )
    begins_on: date = strawberry.field(description="The local day it begins in.")
    ends_on: date | None = strawberry.field(
        description="The local day it ends in, the first without it where it ends at midnight."
    )
    of_site: bool = strawberry.field(
        description="Whether it is the site's own, which beats the company's."
    )
    rulebook_version: RulebookVersion | None = record_in_row(
        "RulebookVersion", "The version that decides."
    )


def _calendar(statement: Statement, asked: Arguments) -> str:
    """Write the calendar of a site in the caller's sight, or of the company; else none."""
    # No rulebook is called by what the database has no letter for.
    named = "" if "\0" in asked["policy"] else asked["policy"]
    policy, sent = statement.place(named, "text"), given(asked["site_id"])
    if sent is None:
        return calendar_of(policy, "NULL::uuid", COMPANYS_ZONE)
    mapping = mapping_of("Site")
    site = statement.place(found_id(str(sent), mapping.kind) or NO_ROW, "uuid")
    zone = f"(SELECT t.time_zone {statement.rows_of(mapping)} AND t.id = {site})"
    return calendar_of(policy, site, zone)


def _in_force(statement: Statement, asked: Arguments, _names: object) -> str:
    on = given(asked["day"])
    calendar = _calendar(statement, asked)
    if on is None:
        return statement.settle(version_in(calendar, "{now}"))
    # The last instant of the day, by the calendar's own clock.
    after = START_OF_DAY.format(day=f"{statement.place(on, 'date')} + 1", zone="k.zone")
    return version_in(calendar, f"({after} - interval '1 millisecond')")


def _spans(statement: Statement, asked: Arguments, _names: object) -> str:
    first, end = asked["from_"], asked["until"]
    if not 0 < (end - first).days <= _MOST_DAYS:
        raise InvalidInput(field=("until",), expected="FROM_TO", least=1, most=_MOST_DAYS)
    begins, ends = (
        START_OF_DAY.format(day=statement.place(day, "date"), zone="k.zone") for day in (first, end)
    )
    version = mapping_of(RulebookVersion)
    return (
        "SELECT k.version_id AS rulebook_version, k.begins_at, k.ends_at, k.of_site,"
        " (k.begins_at AT TIME ZONE k.zone)::date AS begins_on,"
        " (k.ends_at AT TIME ZONE k.zone)::date AS ends_on"
        f" FROM ({_calendar(statement, asked)}) k"
        f" WHERE k.begins_at < {ends} AND (k.ends_at IS NULL OR k.ends_at > {begins})"
        f" AND {statement.allowed(str(version.action), version.scope)} ORDER BY k.begins_at"
    )


_SITE = strawberry.argument(
    description="The site; left out: wherever no site has its own, by the company's clock."
)
_POLICY = strawberry.argument(description="Which rulebook.")
_ON = strawberry.argument(description="The local day, at its end; left out: now.")
_FROM = strawberry.argument(name="from", description="The first local day.")
_UNTIL = strawberry.argument(
    description="The first local day after the range; at most ten years after `from`."
)


@strawberry.type
class RulebookCalendarQuery:
    @strawberry.field(
        description="The version that decides at a site on a day; null where none does, or it is"
        " out of the caller's sight.",
        metadata={PLANNED: Found("RulebookVersion", _in_force)},
    )
    async def rulebook_in_force(
        self,
        info: Info,
        site_id: Annotated[strawberry.ID | None, _SITE] = strawberry.UNSET,
        day: Annotated[date | None, _ON] = strawberry.UNSET,
        policy: Annotated[str, _POLICY] = SHOWROOM_POLICY,
    ) -> RulebookVersion | None:
        asked = {"site_id": site_id, "day": day, "policy": policy}
        reader = await info.context.reader()
        rows = await reader.fetch(lambda s: f"SELECT {_in_force(s, asked, None)} AS id")
        found: RulebookVersion | None = await reader.one(mapping_of(RulebookVersion), rows[0]["id"])
        return found

    @strawberry.field(
        description="Which versions decide at a site in a range of days, in order; those to come as"
        " they are known now. Action `rulebook.view`.",
        metadata={PLANNED: Written(_spans), **costs(BOARD)},
    )
    async def rulebook_calendar(
        self,
        info: Info,
        from_: Annotated[date, _FROM],
        until: Annotated[date, _UNTIL],
        site_id: Annotated[strawberry.ID | None, _SITE] = strawberry.UNSET,
        policy: Annotated[str, _POLICY] = SHOWROOM_POLICY,
    ) -> list[RulebookSpan]:
        asked = {"from_": from_, "until": until, "site_id": site_id, "policy": policy}
        reader = await info.context.reader()
        rows = await reader.fetch(lambda statement: _spans(statement, asked, None))
        return [made_of(RulebookSpan, row) for row in rows]
