"""Commands on customers: create, edit, add a number, link, reveal a number."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from service.customers import facts
from service.customers.commands.belonging import settle
from service.customers.commands.probing import refuse_probing
from service.customers.errors import PhoneOfAnother, RelatedToHimself
from service.customers.events import PartiesLinked, PartyCreated, PartyEdited, PhoneAdded
from service.customers.identities import Identity, write_identities
from service.customers.rules import Phone, RelationKind, phone_of, phones_of
from service.customers.tables import ContactPoint, Party, PartyKind, PartyRelation
from service.errors import InvalidInput, VersionConflict
from service.policies.access import Record
from service.policies.rulebooks.vocabulary.kinds import Value
from service.territories.routing import territory_of_newcomer
from service.work import UnitOfWork

_PARTY = ("input", "partyId")
_LONGEST_NAME = 200
_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class CreateParty:
    """Somebody enters a customer by hand; an arrival does it by itself.

    Attributes:
        territory_id: where he belongs; None leaves it to the territories in force.
    """

    full_name: str | None = None
    phones: tuple[str, ...] = ()
    kind: str = PartyKind.PERSON.value
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class EditParty:
    """A customer's name or kind is put right; None leaves it as it is."""

    party_id: UUID
    expected_version: int
    full_name: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class AddPhone:
    """A customer can be reached at one more number."""

    party_id: UUID
    phone: str


@dataclass(frozen=True, slots=True)
class LinkParties:
    """Two customers are family or work together, and may want the same unit (五(五)3).

    Attributes:
        kind: a word of RelationKind: what the party is to the other.
        unit_code: the unit both want, if known.
        evidence: what bears it out, e.g. "marriage certificate seen".
    """

    party_id: UUID
    other_party_id: UUID
    kind: str
    unit_code: str | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class RevealPhone:
    """Somebody asks for a customer's whole number; the purpose is kept with his name."""

    party_id: UUID
    purpose: str


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A party to be made inside another command's transaction."""

    full_name: str | None
    phones: Sequence[Phone]
    identities: Sequence[Identity] = ()
    owner_id: UUID | None = None
    org_unit_id: UUID | None = None
    territory_id: UUID | None = None
    kind: str = PartyKind.PERSON.value


@dataclass(frozen=True, slots=True)
class Met:
    """A customer as other commands go on with him, and the territory he belongs to."""

    id: UUID
    territory_id: UUID | None


async def create_party(work: UnitOfWork, order: CreateParty) -> UUID:
    """Enter a customer and return his id; who enters him is his first contact.

    Raises NotFound, Forbidden, InvalidPhone, PhoneOfAnother, or TooManyTakenNumbers.
    """
    owner = None if work.by_product else work.actor.member_id
    work.authorise("party.create", Record(owner, order.org_unit_id, order.territory_id))
    kind = _word(order.kind, PartyKind, "kind")
    territory_id = order.territory_id or await territory_of_newcomer(
        work, {"kind": kind, "owned": owner is not None}, None
    )
    phones = phones_of(order.phones, work.tenant.phone_region)
    if phones:
        await refuse_probing(work)
    held = await facts.holder_of(work, [phone.number for phone in phones])
    for phone in phones:
        if phone.number in held:
            field = ("input", "phones", str(phone.position))
            raise PhoneOfAnother(number=phone.number, field=field)
    party_id = add_party(
        work,
        Newcomer(
            full_name=_name(order.full_name),
            phones=phones,
            owner_id=owner,
            org_unit_id=order.org_unit_id,
            territory_id=territory_id,
            kind=kind,
        ),
    )
    work.concerns("party", party_id)
    return party_id


async def edit_party(work: UnitOfWork, order: EditParty) -> UUID:
    """Change a customer's name or kind; locks the party. Of another kind, he may belong elsewhere.

    Raises NotFound, Forbidden, or VersionConflict.
    """
    (party,) = await facts.parties(work, [(order.party_id, _PARTY)])
    work.authorise("party.edit", party.record)
    if party.version != order.expected_version:
        raise VersionConflict(current_version=party.version, field=("input", "expectedVersion"))
    wanted = {
        "full_name": _name(order.full_name),
        "kind": _word(order.kind, PartyKind, "kind") if order.kind else None,
    }
    changes = {column: value for column, value in wanted.items() if value is not None}
    work.change(Party, party.id, changes)
    if "full_name" in changes:
        _forget_name(work, party.id, changes["full_name"])
        _find_by_name(work, party.id, changes["full_name"])
    if changes.get("kind") is not None:
        await settle(work, party.id)
    work.concerns("party", party.id, changed=sorted(changes))
    work.emit(PartyEdited(party.id))
    return party.id


async def add_phone(work: UnitOfWork, order: AddPhone) -> UUID:
    """Add a number to a customer and return the party's id.

    Adding it again changes nothing but the extension, if another is given.

    Raises NotFound, Forbidden, InvalidPhone, PhoneOfAnother, or TooManyTakenNumbers.
    """
    (party,) = await facts.parties(work, [(order.party_id, _PARTY)])
    work.authorise("party.edit", party.record)
    field = ("input", "phone")
    phone = phone_of(order.phone, work.tenant.phone_region, field)
    await refuse_probing(work)
    holder = (await facts.holder_of(work, [phone.number])).get(phone.number)
    if holder not in {None, party.id}:
        raise PhoneOfAnother(number=phone.number, field=field)
    work.concerns("party", party.id)
    if holder is None:
        add_phones(work, party.id, [phone])
    else:
        note_extensions(work, [phone])
    return party.id


async def link_parties(work: UnitOfWork, order: LinkParties) -> UUID:
    """Record how two customers are related and return the relation's id; locks both.

    Whoever may link one of the two may link them. Raises NotFound, Forbidden, InvalidInput, or
    RelatedToHimself.
    """
    other_field = ("input", "otherPartyId")
    if order.party_id == order.other_party_id:
        raise RelatedToHimself(field=other_field)
    kind = _word(order.kind, RelationKind, "kind")
    both = await facts.parties(
        work, [(order.party_id, _PARTY), (order.other_party_id, other_field)]
    )
    own = [party for party in both if party.owner_id == work.actor.member_id]
    verdict = work.authorise("party.link", (own or both)[0].record)
    relation = PartyRelation(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        party_id=order.party_id,
        other_party_id=order.other_party_id,
        kind=kind,
        unit_code=order.unit_code,
        evidence=order.evidence,
        on_behalf_of_id=verdict.acts_as,
        created_at=work.now,
        created_by=work.caller.member_id,
    )
    work.add(relation)
    work.concerns("party", order.party_id, other=order.other_party_id, relation=kind)
    work.emit(
        PartiesLinked(relation.id, order.party_id, order.other_party_id, kind, order.unit_code)
    )
    return relation.id


async def reveal_phone(work: UnitOfWork, order: RevealPhone) -> UUID:
    """Let the caller see a customer's numbers and keep why; returns the party's id.

    The numbers are not part of the command's stored answer: the caller reads them with
    `queries.phones_of`, in the same transaction. Raises NotFound, Forbidden, or InvalidInput.
    """
    if not 1 <= len(order.purpose.strip()) <= _LONGEST_REASON:
        raise InvalidInput(
            expected="CHARACTERS", least=1, most=_LONGEST_REASON, field=("input", "purpose")
        )
    (party,) = await facts.parties(work, [(order.party_id, _PARTY)])
    work.authorise("party.reveal_phone", party.record)
    work.concerns("party", party.id, purpose=order.purpose.strip())
    return party.id


async def meet_party(work: UnitOfWork, newcomer: Newcomer) -> Met:
    """Make a party inside another command, in the territory the conditions in force name for him.

    Where they name none he is of the territory in which he is met.
    """
    known: dict[str, Value] = {"kind": newcomer.kind, "owned": newcomer.owner_id is not None}
    territory_id = await territory_of_newcomer(work, known, newcomer.territory_id)
    party_id = add_party(work, replace(newcomer, territory_id=territory_id))
    return Met(party_id, territory_id)


def add_party(work: UnitOfWork, newcomer: Newcomer) -> UUID:
    """Make a party inside another command, which has asked the duties; returns its id."""
    party = Party(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        kind=newcomer.kind,
        full_name=newcomer.full_name,
        owner_id=newcomer.owner_id,
        org_unit_id=newcomer.org_unit_id,
        territory_id=newcomer.territory_id,
        created_at=work.now,
        created_by=work.caller.member_id,
    )
    work.add(party)
    _find_by_name(work, party.id, party.full_name)
    _add_points(work, party.id, newcomer.phones)
    write_identities(work, party.id, newcomer.identities)
    work.emit(PartyCreated(party.id))
    return party.id


def add_phones(work: UnitOfWork, party_id: UUID, phones: Sequence[Phone]) -> None:
    """Give a party further numbers inside another command; none may be known already."""
    for point_id in _add_points(work, party_id, phones):
        work.emit(PhoneAdded(party_id, point_id))


def note_extensions(work: UnitOfWork, phones: Sequence[Phone]) -> None:
    """Keep the extensions that are given with numbers known already, inside another command."""
    for phone in phones:
        if phone.extension is not None:
            work.write(
                "contact_point",
                "UPDATE app.contact_point SET extension = {}::text, version = version + 1"
                " WHERE tenant_id = {}::uuid AND phone = {}::text"
                " AND extension IS DISTINCT FROM {}::text",
                phone.extension,
                work.tenant_id,
                phone.number,
                phone.extension,
            )


def _add_points(work: UnitOfWork, party_id: UUID, phones: Sequence[Phone]) -> list[UUID]:
    points = [
        ContactPoint(
            tenant_id=work.tenant_id,
            id=work.new_id(),
            party_id=party_id,
            phone=phone.number,
            extension=phone.extension,
            created_at=work.now,
            created_by=work.caller.member_id,
        )
        for phone in phones
    ]
    work.add(*points)
    return [point.id for point in points]


def name_party(work: UnitOfWork, party_id: UUID, full_name: str) -> None:
    """Give a party that was met without a name the name it turned out to have."""
    name = _name(full_name)
    work.change(Party, party_id, {"full_name": name})
    _find_by_name(work, party_id, name)


def _find_by_name(work: UnitOfWork, party_id: UUID, name: str | None) -> None:
    """Let a party be found by any part of its name."""
    if name is not None:
        work.write(
            "party_name_key",
            "INSERT INTO app.party_name_key (tenant_id, party_id, key)"
            " SELECT {}::uuid, {}::uuid, k.key FROM unnest(app.search_keys({}::text)) k (key)"
            " ON CONFLICT (tenant_id, party_id, key) DO NOTHING",
            work.tenant_id,
            party_id,
            name,
        )


def _forget_name(work: UnitOfWork, party_id: UUID, name: str) -> None:
    """Let a party no longer be found by parts that its new name does not have."""
    work.write(
        "party_name_key",
        "DELETE FROM app.party_name_key WHERE tenant_id = {}::uuid AND party_id = {}::uuid"
        " AND key <> ALL (app.search_keys({}::text))",
        work.tenant_id,
        party_id,
        name,
    )


def entrust_party(work: UnitOfWork, party_id: UUID, member_id: UUID) -> None:
    """Let a party be in sight of the member it now belongs to."""
    work.change(Party, party_id, {"owner_id": member_id})


def _name(full_name: str | None) -> str | None:
    """Return a name without blanks around it, or None when nothing is left."""
    name = (full_name or "").strip()
    if len(name) > _LONGEST_NAME:
        raise InvalidInput(
            expected="AT_MOST_CHARACTERS", most=_LONGEST_NAME, field=("input", "fullName")
        )
    return name or None


def _word(word: str, words: type[PartyKind] | type[RelationKind], field: str) -> str:
    if word not in {known.value for known in words}:
        choices = tuple(known.value for known in words)
        raise InvalidInput(expected="ONE_OF", choices=choices, field=("input", field))
    return word
