"""The stages of a reception over HTTP: noted once, on the day, measured, counted as a funnel."""

from datetime import timedelta
from typing import Any

from builders.api import Desk

from service.clock import ManualClock

FUNNEL = """{ visitStatistics(groupBy: [RECEIVER]) {
  key { receiver { name } } visitCount greetedCount seatedCount quotedCount greetedLateCount } }"""
CALLS = """{ callStatistics(groupBy: [SITE]) {
  callCount answeredInTimeBasisPoints shortEnoughBasisPoints } }"""


async def a_visit(desk: Desk) -> str:
    await desk.showroom.sign_in("An", "Bo")
    visit_id: str = (await desk.arrives(customer={"phone": "13800000001"}))["visit"]["id"]
    return visit_id


async def codes(desk: Desk, name: str, **values: Any) -> list[str]:
    tried = await desk.api.tries(desk.token(name), "noteVisitStage", "visit { id }", **values)
    return [one["code"] for one in tried["errors"]]


async def test_the_stages_of_a_reception_are_noted_in_turn_and_measured(
    desk: Desk, clock: ManualClock
) -> None:
    visit_id = await a_visit(desk)
    clock.advance(timedelta(seconds=60))
    await desk.does("An", "noteVisitStage", "visit { id }", visitId=visit_id, stage="GREETED")
    clock.advance(timedelta(minutes=5))

    payload = await desk.does(
        "Mei",
        "noteVisitStage",
        "visit { stages { stage secondsSinceArrival inTime member { name } } owner { name } }",
        visitId=visit_id,
        stage="SEATED",
    )

    assert payload["visit"] == {
        "stages": [
            {
                "stage": "GREETED",
                "secondsSinceArrival": 60,
                "inTime": True,
                "member": {"name": "An"},
            },
            {
                "stage": "SEATED",
                "secondsSinceArrival": 360,
                "inTime": True,
                "member": {"name": "Mei"},
            },
        ],
        "owner": {"name": "An"},
    }


async def test_a_stage_is_noted_once_on_the_day_by_those_whose_visit_it_is(
    desk: Desk, clock: ManualClock
) -> None:
    visit_id = await a_visit(desk)
    assert await codes(desk, "Bo", visitId=visit_id, stage="GREETED") == ["FORBIDDEN"]
    assert await codes(desk, "An", visitId="visit_none", stage="GREETED") == ["NOT_FOUND"]

    clock.advance(timedelta(seconds=61))
    assert await codes(desk, "An", visitId=visit_id, stage="GREETED") == []
    assert await codes(desk, "An", visitId=visit_id, stage="GREETED") == ["STAGE_NOTED_ALREADY"]
    found = (await desk.ask("Mei", FUNNEL))["visitStatistics"]
    assert found == [
        {
            "key": {"receiver": {"name": "An"}},
            "visitCount": 1,
            "greetedCount": 1,
            "seatedCount": 0,
            "quotedCount": 0,
            "greetedLateCount": 1,
        }
    ]
    clock.advance(timedelta(days=1))
    assert await codes(desk, "An", visitId=visit_id, stage="SEATED") == ["STAGE_TOO_LATE"]


async def test_the_share_of_calls_answered_by_the_second_ring(desk: Desk) -> None:
    for number, rings, seconds in ((1, 1, 100), (2, 2, 181), (3, 3, None), (4, None, 180)):
        more = {"rings": rings, "durationSeconds": seconds}
        await desk.does(
            "Clerk",
            "recordCall",
            "callRecord { id }",
            siteId=desk.site,
            phone=f"1380000000{number}",
            **{name: value for name, value in more.items() if value is not None},
        )

    (row,) = (await desk.ask("Mei", CALLS))["callStatistics"]

    assert row == {
        "callCount": 4,
        "answeredInTimeBasisPoints": 6_667,
        "shortEnoughBasisPoints": 6_667,
    }
