"""The two ways in which a transaction's beginning and its first statement reach the database."""

import pytest

BOTH_WAYS = pytest.mark.parametrize(
    "pipelining", [True, False], ids=["pipelined", "one_by_one"], scope="session"
)
"""For a test that asks for `pool`, `transactions` or `pipelining`: it is carried out both ways."""
