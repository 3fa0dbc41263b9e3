"""Follow-ups: recorded by the rep in his own register, corrected only by a new entry (TR-4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from service.database.session import Row
from service.errors import InvalidInput, NotFound, Refusal, Refusals
from service.journal.entries import chained
from service.journal.tables import DecisionKind
from service.ownership import facts
from service.ownership.channels import CHANNELS
from service.ownership.commands.deciding import Ruling, Subject, keep
from service.ownership.commands.protections import keep_former_protections
from service.ownership.commands.running import count_trackings, switch_to_come
from service.ownership.commands.tracking import watch
from service.ownership.errors import AlreadyCorrected
from service.ownership.events import FollowUpCorrected, FollowUpRecorded
from service.ownership.rules import (
    Contact,
    Known,
    Renewal,
    Tracking,
    known_from,
    renewal_by,
    terms_of,
)
from service.ownership.tables import FollowUp, Registration
from service.policies.access import Record
from service.rulebooks.in_force import InForce, in_force
from service.work import UnitOfWork

_LONGEST_CONTENT = 4000


@dataclass(frozen=True, slots=True)
class RecordFollowUp:
    """A rep records a contact with a customer of his register (五(四)1).

    Attributes:
        stated_at: when he says it was; kept for information, the receipt decides (TM-6).
        next_at: when he means to follow up again.
    """

    registration_id: UUID
    channel: str
    content: str
    connected: bool = True
    stated_at: datetime | None = None
    next_at: datetime | None = None


async def record_follow_up(work: UnitOfWork, order: RecordFollowUp) -> UUID:
    """Record the contact and return its id; while the tracking is live it may start it anew.

    A contact after the lapse, or with an entry that gives no right, is kept and renews nothing.
    Locks the site's queue and the registration: of two contacts at once the second sees the first's
    window.

    Raises:
        NotFound, Forbidden, InvalidInput, AlreadyCorrected.
    """
    _check(work, order)
    await facts.lock_floor_of(work, order.registration_id)
    row = await facts.registration(work, order.registration_id, locked=True)
    owner = Record(row["member_id"], row["org_unit_id"], row["territory_id"])
    verdict = work.authorise("follow_up.record", owner)
    if row["superseded_at"] is not None:
        raise AlreadyCorrected(field=("input", "registrationId"))
    member_id = verdict.acts_as or work.actor.member_id
    known = known_from(row["known"])
    rulebook = await in_force(work, work.now, row["site_id"])
    contact = Contact(work.now, connected=order.connected, by_same_rep=member_id == known.member_id)
    renewal = _decide(work, rulebook, row, contact)
    follow_up_id = await _append(
        work,
        row["entry_hash"],
        registration_id=known.id,
        member_id=member_id,
        org_unit_id=row["org_unit_id"],
        territory_id=row["territory_id"],
        at=work.now,
        stated_at=order.stated_at,
        channel=order.channel,
        content=order.content,
        connected=order.connected,
        renewed=renewal.renewed,
        rule=renewal.outcome.rule_id,
        next_at=order.next_at,
    )
    closes = renewal.tracking.protected_until if known.counts else None
    _move(work, row, contact, closes)
    if renewal.renewed and await switch_to_come(work, row["site_id"]):
        closes = (await count_trackings(work, [known.id]))[known.id]
    work.concerns("registration", known.id, renewed=renewal.renewed)
    work.emit(
        FollowUpRecorded(
            follow_up_id=follow_up_id,
            registration_id=known.id,
            member_id=member_id,
            party_id=known.party_id,
            at=work.now,
            renewed=renewal.renewed,
            protected_until=closes,
        )
    )
    return follow_up_id


def _decide(work: UnitOfWork, rulebook: InForce, row: Row, contact: Contact) -> Renewal:
    """Ask the rulebook what the contact does to the window, and keep the decision."""
    known = known_from(row["known"])
    terms = terms_of(rulebook.rulebook, ZoneInfo(row["time_zone"]))
    renewal = renewal_by(rulebook.rulebook, terms, _tracking_of(known), contact)
    subject = Subject(
        "registration", known.id, known.member_id, row["org_unit_id"], row["territory_id"]
    )
    names = {"rep": known.member_id, "customer": known.party_id}
    ruling = Ruling(DecisionKind.RENEWAL, renewal.facts, renewal.outcome, names)
    keep(work, rulebook, subject, ruling)
    return renewal


def _check(work: UnitOfWork, order: RecordFollowUp) -> None:
    faults = _faults(work, order)
    if order.stated_at is not None and order.stated_at > work.now:
        faults.append(InvalidInput(field=("input", "statedAt"), expected="NOT_IN_FUTURE"))
    if faults:
        raise Refusals(faults)


def _faults(work: UnitOfWork, order: "RecordFollowUp | CorrectFollowUp") -> list[Refusal]:
    faults: list[Refusal] = []
    if order.channel not in CHANNELS:
        field = ("input", "channel")
        faults.append(InvalidInput(field=field, expected="ONE_OF", choices=tuple(CHANNELS)))
    if not order.content.strip() or len(order.content) > _LONGEST_CONTENT:
        field, most = ("input", "content"), _LONGEST_CONTENT
        faults.append(InvalidInput(field=field, expected="CHARACTERS", least=1, most=most))
    if order.next_at is not None and order.next_at < work.now:
        faults.append(InvalidInput(field=("input", "nextAt"), expected="NOT_IN_PAST"))
    return faults


def _tracking_of(known: Known) -> Tracking:
    # An entry that gives no right has no window: it counts as lapsed from the first instant.
    until = known.protected_until if known.counts else None
    return Tracking(known.received_at, until or known.received_at)


async def _append(
    work: UnitOfWork,
    entry_hash: str,
    *,
    registration_id: UUID,
    **words: Any,  # noqa: ANN401 - columns of the row
) -> UUID:
    """Chain a follow-up to the registration's last one; the registration's lock is held.

    Args:
        work: the unit of work.
        entry_hash: the registration's, which the first follow-up is chained to.
        registration_id: the registration.
        words: what the follow-up says, by column.
    """
    last = await work.fetch_one(
        "SELECT entry_number, entry_hash FROM app.follow_up"
        " WHERE tenant_id = $1 AND registration_id = $2 ORDER BY entry_number DESC LIMIT 1",
        work.tenant_id,
        registration_id,
    )
    number, before = (last["entry_number"], last["entry_hash"]) if last else (0, entry_hash)
    follow_up_id = work.new_id()
    values = {
        "id": follow_up_id,
        "registration_id": registration_id,
        "entry_number": number + 1,
        **words,
    }
    work.add(
        FollowUp(
            tenant_id=work.tenant_id, entry_hash=chained(before, chained_part(values)), **values
        )
    )
    return follow_up_id


_CHAINED: Final = (
    "id",
    "registration_id",
    "entry_number",
    "member_id",
    "org_unit_id",
    "territory_id",
    "at",
    "stated_at",
    "channel",
    "content",
    "connected",
    "renewed",
    "rule",
    "next_at",
)


def chained_part(row: Mapping[str, Any]) -> dict[str, object]:
    """Return what a follow-up says of itself for ever."""
    corrects_id = row.get("corrects_id")
    # What corrects nothing was chained without a word of it.
    corrects = {"corrects_id": corrects_id} if corrects_id else {}
    return {name: row[name] for name in _CHAINED} | corrects


def _move(work: UnitOfWork, row: Row, contact: Contact, closes: datetime | None) -> None:
    values: dict[str, object] = {}
    if row["first_followed_up_at"] is None and contact.by_same_rep:
        values["first_followed_up_at"] = work.now
    if closes is not None and closes != row["protected_until"]:
        keep_former_protections(work, [row["id"]])
        values["protected_until"] = closes
        watch(work, row["id"], closes, ZoneInfo(row["time_zone"]))
    if values:
        work.change(Registration, row["id"], values)


@dataclass(frozen=True, slots=True)
class CorrectFollowUp:
    """A rep corrects what he wrote of a contact, by a new entry that refers to the old (TR-9)."""

    follow_up_id: UUID
    channel: str
    content: str
    connected: bool = True
    next_at: datetime | None = None


async def correct_follow_up(work: UnitOfWork, order: CorrectFollowUp) -> UUID:
    """Make the correcting entry and return its id; the windows stay as the contact left them.

    Locks the registration.

    Raises:
        NotFound, Forbidden, InvalidInput, AlreadyCorrected.
    """
    faults = _faults(work, order)
    if faults:
        raise Refusals(faults)
    old = await work.fetch_one(
        "SELECT f.*, EXISTS (SELECT FROM app.follow_up c WHERE c.tenant_id = $1"
        " AND c.corrects_id = f.id) AS corrected"
        " FROM app.follow_up f WHERE f.tenant_id = $1 AND f.id = $2",
        work.tenant_id,
        order.follow_up_id,
    )
    if old is None:
        raise NotFound(field=("input", "followUpId"))
    owner = Record(old["member_id"], old["org_unit_id"], old["territory_id"])
    work.authorise("follow_up.correct", owner)
    if old["corrected"]:
        raise AlreadyCorrected(field=("input", "followUpId"))
    registration = await facts.registration(work, old["registration_id"], locked=True)
    correction_id = await _append(
        work,
        registration["entry_hash"],
        registration_id=old["registration_id"],
        member_id=old["member_id"],
        org_unit_id=old["org_unit_id"],
        territory_id=old["territory_id"],
        at=work.now,
        stated_at=old["stated_at"],
        channel=order.channel,
        content=order.content,
        connected=order.connected,
        renewed=old["renewed"],
        rule=old["rule"],
        next_at=order.next_at,
        corrects_id=old["id"],
    )
    work.concerns("registration", old["registration_id"])
    work.emit(FollowUpCorrected(correction_id, old["id"], old["registration_id"], old["member_id"]))
    return correction_id
