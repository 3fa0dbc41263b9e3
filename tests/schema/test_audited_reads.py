"""What is read of colleagues' registers is written down by the statement that reads it."""

from datetime import timedelta
from typing import Any

import pytest
from builders.api import Desk

from service.clock import ManualClock, new_id
from service.identity.tokens import Claims
from service.organisation.commands import Delegate, EditMember, delegate, edit_member
from service.schema.planner.planner import Planner

REGISTER = "{ registrations { nodes { state member { name } party { fullName } } } }"
LINES = """
SELECT actor_id, on_behalf_of_id, duty, subject_type, subject_id, details, request_id
FROM app.audit_event WHERE tenant_id = $1 AND command = 'read_registrations' ORDER BY at, id
"""


@pytest.fixture
async def register(desk: Desk) -> Desk:
    """A showroom with a customer of An's."""
    await desk.showroom.sign_in("An", "Bo")
    arrived = await desk.arrives(customer={"phone": "13812345678"})
    await desk.does(
        "An", "registerCustomer", "registration { id }",
        visitId=arrived["visit"]["id"], fullName="王先生", phones=["13812345678"],
    )  # fmt: skip
    return desk


async def lines(desk: Desk) -> list[dict[str, Any]]:
    return [dict(row) for row in await desk.showroom.tenant.rows(LINES)]


async def test_the_second_time_it_is_one_statement_on_the_short_way_and_written_down_as_ever(
    register: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    people, token = register.showroom.people, register.token("Mei")
    own = await register.ask("An", REGISTER)
    first = await register.api.post(token, REGISTER)
    monkeypatch.setattr(Planner, "answer", None)

    second = await register.api.post(token, REGISTER)

    assert register.api.statements == 1
    assert second.json()["data"] == first.json()["data"] == own
    told = {
        "actor_id": people["Mei"],
        "on_behalf_of_id": None,
        "duty": "d:inspect-team-registers",
        "subject_type": "member",
        "subject_id": people["An"],
        "details": {"rows": 1},
    }
    assert await lines(register) == [
        told | {"request_id": answer.headers["x-request-id"]} for answer in (first, second)
    ]


async def test_who_stands_in_for_a_colleague_reads_his_register_and_not_his_own(
    register: Desk, clock: ManualClock
) -> None:
    people, tenant = register.showroom.people, register.showroom.tenant
    alike = "{ registrations { nodes { state } } }"
    own = await register.ask("An", alike)
    until = clock.now() + timedelta(days=7)
    given = Delegate(people["An"], people["Clerk"], ("register.view",), until)
    await tenant.do(delegate, given)

    assert await register.ask("Clerk", alike) == own

    (line,) = await lines(register)
    assert line["actor_id"] == people["Clerk"]
    assert line["on_behalf_of_id"] == line["subject_id"] == people["An"]


async def test_of_a_register_read_with_ones_own_only_the_colleagues_is_written_down(
    register: Desk, clock: ManualClock
) -> None:
    people, tenant = register.showroom.people, register.showroom.tenant
    arrived = await register.arrives(customer={"phone": "13912345678"})
    await register.does(
        "Bo", "registerCustomer", "registration { id }",
        visitId=arrived["visit"]["id"], fullName="李先生", phones=["13912345678"],
    )  # fmt: skip
    until = clock.now() + timedelta(days=7)
    await tenant.do(delegate, Delegate(people["An"], people["Bo"], ("register.view",), until))

    shown = await register.ask("Bo", REGISTER)

    assert {one["member"]["name"] for one in shown["registrations"]["nodes"]} == {"An", "Bo"}
    board = "query($s: ID!) { floorBoard(siteId: $s) { registrationCount } }"
    counted = await register.ask("Bo", board, s=f"site_{register.showroom.site_id}")

    assert counted["floorBoard"]["registrationCount"] == 2
    # Both his and An's; and the one row that counts them.
    assert [(line["subject_id"], line["details"]) for line in await lines(register)] == [
        (people["An"], {"rows": 2}),
        (people["An"], {"rows": 1}),
    ]


async def test_an_answer_that_is_thrown_away_is_not_written_down(register: Desk) -> None:
    tenant, mei = register.showroom.tenant, register.showroom.people["Mei"]
    await register.ask("Mei", REGISTER)
    await tenant.do(edit_member, EditMember(mei, 1, name="Mei Lin"))

    await register.ask("Mei", REGISTER)

    assert len(await lines(register)) == 2


async def test_a_program_is_written_down_with_its_key(register: Desk) -> None:
    people, key = register.showroom.people, new_id()
    claims = Claims(key, register.showroom.tenant_id, people["Mei"], False, None, api_key_id=key)
    token = register.api.admit(claims)

    for _ in range(2):
        await register.api.ask(token, REGISTER)
        await register.api.ask(
            token, "{ visits(filter: {registrations: {some: {}}}) { nodes { id } } }"
        )

    assert [line["details"] for line in await lines(register)] == [
        {"rows": 1, "api_key": str(key)},
        {"looked_through": True, "api_key": str(key)},
    ] * 2


@pytest.mark.parametrize(
    "told",
    [
        "totalCount",
        "totalCountExact",
        "pageInfo { hasNextPage }",
        "edges { cursor }",
        "totalCount nodes { id }",
    ],
)
async def test_what_is_told_of_a_register_without_its_entries_is_written_down(
    register: Desk, told: str
) -> None:
    an = register.showroom.people["An"]
    asked = f"query($who: ID!) {{ registrations(filter: {{memberId: {{eq: $who}}}}) {{ {told} }} }}"

    for _ in range(2):
        await register.ask("Mei", asked, who=f"member_{an}")
        await register.ask("An", asked, who=f"member_{an}")

    found = await lines(register)
    assert {line["actor_id"] for line in found} == {register.showroom.people["Mei"]}
    assert [line["details"] for line in found if "looked_through" in line["details"]] == [
        {"looked_through": True}
    ] * 2
    assert {line["subject_id"] for line in found} == {None, *([an] if "nodes" in told else [])}


async def test_a_page_that_shows_its_entries_names_whose_alone(register: Desk) -> None:
    await register.ask("Mei", "{ registrations { nodes { id } pageInfo { hasNextPage } } }")

    (line,) = await lines(register)
    assert (line["subject_id"], line["details"]) == (register.showroom.people["An"], {"rows": 1})


async def test_the_floor_tells_of_registers_only_where_it_is_asked_for_them(
    register: Desk,
) -> None:
    site = register.showroom.site_id
    board = "query($s: ID!) {{ floorBoard(siteId: $s) {{ {0} }} }}"

    async def written(told: str) -> int:
        before = len(await lines(register))
        await register.ask("Mei", board.format(told), s=f"site_{site}")
        return len(await lines(register)) - before

    assert await written("visitCount dealCount") == 0
    assert await written("registrationCount") == 1
    assert await written("members { registrationCount }") == 1
    assert await written("members { visitCount }") == 0
