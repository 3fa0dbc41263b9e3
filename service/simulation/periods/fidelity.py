"""Does a replay under the versions of the time come to what was decided then?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.replay.days import instant_of
from service.replay.engine import Replay
from service.replay.places import NOBODY
from service.simulation.periods.recorded import recorded
from service.simulation.periods.records import AsDecided, Recorded, Shares
from service.simulation.periods.versions import InForceThen, versions_in_force
from service.work import Sight


@dataclass(frozen=True, slots=True)
class Difference:
    """A record that the replay sees otherwise: `what` of it, as recorded and as replayed."""

    subject: str
    id: UUID
    what: str
    recorded: str
    replayed: str


async def past(session: Sight, until: datetime) -> tuple[Recorded, InForceThen]:
    """Read a tenant's past before an instant, and the versions that were in force in it.

    Args:
        session: of a snapshot, where people may go on while it is read.
        until: first instant that is not read.
    """
    made = await recorded(session, until)
    zones = {
        site_id: place.days.zone
        for site_id, place in zip(made.site_ids, made.history.places, strict=True)
    }
    return made, await versions_in_force(session, zones)


def as_it_was(made: Recorded, then: InForceThen) -> Replay:
    """Return a replay of the past under the versions of the time, not yet run."""
    timelines = [then.timelines[site_id] for site_id in made.site_ids]
    return Replay(made.history, timelines, then.company)


def instants_of(made: Recorded) -> Iterator[datetime]:
    """Give when each visit came."""
    return (instant_of(at) for at in made.history.visits.arrived_at)


def differences(made: Recorded, replay: Replay) -> Iterator[Difference]:
    """Give whatever of visits, registers, deals and claims the replay sees otherwise.

    All of it is compared as it stood when the reading ends, whatever came of it since.
    Where everything that has happened was read, so are the ends of trackings and claim windows:
    they are kept as the versions known now will have them.
    """
    replay.look_ahead()
    for visit, (visit_id, then) in enumerate(zip(made.visit_ids, made.decided, strict=True)):
        now = as_replayed(made, replay, visit)
        if then is not None and now != then:
            for name, before, after in zip(AsDecided._fields, then, now, strict=True):
                if before != after:
                    yield Difference("visit", visit_id, name, str(before), str(after))
    yield from _of_registers(made, replay)
    for number, shares in enumerate(made.shares):
        replayed, deal_id = shares_replayed(replay, number), made.history.deals[number].id
        if replayed != shares:
            yield Difference("deal", deal_id, "credit", _said(shares), _said(replayed))
        deal, closes_at = replay.credits.deals[number], made.windows[number]
        if made.whole and deal is not None and deal.closes_at != closes_at:
            before, after = _instant(closes_at), _instant(deal.closes_at)
            yield Difference("deal", deal_id, "claims_close_at", before, after)
    for number, result in enumerate(made.results):
        answer = replay.credits.answers[number]
        told = "" if answer is None else answer.result
        if told != result:
            yield Difference("claim", made.history.claims[number].id, "result", result, told)


def _of_registers(made: Recorded, replay: Replay) -> Iterator[Difference]:
    """Give what of the registers is seen otherwise: whose, how long, void, in another's place."""
    for number, stands in made.standing.items():
        entry, entry_id = replay.registers.by_number[number], made.history.entries[number].id
        if entry is None:
            yield Difference("registration", entry_id, "entry", "made", "not made")
            continue
        member_id = made.history.members[entry.member]
        # The end of what counts no more decides nothing, and follows no version.
        counts = made.whole and not (stands.void or stands.ended)
        until = entry.protected_until if counts else stands.until
        seen = (
            ("member", str(stands.member), str(member_id)),
            ("protected_until", _instant(stands.until), _instant(until)),
            ("voided", str(0 < stands.void < made.until), str(entry.voided)),
            ("superseded", str(0 < stands.ended < made.until), str(entry.superseded)),
        )
        for name, was, now in seen:
            if was != now:
                yield Difference("registration", entry_id, name, was, now)


def _instant(at: int) -> str:
    return instant_of(at).isoformat() if at else "none"


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
