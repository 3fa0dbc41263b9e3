"""The closed lists that rules and tables of the territories share."""

from enum import StrEnum


class TraitKind(StrEnum):
    """What a trait of a customer is stated in."""

    FLAG = "FLAG"
    NUMBER = "NUMBER"
    WORD = "WORD"


class MoveReason(StrEnum):
    """Why a model would have a customer elsewhere."""

    LISTED = "LISTED"
    RULE = "RULE"
    ABOVE = "ABOVE"
    LEFT_OUT = "LEFT_OUT"
