"""What `bailiwick targets check` tells: whether a tenant's plans and credits add up."""

from collections.abc import Callable
from uuid import UUID

from service.app.base import Base
from service.clock import new_id
from service.credits.checking import wrong_days
from service.targets.checking import broken_invariants
from service.targets.overlapping import overlaps
from service.work import Caller


async def check_sums(base: Base, code: str, tenant_id: UUID, say: Callable[[str], None]) -> int:
    """Name every sum of a tenant's that does not hold, and return how many there are.

    Plans that boards add up are named as well; they may be meant, and count as nothing broken.
    """
    caller = Caller(tenant_id, None, f"targets-check-{new_id()}")
    async with base.transactions.sight(caller) as sight:
        found = await broken_invariants(sight)
        wrong = await wrong_days(sight)
        doubled = await overlaps(sight)
    for one in found:
        figures = f"{one.found}" if one.wanted is None else f"{one.found} instead of {one.wanted}"
        say(f"{one.invariant} {one.plan} {one.day} target_node_{one.node_id}: {figures}")
    for day in wrong:
        say(f"metric_{day.metric_id} {day.day}: the day is not the sum of its entries")
    for pair in doubled:
        days = f"{pair.first_day} to {pair.last_day}"
        say(
            f"warning: {pair.plan} and {pair.other_plan} both set {pair.metric} for {pair.targets}"
            f" of the same holders, {days}, from target_node_{pair.node_id} on; boards add them up"
        )
    broken = len(found) + len(wrong)
    say(f"{code}: {broken} broken" if broken else f"{code}: every sum holds")
    return broken
