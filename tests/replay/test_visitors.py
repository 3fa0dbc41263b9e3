"""Whose visits are in a replay, before and after a correction gave one to another customer."""

from service.replay.history import Visits
from service.replay.visitors import Visitors

WANG, LI = 1, 2


def test_a_visit_that_was_given_to_another_customer_is_among_his_and_no_more_the_firsts() -> None:
    visits = Visits()
    for number, party in enumerate((WANG, LI, WANG, WANG)):
        visits.add(0, party, number, 1_000 + number)
    came, visitors = visits.of_parties((WANG, LI)), Visitors(visits)
    assert list(visitors.visits_of(came[WANG], WANG)) == [0, 2, 3]

    visitors.move(0, LI)

    assert visitors.of(0) == LI
    assert list(visitors.visits_of(came[WANG], WANG)) == [2, 3]
    assert list(visitors.visits_of(came[LI], LI)) == [0, 1]
