"""What a replay remembers and the ways it cuts short change nothing of what it comes to."""

from typing import Any

import pytest
from builders.eventful import an_eventful_history
from builders.left_behind import (
    DAYS,
    RULEBOOKS,
    SITES,
    VISITS_A_DAY,
    a_manager_leaves,
    left_behind,
)
from builders.rulebooks import showroom_rulebook

from service.replay.engine import Replay
from service.replay.floor import Floor
from service.replay.history import History
from service.replay.play import Play


class Forgetful(dict[Any, Any]):
    """Remembers nothing."""

    def __setitem__(self, key: Any, value: Any) -> None:
        pass


class Thorough(Play):
    """Decides every case anew, on the very places that are there."""

    def __init__(self, rulebook: Any) -> None:
        super().__init__(rulebook)
        self.receptions, self._patterns, self._decided = Forgetful(), Forgetful(), Forgetful()
        self._told, self.worths = Forgetful(), Forgetful()


class Unhurried(Replay):
    """Lets everybody arrive as one who may concern anybody, and looks at the clock every time."""

    def __init__(self, history: History, versions: Any) -> None:
        super().__init__(history, versions)
        self.credits._unclaimed, self.credits._windows = Forgetful(), Forgetful()

    def _some(self, begin: int, end: int) -> None:
        for line in range(begin, min(end, len(self.history))):
            self._until = 0
            super()._some(line, line + 1)

    def _arrive(self, at: int, floor: Floor, visit: int) -> None:
        self._assign_concerned(at, floor.site, visit)


def test_a_manager_who_left_receives_nobody_as_manager() -> None:
    history = an_eventful_history(SITES, DAYS, VISITS_A_DAY, reps=3, seed=64)

    def received_later(left_at: int) -> set[int]:
        replay = Replay(history, [[(0, Play(showroom_rulebook()))]] * SITES)
        replay.run()
        later = (visit for visit, at in enumerate(history.visits.arrived_at) if at > left_at)
        said = ((replay.words[visit], replay.receiver[visit]) for visit in later)
        return {receiver for words, receiver in said if words and words.mode == "MANAGER"}

    manager = history.places[1].manager
    assert manager in received_later(history.at[len(history) // 2])
    assert manager not in received_later(a_manager_leaves(history))


@pytest.mark.parametrize("which", range(len(RULEBOOKS)))
def test_what_is_remembered_and_cut_short_comes_to_the_same(which: int) -> None:
    assert left_behind(which) == left_behind(which, Unhurried, Thorough)
