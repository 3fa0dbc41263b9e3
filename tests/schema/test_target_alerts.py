"""What is wrong with targets: told once to who leads the place, shown always, over by itself."""

from typing import Any

import pytest
from builders.api import Desk
from builders.credits import Ledger, on_day
from builders.targets import Planner

from service.clock import ManualClock
from service.database.connections import Location, connected
from service.schema.boards import alerts
from service.targets.commands.watching import watch_targets

ALERTS = """{ targetAlerts {
  kind target { member { name } seat } member { name } paceBasisPoints wanted found } }"""
TASKS = """query($kind: String!) { tasks(filter: {kind: {eq: $kind}}) {
  nodes { state message member { name } } } }"""
TOLD = "{ viewer { notifications { nodes { kind message } } } }"


async def shown(desk: Desk, by: str = "Lin") -> list[tuple[str, str | None, Any]]:
    found = (await desk.ask(by, ALERTS))["targetAlerts"]
    return sorted(
        (
            one["kind"],
            one["member"] and one["member"]["name"],
            one["paceBasisPoints"] or (one["wanted"] and (one["wanted"], one["found"])),
        )
        for one in found
    )


async def watched(desk: Desk, kind: str) -> list[tuple[str, str]]:
    """Let the worker come by twice; return whose tasks of a kind there are, and their states."""
    tenant = desk.showroom.tenant
    for _ in range(2):
        await tenant.transactions.internally(tenant.id, "watch_targets", watch_targets)
    nodes = (await desk.ask("Lin", TASKS, kind=kind))["tasks"]["nodes"]
    return sorted((one["member"]["name"], one["state"]) for one in nodes)


async def test_what_is_wrong_is_told_once_and_over_when_it_is_over(
    desk: Desk, clock: ManualClock, location: Location
) -> None:
    ledger = Ledger(desk)
    planner = Planner(desk, metric=await ledger.with_metric())
    await planner.with_plan("march", "2026-03-01", "2026-03-31")
    people = {name: desk.member(name) for name in ("An", "Bo")}
    await planner.add(
        {"key": "root", "amount": "440", "seat": "root"},
        *({"key": name, "parentKey": "root", "memberId": one} for name, one in people.items()),
    )
    await planner.divide("root")
    await planner.publish()
    assert await shown(desk) == []

    # Three working days are over by the 5th: 22 of them have 220, so 30 are expected.
    await ledger.counts("an", 23, {"An": 10_000})
    on_day(clock, "2026-03-05")
    await ledger.counts("bo", 35, {"Bo": 10_000}, creditedOn="2026-03-05")
    # Of An the first two of them were well: it is told of three in a row alone.
    idle = ("REP_IDLE", "An", None)
    assert await shown(desk) == [("PACE_LOW", "Bo", "0"), idle]
    assert await shown(desk, "An") == [idle], "a colleague's is out of sight"
    await what_is_cut_goes_on(desk)
    assert await watched(desk, "target_pace_low") == [("Mei", "OPEN")]
    assert await watched(desk, "rep_idle") == [("Mei", "OPEN")]
    told = (await desk.ask("Mei", TOLD, headers={"Accept-Language": "en"}))["viewer"][
        "notifications"
    ]["nodes"]
    assert {one["message"] for one in told} == {
        "Behind its pace for days: Bo · Plan · 2026-03-01 – 2026-03-31. See what is missing.",
        "An has recorded nothing for days.",
    }

    await ledger.counts("late", 15, {"An": 10_000}, creditedOn="2026-03-05")
    on_day(clock, "2026-03-06")
    assert await shown(desk) == []
    assert await watched(desk, "target_pace_low") == [("Mei", "DONE")]
    assert await watched(desk, "rep_idle") == [("Mei", "DONE")]

    await thresholds(desk)
    await past_the_commands(desk, location)


PIECES = """query($after: ID, $kind: TargetAlertKind) {
  targetAlerts(afterId: $after, kind: $kind) { kind cursor cut } }"""


async def what_is_cut_goes_on(desk: Desk) -> None:
    """The last of an answer says that more follow, and where; what names no place has none."""

    async def after(one: str | None, kind: str | None = None) -> list[Any]:
        return (await desk.ask("Lin", PIECES, after=one, kind=kind))["targetAlerts"]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alerts, "MOST", 1)
        (first,) = await after(None)
        (last,) = await after(first["cursor"])
        assert [(one["kind"], one["cut"]) for one in (first, last)] == [
            ("PACE_LOW", True),
            ("REP_IDLE", False),
        ]
        assert await after(last["cursor"]) == await after("nowhere") == []
        assert await after(first["cursor"], "PACE_LOW") == []


SEASON = [("2026-03-08", 60), ("2026-03-15", 30), ("2026-03-22", 0), ("2026-03-31", 10)]
COLOUR = """query($metric: ID!, $day: Date!) {
  memberBoard(metricId: $metric, asOfDay: $day, period: {month: {year: 2026, month: 3}}) {
    member { name } colour paceBasisPoints } }"""


async def test_of_a_season_an_alert_is_raised_exactly_when_the_board_is_red(
    desk: Desk, clock: ManualClock
) -> None:
    ledger = Ledger(desk)
    planner = Planner(desk, metric=await ledger.with_metric())
    await planner.with_plan("march", "2026-03-01", "2026-03-31")
    people = {name: desk.member(name) for name in ("An", "Bo", "Chu")}
    await planner.add(
        *({"key": name, "amount": "100", "memberId": one} for name, one in people.items())
    )
    steps = [{"lastDay": day, "weight": weight} for day, weight in SEASON]
    await desk.does(
        "Lin", "setTargetSeason", "targetPlan { version }", planId=planner.plan, steps=steps
    )
    await planner.publish()
    await threshold(desk, 9_000)
    # By working days An would be ahead from the first week on, and Chu behind in the third.
    await ledger.counts("an", 40, {"An": 10_000}, creditedOn="2026-03-02")
    on_day(clock, "2026-03-12")
    await ledger.counts("bo", 80, {"Bo": 10_000}, creditedOn="2026-03-12")
    await ledger.counts("chu", 81, {"Chu": 10_000}, creditedOn="2026-03-12")

    met: set[tuple[str, bool]] = set()
    for now, last in (("17", "16"), ("18", "17"), ("24", "23"), ("26", "25"), ("31", "30")):
        on_day(clock, f"2026-03-{now}")
        asked = {"metric": planner.metric, "day": f"2026-03-{last}"}
        board = (await desk.ask("Lin", COLOUR, **asked))["memberBoard"]
        red = {
            row["member"]["name"]: row["paceBasisPoints"] for row in board if row["colour"] == "RED"
        }
        low = {name: pace for kind, name, pace in await shown(desk) if kind == "PACE_LOW"}
        assert low == red, now
        met |= {(name, name in red) for name in people}
    assert met == {("An", True), ("Bo", True), ("Chu", False), ("Chu", True)}


TREE = "{ territoryTree { territory { id } } }"


async def test_of_targets_in_two_territories_each_is_behind_by_what_counted_in_it(
    desk: Desk, clock: ManualClock
) -> None:
    tree = (await desk.ask("Lin", TREE))["territoryTree"]
    whole, north = tree[0]["territory"]["id"], tree[-1]["territory"]["id"]
    ledger = Ledger(desk)
    planner = Planner(desk, metric=await ledger.with_metric())
    await planner.with_plan("march", "2026-03-01", "2026-03-31")
    an, bo = desk.member("An"), desk.member("Bo")
    await planner.add(
        {"key": "north", "amount": "220", "territoryId": north, "memberId": an},
        {"key": "whole", "amount": "110", "territoryId": whole, "memberId": an},
        {"key": "bo", "amount": "22", "territoryId": north, "memberId": bo},
    )
    await planner.publish()
    await threshold(desk, 9_000)
    await ledger.counts("an", 40, {"An": 10_000}, territoryId=whole)
    await ledger.counts("bo", 2, {"Bo": 10_000}, territoryId=whole)
    on_day(clock, "2026-03-04")

    # Two of 22 working days are over. Nothing counted in the north, and of Bo, who is there alone,
    # everything does.
    assert [one for one in await shown(desk) if one[0] == "PACE_LOW"] == [("PACE_LOW", "An", "0")]


async def threshold(desk: Desk, basis_points: int) -> None:
    """The company wants to be told of one day below a share of what is expected."""
    desk.showroom.people["Ada"] = desk.showroom.tenant.admin_id
    version = (await desk.ask("Ada", "{ tenant { version } }"))["tenant"]["version"]
    sent = {"alertPaceBasisPoints": basis_points, "alertPaceDays": 1}
    await desk.does("Ada", "editTenant", "tenant { version }", expectedVersion=version, **sent)


async def thresholds(desk: Desk) -> None:
    """The company says what is too little."""
    desk.showroom.people["Ada"] = desk.showroom.tenant.admin_id
    version = (await desk.ask("Ada", "{ tenant { version } }"))["tenant"]["version"]
    edited = await desk.does(
        "Ada",
        "editTenant",
        "tenant { alertPaceBasisPoints alertPaceDays alertIdleDays }",
        expectedVersion=version,
        alertPaceBasisPoints=9_900,
        alertPaceDays=1,
    )
    assert edited["tenant"] == {
        "alertPaceBasisPoints": 9_900,
        "alertPaceDays": 1,
        "alertIdleDays": 2,
    }
    assert await shown(desk) == [("PACE_LOW", "An", "9500"), ("PACE_LOW", "Bo", "8750")]
    assert await watched(desk, "target_pace_low") == [("Mei", "DONE"), *[("Mei", "OPEN")] * 2]


async def past_the_commands(desk: Desk, location: Location) -> None:
    """What no command makes is found all the same."""
    async with connected(location, "postgres") as connection:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(
            "UPDATE app.target_node SET amount = amount + 1"
            " WHERE tenant_id = $1 AND member_id = $2",
            desk.showroom.tenant_id,
            desk.showroom.people["An"],
        )
        await connection.execute(
            "UPDATE app.member SET state = 'LEFT' WHERE tenant_id = $1 AND id = $2",
            desk.showroom.tenant_id,
            desk.showroom.people["Bo"],
        )
    rest = [one for one in await shown(desk) if one[0] in {"SUM_BROKEN", "WITHOUT_OWNER"}]
    assert rest == [("SUM_BROKEN", None, ("440", "441")), ("WITHOUT_OWNER", "Bo", None)]
    assert await watched(desk, "target_sum_broken") == [("Lin", "OPEN")]


async def test_nobody_is_behind_on_days_before_his_plan_was_in_force(
    desk: Desk, clock: ManualClock
) -> None:
    planner = Planner(desk, metric=await Ledger(desk).with_metric())
    await planner.with_plan("march", "2026-03-01", "2026-03-31")
    await planner.add({"key": "An", "amount": "220", "memberId": desk.member("An")})
    on_day(clock, "2026-03-18")
    await planner.publish()

    told = []
    for day in ("2026-03-18", "2026-03-20", "2026-03-21"):
        on_day(clock, day)
        told.append([kind for kind, _, _ in await shown(desk) if kind == "PACE_LOW"])

    # The 18th, the 19th and the 20th are the first three working days of it that are over.
    assert told == [[], [], ["PACE_LOW"]]


async def test_nobody_is_judged_by_a_street_target_beside_what_is_counted_on(
    desk: Desk, clock: ManualClock
) -> None:
    ledger = Ledger(desk)
    planner = Planner(desk, metric=await ledger.with_metric())
    await planner.with_plan("march", "2026-03-01", "2026-03-31")
    an, bo = ({"memberId": desk.member(name)} for name in ("An", "Bo"))
    await planner.add(
        {"key": "An", "amount": "22", **an},
        {"key": "An street", "amount": "2200", "kind": "STREET", **an},
        {"key": "Bo street", "amount": "2200", "kind": "STREET", **bo},
        # Of another line nothing is counted on.
        {"key": "Bo by phone", "amount": "22", "channelCode": "phone", **bo},
    )
    await planner.publish()
    await ledger.counts("a", 22, {"An": 10_000})
    on_day(clock, "2026-03-10")

    assert [one for one in await shown(desk) if one[0] == "PACE_LOW"] == [("PACE_LOW", "Bo", "0")]
    # What is counted on no more leaves what was given out.
    assert (await planner.adjust("An", -22, "2026-03-10", holder="NONE"))["errors"] == []
    low = [name for kind, name, _ in await shown(desk) if kind == "PACE_LOW"]
    assert low == ["An", "Bo"]
