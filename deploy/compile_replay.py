"""Compiles the modules of `service.replay` for this machine's Python: `make compiled`.

The same text runs compiled or not; a test holds one against the other. What is left as it stands
are the records of a history, which its readers make by the thousand and never compute with.
"""

import ast
import io
import os
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from mypyc.build import mypycify
from setuptools import setup

ROOT = Path(__file__).parents[1]
# Run by its path: what is compiled is the text beside it.
sys.path.insert(0, str(ROOT))

from service.compiled import FOLDER, MadeOf, digests, read  # noqa: E402

PACKAGE = ROOT / "service" / "replay"
LEFT = {"__init__", "history"}
WORK = ROOT / "build" / "compiling"


def main() -> None:
    """Compile, unless that was done already, or this Python came without what it takes."""
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        sys.stdout.write("Nothing is compiled: no Python.h. Replays run as they stand.\n")
        return
    modules = sorted(path for path in PACKAGE.glob("*.py") if path.stem not in LEFT)
    folder = PACKAGE / FOLDER
    sources = digests(sorted(set(_sources(modules))))
    there = read(folder)
    if there is not None and there.sources == sources:
        return
    shutil.rmtree(WORK, ignore_errors=True)
    # Beside its place: the folder of what is built may be on another disk.
    new = folder.with_name(f"{FOLDER}.new")
    shutil.rmtree(new, ignore_errors=True)
    shutil.copytree(_compile(modules), new)
    MadeOf(sources, sorted(path.name for path in new.iterdir())).write(new)
    shutil.rmtree(folder, ignore_errors=True)
    new.replace(folder)


def _compile(modules: list[Path]) -> Path:
    os.chdir(ROOT)
    names = [str(path.relative_to(ROOT)) for path in modules]
    quiet = ["--config-file", "pyproject.toml", "--cache-dir", str(WORK / "types")]
    said = io.StringIO()
    try:
        with redirect_stdout(said), redirect_stderr(said):
            extensions = mypycify(
                [*quiet, *names],
                opt_level="2",
                debug_level="0",
                group_name="service.replay.compiled",
                target_dir=str(WORK / "c"),
            )
    except SystemExit:
        sys.stderr.write(said.getvalue())
        raise
    for extension in extensions:
        extension.extra_compile_args.append("-g0")
    places = ["--build-lib", str(WORK / "lib"), "--build-temp", str(WORK / "temp")]
    setup(
        name="bailiwick-replay",
        packages=[],
        py_modules=[],
        ext_modules=extensions,
        script_args=["--quiet", "build_ext", *places],
    )
    return WORK / "lib" / "service" / "replay"


def _sources(modules: list[Path]) -> Iterator[str]:
    """Give what the compiled modules are made of: their text, and what they know of others."""
    for module in modules:
        yield _below_service(module)
        for found in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(found, ast.ImportFrom) and (found.module or "").startswith("service."):
                path = ROOT / str(found.module).replace(".", "/")
                parts = path.glob("*.py") if path.is_dir() else [path.with_suffix(".py")]
                yield from map(_below_service, parts)


def _below_service(path: Path) -> str:
    return path.relative_to(ROOT / "service").as_posix()


if __name__ == "__main__":
    main()
