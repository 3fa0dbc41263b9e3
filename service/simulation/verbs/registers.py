"""Verbs of a rep's register: following up, its clocks, a finding against it, relations."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from itertools import product
from uuid import UUID

from service.calendar import last_day_inside
from service.customers.commands import CreateParty, LinkParties, create_party, link_parties
from service.errors import Forbidden, NotFound
from service.ownership.commands import (
    CorrectRegistration,
    RecordFollowUp,
    VoidRegister,
    record_follow_up,
    void_register,
)
from service.ownership.rules import first_follow_up_facts
from service.reception.commands import correct_registration
from service.rulebooks.in_force import in_force
from service.simulation.showroom import DESK, MANAGER, Showroom
from service.simulation.stories import ZONE, Step
from service.simulation.verbs.verb import (
    NOTHING,
    Answers,
    Verb,
    blank,
    result_of,
    silent,
    word,
    yes,
)
from service.work import nothing_more


@dataclass(frozen=True, slots=True)
class Entry:
    """A registration of a story's customer, as the service keeps it."""

    id: UUID
    party_id: UUID
    counts: bool
    received_at: datetime
    protected_until: datetime | None
    due_at: datetime | None
    followed_up_at: datetime | None

    def live_at(self, instant: datetime) -> bool:
        """Tell whether the tracking runs."""
        until = self.protected_until
        return self.counts and until is not None and instant < until


async def entries(showroom: Showroom, rep: str, customer: str) -> list[Entry]:
    """Return a rep's registrations of a customer; the one that protects him longest first.

    Entries that give no right come last, corrected ones not at all.
    """
    rows = await showroom.look(
        "SELECT id, party_id, result = 'VALID' AND voided_at IS NULL AS counts, received_at,"
        " protected_until, first_follow_up_due_at, first_followed_up_at"
        " FROM app.registration WHERE tenant_id = $1 AND member_id = $2"
        " AND party_id = ANY($3::uuid[]) AND superseded_at IS NULL"
        " ORDER BY counts DESC, protected_until DESC NULLS LAST, ranks_from, entry_number",
        showroom.member(rep),
        showroom.memory.parties.get(customer, []),
    )
    return [Entry(*row) for row in rows]


async def _entry(showroom: Showroom, step: Step) -> Entry:
    found = await entries(showroom, word(step, 0), word(step, 1))
    if not found:
        raise NotFound
    return found[0]


async def correct(showroom: Showroom, step: Step) -> Answers:
    """A rep corrects an entry of his: it is of the customer `to`, or of the same as before.

    Whom nobody has met yet he enters as a customer himself first.
    """
    rep = showroom.caller(word(step, 0))
    entry, to = await _entry(showroom, step), step.option("to")
    party_id = (await _parties(showroom, to, by=word(step, 0)))[0] if to else None
    order = CorrectRegistration(entry.id, "It was written wrongly.", party_id)
    done = await showroom.perform(rep, order, correct_registration, nothing_more)
    (row,) = await showroom.look(
        "SELECT result, voided_at IS NULL AND superseded_at IS NULL AND protected_until > $3"
        " AS live, protected_until FROM app.registration WHERE tenant_id = $1 AND id = $2",
        done.result,
        showroom.clock.now(),
    )
    expiry = _last_day(row["protected_until"])
    return {"reg": row["result"], "expiry": expiry, "active": yes(bool(row["live"]))}


async def follow(showroom: Showroom, step: Step) -> Answers:
    """A rep records a contact with his customer."""
    entry = await _entry(showroom, step)
    order = RecordFollowUp(
        registration_id=entry.id,
        channel="PHONE",
        content="Asked how the customer thinks of it.",
        connected=step.option("ok", "yes") != "no",
    )
    await showroom.perform(showroom.caller(word(step, 0)), order, record_follow_up, nothing_more)
    return await follow_up_clock(showroom, step)


async def follow_up_clock(showroom: Showroom, step: Step) -> Answers:
    """Look at the first follow-up's clock."""
    entry = await _entry(showroom, step)
    now = showroom.clock.now()
    asked = first_follow_up_facts(entry.received_at, entry.followed_up_at, now, ZONE)
    rulebook = await showroom.seen(showroom.admin, lambda sight: in_force(sight, now))
    service = rulebook.rulebook.decide("first_follow_up", asked).then["service"]
    return {
        "due": _last_day(entry.due_at),
        "sla": str(service) if entry.due_at is not None else NOTHING,
        "active": yes(entry.live_at(now)),
    }


async def window(showroom: Showroom, step: Step) -> Answers:
    """Look at the tracking window."""
    entry = await _entry(showroom, step)
    return {
        "expiry": _last_day(entry.protected_until),
        "active": yes(entry.live_at(showroom.clock.now())),
    }


def _last_day(closes: datetime | None) -> str:
    return NOTHING if closes is None else written(last_day_inside(closes, ZONE))


def written(day: date) -> str:
    """Return a day as stories write it."""
    return day.strftime("%m-%d")


async def tamper(showroom: Showroom, step: Step) -> Answers:
    """The manager finds a rep's register falsified."""
    rep, customer = word(step, 0), step.option("cust")
    own = await entries(showroom, rep, customer) if customer else []
    order = VoidRegister(
        showroom.member(rep),
        showroom.site_id,
        "Entries were altered.",
        registration_id=own[0].id if own else None,
    )
    await showroom.perform(showroom.caller(MANAGER), order, void_register, nothing_more)
    return {}


async def link(showroom: Showroom, step: Step) -> Answers:
    """Two customers are found to be related; who has not come yet is entered with his number.

    `by` names who records it, the desk otherwise: he records what he may.
    """
    pairs = product(
        await _parties(showroom, word(step, 0)), await _parties(showroom, word(step, 1))
    )
    by = showroom.caller(step.option("by", DESK))
    for party_id, other_party_id in pairs:
        if party_id == other_party_id:
            continue
        order = LinkParties(
            party_id,
            other_party_id,
            kind=step.option("rel"),
            unit_code=step.option("unit") or None,
        )
        with suppress(Forbidden):
            await showroom.perform(by, order, link_parties, nothing_more)
    return {}


async def _parties(showroom: Showroom, customer: str, by: str = DESK) -> list[UUID]:
    known = showroom.memory.parties.get(customer)
    if known:
        return known
    order = CreateParty(
        full_name=customer,
        phones=showroom.memory.phones.get(customer, ()),
        org_unit_id=showroom.place.org_unit_id,
        territory_id=showroom.place.territory_id,
    )
    done = await showroom.perform(showroom.caller(by), order, create_party, nothing_more)
    showroom.memory.met(customer, done.result)
    return [done.result]


_CLOCK = blank("due", "sla")
_WINDOW = {"expiry": NOTHING, "active": "no"}


VERBS = {
    "follow": Verb(follow, lambda refusal: {**_CLOCK(refusal), "active": "no"}),
    "followsla": Verb(follow_up_clock, lambda refusal: {**_CLOCK(refusal), "active": "no"}),
    "correct": Verb(correct, lambda refusal: {"reg": result_of(refusal), **_WINDOW}),
    "window": Verb(window, lambda _refusal: _WINDOW),
    "tamper": Verb(tamper, silent),
    "link": Verb(link, silent),
}
