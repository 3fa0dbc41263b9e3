"""Drafts of a rulebook: what stands in one, what is wrong with it, what it lacks, who decides."""

from collections.abc import Callable
from datetime import date, datetime
from enum import Enum
from typing import Any, Final
from uuid import UUID

import strawberry

from service.policies.access import RecordColumns
from service.rulebooks import queries, tables
from service.rulebooks.in_turn import in_turn
from service.rulebooks.tables import DraftState
from service.schema.connections import Connection, OrderDirection, SortKey
from service.schema.context import Info
from service.schema.costs import AGGREGATE, costs
from service.schema.filters import (
    DateTimeFilter,
    Filter,
    IdFilter,
    every,
    none_of,
    on,
    on_id,
    some,
)
from service.schema.listing import listing
from service.schema.nodes import CREATED_AT, ID, VERSION, Node, described
from service.schema.ordering import orders_of
from service.schema.organisation.types import Member
from service.schema.planner.finishing import Finishing
from service.schema.planner.mapping import (
    PLANNED,
    Declared,
    Finished,
    Possible,
    allowed_actions,
    column,
    key,
    planned,
    sql,
    to_one,
)
from service.schema.reading import one
from service.schema.reception.types import Site
from service.schema.rulebook_changes import RulebookComparison, against_in_force
from service.schema.rulebook_checks import (
    RulebookCheck,
    RulebookProposedTest,
    checked,
    proposed,
)
from service.schema.rulebooks import RulebookVersion

described(
    DraftState,
    "Where a draft is on its way into force. Values are added.",
    DRAFT="Being written.",
    SUBMITTED="Waits for somebody else to approve it; it is not changed meanwhile.",
    APPROVED="Became a version.",
    REJECTED="Sent back with a reason; whoever writes in it opens it again.",
    DISCARDED="Thrown away; it is not shown.",
)

# Where a draft is meant for decides who may do something with it.
_SITE: Final = "LEFT JOIN app.site w ON w.tenant_id = $1 AND w.id = t.site_id"
_SCOPE: Final = RecordColumns(org_unit="w.org_unit_id", territory="w.territory_id")
_DECIDED: Final = RecordColumns(
    org_unit="w.org_unit_id", territory="w.territory_id", requester="t.submitted_by"
)
_OPEN: Final = "t.state IN ('DRAFT', 'REJECTED')"
_WAITS: Final = "t.state = 'SUBMITTED' AND NOT {me} = ANY(t.author_ids)"
_AUTHORS: Final = (
    "ARRAY(SELECT m.name FROM app.member m WHERE m.tenant_id = $1 AND m.id = ANY(t.author_ids)"
    " ORDER BY m.staff_code)"
)
_TEXT: Final = "to_json(t.text)"
_AGAINST: Final = f"json_build_object('text', t.text, 'before', {queries.IN_FORCE_BEFORE})"


@strawberry.enum(description="What may be done with a draft. Values are added.")
class RulebookDraftAction(Enum):
    EDIT = strawberry.enum_value("EDIT", description="`editRulebookDraft`, `acceptRulebookTests`.")
    DISCARD = strawberry.enum_value("DISCARD", description="`discardRulebookDraft`.")
    SUBMIT = strawberry.enum_value("SUBMIT", description="`submitRulebookDraft`.")
    WITHDRAW = strawberry.enum_value("WITHDRAW", description="`withdrawRulebookDraft`.")
    APPROVE = strawberry.enum_value("APPROVE", description="`approveRulebookDraft`.")
    REJECT = strawberry.enum_value("REJECT", description="`rejectRulebookDraft`.")


def _made_of_text(make: Callable[[str, str], Any]) -> Declared:
    """Return how a field is planned that is worked out from the text, away from the loop."""

    async def finish(finishing: Finishing, raw: Any, _arguments: object) -> Any:  # noqa: ANN401 - JSON
        return await in_turn(make, raw, finishing.locale)

    return {PLANNED: Finished(_TEXT, finish)}


async def _compare(
    finishing: Finishing,
    raw: Any,  # noqa: ANN401 - JSON
    _arguments: object,
) -> RulebookComparison | None:
    before = None if raw["before"] is None else queries.Stored(**raw["before"])
    return await against_in_force(before, raw["text"], finishing.locale)


def _json(text: str, _locale: str) -> str | None:
    return queries.json_of(text)


def _check(text: str, locale: str) -> RulebookCheck:
    return checked(queries.look_over(text, locale))


def _proposed(text: str, _locale: str) -> list[RulebookProposedTest]:
    return [proposed(found) for found in queries.proposals_for(text)]


@planned(
    tables.RulebookDraft,
    action="rulebook.review",
    scope=_SCOPE,
    joins=_SITE,
    condition="t.state <> 'DISCARDED'",
    hidden={"kept_text": "t.text"},
)
@strawberry.type(description="A text on its way to a version of the rulebook.")
class RulebookDraft(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    name: str = column("name", "What its author calls it.")
    policy: str = column("policy", "Which rulebook, like `showroom`.")
    state: DraftState = column("state", "Where it is.")
    site: Site | None = to_one(
        "site_id", "Site", "The one site it is meant for; null: the whole company."
    )
    based_on: RulebookVersion | None = to_one(
        "based_on_id", "RulebookVersion", "The version it was made from."
    )
    author_names: list[str] = sql(
        _AUTHORS, "Everybody who wrote in it, or for whom; none of them may approve it."
    )
    created_by: Member | None = to_one("created_by", "Member", "Who began it.")
    created_at: datetime = column("created_at", CREATED_AT)
    changed_at: datetime = column("changed_at", "When its name or text was last changed.")
    text: str = column("text", "The whole document as YAML, as it was written.")
    text_hash: str | None = column(
        "text_hash",
        "Names what the text says; `approveRulebookDraft` takes it back. Null while it cannot be"
        " read.",
    )
    effective_on: date | None = column(
        "effective_on",
        "The local day it is to begin with, at each site's midnight; null: when it is approved.",
    )
    unsimulated_reason: str | None = column(
        "unsimulated_reason", "Why it should be put in force without a simulation."
    )
    simulated: bool = sql(
        "coalesce(t.text_hash IS NOT NULL AND EXISTS (SELECT FROM app.rulebook_simulation x"
        " WHERE x.tenant_id = $1 AND x.text_hash = t.text_hash AND x.state = 'DONE'), FALSE)",
        "Whether a simulation of this very text is done.",
    )
    submitted_by: Member | None = to_one("submitted_by", "Member", "Who submitted it.")
    submitted_at: datetime | None = column("submitted_at", "When it was submitted last.")
    decided_by: Member | None = to_one("decided_by", "Member", "Who approved or rejected it.")
    decided_at: datetime | None = column("decided_at", "When.")
    decision_reason: str | None = column("decision_reason", "Why it was rejected.")
    published_version: RulebookVersion | None = to_one(
        "version_id", "RulebookVersion", "The version it became."
    )
    allowed_actions: list[RulebookDraftAction] = allowed_actions(
        "Commands the caller could issue now.",
        EDIT=Possible("rulebook.draft", _OPEN),
        DISCARD=Possible("rulebook.draft", _OPEN),
        SUBMIT=Possible("rulebook.draft", "t.state = 'DRAFT' AND t.text_hash IS NOT NULL"),
        WITHDRAW=Possible("rulebook.draft", "t.state = 'SUBMITTED'"),
        APPROVE=Possible("rulebook.publish", _WAITS, _DECIDED),
        REJECT=Possible("rulebook.publish", _WAITS, _DECIDED),
    )

    # Apart from `text`, which is there only when it is asked for.
    kept_text: strawberry.Private[str]

    @strawberry.field(
        description="The whole document as JSON, for programs; null while it cannot be read.",
        metadata=_made_of_text(_json),
    )
    async def json(self) -> str | None:
        return await in_turn(_json, self.kept_text, "")

    @strawberry.field(
        description="What is wrong with it, what deserves a look, and how its own tests come out.",
        metadata={**_made_of_text(_check), **costs(AGGREGATE)},
    )
    async def check(self, info: Info) -> RulebookCheck:
        await info.context.reader()
        return await in_turn(_check, self.kept_text, info.context.locale)

    @strawberry.field(
        description="What it changes of what is in force now where it is meant for; null while it"
        " cannot be read.",
        metadata={PLANNED: Finished(_AGAINST, _compare), **costs(AGGREGATE)},
    )
    async def compared_with_in_force(self, info: Info) -> RulebookComparison | None:
        row: UUID = self.__dict__["row_key"]
        reader = await info.context.reader()
        before, text = await reader.within(lambda sight: queries.against_in_force(sight, row))
        return await against_in_force(before, text, info.context.locale)

    @strawberry.field(
        description="Tests it lacks, each of which passes on it; `acceptRulebookTests` takes them"
        " over. Empty while it has errors.",
        metadata={**_made_of_text(_proposed), **costs(AGGREGATE)},
    )
    async def proposed_tests(self) -> list[RulebookProposedTest]:
        return await in_turn(_proposed, self.kept_text, "")


@strawberry.input(description="Which drafts.")
class RulebookDraftFilter:
    and_: list["RulebookDraftFilter"] | None = every()
    or_: list["RulebookDraftFilter"] | None = some()
    not_: "RulebookDraftFilter | None" = none_of()
    id: IdFilter | None = on_id("t.id", "rulebook_draft", "By id.")
    state: Filter[DraftState] | None = on("t.state", "text", "By where they are.")
    site_id: IdFilter | None = on_id("t.site_id", "site", "By the site they are meant for.")
    created_at: DateTimeFilter | None = on("t.created_at", "timestamptz", "By when begun.")


_DRAFTS = orders_of(
    "RulebookDraft",
    "drafts",
    {"CREATED_AT": (SortKey("t.created_at", "timestamptz"), "By when they were begun.")},
    "CREATED_AT",
    direction=OrderDirection.DESC,
)


@strawberry.type
class RulebookDraftsQuery:
    rulebook_draft: RulebookDraft | None = one(
        RulebookDraft, "One draft; null when there is none in sight."
    )
    rulebook_drafts: Connection[RulebookDraft] = listing(
        RulebookDraft,
        _DRAFTS,
        "Drafts of the rulebook, latest first; what waits for approval by"
        " `filter: {state: {eq: SUBMITTED}}`.",
        filter=RulebookDraftFilter,
    )
