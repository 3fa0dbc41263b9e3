"""That something is not provably plannable, and why: a word that is counted."""

from typing import Literal

Reason = Literal[
    "ARGUMENT",
    "AUDITED",
    "CALLER",
    "DEFAULT",
    "FIELD",
    "INPUT_TYPE",
    "INTROSPECTION",
    "LITERAL",
    "NULLABLE",
    "OFF",
    "OPERATION",
    "STATEMENT",
    "TYPE",
    "VARIABLE",
]


class Unplannable(Exception):
    """The reference implementation answers this operation; it is no fault.

    Attributes:
        reason: what kind of thing is not planned, for the counter.
        what: the field or type, for whoever looks into it.
    """

    def __init__(self, reason: Reason, what: str = "") -> None:
        super().__init__(f"{reason} {what}".rstrip())
        self.reason = reason
        self.what = what
