"""A throw-away server's template, the copies that are made of it, and pools on them."""

import os
import shutil
import tempfile
from collections import deque
from operator import attrgetter
from pathlib import Path

from service.database.bootstrap import prepare_server
from service.database.connections import Location, connected, open_tenant_pool
from service.database.migrations.run import migrate
from service.database.pool import TenantPool
from service.database.security import APPLICATION

TEMPLATE = "bailiwick_template"
# Tests send many times the statements of a server's everyday, and have the memory to keep them.
_KEPT_STATEMENTS = 2_000


def fastest_folder(needed: int = 2 * 10**9, *, programs: bool = False) -> Path:
    """Memory where the machine offers enough of it: making a cluster writes a thousand files.

    Args:
        needed: how many bytes are enough.
        programs: whether what is put there must run; a container may forbid that.
    """
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    fit = memory.is_dir() and shutil.disk_usage(memory).free > needed
    if fit and programs:
        fit = not os.statvfs(memory).f_flag & os.ST_NOEXEC
    return memory if fit else Path(tempfile.gettempdir())


async def make_template(location: Location) -> None:
    """Make the migrated database that the others are copies of."""
    await prepare_server(location)
    await migrate(location)
    async with connected(location, "postgres") as connection:
        # Every tenant of every test brings a document along, which nobody here has to store small.
        await connection.execute(
            "ALTER TABLE app.rulebook_version ALTER COLUMN document SET STORAGE EXTERNAL"
        )
    async with connected(location, "postgres", "postgres") as connection:
        await connection.execute(
            f"ALTER DATABASE {TEMPLATE} IS_TEMPLATE true ALLOW_CONNECTIONS false"
        )


async def copy_template(location: Location, name: str) -> None:
    """Make a database of that name, whole and empty."""
    async with connected(location, "postgres", "postgres") as connection:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")


async def a_pool(location: Location, size: int, *, pipelining: bool = True) -> TenantPool:
    """Open a pool under the application's role."""
    return await open_tenant_pool(
        location, APPLICATION, size, pipelining=pipelining, kept_statements=_KEPT_STATEMENTS
    )


def begin_with_the_first(pool: TenantPool) -> None:
    """Let the next who asks a pool be lent the connection that was made first.

    A new tenant is given the one that rested longest. Each test has a tenant of its own, so that
    once several connections were needed, every one of them would prepare and plan whatever any
    test sends.
    """
    pool._idle = deque(sorted(pool._idle, key=attrgetter("made_at")))
