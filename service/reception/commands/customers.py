"""What the customer of a visit is written down as: in a register, and in a deal."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.campaigns.commands import moved
from service.customers.commands import (
    Met,
    Newcomer,
    add_phones,
    meet_party,
    name_party,
    note_extensions,
    refuse_probing,
)
from service.customers.errors import IdentityOfAnother, PhoneOfAnother
from service.customers.facts import KnownParty, holder_of
from service.customers.facts import parties as known_parties
from service.customers.identities import (
    Document,
    Identity,
    holders_of,
    identities_of,
    write_identities,
)
from service.customers.rules import Phone, phones_of
from service.customers.tables import IdentityKind
from service.errors import InvalidInput
from service.money import MOST_MINOR, is_currency
from service.ownership.commands import (
    ClosingVisit,
    CompanyVisit,
    Entry,
    enter_deal,
    enter_pool,
    enter_registration,
)
from service.ownership.rules import COMPANY
from service.policies.access import Record
from service.reception.commands.attributing import touched_by
from service.reception.errors import CustomerOfNobody, CustomerUnknown, NotOfCompany
from service.reception.facts.visits import VISIT_FIELD, VisitFacts, queue_of_visit, visit
from service.reception.tables import SurveyStatus, Visit, VisitParty
from service.rulebooks.in_force import version
from service.territories.routing import territory_of_lead
from service.work import UnitOfWork

_FIELDS = {IdentityKind.FACE.value: "faceReference"}
_SURVEYS = frozenset({SurveyStatus.DECLARED.value, SurveyStatus.EXPOSED.value})


@dataclass(frozen=True, slots=True)
class RegisterCustomer:
    """The visit's customer is entered in its owner's register (TR-1).

    Attributes:
        full_name, phones: what the register's line says. None leaves it to what the customer and
            the desk have given already; an empty text, or no number at all, says that he gives
            none, and then the entry lacks it.
        document, face_reference: what he shows besides; it is added to what he is known by.
    """

    visit_id: UUID
    full_name: str | None = None
    phones: tuple[str, ...] | None = None
    document: Document | None = None
    face_reference: str | None = None
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class PoolCustomer:
    """The customer of a visit that is the company's is written down, for the company pool.

    Attributes:
        full_name, phones: what he gives; it is added to what is known of him.
    """

    visit_id: UUID
    full_name: str | None = None
    phones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Customer:
    """The party of an entry, and what the entry may say of him."""

    party_id: UUID
    territory_id: UUID | None
    name_given: bool
    phone_given: bool
    document_given: bool
    face_given: bool


@dataclass(frozen=True, slots=True)
class RecordDeal:
    """The visit's customer has signed a subscription today.

    Attributes:
        amount_minor: price in minor units of the currency, 1 to 10^15; without a currency, the
            tenant's.
        provisional_at: when the provisional deposit was paid, if earlier.
    """

    visit_id: UUID
    unit_code: str | None = None
    amount_minor: int | None = None
    currency: str | None = None
    provisional_at: datetime | None = None


async def register_customer(work: UnitOfWork, order: RegisterCustomer) -> UUID:
    """Enter the visit's customer in the owner's register and return the registration's id.

    Incomplete and late entries are kept and give no right. Locks the site's queue, for whoever
    arrives at once is received before or after it; then the visit, the party, the register.
    Raises NotFound, Forbidden, InvalidPhone, PhoneOfAnother, CustomerOfNobody, or what entering
    raises: a survey visitor (with the clause), a second entry.
    """
    await queue_of_visit(work, order.visit_id)
    known = await visit(work, order.visit_id)
    work.authorise("register.append", known.record(work.actor.member_id))
    member_id = _register_of(known)
    in_force = await version(work, known.version_id)
    customer = await _customer(work, known, order)
    entry = Entry(
        visit_id=known.id,
        party_id=customer.party_id,
        member_id=member_id,
        site_id=known.site_id,
        zone=known.zone,
        arrived_at=known.arrived_at,
        reception_day=known.reception_day,
        name_given=customer.name_given,
        phone_given=customer.phone_given,
        document_given=customer.document_given,
        face_given=customer.face_given,
        survey_visitor=known.survey in _SURVEYS,
        left_at=known.left_at,
        met_later=known.met_later,
        org_unit_id=known.org_unit_id,
        territory_id=await territory_of_lead(work, customer.territory_id, known.territory_id),
        remark=order.remark,
    )
    return await enter_registration(work, in_force, entry)


async def pool_customer(work: UnitOfWork, order: PoolCustomer) -> UUID:
    """Write down who came to the company and return his entry in its pool.

    Locks the visit and the party. Raises NotFound, Forbidden, InvalidPhone, PhoneOfAnother, or
    NotOfCompany.
    """
    known = await visit(work, order.visit_id)
    work.authorise("pool.assign", Record(None, known.org_unit_id, known.territory_id))
    if known.owner_kind != COMPANY or known.waits:
        raise NotOfCompany(field=VISIT_FIELD)
    phones = phones_of(order.phones, known.phone_region)
    met, _ = await _party(work, known, (order.full_name or "").strip() or None, phones)
    territory_id = await territory_of_lead(work, met.territory_id, known.territory_id)
    company = CompanyVisit(known.id, met.id, known.site_id, known.org_unit_id, territory_id)
    entry_id = await enter_pool(work, company)
    work.concerns("pool_entry", entry_id, visit=known.id)
    return entry_id


async def record_deal(work: UnitOfWork, order: RecordDeal) -> UUID:
    """Record a subscription signed now in a visit and return the deal's id.

    Locks the site's queue and the visit. Raises NotFound, Forbidden, InvalidInput,
    CustomerUnknown, or DealAlreadyRecorded.
    """
    await queue_of_visit(work, order.visit_id)
    known = await visit(work, order.visit_id)
    work.authorise("deal.record", known.record(work.actor.member_id))
    _check_price(order)
    if order.provisional_at is not None and order.provisional_at > work.now:
        raise InvalidInput(expected="NOT_IN_FUTURE", field=("input", "provisionalAt"))
    receiver_id = known.receiver_id or known.owner_id
    if known.party_id is None or receiver_id is None:
        raise CustomerUnknown(field=VISIT_FIELD)
    in_force = await version(work, known.version_id)
    priced = order.amount_minor is not None
    closing = ClosingVisit(
        visit_id=known.id,
        party_id=known.party_id,
        site_id=known.site_id,
        zone=known.zone,
        arrived_at=known.arrived_at,
        receiver_id=receiver_id,
        owner_kind=known.owner_kind,
        owner_id=known.owner_id,
        mode=known.mode,
        obligation=known.obligation,
        unconfirmed_return=known.said_before and known.registration == "NONE",
        org_unit_id=known.org_unit_id,
        territory_id=known.territory_id,
        unit_code=order.unit_code or known.unit_code,
        amount_minor=order.amount_minor,
        currency=(order.currency or work.tenant.currency) if priced else None,
        provisional_at=order.provisional_at,
    )
    return await enter_deal(work, in_force, closing)


def _check_price(order: RecordDeal) -> None:
    amount = ("input", "amount")
    if order.amount_minor is not None and not 1 <= order.amount_minor <= MOST_MINOR:
        field = (*amount, "amountMinor")
        raise InvalidInput(expected="FROM_TO", least=1, most=MOST_MINOR, field=field)
    if order.currency is not None and not is_currency(order.currency):
        raise InvalidInput(expected="CURRENCY", field=(*amount, "currency"))


def _register_of(known: VisitFacts) -> UUID:
    """Return whose register the customer belongs in."""
    if known.owner_id is not None:
        return known.owner_id
    # A declared survey visitor belongs to nobody; the register itself refuses him, with the clause.
    if known.survey in _SURVEYS and known.receiver_id is not None:
        return known.receiver_id
    raise CustomerOfNobody(field=VISIT_FIELD)


async def _customer(work: UnitOfWork, known: VisitFacts, order: RegisterCustomer) -> _Customer:
    """Return the visit's party, with the name and the numbers it was registered under."""
    told = known.phones if order.phones is None else order.phones
    phones = phones_of(told, known.phone_region)
    name = (order.full_name or "").strip() or None
    documents = () if order.document is None else (order.document,)
    shown = await identities_of(
        work,
        documents,
        order.face_reference,
        known.phone_region,
        documents_at=("input", "document"),
    )
    met, party = await _party(work, known, name, phones, shown)
    kinds = {one.kind for one in shown} | (party.identities if party else frozenset())
    has_name = order.full_name is None and party is not None and party.full_name is not None
    has_phone = order.phones is None and party is not None and bool(party.phones)
    return _Customer(
        met.id,
        met.territory_id,
        name_given=name is not None or has_name,
        phone_given=bool(phones) or has_phone,
        document_given=bool(kinds - {IdentityKind.FACE.value}),
        face_given=IdentityKind.FACE.value in kinds,
    )


async def _party(
    work: UnitOfWork,
    known: VisitFacts,
    name: str | None,
    phones: tuple[Phone, ...],
    shown: tuple[Identity, ...] = (),
) -> tuple[Met, KnownParty | None]:
    """Return the visit's party, and how it was found; a new one is made where none is."""
    party: KnownParty | None = None
    if any(phone.number not in known.phones for phone in phones):
        await refuse_probing(work)
    held = await holder_of(work, [phone.number for phone in phones])
    holders = await holders_of(work, [one.digest for one in shown])
    party_id = known.party_id or next(iter((*holders.values(), *held.values())), None)
    # What points to another and was given on arrival was judged then (decision `recognition`).
    his = {party_id, *known.party_ids}
    for one in shown:
        if holders.get(one.digest, party_id) not in his and one.digest not in known.identities:
            raise IdentityOfAnother(field=("input", _FIELDS.get(one.kind, "document")))
    new = [one for one in shown if one.digest not in holders]
    for phone in phones:
        if held.get(phone.number, party_id) not in his and phone.number not in known.phones:
            field = ("input", "phones", str(phone.position))
            raise PhoneOfAnother(number=phone.number, field=field)
    unknown = [phone for phone in phones if phone.number not in held]
    note_extensions(work, [phone for phone in phones if phone.number in held])
    if party_id is None:
        met = await meet_party(
            work,
            Newcomer(
                full_name=name,
                phones=unknown,
                identities=new,
                owner_id=known.owner_id or known.receiver_id,
                org_unit_id=known.org_unit_id,
                territory_id=known.territory_id,
            ),
        )
    else:
        (party,) = await known_parties(work, [(party_id, VISIT_FIELD)])
        met = Met(party.id, party.territory_id)
        add_phones(work, party_id, unknown)
        write_identities(work, party_id, new)
        _name(work, party, name)
    if known.party_id is None:
        work.change(Visit, known.id, {"party_id": met.id})
        whose = known.campaign_id
        moved(work, touched_by(known), (whose, None), (whose, met.id), today=known.today(work.now))
        work.add(
            VisitParty(
                tenant_id=work.tenant_id, id=work.new_id(), visit_id=known.id, party_id=met.id
            )
        )
    return met, party


def _name(work: UnitOfWork, party: KnownParty, name: str | None) -> None:
    if name is not None and party.full_name is None:
        name_party(work, party.id, name)
