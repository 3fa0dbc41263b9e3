"""The record of an event is one planned statement, and says what graphql-core would."""

from typing import Any

import pytest
from builders.api import Api, Desk
from builders.streams import DECISIONS, QUEUE, TASKS, VISITS, Served, cursor, served

PLAIN = {"QUEUE": QUEUE, "VISITS": VISITS, "TASKS": TASKS, "DECISIONS": DECISIONS}
STRANGE = {
    "aliases": """
        subscription($site: ID!, $after: EventCursor) {
          queue: receptionQueueChanged(siteId: $site, after: $after) {
            of: __typename here: cursor now: queue { __typename day } changes } }""",
    "no record": """
        subscription($site: ID!, $after: EventCursor) {
          visitChanged(siteId: $site, after: $after) { cursor at changes } }""",
    "fragments": """
        subscription($site: ID!, $after: EventCursor) {
          visitChanged(siteId: $site, after: $after) { ...Event } }
        fragment Event on VisitEvent { cursor visit { ...Seen } }
        fragment Seen on Visit { number receiver { name } }""",
    "a condition": """
        subscription($site: ID!, $after: EventCursor, $long: Boolean = false) {
          visitChanged(siteId: $site, after: $after) {
            cursor visit { number id @include(if: $long) } } }""",
}


async def a_day(desk: Desk) -> None:
    """Let something happen of every kind."""
    await desk.showroom.sign_in("An", "Bo")
    await desk.arrives(customer={"phone": "13800000010"}, saidBefore=False)
    await desk.does("Mei", "assignTask", "task { id }", memberId=desk.member("An"), title="回访")


@pytest.mark.parametrize("document", [*PLAIN.values(), *STRANGE.values()])
async def test_both_ways_tell_the_same(api: Api, relay: Any, desk: Desk, document: str) -> None:
    given = {"site": desk.site, "after": await cursor(desk, "Mei")}
    used = {name: value for name, value in given.items() if f"${name}" in document}
    await a_day(desk)
    told = []
    for planning in (True, False):
        async with (
            served(api, relay, planning=planning) as running,
            running.socket(desk.token("Mei")) as client,
        ):
            await client.follow(document, **used)
            told.append((await client.hear())["payload"])

    assert told[0] == told[1]
    assert "errors" not in told[0]


async def test_an_event_is_one_statement_for_all_who_see_it_alike(
    running: Served, desk: Desk
) -> None:
    after = await cursor(desk)
    counts = running.gate.operations._execution.planner.counts
    token = desk.token("Clerk")
    async with running.socket(token) as one, running.socket(token) as other:
        for client in (one, other):
            await client.follow(QUEUE, site=desk.site, after=after)
        await desk.showroom.sign_in("An")
        assert await one.event() == await other.event()

    assert dict(counts) == {"SQL": 1}
