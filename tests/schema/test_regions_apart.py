"""A regional manager sees his own region: of his brother's and of what is padded above, nothing."""

from typing import Any
from uuid import UUID

import pytest
from builders.api import Desk
from builders.credits import Ledger, on_day
from builders.targets import NAMES, Planner

from service.clock import ManualClock, new_id
from service.reception.commands import CreateSite, create_site
from service.schema.scalars import make_id

PERIOD = "period: {month: {year: 2026, month: 3}}"
SEEN = f"""query($metric: ID!, $place: ID!, $unit: ID!, $plan: ID!, $brother: ID!) {{
  territoryBoard(territoryId: $place, metricId: $metric, {PERIOD}, depth: 9) {{
    territory {{ code }} target credited unassigned }}
  dealerBoard(orgUnitId: $unit, metricId: $metric, {PERIOD}) {{
    dealer {{ code }} total target credited unassigned }}
  memberBoard(metricId: $metric, {PERIOD}) {{ memberName target credited }}
  companyBoard(metricId: $metric, {PERIOD}) {{ target credited }}
  targetTree(planId: $plan) {{
    target {{ id figure childrenFigure overAssignmentBasisPoints unassigned parent {{ id }} }} }}
  targetNodes(filter: {{planId: {{eq: $plan}}}}) {{ totalCount nodes {{ id figure }} }}
  targetNode(id: $brother) {{ id }}
  targetChanges(filter: {{planId: {{eq: $plan}}}}) {{ nodes {{ delta node {{ id }} }} }}
  metricCredits(filter: {{metricId: {{eq: $metric}}}}) {{ totalCount nodes {{ amount }} }}
  workItems {{ totalCount nodes {{ title planned }} }}
  campaignBoard {{ campaign {{ code }} cost {{ amountMinor }} }}
  campaignCosts {{ nodes {{ amount {{ amountMinor }} }} }}
  targetAlerts {{ kind target {{ id }} member {{ name }} wanted found }} }}"""
PREVIEW = """query($input: TargetChangePreviewInput!) { previewTargetChange(input: $input) {
  partCount parts { before after } } }"""
REGIONS = {"north": ("Nora", "Nia"), "south": ("Sam", "Sol")}
# Of 1,000 the company gives out 1,100: every region has a tenth more than it is counted on for.
TARGETS = {"north": 440, "south": 660}
CREDITED = {"north": 30, "south": 7}


class Regions:
    """Two regions below the company, each with a unit, a territory, a site, a manager and a rep."""

    def __init__(self, desk: Desk) -> None:
        """Begin with nothing."""
        self.desk, self.ledger, self.planner = desk, Ledger(desk), Planner(desk)
        self.made = desk.showroom.tenant.made

    async def founded(self) -> None:
        """Make the regions and who works there."""
        tenant, people = self.desk.showroom.tenant, self.desk.showroom.people
        people["Ada"] = tenant.admin_id
        above = {
            "orgUnit": make_id("org_unit", next(iter(tenant.units.values()))),
            "territory": make_id("territory", next(iter(tenant.territories.values()))),
        }
        for code, (manager, rep) in REGIONS.items():
            shared = {"code": code, "names": NAMES}
            for kind, more in (("orgUnit", {"kind": "team"}), ("territory", {"dimension": "area"})):
                act = f"create{kind[0].upper()}{kind[1:]}"
                sent = {**shared, **more, "parentId": above[kind]}
                made = (await self.desk.does("Ada", act, f"{kind} {{ id }}", **sent))[kind]
                known = self.made.units if kind == "orgUnit" else self.made.territories
                known[code] = UUID(made["id"].rpartition("_")[2])
            for name, role in ((manager, "regional-manager"), (rep, "sales-representative")):
                people[name] = await tenant.member(name, role, unit=code, territory=code)

    def place(self, code: str) -> dict[str, str]:
        """Return where a region's targets are."""
        tenant = self.desk.showroom.tenant
        return {
            "territoryId": make_id("territory", tenant.territories[code]),
            "orgUnitId": make_id("org_unit", tenant.units[code]),
        }

    async def planned(self) -> None:
        """Put a plan of March into force, with work, campaigns and what counted so far."""
        planner, ledger, desk = self.planner, self.ledger, self.desk
        planner.metric = await ledger.with_metric()
        await planner.with_plan("march", "2026-03-01", "2026-03-31")
        top = next(iter(self.desk.showroom.tenant.territories))
        over = {"overAssignmentBasisPoints": 1000}
        root = {"territoryId": make_id("territory", self.made.territories[top]), **over}
        await planner.add({"key": "company", "amount": "1000", **root})
        for code, (_, rep) in REGIONS.items():
            amount, here = str(TARGETS[code]), self.place(code)
            above = {"key": code, "parentKey": None, "parentId": planner.ids["company"]}
            await planner.add(
                {**above, "amount": amount, **here},
                {"key": rep, "parentKey": code, "amount": amount, "memberId": desk.member(rep)},
            )
        await planner.publish()
        for code, (_, rep) in REGIONS.items():
            place = {"territoryId": self.place(code)["territoryId"]}
            await ledger.counts(code, CREDITED[code], {rep: 10_000}, **place)
            await planner.adjust(rep, -TARGETS[code] // 10, "2026-03-02")
            await self.works(code, rep)

    async def works(self, code: str, rep: str) -> None:
        """Plan work and a campaign of a region."""
        desk, tenant = self.desk, self.desk.showroom.tenant
        await desk.does(
            "Lin", "planWork", "workItem { id }",
            nodeId=self.planner.ids[code], kind="ACTION", ownerId=desk.member(rep),
            title=code, dueOn="2026-03-20", planned=str(TARGETS[code]),
        )  # fmt: skip
        place = {"org_unit_id": tenant.units[code], "territory_id": tenant.territories[code]}
        (like,) = await tenant.rows(
            "SELECT kind, names, time_zone, phone_region, opens_at, closes_at FROM app.site"
            " WHERE tenant_id = $1 AND id = $2",
            desk.showroom.site_id,
        )
        place |= like
        site = make_id("site", await tenant.do(create_site, CreateSite(code=code, **place)))
        made = await desk.does(
            "Lin", "createCampaign", "campaign { id }", code=code, names=NAMES, kind="EVENT",
            firstOn="2026-03-01", lastOn="2026-03-31", siteIds=[site],
            ownerId=desk.member(REGIONS[code][0]),
        )  # fmt: skip
        await desk.does(
            "Lin", "recordCampaignCost", "campaignCost { id }", campaignId=made["campaign"]["id"],
            amount={"amountMinor": str(TARGETS[code]), "currency": "CNY"}, spentOn="2026-03-02",
            purpose="posters",
        )  # fmt: skip

    async def seen(self, by: str, brother: str) -> Any:
        """Return everything that somebody is shown, asked at the top of the company."""
        tenant = self.desk.showroom.tenant
        return await self.desk.ask(
            by,
            SEEN,
            metric=self.planner.metric,
            plan=self.planner.plan,
            place=make_id("territory", next(iter(tenant.territories.values()))),
            unit=make_id("org_unit", next(iter(tenant.units.values()))),
            brother=self.planner.ids[brother],
        )


@pytest.fixture
async def regions(desk: Desk, clock: ManualClock) -> Regions:
    """Two regions in March, each behind its pace."""
    made = Regions(desk)
    await made.founded()
    await made.planned()
    on_day(clock, "2026-03-20")
    return made


async def test_a_regional_manager_is_shown_his_region_and_nothing_of_another(
    regions: Regions,
) -> None:
    ids = regions.planner.ids
    made_as = {one: key for key, one in ids.items()}
    for (code, (manager, rep)), brother in zip(REGIONS.items(), ("south", "north"), strict=True):
        seen = await regions.seen(manager, brother)
        whole, given, over = TARGETS[code], TARGETS[code] * 9 // 10, TARGETS[code] // 10
        nothing = {"target": None, "credited": "0", "unassigned": "0"}
        his = {"target": str(whole), "credited": str(CREDITED[code]), "unassigned": str(over)}
        # Above him stands what he may see of what counted, and neither target nor what it is over.
        above = {**nothing, "credited": str(CREDITED[code])}
        places = {row.pop("territory")["code"]: row for row in seen["territoryBoard"]}
        assert places == {"all": above, "region-1": nothing, code: his, brother: nothing}
        dealers = {
            (row.pop("dealer")["code"], row.pop("total")): row for row in seen["dealerBoard"]
        }
        assert dealers == {
            ("region-1", True): nothing,
            (brother, True): nothing,
            (code, True): his,
            (code, False): his,
        }
        own = {"memberName": rep, "target": str(given), "credited": str(CREDITED[code])}
        assert (seen["memberBoard"], seen["companyBoard"]) == ([own], [])

        tree = [row["target"] for row in seen["targetTree"]]
        assert [one["figure"] for one in tree] == [str(whole), str(given), str(over)]
        assert (tree[0]["id"], tree[0]["parent"]) == (ids[code], None)
        assert {one["overAssignmentBasisPoints"] for one in tree} == {0}
        assert seen["targetNodes"]["totalCount"] == len(tree)
        assert {one["id"] for one in seen["targetNodes"]["nodes"]} == {one["id"] for one in tree}
        assert seen["targetNode"] is None
        changed = [(int(one["delta"]), one["node"]["id"]) for one in seen["targetChanges"]["nodes"]]
        assert sorted(changed) == [(-over, ids[rep]), (over, tree[2]["id"])]
        counted = {"totalCount": 1, "nodes": [{"amount": str(CREDITED[code])}]}
        assert seen["metricCredits"] == counted

        work = {"totalCount": 1, "nodes": [{"title": code, "planned": str(whole)}]}
        assert seen["workItems"] == work
        board = [(row["campaign"]["code"], row["cost"]) for row in seen["campaignBoard"]]
        assert board == [(code, {"amountMinor": str(whole)})]
        costs = [{"amount": {"amountMinor": str(whole)}}]
        assert seen["campaignCosts"]["nodes"] == costs
        alerts = {made_as.get(one["target"]["id"]) for one in seen["targetAlerts"]}
        assert alerts == {code, rep}
        assert {one["member"]["name"] for one in seen["targetAlerts"] if one["member"]} == {rep}


async def test_what_stands_above_all_of_them_is_the_sum_of_what_each_of_them_sees(
    regions: Regions,
) -> None:
    by = {"north": "Nora", "south": "Sam"}
    top = [(await regions.seen(by[code], code))["territoryBoard"][0] for code in REGIONS]
    (company,) = (await regions.seen("Lin", "north"))["companyBoard"]

    assert sum(int(row["credited"]) for row in top) == int(company["credited"]) == 37
    # What was given out is more than what the company is counted on for, and nobody below knows.
    assert (company["target"], sum(TARGETS.values())) == ("1000", 1100)


async def test_a_regional_manager_reads_what_the_campaigns_of_his_region_bring_whoever_owns_them(
    regions: Regions,
) -> None:
    desk = regions.desk
    shared = {"names": NAMES, "kind": "EVENT", "firstOn": "2026-03-01", "lastOn": "2026-03-31"}
    everywhere = {f"of {code}": regions.place(code)["territoryId"] for code in REGIONS}
    for code, place in (*everywhere.items(), ("of all", None)):
        made = await desk.does(
            "Lin",
            "createCampaign",
            "campaign { id }",
            code=code.replace(" ", "-"),
            territoryId=place,
            **shared,
        )
        await desk.does(
            "Lin", "recordCampaignCost", "campaignCost { id }", campaignId=made["campaign"]["id"],
            amount={"amountMinor": "9", "currency": "CNY"}, spentOn="2026-03-02", purpose=code,
        )  # fmt: skip

    async def read(by: str) -> tuple[set[str], int]:
        seen = await regions.seen(by, "north")
        board = {row["campaign"]["code"] for row in seen["campaignBoard"]}
        return board, len(seen["campaignCosts"]["nodes"])

    assert await read("Nora") == ({"north", "of-north"}, 2)
    assert await read("Sam") == ({"south", "of-south"}, 2)
    assert await read("Nia") == (set(), 0)
    assert await read("Lin") == ({"north", "south", "of-north", "of-south", "of-all"}, 5)


async def test_a_brothers_target_is_refused_like_one_that_nobody_has(regions: Regions) -> None:
    desk, ids = regions.desk, regions.planner.ids
    nobodys = f"target_node_{new_id()}"
    change = {"delta": "-5", "effectiveOn": "2026-03-20"}
    acts: dict[str, dict[str, Any]] = {
        "adjust": change,
        "redistribute": {"amount": "1"},
        "setNode": {"amount": "1"},
    }

    async def answer(act: str, node: str) -> Any:
        wanted = {act: {"nodeId": node, **acts[act]}}
        found = await desk.api.post(desk.token("Nora"), PREVIEW, input=wanted)
        return without_request(found.json())

    for act in acts:
        told = {key: await answer(act, node) for key, node in (*ids.items(), ("", nobodys))}
        assert told[""]["errors"][0]["extensions"]["code"] == "NOT_FOUND"
        for key in ("company", "south", "Sol"):
            assert told[key] == told[""], (act, key)


# Of each command that names a target, what is sent besides; where several are named, as what.
DATED = {"effectiveOn": "2026-03-20", "reason": "as decided"}
LEAVE = {"awayFrom": "2026-03-20", "awayUntil": "2026-03-27"}
NAMED: dict[str, dict[str, Any]] = {
    "adjustTarget": {"delta": "-5", **DATED},
    "relieveTarget": {**LEAVE, **DATED},
    "vacateTarget": DATED,
    "redistributeTarget": {"amount": "1"},
    "setTargetNode": {"amount": "1", "expectedVersion": 1},
    "proposeTarget": {"amount": "1"},
    "approveTarget": {},
    "returnTarget": {"comment": "too low"},
    "acknowledgeTarget": {},
}
# What is refused before anything is looked up says nothing of the target either.
UNFIT: dict[str, dict[str, Any]] = {
    "adjustTarget": {"delta": "0", **DATED},
    "proposeTarget": {"amount": str(2**62)},
}


async def test_whoever_does_not_see_a_target_hears_that_there_is_none(regions: Regions) -> None:
    desk, ids = regions.desk, regions.planner.ids
    nobodys = f"target_node_{new_id()}"
    before = await regions.planner.figures()
    his = {"kind": "ACTION", "ownerId": desk.member("Nia"), "title": "x", "dueOn": "2026-03-20"}
    tried = [*NAMED.items(), *UNFIT.items(), ("planWork", {**his, "planned": "1"})]

    async def told(command: str, sent: dict[str, Any], node: str) -> Any:
        payload = await desk.api.tries(
            desk.token("Nora"), command, "__typename", nodeId=node, **sent
        )
        return payload["errors"]

    for command, sent in tried:
        (of_nobody,) = await told(command, sent, nobodys)
        assert (of_nobody["code"], of_nobody["field"]) == ("NOT_FOUND", ["input", "nodeId"])
        for key in ("company", "south", "Sol"):
            assert await told(command, sent, ids[key]) == [of_nobody], (command, key)
    # His own he sees, and so he is told that it is not his to change.
    for command in ("adjustTarget", "approveTarget"):
        (error,) = await told(command, NAMED[command], ids["north"])
        assert error["code"] == "FORBIDDEN", command
    assert await regions.planner.figures() == before


async def test_no_part_of_a_command_tells_of_anothers_target(regions: Regions) -> None:
    desk, ids = regions.desk, regions.planner.ids
    nobodys = f"target_node_{new_id()}"

    async def told(command: str, **sent: Any) -> Any:
        payload = await desk.api.tries(desk.token("Nora"), command, "__typename", **sent)
        return [(one["code"], one["field"]) for one in payload["errors"]]

    for node in (nobodys, ids["south"], ids["Sol"]):
        moved = await told("transferTarget", nodeId=ids["Nia"], seatNodeId=node, **DATED)
        assert moved == [("NOT_FOUND", ["input", "seatNodeId"])]
        parts = [{"nodeId": node}]
        method = {"method": "EVEN", "children": parts}
        divided = await told("allocateTarget", nodeId=ids["north"], **method)
        assert divided == [("NOT_FOUND", ["input", "children", "0", "nodeId"])]
        added = [{"key": "x", "parentId": ids["north"]}, {"key": "y", "parentId": node}]
        below = await told("addTargetNodes", planId=regions.planner.plan, nodes=added)
        assert below == [("NOT_FOUND", ["input", "nodes", "1", "parentId"])]


def without_request(body: Any) -> Any:
    """Return an answer without what differs by request: its id, and what it cost."""
    for error in body.get("errors", []):
        error["extensions"].pop("requestId", None)
    body.pop("extensions", None)
    return body
