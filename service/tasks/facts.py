"""What tasks are made from: members with their unit, duties that oblige, open tasks."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.database.session import Row, Session
from service.errors import NotFound

# The unit of the assignment that began last, where a member holds several.
_UNIT = """
(SELECT a.org_unit_id FROM app.assignment a
 WHERE a.tenant_id = $1 AND a.member_id = {member} AND a.org_unit_id IS NOT NULL
   AND a.valid_from <= $3 AND (a.valid_until IS NULL OR a.valid_until > $3)
 ORDER BY a.valid_from DESC, a.id LIMIT 1)
"""


@dataclass(frozen=True, slots=True)
class Assignee:
    """A member who can be given something to do."""

    member_id: UUID
    org_unit_id: UUID | None


async def assignee(session: Session, member_id: UUID, now: datetime) -> Assignee:
    """Return an active member with his unit.

    Raises:
        NotFound: the tenant has no such member, or he has left.
    """
    row = await session.fetch_one(
        f"SELECT m.id, {_UNIT.format(member='m.id')} AS org_unit_id FROM app.member m"
        " WHERE m.tenant_id = $1 AND m.id = $2 AND m.state = 'ACTIVE'",
        session.tenant_id,
        member_id,
        now,
    )
    if row is None:
        raise NotFound(field=("input", "memberId"))
    return Assignee(row["id"], row["org_unit_id"])


async def locked_task(session: Session, task_id: UUID) -> Row:
    """Lock a task and return its row.

    Raises:
        NotFound: the tenant has no such task.
    """
    row = await session.fetch_one(
        "SELECT * FROM app.task WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE",
        session.tenant_id,
        task_id,
    )
    if row is None:
        raise NotFound(field=("input", "taskId"))
    return row


async def obliging_duty(session: Session, member_id: UUID, kind: str, now: datetime) -> UUID | None:
    """Return the duty of a member that obliges him to something of a kind, or None.

    Roles he holds directly and through inclusion count.
    """
    found: UUID | None = await session.fetch_value(
        """
        WITH RECURSIVE held AS (
            SELECT a.role_id FROM app.assignment a
            WHERE a.tenant_id = $1 AND a.member_id = $2 AND a.valid_from <= $4
              AND (a.valid_until IS NULL OR a.valid_until > $4)
            UNION
            SELECT i.included_role_id FROM app.role_inclusion i
            JOIN held ON i.tenant_id = $1 AND i.role_id = held.role_id
        )
        SELECT d.id FROM held
        JOIN app.role_duty rd ON rd.tenant_id = $1 AND rd.role_id = held.role_id
        JOIN app.duty d ON d.tenant_id = $1 AND d.id = rd.duty_id
        WHERE d.retired_at IS NULL AND d.obligation ->> 'kind' = $3
        ORDER BY d.code LIMIT 1
        """,
        session.tenant_id,
        member_id,
        kind,
        now,
    )
    return found


async def lock_member(session: Session, member_id: UUID) -> None:
    """Let the events of one member's tasks be heard one after another."""
    await session.fetch(
        "SELECT id FROM app.member WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE",
        session.tenant_id,
        member_id,
    )


async def reception(session: Session, visit_id: UUID) -> Row | None:
    """Return who receives a visit now, for whom and whom; None when there is no such visit."""
    return await session.fetch_one(
        "SELECT receiver_id, owner_id, party_id, version FROM app.visit"
        " WHERE tenant_id = $1 AND id = $2",
        session.tenant_id,
        visit_id,
    )
