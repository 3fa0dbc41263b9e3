"""A rule is changed over HTTP: drafted, looked over, submitted, approved by somebody else."""

import json
from typing import Any
from uuid import UUID

import pytest
from builders.api import Api
from builders.tenants import TenantHandle

from service.policies import policies_folder
from service.policies.rulebooks.document import from_json, parse

TEXT = (policies_folder() / "rulebooks" / "showroom.yaml").read_text(encoding="utf-8")
DRAFT = """
query Draft($id: ID!) {
  rulebookDraft(id: $id) {
    id version state name policy text json textHash effectiveOn authorNames simulated
    allowedActions
    check { publishable testCount problems { code severity message line column path suggestion } }
  }
}
"""


@pytest.fixture
async def director(tenant: TenantHandle) -> UUID:
    return await tenant.member("總監", "director", unit=next(iter(tenant.units)))


async def drafted(api: Api, token: str, **source: Any) -> dict[str, Any]:
    made = await api.does(
        token, "createRulebookDraft", "draft { id version }",
        name="Ten days", source=source,
    )  # fmt: skip
    draft: dict[str, Any] = made["draft"]
    return draft


async def test_a_director_changes_a_number_and_another_puts_it_in_force(
    api: Api, tenant: TenantHandle, director: UUID
) -> None:
    admin, other = api.token(tenant.id, tenant.admin_id), api.token(tenant.id, director)
    draft = await drafted(
        api, admin, versionId=f"rulebook_version_{tenant.made.rulebook_version_id}"
    )
    edited = await api.does(
        admin, "editRulebookDraft", "draft { version check { publishable } }",
        draftId=draft["id"], expectedVersion=1,
        parameters=[{"name": "claim.days", "value": {"number": 5}}],
    )  # fmt: skip
    await api.does(
        admin, "submitRulebookDraft", "draft { state }",
        draftId=draft["id"], expectedVersion=edited["draft"]["version"],
        effectiveOn="2026-04-01", unsimulatedReason="Nothing to look back on yet.",
    )  # fmt: skip
    seen = (await api.ask(other, DRAFT, id=draft["id"]))["rulebookDraft"]
    own = (await api.ask(admin, DRAFT, id=draft["id"]))["rulebookDraft"]

    approved = await api.does(
        other, "approveRulebookDraft",
        "draft { state publishedVersion { number effectiveFrom parameters { name value } } }",
        draftId=draft["id"], textHash=seen["textHash"],
    )  # fmt: skip

    assert edited["draft"]["check"] == {"publishable": True}
    assert seen["allowedActions"] == ["WITHDRAW", "APPROVE", "REJECT"]
    assert own["allowedActions"] == ["WITHDRAW"]
    version = approved["draft"]["publishedVersion"]
    assert (version["number"], version["effectiveFrom"]) == (2, "2026-03-31T16:00:00.000Z")
    assert {"name": "claim.days", "value": "5"} in version["parameters"]


async def test_yaml_and_json_of_a_draft_say_the_same_without_loss(
    api: Api, tenant: TenantHandle
) -> None:
    admin = api.token(tenant.id, tenant.admin_id)
    first = await drafted(api, admin, pack="showroom")
    shown = (await api.ask(admin, DRAFT, id=first["id"]))["rulebookDraft"]

    again = await drafted(api, admin, text={"json": shown["json"]})
    second = (await api.ask(admin, DRAFT, id=again["id"]))["rulebookDraft"]

    assert shown["text"] == TEXT
    assert from_json(json.loads(shown["json"])) == parse(TEXT) == parse(second["text"])
    assert shown["textHash"] == second["textHash"]


async def test_a_draft_tells_what_is_wrong_with_it_and_where(
    api: Api, tenant: TenantHandle
) -> None:
    admin = api.token(tenant.id, tenant.admin_id)
    broken = TEXT.replace("receiver: NEXT_IN_ROTATION", "receiver: NEXT_IN_ROTATOIN", 1)
    draft = await drafted(api, admin, text={"yaml": broken})

    answer = await api.post(admin, DRAFT, {"Accept-Language": "zh-Hant"}, id=draft["id"])

    found = answer.json()["data"]["rulebookDraft"]
    line = next(n for n, text in enumerate(broken.splitlines(), 1) if "ROTATOIN" in text)
    assert not found["check"]["publishable"]
    (problem,) = (one for one in found["check"]["problems"] if one["line"] == line)
    assert problem["suggestion"] == "NEXT_IN_ROTATION"
    assert problem["severity"] == "ERROR"
    assert problem["path"].startswith("/decisions/reception/rules/")
    assert "是否指" in problem["message"]


async def test_a_text_that_is_no_yaml_is_kept_and_has_no_json(
    api: Api, tenant: TenantHandle
) -> None:
    admin = api.token(tenant.id, tenant.admin_id)
    draft = await drafted(api, admin, text={"yaml": "policy: ["})

    found = (await api.ask(admin, DRAFT, id=draft["id"]))["rulebookDraft"]

    assert (found["text"], found["json"], found["textHash"]) == ("policy: [", None, None)
    assert found["check"]["problems"]
    assert found["allowedActions"] == ["EDIT", "DISCARD"]


async def test_a_rule_without_a_test_gets_the_proposed_one(api: Api, tenant: TenantHandle) -> None:
    admin = api.token(tenant.id, tenant.admin_id)
    plain = parse(TEXT).to_json()
    tests: Any = plain["tests"]
    plain["tests"] = [one for one in tests if one["expect"].get("rule") != "NM-3"]
    draft = await drafted(api, admin, text={"json": json.dumps(plain, ensure_ascii=False)})
    ask = "query Q($id: ID!) { rulebookDraft(id: $id) { proposedTests { key aim rule text } } }"
    proposed = (await api.ask(admin, ask, id=draft["id"]))["rulebookDraft"]["proposedTests"]
    (wanted,) = (one for one in proposed if (one["aim"], one["rule"]) == ("RULE", "NM-3"))

    before = (await api.ask(admin, DRAFT, id=draft["id"]))["rulebookDraft"]["check"]
    taken = await api.does(
        admin, "acceptRulebookTests", "draft { check { publishable testCount } }",
        draftId=draft["id"], expectedVersion=1,
        keys=[wanted["key"], *(f"proposed no more {number}" for number in range(400))],
    )  # fmt: skip

    assert not before["publishable"]
    assert taken["draft"]["check"] == {"publishable": True, "testCount": before["testCount"] + 1}


@pytest.mark.parametrize(
    "source", [{"pack": "no-such"}, {"blank": "no-such"}], ids=["pack", "policy"]
)
async def test_what_does_not_ship_is_no_source(
    api: Api, tenant: TenantHandle, source: dict[str, Any]
) -> None:
    admin = api.token(tenant.id, tenant.admin_id)

    answer = await api.tries(admin, "createRulebookDraft", "draft { id }", name="x", source=source)

    assert [one["code"] for one in answer["errors"]] == ["INVALID_INPUT"]


async def test_what_is_made_of_a_text_is_told_without_the_text(
    api: Api, tenant: TenantHandle
) -> None:
    admin = api.token(tenant.id, tenant.admin_id)
    draft = await drafted(api, admin, pack="showroom")

    # What a draft changes is asked of the stored versions, so the whole query is not one statement.
    seen = (
        await api.ask(
            admin,
            "query Draft($id: ID!) { rulebookDraft(id: $id) { json check { publishable }"
            " proposedTests { key } comparedWithInForce { changes { sentence } } } }",
            id=draft["id"],
        )
    )["rulebookDraft"]

    assert json.loads(seen["json"])["policy"] == "showroom"
    assert seen["check"] == {"publishable": True}
    assert seen["proposedTests"] != []
    assert seen["comparedWithInForce"] == {"changes": []}


async def test_a_blank_draft_says_everything_it_lacks(api: Api, tenant: TenantHandle) -> None:
    admin = api.token(tenant.id, tenant.admin_id)
    draft = await drafted(api, admin, blank="showroom")

    found = (await api.ask(admin, DRAFT, id=draft["id"]))["rulebookDraft"]

    assert "MISSING_DECISION" in {one["code"] for one in found["check"]["problems"]}


async def test_drafts_are_seen_by_those_who_write_or_approve_them(
    api: Api, tenant: TenantHandle
) -> None:
    admin = api.token(tenant.id, tenant.admin_id)
    rep = api.token(tenant.id, await tenant.member("An"))
    draft = await drafted(api, admin, pack="showroom")

    nothing = await api.ask(rep, DRAFT, id=draft["id"])
    listed = await api.ask(
        admin, "{ rulebookDrafts(filter: {state: {eq: DRAFT}}) { totalCount nodes { name } } }"
    )
    await api.does(admin, "discardRulebookDraft", "__typename", draftId=draft["id"])

    assert nothing == {"rulebookDraft": None}
    assert listed["rulebookDrafts"] == {"totalCount": 1, "nodes": [{"name": "Ten days"}]}
    assert (await api.ask(admin, DRAFT, id=draft["id"])) == {"rulebookDraft": None}


async def test_a_parameter_that_is_none_is_named_with_what_was_perhaps_meant(
    api: Api, tenant: TenantHandle
) -> None:
    admin = api.token(tenant.id, tenant.admin_id)
    draft = await drafted(
        api, admin, versionId=f"rulebook_version_{tenant.made.rulebook_version_id}"
    )
    edit = (
        "mutation M($input: EditRulebookDraftInput!) {"
        " editRulebookDraft(input: $input) { errors { code message field } } }"
    )
    wrong = {
        "draftId": draft["id"],
        "expectedVersion": 1,
        "parameters": [{"name": "tracking.day", "value": {"number": 10}}],
    }

    told = {
        language: await api.post(
            admin, edit, {"Accept-Language": language},
            input={**wrong, "idempotencyKey": f"edited in the language {language}"},
        )
        for language in ("en", "zh-Hant", "zh-Hans")
    }  # fmt: skip

    errors = {
        language: answered.json()["data"]["editRulebookDraft"]["errors"]
        for language, answered in told.items()
    }
    assert errors["en"][0]["code"] == "INVALID_INPUT"
    assert errors["en"][0]["field"] == ["input", "parameters", "0", "name"]
    assert {language: error["message"] for language, (error,) in errors.items()} == {
        "en": "This value is not accepted; expected: the name of a parameter that the text has,"
        " perhaps tracking.days, tracking.renewal, tracking.max_total_days.",
        "zh-Hant": "此值不符合要求，應為：文字中已有的參數名稱，"
        "是否指 tracking.days、tracking.renewal、tracking.max_total_days。",
        "zh-Hans": "此值不符合要求，应为：文字中已有的参数名称，"
        "是否指 tracking.days、tracking.renewal、tracking.max_total_days。",
    }


async def test_an_approver_reads_in_words_what_a_draft_changes(
    api: Api, tenant: TenantHandle, director: UUID
) -> None:
    admin, other = api.token(tenant.id, tenant.admin_id), api.token(tenant.id, director)
    old = f"rulebook_version_{tenant.made.rulebook_version_id}"
    draft = await drafted(api, admin, versionId=old)
    await api.does(
        admin, "editRulebookDraft", "draft { id }", draftId=draft["id"], expectedVersion=1,
        parameters=[{"name": "tracking.days", "value": {"number": 10}}],
    )  # fmt: skip
    ask = (
        "query Q($id: ID!) { rulebookDraft(id: $id)"
        " { comparedWithInForce { changes { kind name sentence } } } }"
    )
    between = (
        "query Q($version: ID!, $draft: ID!) { rulebookComparison(before: {draftId: $draft},"
        " after: {versionId: $version}) { changes { kind name before after unit } } }"
    )

    told = await api.post(other, ask, {"Accept-Language": "zh-Hans"}, id=draft["id"])
    back = await api.ask(other, between, draft=draft["id"], version=old)
    hidden = await api.ask(
        api.token(tenant.id, await tenant.member("An")), between, draft=draft["id"], version=old
    )

    changes = told.json()["data"]["rulebookDraft"]["comparedWithInForce"]["changes"]
    assert changes[0] == {
        "kind": "PARAMETER",
        "name": "tracking.days",
        "sentence": "tracking.days（跟踪保护天数，接待当日不计）：7 → 10 天",
    }
    assert back["rulebookComparison"]["changes"][0] == {
        "kind": "PARAMETER", "name": "tracking.days", "before": "10", "after": "7", "unit": "days",
    }  # fmt: skip
    assert hidden == {"rulebookComparison": None}


CALENDAR = """
query Calendar($site: ID!) {
  now: rulebookInForce(siteId: $site) { number standing }
  then: rulebookInForce(siteId: $site, day: "2026-04-01") { number standing }
  everywhere: rulebookInForce(day: "2026-04-01") { number }
  rulebookCalendar(siteId: $site, from: "2026-03-01", until: "2026-05-01") {
    beginsOn endsOn ofSite rulebookVersion { number standing effectiveOn site { id } }
  }
}
"""


async def test_what_is_in_force_where_on_which_day(
    api: Api, tenant: TenantHandle, director: UUID
) -> None:
    admin, other = api.token(tenant.id, tenant.admin_id), api.token(tenant.id, director)
    site = f"site_{tenant.site_id}"
    made = await api.does(
        admin, "createRulebookDraft", "draft { id }",
        name="Our own", siteId=site, source={"pack": "showroom"},
    )  # fmt: skip
    sent = await api.does(
        admin, "submitRulebookDraft", "draft { textHash }", draftId=made["draft"]["id"],
        expectedVersion=1, effectiveOn="2026-04-01", unsimulatedReason="A new site.",
    )  # fmt: skip
    await api.does(
        other, "approveRulebookDraft", "draft { id publishedVersion { allowedActions } }",
        draftId=made["draft"]["id"], textHash=sent["draft"]["textHash"],
    )  # fmt: skip

    found = await api.ask(api.token(tenant.id, await tenant.member("An")), CALENDAR, site=site)

    first, second = found["rulebookCalendar"]
    assert found["now"] == {"number": 1, "standing": "IN_FORCE"}
    assert found["then"] == {"number": 2, "standing": "SCHEDULED"}
    assert found["everywhere"] == {"number": 1}
    assert (first["endsOn"], first["ofSite"]) == ("2026-04-01", False)
    assert second == {
        "beginsOn": "2026-04-01", "endsOn": None, "ofSite": True,
        "rulebookVersion": {
            "number": 2, "standing": "SCHEDULED", "effectiveOn": "2026-04-01",
            "site": {"id": site},
        },
    }  # fmt: skip
