"""What becomes of customers and of the work on them when the territories change."""

from zoneinfo import ZoneInfo

from service.calendar import day_of
from service.customers.commands import settle_all
from service.opportunities.commands import Since, follow_customers
from service.ownership.commands import following
from service.territories.events import TerritoryActivated
from service.territories.facts import in_force_since
from service.work import UnitOfWork


async def on_territory_activated(work: UnitOfWork, _event: TerritoryActivated) -> None:
    """Customers belong where the model in force says, and what is open of them goes along."""
    moved = await settle_all(work)
    if not moved:
        return
    began, day = await in_force_since(work)
    await following.follow_customers(work, moved)
    since = Since(day or day_of(began, ZoneInfo(work.tenant.time_zone)), day is not None)
    await follow_customers(work, moved, since)
