"""Tasks that stand as long as something is wrong: opened once, closed when it is over."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from service.tasks.commands import Notice, notify
from service.tasks.events import TaskCompleted, TaskOwed
from service.tasks.tables import Task, TaskState
from service.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Alarm:
    """That something is wrong with a record, and whom it concerns."""

    member_id: UUID
    subject_type: str
    subject_id: UUID
    org_unit_id: UUID | None = None
    arguments: Mapping[str, str] = field(default_factory=dict)


async def keep_alarms(work: UnitOfWork, kind: str, alarms: Collection[Alarm]) -> None:
    """Let the open tasks of a kind be those of the alarms; locks them.

    Of two workers at once the second waits for the first and finds nothing to do.
    """
    await work.fetch(
        "SELECT pg_advisory_xact_lock(hashtextextended($1::text || $2, 0))",
        str(work.tenant_id),
        kind,
    )
    rows = await work.fetch(
        "SELECT id, member_id, subject_id FROM app.task WHERE tenant_id = $1 AND kind = $2"
        " AND state = 'OPEN' ORDER BY id FOR NO KEY UPDATE",
        work.tenant_id,
        kind,
    )
    wanted = {(one.member_id, one.subject_id): one for one in alarms}
    known = {(row["member_id"], row["subject_id"]) for row in rows}
    for row in rows:
        if (row["member_id"], row["subject_id"]) not in wanted:
            work.change(Task, row["id"], {"state": TaskState.DONE.value, "done_at": work.now})
            work.emit(TaskCompleted(row["id"], row["member_id"]))
    for pair, one in wanted.items():
        if pair not in known:
            _open(work, kind, one)


def _open(work: UnitOfWork, kind: str, alarm: Alarm) -> None:
    task = Task(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        created_at=work.now,
        member_id=alarm.member_id,
        kind=kind,
        subject_type=alarm.subject_type,
        subject_id=alarm.subject_id,
        arguments=dict(alarm.arguments),
        org_unit_id=alarm.org_unit_id,
    )
    work.add(task)
    work.emit(TaskOwed(task.id, task.member_id))
    key = f"{kind}:{task.id}"
    notice = Notice(kind, key, alarm.subject_type, alarm.subject_id, alarm.arguments)
    notify(work, [alarm.member_id], notice)
