"""The mark of what somebody may see: another as soon as his rights are others.

The version of the company's duties will not do: it counts every change of anybody's office, and a
company of a thousand people would read everything afresh with each. So the mark is made of what
this caller's own offices say, and of the trees below where he holds them.
"""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from service.delivery.places import marked
from service.policies.access import Actor, CompiledTenant, Drawn, Holding
from service.work import Loaded

_MOST_KEPT: Final = 10_000

_Key = tuple[UUID, int, Drawn, tuple[Holding, ...]]
_kept: dict[_Key, bytes] = {}


def rights_of(loaded: Loaded) -> bytes:
    """Return a caller's mark, the same in every process."""
    actor, policy = loaded.actor, loaded.policy
    key = (actor.tenant_id, policy.version, policy.drawn, actor.holdings)
    known = _kept.get(key)
    if known is None:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        known = _kept[key] = marked("\n".join(_lines(actor, policy)))
    return known


def _lines(actor: Actor, policy: CompiledTenant) -> Iterable[str]:
    roles = {holding.role for holding in actor.holdings}
    yield from sorted(
        f"{role} {action} {grants.denies} {grants.allows}"
        for (role, action), grants in policy.by_role.items()
        if role in roles
    )
    yield from sorted(f"{action} {grant}" for action, grant in policy.everyone.items())
    yield from sorted(_held(policy, holding) for holding in actor.holdings)


def _held(policy: CompiledTenant, holding: Holding) -> str:
    unit, territory = holding.org_unit_id, holding.territory_id
    units = policy.org_units.below(unit) if unit else ()
    territories = policy.territories.below(territory) if territory else ()
    # Neither a set nor a tree's layout comes in the same order everywhere.
    commands = None if holding.commands is None else sorted(holding.commands)
    places = [sorted(map(str, units)), sorted(map(str, territories))]
    return f"{holding.role} {unit} {territory} {holding.acts_as} {commands} {places}"
