"""The closed lists that rules and tables of the territories share."""

from enum import StrEnum


class TraitKind(StrEnum):
    """What a trait of a customer is stated in."""

    FLAG = "FLAG"
    NUMBER = "NUMBER"
    WORD = "WORD"


class SeatMoveReason(StrEnum):
    """Why a model would have a seat elsewhere."""

    REHUNG = "REHUNG"
    LEFT_OUT = "LEFT_OUT"


class MoveReason(StrEnum):
    """Why a model would have a customer elsewhere."""

    LISTED = "LISTED"
    RULE = "RULE"
    BACK = "BACK"
    ABOVE = "ABOVE"
    LEFT_OUT = "LEFT_OUT"
