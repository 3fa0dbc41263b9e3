"""A home folder under test, the processes that use it, and a look at what really runs."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from service.embedded import postmaster
from service.embedded.binaries import locate
from service.embedded.home import Home
from service.embedded.lease import Lease, acquire

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 20.0
AS_ROOT = os.geteuid() == 0
PSQL = str(locate().program("psql"))


def eventually(condition: Callable[[], object], patience: float = PATIENCE_SECONDS) -> bool:
    """Poll until the condition holds; False when patience is over."""
    ends = time.monotonic() + patience
    while not condition():
        if time.monotonic() > ends:
            return False
        time.sleep(0.005)
    return True


def running(pid: int) -> bool:
    return postmaster.process(pid) is not None


class House:
    """One home folder under test."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.home = Home(path, locate().major)
        self.leases: list[Lease] = []
        self.applications: list[subprocess.Popen[str]] = []

    def acquire(self, **options) -> Lease:
        lease = acquire(self.path, **options)
        self.leases.append(lease)
        return lease

    @property
    def server(self) -> int:
        found = postmaster.live_postmaster(self.home.cluster)
        return 0 if found is None else found.pid

    @property
    def guard(self) -> int:
        record = self.home.read_record()
        assert record is not None
        return record.guard

    @property
    def log(self) -> str:
        return self.home.log.read_text()

    def ask(self, question: str, role: str = "postgres") -> str:
        """Run SQL with psql on the running server and return its answer, or its complaint."""
        found = postmaster.live_postmaster(self.home.cluster)
        assert found is not None, "no server runs"
        return ask(found.socket_folder, question, role)

    def application(self, script: str = "") -> "subprocess.Popen[str]":
        """Start a process of its own session that uses the server; returns once it does."""
        application = self.begin_application(script)
        assert application.stdout is not None
        assert application.stdout.readline() == "serving\n"
        return application

    def begin_application(self, script: str = "") -> "subprocess.Popen[str]":
        program = (
            "import sys; from pathlib import Path\n"
            "from service.embedded.lease import acquire\n"
            f"lease = acquire(Path({str(self.path)!r}))\n"
            "print('serving', flush=True)\n"
            f"{script}\n"
            "sys.stdin.read()\n"
        )
        application = subprocess.Popen(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY), *sys.path])},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.applications.append(application)
        return application

    def kill(self, *pids: int) -> None:
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: not any(running(pid) for pid in pids))

    def close(self) -> None:
        for application in self.applications:
            # Its children too: the session is named after the process that began it.
            with suppress(ProcessLookupError):
                os.killpg(application.pid, signal.SIGKILL)
            application.communicate()
        for lease in self.leases:
            lease.release()
        record = self.home.read_record()
        postmaster.stop(self.home.cluster)
        if record is not None:
            postmaster.wait_for_end(record.guard, "service.embedded.guard")


class Loan:
    """One data folder, made and stopped once: a creation for every test would take a minute."""

    def __init__(self, path: Path) -> None:
        self._model = House(path)

    def lend(self, house: House) -> None:
        self._make()
        _make_home(house)
        self._model.home.cluster.rename(house.home.cluster)

    def copy(self, house: House) -> None:
        self._make()
        _make_home(house)
        subprocess.run(["cp", "-a", self._model.home.cluster, house.home.cluster], check=True)

    def take_back(self, house: House) -> None:
        """Keep the data for the next test, unless this one failed and left it unclean."""
        if not (house.home.cluster / "postmaster.pid").exists():
            house.home.cluster.rename(self._model.home.cluster)

    def _make(self) -> None:
        if not self._model.home.cluster.exists():
            self._model.acquire()
            self._model.close()


def _make_home(house: House) -> None:
    house.path.mkdir()
    house.path.chmod(0o711)


def ask(socket_folder: Path, question: str, role: str = "postgres", **identity) -> str:
    psql = [PSQL, "-XAt", "-h", str(socket_folder), "-U", role]
    answer = subprocess.run(
        [*psql, "-c", question, "postgres"], capture_output=True, text=True, check=False, **identity
    )
    return (answer.stdout + answer.stderr).strip()
