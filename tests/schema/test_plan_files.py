"""Plans as spreadsheets over HTTP: tried, imported all or none, exported, imported again."""

import csv
from io import BytesIO, StringIO
from typing import Any

import httpx
import openpyxl
import pytest
from builders.api import Desk, a_key
from builders.targets import Planner
from starlette.applications import Starlette

from service.exchange.asking import Processes
from service.web.plan_files import XLSX, PlanFiles
from service.work import Transactions


class Files:
    """What people of the showroom send as files."""

    def __init__(self, planner: Planner, web: httpx.AsyncClient) -> None:
        self.planner = planner
        self.web = web

    def _as(self, by: str, **headers: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.planner.desk.token(by)}", **headers}

    async def sent(
        self,
        body: bytes | str,
        *,
        by: str = "Lin",
        dry: bool = False,
        kind: str = "text/csv",
        key: str = "",
        language: str = "en",
        plan: str = "",
        **asked: str,
    ) -> httpx.Response:
        return await self.web.post(
            f"/files/target-plans/{plan or self.planner.plan}/import",
            params={"dryRun": str(dry).lower(), **asked},
            content=body,
            headers=self._as(
                by,
                **{
                    "Content-Type": kind,
                    "Idempotency-Key": key or a_key(),
                    "Accept-Language": language,
                },
            ),
        )

    async def tried(self, body: bytes | str, **more: Any) -> dict[str, Any]:
        answer = await self.sent(body, dry=True, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def had(self, kind: str = "csv", by: str = "Lin", plan: str = "") -> bytes:
        answer = await self.web.get(
            f"/files/target-plans/{plan or self.planner.plan}.{kind}",
            headers=self._as(by, **{"Accept-Language": "en"}),
        )
        assert answer.status_code == 200, answer.text
        return answer.content


@pytest.fixture
async def files(desk: Desk, transactions: Transactions):
    """A director with a metric and a plan, who sends files."""
    planner = Planner(desk)
    await planner.with_metric()
    await planner.with_plan()

    async def authenticate(token: str):
        return desk.api.people.get(token)

    routes = PlanFiles(transactions, authenticate, Processes()).routes()
    transport = httpx.ASGITransport(app=Starlette(routes=routes))
    async with httpx.AsyncClient(transport=transport, base_url="https://api.test") as web:
        yield Files(planner, web)


def rows_of(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(body.decode("utf-8-sig"))))


def issues(answer: dict[str, Any]) -> list[tuple[int, str | None, str]]:
    return [(one["row"], one["column"], one["code"]) for one in answer["issues"]]


async def test_a_file_is_tried_then_imported_once_and_a_second_time_changes_nothing(
    files: Files,
) -> None:
    team = "key,parent_key,metric,seat,amount\nall,,SIGNED,all,100\na,all,,a,60\nb,all,,b,40\n"

    tried = await files.tried(team)
    before = await files.planner.nodes()
    key = a_key()
    done = (await files.sent(team, key=key)).json()
    again = (await files.sent(team, key=key)).json()
    later = (await files.sent(team.replace("a,60", "a,55").replace("b,40", "b,45"))).json()

    assert (tried["added"], tried["changed"], tried["issues"], before) == (3, 0, [], [])
    assert (done["added"], done["replayed"]) == (3, False)
    assert again == {**done, "replayed": True}
    assert (later["added"], later["changed"], later["unchanged"]) == (0, 2, 1)
    assert {one["seat"]: one["figure"] for one in await files.planner.nodes()} == {
        "all": "100",
        "a": "55",
        "b": "45",
    }


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_what_is_exported_is_imported_without_a_difference(files: Files, kind: str) -> None:
    planner = files.planner
    await planner.root_with(7, ("=a", "b"))
    parts = [{"nodeId": "=a", "proposal": "0"}, {"nodeId": "b", "proposal": "3"}]
    await planner.divide("root", "PROPOSALS", parts)
    body = await files.had(kind)

    tried = await files.tried(body, kind="text/csv" if kind == "csv" else XLSX)

    assert (tried["added"], tried["changed"], tried["unchanged"]) == (0, 0, 4)
    assert tried["issues"] == []
    if kind == "xlsx":
        sheet = openpyxl.load_workbook(BytesIO(body)).active
        assert sheet["A2"].value == "T1"
    else:
        assert [row["Amount"] for row in rows_of(body)] == ["7", "0", "3", "4"]
