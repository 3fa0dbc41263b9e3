"""Faults of documents and variables: our words, the caller's language, none of our types."""

import re
from typing import Any, get_args

import pytest
from builders.api import Api
from builders.tenants import TenantHandle

from service.errors import LOCALES, phrases, sentence
from service.schema.refusals import Counted, DocumentFault, DocumentInvalid, RequestFault


@pytest.fixture
def token(api: Api, tenant: TenantHandle) -> str:
    return api.token(tenant.id, tenant.admin_id)


LEAKS = re.compile(r"Did you mean|Expected|Input\b|OrderBy|GraphQL|\bString\b|type '|cannot")
VISIT = "query Q($id: ID!) { visit(id: $id) { id } }"

DOCUMENTS = [
    ("{ viewer { membr { name } } }", "第 1 行第 12 列：此處沒有欄位「membr」"),
    ("{ visit(ident: 1) { id } }", "沒有引數「ident」"),
    ("{ visit { id } }", "缺少引數「id」"),
    ("{ viewer }", "請選取「viewer」的欄位"),
    ("{ viewer { locale { x } } }", "「locale」沒有可選的欄位"),
    ("{ visit(id: $id) { id } }", "變數「id」未宣告"),
    ("query Q($id: ID!) { __typename }", "變數「id」未使用"),
    ("query Q($id: Int!) { visit(id: $id) { id } }", "變數「id」的類型與其位置不符"),
    ("query Q($id: Nothing) { visit(id: $id) { id } }", "沒有類型「Nothing」"),
    ("{ ...Missing }", "沒有片段「Missing」"),
    ("fragment F on Query { __typename } { __typename }", "片段「F」未使用"),
    ("fragment F on Visit { id } { ...F }", "片段「F」在此處永不適用"),
    ("{ __typename @odd }", "沒有指令「odd」"),
    ("{ a: __typename a: viewer { locale } }", "「a」以兩種方式查詢"),
    ("{ __typename } { __typename }", "有多個操作時"),
    ("query A { __typename } query A { __typename }", "「A」重複"),
    ("{ visit(id: true) { id } }", "應為：編號"),
    ("{ nodes(ids: [{}]) { id } }", "應為：編號"),
    (
        'mutation { recordArrival(input: {idempotencyKey: "k", siteId: "s", customer: {}})'
        " { replayed } }",
        "應為：恰好填寫其中一個欄位",
    ),
    ("{", "第 1 行第 2 列：由此處起無法解析"),
]


@pytest.mark.parametrize(("document", "told"), DOCUMENTS)
async def test_a_faulty_document_is_told_in_the_callers_language_with_its_place(
    api: Api, token: str, document: str, told: str
) -> None:
    answer = await api.post(token, document, {"Accept-Language": "zh-HK"})

    errors = answer.json()["errors"]
    assert {error["extensions"]["code"] for error in errors} == {"DOCUMENT_INVALID"}
    assert any(told in error["message"] for error in errors), errors
    assert not any(LEAKS.search(error["message"]) for error in errors), errors
    assert answer.headers["content-language"] == "zh-Hant"


async def test_a_member_is_told_in_his_own_language_from_his_first_request_on(
    api: Api, tenant: TenantHandle
) -> None:
    member = await tenant.member("Mei", "sales-manager")
    token = api.token(tenant.id, member)
    await api.does(
        api.token(tenant.id, tenant.admin_id),
        "editMember",
        "member { id }",
        memberId=f"member_{member}",
        expectedVersion=1,
        locale="zh-Hant",
    )
    first = await api.post(token, "{ viewer }", {"Accept-Language": "fr"})
    await api.ask(token, "{ viewer { locale } }")

    after = await api.post(token, "{ viewer }")
    with_value = await api.post(token, VISIT, id=[1])
    otherwise = await api.post(token, "{ viewer }", {"Accept-Language": "en"})

    assert otherwise.headers["content-language"] == "en"
    assert first.headers["content-language"] == after.headers["content-language"] == "zh-Hant"
    assert first.json()["errors"][0]["message"] == after.json()["errors"][0]["message"]
    assert "請選取「viewer」的欄位" in after.json()["errors"][0]["message"]
    assert "編號" in with_value.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("{ visits(first: 0) { nodes { id } } }", "每頁"),
        ("{ " + " ".join(f"a{n}: __typename" for n in range(51)) + " }", "查詢文件"),
    ],
)
@pytest.mark.parametrize("planning", [True, False])
async def test_a_refusal_before_anybody_is_looked_at_is_in_the_members_language_too(
    api: Api, tenant: TenantHandle, planning: bool, document: str, told: str
) -> None:
    member = await tenant.member("Mei", "sales-manager")
    await api.does(
        api.token(tenant.id, tenant.admin_id),
        "editMember",
        "member { id }",
        memberId=f"member_{member}",
        expectedVersion=1,
        locale="zh-Hant",
    )

    either = Api(api.transactions, planning=planning)
    token = either.token(tenant.id, member)
    answer = await either.post(token, document)

    assert answer.headers["content-language"] == "zh-Hant"
    assert told in answer.json()["errors"][0]["message"]


async def ask(api: Api, token: str, document: str, variables: Any, language: str = "en") -> Any:
    sent = {"query": document, "variables": variables}
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept": "application/graphql-response+json",
        "Accept-Language": language,
    }
    return await api.send("POST", json=sent, headers=headers)


@pytest.mark.parametrize(
    ("variables", "field", "expected"),
    [
        ({}, ["id"], "GIVEN"),
        ({"id": None}, ["id"], "GIVEN"),
        ({"id": True}, ["id"], "ID"),
    ],
)
async def test_a_faulty_variable_names_itself_and_what_was_expected(
    api: Api, token: str, variables: Any, field: list[str], expected: str
) -> None:
    answer = await ask(api, token, VISIT, variables)

    (error,) = answer.json()["errors"]
    assert answer.status_code == 400
    assert error["extensions"]["field"] == field
    assert error["extensions"]["expected"] == expected
    assert not LEAKS.search(error["message"])


@pytest.mark.parametrize(
    ("variables", "field"),
    [({"most": None}, "most"), ({"by": None}, "by"), ({"asked": None}, "asked")],
)
@pytest.mark.parametrize("planning", [True, False])
async def test_null_where_a_value_is_needed_is_the_variables_fault_and_not_ours(
    api: Api, token: str, planning: bool, variables: Any, field: str
) -> None:
    # Each may be left out, since a default stands for it then, and so its type lets it be null.
    document = (
        "query Q($most: Int, $by: [VisitDimension!] = [], $asked: Boolean = true)"
        " { visitStatistics(groupBy: $by, first: $most) @include(if: $asked) { visitCount } }"
    )

    either = Api(api.transactions, planning=planning, people=api.people)
    answer = await ask(either, token, document, variables)

    (error,) = answer.json()["errors"]
    assert answer.status_code == 200
    assert answer.json()["data"] is None
    assert error["extensions"]["code"] == "VARIABLES_INVALID"
    assert error["extensions"]["field"] == [field]
    assert error["extensions"]["expected"] == "GIVEN"
    assert not LEAKS.search(error["message"])


RECORD = "mutation M($input: RecordCallInput!) { recordCall(input: $input) { replayed } }"


async def test_a_scalar_of_the_wrong_form_is_found_at_its_path(api: Api, token: str) -> None:
    given = {"phone": "1", "odd": 1, "rings": "x"}

    answer = await ask(api, token, RECORD, {"input": given}, "zh-Hant")

    errors = answer.json()["errors"]
    found = {
        tuple(error["extensions"]["field"]): error["extensions"]["expected"] for error in errors
    }
    told = " ".join(error["message"] for error in errors)
    assert found["input", "phone"] == "CHARACTERS"
    assert found["input", "odd"] == "KNOWN_FIELD"
    assert "變數「input.phone」不符合要求，應為：3 至 40 個字元。" in told
    assert not LEAKS.search(told)


ARRIVE = "mutation M($input: RecordArrivalInput!) { recordArrival(input: $input) { replayed } }"


@pytest.mark.parametrize(
    ("who", "below"),
    [
        ({}, ()),
        ({"phone": "+85291234567", "newCustomer": {"fullName": "陳"}}, ()),
        ({"phone": None}, ("phone",)),
    ],
)
async def test_one_field_is_asked_for_at_the_place_where_none_or_two_are_given(
    api: Api, token: str, who: Any, below: tuple[str, ...]
) -> None:
    given = {"idempotencyKey": "k" * 16, "siteId": "site_x", "customer": who}

    answer = await ask(api, token, ARRIVE, {"input": given})

    (error,) = answer.json()["errors"]
    assert answer.status_code == 400
    assert error["extensions"]["code"] == "VARIABLES_INVALID"
    assert error["extensions"]["field"] == ["input", "customer", *below]
    assert error["extensions"]["expected"] == "ONE_FIELD"
    assert not LEAKS.search(error["message"])


async def test_a_request_that_is_no_question_is_told_in_the_callers_language(
    api: Api, token: str
) -> None:
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "zh-SG"}

    answer = await api.send("POST", json={"query": 7}, headers=headers)

    (error,) = answer.json()["errors"]
    assert error["message"] == "无法读取请求：“query”须为查询文档的文本。"


def test_every_fault_has_its_words() -> None:
    codes = {*get_args(DocumentFault), *get_args(RequestFault), *get_args(Counted)}

    assert codes <= set(phrases())
    told = DocumentInvalid(fault="FIELD_UNKNOWN", name="x", line=3, column=5)
    assert [sentence(told, locale) for locale in LOCALES] == [
        "The document is not valid: line 3, column 5: there is no field “x” here.",
        "查詢文件無效：第 3 行第 5 列：此處沒有欄位「x」。",
        "查询文档无效：第 3 行第 5 列：此处没有字段“x”。",
    ]
