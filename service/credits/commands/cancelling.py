"""A deal falls through: what counted of it is taken back at once, entry by entry (4.4)."""

from typing import Final
from uuid import UUID

from service.credits.commands.closed import refuse_closed
from service.credits.commands.counting import reverse_deals
from service.ownership import commands as ownership
from service.ownership.commands import CancelDeal
from service.work import UnitOfWork

_RESTATED: Final = ("input", "restated")


async def cancel_deal(work: UnitOfWork, order: CancelDeal) -> UUID:
    """Cancel the deal, take back what it counted toward metrics, and return its id.

    Raises:
        What cancelling the deal itself raises; PeriodIsClosed (restated).
    """
    deal_id = await ownership.cancel_deal(work, order)
    if order.restated:
        for counted in await work.fetch(
            "SELECT DISTINCT metric_id, credited_on FROM app.metric_credit"
            " WHERE tenant_id = $1 AND deal_id = $2 AND reverses_id IS NULL",
            work.tenant_id,
            deal_id,
        ):
            await refuse_closed(work, counted["metric_id"], counted["credited_on"], _RESTATED)
    await work.flush()
    await reverse_deals(work, deal_id)
    return deal_id
