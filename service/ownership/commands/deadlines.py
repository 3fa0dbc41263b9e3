"""What the worker makes visible of deadlines; each judges by recorded instants (TM-8)."""

from uuid import UUID
from zoneinfo import ZoneInfo

from service.calendar import day_of, last_day_inside
from service.database.session import Row
from service.ownership import facts
from service.ownership.commands.running import judging
from service.ownership.events import FirstFollowUpOverdue, RegistrationLapsed, TrackingEnding
from service.ownership.rules import first_follow_up_facts
from service.ownership.tables import Registration
from service.work import UnitOfWork


def _tracked(row: Row) -> bool:
    # Who bought, was corrected or fell under a finding has nothing to lose any more.
    ended = ("voided_at", "superseded_at", "converted_at", "lapsed_at")
    return row["protected_until"] is not None and all(row[column] is None for column in ended)


async def announce_ending(work: UnitOfWork, registration_id: UUID) -> None:
    """Tell that a window's last day has begun; nothing if it was moved on meanwhile."""
    row = await facts.registration(work, registration_id, locked=False)
    zone = ZoneInfo(row["time_zone"])
    if _tracked(row) and last_day_inside(row["protected_until"], zone) == day_of(work.now, zone):
        work.emit(
            TrackingEnding(row["id"], row["member_id"], row["party_id"], row["protected_until"])
        )


async def announce_lapse(work: UnitOfWork, registration_id: UUID) -> None:
    """Tell, once, that a window has passed (TR-6). Locks the registration."""
    row = await facts.registration(work, registration_id, locked=True)
    if not _tracked(row) or work.now < row["protected_until"]:
        return
    work.change(Registration, row["id"], {"lapsed_at": work.now})
    work.emit(
        RegistrationLapsed(row["id"], row["member_id"], row["party_id"], row["protected_until"])
    )


async def announce_overdue(work: UnitOfWork, registration_id: UUID) -> None:
    """Tell, once, that the first follow-up was not made in its term (TR-7). Locks the registration.

    The rulebook says whether that is a breach (decision `first_follow_up`).
    """
    row = await facts.registration(work, registration_id, locked=True)
    due = row["first_follow_up_due_at"]
    ended = ("voided_at", "superseded_at", "converted_at", "first_follow_up_breached_at")
    if due is None or any(row[column] is not None for column in ended):
        return
    zone = ZoneInfo(row["time_zone"])
    place = (row["site_id"], zone)
    rulebook = await judging(work, row["decision_id"], row["entered_at"], due, place)
    asked = first_follow_up_facts(row["received_at"], row["first_followed_up_at"], work.now, zone)
    if rulebook.rulebook.decide("first_follow_up", asked).then["service"] != "BREACHED":
        return
    work.change(Registration, row["id"], {"first_follow_up_breached_at": work.now})
    work.emit(FirstFollowUpOverdue(row["id"], row["member_id"], row["party_id"], due))
