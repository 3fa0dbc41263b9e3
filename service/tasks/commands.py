"""What is done to tasks: given by a colleague or owed by a duty, done, taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from service.calendar import day_of, end_of_day
from service.database.session import Row
from service.errors import InvalidInput, NotFound
from service.journal.entries import plain
from service.policies.access import Record
from service.tasks import facts
from service.tasks.errors import TaskByEvent, TaskNotOpen
from service.tasks.events import TaskAssigned, TaskCancelled, TaskCompleted, TaskOwed
from service.tasks.rules import answered_by, falls_on, period_of
from service.tasks.tables import Notification, Task, TaskState
from service.work import UnitOfWork

ASSIGNED = "assigned"
FIRST_FOLLOW_UP = "first_follow_up"
SAME_DAY_ENTRY = "same_day_entry"
RESPONSE = "response"
SETTLE_DISPUTE = "settle_dispute"
DECIDE_DISPUTE = "decide_dispute"
DECIDE_APPEAL = "decide_appeal"
INSPECTION = "inspection"
RECURRING = frozenset({INSPECTION, "recurring_report", "bulletin"})
DEAL_WITH_YOUR_CUSTOMER = "deal_with_your_customer"
# What stands as long as something is wrong with a target.
ALARMS = frozenset(
    {
        "target_pace_low",
        "rep_idle",
        "target_without_owner",
        "target_sum_broken",
        "target_plans_add_up",
    }
)
# Tasks that a duty makes somebody owe: closed by their evidence alone.
BY_EVIDENCE = ALARMS | frozenset(
    {
        FIRST_FOLLOW_UP,
        SAME_DAY_ENTRY,
        RESPONSE,
        SETTLE_DISPUTE,
        DECIDE_DISPUTE,
        DECIDE_APPEAL,
    }
)
# What a duty made somebody owe, once or again and again, goes with him.
DIES_WITH_ITS_DUTY = BY_EVIDENCE | RECURRING
_LONGEST_TITLE = 200
_MOST_READ = 200


@dataclass(frozen=True, slots=True)
class AssignTask:
    """A colleague gives a member something to do, by an instant or without one.

    Attributes:
        duty_id: a duty of the member's that asks for it. One that asks for an answer to what he is
            given sets by when: the earlier of its clock and `due_at`.
    """

    member_id: UUID
    title: str
    due_at: datetime | None = None
    subject_type: str | None = None
    subject_id: UUID | None = None
    duty_id: UUID | None = None


async def assign_task(work: UnitOfWork, order: AssignTask) -> UUID:
    """Open the task and return its id.

    Raises:
        NotFound, Forbidden, TaskOpenAlready; InvalidInput, also for a duty that is not his.
    """
    if not 1 <= len(order.title.strip()) <= _LONGEST_TITLE:
        field = ("input", "title")
        raise InvalidInput(field=field, expected="CHARACTERS", least=1, most=_LONGEST_TITLE)
    if (order.subject_type is None) != (order.subject_id is None):
        raise InvalidInput(field=("input", "subjectId"), expected="SUBJECT_TYPE_AND_ID")
    assignee = await facts.assignee(work, order.member_id, work.now)
    work.authorise("task.assign", Record(assignee.member_id, assignee.org_unit_id))
    task = Task(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        created_at=work.now,
        created_by=work.caller.member_id,
        member_id=assignee.member_id,
        kind=ASSIGNED,
        subject_type=order.subject_type,
        subject_id=order.subject_id,
        title=order.title.strip(),
        duty_id=order.duty_id,
        org_unit_id=assignee.org_unit_id,
        due_at=await _due_at(work, order),
    )
    work.add(task)
    work.concerns("task", task.id)
    work.emit(TaskAssigned(task.id, task.member_id, work.actor.member_id))
    return task.id


async def _due_at(work: UnitOfWork, order: AssignTask) -> datetime | None:
    if order.duty_id is None:
        return order.due_at
    duty = await facts.duty_held(work, order.member_id, order.duty_id, work.now)
    if duty is None:
        raise InvalidInput(field=("input", "dutyId"), expected="DUTY_OF_THE_MEMBER")
    obligation = duty["obligation"]
    if obligation is None or obligation["kind"] != RESPONSE:
        return order.due_at
    if obligation["clock"]["after"] != TaskAssigned.__name__:
        return order.due_at
    zone = work.tenant.zone
    by_duty = answered_by(obligation["clock"], work.now, zone)
    return by_duty if order.due_at is None else min(by_duty, order.due_at)


@dataclass(frozen=True, slots=True)
class CompleteTask:
    """A member reports a task done."""

    task_id: UUID


async def complete_task(work: UnitOfWork, order: CompleteTask) -> UUID:
    """Close the task as done and return its id. Locks the task.

    Raises:
        NotFound, Forbidden, TaskNotOpen; TaskByEvent for one that its evidence closes.
    """
    task = await facts.locked_task(work, order.task_id)
    work.authorise("task.complete", Record(task["member_id"], task["org_unit_id"]))
    _must_be_open(task["state"])
    if task["kind"] in BY_EVIDENCE:
        raise TaskByEvent(field=("input", "taskId"))
    values = {"state": TaskState.DONE.value, "done_at": work.now}
    work.change(Task, order.task_id, values)
    work.concerns("task", order.task_id)
    work.emit(TaskCompleted(order.task_id, task["member_id"]))
    return order.task_id


@dataclass(frozen=True, slots=True)
class CancelTask:
    """A task is taken back."""

    task_id: UUID


async def cancel_task(work: UnitOfWork, order: CancelTask) -> UUID:
    """Close the task as cancelled and return its id. Locks the task.

    Raises:
        NotFound, Forbidden, TaskNotOpen; TaskByEvent for a first follow-up.
    """
    task = await facts.locked_task(work, order.task_id)
    work.authorise("task.assign", Record(task["member_id"], task["org_unit_id"]))
    _must_be_open(task["state"])
    if task["kind"] == FIRST_FOLLOW_UP:
        raise TaskByEvent(field=("input", "taskId"))
    work.change(Task, order.task_id, {"state": TaskState.CANCELLED.value})
    work.concerns("task", order.task_id)
    work.emit(TaskCancelled(order.task_id, task["member_id"]))
    return order.task_id


def _must_be_open(state: str) -> None:
    if state != TaskState.OPEN:
        raise TaskNotOpen(field=("input", "taskId"), state=state)


@dataclass(frozen=True, slots=True)
class MarkNotificationsRead:
    """A member has read what he was told."""

    notification_ids: tuple[UUID, ...]


async def mark_notifications_read(
    work: UnitOfWork, order: MarkNotificationsRead
) -> tuple[UUID, ...]:
    """Mark the caller's notifications read and return their ids; a second time changes nothing.

    Raises:
        NotFound: one is missing or somebody else's. Forbidden, InvalidInput.
    """
    wanted = tuple(dict.fromkeys(order.notification_ids))
    if not 1 <= len(wanted) <= _MOST_READ:
        field = ("input", "notificationIds")
        raise InvalidInput(field=field, expected="ENTRIES", least=1, most=_MOST_READ)
    work.authorise("task.view", Record(work.actor.member_id))
    found = await work.fetch(
        "SELECT id, read_at FROM app.notification"
        " WHERE tenant_id = $1 AND member_id = $2 AND id = ANY($3::uuid[])"
        " ORDER BY id FOR NO KEY UPDATE",
        work.tenant_id,
        work.actor.member_id,
        list(wanted),
    )
    known = {row["id"] for row in found}
    for position, row_id in enumerate(order.notification_ids):
        if row_id not in known:
            raise NotFound(field=("input", "notificationIds", str(position)))
    for row in found:
        if row["read_at"] is None:
            work.change(Notification, row["id"], {"read_at": work.now})
    return wanted


@dataclass(frozen=True, slots=True)
class Owed:
    """Something a duty makes a member owe for a record, by an instant or without one."""

    member_id: UUID
    kind: str
    subject_type: str
    subject_id: UUID
    due_at: datetime | None
    org_unit_id: UUID | None = None
    arguments: Mapping[str, str] = field(default_factory=dict)
    # The duty that asks for it, where it is known already.
    duty_id: UUID | None = None


async def owe(work: UnitOfWork, owed: Owed) -> None:
    """Open a task for what is owed, once; nothing if it was made, or met, before."""
    await facts.lock_member(work, owed.member_id)
    if await facts.tasks_of(work, owed.member_id, owed.kind, owed.subject_id):
        return
    duty_id = owed.duty_id or await facts.obliging_duty(work, owed.member_id, owed.kind, work.now)
    task = Task(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        created_at=work.now,
        member_id=owed.member_id,
        kind=owed.kind,
        subject_type=owed.subject_type,
        subject_id=owed.subject_id,
        arguments=dict(owed.arguments),
        duty_id=duty_id,
        org_unit_id=owed.org_unit_id,
        due_at=owed.due_at,
    )
    work.add(task)
    work.emit(TaskOwed(task.id, task.member_id))


async def owe_recurring(work: UnitOfWork) -> None:
    """Open what duties make their holders owe on this local day; a second time opens nothing.

    Inspections whose register was looked at since are closed as done.
    """
    name = await facts.time_zone(work)
    if name is None:
        # In the directory, and not here: being made, or moved to another cluster.
        return
    zone = ZoneInfo(name)
    day = day_of(work.now, zone)
    close(work, await facts.looked_after(work, INSPECTION), TaskState.DONE)
    due = [
        owed
        for owed in await facts.recurring(work, sorted(RECURRING), work.now)
        if falls_on(owed["obligation"]["clock"], day)
    ]
    periods = {owed["duty_id"]: period_of(owed["duty_id"], day) for owed in due}
    opened = await facts.opened_for(
        work, [owed["member_id"] for owed in due], list(periods.values())
    )
    for owed in due:
        if (owed["member_id"], periods[owed["duty_id"]]) not in opened:
            _open_recurring(work, owed, periods[owed["duty_id"]], end_of_day(work.now, zone))


def _open_recurring(work: UnitOfWork, owed: Row, period: UUID, due_at: datetime) -> None:
    task_id = work.new_id()
    work.emit(TaskOwed(task_id, owed["member_id"]))
    # Another worker may be opening the same; then this one's event names a task that is nowhere.
    work.write(
        "task",
        "INSERT INTO app.task (tenant_id, id, created_at, member_id, kind, subject_id,"
        " arguments, duty_id, org_unit_id, due_at, state)"
        " VALUES ({}::uuid, {}::uuid, {}::timestamptz, {}::uuid, {}::text,"
        " {}::uuid, {}::jsonb, {}::uuid, {}::uuid, {}::timestamptz, 'OPEN')"
        " ON CONFLICT DO NOTHING",
        work.tenant_id,
        task_id,
        work.now,
        owed["member_id"],
        owed["obligation"]["kind"],
        period,
        plain({}),
        owed["duty_id"],
        owed["org_unit_id"],
        due_at,
    )


def close(work: UnitOfWork, open_ones: Sequence[Row], state: TaskState) -> None:
    """Close tasks, and tell of each."""
    done = state is TaskState.DONE
    for row in open_ones:
        values = {"state": state.value} | ({"done_at": work.now} if done else {})
        work.change(Task, row["id"], values)
        told = TaskCompleted if done else TaskCancelled
        work.emit(told(row["id"], row["member_id"]))


async def meet(work: UnitOfWork, member_id: UUID, kind: str, subject_id: UUID) -> None:
    """Close what was owed for a record as done; heard before the debt, it keeps that from opening.

    Events of two workers may arrive in either order.
    """
    await facts.lock_member(work, member_id)
    known = await facts.tasks_of(work, member_id, kind, subject_id)
    close(work, [row for row in known if row["state"] == TaskState.OPEN], TaskState.DONE)
    if not known:
        task = Task(
            tenant_id=work.tenant_id,
            id=work.new_id(),
            created_at=work.now,
            member_id=member_id,
            kind=kind,
            subject_id=subject_id,
            state=TaskState.DONE.value,
            done_at=work.now,
        )
        work.add(task)
        work.emit(TaskCompleted(task.id, member_id))


async def owe_answer_to_deal(work: UnitOfWork, deal_id: UUID) -> None:
    """Have who keeps the buyer in his register get in touch after the signing, if a duty says so.

    A contact that was recorded since, and heard of before, leaves nothing to owe.
    """
    deal = await facts.sold(work, deal_id)
    if deal is None or deal["answered"]:
        return
    duty = await facts.answering_duty(work, deal["member_id"], "DealRecorded", work.now)
    if duty is None:
        return
    debt = Owed(
        member_id=deal["member_id"],
        kind=RESPONSE,
        subject_type="deal",
        subject_id=deal_id,
        due_at=answered_by(duty["clock"], deal["signed_at"], ZoneInfo(deal["time_zone"])),
        org_unit_id=deal["org_unit_id"],
        arguments={"party_id": str(deal["party_id"])},
        duty_id=duty["id"],
    )
    await owe(work, debt)


async def answer_deals(
    work: UnitOfWork, member_id: UUID, party_id: UUID, contact_at: datetime
) -> None:
    """Close what a member owes a buyer for deals signed before he got in touch."""
    owed = await facts.answered_deals(work, RESPONSE, member_id, party_id, contact_at)
    close(work, owed, TaskState.DONE)


def move_due(work: UnitOfWork, kind: str, due: Sequence[tuple[UUID, datetime]]) -> None:
    """Move by when open tasks of records are owed; what is not owed is left."""
    work.write(
        "task",
        "UPDATE app.task t SET due_at = x.due, version = t.version + 1"
        " FROM unnest({}::uuid[], {}::timestamptz[]) AS x (subject_id, due)"
        " WHERE t.tenant_id = {}::uuid AND t.kind = {}::text AND t.state = 'OPEN'"
        " AND t.subject_id = x.subject_id AND t.due_at IS DISTINCT FROM x.due",
        [subject_id for subject_id, _ in due],
        [by for _, by in due],
        work.tenant_id,
        kind,
    )


async def settle(work: UnitOfWork, kind: str, subject_id: UUID) -> None:
    """Close what is open for a record as done; what was never owed stays so."""
    close(work, await facts.open_tasks(work, kind, [subject_id]), TaskState.DONE)


async def forgive(work: UnitOfWork, kind: str, subject_ids: Sequence[UUID]) -> None:
    """Cancel what is owed for records that ask for nothing any more."""
    close(work, await facts.open_tasks(work, kind, subject_ids), TaskState.CANCELLED)


async def owe_again(work: UnitOfWork, registration_ids: Sequence[UUID]) -> None:
    """Open the first follow-ups of customers who have not bought after all, while there is time."""
    for row in await facts.forgiven_follow_ups(work, FIRST_FOLLOW_UP, registration_ids, work.now):
        work.change(Task, row["id"], {"state": TaskState.OPEN.value})
        work.emit(TaskOwed(row["id"], row["member_id"]))


@dataclass(frozen=True, slots=True)
class Notice:
    """What members are told of a record, once for its key."""

    kind: str
    event_key: str
    subject_type: str
    subject_id: UUID
    arguments: Mapping[str, str] = field(default_factory=dict)


def notify(work: UnitOfWork, member_ids: Sequence[UUID], notice: Notice) -> None:
    """Tell members; an event heard twice tells nobody twice."""
    for member_id in dict.fromkeys(member_ids):
        work.write(
            "notification",
            "INSERT INTO app.notification (tenant_id, id, member_id, at, kind, event_key,"
            " subject_type, subject_id, arguments)"
            " VALUES ({}::uuid, {}::uuid, {}::uuid, {}::timestamptz, {}::text, {}::text,"
            " {}::text, {}::uuid, {}::jsonb)"
            " ON CONFLICT (tenant_id, event_key, member_id) DO NOTHING",
            work.tenant_id,
            work.new_id(),
            member_id,
            work.now,
            notice.kind,
            notice.event_key,
            notice.subject_type,
            notice.subject_id,
            plain(notice.arguments),
        )


async def pass_on(work: UnitOfWork, member_id: UUID, successor_id: UUID | None) -> int:
    """Give what a member who goes has open to his successor, or cancel it; return how many.

    What a duty made him owe is cancelled: whoever gets the record owes it by his own. Locks them.
    """
    rows = await facts.open_of(work, member_id)
    owed = [row for row in rows if row["kind"] in DIES_WITH_ITS_DUTY]
    given = [row for row in rows if row not in owed]
    if successor_id is None:
        owed, given = list(rows), []
    close(work, owed, TaskState.CANCELLED)
    for row in given:
        work.change(Task, row["id"], {"member_id": successor_id})
        work.emit(TaskAssigned(row["id"], successor_id or member_id, member_id))
    return len(rows)
