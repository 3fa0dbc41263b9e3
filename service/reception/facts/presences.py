"""What is to be known of members who sign in: where else they are, their roles, their shifts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from service.reception.rules.rotation import TermsWritten
from service.work import UnitOfWork

# A day is the other site's own: it may be tomorrow there already.
_COMING = """
SELECT m.id AS member_id,
    (SELECT s.code FROM app.presence p
     JOIN app.site s ON s.tenant_id = $1 AND s.id = p.site_id
     WHERE p.tenant_id = $1 AND p.member_id = m.id AND p.site_id <> $3
       AND p.day = ($4::timestamptz AT TIME ZONE s.time_zone)::date
       AND p.state IN ('IN', 'AWAY_BUSINESS', 'AWAY_PRIVATE')
     LIMIT 1) AS elsewhere,
    ARRAY(SELECT DISTINCT r.code FROM app.assignment a
          JOIN app.role r ON r.tenant_id = $1 AND r.id = a.role_id AND r.retired_at IS NULL
          WHERE a.tenant_id = $1 AND a.member_id = m.id AND a.valid_from <= $4
            AND (a.valid_until IS NULL OR a.valid_until > $4)
          ORDER BY r.code) AS roles,
    (SELECT coalesce(jsonb_agg(jsonb_build_array(h.starts_at, h.ends_at) ORDER BY h.starts_at),
                     '[]')
     FROM app.shift h
     WHERE h.tenant_id = $1 AND h.site_id = $3 AND h.member_id = m.id AND h.day = $5
       AND h.cancelled_at IS NULL) AS shifts,
    (SELECT max(l.last_day) FROM app.leave l
     WHERE l.tenant_id = $1 AND l.member_id = m.id AND l.cancelled_at IS NULL
       AND l.first_day <= $5 AND l.last_day >= $5) AS on_leave_until
FROM app.member m
WHERE m.tenant_id = $1 AND m.id = ANY($2::uuid[])
ORDER BY m.id
"""


@dataclass(frozen=True, slots=True)
class Coming:
    """A member about to sign in.

    Attributes:
        elsewhere: code of the other site at which he is signed in today, if he is.
        roles: codes of the roles he holds now; shifts: his planned ones of the day.
        on_leave_until: the last day of the leave he is on that day, if he is.
    """

    elsewhere: str | None
    roles: tuple[str, ...]
    shifts: tuple[tuple[str, str], ...]
    on_leave_until: date | None = None

    def terms(self, kept: TermsWritten) -> TermsWritten:
        """Return what the rotation knows of him today, beside what outlasts the day."""
        lasting = {name: value for name, value in kept.items() if name not in {"roles", "shifts"}}
        planned = {"shifts": [list(shift) for shift in self.shifts]} if self.shifts else {}
        return {**lasting, "roles": list(self.roles), **planned}


async def coming(
    work: UnitOfWork, site_id: UUID, day: date, member_ids: Sequence[UUID]
) -> Mapping[UUID, Coming]:
    """Return what is known of members who sign in at a site on a day: one statement."""
    rows = await work.fetch(_COMING, work.tenant_id, list(member_ids), site_id, work.now, day)
    return {
        row["member_id"]: Coming(
            row["elsewhere"],
            tuple(row["roles"]),
            tuple((starts, ends) for starts, ends in row["shifts"]),
            row["on_leave_until"],
        )
        for row in rows
    }


@dataclass(frozen=True, slots=True)
class Absence:
    """A member's name, and the last day of the leave he is on."""

    member: str
    last_day: date


async def held(work: UnitOfWork, member_ids: Sequence[UUID]) -> None:
    """Share the locks of members, so that nobody enters leave of theirs before the commit.

    What is read of them after it is as whoever held them last has left it.
    """
    await work.fetch(
        "SELECT id FROM app.member WHERE tenant_id = $1 AND id = ANY($2::uuid[])"
        " ORDER BY id FOR SHARE",
        work.tenant_id,
        list(member_ids),
    )


async def on_leave(
    work: UnitOfWork, member_ids: Sequence[UUID], day: date
) -> Mapping[UUID, Absence]:
    """Return who of these is on leave on a day."""
    rows = await work.fetch(
        "SELECT l.member_id, m.name, l.last_day FROM app.leave l"
        " JOIN app.member m ON m.tenant_id = $1 AND m.id = l.member_id"
        " WHERE l.tenant_id = $1 AND l.member_id = ANY($2::uuid[]) AND l.cancelled_at IS NULL"
        "   AND l.first_day <= $3 AND l.last_day >= $3 ORDER BY l.member_id",
        work.tenant_id,
        list(member_ids),
        day,
    )
    return {row["member_id"]: Absence(row["name"], row["last_day"]) for row in rows}


async def replan(work: UnitOfWork, site_id: UUID, member_id: UUID, day: date) -> None:
    """Let a live queue know the shifts of a member who is signed in already; none, nothing.

    To be called once the shift is written, changed or called off.
    """
    await work.fetch(
        "UPDATE app.rotation_queue q SET terms = jsonb_set(q.terms, ARRAY[$3::uuid::text],"
        " (coalesce(q.terms->$3::uuid::text, '{}') - 'shifts') || coalesce("
        "  (SELECT jsonb_build_object('shifts',"
        "     jsonb_agg(jsonb_build_array(h.starts_at, h.ends_at) ORDER BY h.starts_at))"
        "   FROM app.shift h WHERE h.tenant_id = $1 AND h.site_id = $2 AND h.member_id = $3"
        "     AND h.day = $4 AND h.cancelled_at IS NULL HAVING count(*) > 0), '{}'))"
        " WHERE q.tenant_id = $1 AND q.site_id = $2 AND q.day = $4"
        "   AND $3 = ANY(q.member_ids)",
        work.tenant_id,
        site_id,
        member_id,
        day,
    )


async def signed_in_at(work: UnitOfWork, member_id: UUID) -> Sequence[UUID]:
    """Return the sites at which a member is signed in today, in the order of their locks."""
    rows = await work.fetch(
        "SELECT p.site_id FROM app.presence p"
        " JOIN app.site s ON s.tenant_id = $1 AND s.id = p.site_id"
        " WHERE p.tenant_id = $1 AND p.member_id = $2"
        "   AND p.day = ($3::timestamptz AT TIME ZONE s.time_zone)::date"
        "   AND p.state IN ('IN', 'AWAY_BUSINESS', 'AWAY_PRIVATE')"
        " ORDER BY p.site_id",
        work.tenant_id,
        member_id,
        work.now,
    )
    return [row["site_id"] for row in rows]
