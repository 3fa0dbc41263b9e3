"""What is done on a site's day."""

from datetime import datetime
from enum import Enum
from operator import attrgetter
from typing import Any, Final

import strawberry

from service.errors import FieldPath
from service.reception import commands
from service.reception.tables import ArrivalWay, SurveyStatus
from service.schema.carry import Payload, Places, Records, itself, the
from service.schema.context import Info
from service.schema.identifying import IdentityDocumentInput, document_of
from service.schema.journal import Decision
from service.schema.mutation import (
    CommandInput,
    command,
    given,
    optional,
    order_of,
    orders,
    required,
)
from service.schema.ownership.types import Deal, Registration
from service.schema.planner.commanded import Shows
from service.schema.planner.fallback import related_id
from service.schema.planner.mapping import mapping_of
from service.schema.reception.presences import PRESENCE
from service.schema.reception.types import CallRecord, Visit
from service.schema.scalars import MoneyInput, PhoneNumber, row_id

_SITE = "The site."
_VISIT = "The visit."
_NAMED: Final = {
    "site_id": "site",
    "named_member_id": "member",
    "referrer_party_id": "party",
    "taken_by_id": "member",
    "together_with_id": "visit",
    "campaign_id": "campaign",
}
# By his duty, or by a manager's order.
_TAKING = ("visit.take", "visit.reassign")


@strawberry.input(description="A customer not known yet.")
class NewCustomerInput:
    full_name: str | None = optional("1 to 200 characters.")
    phones: list[PhoneNumber] = strawberry.field(
        default_factory=list, description="His numbers, at most 20."
    )


@strawberry.input(one_of=True, description="Who the customer is, as far as he says.")
class CustomerReference:
    party_id: strawberry.ID | None = optional("A party known already.")
    phone: PhoneNumber | None = optional("His number, known or not.")
    new_customer: NewCustomerInput | None = optional("What he says of himself.")


@strawberry.input(description="A visitor arrives at a site.")
class RecordArrivalInput(CommandInput):
    id: strawberry.ID | None = optional("Made on the device; else the server makes it.")
    site_id: strawberry.ID = required(_SITE)
    customer: CustomerReference | None = optional("Left out when he says nothing of himself.")
    way: ArrivalWay = strawberry.field(
        default=ArrivalWay.WALK_IN, description="How the visitor came."
    )
    documents: list[IdentityDocumentInput] = strawberry.field(
        default_factory=list, description="Identity documents he shows, at most 5."
    )
    face_reference: str | None = optional(
        "What a device at the door names his face by, 1 to 128 characters; never a picture or a"
        " template. It is kept as a keyed hash."
    )
    survey: SurveyStatus = strawberry.field(
        default=SurveyStatus.NONE, description="Whether he is from the same trade."
    )
    said_before: bool = strawberry.field(default=False, description="Says that he came before.")
    named_member_id: strawberry.ID | None = optional("Whom he names.")
    referrer_party_id: strawberry.ID | None = optional("Who sent him.")
    unit_code: str | None = optional("The unit he wants, up to 64 characters.")
    taken_by_id: strawberry.ID | None = optional("Who takes him on his day off.")
    together_with_id: strawberry.ID | None = optional(
        "The visit of today at this site that he came with, where the two buy apart. Who buys"
        " together is one visit."
    )
    campaign_id: strawberry.ID | None = optional(
        "The campaign that brought him, which runs today and is for this site."
    )
    occurred_at: datetime | None = optional("Device clock; evidence only, the server's decides.")


@strawberry.type(description="`visit` is null exactly when `errors` is not empty.")
class RecordArrivalPayload(Payload):
    visit: Visit | None = strawberry.field(default=None, description=_VISIT)

    @strawberry.field(description="Who receives, for whom, and why.")
    async def decision(self, info: Info) -> Decision | None:
        row = related_id(self.visit, "decision") if self.visit is not None else None
        reader = await info.context.reader()
        found: Decision | None = await reader.one(mapping_of(Decision), row)
        return found


def _arrival(sent: RecordArrivalInput) -> commands.RecordArrival:
    who = given(sent.customer)
    customer: dict[str, object] = {}
    if who is not None and given(who.party_id) is not None:
        customer = {"party_id": row_id(str(who.party_id), "party", "customer", "partyId")}
    elif who is not None and given(who.phone) is not None:
        customer = {"phones": (str(who.phone),)}
    elif who is not None and given(who.new_customer) is not None:
        new = who.new_customer
        customer = {"phones": tuple(new.phones), "customer_name": given(new.full_name)}
    customer["documents"] = tuple(map(document_of, sent.documents))
    if given(sent.id) is not None:
        customer["visit_id"] = row_id(str(sent.id), "visit", "id")
    stated = given(sent.occurred_at)
    return order_of(commands.RecordArrival, sent, _NAMED, **customer, stated_at=stated)


def _places(sent: RecordArrivalInput) -> Places:
    """Return where an arrival has what the command asks of its customer."""
    who = given(sent.customer)
    found: dict[FieldPath, FieldPath] = {("partyId",): ("customer", "partyId")}
    if who is None or given(who.phone) is None:
        found |= {("phones",): ("customer", "newCustomer", "phones")}
    else:
        found |= {("phones", "0"): ("customer", "phone")}
    return found


@strawberry.input(description="A rep takes a visitor, or asks whether he may.")
class TakeVisitorInput(CommandInput):
    site_id: strawberry.ID = required(_SITE)
    member_id: strawberry.ID | None = optional("Who takes; the caller when left out.")
    visit_id: strawberry.ID | None = optional("A visit that waits; left out before the arrival.")
    party_id: strawberry.ID | None = optional("The customer, if he is known.")
    phones: list[PhoneNumber] = strawberry.field(
        default_factory=list, description="Numbers the visitor gives, at most 20."
    )
    reason: str | None = optional("The manager's reason to override, 1 to 500 characters.")


@strawberry.type(description="`decision` is null exactly when `errors` is not empty.")
class TakeVisitorPayload(Payload):
    decision: Decision | None = strawberry.field(default=None, description="Why he may.")
    visit: Visit | None = strawberry.field(default=None, description="The visit, if one waited.")


_TAKEN: Final = Records(
    {
        "decision": Shows("Decision", attrgetter("decision_id"), _TAKING),
        "visit": Shows("Visit", attrgetter("visit_id"), _TAKING),
    }
)
_ARRIVED: Final = Records(
    {
        "visit": Shows("Visit", itself),
        "decision": Shows("Decision", itself, (), ("Visit", "decision_id")),
    }
)


@strawberry.input(description="A visitor names a rep after he arrived.")
class NameRepresentativeInput(CommandInput):
    visit_id: strawberry.ID = required(_VISIT)
    member_id: strawberry.ID = required("Whom he names.")


@strawberry.input(description="A visitor turns out to be from the same trade.")
class ExposeSurveyInput(CommandInput):
    visit_id: strawberry.ID = required(_VISIT)
    admitted: bool = strawberry.field(default=True, description="Whether he admits it.")


@strawberry.input(description="A manager gives a reception to another rep.")
class ReassignReceptionInput(CommandInput):
    visit_id: strawberry.ID = required(_VISIT)
    member_id: strawberry.ID = required("Who receives from now on.")
    reason: str = required("Why, 1 to 500 characters.")


@strawberry.enum(description="What a rep did against the rules of the floor. Values are added.")
class ReceptionBreach(Enum):
    FIRST_VISIT_NOT_ASKED = strawberry.enum_value(
        "FIRST_VISIT_NOT_ASKED", description="He did not ask whether it was a first visit."
    )
    VISITOR_REFUSED = strawberry.enum_value("VISITOR_REFUSED", description="He refused him.")


@strawberry.input(description="A rep broke a rule of the floor.")
class RecordReceptionBreachInput(CommandInput):
    visit_id: strawberry.ID = required("The visit in which he did.")
    member_id: strawberry.ID = required("The rep.")
    breach: ReceptionBreach = required("What he did.")
    reason: str = required("What happened, 1 to 500 characters.")


@strawberry.type(description="`decision` is null exactly when `errors` is not empty.")
class RecordReceptionBreachPayload(Payload):
    decision: Decision | None = strawberry.field(
        default=None, description="What it costs him, and by which rule."
    )


@strawberry.input(description="The visitor has left.")
class CloseVisitInput(CommandInput):
    visit_id: strawberry.ID = required(_VISIT)


@strawberry.type(description="`visit` is null exactly when `errors` is not empty.")
class _OfVisit(Payload):
    visit: Visit | None = strawberry.field(default=None, description=_VISIT)


@strawberry.type(description="`visit` is null exactly when `errors` is not empty.")
class NameRepresentativePayload(_OfVisit):
    pass


@strawberry.type(description="`visit` is null exactly when `errors` is not empty.")
class ExposeSurveyPayload(_OfVisit):
    pass


@strawberry.type(description="`visit` is null exactly when `errors` is not empty.")
class ReassignReceptionPayload(_OfVisit):
    pass


@strawberry.type(description="`visit` is null exactly when `errors` is not empty.")
class CloseVisitPayload(_OfVisit):
    pass


@strawberry.input(description="A telephone enquiry was taken.")
class RecordCallInput(CommandInput):
    site_id: strawberry.ID = required(_SITE)
    phone: PhoneNumber = required("The caller's number.")
    taker_id: strawberry.ID | None = optional("Who took it; the caller of the API if left out.")
    caller_name: str | None = optional("As given, up to 500 characters.")
    need: str | None = optional("What he wants, up to 500 characters.")
    source: str | None = optional("Where he heard of it, up to 500 characters.")
    rings: int | None = optional("How often it rang, 0 or more.")
    duration_seconds: int | None = optional("How long it took, 0 or more.")
    campaign_id: strawberry.ID | None = optional(
        "The campaign that made him call, which runs today and is for this site."
    )


@strawberry.type(description="`callRecord` is null exactly when `errors` is not empty.")
class RecordCallPayload(Payload):
    call_record: CallRecord | None = strawberry.field(default=None, description="The call.")
    rings_in_time: bool | None = strawberry.field(
        default=None, description="By the rulebook; null when the rings were not said."
    )
    length_in_time: bool | None = strawberry.field(
        default=None, description="By the rulebook; null when the length was not said."
    )
    registered: bool | None = strawberry.field(
        default=None,
        description="Whether the rulebook entered the caller in the taker's register.",
    )


async def _measured(_sight: object, result: commands.CallTaken) -> dict[str, Any]:
    return {
        "rings_in_time": None if result.rings is None else result.rings == "OK",
        "length_in_time": None if result.length is None else result.length == "OK",
        "registered": result.registration_id is not None,
    }


_CALLED: Final = Records({"call_record": Shows("CallRecord", attrgetter("call_id"))}, _measured)


@strawberry.input(description="The customer of a visit is entered in the register.")
class RegisterCustomerInput(CommandInput):
    visit_id: strawberry.ID = required(_VISIT)
    full_name: str | None = optional(
        "His name, up to 200 characters. Left out: the name he is known by; empty: he gives none."
    )
    phones: list[PhoneNumber] | None = optional(
        "His numbers, at most 20. Left out: those he and his visit have; empty: he gives none."
    )
    document: IdentityDocumentInput | None = optional(
        "An identity document he shows; those he is known by count as well."
    )
    face_reference: str | None = optional("What a device names his face by, 1 to 128 characters.")
    remark: str | None = optional("Up to 2,000 characters.")


@strawberry.type(description="`registration` is null exactly when `errors` is not empty.")
class RegisterCustomerPayload(Payload):
    registration: Registration | None = strawberry.field(default=None, description="The entry.")


@strawberry.input(description="The customer of a visit has signed.")
class RecordDealInput(CommandInput):
    visit_id: strawberry.ID = required("The closing visit.")
    unit_code: str | None = optional("The unit, up to 64 characters.")
    amount: MoneyInput | None = optional(
        "The price: 1 to 10^15 minor units of a currency in use (ISO 4217)."
    )
    provisional_at: datetime | None = optional("When a provisional sum was paid.")


@strawberry.type(description="`deal` is null exactly when `errors` is not empty.")
class RecordDealPayload(Payload):
    deal: Deal | None = strawberry.field(default=None, description="The deal, with its credit.")


def _registration(sent: RegisterCustomerInput) -> commands.RegisterCustomer:
    document = given(sent.document)
    more = {"document": None if document is None else document_of(document)}
    return order_of(commands.RegisterCustomer, sent, {"visit_id": "visit"}, **more)


def _deal(sent: RecordDealInput) -> commands.RecordDeal:
    price = given(sent.amount)
    more: dict[str, object] = {}
    if price is not None:
        more = {"amount_minor": price.amount_minor, "currency": price.currency}
    return order_of(commands.RecordDeal, sent, {"visit_id": "visit"}, **more)


_OPEN = {"visit_id": "visit", "member_id": "member"}


@strawberry.type
class ReceptionMutation:
    record_arrival: RecordArrivalPayload = command(
        commands.record_arrival,
        _arrival,
        RecordArrivalInput,
        RecordArrivalPayload,
        _ARRIVED,
        "Records a visitor. By the rulebook in force it decides who receives him and for whom, uses"
        " the turn, and recognises the customer by his numbers, or by his documents or face, as"
        " the rulebook says. Action `visit.record`.",
        places=_places,
    )
    take_visitor: TakeVisitorPayload = command(
        commands.take_visitor,
        orders(commands.TakeVisitor, **PRESENCE, visit_id="visit", party_id="party"),
        TakeVisitorInput,
        TakeVisitorPayload,
        _TAKEN,
        "Asks the rulebook whether a rep may take a visitor. A visitor who waits becomes his; of"
        " one at the door, not recorded yet, only the decision is answered, no visit. With a"
        " reason it is a manager's order. Action `visit.take`, with a reason `visit.reassign`.",
    )
    name_representative: NameRepresentativePayload = command(
        commands.name_representative,
        orders(commands.NameRepresentative, **_OPEN),
        NameRepresentativeInput,
        NameRepresentativePayload,
        the("visit.name", visit=Visit),
        "Lets a waiting visitor name a rep and decides anew who receives him; refused as too late"
        " once somebody receives. Action `visit.name`.",
    )
    expose_survey: ExposeSurveyPayload = command(
        commands.expose_survey,
        orders(commands.ExposeSurvey, **_OPEN),
        ExposeSurveyInput,
        ExposeSurveyPayload,
        the("visit.expose", visit=Visit),
        "Notes that a visitor is from the same trade. By the rulebook in force the turn he cost is"
        " given back, if it was today's and its rep is still signed in. Where he admits, what was"
        " registered of the visit is void, if the rulebook registers no survey: an open claim that"
        " rests on it falls, a final deal stays. Action `visit.expose`.",
    )
    reassign_reception: ReassignReceptionPayload = command(
        commands.reassign_reception,
        orders(commands.ReassignReception, **_OPEN),
        ReassignReceptionInput,
        ReassignReceptionPayload,
        the("visit.reassign", visit=Visit),
        "Gives an open visit to another rep, whose turn is used where the former receiver's was."
        " The customer stays his owner's if he was received for another. The reason is kept with"
        " the decision and in the audit. Action `visit.reassign`.",
    )
    record_reception_breach: RecordReceptionBreachPayload = command(
        commands.record_breach,
        orders(commands.RecordBreach, **_OPEN),
        RecordReceptionBreachInput,
        RecordReceptionBreachPayload,
        the("visit.reassign", decision=Decision),
        "Notes that a rep refused a visitor, or did not ask whether it was a first visit. By the"
        " rulebook in force he is passed over for some turns, or stands outside the rotation for"
        " some days, or it is noted only. Who receives the visitor stays as it is. Action"
        " `visit.reassign`.",
    )
    close_visit: CloseVisitPayload = command(
        commands.close_visit,
        orders(commands.CloseVisit, **_OPEN),
        CloseVisitInput,
        CloseVisitPayload,
        the("visit.close", visit=Visit),
        "Notes that the visitor has left: his receiver is free again, and the windows of the"
        " visit's registrations count from this day. Action `visit.close`.",
    )
    record_call: RecordCallPayload = command(
        commands.record_call,
        orders(commands.RecordCall, site_id="site", taker_id="member", campaign_id="campaign"),
        RecordCallInput,
        RecordCallPayload,
        _CALLED,
        "Keeps a telephone enquiry and measures it by the rulebook. It creates no right; a caller"
        " who comes later may name who took his call. Action `call.record`.",
    )
    register_customer: RegisterCustomerPayload = command(
        commands.register_customer,
        _registration,
        RegisterCustomerInput,
        RegisterCustomerPayload,
        the(registration=Registration),
        "Enters the visit's customer in its owner's register: a complete entry in time protects"
        " the owner, an incomplete or late one is kept and gives no right. Refused once a valid"
        " entry of this visit stands. Action `register.append`.",
    )
    record_deal: RecordDealPayload = command(
        commands.record_deal,
        _deal,
        RecordDealInput,
        RecordDealPayload,
        the(deal=Deal),
        "Notes that the visit's customer signed, and decides whose result it is; claims may still"
        " change it while the claim window is open. Action `deal.record`.",
    )
