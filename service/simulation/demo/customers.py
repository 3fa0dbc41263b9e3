"""The customers of a demo site, as the people of the story know them, and whom they meet next."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from service.simulation.lending import Chance


@dataclass(slots=True)
class Customer:
    """Somebody who may come, call, be registered and buy.

    Attributes:
        owner_id: the rep in whose register he stands.
        registration_id: his entry there.
        other_entry: entry and rep of the same person under another number: what a claim rests on.
        last_met: when anybody last had to do with him.
    """

    name: str
    phones: list[str]
    item: str
    party_id: UUID | None = None
    owner_id: UUID | None = None
    registration_id: UUID | None = None
    other_entry: tuple[UUID, UUID] | None = None
    call_taker_id: UUID | None = None
    last_met: date | None = None
    visits: int = 0
    bought: bool = False


@dataclass(slots=True)
class Circle:
    """Everybody a site knows."""

    known: list[Customer] = field(default_factory=list)
    callers: list[Customer] = field(default_factory=list)
    to_follow: dict[date, list[Customer]] = field(default_factory=dict)

    def returning(self, chance: Chance, today: date, within: int) -> Customer | None:
        """Pick somebody who may come again today: met of late, nothing bought yet."""
        able = [one for one in self.known if _may_return(one, today, within)]
        return chance.choice(able) if able else None

    def caller(self, chance: Chance) -> Customer | None:
        """Take one of those who have called and not come yet."""
        if not self.callers:
            return None
        return self.callers.pop(chance.randint(0, len(self.callers) - 1))

    def follow_on(self, day: date, customer: Customer) -> None:
        """Note that a customer is to be followed up on a day."""
        self.to_follow.setdefault(day, []).append(customer)


def _may_return(customer: Customer, today: date, within: int) -> bool:
    met = customer.last_met
    return not customer.bought and met is not None and 0 < (today - met).days <= within
