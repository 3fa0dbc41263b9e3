"""What a simulation showed is had as a workbook by who may read it, and by nobody else."""

import asyncio
import zipfile
from io import BytesIO
from typing import Literal

import httpx
import pytest
from builders.api import SCHEMA, Api
from builders.tenants import TenantHandle, a_tenant
from starlette.applications import Starlette

from service.identity.tokens import Claims
from service.organisation.commands import EndAssignment, end_assignment
from service.schema import rates
from service.schema.admission import Admission
from service.schema.rates import Allowance, Rates
from service.simulation.periods.running import run_simulation
from service.web import workbooks
from service.web.callers import Authenticate
from service.web.workbooks import Workbooks
from service.work import Transactions
from tests.schema.test_simulations import START, started

GRAPHQL = SCHEMA._schema
PATH = "query($id: ID!) { rulebookSimulation(id: $id) { workbookPath } }"


@pytest.fixture
async def web(api: Api, transactions: Transactions):
    async with reached(Workbooks(transactions, known_to(api), Admission(GRAPHQL))) as client:
        yield client


def known_to(api: Api) -> Authenticate:
    async def authenticate(token: str) -> Claims | None:
        return api.people.get(token)

    return authenticate


def reached(workbooks: Workbooks) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=Starlette(routes=workbooks.routes()))
    return httpx.AsyncClient(transport=transport, base_url="https://api.test")


def as_bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_done_simulation_tells_where_its_workbook_is_and_no_cache_keeps_it(
    api: Api, tenant: TenantHandle, transactions: Transactions, web: httpx.AsyncClient
) -> None:
    token = api.token(tenant.id, tenant.admin_id)
    made = (await api.ask(token, START, **started(tenant)))["startRulebookSimulation"]["simulation"]
    waiting = (await api.ask(token, PATH, id=made["id"]))["rulebookSimulation"]["workbookPath"]
    early = await web.get(f"/files/simulations/{made['id']}.xlsx", headers=as_bearer(token))
    row = type(tenant.id)(made["id"].removeprefix("rulebook_simulation_"))
    await run_simulation(transactions, tenant.id, row)
    path = (await api.ask(token, PATH, id=made["id"]))["rulebookSimulation"]["workbookPath"]

    answer = await web.get(path, headers=as_bearer(token))

    assert waiting is None
    assert early.status_code == 404
    assert path == f"/files/simulations/{made['id']}.xlsx"
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"] == (
        'attachment; filename="simulation-2026-01-01-2026-02-28.xlsx"'
    )
    with zipfile.ZipFile(BytesIO(answer.content)) as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) == 3
        assert "逐事重演".encode() in book.read("xl/sharedStrings.xml")
        assert not any(b"<f>" in book.read(sheet) for sheet in sheets)


async def test_missing_foreign_and_forbidden_workbooks_answer_alike_and_nobody_gets_one_unsigned(
    api: Api, tenant: TenantHandle, transactions: Transactions, web: httpx.AsyncClient
) -> None:
    token = api.token(tenant.id, tenant.admin_id)
    made = (await api.ask(token, START, **started(tenant)))["startRulebookSimulation"]["simulation"]
    row = type(tenant.id)(made["id"].removeprefix("rulebook_simulation_"))
    await run_simulation(transactions, tenant.id, row)
    other = await a_tenant(transactions)
    stranger = api.token(other.id, other.admin_id)
    rep = api.token(tenant.id, await tenant.member("安志远"))
    nobody = api.admit(Claims(row, tenant.id, None, operator=False, session_id=tenant.admin_id))
    operator = api.operators_token(other.admin_id)
    path, missing = f"/files/simulations/{made['id']}.xlsx", f"{made['id'][:-12]}{'0' * 12}"
    elsewhere = ("rulebook_simulation_1", "x", missing, made["id"].replace("simulation", "draft"))

    unseen = [await web.get(path, headers=as_bearer(one)) for one in (stranger, rep)]
    unknown = [
        await web.get(f"/files/simulations/{one}.xlsx", headers=as_bearer(token))
        for one in elsewhere
    ]
    unsigned = [await web.get(path, headers=as_bearer(one)) for one in ("", "wrong", operator)]
    no_member = await web.get(path, headers=as_bearer(nobody))

    assert {answer.status_code for answer in unseen + unknown} == {404}
    assert len({answer.content for answer in unseen + unknown}) == 1
    assert {answer.status_code for answer in (*unsigned, no_member)} == {401}
    assert unsigned[0].json()["error"] == "UNAUTHENTICATED"
    assert unsigned[0].headers["www-authenticate"] == "Bearer"


async def a_workbook(api: Api, tenant: TenantHandle, transactions: Transactions) -> str:
    """Have a simulation carried out; returns the path of its workbook."""
    token = api.token(tenant.id, tenant.admin_id)
    made = (await api.ask(token, START, **started(tenant)))["startRulebookSimulation"]["simulation"]
    row = type(tenant.id)(made["id"].removeprefix("rulebook_simulation_"))
    await run_simulation(transactions, tenant.id, row)
    return f"/files/simulations/{made['id']}.xlsx"


class Turn(asyncio.Semaphore):
    """A turn that nobody has yet, and that tells when somebody waits for it."""

    def __init__(self) -> None:
        super().__init__(0)
        self.waited_for = asyncio.Event()

    async def acquire(self) -> Literal[True]:
        self.waited_for.set()
        return await super().acquire()


async def test_who_waits_for_a_workbook_and_loses_his_office_meanwhile_gets_none(
    api: Api,
    tenant: TenantHandle,
    transactions: Transactions,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = await a_workbook(api, tenant, transactions)
    reader = await tenant.member("周主任", "tenant-admin")
    (office,) = await tenant.rows(
        "SELECT id FROM app.assignment WHERE tenant_id = $1 AND member_id = $2", reader
    )
    monkeypatch.setattr(workbooks, "_MOST", 1)
    asked = Workbooks(transactions, known_to(api), Admission(GRAPHQL))
    asked._writing = turn = Turn()
    bearer = as_bearer(api.token(tenant.id, reader))

    async with reached(asked) as client:
        waiting = asyncio.create_task(client.get(path, headers=bearer))
        await turn.waited_for.wait()
        too_many = await client.get(path, headers=bearer)
        await tenant.do(end_assignment, EndAssignment(office["id"], 1))
        turn.release()
        late = await waiting
        kept = await client.get(path, headers=as_bearer(api.token(tenant.id, tenant.admin_id)))

    assert (too_many.status_code, too_many.json()["error"]) == (503, "BUSY")
    assert too_many.headers["retry-after"] == "2"
    assert (late.status_code, kept.status_code) == (404, 200)
    noted = await tenant.rows(
        "SELECT actor_id FROM app.audit_event"
        " WHERE tenant_id = $1 AND command = 'export_simulation'"
    )
    assert [one["actor_id"] for one in noted] == [tenant.admin_id]


async def test_a_workbook_costs_points_and_who_has_none_left_is_told_when_to_come_again(
    api: Api, tenant: TenantHandle, transactions: Transactions
) -> None:
    path = await a_workbook(api, tenant, transactions)
    little = Rates(Allowance(principal=15), lambda: 0.0)
    asked = Workbooks(transactions, known_to(api), Admission(GRAPHQL, rates=little))

    async with reached(asked) as client:
        bearer = as_bearer(api.token(tenant.id, tenant.admin_id))
        first, second = [await client.get(path, headers=bearer) for _ in range(2)]

    assert (first.status_code, second.status_code) == (200, 429)
    assert second.json()["error"] == "RATE_LIMITED"
    assert int(second.headers["retry-after"]) > 0


async def test_a_workbook_waits_for_its_companys_turn_and_gives_it_on(
    api: Api, tenant: TenantHandle, transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await a_workbook(api, tenant, transactions)
    admission = Admission(GRAPHQL, rates=Rates(Allowance(concurrent=1)))
    monkeypatch.setattr(rates, "_PATIENCE_SECONDS", 0.0)
    token = api.token(tenant.id, tenant.admin_id)
    others = admission.budget(api.people[token])

    async with reached(Workbooks(transactions, known_to(api), admission)) as client:
        async with others.turn():
            told = await client.get(path, headers=as_bearer(token))
        had = await client.get(path, headers=as_bearer(token))

    assert (told.status_code, told.json()["error"]) == (503, "OVERLOADED")
    assert had.status_code == 200
    assert others.entered()
