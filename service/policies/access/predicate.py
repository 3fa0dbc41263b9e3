"""The same grants as a condition for a statement: which rows may the actor see or touch.

Values are parameters only, sub-trees are resolved to arrays of ids, and only the expressions of
`RecordColumns` come in as text. The wall between tenants is not here: every statement carries
its own tenant predicate.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from service.policies.access.subjects import (
    Actor,
    Holding,
    Predicate,
    RecordColumns,
    Scope,
    Way,
)
from service.policies.access.table import Grant, Table

_TRUE: Final = "TRUE"
NEVER: Final = Predicate("(FALSE)")
# A page is read from each way's own index and merged. Beyond so many ids of a tree's nodes, the
# rows are too large a share of the tenant's for that to be less than reading them in order.
_MOST_IDS: Final = 64


@dataclass(slots=True)
class _Reach:
    """What several grants cover together; dictionaries are sets that keep their order."""

    everything: bool = False
    owners: dict[UUID, None] = field(default_factory=dict)
    org_units: dict[UUID, None] = field(default_factory=dict)
    territories: dict[UUID, None] = field(default_factory=dict)
    requesters: dict[UUID, None] = field(default_factory=dict)

    def add(self, table: Table, grant: Grant, actor: Actor, holding: Holding) -> None:
        scope = grant.scope
        if scope is Scope.REQUESTED:
            self.requesters.update(dict.fromkeys(actor.stood_for()))
            return
        if scope is Scope.TENANT:
            self.everything = True
            return
        self.owners[holding.acts_as or actor.member_id] = None
        if scope is not Scope.OWN and holding.org_unit_id is not None:
            below = table.org_units.below(holding.org_unit_id)
            self.org_units.update(dict.fromkeys(below))
        if scope is Scope.TERRITORY and holding.territory_id is not None:
            below = table.territories.below(holding.territory_id)
            self.territories.update(dict.fromkeys(below))


@dataclass(slots=True)
class _Statement:
    """Collects the values while the text is written."""

    columns: RecordColumns
    next_number: int
    parameters: list[object] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    countless: bool = False

    def place(self, value: object) -> str:
        self.parameters.append(value)
        self.next_number += 1
        return f"${self.next_number - 1}"

    def one_of(self, column: str | None, ids: Iterable[UUID]) -> str | None:
        wanted = list(ids)
        if column is None or not wanted:
            return None
        # Equality for a single id, and not an array of one: only so can an index that continues
        # with the list's order be read in order.
        self.ways.append(Way(column, len(self.parameters), len(wanted) > 1))
        self.countless = self.countless or len(wanted) > _MOST_IDS
        if len(wanted) == 1:
            return f"{column} = {self.place(wanted[0])}::uuid"
        return f"{column} = ANY({self.place(wanted)}::uuid[])"

    def any_of(self, reach: _Reach) -> str | None:
        """Write what a reach covers; None when it can cover no row of this table."""
        if reach.everything:
            return _TRUE
        columns = self.columns
        parts = (
            self.one_of(columns.owner, reach.owners),
            self.one_of(columns.org_unit, reach.org_units),
            self.one_of(columns.territory, reach.territories),
            self.one_of(columns.requester, reach.requesters),
        )
        written = [part for part in parts if part is not None]
        return " OR ".join(written) or None


_Limit = tuple[str, int] | None


def rows_allowed(
    table: Table, actor: Actor, action: str, columns: RecordColumns, first_parameter: int
) -> Predicate:
    """Return the condition under which the actor may do this to a row; for WHERE and JOIN.

    It is true exactly where `check` allows. Elsewhere it is false or NULL, which WHERE treats
    alike and an index can use; where a plain true or false is needed, take `row_allowed`.
    """
    allows, denies = _gather(table, actor, action)
    if not allows or denies.everything:
        return NEVER
    statement = _Statement(columns, first_parameter)
    allowed = _written_allows(statement, allows)
    if allowed is None:
        return NEVER
    denied = statement.any_of(denies)
    if denied is None:
        mere = allows.keys() == {None} and allowed != _TRUE and not statement.countless
        ways = tuple(statement.ways) if mere else ()
        return Predicate(f"({allowed})", tuple(statement.parameters), ways)
    # Without the coalesce a row without owner, territory or requester would make the deny NULL,
    # its negation NULL too, and the row would be lost.
    sql = f"(({allowed}) AND NOT coalesce({denied}, FALSE))"
    return Predicate(sql, tuple(statement.parameters))


def row_allowed(
    table: Table, actor: Actor, action: str, columns: RecordColumns, first_parameter: int
) -> Predicate:
    """Return the same as an expression that is never NULL: for CASE and for the select list."""
    found = rows_allowed(table, actor, action, columns, first_parameter)
    return Predicate(f"coalesce({found.sql}, FALSE)", found.parameters)


def _gather(table: Table, actor: Actor, action: str) -> tuple[dict[_Limit, _Reach], _Reach]:
    allows: dict[_Limit, _Reach] = {}
    denies = _Reach()
    if action in table.everyone:
        denies.requesters.update(dict.fromkeys(actor.stood_for()))
    for holding, grants in table.applying(actor, action):
        for grant in grants.denies:
            denies.add(table, grant, actor, holding)
        for grant in grants.allows:
            limit = None if grant.limit_field is None else (grant.limit_field, grant.at_most)
            allows.setdefault(limit, _Reach()).add(table, grant, actor, holding)
    return allows, denies


def _written_allows(statement: _Statement, allows: dict[_Limit, _Reach]) -> str | None:
    free = allows.get(None)
    if free is not None and free.everything:
        return _TRUE
    parts: Sequence[str | None] = [
        _written_allow(statement, limit, reach) for limit, reach in allows.items()
    ]
    return " OR ".join(part for part in parts if part is not None) or None


def _written_allow(statement: _Statement, limit: _Limit, reach: _Reach) -> str | None:
    if limit is None:
        return statement.any_of(reach)
    figure = statement.columns.figures.get(limit[0])
    if figure is None:
        return None
    covered = statement.any_of(reach)
    if covered is None:
        return None
    return f"({figure} <= {statement.place(limit[1])}::bigint AND ({covered}))"
