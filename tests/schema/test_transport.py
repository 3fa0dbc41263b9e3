"""HTTP as clients meet it: media types, status codes, limits, faults that stay inside."""

from typing import Any

import asyncpg
import pytest
from builders.api import GRAPHQL, Api
from builders.tenants import TenantHandle
from graphql import get_introspection_query

from service.schema.planner.unplannable import Unplannable
from service.schema.status import MediaType, negotiated

ASK = "{ __typename }"


@pytest.fixture
def token(api: Api, tenant: TenantHandle) -> str:
    return api.token(tenant.id, tenant.admin_id)


def headers(token: str, **more: str) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in more.items()}
    return {"Authorization": f"Bearer {token}", "Accept": GRAPHQL, **named}


async def test_a_question_is_answered_in_the_type_asked_for(api: Api, token: str) -> None:
    for accept, media in (
        (GRAPHQL, GRAPHQL),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("text/html, application/json;q=0.5", "application/json"),
        (f"application/json;q=0.9, {GRAPHQL}", GRAPHQL),
        (f"{GRAPHQL};q=0.1, application/json", "application/json"),
    ):
        answer = await api.send("POST", json={"query": ASK}, headers=headers(token, Accept=accept))
        assert answer.status_code == 200
        assert answer.headers["content-type"] == f"{media}; charset=utf-8"
        assert answer.json()["data"] == {"__typename": "Query"}
        assert answer.headers["cache-control"] == "no-store"


def test_no_type_of_ours_is_not_acceptable() -> None:
    assert negotiated("text/html") is None
    assert negotiated("application/json;q=0") is None
    assert negotiated("") is MediaType.JSON
    assert negotiated("application/json; charset=latin-1") is None


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        ({"headers": {"Accept": "text/html"}}, 406, "NOT_ACCEPTABLE"),
        ({"headers": {"Authorization": "Bearer stranger"}}, 401, "UNAUTHENTICATED"),
        ({"headers": {"Authorization": ""}}, 401, "UNAUTHENTICATED"),
        ({"content": b"{", "json": None}, 400, "BAD_REQUEST"),
        ({"content": b"[]", "json": None}, 400, "BATCHING_OFF"),
        ({"content": b'"text"', "json": None}, 400, "BAD_REQUEST"),
        ({"json": {}}, 400, "BAD_REQUEST"),
        ({"json": {"query": 7}}, 400, "BAD_REQUEST"),
        ({"json": {"query": ASK, "variables": []}}, 400, "BAD_REQUEST"),
        ({"json": {"query": ASK, "operationName": "Other"}}, 400, "DOCUMENT_INVALID"),
        ({"json": {"query": "{ __typename"}}, 400, "DOCUMENT_INVALID"),
        ({"json": {"query": "{ nothing }"}}, 400, "DOCUMENT_INVALID"),
        ({"headers": {"Content-Type": "text/plain"}}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"content": b" " * 1_100_000, "json": None}, 413, "BODY_TOO_LARGE"),
        ({"method": "PUT"}, 405, "METHOD_NOT_ALLOWED"),
        ({"method": "GET", "json": None}, 400, "BAD_REQUEST"),
        ({"json": {"documentId": 7}}, 400, "BAD_REQUEST"),
        ({"json": {"query": ASK, "extensions": []}}, 400, "BAD_REQUEST"),
        ({"json": {"documentId": "sha256:no"}}, 400, "PERSISTED_QUERY_NOT_FOUND"),
    ],
)
async def test_what_is_no_question_gets_its_status_and_code(
    api: Api, token: str, request_: dict[str, Any], status: int, code: str
) -> None:
    given = dict(request_)
    method = given.pop("method", "POST")
    sent = {"json": {"query": ASK}, **given}
    if sent["json"] is None:
        del sent["json"]
    sent["headers"] = {
        **headers(token, Content_Type="application/json"),
        **given.get("headers", {}),
    }

    answer = await api.send(method, **sent)

    body = answer.json()
    assert answer.status_code == status
    assert "data" not in body
    assert body["errors"][0]["extensions"]["code"] == code
    assert body["errors"][0]["extensions"]["requestId"] == answer.headers["x-request-id"]
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("Bearer")
    if status == 405:
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"


async def test_plain_json_clients_get_faults_of_the_document_with_200(api: Api, token: str) -> None:
    for document in ("{", "{ nothing }", "query Q($n: Int!) { visit(id: $n) { id } }"):
        answer = await api.send(
            "POST", json={"query": document}, headers=headers(token, Accept="application/json")
        )
        assert answer.status_code == 200
        assert "data" not in answer.json()


async def test_a_wrong_variable_is_a_fault_of_the_request(api: Api, token: str) -> None:
    answer = await api.post(token, "query Q($id: ID!) { visit(id: $id) { id } }")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "VARIABLES_INVALID"


@pytest.mark.parametrize(
    ("document", "what"),
    [
        ("{" + " ".join(f"a{n}: __typename" for n in range(31)) + "}", "root fields"),
        (
            "{ viewer {" + " ".join(f"a{n}: locale" for n in range(51)) + "} }",
            "aliases",
        ),
        (
            "{ orgUnits { nodes " + "{ parent " * 11 + "{ id }" + "}" * 11 + " } }",
            "levels",
        ),
        (
            "{ ...A ...A } fragment A on Query { ...B ...B }"
            " fragment B on Query { " + " ".join(f"b{n}: __typename" for n in range(20)) + " }",
            "aliases",
        ),
        ("{ __typename " + "@include(if: true) " * 21 + "}", "directives"),
        (
            "mutation { " + " ".join(f"m{n}: __typename" for n in range(11)) + " }",
            "root fields",
        ),
        (
            "{ viewer {" + "member { orgUnit { parent { name } } }" * 380 + "} }",
            "fields",
        ),
        ("{ viewer {" + "locale " * 51 + "} }", "of one name"),
        ("{" + "viewer { locale locale locale } " * 20 + "}", "of one name"),
        ("{ __typename } fragment A on Viewer { " + "locale " * 51 + "}", "of one name"),
        ("{ viewer { " + " ".join(f"field{n}" for n in range(1_001)) + " } }", "fields"),
        ("{ viewer { " + "locale " * 4_001 + " } }", "tokens: 4001, at most 4000"),
    ],
)
async def test_a_document_that_asks_too_much_is_stopped_before_it_is_validated(
    api: Api, token: str, document: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def validated(*_: object, **__: object) -> None:
        raise AssertionError("validated")

    monkeypatch.setattr("service.schema.documents.validate", validated)
    answer = await api.post(token, document, {"Accept-Language": "en"})

    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "DOCUMENT_LIMIT"
    assert what in error["message"]


@pytest.mark.parametrize("spreads", ["...A", "...B", "... { ...B }", "... on Viewer { ...C }"])
async def test_aliases_behind_fragments_are_counted_like_any_other(
    api: Api, token: str, spreads: str
) -> None:
    """The limiter of the schema's library was passed by this until it was mended.

    CVE-2026-47707: what stood in a fragment that was spread was not counted.
    """
    aliases = " ".join(f"a{number}: locale" for number in range(51))
    fragments = (
        f"fragment A on Viewer {{ {aliases} }} fragment B on Viewer {{ ...A }}"
        " fragment C on Viewer { member { id } ...B }"
    )
    document = f"{{ viewer {{ {spreads} }} }} {fragments}"

    answer = await api.post(token, document)

    assert answer.json()["errors"][0]["extensions"]["code"] == "DOCUMENT_LIMIT"


async def test_introspection_goes_as_deep_as_its_standard_query_and_no_deeper(
    api: Api, token: str
) -> None:
    deep = "{ __schema { types " + "{ fields { type " * 4 + "{ name }" + " } }" * 4 + " } }"

    answer = await api.post(token, deep, {"Accept-Language": "en"})

    assert answer.json()["errors"][0]["extensions"]["code"] == "DOCUMENT_INVALID"
    assert "introspection" in answer.json()["errors"][0]["message"].lower()


async def test_a_document_of_too_many_tokens_is_not_read(api: Api, token: str) -> None:
    answer = await api.post(token, "{ " + "__typename " * 4_001 + "}")

    assert answer.json()["errors"][0]["extensions"]["code"] == "DOCUMENT_LIMIT"


async def test_fragments_that_name_themselves_are_refused_and_not_followed(
    api: Api, token: str
) -> None:
    answer = await api.post(token, "{ ...A } fragment A on Query { ...A }")

    assert answer.status_code == 400


async def test_the_standard_introspection_is_answered_to_whoever_signed_in(
    api: Api, token: str
) -> None:
    found = await api.ask(token, get_introspection_query(input_value_deprecation=True))

    assert found["__schema"]["queryType"]["name"] == "Query"


async def unplanned(*_arguments: object) -> None:
    """Leave an operation to the resolvers."""
    raise Unplannable("OFF")


async def test_a_fault_in_a_statement_is_left_to_the_resolvers(
    api: Api, token: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_arguments: object) -> None:
        raise asyncpg.DivisionByZeroError("secret of the house")

    monkeypatch.setattr("service.work.readings.Readings.read", broken)

    answer = await api.post(token, '{ member(id: "member_x") { name } }')

    assert answer.json()["data"] == {"member": None}
    assert "secret of the house" in caplog.text


async def test_a_database_lost_in_a_planned_read_is_503_too(
    api: Api, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_arguments: object) -> None:
        raise asyncpg.ConnectionDoesNotExistError

    monkeypatch.setattr("service.work.readings.Readings.read", lost)

    answer = await api.post(token, '{ member(id: "member_x") { name } }')

    assert answer.status_code == 503


async def test_a_fault_of_ours_is_masked_and_has_its_request_id(
    api: Api, token: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_arguments: object) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr("service.schema.planner.planner.Planner.answer", unplanned)
    monkeypatch.setattr("service.schema.reading.look_up", broken)

    answer = await api.post(token, '{ member(id: "member_x") { name } }')

    (error,) = answer.json()["errors"]
    assert answer.json()["data"] == {"member": None}
    assert error["extensions"]["code"] == "INTERNAL"
    assert "secret" not in answer.text
    assert error["extensions"]["requestId"] in caplog.text


async def test_the_trace_is_the_request_id(api: Api, token: str) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"

    answer = await api.post(token, ASK, {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})

    assert answer.headers["x-request-id"] == trace
    none = await api.post(token, ASK, {"traceparent": f"00-{'0' * 32}-00f067aa0ba902b7-01"})
    assert none.headers["x-request-id"] != "0" * 32


async def test_the_language_is_asked_for_and_said(api: Api, token: str) -> None:
    for wanted, given in (
        ("zh-HK", "zh-Hant"),
        ("zh-CN, en;q=0.8", "zh-Hans"),
        ("zh-Hant-TW", "zh-Hant"),
        ("fr, en;q=0.1", "en"),
        ("fr", "zh-Hans"),
    ):
        answer = await api.post(token, "{ viewer { locale } }", {"Accept-Language": wanted})
        assert answer.headers["content-language"] == given
        assert answer.json()["data"]["viewer"]["locale"] == given


async def test_a_browser_gets_the_page_and_every_file_it_names(api: Api) -> None:
    page = await api.send("GET", headers={"Accept": "text/html,application/xhtml+xml"})

    assert len(page.headers["x-request-id"]) == 32

    assert page.status_code == 200
    assert "https://" not in page.text
    for line in page.text.splitlines():
        for mark in ('src="', 'href="'):
            if mark in line:
                path = line.split(mark)[1].split('"')[0]
                assert (await api.send("GET", path)).status_code == 200


async def test_a_lost_database_is_503_and_a_hint_to_come_again(
    api: Api, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(*_arguments: object) -> None:
        raise ConnectionResetError

    monkeypatch.setattr("service.schema.planner.planner.Planner.answer", unplanned)
    monkeypatch.setattr("service.schema.reading.look_up", lost)

    answer = await api.post(token, '{ member(id: "member_x") { name } }')

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"


@pytest.mark.parametrize("media", [GRAPHQL, "application/json"])
@pytest.mark.parametrize(
    "refused",
    [("members(first: 201)", "INVALID_PAGE"), ('members(after: "x")', "INVALID_CURSOR")],
)
@pytest.mark.parametrize("planning", [True, False], ids=["planned", "not planned"])
async def test_what_is_wrong_at_one_field_of_a_document_that_fits_is_told_beside_its_data(
    api: Api, token: str, media: str, refused: tuple[str, str], planning: bool
) -> None:
    api.planning = planning
    field, code = refused
    text = f"{{ viewer {{ locale }} {field} {{ nodes {{ id }} }} }}"

    answer = await api.post(token, text, headers={"Accept": media})
    body = answer.json()

    assert answer.status_code == 200
    # A connection is never null, so what stands around it is.
    assert body["data"] is None
    (error,) = body["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["members"], code)


@pytest.mark.parametrize("planning", [True, False], ids=["planned", "not planned"])
async def test_a_read_that_takes_too_long_is_ended_and_told_so(
    api: Api,
    token: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    planning: bool,
) -> None:
    api.planning = planning

    async def slow(*_arguments: object) -> None:
        raise asyncpg.QueryCanceledError("canceling statement due to statement timeout")

    monkeypatch.setattr("service.schema.reading.look_up", slow)
    monkeypatch.setattr("service.database.pool.TenantPool.read_here", slow)

    answer = await api.post(token, '{ member(id: "member_x") { name } }')

    assert answer.status_code == 503
    assert answer.json()["errors"][0]["extensions"]["code"] == "TIMED_OUT"
    assert "statement" not in answer.text
    # The client of the test may have a line of its own; ours has nothing to tell.
    assert not [record for record in caplog.records if record.name.startswith("service")]


async def test_a_member_who_has_left_is_not_signed_in(api: Api, tenant: TenantHandle) -> None:
    member = await tenant.member("An")
    admin, token = api.token(tenant.id, tenant.admin_id), api.token(tenant.id, member)
    await api.does(
        admin, "leaveMember", "member { state }", memberId=f"member_{member}", expectedVersion=1
    )

    answer = await api.post(token, '{ visit(id: "visit_x") { id } }')

    assert answer.status_code == 401


async def test_options_says_which_methods_there_are(api: Api) -> None:
    answer = await api.send("OPTIONS")

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"


async def test_a_field_sent_in_several_lines_is_one_list(api: Api, token: str) -> None:
    lines = [("Accept", "text/html"), ("Accept", GRAPHQL), ("Authorization", f"Bearer {token}")]

    answer = await api.send("POST", json={"query": ASK}, headers=lines)

    assert answer.headers["content-type"].startswith(GRAPHQL)


@pytest.mark.parametrize(("levels", "status"), [(30, 200), (31, 400)])
async def test_json_nests_thirty_two_levels_and_no_deeper(
    api: Api, token: str, levels: int, status: int
) -> None:
    deep: Any = 1
    for _ in range(levels):
        deep = [deep]

    answer = await api.send(
        "POST", json={"query": ASK, "variables": {"unused": deep}}, headers=headers(token)
    )

    assert answer.status_code == status


async def test_an_address_of_eight_thousand_bytes_is_read_and_a_longer_one_is_not(
    api: Api, token: str
) -> None:
    room = 8 * 1024 - len("/graphql") - len("a=")
    for more, status in ((0, 200), (1, 414)):
        answer = await api.send(
            "POST",
            "/graphql?a=" + "x" * (room + more),
            json={"query": ASK},
            headers=headers(token),
        )
        assert answer.status_code == status


async def test_a_deeply_nested_body_that_is_no_json_for_us_is_refused(api: Api, token: str) -> None:
    answer = await api.send(
        "POST",
        content=b"[" * 200_000,
        headers=headers(token, Content_Type="application/json"),
    )

    assert answer.status_code == 400


async def test_long_answers_are_compressed_for_who_takes_it(
    api: Api, tenant: TenantHandle, token: str
) -> None:
    await tenant.members(*(f"Member {number}" for number in range(30)))
    document = "{ members(first: 50) { nodes { id name state } } }"
    for encodings, encoding in (
        ("gzip", "gzip"),
        ("br, gzip;q=0.5", "gzip"),
        ("*", "gzip"),
        ("gzip;q=0", None),
        ("identity", None),
        ("", None),
    ):
        answer = await api.post(token, document, {"Accept-Encoding": encodings})
        assert answer.headers.get("content-encoding") == encoding
        assert len(answer.json()["data"]["members"]["nodes"]) == 31
        assert "Accept-Encoding" in answer.headers["vary"]


async def test_a_short_answer_is_sent_as_it_is(api: Api, token: str) -> None:
    answer = await api.post(token, ASK, {"Accept-Encoding": "gzip"})

    assert "content-encoding" not in answer.headers


async def test_what_a_command_answers_is_never_compressed(api: Api, token: str) -> None:
    refused = '(input: { idempotencyKey: "short", terms: [] }) { errors { code message } }'
    document = "mutation {" + " ".join(f"m{n}: editTerms{refused}" for n in range(10)) + "}"

    answer = await api.post(token, document, {"Accept-Encoding": "gzip"})

    assert len(answer.content) > 1_000
    assert "content-encoding" not in answer.headers
