"""A home folder per test, emptied of servers afterwards."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders.servers import fastest_folder
from embedded_house import AS_ROOT, House, Loan


def passable_folder() -> Path:
    """Return a new temporary folder, short of name, that the server's account can pass through."""
    folder = Path(tempfile.mkdtemp(prefix="bw-", dir=fastest_folder(programs=True))).resolve()
    if AS_ROOT:
        folder.chmod(0o711)
    return folder


@pytest.fixture
def place() -> Iterator[Path]:
    folder = passable_folder()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def loan() -> Iterator[Loan]:
    """Data made once, lent to one test after the other."""
    folder = passable_folder()
    yield Loan(folder / "home")
    shutil.rmtree(folder)


@pytest.fixture
def fresh_house(place: Path) -> Iterator[House]:
    """A home that does not exist yet."""
    under_test = House(place / "home")
    yield under_test
    under_test.close()


@pytest.fixture
def house(place: Path, loan: Loan) -> Iterator[House]:
    """A home with lent data and no server running; the test writes nothing into it."""
    under_test = House(place / "home")
    loan.lend(under_test)
    yield under_test
    under_test.close()
    loan.take_back(under_test)


@pytest.fixture
def own_house(fresh_house: House, loan: Loan) -> House:
    """A home with data of its own, to be written into, and no server running."""
    loan.copy(fresh_house)
    return fresh_house


@pytest.fixture
def other_house(place: Path) -> Iterator[House]:
    under_test = House(place / "other")
    yield under_test
    under_test.close()
