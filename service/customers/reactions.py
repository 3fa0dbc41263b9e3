"""What becomes of customers when the territories change."""

from service.customers.commands import settle_all
from service.territories.events import TerritoryActivated
from service.work import UnitOfWork


async def on_territory_activated(work: UnitOfWork, _event: TerritoryActivated) -> None:
    """Customers belong where the model that came into force says."""
    await settle_all(work)
