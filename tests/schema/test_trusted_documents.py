"""Documents of known clients, named by their hash: how manifests are read, and what is answered."""

import hashlib
import json
import logging
from pathlib import Path
from typing import Any

import httpx
import pytest
import strawberry
from builders.api import GRAPHQL, SCHEMA, Api, Desk
from builders.reception import Showroom
from builders.tenants import TenantHandle

from service.schema.bodies import MOST_BYTES
from service.schema.costs import BULK_COMMAND, costs, reference
from service.schema.documents import Documents
from service.schema.trusted import ManifestBroken, document_id, read_manifests
from service.work import Transactions

ME = "query Me { viewer { member { name } } }"
VISIT = "query Visit($id: ID!) { visit(id: $id) { id } }"
CHANGE = "mutation Change { __typename }"
VISITS = "query Visits { visits(first: 5) { nodes { id } } }"
ODD = "query Odd { visits(first: 0) { nodes { id } } }"


HELD = "query Held($id: ID!) { member(id: $id) { assignments { id version } } }"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three clients' manifests, one of each kind."""
    for client, manifest in {
        "web": {digest(text): text for text in (ME, VISITS, ODD)},
        "phone": {f"sha256:{digest(VISIT)}": VISIT, digest(ME): ME},
        "desk": {
            "format": "apollo-persisted-query-manifest",
            "version": 1,
            "operations": [
                {"id": digest(CHANGE), "name": "Change", "type": "mutation", "body": CHANGE}
            ],
        },
    }.items():
        (tmp_path / client).mkdir()
        (tmp_path / client / "2026-11.json").write_text(json.dumps(manifest))
    return tmp_path


@pytest.fixture
def api(transactions: Transactions, folder: Path) -> Api:
    """The endpoint with those manifests."""
    return Api(transactions, more={"trusted": read_manifests(folder)})


@pytest.fixture
def token(api: Api, tenant: TenantHandle) -> str:
    return api.token(tenant.id, tenant.admin_id)


def headers(token: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Accept": GRAPHQL, **more}


async def asked(api: Api, token: str, **body: Any) -> Any:
    return await api.send("POST", json=body, headers=headers(token))


def test_manifests_of_relay_the_client_preset_and_apollo_are_read(folder: Path) -> None:
    found = read_manifests(folder)

    assert {one.text for one in found.values()} == {ME, VISITS, ODD, VISIT, CHANGE}
    assert [str(one) for one in found[document_id(ME)].releases] == [
        "phone 2026-11",
        "web 2026-11",
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "cannot be read"),
        ("[]", "no manifest"),
        ('{"a": 1}', "no manifest"),
        ('{"format": "apollo-persisted-query-manifest"}', "no manifest"),
        (json.dumps({hashlib.sha1(ME.encode()).hexdigest(): ME}), "SHA-256"),  # noqa: S324 - refused
    ],
)
def test_a_manifest_that_cannot_be_trusted_is_named(
    tmp_path: Path, content: str, told: str
) -> None:
    (tmp_path / "odd.json").write_text(content)

    with pytest.raises(ManifestBroken, match=told) as broken:
        read_manifests(tmp_path)

    assert "odd.json" in str(broken.value)


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ManifestBroken, match="no folder"):
        read_manifests(tmp_path / "nowhere")


async def test_a_known_document_is_answered_by_its_hash_alone(api: Api, token: str) -> None:
    answer = await asked(api, token, documentId=document_id(ME))

    assert answer.json()["data"]["viewer"]["member"]["name"]
    assert api.last is not None
    assert api.last.document_id == document_id(ME)


async def test_apollos_way_of_naming_a_document_is_understood(api: Api, token: str) -> None:
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": digest(ME)}}

    answer = await asked(api, token, operationName="Me", extensions=persisted)

    assert answer.json()["data"]["viewer"]["member"]["name"]


async def test_an_unknown_hash_is_told_so_and_never_kept(api: Api, token: str) -> None:
    text = "query Later { viewer { locale } }"
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": digest(text)}}

    first = await asked(api, token, extensions=persisted)
    with_text = await asked(api, token, query=text, extensions=persisted)
    again = await asked(api, token, extensions=persisted)

    for answer in (first, again):
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    assert with_text.json()["data"]["viewer"]["locale"]


async def test_a_query_may_be_asked_by_get_and_only_by_its_hash(api: Api, token: str) -> None:
    variables = json.dumps({"id": "visit_x"})
    found = await api.send(
        "GET",
        params={"documentId": document_id(VISIT), "variables": variables},
        headers=headers(token),
    )
    text = await api.send("GET", params={"query": ME}, headers=headers(token))
    change = await api.send(
        "GET", params={"documentId": document_id(CHANGE)}, headers=headers(token)
    )

    assert found.json()["data"] == {"visit": None}
    assert (text.status_code, text.json()["errors"][0]["extensions"]["code"]) == (
        400,
        "BAD_REQUEST",
    )
    assert (change.status_code, change.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "params",
    [
        {"documentId": document_id(VISIT), "variables": "{"},
        {"documentId": document_id(VISIT), "variables": "[]"},
        {"documentId": document_id(VISIT), "extensions": "7"},
        {"documentId": document_id(VISIT), "operationName": "Other"},
        {"documentId": ""},
        {},
    ],
)
async def test_an_address_that_asks_nothing_is_refused(
    api: Api, token: str, params: dict[str, str]
) -> None:
    answer = await api.send("GET", params=params, headers=headers(token))

    assert answer.status_code == 400


async def test_an_answer_by_get_can_be_asked_whether_it_has_changed(
    api: Api, token: str, tenant: TenantHandle
) -> None:
    params = {"documentId": document_id(ME)}

    first = await api.send("GET", params=params, headers=headers(token))
    tag = first.headers["etag"]
    again = await api.send("GET", params=params, headers=headers(token, **{"If-None-Match": tag}))
    other = await api.send(
        "GET", params=params, headers=headers(token, **{"If-None-Match": 'W/"other", "b"'})
    )
    listed = await api.send(
        "GET", params=params, headers=headers(token, **{"If-None-Match": f'"b", {tag}'})
    )
    an = api.token(tenant.id, await tenant.member("An"))
    somebody = await api.send("GET", params=params, headers=headers(an, **{"If-None-Match": tag}))

    assert tag.startswith('W/"')
    assert first.headers["cache-control"] == "private, no-cache"
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert "Authorization" in again.headers["vary"]
    assert listed.status_code == 304
    assert (other.status_code, somebody.status_code) == (200, 200)


async def test_head_says_what_get_would_without_the_answer(api: Api, token: str) -> None:
    params = {"documentId": document_id(ME)}

    got = await api.send("GET", params=params, headers=headers(token))
    head = await api.send("HEAD", params=params, headers=headers(token))

    assert head.status_code == 200
    assert head.headers["etag"] == got.headers["etag"]


async def test_what_is_kept_is_good_no_longer_than_the_right_to_it(
    api: Api, showroom: Showroom
) -> None:
    desk = Desk(api, showroom)
    visit = (await desk.arrives())["visit"]["id"]
    params = {"documentId": document_id(VISITS)}

    async def asked_again(name: str, tag: str = "") -> httpx.Response:
        sent = headers(desk.token(name), **{"If-None-Match": tag})
        return await api.send("GET", params=params, headers=sent)

    first = await asked_again("Clerk")
    tag = first.headers["etag"]
    assert visit in first.text
    assert (await asked_again("Clerk", tag)).status_code == 304

    admin = api.token(showroom.tenant_id, showroom.tenant.admin_id)
    held = (await api.ask(admin, HELD, id=desk.member("Clerk")))["member"]["assignments"]
    for one in held:
        sent = {"assignmentId": one["id"], "expectedVersion": one["version"]}
        await api.does(admin, "endAssignment", "assignment { id }", **sent)
    for known in (tag, "*", f'"other", {tag}'):
        after = await asked_again("Clerk", known)

        assert visit not in after.text
        assert after.headers["etag"] != tag
    assert (await asked_again("Clerk", tag)).status_code == 200
    # The tag of another's copy tells nobody that he would see the same.
    api.people.clear()
    gone = await api.send("GET", params=params, headers=headers("nobody", **{"If-None-Match": tag}))
    assert (gone.status_code, "etag" in gone.headers) == (401, False)


async def test_an_answer_with_errors_has_no_tag(api: Api, token: str) -> None:
    params = {"documentId": document_id(ODD)}

    answer = await api.send("GET", params=params, headers=headers(token, **{"If-None-Match": "*"}))

    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == ["INVALID_PAGE"]
    assert "etag" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"


async def test_what_is_sent_by_post_is_never_kept(api: Api, token: str) -> None:
    answer = await asked(api, token, documentId=document_id(ME))

    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


async def test_a_manifests_document_that_fits_the_schema_no_more_is_answered_with_what_is_wrong(
    transactions: Transactions, tenant: TenantHandle, tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    gone = "{ gone }"
    (tmp_path / "old.json").write_text(json.dumps({digest(gone): gone}))
    api = Api(transactions, more={"trusted": read_manifests(tmp_path)})
    token = api.token(tenant.id, tenant.admin_id)

    with caplog.at_level(logging.WARNING):
        answer = await asked(api, token, documentId=document_id(gone))

    assert answer.json()["errors"][0]["extensions"]["code"] == "DOCUMENT_INVALID"
    assert document_id(gone) in caplog.text


async def test_a_tenant_may_answer_known_documents_only(
    transactions: Transactions, tenant: TenantHandle, folder: Path
) -> None:
    async def restricted(tenant_id: Any) -> bool:
        return tenant_id == tenant.id

    trusted = read_manifests(folder)
    api = Api(transactions, more={"trusted": trusted, "restricted": restricted})
    token = api.token(tenant.id, tenant.admin_id)

    by_text = await asked(api, token, query=ME)
    by_hash = await asked(api, token, documentId=document_id(ME))
    with_text = await asked(api, token, query="{ __schema { types { name } } }", documentId="no")

    for answer in (by_text, with_text):
        assert answer.status_code == 403
        assert answer.json()["errors"][0]["extensions"]["code"] == "TRUSTED_DOCUMENTS_ONLY"
    assert "errors" not in by_hash.json()


@strawberry.type(description="A question about what hardly ever changes.")
class SmallQuery:
    @reference
    @strawberry.field(description="Words.")
    def words(self) -> str:
        return "words"

    @strawberry.field(description="Today.")
    def today(self) -> str:
        return "today"


@strawberry.type(description="Commands.")
class SmallMutation:
    @strawberry.mutation(description="Much at once.", metadata=costs(BULK_COMMAND))
    def much(self, items: list[str]) -> int:
        return len(items)


SMALL = strawberry.Schema(SmallQuery, SmallMutation)
WORDS, WORDS_TODAY = "{ words }", "{ words today }"
MUCH = "mutation Much($items: [String!]!) { much(items: $items) }"


@pytest.fixture
def small(transactions: Transactions, tmp_path: Path) -> Api:
    """A schema of its own, with reference data and a bulk command."""
    texts = (WORDS, WORDS_TODAY, MUCH)
    (tmp_path / "small.json").write_text(json.dumps({digest(text): text for text in texts}))
    return Api(transactions, schema=SMALL, more={"trusted": read_manifests(tmp_path)})


async def test_reference_data_may_be_kept_for_a_minute(small: Api, tenant: TenantHandle) -> None:
    token = small.token(tenant.id, tenant.admin_id)
    for text, kept in ((WORDS, "private, max-age=60"), (WORDS_TODAY, "private, no-cache")):
        answer = await small.send(
            "GET", params={"documentId": document_id(text)}, headers=headers(token)
        )
        assert answer.headers["cache-control"] == kept


async def test_a_bulk_command_may_be_long_when_its_address_names_a_known_document(
    small: Api, tenant: TenantHandle
) -> None:
    token = small.token(tenant.id, tenant.admin_id)
    items = ["x" * 1_000] * (MOST_BYTES // 1_000)
    body = {"documentId": document_id(MUCH), "variables": {"items": items}}
    named = f"/graphql?documentId={document_id(MUCH)}"

    for address, status in (
        (named, 200),
        ("/graphql", 413),
        (f"/graphql?documentId={document_id(WORDS)}", 413),
        ("/graphql?documentId=sha256:unknown", 413),
    ):
        answer = await small.send("POST", address, json=body, headers=headers(token))
        assert answer.status_code == status


@pytest.mark.parametrize(
    "text",
    [
        "{ terms(first: 50) { nodes { code name } } }",
        "{ channels { nodes { code } } }",
        "{ accessVocabulary { objects { name } } followUpChannels { code } }",
        "{ rulebookVocabulary { decisions { name } } }",
    ],
)
def test_words_and_code_lists_are_reference_data(text: str) -> None:
    assert Documents(SCHEMA._schema).read(text).asked(None).reference


def test_records_are_no_reference_data() -> None:
    asked = Documents(SCHEMA._schema).read("{ terms { nodes { code } } visits { nodes { id } } }")

    assert not asked.asked(None).reference
