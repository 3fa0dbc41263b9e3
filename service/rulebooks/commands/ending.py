"""What is done to a version after it was published: taken back before it begins, or ended."""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from service.errors import InvalidInput
from service.policies.access import Record
from service.rulebooks import facts
from service.rulebooks.commands.placing import beginning
from service.rulebooks.commands.publishing import PUBLISH
from service.rulebooks.errors import VersionBegun, VersionNotOfSite
from service.rulebooks.events import PolicyCancelled, PolicyEnded
from service.rulebooks.rules import restored
from service.rulebooks.tables import RulebookState, RulebookVersion
from service.work import UnitOfWork

_LONGEST_REASON: Final = 2_000


@dataclass(frozen=True, slots=True)
class CancelVersion:
    """Take a version back that has not begun anywhere, saying why."""

    version_id: UUID
    reason: str


async def cancel_version(work: UnitOfWork, order: CancelVersion) -> UUID:
    """Cancel a version to come and return its id; the one before goes on. Locks the versions.

    Who wrote it may take it back too: it keeps in force what others have approved.

    Raises:
        NotFound, Forbidden, VersionBegun, InvalidInput.
    """
    _check(order.reason)
    row = await facts.version_row(work, order.version_id)
    work.authorise(PUBLISH, await facts.place_of(work, row["site_id"]))
    windows = await facts.locked_windows(work, row["policy"])
    window = next((one for one in windows if one.version_id == order.version_id), None)
    if window is None or window.is_empty:
        raise VersionBegun(field=facts.VERSION)
    zones = await facts.zones(work, row["site_id"])
    if min(window.begins, *(window.begins_in(zone) for zone in zones)) <= work.now:
        raise VersionBegun(field=facts.VERSION)
    work.change(RulebookVersion, order.version_id, {"state": RulebookState.RETIRED.value})
    # First out of the way, then the one before takes its time again.
    await work.flush()
    place = [one for one in windows if one.site_id == window.site_id]
    for version_id, ends in restored(place, window).items():
        work.change(RulebookVersion, version_id, {"effective_until": ends})
    work.concerns("rulebook_version", order.version_id, reason=order.reason.strip())
    work.emit(PolicyCancelled(order.version_id, row["policy"], row["number"]))
    return order.version_id


@dataclass(frozen=True, slots=True)
class EndVersion:
    """Let a site's own version end, so that the company's decides there again.

    Attributes:
        ends_on: the first local day without it; None is at once.
    """

    version_id: UUID
    reason: str
    ends_on: date | None = None


async def end_version(work: UnitOfWork, order: EndVersion) -> UUID:
    """Give a site's version an end and return its id. Locks the versions.

    Other rules decide from then on: so never by who wrote it (four eyes).

    Raises:
        NotFound, Forbidden, VersionNotOfSite, VersionBegun (it is over already),
        PublishedInThePast, InvalidInput.
    """
    _check(order.reason)
    row = await facts.version_row(work, order.version_id)
    site_id: UUID | None = row["site_id"]
    place = await facts.place_of(work, site_id)
    for author in row["author_ids"] or [None]:
        work.authorise(PUBLISH, Record(None, place.org_unit_id, place.territory_id, author))
    if site_id is None:
        raise VersionNotOfSite(field=facts.VERSION)
    windows = await facts.locked_windows(work, row["policy"])
    window = next((one for one in windows if one.version_id == order.version_id), None)
    ends = await beginning(work, site_id, order.ends_on, ("input", "endsOn"))
    if window is None or not window.holds_at(max(ends, window.begins)) or ends < window.begins:
        raise VersionBegun(field=facts.VERSION)
    work.change(RulebookVersion, order.version_id, {"effective_until": ends})
    work.concerns("rulebook_version", order.version_id, reason=order.reason.strip(), ends=ends)
    work.emit(PolicyEnded(order.version_id, site_id, ends))
    return order.version_id


def _check(reason: str) -> None:
    if not 1 <= len(reason.strip()) <= _LONGEST_REASON:
        raise InvalidInput(
            field=("input", "reason"), expected="CHARACTERS", least=1, most=_LONGEST_REASON
        )
