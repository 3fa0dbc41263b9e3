"""SQL from mappings: every table reference with tenant predicate, actor's predicate and masks."""

import re
from collections.abc import Iterable
from typing import Final

from service.policies.access import Predicate, RecordColumns
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
from service.work import Sight

_PLACE: Final = re.compile(r"\{(now|me|locale)\}")
_KINDS: Final = {"now": "timestamptz", "me": "uuid", "locale": "text"}
_ANYWHERE: Final = "TRUE"


class Statement:
    """A statement being written for one caller; `$1` is the tenant.

    Attributes:
        parameters: the values of its `$n`, in order.
    """

    def __init__(self, sight: Sight, locale: str) -> None:
        self.sight = sight
        self.parameters: list[object] = [sight.tenant_id]
        self._settings = {"now": sight.now, "me": sight.actor.member_id, "locale": locale}
        self._places: dict[str, str] = {}

    def place(self, value: object, kind: str) -> str:
        """Bind a value; returns its typed parameter."""
        self.parameters.append(value)
        return f"${len(self.parameters)}::{kind}"

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
        first = len(self.parameters) + 1
        return self._taken(self.sight.policy.predicate(self.sight.actor, action, scope, first))

    def masks(self, action: str, mapping: Mapping, scope: RecordColumns | None = None) -> str:
        """Write the same as a plain true or false; for the select list."""
        if scope is None and mapping.also is not None:
            places = [mapping.scope, mapping.also]
        else:
            places = [scope or mapping.scope]
        parts: list[str] = []
        for place in places:
            first = len(self.parameters) + 1
            parts.append(
                self._taken(self.sight.policy.mask(self.sight.actor, action, place, first))
            )
        return self.settle("(" + " OR ".join(parts) + ")")

    def _taken(self, predicate: Predicate) -> str:
        self.parameters += predicate.parameters
        return predicate.sql

    def rows_of(self, mapping: Mapping) -> str:
        """Write FROM and WHERE: the tenant's rows of a type that the caller may see."""
        parts = ["t.tenant_id = $1"]
        if mapping.condition:
            parts.append(f"({self.settle(mapping.condition)})")
        if mapping.action is not None:
            parts.append(self._in_sight(mapping, mapping.action))
        return f"FROM {self.settle(mapping.source)} WHERE {' AND '.join(parts)}"

    def _in_sight(self, mapping: Mapping, action: str) -> str:
        allowed = self.allowed(action, mapping.scope)
        if mapping.also is not None and allowed.strip("()") != _ANYWHERE:
            allowed = f"({allowed} OR {self.allowed(action, mapping.also)})"
        if not mapping.places or allowed.strip("()") == _ANYWHERE:
            return allowed
        places = self.settle(mapping.places)
        # One empty row stands for a record that is nowhere: its owner may still see it.
        return (
            f"EXISTS (SELECT FROM (SELECT 1) nowhere LEFT JOIN LATERAL ({places}) s ON TRUE"
            f" WHERE {allowed})"
        )

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
                yield f'{minor} AS "{name}"'
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
