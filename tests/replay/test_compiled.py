"""Compiled or as it stands, a replay comes to the same; compiled is what its text says."""

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


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package whose one module is compiled of what is there."""
    folder = tmp_path / compiled.FOLDER
    folder.mkdir()
    (folder / "floor.so").touch()
    made_of(folder, compiled.digests(["money.py", "replay/floor.py"]))
    return tmp_path


def made_of(folder: Path, sources: dict[str, str]) -> None:
    compiled.MadeOf(sources, ["floor.so"]).write(folder)


def test_what_is_compiled_of_the_present_text_is_found(package: Path) -> None:
    assert compiled.compiled(package) == [str(package / compiled.FOLDER)]


@pytest.mark.parametrize("name", ["replay/floor.py", "replay/gone.py"])
def test_what_is_compiled_of_another_text_is_not(package: Path, name: str) -> None:
    sources = compiled.digests(["money.py", "replay/floor.py"])
    made_of(package / compiled.FOLDER, {**sources, name: sources["money.py"]})

    assert compiled.compiled(package) == []


@pytest.mark.parametrize("left", [None, "", "null", "{}", '{"sources": {}', "[]"])
def test_what_was_left_halfway_is_not(package: Path, left: str | None) -> None:
    written = package / compiled.FOLDER / compiled.LIST
    written.unlink() if left is None else written.write_text(left)

    assert compiled.compiled(package) == []


def test_what_lacks_a_module_is_not(package: Path) -> None:
    (package / compiled.FOLDER / "floor.so").unlink()

    assert compiled.compiled(package) == []
