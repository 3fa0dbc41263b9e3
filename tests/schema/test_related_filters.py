"""Filters by related records: they mean what they say, and tell nothing that a read would hide."""

from typing import Any

import pytest
from builders.api import Desk
from builders.reception import at

from service.clock import ManualClock


@pytest.fixture
async def day(desk: Desk, clock: ManualClock) -> dict[str, str]:
    """Two visitors: the first is received and registered by An, the second received by Bo."""
    await desk.showroom.sign_in("An", "Bo")
    first = await desk.arrives(
        customer={"newCustomer": {"fullName": "王小明", "phones": ["13812345678"]}}
    )
    at(clock, "03-02 10:20")
    second = await desk.arrives(
        customer={"newCustomer": {"fullName": "李四", "phones": ["13912345678"]}}
    )
    await desk.does("An", "registerCustomer", "registration { id }", visitId=first["visit"]["id"])
    return {"first": first["visit"]["id"], "second": second["visit"]["id"]}


async def visits(desk: Desk, name: str, which: str) -> list[str]:
    found = await desk.ask(name, "{ visits(filter: {%s}) { nodes { id } } }" % which)  # noqa: UP031 - braces
    return [node["id"] for node in found["visits"]["nodes"]]


async def test_a_list_is_narrowed_by_what_its_records_name(desk: Desk, day: dict[str, str]) -> None:
    first, second = day["first"], day["second"]

    async def manager(which: str) -> list[str]:
        return await visits(desk, "Mei", which)

    assert await manager('receiver: {name: {eq: "An"}}') == [first]
    assert await manager('receiver: {not: {name: {eq: "An"}}}') == [second]
    assert await manager('party: {fullName: {startsWith: "王"}}') == [first]
    assert await manager('site: {id: {eq: "%s"}}' % desk.site) == [second, first]  # noqa: UP031
    assert await manager('site: {code: {eq: "nowhere"}}') == []
    assert await manager("site: {}") == [second, first]


async def test_some_and_none_ask_for_the_records_that_name_one(
    desk: Desk, day: dict[str, str]
) -> None:
    first, second = day["first"], day["second"]

    async def manager(which: str) -> list[str]:
        return await visits(desk, "Mei", which)

    assert await manager("registrations: {some: {}}") == [first]
    assert await manager("registrations: {none: {}}") == [second]
    assert await manager("registrations: {some: {result: {eq: VALID}}, none: {}}") == []
    assert await manager("registrations: {}") == [second, first]
    assert await manager("not: {registrations: {some: {}}}") == [second]
    found = await desk.ask(
        "Mei",
        '{ parties(filter: {visits: {some: {receiver: {name: {eq: "Bo"}}}}})'
        " { nodes { fullName } } }",
    )
    assert [node["fullName"] for node in found["parties"]["nodes"]] == ["李四"]


async def test_a_filter_tells_nothing_that_a_read_would_hide(
    desk: Desk, day: dict[str, str]
) -> None:
    """The clerk sees every visit and no register: for her there are no registrations at all."""
    both = [day["second"], day["first"]]

    assert await visits(desk, "Clerk", "") == both
    assert await visits(desk, "Clerk", "registrations: {some: {}}") == []
    assert await visits(desk, "Clerk", "registrations: {none: {}}") == both
    assert await visits(desk, "Clerk", "not: {registrations: {none: {}}}") == []
    # A rep sees the visits he received; a colleague's register does not show in them either.
    assert await visits(desk, "Bo", "registrations: {some: {}}") == []
    assert await visits(desk, "Bo", "party: {registrations: {some: {}}}") == []
    assert await visits(desk, "An", "party: {registrations: {some: {}}}") == [day["first"]]


async def test_relations_nest_three_deep_and_no_deeper(desk: Desk, day: dict[str, str]) -> None:
    three = 'party: {registrations: {some: {member: {name: {eq: "An"}}}}}'
    four = "party: {registrations: {some: {visit: {site: {}}}}}"

    assert await visits(desk, "Mei", three) == [day["first"]]
    answer = await desk.api.post(
        desk.token("Mei"),
        "{ visits(filter: {%s}) { nodes { id } } }" % four,  # noqa: UP031 - braces
    )
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert "3" in error["message"]


@pytest.mark.parametrize("planning", [True, False], ids=["planned", "not planned"])
async def test_a_filter_has_twenty_relations_at_most_wherever_they_stand(
    desk: Desk, planning: bool
) -> None:
    desk.api.planning = planning
    pair = {"party": {"registrations": {"some": {}}}}
    twenty = {"or": [{"and": [pair] * 5}, {"not": {"or": [pair] * 5}}]}

    async def code(filter_: dict[str, Any]) -> str | None:
        answer = await desk.api.post(
            desk.token("Mei"),
            "query Q($f: VisitFilter) { visits(first: 1, filter: $f) { nodes { id } } }",
            f=filter_,
        )
        errors = answer.json().get("errors", [])
        assert not errors or "20" in errors[0]["message"]
        return errors[0]["extensions"]["code"] if errors else None

    assert await code(twenty) is None
    assert await code({**twenty, "site": {}}) == "INVALID_INPUT"


async def test_the_same_filter_counts_and_pages(desk: Desk, day: dict[str, str]) -> None:
    assert day

    async def page(after: str | None) -> Any:
        found = await desk.ask(
            "Mei",
            "query P($after: String) { visits(first: 1, after: $after,"
            " filter: {party: {visits: {some: {}}}})"
            " { totalCount nodes { id } pageInfo { endCursor hasNextPage } } }",
            after=after,
        )
        return found["visits"]

    first = await page(None)
    second = await page(first["pageInfo"]["endCursor"])
    assert first["totalCount"] == second["totalCount"] == 2
    assert [first["nodes"][0]["id"], second["nodes"][0]["id"]] == [day["second"], day["first"]]
    assert not second["pageInfo"]["hasNextPage"]


async def test_a_unit_stands_for_everything_below_it(desk: Desk, day: dict[str, str]) -> None:
    tenant = desk.showroom.tenant
    top, own = tenant.units["group"], tenant.units[tenant.team_unit]
    both = [day["second"], day["first"]]

    async def manager(which: str) -> list[str]:
        return await visits(desk, "Mei", which)

    assert await manager(f'orgUnit: {{within: "org_unit_{top}"}}') == both
    assert await manager(f'orgUnit: {{exactly: "org_unit_{top}"}}') == []
    assert await manager(f'orgUnit: {{exactly: "org_unit_{own}"}}') == both
    assert await manager('orgUnit: {within: "territory_"}') == []
    assert await manager(f'receiver: {{orgUnit: {{within: "org_unit_{top}"}}}}') == both


async def test_looking_through_a_colleagues_register_is_written_down(
    desk: Desk, day: dict[str, str]
) -> None:
    """What decides what is shown is read too, though nothing of it is shown."""
    assert await visits(desk, "Mei", "registrations: {some: {}}") == [day["first"]]
    await visits(desk, "An", "registrations: {some: {}}")
    await visits(desk, "Clerk", "registrations: {some: {}}")
    await visits(desk, "Mei", "receiver: {}")

    rows = await desk.showroom.tenant.rows(
        "SELECT actor_id, details FROM app.audit_event"
        " WHERE tenant_id = $1 AND command = 'read_registrations'"
    )

    assert [(row["actor_id"], row["details"]) for row in rows] == [
        (desk.showroom.people["Mei"], {"looked_through": True})
    ]
