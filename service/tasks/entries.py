"""Who owes the entry of a visitor in his register: from the reception to the end of its day."""

from uuid import UUID
from zoneinfo import ZoneInfo

from service.calendar import end_of_day
from service.database.session import Row
from service.tasks import facts
from service.tasks.commands import SAME_DAY_ENTRY, Owed, close, owe
from service.tasks.events import TaskCancelled, TaskOwed
from service.tasks.tables import Task, TaskState
from service.work import UnitOfWork

_VISIT = "visit"


async def owe_entry(work: UnitOfWork, visit_id: UUID) -> None:
    """Have whose customer a visitor is owe his entry by the end of the reception's day (TR-1).

    Decides on the visit as it stands, whatever was heard of it and in which order: nobody owes a
    survey visitor, one who stands in the register, or one who waits still. What another owed moves
    to whose customer he is now. Locks the visit against change, then its open tasks.
    """
    visit = await facts.visit_to_enter(work, visit_id)
    if visit is None:
        return
    owner_id: UUID | None = visit["owner_id"]
    found = await facts.open_tasks(work, SAME_DAY_ENTRY, [visit_id])
    his = [row for row in found if row["member_id"] == owner_id]
    others = [row for row in found if row["member_id"] != owner_id]
    if visit["entered"]:
        close(work, his, TaskState.DONE)
        close(work, others, TaskState.CANCELLED)
        return
    duty_id = await _duty(work, visit)
    if owner_id is None or duty_id is None:
        close(work, found, TaskState.CANCELLED)
        return
    owed = _owed(visit, visit_id, owner_id, duty_id)
    if not found:
        await owe(work, owed)
        return
    kept, *rest = his + others
    _keep(work, kept, owed)
    close(work, rest, TaskState.CANCELLED)


async def _duty(work: UnitOfWork, visit: Row) -> UUID | None:
    """Return the owner's duty to enter this visitor, or None."""
    received = visit["owner_id"] is not None and visit["receiver_id"] is not None
    if not received or visit["surveys"]:
        return None
    return await facts.obliging_duty(work, visit["owner_id"], SAME_DAY_ENTRY, work.now)


def _owed(visit: Row, visit_id: UUID, owner_id: UUID, duty_id: UUID) -> Owed:
    return Owed(
        member_id=owner_id,
        kind=SAME_DAY_ENTRY,
        subject_type=_VISIT,
        subject_id=visit_id,
        due_at=end_of_day(visit["arrived_at"], ZoneInfo(visit["time_zone"])),
        org_unit_id=visit["org_unit_id"],
        arguments={} if visit["party_id"] is None else {"party_id": str(visit["party_id"])},
        duty_id=duty_id,
    )


def _keep(work: UnitOfWork, task: Row, owed: Owed) -> None:
    """Have an open task say what is owed now: the owner may be another, the customer be known.

    It is moved and not made anew, so that who gets a visitor back owes him again.
    """
    values: dict[str, object] = {}
    if task["arguments"] != owed.arguments:
        values["arguments"] = dict(owed.arguments)
    if task["member_id"] != owed.member_id:
        values |= {"member_id": owed.member_id, "duty_id": owed.duty_id}
        work.emit(TaskCancelled(task["id"], task["member_id"]))
        work.emit(TaskOwed(task["id"], owed.member_id))
    if values:
        work.change(Task, task["id"], values)


async def entry_made(work: UnitOfWork, registration_id: UUID) -> None:
    """Close as done what a registration answers, if it is a valid one. Locks those tasks."""
    close(work, await facts.entries_made(work, SAME_DAY_ENTRY, registration_id), TaskState.DONE)
