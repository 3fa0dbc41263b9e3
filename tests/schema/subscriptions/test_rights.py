"""Streams end with the rights they were opened under."""

from typing import Any

import pytest
from builders.api import Desk
from builders.streams import QUEUE, VISITS, Served, cursor

from service.organisation.commands import AssignRole, LeaveMember, assign_role, leave_member
from service.work import UnitOfWork


async def by_product(desk: Desk, command: Any, order: object) -> None:
    """Carry out a command in the product's own name."""

    async def step(work: UnitOfWork) -> None:
        await command(work, order)

    tenant = desk.showroom.tenant
    await tenant.transactions.internally(tenant.id, command.__name__, step)


async def leaves(desk: Desk, name: str) -> None:
    await by_product(desk, leave_member, LeaveMember(desk.showroom.people[name], 1))


async def gains_a_role(desk: Desk, name: str) -> None:
    tenant = desk.showroom.tenant
    role = tenant.roles["planner"]
    unit, territory = tenant.units[tenant.team_unit], tenant.territories[tenant.team_territory]
    order = AssignRole(desk.showroom.people[name], role, unit, territory)
    await by_product(desk, assign_role, order)


async def test_whoever_leaves_the_company_is_closed_at_once(running: Served, desk: Desk) -> None:
    after = await cursor(desk, "An")
    async with running.socket(desk.token("An")) as client:
        await client.follow(QUEUE, site=desk.site, after=after)
        await desk.showroom.sign_in("An")
        await client.event()
        await leaves(desk, "An")

        assert await client.closed() == (4403, "Forbidden")


async def test_so_is_he_on_a_socket_that_follows_nothing(running: Served, desk: Desk) -> None:
    async with running.socket(desk.token("An")) as client:
        await leaves(desk, "An")
        await running.gate.watch.look()

        assert await client.closed() == (4403, "Forbidden")


async def test_a_token_that_has_ended_closes_its_streams_and_no_others(
    running: Served, desk: Desk
) -> None:
    async with running.socket(desk.token("An")) as ended, running.socket(desk.token("Bo")) as other:
        running.ended.add(desk.token("An"))
        await running.gate.watch.look()

        assert await ended.closed() == (4403, "Forbidden")
        await other.follow("{ viewer { member { name } } }")
        assert await other.event() == {"viewer": {"member": {"name": "Bo"}}}


async def test_an_event_stream_stops_without_an_end(running: Served, desk: Desk) -> None:
    async with running.stream(desk.token("An"), VISITS) as reader:
        await leaves(desk, "An")
        await running.gate.watch.look()

        # Its client sees a line that broke, and comes again with a fresh token.
        assert await reader.hear() is None


async def test_whoever_may_see_other_things_now_must_read_afresh(
    running: Served, desk: Desk
) -> None:
    after = await cursor(desk, "An")
    async with running.socket(desk.token("An")) as client:
        await client.follow(VISITS, after=after)
        await gains_a_role(desk, "An")
        assert (await client.closed())[0] == 4403

    async with running.socket(desk.token("An")) as client:
        await client.follow(VISITS, after=after)
        message = await client.hear()

        assert message["type"] == "error"
        assert message["payload"][0]["extensions"]["code"] == "RESYNC_REQUIRED"


async def test_a_colleagues_new_role_disturbs_nobody_else(running: Served, desk: Desk) -> None:
    after = await cursor(desk)
    async with running.socket(desk.token("Clerk")) as client:
        await client.follow(QUEUE, site=desk.site, after=after)
        await gains_a_role(desk, "Bo")
        await running.gate.watch.look()
        await desk.showroom.sign_in("An")

        assert (await client.event())["receptionQueueChanged"]["changes"] == ["REP_SIGNED_IN"]


async def test_no_event_is_delivered_under_rights_that_have_ended(
    running: Served, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running.hub, "on_rights_changed", lambda _tenant: None)
    after = await cursor(desk, "An")
    async with running.socket(desk.token("An")) as client:
        await client.follow(QUEUE, site=desk.site, after=after)
        await leaves(desk, "An")
        await desk.showroom.sign_in("Bo")

        # Nobody watched: the delivery itself finds out.
        assert await client.closed() == (4403, "Forbidden")
