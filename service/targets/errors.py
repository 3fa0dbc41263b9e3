"""What the arithmetic of targets says no with."""

from dataclasses import dataclass
from typing import ClassVar

from service.errors import Refusal


@dataclass(eq=False, kw_only=True)
class LimitsNotReachable(Refusal):
    """Pins, floors and caps leave no way to reach the total; it is never cut silently (4.2)."""

    code: ClassVar[str] = "LIMITS_NOT_REACHABLE"

    total: int
    least: int
    most: int | None

    def values(self) -> dict[str, str]:
        """Return the total, and from where to where the children reach."""
        reach = {"total": str(self.total), "least": str(self.least)}
        return reach if self.most is None else {**reach, "most": str(self.most)}

    def worded(self, _locale: str) -> dict[str, str]:
        """Return how far they reach, as people write it."""
        return {"most": "∞"} | self.values()
