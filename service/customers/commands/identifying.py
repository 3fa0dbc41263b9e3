"""Commands on what identifies a customer: a document or a face is added, corrected, forgotten."""

from dataclasses import dataclass
from uuid import UUID

from service.customers import facts
from service.customers.errors import IdentityOfAnother
from service.customers.events import PartyIdentified
from service.customers.identities import (
    Document,
    Identity,
    holders_of,
    identities_of,
    write_identities,
)
from service.database.session import Row
from service.errors import FieldPath, InvalidInput, NotFound
from service.work import UnitOfWork

_PARTY = ("input", "partyId")
_IDENTITY = ("input", "identityId")
_ONE_OF = ("document", "faceReference")


@dataclass(frozen=True, slots=True)
class AddIdentity:
    """A customer has shown a document, or a device knows his face; one of the two is given."""

    party_id: UUID
    document: Document | None = None
    face_reference: str | None = None


@dataclass(frozen=True, slots=True)
class CorrectIdentity:
    """A document or a face was taken down wrongly; what is given stands in its place."""

    identity_id: UUID
    document: Document | None = None
    face_reference: str | None = None


@dataclass(frozen=True, slots=True)
class ForgetIdentity:
    """A document or a face is to identify the customer no more."""

    identity_id: UUID


async def add_identity(work: UnitOfWork, order: AddIdentity) -> UUID:
    """Let a document or a face identify a customer and return the party's id.

    What identifies him already stays as it is. Locks the party. Raises NotFound, Forbidden,
    InvalidInput, InvalidDocument, InvalidFaceReference, or IdentityOfAnother.
    """
    (party,) = await facts.parties(work, [(order.party_id, _PARTY)])
    work.authorise("party.edit", party.record)
    identity, field = await _given(work, order)
    holder = (await holders_of(work, [identity.digest])).get(identity.digest)
    if holder not in {None, party.id}:
        raise IdentityOfAnother(field=field)
    work.concerns("party", party.id, identity=identity.kind)
    if holder is None:
        write_identities(work, party.id, [identity])
        work.emit(PartyIdentified(party.id))
    return party.id


async def correct_identity(work: UnitOfWork, order: CorrectIdentity) -> UUID:
    """Put what is given in the place of what was wrong and return the party's id.

    Nothing of the wrong one is kept but, in the audit, that there was one. Locks the party.
    Raises as `add_identity`.
    """
    old = await _known(work, order.identity_id)
    identity, field = await _given(work, order)
    holder = (await holders_of(work, [identity.digest])).get(identity.digest)
    if holder not in {None, old["party_id"]}:
        raise IdentityOfAnother(field=field)
    if identity.digest != old["digest"]:
        _forget(work, order.identity_id)
        if holder is None:
            write_identities(work, old["party_id"], [identity])
        work.emit(PartyIdentified(old["party_id"]))
    work.concerns("party", old["party_id"], former=old["kind"], identity=identity.kind)
    return UUID(str(old["party_id"]))


async def forget_identity(work: UnitOfWork, order: ForgetIdentity) -> UUID:
    """Delete a document or a face and return the party's id; he is not known by it again.

    Registrations made under it stand. Locks the party. Raises NotFound or Forbidden.
    """
    old = await _known(work, order.identity_id)
    _forget(work, order.identity_id)
    work.concerns("party", old["party_id"], former=old["kind"])
    work.emit(PartyIdentified(old["party_id"]))
    return UUID(str(old["party_id"]))


async def _known(work: UnitOfWork, identity_id: UUID) -> Row:
    """Return what is kept of a document or a face, its party locked and the duties asked."""
    row = await work.fetch_one(
        "SELECT id, party_id, kind, digest FROM app.party_identity"
        " WHERE tenant_id = $1 AND id = $2",
        work.tenant_id,
        identity_id,
    )
    if row is None:
        raise NotFound(field=_IDENTITY)
    (party,) = await facts.parties(work, [(row["party_id"], _IDENTITY)])
    work.authorise("party.edit", party.record)
    return row


async def _given(
    work: UnitOfWork, order: AddIdentity | CorrectIdentity
) -> tuple[Identity, FieldPath]:
    """Return the one document or face an order is about, and where it stands in the input."""
    field: FieldPath = ("input", "document" if order.document else "faceReference")
    if (order.document is None) == (not order.face_reference):
        raise InvalidInput(expected="ONE_OF", choices=_ONE_OF, field=field)
    documents = () if order.document is None else (order.document,)
    region = work.tenant.phone_region
    (identity,) = await identities_of(
        work, documents, order.face_reference, region, documents_at=("input", "document")
    )
    return identity, field


def _forget(work: UnitOfWork, identity_id: UUID) -> None:
    work.write(
        "party_identity",
        "DELETE FROM app.party_identity WHERE tenant_id = {}::uuid AND id = {}::uuid",
        work.tenant_id,
        identity_id,
    )
