"""One server for all clients, and the programs that are run against it."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent.parent
EXAMPLES = ROOT / "docs" / "examples"
# Where each client's generator leaves its documents, and where the server finds all of them.
CLIENTS = {
    "tests": FOLDER / "build" / "generated",
    "phone": EXAMPLES / "phone" / "src" / "generated",
    "web": EXAMPLES / "web" / "src" / "generated",
}
MANIFESTS = FOLDER / "build" / "manifests"
# Running requests are drained for ten seconds, then the database ends; on a busy machine each takes
# longer than it should.
STOP_SECONDS = 60
PLANNED = re.compile(r'request_seconds_count\{operation="([^"]*)",plan="([^"]*)",type="query"\}')
COUNTED = re.compile(r"^# (pass|skipped|todo) (\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers.

    Attributes:
        home: its folder; another process of the server may share it.
        url: where it answers, without a path.
        password: of everybody in the demo.
        ahead_seconds: how far its clock is ahead of the machine's; negative when behind.
    """

    home: Path
    url: str
    password: str
    ahead_seconds: float

    def environment(self) -> dict[str, str]:
        """Return what a client's program is told."""
        return {
            **os.environ,
            "SERVER_HOME": str(self.home),
            "SERVER_MANIFESTS": str(MANIFESTS),
            "SERVER_URL": self.url,
            "SERVER_PASSWORD": self.password,
            "SERVER_AHEAD_SECONDS": str(self.ahead_seconds),
            "SERVER_PYTHON": sys.executable,
            "SERVER_ROOT": str(ROOT),
        }


@pytest.fixture(scope="session")
def running(generated: None) -> Iterator[Running]:  # noqa: ARG001 - it reads what is generated
    """The real server on a throw-away home, with a small demo company."""
    home = Path(tempfile.mkdtemp(prefix="bailiwick-clients-"))
    # The embedded server runs under an account without privileges, which must get in.
    home.chmod(0o755)
    log = (home / "server.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.clients.serving", str(home), "0", str(MANIFESTS)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        if not said:
            pytest.fail((home / "server.log").read_text())
        about = json.loads(said)
        yield Running(home, about["url"], about["password"], about["aheadSeconds"])
        unplanned = answered_otherwise(about["metrics"])
        assert unplanned == {}, (
            "clients' queries that were not one statement\n" + (home / "server.log").read_text()
        )
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)
        process.stdout.close()
        log.close()
        shutil.rmtree(home, ignore_errors=True)


def answered_otherwise(metrics: str) -> dict[str, str]:
    """Return the clients' queries that the planner left to the reference implementation."""
    texts: dict[str, str] = {}
    for manifest in MANIFESTS.glob("*/*.json"):
        texts |= json.loads(manifest.read_text("utf-8"))
    with urlopen(metrics) as answer:  # noqa: S310 - the address is the test server's own
        counted = PLANNED.findall(answer.read().decode())
    assert counted, "the server tells how its requests were answered"
    return {
        name: texts[name.removeprefix("sha256:")]
        for name, plan in counted
        if name.startswith("sha256:") and plan == "fallback"
    }


@pytest.fixture(scope="session", autouse=True)
def generated() -> None:
    """The typed documents of all clients, made anew by graphql-codegen's `client-preset`."""
    for folder in (FOLDER, EXAMPLES):
        npx("graphql-codegen", "--config", "codegen.ts", folder=folder)
    shutil.rmtree(MANIFESTS, ignore_errors=True)
    for client, folder in CLIENTS.items():
        target = MANIFESTS / client / "tests.json"
        target.parent.mkdir(parents=True)
        shutil.copy(folder / "persisted-documents.json", target)


def npx(*words: str, folder: Path = FOLDER) -> None:
    """Run a program that a folder's own packages bring along."""
    carry_out(["npx", "--no-install", *words], os.environ, folder)


def carry_out(
    command: list[str],
    environment: Mapping[str, str],
    folder: Path = FOLDER,
    *,
    said: str | None = None,
) -> str:
    """Run a client's program to its end and return what it says; shown when it fails.

    Args:
        command: the program and its words.
        environment: what it is told.
        folder: where it runs.
        said: what it reads from its standard input.
    """
    done = subprocess.run(  # the commands are the tests' own
        command,
        cwd=folder,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        input=said,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}", False)
    return done.stdout


def node_tests(running: Running, *files: str, expected: int = 1) -> None:
    """Run files of Node's own test runner against the server; none of their tests is skipped.

    Args:
        running: the server.
        files: paths below this folder.
        expected: fewest tests there must be, so that a file that found none is seen.
    """
    command = ["node", "--import", "tsx", "--test", "--test-reporter=tap", *files]
    said = carry_out(command, running.environment())
    counted = {name: int(many) for name, many in COUNTED.findall(said)}
    assert counted["pass"] >= expected, said
    assert counted["skipped"] == counted["todo"] == 0, said
