"""The floor of a site on a day: what a showroom manager looks at all day, in one statement."""

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as MappingType
from datetime import date, datetime, time
from typing import Annotated, Any, Final
from uuid import UUID

import strawberry
from strawberry.utils.str_converters import to_camel_case

from service.database.session import Row
from service.reception.queries import NEW_VISITOR
from service.reception.tables import PresenceState
from service.schema.context import Info
from service.schema.costs import AGGREGATE, costs
from service.schema.nodes import described
from service.schema.organisation.types import Member
from service.schema.ownership.states import OVERDUE, STATE
from service.schema.ownership.types import Registration
from service.schema.planner.mapping import PLANNED, Rows, mapping_of
from service.schema.planner.statements import Statement
from service.schema.planner.written import Written
from service.schema.reception.queue import ReceptionQueue, Standing
from service.schema.reception.types import WORKED, Site, Visit
from service.schema.scalars import NO_ROW, Money, found_id
from service.schema.statistics.fields import note_counted
from service.schema.statistics.rows import (
    amounts,
    amounts_in_row,
    in_rows,
    made_of,
    record_in_row,
    records_in_row,
)

MOST_SHOWN: Final = 200
MOST_REPS: Final = 500

described(
    PresenceState,
    "Where a representative is on a day. Values are added.",
    IN="Signed in, on site.",
    AWAY_BUSINESS="Signed in, away on business.",
    AWAY_PRIVATE="Signed in, away privately.",
    OUT="Signed out.",
    DAY_OFF="His day off.",
)


@in_rows
@strawberry.type(description="A representative on the floor: where he stands, what he did today.")
class FloorMember:
    member: Member | None = record_in_row(
        "Member", "Who; null for all together who are out of the caller's sight."
    )
    position: int | None = strawberry.field(
        description="Place in the live order, 1 is its head; null when he is not in it."
    )
    standing: Standing | None = strawberry.field(
        description="What he is doing now; null when he is not in the live order."
    )
    presence: PresenceState | None = strawberry.field(
        description="Where he is on that day; null when he never signed in."
    )
    signed_in_at: datetime | None = strawberry.field(description="When he signed in.")
    planned_from: time | None = strawberry.field(
        description="When his shift begins; null without one."
    )
    planned_until: time | None = strawberry.field(description="When his shift ends.")
    open_visit_count: int = strawberry.field(description="Visitors he is receiving now.")
    visit_count: int = strawberry.field(description="Visitors he received on that day.")
    new_customer_count: int = strawberry.field(
        description="Those of them whom no live registration brought to him."
    )
    turn_count: int = strawberry.field(description="Turns of his that were used on that day.")
    registration_count: int = strawberry.field(description="Customers he registered on that day.")
    follow_up_count: int = strawberry.field(
        description="Follow-ups he made on that day of customers registered here."
    )
    deal_count: int = strawberry.field(description="Deals of that day that he closed.")
    amounts: list[Money] = amounts_in_row(
        "Their prices together, exact, one sum for each currency, by its code."
    )
    overdue_first_follow_up_count: int = strawberry.field(
        description="Live customers of his whose first follow-up is late now."
    )


# A member of the board's row, as the columns of its own.
_MEMBER: Final = """
SELECT * FROM ROWS FROM (jsonb_to_recordset({array}) AS (
    member uuid, position integer, standing text, presence text, signed_in_at timestamptz,
    planned_from time, planned_until time, open_visit_count integer, visit_count integer,
    new_customer_count integer, turn_count integer, registration_count integer,
    follow_up_count integer, deal_count integer, amounts jsonb,
    overdue_first_follow_up_count integer
)) WITH ORDINALITY ORDER BY ordinality
"""


@in_rows
@strawberry.type(
    description="A site on one of its days. Every figure is the sum of what the caller could list."
)
class FloorBoard:
    site: Site | None = record_in_row("Site", "The site.")
    day: date = strawberry.field(description="The site's day.")
    queue: ReceptionQueue | None = record_in_row(
        "ReceptionQueue", "Today's live order, whichever day was asked for; null out of sight."
    )
    members: list[FloorMember] = strawberry.field(
        description="Who is in the live order, planned, present, or did something that day: the"
        " live order first; at most 500.",
        metadata={PLANNED: Rows("FloorMember", _MEMBER, many=True, array='t."members"')},
    )
    visit_count: int = strawberry.field(description="Visitors of the day.")
    new_customer_count: int = strawberry.field(
        description="Those of them whom no live registration brought to their receiver."
    )
    open_visit_count: int = strawberry.field(description="Visitors of the day who have not left.")
    waiting_count: int = strawberry.field(description="Those of them whom nobody receives yet.")
    call_count: int = strawberry.field(description="Telephone enquiries of the day.")
    registration_count: int = strawberry.field(description="Customers registered on the day.")
    deal_count: int = strawberry.field(description="Deals signed on the day.")
    amounts: list[Money] = amounts_in_row(
        "Their prices together, exact, one sum for each currency, by its code."
    )
    overdue_first_follow_up_count: int = strawberry.field(
        description="Live registrations here whose first follow-up is late now."
    )
    waiting: list[Visit] = records_in_row(
        "Visit", "The visitors nobody receives yet, in order of arrival; at most 200."
    )
    open_visits: list[Visit] = records_in_row(
        "Visit", "The visitors being received, in order of arrival; at most 200."
    )
    overdue_first_follow_ups: list[Registration] = records_in_row(
        "Registration",
        "The live registrations whose first follow-up is late now, longest first; at most 200.",
    )


# The day's bounds as instants: by them, and not by the day, an index finds the records.
_HERE: Final = """
here AS MATERIALIZED (
    SELECT s.id, s.day, s.day::timestamp AT TIME ZONE s.time_zone AS begins,
           (s.day + 1)::timestamp AT TIME ZONE s.time_zone AS ends
    FROM (SELECT t.id, t.time_zone, coalesce({day}, ({{now}} AT TIME ZONE t.time_zone)::date) AS day
          {site}) s)
"""
_DAY: Final = "(SELECT day FROM here)"
_VISIT: Final = (
    f"t.id, t.receiver_id, t.turn_member_id, t.state, t.left_at, t.number, {NEW_VISITOR} AS new"
)
# What tells of registrations, which is audited.
_REGISTER: Final = frozenset(
    {"registration_count", "overdue_first_follow_up_count", "overdue_first_follow_ups"}
)
# Late, and still to be made.
_LATE: Final = f"t.first_followed_up_at IS NULL AND {OVERDUE} AND {STATE} = 'LIVE'"
_PLACES: Final = """
places AS (
    SELECT (p.place->>0)::uuid AS member_id, p.position, p.place->>1 AS standing
    FROM queue, jsonb_array_elements(queue.order_now) WITH ORDINALITY p (place, position)
    WHERE queue.day = (SELECT day FROM here)),
presences AS (
    SELECT p.member_id, p.state, p.signed_in_at FROM app.presence p
    WHERE p.tenant_id = $1 AND p.site_id = (SELECT site_id FROM queue) AND p.day =
        (SELECT day FROM here))
"""
_COUNTS: Final = """
received AS (
    SELECT receiver_id AS member_id, count(*) AS n, count(*) FILTER (WHERE new) AS new,
           count(*) FILTER (WHERE left_at IS NULL) AS open
    FROM visits WHERE receiver_id IS NOT NULL GROUP BY 1),
turns AS (
    SELECT turn_member_id AS member_id, count(*) AS n FROM visits
    WHERE turn_member_id IS NOT NULL GROUP BY 1),
closed AS (
    SELECT closer_id, currency, count(*) AS n, sum(amount_minor) AS minor FROM deals GROUP BY 1, 2),
registered AS (
    SELECT member_id, count(*) AS n FROM registrations GROUP BY 1),
followed AS (
    SELECT member_id, count(*) AS n FROM follow_ups GROUP BY 1),
late AS (
    SELECT member_id, count(*) AS n FROM overdue GROUP BY 1)
"""
_MEMBERS: Final = """
named AS (
    SELECT member_id FROM places UNION SELECT member_id FROM presences
    UNION SELECT member_id FROM shifts UNION SELECT member_id FROM received
    UNION SELECT turn_member_id FROM visits WHERE turn_member_id IS NOT NULL
    UNION SELECT closer_id FROM closed UNION SELECT member_id FROM registered
    UNION SELECT member_id FROM followed UNION SELECT member_id FROM overdue),
members AS (
    SELECT s.id AS member, min(p.position)::integer AS position, min(p.standing) AS standing,
           min(c.state) AS presence, min(c.signed_in_at) AS signed_in_at,
           min(h.starts_at) AS planned_from, max(h.ends_at) AS planned_until,
           coalesce(sum(r.open), 0) AS open_visit_count, coalesce(sum(r.n), 0) AS visit_count,
           coalesce(sum(r.new), 0) AS new_customer_count, coalesce(sum(u.n), 0) AS turn_count,
           coalesce(sum(g.n), 0) AS registration_count, coalesce(sum(f.n), 0) AS follow_up_count,
           coalesce(sum(o.n), 0) AS overdue_first_follow_up_count
    FROM named m LEFT JOIN seen s ON s.id = m.member_id
    LEFT JOIN places p USING (member_id) LEFT JOIN presences c USING (member_id)
    LEFT JOIN (SELECT member_id, min(starts_at) AS starts_at, max(ends_at) AS ends_at
               FROM shifts GROUP BY 1) h USING (member_id)
    LEFT JOIN received r USING (member_id) LEFT JOIN turns u USING (member_id)
    LEFT JOIN registered g USING (member_id) LEFT JOIN followed f USING (member_id)
    LEFT JOIN late o USING (member_id)
    GROUP BY s.id),
sums AS (
    SELECT member, sum(n) AS n,
           jsonb_agg(jsonb_build_array(minor::text, currency) ORDER BY currency)
           FILTER (WHERE currency IS NOT NULL) AS amounts
    FROM (SELECT s.id AS member, d.currency, sum(d.n) AS n, sum(d.minor) AS minor
          FROM closed d LEFT JOIN seen s ON s.id = d.closer_id GROUP BY 1, 2) each
    GROUP BY 1)
"""
_BOARD: Final = f"""
SELECT here.id AS site, here.day, (SELECT id FROM queue) AS queue,
    (SELECT coalesce(jsonb_agg(to_jsonb(o) ORDER BY o.position NULLS LAST, o.visit_count DESC,
                               o.member NULLS LAST), '[]')
     FROM (SELECT m.*, coalesce(d.n, 0) AS deal_count, coalesce(d.amounts, '[]') AS amounts
           FROM members m LEFT JOIN sums d ON d.member IS NOT DISTINCT FROM m.member
           LIMIT {MOST_REPS}) o) AS members,
    v.*, d.*,
    (SELECT count(*) FROM calls)::integer AS call_count,
    (SELECT count(*) FROM registrations)::integer AS registration_count,
    (SELECT count(*) FROM overdue)::integer AS overdue_first_follow_up_count,
    ARRAY(SELECT o.id FROM overdue o ORDER BY o.first_follow_up_due_at, o.id
          LIMIT {MOST_SHOWN}) AS overdue_first_follow_ups,
    (SELECT array_agg(DISTINCT o.member_id) FROM (
        SELECT member_id FROM registrations UNION ALL SELECT member_id FROM overdue) o) AS owners
FROM here
CROSS JOIN (
    SELECT count(*)::integer AS visit_count,
        count(*) FILTER (WHERE new)::integer AS new_customer_count,
        count(*) FILTER (WHERE left_at IS NULL)::integer AS open_visit_count,
        count(*) FILTER (WHERE state = 'WAITING')::integer AS waiting_count,
        ARRAY(SELECT w.id FROM visits w WHERE w.state = 'WAITING' ORDER BY w.number
              LIMIT {MOST_SHOWN}) AS waiting,
        ARRAY(SELECT w.id FROM visits w WHERE w.left_at IS NULL AND w.state <> 'WAITING'
              ORDER BY w.number LIMIT {MOST_SHOWN}) AS open_visits
    FROM visits) v
CROSS JOIN (
    SELECT coalesce(sum(n), 0)::integer AS deal_count,
        coalesce(jsonb_agg(jsonb_build_array(minor::text, currency) ORDER BY currency)
                 FILTER (WHERE currency IS NOT NULL), '[]') AS amounts
    FROM (SELECT currency, sum(n) AS n, sum(minor) AS minor FROM closed GROUP BY 1) each) d
"""


def _of_day(at: str) -> str:
    return f"{at} >= (SELECT begins FROM here) AND {at} < (SELECT ends FROM here)"


_STANDING_DEALS: Final = f"t.cancelled_at IS NULL AND {_of_day('t.signed_at')}"


def _written(
    statement: Statement, given: MappingType[str, Any], _asked: frozenset[str] | None
) -> str:
    wanted = statement.place(found_id(str(given["site_id"]), "site") or NO_ROW, "uuid")
    site_rows = f"{statement.rows_of(mapping_of('Site'))} AND t.id = {wanted}"
    here = _HERE.format(day=statement.place(given.get("day") or None, "date"), site=site_rows)
    parts = [
        statement.settle(here),
        *(f"{name} AS ({text})" for name, text in _readings(statement, f"t.site_id = {wanted}")),
        f"follow_ups AS ({_follow_ups(statement, wanted)})",
        _PLACES,
        _COUNTS,
        _MEMBERS,
    ]
    return f"WITH {', '.join(parts)} {_BOARD}"


def _readings(statement: Statement, here: str) -> Iterator[tuple[str, str]]:
    """Yield each list's rows of the site and day, by the list's own predicate."""
    order_now = mapping_of(ReceptionQueue).hidden["order_now"]
    asked = {
        "queue": ("ReceptionQueue", f"t.id, t.site_id, t.day, {order_now} AS order_now", "TRUE"),
        "visits": ("Visit", _VISIT, f"t.reception_day = {_DAY}"),
        "shifts": ("Shift", "t.member_id, t.starts_at, t.ends_at", f"t.day = {_DAY} AND {WORKED}"),
        "deals": ("Deal", "t.closer_id, t.amount_minor, t.currency", _STANDING_DEALS),
        "registrations": ("Registration", "t.member_id", _of_day("t.entered_at")),
        "overdue": ("Registration", "t.id, t.member_id, t.first_follow_up_due_at", _LATE),
        "calls": ("CallRecord", "t.id", _of_day("t.called_at")),
    }
    for name, (of, columns, condition) in asked.items():
        rows = statement.rows_of(mapping_of(of))
        yield name, statement.settle(f"SELECT {columns} {rows} AND {here} AND {condition}")
    yield "seen", f"SELECT t.id {statement.rows_of(mapping_of('Member'))}"


def _follow_ups(statement: Statement, site: str) -> str:
    rows = statement.rows_of(mapping_of("FollowUp"))
    # The site alone is taken through the entry; nothing of that is shown. By a sub-select, and not
    # by a join, that could be turned into a reading of the site's whole register.
    return (
        f"SELECT f.member_id FROM (SELECT t.member_id, t.registration_id {rows}"
        f" AND {_of_day('t.at')}) f WHERE {site} = (SELECT y.site_id FROM app.registration y"
        " WHERE y.tenant_id = $1 AND y.id = f.registration_id)"
    )


def _member(found: dict[str, Any]) -> FloorMember:
    at = found["signed_in_at"]
    values = {
        **found,
        "member": UUID(found["member"]) if found["member"] else None,
        "signed_in_at": datetime.fromisoformat(at) if at else None,
        "planned_from": _time(found["planned_from"]),
        "planned_until": _time(found["planned_until"]),
        "amounts": amounts(found["amounts"]),
    }
    return made_of(FloorMember, values)


def _time(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None


def _made(rows: Sequence[Row]) -> FloorBoard | None:
    if not rows:
        return None
    row = dict(rows[0])
    members = [_member(found) for found in row["members"]]
    return made_of(FloorBoard, {**row, "members": members, "amounts": amounts(row["amounts"])})


@strawberry.type
class FloorQuery:
    @strawberry.field(
        description="The whole floor of a site: the live order with everybody's day, visitors being"
        " received and waiting, calls, registrations, deals, late first follow-ups. Null when the"
        " site is out of sight. Counting a colleague's registrations is audited.",
        metadata={
            PLANNED: Written(_written, many=False, counts="Registration", counted_by=_REGISTER),
            **costs(AGGREGATE),
        },
    )
    async def floor_board(
        self,
        info: Info,
        site_id: Annotated[strawberry.ID, strawberry.argument(description="The site.")],
        day: Annotated[
            date | None,
            strawberry.argument(description="One of the site's days; left out, today."),
        ] = None,
    ) -> FloorBoard | None:
        reader = await info.context.reader()
        given = {"site_id": site_id, "day": day}
        rows = await reader.fetch(lambda statement: _written(statement, given, reader.asked))
        if reader.asked is None or reader.asked & {to_camel_case(one) for one in _REGISTER}:
            note_counted(reader, mapping_of(Registration), rows)
        return _made(rows)
