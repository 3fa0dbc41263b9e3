"""Everything the decision of an arrival asks for, in one statement."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from service.campaigns.facts import CAMPAIGN, Named, named_from
from service.customers.errors import InvalidDocument, InvalidFaceReference
from service.customers.facts import PARTIES, KnownParty, party_from
from service.customers.identities import Document, Identity, identities_of
from service.customers.rules import Phone, phones_of
from service.errors import NotFound, Refusal, Refusals
from service.identifiers import identifier
from service.organisation.queries import OFFICES, Office
from service.ownership.facts import REGISTRATIONS_OF
from service.ownership.rules import Known, Relation, known_from
from service.reception.facts.floor import (
    FLOOR,
    HERE,
    Floor,
    QueueRow,
    floor_from,
    locked_queue,
)
from service.work import UnitOfWork

# $5 numbers, $6 the party meant, $7 the referrer, $8 who takes him, $9 what documents and faces are
# kept as, $10 the visit he came together with; the rest as in FLOOR.
_FACTS = f"""
WITH {HERE},
found AS (
    SELECT c.party_id AS id, 'PHONE' AS by, c.phone AS value FROM app.contact_point c
    WHERE c.tenant_id = $1::uuid AND c.phone = ANY($5::text[])
    UNION ALL SELECT i.party_id, CASE i.kind WHEN 'FACE' THEN 'FACE' ELSE 'DOCUMENT' END, i.digest
    FROM app.party_identity i WHERE i.tenant_id = $1::uuid AND i.digest = ANY($9::text[])
    UNION ALL SELECT p.id, 'DESK', '' FROM app.party p
    WHERE p.tenant_id = $1::uuid AND p.id = $6::uuid
),
matched AS (SELECT DISTINCT id FROM found),
related AS (
    SELECT r.party_id, r.other_party_id, r.kind, r.unit_code FROM app.party_relation r
    WHERE r.tenant_id = $1::uuid AND r.party_id = ANY(ARRAY(SELECT id FROM matched))
    UNION SELECT r.party_id, r.other_party_id, r.kind, r.unit_code FROM app.party_relation r
    WHERE r.tenant_id = $1::uuid AND r.other_party_id = ANY(ARRAY(SELECT id FROM matched))
),
involved AS (
    SELECT id FROM matched
    UNION SELECT party_id FROM related
    UNION SELECT other_party_id FROM related
    UNION SELECT p.id FROM app.party p WHERE p.tenant_id = $1::uuid AND p.id = $7::uuid
)
SELECT {FLOOR},
(SELECT coalesce(jsonb_agg(jsonb_build_array(id, by, value)), '[]') FROM found) AS found,
(SELECT coalesce(jsonb_agg(to_jsonb(related)), '[]') FROM related) AS relations,
{PARTIES} AS parties,
{REGISTRATIONS_OF.format(parties="(SELECT array_agg(id) FROM involved)")} AS registrations,
(SELECT coalesce(jsonb_agg(DISTINCT k.taker_id), '[]') FROM app.call_record k
 WHERE k.tenant_id = $1::uuid AND k.site_id = $2::uuid AND k.phone = ANY($5::text[])
) AS call_takers,
(SELECT coalesce(jsonb_agg(k.id ORDER BY k.id), '[]') FROM app.call_record k
 WHERE k.tenant_id = $1::uuid AND k.site_id = $2::uuid AND k.phone = ANY($5::text[])
) AS calls,
(SELECT coalesce(jsonb_object_agg(d.from_member_id, d.to_member_id ORDER BY d.valid_from), '{{}}')
 FROM app.delegation d
 WHERE d.tenant_id = $1::uuid AND d.to_member_id = ANY($4::uuid[]) AND d.ended_at IS NULL
   AND d.valid_from <= $3::timestamptz AND d.valid_until > $3::timestamptz) AS buddies,
(SELECT jsonb_build_array(CASE WHEN v.left_at IS NULL THEN v.receiver_id END) FROM app.visit v
 WHERE v.tenant_id = $1::uuid AND v.id = $10::uuid AND v.site_id = $2::uuid
   AND v.reception_day = (SELECT day FROM here)) AS companion,
{OFFICES.format(members="$8", at="$3")} AS taker_offices
"""
# Most arrivals name no campaign, and their statement does not look for one.
_FACTS_AND_CAMPAIGN = f"{_FACTS}, {CAMPAIGN.format(campaign='$11')} AS campaign"
_MOST_SITES = 4096

# Numbers are read by the plan of the site's country, and looked up by the statement that brings
# it. The region a site had last is the first guess; a wrong one costs one more statement.
_regions: OrderedDict[tuple[UUID, UUID], str] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Asked:
    """What an arrival names: records to be found, and numbers as they were written."""

    site_id: UUID
    phones: Sequence[str]
    party_id: UUID | None = None
    named_member_id: UUID | None = None
    taken_by_id: UUID | None = None
    referrer_party_id: UUID | None = None
    documents: Sequence[Document] = ()
    face_reference: str | None = None
    digests: Sequence[str] = ()
    together_with_id: UUID | None = None
    campaign_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A party that was found.

    Attributes:
        by: PHONE, DOCUMENT, FACE, or DESK where the desk itself says who he is.
        value: the number, or what the document or the face is kept as.
    """

    party_id: UUID
    by: str
    value: str


@dataclass(frozen=True, slots=True)
class ArrivalFacts:
    """A site and a visitor at an instant.

    Attributes:
        phones: the visitor's numbers, normalised.
        identities: what is kept of the documents and the face he showed.
        findings: whom all of them, or the desk, point to.
        parties: all parties involved, relatives and the referrer too.
        call_takers: who has taken a call of one of the numbers at this site.
        calls: those calls.
        buddies: who stands in for whom now, as delegated, among the queue's members.
        taker_offices: what the rep who takes the visitor holds himself.
        companion_known: the visit he came with is one of today's here.
        companion_rep_id: who receives it, while it lasts.
        campaign: the campaign that is said to have brought him.
    """

    floor: Floor
    phones: tuple[Phone, ...]
    identities: tuple[Identity, ...]
    findings: tuple[Finding, ...]
    relations: tuple[Relation, ...]
    parties: Mapping[UUID, KnownParty]
    registrations: tuple[Known, ...]
    call_takers: frozenset[UUID]
    calls: tuple[UUID, ...]
    buddies: Mapping[UUID, UUID]
    taker_offices: tuple[Office, ...] = ()
    companion_known: bool = False
    companion_rep_id: UUID | None = None
    campaign: Named | None = None


async def arrival(work: UnitOfWork, asked: Asked, row: QueueRow | None = None) -> ArrivalFacts:
    """Read a site and a visitor behind the lock of the queue: one statement.

    Args:
        work: the unit of work.
        asked: what the arrival names.
        row: the queue, where the command has locked it by another way than the order's anchor.

    Raises:
        NotFound: no such site.
        Refusals: whatever else of the input is missing or malformed, all of it together.
    """
    row = row or await locked_queue(work, asked.site_id)
    key = (work.tenant_id, asked.site_id)
    region = _regions.get(key, work.tenant.phone_region)
    while True:
        phones, refused = _phones(asked, region)
        identities, faulty = await _identities(work, asked, region)
        found = await work.fetch_only(
            _FACTS if asked.campaign_id is None else _FACTS_AND_CAMPAIGN,
            work.tenant_id,
            asked.site_id,
            work.now,
            [*row.member_ids, *filter(None, (asked.named_member_id, asked.taken_by_id))],
            [phone.number for phone in phones],
            asked.party_id,
            asked.referrer_party_id,
            [asked.taken_by_id] if asked.taken_by_id else [],
            [*asked.digests, *(one.digest for one in identities)],
            asked.together_with_id,
            *filter(None, (asked.campaign_id,)),
        )
        floor = floor_from(found, row)
        _remember(key, floor.site.phone_region)
        if floor.site.phone_region == region or not (asked.phones or asked.documents):
            break
        region = floor.site.phone_region
    facts = ArrivalFacts(
        floor=floor,
        phones=phones,
        identities=identities,
        findings=tuple(
            Finding(identifier(party_id), by, value) for party_id, by, value in found["found"]
        ),
        relations=tuple(_relation(each) for each in found["relations"]),
        parties={party.id: party for party in map(party_from, found["parties"])},
        registrations=tuple(known_from(each) for each in found["registrations"]),
        call_takers=frozenset(identifier(member_id) for member_id in found["call_takers"]),
        calls=tuple(identifier(call_id) for call_id in found["calls"]),
        buddies={identifier(one): identifier(other) for one, other in found["buddies"].items()},
        taker_offices=tuple(tuple(office) for office in found["taker_offices"]),
        companion_known=found["companion"] is not None,
        companion_rep_id=_member(found["companion"]),
        campaign=_campaign(work, asked, found),
    )
    faults = [*refused, *faulty, *_missing(facts, asked)]
    if faults:
        raise Refusals(faults)
    return facts


def _phones(asked: Asked, region: str) -> tuple[tuple[Phone, ...], tuple[Refusal, ...]]:
    try:
        return phones_of(asked.phones, region), ()
    except Refusals as refusals:
        return (), refusals.refusals


async def _identities(
    work: UnitOfWork, asked: Asked, region: str
) -> tuple[tuple[Identity, ...], tuple[Refusal, ...]]:
    try:
        return await identities_of(work, asked.documents, asked.face_reference, region), ()
    except (InvalidDocument, InvalidFaceReference) as refusal:
        return (), (refusal,)


def _remember(key: tuple[UUID, UUID], region: str) -> None:
    _regions[key] = region
    _regions.move_to_end(key)
    if len(_regions) > _MOST_SITES:
        _regions.popitem(last=False)


def _missing(facts: ArrivalFacts, asked: Asked) -> list[Refusal]:
    """Name every record that is not in sight; another tenant's answer like missing ones."""
    members = {"namedMemberId": asked.named_member_id, "takenById": asked.taken_by_id}
    parties = {"partyId": asked.party_id, "referrerPartyId": asked.referrer_party_id}
    missing = [name for name, one in members.items() if one and one not in facts.floor.members]
    missing += [name for name, one in parties.items() if one and one not in facts.parties]
    if asked.together_with_id is not None and not facts.companion_known:
        missing.append("togetherWithId")
    if asked.campaign_id is not None and facts.campaign is None:
        missing.append("campaignId")
    return [NotFound(field=("input", name)) for name in missing]


def _campaign(work: UnitOfWork, asked: Asked, found: Mapping[str, Any]) -> Named | None:
    campaign = None if asked.campaign_id is None else found["campaign"]
    return None if campaign is None else named_from(work, campaign)


def _member(companion: Sequence[str | None] | None) -> UUID | None:
    rep = companion[0] if companion else None
    return identifier(rep) if rep else None


def _relation(found: Mapping[str, Any]) -> Relation:
    return Relation(
        party_id=identifier(found["party_id"]),
        other_party_id=identifier(found["other_party_id"]),
        kind=str(found["kind"]),
        unit_code=found["unit_code"],
    )
