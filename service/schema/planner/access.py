"""What one caller may see and touch, as conditions that are written once and then kept.

Every table reference of every statement takes its conditions from here, whoever writes it: so a
row that a list hides is hidden behind every relation, filter and figure too.
"""

from collections.abc import Callable
from typing import Final

from service.policies.access import NEVER, Actor, CompiledTenant, Predicate, RecordColumns

_FIRST: Final = 1
_Write = Callable[[Actor, str, RecordColumns, int], Predicate]


class Access:
    """One caller's conditions, each written at its first use; numbered from `$1`."""

    def __init__(self, actor: Actor, policy: CompiledTenant) -> None:
        self.actor = actor
        self.policy = policy
        # By identity: the places are constants of the mappings, and they live as long as these.
        self._known: dict[tuple[str, int, bool], tuple[RecordColumns, Predicate]] = {}

    def condition(self, action: str, scope: RecordColumns, *, plain: bool) -> Predicate:
        """Return the condition under which the caller may do `action` to a row."""
        key = (action, id(scope), plain)
        known = self._known.get(key)
        if known is None:
            write: _Write = self.policy.mask if plain else self.policy.predicate
            known = self._known[key] = (scope, write(self.actor, action, scope, _FIRST))
        return known[1]

    def reaches_others(self, action: str, scope: RecordColumns) -> bool:
        """Tell whether the caller may do `action` to other people's rows."""
        allowed = self.condition(action, scope, plain=False)
        if allowed.sql == NEVER.sql:
            return False
        # Who sees his own alone reads nobody else's; who stands in for a colleague alone, only his.
        mine = (self.actor.member_id,)
        return allowed.sql != f"({scope.owner} = ${_FIRST}::uuid)" or allowed.parameters != mine
