"""What the commands of customers, and the arrivals above them, read of parties."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from service.customers.tables import IdentityKind
from service.database.session import Row, Session
from service.errors import FieldPath, NotFound
from service.identifiers import identifier
from service.policies.access import Record

# Joined into a statement that has `involved (id)`: the parties in question. $1 is the tenant.
PARTIES = """
(SELECT coalesce(jsonb_agg(jsonb_build_object(
    'id', p.id, 'full_name', p.full_name, 'owner_id', p.owner_id,
    'org_unit_id', p.org_unit_id, 'territory_id', p.territory_id, 'version', p.version,
    'identities', (SELECT coalesce(jsonb_agg(DISTINCT i.kind), '[]') FROM app.party_identity i
                   WHERE i.tenant_id = $1::uuid AND i.party_id = p.id),
    'phones', (SELECT coalesce(jsonb_agg(c.phone), '[]') FROM app.contact_point c
               WHERE c.tenant_id = $1::uuid AND c.party_id = p.id))), '[]')
 FROM app.party p
 WHERE p.tenant_id = $1::uuid AND p.id = ANY(ARRAY(SELECT id FROM involved)))
"""


@dataclass(frozen=True, slots=True)
class KnownParty:
    """A party as a command found it; `identities` are the kinds of what else identifies it."""

    id: UUID
    full_name: str | None
    owner_id: UUID | None
    org_unit_id: UUID | None
    territory_id: UUID | None
    version: int
    phones: tuple[str, ...]
    identities: frozenset[str] = frozenset()

    @property
    def record(self) -> Record:
        """The party as the duties see it."""
        return Record(self.owner_id, self.org_unit_id, self.territory_id)

    @property
    def document_known(self) -> bool:
        """Whether a document identifies it."""
        return bool(self.identities - {IdentityKind.FACE.value})

    @property
    def face_known(self) -> bool:
        """Whether a face does."""
        return IdentityKind.FACE.value in self.identities


def party_from(found: Row) -> KnownParty:
    """Read one entry of PARTIES."""
    return KnownParty(
        id=identifier(found["id"]),
        full_name=found["full_name"],
        owner_id=_id(found["owner_id"]),
        org_unit_id=_id(found["org_unit_id"]),
        territory_id=_id(found["territory_id"]),
        version=found["version"],
        phones=tuple(found["phones"]),
        identities=frozenset(found["identities"]),
    )


def _id(text: str | None) -> UUID | None:
    return identifier(text) if text else None


async def parties(session: Session, wanted: Sequence[tuple[UUID, FieldPath]]) -> list[KnownParty]:
    """Return parties in the order asked for, locked in the order of their ids.

    Raises:
        NotFound: one is missing; the field says which.
    """
    await session.fetch(
        "SELECT FROM app.party WHERE tenant_id = $1 AND id = ANY($2::uuid[])"
        " ORDER BY id FOR NO KEY UPDATE",
        session.tenant_id,
        [party_id for party_id, _ in wanted],
    )
    found = await session.fetch_value(
        f"WITH involved AS (SELECT unnest($2::uuid[]) AS id) SELECT {PARTIES}",
        session.tenant_id,
        [party_id for party_id, _ in wanted],
    )
    known = {party.id: party for party in map(party_from, found)}
    for party_id, field in wanted:
        if party_id not in known:
            raise NotFound(field=field)
    return [known[party_id] for party_id, _ in wanted]


async def holder_of(session: Session, phones: Sequence[str]) -> dict[str, UUID]:
    """Return whom each number identifies, those of nobody left out."""
    rows = await session.fetch(
        "SELECT phone, party_id FROM app.contact_point"
        " WHERE tenant_id = $1 AND phone = ANY($2::text[])",
        session.tenant_id,
        list(phones),
    )
    return {row["phone"]: row["party_id"] for row in rows}
