"""Does a replay under the versions of the time come to what was decided then?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.database.session import Session
from service.replay.days import instant_of
from service.replay.engine import Replay
from service.replay.places import NOBODY
from service.simulation.periods.recorded import AsDecided, Recorded, Shares, recorded
from service.simulation.periods.versions import InForceThen, versions_in_force


@dataclass(frozen=True, slots=True)
class Difference:
    """A record that the replay sees otherwise: `what` of it, as recorded and as replayed."""

    subject: str
    id: UUID
    what: str
    recorded: str
    replayed: str


async def past(session: Session, until: datetime) -> tuple[Recorded, InForceThen]:
    """Read a tenant's past before an instant, and the versions that were in force in it."""
    made = await recorded(session, until)
    zones = {
        site_id: place.days.zone
        for site_id, place in zip(made.site_ids, made.history.places, strict=True)
    }
    return made, await versions_in_force(session, zones)


def as_it_was(made: Recorded, then: InForceThen) -> Replay:
    """Return a replay of the past under the versions of the time, not yet run."""
    return Replay(made.history, [then.timelines[site_id] for site_id in made.site_ids])


def instants_of(made: Recorded) -> Iterator[datetime]:
    """Give when each visit came."""
    return (instant_of(at) for at in made.history.visits.arrived_at)


def differences(made: Recorded, replay: Replay) -> Iterator[Difference]:
    """Give whatever of visits, deals and claims the replay sees otherwise than the record."""
    for visit, (visit_id, then) in enumerate(zip(made.visit_ids, made.decided, strict=True)):
        now = as_replayed(made, replay, visit)
        if now != then:
            for name, before, after in zip(AsDecided._fields, then, now, strict=True):
                if before != after:
                    yield Difference("visit", visit_id, name, str(before), str(after))
    for number, shares in enumerate(made.shares):
        replayed = shares_replayed(replay, number)
        if replayed != shares:
            deal_id = made.history.deals[number].id
            yield Difference("deal", deal_id, "credit", _said(shares), _said(replayed))
    for number, result in enumerate(made.results):
        answer = replay.credits.answers[number]
        told = "" if answer is None else answer.result
        if told != result:
            yield Difference("claim", made.history.claims[number].id, "result", result, told)


def as_replayed(made: Recorded, replay: Replay, visit: int) -> AsDecided:
    """Return what a visit came to in a replay."""
    words = replay.words[visit]
    if words is None:
        return AsDecided(None, "", None, None, "", "", "")
    members = made.history.members

    def member(number: int) -> UUID | None:
        return None if number == NOBODY else members[number]

    return AsDecided(
        member(replay.receiver[visit]),
        words.owner_kind,
        member(replay.owner[visit]),
        member(replay.turn[visit]),
        words.mode,
        words.obligation,
        words.rule,
    )


def shares_replayed(replay: Replay, number: int) -> Shares:
    """Return the shares of a deal in a replay; none where it did not come about."""
    deal = replay.credits.deals[number]
    if deal is None:
        return frozenset()
    return frozenset((s.holder, s.member_id, s.basis_points) for s in deal.shares)


def _said(shares: Shares) -> str:
    parts = sorted((holder, str(member or ""), points) for holder, member, points in shares)
    return ", ".join(
        f"{holder} {member}:{points}".replace(" :", ":") for holder, member, points in parts
    )
