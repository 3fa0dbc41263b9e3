"""Who of a tenant may do a thing: asked when somebody has to be told, or waited for."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from service.organisation.actors import role_code
from service.organisation.queries import OFFICES
from service.policies.access import Actor, Holding, Record
from service.work import Sight

# Who holds an office that brings a permission; whether it reaches far enough is judged afterwards.
_HOLDERS: Final = """
WITH RECURSIVE giving AS (
    SELECT rd.role_id FROM app.duty_permission p
    JOIN app.duty d ON d.tenant_id = $1 AND d.id = p.duty_id AND d.retired_at IS NULL
    JOIN app.role_duty rd ON rd.tenant_id = $1 AND rd.duty_id = d.id
    WHERE p.tenant_id = $1 AND p.object = $2 AND p.action = $3 AND p.effect = 'allow'
    UNION
    SELECT i.role_id FROM app.role_inclusion i
    JOIN giving g ON i.tenant_id = $1 AND i.included_role_id = g.role_id
)
SELECT DISTINCT a.member_id FROM giving g
JOIN app.role r ON r.tenant_id = $1 AND r.id = g.role_id AND r.retired_at IS NULL
JOIN app.assignment a ON a.tenant_id = $1 AND a.role_id = r.id
    AND a.valid_from <= $4 AND (a.valid_until IS NULL OR a.valid_until > $4)
JOIN app.member m ON m.tenant_id = $1 AND m.id = a.member_id AND m.state = 'ACTIVE'
ORDER BY a.member_id
"""


async def who_may(sight: Sight, action: str, place: Record) -> tuple[UUID, ...]:
    """Return the members whose own offices let them do something at a place now, by id.

    Stand-ins are not among them: they act for somebody who is.

    Args:
        sight: the transaction; its instant decides which offices hold.
        action: `object.action`.
        place: where; each is asked about a record of his own there.
    """
    kind, _, verb = action.partition(".")
    rows = await sight.fetch(_HOLDERS, sight.tenant_id, kind, verb, sight.now)
    holders = [UUID(bytes=row["member_id"].bytes) for row in rows]
    if not holders:
        return ()
    held: dict[UUID, list[Holding]] = {member_id: [] for member_id in holders}
    offices = await sight.fetch_value(
        f"SELECT {OFFICES.format(members='$2', at='$3')}", sight.tenant_id, holders, sight.now
    )
    for member, role, unit, territory in offices:
        place_held = Holding(role_code(role), _id(unit), _id(territory))
        held[UUID(member)].append(place_held)

    def may(member_id: UUID) -> bool:
        actor = Actor(sight.tenant_id, member_id, tuple(held[member_id]), sight.tenant.locale)
        return sight.policy.check(actor, action, replace(place, owner_id=member_id)).allowed

    return tuple(member_id for member_id in holders if may(member_id))


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None
