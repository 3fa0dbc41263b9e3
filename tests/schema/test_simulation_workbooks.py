"""What a simulation showed is had as a workbook by who may read it, and by nobody else."""

import zipfile
from io import BytesIO

import httpx
import pytest
from builders.api import Api
from builders.tenants import TenantHandle, a_tenant
from starlette.applications import Starlette

from service.identity.tokens import Claims
from service.simulation.periods.running import run_simulation
from service.web.workbooks import Workbooks
from service.work import Transactions
from tests.schema.test_simulations import START, started

PATH = "query($id: ID!) { rulebookSimulation(id: $id) { workbookPath } }"


@pytest.fixture
async def web(api: Api, transactions: Transactions):
    async def authenticate(token: str) -> Claims | None:
        return api.people.get(token)

    app = Starlette(routes=Workbooks(transactions, authenticate).routes())
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="https://api.test") as client:
        yield client


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
