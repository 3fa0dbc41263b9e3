"""Under which operating system account the server runs, and whether that account gets through.

PostgreSQL refuses to run as root. Then the server alone runs as an unprivileged account; the
application and the guard stay what they are (database page 1.2).
"""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from service.embedded.errors import AccountShutOut, AccountUnfit, AccountUnknown

UNPRIVILEGED = "nobody"

# The caller's variables stay away: PGDATA and its relatives would change what a program does.
PLAIN_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class ServerAccount:
    """The account that owns the data and runs the server."""

    name: str
    uid: int
    gid: int
    switched: bool
    """Whether a process has to change its identity to become this account."""

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Run a short program as this account and return what it said.

        The working folder is `/`, because the caller's may be closed to the account.
        """
        return subprocess.run(  # noqa: S603 - our own programs, no shell, arguments as a list
            command,
            user=self.uid if self.switched else None,
            group=self.gid if self.switched else None,
            extra_groups=[] if self.switched else None,
            cwd="/",
            env=PLAIN_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )

    def hand_over(self, descriptor: int) -> None:
        """Make an open file or folder this account's."""
        if self.switched:
            os.fchown(descriptor, self.uid, self.gid)

    def may_enter(self, folder: Path) -> bool:
        """Tell whether the account can enter a folder, by trying it: rules differ, kernels know."""
        return self._tries('cd "$1"', folder)

    def may_execute(self, program: Path) -> bool:
        """Tell whether the account reaches a program and may start it."""
        return self._tries('test -x "$1"', program)

    def require_entry(self, folder: Path) -> None:
        """Refuse a folder the account cannot enter.

        Raises:
            AccountShutOut: the folder, or one above it, is closed to the account.
        """
        if self.switched and not self.may_enter(folder):
            raise AccountShutOut(self.name, folder)

    def _tries(self, script: str, path: Path) -> bool:
        return self.run(["/bin/sh", "-c", script, "sh", str(path)]).returncode == 0


def starting_account() -> str:
    """Return the name of this process's account, which peer authentication will see.

    Raises:
        AccountUnknown: the process runs under a bare number, as in some containers.
    """
    return _entry(os.geteuid()).pw_name


def choose_account(name: str | None) -> ServerAccount:
    """Decide who runs the server: this process's account, or for root an unprivileged one.

    Raises:
        AccountUnknown: the account is not in the user database.
        AccountUnfit: it is root, or this process is not root and may not change its account.
    """
    own = _entry(os.geteuid())
    wanted = own if name is None else _entry(name)
    if own.pw_uid != 0:
        if wanted.pw_uid != own.pw_uid:
            raise AccountUnfit(wanted.pw_name, f"only root can start it so, this is {own.pw_name}")
        return ServerAccount(own.pw_name, own.pw_uid, own.pw_gid, switched=False)
    if name is None:
        wanted = _entry(UNPRIVILEGED)
    if wanted.pw_uid == 0:
        raise AccountUnfit(wanted.pw_name, "PostgreSQL needs an account without privileges")
    return ServerAccount(wanted.pw_name, wanted.pw_uid, wanted.pw_gid, switched=True)


def _entry(account: str | int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(account) if isinstance(account, int) else pwd.getpwnam(account)
    except KeyError as error:
        raise AccountUnknown(account) from error
