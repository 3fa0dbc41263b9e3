"""All that a replay leaves behind, of eventful histories under six rulebooks.

`python -m builders.left_behind` prints a digest for each, as this interpreter finds the replay.
"""

import sys
from hashlib import sha256
from typing import Any

from builders.eventful import an_eventful_history
from builders.replays import BEGINS
from builders.rulebooks import showroom_rulebook

import service.replay.engine
from service.replay.engine import Replay
from service.replay.history import NONE, History, Kind
from service.replay.play import Play

SITES, DAYS, VISITS_A_DAY = 2, 8, 40
_HOUR = 60 * 60 * 1000
_DAY = 24 * _HOUR
RULEBOOKS: tuple[dict[str, Any], ...] = (
    {},
    {"rotation__all_busy": "WAIT", "rotation__obligatory_receiver": "QUEUE_HEAD"},
    {"rotation__refuse_penalty_days": 2, "customer__identity_scope": "TENANT"},
    {"tracking__max_total_days": 5, "tracking__effective_only": True, "claim__split_owner": 50},
    {"rotation__order": "FEWEST_NEW", "rotation__capacity_per_day": 3},
    {"rotation__obligatory_receiver": "BUDDY", "merge__order_by": "RECEPTION"},
)


def a_history_for(which: int) -> History:
    """Make up what happened under a rulebook, which is the second half of it that before it."""
    reps, seed = (3, 6)[which % 2], which + 60
    history = an_eventful_history(SITES, DAYS, VISITS_A_DAY, reps=reps, seed=seed)
    if which % 2 == 0:
        a_manager_leaves(history)
    return history


def a_manager_leaves(history: History) -> int:
    """Let one go in the middle of it all, and return when: his site has none from then on."""
    middle = len(history) // 2
    line = (history.at[middle], Kind.MEMBER_LEFT, 0, history.places[1].manager, NONE, 0)
    columns = (history.at, history.kind, history.site, history.who, history.what, history.more)
    for column, value in zip(columns, line, strict=True):
        column.insert(middle, value)
    return history.at[middle]


def left_behind(
    which: int, kind: type[Replay] = Replay, play: type[Play] = Play
) -> tuple[object, ...]:
    """Replay such a history and return everything that is left of it."""
    first, second = (play(showroom_rulebook(**RULEBOOKS[one])) for one in (which, which - 1))
    changes = [(0, first), (BEGINS + DAYS // 2 * _DAY + 3 * _HOUR, second)]
    replay = kind(a_history_for(which), [changes] * SITES)
    replay.run()
    return _left_by(replay)


def _shown(one: object) -> object:
    """Return all fields of a record, whether it is compiled or not."""
    fields = ((name, getattr(one, name)) for name in dir(one) if not name.startswith("_"))
    return one and [(name, value) for name, value in fields if not callable(value)]


def _left_by(replay: Replay) -> tuple[object, ...]:
    floors = [
        (floor.order, floor.places, floor.waiting, floor.kept, floor.used, floor.open)
        for floor in replay.floors
    ]
    return (
        (sorted(replay.unconfirmed), sorted(replay._unregistered)),
        list(zip(replay.receiver, replay.owner, replay.turn, strict=True)),
        [_shown(words) for words in replay.words],
        [_shown(entry) for entry in replay.registers.by_number],
        replay.credits.deals,
        replay.credits.answers,
        floors,
    )


def digest_of(left: tuple[object, ...]) -> str:
    """Return the same for the same."""
    return sha256(repr(left).encode()).hexdigest()


if __name__ == "__main__":
    digests = [digest_of(left_behind(number)) for number in range(len(RULEBOOKS))]
    sys.stdout.write("\n".join([service.replay.engine.__file__, *digests]))
