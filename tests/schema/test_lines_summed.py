"""A channel or a product without a target as a whole has what its parts have, and says so."""

from collections.abc import Mapping
from typing import Any

import pytest
from builders.api import Desk
from builders.credits import Ledger
from builders.targets import Planner

LINES = """query($metric: ID!) {
  lineBoard(metricId: $metric, period: {month: {year: 2026, month: 3}}) {
    channelCode productCode target targetSummed credited gap unassigned } }"""
Line = tuple[str | None, str | None]
# Stores have a number of their own, and more in their products; online and by phone have products
# alone; of ovens there is a number through all channels, of what is in one channel alone, none.
SET: dict[Line, int] = {
    ("stores", None): 90,
    ("stores", "fridge"): 40,
    ("stores", "oven"): 60,
    ("online", "fridge"): 7,
    ("online", "oven"): 11,
    ("phone", "kettle"): 3,
    (None, "oven"): 65,
}


def expected(own: Mapping[Line, int]) -> dict[Line, tuple[str, bool]]:
    """Work out what each line shows: its own, or what those together have that are in it."""
    wholes = {(one, None) for one, _ in own} | {(None, one) for _, one in own}
    shown = {line: (str(amount), False) for line, amount in own.items()}
    for channel, product in wholes - own.keys() - {(None, None)}:
        parts = [
            amount
            for (one, of), amount in own.items()
            if one is not None and of is not None and (one == channel or of == product)
        ]
        shown[channel, product] = (str(sum(parts)), True)
    return shown


async def planned(desk: Desk, lines: Mapping[Line, int], unit: str = "COUNT") -> Planner:
    """Put a plan of March into force with a target for each line, in An's and Mei's unit."""
    planner = Planner(desk, metric=await Ledger(desk).with_metric(f"M_{unit}", unit=unit))
    await planner.with_plan("march", "2026-03-01", "2026-03-31")
    unit_id = f"org_unit_{list(desk.showroom.tenant.units.values())[-1]}"
    await planner.add(
        *(
            {"key": f"{channel} {product}", "amount": str(amount), "seat": "line"}
            | {"channelCode": channel, "productCode": product}
            # Of parts a manager is told; the wholes are the company's.
            | ({"orgUnitId": unit_id} if channel and product else {})
            for (channel, product), amount in lines.items()
        )
    )
    await planner.publish()
    return planner


async def rows(planner: Planner, by: str = "Lin") -> dict[Line, dict[str, Any]]:
    found = (await planner.desk.ask(by, LINES, metric=planner.metric))["lineBoard"]
    return {(row["channelCode"], row["productCode"]): row for row in found}


async def test_a_line_shows_its_own_or_the_sum_of_its_parts(desk: Desk) -> None:
    planner = await planned(desk, SET)
    ledger = Ledger(desk)
    ledger.metric = planner.metric
    await ledger.counts("a", 5, {None: 10_000}, channelCode="online", productCode="oven")

    found = await rows(planner)

    wanted = expected(SET)
    assert wanted["online", None] == ("18", True)
    assert wanted[None, "fridge"] == ("47", True)
    assert wanted["stores", None] == ("90", False)
    assert {line: (row["target"], row["targetSummed"]) for line, row in found.items()} == wanted
    online = found["online", None]
    assert (online["credited"], online["gap"], online["unassigned"]) == ("5", "13", "0")


async def test_ratios_of_lines_are_not_summed(desk: Desk) -> None:
    planner = await planned(desk, SET, "RATIO")

    found = await rows(planner)

    assert found.keys() == SET.keys()
    assert not any(row["targetSummed"] for row in found.values())


@pytest.mark.parametrize("line", [("online", None), (None, "fridge")])
async def test_a_line_whose_own_target_is_out_of_sight_shows_no_sum_in_its_place(
    desk: Desk, line: Line
) -> None:
    planner = await planned(desk, {**SET, line: 100})

    assert (await rows(planner))[line]["target"] == "100"
    seen = await rows(planner, by="Mei")
    assert line not in seen
    other: Line = (None, "fridge") if line[0] else ("online", None)
    assert seen[other]["targetSummed"]
    assert ("stores", None) not in seen
