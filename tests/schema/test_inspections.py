"""The conduct checklist over HTTP: looked at by a manager, seen by whom it is about, counted."""

from typing import Any

from builders.api import Desk

ITEMS = "{ inspectionItems(first: 50) { nodes { id code part name retiredAt } } }"
SUMMARY = """{ findingStatistics(groupBy: [MEMBER]) {
  key { member { name } } findingCount inspectionCount notMetCount } }"""
MINE = "{ inspections { nodes { notMetCount inspector { name } } } }"


async def items(desk: Desk, name: str = "Mei") -> dict[str, str]:
    nodes = (await desk.ask(name, ITEMS))["inspectionItems"]["nodes"]
    return {node["code"]: node["id"] for node in nodes}


async def found(desk: Desk, by: str, who: str, *findings: tuple[str, bool]) -> Any:
    known = await items(desk)
    return await desk.api.tries(
        desk.token(by),
        "recordInspection",
        "inspection { id notMetCount findings { met item { code name } } }",
        memberId=desk.member(who),
        siteId=desk.site,
        findings=[{"itemId": known[code], "met": met} for code, met in findings],
    )


async def test_a_tenant_starts_with_the_checklist_of_its_industry_in_its_language(
    desk: Desk,
) -> None:
    nodes = (await desk.ask("An", ITEMS))["inspectionItems"]["nodes"]

    assert {node["part"] for node in nodes} == {"CONDUCT", "SPEECH", "TELEPHONE", "RECEPTION"}
    assert {node["code"]: node["name"] for node in nodes}["sits-upright"] == "坐姿端正"


async def test_a_manager_records_what_he_found_and_the_rep_sees_his_own(desk: Desk) -> None:
    payload = await found(desk, "Mei", "An", ("sits-upright", True), ("polite-words", False))
    await found(desk, "Mei", "Bo", ("sits-upright", True))

    assert payload["errors"] == []
    assert payload["inspection"]["notMetCount"] == 1
    assert len(payload["inspection"]["findings"]) == 2
    mine = (await desk.ask("An", MINE))["inspections"]["nodes"]
    assert mine == [{"notMetCount": 1, "inspector": {"name": "Mei"}}]
    assert (await desk.ask("Chu", MINE))["inspections"]["nodes"] == []
    rows = (await desk.ask("Mei", SUMMARY))["findingStatistics"]
    assert sorted(
        (r["key"]["member"]["name"], r["findingCount"], r["notMetCount"]) for r in rows
    ) == [
        ("An", 2, 1),
        ("Bo", 1, 0),
    ]


async def test_nobody_inspects_himself_and_reps_and_clerks_inspect_nobody(desk: Desk) -> None:
    for by, who in (("Mei", "Mei"), ("An", "Bo"), ("Clerk", "An")):
        payload = await found(desk, by, who, ("sits-upright", True))
        assert [one["code"] for one in payload["errors"]] == ["FORBIDDEN"]


async def test_an_inspection_names_items_that_there_are_each_once(desk: Desk) -> None:
    known = await items(desk)
    item = known["sits-upright"]
    sent = {"memberId": desk.member("An"), "siteId": desk.site}
    for findings, code, field in (
        ([], "INVALID_INPUT", ["input", "findings"]),
        ([{"itemId": item, "met": True}] * 2, "INVALID_INPUT", ["input", "findings"]),
        (
            [{"itemId": "inspection_item_none", "met": True}],
            "NOT_FOUND",
            ["input", "findings", "0", "itemId"],
        ),
    ):
        payload = await desk.api.tries(
            desk.token("Mei"), "recordInspection", "inspection { id }", findings=findings, **sent
        )
        assert [(one["code"], one["field"]) for one in payload["errors"]] == [(code, field)]


async def test_the_administrator_keeps_the_checklist(desk: Desk) -> None:
    words = {"en": "Wears the badge", "zhHant": "佩戴工牌", "zhHans": "佩戴工牌"}
    desk.showroom.people["Ada"] = await desk.showroom.tenant.member("Ada", "tenant-admin")
    sent = {"code": "badge", "part": "CONDUCT", "wording": words, "position": 99}
    refused = await desk.api.tries(
        desk.token("Mei"), "createInspectionItem", "inspectionItem { id }", **sent
    )
    assert [one["code"] for one in refused["errors"]] == ["FORBIDDEN"]

    made = await desk.does("Ada", "createInspectionItem", "inspectionItem { id name }", **sent)
    again = await desk.api.tries(
        desk.token("Ada"), "createInspectionItem", "inspectionItem { id }", **sent
    )
    assert [one["code"] for one in again["errors"]] == ["ALREADY_TAKEN"]
    item_id = made["inspectionItem"]["id"]
    retired = await desk.does(
        "Ada", "retireInspectionItem", "inspectionItem { retiredAt }", itemId=item_id
    )

    assert retired["inspectionItem"]["retiredAt"] is not None
    payload = await desk.api.tries(
        desk.token("Mei"),
        "recordInspection",
        "inspection { id }",
        memberId=desk.member("An"),
        siteId=desk.site,
        findings=[{"itemId": item_id, "met": True}],
    )
    assert [one["code"] for one in payload["errors"]] == ["NOT_FOUND"]


async def test_a_manager_inspects_nobody_of_another_team_even_at_his_own_site(desk: Desk) -> None:
    tenant = desk.showroom.tenant
    desk.showroom.people["Far"] = await tenant.member(
        "Far", unit=next(iter(tenant.units)), territory=next(iter(tenant.territories))
    )

    payload = await found(desk, "Mei", "Far", ("sits-upright", False))

    assert [one["code"] for one in payload["errors"]] == ["FORBIDDEN"]
    assert payload["inspection"] is None
