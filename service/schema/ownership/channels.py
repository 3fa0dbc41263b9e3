"""The ways of following a customer up."""

import strawberry

from service.ownership.channels import CHANNELS
from service.schema.context import Info
from service.schema.costs import reference
from service.schema.planner.finishing import Finishing
from service.schema.planner.mapping import PLANNED, Finished


@strawberry.type(description="A way of following a customer up.")
class FollowUpChannel:
    code: str = strawberry.field(description="The word a follow-up is recorded with.")
    name: str = strawberry.field(description="In the request's language.")


def _channels(locale: str) -> list[FollowUpChannel]:
    return [FollowUpChannel(code=code, name=names[locale]) for code, names in CHANNELS.items()]


async def _finish_channels(finishing: Finishing, *_: object) -> list[FollowUpChannel]:
    return _channels(finishing.locale)


@strawberry.type
class ChannelsQuery:
    @reference
    @strawberry.field(
        description="The ways of following a customer up, the usual ones first.",
        metadata={PLANNED: Finished("'true'::json", _finish_channels)},
    )
    async def follow_up_channels(self, info: Info) -> list[FollowUpChannel]:
        await info.context.reader()
        return _channels(info.context.locale)
