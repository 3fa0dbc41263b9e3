"""The figures of a closed plan's days stay as they are."""

from datetime import date
from uuid import UUID

from service.credits.errors import PeriodIsClosed
from service.errors import FieldPath
from service.work import UnitOfWork


async def refuse_closed(work: UnitOfWork, metric_id: UUID, day: date, field: FieldPath) -> None:
    """Refuse to restate a metric's day that lies in a closed plan.

    Raises:
        PeriodIsClosed.
    """
    closed = await work.fetch_value(
        "SELECT true FROM app.target_plan p WHERE p.tenant_id = $1 AND p.state = 'CLOSED'"
        " AND $3 BETWEEN p.first_day AND p.last_day AND EXISTS (SELECT FROM app.target_node n"
        " WHERE n.tenant_id = $1 AND n.plan_id = p.id AND n.metric_id = $2) LIMIT 1",
        work.tenant_id,
        metric_id,
        day,
    )
    if closed:
        raise PeriodIsClosed(field=field)
