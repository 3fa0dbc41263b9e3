"""What happens in the organisation that others must know of."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class MemberJoined:
    """A member was entered."""

    member_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The member."""
        return self.member_id


@dataclass(frozen=True, slots=True)
class MemberLeft:
    """A member left; his offices ended with it, and he cannot sign in any more."""

    member_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The member."""
        return self.member_id


@dataclass(frozen=True, slots=True)
class RightsChanged:
    """Roles, duties, offices or a tree changed: who may do what is another since."""

    changed_id: UUID

    @property
    def subject_id(self) -> UUID:
        """The role, duty, office, unit or territory."""
        return self.changed_id
