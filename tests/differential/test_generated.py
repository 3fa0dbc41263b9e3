"""Generated documents over the whole schema have the same answers both ways."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from differential.both import Both
from differential.comparing import Seen, compare
from differential.conftest import DOCUMENTS
from differential.world import a_world
from service.clock import ManualClock
from service.work import Transactions


# graphql-core forgets the resolvers beside a field that fails at once.
@pytest.mark.long
@pytest.mark.filterwarnings(
    "ignore:coroutine .* was never awaited:RuntimeWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)
async def test_two_thousand_documents_have_the_same_answers_both_ways(
    both: Both, transactions: Transactions, clock: ManualClock, request: pytest.FixtureRequest
) -> None:
    wanted = request.config.getoption("--documents", DOCUMENTS)
    first = request.config.getoption("--first-document", 1)
    world, seen, number = await a_world(transactions, clock), Seen(), first - 1
    while seen.answered < wanted:
        number += 1
        await compare(both, world, Random(number), seen)  # noqa: S311 - keeps no secret

    print(seen.plans.most_common())  # noqa: T201 - for a longer run by command
    assert seen.invalid < wanted / 10, "the author writes valid documents"
    assert seen.plans["sql"] > wanted / 3, seen.plans


@pytest.mark.filterwarnings(
    "ignore:coroutine .* was never awaited:RuntimeWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(chance=st.randoms(use_true_random=False))
async def test_what_hypothesis_finds_is_the_smallest_document_that_differs(
    both: Both, transactions: Transactions, clock: ManualClock, chance: Random
) -> None:
    known = getattr(both, "world", None)
    if known is None:
        known = both.world = await a_world(transactions, clock)
        for number in range(30):
            await compare(both, known, Random(number), Seen())  # noqa: S311 - keeps no secret
    # Of the same choices an example is the same document, whatever cursors others were answered.
    cursors = list(known.material.cursors)
    try:
        await compare(both, known, chance, Seen())
    finally:
        known.material.cursors[:] = cursors
