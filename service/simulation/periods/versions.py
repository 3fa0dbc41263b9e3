"""Which version was in force at each site over a tenant's past, compiled and ready to play."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from service.calendar import start_of_day
from service.database.session import Row, Session
from service.replay.days import milliseconds
from service.replay.play import Play
from service.replay.succession import Timeline
from service.rulebooks.in_force import version
from service.simulation.periods import statements

_ALWAYS: Final = 0


@dataclass(frozen=True, slots=True)
class InForceThen:
    """The timelines of a tenant's sites and of the company, and the version behind each play."""

    timelines: Mapping[UUID, Timeline]
    company: Timeline
    version_ids: Mapping[Play, UUID]


async def versions_in_force(session: Session, sites: Mapping[UUID, ZoneInfo]) -> InForceThen:
    """Compile every version that ever was in force at one of the sites."""
    rows = await session.fetch(statements.VERSIONS, session.tenant_id)
    plays = {row["id"]: Play((await version(session, row["id"])).rulebook) for row in rows}
    timelines = {
        site_id: [(at, plays[row["id"]]) for at, row in _of_site(rows, site_id, zone)]
        for site_id, zone in sites.items()
    }
    company = [
        (milliseconds(row["effective_from"]) if number else _ALWAYS, plays[row["id"]])
        for number, row in enumerate(row for row in rows if row["site_id"] is None)
    ]
    return InForceThen(timelines, company, {play: version_id for version_id, play in plays.items()})


def _of_site(rows: Sequence[Row], site_id: UUID, zone: ZoneInfo) -> list[tuple[int, Row]]:
    """Return the versions of a site as they followed one another; the first also before it."""
    company = [(_begins(row, zone), row) for row in rows if row["site_id"] is None]
    own = [row for row in rows if row["site_id"] == site_id]
    instants = {at for at, _ in company}
    instants |= {
        edge for row in own for edge in (row["effective_from"], row["effective_until"]) if edge
    }
    found: list[tuple[int, Row]] = []
    for at in sorted(instants):
        row = _at(company, own, at)
        if row is not None and (not found or found[-1][1] is not row):
            found.append((milliseconds(at) if found else _ALWAYS, row))
    return found


def _at(company: Sequence[tuple[datetime, Row]], own: Sequence[Row], at: datetime) -> Row | None:
    for row in reversed(own):
        until = row["effective_until"]
        if row["effective_from"] <= at and (until is None or until > at):
            return row
    begun = [(row["effective_from"], row["number"], row) for begins, row in company if begins <= at]
    return max(begun, key=lambda one: one[:2])[2] if begun else None


def _begins(row: Row, zone: ZoneInfo) -> datetime:
    """Return when a version of the company begins at a site: at its own midnight, if at any."""
    day = row["effective_on"]
    begins: datetime = row["effective_from"] if day is None else start_of_day(day, zone)
    return begins
