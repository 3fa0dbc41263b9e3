"""Where a campaign is on a day, and whether it can have brought a visitor (3-3)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Days:
    """A campaign's days; `cancelled_on` is the first on which it brings nobody any more."""

    first_on: date
    last_on: date
    cancelled_on: date | None

    @property
    def ran_to(self) -> date:
        """Return the last day on which it brings somebody."""
        if self.cancelled_on is None:
            return self.last_on
        return min(self.last_on, self.cancelled_on - timedelta(days=1))

    def brings_on(self, day: date) -> bool:
        """Tell whether a visit of the day may be its."""
        return self.first_on <= day <= self.ran_to

    def state_on(self, day: date) -> str:
        """Return PLANNED, RUNNING, ENDED or CANCELLED: what its days say, whatever ran late."""
        if self.cancelled_on is not None and self.cancelled_on <= day:
            return "CANCELLED"
        if day < self.first_on:
            return "PLANNED"
        return "RUNNING" if day <= self.last_on else "ENDED"


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a campaign is for: these sites, else those of a territory, else all.

    Attributes:
        territories: the territory and all below it.
    """

    site_ids: Collection[UUID]
    territories: Collection[UUID] | None

    def has(self, site_id: UUID, territory_id: UUID | None) -> bool:
        """Tell whether a site, which lies in a territory, is reached."""
        if self.site_ids:
            return site_id in self.site_ids
        return self.territories is None or territory_id in self.territories
