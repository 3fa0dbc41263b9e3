"""The live order of a site: who is in it, what he is doing, who is next and why."""

from datetime import date
from enum import Enum
from typing import Any, Final
from uuid import UUID

import strawberry

from service.policies.access import RecordColumns
from service.reception import tables
from service.reception.queries import Foreseen, WrittenPlace, next_in_turn
from service.reception.tables import ReceptionMode
from service.rulebooks.in_force import VERSION_AT_SITE, InForce, version
from service.schema.context import Info
from service.schema.errors import ClauseReference
from service.schema.journal import ConsideredMember
from service.schema.nodes import ID, Node
from service.schema.organisation.types import Member
from service.schema.planner.fallback import Record
from service.schema.planner.mapping import (
    PLANNED,
    Declared,
    Only,
    Rows,
    ToMany,
    ToOne,
    key,
    mapping_of,
    parts,
    planned,
    sql,
)
from service.schema.reasons import sentence_of
from service.schema.reception.foreseen import planned_next
from service.work import Sight

_SITE: Final = "JOIN app.site w ON w.tenant_id = $1 AND w.id = t.site_id"
_TODAY: Final = "({now} AT TIME ZONE w.time_zone)::date"
# The order of another day counts as empty (Q1); so does the place of one who is not signed in.
_PLACES: Final = f"""
(SELECT coalesce(jsonb_agg(jsonb_build_array(o.member_id, o.standing, o.visitors, o.turns, o.kept,
                                             o.staff_code, o.local) ORDER BY o.place), '[]')
 FROM (SELECT q.member_id, q.place, v.visitors, m.staff_code,
              coalesce(t.terms->q.member_id::text, jsonb_build_object()) AS kept,
              {{now}} AT TIME ZONE w.time_zone AS local,
              coalesce((t.turns->>q.member_id::text)::int, 0) AS turns,
              CASE WHEN p.state <> 'IN' THEN p.state
                   WHEN v.visitors > 0 THEN 'BUSY' ELSE 'FREE' END AS standing
       FROM unnest(t.member_ids) WITH ORDINALITY q (member_id, place)
       JOIN app.presence p ON p.tenant_id = $1 AND p.site_id = t.site_id AND p.day = t.day
        AND p.member_id = q.member_id AND p.state IN ('IN', 'AWAY_BUSINESS', 'AWAY_PRIVATE')
       JOIN app.member m ON m.tenant_id = $1 AND m.id = q.member_id AND m.state = 'ACTIVE'
       CROSS JOIN LATERAL (
           SELECT count(*) AS visitors FROM app.visit v
           WHERE v.tenant_id = $1 AND v.site_id = t.site_id AND v.reception_day = t.day
             AND v.left_at IS NULL AND v.receiver_id = q.member_id) v
       WHERE t.day = {_TODAY}) o)
"""
# Who has left the company receives nobody.
_MANAGER: Final = """
(SELECT m.id FROM app.member m
 WHERE m.tenant_id = $1 AND m.id = w.manager_id AND m.state = 'ACTIVE')
"""
_VERSION: Final = VERSION_AT_SITE.format(
    at="{now}",
    site="t.site_id",
    zone="(SELECT s.time_zone FROM app.site s WHERE s.tenant_id = $1 AND s.id = t.site_id)",
)
_BY_SITE: Final = ToMany("ReceptionQueue", "site_id", "t.id")


@strawberry.enum(description="What a rep in the queue is doing. Values are added.")
class Standing(Enum):
    FREE = strawberry.enum_value("FREE", description="On site, without a visitor.")
    BUSY = strawberry.enum_value("BUSY", description="On site, with a visitor.")
    AWAY_BUSINESS = strawberry.enum_value("AWAY_BUSINESS", description="Away, on business.")
    AWAY_PRIVATE = strawberry.enum_value("AWAY_PRIVATE", description="Away, privately.")


@strawberry.enum(description="How the rotation is put in order, by the rulebook. Values are added.")
class RotationOrder(Enum):
    SIGN_IN = strawberry.enum_value("SIGN_IN", description="As signed in and moved since.")
    FEWEST_NEW = strawberry.enum_value("FEWEST_NEW", description="Fewest turns used today first.")
    WEIGHTED = strawberry.enum_value(
        "WEIGHTED", description="Each by his weight's share of the day's turns."
    )
    OPEN_FLOOR = strawberry.enum_value("OPEN_FLOOR", description="Whoever takes the visitor first.")


@parts
@strawberry.type(description="One rep's place in the live order.")
class QueuePlace:
    position: int = sql("t.place", "1 is the head of the live order.")
    standing: Standing = sql("t.value->>1", "What he is doing.")
    visitor_count: int = sql("(t.value->>2)::int", "Visitors he is receiving now.")
    turn_count: int = sql("(t.value->>3)::int", "Turns he has used today.")
    owed_turn_count: int = sql(
        "coalesce((t.value->4->>'owed')::int, 0)", "Turns for which he will be passed over."
    )
    barred_until: date | None = sql(
        "(t.value->4->>'barred_until')::date",
        "First day on which he is in the rotation again; past or null when he is not barred.",
    )
    member_row: strawberry.Private[UUID]

    @strawberry.field(
        description="Who; null when out of the caller's sight.",
        metadata={PLANNED: ToOne("(t.value->>0)::uuid", "Member")},
    )
    async def member(self, info: Info) -> Member | None:
        found: Member | None = await (await info.context.reader()).one(
            mapping_of(Member), self.member_row
        )
        return found


@strawberry.type(description="How a new visitor who walked in now would be received.")
class NextInTurn:
    mode: ReceptionMode = strawberry.field(description="How he would be received.")
    rule: str = strawberry.field(description="The rule that would decide.")
    clause: ClauseReference = strawberry.field(description="The clause of the rulebook behind it.")
    order: RotationOrder = strawberry.field(description="How turns come, by the rulebook in force.")
    passed_over: list[ConsideredMember] = strawberry.field(
        description="Who would be asked before him, and what keeps each from it."
    )
    member_row: strawberry.Private[UUID | None]
    version_row: strawberry.Private[UUID]
    named_rows: strawberry.Private[dict[str, str]]

    @strawberry.field(
        description="Who would receive; null when nobody could, or out of the caller's sight."
    )
    async def member(self, info: Info) -> Member | None:
        found: Member | None = await (await info.context.reader()).one(
            mapping_of(Member), self.member_row
        )
        return found

    @strawberry.field(description="Why, in a sentence of the rulebook, in the request's language.")
    async def why(self, info: Info) -> str:
        reader = await info.context.reader()
        return await sentence_of(reader, self.version_row, self.rule, self.named_rows)


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None


def _plain(known: InForce, outcome: Foreseen) -> dict[str, Any]:
    """Return what of the answer names nobody."""
    return {
        "mode": ReceptionMode(outcome.mode),
        "rule": outcome.rule,
        "clause": ClauseReference(clause=outcome.clause),
        "order": RotationOrder[str(known.rulebook.order)],
    }


@planned(
    tables.RotationQueue,
    action="reception_queue.view",
    scope=RecordColumns(org_unit="w.org_unit_id", territory="w.territory_id"),
    joins=_SITE,
    hidden={
        "order_now": _PLACES,
        "manager_row": _MANAGER,
        "version_row": _VERSION,
    },
)
@strawberry.type(description="The live order of a site today.")
class ReceptionQueue(Node):
    id: strawberry.ID = key(ID)
    day: date = sql(_TODAY, "The site's day.")
    order_now: strawberry.Private[list[WrittenPlace]]
    manager_row: strawberry.Private[UUID | None]
    version_row: strawberry.Private[UUID | None]

    @strawberry.field(
        description="The places, head first.",
        metadata={
            PLANNED: Rows(
                "QueuePlace",
                "SELECT e.value, e.place"
                " FROM jsonb_array_elements({array}) WITH ORDINALITY e (value, place)"
                " ORDER BY e.place",
                many=True,
                array=_PLACES,
            )
        },
    )
    def places(self) -> list[QueuePlace]:
        return [
            QueuePlace(
                position=position,
                standing=Standing[standing],
                visitor_count=visitors,
                turn_count=turns,
                owed_turn_count=kept.get("owed", 0),
                barred_until=_day(kept.get("barred_until")),
                member_row=UUID(member),
            )
            for position, (member, standing, visitors, turns, kept, *_) in enumerate(
                self.order_now, 1
            )
        ]

    @strawberry.field(
        description="Who is next and why; null while no rulebook is in force.",
        metadata={PLANNED: planned_next(_PLACES, _MANAGER, _VERSION, _plain)},
    )
    async def next(self, info: Info) -> NextInTurn | None:
        version_row = self.version_row
        if version_row is None:
            return None

        async def load(sight: Sight) -> InForce:
            return await version(sight, version_row)

        known = await (await info.context.reader()).within(load)
        outcome = next_in_turn(known.rulebook, self.order_now, self.manager_row)
        return _next(known, outcome)


def _next(known: InForce, outcome: Foreseen) -> NextInTurn:
    people = {"receiver": outcome.receiver_id, "owner": outcome.owner_id}
    return NextInTurn(
        **_plain(known, outcome),
        passed_over=[
            ConsideredMember(reason=passed.reason, member_row=passed.member_id)
            for passed in outcome.passed_over
        ],
        member_row=outcome.receiver_id,
        version_row=known.version_id,
        named_rows={word: str(row) for word, row in people.items() if row},
    )


def queue_of_site() -> Declared:
    """Declare a site's live queue."""

    async def resolve(root: Record, info: Info) -> Any:  # noqa: ANN401 - the field's own type
        reader = await info.context.reader()
        found = await reader.many(_BY_SITE, root.__dict__["row_key"])
        return found[0] if found else None

    return strawberry.field(
        resolver=resolve,
        description="Today's live order; null when out of the caller's sight.",
        metadata={PLANNED: Only("ReceptionQueue", "site_id")},
    )
