"""`bailiwick serve` says in one sentence what has to be mended."""

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from service.app.base import StartRefused
from service.app.listening import AddressUnusable, listening
from service.app.starting import serve_until_stopped
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


def test_an_address_of_another_machine_is_the_hosts_fault() -> None:
    with pytest.raises(AddressUnusable, match="set BAILIWICK_HOST to an address of this machine"):
        listening(Settings(host="192.0.2.1"))


def test_a_port_that_is_taken_is_the_ports_fault() -> None:
    with closing(listening(Settings(port=0))) as listener:
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(AddressUnusable, match="set BAILIWICK_PORT to a free port"):
            listening(Settings(port=port))
