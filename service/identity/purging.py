"""What sign-in need not remember any longer; the worker removes it once a day.

A session is over when it was ended or has expired. Its refresh tokens are worth nothing from then
on and go with it; while it lives, used ones stay, because they tell a copy from the original.
"""

from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg

from service.identity.attempts import COUNTED

# How long a session is remembered after its end: why it ended can be asked, and where its owner
# signed in he is still at home, so that strangers who try his name there do not delay him.
REMEMBERED: Final = timedelta(days=90)
_AT_ONCE = 2000

_SESSIONS = """
DELETE FROM app.platform_session WHERE id IN (
    SELECT id FROM app.platform_session WHERE ended_at < $1 OR expires_at < $1 LIMIT $2)
"""
_FAILURES = """
DELETE FROM app.platform_sign_in_failure WHERE id IN (
    SELECT id FROM app.platform_sign_in_failure WHERE at < $1 LIMIT $2)
"""


async def purge(pool: "asyncpg.Pool[Any]", now: datetime) -> int:
    """Remove old sessions with their tokens, and failures that count no more; return how many."""
    sessions = await _emptied(pool, _SESSIONS, now - REMEMBERED)
    return sessions + await _emptied(pool, _FAILURES, now - COUNTED)


async def _emptied(pool: "asyncpg.Pool[Any]", statement: str, before: datetime) -> int:
    """Delete a few at a time: nobody who signs in waits behind a year of rows."""
    total = 0
    while True:
        status: str = await pool.execute(statement, before, _AT_ONCE)
        gone = int(status.rsplit(" ", 1)[-1])
        total += gone
        if gone < _AT_ONCE:
            return total
