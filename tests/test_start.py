"""`bailiwick serve` is a lean server, and still says in one sentence what has to be mended."""

import os
import subprocess
import sys

_LOADED = """
import service.start as start, sys
start._load_logs_without_painter()
import service.app.serving
import service.app.starting
from service.schema.definition import build_schema
build_schema()
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""
# Only the command line, the worker's own steps or a rehearsal need them.
_NEEDLESS = {
    "typer",
    "rich",
    "pygments",
    "hypothesis",
    "prometheus_client",
    "chinese_calendar",
    "xlsxwriter",
}


def test_a_server_loads_nothing_of_the_command_line() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True
    )

    modules = set(loaded.stdout.split())
    assert {"strawberry", "structlog"} <= modules
    assert not modules & _NEEDLESS


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
