"""What the rulebooks feature says no with."""

from dataclasses import dataclass
from typing import ClassVar

from service.errors import Refusal


@dataclass(eq=False, kw_only=True)
class NoRulebookInForce(Refusal):
    """No published version of the rulebook is in force at this instant."""

    code: ClassVar[str] = "NO_RULEBOOK_IN_FORCE"
