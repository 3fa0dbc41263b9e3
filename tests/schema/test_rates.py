"""Points that are spent and come back, for each caller and each tenant; turns among many."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from builders.api import Api
from builders.tenants import TenantHandle, a_tenant
from hypothesis import given
from hypothesis import strategies as st

from service.clock import new_id
from service.identity.tokens import Claims
from service.schema.documents import Documents
from service.schema.rates import Allowance, Budget, Rates
from service.schema.refusals import Overloaded, RateLimited
from service.work import Transactions


class Watch:
    """A watch that the test turns."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def member(tenant: UUID | None = None) -> Claims:
    own = new_id()
    return Claims(own, tenant or new_id(), own, operator=False, session_id=None)


def spent(budget: Budget, points: int) -> bool:
    try:
        budget.charge(points)
    except RateLimited:
        return False
    return True


def test_points_come_back_steadily_and_never_over_the_brim() -> None:
    watch = Watch()
    rates = Rates(Allowance(principal=600, tenant=6_000), watch)
    caller = member()
    rates.budget_of(caller).charge(600)

    watch.at = 10
    assert rates.budget_of(caller).remaining() == 100
    watch.at = 1_000
    assert rates.budget_of(caller).remaining() == 600


@given(st.integers(1, 64), st.integers(1, 10**7), st.integers(1, 10**6), st.integers(1, 500))
def test_the_parts_of_several_processes_are_the_company_s_whole(
    processes: int, tenant: int, principal: int, concurrent: int
) -> None:
    whole = Allowance(principal=principal, tenant=tenant, concurrent=concurrent)
    part = whole.shared_by(processes)

    assert whole.shared_by(1) == whole
    assert (part.principal, part.request) == (whole.principal, whole.request)
    # Nobody is held shorter than his own points, which alone may make the sum more.
    least = min(principal, tenant)
    assert part.tenant >= least
    assert tenant <= part.tenant * processes < tenant + processes or part.tenant == least
    assert concurrent <= part.concurrent * processes < concurrent + processes


def test_who_has_spent_his_points_is_told_when_to_come_again() -> None:
    watch = Watch()
    rates = Rates(Allowance(principal=600, tenant=6_000), watch)
    caller = member()
    rates.budget_of(caller).charge(590)

    with pytest.raises(RateLimited) as refused:
        rates.budget_of(caller).charge(100)

    assert refused.value.seconds == 9
    assert rates.budget_of(caller).remaining() == 10
    watch.at = 9
    rates.budget_of(caller).charge(100)


def test_colleagues_spend_of_one_purse_and_strangers_do_not() -> None:
    rates = Rates(Allowance(principal=600, tenant=1_000), Watch())
    tenant = new_id()

    assert spent(rates.budget_of(member(tenant)), 600)
    assert not spent(rates.budget_of(member(tenant)), 600)
    assert spent(rates.budget_of(member()), 600)


def test_what_was_not_used_is_given_back_to_both() -> None:
    rates = Rates(Allowance(principal=600, tenant=1_000), Watch())
    tenant = new_id()
    budget = rates.budget_of(member(tenant))

    budget.charge(600)
    budget.give_back(550)

    assert budget.remaining() == 550
    assert rates.budget_of(member(tenant)).remaining() == 600
    assert budget.header() == b'"principal";r=550;t=5'


def test_the_tighter_of_the_two_is_told() -> None:
    rates = Rates(Allowance(principal=600, tenant=600), Watch())
    tenant = new_id()
    rates.budget_of(member(tenant)).charge(300)

    assert rates.budget_of(member(tenant)).header() == b'"tenant";r=300;t=30'


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(0, 400)), max_size=60))
def test_nobody_ever_spends_more_than_a_full_bucket_and_what_has_come_back(
    asked: list[tuple[float, int]],
) -> None:
    watch = Watch()
    rates = Rates(Allowance(principal=600, tenant=100_000), watch)
    caller = member()
    total = 0
    for waited, points in asked:
        watch.at += waited
        total += points if spent(rates.budget_of(caller), points) else 0

        assert total <= 600 + watch.at * 10 + 1e-6


async def test_a_tenants_requests_run_so_many_at_a_time_and_the_others_in_their_turn() -> None:
    rates = Rates(Allowance(concurrent=2))
    tenant = new_id()
    order: list[int] = []
    gates = [asyncio.Event() for _ in range(4)]

    async def request(number: int) -> None:
        budget = rates.budget_of(member(tenant))
        await budget.enter()
        order.append(number)
        await gates[number].wait()
        budget.leave()

    running = [asyncio.ensure_future(request(number)) for number in range(4)]
    await asyncio.sleep(0)
    assert order == [0, 1]
    stranger = rates.budget_of(member())
    await stranger.enter()
    gates[1].set()
    await running[1]
    await asyncio.sleep(0)
    assert order == [0, 1, 2]
    for gate in gates:
        gate.set()
    await asyncio.gather(*running)
    assert order == [0, 1, 2, 3]


async def test_who_gives_up_waiting_leaves_his_place_to_the_next() -> None:
    rates = Rates(Allowance(concurrent=1))
    tenant = new_id()
    first, second, third = (rates.budget_of(member(tenant)) for _ in range(3))
    await first.enter()
    gone = asyncio.ensure_future(second.enter())
    waits = asyncio.ensure_future(third.enter())
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)

    first.leave()
    await waits
    third.leave()
    await first.enter()


async def test_a_turn_that_does_not_come_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.schema.rates._PATIENCE_SECONDS", 0.01)
    rates = Rates(Allowance(concurrent=1))
    tenant = new_id()
    await rates.budget_of(member(tenant)).enter()

    with pytest.raises(Overloaded):
        await rates.budget_of(member(tenant)).enter()


async def test_more_who_wait_than_can_be_served_are_refused_at_once() -> None:
    rates = Rates(Allowance(concurrent=1))
    tenant = new_id()
    await rates.budget_of(member(tenant)).enter()
    waiting = [asyncio.ensure_future(rates.budget_of(member(tenant)).enter()) for _ in range(20)]
    await asyncio.sleep(0)

    with pytest.raises(Overloaded):
        await rates.budget_of(member(tenant)).enter()

    for one in waiting:
        one.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


LIST = "{ members(first: 10) { nodes { id } } }"
# Three for each of its three fields, the first time that it is read.
NEW = 9


@pytest.fixture
def rated(transactions: Transactions) -> tuple[Api, Watch]:
    """An endpoint of little allowance, and the watch it reads."""
    watch = Watch()
    allowance = Allowance(request=100, principal=60, tenant=6_000)
    return Api(transactions, more={"rates": Rates(allowance, watch)}), watch


async def test_every_answer_tells_the_callers_budget(
    rated: tuple[Api, Watch], tenant: TenantHandle
) -> None:
    api, _ = rated
    answer = await api.post(api.token(tenant.id, tenant.admin_id), LIST)
    cost: dict[str, Any] = answer.json()["extensions"]["cost"]

    assert answer.headers["ratelimit-policy"] == '"principal";q=60;w=60, "tenant";q=6000;w=60'
    left = 60 - NEW - cost["actual"]
    assert answer.headers["ratelimit"] == f'"principal";r={left};t={60 - left}'
    assert cost == {
        "requested": 10,
        "actual": cost["actual"],
        "limit": 100,
        "remaining": left,
        "restorePerSecond": 1,
    }
    assert 0 < cost["actual"] < 10


async def test_who_asks_too_much_is_refused_with_429_and_his_colleague_is_not(
    rated: tuple[Api, Watch], tenant: TenantHandle
) -> None:
    api, watch = rated
    token = api.token(tenant.id, tenant.admin_id)
    greedy = "{ members(first: 61) { nodes { id } } }"

    refused = await api.post(token, greedy)
    colleague = await api.post(api.token(tenant.id, await tenant.member("An")), LIST)
    error = refused.json()["errors"][0]

    assert refused.status_code == 429
    assert error["extensions"]["code"] == "RATE_LIMITED"
    assert int(refused.headers["retry-after"]) == 1 + NEW
    assert refused.json()["extensions"]["cost"]["actual"] == 0
    assert api.last is not None
    assert "data" not in refused.json()
    assert colleague.status_code == 200
    watch.at = 60
    assert (await api.post(token, LIST)).status_code == 200


WRONG = {
    "a variable": ("query Q($first: Int) { members(first: $first) { nodes { id } } }", NEW),
    "a field": ("{ members { nodes { nothing } } }", 0),
    "no GraphQL": ("{ members", 0),
    "the cost": ("{ members(first: 200) { nodes { id } } }", NEW),
}


@pytest.mark.parametrize(("text", "read"), WRONG.values(), ids=WRONG)
async def test_what_is_refused_for_what_was_sent_is_paid_for(
    rated: tuple[Api, Watch], tenant: TenantHandle, text: str, read: int
) -> None:
    api, watch = rated
    token = api.token(tenant.id, tenant.admin_id)

    for left in (57 - read, 54 - read):
        answer = await api.post(token, text, first="ten")
        assert answer.status_code == 400
        # A twentieth of what this caller has; of the usual allowance it is 50.
        assert answer.headers["ratelimit"].startswith(f'"principal";r={left};')

    watch.at = 60
    assert (await api.post(token, LIST)).status_code == 200


async def test_who_could_not_pay_for_a_refusal_has_no_new_document_read(
    rated: tuple[Api, Watch], tenant: TenantHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, _ = rated
    token = api.token(tenant.id, tenant.admin_id)
    cheap = "{ viewer { locale } }"
    assert (await api.post(token, cheap)).status_code == 200
    for place in range(17):
        assert (await api.post(token, f"{{ unknown{place} }}")).status_code == 400
    reads: list[str] = []
    monkeypatch.setattr(Documents, "read", lambda _, text: reads.append(text))

    refused = await api.post(token, "{ unknown }")

    assert refused.status_code == 429
    assert refused.headers["ratelimit"].startswith('"principal";r=2;')
    assert reads == []
    # What is known already needs no reading.
    assert (await api.post(token, cheap)).status_code == 200


async def test_a_document_is_paid_for_by_its_fields_when_it_is_new(
    rated: tuple[Api, Watch], tenant: TenantHandle
) -> None:
    api, _ = rated
    token = api.token(tenant.id, tenant.admin_id)
    # Five fields: those of a fragment count wherever it is spread.
    text = "{ a: viewer { ...L } b: viewer { ...L } } fragment L on Viewer { locale }"
    told = [(await api.post(token, text)).json()["extensions"]["cost"] for _ in range(2)]

    assert [one["actual"] for one in told] == [2, 2]
    assert [one["remaining"] for one in told] == [60 - 15 - 2, 60 - 15 - 4]


async def test_a_fault_of_ours_and_a_busy_server_cost_nothing(
    rated: tuple[Api, Watch], tenant: TenantHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, _ = rated
    token = api.token(tenant.id, tenant.admin_id)

    async def overloaded(_: object) -> None:
        raise Overloaded

    monkeypatch.setattr(Budget, "entered", lambda _: False)
    monkeypatch.setattr(Budget, "enter", overloaded)
    answer = await api.post(token, "{ __typename }")

    assert answer.status_code == 503
    assert answer.headers["ratelimit"] == '"principal";r=57;t=3'


async def test_another_tenants_greed_costs_nobody_here(
    rated: tuple[Api, Watch], tenant: TenantHandle, transactions: Transactions
) -> None:
    api, _ = rated
    elsewhere = await a_tenant(transactions)
    await api.post(api.token(elsewhere.id, elsewhere.admin_id), LIST)

    answer = await api.post(api.token(tenant.id, tenant.admin_id), "{ __typename }")

    assert answer.headers["ratelimit"] == '"principal";r=57;t=3'
