"""Scorecards with their lines, bonus schemes with their steps, as the API shows them."""

from datetime import date
from typing import Annotated, Final

import strawberry

from service.policies.access import RecordColumns
from service.schema.connections import Connection, Orders, SortKey
from service.schema.filters import DateFilter, IdFilter, every, none_of, on, on_id, some
from service.schema.listing import listing
from service.schema.nodes import ID, VERSION, Node, described
from service.schema.organisation.types import Member, Role
from service.schema.planner.mapping import (
    amount,
    column,
    key,
    name_in,
    names,
    planned,
    to_many,
    to_one,
)
from service.schema.reading import one
from service.schema.scalars import LocalizedText, Money
from service.schema.targets.types import Metric
from service.scorecards import tables
from service.scorecards.tables import ScoreMethod

described(
    ScoreMethod,
    "How a line's attainment is made. Values are added.",
    DIRECT="Credited by target.",
    LINEAR="Lower is better: 2 less what is credited by target.",
    RATIO="Lower is better: target by what is credited.",
)
_HERE: Final = "service.schema.scorecards.types"
_LAST: Final = "Its last day; null while it goes on."
_ALL: Final = RecordColumns()


@planned(tables.Scorecard, action="scorecard.view", scope=_ALL)
@strawberry.type(description="What is weighed into one score, for whom and for which days.")
class Scorecard(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    code: str = column("code", "Its code, never used for another.")
    name: str = name_in("names", "Its name, in the request's language.")
    names: LocalizedText = names("names", "The same in every language.")
    role: Role | None = to_one("role_id", "Role", "For whoever holds this role.")
    member: Member | None = to_one("member_id", "Member", "For this person.")
    first_day: date = column("first_day", "Its first day.")
    last_day: date | None = column("last_day", _LAST)
    lines: list[Annotated["ScorecardLine", strawberry.lazy(_HERE)]] = to_many(
        "ScorecardLine", "scorecard_id", "What is weighed, in order.", order="t.position"
    )


@planned(tables.ScorecardLine, action="scorecard.view", scope=_ALL)
@strawberry.type(description="A metric of a scorecard.")
class ScorecardLine(Node):
    id: strawberry.ID = key(ID)
    metric: Metric | None = to_one("metric_id", "Metric", "What is weighed.")
    weight: int = column("weight", "Its weight beside the others'.")
    method: ScoreMethod = column("method", "How its attainment is made.")
    cap_basis_points: int | None = column("cap_basis_points", "What counts of it at the most.")
    floor_basis_points: int | None = column(
        "floor_basis_points", "Below it, it counts for nothing."
    )


@planned(tables.BonusScheme, action="scorecard.view", scope=_ALL)
@strawberry.type(
    description="What each unit of a metric earns, by how much of a target is reached."
)
class BonusScheme(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    code: str = column("code", "Its code, never used for another.")
    name: str = name_in("names", "Its name, in the request's language.")
    names: LocalizedText = names("names", "The same in every language.")
    metric: Metric | None = to_one("metric_id", "Metric", "Whose units earn.")
    currency: str = column("currency", "What it pays in (ISO 4217).")
    retroactive: bool = column(
        "retroactive", "Whether the step that is reached is paid for every unit."
    )
    first_day: date = column("first_day", "Its first day.")
    last_day: date | None = column("last_day", _LAST)
    steps: list[Annotated["BonusStep", strawberry.lazy(_HERE)]] = to_many(
        "BonusStep", "scheme_id", "Its steps, lowest first.", order="t.from_basis_points"
    )


@planned(tables.BonusStep, action="scorecard.view", scope=_ALL)
@strawberry.type(description="A step of a bonus scheme.")
class BonusStep(Node):
    id: strawberry.ID = key(ID)
    from_basis_points: int = column("from_basis_points", "From what attainment on.")
    amount_each: Money = amount("amount_each_minor", "currency", "What each unit earns.")


@strawberry.input(description="Which scorecards.")
class ScorecardFilter:
    and_: list["ScorecardFilter"] | None = every()
    or_: list["ScorecardFilter"] | None = some()
    not_: "ScorecardFilter | None" = none_of()
    role_id: IdFilter | None = on_id("t.role_id", "role", "By role.")
    member_id: IdFilter | None = on_id("t.member_id", "member", "By person.")
    first_day: DateFilter | None = on("t.first_day", "date", "By first day.")


@strawberry.input(description="Which bonus schemes.")
class BonusSchemeFilter:
    and_: list["BonusSchemeFilter"] | None = every()
    or_: list["BonusSchemeFilter"] | None = some()
    not_: "BonusSchemeFilter | None" = none_of()
    metric_id: IdFilter | None = on_id("t.metric_id", "metric", "By metric.")
    first_day: DateFilter | None = on("t.first_day", "date", "By first day.")


_BY_DAY: Final = Orders({"FIRST_DAY": SortKey("t.first_day", "date")}, "FIRST_DAY")


@strawberry.type
class ScorecardsQuery:
    scorecard: Scorecard | None = one(Scorecard, "One scorecard; null when there is none in sight.")
    scorecards: Connection[Scorecard] = listing(
        Scorecard, _BY_DAY, "The scorecards, latest first.", filter=ScorecardFilter
    )
    bonus_scheme: BonusScheme | None = one(
        BonusScheme, "One bonus scheme; null when there is none in sight."
    )
    bonus_schemes: Connection[BonusScheme] = listing(
        BonusScheme, _BY_DAY, "The bonus schemes, latest first.", filter=BonusSchemeFilter
    )
