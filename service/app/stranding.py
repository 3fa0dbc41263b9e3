"""`bailiwick tenant stranded`: the live work of people who have left, named and handed out.

Whoever leaves leaves nothing behind any more. What was left before, or came to somebody who was
gone already, is nobody's: no representative follows it up, and no manager sees it in the pool.
"""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

import typer

from service.app.administering import administer, one_sentence, tenant_of
from service.app.base import Base
from service.clock import new_id
from service.work import Caller, UnitOfWork


@one_sentence
def tell_stranded(
    code: Annotated[str, typer.Argument(help="The company's code.")],
    *,
    hand_out: Annotated[
        bool, typer.Option(help="Let it go as the rulebook says of one who leaves.")
    ] = False,
) -> None:
    """Name the live work of people who have left; exit code 1 if there is any."""

    async def step(base: Base) -> str:
        tenant_id = await tenant_of(base, code)
        left = await name_stranded(base, tenant_id, typer.echo, hand_out=hand_out)
        if left:
            typer.echo(f"{code}: {left} who have left still have live work; see --hand-out")
            raise typer.Exit(1)
        return f"{code}: nobody who has left has live work"

    administer(step)


async def name_stranded(
    base: Base, tenant_id: UUID, say: Callable[[str], None], *, hand_out: bool
) -> int:
    """Name whoever has left and still has live work, and return how many still have it then."""
    from service.ownership.commands import release_stranded  # noqa: PLC0415 - seldom asked for
    from service.ownership.facts.departing import stranded  # noqa: PLC0415 - seldom asked for

    caller = Caller(tenant_id, None, f"stranded-{new_id()}")
    async with base.transactions.sight(caller) as sight:
        found = await stranded(sight, sight.now)
    for one in found:
        say(
            f"{one.name} (member_{one.member_id}): {one.registrations} live registrations,"
            f" {one.tasks} open tasks, {one.disputes} disputes among two"
        )
    if not hand_out:
        return len(found)
    for one in found:

        async def step(work: UnitOfWork, member_id: UUID = one.member_id) -> bool:
            return await release_stranded(work, member_id)

        if await base.transactions.internally(tenant_id, "release_stranded", step):
            say(f"{one.name}: handed out")
    async with base.transactions.sight(caller) as sight:
        return len(await stranded(sight, sight.now))
