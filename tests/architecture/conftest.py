"""The syntax trees of the whole project stay to the end of the run."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="module")
def kept_trees() -> Iterator[None]:
    """Spare the collector, in every test that follows, more objects than all others together."""
    yield
    gc.collect()
    gc.freeze()
