"""Compiled or as it stands, a replay comes to the same; compiled is what its text says."""

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from builders.left_behind import RULEBOOKS, digest_of, left_behind

import service.replay.engine
from service import compiled

PACKAGE = Path(service.__file__).parent / "replay"
TESTS = Path(__file__).parents[1]


def test_compiled_it_comes_to_the_same() -> None:
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        pytest.skip("this Python came without what modules in C are compiled against")
    assert compiled.compiled(PACKAGE), "the replay is of another text than what was compiled of it"
    assert service.replay.engine.__file__.endswith(".py")

    told = subprocess.run(
        [sys.executable, "-m", "builders.left_behind"],
        env={**os.environ, "PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS.parent}"},
        capture_output=True,
        text=True,
        check=True,
    )
    found, *digests = told.stdout.splitlines()

    assert Path(found).parent == PACKAGE / compiled.FOLDER
    assert digests == [digest_of(left_behind(which)) for which in range(len(RULEBOOKS))]


def test_only_what_is_compiled_of_the_present_text_is_found(tmp_path: Path) -> None:
    assert compiled.compiled(tmp_path) == []
    folder = tmp_path / compiled.FOLDER
    folder.mkdir()
    made_of = compiled.digests(["money.py", "replay/floor.py"])
    (folder / compiled.LIST).write_text(json.dumps(made_of))
    assert compiled.compiled(tmp_path) == [str(folder)]

    of_another_text = {**made_of, "replay/floor.py": made_of["money.py"]}
    (folder / compiled.LIST).write_text(json.dumps(of_another_text))
    assert compiled.compiled(tmp_path) == []

    of_one_that_is_gone = {**made_of, "replay/gone.py": made_of["money.py"]}
    (folder / compiled.LIST).write_text(json.dumps(of_one_that_is_gone))
    assert compiled.compiled(tmp_path) == []
