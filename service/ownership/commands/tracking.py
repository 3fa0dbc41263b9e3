"""The tracking window as commands move it: opened by an entry, moved by contacts and leaving."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from service.calendar import last_day_inside, start_of_day
from service.database.session import Row
from service.journal.tables import DecisionKind
from service.ownership import facts
from service.ownership.commands.deciding import Ruling, Subject, keep
from service.ownership.commands.protections import keep_former_protections
from service.ownership.commands.running import count_trackings, switch_to_come
from service.ownership.rules import (
    Contact,
    Known,
    Tracking,
    first_follow_up_due,
    left_later,
    renewal_by,
    terms_of,
)
from service.ownership.tables import Registration
from service.rulebooks.in_force import InForce
from service.work import UnitOfWork

TRACKING_ENDING = "tracking_ending"
TRACKING_LAPSED = "tracking_lapsed"
FIRST_FOLLOW_UP_DUE = "first_follow_up_due"


def watch(work: UnitOfWork, registration_id: UUID, closes: datetime, zone: ZoneInfo) -> None:
    """Have the worker look when a window's last day begins, and when it is over."""
    ending = start_of_day(last_day_inside(closes, zone), zone)
    if ending > work.now:
        work.schedule(TRACKING_ENDING, registration_id, ending)
    work.schedule(TRACKING_LAPSED, registration_id, closes)


def move_end(work: UnitOfWork, registration_id: UUID, closes: datetime) -> None:
    """Move a window's end on; two contacts at once never move it back."""
    keep_former_protections(work, [registration_id])
    work.write(
        "registration",
        "UPDATE app.registration SET protected_until = greatest(protected_until, {}::timestamptz),"
        " version = version + 1 WHERE tenant_id = {}::uuid AND id = {}::uuid",
        closes,
        work.tenant_id,
        registration_id,
        expected=1,
    )


def reception_renews(
    work: UnitOfWork, in_force: InForce, known: Known, received_at: datetime, zone: ZoneInfo
) -> bool:
    """Let a second reception by the registering rep act like a follow-up (TR-5).

    Call it with the receiver's own registration of the party received; needs no statement of its
    own. The caller has authorised. Returns whether the days start anew.
    """
    if known.protected_until is None or known.voided:
        return False
    tracking = Tracking(known.received_at, known.protected_until)
    contact = Contact(received_at, kind="RECEPTION")
    renewal = renewal_by(in_force.rulebook, terms_of(in_force.rulebook, zone), tracking, contact)
    subject = Subject("registration", known.id, known.member_id, None, None)
    names = {"rep": known.member_id, "customer": known.party_id}
    ruling = Ruling(DecisionKind.RENEWAL, renewal.facts, renewal.outcome, names)
    keep(work, in_force, subject, ruling)
    closes = renewal.tracking.protected_until
    if closes > tracking.protected_until:
        move_end(work, known.id, closes)
        watch(work, known.id, closes, zone)
    return renewal.renewed


async def visit_left(
    work: UnitOfWork, in_force: InForce, visit_id: UUID, left_at: datetime, zone: ZoneInfo
) -> None:
    """Count the windows of a visit's registrations from the day of leaving, if later (TR-3).

    The caller has authorised. Locks the visit's registrations by id.
    """
    terms = terms_of(in_force.rulebook, zone)
    later: list[Row] = []
    for row in await facts.registrations_of_visit(work, visit_id):
        tracking = Tracking(row["received_at"], row["protected_until"])
        moved = left_later(tracking, left_at, terms)
        if moved == tracking:
            continue
        values: dict[str, object] = {
            "received_at": moved.received_at,
            "protected_until": moved.protected_until,
        }
        if row["first_followed_up_at"] is None:
            due = first_follow_up_due(moved.received_at, terms)
            values["first_follow_up_due_at"] = due
            work.schedule(FIRST_FOLLOW_UP_DUE, row["id"], due)
        work.change(Registration, row["id"], values)
        watch(work, row["id"], moved.protected_until, zone)
        later.append(row)
    keep_former_protections(work, [row["id"] for row in later])
    if later and await switch_to_come(work, later[0]["site_id"]):
        await count_trackings(work, [row["id"] for row in later])
