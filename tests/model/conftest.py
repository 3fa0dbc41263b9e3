"""How many random stories are played: a few hundred always, more by command."""

import pytest
from builders.rehearsals import a_loan

from service.database.pool import TenantPool
from service.simulation.lending import Loan
from tests.model.playing import PER_TENANT

STORIES = 500


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--stories", type=int, default=STORIES, help="random stories to be played")
    parser.addoption("--first-part", type=int, default=0, help="the tenant to begin with")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "part" in metafunc.fixturenames:
        first = metafunc.config.getoption("--first-part")
        parts = -(-metafunc.config.getoption("--stories") // PER_TENANT)
        metafunc.parametrize("part", range(first, first + parts))


@pytest.fixture(scope="session")
def loan(pool: TenantPool) -> Loan:
    return a_loan(pool)
