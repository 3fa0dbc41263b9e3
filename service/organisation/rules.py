"""What a change of rights must never do: bring apart duties together, lock the company out. Pure.

The cross-cutting rules of the roles page: separation of duties (c), union of positions (d).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from service.policies.access import (
    Actor,
    CompiledTenant,
    DutyConflict,
    Holding,
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
class Office:
    """What a member holds, or holds in another's place, from an instant until another (None: open).

    Attributes:
        signs_in: he has a way to sign in; who has none puts nothing right.
    """

    member_id: UUID
    holding: Holding
    begins: datetime
    ends: datetime | None
    signs_in: bool = True

    def counts(self, at: datetime) -> bool:
        """Say whether it is held at an instant."""
        return self.begins <= at and (self.ends is None or at < self.ends)


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
    """Return the first action of KEEPERS no single actor has together with the others, or None.

    What an actor holds in another's place forbids him, and gives him nothing here: it ends.
    """
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
    return not forbidden and policy.check(own_rights(actor), action, Record()).allowed


def own_rights(actor: Actor) -> Actor:
    """Return the actor without what he holds for others."""
    return replace(actor, holdings=tuple(h for h in actor.holdings if h.acts_as is None))


def locked_out(policy: CompiledTenant, offices: Sequence[Office], now: datetime) -> str | None:
    """Return what nobody who can sign in would keep at some instant from now on, or None.

    Duties change by command, which is judged again; offices begin and end by the clock alone. So
    every instant at which one of a possible keeper's does is looked at, and who holds an office
    only until a day leaves somebody behind him or nobody.
    """
    held: dict[UUID, list[Office]] = {}
    for office in offices:
        if office.signs_in:
            held.setdefault(office.member_id, []).append(office)
    possible = {who: his for who, his in held.items() if _might_keep(policy, his)}
    for at in _changes([office for his in possible.values() for office in his], now):
        lost = lost_keeper(policy, [_at(policy, his, at) for his in possible.values()])
        if lost is not None:
            return lost
    return None


def taken_later(
    before: CompiledTenant,
    after: CompiledTenant,
    offices: tuple[Sequence[Office], Sequence[Office]],
    now: datetime,
) -> str | None:
    """Return what one member would lose at some later instant and would have had but for a change.

    Args:
        before: the duties without the change.
        after: the duties with it.
        offices: his offices without the change, and with it.
        now: later instants are looked at.
    """
    held, holds = offices
    for at in _changes([*held, *holds], now):
        lost = lost_keeper(after, [_at(after, holds, at)])
        if lost is not None and lost_keeper(before, [_at(before, held, at)]) is None:
            return lost
    return None


def _might_keep(policy: CompiledTenant, offices: Iterable[Office]) -> bool:
    own = [office.holding.role for office in offices if office.holding.acts_as is None]
    return all(
        any(
            grants.allows
            for role in own
            if (grants := policy.by_role.get((role, action))) is not None
        )
        for action in KEEPERS
    )


def _changes(offices: Iterable[Office], now: datetime) -> list[datetime]:
    ends = (at for office in offices for at in (office.begins, office.ends))
    return sorted({now, *(at for at in ends if at is not None and at > now)})


def _at(policy: CompiledTenant, offices: Iterable[Office], at: datetime) -> Actor:
    counting = [office for office in offices if office.counts(at)]
    member_id = counting[0].member_id if counting else UUID(int=0)
    return Actor(policy.tenant_id, member_id, tuple(office.holding for office in counting))


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
