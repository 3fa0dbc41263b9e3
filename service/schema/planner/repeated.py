"""What a field's arguments came to, kept for whoever asks the same again.

The SQL of a roll-up or a board hangs on the caller's rights and on the arguments, so it is written
for each of them: a tenth of a millisecond. A board on the wall asks the same every few seconds.
"""

from datetime import datetime
from typing import Any, Final, NamedTuple, TypeAlias
from uuid import UUID

from service.policies.access import Actor, CompiledTenant
from service.schema.planner.access import Access
from service.schema.planner.cache import Kept
from service.schema.planner.plan import Asked, Asking
from service.schema.planner.statements import Statement, Viewpoint
from service.work import TenantFacts

MOST: Final = 128
# Characters of arguments: two hundred ids fit. What is longer, up to a whole request, would make
# megabytes of a hundred kept questions, and is no board on a wall.
LONGEST: Final = 16_000
_INSTANT: Final = object()
"""Stands among the values for the instant of the reading, which is another each time."""


class _Still:
    """A caller's viewpoint that takes note when its instant itself is looked at."""

    def __init__(self, viewpoint: Viewpoint) -> None:
        self.tenant_id: UUID = viewpoint.tenant_id
        self.actor: Actor = viewpoint.actor
        self.policy: CompiledTenant = viewpoint.policy
        self.tenant: TenantFacts = viewpoint.tenant
        self.looked_at = False
        self._now = viewpoint.now

    @property
    def now(self) -> datetime:
        """The instant of the reading."""
        self.looked_at = True
        return self._now


class Collected(Statement):
    """A statement that only collects: its text is the shape, its values are bound.

    It knows which of the values are the instant of the reading, and whether its text may hang on
    that instant besides.
    """

    def __init__(self, viewpoint: Viewpoint, locale: str, access: Access) -> None:
        still = _Still(viewpoint)
        super().__init__(still, locale, access)
        self._settings["now"] = _INSTANT
        still.looked_at = False
        self._still = still
        self._now = viewpoint.now

    @property
    def lasts(self) -> bool:
        """Whether it reads the same at another instant."""
        return not self._still.looked_at

    @property
    def instants(self) -> tuple[int, ...]:
        """The places of its values, the tenant left out, that are the instant of the reading."""
        values = self.parameters[1:]
        return tuple(place for place, value in enumerate(values) if value is _INSTANT)

    @property
    def values(self) -> tuple[object, ...]:
        """Its values, the tenant left out."""
        return tuple(self._now if one is _INSTANT else one for one in self.parameters[1:])


class _Kept(NamedTuple):
    access: Access
    asking: Asking
    asked: Asked
    instants: tuple[int, ...]


_Key: TypeAlias = tuple[int, int, str, str]


class Repeated:
    """What was written last; a caller's goes with what he was known as."""

    def __init__(self) -> None:
        self._kept: Kept[_Key, _Kept] = Kept(MOST)

    @staticmethod
    def key(access: Access, asking: Asking, locale: str, arguments: Any) -> _Key:  # noqa: ANN401 - plain values
        """Return what it is found again by; 1 equals true and 1.0, and is written otherwise."""
        return id(access), id(asking), locale, repr(arguments)

    def get(self, key: _Key, access: Access, asking: Asking, now: datetime) -> Asked | None:
        """Return what the arguments came to, for an instant."""
        known = self._kept.get(key)
        # An identity may have been another's, whose conditions were others.
        if known is None or known.access is not access or known.asking is not asking:
            return None
        if not known.instants:
            return known.asked
        values = list(known.asked.values)
        for place in known.instants:
            values[place] = now
        return known.asked._replace(values=tuple(values))

    def put(self, key: _Key, statement: Collected, asking: Asking, asked: Asked) -> Asked:
        """Keep what arguments of no great length came to, if it is so at any instant."""
        if statement.lasts and len(key[-1]) <= LONGEST:
            self._kept.put(key, _Kept(statement.access, asking, asked, statement.instants))
        return asked
