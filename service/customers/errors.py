"""What the customers feature says no with, and which of the database's refusals it knows."""

from dataclasses import dataclass
from typing import ClassVar

from service.database.constraints import lost_race
from service.errors import Refusal

lost_race("party_identity_digest_key")
# One number identifies one party. Who loses the race for it runs again and finds the winner's.
lost_race("contact_point_phone_key")


@dataclass(eq=False, kw_only=True)
class PhoneOfAnother(Refusal):
    """The number already identifies another customer of the tenant."""

    code: ClassVar[str] = "PHONE_OF_ANOTHER_CUSTOMER"

    number: str


@dataclass(eq=False, kw_only=True)
class TooManyTakenNumbers(Refusal):
    """Somebody was told too often in an hour that a number is another customer's."""

    code: ClassVar[str] = "TOO_MANY_TAKEN_NUMBERS"

    most: int


@dataclass(eq=False, kw_only=True)
class IdentityOfAnother(Refusal):
    """The document or the face already identifies another customer of the tenant."""

    code: ClassVar[str] = "IDENTITY_OF_ANOTHER_CUSTOMER"


@dataclass(eq=False, kw_only=True)
class InvalidDocument(Refusal):
    """The number is not one of a document of that kind."""

    code: ClassVar[str] = "INVALID_DOCUMENT"


@dataclass(eq=False, kw_only=True)
class InvalidFaceReference(Refusal):
    """What should name a face is no name."""

    code: ClassVar[str] = "INVALID_FACE_REFERENCE"


@dataclass(eq=False, kw_only=True)
class RelatedToHimself(Refusal):
    """A customer cannot be linked with himself."""

    code: ClassVar[str] = "RELATED_TO_HIMSELF"
