"""`bailiwick serve` says in one sentence what has to be mended."""

import os
import subprocess
import sys


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
