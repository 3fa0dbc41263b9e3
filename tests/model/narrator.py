"""Who tells a story: what he has said, what the second showroom makes of it, and his chances."""

import random
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tests.model.showroom import REPS, Model
from tests.model.tables import Policy

CUSTOMERS = ("Wang", "Li", "Zhao", "Sun", "Qian", "Zhou")
UNITS = ("8-301", "9-502")
KINDS = ("spouse", "parent", "child", "sibling", "superior", "subordinate", "colleague")
_MONDAY = datetime(2026, 3, 2, 8, 30)


class Narrator:
    """Says one step after another; the second showroom plays along."""

    def __init__(self, chance: random.Random, policy: Mapping[str, Any], number: int) -> None:
        self.chance = chance
        # Each customer has two numbers, and everybody's are known from the beginning.
        self.numbers = {
            customer: [str(number * 100 + position * 2 + extra) for extra in (1, 2)]
            for position, customer in enumerate(CUSTOMERS)
        }
        self.model = Model(Policy(policy), self.numbers)
        self.steps: list[str] = []
        self.at = _MONDAY
        self.counts = dict.fromkeys("vkdx", 0)

    def _say(self, text: str) -> dict[str, str]:
        step = f"{self.at:%m-%d %H:%M} {text}"
        self.steps.append(step)
        return self.model.play(step)

    def _some(self, things: Any) -> Any:
        found = list(things)
        return self.chance.choice(found) if found else None

    def _reps(self) -> list[str]:
        return [name for name in REPS if name not in self.model.floor.gone]

    def _maybe(self, share: float, text: str) -> str:
        return text if self.chance.random() < share else ""

    def _fresh(self, letter: str) -> str:
        self.counts[letter] += 1
        return f"{letter}{self.counts[letter]}"

    def _here(self) -> list[str]:
        floor = self.model.floor
        today = self.at.date()
        return [
            name
            for name, visit in floor.visits.items()
            if visit.left is None and visit.arrived.date() == today
        ]

    def _tel(self, customer: str) -> str:
        one, other = self.numbers[customer]
        return self.chance.choices((one, other, f"{one},{other}"), (6, 2, 2))[0]
