"""The kinds of answers an explanation can give."""

from enum import StrEnum


class Says(StrEnum):
    """Every kind of answer there is."""

    GRANTED = "granted"
    GRANTED_FOR_ABSENT = "granted for absent"
    FOUR_EYES = "four eyes"
    FOUR_EYES_FOR_ABSENT = "four eyes for absent"
    FORBIDDEN = "forbidden"
    OVER_LIMIT = "over limit"
    NO_FIGURE = "no figure"
    OUT_OF_SCOPE = "out of scope"
    NOT_DELEGATED = "not delegated"
    NO_DUTY = "no duty"
    NO_DUTY_BUT = "no duty but"
