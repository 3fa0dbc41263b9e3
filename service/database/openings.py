"""What begins a transaction: how long it may take, and whose it is."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID


# There are three of them: each is told from the others by which it is, and not by what is in it.
@dataclass(frozen=True, slots=True, eq=False)
class Pace:
    """How long one statement of a transaction may take, and the whole of it, in seconds."""

    statement: int
    transaction: int

    @property
    def answer(self) -> float:
        """How long the server's answer is waited for: only one that has vanished takes longer."""
        return self.statement + 3.0


# Somebody waits for the first; nobody waits for the second, which must not hold others up for ever.
COMMAND: Final = Pace(5, 15)
JOB: Final = Pace(30, 45)
# Years are read in spans, and counted in between.
SNAPSHOT: Final = Pace(60, 3600)


@lru_cache(maxsize=1024)
def opening(tenant_id: UUID, pace: Pace = COMMAND) -> tuple[str, ...]:
    """Return what begins a transaction of a tenant, with the time it may take."""
    commands = (
        "BEGIN",
        # The id is a UUID object: its text cannot hold anything but hex and dashes.
        f"SET LOCAL app.tenant_id = '{tenant_id}'",
        f"SET LOCAL statement_timeout = '{pace.statement}s'",
    )
    if pace is COMMAND:
        return commands
    return (
        *commands,
        f"SET LOCAL transaction_timeout = '{pace.transaction}s'",
        # A tree of 100,000 targets is sorted, and handed to its guards, in memory and not on disk.
        "SET LOCAL work_mem = '32MB'",
    )


STANDING_STILL: Final = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    f"SET LOCAL statement_timeout = '{SNAPSHOT.statement}s'",
    f"SET LOCAL transaction_timeout = '{SNAPSHOT.transaction}s'",
    f"SET LOCAL idle_in_transaction_session_timeout = '{SNAPSHOT.transaction}s'",
)
"""Begins a transaction of a session that is set to its tenant: all it reads is of one instant."""
