"""What a form asks before anything is kept: a total divided, a pace by the company's calendar."""

from typing import Any

import pytest
from builders.api import Api
from builders.tenants import TenantHandle, a_tenant

from service.work import Transactions

DIVIDE = (
    "query Divide($input: AllocationPreviewInput!) {"
    " previewAllocation(input: $input) { children { key amount } unassigned } }"
)
STAND = (
    "query Stand($input: PacePreviewInput!) { previewPace(input: $input) { workingDays"
    " elapsedWorkingDays attainmentBasisPoints attainmentPercent expected paceBasisPoints"
    " pacePercent colour runRate projection gap requiredPerDay } }"
)


@pytest.fixture
async def rep(api: Api, tenant: TenantHandle) -> str:
    return api.token(tenant.id, await tenant.member("An"))


def parts(**weights: object) -> list[dict[str, object]]:
    return [{"key": key, "weight": weight} for key, weight in weights.items()]


async def divided(api: Api, token: str, **wanted: object) -> Any:
    answer = await api.ask(token, DIVIDE, input=wanted)
    return answer["previewAllocation"]


async def test_a_total_is_divided_exactly_with_pins_floors_caps_and_steps(
    api: Api, rep: str
) -> None:
    even = await divided(api, rep, total="100000000", children=parts(a="1", b=1, c="1.0"))
    limited = await divided(
        api,
        rep,
        total="100",
        children=[
            {"key": "a", "weight": "70", "max": "60"},
            {"key": "b", "weight": "25"},
            {"key": "c", "weight": "5", "min": 12},
        ],
    )
    stepped = await divided(
        api, rep, total="10000500", step="1000", children=parts(a="37", b="41", c="22")
    )
    left = await divided(api, rep, total="10000", children=[{"key": "a", "pinned": "9300"}])

    assert [one["amount"] for one in even["children"]] == ["33333334", "33333333", "33333333"]
    assert [one["amount"] for one in limited["children"]] == ["60", "28", "12"]
    assert [one["amount"] for one in stepped["children"]] == ["3700000", "4100500", "2200000"]
    assert left == {"children": [{"key": "a", "amount": "9300"}], "unassigned": "700"}


@pytest.mark.parametrize(
    ("wanted", "code", "field"),
    [
        (
            {"total": "100", "children": [{"key": "a", "max": "40"}]},
            "LIMITS_NOT_REACHABLE",
            ["input", "total"],
        ),
        (
            {"total": "100", "step": "0", "children": parts(a="1")},
            "INVALID_INPUT",
            ["input", "step"],
        ),
        (
            {"total": "100", "children": [{"key": "a", "min": "5", "max": "4"}]},
            "INVALID_INPUT",
            ["input", "children", "0", "max"],
        ),
        (
            {"total": "100", "children": [*parts(a="1"), *parts(a="2")]},
            "INVALID_INPUT",
            ["input", "children", "1", "key"],
        ),
        (
            {"total": "100", "children": parts(a="-0.5")},
            "INVALID_INPUT",
            ["input", "children", "0", "weight"],
        ),
    ],
)
async def test_what_cannot_be_divided_is_refused_and_named(
    api: Api, rep: str, wanted: dict[str, object], code: str, field: list[str]
) -> None:
    answer = (await api.post(rep, DIVIDE, input=wanted)).json()

    (error,) = answer["errors"]
    assert error["extensions"]["code"] == code
    assert error["extensions"]["field"] == field


async def test_thousands_are_divided_exactly_and_each_is_a_point(api: Api, rep: str) -> None:
    total = 10**12 + 7
    sent = {"total": str(total), "children": parts(**{f"c{n}": n % 100 for n in range(10_000)})}

    made = (await api.post(rep, DIVIDE, input=sent)).json()
    more = {
        **sent,
        "children": [*parts(one_more="1"), *parts(**{f"c{n}": 1 for n in range(10_000)})],
    }
    refused = (await api.post(rep, DIVIDE, input=more)).json()

    amounts = [int(one["amount"]) for one in made["data"]["previewAllocation"]["children"]]
    assert (len(amounts), sum(amounts)) == (10_000, total)
    assert amounts[:2] == [0, total // 495_000]
    assert made["extensions"]["cost"]["requested"] == 10_015
    (error,) = refused["errors"]
    assert error["extensions"]["field"] == ["input", "children"]


async def test_a_pace_counts_the_companys_working_days(api: Api, rep: str) -> None:
    # March 2026 has 22 working days in Shanghai; nine are over when the 12th ends there.
    march = {"month": {"year": 2026, "month": 3}}
    wanted = {"target": "220", "actual": "78", "asOf": "2026-03-12T16:00:00Z", "period": march}

    found = await api.ask(rep, STAND, input=wanted)
    before = await api.ask(rep, STAND, input={**wanted, "asOf": "2026-03-12T15:59:59Z"})

    assert found["previewPace"] == {
        "workingDays": 22,
        "elapsedWorkingDays": 9,
        "attainmentBasisPoints": 3545,
        "attainmentPercent": "35.45",
        "expected": "90",
        "paceBasisPoints": 8667,
        "pacePercent": "86.67",
        "colour": "RED",
        "runRate": "8.67",
        "projection": "190.67",
        "gap": "142",
        "requiredPerDay": "10.92",
    }
    assert before["previewPace"]["elapsedWorkingDays"] == 8


async def test_a_target_of_nothing_has_no_attainment(api: Api, rep: str) -> None:
    wanted = {
        "target": "0",
        "actual": "5",
        "asOf": "2026-01-01T00:00:00Z",
        "period": {"day": "2026-03-02"},
    }

    found = await api.ask(rep, STAND, input=wanted)

    undivided = ("attainmentBasisPoints", "attainmentPercent", "paceBasisPoints", "pacePercent")
    for name in (*undivided, "colour", "runRate", "projection"):
        assert found["previewPace"][name] is None


async def test_figures_and_days_at_the_end_of_what_can_be_sent_are_answered(
    api: Api, rep: str
) -> None:
    most = {"target": "1", "actual": str(2**60), "period": {"day": "2026-03-02"}}

    found = await api.ask(rep, STAND, input={**most, "asOf": "2026-03-12T16:00:00Z"})
    refused = [
        (await api.post(rep, STAND, input={**most, "asOf": "2026-03-12T16:00:00Z", **one})).json()
        for one in ({"actual": str(2**63 - 1)}, {"asOf": "9999-12-31T23:59:59Z"})
    ]

    assert found["previewPace"]["attainmentBasisPoints"] is None
    assert found["previewPace"]["attainmentPercent"] == f"{2**60 * 100}.00"
    assert found["previewPace"]["pacePercent"] == f"{2**60 * 100}.00"
    assert found["previewPace"]["colour"] == "GREEN"
    assert [one["errors"][0]["extensions"]["code"] for one in refused] == [
        "INVALID_INPUT",
        "VARIABLES_INVALID",
    ]


async def test_the_calendar_of_another_company_is_no_calendar(
    api: Api, rep: str, tenant: TenantHandle, transactions: Transactions
) -> None:
    other = await a_tenant(transactions)
    wanted = {
        "target": "1",
        "actual": "1",
        "asOf": "2026-03-12T16:00:00Z",
        "period": {"year": 2026},
    }

    own = await api.ask(rep, STAND, input={**wanted, "calendarId": f"tenant_{tenant.id}"})
    answers = [
        (await api.post(rep, STAND, input={**wanted, "calendarId": one})).json()
        for one in (f"tenant_{other.id}", "tenant_01900000-0000-7000-8000-000000000000", "x")
    ]

    assert own["previewPace"]["attainmentBasisPoints"] == 10_000
    assert {answer["errors"][0]["extensions"]["code"] for answer in answers} == {"NOT_FOUND"}
