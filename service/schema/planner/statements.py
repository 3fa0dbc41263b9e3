"""SQL from mappings: every table reference with tenant predicate, actor's predicate and masks."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple, Protocol
from uuid import UUID

from service.database.tables import Table
from service.policies.access import NEVER, Actor, CompiledTenant, Predicate, RecordColumns, Way
from service.schema.planner.access import Access
from service.schema.planner.mapping import (
    Actions,
    Amount,
    Column,
    Item,
    Mapping,
    Masked,
    MaskedFields,
    Names,
    ToOne,
)
from service.schema.planner.naming import Naming
from service.work import TenantFacts

_NUMBER: Final = re.compile(r"\$(\d+)")
_PLACE: Final = re.compile(r"\{(now|me|locale)\}")
_KINDS: Final = {"now": "timestamptz", "me": "uuid", "locale": "text"}
_ANYWHERE: Final = "TRUE"


def renumbered(sql: str, numbers: Sequence[str]) -> str:
    """Give the `$1`… of a text other parameters."""
    return _NUMBER.sub(lambda found: numbers[int(found[1]) - 1], sql)


@cache
def has_index(table: type[Table], *expressions: str) -> bool:
    """Tell whether a table has an index that begins with its tenant and these columns of `t`."""
    wanted = ["tenant_id", *(one.removeprefix("t.").strip('"') for one in expressions)]
    indexes: Any = table.__table__.indexes
    return any(
        [str(one).split(" ")[0].rpartition(".")[2] for one in index.expressions][: len(wanted)]
        == wanted
        for index in indexes
        if index.dialect_options["postgresql"]["where"] is None
    )


def _in_order(mapping: Mapping, table: type[Table], column: str, key: str) -> bool:
    """Tell whether an index has the rows that one column gives in a key's order."""
    naming = mapping.mine.get(column)
    if naming is None:
        return has_index(table, column, key)
    named = naming.orders.get(key)
    return named is not None and has_index(naming.table, "member_id", named, naming.record)


@dataclass(frozen=True, slots=True)
class WayIn:
    """One way to the rows in sight, which one index serves.

    Attributes:
        source: what stands before the table after FROM, if the way goes through several values.
        condition: over `t`, and over `source`.
        naming: the table whose lines `m` lead to the rows, if they are reached by it.
    """

    source: str
    condition: str
    naming: Naming | None = None


class _Reached(NamedTuple):
    """A way to a type's rows: by which permission, where in the row, and which of them only."""

    action: str
    scope: RecordColumns
    predicate: Predicate
    way: Way
    when: str


def _asked(mapping: Mapping, action: str) -> Iterator[tuple[str, RecordColumns, str]]:
    """Yield what is asked of who reads a type: the action, where, and of which rows only."""
    for scope in (mapping.scope, *mapping.also):
        yield action, scope, ""
    for one in mapping.lent:
        yield one.action, one.scope, one.when


class Viewpoint(Protocol):
    """For whom a statement is written, be it in a transaction of his or not."""

    @property
    def tenant_id(self) -> UUID:
        """Whose rows."""

    @property
    def now(self) -> datetime:
        """The instant of the reading."""

    @property
    def actor(self) -> Actor:
        """Who reads, with all he holds at this instant."""

    @property
    def policy(self) -> CompiledTenant:
        """The tenant's compiled duties."""

    @property
    def tenant(self) -> TenantFacts:
        """The tenant's settings."""


class Statement:
    """A statement being written for one caller; `$1` is the tenant.

    Attributes:
        sight: for whom.
        parameters: the values of its `$n`, in order.
        through: types of records that decide what is shown without being shown, where reading
            other people's is written down.
    """

    def __init__(self, sight: Viewpoint, locale: str, access: Access | None = None) -> None:
        self.sight = sight
        self.access = access or Access(sight.actor, sight.policy)
        self.parameters: list[object] = [sight.tenant_id]
        self.through: dict[str, Mapping] = {}
        self._settings: dict[str, object] = {
            "now": sight.now,
            "me": sight.actor.member_id,
            "locale": locale,
        }
        self._places: dict[str, str] = {}

    def look_through(self, mapping: Mapping) -> None:
        """Say that records of a type decide what is shown, as a filter's do."""
        if self.sees_others(mapping):
            self.through[mapping.kind] = mapping

    def sees_others(self, mapping: Mapping) -> bool:
        """Tell whether the caller may read other people's records of a type that is audited."""
        if mapping.audited is None or mapping.scope.owner is None:
            return False
        return self.access.reaches_others(str(mapping.action), mapping.scope)

    def place(self, value: object, kind: str) -> str:
        """Bind a value; returns its typed parameter."""
        return f"{self.number(value)}::{kind}"

    def number(self, value: object) -> str:
        """Bind a value; returns its parameter, whose type the text around it says."""
        self.parameters.append(value)
        return f"${len(self.parameters)}"

    def settle(self, sql: str) -> str:
        """Bind the settings an expression names."""
        return _PLACE.sub(lambda match: self._setting(match[1]), sql)

    def _setting(self, name: str) -> str:
        known = self._places.get(name)
        if known is None:
            known = self._places[name] = self.place(self._settings[name], _KINDS[name])
        return known

    def allowed(self, action: str, scope: RecordColumns) -> str:
        """Write the condition under which the caller may do `action`; for WHERE."""
        return self._granted(action, scope, plain=False)

    def everywhere(self, mapping: Mapping) -> bool:
        """Tell whether the caller may see every row of a type that its own condition shows."""
        if mapping.action is None:
            return True
        condition = self.access.condition(mapping.action, mapping.scope, plain=False)
        return condition.sql.strip("()") == _ANYWHERE

    def masks(self, action: str, mapping: Mapping, scope: RecordColumns | None = None) -> str:
        """Write the same as a plain true or false; for the select list."""
        places = [mapping.scope, *mapping.also] if scope is None else [scope]
        parts = [self._granted(action, place, plain=True) for place in places]
        return self.settle("(" + " OR ".join(parts) + ")")

    def ways_of(self, mapping: Mapping, key: str) -> list[WayIn]:
        """Write the ways to a type's rows in sight, each the head of an index in the key's order.

        None where there is but one condition, or where a way has no such index: many sorted heads
        cost more than one.
        """
        action = mapping.action
        if action is None or mapping.places or mapping.table is None:
            return []
        found: dict[tuple[str, str], _Reached] = {}
        for asked, scope, when in _asked(mapping, action):
            predicate = self.access.condition(asked, scope, plain=False)
            if predicate.sql == NEVER.sql:
                continue
            if not predicate.ways:
                return []
            for way in predicate.ways:
                # A column is reached for the same values, whichever place of the row asks.
                found.setdefault((way.column, when), _Reached(asked, scope, predicate, way, when))
        only = next(iter(found.values())) if len(found) == 1 else None
        if not found or (only is not None and not only.way.many and not only.when):
            return []
        if not all(_in_order(mapping, mapping.table, column, key) for column, _ in found):
            return []
        for asked, scope, _ in _asked(mapping, action):
            # A statement that is kept holds for whose conditions read the same, all of them.
            predicate = self.access.condition(asked, scope, plain=False)
            self._bound(asked, scope, predicate, plain=False)
        return [self._way_in(mapping, one) for one in found.values()]

    def _way_in(self, mapping: Mapping, reached: "_Reached") -> WayIn:
        bound = self._bound(reached.action, reached.scope, reached.predicate, plain=False)
        way, when = reached.way, f" AND {reached.when}" if reached.when else ""
        column, number = self.settle(way.column), bound(way.place)
        naming = mapping.mine.get(way.column)
        if naming is not None:
            he = self.settle("{me}")
            whose = f"{he} = ANY({number}::uuid[])" if way.many else f"{he} = {number}::uuid"
            return WayIn(
                "", f"{whose} AND m.tenant_id = $1 AND m.member_id = (SELECT {he}){when}", naming
            )
        # Unknown while it is planned: whom it is for changes nothing in how an index's head is
        # read, and PostgreSQL would plan anew each time for who has few rows of many.
        if way.many:
            source = f"unnest((SELECT {number}::uuid[])) way (id) CROSS JOIN LATERAL"
            return WayIn(source, f"{column} = way.id{when}")
        return WayIn("", f"{column} = (SELECT {number}::uuid){when}")

    def _granted(self, action: str, scope: RecordColumns, *, plain: bool) -> str:
        predicate = self.access.condition(action, scope, plain=plain)
        bound = self._bound(action, scope, predicate, plain=plain)
        return renumbered(predicate.sql, [bound(n) for n in range(len(predicate.parameters))])

    def _bound(
        self, _action: str, _scope: RecordColumns, predicate: Predicate, *, plain: bool
    ) -> Callable[[int], str]:
        """Return what binds the values of one of the caller's conditions, by their places."""
        del plain
        return lambda place: self.number(predicate.parameters[place])

    def rows_of(self, mapping: Mapping, beside: str = "") -> str:
        """Write FROM and WHERE: the tenant's rows of a type that the caller may see.

        Args:
            mapping: the type's.
            beside: what is joined to each row besides.
        """
        parts = ["t.tenant_id = $1"]
        if mapping.condition:
            parts.append(f"({self.settle(mapping.condition)})")
        if mapping.action is not None:
            parts.append(self._in_sight(mapping, mapping.action))
        return f"FROM {self.settle(mapping.source)}{beside} WHERE {' AND '.join(parts)}"

    def _in_sight(self, mapping: Mapping, action: str) -> str:
        allowed = self.allowed(action, mapping.scope)
        if mapping.also and allowed.strip("()") != _ANYWHERE:
            further = [self.allowed(action, place) for place in mapping.also]
            allowed = f"({' OR '.join([allowed, *further])})"
        if mapping.lent and allowed.strip("()") != _ANYWHERE:
            allowed = f"({' OR '.join([allowed, *self._lent(mapping)])})"
        if not mapping.places or allowed.strip("()") == _ANYWHERE:
            return allowed
        places = self.settle(mapping.places)
        # One empty row stands for a record that is nowhere: its owner may still see it.
        return (
            f"EXISTS (SELECT FROM (SELECT 1) nowhere LEFT JOIN LATERAL ({places}) s ON TRUE"
            f" WHERE {allowed})"
        )

    def _lent(self, mapping: Mapping) -> list[str]:
        """Write what lets further rows be seen by a permission of another name, where it does."""
        found = [(self.allowed(one.action, one.scope), one.when) for one in mapping.lent]
        return [f"({when} AND {allowed})" for allowed, when in found if allowed != NEVER.sql]

    def columns_of(self, mapping: Mapping, asked: frozenset[str] | None) -> str:
        """Write the select list: the key, and every mapped field whose name was asked for."""
        columns = [f't.{mapping.key_column} AS "_id"']
        for name, item in mapping.items.items():
            if asked is None or mapping.asked_as[name] in asked:
                columns += self._selected(mapping, name, item)
        columns += [f'{self.settle(one)} AS "{name}"' for name, one in mapping.hidden.items()]
        if mapping.audited and mapping.scope.owner:
            columns.append(f'{mapping.scope.owner} AS "_owner"')
        return ", ".join(columns)

    def _selected(self, mapping: Mapping, name: str, item: Item) -> Iterable[str]:
        match item:
            case Column(sql=expression) | Names(sql=expression) | ToOne(sql=expression):
                yield f'{self.settle(expression)} AS "{name}"'
            case Amount(amount=minor, currency=currency):
                yield f'{self.settle(minor)} AS "{name}"'
                yield f'{currency} AS "{name}:currency"'
            case Masked(sql=expression, action=action):
                shown = self.masks(action, mapping)
                yield f'CASE WHEN {shown} THEN {self.settle(expression)} END AS "{name}"'
            case MaskedFields(actions=actions):
                words = [
                    f"CASE WHEN NOT {self.masks(action, mapping)} THEN '{word}' END"
                    for word, action in actions.items()
                ]
                yield f'array_remove(ARRAY[{", ".join(words)}]::text[], NULL) AS "{name}"'
            case Actions(possible=possible):
                words = [
                    f"CASE WHEN ({self.settle(one.when)})"
                    f" AND {self.masks(one.action, mapping, one.scope)} THEN '{word}' END"
                    for word, one in possible.items()
                ]
                yield f'array_remove(ARRAY[{", ".join(words)}]::text[], NULL) AS "{name}"'
            case _:
                return
