"""Whether somebody who asks to change a deal sees it: who does not is told that there is none."""

from service.ownership import facts
from service.policies.access import Record
from service.work import UnitOfWork


async def may_see_deal(work: UnitOfWork, deal: facts.DealFacts) -> bool:
    """Tell whether the caller, or the product for him, may read a deal."""
    if work.by_product:
        return True
    place = (deal.org_unit_id, deal.territory_id)
    owners = [deal.closing.owner_id, deal.closing.receiver_id]
    if await facts.takes_part(work, deal.id, work.actor.member_id):
        owners.append(work.actor.member_id)
    checks = (work.policy.check(work.actor, "deal.view", Record(one, *place)) for one in owners)
    return any(check.allowed for check in checks)
