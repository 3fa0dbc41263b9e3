"""Files beside trusted documents: no address says what no document may ask."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from builders.api import Api, a_key
from builders.tenants import TenantHandle
from starlette.applications import Starlette

from service.identity.tokens import Claims
from service.schema.trusted import Registered, document_id
from service.web.files import file_routes
from service.work import Transactions

MEMBERS = "{ members(first: 1) { nodes { id } } }"
WHERE = "query($id: ID!) { rulebookSimulation(id: $id) { workbookPath } }"
OF_A_RECORD = "0199c2f0-7d1e-7a55-8a3e-5f0c9b1f2a10"
BOARD = "/files/boards/orgUnitTree.csv"
FIXED = (
    f"/files/target-plans/target_plan_{OF_A_RECORD}.csv",
    f"/files/target-plans/target_plan_{OF_A_RECORD}/import",
    "/files/reports/territory.html?siteId=site_none",
)
WORKBOOK = f"/files/simulations/rulebook_simulation_{OF_A_RECORD}.xlsx"


class Asker:
    """Asks for files on a server that knows some documents, as this or that caller."""

    def __init__(self, transactions: Transactions, tenant: TenantHandle) -> None:
        self.transactions = transactions
        self.tenant = tenant
        self.restricted = False

    async def told(self, path: str, *documents: str, key: bool) -> tuple[int, str | None]:
        """Return the status of a file's answer, and the code where it is refused."""

        async def restricted(_: Any) -> bool:
            return self.restricted

        named = {document_id(one): Registered(document_id(one), one, ()) for one in documents}
        api = Api(self.transactions, more={"trusted": named, "restricted": restricted})
        token = api.token(self.tenant.id, self.tenant.admin_id)
        claims = replace(api.people[token], trusted_documents_only=key)

        async def authenticate(_: str) -> Claims:
            return claims

        routes = file_routes(api.endpoint, self.transactions, authenticate)
        transport = httpx.ASGITransport(app=Starlette(routes=routes))
        async with httpx.AsyncClient(transport=transport, base_url="https://api.test") as web:
            answer = await web.request(
                "POST" if path.endswith("/import") else "GET",
                path,
                headers={"Authorization": "Bearer any", "Idempotency-Key": a_key()},
            )
        return answer.status_code, None if answer.is_success else answer.json()["error"]


@pytest.fixture
def asker(transactions: Transactions, tenant: TenantHandle) -> Asker:
    return Asker(transactions, tenant)


REFUSED = (403, "TRUSTED_DOCUMENTS_ONLY")
PASSED = (404, "NOT_FOUND")


@pytest.mark.parametrize("path", [BOARD, *FIXED, WORKBOOK])
async def test_a_key_of_documents_alone_has_no_file_that_none_of_them_gives_out(
    asker: Asker, path: str
) -> None:
    assert await asker.told(path, MEMBERS, key=True) == REFUSED
    assert await asker.told(path, MEMBERS, key=False) == ((200, None) if path == BOARD else PASSED)


async def test_a_document_that_tells_where_a_workbook_is_gives_it_out_and_nothing_else(
    asker: Asker,
) -> None:
    assert await asker.told(WORKBOOK, MEMBERS, WHERE, key=True) == PASSED
    assert await asker.told(BOARD, MEMBERS, WHERE, key=True) == REFUSED
    assert await asker.told(FIXED[0], MEMBERS, WHERE, key=True) == REFUSED


async def test_people_of_a_restricted_company_have_what_is_always_the_same_and_no_board(
    asker: Asker,
) -> None:
    asker.restricted = True

    assert await asker.told(BOARD, MEMBERS, key=False) == REFUSED
    assert [await asker.told(path, MEMBERS, key=False) for path in (*FIXED, WORKBOOK)] == [
        PASSED
    ] * 4
