"""The floor board: what a showroom manager sees of one day, and what others see of it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from builders.api import Api, Desk
from builders.history import BEGUN, ZONES, a_history
from builders.reception import at
from builders.tenants import a_tenant

from service.clock import ManualClock
from service.work import Transactions

BOARD = """
query Board($site: ID!, $day: Date) {
  floorBoard(siteId: $site, day: $day) {
    day
    queue { next { member { name } } }
    visitCount newCustomerCount openVisitCount waitingCount callCount registrationCount dealCount
    amounts { amountMinor currency } overdueFirstFollowUpCount
    openVisits { id receiver { name } } waiting { id }
    overdueFirstFollowUps { member { name } party { fullName } }
    members {
      member { name } position standing presence plannedFrom plannedUntil openVisitCount visitCount
      newCustomerCount turnCount registrationCount followUpCount dealCount
      amounts { amountMinor } overdueFirstFollowUpCount
    }
  }
}
"""
Node = dict[str, Any]


async def board(desk: Desk, name: str, day: str | None = None) -> Node:
    found: Node = (await desk.ask(name, BOARD, site=desk.site, day=day))["floorBoard"]
    return found


def of(found: Node, name: str) -> Node:
    return next(one for one in found["members"] if one["member"] == {"name": name})


async def a_busy_morning(desk: Desk) -> str:
    """An receives, registers and closes a deal; Bo receives; Chu waits; one is planned and late."""
    await desk.does(
        "Mei", "planShift", "shift { id }",
        siteId=desk.site, memberId=desk.member("Chu"), day="2026-03-02", startsAt="09:00",
        endsAt="18:00",
    )  # fmt: skip
    await desk.showroom.sign_in("An", "Bo")
    first = await desk.arrives(
        customer={"newCustomer": {"fullName": "王小明", "phones": ["13812345678"]}}
    )
    await desk.arrives(customer={"newCustomer": {"fullName": "李四", "phones": ["13912345678"]}})
    visit: str = first["visit"]["id"]
    await desk.does("An", "registerCustomer", "registration { id }", visitId=visit)
    return visit


async def test_the_manager_sees_the_whole_floor_in_one_answer(desk: Desk) -> None:
    visit = await a_busy_morning(desk)
    await desk.does(
        "An", "recordDeal", "deal { id }",
        visitId=visit, unitCode="3-1201", amount={"amountMinor": "123400000", "currency": "CNY"},
    )  # fmt: skip

    found = await board(desk, "Mei")

    assert found["day"] == "2026-03-02"
    assert [found["visitCount"], found["newCustomerCount"], found["openVisitCount"]] == [2, 2, 2]
    assert [found["registrationCount"], found["dealCount"], found["waitingCount"]] == [1, 1, 0]
    assert found["amounts"] == [{"amountMinor": "123400000", "currency": "CNY"}]
    assert [one["receiver"]["name"] for one in found["openVisits"]] == ["An", "Bo"]
    an, bo, chu = of(found, "An"), of(found, "Bo"), of(found, "Chu")
    assert [an["standing"], bo["standing"], chu["standing"]] == ["BUSY", "BUSY", None]
    assert sorted([an["position"], bo["position"]]) == [1, 2]
    assert [an["presence"], chu["presence"]] == ["IN", None]
    assert [chu["plannedFrom"], chu["plannedUntil"], an["plannedFrom"]] == ["09:00", "18:00", None]
    assert [an["visitCount"], an["turnCount"], an["newCustomerCount"]] == [1, 1, 1]
    assert [an["registrationCount"], bo["registrationCount"], chu["visitCount"]] == [1, 0, 0]
    assert [an["dealCount"], bo["dealCount"]] == [1, 0]
    assert an["amounts"] == [{"amountMinor": "123400000"}]
    assert [one["member"]["name"] for one in found["members"][:2]] in (["An", "Bo"], ["Bo", "An"])


async def test_a_late_first_follow_up_stands_on_the_board_until_it_is_made(
    desk: Desk, clock: ManualClock
) -> None:
    visit = await a_busy_morning(desk)
    entry = (
        await desk.ask(
            "An", "query($v: ID!) { registrations(filter: {visitId: {eq: $v}}) { nodes { id } } }",
            v=visit,
        )
    )["registrations"]["nodes"][0]["id"]  # fmt: skip
    before = await board(desk, "Mei")
    at(clock, "03-06 10:00")
    late = await board(desk, "Mei")
    await desk.does(
        "An", "recordFollowUp", "followUp { id }",
        registrationId=entry, channel="PHONE", content="約週六再看",
    )  # fmt: skip
    after = await board(desk, "Mei")

    assert before["overdueFirstFollowUps"] == []
    assert late["overdueFirstFollowUps"] == [
        {"member": {"name": "An"}, "party": {"fullName": "王小明"}}
    ]
    assert [late["overdueFirstFollowUpCount"], of(late, "An")["overdueFirstFollowUpCount"]] == [
        1, 1,
    ]  # fmt: skip
    assert after["overdueFirstFollowUpCount"] == 0
    assert of(after, "An")["followUpCount"] == 1
    assert [after["day"], after["visitCount"]] == ["2026-03-06", 0]


async def test_who_bought_before_it_was_due_is_owed_no_first_follow_up(
    desk: Desk, clock: ManualClock
) -> None:
    await desk.showroom.sign_in("An", "Bo")
    for phone, buys in (("13812345601", True), ("13812345602", False)):
        visit = (await desk.arrives(customer={"phone": phone}))["visit"]
        who, sent = visit["receiver"]["name"], {"visitId": visit["id"]}
        await desk.does(
            who, "registerCustomer", "registration { id }", fullName="王", phones=[phone], **sent
        )
        if buys:
            await desk.does(who, "recordDeal", "deal { id }", unitCode="8-301", **sent)
    at(clock, "03-06 10:00")

    told = await desk.ask(
        "Mei",
        "{ registrations { nodes { state firstFollowUpOverdue } }"
        " registrationStatistics { firstFollowUpOverdueCount } }",
    )

    assert {tuple(one.values()) for one in told["registrations"]["nodes"]} == {
        ("CONVERTED", False),
        ("LIVE", True),
    }
    assert told["registrationStatistics"] == [{"firstFollowUpOverdueCount": 1}]
    assert (await board(desk, "Mei"))["overdueFirstFollowUpCount"] == 1


async def test_everybody_else_sees_of_it_what_he_could_list(desk: Desk) -> None:
    await a_busy_morning(desk)

    clerk, bo = await board(desk, "Clerk"), await board(desk, "Bo")

    assert [clerk["visitCount"], clerk["registrationCount"]] == [2, 0]
    assert [bo["visitCount"], bo["registrationCount"]] == [1, 0]
    assert of(bo, "An")["visitCount"] == 0
    assert of(bo, "Bo")["visitCount"] == 1


async def test_another_companys_site_and_none_answer_alike(
    api: Api, desk: Desk, transactions: Transactions
) -> None:
    other = await a_tenant(transactions)
    stranger = api.token(other.id, await other.member("Mei", "sales-manager"))
    answers = set()
    for wanted in (desk.site, f"site_{UUID(int=3)}", "site_", "x"):
        answers.add((await api.post(stranger, BOARD, site=wanted)).json()["data"]["floorBoard"])
    assert answers == {None}


async def test_a_day_of_the_board_is_what_its_reader_could_list_of_that_day(
    api: Api, transactions: Transactions, clock: ManualClock
) -> None:
    clock.set(datetime(2026, 3, 1, 4, 0, tzinfo=UTC))
    history = await a_history(transactions, 31)
    site_id = history.sites["west"]
    assert ZONES["west"] == "America/New_York"
    day = (BEGUN + timedelta(days=1)).date().isoformat()
    period, site = f'period: {{day: "{day}"}}', f'filter: {{siteId: {{eq: "site_{site_id}"}}}}'
    counts = (
        f"v: visitStatistics({period}, {site})"
        " { visitCount newCustomerCount openVisitCount: openCount waitingCount }"
        f" r: registrationStatistics({period}, {site}) {{ registrationCount }}"
        f" c: callStatistics({period}, {site}) {{ callCount }}"
        f" d: dealStatistics({period}, {site}) {{ dealCount amounts {{ amountMinor currency }} }}"
    )
    for role in ("Chu", "Mei", "Rita", "Lin", "Clerk"):
        token = api.token(history.tenant.id, history.people[role])
        found = (await api.ask(token, BOARD, site=f"site_{site_id}", day=day))["floorBoard"]
        wanted = await api.ask(token, f"{{ {counts} }}")
        figures = {name: value for (row,) in wanted.values() for name, value in row.items()}
        assert {name: found[name] for name in figures} == figures, role
        for name in ("visitCount", "dealCount", "registrationCount"):
            # What nobody received is in the board's figure and in no member's.
            own = sum(one[name] for one in found["members"])
            assert own == figures[name] or name == "visitCount", (role, name)


async def test_who_is_on_leave_is_not_planned_on_the_board_and_the_roster_says_so(
    desk: Desk,
) -> None:
    day = {"day": "2026-03-02", "startsAt": "09:00", "endsAt": "18:00"}
    for name in ("Bo", "Chu"):
        await desk.does(
            "Mei", "planShift", "shift { id }",
            siteId=desk.site, memberId=desk.member(name), **day,
        )  # fmt: skip
    await desk.does(
        "Mei", "recordLeave", "leave { id }",
        memberId=desk.member("Chu"), kind="SICK", firstDay=day["day"], lastDay=day["day"],
    )  # fmt: skip
    asked = """
    query {
      shifts { nodes { id version member { name } onLeave state allowedActions } }
      leaves(filter: {state: {eq: RECORDED}}) {
        nodes { id version member { name } kind firstDay state cancelledAt allowedActions }
      }
    }
    """
    found = await desk.ask("Mei", asked)
    names = [one["member"]["name"] for one in (await board(desk, "Mei"))["members"]]

    (leave,) = found["leaves"]["nodes"]
    shifts = {one["member"]["name"]: one for one in found["shifts"]["nodes"]}
    assert ("Bo" in names, "Chu" in names) == (True, False)
    assert [shifts[name]["onLeave"] for name in ("Bo", "Chu")] == [False, True]
    assert shifts["Bo"]["allowedActions"] == ["CHANGE", "CANCEL"]
    assert (leave["state"], leave["allowedActions"]) == ("RECORDED", ["END"])
    for name, action in (("An", "shifts"), ("Chu", "leaves")):
        seen = (await desk.ask(name, asked))[action]["nodes"]
        assert [one["allowedActions"] for one in seen] == [[]] * len(seen) != []

    ended = await desk.does(
        "Mei", "endLeave", "leave { state }", leaveId=leave["id"], expectedVersion=1
    )
    called_off = await desk.does(
        "Mei", "cancelShift", "shift { state allowedActions }",
        shiftId=shifts["Bo"]["id"], expectedVersion=1,
    )  # fmt: skip
    assert ended["leave"] == {"state": "CANCELLED"}
    assert called_off["shift"] == {"state": "CANCELLED", "allowedActions": []}
    assert (await desk.ask("Mei", asked))["leaves"]["nodes"] == []
    planned = await board(desk, "Mei")
    assert of(planned, "Chu")["plannedFrom"] == "09:00"
    assert "Bo" not in [one["member"]["name"] for one in planned["members"]]
