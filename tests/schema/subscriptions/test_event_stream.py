"""GraphQL over server-sent events: what is streamed, and what is refused before."""

from contextlib import ExitStack

from builders.api import Desk
from builders.streams import QUEUE, Served, cursor, until

from service.schema.subscriptions.event_stream import MOST_EVENT_STREAMS, accepts_stream


def test_the_stream_is_accepted_where_it_is_listed() -> None:
    assert accepts_stream(b"text/event-stream")
    assert accepts_stream(b"application/json;q=0.9, Text/Event-Stream; q=0.5")
    assert not accepts_stream(b"text/event-stream;q=0")
    assert not accepts_stream(b"*/*")
    assert not accepts_stream(b"")


async def test_what_is_wrong_is_told_in_the_stream(running: Served, desk: Desk) -> None:
    async with running.stream(desk.token("Clerk"), "subscription { nothing }") as reader:
        assert reader.response.status_code == 200
        assert reader.response.headers["ratelimit-policy"].startswith('"principal";q=')
        assert reader.response.headers["content-language"] == "zh-Hans"
        name, told = await reader.hear()
        assert (name, told["errors"][0]["extensions"]["code"]) == ("next", "DOCUMENT_INVALID")
        assert await reader.hear() == ("complete", None)
        assert await reader.hear() is None


async def test_a_query_is_not_streamed(running: Served, desk: Desk) -> None:
    async with running.stream(desk.token("Clerk"), "{ viewer { member { id } } }") as reader:
        assert reader.response.status_code == 406


async def test_a_subscription_needs_a_stream(desk: Desk) -> None:
    answer = await desk.api.post(desk.token("Clerk"), QUEUE, site=desk.site)

    assert answer.status_code == 406
    assert "text/event-stream" in answer.json()["errors"][0]["message"]


async def test_nobody_follows_without_a_token(running: Served, desk: Desk) -> None:
    async with running.stream("nobody", QUEUE, site=desk.site) as reader:
        assert reader.response.status_code == 401
        assert reader.response.headers["content-type"].startswith("application/json")


async def test_as_many_streams_as_a_member_may_have(running: Served, desk: Desk) -> None:
    token, after = desk.token("Clerk"), await cursor(desk)
    with ExitStack() as others:
        for _ in range(MOST_EVENT_STREAMS):
            claims = running.api.people[token]
            others.enter_context(running.gate.counted("event stream", claims, MOST_EVENT_STREAMS))
        async with running.stream(token, QUEUE, site=desk.site, after=after) as reader:
            assert reader.response.status_code == 429


async def test_nothing_is_left_of_a_reader_who_has_gone(running: Served, desk: Desk) -> None:
    after = await cursor(desk)
    async with running.stream(desk.token("Clerk"), QUEUE, site=desk.site, after=after) as reader:
        await desk.showroom.sign_in("An")
        await reader.event()
        assert running.gate.open_count == 1

    await until(lambda: running.gate.open_count == running.hub.follower_count == 0)


async def test_a_server_that_stops_leaves_no_stream_open(running: Served, desk: Desk) -> None:
    after = await cursor(desk)
    async with running.stream(desk.token("Clerk"), QUEUE, site=desk.site, after=after) as reader:
        await running.gate.close()

        assert await reader.hear() is None
