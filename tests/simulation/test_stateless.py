"""What stored facts alone tell of a deal: whose it was on record, and whose it would be."""

from datetime import timedelta

from builders.rulebooks import showroom_rulebook
from builders.sales import Sale, a_sale, shanghai

from service.clock import ManualClock
from service.ownership.commands import (
    AgreeOnDispute,
    OpenDispute,
    agree_on_dispute,
    open_dispute,
)
from service.ownership.rules import WHOLE
from service.simulation.periods.comparing import Comparison, Within
from service.simulation.periods.stateless import stateless
from service.simulation.tables import TallyOf
from service.work import Caller, Transactions


async def under_the_text_in_force(sale: Sale) -> Comparison:
    begins = shanghai("03-01 00:00")
    within = Within({sale.house.site_id: (begins, begins + timedelta(days=30))})

    async def advance(_done: int, _total: int) -> None:
        pass

    caller = Caller(sale.house.tenant_id, None, "test")
    async with sale.house.transactions.sight(caller) as sight:
        return await stateless(sight, showroom_rulebook(), within, advance)


def credit_of_reps(found: Comparison, sale: Sale) -> dict[str, tuple[int, int]]:
    names = {member_id: name for name, member_id in sale.house.members.items()}
    return {
        names[key]: (tally.credit_before, tally.credit_after)
        for (of, key), tally in found.tallies.items()
        if of is TallyOf.MEMBER
    }


async def test_a_deal_that_a_colleague_claimed_is_his_under_the_same_text(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(transactions, clock)
    await sale.claim("03-05 12:00")

    found = await under_the_text_in_force(sale)

    assert await sale.holders("03-05 13:00") == {"An": WHOLE}
    assert (found.deals, found.cases) == (1, [])
    assert credit_of_reps(found, sale) == {"An": (WHOLE, WHOLE)}


async def test_a_deal_that_was_settled_stays_as_it_was_settled_under_the_same_text(
    transactions: Transactions, clock: ManualClock
) -> None:
    sale = await a_sale(transactions, clock)
    await sale.claim("03-05 12:00")
    two = (sale.house.members["An"], sale.house.members["Bo"])
    order = OpenDispute(sale.deal_id, two, "He was mine first")
    dispute_id = await sale.house.by("An", open_dispute, order)
    for rep in ("An", "Bo"):
        agreed = AgreeOnDispute(dispute_id, second_basis_points=WHOLE)
        await sale.house.by(rep, agree_on_dispute, agreed)

    found = await under_the_text_in_force(sale)

    assert await sale.holders("03-05 13:00") == {"Bo": WHOLE}
    assert (found.deals, found.cases) == (1, [])
    assert credit_of_reps(found, sale) == {"Bo": (WHOLE, WHOLE)}
