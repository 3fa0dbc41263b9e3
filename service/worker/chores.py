"""What the worker does once a day, in no tenant: a second time must change nothing.

Each process keeps its own day, so that several workers, or one that is started often, only do it
more often.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from service.worker.metrics import CHORES

_EVERY = timedelta(days=1)
_AGAIN = timedelta(hours=1)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to be done every so often; `do` takes the instant, returns how much it did."""

    name: str
    do: Callable[[datetime], Awaitable[int]]
    every: timedelta = _EVERY


class Chores:
    """A process's chores and when each is due again."""

    def __init__(self, chores: Iterable[Chore]) -> None:
        self._due: list[tuple[Chore, datetime | None]] = [(chore, None) for chore in chores]

    async def do_due(self, now: datetime) -> None:
        """Do what is due; what fails is logged and tried again in an hour."""
        self._due = [
            (chore, await _done(chore, now) if due is None or now >= due else due)
            for chore, due in self._due
        ]


async def _done(chore: Chore, now: datetime) -> datetime:
    try:
        amount = await chore.do(now)
    except Exception as error:  # noqa: BLE001 - a chore that fails must not stop the worker
        CHORES.add(chore.name, "failed")
        _log.warning("worker.chore_failed", chore=chore.name, error=repr(error))
        return now + _AGAIN
    CHORES.add(chore.name, "done")
    _log.info("worker.chore_done", chore=chore.name, amount=amount)
    return now + chore.every
