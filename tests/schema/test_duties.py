"""What administrators read of roles and duties, and members of what they owe."""

import pytest
from builders.api import Api
from builders.tenants import TenantHandle
from strawberry.types.base import get_object_definition

from service.schema.organisation.duties import DutiesMutation
from service.schema.organisation.mutations import OrganisationMutation
from service.schema.organisation.territories import TerritoriesMutation
from service.schema.tenants import TenantsMutation

WORDS = {"en": "Words", "zhHant": "字", "zhHans": "字"}


async def a_duty(api: Api, admin: str, code: str) -> dict[str, str]:
    made = await api.does(
        admin, "createDuty", "duty { id version }", code=code, wording=WORDS,
        permissions=[{"object": "audit", "action": "view", "scope": "tenant"}],
    )  # fmt: skip
    return dict(made["duty"])


async def test_the_duties_a_role_shows_can_be_sent_back_after_one_was_retired(
    api: Api, tenant: TenantHandle
) -> None:
    admin = api.token(tenant.id, tenant.admin_id)
    kept, gone = await a_duty(api, admin, "kept"), await a_duty(api, admin, "gone")
    role = (
        await api.does(
            admin, "createRole", "role { id version }", code="auditor", names=WORDS,
            dutyIds=[kept["id"], gone["id"]],
        )
    )["role"]  # fmt: skip
    await api.does(
        admin, "retireDuty", "duty { id }", dutyId=gone["id"], expectedVersion=gone["version"]
    )

    ask = "query R($id: ID!) { role(id: $id) { duties { duty { id roles { role { code } } } } } }"
    found = (await api.ask(admin, ask, id=role["id"]))["role"]["duties"]
    sent_back = await api.does(
        admin, "editRole", "role { id }", roleId=role["id"], expectedVersion=role["version"],
        dutyIds=[one["duty"]["id"] for one in found],
    )  # fmt: skip

    assert found == [{"duty": {"id": kept["id"], "roles": [{"role": {"code": "auditor"}}]}}]
    assert sent_back["role"] == {"id": role["id"]}


async def test_duties_kept_apart_are_listed_with_the_reason(api: Api, tenant: TenantHandle) -> None:
    admin = api.token(tenant.id, tenant.admin_id)
    one, other = await a_duty(api, admin, "one"), await a_duty(api, admin, "other")
    await api.does(
        admin, "separateDuties", "replayed", dutyId=one["id"], otherDutyId=other["id"],
        reason={"en": "Four eyes", "zhHant": "四眼", "zhHans": "四眼"},
    )  # fmt: skip
    ask = "{ dutySeparations { reasons { en } duty { code } otherDuty { code } } }"

    listed = (await api.ask(admin, ask))["dutySeparations"]
    rep = await api.ask(api.token(tenant.id, await tenant.member("An")), ask)

    (found,) = (pair for pair in listed if pair["reasons"] == {"en": "Four eyes"})
    assert {found["duty"]["code"], found["otherDuty"]["code"]} == {"one", "other"}
    assert rep["dutySeparations"] == []


async def test_who_holds_a_role_now_and_the_assignments_of_one_member(
    api: Api, tenant: TenantHandle
) -> None:
    admin = api.token(tenant.id, tenant.admin_id)
    an, bo = await tenant.members("An", "Bo")
    roles = "{ roles(first: 200) { nodes { id code holders { id member { name } } } } }"

    found = (await api.ask(admin, roles))["roles"]["nodes"]
    (role,) = (one for one in found if one["code"] == "sales-representative")
    (held,) = (one for one in role["holders"] if one["member"]["name"] == "Bo")
    await api.does(
        admin, "endAssignment", "assignment { id }", assignmentId=held["id"], expectedVersion=1
    )
    after = (await api.ask(admin, roles))["roles"]["nodes"]
    filtered = await api.ask(
        admin,
        "query A($filter: AssignmentFilter) { assignments(filter: $filter)"
        " { nodes { member { name } role { code } } } }",
        filter={"memberId": {"eq": f"member_{an}"}, "roleId": {"eq": role["id"]}},
    )
    elsewhere = await api.ask(
        admin,
        "query A($filter: AssignmentFilter) { assignments(filter: $filter) { totalCount } }",
        filter={"memberId": {"eq": f"member_{bo}"}, "orgUnitId": {"isNull": True}},
    )

    (now,) = (one for one in after if one["code"] == "sales-representative")
    assert {one["member"]["name"] for one in role["holders"]} == {"An", "Bo"}
    assert {one["member"]["name"] for one in now["holders"]} == {"An"}
    assert filtered["assignments"]["nodes"] == [
        {"member": {"name": "An"}, "role": {"code": "sales-representative"}}
    ]
    assert elsewhere["assignments"]["totalCount"] == 0


async def test_the_words_of_permissions_are_told_in_the_callers_language(
    api: Api, tenant: TenantHandle
) -> None:
    rep = api.token(tenant.id, await tenant.member("An"))
    ask = (
        "{ accessVocabulary { objects { name actions { name key description } }"
        " scopes { name description } limitFields { name objects description } } }"
    )

    answer = await api.post(rep, ask, {"Accept-Language": "zh-Hant"})

    found = answer.json()["data"]["accessVocabulary"]
    (visit,) = (one for one in found["objects"] if one["name"] == "visit")
    assert {"name": "record", "key": "visit.record", "description": "登記來訪"} in visit["actions"]
    assert {"name": "team", "description": "在本團隊"} in found["scopes"]
    assert "discount_bp" in {one["name"] for one in found["limitFields"]}
    (tenants,) = (one for one in found["objects"] if one["name"] == "tenant")
    assert {one["name"] for one in tenants["actions"]} == {"view", "edit"}


async def test_a_misspelt_action_of_a_duty_is_answered_with_the_one_meant(
    api: Api, tenant: TenantHandle
) -> None:
    admin = api.token(tenant.id, tenant.admin_id)

    refused = await api.tries(
        admin, "createDuty", "duty { id }", code="x", wording=WORDS,
        permissions=[{"object": "visit", "action": "recrod", "scope": "tema"}],
    )  # fmt: skip

    assert {error["code"] for error in refused["errors"]} == {"ACTION_UNKNOWN", "SCOPE_UNKNOWN"}
    assert any("visit.record" in error["message"] for error in refused["errors"])
    assert any(error["message"].rstrip("?？”」").endswith("team") for error in refused["errors"])


async def test_what_is_owed_shows_its_clock_with_the_rulebooks_number(
    api: Api, tenant: TenantHandle
) -> None:
    admin = api.token(tenant.id, tenant.admin_id)
    rep = api.token(tenant.id, await tenant.member("An"))
    clock = "obligationClock { withinDays withinMinutes endOfDay weekday after parameter }"
    await api.does(
        admin, "publishRulebook", "rulebookVersion { number }",
        overrides=[{"name": "followup.first_due_days", "value": {"number": 5}}],
    )  # fmt: skip

    owed = await api.ask(
        rep, f"{{ viewer {{ obligations {{ code {clock} duty {{ {clock} }} }} }} }}"
    )

    (follow_up,) = (
        one for one in owed["viewer"]["obligations"] if one["code"] == "follow-up-customers"
    )
    assert follow_up["obligationClock"] == {
        "withinDays": 5, "withinMinutes": None, "endOfDay": False, "weekday": None,
        "after": "CustomerRegistered", "parameter": "followup.first_due_days",
    }  # fmt: skip
    assert follow_up["duty"]["obligationClock"] == follow_up["obligationClock"]


@pytest.mark.parametrize(
    "domain", [OrganisationMutation, DutiesMutation, TerritoriesMutation, TenantsMutation]
)
def test_a_command_says_what_happens_before_which_action_it_asks(domain: type) -> None:
    fields = get_object_definition(domain, strict=True).fields

    silent = [one.python_name for one in fields if str(one.description).startswith("Action `")]

    assert silent == []
