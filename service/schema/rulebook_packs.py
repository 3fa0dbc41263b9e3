"""The shipped rulebooks, for an administrator who looks for one to begin with."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

import strawberry

from service.policies.rulebooks.packs import pack_text, packs
from service.schema.context import Info
from service.schema.costs import FieldCost, costs, reference
from service.schema.planner.finishing import Finishing
from service.schema.planner.mapping import PLANNED, Finished


@strawberry.type(description="A rulebook that ships with the product.")
class RulebookPack:
    code: str = strawberry.field(description="Its name, like `showroom-ten-days`.")
    policy: str = strawberry.field(
        description="The vocabulary it speaks; `showroom` can be published for receptions."
    )
    industry: str = strawberry.field(description="The industry it is written for.")
    title: str = strawberry.field(description="Its title, in the caller's language.")


def _shown(locale: Any) -> list[RulebookPack]:  # noqa: ANN401 - one of the three locales
    return [
        RulebookPack(
            code=pack.code,
            policy=pack.policy,
            industry=pack.industry,
            title=pack.titles.get(str(locale)) or pack.titles["en"],
        )
        for pack in packs()
    ]


async def _finish(finishing: Finishing, _raw: object, _arguments: object) -> list[RulebookPack]:
    return await asyncio.to_thread(_shown, finishing.locale)


async def _finish_text(
    _finishing: object, _raw: object, arguments: Mapping[str, Any]
) -> str | None:
    return await asyncio.to_thread(pack_text, arguments["code"])


@strawberry.type
class RulebookPacksQuery:
    @reference
    @strawberry.field(
        description="The rulebooks that ship with the product, by code. The same for every tenant.",
        metadata={PLANNED: Finished("'true'::json", _finish)},
    )
    async def rulebook_packs(self, info: Info) -> list[RulebookPack]:
        await info.context.reader()
        # The first who asks has them read: some hundred milliseconds of work.
        return await asyncio.to_thread(_shown, info.context.locale)

    @strawberry.field(
        description="The whole text of a rulebook that ships with the product, as it can be changed"
        " and published; null when there is none of that name.",
        # Two hundred kilobytes each: no answer should be made of many.
        metadata={PLANNED: Finished("'true'::json", _finish_text), **costs(FieldCost(500))},
    )
    async def rulebook_pack_text(
        self,
        info: Info,
        code: Annotated[str, strawberry.argument(description="Like `showroom-ten-days`.")],
    ) -> str | None:
        await info.context.reader()
        return await asyncio.to_thread(pack_text, code)
