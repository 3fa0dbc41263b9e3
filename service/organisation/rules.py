"""What a change of rights must never do: bring apart duties together, lock the company out. Pure.

The cross-cutting rules of the roles page: separation of duties (c), union of positions (d).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from service.policies.access import (
    Actor,
    CompiledTenant,
    DutyConflict,
    Record,
    Scope,
    conflicting_duties,
)
from service.policies.access.roles import everything_included

KEEPERS: Final = (
    "role.edit",
    "duty.edit",
    "assignment.create",
    "role.view",
    "duty.view",
    "member.view",
    "assignment.view",
    "assignment.end",
)
"""What at least one member must always have for the whole company: with these every other right
can be given back. Who may write but sees no roles, duties, members or offices finds nothing to
write."""

_OF_MANY: Final = frozenset({Scope.TEAM, Scope.TERRITORY, Scope.TENANT})


@dataclass(frozen=True, slots=True)
class RolesTogether:
    """That some member holds two roles at one time."""

    member: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two duties that must stay apart, and who would hold both: a role's code or a member's name.

    `role` is None when one member's roles together bring them about.
    """

    role: str | None
    member: str | None
    first: str
    second: str


def conflicts(
    role_duties: Mapping[str, Collection[str]],
    role_includes: Mapping[str, Collection[str]],
    pairs: Collection[tuple[str, str]],
    held_together: Iterable[RolesTogether],
) -> tuple[Conflict, ...]:
    """Return every pair that a role, or a member by two roles at one time, would hold whole.

    Raises:
        RoleCycle: roles include one another in a circle; the compiled policy says so first.
    """
    alone: tuple[DutyConflict, ...] = conflicting_duties(role_duties, pairs, role_includes)
    found = [Conflict(one.role, None, one.first, one.second) for one in alone]
    included = everything_included(role_includes)

    def duties(role: str) -> set[str]:
        roles = (role, *included.get(role, ()))
        return {duty for one in roles for duty in role_duties.get(one, ())}

    for both in held_together:
        union = duties(both.first) | duties(both.second)
        found += [
            Conflict(None, both.member, first, second)
            for first, second in pairs
            if {first, second} <= union
        ]
    return tuple(found)


def lost_keeper(policy: CompiledTenant, actors: Iterable[Actor]) -> str | None:
    """Return the first action of KEEPERS no single actor has together with the others, or None."""
    best: tuple[str, ...] = ()
    for actor in actors:
        kept = tuple(action for action in KEEPERS if _for_the_company(policy, actor, action))
        if len(kept) == len(KEEPERS):
            return None
        best = max(best, kept, key=len)
    return next(action for action in KEEPERS if action not in best)


def _for_the_company(policy: CompiledTenant, actor: Actor, action: str) -> bool:
    """Say whether he has an action everywhere: a prohibition for a part takes that part away.

    One for his own records, or for what he requested, does not: there another may stand in.
    """
    forbidden = any(
        deny.scope in _OF_MANY
        for _, grants in policy.applying(actor, action)
        for deny in grants.denies
    )
    return not forbidden and policy.check(actor, action, Record()).allowed


def circles(parents: Mapping[UUID, UUID | None], node: UUID, parent: UUID | None) -> bool:
    """Say whether a node would come to lie below itself under a new parent."""
    seen = {node}
    above = parent
    while above is not None:
        if above in seen:
            return True
        seen.add(above)
        above = parents.get(above)
    return False
