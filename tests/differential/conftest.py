"""A showroom with a day behind it, and both executors on it."""

import gc
from collections.abc import Iterator

import pytest
from builders.reception import Showroom
from builders.tenants import a_tenant

from differential.both import Both
from service.clock import ManualClock
from service.work import Transactions

DOCUMENTS = 2_000


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--documents", type=int, default=DOCUMENTS, help="how many are generated")
    parser.addoption("--first-document", type=int, default=1, help="number of the first")


@pytest.fixture(autouse=True, scope="module")
def known_before() -> None:
    """Look once at all that earlier tests left, and not again after each test of this module."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def forgotten_here() -> Iterator[None]:
    """Let what graphql-core forgot be found by the test that asked, whose filter knows of it."""
    yield
    gc.collect()


@pytest.fixture
def both(transactions: Transactions, clock: ManualClock) -> Both:
    """The two executors."""
    return Both(transactions, clock=clock)


@pytest.fixture
async def showroom(transactions: Transactions) -> Showroom:
    """A showroom with three reps, their manager, the desk's clerk and a director."""
    tenant = await a_tenant(transactions)
    reps = ("An", "Bo", "Chu")
    people = dict(zip(reps, await tenant.members(*reps), strict=True))
    people["Mei"] = await tenant.member("Mei", "sales-manager")
    people["Lin"] = await tenant.member("Lin", "director")
    people["Clerk"] = await tenant.member("Clerk", "clerk")
    return Showroom(tenant, tenant.site_id, people)
