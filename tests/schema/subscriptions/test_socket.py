"""`graphql-transport-ws`: its close codes, its limits, and what else it carries."""

from contextlib import AsyncExitStack
from typing import Any

import pytest
from builders.api import Api, Desk
from builders.streams import PROTOCOL, QUEUE, Client, Served, cursor, served, until
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from service.schema.bodies import MOST_BYTES
from service.schema.subscriptions import socket
from service.schema.subscriptions.socket import (
    MOST_NAME,
    MOST_OPERATIONS,
    MOST_SOCKETS,
    token_of,
)

LOOK = "{ viewer { member { name } } }"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("nonsense", 4400),
        ("[1]", 4400),
        ('{"type":"connection_init","payload":[]}', 4400),
        ('{"type":"what"}', 4400),
        ('{"type":"ping"' + " " * MOST_BYTES + "}", 1009),
        ('{"type":"connection_init"}', 4403),
        ('{"type":"connection_init","payload":{"token":"nobody"}}', 4403),
        ('{"id":"1","type":"subscribe","payload":{"query":"{ viewer { id } }"}}', 4401),
    ],
)
async def test_whoever_does_not_keep_to_the_protocol_is_closed(
    running: Served, message: str, code: int
) -> None:
    async with running.socket() as client:
        await client.connection.send(message)

        assert (await client.closed())[0] == code


@pytest.mark.parametrize("name", ["", 7, None, "n" * (MOST_NAME + 1)])
async def test_an_operation_has_a_name_that_each_event_can_repeat(
    running: Served, desk: Desk, name: Any
) -> None:
    async with running.socket(desk.token("Clerk")) as client:
        await client.say(id="n" * MOST_NAME, type="subscribe", payload={"query": LOOK})
        assert (await client.hear())["id"] == "n" * MOST_NAME
        assert (await client.hear())["type"] == "complete"
        await client.say(id=name, type="subscribe", payload={"query": LOOK})

        assert (await client.closed())[0] == 4400


async def test_bytes_are_no_message(running: Served) -> None:
    async with running.socket() as client:
        await client.connection.send(b"{}")

        assert (await client.closed())[0] == 4400


async def test_a_client_of_another_protocol_is_told_so(running: Served) -> None:
    async with connect(f"ws://{running.address}/graphql") as opened:
        assert (await Client(opened).closed())[0] == 4406


async def test_a_second_introduction_is_one_too_many(running: Served, desk: Desk) -> None:
    token = desk.token("Clerk")
    async with running.socket(token) as client:
        await client.say(type="connection_init", payload={"token": token})

        assert await client.closed() == (4429, "Too many initialisation requests")


async def test_a_name_is_free_again_once_its_operation_is_over(running: Served, desk: Desk) -> None:
    async with running.socket(desk.token("Clerk")) as client:
        payload = {"query": QUEUE, "variables": {"site": desk.site}}
        for _ in range(2):
            await client.say(id="queue", type="subscribe", payload=payload)
            await client.say(id="queue", type="complete")
        await client.say(id="look", type="subscribe", payload={"query": LOOK})
        assert (await client.hear())["type"] == "next"

        await client.say(id="queue", type="subscribe", payload=payload)
        await client.say(id="queue", type="subscribe", payload=payload)
        assert await client.closed() == (4409, "Subscriber for queue already exists")


async def test_whoever_does_not_introduce_himself_in_time_is_closed(
    running: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "INIT_SECONDS", 0.0)
    async with running.socket() as client:
        assert (await client.closed())[0] == 4408


async def test_whoever_answers_no_ping_is_gone(
    running: Served, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "PING_SECONDS", 0.01)
    async with running.socket(desk.token("Clerk")) as client:
        assert (await client.closed())[0] == 1001


async def test_pings_are_answered(running: Served) -> None:
    async with running.socket() as client:
        await client.say(type="ping")

        assert await client.hear() == {"type": "pong"}


async def test_a_query_and_a_command_are_answered_once(running: Served, desk: Desk) -> None:
    async with running.socket(desk.token("Mei"), locale="zh-Hant") as client:
        await client.follow(LOOK)
        data = await client.event()
        assert data == {"viewer": {"member": {"name": "Mei"}}}
        assert (await client.hear())["type"] == "complete"

        await client.follow("{ nothing }")
        message = await client.hear()
        assert message["type"] == "error"
        assert message["payload"][0]["extensions"]["code"] == "DOCUMENT_INVALID"
        assert message["payload"][0]["message"].startswith("查詢文件無效")


async def test_an_answer_tells_its_cost_and_speaks_the_members_own_language(
    running: Served, desk: Desk
) -> None:
    async with running.socket(desk.token("Mei")) as client:
        await client.follow("{ sites(first: 20) { nodes { id } } }")
        answered = (await client.hear())["payload"]
        assert (await client.hear())["type"] == "complete"
        await client.follow("{ nothing }")
        refused = (await client.hear())["payload"][0]["message"]

    cost = answered["extensions"]["cost"]
    assert (cost["requested"], cost["actual"]) == (20, 2)
    # The first time it is read a document costs three for each of its fields, which come back.
    assert cost["limit"] * 3 - 2 - 9 <= cost["remaining"] <= cost["limit"] * 3 - 2
    over_http = await desk.api.post(desk.token("Mei"), "{ nothing }")
    assert refused == over_http.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"query": ""}, "BAD_REQUEST"),
        ({"query": "{ viewer { member { id } } }", "operationName": "What"}, "DOCUMENT_INVALID"),
        ({"query": QUEUE, "variables": {}}, "VARIABLES_INVALID"),
        ({"query": QUEUE, "variables": {"site": "site_1", "after": "x"}}, "NOT_FOUND"),
        ({"query": 'subscription { visitChanged(after: "x") { at } }'}, "INVALID_CURSOR"),
    ],
)
async def test_what_cannot_be_carried_out_is_an_error_of_its_operation(
    running: Served, desk: Desk, payload: dict[str, Any], code: str
) -> None:
    async with running.socket(desk.token("Clerk")) as client:
        await client.say(id="1", type="subscribe", payload=payload)
        message = await client.hear()
        assert (message["id"], message["type"]) == ("1", "error")
        assert message["payload"][0]["extensions"]["code"] == code

        await client.follow(LOOK)
        assert (await client.hear())["type"] == "next"


async def test_twenty_operations_and_no_more(running: Served, desk: Desk) -> None:
    async with running.socket(desk.token("Clerk")) as client:
        names = [await client.follow(QUEUE, site=desk.site) for _ in range(MOST_OPERATIONS)]
        await client.follow(QUEUE, site=desk.site)
        message = await client.hear()
        assert message["payload"][0]["extensions"]["code"] == "TOO_MANY_STREAMS"

        await client.say(id=names[0], type="complete")
        await client.follow(LOOK)
        assert (await client.hear())["type"] == "next"


async def test_five_sockets_of_one_member_and_no_more(running: Served, desk: Desk) -> None:
    token = desk.token("Clerk")
    async with AsyncExitStack() as others:
        for _ in range(MOST_SOCKETS):
            await others.enter_async_context(running.socket(token))
        async with running.socket() as sixth, running.socket(desk.token("Mei")):
            await sixth.say(type="connection_init", payload={"token": token})

            assert await sixth.closed() == (4429, "Too many connections")


async def test_nothing_is_left_of_a_client_that_has_gone(running: Served, desk: Desk) -> None:
    after = await cursor(desk)
    async with running.socket(desk.token("Clerk")) as client:
        await client.follow(QUEUE, site=desk.site, after=after)
        await desk.showroom.sign_in("An")
        await client.event()
        assert running.gate.open_count == 1
        client.connection.transport.abort()
        await client.connection.wait_closed()

    await until(lambda: running.gate.open_count == running.hub.follower_count == 0)


@pytest.mark.parametrize(
    ("origin", "welcome"),
    [
        (None, True),
        ("http://{address}", True),
        ("https://app.example", True),
        ("https://elsewhere.example", False),
        ("null", False),
    ],
)
async def test_only_pages_we_know_open_a_socket(
    api: Api, relay: Any, origin: str | None, welcome: bool
) -> None:
    async with served(api, relay, origins=("https://app.example",)) as running:
        named = origin.format(address=running.address) if origin else None
        opening = connect(f"ws://{running.address}/graphql", subprotocols=[PROTOCOL], origin=named)
        if welcome:
            async with opening:
                return
        with pytest.raises(InvalidStatus) as refused:
            await opening
        assert refused.value.response.status_code == 403


def test_the_token_comes_as_clients_send_it() -> None:
    assert token_of({"token": "a"}) == "a"
    assert token_of({"Authorization": "Bearer a"}) == "a"
    assert token_of({"headers": {"authorization": "bearer a"}}) == "a"
    assert token_of({"authorization": "Basic a"}) == ""
    assert token_of({}) == ""


async def test_a_server_that_stops_sends_its_clients_elsewhere(running: Served, desk: Desk) -> None:
    async with running.socket(desk.token("Clerk")) as client:
        await client.follow(QUEUE, site=desk.site)
        await running.gate.close()

        assert await client.closed() == (1012, "Service restart")
