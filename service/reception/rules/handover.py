"""Whose visitor it is once a manager has given him to another rep. Pure."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Handover:
    """Owner, mode and obligation of a visit after it changed hands."""

    owner_id: UUID | None
    mode: str
    obligation: str


# What a reception for another becomes when it is given to that very rep.
_HIS_OWN = {"OLD_CUSTOMER": "OWN_RETURN", "NAMED_REP": "NAMED", "DAY_OFF": "TURN"}
# Receptions by nobody, or for the company, become the new receiver's ordinary one.
_ORDINARY = {"WAIT": "TURN", "MANAGER": "TURN", "OBLIGATORY": "TURN"}
_SURVEY = "SURVEY"


def handed_over(
    receiver_id: UUID,
    *,
    owner_id: UUID | None,
    received_for: bool,
    mode: str,
    obligation: str,
    registered: bool,
) -> Handover:
    """Return what a visit becomes in another rep's hands.

    Args:
        receiver_id: who receives now.
        owner_id: whose customer the visitor was decided to be.
        received_for: the former receiver was not that owner; then the customer stays the owner's.
        mode: how he was received until now.
        obligation: why somebody received for another.
        registered: he was somebody's old customer when that was decided. Who was nobody's, and
            waits for a rep, waits for whom he named.
    """
    if mode == _SURVEY and owner_id is None:
        # A competitor is nobody's customer, whoever shows him round.
        return Handover(None, mode, "NONE")
    if not received_for or owner_id is None:
        return Handover(receiver_id, _ORDINARY.get(mode, mode), "NONE")
    why = obligation
    if obligation == "NONE":
        why = "OLD_CUSTOMER" if registered else "NAMED_REP"
    if owner_id == receiver_id:
        return Handover(owner_id, _HIS_OWN[why], "NONE")
    return Handover(owner_id, "OBLIGATORY", why)
