"""Scores and bonuses of a period: one statement each (targets page 4.5, Q25 to Q30).

Written in SQL; `tests/schema/test_scores.py` holds it against `service.targets.rules.pacing`.
"""

from collections.abc import Mapping as MappingType
from decimal import Decimal
from typing import Annotated, Any, Final
from uuid import UUID

import strawberry

from service.organisation.former_places import stayed
from service.schema.boards.arguments import (
    AsOfDay,
    Period,
    Restated,
    WithinTerritory,
    WithinUnit,
)
from service.schema.boards.figures import Board, standing
from service.schema.boards.pieces import (
    ENDS,
    PERSON,
    PERSON_CURSOR,
    PERSON_NAME,
    AfterMember,
    people_after,
    person_columns,
)
from service.schema.boards.subjects import Whose, people_of, territories_of
from service.schema.context import Info
from service.schema.costs import BOARD, costs
from service.schema.organisation.types import Member, Territory
from service.schema.planner.mapping import PLANNED, Rows, mapping_of
from service.schema.planner.statements import Statement
from service.schema.planner.written import Written
from service.schema.scalars import NO_ROW, BigInt, found_id
from service.schema.statistics.periods import days_of
from service.schema.statistics.rows import in_rows, made_of, record_in_row
from service.schema.statistics.trees import MOST_NODES, checked_depth, in_bounds, whole
from service.schema.targets.types import Metric
from service.scorecards.tables import ScoreMethod
from service.targets.figures import EXACT

_LINE: Final = """
SELECT * FROM ROWS FROM (jsonb_to_recordset({array}) AS (
    metric uuid, weight integer, method text, target bigint, credited bigint,
    attainment_basis_points bigint, counted_basis_points bigint
)) WITH ORDINALITY ORDER BY ordinality
"""
_ScorecardId = Annotated[strawberry.ID, strawberry.argument(description="The scorecard.")]


@in_rows
@strawberry.type(description="What a line of a scorecard brings to a score.")
class ScoreLine:
    metric: Metric | None = record_in_row("Metric", "What is weighed.")
    weight: int = strawberry.field(description="Its weight beside the others'.")
    method: ScoreMethod = strawberry.field(description="How its attainment is made.")
    target: BigInt | None = strawberry.field(description="The target in force; null without one.")
    credited: BigInt = strawberry.field(description="What counted so far.")
    attainment_basis_points: BigInt | None = strawberry.field(
        description="Its attainment by its method, half up; null where there is nothing to divide"
        " by: then the line takes no part, and its weight neither."
    )
    counted_basis_points: BigInt | None = strawberry.field(
        description="What counts of it: 0 below its floor, no more than its cap, half up."
    )


@strawberry.type(description="What metrics come to, weighed.")
class Scored:
    score: Decimal | None = strawberry.field(
        description="In per cent, exact and rounded once, half up to two decimals; null where no"
        " line takes part."
    )
    lines: list[ScoreLine] = strawberry.field(
        description="What it is made of, in the scorecard's order.",
        metadata={PLANNED: Rows("ScoreLine", _LINE, many=True, array='t."lines"')},
    )


@in_rows
@strawberry.type(description="A person's score.")
class MemberScore(Scored):
    member_name: str = strawberry.field(description=PERSON_NAME)
    member: Member | None = record_in_row("Member", PERSON)
    cursor: strawberry.ID = strawberry.field(description=PERSON_CURSOR)
    cut: bool = strawberry.field(description=ENDS)


@in_rows
@strawberry.type(description="A territory's score, with everything below it.")
class TerritoryScore(Scored):
    territory: Territory | None = record_in_row("Territory", "The territory.")
    depth: int = strawberry.field(description="Levels below the territory asked for, which is 0.")


# Over `l`, a line, and `f`, the sums of one: `number` by `per` is what is credited.
REACHED: Final = f"""
CASE l.method WHEN 'RATIO' THEN f.per * nullif(f.target, 0) * {EXACT} / nullif(f.number, 0)
    WHEN 'LINEAR' THEN 2 - f.number * {EXACT} / nullif(f.per * f.target, 0)
    ELSE f.number * {EXACT} / nullif(f.per * f.target, 0) END
"""
# Over `l` and `r.reached`.
COUNTED: Final = f"""
CASE WHEN r.reached < l.floor_basis_points * {EXACT} / 10000 THEN 0
    WHEN r.reached IS NOT NULL
    THEN least(greatest(r.reached, 0), l.cap_basis_points * {EXACT} / 10000) END
"""
# Over `e`, the lines of one. Twenty decimals of each are summed and what is beyond twelve is their
# noise: a sum that is exactly a half is seen as one.
SCORE: Final = (
    "round(round(sum(e.weight * e.counted) * 100"
    " / nullif(sum(e.weight) FILTER (WHERE e.counted IS NOT NULL), 0), 12), 2)"
)


def _begun(statement: Statement, given: MappingType[str, Any]) -> Board:
    """Begin the board that each line is, of the line's metric."""
    return Board.begun(statement, given, metric="l.metric_id")


def _scored(board: Board, whose: Whose) -> list[str]:
    """Write the CTEs `line` and `scored`, a row for each subject and line, and `score`."""
    each = [
        board.time(),
        board.targets(whose.targets),
        whose.summed(board, "summed", board.sums()),
    ]
    return [
        "line AS (SELECT l.* FROM app.scorecard_line l JOIN card ON card.id = l.scorecard_id"
        " WHERE l.tenant_id = $1)",
        "scored AS (SELECT l.position, l.metric_id, l.weight, l.method, b.subject, b.target,"
        f" b.credited, b.reached, {COUNTED.replace('r.', 'b.')} AS counted"
        f" FROM line l CROSS JOIN LATERAL (WITH {', '.join(each)} SELECT s.id AS subject, f.target,"
        f" f.credited, {REACHED} AS reached {standing(whose.rows)}"
        f" WHERE {whose.stands}) b)",
        "score AS (SELECT e.subject,"
        f" {SCORE} AS score, jsonb_agg(jsonb_build_object('metric', e.metric_id, 'weight',"
        " e.weight, 'method', e.method, 'target', e.target::bigint, 'credited',"
        " e.credited::bigint, 'attainment_basis_points', round(e.reached * 10000)::bigint,"
        " 'counted_basis_points', round(e.counted * 10000)::bigint) ORDER BY e.position) AS lines"
        " FROM scored e GROUP BY 1)",
    ]


def _card(statement: Statement, given: MappingType[str, Any], condition: str) -> str:
    days = days_of(given["period"])
    rows = statement.rows_of(mapping_of("Scorecard"))
    card = statement.place(found_id(str(given["scorecard_id"]), "scorecard") or NO_ROW, "uuid")
    first = statement.place(days.first, "date")
    return (
        f"card AS MATERIALIZED (SELECT t.id, t.role_id, t.member_id {rows} AND t.id = {card}"
        f" AND t.first_day <= {first} AND coalesce(t.last_day >= {first}, TRUE) AND {condition})"
    )


def _of_members(
    statement: Statement, given: MappingType[str, Any], _asked: frozenset[str] | None
) -> str:
    board = _begun(statement, given)
    # Who left is measured as what he was until then.
    at = stayed(board.at())
    holds = (
        "EXISTS (SELECT FROM card k WHERE coalesce(t.id = k.member_id, k.role_id IS NULL OR EXISTS"
        " (SELECT FROM app.assignment a WHERE a.tenant_id = $1 AND a.role_id = k.role_id"
        f" AND a.member_id = t.id AND a.valid_from <= {at}"
        f" AND coalesce(a.valid_until > {at}, TRUE))))"
    )
    before, whose = people_of(board, given, holds)
    parts = [_card(statement, given, "TRUE"), *before, *_scored(board, whose)]
    return (
        f"WITH {', '.join(parts)} SELECT {person_columns()}, o.score, o.lines"
        " FROM people s JOIN score o ON o.subject = s.id WHERE TRUE"
        f"{people_after(board, given)}"
    )


def _of_territories(
    statement: Statement, given: MappingType[str, Any], _asked: frozenset[str] | None
) -> str:
    depth = statement.place(checked_depth(given["depth"]), "integer")
    board = _begun(statement, given)
    before, whose = territories_of(board, given)
    card = _card(statement, given, "t.role_id IS NULL AND t.member_id IS NULL")
    parts = [*before, card, *_scored(board, whose)]
    return (
        f"WITH {', '.join(parts)} SELECT s.id AS territory, s.depth, o.score, o.lines"
        f" FROM walked s JOIN score o ON o.subject = s.id WHERE s.depth <= {depth}"
        f" ORDER BY s.place, s.id LIMIT {MOST_NODES + 1}"
    )


async def _read(info: Info, kind: Any, write: Any, given: dict[str, Any]) -> list[Any]:  # noqa: ANN401 - the row's own type
    reader = await info.context.reader()
    rows = whole(await reader.fetch(lambda statement: write(statement, given, reader.asked)))
    return [made_of(kind, {**dict(row), "lines": _lines(row["lines"])}) for row in rows]


def _lines(found: list[dict[str, Any]]) -> list[ScoreLine]:
    return [
        made_of(
            ScoreLine,
            {**line, "metric": UUID(line["metric"]), "method": ScoreMethod(line["method"])},
        )
        for line in found
    ]


@strawberry.type
class ScoresQuery:
    @strawberry.field(
        description="What a scorecard makes of each person it is for who has a target or a credit"
        " in the period, by name. The first 500 of them: the last says whether more follow (`cut`)."
        " Empty where the scorecard does not weigh on the period's first day.",
        metadata={PLANNED: Written(_of_members), **costs(BOARD)},
    )
    async def member_scores(
        self,
        info: Info,
        scorecard_id: _ScorecardId,
        period: Period,
        *,
        org_unit_id: WithinUnit = None,
        territory_id: WithinTerritory = None,
        as_of_day: AsOfDay = None,
        restated: Restated = False,
        after_id: AfterMember = None,
    ) -> list[MemberScore]:
        given = {
            "after_id": after_id,
            "scorecard_id": scorecard_id,
            "period": period,
            "org_unit_id": org_unit_id,
            "territory_id": territory_id,
            "as_of_day": as_of_day,
            "restated": restated,
        }
        return await _read(info, MemberScore, _of_members, given)

    @strawberry.field(
        description="What a scorecard that is for no role and no person makes of a territory and of"
        " those below it, each with everything below it, in depth-first order.",
        metadata={
            PLANNED: Written(in_bounds(_of_territories, lambda policy: policy.territories)),
            **costs(BOARD),
        },
    )
    async def territory_scores(
        self,
        info: Info,
        scorecard_id: _ScorecardId,
        territory_id: Annotated[
            strawberry.ID, strawberry.argument(description="The territory to begin with.")
        ],
        period: Period,
        *,
        depth: Annotated[
            int, strawberry.argument(description="How many levels below it, 0 to 100.")
        ] = 1,
        as_of_day: AsOfDay = None,
        restated: Restated = False,
    ) -> list[TerritoryScore]:
        given = {
            "scorecard_id": scorecard_id,
            "territory_id": territory_id,
            "period": period,
            "depth": depth,
            "as_of_day": as_of_day,
            "restated": restated,
        }
        return await _read(info, TerritoryScore, _of_territories, given)
