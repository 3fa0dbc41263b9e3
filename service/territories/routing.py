"""Where a new customer, and the work on a customer, stands by the territories in force.

The conditions of a model are read and typed once, and kept by the process until the tenant's rights
change (every change of what is in force is such a change) or the clock brings another model in
force: whoever receives a customer evaluates them without a statement of his own.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from service.policies.rulebooks.vocabulary.kinds import Value
from service.territories import belonging
from service.territories.belonging import Drawing
from service.territories.rules import membership
from service.work import Sight

_MOST_TENANTS: Final = 1024

# When the clock alone brings another model in force.
_NEXT: Final = """
SELECT least(
    (SELECT min(a.active_from) FROM app.territory_activation a
     WHERE a.tenant_id = $1 AND a.active_from > $2),
    (SELECT min(a.active_until) FROM app.territory_activation a
     WHERE a.tenant_id = $1 AND a.active_until > $2))
"""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was read of a tenant, and how long it holds.

    Attributes:
        answers: where those belong of whom the same is known: of newcomers little is, so there are
            few of them.
    """

    version: int
    since: datetime
    until: datetime | None
    drawn: Drawing | None
    answers: dict[tuple[tuple[str, Value], ...], UUID | None] = field(default_factory=dict)

    def territory_of(self, facts: Mapping[str, Value]) -> UUID | None:
        if self.drawn is None:
            return None
        known = tuple(sorted(facts.items()))
        if known not in self.answers:
            absent = {fact.name: fact.absent for fact in self.drawn.words.facts}
            self.answers[known] = membership.territory_of(self.drawn.asked, {**absent, **facts})
        return self.answers[known]

    def holds(self, version: int, at: datetime) -> bool:
        return (
            self.version == version and self.since <= at and (self.until is None or at < self.until)
        )


_kept: OrderedDict[UUID, _Kept] = OrderedDict()


async def _in_force(sight: Sight) -> _Kept:
    known = _kept.get(sight.tenant_id)
    version = sight.policy.version
    if known is not None and known.holds(version, sight.now):
        _kept.move_to_end(sight.tenant_id)
        return known
    until = await sight.fetch_value(_NEXT, sight.tenant_id, sight.now)
    drawn = await belonging.drawing_in_force(sight, sight.now)
    read = _Kept(version, sight.now, until, drawn)
    _kept[sight.tenant_id] = read
    _kept.move_to_end(sight.tenant_id)
    if len(_kept) > _MOST_TENANTS:
        _kept.popitem(last=False)
    return read


async def territory_of_newcomer(
    sight: Sight, facts: Mapping[str, Value], otherwise: UUID | None
) -> UUID | None:
    """Return the territory a customer who is met now belongs to.

    He is on no list yet, so the conditions decide, as they would the next time all are settled.

    Args:
        sight: the transaction.
        facts: what is known of him: `kind`, `owned`; what is left out is not stated.
        otherwise: where he is met; he belongs there where no condition holds for him.
    """
    found = (await _in_force(sight)).territory_of(facts)
    return otherwise if found is None else found


async def territory_of_lead(
    sight: Sight, customers: UUID | None, otherwise: UUID | None
) -> UUID | None:
    """Return the territory in which new work on a customer stands.

    Where conditions say which territory a customer belongs to, work on him stands there too, as it
    follows him later; elsewhere it stands where it is done.

    Args:
        sight: the transaction.
        customers: the customer's territory.
        otherwise: where the work is done.
    """
    if customers is None or (await _in_force(sight)).drawn is None:
        return otherwise
    return customers
