"""What happened to scorecards and bonus schemes."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ScorecardChanged:
    """A scorecard was made, or its end was set."""

    scorecard_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The scorecard."""
        return self.scorecard_id


@dataclass(frozen=True, slots=True)
class BonusSchemeChanged:
    """A bonus scheme was made, or its end was set."""

    scheme_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The scheme."""
        return self.scheme_id
