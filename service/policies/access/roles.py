"""Roles that include roles: the closure a table is compiled from."""

from collections.abc import Collection, Iterator, Mapping


class RoleCycle(Exception):
    """Roles include one another in a circle; Casbin's own role manager accepts it."""

    def __init__(self, roles: tuple[str, ...]) -> None:
        super().__init__(" → ".join(roles))
        self.roles = roles


def everything_included(includes: Mapping[str, Collection[str]]) -> dict[str, frozenset[str]]:
    """Return for each role all roles it includes at any depth, without itself.

    Raises:
        RoleCycle: a role includes itself, directly or through others; names the circle.
    """
    reach: dict[str, frozenset[str]] = {}
    for role in includes:
        # Not recursive and of any depth: Casbin cuts chains of more than ten links.
        path: dict[str, Iterator[str]] = {}
        if role not in reach:
            path[role] = iter(includes[role])
        while path:
            current = next(reversed(path))
            included = next(path[current], None)
            if included is None:
                path.popitem()
                direct = frozenset(includes.get(current, ()))
                reach[current] = direct.union(*(reach[below] for below in direct))
            elif included in path:
                names = list(path)
                raise RoleCycle((*names[names.index(included) :], included))
            elif included not in reach:
                path[included] = iter(includes.get(included, ()))
    return reach
