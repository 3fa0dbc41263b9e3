"""What a text would have changed: two runs over the same past, visit by visit and deal by deal."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from service.replay.days import instant_of
from service.replay.engine import Replay
from service.replay.history import Kind
from service.simulation.periods.fidelity import as_replayed, shares_replayed
from service.simulation.periods.records import AsDecided, Recorded, Shares
from service.simulation.tables import SimulatedSubject, TallyOf

_LATE: Final = "LATE"


@dataclass(frozen=True, slots=True)
class Case:
    """A visit or a deal that comes out otherwise."""

    subject: SimulatedSubject
    id: UUID
    site_id: UUID
    at: datetime
    receiver_changed: bool
    owner_changed: bool
    credit_changed: bool
    before: AsDecided
    after: AsDecided
    shares_before: Shares = frozenset()
    shares_after: Shares = frozenset()


@dataclass(slots=True)
class Tally:
    """Sums for one rep, site or rule.

    Credit is what reps get of deals; what the company keeps is in none of them, so that the sums
    of all reps, of all sites and of all rules are the same.
    """

    visits_before: int = 0
    visits_after: int = 0
    turns_before: int = 0
    turns_after: int = 0
    credit_before: int = 0
    credit_after: int = 0
    receiver_changed: int = 0
    owner_changed: int = 0
    credit_changed: int = 0


@dataclass(slots=True)
class Side:
    """One of the two runs, as a whole; None stands where it was not looked at.

    Attributes:
        turns_spread: how many turns the rep with the most used more than the one with the fewest,
            summed over the days of each site, among all who signed in there that day.
        waiting: visits that nobody received.
        crossings: deals that somebody else than the owner could have claimed.
    """

    turns_spread: int | None = None
    waiting: int | None = None
    crossings: int | None = None
    claims_admitted: int | None = None
    claims_late: int | None = None
    claims_rejected: int | None = None


Key = tuple[TallyOf, UUID | str]


@dataclass(slots=True)
class Comparison:
    """Everything a simulation shows.

    Attributes:
        not_reproduced: None where nothing was replayed.
    """

    visits: int = 0
    deals: int = 0
    receiver_changed: int = 0
    owner_changed: int = 0
    credit_changed: int = 0
    not_reproduced: int | None = None
    before: Side = field(default_factory=Side)
    after: Side = field(default_factory=Side)
    cases: list[Case] = field(default_factory=list)
    tallies: dict[Key, Tally] = field(default_factory=lambda: defaultdict(Tally))

    def summary(self) -> dict[str, Any]:
        """Return the totals as they are kept with the simulation."""
        sides = {
            name: {part: getattr(side, part) for part in Side.__dataclass_fields__}
            for name, side in (("before", self.before), ("after", self.after))
        }
        return {
            "visits": self.visits,
            "deals": self.deals,
            "receiver_changed": self.receiver_changed,
            "owner_changed": self.owner_changed,
            "credit_changed": self.credit_changed,
            "not_reproduced": self.not_reproduced,
            "cases": len(self.cases),
            **sides,
        }

    def take_visit(self, case: Case) -> None:
        """Count a visit, and keep it where it changes."""
        self.visits += 1
        self.receiver_changed += case.receiver_changed
        self.owner_changed += case.owner_changed
        keys: tuple[tuple[Key | None, Key | None], ...] = (
            (_member(case.before.receiver), _member(case.after.receiver)),
            ((TallyOf.SITE, case.site_id), (TallyOf.SITE, case.site_id)),
            ((TallyOf.RULE, case.before.rule), (TallyOf.RULE, case.after.rule)),
        )
        for before, after in keys:
            if before is not None:
                tally = self.tallies[before]
                tally.visits_before += 1
                tally.receiver_changed += case.receiver_changed
                tally.owner_changed += case.owner_changed
            if after is not None:
                self.tallies[after].visits_after += 1
        self._count_turns(case)
        if case.receiver_changed or case.owner_changed:
            self.cases.append(case)

    def _count_turns(self, case: Case) -> None:
        if case.before.turn is not None:
            self.tallies[TallyOf.MEMBER, case.before.turn].turns_before += 1
            self.tallies[TallyOf.SITE, case.site_id].turns_before += 1
        if case.after.turn is not None:
            self.tallies[TallyOf.MEMBER, case.after.turn].turns_after += 1
            self.tallies[TallyOf.SITE, case.site_id].turns_after += 1

    def take_deal(self, case: Case) -> None:
        """Count a deal's credit, and keep it where it changes."""
        self.deals += 1
        self.credit_changed += case.credit_changed
        before, after = _of_reps(case.shares_before), _of_reps(case.shares_after)
        site: Key = (TallyOf.SITE, case.site_id)
        self._count_credit(site, site, sum(before.values()), sum(after.values()))
        self._count_credit(
            (TallyOf.RULE, case.before.rule),
            (TallyOf.RULE, case.after.rule),
            sum(before.values()),
            sum(after.values()),
        )
        for key in (site, (TallyOf.RULE, case.before.rule)):
            self.tallies[key].credit_changed += case.credit_changed
        # A rep is only concerned where his own share changes, whether he had one or gets one.
        for member_id in dict.fromkeys((*before, *after)):
            rep, had, gets = _rep(member_id), before.get(member_id, 0), after.get(member_id, 0)
            self._count_credit(rep, rep, had, gets)
            self.tallies[rep].credit_changed += case.credit_changed and had != gets
        if case.credit_changed:
            self.cases.append(case)

    def _count_credit(self, before: Key, after: Key, had: int, gets: int) -> None:
        self.tallies[before].credit_before += had
        self.tallies[after].credit_after += gets


def _of_reps(shares: Shares) -> dict[UUID, int]:
    """Return what each rep has of a deal, in an order that is the same every time."""
    points: dict[UUID, int] = {}
    for _, member_id, share in sorted(shares, key=str):
        if member_id is not None:
            points[member_id] = points.get(member_id, 0) + share
    return points


def _rep(member_id: UUID) -> Key:
    return (TallyOf.MEMBER, member_id)


def _member(member_id: UUID | None) -> Key | None:
    return None if member_id is None else _rep(member_id)


@dataclass(frozen=True, slots=True)
class Within:
    """Which part of the past is looked at: instants by site, half-open."""

    spans: Mapping[UUID, tuple[datetime, datetime]]

    def has(self, site_id: UUID, at: datetime) -> bool:
        """Tell whether something that happened at a site counts."""
        span = self.spans.get(site_id)
        return span is not None and span[0] <= at < span[1]


def compared(made: Recorded, was: Replay, would: Replay, within: Within) -> Comparison:
    """Compare the past replayed as it was with the past replayed under a text."""
    found, otherwise = Comparison(), 0
    for case, recorded in _visits(made, was, would, within):
        found.take_visit(case)
        otherwise += recorded is not None and case.before != recorded
    found.not_reproduced = otherwise
    for case in _deals(made, was, would, within):
        found.take_deal(case)
    found.cases.sort(key=lambda case: (case.at, case.id))
    found.before, found.after = (_side(made, one, within) for one in (was, would))
    return found


def _visits(
    made: Recorded, was: Replay, would: Replay, within: Within
) -> Iterator[tuple[Case, AsDecided | None]]:
    sites = made.history.visits.site
    for visit, visit_id in enumerate(made.visit_ids):
        site_id, at = made.site_ids[sites[visit]], made.happened_at(visit_id)
        if not within.has(site_id, at):
            continue
        before, after = as_replayed(made, was, visit), as_replayed(made, would, visit)
        yield (
            Case(
                SimulatedSubject.VISIT,
                visit_id,
                site_id,
                at,
                receiver_changed=before.receiver != after.receiver,
                owner_changed=(before.owner_kind, before.owner) != (after.owner_kind, after.owner),
                credit_changed=False,
                before=before,
                after=after,
            ),
            made.decided[visit],
        )


def _deals(made: Recorded, was: Replay, would: Replay, within: Within) -> Iterator[Case]:
    for number, deal in enumerate(made.history.deals):
        site_id = made.site_ids[made.history.visits.site[deal.visit]]
        at, played = made.happened_at(deal.id), was.credits.deals[number]
        # What fell through is nobody's under any text.
        if not within.has(site_id, at) or (played is not None and played.cancelled):
            continue
        before, after = shares_replayed(was, number), shares_replayed(would, number)
        yield Case(
            SimulatedSubject.DEAL,
            deal.id,
            site_id,
            at,
            receiver_changed=False,
            owner_changed=False,
            credit_changed=before != after,
            before=_credit_rule(made, was, number),
            after=_credit_rule(made, would, number),
            shares_before=before,
            shares_after=after,
        )


def _credit_rule(made: Recorded, replay: Replay, number: int) -> AsDecided:
    deal = replay.credits.deals[number]
    rule = "" if deal is None else deal.rule
    return as_replayed(made, replay, made.history.deals[number].visit)._replace(rule=rule)


def _side(made: Recorded, replay: Replay, within: Within) -> Side:
    spread, waiting = _turns_and_waiting(made, replay, within)
    sites = made.history.visits.site
    crossings = 0
    for number, deal in enumerate(made.history.deals):
        played = replay.credits.deals[number]
        site_id = made.site_ids[sites[deal.visit]]
        if played is None or played.cancelled:
            continue
        if within.has(site_id, made.happened_at(deal.id)):
            crossings += bool(played.crossing)
    claims: Counter[str] = Counter()
    for number, claim in enumerate(made.history.claims):
        answer = replay.credits.answers[number]
        site_id = made.site_ids[sites[made.history.deals[claim.deal].visit]]
        if answer is not None and within.has(site_id, made.happened_at(claim.id)):
            claims[answer.result] += 1
            claims[_LATE] += answer.reason == _LATE
    return Side(spread, waiting, crossings, claims["ADMITTED"], claims[_LATE], claims["REJECTED"])


def _turns_and_waiting(made: Recorded, replay: Replay, within: Within) -> tuple[int, int]:
    turns, visits, waiting = _nobodys_turn_yet(made, within), made.history.visits, 0
    for visit, visit_id in enumerate(made.visit_ids):
        site = visits.site[visit]
        if not within.has(made.site_ids[site], made.happened_at(visit_id)):
            continue
        words = replay.words[visit]
        waiting += words is not None and words.mode == "WAIT"
        if replay.turn[visit] >= 0:
            day = made.history.places[site].days.day(visits.arrived_at[visit])
            by_rep = turns[site, day]
            by_rep[replay.turn[visit]] = by_rep.get(replay.turn[visit], 0) + 1
    spread = sum(max(day.values()) - min(day.values()) for day in turns.values())
    return spread, waiting


def _nobodys_turn_yet(
    made: Recorded, within: Within
) -> defaultdict[tuple[int, int], dict[int, int]]:
    """Return by site and day who signed in, each with no turn: who gets none was passed by."""
    history = made.history
    turns: defaultdict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    # Few of the lines are sign-ins: looked for as bytes, the others cost nothing.
    kinds, sign_in = history.kind.tobytes(), bytes((Kind.SIGN_IN,))
    line = kinds.find(sign_in)
    while line >= 0:
        at, site = history.at[line], history.site[line]
        if within.has(made.site_ids[site], instant_of(at)):
            turns[site, history.places[site].days.day(at)][history.who[line]] = 0
        line = kinds.find(sign_in, line + 1)
    return turns
