"""Versions of the tenant's rulebook."""

from datetime import datetime

import strawberry

from service.policies.access import RecordColumns
from service.rulebooks import tables
from service.rulebooks.tables import RulebookState
from service.schema.connections import Connection, Orders, SortKey
from service.schema.listing import listing
from service.schema.nodes import ID, VERSION, Node, described
from service.schema.organisation.types import Member
from service.schema.planner.mapping import column, key, planned, to_one
from service.schema.reading import one

described(
    RulebookState,
    "Where a version is in its life. Values are added.",
    DRAFT="Being written; it decides nothing.",
    PUBLISHED="Decides what happens from `effectiveFrom` until the next one's.",
    RETIRED="Decides nothing any more; what it decided stays.",
)


@planned(tables.RulebookVersion, action="rulebook.view", scope=RecordColumns())
@strawberry.type(description="One version of a rulebook; once published it never changes.")
class RulebookVersion(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    policy: str = column("policy", "Which rulebook, like `showroom`.")
    number: int = column("number", "Counts the versions of this rulebook.")
    state: RulebookState = column("state", "Where it is in its life.")
    effective_from: datetime | None = column("effective_from", "First instant it decides.")
    published_by: Member | None = to_one("published_by", "Member", "Who published it.")
    created_at: datetime = column("created_at", "When it was written.")


_VERSIONS = Orders(
    {"EFFECTIVE_FROM": SortKey("t.effective_from", "timestamptz", nullable=True)}, "EFFECTIVE_FROM"
)


@strawberry.type
class RulebooksQuery:
    rulebook_version: RulebookVersion | None = one(
        RulebookVersion, "One version; null when there is none in sight."
    )
    rulebook_versions: Connection[RulebookVersion] = listing(
        RulebookVersion, _VERSIONS, "The versions of the rulebook, latest first."
    )
