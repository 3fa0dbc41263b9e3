"""A campaign that names sites alone is his whose territory has them all, and of nobody below."""

from uuid import UUID

from builders.api import Desk
from builders.targets import NAMES

from service.reception.commands import CreateSite, create_site
from tests.schema.test_campaigns import CAMPAIGN, COST, another_territory, board, cny, tries

DAYS = {"kind": "ONLINE", "names": NAMES, "firstOn": "2026-03-01", "lastOn": "2026-03-31"}


async def a_region(desk: Desk) -> dict[str, str]:
    """Return sites: two in areas of the region, one in another region; each has a manager."""
    tenant, people = desk.showroom.tenant, desk.showroom.people
    people["Admin"] = tenant.admin_id
    top = {"unit": next(iter(tenant.units)), "territory": "all"}
    people["Boss"] = await tenant.member("Boss", "director", **top)
    far = await another_territory(desk)
    region = f"territory_{tenant.territories['region-1']}"
    made = {"far": far}
    for code in ("east", "west"):
        answer = await desk.does(
            "Admin", "createTerritory", "territory { id }", code=code, dimension="area",
            names=NAMES, parentId=region,
        )  # fmt: skip
        made[code] = answer["territory"]["id"]
    for code, one in made.items():
        tenant.territories[code] = UUID(one.rpartition("_")[2])
    for code, where in (("Gu", "region-1"), ("East", "east"), ("Far", "far")):
        people[code] = await tenant.member(code, "regional-manager", territory=where)
    (place,) = await tenant.rows(
        "SELECT kind, names, time_zone, phone_region, opens_at, closes_at FROM app.site"
        " WHERE tenant_id = $1 AND id = $2",
        desk.showroom.site_id,
    )
    unit = next(iter(tenant.units.values()))
    return {
        code: "site_"
        + str(
            await tenant.do(
                create_site,
                CreateSite(
                    code=code, org_unit_id=unit, territory_id=tenant.territories[code], **place
                ),
            )
        )
        for code in made
    }


async def test_whose_territory_has_all_sites_plans_pays_and_sees_it(desk: Desk) -> None:
    sites = await a_region(desk)
    bill = {"amount": cny(5), "spentOn": "2026-03-02", "purpose": "posters"}

    async def plans(by: str, code: str, *where: str) -> list[str]:
        ids, owner = [sites[one] for one in where], desk.member("Boss")
        sent = {"code": code, "siteIds": ids, "ownerId": owner, **DAYS}
        return await tries(desk, by, "createCampaign", **sent)

    # The director has them, who is above all regions: they are theirs by their sites alone.
    assert await plans("Lin", "both", "east", "west") == []
    assert await plans("Lin", "east", "east") == []
    assert await plans("Lin", "apart", "east", "far") == []
    assert await plans("Lin", "everywhere") == []
    listed = (await desk.ask("Lin", "{ campaigns { nodes { id code } } }"))["campaigns"]["nodes"]
    ids = {one["code"]: one["id"] for one in listed}
    for one in ids.values():
        await desk.does("Lin", "recordCampaignCost", COST, campaignId=one, **bill)

    seen = {by: sorted(await board(desk, None, by=by)) for by in ("Gu", "East", "Far", "Lin")}
    assert seen == {
        "Gu": ["both", "east"],
        "East": ["east"],
        "Far": [],
        "Lin": ["apart", "both", "east", "everywhere"],
    }
    pays = {
        (by, code): await tries(desk, by, "recordCampaignCost", campaignId=ids[code], **bill)
        for by in ("Gu", "East", "Far")
        for code in ids
    }
    allowed = {("Gu", "both"), ("Gu", "east"), ("East", "east")}
    assert {asked for asked, answer in pays.items() if not answer} == allowed
    assert all(answer in ([], ["FORBIDDEN"]) for answer in pays.values())
    # He plans for his own sites, and for none beyond.
    assert await plans("Gu", "his", "west", "east") == []
    assert await plans("Gu", "beyond", "west", "far") == ["FORBIDDEN"]
    assert await plans("East", "west", "west") == ["FORBIDDEN"]


async def test_a_campaign_that_gets_a_site_elsewhere_is_his_no_more(desk: Desk) -> None:
    sites = await a_region(desk)
    made = await desk.does(
        "Gu", "createCampaign", CAMPAIGN, code="his", siteIds=[sites["east"]],
        ownerId=desk.member("Boss"), **DAYS,
    )  # fmt: skip
    his = made["campaign"]["id"]
    wider = {"campaignId": his, "siteIds": [sites["east"], sites["far"]]}

    assert await tries(desk, "Gu", "editCampaign", expectedVersion=1, **wider) == ["FORBIDDEN"]
    assert list(await board(desk, None, by="Gu")) == ["his"]
    await desk.does("Lin", "editCampaign", CAMPAIGN, expectedVersion=1, **wider)

    assert await board(desk, None, by="Gu") == {}
    back = {"campaignId": his, "siteIds": [sites["west"]]}
    assert await tries(desk, "Gu", "editCampaign", expectedVersion=2, **back) == ["FORBIDDEN"]
    await desk.does("Lin", "editCampaign", CAMPAIGN, expectedVersion=2, **back)
    assert list(await board(desk, None, by="Gu")) == ["his"]
    assert await board(desk, None, by="East") == {}
