"""The data folder: made in one step, with a login rule that asks the kernel who is calling."""

import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from service.embedded.accounts import ServerAccount
from service.embedded.binaries import Binaries
from service.embedded.errors import CreationFailed
from service.embedded.home import LOGIN_RULE, MAP, SOCKET_FOLDER_PREFIX, Home, replace_file

SUPERUSER = "postgres"

INITDB = (
    f"--username={SUPERUSER}",
    "--encoding=UTF8",
    # No locale of the machine may decide the order of an index: it changes with the next upgrade.
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--data-checksums",
    "--auth-local=peer",
    "--auth-host=reject",
    "--no-instructions",
    "--set=timezone=UTC",
    "--set=log_timezone=UTC",
    "--set=listen_addresses=",
)

THROW_AWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "checkpoint_timeout": "1d",
    "max_wal_size": "4GB",
    "file_copy_method": "clone",
    # In the data folder: an immediate stop would leave segments behind in the system's memory.
    "dynamic_shared_memory_type": "mmap",
}


def exists(home: Home) -> bool:
    """Tell whether the home folder holds a whole data folder."""
    return (home.cluster / "PG_VERSION").exists()


def create(home: Home, binaries: Binaries, account: ServerAccount, *, throw_away: bool) -> None:
    """Make the data folder; a crash half-way leaves rubbish beside it, never half a database.

    Raises:
        CreationFailed: initdb gave up.
    """
    new = Path(tempfile.mkdtemp(prefix=f"{home.cluster.name}.new-", dir=home.path))
    try:
        _hand_over(new, account)
        sync = ["--no-sync"] if throw_away else []
        _initdb(binaries, account, [*INITDB, *sync, f"--pgdata={new}"])
        replace_file(new / "pg_hba.conf", LOGIN_RULE, account)
        if throw_away:
            replace_file(new / home.throw_away_mark.name, "", account)
        new.rename(home.cluster)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    if not throw_away:
        _sync_folder(home.path)


def write_map(home: Home, account: ServerAccount, starter: str, roles: Iterable[str]) -> None:
    """Let one operating system account take these database roles, and no other account any."""
    lines = [_map_line(starter, role) for role in roles]
    replace_file(home.cluster / "pg_ident.conf", "".join(lines), account)


def widen_map(home: Home, account: ServerAccount, starter: str, roles: Iterable[str]) -> bool:
    """Add roles that a running server's map lacks; tell whether the server must read it again."""
    path = home.cluster / "pg_ident.conf"
    present = path.read_text()
    missing = [line for role in roles if (line := _map_line(starter, role)) not in present]
    if missing:
        replace_file(path, present + "".join(missing), account)
    return bool(missing)


def socket_folder(home: Home, account: ServerAccount) -> Path:
    """Return the private folder inside the data folder for the socket, made if missing."""
    folder = home.socket_folder
    if not folder.is_dir():
        folder.mkdir(mode=0o700)
        _hand_over(folder, account)
    return folder


def temporary_socket_folder(account: ServerAccount) -> Path:
    """Return a fresh private folder for the socket, for data whose own path is too long."""
    folder = Path(tempfile.mkdtemp(prefix=SOCKET_FOLDER_PREFIX))
    try:
        account.require_entry(folder.parent)
        _hand_over(folder, account)
    except BaseException:
        folder.rmdir()
        raise
    return folder


def _initdb(binaries: Binaries, account: ServerAccount, options: list[str]) -> None:
    made = account.run([str(binaries.program("initdb")), *options])
    if made.returncode != 0:
        raise CreationFailed(_last_line(made.stderr))


def _hand_over(folder: Path, account: ServerAccount) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        account.hand_over(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _map_line(starter: str, role: str) -> str:
    return f'{MAP} "{starter}" "{role}"\n'


def _last_line(said: str) -> str:
    lines = [line for line in said.splitlines() if "error" in line or "FATAL" in line]
    return (lines or said.splitlines() or ["it said nothing"])[-1].strip()
