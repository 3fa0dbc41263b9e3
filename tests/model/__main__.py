"""`python -m tests.model 10000 [first part]`: a longer run of the random stories, on every core.

What differs is told as it is found, with what plays it again (`--story part-12-7`); the other parts
go on. A run that is stopped says how far it came, and with which part to go on.
"""

import argparse
import multiprocessing
import os
import signal
import sys
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from time import monotonic

from service.database.connections import Location
from tests.model.longer import Played, play_one, play_part, ready_for_work, throw_away_server
from tests.model.playing import PER_TENANT

_EVERY_SECONDS = 30


@dataclass
class Run:
    """How far a run has come.

    Attributes:
        parts: those that are to be played, in their order.
    """

    parts: range
    began: float = field(default_factory=monotonic)
    told: float = field(default_factory=monotonic)
    done: set[int] = field(default_factory=set)
    played: int = 0
    differing: int = 0
    broken: int = 0

    def note(self, part: Played) -> None:
        """Count a part that has ended, and say how far it is now and then."""
        self.done.add(part.number)
        self.played += part.stories
        self.differing += part.differing
        self.broken += part.broken
        if monotonic() - self.told >= _EVERY_SECONDS or len(self.done) == len(self.parts):
            self.told = monotonic()
            self.tell()

    def tell(self) -> None:
        """Write a line of how far it is."""
        left = len(self.parts) - len(self.done)
        seconds = (monotonic() - self.began) / max(1, len(self.done)) * left
        say(f"{self}, about {seconds / 60:.0f} min left" if self.done and left else str(self))

    def __str__(self) -> str:
        wanted = len(self.parts) * PER_TENANT
        broken = f", {self.broken} parts broke off" if self.broken else ""
        return f"{self.played} of {wanted} stories played, {self.differing} disagree{broken}"

    @property
    def first_left(self) -> int:
        """The first part that has not been played to its end."""
        return next((one for one in self.parts if one not in self.done), self.parts.stop)


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def play(run: Run, location: Location, workers: int) -> bool:
    """Play all parts; tell whether nobody stopped it."""
    spawned = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=spawned, initializer=ready_for_work)
    try:
        under_way: list[Future[Played]] = [
            pool.submit(play_part, location, number) for number in run.parts
        ]
        for ended in as_completed(under_way):
            run.note(ended.result())
    except (KeyboardInterrupt, BrokenProcessPool) as stopped:
        # Whatever stops it a second time finds it stopping.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        pool.shutdown(wait=False, cancel_futures=True)
        for worker in multiprocessing.active_children():
            worker.terminate()
        say(f"stopped ({type(stopped).__name__}): {run}; go on with part {run.first_left}")
        return False
    pool.shutdown()
    return True


def main() -> int:
    """Play stories; 1 if any disagrees, a part breaks off, or somebody stops it."""
    read = argparse.ArgumentParser(prog="python -m tests.model", description=__doc__)
    read.add_argument("stories", nargs="?", type=int, default=10_000, help="how many, about")
    read.add_argument("first_part", nargs="?", type=int, default=0, help="where to go on")
    read.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    read.add_argument("--story", help="play this one alone, as part-12-7")
    wanted = read.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with throw_away_server() as location:
        if wanted.story is not None:
            return 0 if play_one(location, wanted.story) else 1
        count = -(-wanted.stories // PER_TENANT)
        run = Run(range(wanted.first_part, wanted.first_part + count))
        finished = play(run, location, wanted.workers)
        return 0 if finished and not (run.differing or run.broken) else 1


if __name__ == "__main__":
    sys.exit(main())
