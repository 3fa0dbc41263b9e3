"""What becomes of people between the plan of a departure and its day."""

from uuid import UUID

from service.organisation.tables import Assignment
from service.work import UnitOfWork


async def ends_offices(work: UnitOfWork, member_id: UUID) -> None:
    """Let somebody hold no office from now on, and be a member all the same."""
    for row in await work.fetch(
        "SELECT id FROM app.assignment WHERE tenant_id = $1 AND member_id = $2",
        work.tenant_id,
        member_id,
    ):
        work.change(Assignment, row["id"], {"valid_until": work.now})
