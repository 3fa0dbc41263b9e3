"""Of a deal that fell through nothing is claimed, disputed or decided."""

from service.errors import FieldPath
from service.ownership import facts
from service.ownership.errors import DealIsCancelled


def refuse_cancelled(deal: facts.DealFacts | None, field: FieldPath = ()) -> None:
    """Refuse what is asked of a locked deal that no longer stands; no deal yet is none of these.

    Raises:
        DealIsCancelled.
    """
    if deal is not None and deal.cancelled_at is not None:
        raise DealIsCancelled(field=field)
