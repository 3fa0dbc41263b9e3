"""`bailiwick serve` says in one sentence what has to be mended."""

import os
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from service import cli
from service.app.base import StartRefused
from service.app.listening import VANISHED_MILLISECONDS, AddressUnusable, listening
from service.app.running import code_of
from service.app.starting import serve_until_stopped
from service.database.connections import DatabaseSilent
from service.embedded.errors import HomeMissing
from service.settings import Settings


def test_a_wrong_setting_ends_the_server_with_one_sentence() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "service.start", "serve"],
        env={**os.environ, "BAILIWICK_PORT": "ninety"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 2
    assert "BAILIWICK_PORT" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DOCUMENTS", "nowhere", "nowhere is no folder of manifests"),
        ("DATABASE_URL", "postgresql://:a@192.0.2.1/b", "BAILIWICK_TOKEN_KEY must be set"),
    ],
)
def test_what_is_wrong_is_said_before_a_database_is_begun(
    name: str, value: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("BAILIWICK_HOME", str(home))
    monkeypatch.setenv(f"BAILIWICK_{name}", value)

    with pytest.raises(StartRefused, match=said):
        serve_until_stopped()

    assert not home.exists()


@pytest.mark.parametrize(
    "words",
    [
        ("serve",),
        ("work",),
        ("verify",),
        ("replay", "huating"),
        ("tenant", "list"),
        ("operator", "create", "--login", "night", "--password", "twelve letters"),
        ("targets", "check", "huating"),
    ],
    ids=" ".join,
)
def test_a_mistyped_home_is_refused_and_not_made(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o711)
    home = tmp_path / "hmoe"
    monkeypatch.setenv("BAILIWICK_HOME", str(home))
    monkeypatch.setenv("BAILIWICK_PORT", "0")
    if words == ("serve",):
        with pytest.raises(HomeMissing, match=f"no database of Bailiwick in {home}"):
            serve_until_stopped()
    else:
        ended = CliRunner().invoke(cli.app, list(words))

        assert ended.exit_code == 2, ended.output
        assert f"no database of Bailiwick in {home}" in ended.stderr
        assert ended.stderr.count("\n") == 1

    assert not home.exists()


def test_a_server_that_does_not_answer_yet_ends_what_lasts_so_that_it_is_started_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BAILIWICK_DATABASE_URL", "postgresql://:x@127.0.0.1:1/none")
    monkeypatch.setenv("BAILIWICK_TOKEN_KEY", "k" * 40)
    monkeypatch.setenv("BAILIWICK_PORT", "0")

    with pytest.raises(DatabaseSilent) as ended:
        serve_until_stopped()
    working = CliRunner().invoke(cli.app, ["work"])

    assert code_of(ended.value) == working.exit_code == 75
    assert working.stderr.count("\n") == 1


def test_an_address_of_another_machine_is_the_hosts_fault() -> None:
    with pytest.raises(AddressUnusable, match="set BAILIWICK_HOST to an address of this machine"):
        listening(Settings(host="192.0.2.1"))


def test_who_vanishes_without_closing_is_given_up_by_every_connection_that_comes() -> None:
    with closing(listening(Settings(port=0))) as listener:
        listener.listen()
        with (
            closing(socket.create_connection(listener.getsockname())),
            closing(listener.accept()[0]) as accepted,
        ):
            given = accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)

    assert given == VANISHED_MILLISECONDS


def test_a_port_that_is_taken_is_the_ports_fault() -> None:
    with closing(listening(Settings(port=0))) as listener:
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(AddressUnusable, match="set BAILIWICK_PORT to a free port"):
            listening(Settings(port=port))
