"""Which territories hang elsewhere when another model takes over. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from service.territories.words import SeatMoveReason


@dataclass(frozen=True, slots=True)
class Rehung:
    """That a territory, or the nearest above it that does, hangs elsewhere.

    Attributes:
        territory_id: the one that does.
        from_id, to_id: what is above it before and after; None at the top, and where it has no
            place.
    """

    territory_id: UUID
    from_id: UUID | None
    to_id: UUID | None
    reason: SeatMoveReason


def rehung(
    territory_id: UUID,
    before: Mapping[UUID, UUID | None],
    after: Mapping[UUID, UUID | None],
) -> Rehung | None:
    """Return how a territory moves with all that is in it; None where it stays as it hangs."""
    here: UUID | None = territory_id
    while here is not None and here in before:
        if here not in after:
            return Rehung(here, before[here], None, SeatMoveReason.LEFT_OUT)
        if before[here] != after[here]:
            return Rehung(here, before[here], after[here], SeatMoveReason.REHUNG)
        here = before[here]
    return None
