"""How many made-up weeks are lived and replayed: one always, more by command."""

import pytest

# Somebody goes in it, is found out, is handed out of the pool, and the rulebook changes.
LIVES, FIRST = 1, 28


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--lives", type=int, default=LIVES, help="made-up weeks to be replayed")
    parser.addoption("--first-life", type=int, default=FIRST, help="the first of them")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        first = metafunc.config.getoption("--first-life")
        count = metafunc.config.getoption("--lives")
        metafunc.parametrize("seed", range(first, first + count))
