"""How many disputes are decided and claimed at once: some always, a thousand by command."""

import pytest

CROWD = 60


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--crowd", type=int, default=CROWD, help="disputes decided at once")


@pytest.fixture
def crowd(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--crowd"))
