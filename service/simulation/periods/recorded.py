"""Reads a tenant's past: what people did, as a replay takes it, and what was decided of it then."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from service.database.session import Row, Session
from service.ownership.facts import relation_from
from service.replay.days import Days, milliseconds
from service.replay.history import (
    BREACHES,
    CONNECTED,
    NONE,
    OF_HIS_OWN,
    Awarded,
    ClaimFiled,
    DealMade,
    Departed,
    EntryMade,
    Finding,
    HandedOut,
    Kind,
    Place,
    Said,
    Settlement,
)
from service.simulation.periods import statements
from service.simulation.periods.records import SURVEYS, WAYS, Recorded, as_decided, standing_of
from service.simulation.periods.rosters import ROSTER_COMMANDS, planned_shifts
from service.work import Sight

# A month of a large tenant at once: what is read is turned into numbers before the next.
_SPAN: Final = timedelta(days=31)
_NEVER: Final = 1 << 62
_LEAVING: Final = "LEAVING"
_PRESENCES: Final = {
    "sign_out": Kind.SIGN_OUT,
    "take_day_off": Kind.SIGN_OUT,
    "lift_penalty": Kind.PENALTY_LIFTED,
    "come_back": Kind.BACK,
}


class _Line(NamedTuple):
    """A line before it has its place: instants first, then transactions, then as it was read."""

    at: int
    transaction: int
    order: int
    kind: Kind
    site: int
    who: int = NONE
    what: int = NONE
    more: int = 0


async def recorded(session: Sight, until: datetime) -> Recorded:
    """Read everything of a tenant before an instant, in the order in which it happened."""
    reading = _Reading(session, until)
    reading.made.until, reading.made.whole = milliseconds(until), until >= session.now
    await reading.begin()
    begins: datetime | None = await session.fetch_value(statements.BEGINNING, session.tenant_id)
    while begins is not None and begins < until:
        ends = min(begins + _SPAN, until)
        await reading.span(begins, ends)
        begins = ends
    return reading.made


class _Reading:
    """The numbers of what was read so far."""

    def __init__(self, session: Session, until: datetime) -> None:
        self._session = session
        self._until = until
        self.made = Recorded()
        self._history = self.made.history
        self._members: dict[UUID, int] = {}
        self._sites: dict[UUID, int] = {}
        self._parties: dict[UUID, int] = {}
        self._visits: dict[UUID, int] = {}
        self._entries: dict[UUID, int] = {}
        self._deals: dict[UUID, int] = {}
        self._said: dict[Said, int] = {}
        self._calls: defaultdict[tuple[int, str], list[tuple[int, int]]] = defaultdict(list)
        self._delegations: list[tuple[int, int, int, int]] = []
        self._receivers: set[int] = set()
        self._lines: list[_Line] = []
        self._written: dict[tuple[str, UUID, int], int] = {}
        # By the departure, or the verdict, of which entries were made: the old and the new.
        self._passed_on: defaultdict[UUID, list[tuple[int, int]]] = defaultdict(list)

    async def begin(self) -> None:
        """Read who and what there is."""
        days: dict[str, Days] = {}
        for row in await self._fetch(statements.MEMBERS):
            self._members[row["id"]] = len(self._members)
            self._history.members.append(row["id"])
            self._history.staff_codes.append(row["staff_code"])
        for row in await self._fetch(statements.SITES):
            self._sites[row["id"]] = len(self._sites)
            zone = row["time_zone"]
            place = Place(days.setdefault(zone, Days(ZoneInfo(zone))), self._who(row["manager_id"]))
            self._history.places.append(place)
            self.made.site_ids.append(row["id"])
        for row in await self._fetch(statements.RECEIVERS):
            self._receivers.add(self._who(row["member_id"]))
        for row in await self._fetch(statements.ROLES):
            ends = _NEVER if row["valid_until"] is None else milliseconds(row["valid_until"])
            span = (milliseconds(row["valid_from"]), ends, row["code"])
            self._history.roles.setdefault(self._who(row["member_id"]), []).append(span)
        moved = await self._fetch(statements.SHIFTS_MOVED)
        planned = await self._fetch(statements.SHIFTS)
        self._history.shifts = planned_shifts(planned, moved, self._sites, self._who)
        for row in await self._fetch(statements.DELEGATIONS):
            absent, buddy = self._who(row["from_member_id"]), self._who(row["to_member_id"])
            begins, ends = milliseconds(row["valid_from"]), milliseconds(row["valid_until"])
            self._delegations.append((begins, ends, absent, buddy))
        for row in await self._fetch(statements.LEAVING):
            ends = _NEVER if row["ends"] is None else milliseconds(row["ends"])
            span_of = (milliseconds(row["begins"]), ends)
            self._history.leaving.setdefault(self._who(row["member_id"]), []).append(span_of)
            due = milliseconds(row["due"])
            if row["kind"] == _LEAVING and row["begins"] < row["due"] and due <= ends:
                self._history.going.setdefault(self._who(row["member_id"]), []).append(due)

    async def span(self, begins: datetime, ends: datetime) -> None:
        """Read what happened between two instants."""
        self._lines, self._written = [], {}
        span = (begins, ends)
        audit = await self._audit(span)
        await self._relations(span)
        await self._telephoned(span)
        await self._came(span)
        for row in audit:
            self._acted(dict(row))
        await self._done_later(span)
        await self._entered(span)
        await self._followed_up(span)
        await self._found_false(span)
        await self._gone_for_good(span)
        await self._given_out(span)
        await self._awarded(span)
        await self._signed(span)
        await self._claimed(span)
        await self._disputed(span)
        await self._cancelled(span)
        for line in sorted(self._lines):
            self._history.tell(
                line.at, line.kind, line.site, who=line.who, what=line.what, more=line.more
            )

    async def _fetch(self, statement: str, *arguments: object) -> Sequence[Row]:
        return await self._session.fetch(statement, self._session.tenant_id, *arguments)

    def _who(self, member_id: UUID | None) -> int:
        return NONE if member_id is None else self._members.get(member_id, NONE)

    def _party(self, party_id: UUID | None) -> int:
        if party_id is None:
            return NONE
        known = self._parties.get(party_id)
        if known is None:
            known = self._parties[party_id] = len(self._parties)
            self._history.parties.append(party_id)
        return known

    def _tell(
        self,
        row: Mapping[str, Any],
        kind: Kind,
        site: int,
        *,
        written: int | None = None,
        **rest: int,
    ) -> None:
        transaction = row.get("transaction") if written is None else written
        self._lines.append(
            _Line(milliseconds(row["at"]), transaction or 0, len(self._lines), kind, site, **rest)
        )

    def _by(self, command: str, subject_id: UUID, at: datetime) -> int:
        """Return which transaction a command about a record was, as the audit has it."""
        return self._written.get((command, subject_id, milliseconds(at)), 0)

    async def _audit(self, span: tuple[datetime, datetime]) -> Sequence[Row]:
        rows = await self._fetch(statements.AUDIT, *span, statements.COMMANDS)
        for row in rows:
            if row["subject_id"] is not None:
                key = (row["command"], row["subject_id"], milliseconds(row["at"]))
                self._written[key] = row["transaction"] or 0
        return rows

    def _acted(self, row: dict[str, Any]) -> None:
        command, details, subject = row["command"], row["details"], row["subject_id"]
        if command in {"name_representative", "close_visit"}:
            self._of_visit(row, command, self._visits.get(subject, NONE))
        elif command == "leave_member":
            self._tell(row, Kind.MEMBER_LEFT, 0, who=self._who(subject))
        elif command == "sign_in" and subject in self._sites:
            members = [self._who(UUID(member)) for member in details["members"]]
            for position, member in enumerate(members):
                more = len(members) - position - 1
                self._tell(row, Kind.SIGN_IN, self._sites[subject], who=member, more=more)
        elif command == "go_away" and subject in self._sites:
            private = details.get("reason") == "PRIVATE"
            kind = Kind.AWAY_PRIVATE if private else Kind.AWAY_BUSINESS
            self._tell(row, kind, self._sites[subject], who=self._who(UUID(details["member"])))
        elif command in ROSTER_COMMANDS:
            site, member = self._sites[UUID(details["site"])], self._who(UUID(details["member"]))
            self._tell(row, Kind.ROSTER, site, who=member)
        elif command in _PRESENCES and subject in self._sites:
            member = self._who(UUID(details["member"]))
            self._tell(row, _PRESENCES[command], self._sites[subject], who=member)

    def _of_visit(self, row: dict[str, Any], command: str, visit: int) -> None:
        if visit == NONE:
            return
        site = self._history.visits.site[visit]
        if command == "close_visit":
            self._tell(row, Kind.LEFT, site, what=visit)
        else:
            named = self._who(UUID(row["details"]["named"]))
            self._tell(row, Kind.NAMED, site, who=named, what=visit)

    async def _relations(self, span: tuple[datetime, datetime]) -> None:
        for row in await self._fetch(statements.RELATIONS, *span):
            self._party(row["party_id"])
            self._party(row["other_party_id"])
            self._history.relations.append(relation_from(row))
            self._tell(row, Kind.LINKED, 0, more=len(self._history.relations) - 1)

    async def _telephoned(self, span: tuple[datetime, datetime]) -> None:
        for row in await self._fetch(statements.CALLS, *span):
            site, taker = self._sites[row["site_id"]], self._who(row["taker_id"])
            self._calls[site, row["phone"]].append((milliseconds(row["at"]), taker))
            named = bool((row["caller_name"] or "").strip())
            registers = taker in self._receivers or row["entry_id"] is not None
            if named and row["party_id"] is not None and registers:
                made = EntryMade(
                    NONE,
                    self._party(row["party_id"]),
                    True,
                    True,
                    False,
                    False,
                    row["entry_id"] or row["id"],
                    member=taker,
                    site=site,
                )
                self._tell(row, Kind.CALL_REGISTERED, site, what=self._entry(made))

    def _entry(self, made: EntryMade) -> int:
        number = self._entries[made.id] = len(self._history.entries)
        self._history.entries.append(made)
        return number

    async def _came(self, span: tuple[datetime, datetime]) -> None:
        visits = self._history.visits
        for row in await self._fetch(statements.VISITS, *span, self._until):
            site = self._sites[row["site_id"]]
            said = self._said_by(row)
            number = self._said.get(said)
            if number is None:
                number = self._said[said] = len(visits.said_words)
                visits.said_words.append(said)
            at = milliseconds(row["at"])
            visit = visits.add(site, self._party(row["party_id"]), number, at)
            self._visits[row["id"]] = visit
            parties = tuple(self._party(party_id) for party_id in row["parties"])
            if len(parties) > 1:
                visits.parties_of[visit] = parties
            if row["met_later"] is not None:
                visits.met_later[visit] = milliseconds(row["met_later"])
            takers = frozenset(
                taker
                for phone in row["phones"]
                for called_at, taker in self._calls.get((site, phone), ())
                if called_at <= at
            )
            if takers:
                visits.calls_of[visit] = takers
            buddies = {a: b for begins, ends, a, b in self._delegations if begins <= at < ends}
            if buddies:
                visits.buddies_of[visit] = buddies
            if row["left_at"] is not None:
                visits.left_at[visit] = milliseconds(row["left_at"])
            self.made.visit_ids.append(row["id"])
            self.made.instants[row["id"]] = at
            self.made.decided.append(as_decided(row))
            self._tell(row, Kind.ARRIVAL, site, what=visit)

    def _said_by(self, row: Row) -> Said:
        facts: Mapping[str, Any] = row["facts"] or {}
        # A name given later, and a survey exposed later, are not what he said when he came.
        survey = facts.get("survey") or SURVEYS[row["survey"]]
        return Said(
            (survey, WAYS[row["way"]], row["said_before"]),
            named=self._who(UUID(row["named"])) if row["named"] else NONE,
            referrer=self._party(row["referrer_party_id"]),
            taker=self._who(row["taken_by_id"]),
            unit_code=row["unit_code"],
            together=self._visits.get(row["together_with_id"], NONE),
        )

    async def _done_later(self, span: tuple[datetime, datetime]) -> None:
        for row in await self._fetch(statements.LATER, *span):
            visit = self._visits.get(row["visit_id"], NONE)
            if visit == NONE:
                continue
            facts, site = row["facts"], self._history.visits.site[visit]
            member = self._who(UUID(row["member_id"])) if row["member_id"] else NONE
            if "admitted" in facts:
                self._tell(row, Kind.EXPOSED, site, what=visit, more=int(facts["admitted"]))
            elif "breach" in facts:
                breach = BREACHES.index(facts["breach"])
                self._tell(row, Kind.BREACHED, site, who=member, what=visit, more=breach)
            elif "customer_is_new" not in facts:
                self._tell(row, Kind.REASSIGNED, site, who=member, what=visit)
            elif not facts["manager_override"]:
                self._tell(row, Kind.TAKEN, site, who=member, what=visit)

    async def _entered(self, span: tuple[datetime, datetime]) -> None:
        for row in await self._fetch(statements.ENTRIES, *span):
            if row["call_id"] is not None and row["corrects_id"] is None:
                self._stands(row, self._entries.get(row["id"], NONE))
                continue
            facts = row["facts"]
            corrects = self._entries.get(row["corrects_id"], NONE) if row["corrected"] else NONE
            made = EntryMade(
                self._visits.get(row["visit_id"], NONE),
                self._party(row["party_id"]),
                bool(facts.get("name_given")),
                bool(facts.get("phone_given")),
                bool(facts.get("document_given")),
                bool(facts.get("face_given")),
                row["id"],
                corrects,
                self._who(row["member_id"]),
                self._sites[row["site_id"]],
            )
            kind = Kind.CORRECTED if row["corrected"] else Kind.REGISTERED
            made_of, handed_out = row["made_of_id"], row["handed_out"]
            if made.visit == NONE and not (row["corrected"] or made_of or handed_out):
                continue
            number = self._entry(made)
            self._stands(row, number)
            if made_of is not None:
                old = self._entries.get(row["corrects_id"], NONE)
                self._passed_on[made_of].append((old, number))
            elif not handed_out:
                self._tell(row, kind, made.site, what=number)

    def _stands(self, row: Row, number: int) -> None:
        if number != NONE:
            self.made.standing[number] = standing_of(row)
            self.made.instants[row["id"]] = milliseconds(row["at"])

    async def _followed_up(self, span: tuple[datetime, datetime]) -> None:
        for row in await self._fetch(statements.FOLLOW_UPS, *span):
            number = self._entries.get(row["registration_id"], NONE)
            if number == NONE:
                continue
            own = row["member_id"] == row["register_of"]
            bits = CONNECTED * row["connected"] + OF_HIS_OWN * own
            written = self._by("record_follow_up", row["registration_id"], row["at"])
            site = self._sites[row["site_id"]]
            self._tell(row, Kind.FOLLOWED_UP, site, written=written, what=number, more=bits)

    async def _found_false(self, span: tuple[datetime, datetime]) -> None:
        for row in await self._fetch(statements.FINDINGS, *span):
            first, last = row["first_day"], row["last_day"]
            fell = (self._entries.get(one, NONE) for one in row["registration_ids"])
            finding = Finding(
                row["names"],
                self._entries.get(row["named_registration_id"], NONE),
                NONE if first is None else first.toordinal(),
                NONE if last is None else last.toordinal(),
                tuple(fell),
            )
            self._history.findings.append(finding)
            site, number = self._sites[row["site_id"]], len(self._history.findings) - 1
            self._tell(row, Kind.VOIDED, site, who=self._who(row["member_id"]), what=number)

    async def _gone_for_good(self, span: tuple[datetime, datetime]) -> None:
        for row in await self._fetch(statements.DEPARTURES, *span):
            passed_on = tuple(self._passed_on.pop(row["id"], ()))
            successor = self._who(row["successor_id"])
            lost = frozenset(self._sites[one] for one in row["unreceived"] or ())
            departed = Departed(row["kind"], row["wish"], successor, passed_on, lost)
            self._history.departures.append(departed)
            number, who = len(self._history.departures) - 1, self._who(row["member_id"])
            self._tell(row, Kind.DEPARTED, 0, who=who, what=number)

    async def _given_out(self, span: tuple[datetime, datetime]) -> None:
        for row in await self._fetch(statements.HANDED_OUT, *span):
            handed = HandedOut(
                self._entries.get(row["registration_id"], NONE),
                self._entries.get(row["assigned_id"], NONE),
                self._who(row["from_member_id"]),
                row["by_rotation"],
            )
            if handed.entry == NONE:
                continue
            self._history.handed_out.append(handed)
            site, number = self._sites[row["site_id"]], len(self._history.handed_out) - 1
            self._tell(row, Kind.HANDED_OUT, site, who=self._who(row["taken_by"]), what=number)

    async def _awarded(self, span: tuple[datetime, datetime]) -> None:
        for row in await self._fetch(statements.AWARDED, *span):
            awarded = Awarded(
                self._party(row["party_id"]),
                (self._who(row["first_member_id"]), self._who(row["second_member_id"])),
                self._who(row["winner_id"]),
                tuple(self._passed_on.pop(row["decision_id"], ())),
            )
            self._history.awarded.append(awarded)
            site, number = self._sites[row["site_id"]], len(self._history.awarded) - 1
            self._tell(row, Kind.AWARDED, site, what=number)

    async def _signed(self, span: tuple[datetime, datetime]) -> None:
        for row in await self._fetch(statements.DEALS, *span, self._until):
            visit = self._visits.get(row["visit_id"], NONE)
            if visit == NONE:
                continue
            provisional, contracted = row["provisional_at"], row["contracted_at"]
            number = self._deals[row["id"]] = len(self._history.deals)
            self.made.instants[row["id"]] = milliseconds(row["at"])
            self._history.deals.append(
                DealMade(
                    visit,
                    self._party(row["party_id"]),
                    row["unit_code"],
                    milliseconds(provisional) if provisional else 0,
                    milliseconds(contracted) if contracted else 0,
                    row["id"],
                )
            )
            self.made.windows.append(milliseconds(row["claims_close_at"]))
            self.made.shares.append(
                frozenset(
                    (holder, UUID(member) if member else None, points)
                    for holder, member, points in row["shares"]
                )
            )
            written = self._by("record_deal", row["id"], row["at"])
            site = self._sites[row["site_id"]]
            self._tell(row, Kind.DEAL, site, written=written, what=number)

    async def _cancelled(self, span: tuple[datetime, datetime]) -> None:
        for row in await self._fetch(statements.CANCELLED, *span):
            if row["id"] in self._deals:
                written = self._by("cancel_deal", row["id"], row["at"])
                site, number = self._sites[row["site_id"]], self._deals[row["id"]]
                self._tell(row, Kind.CANCELLED, site, written=written, what=number)

    async def _claimed(self, span: tuple[datetime, datetime]) -> None:
        for row in await self._fetch(statements.CLAIMS, *span, self._until):
            deal = self._deals.get(row["deal_id"], NONE)
            if deal == NONE:
                continue
            entry = self._entries.get(row["registration_id"], NONE)
            filed = ClaimFiled(
                deal,
                self._who(row["claimant_id"]),
                entry,
                row["stated_same_customer"],
                row["id"],
            )
            self._history.claims.append(filed)
            self.made.results.append(row["result"])
            self.made.instants[row["id"]] = milliseconds(row["at"])
            written = self._by("file_claim", row["id"], row["at"])
            number, site = len(self._history.claims) - 1, self._sites[row["site_id"]]
            self._tell(row, Kind.CLAIM, site, written=written, what=number)

    async def _disputed(self, span: tuple[datetime, datetime]) -> None:
        for row in await self._fetch(statements.DISPUTED, *span):
            deal = self._deals.get(row["deal_id"], NONE)
            if deal == NONE:
                continue
            resolved = row["word"] not in {"NONE", "OPEN"}
            shares = row["shares"] if resolved else ()
            settlement = Settlement(
                row["word"],
                tuple(
                    (holder, self._who(UUID(member)) if member else NONE, points)
                    for holder, member, points in shares
                ),
                milliseconds(row["appeal_until"]) if row["word"] == "APPEALABLE" else NONE,
            )
            self._history.settlements.append(settlement)
            more, site = len(self._history.settlements) - 1, self._sites[row["site_id"]]
            self._tell(row, Kind.SETTLED, site, what=deal, more=more)
