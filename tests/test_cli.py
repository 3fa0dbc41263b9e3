"""The operator's commands: what they show is whole, and what they make is there."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
from builders.tenants import a_tenant
from typer.testing import CliRunner

from service import cli
from service.app import administering
from service.app.proving import verify_tenants
from service.app.target_checks import check_sums
from service.clock import SystemClock, new_id
from service.database.connections import Location
from service.work import Transactions

LONG = "https://identity.example/" + "a-realm-with-a-long-name/" * 8


def run(*words: str, typed: str = "") -> Any:
    return CliRunner().invoke(cli.app, list(words), input=typed)


def test_settings_are_shown_whole_and_secrets_never(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAILIWICK_OIDC_ISSUER", LONG)
    monkeypatch.setenv("BAILIWICK_OIDC_AUDIENCE", "bailiwick")
    monkeypatch.setenv("BAILIWICK_TOKEN_KEY", "s" * 40)

    shown = run("settings")

    assert shown.exit_code == 0, shown.output
    assert f"BAILIWICK_OIDC_ISSUER\t{LONG}" in shown.output
    assert "sssss" not in shown.output


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch, location: Location) -> Callable[[str], Any]:
    """Let commands work on the tests' database; returns a way to ask it."""

    @asynccontextmanager
    async def opened(_settings: object) -> AsyncIterator[Any]:
        async with asyncpg.create_pool(
            **location.arguments("bailiwick_identity"), min_size=0
        ) as pool:
            yield SimpleNamespace(identity_pool=pool, clock=SystemClock(), transactions=None)

    def ask(sql: str) -> Any:
        async def fetched() -> Any:
            async with opened(None) as base:
                return await base.identity_pool.fetchrow(sql)

        return asyncio.run(fetched())

    for module in (cli, administering):
        monkeypatch.setattr(module, "opened", opened)
    return ask


async def test_an_operator_is_made_with_a_password_of_the_stated_length(
    served: Callable[[str], Any],
) -> None:
    name = f"op-{new_id()}"

    def make(password: str) -> Any:
        return run("operator", "create", "--login", name, typed=f"{password}\n{password}\n")

    short = await asyncio.to_thread(make, "elf letters")
    made = await asyncio.to_thread(make, "twelve letters")

    row = await asyncio.to_thread(
        served, f"SELECT operator FROM app.platform_user WHERE name = '{name}'"
    )
    assert (short.exit_code, made.exit_code) == (2, 0), made.output
    assert row["operator"] is True


async def test_tenants_are_listed_whole_where_nobody_sits_at_a_terminal(
    served: Callable[[str], Any],
) -> None:
    row = await asyncio.to_thread(
        served, "SELECT count(*) AS many FROM app.global_tenant_directory"
    )

    listed = await asyncio.to_thread(run, "tenant", "list")

    lines = listed.output.split("\n")
    assert lines[0].split("\t") == ["code", "name", "industry", "state", "id"]
    assert sum(line.count("\t") == 4 for line in lines) == row["many"] + 1


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("words", [("targets", "check"), ("tenant", "suspend")])
async def test_a_tenant_that_is_none_is_named_in_one_sentence(words: tuple[str, ...]) -> None:
    told = await asyncio.to_thread(run, *words, "no-such-house")

    assert told.exit_code == 2
    assert told.output.strip() == "There is no tenant no-such-house; see `bailiwick tenant list`."


@pytest.mark.parametrize(("head", "found"), [("", 0), ("8d0f", 1)])
async def test_a_database_without_tenants_is_not_passed_over_in_silence(
    head: str, found: int
) -> None:
    async def fetch(*_: object) -> list[object]:
        return []

    base: Any = SimpleNamespace(identity_pool=SimpleNamespace(fetch=fetch))
    said: list[str] = []

    assert await verify_tenants(base, None, head, said.append) == found
    assert said == ["There is no tenant in this database: nothing was verified."]


async def test_sums_that_hold_are_said_to(transactions: Transactions) -> None:
    base: Any = SimpleNamespace(transactions=transactions)
    tenant = await a_tenant(transactions)
    said: list[str] = []

    assert await check_sums(base, "huating", tenant.id, said.append) == 0
    assert said == ["huating: every sum holds"]


def test_clients_documents_are_priced_and_those_that_cannot_be_answered_are_named(
    tmp_path: Path,
) -> None:
    texts = [
        "query Me { viewer { member { name } } }",
        "query Visits($n: Int = 30) { visits(first: $n) { nodes { id } } }",
        "query Old { gone }",
    ]
    (tmp_path / "web").mkdir()
    manifest = {hashlib.sha256(text.encode()).hexdigest(): text for text in texts}
    (tmp_path / "web" / "2026-11.json").write_text(json.dumps(manifest))

    told = run("documents", "check", str(tmp_path))

    rows = [line.split("\t")[:4] for line in told.stdout.splitlines()]
    assert told.exit_code == 2
    assert ["web 2026-11", "Me", "2"] in [row[:3] for row in rows]
    assert ["web 2026-11", "Visits", "30 to 200", "yes"] in rows
    assert "no field “gone”" in told.stderr


def test_a_folder_without_manifests_is_named_in_one_sentence(tmp_path: Path) -> None:
    told = run("documents", "check", str(tmp_path / "nowhere"))

    assert told.exit_code == 2
    assert "nowhere" in told.stderr


@pytest.mark.parametrize(
    ("first", "last", "says"),
    [
        ("2026-03-09", "2026-03-02", "ends before it begins"),
        ("2026-03-02", "9999-12-31", "must lie before"),
        ("2026-02-30", "2026-03-02", "A day is written like"),
    ],
)
def test_a_period_of_no_day_is_refused_and_not_found_in_order(
    first: str, last: str, says: str
) -> None:
    ended = run("replay", "huating", "--from", first, "--to", last)

    assert ended.exit_code == 2
    assert says in ended.output


@pytest.mark.parametrize(
    ("words", "server"),
    [
        (("migrate",), "127.0.0.1:1"),
        (("migrate",), "no-such-host.invalid"),
        (("database", "prepare", "--admin-url", "postgresql://:x@127.0.0.1:1/none"), "127.0.0.1:1"),
    ],
)
def test_a_server_out_of_reach_is_told_in_one_sentence(
    words: tuple[str, ...], server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BAILIWICK_DATABASE_URL", f"postgresql://:x@{server}/none")

    ended = run(*words)

    assert ended.exit_code == 2, ended.output
    assert ended.stderr.startswith("The database cannot be used: ")
    assert ended.stderr.count("\n") == 1
