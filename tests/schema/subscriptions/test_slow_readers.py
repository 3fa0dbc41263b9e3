"""Subscriptions over the wire beside one whose reader does not read: nobody waits for him."""

import asyncio
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from builders.api import Api, Desk
from builders.streams import PROTOCOL, QUEUE, Client, Served, cursor, served, until
from websockets.asyncio.client import connect

from service.delivery import following
from service.reception.commands import SignOut, sign_out
from service.schema.subscriptions import socket

# What the system holds for one line: as little as it lets itself be told.
BUFFER = 2_048
OF_EACH_SOCKET = 20
EVENTS = 40
GOING_AWAY, WITHOUT_A_WORD = 1001, 1006


@pytest.fixture
async def narrow(api: Api, relay: Any) -> AsyncIterator[Served]:
    """A server whose lines hold little."""
    async with served(api, relay, buffer_bytes=BUFFER) as opened:
        yield opened


@asynccontextmanager
async def who_does_not_read(running: Served, token: str) -> AsyncIterator[Client]:
    """Open a socket that follows the queue twenty times and takes nothing from the line."""
    host, port = running.address.split(":")
    line = sockets.socket()
    line.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, BUFFER)
    line.setblocking(False)
    await asyncio.get_running_loop().sock_connect(line, (host, int(port)))
    address = f"ws://{running.address}/graphql"
    opened = connect(address, subprotocols=[PROTOCOL], sock=line, max_queue=1)
    async with opened as connection:
        client = Client(connection)
        await client.say(type="connection_init", payload={"token": token})
        assert (await client.hear())["type"] == "connection_ack"
        connection.transport.pause_reading()
        yield client
        connection.transport.abort()


async def follow_all(client: Client, desk: Desk, name: str) -> None:
    """Follow the queue as often as one socket may."""
    after = await cursor(desk, name)
    for _ in range(OF_EACH_SOCKET):
        await client.follow(QUEUE, site=desk.site, after=after)


async def comes_and_goes(desk: Desk, times: int) -> None:
    """Let somebody come to work and leave."""
    order = SignOut(desk.showroom.site_id, desk.showroom.people["An"])
    for _ in range(times):
        await desk.showroom.sign_in("An")
        await desk.showroom.do(sign_out, order)


async def heard(client: Client, events: int) -> dict[str, list[str]]:
    """Return what each subscription of a socket heard, in order."""
    found: dict[str, list[str]] = {}
    for _ in range(events * OF_EACH_SOCKET):
        message = await client.hear()
        assert message["type"] == "next", message
        (change,) = message["payload"]["data"]["receptionQueueChanged"]["changes"]
        found.setdefault(message["id"], []).append(change)
    return found


async def test_who_does_not_read_is_sent_away_and_the_others_hear_everything(
    narrow: Served, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "MOST_BEHIND", 8)
    async with (
        narrow.socket(desk.token("Clerk")) as clerk,
        narrow.socket(desk.token("Mei")) as manager,
        who_does_not_read(narrow, desk.token("Clerk")) as slow,
    ):
        for client, name in ((clerk, "Clerk"), (manager, "Mei"), (slow, "Clerk")):
            await follow_all(client, desk, name)
        await until(lambda: narrow.hub.follower_count == 3 * OF_EACH_SOCKET)

        told = asyncio.gather(*(heard(client, EVENTS) for client in (clerk, manager)))
        await comes_and_goes(desk, EVENTS // 2)

        expected = ["REP_SIGNED_IN", "REP_SIGNED_OUT"] * (EVENTS // 2)
        for subscriptions in await told:
            assert list(subscriptions.values()) == [expected] * OF_EACH_SOCKET
        # He reads again: what was on the line already, and then why there is no more.
        slow.connection.transport.resume_reading()
        ended: dict[str, str] = {}
        while len(ended) < OF_EACH_SOCKET:
            message = await slow.hear()
            if message["type"] == "error":
                ended[message["id"]] = message["payload"][0]["extensions"]["code"]
        assert set(ended.values()) == {"SLOW_CONSUMER"}


async def test_who_reads_nothing_at_all_is_gone_with_the_next_ping(
    narrow: Served, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "PING_SECONDS", 0.2)
    monkeypatch.setattr(socket, "_CLOSE_SECONDS", 0.2)
    async with who_does_not_read(narrow, desk.token("Clerk")) as slow:
        await follow_all(slow, desk, "Clerk")
        await until(lambda: narrow.hub.follower_count == OF_EACH_SOCKET)
        await comes_and_goes(desk, EVENTS // 2)

        await until(lambda: narrow.hub.follower_count == 0)
        slow.connection.transport.resume_reading()
        # Why is told where the full line still takes it.
        assert await slow.over() in {GOING_AWAY, WITHOUT_A_WORD}
