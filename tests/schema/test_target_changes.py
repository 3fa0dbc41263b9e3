"""Targets in the middle of their time (targets page 4.4): examples by id, and the past is kept."""

from typing import Any

from builders.api import Desk
from builders.reception import at
from builders.targets import Planner

from service.clock import ManualClock

MONTHS = (5, 3, 9, 8, 9, 12, 6, 6, 13, 12, 9, 8)
LAST = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
HISTORY = """query($plan: ID!) { targetChanges(first: 200, filter: {planId: {eq: $plan}}) {
  nodes { node { id } effectiveOn delta recordedAt kind reason author { name } } } }"""


def month(number: int, of: str, amount: int) -> dict[str, Any]:
    """Describe a month of a target."""
    days = {"firstDay": f"2026-{number:02}-01", "lastDay": f"2026-{number:02}-{LAST[number - 1]}"}
    return {
        "key": f"{of} {number}",
        "parentKey": of,
        "split": "PERIOD",
        "amount": str(amount),
        **days,
    }


async def a_planner(desk: Desk) -> Planner:
    planner = Planner(desk)
    await planner.with_metric()
    await planner.with_plan()
    return planner


async def does(planner: Planner, command: str, on: str, **values: Any) -> str:
    """Change a published target as the director, and return the id of what is answered."""
    made = await planner.desk.does(
        "Lin", command, "targetNode { id }", effectiveOn=on, reason="as agreed", **values
    )
    answered: str = made["targetNode"]["id"]
    return answered


async def test_a_transfer_divides_the_month_by_its_days_q13(desk: Desk) -> None:
    planner = await a_planner(desk)
    march = {"firstDay": "2026-03-01", "lastDay": "2026-03-31"}
    await planner.add(
        {"key": "N", "amount": "62", "seat": "N", **march},
        {"key": "his", "parentKey": "N", "memberId": desk.member("An"), "amount": "62"},
        {"key": "S", "amount": "93", "seat": "S", **march},
        {"key": "free", "parentKey": "S", "seat": "S-1", "vacant": True, "amount": "93"},
    )
    await planner.publish()

    planner.ids["his at S"] = await does(
        planner,
        "transferTarget",
        "2026-03-11",
        nodeId=planner.ids["his"],
        seatNodeId=planner.ids["free"],
    )

    # In force from 11 March on; until then both are as they were.
    assert (await planner.figures())["his"] == 62
    at_end = await figures_on(planner, "2026-03-31")
    assert (at_end["his"], at_end["his at S"]) == (20, 63)
    assert (at_end["unassigned N"], at_end["free"]) == (42, 30)
    assert (at_end["N"], at_end["S"]) == (62, 93)


async def figures_on(planner: Planner, day: str) -> dict[str, int]:
    """Return every figure in force on a day: what was set, and what has changed by then."""
    changes = (await planner.desk.ask("Lin", HISTORY, plan=planner.plan))["targetChanges"]["nodes"]
    deltas: dict[str, int] = {}
    for one in changes:
        if one["effectiveOn"] <= day:
            node = one["node"]["id"]
            deltas[node] = deltas.get(node, 0) + int(one["delta"])
    names = {made: name for name, made in planner.ids.items()}
    return {
        names.get(one["id"], f"unassigned {one['parent'] and names.get(one['parent']['id'])}"): int(
            one["setFigure"]
        )
        + deltas.get(one["id"], 0)
        for one in await planner.nodes()
    }


async def test_a_leave_is_relieved_and_held_by_the_manager_or_by_the_peers_q14(desk: Desk) -> None:
    planner = await a_planner(desk)
    people = ("a", "b", "c", "d", "e")
    # May 2026 has 21 weekdays less the holidays of the company's calendar.
    june = {"firstDay": "2026-06-01", "lastDay": "2026-06-30"}
    for team in ("held", "shared"):
        await planner.add(
            {"key": team, "amount": "210", "seat": team, **june},
            *(
                {"key": f"{team} {name}", "parentKey": team, "seat": name, "amount": "42"}
                for name in people
            ),
        )
    await planner.publish()
    away = {"awayFrom": "2026-06-22", "awayUntil": "2026-06-29"}

    too_short = await desk.api.tries(
        desk.token("Lin"),
        "relieveTarget",
        "targetNode { id }",
        nodeId=planner.ids["held a"],
        effectiveOn="2026-06-01",
        reason="leave",
        awayFrom="2026-06-22",
        awayUntil="2026-06-23",
    )
    assert [one["code"] for one in too_short["errors"]] == ["LEAVE_TOO_SHORT"]
    await does(planner, "relieveTarget", "2026-06-01", nodeId=planner.ids["held a"], **away)
    await does(
        planner,
        "relieveTarget",
        "2026-06-01",
        nodeId=planner.ids["shared a"],
        holder="PEERS",
        **away,
    )

    # A day of the leave is relieved already; another leave is not.
    again = await desk.api.tries(
        desk.token("Lin"),
        "relieveTarget",
        "targetNode { id }",
        nodeId=planner.ids["held a"],
        effectiveOn="2026-06-01",
        reason="leave",
        awayFrom="2026-06-25",
        awayUntil="2026-06-30",
    )
    assert [(one["code"], one["message"]) for one in again["errors"]] == [
        ("LEAVE_RELIEVED", "此目标已就 2026-06-22 至 2026-06-29 的请假减免过。")
    ]

    figures = await figures_on(planner, "2026-06-30")
    assert [figures[f"held {name}"] for name in people] == [30, 42, 42, 42, 42]
    assert figures["unassigned held"] == 12
    assert [figures[f"shared {name}"] for name in people] == [30, 45, 45, 45, 45]
    assert figures["held"] == figures["shared"] == 210


async def test_two_leaves_of_a_month_relieve_the_same_whichever_is_told_first(desk: Desk) -> None:
    planner = await a_planner(desk)
    june = {"firstDay": "2026-06-01", "lastDay": "2026-06-30"}
    for team in ("one", "other"):
        await planner.add(
            {"key": team, "amount": "210", "seat": team, **june},
            *(
                {"key": f"{team} {name}", "parentKey": team, "seat": name, "amount": "70"}
                for name in "abc"
            ),
        )
    await planner.publish()
    # Of 21 working days five, and six.
    first = {"awayFrom": "2026-06-01", "awayUntil": "2026-06-05"}
    second = {"awayFrom": "2026-06-22", "awayUntil": "2026-06-29"}

    for team, told in (("one", (first, second)), ("other", (second, first))):
        for away in told:
            await does(
                planner,
                "relieveTarget",
                "2026-06-01",
                nodeId=planner.ids[f"{team} a"],
                holder="PEERS",
                **away,
            )

    figures = await figures_on(planner, "2026-06-30")
    for team in ("one", "other"):
        # 70 × 11 ÷ 21, and not 17 and then a part of the 53 that are left.
        assert [figures[f"{team} {name}"] for name in "abc"] == [70 - 37, 70 + 19, 70 + 18]


async def test_somebody_new_grows_by_the_months_of_the_calendar_q15(
    desk: Desk, clock: ManualClock
) -> None:
    at(clock, "01-20 10:00")
    planner = await a_planner(desk)
    await planner.add(
        {"key": "team", "amount": "200", "seat": "team"},
        {"key": "his", "parentKey": "team", "memberId": desk.member("An"), "amount": "200"},
        *(month(number, "his", 40) for number in range(2, 7)),
    )
    await planner.publish()

    await does(
        planner,
        "rampTarget",
        "2026-02-01",
        nodeId=planner.ids["his"],
        startsOn="2026-02-15",
        rampBasisPoints=[0, 2_500, 5_000, 7_500, 10_000],
    )

    figures = await figures_on(planner, "2026-06-30")
    assert [figures[f"his {number}"] for number in range(2, 7)] == [0, 10, 20, 30, 40]
    assert (figures["his"], figures["unassigned team"], figures["team"]) == (100, 100, 200)


async def test_a_ramp_of_a_quarter_goes_by_its_months_and_another_table_takes_its_place(
    desk: Desk, clock: ManualClock
) -> None:
    at(clock, "01-20 10:00")
    planner = await a_planner(desk)
    quarter = {"firstDay": "2026-02-01", "lastDay": "2026-04-30"}
    await planner.add(
        {"key": "team", "amount": "89", "seat": "team", **quarter},
        {"key": "his", "parentKey": "team", "memberId": desk.member("An"), "amount": "89"},
    )
    await planner.publish()

    async def ramped(*table: int) -> tuple[int, int]:
        await does(
            planner,
            "rampTarget",
            "2026-02-01",
            nodeId=planner.ids["his"],
            startsOn="2026-02-15",
            rampBasisPoints=table,
        )
        figures = await figures_on(planner, "2026-06-30")
        return figures["his"], figures["unassigned team"]

    # February 28 days at nothing, March 31 at a half, April 30 in full.
    assert await ramped(0, 5_000) == (46, 43)
    assert await ramped(0, 2_500) == (38, 51)
    assert await ramped(10_000) == (89, 0)


async def test_a_leaver_keeps_what_he_reached_and_the_seat_has_the_rest_q16(desk: Desk) -> None:
    planner = await a_planner(desk)
    march = {"firstDay": "2026-03-01", "lastDay": "2026-03-31"}
    await planner.add(
        {"key": "team", "amount": "60", "seat": "team", **march},
        {"key": "his", "parentKey": "team", "memberId": desk.member("An"), "amount": "30"},
        {"key": "other", "parentKey": "team", "memberId": desk.member("Bo"), "amount": "30"},
    )
    await planner.publish()

    planner.ids["seat"] = await does(
        planner, "vacateTarget", "2026-03-16", nodeId=planner.ids["his"], credited="11"
    )
    planner.ids["heir"] = await does(
        planner,
        "fillVacancy",
        "2026-03-20",
        nodeId=planner.ids["seat"],
        memberId=desk.member("Chu"),
    )

    by_then = {day: await figures_on(planner, f"2026-03-{day}") for day in (15, 16, 20)}
    assert [by_then[day]["his"] for day in (15, 16, 20)] == [30, 11, 11]
    assert [by_then[day]["seat"] for day in (15, 16, 20)] == [0, 19, 0]
    assert [by_then[day]["heir"] for day in (15, 16, 20)] == [0, 0, 19]
    assert {by_then[day]["team"] for day in (15, 16, 20)} == {60}


async def test_who_leaves_in_a_month_of_his_target_leaves_all_of_it(
    desk: Desk, clock: ManualClock
) -> None:
    planner = await a_planner(desk)
    await planner.add(
        {"key": "team", "amount": "120", "seat": "team"},
        {"key": "his", "parentKey": "team", "memberId": desk.member("An"), "amount": "120"},
        *(month(number, "his", 40) for number in range(2, 5)),
    )
    await planner.publish()
    at(clock, "03-16 09:00")

    planner.ids["seat"] = await does(
        planner, "vacateTarget", "2026-03-16", nodeId=planner.ids["his 3"], credited="11"
    )
    planner.ids["heir"] = await does(
        planner,
        "fillVacancy",
        "2026-03-20",
        nodeId=planner.ids["seat"],
        memberId=desk.member("Chu"),
    )

    found = await figures_on(planner, "2026-04-30")
    assert [found[f"his {number}"] for number in range(2, 5)] == [40, 11, 0]
    assert [found[name] for name in ("his", "seat", "heir", "team")] == [51, 0, 69, 120]


async def test_a_revision_raises_nothing_that_is_over(desk: Desk, clock: ManualClock) -> None:
    planner = await a_planner(desk)
    march = {"firstDay": "2026-03-01", "lastDay": "2026-03-31"}
    await planner.add(
        {"key": "team", "amount": "150", "seat": "team", **march},
        *(
            {"key": name, "parentKey": "team", "memberId": desk.member(name), "amount": "30"}
            for name in ("An", "Bo")
        ),
        {"key": "free", "parentKey": "team", "seat": "free", "amount": "62"},
        {"key": "more", "parentKey": "team", "seat": "more", "amount": "28"},
    )
    await planner.publish()
    at(clock, "03-11 09:00")
    planner.ids["heir"] = await does(
        planner, "vacateTarget", "2026-03-11", nodeId=planner.ids["An"], credited="11"
    )
    planner.ids["moved"] = await does(
        planner,
        "transferTarget",
        "2026-03-11",
        nodeId=planner.ids["Bo"],
        seatNodeId=planner.ids["free"],
    )
    before = await figures_on(planner, "2026-03-31")

    await does(planner, "reviseTarget", "2026-03-12", nodeId=planner.ids["team"], figure="200")

    after = await figures_on(planner, "2026-03-31")
    over = ("An", "Bo", "free")
    assert [before[one] for one in over] == [after[one] for one in over] == [11, 10, 20]
    assert all(after[one] > before[one] for one in ("heir", "moved", "more", "unassigned team"))
    assert after["team"] == 200 == sum(amount for one, amount in after.items() if one != "team")


async def test_a_plan_is_revised_in_july_and_closed_months_keep_their_targets_q31(
    desk: Desk, clock: ManualClock
) -> None:
    planner = await a_planner(desk)
    for year in ("kept", "carried"):
        await planner.add(
            {"key": year, "amount": "1200", "seat": year},
            *(month(n, year, 12 * weight) for n, weight in enumerate(MONTHS, 1)),
        )
    await planner.publish()
    before = await figures_on(planner, "2026-06-30")
    at(clock, "07-01 09:00")

    await does(planner, "reviseTarget", "2026-07-01", nodeId=planner.ids["kept"], figure="1320")
    await does(
        planner,
        "reviseTarget",
        "2026-07-01",
        nodeId=planner.ids["carried"],
        figure="1320",
        mode="CARRY_SHORTFALL",
        credited="443",
    )

    after = await figures_on(planner, "2026-12-31")
    assert [after[f"kept {n}"] for n in range(7, 13)] == [85, 85, 185, 171, 128, 114]
    assert [after[f"carried {n}"] for n in range(7, 13)] == [98, 97, 211, 195, 146, 130]
    assert after["unassigned carried"] == -109
    for year in ("kept", "carried"):
        assert sum(after[f"{year} {n}"] for n in range(1, 7)) == 552
        assert after[year] == 1_320
    past = await figures_on(planner, "2026-06-30")
    assert {name: past[name] for name in before} == before
    plan = await desk.ask(
        "Lin", "query($id: ID!) { targetPlan(id: $id) { state revision } }", id=planner.plan
    )
    assert plan["targetPlan"] == {"state": "REVISED", "revision": 2}

    # What was carried over in July is not missing again in October.
    at(clock, "10-01 09:00")
    reached = 743
    await does(
        planner,
        "reviseTarget",
        "2026-10-01",
        nodeId=planner.ids["carried"],
        figure="1320",
        mode="CARRY_SHORTFALL",
        credited=str(reached),
    )
    after = await figures_on(planner, "2026-12-31")
    assert sum(after[f"carried {n}"] for n in range(10, 13)) == 1_320 - reached
    assert sum(after[f"carried {n}"] for n in range(7, 10)) == 98 + 97 + 211


REVISE = """mutation($input: ReviseTargetInput!) { reviseTarget(input: $input) {
  errors { code message arguments { name value } } } }"""


async def test_who_carries_a_shortfall_that_fits_nowhere_is_told_what_is_missing_and_where(
    desk: Desk, clock: ManualClock
) -> None:
    planner = await a_planner(desk)
    for year in ("plain", "capped", "deep"):
        await planner.add({"key": year, "amount": "300", "seat": year})
    halves = [("2026-01-01", "2026-06-30"), ("2026-07-01", "2026-12-31")]
    for name, pinned in (("capped", True), ("deep", False)):
        await planner.add(
            *(
                {"key": f"{name} {n}", "parentId": planner.ids[name], "amount": "150"}
                | {"split": "PERIOD", "firstDay": first, "lastDay": last}
                | {"pinned": pinned and n == 2}
                for n, (first, last) in enumerate(halves, 1)
            )
        )
    await planner.add(
        {"key": "late An", "parentId": planner.ids["deep 2"], "amount": "150", "pinned": True}
        | {"memberId": desk.member("An")}
    )
    await planner.publish()
    at(clock, "07-01 09:00")

    async def told(name: str) -> tuple[str, dict[str, str], str]:
        asked = {"nodeId": planner.ids[name], "figure": "300", "mode": "CARRY_SHORTFALL"}
        asked |= {"effectiveOn": "2026-07-01", "reason": "another year", "credited": "100"}
        sent = asked | {"idempotencyKey": f"carried-over-{name}"}
        found = await desk.ask("Lin", REVISE, headers={"Accept-Language": "en"}, input=sent)
        (error,) = found["reviseTarget"]["errors"]
        values = {one["name"]: one["value"] for one in error["arguments"]}
        return error["code"], values, error["message"]

    assert (await told("plain"))[0] == "NO_PERIODS_TO_CARRY"
    code, values, said = await told("capped")
    assert (code, values) == (
        "SHORTFALL_NOT_CARRIED",
        {
            "before": "2026-07-01",
            "closed": "150",
            "credited": "100",
            "due": "200",
            "openPeriods": "1",
            "least": "150",
            "most": "150",
        },
    )
    assert "makes 200 due from 1 open period," in said
    code, values, said = await told("deep")
    assert code == "LIMITS_NOT_REACHABLE"
    assert values["targetId"] == planner.ids["deep 2"]
    assert (values["total"], values["least"], values["most"]) == ("200", "150", "150")
    assert "2026-07-01 – 2026-12-31" in said
