"""Who sees a deal: whose it is, who closed it, who claims it, who was told of it; nobody else."""

from uuid import UUID

from builders.api import Desk

from service.ownership.commands.taking_part import take_part
from service.work import UnitOfWork

DEAL = "query D($id: ID!) { deal(id: $id) { unitCode allowedActions } deals { nodes { id } } }"


async def a_deal(desk: Desk) -> str:
    """An receives, registers and sells."""
    await desk.showroom.sign_in("An", "Bo", "Chu")
    visit = (await desk.arrives(customer={"phone": "13800000001"}))["visit"]["id"]
    await desk.does("An", "registerCustomer", "registration { id }", visitId=visit, fullName="王芳")
    made = await desk.does("An", "recordDeal", "deal { id }", visitId=visit, unitCode="8-301")
    deal_id: str = made["deal"]["id"]
    return deal_id


async def seen(desk: Desk, name: str, deal_id: str) -> bool:
    found = await desk.ask(name, DEAL, id=deal_id)
    assert (found["deal"] is not None) == (len(found["deals"]["nodes"]) == 1)
    return found["deal"] is not None


async def test_who_takes_part_in_a_deal_sees_it_and_may_claim(desk: Desk) -> None:
    deal_id = await a_deal(desk)
    row = UUID(deal_id.removeprefix("deal_"))
    assert [await seen(desk, name, deal_id) for name in ("An", "Bo", "Chu")] == [True, False, False]

    async def tell(work: UnitOfWork) -> None:
        take_part(work, row, work.now, [desk.showroom.people["Bo"]])

    await desk.showroom.tenant.transactions.internally(desk.showroom.tenant_id, "tell", tell)

    assert [await seen(desk, name, deal_id) for name in ("An", "Bo", "Chu")] == [True, True, False]
    assert (await desk.ask("Bo", DEAL, id=deal_id))["deal"]["allowedActions"] == [
        "FILE_CLAIM",
        "OPEN_DISPUTE",
    ]


async def test_a_claimant_sees_the_deal_he_claims(desk: Desk) -> None:
    deal_id = await a_deal(desk)

    await desk.does("Chu", "fileClaim", "claim { result }", dealId=deal_id)

    assert [await seen(desk, name, deal_id) for name in ("Bo", "Chu")] == [False, True]


async def test_the_ways_of_following_up_are_named_in_the_callers_language(desk: Desk) -> None:
    found = await desk.api.post(
        desk.token("An"),
        "{ followUpChannels { code name } }",
        headers={"Accept-Language": "zh-Hant"},
    )

    named = {one["code"]: one["name"] for one in found.json()["data"]["followUpChannels"]}
    assert named["PHONE"] == "電話"
    assert named["WECHAT"] == "微信"
