"""The home folder: what lies where in it, and when it is refused before anything is touched."""

import json
import os
import pwd
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from service.embedded.accounts import ServerAccount
from service.embedded.binaries import COPY_PREFIX
from service.embedded.errors import (
    DurabilityMismatch,
    ForeignFolder,
    HomeUnusable,
    OtherMajorVersion,
    SocketPathTooLong,
)

CLUSTER_PREFIX = "cluster-"
# One line: only the socket, only accounts that the map names. It is also how ours is recognised.
MAP = "bailiwick"
LOGIN_RULE = f"local all all peer map={MAP}\n"
THROW_AWAY_MARK = "throw_away"

# sun_path holds 108 bytes on Linux and 104 on macOS, terminator included.
LONGEST_SOCKET_PATH = 100
# What the product lays into its home, the remains of what was interrupted included.
_OURS = re.compile(
    r"(start\.lock|lease\.lock|postgres\.log|token\.(key|\d+)|server\.json|\.server\.json-.*"
    rf"|({CLUSTER_PREFIX}|{COPY_PREFIX})\d.*)\Z"
)
# What a fresh volume, or a look at the folder, may leave in it.
_OF_NOBODY = frozenset({"lost+found", ".DS_Store"})

SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_FOLDER_PREFIX = "bailiwick-"


def default_home(environment: Mapping[str, str]) -> Path:
    """Return where the data goes when the operator says nothing.

    As root `/var/lib/bailiwick`; otherwise the state folder of the XDG base directories.
    """
    if os.geteuid() == 0:
        return Path("/var/lib/bailiwick")
    # The XDG specification says that a relative path in the variable must be ignored.
    state = Path(environment.get("XDG_STATE_HOME", ""))
    if not state.is_absolute():
        own = environment.get("HOME") or pwd.getpwuid(os.geteuid()).pw_dir
        state = Path(own, ".local", "state")
    return state / "bailiwick"


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """What the guard writes down about the server it started."""

    guard: int
    postmaster: int
    version: str


@dataclass(frozen=True, slots=True)
class Home:
    """The paths inside one home folder, for one major version of PostgreSQL."""

    path: Path
    major: str

    @property
    def cluster(self) -> Path:
        """The data folder; the major version in its name keeps an upgrade off old data."""
        return self.path / f"{CLUSTER_PREFIX}{self.major}"

    @property
    def start_lock(self) -> Path:
        """Held alone while one process creates, starts or stops."""
        return self.path / "start.lock"

    @property
    def lease_lock(self) -> Path:
        """Shared by every process that uses the server; held alone by the guard to stop it."""
        return self.path / "lease.lock"

    @property
    def log(self) -> Path:
        """What the server and its guard say."""
        return self.path / "postgres.log"

    @property
    def socket_folder(self) -> Path:
        """Where the socket lies unless this path is too long for one."""
        return self.cluster / "socket"

    @property
    def throw_away_mark(self) -> Path:
        """Exists in data that was made without any promise to last."""
        return self.cluster / THROW_AWAY_MARK

    def read_record(self) -> ServerRecord | None:
        """Return what the last guard wrote down, or None if that is missing or unreadable."""
        try:
            return ServerRecord(**json.loads(self._record.read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def write_record(self, record: ServerRecord) -> None:
        """Write down which server runs, whole or not at all."""
        replace_file(self._record, json.dumps(asdict(record)) + "\n")

    @property
    def _record(self) -> Path:
        return self.path / "server.json"


def replace_file(path: Path, text: str, owner: ServerAccount | None = None) -> None:
    """Write a small private file in one step, as its owner's.

    The new file is made beside the old and renamed over it: no reader sees half of it, and root
    never writes through a link that the server's account may have put there.
    """
    descriptor, written = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            if owner is not None:
                owner.hand_over(file.fileno())
        Path(written).replace(path)
    except BaseException:
        Path(written).unlink(missing_ok=True)
        raise


def discard_cluster(home: Home) -> None:
    """Remove throw-away data; it disappears in one step, so nobody ever finds half of it."""
    doomed = Path(tempfile.mkdtemp(prefix=f"{home.cluster.name}.old-", dir=home.path))
    home.cluster.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def remove_rubbish(home: Home) -> None:
    """Remove what an interrupted creation or removal left; only under the start lock."""
    for left in home.path.glob(f"{home.cluster.name}.*-*"):
        shutil.rmtree(left, ignore_errors=True)


def refuse_foreign(home: Home, account: ServerAccount, *, throw_away: bool) -> None:
    """Refuse a home folder that is not ours to use; reads only.

    Raises:
        ForeignFolder: it is no folder, or its data is another account's, another program's or no
            database at all.
        OtherMajorVersion: its data was written by another major version.
        DurabilityMismatch: its data is lasting and throw-away was asked for, or the reverse.
        HomeUnusable: the operating system does not let this process look.
    """
    try:
        if home.path.exists() and not home.path.is_dir():
            raise ForeignFolder(home.path, "is not a folder")
        if (home.path / "PG_VERSION").exists():
            raise ForeignFolder(home.path, "is itself the data folder of a PostgreSQL server")
        if home.path.is_dir():
            _refuse_others_files(home)
        if home.cluster.is_dir():
            _refuse_foreign_cluster(home, account, throw_away=throw_away)
        else:
            _refuse_older_cluster(home)
    except FileNotFoundError:
        # A guard is just removing throw-away data; under the lease this is asked again.
        return
    except OSError as error:
        raise HomeUnusable(home.path, error.strerror or str(error)) from error


def _refuse_others_files(home: Home) -> None:
    """Refuse a folder that is in use for something else and has nothing of ours yet."""
    found = sorted(entry.name for entry in home.path.iterdir() if entry.name not in _OF_NOBODY)
    if found and not any(_OURS.match(name) for name in found):
        raise ForeignFolder(home.path, f"holds files of something else, like {found[0]}")


def _refuse_foreign_cluster(home: Home, account: ServerAccount, *, throw_away: bool) -> None:
    # Ownership first: the folder of another account cannot be read at all.
    owner = home.cluster.stat().st_uid
    if owner != account.uid:
        raise ForeignFolder(
            home.cluster,
            f"belongs to account number {owner}, and the server runs as {account.name}",
        )
    version_file = home.cluster / "PG_VERSION"
    if not version_file.exists():
        if any(home.cluster.iterdir()):
            raise ForeignFolder(home.cluster, "holds files that are no PostgreSQL database")
        return
    found = version_file.read_text().strip()
    if found != home.major:
        raise OtherMajorVersion(home.cluster, found, home.major)
    if LOGIN_RULE not in (home.cluster / "pg_hba.conf").read_text(errors="replace"):
        raise ForeignFolder(home.cluster, "holds a PostgreSQL database that Bailiwick did not make")
    found_throw_away = home.throw_away_mark.exists()
    if found_throw_away != throw_away:
        raise DurabilityMismatch(home.cluster, found_throw_away=found_throw_away)


def _refuse_older_cluster(home: Home) -> None:
    """Refuse to begin an empty database beside data that the operator expects to see."""
    for other in sorted(home.path.glob(f"{CLUSTER_PREFIX}[0-9]*")):
        found = other.name.removeprefix(CLUSTER_PREFIX)
        if found.isdigit():
            raise OtherMajorVersion(other, found, home.major)


def socket_fits(folder: Path) -> bool:
    """Tell whether the path of a socket in this folder is short enough for the kernel."""
    return len(os.fsencode(folder / SOCKET_NAME)) <= LONGEST_SOCKET_PATH


def refuse_long_path(home: Home) -> None:
    """Refuse a home for whose server no folder is short enough to hold the socket.

    Raises:
        SocketPathTooLong: the home's path is too long, and so is that of temporary folders.
    """
    substitute = Path(tempfile.gettempdir(), f"{SOCKET_FOLDER_PREFIX}12345678")
    if not socket_fits(home.socket_folder) and not socket_fits(substitute):
        raise SocketPathTooLong(substitute.parent)


def prepare(home: Home, account: ServerAccount) -> None:
    """Make the home folder, private but passable for the server's account.

    Raises:
        AccountShutOut: the account cannot enter a folder on the way, which is left as it is.
        HomeUnusable: the operating system refuses the folder.
    """
    try:
        missing = [folder for folder in (home.path, *home.path.parents) if not folder.exists()]
        account.require_entry(missing[-1].parent if missing else home.path)
        for folder in reversed(missing):
            folder.mkdir(exist_ok=True)
            # Root's home must let the server's account pass; nobody else needs to enter it.
            folder.chmod(0o711 if account.switched else 0o700)
    except OSError as error:
        raise HomeUnusable(home.path, error.strerror or str(error)) from error
