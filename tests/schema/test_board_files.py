"""Boards as files: whatever lists rows is a table of all its columns, exact, in sight, guarded."""

import asyncio
import csv
from io import BytesIO, StringIO
from typing import Any

import asyncpg
import httpx
import openpyxl
import pytest
from builders.api import SCHEMA, Desk
from builders.credits import Ledger
from builders.targets import NAMES, Planner
from starlette.applications import Starlette

from service.errors import LOCALES
from service.exchange.asking import Processes
from service.schema.admission import Admission
from service.schema.boards import pieces
from service.schema.campaigns import figures
from service.schema.exporting import Boards, _headings, boards_of, headings, places, scaled
from service.schema.targets import queries
from service.web.board_files import BoardFiles
from service.web.reports import Reports
from service.work import Transactions

GRAPHQL = SCHEMA._schema


@pytest.fixture
async def web(desk: Desk, transactions: Transactions):
    async def authenticate(token: str):
        return desk.api.people.get(token)

    routes = BoardFiles(
        desk.api.endpoint.boards(), transactions, authenticate, Processes()
    ).routes()
    transport = httpx.ASGITransport(app=Starlette(routes=routes))
    async with httpx.AsyncClient(transport=transport, base_url="https://api.test") as client:
        yield client


async def a_month(desk: Desk) -> str:
    """Publish targets of March in money, with what An made of his."""
    planner, ledger = Planner(desk), Ledger(desk)
    planner.metric = await ledger.with_metric("CASH", unit="MONEY", currency="CNY")
    await planner.with_plan("march", "2026-03-01", "2026-03-31")
    await planner.add(
        {"key": "An", "amount": "90071992547409931", "memberId": desk.member("An")},
        {"key": "Bo", "amount": "0", "memberId": desk.member("Bo")},
    )
    await planner.publish()
    await ledger.counts("a", 123456, {"An": 10_000})
    return planner.metric


async def test_a_board_is_a_file_of_exact_figures_in_the_metrics_unit_and_ones_own_sight(
    desk: Desk, web: httpx.AsyncClient
) -> None:
    metric = await a_month(desk)

    async def asked(kind: str, by: str = "Lin", board: str = "memberBoard", **more: str):
        return await web.get(
            f"/files/boards/{board}.{kind}",
            params={"metricId": metric, "period": "2026-03", **more},
            headers={"Authorization": f"Bearer {desk.token(by)}", "Accept-Language": "en"},
        )

    text, book, own = await asked("csv"), await asked("xlsx"), await asked("csv", by="An")

    whole = await asked("csv", board="companyBoard")
    (company,) = csv.DictReader(StringIO(whole.content.decode("utf-8-sig")))
    assert (company["Target"], company["Credited"]) == ("", "1234.56")
    rows = list(csv.DictReader(StringIO(text.content.decode("utf-8-sig"))))
    assert [
        (row["Member staff code"] != "", row["Target"], row["Credited"], row["Attainment %"])
        for row in rows
    ] == [(True, "900719925474099.31", "1234.56", "0.00"), (True, "0.00", "0.00", "")]
    sheet = openpyxl.load_workbook(BytesIO(book.content)).active
    heads = [cell.value for cell in sheet[1]]
    values = {head: cell.value for head, cell in zip(heads, sheet[2], strict=True)}
    assert (values["Target"], values["Credited"]) == ("900719925474099.31", 1234.56)
    assert len(own.content.decode().splitlines()) == 2
    assert text.headers["content-disposition"] == 'attachment; filename="memberBoard.csv"'
    refused = [
        await asked("csv", board="nothing"),
        await asked("pdf"),
        await asked("csv", colour="RED"),
        await asked("csv", period="soon"),
        await web.get("/files/boards/memberBoard.csv"),
        await asked("csv", depth="1"),
    ]
    assert [one.status_code for one in refused] == [404, 404, 422, 422, 401, 422]


async def test_lines_of_business_are_a_file_as_every_board_is(
    desk: Desk, web: httpx.AsyncClient
) -> None:
    ledger = Ledger(desk)
    planner = Planner(desk, metric=await ledger.with_metric())
    await planner.with_plan("march", "2026-03-01", "2026-03-31")
    await planner.add({"key": "online", "amount": "40", "channelCode": "=ONLINE"})
    await planner.publish()
    line = {"channelCode": "=ONLINE", "productCode": "MRI"}
    await ledger.counts("one", 10, {"An": 10_000}, **line)

    answers = [
        await web.get(
            f"/files/boards/lineBoard.{kind}",
            params={"metricId": planner.metric, "period": "2026-03"},
            headers={"Authorization": f"Bearer {desk.token('Lin')}", "Accept-Language": "en"},
        )
        for kind in ("csv", "xlsx")
    ]

    assert [one.status_code for one in answers] == [200, 200]
    rows = list(csv.DictReader(StringIO(answers[0].content.decode("utf-8-sig"))))
    named = ("Channel", "Product", "Target", "Credited", "Attainment %")
    assert [tuple(row[name] for name in named) for row in rows] == [
        ("'=ONLINE", "", "40", "10", "25.00"),
        ("'=ONLINE", "MRI", "", "10", ""),
        ("", "MRI", "", "10", ""),
    ]
    sheet = openpyxl.load_workbook(BytesIO(answers[1].content)).active
    assert sheet.max_row == 1 + len(rows)


async def test_a_tree_of_targets_is_a_whole_file_in_each_ones_language(
    desk: Desk, web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The API gives it in pieces.
    monkeypatch.setattr(queries, "MOST_NODES", 2)
    planner = Planner(desk)
    await planner.with_metric()
    await planner.with_plan()
    await planner.root_with(10, ("=a", "b"))
    await planner.divide("root")

    answer = await web.get(
        "/files/boards/targetTree.csv",
        params={"planId": planner.plan, "depth": "5"},
        headers={
            "Authorization": f"Bearer {desk.token('Lin')}",
            "Accept-Language": "zh-Hans",
        },
    )

    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["席位"], row["目标值"], row["层级"]) for row in rows] == [
        ("root", "10", "0"),
        ("'=a", "5", "1"),
        ("b", "5", "1"),
    ]


async def test_people_and_campaigns_that_come_in_pieces_are_whole_files(
    desk: Desk, web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "MOST_PEOPLE", 1)
    monkeypatch.setattr(figures, "MOST", 1)
    metric = await a_month(desk)
    for code, day in (("a", "2026-03-01"), ("b", "2026-03-02"), ("c", "2026-03-03")):
        sent = {"code": code, "names": NAMES, "kind": "EVENT", "firstOn": day, "lastOn": day}
        await desk.does("Lin", "createCampaign", "__typename", **sent)

    async def column(board: str, head: str, **asked: str) -> list[str]:
        answer = await web.get(
            f"/files/boards/{board}.csv",
            params=asked,
            headers={"Authorization": f"Bearer {desk.token('Lin')}", "Accept-Language": "en"},
        )
        rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
        assert not {"Cut", "Cursor"} & rows[0].keys()
        return [row[head] for row in rows]

    asked = {"metricId": metric, "period": "2026-03", "restated": "true"}
    assert await column("memberBoard", "Member", **asked) == ["An", "Bo"]
    assert await column("campaignBoard", "Campaign code", filter="{}") == ["c", "b", "a"]


async def test_campaigns_are_a_file_with_amounts_in_their_own_currency(
    desk: Desk, web: httpx.AsyncClient
) -> None:
    names = {"en": "Spring", "zhHant": "春季", "zhHans": "春季"}
    days = {"firstOn": "2026-03-01", "lastOn": "2026-03-31"}
    budget = {"amountMinor": "123456", "currency": "CNY"}
    sent = {"code": "spring", "names": names, "kind": "ONLINE", "budget": budget, **days}
    await desk.does("Lin", "createCampaign", "__typename", **sent)

    answer = await web.get(
        "/files/boards/campaignBoard.csv",
        params={"filter": '{"kind": {"eq": "ONLINE"}}'},
        headers={"Authorization": f"Bearer {desk.token('Lin')}", "Accept-Language": "zh-Hans"},
    )

    (row,) = csv.DictReader(StringIO(answer.content.decode("utf-8-sig")))
    assert (row["推广活动"], row["预算"], row["预算余额"], row["到访"], row["到访成本"]) == (
        "春季",
        "1234.56",
        "1234.56",
        "0",
        "",
    )


@pytest.mark.parametrize("name", sorted(boards_of(GRAPHQL)))
def test_every_field_that_lists_rows_is_a_table(desk_api: Any, name: str) -> None:
    boards, documents = desk_api

    board = boards.board(name)
    documents.read(board.document)

    for locale in LOCALES:
        heads = headings(board.fields, locale)
        assert len(set(heads)) == len(heads) > 0, heads


@pytest.fixture(scope="module")
def desk_api() -> Any:
    """Boards and documents of the schema; nothing is asked."""
    nothing: Any = None
    admission = Admission(GRAPHQL)
    return Boards(GRAPHQL, admission, nothing, nothing), admission.documents


def test_headings_speak_of_fields_there_are() -> None:
    fields = {
        name
        for kind in GRAPHQL.type_map.values()
        if hasattr(kind, "fields")
        for name in kind.fields
    }

    assert set(_headings()) <= fields
    assert all(len(words) == len(LOCALES) for words in _headings().values())


@pytest.mark.parametrize(
    "name",
    [
        *("campaignBoard", "companyBoard", "dealerBoard", "lineBoard", "memberBoard"),
        *("memberBonuses", "memberScores", "myTargets", "targetAlerts", "targetTree"),
        *("territoryBoard", "territoryScores"),
    ],
)
def test_a_board_of_targets_has_no_heading_in_a_language_that_is_not_the_readers(
    desk_api: Any, name: str
) -> None:
    fields = desk_api[0].board(name).fields

    assert {one for field in fields for one in field.path} - set(_headings()) == set()


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("memberBoard", ("memberName",)),
        ("memberBonuses", ("memberName",)),
        ("territoryBoard", ("territory", "code")),
        ("dealerBoard", ("dealer", "code")),
        ("lineBoard", ("channelCode",)),
        ("myTargets", ("node", "version")),
    ],
)
def test_whose_a_row_is_stands_before_its_figures(
    desk_api: Any, name: str, first: tuple[str, ...]
) -> None:
    paths = [field.path for field in desk_api[0].board(name).fields]

    whose = {"territory", "parent", "depth", "memberName", "member", "dealer", "total", "node"}
    whose |= {"channelCode", "productCode"}
    assert [path[0] in whose for path in paths] == sorted(
        (path[0] in whose for path in paths), reverse=True
    )
    assert next(path for path in paths if path[0] != "member") == first


def test_beside_a_metric_large_numbers_are_amounts_and_counts_are_not() -> None:
    cash, ratio = {"unit": "MONEY", "currency": "CNY"}, {"unit": "RATIO", "currency": None}
    names = ("target", "weightedForecast", "attainmentBasisPoints", "newCustomerCount", "coverage")

    assert [places(name, cash) for name in names] == [2, 2, 2, 0, 0]
    assert [places(name, ratio) for name in names] == [2, 2, 2, 0, 0]
    assert [places(name, None) for name in names] == [0, 0, 2, 0, 0]


@pytest.mark.parametrize(
    ("text", "places", "written"),
    [("123456", 2, "1234.56"), ("-5", 2, "-0.05"), ("8.67", 2, "0.0867"), ("7", 0, "7")],
)
def test_a_figure_is_scaled_exactly(text: str, places: int, written: str) -> None:
    assert scaled(text, places) == written


class ReportsOf:
    """Asks for the report of the showroom's territory."""

    def __init__(self, desk: Desk, web: httpx.AsyncClient) -> None:
        self.desk = desk
        self.web = web

    async def asked(
        self, kind: str = "html", by: str = "Lin", method: str = "GET", **more: str
    ) -> httpx.Response:
        return await self.web.request(
            method,
            f"/files/reports/territory.{kind}",
            params={"siteId": self.desk.site, "period": "2026-03", "metric": "CASH", **more},
            headers={"Authorization": f"Bearer {self.desk.token(by)}", "Accept-Language": "en"},
        )

    async def told(self) -> list[dict[str, Any]]:
        """Return what the audit says of reports that left."""
        return await self.desk.showroom.tenant.rows(
            "SELECT subject_type, details FROM app.audit_event"
            " WHERE tenant_id = $1 AND command = 'export_report'"
        )


@pytest.fixture
async def reports(desk: Desk, transactions: Transactions):
    async def authenticate(token: str):
        return desk.api.people.get(token)

    boards = desk.api.endpoint.boards()
    routes = Reports(boards, transactions, authenticate, Processes()).routes()
    transport = httpx.ASGITransport(app=Starlette(routes=routes))
    async with httpx.AsyncClient(transport=transport, base_url="https://api.test") as web:
        yield ReportsOf(desk, web)


async def test_a_territory_report_shows_its_boards_to_who_may_see_them(
    desk: Desk, reports: ReportsOf
) -> None:
    metric = await a_month(desk)
    earlier = Ledger(desk)
    earlier.metric = metric
    await earlier.counts("earlier", 555, {"An": 10_000}, creditedOn="2026-03-01")

    page, book = await reports.asked(), await reports.asked("xlsx", metric=metric)
    # An's part was recorded on 2 March for that day, and once more for the day before.
    then, restated = [
        (await reports.asked(asOfDay="2026-03-01", restated=one)).text for one in ("false", "true")
    ]

    assert (page.status_code, page.headers["content-language"]) == (200, "en")
    assert "sandbox" in page.headers["content-security-policy"]
    assert "1,240.11" in page.text
    assert "An</span>" in page.text
    assert openpyxl.load_workbook(BytesIO(book.content)).sheetnames == ["CASH"]
    assert ("5.55" in then, "5.55" in restated) == (False, True)
    assert ("As known on" in then, "As known on" in restated) == (False, True)


async def test_a_report_is_refused_for_what_an_address_may_hold_and_written_down_when_it_leaves(
    desk: Desk, reports: ReportsOf
) -> None:
    await a_month(desk)
    refused = [
        (await reports.asked("pdf"), 404, None),
        (await reports.asked(siteId="site_x"), 404, None),
        (await reports.asked(siteId="\0"), 404, None),
        (await reports.asked(more="x" * 9_000), 404, None),
        (await reports.asked(more="\0"), 422, "more"),
        (await reports.asked(period="soon"), 422, "period"),
        (await reports.asked(depth="many"), 422, "depth"),
        (await reports.asked(depth="101"), 422, "depth"),
        # More digits than Python takes for a number.
        (await reports.asked(depth="9" * 5_000), 422, "depth"),
        (await reports.asked(asOfDay="tomorrow"), 422, "asOfDay"),
        (await reports.asked(asOfDay="2026-02-30"), 422, "asOfDay"),
        (await reports.asked(asOfDay="20260228"), 422, "asOfDay"),
        (await reports.asked(asOfDay="\0", metric="NONE"), 422, "asOfDay"),
        (await reports.asked(restated="perhaps"), 422, "restated"),
        (await reports.web.get("/files/reports/territory.html"), 401, None),
    ]
    before = await reports.told()
    of_nothing = await reports.asked(metric="\0")
    await reports.asked(asOfDay="2026-03-01")

    answers = [(one.status_code, one.json()["field"][:1]) for one, _, field in refused if field]
    assert [one.status_code for one, _, _ in refused] == [status for _, status, _ in refused]
    assert answers == [(status, [field]) for _, status, field in refused if field]
    assert (before, of_nothing.status_code) == ([], 200)
    told = await reports.told()
    assert {one["subject_type"] for one in told} == {"territory"}
    details = [one["details"] for one in told]
    assert sorted((one["as_of"], one["metrics"]) for one in details) == [
        ("2026-03-01", ["CASH"]),
        ("2026-03-02", []),
    ]


async def test_a_few_files_are_gathered_at_once_and_who_comes_when_many_wait_comes_again(
    desk: Desk, transactions: Transactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    metric = await a_month(desk)
    boards = desk.api.endpoint.boards()
    sheet, at_once, most = boards.sheet, 0, 0

    async def gathered(*asked: Any) -> Any:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        try:
            return await sheet(*asked)
        finally:
            at_once -= 1

    monkeypatch.setattr(boards, "sheet", gathered)

    async def authenticate(token: str):
        return desk.api.people.get(token)

    asked = BoardFiles(boards, transactions, authenticate, Processes(at_once=1, most=2))
    transport = httpx.ASGITransport(app=Starlette(routes=asked.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="https://api.test") as web:
        path = f"/files/boards/memberBoard.csv?period=2026-03&metricId={metric}"
        header = {"Authorization": f"Bearer {desk.token('Lin')}"}
        told = await asyncio.gather(*(web.get(path, headers=header) for _ in range(3)))
        later = await web.get(path, headers=header)

    assert sorted(one.status_code for one in told) == [200, 200, 503]
    assert [one.json()["error"] for one in told if one.is_error] == ["BUSY"]
    assert (most, later.status_code) == (1, 200)


@pytest.mark.parametrize(
    "told",
    [
        (asyncpg.QueryCanceledError("too long"), 503, "TIMED_OUT"),
        (asyncpg.ConnectionDoesNotExistError("gone"), 503, "UNAVAILABLE"),
        (ZeroDivisionError("a secret"), 500, "INTERNAL"),
    ],
)
async def test_what_goes_wrong_with_a_file_is_told_as_everywhere_and_tells_nothing_of_ours(
    desk: Desk, web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, told: Any, caplog: Any
) -> None:
    fault, status, code = told

    async def failing(*_: Any) -> Any:
        raise fault

    monkeypatch.setattr(desk.api.transactions.readings, "read", failing)

    answer = await web.get(
        "/files/boards/orgUnitTree.csv", headers={"Authorization": f"Bearer {desk.token('Lin')}"}
    )

    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert answer.headers.get("retry-after") == ("2" if status == 503 else None)
    assert "a secret" not in answer.text
    assert ("a secret" in caplog.text) == (status == 500)
