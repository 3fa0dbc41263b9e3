"""Leave that has begun: who is absent from today on stands in no queue any more."""

from uuid import UUID

from service.organisation import commands as organisation
from service.organisation.commands import RecordLeave
from service.reception.commands.presence import sign_out_during
from service.work import UnitOfWork


async def record_leave(work: UnitOfWork, order: RecordLeave) -> UUID:
    """Record leave and return its id; where it covers today, the member is signed out at once.

    Until the leave is ended or over he does not sign in again. Locks the member, then the queues
    he stands in.

    Raises:
        Refusal: as the organisation's command of that name.
    """
    leave_id = await organisation.record_leave(work, order)
    # The anchor was the member; each queue is locked when its turn comes.
    work.anchor = None
    await sign_out_during(work, order.member_id, order.first_day, order.last_day)
    return leave_id
