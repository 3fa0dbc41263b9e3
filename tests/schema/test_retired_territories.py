"""A retired territory is a row of the periods in which it stood, and of what it has since."""

from typing import Any

from builders.api import Desk
from builders.credits import Ledger, on_day
from builders.targets import NAMES, Planner

from service.clock import ManualClock

BOARD = """query($root: ID!, $metric: ID!, $period: PeriodInput!, $day: Date) {
  territoryBoard(territoryId: $root, metricId: $metric, period: $period, asOfDay: $day, depth: 9) {
    territory { code } target credited } }"""
WITH_YEAR = BOARD.replace("credited }", "credited year { credited } }")
TREE = "{ territoryTree { territory { id code version } } }"
MARCH, APRIL = ({"month": {"year": 2026, "month": month}} for month in (3, 4))


async def test_a_retired_territory_is_a_row_of_its_days_and_of_what_counts_there_since(
    desk: Desk, clock: ManualClock
) -> None:
    root = (await desk.ask("Lin", TREE))["territoryTree"][0]["territory"]["id"]
    ledger = Ledger(desk)
    planner = Planner(desk, metric=await ledger.with_metric())
    desk.showroom.people["Ada"] = desk.showroom.tenant.admin_id
    places = {}
    for code in ("empty", "sold", "aimed"):
        made = await desk.does(
            "Ada",
            "createTerritory",
            "territory { id version }",
            code=code,
            parentId=root,
            dimension="area",
            names=NAMES,
        )
        places[code] = made["territory"]["id"]
    await planner.with_plan("april", "2026-04-01", "2026-04-30")
    await planner.add({"key": "aimed", "amount": "7", "territoryId": places["aimed"]})
    await planner.publish()
    await ledger.counts("march", 5, {"An": 10_000}, territoryId=places["empty"])
    on_day(clock, "2026-03-20")
    for code, place in places.items():
        await desk.does(
            "Ada", "retireTerritory", "territory { id }", territoryId=place, expectedVersion=1
        )
        assert code in await rows(desk, root, planner, MARCH), "it stood in March"
    on_day(clock, "2026-04-10")
    await ledger.counts("april", 3, {"An": 10_000}, creditedOn="2026-04-09", territoryId=root)
    credited = {"An": 10_000}
    late = await ledger.tries(
        "late", 4, credited, creditedOn="2026-04-09", territoryId=places["sold"]
    )
    counts = late["errors"] == []

    march = await rows(desk, root, planner, MARCH)
    assert march["empty"]["credited"] == "5"
    assert march.keys() >= places.keys()
    april = await rows(desk, root, planner, APRIL)
    assert "empty" not in april
    assert april["aimed"] == {"target": "7", "credited": "0"}
    assert ("sold" in april) == counts
    top = next(iter(april.values()))
    assert top["credited"] == str(3 + 4 * counts)
    past = await rows(desk, root, planner, APRIL, day="2026-04-09")
    assert past.keys() == april.keys() - {"sold"}, "it was recorded later"
    # Asked for the year besides, what counted there in March is shown where it counted.
    year = await rows(desk, root, planner, APRIL, document=WITH_YEAR)
    assert year["empty"]["year"] == {"credited": "5"}


async def rows(
    desk: Desk,
    root: str,
    planner: Planner,
    period: Any,
    *,
    day: str | None = None,
    document: str = BOARD,
) -> dict[str, Any]:
    """Return the board's rows by the territory's code."""
    asked = {"root": root, "metric": planner.metric, "period": period, "day": day}
    found = (await desk.ask("Lin", document, **asked))["territoryBoard"]
    return {row.pop("territory")["code"]: row for row in found}
