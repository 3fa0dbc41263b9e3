"""A home folder per test, emptied of servers afterwards."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from embedded_house import AS_ROOT, House


@pytest.fixture
def place() -> Iterator[Path]:
    """A short temporary folder that the server's account can pass through."""
    folder = Path(tempfile.mkdtemp(prefix="bw-")).resolve()
    if AS_ROOT:
        folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def stopped_cluster() -> Iterator[Path]:
    """A data folder that was made and stopped once."""
    folder = Path(tempfile.mkdtemp(prefix="bw-")).resolve()
    if AS_ROOT:
        folder.chmod(0o711)
    model = House(folder / "home")
    model.acquire()
    model.close()
    yield model.home.cluster
    shutil.rmtree(folder)


@pytest.fixture
def fresh_house(place: Path) -> Iterator[House]:
    """A home that does not exist yet."""
    under_test = House(place / "home")
    yield under_test
    under_test.close()


@pytest.fixture
def house(fresh_house: House, stopped_cluster: Path) -> House:
    """A home with data in it and no server running."""
    fresh_house.furnish(stopped_cluster)
    return fresh_house


@pytest.fixture
def other_house(place: Path) -> Iterator[House]:
    under_test = House(place / "other")
    yield under_test
    under_test.close()
