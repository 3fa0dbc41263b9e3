"""What identifies a customer besides his numbers: documents and faces, kept by hash (TR-2).

A document's number and a face's reference are never stored. Of both a keyed hash is, under a key
that is the tenant's alone, and of a document the last characters, for people to tell it by.
"""

import hmac
import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from service.customers.errors import InvalidDocument, InvalidFaceReference
from service.customers.tables import IdentityKind, PartyIdentity
from service.errors import FieldPath
from service.work import UnitOfWork

_DOCUMENT = re.compile(r"[0-9A-Z]{4,32}", re.ASCII)
_RESIDENT = re.compile(r"[0-9]{17}[0-9X]", re.ASCII)
# Too short for a template of a face, which must never come here.
_FACE = re.compile(r"[0-9A-Za-z._:@/+=-]{1,128}", re.ASCII)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_SHOWN = 4
_CHINA = "CN"
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Document:
    """An identity document as a command was given it.

    Attributes:
        kind: a word of IdentityKind, but no FACE.
        number: as it is written on it; blanks and hyphens do not matter.
    """

    kind: str
    number: str


@dataclass(frozen=True, slots=True)
class Identity:
    """What is kept of a document or a face.

    Attributes:
        digest: the keyed hash, which finds its customer again.
        shown: a document's number without all but its last characters; null of a face.
    """

    kind: str
    digest: str
    shown: str | None


async def identities_of(
    work: UnitOfWork,
    documents: Sequence[Document],
    face_reference: str | None,
    region: str,
    *,
    documents_at: FieldPath = ("input", "documents"),
) -> tuple[Identity, ...]:
    """Return what is kept of what a customer showed, each once; a tenant's first makes its key.

    Args:
        work: the unit of work.
        documents: those he showed.
        face_reference: what a device names his face by.
        region: two-letter country whose identity cards have the form that is asked for.
        documents_at: where in the input the documents stand, or the only one.

    Raises:
        InvalidDocument, InvalidFaceReference.
    """
    if not documents and not face_reference:
        return ()
    numbers = []
    for position, one in enumerate(documents):
        at = documents_at if documents_at[-1] == "document" else (*documents_at, str(position))
        numbers.append((one.kind, document_text(one, region, at)))
    face = None
    if face_reference:
        face = face_text(face_reference, (*documents_at[:-1], "faceReference"))
    key = await _key(work)
    found = [
        Identity(kind, _digest(key, kind, number), _masked(number)) for kind, number in numbers
    ]
    if face is not None:
        kind = IdentityKind.FACE.value
        found.append(Identity(kind, _digest(key, kind, face), None))
    return tuple({one.digest: one for one in found}.values())


def document_text(document: Document, region: str, field: FieldPath) -> str:
    """Return a document's number in its one form.

    Raises:
        InvalidDocument: it has none; a resident's card of China has a check digit.
    """
    text = unicodedata.normalize("NFKC", document.number).upper()
    text = re.sub(r"[\s-]", "", text)
    good = _DOCUMENT.fullmatch(text) is not None and document.kind != IdentityKind.FACE
    if document.kind == IdentityKind.ID_CARD and region == _CHINA:
        good = _RESIDENT.fullmatch(text) is not None and check_of(text[:-1]) == text[-1]
    if not good:
        raise InvalidDocument(field=(*field, "number"))
    return text


def face_text(reference: str, field: FieldPath) -> str:
    """Return what a device names a face by.

    Raises:
        InvalidFaceReference: it is no name but, for instance, a template.
    """
    text = reference.strip()
    if not _FACE.fullmatch(text):
        raise InvalidFaceReference(field=field)
    return text


def check_of(digits: str) -> str:
    """Return the check character that follows the seventeen digits of a resident's card."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    return _CHECKS[total % len(_CHECKS)]


def _masked(number: str) -> str:
    shown = min(_SHOWN, len(number) // 2)
    return "*" * (len(number) - shown) + number[-shown:]


def _digest(key: bytes, kind: str, text: str) -> str:
    return hmac.digest(key, f"{kind}:{text}".encode(), "sha256").hex()


async def _key(work: UnitOfWork) -> bytes:
    """Return the tenant's key; the first of two that make it at once wins."""
    key: bytes | None = await work.fetch_value(
        "SELECT key FROM app.identity_secret WHERE tenant_id = $1", work.tenant_id
    )
    if key is None:
        made: bytes = await work.fetch_value(
            "INSERT INTO app.identity_secret (tenant_id, id, key) VALUES ($1, $2, $3)"
            " ON CONFLICT (tenant_id) DO UPDATE SET tenant_id = excluded.tenant_id RETURNING key",
            work.tenant_id,
            work.new_id(),
            secrets.token_bytes(_KEY_BYTES),
        )
        return made
    return key


def write_identities(work: UnitOfWork, party_id: UUID, identities: Sequence[Identity]) -> None:
    """Write documents and faces of a party inside another command; none may be known already."""
    work.add(
        *(
            PartyIdentity(
                tenant_id=work.tenant_id,
                id=work.new_id(),
                party_id=party_id,
                kind=one.kind,
                digest=one.digest,
                shown=one.shown,
                created_at=work.now,
                created_by=work.caller.member_id,
            )
            for one in identities
        )
    )


async def holders_of(work: UnitOfWork, digests: Sequence[str]) -> dict[str, UUID]:
    """Return whom each document or face identifies, those of nobody left out."""
    if not digests:
        return {}
    rows = await work.fetch(
        "SELECT digest, party_id FROM app.party_identity WHERE tenant_id = $1"
        " AND digest = ANY($2::text[])",
        work.tenant_id,
        list(digests),
    )
    return {row["digest"]: row["party_id"] for row in rows}
