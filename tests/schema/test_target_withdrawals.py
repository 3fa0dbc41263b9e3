"""A leave is cancelled: its relief is withdrawn, once, and from a day on (targets page 4.4)."""

import asyncio
from typing import Any

import pytest
from builders.api import Desk
from builders.reception import at
from builders.targets import Planner

from service.clock import ManualClock
from service.targets.checking import broken_invariants
from service.work import Caller

CHANGES = """query($plan: ID!) { targetChanges(first: 200, filter: {planId: {eq: $plan}}) { nodes {
  id node { id } effectiveOn delta kind awayFrom opposite { id } } } }"""
JUNE = {"firstDay": "2026-06-01", "lastDay": "2026-06-30"}
# Of 21 working days six, and five.
AWAY = {"awayFrom": "2026-06-22", "awayUntil": "2026-06-29"}
NEXT = {"awayFrom": "2026-06-01", "awayUntil": "2026-06-05"}
HOLDERS = ("MANAGER", "PEERS", "NONE")


@pytest.fixture
async def planner(desk: Desk) -> Planner:
    """Teams of three that give out more than they have, and one that nobody touches."""
    planner = Planner(desk)
    await planner.with_metric()
    await planner.with_plan()
    for team in (*HOLDERS, "untouched"):
        await planner.add(
            {"key": team, "amount": "100", "seat": team, "overAssignmentBasisPoints": 2_900} | JUNE,
            *(
                {"key": f"{team} {name}", "parentKey": team, "seat": name, "amount": "43"}
                for name in "abc"
            ),
        )
    await planner.publish()
    return planner


async def relieved(
    planner: Planner, node: str, holder: str, away: dict[str, str], on: str = "2026-06-01"
) -> None:
    await planner.desk.does(
        "Lin",
        "relieveTarget",
        "targetNode { id }",
        nodeId=planner.ids[node],
        effectiveOn=on,
        reason="leave",
        holder=holder,
        **away,
    )


async def changes(planner: Planner) -> list[dict[str, Any]]:
    """Return all changes of the plan, those that were made last first."""
    data = await planner.desk.ask("Lin", CHANGES, plan=planner.plan)
    nodes: list[dict[str, Any]] = data["targetChanges"]["nodes"]
    return nodes


async def relief_of(planner: Planner, node: str) -> list[str]:
    """Return the ids of what the one relief of a target changed, its own first."""
    found = await changes(planner)
    (own,) = [
        one["id"] for one in found if one["node"]["id"] == planner.ids[node] and one["awayFrom"]
    ]
    return [own, *(one["id"] for one in found if (one["opposite"] or {}).get("id") == own)]


async def withdrawn(planner: Planner, change: str, on: str, by: str = "Lin") -> Any:
    return await planner.desk.api.tries(
        planner.desk.token(by),
        "withdrawRelief",
        "targetNode { id }",
        changeId=change,
        effectiveOn=on,
        reason="leave cancelled",
    )


def codes(payload: Any) -> list[str]:
    return [one["code"] for one in payload["errors"]]


async def figures_on(planner: Planner, day: str) -> dict[str, int]:
    """Return what each target has on a day: what was set, and what has changed by then."""
    names = {made: name for name, made in planner.ids.items()}
    found: dict[str, int] = {}
    for node in await planner.nodes():
        name = names.get(node["id"]) or f"unassigned {names[node['parent']['id']]}"
        found[name] = int(node["setFigure"])
        names[node["id"]] = name
    for one in await changes(planner):
        if one["effectiveOn"] <= day:
            found[names[one["node"]["id"]]] += int(one["delta"])
    return found


async def sums_hold(planner: Planner) -> bool:
    tenant = planner.desk.showroom.tenant.id
    async with planner.desk.api.transactions.sight(Caller(tenant, None, "check")) as sight:
        return await broken_invariants(sight) == []


async def test_a_cancelled_leave_leaves_every_figure_as_if_it_had_never_been(
    planner: Planner,
) -> None:
    before = await figures_on(planner, "2026-06-30")
    for holder in HOLDERS:
        await relieved(planner, f"{holder} a", holder, AWAY)
    with_it = await figures_on(planner, "2026-06-30")

    for holder in HOLDERS:
        # 43 × 6 ÷ 21
        assert with_it[f"{holder} a"] == 43 - 12
        # Any change of the relief will do.
        change = (await relief_of(planner, f"{holder} a"))[-1]
        done = await withdrawn(planner, change, "2026-06-10")
        assert (codes(done), done["targetNode"]) == ([], {"id": planner.ids[f"{holder} a"]})

    assert await figures_on(planner, "2026-06-09") == with_it
    unassigned = {name: 0 for name in with_it if name not in before}
    assert await figures_on(planner, "2026-06-10") == before | unassigned
    # A next leave takes what it takes of who was never relieved, and so does the first once more.
    for away, taken in ((NEXT, 10), (AWAY, 23)):
        await relieved(planner, "untouched a", "MANAGER", away)
        for holder in HOLDERS:
            await relieved(planner, f"{holder} a", holder, away)
        figures = await figures_on(planner, "2026-06-30")
        left = {figures[f"{team} a"] for team in (*HOLDERS, "untouched")}
        assert left == {43 - taken}
    assert await sums_hold(planner)


async def test_a_relief_is_withdrawn_once_and_not_before_it_begins(
    planner: Planner, clock: ManualClock
) -> None:
    await relieved(planner, "MANAGER a", "MANAGER", AWAY)
    await relieved(planner, "NONE a", "NONE", AWAY)
    await planner.adjust("MANAGER b", 2, "2026-06-01")
    adjusted = next(one["id"] for one in await changes(planner) if one["kind"] == "ADJUSTMENT")
    relief = await relief_of(planner, "MANAGER a")

    assert codes(await withdrawn(planner, relief[0], "2026-05-31")) == ["WITHDRAWN_BEFORE_RELIEF"]
    assert codes(await withdrawn(planner, relief[0], "2026-03-01")) == ["CHANGE_IN_THE_PAST"]
    assert codes(await withdrawn(planner, adjusted, "2026-06-02")) == ["NOT_FOUND"]
    assert codes(await withdrawn(planner, relief[0], "2026-07-01")) == ["CHANGE_IN_THE_PAST"]
    for change in (relief[0], (await relief_of(planner, "NONE a"))[0]):
        assert codes(await withdrawn(planner, change, "2026-06-02", by="An")) == ["NOT_FOUND"]

    # Two at once: one withdraws it, the other is told so.
    found = await asyncio.gather(
        *(withdrawn(planner, change, "2026-06-02") for change in (relief[0], relief[-1]))
    )
    assert sorted(codes(one) for one in found) == [[], ["RELIEF_WITHDRAWN"]]
    opposed = [one["id"] for one in await changes(planner) if one["effectiveOn"] == "2026-06-02"]
    assert len(opposed) == len(relief)
    for change in (*relief, *opposed):
        assert codes(await withdrawn(planner, change, "2026-06-03")) == ["RELIEF_WITHDRAWN"]
    assert await sums_hold(planner)

    late = (await relief_of(planner, "NONE a"))[0]
    at(clock, "07-01 09:00")
    assert codes(await withdrawn(planner, late, "2026-06-30")) == ["CHANGE_IN_THE_PAST"]


async def test_a_relief_of_months_is_withdrawn_whole_where_none_of_them_is_over(
    desk: Desk,
) -> None:
    planner = Planner(desk)
    await planner.with_metric()
    first = await planner.with_plan()
    july = {"firstDay": "2026-07-01", "lastDay": "2026-07-31"}
    await planner.add(
        {"key": "team", "amount": "101", "seat": "team", "overAssignmentBasisPoints": 5_000},
        {"key": "his", "parentKey": "team", "memberId": desk.member("An"), "amount": "100"},
        {"key": "hers", "parentKey": "team", "memberId": desk.member("Bo"), "amount": "52"},
        *(
            {"key": key, "parentKey": "his", "split": "PERIOD", "amount": "50", **days}
            for key, days in (("June", JUNE), ("July", july))
        ),
    )
    await planner.publish()
    for away_from, away_until in (("2026-06-25", "2026-07-03"), ("2026-06-22", "2026-06-24")):
        await desk.does(
            "Lin",
            "relieveTarget",
            "targetNode { id }",
            nodeId=planner.ids["his"],
            awayFrom=away_from,
            awayUntil=away_until,
            effectiveOn="2026-06-15",
            reason="leave",
            holder="NONE",
        )
    before = await figures_on(planner, "2026-12-31")
    relief = [one for one in await changes(planner) if one["awayFrom"] == "2026-06-25"]
    assert len(relief) == 2
    # Rounded otherwise than when the leave was told: the team has another figure by now.
    assert (await planner.adjust("hers", 1, "2026-06-15", holder="NONE"))["errors"] == []

    early = await withdrawn(planner, relief[0]["id"], "2026-06-14")
    assert codes(early) == ["WITHDRAWN_BEFORE_RELIEF"]
    assert codes(await withdrawn(planner, relief[0]["id"], "2026-08-01")) == ["CHANGE_IN_THE_PAST"]
    done = await withdrawn(planner, relief[0]["id"], "2026-06-20")

    assert (codes(done), done["targetNode"]) == ([], {"id": planner.ids["his"]})
    after = await figures_on(planner, "2026-12-31")
    given_back = {name: after[name] - before[name] for name in ("June", "July", "his")}
    taken = {one["node"]["id"]: -int(one["delta"]) for one in relief}
    assert given_back["June"] == taken[planner.ids["June"]]
    assert given_back["July"] == taken[planner.ids["July"]]
    assert given_back["his"] == given_back["June"] + given_back["July"] > 0
    assert await sums_hold(planner)

    await planner.with_plan("second", revisionOfId=first)
    await planner.add({"key": "new", "amount": "130", "memberId": desk.member("An")})
    await planner.publish()
    gone = next(one for one in await changes_of(planner, first) if one["awayFrom"] == "2026-06-22")
    assert codes(await withdrawn(planner, gone["id"], "2026-06-20")) == ["TARGET_PLAN_SUPERSEDED"]


MONTHS = {
    "June": JUNE,
    "July": {"firstDay": "2026-07-01", "lastDay": "2026-07-31"},
    "August": {"firstDay": "2026-08-01", "lastDay": "2026-08-31"},
}


async def a_team_by_months(desk: Desk) -> Planner:
    """A team that gives out more than it has; one of its three has no months."""
    planner = Planner(desk)
    await planner.with_metric()
    await planner.with_plan()
    amounts = {"a": (30, 41, 29), "b": (20, 33, 41), "c": (12, 11, 12)}
    await planner.add(
        {"key": "team", "amount": "199", "seat": "t", "overAssignmentBasisPoints": 1_500},
        *(
            {"key": key, "parentKey": "team", "seat": key, "amount": str(sum(amount))}
            for key, amount in amounts.items()
        ),
        *(
            {"key": f"{key} {month}", "parentKey": key, "split": "PERIOD", "amount": str(amount)}
            | days
            for key in "ab"
            for (month, days), amount in zip(MONTHS.items(), amounts[key], strict=True)
        ),
    )
    await planner.publish()
    return planner


@pytest.mark.parametrize("holder", HOLDERS)
async def test_of_a_relief_whose_first_month_is_over_the_months_after_it_are_as_they_were(
    desk: Desk, clock: ManualClock, holder: str
) -> None:
    planner = await a_team_by_months(desk)
    before = await figures_on(planner, "2026-12-31")
    await relieved(planner, "a", holder, {"awayFrom": "2026-06-22", "awayUntil": "2026-08-07"})
    with_it = await figures_on(planner, "2026-12-31")
    # 7 of 21 working days, all of 23, 5 of 21: ten, all and seven.
    assert [with_it[f"a {month}"] for month in MONTHS] == [20, 0, 22]

    at(clock, "07-06 09:00")
    relief = await relief_of(planner, "a June")
    done = await withdrawn(planner, relief[0], "2026-07-06")

    assert (codes(done), done["targetNode"]) == ([], {"id": planner.ids["a"]})
    assert await figures_on(planner, "2026-07-05") == with_it
    after = await figures_on(planner, "2026-12-31")
    assert [after[f"a {month}"] for month in MONTHS] == [20, 41, 29]
    assert after["a"] == before["a"] - 10
    # June's ten are its peers' still, half each.
    held = 5 if holder == "PEERS" else 0
    assert {name: after[name] for name in before if name[0] in "bc"} == {
        name: before[name] + (held if name in ("b", "b June", "c") else 0)
        for name in before
        if name[0] in "bc"
    }
    assert after["team"] == before["team"] - (round(10 / 1.15) if holder == "NONE" else 0)
    assert await sums_hold(planner)
    # It is withdrawn once, and the days of the months that were given back may be relieved anew.
    for change in (relief[0], relief[-1]):
        assert codes(await withdrawn(planner, change, "2026-08-01")) == ["RELIEF_WITHDRAWN"]
    again = {"awayFrom": "2026-07-06", "awayUntil": "2026-07-10"}
    await relieved(planner, "a", holder, again, on="2026-07-06")
    assert (await figures_on(planner, "2026-12-31"))["a July"] == 41 - 9
    assert await sums_hold(planner)


async def changes_of(planner: Planner, plan: str) -> list[dict[str, Any]]:
    data = await planner.desk.ask("Lin", CHANGES, plan=plan)
    nodes: list[dict[str, Any]] = data["targetChanges"]["nodes"]
    return nodes
