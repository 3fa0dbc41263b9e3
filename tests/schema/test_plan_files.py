"""Plans as spreadsheets over HTTP: tried, imported all or none, exported, imported again."""

import asyncio
import csv
import re
from dataclasses import replace
from io import BytesIO, StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import openpyxl
import pytest
from builders.api import Desk, a_key
from builders.targets import Planner
from builders.tenants import a_tenant
from starlette.applications import Starlette

from service.app import exchanging
from service.app.base import StartRefused
from service.exchange.asking import MOST_BYTES, Processes
from service.schema import rates
from service.schema.rates import Allowance, Rates
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

    async def asked(
        self, kind: str = "csv", by: str = "Lin", plan: str = "", language: str = "en"
    ) -> httpx.Response:
        return await self.web.get(
            f"/files/target-plans/{plan or self.planner.plan}.{kind}",
            headers=self._as(by, **{"Accept-Language": language}),
        )

    async def had(
        self, kind: str = "csv", by: str = "Lin", plan: str = "", language: str = "en"
    ) -> bytes:
        answer = await self.asked(kind, by, plan, language)
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

    routes = PlanFiles(
        transactions, authenticate, Processes(), desk.api.endpoint.admission
    ).routes()
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


async def test_a_plan_that_is_broken_down_takes_a_file_whose_sums_hold_and_no_other(
    files: Files,
) -> None:
    planner = files.planner
    await planner.root_with(100, ("a", "b"))
    await planner.divide("root")
    await planner.desk.does(
        "Lin", "distributeTargetPlan", "targetPlan { state }", planId=planner.plan
    )
    heads = "key,parent_key,metric,seat,amount,unassigned\nroot,,SIGNED,root,100,\n"
    whole = heads + "a,root,,a,30,\nc,root,,c,15,\nc1,c,,c1,15,\nrest,root,,,5,yes\n"

    refused = await files.sent(heads + "a,root,,a,30,\n", language="zh-Hant")
    done = await files.sent(whole)

    assert refused.status_code == 422
    body = refused.json()
    assert (body["error"], issues(body)) == ("SHEET_REFUSED", [(2, "amount", "TARGET_SUM_OPEN")])
    assert body["issues"][0]["message"].startswith("此目標各部分合計將為 80")
    assert (done.json()["added"], done.json()["changed"]) == (3, 1)
    assert await planner.below("root") == {"a": 30, "b": 50, "unassigned": 5}


async def test_rows_at_fault_are_all_told_and_nothing_is_written(
    files: Files, transactions: Transactions
) -> None:
    other = await a_tenant(transactions)
    stranger = await other.member("Zhao", staff_code="zhao")
    rows = (
        'key,metric,member,seat,amount\n1,SIGNED,zhao,1,5\n2,SIGNED,nobody,2,5\n3,SIGNED,,3,"1,5"\n'
    )

    refused = await files.sent(rows)
    tried = await files.tried(rows)

    assert stranger
    assert refused.status_code == 422
    assert (
        issues(refused.json())
        == issues(tried)
        == [
            (2, "member", "NOT_FOUND"),
            (3, "member", "NOT_FOUND"),
            (4, "amount", "NUMBER_NOT_PLAIN"),
        ]
    )
    told = [{**one, "row": 0} for one in tried["issues"][:2]]
    assert told[0] == told[1]
    assert await files.planner.nodes() == []


async def test_a_holder_is_named_in_the_readers_language(files: Files) -> None:
    desk = files.planner.desk
    desk.showroom.people["Ada"] = desk.showroom.tenant.admin_id
    names = {"en": "The bay", "zhHant": "大灣區", "zhHans": "大湾区"}
    made = await desk.does(
        "Ada", "createTerritory", "territory { id }", code="bay", dimension="area", names=names
    )
    await files.planner.add(
        {"key": "bay", "amount": "7", "territoryId": made["territory"]["id"]},
    )

    for language, heading, name in (
        ("en", "Holder", "The bay"),
        ("zh-Hant", "承擔者", "大灣區"),
        ("zh-Hans", "承担者", "大湾区"),
    ):
        (row,) = rows_of(await files.had(language=language))
        assert row[heading] == name


async def test_who_may_not_set_targets_is_told_so_row_by_row_and_who_sees_no_plan_finds_none(
    files: Files, transactions: Transactions
) -> None:
    planner = files.planner
    other = await a_tenant(transactions)
    stranger = planner.desk.api.token(other.id, other.admin_id)
    row = "key,metric,seat,amount\na,SIGNED,a,5\n"
    path = f"/files/target-plans/{planner.plan}/import"
    headers = {"Content-Type": "text/csv", "Idempotency-Key": a_key(), "Accept-Language": "en"}

    rep = await files.sent(row, by="Mei")
    unseen = [
        await files.web.post(
            path, content=row, headers=headers | {"Authorization": f"Bearer {stranger}"}
        ),
        await files.sent(row, plan="target_plan_x"),
        await files.sent(row, plan=planner.plan[:-12] + "0" * 12),
    ]
    unsigned = await files.web.post(path, content=row, headers=headers)

    assert (rep.status_code, rep.json()["error"]) == (403, "SHEET_REFUSED")
    assert [one["code"] for one in rep.json()["issues"]] == ["FORBIDDEN"]
    assert {one.status_code for one in unseen} == {404}
    assert len({one.content for one in unseen}) == 1
    assert (unsigned.status_code, unsigned.json()["error"]) == (401, "UNAUTHENTICATED")


async def test_who_names_no_language_is_told_all_of_it_in_his_own(files: Files) -> None:
    desk = files.planner.desk
    admin = desk.api.token(desk.showroom.tenant.id, desk.showroom.tenant.admin_id)
    mei = {"memberId": desk.member("Mei"), "expectedVersion": 1, "locale": "zh-Hant"}
    await desk.api.does(admin, "editMember", "member { id }", **mei)

    refused = await files.sent("key,metric,seat,amount\na,SIGNED,a,5\n", by="Mei", language="fr")

    told = refused.json()
    assert refused.headers["Content-Language"] == "zh-Hant"
    for sentence in (told["message"], told["issues"][0]["message"]):
        assert not re.search("[a-z]{3}", sentence)


async def test_a_file_shows_targets_in_sight_and_ones_own_only_once_it_is_in_force(
    files: Files,
) -> None:
    planner = files.planner
    await planner.add(
        {"key": "An", "amount": "60", "memberId": planner.desk.member("An")},
        {"key": "Bo", "amount": "40", "memberId": planner.desk.member("Bo")},
    )

    async def shown() -> dict[str, list[str]]:
        return {
            one: [row["Amount"] for row in rows_of(await files.had(by=one))]
            for one in ("Lin", "An", "Bo")
        }

    weighed = await shown()
    await planner.publish()

    assert weighed == {"Lin": ["60", "40"], "An": [], "Bo": []}
    assert await shown() == {"Lin": ["60", "40"], "An": ["60"], "Bo": ["40"]}


async def test_a_code_out_of_the_senders_sight_is_one_that_nobody_has(files: Files) -> None:
    """An sees his colleagues and not the administrator, 0001; the director sees both."""
    rows = (
        "key,metric,member,seat,amount\n1,SIGNED,0001,1,5\n2,SIGNED,none,2,5\n3,SIGNED,0003,3,5\n"
    )

    assert (await files.tried(rows.replace(",none,", ",0002,")))["issues"] == []
    assert issues(await files.tried(rows, by="An")) == [
        (2, "member", "NOT_FOUND"),
        (3, "member", "NOT_FOUND"),
        (4, None, "FORBIDDEN"),
    ]


async def test_a_target_whose_holder_has_gone_elsewhere_comes_back_as_the_same(
    files: Files,
) -> None:
    planner, tenant = files.planner, files.planner.desk.showroom.tenant
    unit, territory = list(tenant.units)[-2], next(iter(tenant.territories))
    planner.desk.showroom.people["Rui"] = await tenant.member("Rui", unit=unit, territory=territory)
    team = f"org_unit_{tenant.units[tenant.team_unit]}"
    await planner.add(
        {"key": "team", "amount": "10", "orgUnitId": team},
        {"key": "Rui", "parentKey": "team", "memberId": planner.desk.member("Rui")},
    )
    await planner.divide("team")
    assert {row["member"] and row["member"]["name"] for row in await planner.nodes("Mei")} == {None}
    had = await files.had(by="Mei")

    tried = await files.tried(had, by="Mei")
    assert (tried["added"], tried["changed"], tried["unchanged"]) == (0, 0, 2)
    assert tried["issues"] == []
    # His name stays what it was for her: not hers to read.
    assert "Rui" not in {row["Holder"] for row in csv.DictReader(StringIO(had.decode("utf-8-sig")))}


async def test_a_plan_had_as_a_file_costs_points_and_a_row_of_it_one(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    admission = files.planner.desk.api.endpoint.admission
    # Nothing comes back meanwhile.
    monkeypatch.setattr(admission, "rates", Rates(now=lambda: 0.0))
    row = "key,metric,seat,amount\na,SIGNED,a,5\nb,SIGNED,b,5\n"
    assert (await files.sent(row)).status_code == 200
    desk = files.planner.desk
    spent = admission.budget(desk.api.people[desk.token("Lin")])
    before = spent.remaining()

    await files.had()

    # Two rows, and the file itself.
    assert before - spent.remaining() == 12


async def test_what_is_no_file_of_ours_is_refused_by_its_status(files: Files) -> None:
    row = "key,metric,seat,amount\na,SIGNED,a,5\n"

    async def endless():
        for _ in range(200):
            yield b"x" * 1024 * 1024
            sent.append(1)

    sent: list[int] = []
    stated = await files.web.post(
        f"/files/target-plans/{files.planner.plan}/import?dryRun=true",
        headers=files._as("Lin", **{"Content-Type": "text/csv"}),
        content=b"x" * (MOST_BYTES + 1),
    )
    streamed = await files.web.post(
        f"/files/target-plans/{files.planner.plan}/import?dryRun=true",
        headers=files._as("Lin", **{"Content-Type": "text/csv"}),
        content=endless(),
    )
    answers = [
        await files.sent(row, kind="application/json"),
        await files.sent(row, key="short"),
        await files.sent(row, encoding="ebcdic"),
        await files.sent(row, expectedVersion="x"),
        await files.sent(row, expectedVersion="77"),
        await files.sent("編號,目標值\n臺,5\n".encode("big5")),
        await files.sent(b"PK\x03\x04", kind=XLSX),
    ]

    assert [(one.status_code, one.json()["error"]) for one in (stated, streamed)] == [
        (413, "FILE_TOO_LARGE")
    ] * 2
    assert [(one.status_code, one.json()["error"]) for one in answers] == [
        (415, "FILE_TYPE_UNKNOWN"),
        (422, "INVALID_IDEMPOTENCY_KEY"),
        (422, "INVALID_INPUT"),
        (422, "INVALID_INPUT"),
        (409, "VERSION_CONFLICT"),
        (422, "FILE_ENCODING_UNKNOWN"),
        (422, "FILE_UNREADABLE"),
    ]
    assert len(sent) < 200


async def test_a_published_plan_is_not_imported_into_and_its_file_begins_the_next(
    files: Files,
) -> None:
    planner = files.planner
    await planner.root_with(100, ("a", "b"))
    await planner.divide("root")
    await planner.publish()
    await planner.adjust("a", -6, "2026-03-02")
    body = await files.had()
    refused = await files.sent(body)

    await planner.with_plan("2027", "2027-01-01", "2027-12-31")
    done = await files.sent(body.replace(b"2026-", b"2027-"))

    assert (refused.status_code, refused.json()["error"]) == (409, "TARGET_PLAN_NOT_OPEN")
    assert done.json()["added"] == 4, done.text
    assert [row["Amount"] for row in rows_of(await files.had())] == ["100", "44", "50", "6"]


async def test_two_who_import_the_same_at_once_make_it_once(files: Files) -> None:
    team = "key,parent_key,metric,seat,amount\nall,,SIGNED,all,100\na,all,,a,60\nb,all,,b,40\n"

    answers = await asyncio.gather(*(files.sent(team) for _ in range(3)))

    counts = sorted((one.json()["added"], one.json()["unchanged"]) for one in answers)
    assert counts == [(0, 3), (0, 3), (3, 0)]
    assert len(await files.planner.nodes()) == 3


async def test_an_operator_writes_a_plan_tries_it_changed_and_imports_it_as_the_product(
    files: Files, transactions: Transactions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planner = files.planner
    await planner.root_with(9, ("a", "b"))
    await planner.divide("root")
    tenant_id = planner.desk.showroom.tenant_id

    async def tenant_of(*_: object):
        return tenant_id

    monkeypatch.setattr(exchanging, "tenant_of", tenant_of)
    base: Any = SimpleNamespace(transactions=transactions)
    path, said = tmp_path / "plan.csv", []
    written = await exchanging.export_plan(base, exchanging.PlanFile("x", "2026", path))
    path.write_text(path.read_text("utf-8-sig").replace(",5,", ",6,").replace(",4,", ",3,"))
    dry = exchanging.PlanFile("x", "2026", path, dry=True)

    tried = await exchanging.import_plan(base, dry, said.append)
    done = await exchanging.import_plan(base, replace(dry, dry=False), said.append)
    path.write_text("key,amount,metric\na,1e5,SIGNED\n")
    faulty = await exchanging.import_plan(base, replace(dry, dry=False), said.append)
    board = await exchanging.export_board(
        base, "x", "targetTree", [f"planId={planner.plan}"], None, tmp_path / "tree.xlsx"
    )

    assert written.endswith("plan.csv: 3 targets")
    assert (tried, done, faulty) == (True, True, False)
    assert said[:4] == [
        "row 3 T2: changed: amount 5 → 6",
        "row 4 T3: changed: amount 4 → 3",
        "0 added, 2 changed, 1 as they were",
        "0 added, 2 changed, 1 as they were",
    ]
    assert any("row 2 amount: NUMBER_NOT_PLAIN" in line for line in said)
    assert await planner.below("root") == {"a": 6, "b": 3}
    assert "3 rows as" in board
    with pytest.raises(StartRefused):
        await exchanging.import_plan(base, replace(dry, path=tmp_path / "x.pdf"), said.append)


async def test_a_ratio_goes_out_and_comes_back_with_every_goal_and_no_sum(files: Files) -> None:
    await files.planner.with_metric("PENETRATION", unit="RATIO")
    year = "key,parent_key,metric,seat,first_day,last_day,split,amount\n"
    year += "all,,PENETRATION,all,,,,30\n"
    year += "q1,all,,,2026-01-01,2026-03-31,PERIOD,28.5\nq2,all,,,2026-04-01,2026-12-31,PERIOD,31\n"
    assert (await files.sent(year)).status_code == 200
    desk, plan = files.planner.desk, files.planner.plan
    await desk.does("Lin", "distributeTargetPlan", "targetPlan { state }", planId=plan)

    back = (await files.had()).decode("utf-8-sig")

    amounts = [row["Amount"] for row in rows_of(back.encode())]
    assert amounts == ["30.00", "28.50", "31.00"]
    again = await files.tried(back)
    assert (again["unchanged"], again["issueCount"]) == (3, 0)
    changed = (await files.sent(back.replace("28.50", "29.25"))).json()
    assert (changed["changed"], changed["unchanged"]) == (1, 2)


async def test_a_file_goes_out_and_comes_in_at_its_companys_turn_and_gives_it_on(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    admission = files.planner.desk.api.endpoint.admission
    monkeypatch.setattr(admission, "rates", Rates(Allowance(concurrent=1)))
    monkeypatch.setattr(rates, "_PATIENCE_SECONDS", 0.0)
    row = "key,metric,seat,amount\na,SIGNED,a,5\n"
    asked = [
        files.asked,
        lambda: files.asked("xlsx"),
        lambda: files.sent(row, dry=True),
        lambda: files.sent(row),
    ]
    others = admission.budget(files.planner.desk.api.people[files.planner.desk.token("An")])

    async with others.turn():
        told = [await one() for one in asked]
    served = [await one() for one in asked]

    assert [(one.status_code, one.json()["error"]) for one in told] == [(503, "OVERLOADED")] * 4
    assert [one.status_code for one in served] == [200] * 4
    assert others.entered()
