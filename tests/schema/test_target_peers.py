"""Who holds a part of another's difference gives no more than he has (targets page 4.2, 4.4)."""

from typing import Any

from builders.api import Desk
from builders.targets import Planner

ADJUST = """mutation($input: AdjustTargetInput!) { adjustTarget(input: $input) {
  targetNode { figure } errors { code field message arguments { name value } } } }"""
MARCH = {"firstDay": "2026-03-01", "lastDay": "2026-03-31"}
APRIL = {"firstDay": "2026-04-01", "lastDay": "2026-04-30"}


async def test_a_peer_who_has_less_than_his_part_is_named_and_nothing_is_changed(
    desk: Desk,
) -> None:
    planner = Planner(desk)
    await planner.with_metric()
    await planner.with_plan()
    await planner.add(
        {"key": "team", "amount": "100", "seat": "team"},
        {"key": "An", "parentKey": "team", "memberId": desk.member("An"), "amount": "60"},
        {"key": "Bo", "parentKey": "team", "memberId": desk.member("Bo"), "amount": "10"},
        {"key": "Chu", "parentKey": "team", "memberId": desk.member("Chu"), "amount": "30"},
        *(
            {"key": f"{name} {month}", "parentKey": name, "split": "PERIOD", "amount": str(amount)}
            | days
            for name, amounts in {"An": (30, 30), "Chu": (3, 27)}.items()
            for month, days, amount in zip("34", (MARCH, APRIL), amounts, strict=True)
        ),
    )
    await planner.publish()
    before = await planner.figures()

    async def adjusted(node: str, delta: int, locale: str = "en") -> Any:
        sent = {
            "idempotencyKey": f"who-gives-how-much-{node}-{delta}-{locale}".replace(" ", "-"),
            "nodeId": planner.ids[node],
            "delta": str(delta),
            "effectiveOn": "2026-03-02",
            "reason": "as decided",
            "holder": "PEERS",
        }
        headers = {"Accept-Language": locale}
        return (await desk.ask("Lin", ADJUST, headers=headers, input=sent))["adjustTarget"]

    # Twenty-one would leave 0 − 1 of Bo's ten; of March Chu has three, though thirty of the year.
    for node, delta, whose, figure, share in (
        ("An", 21, "Bo", "10", "11"),
        ("An 3", 8, "Chu 3", "3", "4"),
    ):
        done = await adjusted(node, delta)
        (error,) = done["errors"]
        values = {one["name"]: one["value"] for one in error["arguments"]}
        assert (error["code"], error["field"]) == ("PEER_BELOW_ZERO", ["input", "delta"])
        assert values["targetId"] == planner.ids[whose]
        assert (values["figure"], values["share"]) == (figure, share)
        assert f"{whose.split()[0]} 2026-" in error["message"]
        assert f"has {figure} and would give {share}" in error["message"]
    assert "僅有 10" in (await adjusted("An", 21, "zh-Hant"))["errors"][0]["message"]
    assert await planner.figures() == before
    for node, delta, left in (("Bo", -11, "-1"), ("An 3", -31, "-1")):
        (error,) = (await adjusted(node, delta))["errors"]
        assert (error["code"], error["field"]) == ("TARGET_BELOW_ZERO", ["input", "delta"])
        values = {one["name"]: one["value"] for one in error["arguments"]}
        assert (values["targetId"], values["left"]) == (planner.ids[node], left)
    assert await planner.figures() == before

    assert (await adjusted("An", 20))["errors"] == []
    figures = await planner.figures()
    assert (figures["An"], figures["Bo"], figures["Chu"]) == (80, 0, 20)
    assert figures["team"] == 100
