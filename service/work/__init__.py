"""The unit of work: one transaction of one tenant for one caller at one instant.

A command is `async def command(work, order) -> result`. `Transactions.carry_out` opens the
transaction, takes the client's key, loads the caller, locks the command's anchor, runs the
command, writes the journal, commits; and does all of it again when another transaction won.
"""

from service.work.callers import NOBODY, Anchor, Caller, CallerSource, Loaded, TenantFacts
from service.work.installation import Installation
from service.work.readings import Known, Readings, Standpoint
from service.work.retries import CONNECTION_LOST
from service.work.transactions import Answer, Command, Done, KeptKey, Transactions, nothing_more
from service.work.units import NOTED, Sight, UnitOfWork

__all__ = [
    "CONNECTION_LOST",
    "NOBODY",
    "NOTED",
    "Anchor",
    "Answer",
    "Caller",
    "CallerSource",
    "Command",
    "Done",
    "Installation",
    "KeptKey",
    "Known",
    "Loaded",
    "Readings",
    "Sight",
    "Standpoint",
    "TenantFacts",
    "Transactions",
    "UnitOfWork",
    "nothing_more",
]
