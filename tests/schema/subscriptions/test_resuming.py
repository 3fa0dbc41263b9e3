"""Whoever comes again with his cursor misses nothing and hears nothing twice."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from builders.api import Api, Desk
from builders.streams import QUEUE, TASKS, Served, cursor, served, until

from service.clock import ManualClock
from service.database.connections import Location, connected
from service.delivery import following, hub
from service.delivery.places import Cursor
from service.tasks.commands import AssignTask, assign_task

KILL_RELAY = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE usename = 'bailiwick_relay' AND datname = current_database()
"""
KILLS = 100
WRITERS = 3
WRITTEN = 60


async def gives_tasks(desk: Desk, writer: int, count: int = WRITTEN) -> None:
    for number in range(count):
        order = AssignTask(desk.showroom.people["An"], f"{writer}/{number}")
        await desk.showroom.do(assign_task, order, by="Mei")


async def test_a_line_killed_a_hundred_times_under_writes_loses_nothing(
    api: Api, relay: Any, desk: Desk
) -> None:
    heard: list[str] = []
    after = await cursor(desk, "Mei")
    expected = {f"{writer}/{n}" for writer in range(WRITERS) for n in range(WRITTEN)}
    async with (
        served(api, relay) as first,
        served(api, relay) as second,
        asyncio.TaskGroup() as writing,
    ):
        for writer in range(WRITERS):
            writing.create_task(gives_tasks(desk, writer))
        for kill in range(KILLS + 1):
            # Another process each time: a cursor is good in all of them.
            async with (first, second)[kill % 2].socket(desk.token("Mei")) as client:
                await client.follow(TASKS, after=after)
                while len(heard) < len(expected):
                    event = (await client.event())["taskChanged"]
                    heard.append(event["task"]["title"])
                    after = event["cursor"]
                    if kill < KILLS and len(heard) % 2 == kill % 2:
                        break
                client.connection.transport.abort()

    assert len(heard) == len(set(heard))
    assert set(heard) == expected


async def test_what_is_not_remembered_any_more_is_read_back(
    running: Served, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "_REMEMBERED", 3)
    after = await cursor(desk, "Mei")
    async with running.socket(desk.token("Mei")) as client:
        # Somebody follows all the time, so that there is something to forget.
        await client.follow(TASKS, after=after)
        await gives_tasks(desk, 1, count=10)
        for _ in range(10):
            await client.event()

        await client.follow(TASKS, after=after)
        titles = [(await client.event())["taskChanged"]["task"]["title"] for _ in range(10)]

    assert titles == [f"1/{number}" for number in range(10)]


async def test_after_a_day_a_cursor_is_too_old(
    running: Served, desk: Desk, clock: ManualClock
) -> None:
    after = await cursor(desk)
    clock.advance(timedelta(hours=24))
    async with running.socket(desk.token("Clerk")) as client:
        await client.follow(QUEUE, site=desk.site, after=after)
        await desk.showroom.sign_in("An")
        assert "receptionQueueChanged" in await client.event()

        clock.advance(timedelta(milliseconds=1))
        await client.follow(QUEUE, site=desk.site, after=after)
        message = await client.hear()
        assert message["payload"][0]["extensions"]["code"] == "RESYNC_REQUIRED"


async def test_a_cursor_of_other_data_is_not_read(running: Served, desk: Desk) -> None:
    good = Cursor.read(await cursor(desk))
    assert good is not None
    restored = Cursor(good.place, good.at, b"another.", good.rights)
    from_the_future = Cursor(
        good.place._replace(transaction=good.place.transaction + 10**6),
        good.at,
        good.epoch,
        good.rights,
    )
    async with running.socket(desk.token("Clerk")) as client:
        for one in (restored, from_the_future):
            await client.follow(QUEUE, site=desk.site, after=one.written())
            message = await client.hear()
            assert message["payload"][0]["extensions"]["code"] == "RESYNC_REQUIRED"


async def test_whoever_falls_too_far_behind_is_sent_away(
    running: Served, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "MOST_BEHIND", 2)
    turns = running.gate.operations.presenter._turns
    after = await cursor(desk, "Mei")
    async with running.socket(desk.token("Mei")) as client:
        name = await client.follow(TASKS, after=after)
        await gives_tasks(desk, 0, count=1)
        last = (await client.event())["taskChanged"]["cursor"]
        (feed,) = running.hub._feeds.values()
        await until(lambda: len(feed.followers) == 1)
        async with turns, turns:
            # Two on their way, two waiting: the fifth is one too many.
            await gives_tasks(desk, 1, count=5)
            await until(lambda: len(feed.recent) >= 5)
        heard = [await client.hear()]
        while heard[-1]["type"] == "next":
            last = heard[-1]["payload"]["data"]["taskChanged"]["cursor"]
            heard.append(await client.hear())

        assert heard[-1]["id"] == name
        assert heard[-1]["payload"][0]["extensions"]["code"] == "SLOW_CONSUMER"
        # He comes again with his last cursor and gets the rest.
        await client.follow(TASKS, after=last)
        titles = [
            (await client.event())["taskChanged"]["task"]["title"] for _ in range(6 - len(heard))
        ]
        assert titles == [f"1/{n}" for n in range(len(heard) - 1, 5)]


async def test_a_lost_connection_of_the_server_is_made_up_for(
    running: Served, desk: Desk, location: Location
) -> None:
    after = await cursor(desk)
    async with running.socket(desk.token("Clerk")) as client:
        await client.follow(QUEUE, site=desk.site, after=after)
        await desk.showroom.sign_in("An")
        await client.event()
        async with connected(location, "postgres") as superuser:
            await superuser.execute(KILL_RELAY)
        await desk.showroom.sign_in("Bo")

        assert (await client.event())["receptionQueueChanged"]["changes"] == ["REP_SIGNED_IN"]
