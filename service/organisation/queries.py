"""What a member holds and owes, whether he can do a thing, and why or why not."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from uuid import UUID

from service.errors import Forbidden, NotFound
from service.identifiers import identifier
from service.organisation.actors import Callers, holdings_of, role_code
from service.policies.access import (
    ACTIONS,
    Actor,
    Explanation,
    Holding,
    Record,
    unknown_action,
)
from service.work import Sight

# Every duty by every office that brings it, included roles followed to any depth.
HELD = """
WITH RECURSIVE office AS (
    SELECT a.id, a.role_id, a.org_unit_id, a.territory_id
    FROM app.assignment a
    WHERE a.tenant_id = $1 AND a.member_id = $2 AND a.valid_from <= $3
      AND (a.valid_until IS NULL OR a.valid_until > $3)
), reached AS (
    SELECT o.id AS office_id, o.role_id FROM office o
    UNION
    SELECT x.office_id, i.included_role_id FROM reached x
    JOIN app.role_inclusion i ON i.tenant_id = $1 AND i.role_id = x.role_id
    JOIN app.role r ON r.tenant_id = $1 AND r.id = i.included_role_id AND r.retired_at IS NULL
)
SELECT DISTINCT ON (d.code, o.id) d.id, d.code, d.wording, d.metric, d.obligation, d.sources,
    h.id AS role_id, h.code AS role_code, h.names AS role_names, o.org_unit_id, o.territory_id
FROM reached x
JOIN office o ON o.id = x.office_id
JOIN app.role h ON h.tenant_id = $1 AND h.id = o.role_id AND h.retired_at IS NULL
JOIN app.role_duty rd ON rd.tenant_id = $1 AND rd.role_id = x.role_id
JOIN app.duty d ON d.tenant_id = $1 AND d.id = rd.duty_id AND d.retired_at IS NULL
ORDER BY d.code, o.id
"""


@dataclass(frozen=True, slots=True)
class HeldDuty:
    """A duty the caller has, and the office it comes from.

    Attributes:
        wording, role: in the caller's language.
        obligation: `kind`, `clock`, `evidence` as the duty's row keeps them, or None.
    """

    duty_id: UUID
    code: str
    wording: str
    metric: str | None
    obligation: Mapping[str, Any] | None
    sources: tuple[str, ...]
    role_id: UUID
    role: str
    org_unit_id: UUID | None
    territory_id: UUID | None


async def duties_held(sight: Sight) -> tuple[HeldDuty, ...]:
    """Return the caller's own duties, ordered by code; one per office that brings it.

    Delegated commands are no duties: they stay the absent member's.
    """
    locale = sight.actor.locale
    rows = await sight.fetch(HELD, sight.tenant_id, sight.actor.member_id, sight.now)
    return tuple(
        HeldDuty(
            duty_id=row["id"],
            code=row["code"],
            wording=row["wording"].get(locale) or row["code"],
            metric=row["metric"],
            obligation=row["obligation"],
            sources=tuple(row["sources"]),
            role_id=row["role_id"],
            role=row["role_names"].get(locale) or row["role_code"],
            org_unit_id=row["org_unit_id"],
            territory_id=row["territory_id"],
        )
        for row in rows
    )


async def obligations_held(sight: Sight) -> tuple[HeldDuty, ...]:
    """Return those of the caller's duties that make him owe something by a clock."""
    return tuple(duty for duty in await duties_held(sight) if duty.obligation is not None)


def can_do(sight: Sight, action: str, record: Record | None = None) -> Explanation:
    """Answer whether the caller may do something to a record, with the sentence why.

    Without a record: whether he may do it to any record at least.

    Raises:
        ActionUnknown: there is no such action.
    """
    if action not in ACTIONS:
        raise unknown_action(action)
    return sight.policy.explain(sight.actor, action, record, sight.actor.locale)


class Asked(NamedTuple):
    """A permission that is asked for: an action, and on which record; None for any at all."""

    action: str
    record: Record | None = None


def first_allowed(answers: Sequence[Explanation]) -> Explanation:
    """Return the first yes of several answers to one question, else the first of them."""
    return next((one for one in answers if one.allowed), answers[0])


def authorise_explaining(sight: Sight) -> None:
    """Refuse who may not ask about others.

    Raises:
        Forbidden: the caller lacks `access.explain`.
    """
    may = can_do(sight, "access.explain", Record())
    if not may.allowed:
        raise Forbidden(action="access.explain", reason=may.sentence)


async def explain_access(sight: Sight, member_id: UUID, asked: Sequence[Asked]) -> Explanation:
    """Explain to an administrator why a member may or may not do something; one yes lets him.

    The sentence is in the administrator's language and about the member as of now, by his name;
    about the administrator himself it speaks to him.

    Raises:
        Forbidden: the caller lacks `access.explain`.
        NotFound: no such member.
        ActionUnknown: there is no such action.
    """
    authorise_explaining(sight)
    found = await sight.fetch_value(
        f"SELECT {Callers.columns}", sight.tenant_id, member_id, sight.now
    )
    if found is None or found["member"] is None:
        raise NotFound(field=("memberId",))
    for one in asked:
        if one.action not in ACTIONS:
            raise unknown_action(one.action)
    left = found["member"]["state"] != "ACTIVE"
    holdings = () if left else holdings_of(found)
    actor = Actor(sight.tenant_id, member_id, holdings, sight.actor.locale)
    name = None if member_id == sight.actor.member_id else found["member"]["name"]
    return first_allowed(
        [
            sight.policy.explain(actor, one.action, one.record, sight.actor.locale, name)
            for one in asked
        ]
    )


async def source_of(sight: Sight, duty: str) -> str | None:
    """Return the line of the job descriptions a duty comes from first, if it names one."""
    source: str | None = await sight.fetch_value(
        "SELECT sources[1] FROM app.duty WHERE tenant_id = $1 AND code = $2", sight.tenant_id, duty
    )
    return source


# The own offices of several members as one JSON value, for a statement that asks more besides.
OFFICES = """
(SELECT coalesce(jsonb_agg(jsonb_build_array(
        a.member_id, r.code, a.org_unit_id, a.territory_id)), '[]')
 FROM app.assignment a
 JOIN app.role r ON r.tenant_id = $1::uuid AND r.id = a.role_id
 JOIN app.member m ON m.tenant_id = $1::uuid AND m.id = a.member_id AND m.state = 'ACTIVE'
 WHERE a.tenant_id = $1::uuid AND a.member_id = ANY({members}::uuid[])
   AND a.valid_from <= {at}::timestamptz
   AND (a.valid_until IS NULL OR a.valid_until > {at}::timestamptz))
"""

Office = tuple[str, str, str | None, str | None]


async def lacking(
    sight: Sight, member_ids: Collection[UUID], action: str, place: Record
) -> tuple[UUID, ...]:
    """Return those of several members whose own offices do not let them do something of theirs.

    One statement for all of them.

    Args:
        sight: the transaction; its instant decides which offices hold.
        member_ids: whom to ask about.
        action: `object.action`.
        place: where; each is asked about a record of his own there.
    """
    offices = await sight.fetch_value(
        f"SELECT {OFFICES.format(members='$2', at='$3')}",
        sight.tenant_id,
        list(member_ids),
        sight.now,
    )
    return lacking_by(sight, offices, member_ids, action, place)


def lacking_by(
    sight: Sight,
    offices: Iterable[Office],
    member_ids: Collection[UUID],
    action: str,
    place: Record,
) -> tuple[UUID, ...]:
    """Answer as `lacking` does, from offices read already by the column `OFFICES`.

    What somebody holds for another does not count, nor what he holds for another place: a scope
    of one's own says nothing about where.
    """
    held: dict[UUID, list[Holding]] = {member_id: [] for member_id in member_ids}
    for member, role, unit, territory in offices:
        holding = Holding(role_code(role), _id(unit), _id(territory))
        if _serves(sight, holding, place):
            held.setdefault(identifier(member), []).append(holding)

    def may(member_id: UUID) -> bool:
        actor = Actor(sight.tenant_id, member_id, tuple(held[member_id]), sight.actor.locale)
        return sight.policy.check(actor, action, replace(place, owner_id=member_id)).allowed

    return tuple(member_id for member_id in member_ids if not may(member_id))


def _serves(sight: Sight, office: Holding, place: Record) -> bool:
    """Say whether an office is one of a place: held at its unit, above it or below it.

    An office without a unit is judged by its territory, one without both is the whole company's.
    """
    units, territories = sight.policy.org_units, sight.policy.territories
    unit, territory = office.org_unit_id, office.territory_id
    if unit is not None:
        return units.contains(unit, place.org_unit_id) or units.contains(place.org_unit_id, unit)
    return territory is None or territories.contains(territory, place.territory_id)


def _id(text: str | None) -> UUID | None:
    return identifier(text) if text else None
