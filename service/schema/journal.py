"""Decisions with their reasons, and the audit."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import strawberry

from service.journal import tables
from service.journal.tables import DecisionKind
from service.policies.access import RecordColumns
from service.schema.connections import Connection, OrderDirection, SortKey
from service.schema.context import Info
from service.schema.errors import ClauseReference
from service.schema.filters import (
    DateTimeFilter,
    Filter,
    IdFilter,
    TextFilter,
    every,
    none_of,
    on,
    on_any_id,
    on_id,
    some,
)
from service.schema.listing import listing
from service.schema.nodes import ID, Node, described
from service.schema.ordering import orders_of
from service.schema.organisation.types import Member
from service.schema.planner.finishing import Finishing
from service.schema.planner.lending import Lent
from service.schema.planner.mapping import (
    PLANNED,
    Finished,
    Part,
    Rows,
    ToOne,
    column,
    key,
    mapping_of,
    parts,
    planned,
    relation,
    sql,
    to_one,
)
from service.schema.planner.naming import Naming
from service.schema.reading import one
from service.schema.reasons import fact_label, raw_reason, reason, sentence_of, value_label
from service.schema.rulebooks import RulebookVersion
from service.schema.scalars import Json

described(
    DecisionKind,
    "What was decided. Values are added.",
    RECEPTION="Who receives a visitor, and for whom.",
    REGISTRATION="Whether a registration is valid.",
    RENEWAL="Whether a follow-up or a reception renews a registration.",
    CLAIM="Whether a claim is admitted.",
    CREDIT="Whose result a deal is.",
    DISPUTE="What becomes of a dispute.",
)

_SCOPE = RecordColumns(owner="t.owner_id", org_unit="t.org_unit_id", territory="t.territory_id")
# Who records a visit is answered with the decision on it, and reads the same afterwards: of no
# other kind, which would tell what others are credited with.
_OF_DESK = Lent("visit.record", f"t.kind = '{DecisionKind.RECEPTION.value}'", _SCOPE)
# Whoever a decision was made between reads it as his own: both sides of a dispute, who claimed,
# whose credit it was.
_SIDES = Naming(tables.DecisionMember, "decision_id", {"t.at": "at"})
_NUMBER = (
    "(SELECT v.number FROM app.rulebook_version v"
    " WHERE v.tenant_id = $1 AND v.id = t.rulebook_version_id)"
)
_SUBJECT = "t.subject_type || '_' || t.subject_id"


@parts
@strawberry.type(description="Somebody considered and not chosen.")
class ConsideredMember:
    reason: str = sql("t.value->>'reason'", "Why he was passed over, a word of the rulebook.")
    member_row: strawberry.Private[UUID | None]

    @strawberry.field(
        description="Who; null when out of the caller's sight.",
        metadata={PLANNED: ToOne("(t.value->>'member_id')::uuid", "Member")},
    )
    async def member(self, info: Info) -> Member | None:
        found: Member | None = await (await info.context.reader()).one(
            mapping_of(Member), self.member_row
        )
        return found


@strawberry.type(description="One thing a decision was made from.")
class DecisionFact:
    name: str = strawberry.field(description="Its name in the rulebook: `owner_state`, ….")
    label: str = strawberry.field(description="What it means, in the caller's language.")
    value: str = strawberry.field(description="A word of the rulebook, a number, true or false.")
    value_label: str = strawberry.field(
        description="The same as a person says it, in the caller's language."
    )


def shown(value: object) -> str:
    """Return a kept value as text."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _facts(kept: Mapping[str, object], locale: str) -> list[DecisionFact]:
    return [
        DecisionFact(
            name=name,
            label=fact_label(name, locale),
            value=shown(value),
            value_label=value_label(value, locale),
        )
        for name, value in kept.items()
    ]


async def _finish_facts(finishing: Finishing, raw: Any, _arguments: object) -> list[DecisionFact]:  # noqa: ANN401 - JSON
    return _facts(raw, finishing.locale)


_PASSED_OVER = Rows(
    "ConsideredMember",
    "SELECT e.value FROM jsonb_array_elements({array}) WITH ORDINALITY e (value, place)"
    " ORDER BY e.place",
    many=True,
    array="t.passed_over",
)
_WHY = raw_reason("t.rulebook_version_id", "t.rule", "coalesce(t.outcome->'names', '{}')")


@planned(
    tables.Decision,
    action="decision.view",
    scope=_SCOPE,
    also=(RecordColumns(owner="side.owner_id"),),
    lent=(_OF_DESK,),
    mine={"side.owner_id": _SIDES},
    joins=_SIDES.joined("side"),
    hidden={
        "clause_text": "t.clause",
        "passed_rows": "t.passed_over",
        "version_row": "t.rulebook_version_id",
        "rule_name": "t.rule",
        "named_rows": "t.outcome->'names'",
        "kept_facts": "t.facts",
    },
)
@strawberry.type(description="A decision of the rulebook, with everything it was made from.")
class Decision(Node):
    id: strawberry.ID = key(ID)
    kind: DecisionKind = column("kind", "What was decided.")
    at: datetime = column("at", "The instant it counts for.")
    subject_id: strawberry.ID = sql(_SUBJECT, "The record it is about.")
    rule: str = column("rule", "The rule that decided, as the rulebook names it.")
    rulebook_version: RulebookVersion | None = to_one(
        "rulebook_version_id",
        "RulebookVersion",
        "The version that was in force; null for who may not read rulebooks (`rulebook.view`), such"
        " as a desk, who still reads why and by which clause.",
    )
    version: int = sql(_NUMBER, "Number of the rulebook's version that was in force.")
    inputs: Json = column("facts", "The facts as they were; a snapshot for the audit.")
    mode: str | None = sql("t.outcome->>'mode'", "How a visitor is received; null elsewhere.")
    receiver: Member | None = relation(
        "(t.outcome->>'receiver_id')::uuid", "Member", "Who receives; null elsewhere."
    )
    owner: Member | None = relation(
        "(t.outcome->>'owner_id')::uuid", "Member", "For whom he receives; null elsewhere."
    )
    stated_reason: str | None = sql(
        "t.outcome->>'reason'", "What was given as the reason by who overrode the rotation."
    )
    clause_text: strawberry.Private[str]
    passed_rows: strawberry.Private[list[dict[str, str]]]
    version_row: strawberry.Private[UUID]
    rule_name: strawberry.Private[str]
    named_rows: strawberry.Private[dict[str, str] | None]
    kept_facts: strawberry.Private[dict[str, object]]

    @strawberry.field(
        description="The clause of the rulebook that decided.",
        metadata={PLANNED: Part({"clause": "t.clause"})},
    )
    def clause(self) -> ClauseReference:
        return ClauseReference(clause=self.clause_text)

    @strawberry.field(
        description="Why, in a sentence of the rulebook, in the request's language.",
        metadata={PLANNED: Finished(_WHY, reason)},
    )
    async def why(self, info: Info) -> str:
        reader = await info.context.reader()
        return await sentence_of(reader, self.version_row, self.rule_name, self.named_rows or {})

    @strawberry.field(
        description="Everybody considered and not chosen, in turn order.",
        metadata={PLANNED: _PASSED_OVER},
    )
    def considered_members(self) -> list[ConsideredMember]:
        return _considered(self.passed_rows)

    @strawberry.field(
        description="The same as `consideredMembers`.", metadata={PLANNED: _PASSED_OVER}
    )
    def passed_over(self) -> list[ConsideredMember]:
        return _considered(self.passed_rows)

    @strawberry.field(
        description="What it was decided from, one by one, in the caller's language.",
        metadata={PLANNED: Finished("t.facts", _finish_facts)},
    )
    def facts(self, info: Info) -> list[DecisionFact]:
        return _facts(self.kept_facts, info.context.locale)


def _considered(rows: list[dict[str, str]]) -> list[ConsideredMember]:
    return [
        ConsideredMember(reason=one["reason"], member_row=UUID(one["member_id"])) for one in rows
    ]


@strawberry.type(description="One thing a command kept of itself.")
class AuditDetail:
    name: str = strawberry.field(description="What it is: `reason`, `purpose`, ….")
    value: str = strawberry.field(description="As it was given, or as the product wrote it.")


def _details(kept: Mapping[str, object]) -> list[AuditDetail]:
    return [AuditDetail(name=name, value=shown(value)) for name, value in kept.items()]


async def _finish_details(_finishing: object, raw: Any, _arguments: object) -> list[AuditDetail]:  # noqa: ANN401 - JSON
    return _details(raw)


@planned(
    tables.AuditEvent,
    action="audit.view",
    scope=RecordColumns(owner="t.actor_id"),
    hidden={"kept_details": "t.details"},
)
@strawberry.type(description="Who did what, on whose behalf, to what.")
class AuditEvent(Node):
    id: strawberry.ID = key(ID)
    at: datetime = column("at", "When.")
    command: str = column("command", "What was done: a command, or a reading that is audited.")
    actor: Member | None = to_one("actor_id", "Member", "Who; null for the product itself.")
    on_behalf_of: Member | None = to_one(
        "on_behalf_of_id", "Member", "For whom, when he stood in for somebody."
    )
    duty: str | None = column("duty", "Code of the duty that allowed it.")
    subject_id: strawberry.ID | None = sql(_SUBJECT, "The record concerned, if one was.")
    request_id: str = column("request_id", "The request, as in its `X-Request-Id`.")
    kept_details: strawberry.Private[dict[str, object] | None]

    @strawberry.field(
        description="What the command kept of itself: a reason, a purpose.",
        metadata={PLANNED: Finished("coalesce(t.details, '{}')", _finish_details)},
    )
    def details(self) -> list[AuditDetail]:
        return _details(self.kept_details or {})


@strawberry.input(description="Which decisions.")
class DecisionFilter:
    and_: list["DecisionFilter"] | None = every()
    or_: list["DecisionFilter"] | None = some()
    not_: "DecisionFilter | None" = none_of()
    id: IdFilter | None = on_id("t.id", "decision", "By id.")
    kind: Filter[DecisionKind] | None = on("t.kind", "text", "By what was decided.")
    subject_id: IdFilter | None = on_any_id("t.subject_id", "By the record they are about.")
    at: DateTimeFilter | None = on("t.at", "timestamptz", "By instant.")
    rule: TextFilter | None = on("t.rule", "text", "By rule.")


@strawberry.input(description="Which audit lines.")
class AuditEventFilter:
    and_: list["AuditEventFilter"] | None = every()
    or_: list["AuditEventFilter"] | None = some()
    not_: "AuditEventFilter | None" = none_of()
    command: TextFilter | None = on("t.command", "text", "By what was done.")
    actor_id: IdFilter | None = on_id("t.actor_id", "member", "By who did it.")
    subject_id: IdFilter | None = on_any_id("t.subject_id", "By the record concerned.")
    at: DateTimeFilter | None = on("t.at", "timestamptz", "By instant.")


_BY_INSTANT = orders_of(
    "Journal",
    "journal lines",
    {"AT": (SortKey("t.at", "timestamptz"), "By instant.")},
    "AT",
    direction=OrderDirection.DESC,
)


@strawberry.type
class JournalQuery:
    decision: Decision | None = one(Decision, "One decision; null when there is none in sight.")
    decisions: Connection[Decision] = listing(
        Decision,
        _BY_INSTANT,
        "The decisions in the caller's sight, latest first.",
        filter=DecisionFilter,
    )
    audit_events: Connection[AuditEvent] = listing(
        AuditEvent,
        _BY_INSTANT,
        "The audit, latest first.",
        filter=AuditEventFilter,
    )
