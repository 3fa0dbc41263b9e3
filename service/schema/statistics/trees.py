"""Trees read whole: every node once, depth-first, with its depth and the node above it."""

from collections.abc import Callable, Sequence
from collections.abc import Mapping as MappingType
from datetime import date
from typing import Annotated, Any, Final, TypeAlias, TypeVar

import strawberry

from service.database.session import Row
from service.errors import InvalidInput
from service.organisation.territory_tree import places_at
from service.organisation.unit_tree import units_at
from service.policies.access import CompiledTenant
from service.policies.access.trees import Tree
from service.schema.context import Info
from service.schema.costs import BOARD, costs
from service.schema.organisation.types import OrgUnit, Territory
from service.schema.planner.mapping import PLANNED, mapping_of
from service.schema.planner.statements import Statement
from service.schema.planner.unplannable import Unplannable
from service.schema.planner.written import Written
from service.schema.scalars import NO_ROW, found_id
from service.schema.statistics.rows import in_rows, made_of, record_in_row

MOST_NODES: Final = 5_000
MOST_DEPTH: Final = 100
_T = TypeVar("_T")
Write: TypeAlias = Callable[[Statement, MappingType[str, Any], frozenset[str] | None], str]
"""What writes a statement for a caller, from the arguments and the names of what is asked for."""
_ROOT: Final = "The node to begin with; left out, the topmost nodes in the caller's sight."
_DEPTH: Final = "How many levels below the first, 0 to 100; left out, all."
_RootId = Annotated[strawberry.ID | None, strawberry.argument(description=_ROOT)]
_Depth = Annotated[int | None, strawberry.argument(description=_DEPTH)]


@in_rows
@strawberry.type(description="A node of the company tree, as it stands in the tree.")
class OrgUnitTreeNode:
    org_unit: OrgUnit | None = record_in_row("OrgUnit", "The unit.")
    parent: OrgUnit | None = record_in_row(
        "OrgUnit", "The node above it in this answer; null at the top of it."
    )
    depth: int = strawberry.field(description="Levels below the top of this answer, which is 0.")
    child_count: int = strawberry.field(
        description="How many nodes are right below it, also where `depth` leaves them out."
    )


@in_rows
@strawberry.type(description="A node of the territory tree, as it stands in the tree.")
class TerritoryTreeNode:
    territory: Territory | None = record_in_row("Territory", "The territory.")
    parent: Territory | None = record_in_row(
        "Territory", "The node above it in this answer; null at the top of it."
    )
    depth: int = strawberry.field(description="Levels below the top of this answer, which is 0.")
    child_count: int = strawberry.field(
        description="How many nodes are right below it, also where `depth` leaves them out."
    )


def walked(
    statement: Statement,
    target: str,
    condition: str,
    root: str | None,
    places: str | None = None,
) -> str:
    """Write the CTEs `seen` and `walked`: a tree's nodes in sight, and the walk through them.

    A node whose parent is out of sight is a top. `walked` has the ids from the top down to the
    node in `path`, and what orders a depth-first walk in `place`.

    Args:
        statement: the statement.
        target: the node's type, by GraphQL name.
        condition: SQL over `t` that nodes satisfy besides.
        root: the kind of id and the id to begin with; None begins with every top.
        places: SQL of the rows that say where the nodes stand, where they do not say it
            themselves: node, parent and position.
    """
    rows = f"{statement.rows_of(mapping_of(target))} AND {condition}"
    seen = f"SELECT t.id, t.parent_id, t.code {rows}"
    if places is not None:
        seen = (
            "SELECT n.id, p.parent_id, to_char(p.position, 'FM000000') || n.code AS code"
            f" FROM (SELECT t.id, t.code {rows}) n JOIN {places} p (node, parent_id, position)"
            " ON p.node = n.id"
        )
    top = "NOT EXISTS (SELECT FROM seen above WHERE above.id = s.parent_id)"
    return (
        f"RECURSIVE seen AS ({seen}),"
        " walked AS (SELECT s.id, NULL::uuid AS parent_id, 0 AS depth,"
        " ARRAY[s.id] AS path, ARRAY[s.code] AS place"
        f" FROM seen s WHERE {top if root is None else f's.id = {root}'}"
        " UNION ALL"
        " SELECT s.id, s.parent_id, w.depth + 1, w.path || s.id, w.place || s.code"
        f" FROM walked w JOIN seen s ON s.parent_id = w.id WHERE w.depth < {MOST_DEPTH})"
    )


def nodes_of(
    statement: Statement,
    target: str,
    kind: str,
    condition: str,
    given: MappingType[str, Any],
    *,
    places: str | None = None,
) -> str:
    """Write the whole statement of a tree.

    Args:
        statement: the statement.
        target: the node's type, by GraphQL name.
        kind: the word of its ids, which names its column too.
        condition: SQL over `t` that nodes satisfy besides.
        given: the arguments `root_id` and `depth`.
        places: SQL of the rows that say where the nodes stand, as `walked` takes them.

    Raises:
        InvalidInput: the depth is none.
    """
    levels, root_id = checked_depth(given.get("depth")), given.get("root_id")
    most = statement.place(MOST_DEPTH if levels is None else levels, "integer")
    # A malformed id is the id of nothing.
    root = statement.place(found_id(str(root_id), kind), "uuid") if root_id else None
    return (
        f"WITH {walked(statement, target, condition, root, places)}"
        f" SELECT w.id AS {kind}, w.parent_id AS parent, w.depth,"
        " coalesce(c.n, 0)::integer AS child_count"
        " FROM walked w LEFT JOIN (SELECT s.parent_id, count(*) AS n FROM seen s GROUP BY 1) c"
        f" ON c.parent_id = w.id WHERE w.depth <= {most}"
        f" ORDER BY w.place, w.id LIMIT {MOST_NODES + 1}"
    )


def whole(rows: Sequence[Row]) -> Sequence[Row]:
    """Return a tree's rows.

    Raises:
        InvalidInput: there are more than an answer may hold.
    """
    if len(rows) > MOST_NODES:
        raise InvalidInput(expected="NODES_AT_MOST", most=MOST_NODES, field=("depth",))
    return rows


def checked_depth(depth: int | None) -> int | None:
    """Return a depth asked for; None is all levels.

    Raises:
        InvalidInput: it is no depth.
    """
    if not isinstance(depth, int):
        return None
    if not 0 <= depth <= MOST_DEPTH:
        raise InvalidInput(expected="FROM_TO", least=0, most=MOST_DEPTH, field=("depth",))
    return depth


def _written_units(
    statement: Statement, given: MappingType[str, Any], _asked: frozenset[str] | None
) -> str:
    day = given.get("day")
    on = statement.place(day, "date") if day else _today(statement)
    valid = f"t.valid_from <= {on} AND (t.valid_until IS NULL OR t.valid_until > {on})"
    # Where units stood before they were moved is kept; one that was made later was put first there.
    places = f"(SELECT u.*, 0 FROM {units_at(_end_of(statement, day))} u)" if day else None
    return nodes_of(statement, "OrgUnit", "org_unit", valid, given, places=places)


def _written_territories(
    statement: Statement, given: MappingType[str, Any], _asked: frozenset[str] | None
) -> str:
    condition = "TRUE" if given["retired"] else "t.retired_at IS NULL"
    places = _places(statement, given.get("model_id"), given.get("day"))
    return nodes_of(statement, "Territory", "territory", condition, given, places=places)


def _places(statement: Statement, model_id: object, day: date | None) -> str:
    """Write the places of the model named, or of the one in force now or at the end of a day."""
    if not model_id:
        if not day:
            return places_at(statement.settle("{now}"))
        return places_at(_end_of(statement, day))
    model = statement.place(found_id(str(model_id), "territory_model") or NO_ROW, "uuid")
    rows = statement.rows_of(mapping_of("TerritoryPlace"))
    return (
        f"(SELECT t.territory_id, t.parent_id, t.position {rows}"
        f" AND t.territory_model_id = {model})"
    )


def _in_force_now(
    statement: Statement, given: MappingType[str, Any], asked: frozenset[str] | None
) -> str:
    """Write the tree of now; how many nodes another has is known only once it is read.

    Raises:
        Unplannable: another is asked for.
    """
    if given.get("model_id") or given.get("day"):
        raise Unplannable("ARGUMENT", "day")
    return _written_territories(statement, given, asked)


def in_bounds(write: Write, tree: Callable[[CompiledTenant], Tree]) -> Write:
    """Let a statement be planned only where its tree cannot have more nodes than an answer may.

    Otherwise the rows are counted before they are shown, which a planned answer is not.
    """

    def planned(
        statement: Statement, given: MappingType[str, Any], asked: frozenset[str] | None
    ) -> str:
        if len(tree(statement.sight.policy).order) > MOST_NODES:
            raise Unplannable("ARGUMENT", "depth")
        return write(statement, given, asked)

    return planned


@strawberry.type
class TreesQuery:
    @strawberry.field(
        description="The company tree in depth-first order, brothers by code, as far as it is in"
        " the caller's sight; at most 5,000 nodes, more are refused. `parent { id }` gives the"
        " shape.",
        metadata={
            PLANNED: Written(in_bounds(_written_units, lambda policy: policy.org_units)),
            **costs(BOARD),
        },
    )
    async def org_unit_tree(
        self,
        info: Info,
        root_id: _RootId = None,
        depth: _Depth = None,
        day: Annotated[
            date | None,
            strawberry.argument(description="The tree of that day; left out, today's."),
        ] = None,
    ) -> list[OrgUnitTreeNode]:
        given = {"root_id": root_id, "depth": depth, "day": day}
        return await _read(info, OrgUnitTreeNode, _written_units, given)

    @strawberry.field(
        description="The territory tree in depth-first order, brothers by position and code, as far"
        " as it is in the caller's sight; at most 5,000 nodes, more are refused. `parent { id }`"
        " gives the shape.",
        metadata={
            PLANNED: Written(in_bounds(_in_force_now, lambda policy: policy.territories)),
            **costs(BOARD),
        },
    )
    async def territory_tree(
        self,
        info: Info,
        root_id: _RootId = None,
        depth: _Depth = None,
        *,
        retired: Annotated[
            bool, strawberry.argument(description="Whether retired territories are shown too.")
        ] = False,
        day: Annotated[
            date | None,
            strawberry.argument(
                description="The tree as it stands at the end of that day, a past one or one to"
                " come; left out, now."
            ),
        ] = None,
        model_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="The tree of that territory model, be it in force or not; of a draft"
                " out of sight nothing is shown. Left out, of the model in force."
            ),
        ] = None,
    ) -> list[TerritoryTreeNode]:
        given = {
            "root_id": root_id,
            "depth": depth,
            "retired": retired,
            "day": day,
            "model_id": model_id,
        }
        return await _read(info, TerritoryTreeNode, _written_territories, given)


async def _read(info: Info, kind: type[_T], write: Write, given: MappingType[str, Any]) -> list[_T]:
    reader = await info.context.reader()
    rows = await reader.fetch(lambda statement: write(statement, given, reader.asked))
    return [made_of(kind, dict(row)) for row in whole(rows)]


def _end_of(statement: Statement, day: date) -> str:
    zone = statement.place(statement.sight.tenant.time_zone, "text")
    next_day = f"({statement.place(day, 'date')} + 1)::timestamp AT TIME ZONE {zone}"
    return f"({next_day} - interval '1 millisecond')"


def _today(statement: Statement) -> str:
    zone = statement.place(statement.sight.tenant.time_zone, "text")
    return statement.settle(f"({{now}} AT TIME ZONE {zone})::date")
