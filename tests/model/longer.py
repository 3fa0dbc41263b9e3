"""A part of the random stories in a process of its own, on a database that goes with it."""

import asyncio
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from service.database.connections import Location, connected
from service.embedded.lease import acquire
from service.simulation.lending import Loan
from tests.builders.rehearsals import a_loan
from tests.builders.servers import TEMPLATE, a_pool, copy_template, fastest_folder, make_template
from tests.model.playing import PER_TENANT, Disagreement, play_story, play_tenant

_CONNECTIONS = 4
_ROOMY = 4 * 10**9


@dataclass(frozen=True)
class Played:
    """What a part came to.

    Attributes:
        stories: played to their end.
        broken: it broke off: a fault of the tests, or of what all its stories share.
    """

    number: int
    stories: int
    differing: int
    broken: bool


@contextmanager
def throw_away_server() -> Iterator[Location]:
    """A server with a migrated template, in memory where there is enough; all of it goes again."""
    home = Path(tempfile.mkdtemp(prefix="bailiwick-stories-", dir=fastest_folder(_ROOMY)))
    home.chmod(0o711)
    lease = acquire(home, throw_away=True)
    location = Location(str(lease.socket_folder), TEMPLATE)
    try:
        asyncio.run(make_template(location))
        yield location
    finally:
        lease.stop_if_last()
        shutil.rmtree(home, ignore_errors=True)


@asynccontextmanager
async def _lent(location: Location, name: str) -> AsyncIterator[Loan]:
    """A copy of the template, and what a rehearsal needs on it."""
    await copy_template(location, name)
    try:
        async with await a_pool(replace(location, database=name), _CONNECTIONS) as pool:
            yield a_loan(pool)
    finally:
        async with connected(location, "postgres", "postgres") as connection:
            await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def ready_for_work() -> None:
    """Leave it to whoever began the run to stop it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def play_part(location: Location, number: int) -> Played:
    """Play a part's stories and tell what differs as it is found."""
    return asyncio.run(_play_part(location, number))


async def _play_part(location: Location, number: int) -> Played:
    stories = differing = 0
    try:
        async with _lent(location, f"part_{number}") as loan:
            async for found in play_tenant(loan, f"part-{number}", PER_TENANT):
                stories += 1
                if found is not None:
                    differing += 1
                    _tell(found)
    except Exception:  # noqa: BLE001 - the other parts go on
        sys.stdout.write(f"part {number} broke off after {stories} stories:\n")
        sys.stdout.write(traceback.format_exc())
        sys.stdout.flush()
        return Played(number, stories, differing, broken=True)
    return Played(number, stories, differing, broken=False)


def _tell(found: Disagreement) -> None:
    """Tell it in one piece: others write beside."""
    again = f"again: python -m tests.model --story {found.name}"
    sys.stdout.write(f"DISAGREE {found}\n{again}\n")
    sys.stdout.flush()


def play_one(location: Location, name: str) -> bool:
    """Play one story by its name, and tell whether both agree."""
    found = asyncio.run(_play_one(location, name))
    if found is None:
        sys.stdout.write(f"{name}: both agree\n")
        return True
    _tell(found)
    return False


async def _play_one(location: Location, name: str) -> Disagreement | None:
    async with _lent(location, "one_story") as loan:
        return await play_story(loan, name)
