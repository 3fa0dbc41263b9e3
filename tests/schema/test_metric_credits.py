"""What counts toward metrics: divided exactly, taken back by entries, summed by day (4.4, 4.7)."""

import asyncio
from datetime import datetime
from typing import Any

import pytest
from builders.api import Desk
from builders.credits import Ledger, by_name, on_day
from builders.targets import NAMES

from service.clock import ManualClock
from service.credits.checking import wrong_days
from service.database.connections import Location, connected
from service.ownership.commands import finalise_credit
from service.work import UnitOfWork


@pytest.fixture
def ledger(desk: Desk) -> Ledger:
    """The director's ledger."""
    return Ledger(desk)


def codes(payload: Any) -> list[str]:
    return [one["code"] for one in payload["errors"]]


async def test_q17_an_amount_is_divided_exactly_and_the_cent_goes_to_the_larger_share(
    ledger: Ledger,
) -> None:
    await ledger.with_metric(unit="MONEY")

    assert await ledger.counts("a", 100_000_001, {"An": 6_000, "Bo": 4_000}) == {
        "An": 60_000_001,
        "Bo": 40_000_000,
    }
    thirds = {"An": 5_000, "Bo": 3_000, "Chu": 2_000}
    assert await ledger.counts("b", 100_000_000, thirds) == {
        "An": 50_000_000,
        "Bo": 30_000_000,
        "Chu": 20_000_000,
    }
    assert await ledger.days() == [
        ("PRIMARY", "2026-03-02", "An", 110_000_001),
        ("PRIMARY", "2026-03-02", "Bo", 70_000_000),
        ("PRIMARY", "2026-03-02", "Chu", 20_000_000),
    ]


async def test_q18_an_overlay_stands_beside_the_whole_that_the_primary_parts_make_up(
    ledger: Ledger,
) -> None:
    await ledger.with_metric()

    made = await ledger.counts("a", 500_000, {"An": 10_000, "Bo": ("OVERLAY", 10_000)})
    short = await ledger.tries("b", 500_000, {"An": 9_999, "Bo": ("OVERLAY", 10_000)})

    assert made == {"An": 500_000, "Bo": 500_000}
    assert codes(short) == ["INVALID_INPUT"]
    days = await ledger.days()
    assert [one for one in days if one[0] == "PRIMARY"] == [
        ("PRIMARY", "2026-03-02", "An", 500_000)
    ]


async def test_q19_a_cancellation_counts_on_its_own_day_unless_the_old_one_is_restated(
    ledger: Ledger, clock: ManualClock
) -> None:
    await ledger.with_metric()
    on_day(clock, "2026-03-20")
    await ledger.counts("deal", 1_200_000, {"An": 10_000}, creditedOn="2026-03-10")
    on_day(clock, "2026-05-20")
    await ledger.counts("other", 900_000, {"An": 10_000}, creditedOn="2026-05-04")
    (deal,) = [one["id"] for one in await ledger.entries() if one["amount"] == "1200000"]

    taken = await ledger.reverse(deal)

    assert by_name(taken["metricCredits"]) == {"An": -1_200_000}
    assert await ledger.days() == [
        ("PRIMARY", "2026-03-10", "An", 1_200_000),
        ("PRIMARY", "2026-05-04", "An", 900_000),
        ("PRIMARY", "2026-05-20", "An", -1_200_000),
    ]
    assert codes(await ledger.reverse(deal)) == ["REVERSED_ALREADY"]
    assert codes(await ledger.reverse(taken["metricCredits"][0]["id"])) == ["NOT_FOUND"]

    await ledger.counts("third", 700, {"An": 5_000, "Bo": 5_000}, creditedOn="2026-03-11")
    third = next(one["id"] for one in await ledger.entries() if one["creditedOn"] == "2026-03-11")
    restated = await ledger.reverse(third, restated=True)

    assert by_name(restated["metricCredits"]) == {"An": -350, "Bo": -350}
    assert {one["creditedOn"] for one in restated["metricCredits"]} == {"2026-03-11"}
    assert ("PRIMARY", "2026-03-11", "Bo", 0) in await ledger.days()


async def test_what_is_recorded_later_counts_where_he_belonged_on_its_day(
    ledger: Ledger, clock: ManualClock
) -> None:
    await ledger.with_metric()
    desk, tenant = ledger.desk, ledger.desk.showroom.tenant
    desk.showroom.people["Ada"] = tenant.admin_id
    document = "query($id: ID!) { node(id: $id) { ... on Member { version } } }"
    an = desk.member("An")
    version = (await desk.ask("Ada", document, id=an))["node"]["version"]
    clock.set(datetime.fromisoformat("2026-03-10T00:00+08:00"))
    await desk.does(
        "Ada", "editMember", "member { id }", memberId=an, expectedVersion=version,
        orgUnitId=f"org_unit_{tenant.units['group']}",
        territoryId=f"territory_{tenant.territories['all']}",
    )  # fmt: skip
    on_day(clock, "2026-03-20")
    for day in ("2026-03-09", "2026-03-10", "2026-03-20"):
        await ledger.counts(day, 1, {"An": 10_000}, creditedOn=day)

    places = """query($metric: ID!) {
      metricCreditDays(first: 9, filter: {metricId: {eq: $metric}}) {
        nodes { creditedOn orgUnit { code } territory { code } } } }"""
    found = (await desk.ask("Lin", places, metric=ledger.metric))["metricCreditDays"]["nodes"]
    was = (tenant.team_unit, tenant.team_territory)
    assert {
        one["creditedOn"]: (one["orgUnit"]["code"], one["territory"]["code"]) for one in found
    } == {"2026-03-09": was, "2026-03-10": ("group", "all"), "2026-03-20": ("group", "all")}


async def test_the_same_source_counts_once_and_nothing_counts_before_its_day(
    ledger: Ledger,
) -> None:
    await ledger.with_metric()
    await ledger.counts("a", 5, {"An": 10_000})

    assert codes(await ledger.tries("a", 5, {"An": 10_000})) == ["COUNTED_ALREADY"]
    later = await ledger.tries("b", 5, {"An": 10_000}, creditedOn="2026-03-03")
    assert codes(later) == ["INVALID_INPUT"]
    assert codes(await ledger.tries("c", 5, {"An": 10_000}, base="7")) == ["INVALID_INPUT"]
    assert await ledger.days() == [("PRIMARY", "2026-03-02", "An", 5)]


async def test_one_sees_his_own_the_manager_his_team_and_only_those_with_the_duty_record(
    ledger: Ledger,
) -> None:
    await ledger.with_metric()
    await ledger.counts("a", 10, {"An": 5_000, "Bo": 5_000})

    assert [one["member"]["name"] for one in await ledger.entries("An")] == ["An"]
    assert len(await ledger.entries("Mei")) == 2
    assert codes(await ledger.tries("b", 5, {"An": 10_000}, by="An")) == ["FORBIDDEN"]
    assert codes(await ledger.tries("b", 5, {"An": 10_000}, by="Mei")) == ["FORBIDDEN"]


async def test_visits_and_new_customers_count_once_also_those_before_the_metric_was_made(
    ledger: Ledger,
) -> None:
    desk = ledger.desk
    await desk.showroom.sign_in("An", "Bo")
    visit = (await desk.arrives(customer={"phone": "13800000001"}))["visit"]["id"]
    await desk.does("An", "registerCustomer", "registration { id }", visitId=visit, fullName="王芳")
    customers = await ledger.with_metric("NEW", countingEvent="NEW_CUSTOMER")
    visits = await ledger.with_metric("VISITS", countingEvent="VISIT")
    heard = ("MetricChanged", "ReceptionAssigned", "CustomerRegistered")

    await ledger.hear(*heard)
    await desk.arrives(customer={"phone": "13800000002"})
    await ledger.hear(*heard)

    assert await ledger.days() == [
        ("PRIMARY", "2026-03-02", "An", 1),
        ("PRIMARY", "2026-03-02", "Bo", 1),
    ]
    ledger.metric = customers
    assert await ledger.days() == [("PRIMARY", "2026-03-02", "An", 1)]
    assert visits != customers


async def test_a_deal_counts_when_its_credit_is_final_in_pieces_and_in_money(
    ledger: Ledger, clock: ManualClock
) -> None:
    desk = ledger.desk
    pieces = await ledger.with_metric("UNITS", countingEvent="SUBSCRIPTION")
    money = await ledger.with_metric("SIGNED", countingEvent="SUBSCRIPTION", unit="MONEY")
    await desk.showroom.sign_in("An", "Bo")
    visit = (await desk.arrives(customer={"phone": "13800000001"}))["visit"]["id"]
    await desk.does("An", "registerCustomer", "registration { id }", visitId=visit, fullName="王芳")
    await desk.does(
        "An",
        "recordDeal",
        "deal { id }",
        visitId=visit,
        unitCode="8-301",
        amount={"amountMinor": "250000000", "currency": "CNY"},
    )
    on_day(clock, "2026-03-20")
    await finalise(ledger)

    await ledger.hear("CreditFinalised")
    await ledger.hear("CreditFinalised", "MetricChanged")

    assert await ledger.days() == [("PRIMARY", "2026-03-02", "An", 250_000_000)]
    ledger.metric = pieces
    assert await ledger.days() == [("PRIMARY", "2026-03-02", "An", 1)]
    assert money != pieces


async def test_stock_and_increment_are_told_apart_by_the_deal_before(
    ledger: Ledger, clock: ManualClock
) -> None:
    desk = ledger.desk
    metrics = {
        business: await ledger.with_metric(business, countingEvent=event, business=business)
        for business, event in (("EXISTING", "SUBSCRIPTION"), ("INCREMENTAL", "SUBSCRIPTION"))
    }
    metrics["VISITS"] = await ledger.with_metric(
        "VISITS", countingEvent="VISIT", business="EXISTING"
    )
    for day, unit in (("2026-03-02", "8-301"), ("2026-03-03", "8-302")):
        on_day(clock, day)
        await desk.showroom.sign_in("An")
        visit = (await desk.arrives(customer={"phone": "13800000001"}))["visit"]["id"]
        entry = {"visitId": visit, "fullName": "王芳"}
        await desk.does("An", "registerCustomer", "registration { id }", **entry)
        amount = {"amountMinor": "100", "currency": "CNY"}
        sent = {"visitId": visit, "unitCode": unit, "amount": amount}
        await desk.does("An", "recordDeal", "deal { id }", **sent)
        await desk.does("An", "closeVisit", "__typename", visitId=visit)
    on_day(clock, "2026-03-20")
    await finalise(ledger)

    await ledger.hear("CreditFinalised", "ReceptionAssigned")

    counted = {}
    for business, metric in metrics.items():
        ledger.metric = metric
        counted[business] = [(day, amount) for _, day, _, amount in await ledger.days()]
    second = [("2026-03-03", 1)]
    assert counted == {"EXISTING": second, "INCREMENTAL": [("2026-03-02", 1)], "VISITS": second}
    for contradiction in ({"newOnly": True}, {"countingEvent": "NEW_CUSTOMER"}):
        sent = {"code": "X", "names": NAMES, "unit": "COUNT", "countingEvent": "VISIT"}
        made = await desk.api.tries(
            desk.token("Lin"), "createMetric", "replayed",
            **sent | {"business": "EXISTING"} | contradiction,
        )  # fmt: skip
        assert codes(made) == ["INVALID_INPUT"]


async def test_new_products_count_inside_their_launch_window_and_are_paid_back_after_it(
    ledger: Ledger, clock: ManualClock
) -> None:
    window = {"launchFirstDay": "2026-02-20", "launchLastDay": "2026-03-05"}
    await ledger.with_metric(productCodes=["KNEE"], **window)
    on_day(clock, "2026-03-20")

    async def tried(day: str, amount: int = 5, product: str = "KNEE") -> list[str]:
        key = f"{day} {amount} {product}"
        sent = {"creditedOn": day, "productCode": product}
        return codes(await ledger.tries(key, amount, {"An": 10_000}, **sent))

    assert [await tried(day) for day in ("2026-02-20", "2026-03-05")] == [[], []]
    assert [await tried(day) for day in ("2026-02-19", "2026-03-06")] == [["INVALID_INPUT"]] * 2
    assert await tried("2026-03-05", product="HIP") == ["INVALID_INPUT"]
    assert await tried("2026-03-19", amount=-5) == []


async def test_a_customer_is_new_once_until_he_is_taken_back(ledger: Ledger) -> None:
    """Of what is told, too, only a customer's first order counts toward a metric of new ones."""
    desk = ledger.desk
    made = await desk.does("An", "createParty", "party { id }", fullName="王芳", phones=[])
    his = {"partyId": made["party"]["id"]}
    await ledger.with_metric(newOnly=True)

    async def told(key: str, amount: int = 1, **more: Any) -> Any:
        return await ledger.tries(key, amount, {"An": 10_000}, **more)

    first = await told("first", **his)
    again = await told("second", **his)
    both = await asyncio.gather(*(told(f"more {n}", **his) for n in range(3)))

    assert codes(first) == []
    assert [(one["code"], one["field"]) for one in again["errors"]] == [
        ("COUNTED_ALREADY", ["input", "partyId"])
    ]
    assert [codes(one) for one in both] == [["COUNTED_ALREADY"]] * 3
    # Of nobody it is not known, and what is taken back is not counted.
    assert codes(await told("of nobody")) == codes(await told("of nobody too")) == []
    await ledger.reverse(first["metricCredits"][0]["id"])
    anew = await asyncio.gather(*(told(f"anew {n}", **his) for n in range(3)))
    assert sorted(map(codes, anew)) == [[], ["COUNTED_ALREADY"], ["COUNTED_ALREADY"]]

    # A first order of money may be paid in parts, and of other metrics everything counts.
    for other in ({"unit": "MONEY", "currency": "CNY", "newOnly": True}, {}):
        await ledger.with_metric(code=f"OTHER_{len(other)}", **other)
        assert [codes(await told(key, **his)) for key in ("one", "two")] == [[], []]


async def test_a_customer_who_was_told_of_as_new_is_new_no_more_when_the_house_records_him(
    ledger: Ledger, clock: ManualClock
) -> None:
    """Whoever was first, told of or recorded: a customer is new once."""
    desk = ledger.desk
    bought = await ledger.with_metric("BOUGHT", countingEvent="SUBSCRIPTION", newOnly=True)
    money = await ledger.with_metric(
        "MONEY", countingEvent="SUBSCRIPTION", newOnly=True, unit="MONEY"
    )
    known = await ledger.with_metric("KNOWN", countingEvent="NEW_CUSTOMER")
    parties: dict[str, str] = {}

    async def told(metric: str, name: str, key: str) -> Any:
        ledger.metric = metric
        return await ledger.tries(key, 1, {"Bo": 10_000}, partyId=parties[name])

    async def buys(name: str, number: int) -> None:
        visit = (await desk.arrives(customer={"phone": f"1380000000{number}"}))["visit"]["id"]
        made = await desk.does(
            "An", "registerCustomer", "registration { party { id } }",
            visitId=visit, fullName=name,
        )  # fmt: skip
        parties[name] = made["registration"]["party"]["id"]
        amount = {"amountMinor": "100", "currency": "CNY"}
        sent = {"visitId": visit, "unitCode": f"8-30{number}", "amount": amount}
        await desk.does("An", "recordDeal", "deal { id }", **sent)
        await desk.does("An", "closeVisit", "__typename", visitId=visit)

    await desk.showroom.sign_in("An")
    await buys("王芳", 1)
    await buys("李明", 2)
    heard = ("CreditFinalised", "CustomerRegistered")
    # Of 王芳 somebody tells first, of 李明 the house: each counts once, for whom was first.
    assert codes(await told(bought, "王芳", "by hand")) == []
    assert codes(await told(known, "王芳", "by hand")) == []
    on_day(clock, "2026-03-20")
    await finalise(ledger)
    await ledger.hear(*heard)
    await ledger.hear(*heard, "MetricChanged")

    for metric in (bought, known):
        assert codes(await told(metric, "李明", "late")) == ["COUNTED_ALREADY"]
        assert await ledger.days() == [
            ("PRIMARY", "2026-03-02", "An", 1),
            ("PRIMARY", "2026-03-02", "Bo", 1),
        ]
    # A first order of money may be paid in parts.
    assert codes(await told(money, "王芳", "by hand")) == []
    assert await ledger.days() == [
        ("PRIMARY", "2026-03-02", "An", 200),
        ("PRIMARY", "2026-03-02", "Bo", 1),
    ]


async def finalise(ledger: Ledger) -> None:
    """Let the timer of every deal come by."""

    async def step(work: UnitOfWork) -> None:
        rows = await work.fetch("SELECT id FROM app.deal WHERE tenant_id = $1", work.tenant_id)
        for row in rows:
            await finalise_credit(work, row["id"])

    tenant = ledger.desk.showroom.tenant
    await tenant.transactions.internally(ledger.desk.showroom.tenant_id, "finalise", step)


async def test_a_day_that_is_not_the_sum_of_its_entries_is_named(
    ledger: Ledger, location: Location
) -> None:
    await ledger.with_metric()
    await ledger.counts("a", 10, {"An": 7_000, "Bo": 3_000})
    await ledger.counts("b", -4, {"An": 5_000, "Bo": ("OVERLAY", 9_000), "Chu": 5_000})
    (first, *_) = await ledger.entries()
    await ledger.reverse(first["id"])
    assert await wrong(ledger) == []

    async with connected(location, "postgres") as connection:
        await connection.execute(
            "UPDATE app.metric_credit_day SET amount = amount + 1 WHERE tenant_id = $1"
            " AND member_id = $2",
            ledger.desk.showroom.tenant_id,
            ledger.desk.showroom.people["Chu"],
        )

    assert await wrong(ledger) == ["2026-03-02"]


@pytest.mark.parametrize(
    "done",
    [
        "UPDATE app.metric_credit_late SET amount = amount + 1",
        "UPDATE app.metric_credit_late SET recorded_on = recorded_on + 1",
        "DELETE FROM app.metric_credit_late",
        "UPDATE app.metric_credit_party_month SET amount = amount + 1",
        "UPDATE app.metric_credit_party_month SET territory_id = NULL",
        "DELETE FROM app.metric_credit_party_month",
        "UPDATE app.metric_credit_line_day SET base = base + 1",
        "DELETE FROM app.metric_credit_line_day",
    ],
    ids=[
        "another amount",
        "another day",
        "missing",
        "another history",
        "elsewhere",
        "no history",
        "another line",
        "no line",
    ],
)
async def test_what_came_late_and_customers_histories_are_those_of_the_ledger_or_are_named(
    ledger: Ledger, location: Location, done: str
) -> None:
    await ledger.with_metric()
    more = {"creditedOn": "2026-02-20", "channelCode": "stores"}
    await ledger.counts("late", 10, {"An": 7_000, "Bo": 3_000}, **more)
    assert await wrong(ledger) == []

    async with connected(location, "postgres") as connection:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(f"{done} WHERE tenant_id = $1", ledger.desk.showroom.tenant_id)

    assert await wrong(ledger) == ["2026-02-01" if "party_month" in done else "2026-02-20"]


async def wrong(ledger: Ledger) -> list[str]:
    """Return the days that are not the sum of their entries."""
    showroom = ledger.desk.showroom
    async with showroom.tenant.transactions.sight(showroom.tenant.caller()) as sight:
        return [one.day.isoformat() for one in await wrong_days(sight)]
