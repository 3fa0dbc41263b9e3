"""How a version takes its place among the others: room is made, and nothing overlaps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from service.calendar import start_of_day
from service.errors import FieldPath, InvalidInput
from service.rulebooks import facts
from service.rulebooks.errors import PublishedInThePast
from service.rulebooks.events import PolicyPublished
from service.rulebooks.rules import spliced
from service.rulebooks.tables import RulebookState, RulebookVersion
from service.work import UnitOfWork

_FURTHEST = timedelta(days=3_653)


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A text that was found good, and from when it is to decide where.

    Attributes:
        begins: on the clock of its site, or of the company.
        day: the local day it begins with; None where it begins at the instant.
        author_ids: who wrote it.
        draft_id: the draft it was, if it was one.
    """

    policy: str
    document: Mapping[str, Any]
    overrides: Mapping[str, Any]
    begins: datetime
    day: date | None = None
    site_id: UUID | None = None
    author_ids: tuple[UUID, ...] = ()
    unsimulated_reason: str | None = None
    draft_id: UUID | None = None


async def beginning(
    work: UnitOfWork, site_id: UUID | None, day: date | None, field: FieldPath
) -> datetime:
    """Return when a version begins on its own clock: with a local day, or now.

    Raises:
        PublishedInThePast: the day has begun already, somewhere it would hold.
        InvalidInput: it is more than ten years away, which nobody means.
    """
    if day is None:
        return work.now
    if day > work.now.date() + _FURTHEST:
        raise InvalidInput(expected="WITHIN_TEN_YEARS", field=field)
    zones = await facts.zones(work, site_id)
    starts = [start_of_day(day, zone) for zone in zones]
    if min(starts) < work.now:
        raise PublishedInThePast(field=field)
    return starts[0]


async def put_in_force(work: UnitOfWork, new: NewVersion) -> UUID:
    """Number a version, make room for it, write it, tell of it; returns its id.

    Locks the policy's versions. Two at once are told apart by a constraint and run again.
    """
    others = await facts.locked_windows(work, new.policy)
    number = await facts.next_number(work, new.policy)
    place = [other for other in others if other.site_id == new.site_id]
    splice = spliced(place, new.begins)
    for version_id, ends in splice.cut.items():
        work.change(RulebookVersion, version_id, {"effective_until": ends})
    # The exclusion looks at each row as it is written: first the room, then who takes it.
    await work.flush()
    version = RulebookVersion(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        policy=new.policy,
        number=number,
        state=RulebookState.PUBLISHED.value,
        document=dict(new.document),
        overrides=dict(new.overrides),
        site_id=new.site_id,
        effective_on=new.day,
        effective_from=new.begins,
        effective_until=splice.ends,
        author_ids=list(new.author_ids),
        published_by=work.caller.member_id,
        unsimulated_reason=new.unsimulated_reason,
        created_at=work.now,
        created_by=work.caller.member_id,
    )
    work.add(version)
    work.emit(
        PolicyPublished(
            version.id, new.policy, number, new.begins, new.site_id, draft_id=new.draft_id
        )
    )
    return version.id
