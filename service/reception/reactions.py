"""What reception does when somebody has gone."""

from service.organisation.events import MemberLeft
from service.ownership.events import DepartureDone
from service.reception.commands import sign_out_gone
from service.work import UnitOfWork


async def on_member_gone(work: UnitOfWork, event: MemberLeft | DepartureDone) -> None:
    """Nobody who left or was moved away keeps a place in a queue."""
    await sign_out_gone(work, event.member_id)
