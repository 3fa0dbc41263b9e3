"""What becomes of customers and of the work on them when the territories change."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from service.calendar import day_of
from service.customers.commands import settle_all
from service.customers.events import AccountMoved
from service.opportunities.commands import Since, follow_customers
from service.ownership.commands import following
from service.territories.events import TerritoryActivated
from service.territories.facts import in_force_since
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
    work.schedule(TERRITORIES_SETTLED, event.territory_model_id, work.now + _LONGEST_COMMAND)


async def on_territories_settled_due(work: UnitOfWork, _model_id: UUID) -> None:
    """Nobody is being received any more by the territories that were in force before."""
    await _settle(work)


async def on_account_moved(work: UnitOfWork, event: AccountMoved) -> None:
    """What is open of a customer goes along to the territory he belongs to."""
    await _go_along(work, [event.party_id], Since(event.since, is_whole=False))


async def _settle(work: UnitOfWork) -> None:
    moved = await settle_all(work)
    if not moved:
        return
    began, day = await in_force_since(work)
    zone = ZoneInfo(work.tenant.time_zone)
    await _go_along(work, moved, Since(day or day_of(began, zone), is_whole=day is not None))


async def _go_along(work: UnitOfWork, party_ids: Sequence[UUID], since: Since) -> None:
    await following.follow_customers(work, party_ids)
    await follow_customers(work, party_ids, since)
