"""Static separation of duties: pairs that no single role may hold."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from service.policies.access.roles import everything_included

_NONE: Final[Mapping[str, Collection[str]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class DutyConflict:
    """A role that would hold both duties of a pair which must stay apart."""

    role: str
    first: str
    second: str


def conflicting_duties(
    role_duties: Mapping[str, Collection[str]],
    pairs: Iterable[tuple[str, str]],
    role_includes: Mapping[str, Collection[str]] = _NONE,
) -> tuple[DutyConflict, ...]:
    """Return every pair that some role holds whole, through included roles too, ordered by role.

    Asked when a role or a pair is saved. The dynamic half, nobody decides what he has requested
    himself, is the policy row for `*`.

    Raises:
        RoleCycle: roles include one another in a circle; `check_roles` says so first.
    """
    included = everything_included(role_includes)
    apart = tuple(pairs)
    found: list[DutyConflict] = []
    for role in sorted({*role_duties, *role_includes}):
        roles = (role, *included.get(role, ()))
        duties = {duty for one in roles for duty in role_duties.get(one, ())}
        found += [DutyConflict(role, a, b) for a, b in apart if a in duties and b in duties]
    return tuple(found)
