"""The history that the speed of a replay is measured with can be replayed, and is what it says."""

from builders.replays import a_history
from builders.rulebooks import showroom_rulebook

from service.replay.engine import Replay
from service.replay.play import Play


def test_the_made_up_days_of_some_showrooms_are_replayed_to_their_end() -> None:
    sites, days, visits_a_day = 2, 8, 30
    history = a_history(sites, days, visits_a_day)
    play = Play(showroom_rulebook())

    Replay(history, [[(0, play)]] * sites).run()

    assert len(history.visits) == sites * days * visits_a_day
    assert history.deals
    assert history.claims
