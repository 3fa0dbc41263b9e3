"""Whose a board is: territories with all below them, or people of a unit and a territory."""

from collections.abc import Iterator
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from service.organisation.former_places import belonged
from service.organisation.territory_tree import places_at
from service.organisation.unit_tree import units_at
from service.schema.boards import pipeline
from service.schema.boards.figures import SOMETHING, Aims, Board
from service.schema.boards.members import worked
from service.schema.boards.sight import people_in_sight
from service.schema.boards.slipping import Subjects
from service.schema.planner.statements import Statement
from service.schema.scalars import NO_ROW, found_id
from service.schema.statistics.trees import walked

# The company's own target, which is nobody's below: it is of the one territory above all others.
_WHOLE: Final = (
    "CASE WHEN {0}.territory_id IS NULL AND {0}.org_unit_id IS NULL AND {0}.channel_code IS NULL"
    " AND {0}.product_code IS NULL AND {0}.seat IS NULL"
    " AND (SELECT count(*) = 1 AND bool_and(o.territory_id = {root}) FROM {places} o"
    " WHERE o.parent_id IS NULL) THEN {root} ELSE {0}.territory_id END"
)
# Whose target was handed to the vacancy keeps one of 0 for the days after: nobody looks for him.
_STANDS: Final = (
    "(c.amount IS NOT NULL OR CASE WHEN s.works THEN a.figure IS NOT NULL ELSE a.figure <> 0 END)"
)


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose board it is.

    Attributes:
        here: SQL over `t`, a day of the ledger, for those of the board.
        targets: those of the board.
        rows: FROM item `s` of the subjects, with the column `id`.
        stands: SQL over `s`, `a`, its target, and `c`, what counted: it has something to show.
        beside: whether who has a target beside the total alone has something to show, too.
    """

    subjects: Subjects
    here: str
    targets: Aims
    rows: str
    stands: str = "(a.figure IS NOT NULL OR c.amount IS NOT NULL)"
    beside: bool = False

    def summed(
        self,
        board: Board,
        name: str,
        sums: str,
        first: str | None = None,
        *,
        months: bool = False,
    ) -> str:
        """Write a CTE of sums over days of the ledger, for each subject."""
        column = self.subjects.column
        days = f"({board.credits(f't.{column}', self.here, first, months=months)})"
        if self.subjects.rolled:
            days = f"(SELECT u.above, d.* FROM upward u JOIN {days} d ON d.{column} = u.id)"
            column = "above"
        return (
            f"{name} AS (SELECT r.{column} AS subject, {sums} FROM {days} r GROUP BY 1 {SOMETHING})"
        )

    def forecast(self, board: Board, asked: frozenset[str] | None) -> Iterator[str]:
        """Yield the CTEs of what is hoped for and of what was booked by then in former periods."""
        if pipeline.hopes(asked):
            yield pipeline.hoped(board, self.subjects)
        if pipeline.projects(asked):
            sums, first = pipeline.former_sums(board)
            yield self.summed(board, "former", sums, first)


def territories_of(board: Board, given: MappingType[str, Any]) -> tuple[list[str], Whose]:
    """Write the CTEs of a territory and those below it, `walked` and `upward`; say whose it is.

    Args:
        board: the board.
        given: the arguments `territory_id` and `as_of_day`.
    """
    statement = board.statement
    row = found_id(str(given["territory_id"]), "territory") or NO_ROW
    root = statement.place(row, "uuid")
    if given["as_of_day"]:
        # The tree as it stood: who was moved since counts where he was.
        below, places = "TRUE", places_at(board.at())
        among = "= ANY(ARRAY(SELECT o.id FROM walked o))"
    else:
        nodes = list(statement.sight.policy.territories.below(row))
        among = f"= ANY({statement.place(nodes, 'uuid[]')})"
        below, places = f"t.id {among}", places_at(statement.settle("{now}"))
    here = f"t.territory_id {among}"
    before = [
        walked(statement, "Territory", below, root, places),
        "upward AS (SELECT w.id, above.id AS above, above.depth FROM walked w,"
        " unnest(w.path) WITH ORDINALITY above (id, depth))",
    ]
    subjects = Subjects("territory_id", among, rolled=True)
    place = _WHOLE.format("{0}", root=root, places=places)
    aims = f"({here} OR t.territory_id IS NULL AND {place.format('t')} = {root})"
    theirs = f"{aims} AND t.member_id IS NULL AND NOT t.is_vacancy"
    targets = Aims(place.format("t"), theirs, place, rolled=True)
    return before, Whose(subjects, here, targets, "walked s")


def people_of(
    board: Board, given: MappingType[str, Any], condition: str = "TRUE"
) -> tuple[list[str], Whose]:
    """Write the CTE `people` of who may have figures there, also who has left; say whose it is.

    What somebody has reached stays his when he has left: so people sum to their territory, today
    and on any past day. On a past day they are those whom the caller would have seen then.

    Args:
        board: the board.
        given: the arguments `territory_id` and `org_unit_id`.
        condition: SQL over `t`, a member, besides.
    """
    statement, where = board.statement, [condition]
    filtered = given["territory_id"] or given["org_unit_id"]
    # What is placed in a statement must be in it.
    at = board.at() if board.dated and filtered else None
    if given["territory_id"]:
        territory = found_id(str(given["territory_id"]), "territory") or NO_ROW
        where.append(_in_territory(statement, territory, at))
    if given["org_unit_id"]:
        unit = found_id(str(given["org_unit_id"]), "org_unit") or NO_ROW
        where.append(_in_unit(statement, unit, at))
    here = " AND ".join(where)
    people = people_in_sight(board)
    works = worked(board.day, board.known_at())
    before = [f"people AS (SELECT t.id, t.name, {works} AS works {people} AND {here})"]
    among = "IN (SELECT id FROM people)"
    his = f"t.member_id {among}"
    subjects = Subjects("member_id", among, rolled=False)
    aims = Aims("t.member_id", his)
    return before, Whose(subjects, his, aims, "people s", _STANDS, beside=True)


def below_territory(board: Board, given: MappingType[str, Any], row: str = "t") -> str:
    """Write whether what counts, or a target, is of a territory or one below it as it stood.

    Args:
        board: the board.
        given: the argument `territory_id`; left out, everything is.
        row: the alias of its row.
    """
    if not given["territory_id"]:
        return "TRUE"
    statement = board.statement
    territory = found_id(str(given["territory_id"]), "territory") or NO_ROW
    if not board.dated:
        nodes = list(statement.sight.policy.territories.below(territory))
        return f"{row}.territory_id = ANY({statement.place(nodes, 'uuid[]')})"
    root = statement.place(territory, "uuid")
    return _below(f"{row}.territory_id", "territory_id", places_at(board.at()), root)


def _in_territory(statement: Statement, territory: UUID, at: str | None) -> str:
    """Write whether a member belongs to a territory or one below it, at an instant as it stood."""
    if at is None:
        below = statement.place(list(statement.sight.policy.territories.below(territory)), "uuid[]")
        return f"t.territory_id = ANY({below})"
    return _stood_below("territory_id", places_at(at), statement.place(territory, "uuid"), at)


def _in_unit(statement: Statement, unit: UUID, at: str | None) -> str:
    """Write whether a member belongs to a unit or one below it, at an instant as it stood."""
    if at is None:
        below = statement.place(list(statement.sight.policy.org_units.below(unit)), "uuid[]")
        return f"t.org_unit_id = ANY({below})"
    return _stood_below("org_unit_id", units_at(at), statement.place(unit, "uuid"), at)


def _stood_below(column: str, tree: str, root: str, at: str) -> str:
    return _below(belonged(column, at), column, tree, root)


def _below(place: str, column: str, tree: str, root: str) -> str:
    return (
        f"{place} IN (WITH RECURSIVE there (id) AS (SELECT {root} UNION"
        f" SELECT p.{column} FROM there a JOIN {tree} p ON p.parent_id = a.id)"
        " SELECT id FROM there)"
    )
