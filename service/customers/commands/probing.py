"""That a number is another customer's is told, counted and kept: it may be asked to find out."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from service.customers import facts
from service.customers.errors import TooManyTakenNumbers
from service.work import UnitOfWork

MOST_IN_AN_HOUR: Final = 20
_HOUR: Final = timedelta(hours=1)
_NOTED: Final = "note_taken_number"


@dataclass(frozen=True, slots=True)
class NoteTakenNumber:
    """A command was refused because a number identifies another customer.

    Attributes:
        asked_by: the command's name.
    """

    number: str
    asked_by: str


async def note_taken_number(work: UnitOfWork, order: NoteTakenNumber) -> None:
    """Keep in the audit who was told that a number is taken; by itself, as nothing else was kept.

    Raises:
        Forbidden.
    """
    work.authorise("party.view")
    holder = (await facts.holder_of(work, [order.number])).get(order.number)
    if holder is not None:
        work.concerns("party", holder, asked_by=order.asked_by)


async def refuse_probing(work: UnitOfWork) -> None:
    """Take no more numbers of somebody who was told too often in an hour that one is taken.

    Raises:
        TooManyTakenNumbers: whether the next one is taken is not told either.
    """
    told = await work.fetch_value(
        "SELECT count(*) FROM app.audit_event WHERE tenant_id = $1 AND actor_id = $2"
        " AND at > $3 AND command = $4",
        work.tenant_id,
        work.caller.member_id,
        work.now - _HOUR,
        _NOTED,
    )
    if told >= MOST_IN_AN_HOUR:
        raise TooManyTakenNumbers(most=MOST_IN_AN_HOUR)
