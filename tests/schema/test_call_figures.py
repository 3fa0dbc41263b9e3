"""Calls are counted as the rulebook of their day judged them, or by limits that are asked for."""

from typing import Any

from builders.api import Desk

COUNTED = """query C($rings: Int, $seconds: Int) {
  callStatistics(groupBy: [], maxRings: $rings, maxSeconds: $seconds) { answeredLateCount
    overlongCount answeredInTimeBasisPoints shortEnoughBasisPoints } }"""
USUAL = """{ callStatistics(groupBy: []) { answeredLateCount overlongCount
    answeredInTimeBasisPoints shortEnoughBasisPoints } }"""
JUDGED = "callRecord { ringsInTime lengthInTime }"


async def counted(desk: Desk, query: str = COUNTED, **limits: int) -> list[int]:
    (row,) = (await desk.ask("Mei", query, **limits))["callStatistics"]
    return list(row.values())


async def test_a_call_is_late_as_the_rulebook_of_its_day_says(desk: Desk) -> None:
    call: dict[str, Any] = {"siteId": desk.site, "takerId": desk.member("An")}
    measured = {"rings": 3, "durationSeconds": 70, "phone": "13800000001"}
    made = await desk.does("Clerk", "recordCall", JUDGED, **call, **measured)
    assert made["callRecord"] == {"ringsInTime": False, "lengthInTime": True}

    await desk.showroom.override(phone__max_rings=3, phone__max_seconds=60)
    made = await desk.does("Clerk", "recordCall", JUDGED, **call, **measured)
    assert made["callRecord"] == {"ringsInTime": True, "lengthInTime": False}
    made = await desk.does("Clerk", "recordCall", JUDGED, **call, phone="13800000001")
    assert made["callRecord"] == {"ringsInTime": None, "lengthInTime": None}

    assert await counted(desk, USUAL) == [1, 1, 5000, 5000]
    assert await counted(desk) == [1, 1, 5000, 5000]
    assert await counted(desk, rings=2, seconds=100) == [2, 0, 0, 10_000]
    assert await counted(desk, rings=3) == [0, 1, 10_000, 5000]
    assert await counted(desk, seconds=69) == [1, 2, 5000, 0]
