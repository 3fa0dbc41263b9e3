"""A tenant's rulebook over HTTP: read, understood, checked, and published again."""

import pytest
from builders.api import Api
from builders.tenants import TenantHandle

from service.policies import policies_folder
from service.policies.rulebooks.document import parse
from service.policies.rulebooks.vocabulary.shipped import VOCABULARIES

TEXT = (policies_folder() / "rulebooks" / "showroom.yaml").read_text(encoding="utf-8")
LATEST = "{ rulebookVersions(first: 1) { nodes { policy number state effectiveFrom %s } } }"
CHECK = (
    "query Check($text: String!) { checkRulebook(text: $text)"
    " { publishable problems { code message line column suggestion } } }"
)


async def test_the_text_read_is_taken_back_and_is_the_same_document(
    api: Api, tenant: TenantHandle
) -> None:
    admin = api.token(tenant.id, tenant.admin_id)
    found = await api.ask(admin, LATEST % "text")
    text = found["rulebookVersions"]["nodes"][0]["text"]

    made = await api.does(
        admin, "publishRulebook", "rulebookVersion { number text }", text=text
    )  # fmt: skip

    assert parse(text) == parse(TEXT)
    assert made["rulebookVersion"] == {"number": 2, "text": text}


async def test_a_rep_reads_parameters_and_rules_in_his_language(
    api: Api, tenant: TenantHandle
) -> None:
    rep = api.token(tenant.id, await tenant.member("An"))
    ask = LATEST % (
        "parameters { name kind value min max unit source allowed overridden }"
        " rules { decision id clause says when then { name value } otherwise }"
    )

    answer = await api.post(rep, ask, {"Accept-Language": "zh-Hant"})

    (version,) = answer.json()["data"]["rulebookVersions"]["nodes"]
    parameters = {one["name"]: one for one in version["parameters"]}
    rules = {one["id"]: one for one in version["rules"]}
    assert parameters["tracking.days"] == {
        "name": "tracking.days", "kind": "NUMBER", "value": "7", "min": 0, "max": 365,
        "unit": "days", "source": "五(四)2", "allowed": [], "overridden": False,
    }  # fmt: skip
    assert parameters["rotation.order"]["allowed"] == [
        "SIGN_IN",
        "FEWEST_NEW",
        "WEIGHTED",
        "OPEN_FLOOR",
    ]
    assert parameters["returning.unconfirmed_claim_days"]["value"] == "3"
    assert rules["NM-1"] == {
        "decision": "naming", "id": "NM-1", "clause": "五(五)7",
        "says": "指名須在分派接待之前提出，此次已遲。", "when": ["assigned"],
        "then": [{"name": "naming", "value": "TOO_LATE"}], "otherwise": False,
    }  # fmt: skip
    assert rules["NM-5"]["otherwise"]


async def test_a_parameter_that_is_overridden_says_so(api: Api, tenant: TenantHandle) -> None:
    admin = api.token(tenant.id, tenant.admin_id)
    made = await api.does(
        admin, "publishRulebook",
        "rulebookVersion { parameters { name value documentValue overridden } }",
        overrides=[{"name": "tracking.days", "value": {"number": 10}}],
    )  # fmt: skip

    changed = [one for one in made["rulebookVersion"]["parameters"] if one["overridden"]]
    assert changed == [
        {"name": "tracking.days", "value": "10", "documentValue": "7", "overridden": True}
    ]


async def test_a_parameter_given_twice_is_refused_where_it_stands_again(
    api: Api, tenant: TenantHandle
) -> None:
    admin = api.token(tenant.id, tenant.admin_id)
    days = [{"name": "tracking.days", "value": {"number": number}} for number in (9, 10)]

    refused = await api.tries(
        admin, "publishRulebook", "rulebookVersion { number }", overrides=days
    )  # fmt: skip

    assert [(one["code"], one["field"]) for one in refused["errors"]] == [
        ("INVALID_INPUT", ["input", "overrides", "1", "name"])
    ]
    assert refused["rulebookVersion"] is None


async def test_a_version_that_another_took_the_place_of_before_it_began_is_not_cancelled(
    api: Api, tenant: TenantHandle
) -> None:
    admin = api.token(tenant.id, tenant.admin_id)
    first, second = [
        (
            await api.does(
                admin, "publishRulebook", "rulebookVersion { id }",
                overrides=[{"name": "tracking.days", "value": {"number": days}}],
                effectiveFrom="2026-04-01T00:00:00Z",
            )
        )["rulebookVersion"]["id"]
        for days in (9, 10)
    ]  # fmt: skip
    may = "query ($id: ID!) { rulebookVersion(id: $id) { standing allowedActions } }"

    superseded, scheduled = [
        (await api.ask(admin, may, id=one))["rulebookVersion"] for one in (first, second)
    ]
    refused = await api.tries(
        admin, "cancelRulebookVersion", "rulebookVersion { number }",
        versionId=first, reason="The second one takes its place.",
    )  # fmt: skip

    assert superseded == {"standing": "SUPERSEDED", "allowedActions": []}
    assert scheduled == {"standing": "SCHEDULED", "allowedActions": ["CANCEL"]}
    assert [one["code"] for one in refused["errors"]] == ["RULEBOOK_VERSION_BEGUN"]


async def test_the_vocabulary_is_in_the_callers_language(api: Api, tenant: TenantHandle) -> None:
    rep = api.token(tenant.id, await tenant.member("An"))
    ask = (
        "{ rulebookVocabulary { decisions { name label facts { name kind absent label"
        " words { word label } } outcomes { name kind default words { word } } } } }"
    )

    answer = await api.post(rep, ask, {"Accept-Language": "zh-Hans"})

    decisions = answer.json()["data"]["rulebookVocabulary"]["decisions"]
    (naming,) = (one for one in decisions if one["name"] == "naming")
    (evidence,) = (one for one in naming["facts"] if one["name"] == "evidence")
    assert evidence["kind"] == "WORD"
    assert {"word": "CALL", "label": "来电记录"} in evidence["words"]
    assert naming["outcomes"][0]["words"] == [
        {"word": "COUNTS"}, {"word": "UNPROVEN"}, {"word": "TOO_LATE"},
    ]  # fmt: skip


async def test_a_text_is_checked_and_nothing_is_published(api: Api, tenant: TenantHandle) -> None:
    admin = api.token(tenant.id, tenant.admin_id)
    broken = TEXT.replace("receiver: NEXT_IN_ROTATION", "receiver: NEXT_IN_ROTATOIN", 1)
    line = next(n for n, text in enumerate(broken.splitlines(), 1) if "ROTATOIN" in text)

    good = await api.ask(admin, CHECK, text=TEXT)
    bad = await api.post(admin, CHECK, {"Accept-Language": "zh-Hans"}, text=broken)
    versions = await api.ask(admin, "{ rulebookVersions { totalCount } }")

    assert good["checkRulebook"] == {"publishable": True, "problems": []}
    problems = bad.json()["data"]["checkRulebook"]["problems"]
    (problem,) = (one for one in problems if one["line"] == line)
    assert problem["suggestion"] == "NEXT_IN_ROTATION"
    assert problem["column"] > 0
    assert "NEXT_IN_ROTATION" in problem["message"]
    assert "是否指" in problem["message"]
    assert versions["rulebookVersions"]["totalCount"] == 1


@pytest.mark.parametrize("text", ["", "policy: [", "policy: showroom"])
async def test_a_text_that_is_no_rulebook_is_a_problem_and_no_fault(
    api: Api, tenant: TenantHandle, text: str
) -> None:
    admin = api.token(tenant.id, tenant.admin_id)

    found = (await api.ask(admin, CHECK, text=text))["checkRulebook"]

    assert not found["publishable"]
    assert found["problems"]


async def test_a_text_whose_own_test_fails_is_told_where(api: Api, tenant: TenantHandle) -> None:
    admin = api.token(tenant.id, tenant.admin_id)
    broken = TEXT.replace("expect: {rule: NM-1", "expect: {rule: NM-2", 1)
    assert broken != TEXT

    found = (await api.ask(admin, CHECK, text=broken))["checkRulebook"]

    (problem,) = found["problems"]
    assert problem["code"] == "RULEBOOK_TEST_FAILS"
    assert broken.splitlines()[problem["line"] - 1].strip().startswith("- {decision: naming")


async def test_who_may_not_publish_may_not_have_texts_checked(
    api: Api, tenant: TenantHandle
) -> None:
    rep = api.token(tenant.id, await tenant.member("An"))

    answer = await api.post(rep, CHECK, text=TEXT)

    assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_an_editor_reads_the_vocabulary_of_every_policy_in_one_query(
    api: Api, tenant: TenantHandle
) -> None:
    rep = api.token(tenant.id, await tenant.member("An"))
    ask = (
        "{ rulebookVocabularies { policy orders operators { sign example label }"
        " parameters { name needed kind min max label } rotationTerms { name perRep }"
        " decisions { name facts { name absent } } } }"
    )

    found = (await api.ask(rep, ask))["rulebookVocabularies"]

    by_policy = {one["policy"]: one for one in found}
    assert sorted(by_policy) == sorted(VOCABULARIES)
    showroom = by_policy["showroom"]
    needed = {one["name"]: one for one in showroom["parameters"]}["tracking.days"]
    assert (needed["needed"], needed["kind"], needed["min"]) == (True, "NUMBER", 0)
    assert {"in", "is", "and", "not", "<="} <= {one["sign"] for one in showroom["operators"]}
    assert all(one["label"] for one in showroom["operators"])


async def test_an_administrator_finds_a_shipped_rulebook_and_may_publish_it_as_it_is(
    api: Api, tenant: TenantHandle
) -> None:
    admin = api.token(tenant.id, tenant.admin_id)
    ask = '{ rulebookPacks { code policy industry title } none: rulebookPackText(code: "x") }'

    found = await api.post(admin, ask, {"Accept-Language": "zh-Hant"})
    text = await api.ask(admin, '{ rulebookPackText(code: "showroom-fixed-window") }')

    packs = {pack["code"]: pack for pack in found.json()["data"]["rulebookPacks"]}
    looked = await api.ask(admin, CHECK, text=text["rulebookPackText"])
    assert looked["checkRulebook"] == {"publishable": True, "problems": []}
    assert found.json()["data"]["none"] is None
    assert packs["showroom-fixed-window"]["policy"] == "showroom"
    assert packs["partner-registration"]["title"] == "渠道報備規則"
    assert {"dealer-floor", "lead-pool", "territory-accounts", "showroom"} <= set(packs)
