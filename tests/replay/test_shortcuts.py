"""What a replay remembers and the ways it cuts short change nothing of what it comes to."""

from collections.abc import Callable
from typing import Any

import pytest
from builders.eventful import an_eventful_history
from builders.replays import BEGINS
from builders.rulebooks import showroom_rulebook

from service.replay.engine import Replay
from service.replay.entries import Entry
from service.replay.floor import Floor
from service.replay.history import NONE, History, Kind
from service.replay.play import Play

SITES, DAYS, VISITS_A_DAY = 2, 8, 40
_HOUR = 60 * 60 * 1000
_DAY = 24 * _HOUR
RULEBOOKS = (
    {},
    {"rotation__all_busy": "WAIT", "rotation__obligatory_receiver": "QUEUE_HEAD"},
    {"rotation__refuse_penalty_days": 2, "customer__identity_scope": "TENANT"},
    {"tracking__max_total_days": 5, "tracking__effective_only": True, "claim__split_owner": 50},
    {"rotation__order": "FEWEST_NEW", "rotation__capacity_per_day": 3},
    {"rotation__obligatory_receiver": "BUDDY", "merge__order_by": "RECEPTION"},
)


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

    def _arriving(self) -> Callable[[int, Floor, int], None]:
        def arrive(at: int, floor: Floor, visit: int) -> None:
            self._assign_concerned(at, floor.site, visit)

        return arrive


def left_behind(replay: Replay) -> tuple[object, ...]:
    def shown(entry: Entry | None) -> object:
        return entry and [getattr(entry, name) for name in Entry.__slots__]

    words = [words and [getattr(words, name) for name in words.__slots__] for words in replay.words]
    floors = [
        (floor.order, floor.places, floor.waiting, floor.kept, floor.used, floor.open)
        for floor in replay.floors
    ]
    return (
        (replay.unconfirmed, replay._unregistered),
        list(zip(replay.receiver, replay.owner, replay.turn, words, strict=True)),
        [shown(entry) for entry in replay.registers.by_number],
        replay.credits.deals,
        replay.credits.answers,
        floors,
    )


def replayed(
    kind: type[Replay], play: type[Play], history: History, texts: list[dict[str, Any]]
) -> tuple[object, ...]:
    first, second = (play(showroom_rulebook(**text)) for text in texts)
    changes = [(0, first), (BEGINS + DAYS // 2 * _DAY + 3 * _HOUR, second)]
    replay = kind(history, [changes] * SITES)
    replay.run()
    return left_behind(replay)


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


def a_manager_leaves(history: History) -> int:
    """Let one go in the middle of it all, and return when: his site has none from then on."""
    middle = len(history) // 2
    line = (history.at[middle], Kind.MEMBER_LEFT, 0, history.places[1].manager, NONE, 0)
    columns = (history.at, history.kind, history.site, history.who, history.what, history.more)
    for column, value in zip(columns, line, strict=True):
        column.insert(middle, value)
    return history.at[middle]


@pytest.mark.parametrize("which", range(len(RULEBOOKS)))
def test_what_is_remembered_and_cut_short_comes_to_the_same(which: int) -> None:
    reps, seed = (3, 6)[which % 2], which + 60
    history = an_eventful_history(SITES, DAYS, VISITS_A_DAY, reps=reps, seed=seed)
    if which % 2 == 0:
        a_manager_leaves(history)
    texts: list[dict[str, Any]] = [RULEBOOKS[which], RULEBOOKS[which - 1]]

    quick = replayed(Replay, Play, history, texts)
    long = replayed(Unhurried, Thorough, history, texts)

    assert quick == long
