"""How fast a past period is replayed: a year and more of fifty showrooms, on one core.

`python -m tests.benchmarks replays` prints the figures. The history is made up beforehand; what is
timed is the replay alone, in processor seconds, from the first line to the last.
"""

import gc
import resource
import sys
import time
from pathlib import Path
from typing import Any

# The builders stand beside the benchmarks, and tests import them by their own name.
sys.path.insert(0, str(Path(__file__).parents[1]))

from builders.replays import a_history
from builders.rulebooks import showroom_rulebook

import service.replay.engine
from service.replay.engine import Replay, undisturbed
from service.replay.play import Play

SITES, VISITS_A_DAY, DAYS = 50, 40, 500
_GIGABYTE = 1024 * 1024


def measure() -> list[dict[str, Any]]:
    """Replay a million visits of fifty showrooms statefully under the shipped rulebook."""
    history = a_history(SITES, DAYS, VISITS_A_DAY)
    play = Play(showroom_rulebook())
    replay = Replay(history, [[(0, play)]] * SITES)
    gc.collect()
    with undisturbed():
        began = time.process_time()
        replay.run()
        seconds = time.process_time() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _GIGABYTE
    visits, lines = len(history.visits), len(history)
    way = "as it stands" if service.replay.engine.__file__.endswith(".py") else "compiled"
    mix = f"{visits:,} visits, {lines:,} events, {SITES} showrooms, {way}"
    return [
        _entry("replay: a million visits", seconds, "s", mix, 10.0),
        _entry("replay: events", lines / seconds, "1/s", mix, 100_000, at_least=True),
        _entry("replay: memory", memory, "GB", "history and replay together", 1.5),
    ]


def _entry(
    name: str, value: float, unit: str, reference: str, goal: float, *, at_least: bool = False
) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "reference": reference,
        "goal": goal,
        "ok": value >= goal if at_least else value <= goal,
    }
