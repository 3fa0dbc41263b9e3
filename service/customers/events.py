"""What happens to customers."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PartyCreated:
    """A customer was met for the first time."""

    party_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The party."""
        return self.party_id


@dataclass(frozen=True, slots=True)
class PartyEdited:
    """A customer's name, kind or what is known of him was changed."""

    party_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The party."""
        return self.party_id


@dataclass(frozen=True, slots=True)
class PhoneAdded:
    """A customer is reached at one more number."""

    party_id: UUID
    contact_point_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The party."""
        return self.party_id


@dataclass(frozen=True, slots=True)
class PhoneRemoved:
    """A number turned out not to be a customer's."""

    party_id: UUID
    contact_point_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The party."""
        return self.party_id


@dataclass(frozen=True, slots=True)
class PartyIdentified:
    """A document or a face became known of a customer, or was corrected or forgotten."""

    party_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The party."""
        return self.party_id


@dataclass(frozen=True, slots=True)
class PartiesLinked:
    """Two customers are known to be related."""

    relation_id: UUID
    party_id: UUID
    other_party_id: UUID
    kind: str
    unit_code: str | None

    @property
    def subject_id(self) -> UUID:
        """The party from which the relation is read."""
        return self.party_id


@dataclass(frozen=True, slots=True)
class AccountMoved:
    """A customer belongs to another territory since more is known of him.

    Attributes:
        since: the company's day on which that was.
    """

    party_id: UUID
    territory_id: UUID
    since: date

    @property
    def subject_id(self) -> UUID:
        """The party."""
        return self.party_id


@dataclass(frozen=True, slots=True)
class AccountsMoved:
    """Customers belong to other territories since a model came into force."""

    territory_model_id: UUID
    count: int

    @property
    def subject_id(self) -> UUID:
        """The model."""
        return self.territory_model_id
