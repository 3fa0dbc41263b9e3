"""What /auth takes, in which language it refuses, and what it says when the database is away."""

from dataclasses import replace
from typing import Any

import asyncpg
import httpx
import orjson
import pytest
from builders.identity import Door, a_company, a_person
from starlette.applications import Starlette

from service.clock import ManualClock
from service.database.connections import Location

Pool = asyncpg.Pool


async def send(door: Door, content: bytes, kind: str = "application/json") -> httpx.Response:
    app = Starlette(routes=door.authentication.routes())
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="https://door.test") as client:
        return await client.post("/auth/token", content=content, headers={"content-type": kind})


GOOD = {"grant_type": "password", "username": "chen.mei", "password": "荷花"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        "password",
        None,
        GOOD | {"grant_type": "client_credentials"},
        GOOD | {"username": 7},
        GOOD | {"username": ""},
        GOOD | {"username": "chen\x00mei"},
        GOOD | {"password": None},
        GOOD | {"tenant": 7},
        {"grant_type": "refresh_token"},
        {"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange", "subject_token": "x"},
    ],
    ids=str,
)
async def test_a_body_of_another_form_is_refused_as_such(door: Door, body: Any) -> None:
    answer = await send(door, orjson.dumps(body))

    assert (answer.status_code, answer.json()["error"]) == (400, "AUTH_REQUEST_INVALID")


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        (
            {"grant_type": "refresh_token"},
            "refresh_token",
            "無法處理此請求：缺少「refresh_token」。",
        ),
        (GOOD | {"username": 7}, "username", "無法處理此請求：「username」格式不符。"),
        (GOOD | {"tenant": 7}, "tenant", "無法處理此請求：「tenant」格式不符。"),
        (
            GOOD | {"grant_type": "magic"},
            "grant_type",
            "無法處理此請求：本伺服器不接受此「grant_type」。",
        ),
    ],
)
async def test_the_part_that_is_wrong_is_named_in_the_callers_language(
    door: Door, body: Any, field: str, message: str
) -> None:
    answer = await door.post("/auth/token", body, **{"accept-language": "zh-HK"})

    assert (answer.json()["field"], answer.json()["message"]) == (field, message)
    assert answer.headers["Content-Language"] == "zh-Hant"


async def test_what_is_no_json_or_too_long_is_refused(door: Door) -> None:
    long = orjson.dumps(GOOD | {"password": "x" * 17_000})

    for content in (b"", b"{", b'{"username": "\\ud800"}', b"\xff\xfe", long):
        assert (await send(door, content)).status_code == 400


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
async def test_a_form_on_a_strangers_page_cannot_sign_anybody_in(door: Door, kind: str) -> None:
    assert (await send(door, orjson.dumps(GOOD), kind)).status_code == 400


async def test_a_password_is_never_read_from_the_address(door: Door) -> None:
    app = Starlette(routes=door.authentication.routes())
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="https://door.test") as client:
        assert (await client.get("/auth/token", params=GOOD)).status_code == 405


@pytest.mark.parametrize(
    ("wanted", "locale", "message"),
    [
        ("zh-TW,zh;q=0.9", "zh-Hant", "登入失敗；請檢查帳號與密碼，或重新登入。"),
        ("zh-Hant-HK", "zh-Hant", "登入失敗；請檢查帳號與密碼，或重新登入。"),
        ("zh-CN", "zh-Hans", "登录失败；请检查账号与密码，或重新登录。"),
        ("zh", "zh-Hans", "登录失败；请检查账号与密码，或重新登录。"),
        ("fr-FR, zh-MO;q=0.5", "zh-Hant", "登入失敗；請檢查帳號與密碼，或重新登入。"),
        ("en-GB,zh-CN;q=0.5", "en", "Sign-in failed; check name and password, or sign in again."),
        ("fr", "en", "Sign-in failed; check name and password, or sign in again."),
        ("", "en", "Sign-in failed; check name and password, or sign in again."),
        (";;,,q=", "en", "Sign-in failed; check name and password, or sign in again."),
    ],
)
async def test_a_refusal_speaks_the_callers_language(
    door: Door, wanted: str, locale: str, message: str
) -> None:
    answer = await door.post("/auth/token", GOOD, **{"accept-language": wanted})

    assert (answer.headers["Content-Language"], answer.json()["message"]) == (locale, message)


@pytest.mark.parametrize(
    ("method", "path", "told"),
    [
        ("GET", "/auth/token", (405, "METHOD_NOT_ALLOWED", "POST")),
        ("PUT", "/auth/sign-out", (405, "METHOD_NOT_ALLOWED", "POST")),
        ("POST", "/auth/tokens", (404, "NOT_FOUND", None)),
        ("GET", "/auth/", (404, "NOT_FOUND", None)),
    ],
)
async def test_what_is_no_address_or_no_method_is_refused_in_json_and_not_kept(
    door: Door, method: str, path: str, told: tuple[int, str, str | None]
) -> None:
    app = Starlette(routes=door.authentication.routes())
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="https://door.test") as client:
        answer = await client.request(method, path)

    seen = (answer.status_code, answer.json()["error"], answer.headers.get("Allow"))
    assert seen == told
    assert answer.headers["Cache-Control"] == "no-store"


async def test_everywhere_is_yes_or_no(door: Door) -> None:
    assert (await door.leave("AAAA", everywhere="yes")).status_code == 400


async def test_while_the_database_is_away_the_answer_is_try_again(
    location: Location, clock: ManualClock, identity_pool: Pool
) -> None:
    person = await a_person(identity_pool, clock, await a_company(identity_pool))
    away = await asyncpg.create_pool(
        **replace(location, host="/nowhere").arguments("bailiwick_identity"), min_size=0
    )
    door = Door(away, clock)

    answer = await door.knock(person.name)

    assert (answer.status_code, answer.json()["error"]) == (503, "UNAVAILABLE")
    assert answer.headers["Retry-After"] == "2"
    away.terminate()
