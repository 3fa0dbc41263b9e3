"""One throw-away PostgreSQL for the run; a copy of the migrated template for each worker."""

import asyncio
import fcntl
import gc
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pytest
import uvloop

import service.replay
from service.clock import ManualClock
from service.database.connections import Location, connected
from service.database.pool import TenantPool
from service.embedded.lease import acquire
from service.organisation.actors import Callers
from service.work import Transactions
from tests.builders.originals import Originals, originals
from tests.builders.servers import (
    TEMPLATE,
    a_pool,
    begin_with_the_first,
    copy_template,
    fastest_folder,
    make_template,
)

# Tests are of the text as it stands; one of them holds what was compiled of it against it.
service.replay.__path__[:] = [str(Path(service.replay.__file__).parent)]

# A busy machine makes an example late, not wrong. What was seen to pass passes again, until the
# test changes; new examples are looked for by `make chance`.
hypothesis.settings.register_profile("patient", deadline=None, derandomize=True)
hypothesis.settings.register_profile("chance", deadline=None, max_examples=500)
hypothesis.settings.load_profile("chance" if os.environ.get("CHANCE") == "free" else "patient")


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that serves: a test takes the way of a request, and half of the time."""
    return {"uvloop": uvloop.new_event_loop}


# Six thousand tests and a schema are made by now, and none of it is given up again.
gc.disable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin what takes long, so that the workers end together; else chance keeps its order."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_collection_finish() -> None:
    """Spare the collector what stays to the end.

    Nearly all that it finds is young: it looks at that while a processor's cache still has it, and
    seldom at the rest.
    """
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 50, 10)


@pytest.fixture(scope="session")
def server(testrun_uid: str) -> Iterator[Location]:
    """The run's server, with the migrated template; every worker holds a lease on it."""
    home = fastest_folder() / f"bailiwick-test-{testrun_uid}"
    lease = acquire(home, throw_away=True)
    location = Location(str(lease.socket_folder), TEMPLATE)
    try:
        with (home / "template.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # Beside the data: it vanishes with it when the last worker goes.
            done = home / "cluster-18" / "template.done"
            if not done.exists():
                asyncio.run(make_template(location))
                done.touch()
        yield location
    finally:
        if lease.stop_if_last():
            shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def location(server: Location, worker_id: str) -> Location:
    """This worker's own database, whole and empty."""
    name = f"bailiwick_{worker_id}"
    asyncio.run(copy_template(server, name))
    return replace(server, database=name)


@pytest.fixture(scope="session")
def pipelining() -> bool:
    """Whether a transaction begins on its first statement's trip; not with `PIPELINING=off`."""
    return os.environ.get("PIPELINING") != "off"


@pytest.fixture(scope="session")
async def pool(location: Location, pipelining: bool) -> AsyncIterator[TenantPool]:
    """A pool under the application's role, whose tenants are copied from originals."""
    async with (
        await a_pool(location, 8, pipelining=pipelining) as opened,
        connected(location, "postgres") as copying,
    ):
        originals[opened] = await Originals.of(copying)
        yield opened


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at Monday, 2 March 2026, 10:00 in Shanghai."""
    return ManualClock(datetime(2026, 3, 2, 2, 0, tzinfo=UTC))


@pytest.fixture
def transactions(pool: TenantPool, clock: ManualClock) -> Transactions:
    """Units of work on this worker's database, under the test's clock."""
    begin_with_the_first(pool)
    return Transactions(pool, clock, Callers())
