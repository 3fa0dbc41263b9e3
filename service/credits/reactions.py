"""What counts is entered once the house has recorded it."""

from uuid import UUID

from service.credits.commands import OF_DEALS, Counting, count
from service.ownership.events import (
    CreditFinalised,
    CreditReversed,
    CustomerRegistered,
    DealContracted,
)
from service.reception.events import ReceptionAssigned
from service.targets.events import MetricChanged
from service.targets.tables import CountingEvent
from service.work import UnitOfWork


async def on_credit_finalised(work: UnitOfWork, event: CreditFinalised) -> None:
    """A deal counts when its credit is final, and so does its contract if there is one."""
    await _count_deal(work, event.deal_id)


async def on_deal_contracted(work: UnitOfWork, event: DealContracted) -> None:
    """A contract counts for those who have the credit of its deal, once that is final."""
    await count(work, Counting(CountingEvent.CONTRACT, event.deal_id))


async def on_credit_reversed(work: UnitOfWork, event: CreditReversed) -> None:
    """What a metric made meanwhile has counted of it is taken back as well."""
    await _count_deal(work, event.deal_id)


async def _count_deal(work: UnitOfWork, deal_id: UUID) -> None:
    for event in OF_DEALS:
        await count(work, Counting(event, deal_id))


async def on_customer_registered(work: UnitOfWork, event: CustomerRegistered) -> None:
    """A customer is new once."""
    await count(work, Counting("NEW_CUSTOMER", event.registration_id))


async def on_reception_assigned(work: UnitOfWork, event: ReceptionAssigned) -> None:
    """A visit counts for whoever received it first."""
    await count(work, Counting("VISIT", event.visit_id))


async def on_metric_changed(work: UnitOfWork, event: MetricChanged) -> None:
    """A metric counts what was there before it was made, too."""
    counts = await work.fetch_value(
        "SELECT counting_event FROM app.metric WHERE tenant_id = $1 AND id = $2",
        work.tenant_id,
        event.metric_id,
    )
    await count(work, Counting(str(counts), metric_id=event.metric_id))
