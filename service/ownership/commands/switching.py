"""A rulebook's version put in force or taken back, and what runs or is planned, which follows it.

All in one transaction: whoever looks afterwards sees the version and the ends it gives.
"""

from uuid import UUID

from service.ownership.commands.departures import foresee_departures
from service.ownership.commands.running import follow_the_rulebook
from service.rulebooks import commands
from service.work import UnitOfWork


async def publish_rulebook(work: UnitOfWork, order: commands.PublishRulebook) -> UUID:
    """Publish as the rulebook's own command does, and let running periods follow."""
    version_id = await commands.publish_rulebook(work, order)
    await _follow(work)
    return version_id


async def approve_draft(work: UnitOfWork, order: commands.ApproveDraft) -> UUID:
    """Approve as the rulebook's own command does, and let running periods follow."""
    draft_id = await commands.approve_draft(work, order)
    await _follow(work)
    return draft_id


async def cancel_version(work: UnitOfWork, order: commands.CancelVersion) -> UUID:
    """Cancel as the rulebook's own command does, and let running periods go on as before."""
    version_id = await commands.cancel_version(work, order)
    await _follow(work)
    return version_id


async def end_version(work: UnitOfWork, order: commands.EndVersion) -> UUID:
    """End as the rulebook's own command does, and let running periods follow."""
    version_id = await commands.end_version(work, order)
    await _follow(work)
    return version_id


async def _follow(work: UnitOfWork) -> None:
    await follow_the_rulebook(work)
    await foresee_departures(work)
