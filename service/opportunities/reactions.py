"""What becomes of customers and of the work on them when the territories change."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from service.calendar import day_of
from service.customers.commands import Settled, settle_all
from service.customers.events import AccountMoved
from service.opportunities.commands import Since, follow_customers
from service.ownership.commands import following
from service.targets.commands.following import Redrawn, targets_follow
from service.targets.commands.rehanging import targets_rehang
from service.targets.rules.following import Going, Trees
from service.territories import facts as territories
from service.territories.belonging import drawing_in_force, places_of
from service.territories.events import TerritoryActivated
from service.territories.facts import Begun
from service.territories.rules.membership import tree_of
from service.work import UnitOfWork

TERRITORIES_SETTLED: Final = "territories_settled"
"""The deadline at which nobody can be met by the territories that were in force before."""

_LONGEST_COMMAND: Final = timedelta(minutes=1)


async def on_territory_activated(work: UnitOfWork, event: TerritoryActivated) -> None:
    """Customers belong where the model in force says, and what is open of them goes along.

    Who was being received while it came into force was met by the one before: he follows when
    every command has ended that had begun by then.
    """
    await _settle(work)
    await _targets_rehang(work)
    work.schedule(TERRITORIES_SETTLED, event.territory_model_id, work.now + _LONGEST_COMMAND)


async def on_territories_settled_due(work: UnitOfWork, _model_id: UUID) -> None:
    """Nobody is being received any more by the territories that were in force before.

    Who was then entered in a register, or in the pool, stands where that model had him.
    """
    await _settle(work)
    if await drawing_in_force(work, work.now) is not None:
        begun = await territories.begun(work)
        entered = await following.entered_elsewhere(work, begun.began - _LONGEST_COMMAND)
        await following.follow_customers(work, entered)


async def on_account_moved(work: UnitOfWork, event: AccountMoved) -> None:
    """What is open of a customer goes along to the territory he belongs to."""
    await _go_along(work, [event.party_id], Since(event.since, is_whole=False))


async def _settle(work: UnitOfWork) -> None:
    moved = await settle_all(work)
    if not moved:
        return
    begun = await territories.begun(work)
    day = begun.day or day_of(begun.began, work.tenant.zone)
    since = Since(day, is_whole=begun.day is not None)
    await _go_along(work, [one.party_id for one in moved], since)
    if begun.targets_follow:
        await _targets_follow(work, moved, begun, day)


async def _targets_follow(
    work: UnitOfWork, moved: Sequence[Settled], begun: Begun, day: date
) -> None:
    """Let targets follow customers who had a share in them (targets page 4.4, Q32)."""
    going = [Going(one.party_id, one.was, one.now) for one in moved]
    await targets_follow(work, going, await _redrawn(work, begun, day))


async def _targets_rehang(work: UnitOfWork) -> None:
    """Let targets go along with territories that hang elsewhere."""
    begun = await territories.begun(work)
    if begun.targets_follow and begun.before_id is not None:
        day = begun.day or day_of(begun.began, work.tenant.zone)
        await targets_rehang(work, await _redrawn(work, begun, day))


async def _redrawn(work: UnitOfWork, begun: Begun, day: date) -> Redrawn:
    before = begun.before_id or begun.model_id
    trees = Trees(
        before=tree_of(await places_of(work, before, begun.began)),
        after=tree_of(await places_of(work, begun.model_id, work.now)),
    )
    reason = begun.names.get(work.tenant.locale) or next(iter(begun.names.values()))
    return Redrawn(trees, day, reason, begun.author_id)


async def _go_along(work: UnitOfWork, party_ids: Sequence[UUID], since: Since) -> None:
    await following.follow_customers(work, party_ids)
    await follow_customers(work, party_ids, since)
