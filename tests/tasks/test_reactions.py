"""What members are told and owe when something happens, once however often it is heard."""

from typing import Any
from uuid import uuid4

from builders.ownership import Showroom, a_showroom

from service.ownership.events import DealRecorded
from service.tasks import reactions
from service.work import Transactions, UnitOfWork


async def hear(house: Showroom, react: Any, event: object) -> None:
    """Hear an event twice, as two workers may."""

    async def step(work: UnitOfWork) -> None:
        await react(work, event)

    await house.inside(step)
    await house.inside(step)


async def notices(house: Showroom) -> list[tuple[str, str]]:
    names = {member_id: name for name, member_id in house.members.items()}
    rows = await house.rows(
        "SELECT member_id, kind FROM app.notification WHERE tenant_id = $1 ORDER BY at, id"
    )
    return [(names[row["member_id"]], row["kind"]) for row in rows]


async def test_who_tracked_the_buyer_is_told_of_the_deal(transactions: Transactions) -> None:
    house = await a_showroom(transactions)
    event = DealRecorded(
        deal_id=uuid4(),
        visit_id=uuid4(),
        party_id=uuid4(),
        site_id=house.site_id,
        closer_id=house.members["Bo"],
        owner_id=house.members["Bo"],
        claims_close_at=transactions.clock.now(),
        registration_ids=(),
        tracking_ids=(house.members["An"],),
    )

    await hear(house, reactions.on_deal_recorded, event)

    assert await notices(house) == [("An", "deal_with_your_customer")]
