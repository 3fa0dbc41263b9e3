"""What is in force where on which day."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from service.errors import InvalidInput
from service.rulebooks import calendars
from service.rulebooks.calendars import DatedSpan
from service.rulebooks.in_force import SHOWROOM_POLICY
from service.schema.context import Info
from service.schema.costs import AGGREGATE, costs
from service.schema.mutation import given
from service.schema.planner.fallback import Reader
from service.schema.planner.mapping import mapping_of
from service.schema.rulebooks import RulebookVersion
from service.schema.scalars import NO_ROW, found_id

_MOST_DAYS = 3_660


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
    version_row: strawberry.Private[UUID]

    @strawberry.field(description="The version that decides.")
    async def rulebook_version(self, info: Info) -> RulebookVersion | None:
        reader = await info.context.reader()
        found: RulebookVersion | None = await reader.one(
            mapping_of(RulebookVersion), self.version_row
        )
        return found


def _span(found: DatedSpan) -> RulebookSpan:
    return RulebookSpan(
        begins_at=found.begins_at,
        ends_at=found.ends_at,
        begins_on=found.begins_on,
        ends_on=found.ends_on,
        of_site=found.of_site,
        version_row=found.version_id,
    )


async def _site(reader: Reader, sent: strawberry.ID | None) -> UUID | None:
    """Return the site asked about, as far as the caller sees it; the nil id where he does not."""
    site_id = given(sent)
    if site_id is None:
        return None
    mapping = mapping_of("Site")
    row = found_id(str(site_id), mapping.kind) or NO_ROW
    return NO_ROW if await reader.one(mapping, row) is None else row


async def _may_read(reader: Reader) -> bool:
    return reader.sight.policy.check(reader.sight.actor, "rulebook.view").allowed


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
        " out of the caller's sight."
    )
    async def rulebook_in_force(
        self,
        info: Info,
        site_id: Annotated[strawberry.ID | None, _SITE] = strawberry.UNSET,
        day: Annotated[date | None, _ON] = strawberry.UNSET,
        policy: Annotated[str, _POLICY] = SHOWROOM_POLICY,
    ) -> RulebookVersion | None:
        reader = await info.context.reader()
        site = await _site(reader, site_id)
        on = given(day)
        row = await reader.within(lambda sight: calendars.version_on(sight, policy, site, on))
        found: RulebookVersion | None = await reader.one(mapping_of(RulebookVersion), row)
        return found

    @strawberry.field(
        description="Which versions decide at a site in a range of days, in order; those to come as"
        " they are known now. Action `rulebook.view`.",
        metadata=costs(AGGREGATE),
    )
    async def rulebook_calendar(
        self,
        info: Info,
        from_: Annotated[date, _FROM],
        until: Annotated[date, _UNTIL],
        site_id: Annotated[strawberry.ID | None, _SITE] = strawberry.UNSET,
        policy: Annotated[str, _POLICY] = SHOWROOM_POLICY,
    ) -> list[RulebookSpan]:
        if not 0 < (until - from_).days <= _MOST_DAYS:
            raise InvalidInput(field=("until",), expected="FROM_TO", least=1, most=_MOST_DAYS)
        reader = await info.context.reader()
        site = await _site(reader, site_id)
        if not await _may_read(reader):
            return []
        days = (from_, until)
        found = await reader.within(lambda sight: calendars.days_of(sight, policy, site, days))
        return [_span(one) for one in found]
