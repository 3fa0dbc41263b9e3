"""Keeps the ledgers' months ahead of the clock, and says loudly when lines had none."""

from datetime import datetime
from typing import Any

import asyncpg
import structlog

from service.database.connections import Location
from service.database.partitions import keep_parts, misplaced
from service.worker.chores import Chore

_log = structlog.get_logger(__name__)


def ledger_parts(relay: "asyncpg.Pool[Any]", location: Location) -> Chore:
    """Make the chore; how much it did is how many parts it made."""

    async def do(now: datetime) -> int:
        for found in await misplaced(relay):
            # An alarm, though it is put right below: nobody made these months in time.
            _log.error(
                "ledger.misplaced",
                ledger=found.ledger,
                lines=found.lines,
                first_at=found.first_at.isoformat(),
                last_at=found.last_at.isoformat(),
            )
        return await keep_parts(location, now)

    return Chore("ledgers.parts", do)
