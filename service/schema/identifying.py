"""What identifies a customer besides his numbers: shown, corrected, forgotten."""

from collections.abc import Callable
from enum import Enum
from typing import Any, Final, TypeVar

import strawberry

from service.customers import commands
from service.customers.identities import Document
from service.schema.carry import Payload, the
from service.schema.customers import Party
from service.schema.mutation import CommandInput, command, given, optional, order_of, required

_FACE: Final = (
    "What a device names his face by, 1 to 128 characters; never a picture or a template. It is"
    " kept as a keyed hash."
)
_O = TypeVar("_O")


@strawberry.enum(description="What kind of document it is. Values are added.")
class DocumentKind(Enum):
    ID_CARD = strawberry.enum_value(
        "ID_CARD", description="An identity card; at a site in China, with a right check digit."
    )
    PASSPORT = strawberry.enum_value("PASSPORT", description="A passport.")
    TRAVEL_PERMIT = strawberry.enum_value(
        "TRAVEL_PERMIT",
        description="A travel permit, for instance of a resident of Hong Kong, Macau or Taiwan.",
    )


@strawberry.input(
    description="An identity document as it was shown. Its number is never stored: only a keyed"
    " hash that finds it again, and its last characters."
)
class IdentityDocumentInput:
    kind: DocumentKind = strawberry.field(
        default=DocumentKind.ID_CARD, description="What kind of document."
    )
    number: str = strawberry.field(
        description="4 to 32 letters and digits; blanks and hyphens do not matter."
    )


def document_of(sent: IdentityDocumentInput) -> Document:
    """Return a document as commands take it."""
    return Document(str(sent.kind.value), sent.number)


@strawberry.input(description="A customer shows a document, or a device knows his face.")
class AddIdentityInput(CommandInput):
    party_id: strawberry.ID = required("The party.")
    document: IdentityDocumentInput | None = optional("The document; or `faceReference`.")
    face_reference: str | None = optional(_FACE)


@strawberry.input(description="A document or a face was taken down wrongly.")
class CorrectIdentityInput(CommandInput):
    identity_id: strawberry.ID = required("The wrong one; it is deleted.")
    document: IdentityDocumentInput | None = optional("The document; or `faceReference`.")
    face_reference: str | None = optional(_FACE)


@strawberry.input(description="A document or a face is to identify its party no more.")
class ForgetIdentityInput(CommandInput):
    identity_id: strawberry.ID = required("The document or the face; it is deleted.")


@strawberry.type(description="`party` is null exactly when `errors` is not empty.")
class _OfParty(Payload):
    party: Party | None = strawberry.field(default=None, description="The party.")


@strawberry.type(description="`party` is null exactly when `errors` is not empty.")
class AddIdentityPayload(_OfParty):
    pass


@strawberry.type(description="`party` is null exactly when `errors` is not empty.")
class CorrectIdentityPayload(_OfParty):
    pass


@strawberry.type(description="`party` is null exactly when `errors` is not empty.")
class ForgetIdentityPayload(_OfParty):
    pass


def _order(kind: type[_O], **ids: str) -> Callable[[Any], _O]:
    def made(sent: Any) -> _O:  # noqa: ANN401 - an input of one of the two commands
        document = given(sent.document)
        more = {"document": None if document is None else document_of(document)}
        return order_of(kind, sent, ids, **more)

    return made


@strawberry.type
class IdentifyingMutation:
    add_identity: AddIdentityPayload = command(
        commands.add_identity,
        _order(commands.AddIdentity, party_id="party"),
        AddIdentityInput,
        AddIdentityPayload,
        the(party=Party),
        "Lets a document or a face identify a customer; adding it again changes nothing. Action"
        " `party.edit`.",
    )
    correct_identity: CorrectIdentityPayload = command(
        commands.correct_identity,
        _order(commands.CorrectIdentity, identity_id="party_identity"),
        CorrectIdentityInput,
        CorrectIdentityPayload,
        the(party=Party),
        "Puts another document or face in the place of a wrong one, of which nothing is kept but,"
        " in the audit, that there was one. Action `party.edit`.",
    )
    forget_identity: ForgetIdentityPayload = command(
        commands.forget_identity,
        lambda sent: order_of(commands.ForgetIdentity, sent, {"identity_id": "party_identity"}),
        ForgetIdentityInput,
        ForgetIdentityPayload,
        the(party=Party),
        "Deletes a document or a face, as its owner may ask: he is not known by it again, and what"
        " was registered stands. Action `party.edit`.",
    )
