"""Bonuses of a period by steps of attainment: one statement (Q30).

Written in SQL; `tests/schema/test_scores.py` holds it against `service.targets.rules.pacing`.
"""

from collections.abc import Mapping as MappingType
from typing import Annotated, Any, Final

import strawberry

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
from service.schema.boards.subjects import people_of
from service.schema.context import Info
from service.schema.costs import BOARD, costs
from service.schema.organisation.types import Member
from service.schema.planner.mapping import PLANNED, mapping_of
from service.schema.planner.statements import Statement
from service.schema.planner.written import Written
from service.schema.scalars import NO_ROW, BigInt, found_id
from service.schema.statistics.periods import days_of
from service.schema.statistics.rows import in_rows, made_of, record_in_row
from service.schema.statistics.trees import whole
from service.targets.figures import EXACT

_MINOR: Final = "In minor units of the scheme's currency."


@in_rows
@strawberry.type(description="What a scheme makes of what somebody has reached.")
class MemberBonus:
    member_name: str = strawberry.field(description=PERSON_NAME)
    member: Member | None = record_in_row("Member", PERSON)
    cursor: strawberry.ID = strawberry.field(description=PERSON_CURSOR)
    cut: bool = strawberry.field(description=ENDS)
    target: BigInt | None = strawberry.field(description="The target in force; null without one.")
    credited: BigInt = strawberry.field(description="What counted so far, in pieces.")
    attainment_basis_points: BigInt | None = strawberry.field(
        description="Credited by target, half up; null without a target or with one of 0."
    )
    bonus: BigInt = strawberry.field(description=f"What it earns so far. {_MINOR}")
    step_basis_points: int | None = strawberry.field(
        description="The step that is reached; null below the first."
    )
    next_step_basis_points: int | None = strawberry.field(
        description="The next step; null on the highest, or without a target."
    )
    units_to_next_step: BigInt | None = strawberry.field(
        description="How many pieces are missing to it."
    )
    bonus_at_next_step: BigInt | None = strawberry.field(
        description=f"What exactly so many would earn. {_MINOR}"
    )


# From how many units on a step is reached, of a target above 0.
_FROM: Final = "ceil({at} * f.target / 10000.0)"


def _earned(units: str) -> str:
    """Write what units earn, over `f` and `scheme`: all by the step that is reached, or each."""
    first = _FROM.format(at="p.at")
    following = _FROM.format(at="p.following")
    return (
        f"CASE WHEN NOT coalesce(f.target > 0, FALSE) OR {units} <= 0 THEN 0"
        " WHEN (SELECT retroactive FROM scheme)"
        f" THEN {units} * coalesce((SELECT p.each FROM pay p WHERE {first} <= {units}"
        " ORDER BY p.at DESC LIMIT 1), 0)"
        f" ELSE (SELECT sum(p.each * greatest(least({units}, coalesce({following} - 1, {units}))"
        f" - greatest({first} - 1, 0), 0)) FROM pay p) END"
    )


_NEXT: Final = _FROM.format(at="n.at")
# Over `f`, the sums of one, `scheme` and `pay`, its steps.
BONUS: Final = f"""
f.target::bigint AS target, f.credited::bigint AS credited,
round(f.credited * 10000 * {EXACT} / nullif(f.target, 0))::bigint AS attainment_basis_points,
({_earned("f.credited")})::bigint AS bonus, r.at AS step_basis_points,
n.at AS next_step_basis_points, ({_NEXT} - f.credited)::bigint AS units_to_next_step,
CASE WHEN n.at IS NOT NULL THEN {_earned(_NEXT)} END::bigint AS bonus_at_next_step
"""
STEPS: Final = f"""
LEFT JOIN LATERAL (SELECT p.at FROM pay p WHERE f.target > 0
    AND {_FROM.format(at="p.at")} <= f.credited ORDER BY p.at DESC LIMIT 1) r ON TRUE
LEFT JOIN LATERAL (SELECT p.at FROM pay p WHERE f.target > 0
    AND {_FROM.format(at="p.at")} > f.credited ORDER BY p.at LIMIT 1) n ON TRUE
"""
PAY: Final = (
    "pay AS (SELECT p.from_basis_points AS at, p.amount_each_minor AS each,"
    " lead(p.from_basis_points) OVER (ORDER BY p.from_basis_points) AS following FROM {steps} p)"
)


def _bonuses(
    statement: Statement, given: MappingType[str, Any], _asked: frozenset[str] | None
) -> str:
    days = days_of(given["period"])
    rows = statement.rows_of(mapping_of("BonusScheme"))
    scheme = statement.place(found_id(str(given["scheme_id"]), "bonus_scheme") or NO_ROW, "uuid")
    first = statement.place(days.first, "date")
    metric = "(SELECT metric_id FROM scheme)"
    board = Board.begun(statement, given, metric=metric)
    before, whose = people_of(board, given)
    steps = (
        "(SELECT b.* FROM app.bonus_step b JOIN scheme ON scheme.id = b.scheme_id"
        " WHERE b.tenant_id = $1)"
    )
    parts = [
        f"scheme AS MATERIALIZED (SELECT t.id, t.metric_id, t.retroactive {rows}"
        f" AND t.id = {scheme} AND t.first_day <= {first}"
        f" AND coalesce(t.last_day >= {first}, TRUE))",
        PAY.format(steps=steps),
        *before,
        board.time(),
        board.targets(whose.targets),
        whose.summed(board, "summed", board.sums()),
    ]
    return (
        f"WITH {', '.join(parts)} SELECT {person_columns()}, {BONUS}"
        f" {standing(whose.rows)} {STEPS} WHERE {whose.stands}"
        f"{people_after(board, given)}"
    )


@strawberry.type
class BonusesQuery:
    @strawberry.field(
        description="What a bonus scheme makes of each person who has a target or a credit of its"
        " metric in the period, by name, and what the next step still takes. The first 500 of them:"
        " the last says whether more follow (`cut`). Empty where the scheme does not pay on the"
        " period's first day.",
        metadata={PLANNED: Written(_bonuses), **costs(BOARD)},
    )
    async def member_bonuses(
        self,
        info: Info,
        scheme_id: Annotated[strawberry.ID, strawberry.argument(description="The scheme.")],
        period: Period,
        *,
        org_unit_id: WithinUnit = None,
        territory_id: WithinTerritory = None,
        as_of_day: AsOfDay = None,
        restated: Restated = False,
        after_id: AfterMember = None,
    ) -> list[MemberBonus]:
        given = {
            "after_id": after_id,
            "scheme_id": scheme_id,
            "period": period,
            "org_unit_id": org_unit_id,
            "territory_id": territory_id,
            "as_of_day": as_of_day,
            "restated": restated,
        }
        reader = await info.context.reader()
        rows = await reader.fetch(lambda statement: _bonuses(statement, given, reader.asked))
        return [made_of(MemberBonus, dict(row)) for row in whole(rows)]
