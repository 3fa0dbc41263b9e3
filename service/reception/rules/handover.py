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
_HIS_OWN = {"OLD_CUSTOMER": "OWN_RETURN", "NAMED_REP": "NAMED", "DAY_OFF": "TURN", "NONE": "TURN"}
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
) -> Handover:
    """Return what a visit becomes in another rep's hands.

    Args:
        receiver_id: who receives now.
        owner_id: whose customer the visitor was decided to be.
        received_for: the former receiver was not that owner; then the customer stays the owner's.
        mode: how he was received until now.
        obligation: why somebody received for another.
    """
    if mode == _SURVEY and owner_id is None:
        # A competitor is nobody's customer, whoever shows him round.
        return Handover(None, mode, "NONE")
    if not received_for or owner_id is None:
        return Handover(receiver_id, _ORDINARY.get(mode, mode), "NONE")
    if owner_id == receiver_id:
        return Handover(owner_id, _HIS_OWN[obligation], "NONE")
    return Handover(owner_id, "OBLIGATORY", "OLD_CUSTOMER" if obligation == "NONE" else obligation)
