"""Boards keep their past, sum to what one may list, and show nobody what is not his to see."""

import json
from typing import Any

from builders.api import Desk
from builders.credits import Ledger, on_day
from builders.happenings import (
    ALL,
    BOARDS,
    FOUND,
    LISTED,
    ON_DAY,
    PERIOD,
    SEEN,
    STAY,
    TO_PEOPLE,
    TREE,
    UNITS,
    WHOLE,
    House,
)
from builders.recounted import Recounted, boards_recounted, own_recounted
from builders.targets import Planner
from builders.tenants import a_tenant

from service.clock import ManualClock
from service.database.connections import Location, connected


async def test_no_past_figure_changes_and_every_sum_is_that_of_the_list(
    desk: Desk, clock: ManualClock, location: Location
) -> None:
    house = House(desk, clock)
    await house.made()
    on_day(clock, "2026-03-02")
    kept: dict[int, str] = {}
    for _ in range(75):
        was = house.day
        await house.next()
        if house.day > was:
            kept[was] = await house.all_of(was)
    assert len(kept) > 5

    for day, found in kept.items():
        assert await house.all_of(day) == found, day
    now = await house.boards(None)
    assert now == {**now, **await house.boards(None)}
    rows = {row["territory"]["id"]: row for row in now["territoryBoard"]}
    assert rows.keys() == set(house.places)
    for place, row in rows.items():
        asked = {"metric": house.planner.metric, "place": place}
        own = sum(
            int(one["amount"])
            for one in (await desk.ask("Lin", LISTED, **asked))["here"]["nodes"]
            if one["kind"] == "PRIMARY"
        )
        below = sum(
            int(one["credited"])
            for one in rows.values()
            if one["parent"] and one["parent"]["id"] == place
        )
        assert int(row["credited"]) == own + below

    await every_figure_is_that_of_the_entries(house, sorted(kept)[1::3])
    await who_left_keeps_his_credit(house, int(now["territoryBoard"][0]["credited"]))
    await late_is_what_was_recorded_after_its_day(house, location)
    await nobody_sees_more(house)


async def every_figure_is_that_of_the_entries(house: House, days: list[int]) -> None:
    """Boards and people's own targets, computed once more from what the lists have."""
    today = f"2026-03-{house.day:02}"
    recounted = Recounted(house.desk, house.planner.metric)
    await recounted.read("Lin")
    for day in (None, *(f"2026-03-{one:02}" for one in days)):
        assert await boards_recounted(recounted, house.places[0], day, today) > len(house.places)
        for name in STAY:
            assert await own_recounted(recounted, name, day, today)


async def test_who_goes_elsewhere_stays_on_the_past_boards_of_who_saw_him(
    desk: Desk, clock: ManualClock
) -> None:
    house = House(desk, clock)
    await house.made()
    tenant = desk.showroom.tenant
    team, root = tenant.units[tenant.team_unit], tenant.territories[tenant.team_territory]
    house.units += [f"org_unit_{team}"] * 3
    on_day(clock, "2026-03-02")
    asked = {"root": f"territory_{root}", "metric": house.planner.metric}
    asked |= {"card": house.card, "scheme": house.scheme}

    async def seen(day: str) -> Any:
        return await desk.ask("Mei", SEEN, day=day, **asked)

    kept: dict[str, Any] = {}
    for _ in range(45):
        was = house.day
        await house.next(TO_PEOPLE)
        if house.day > was:
            kept[f"2026-03-{was:02}"] = await seen(f"2026-03-{was:02}")
    assert len(kept) > 5
    for day, found in kept.items():
        assert await seen(day) == found, day
    boards = [{row["memberName"] for row in one["memberBoard"]} for one in kept.values()]
    assert any(one - other and other - one for one in boards for other in boards)


async def test_a_past_board_has_whom_one_saw_on_its_day_and_his_record_is_that_of_today(
    desk: Desk, clock: ManualClock
) -> None:
    house = House(desk, clock)
    house.planner.metric = await house.ledger.with_metric()
    house.unit = (await desk.ask("Lin", UNITS))["orgUnitTree"][0]["orgUnit"]["id"]
    await house.new_unit(house.unit)
    tenant = desk.showroom.tenant
    team, far = f"org_unit_{tenant.units[tenant.team_unit]}", house.units[0]
    on_day(clock, "2026-03-02")
    await house.goes_to("An", team)
    await house.goes_to("Bo", far)
    on_day(clock, "2026-03-03")
    for name, amount in (("An", 7), ("Bo", 5), ("Mei", 1)):
        await house.ledger.counts(name, amount, {name: 10_000}, creditedOn="2026-03-03")
    span = {"kind": "SICK", "firstDay": "2026-03-03", "lastDay": "2026-03-03"}
    await desk.does("Ada", "recordLeave", "leave { id }", memberId=desk.member("An"), **span)
    on_day(clock, "2026-03-04")

    async def board(day: str | None, after: str | None = None) -> Any:
        sent = {"metric": house.planner.metric, "day": day, "after": after}
        return (await desk.ask("Mei", FOUND, **sent))["memberBoard"]

    def of(rows: Any) -> list[Any]:
        return [
            (row["memberName"], row["credited"], row["absentCount"], bool(row["member"]))
            for row in rows
        ]

    assert of(await board("2026-03-03")) == [("An", "7", 1, True), ("Mei", "1", 0, True)]
    await house.goes_to("An", far)
    await house.goes_to("Bo", team)

    # What she saw then she sees now. His record is out of her sight: his name alone is told.
    then = await board("2026-03-03")
    assert of(then) == [("An", "7", 1, False), ("Mei", "1", 0, True)]
    assert of(await board("2026-03-03", then[0]["cursor"])) == [("Mei", "1", 0, True)]
    # Whom she has now and had not then comes on no board of then.
    for day in ("2026-03-04", None):
        assert "An" not in [name for name, *_ in of(await board(day))]


async def who_left_keeps_his_credit(house: House, whole: int) -> None:
    """People's figures sum to the territory's: who has left is among them, with his bonus."""
    asked = {"metric": house.planner.metric, "card": house.card, "scheme": house.scheme}
    found = await house.desk.ask("Lin", PERIOD, **asked)
    left = {one["member"]["name"] for one in found["memberBoard"] if one["member"]["leftOn"]}
    assert left
    for board in ("memberBoard", "memberBonuses"):
        assert sum(int(one["credited"]) for one in found[board]) == whole
    assert all(left <= {one["member"]["name"] for one in board} for board in found.values())


async def test_who_left_and_has_nothing_is_on_the_boards_of_his_days_alone(
    desk: Desk, clock: ManualClock
) -> None:
    on_day(clock, "2026-03-02")
    planner, admin = Planner(desk), desk.showroom.tenant.admin_id
    await planner.with_metric()
    await planner.with_plan("march", "2026-03-01", "2026-03-31")
    await planner.add(
        {"key": "root", "amount": "60", "seat": "root"},
        *({"key": name, "parentKey": "root", "memberId": desk.member(name)} for name in STAY),
    )
    await planner.divide("root")
    await planner.publish()
    on_day(clock, "2026-03-04")
    await desk.does(
        "Lin", "vacateTarget", "targetNode { id }", nodeId=planner.ids["An"], credited="0",
        effectiveOn="2026-03-04", reason="leaves",
    )  # fmt: skip
    on_day(clock, "2026-03-06")

    async def board(day: str | None, *, restated: bool = False) -> dict[str, str]:
        asked = {"metric": planner.metric, "day": day, "restated": restated}
        found = await desk.ask("Lin", ON_DAY, **asked)
        return {row["member"]["name"]: row["target"] for row in found["memberBoard"]}

    # While he works here, even a target of 0 is his.
    assert await board(None) == {"An": "0", "Bo": "30"}
    await desk.api.does(
        desk.api.token(desk.showroom.tenant_id, admin), "leaveMember", "member { id }",
        memberId=desk.member("An"), expectedVersion=1, leftOn="2026-03-03",
    )  # fmt: skip

    assert await board(None) == {"Bo": "30"}
    assert await board("2026-03-05") == {"An": "0", "Bo": "30"}
    assert await board("2026-03-05", restated=True) == {"Bo": "30"}
    assert await board("2026-03-03") == {"An": "30", "Bo": "30"}


async def late_is_what_was_recorded_after_its_day(house: House, location: Location) -> None:
    """What past boards leave out is, entry by entry, what the ledger says of it."""
    async with connected(location, "postgres") as connection:
        kept, found = [
            [tuple(row) for row in await connection.fetch(text, house.desk.showroom.tenant_id)]
            for text in (
                "SELECT metric_id, kind, credited_on, recorded_on, territory_id, member_id, amount,"
                " base, entry_count FROM app.metric_credit_late WHERE tenant_id = $1 ORDER BY id",
                "SELECT metric_id, kind, credited_on, (recorded_at AT TIME ZONE 'Asia/Shanghai')"
                "::date, territory_id, member_id, sum(amount), coalesce(sum(base), 0), count(*)"
                " FROM app.metric_credit WHERE tenant_id = $1 AND credited_on"
                " < (recorded_at AT TIME ZONE 'Asia/Shanghai')::date GROUP BY 1, 2, 3, 4, 5, 6",
            )
        ]
    assert kept
    assert sorted(kept, key=str) == sorted(found, key=str)


async def nobody_sees_more(house: House) -> None:
    """A regional manager has his own part alone, a rep himself, a stranger nothing."""
    tenant = house.desk.showroom.tenant
    part = f"territory_{tenant.territories[tenant.team_territory]}"
    rita = await tenant.member("Rita", "regional-manager")
    house.desk.showroom.people["Rita"] = rita
    whole = {row["territory"]["id"]: row for row in (await house.boards(None))["territoryBoard"]}
    hers = (await house.boards(None, "Rita", part))["territoryBoard"]
    assert [row["credited"] for row in hers[:1]] == [whole[part]["credited"]]
    # Of what stands above she is told what she could list: neither its target nor what is held.
    above = (await house.boards(None, "Rita"))["territoryBoard"]
    assert above[0]["territory"]["id"] == house.places[0]
    listed = (await house.desk.ask("Rita", ALL, metric=house.planner.metric))["metricCreditDays"]
    hers_alone = sum(int(one["amount"]) for one in listed["nodes"] if one["kind"] == "PRIMARY")
    assert above[0]["credited"] == str(hers_alone)
    told = ("target", "unassigned", "lastChange")
    assert [above[0][name] for name in told] == [None, "0", None]
    assert {row["member"]["name"] for row in (await house.boards(None, "An"))["memberBoard"]} == {
        "An"
    }
    other = await a_tenant(tenant.transactions)
    token = house.desk.api.token(other.id, other.admin_id)
    asked = {"root": part, "metric": house.planner.metric}
    missing = {"root": f"territory_{other.id}", "metric": f"metric_{other.id}"}
    foreign = [
        json.dumps(await house.desk.api.ask(token, BOARDS, **one)) for one in (asked, missing)
    ]
    assert foreign[0] == foreign[1] == '{"territoryBoard": [], "memberBoard": []}'


async def test_the_company_s_own_target_is_that_of_the_territory_above_all_others(
    desk: Desk,
) -> None:
    planner, ledger = Planner(desk), Ledger(desk)
    planner.metric = await ledger.with_metric()
    await planner.with_plan("march", "2026-03-01", "2026-03-31")
    tree = (await desk.ask("Lin", TREE))["territoryTree"]
    top, leaf = tree[0]["territory"], tree[-1]["territory"]
    await planner.add(
        {"key": "company", "amount": "100", "overAssignmentBasisPoints": 1_000},
        {"key": "all", "parentKey": "company", "territoryId": top["id"]},
        {"key": "leaf", "parentKey": "all", "territoryId": leaf["id"]},
        # Of a product, a channel or a seat it is not the company's own.
        {"key": "part", "amount": "7", "productCode": "villa"},
    )
    await planner.divide("company")
    await planner.divide("all")
    await planner.publish()
    await ledger.counts("a", 30, {"An": 10_000}, territoryId=leaf["id"])

    async def targets(by: str, root: dict[str, str], **asked: Any) -> dict[str, Any]:
        sent = {"root": root["id"], "metric": planner.metric, **asked}
        rows = (await desk.ask(by, WHOLE, **sent))["territoryBoard"]
        return {
            row["territory"]["code"]: (row["target"], row["attainmentBasisPoints"]) for row in rows
        }

    for asked in ({}, {"day": "2026-03-02"}, {"day": "9999-12-31"}):
        found = await targets("Lin", top, **asked)
        assert (found[top["code"]], found[leaf["code"]]) == (("100", "3000"), ("110", "2727"))
    assert (await targets("Lin", leaf))[leaf["code"]][0] == "110"
    # Who does not see the company's target sees nothing of what is above his.
    assert (await targets("Mei", top))[top["code"]][0] is None
