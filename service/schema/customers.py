"""Customers, their numbers, and how they are related."""

from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

import strawberry

from service.customers import commands, tables
from service.customers.queries import phones_of
from service.customers.tables import IdentityKind, PartyKind
from service.ownership.commands import remove_phone
from service.policies.access import RecordColumns
from service.schema.carry import Payload, Records, itself, the
from service.schema.connections import Connection, SortKey
from service.schema.filters import (
    DateTimeFilter,
    Filter,
    IdFilter,
    OrgUnitScope,
    TerritoryScope,
    TextFilter,
    every,
    none_of,
    on,
    on_id,
    on_one,
    on_org_unit,
    on_several,
    on_territory,
    some,
)
from service.schema.listing import listing
from service.schema.masks import masked_phone
from service.schema.mutation import CommandInput, command, optional, orders, required
from service.schema.nodes import CREATED_AT, ID, VERSION, Node, described
from service.schema.ordering import orders_of
from service.schema.organisation.types import Member, MemberFilter, OrgUnit, Territory
from service.schema.planner.commanded import Shows
from service.schema.planner.mapping import (
    Possible,
    allowed_actions,
    column,
    key,
    masked,
    masked_fields,
    planned,
    sql,
    to_many,
    to_one,
)
from service.schema.reading import one
from service.schema.scalars import PhoneNumber
from service.schema.searching import BY_KEYS, Search
from service.territories.tables import PartyTrait as PartyTraitRecord
from service.work import Sight

if TYPE_CHECKING:
    from service.schema.ownership.types import DealListFilter, RegistrationListFilter
    from service.schema.reception.types import VisitListFilter

SEE_PHONE = "party.view.phone"
_RECEPTION: Final = "service.schema.reception.types"
_OWNERSHIP: Final = "service.schema.ownership.types"

described(
    PartyKind,
    "What a party is. Values are added.",
    PERSON="A natural person.",
    ORGANISATION="A company or another organisation.",
)


described(
    IdentityKind,
    "What identifies a party besides his numbers. Values are added.",
    ID_CARD="An identity card.",
    PASSPORT="A passport.",
    TRAVEL_PERMIT="A travel permit, for instance of a resident of Hong Kong, Macau or Taiwan.",
    FACE="A face, by the name that a device gives it.",
)


@strawberry.enum(description="What a party is to another. Values are added.")
class RelationKind(Enum):
    SPOUSE = strawberry.enum_value("spouse", description="Husband or wife.")
    PARENT = strawberry.enum_value("parent", description="Mother or father.")
    CHILD = strawberry.enum_value("child", description="Daughter or son.")
    SIBLING = strawberry.enum_value("sibling", description="Sister or brother.")
    SUPERIOR = strawberry.enum_value("superior", description="Superior at work.")
    SUBORDINATE = strawberry.enum_value("subordinate", description="Subordinate at work.")
    COLLEAGUE = strawberry.enum_value("colleague", description="Colleague at work.")


_SCOPE = RecordColumns(owner="t.owner_id", org_unit="t.org_unit_id", territory="t.territory_id")
_OF_PARTY = RecordColumns(owner="p.owner_id", org_unit="p.org_unit_id", territory="p.territory_id")
_PARTY = "JOIN app.party p ON p.tenant_id = $1 AND p.id = t.party_id"


@planned(tables.ContactPoint, action="party.view", scope=_OF_PARTY, joins=_PARTY)
@strawberry.type(description="A telephone number of a party; it identifies one party alone.")
class ContactPoint(Node):
    id: strawberry.ID = key(ID)
    phone: PhoneNumber | None = masked(
        "t.phone", "The number; null when withheld, see `maskedFields`.", action=SEE_PHONE
    )
    masked_phone: str = sql(masked_phone("t.phone"), "The number without its middle; always there.")
    extension: str | None = column("extension", "Extension behind the number.")
    masked_fields: list[str] = masked_fields("Fields withheld from the caller.", phone=SEE_PHONE)


@planned(tables.RemovedPhone, action="party.view", scope=_OF_PARTY, joins=_PARTY)
@strawberry.type(description="A number that was taken for a party's; it may be another's.")
class RemovedPhone(Node):
    id: strawberry.ID = key(ID)
    phone: PhoneNumber | None = masked(
        "t.phone", "The number; null when withheld, see `maskedFields`.", action=SEE_PHONE
    )
    masked_phone: str = sql(masked_phone("t.phone"), "The number without its middle; always there.")
    extension: str | None = column("extension", "Extension behind the number.")
    masked_fields: list[str] = masked_fields("Fields withheld from the caller.", phone=SEE_PHONE)
    added_at: datetime = column("added_at", "Since when it was taken for the party's.")
    removed_at: datetime = column("removed_at", "Until when.")
    removed_by: Member | None = to_one("removed_by", "Member", "Who removed it.")
    reason: str = column("reason", "Why.")


@strawberry.enum(description="What may be done with a party. Values are added.")
class PartyAction(Enum):
    EDIT = strawberry.enum_value(
        "EDIT",
        description="`editParty`, `addPhone`, `removePhone`, `addIdentity` and what changes one.",
    )
    LINK = strawberry.enum_value("LINK", description="`linkParties`.")
    REVEAL_PHONE = strawberry.enum_value("REVEAL_PHONE", description="`revealPhone`; audited.")


@planned(tables.Party, action="party.view", scope=_SCOPE, hidden={"shown_name": "t.full_name"})
@strawberry.type(description="A customer: a person or an organisation.")
class Party(Node):
    id: strawberry.ID = key(ID)
    version: int = column("version", VERSION)
    kind: PartyKind = column("kind", "What the party is.")
    full_name: str | None = column("full_name", "Null while a visitor has left no name.")
    first_contact: Member | None = to_one("owner_id", "Member", "Who met the party first.")
    org_unit: OrgUnit | None = to_one("org_unit_id", "OrgUnit", "The unit that met it first.")
    territory: Territory | None = to_one("territory_id", "Territory", "The territory it is from.")
    contact_points: list[ContactPoint] = to_many(
        "ContactPoint", "party_id", "Its telephone numbers.", order="t.created_at, t.id"
    )
    removed_phones: list[RemovedPhone] = to_many(
        "RemovedPhone",
        "party_id",
        "Numbers that were taken for its own and are not.",
        order="t.removed_at, t.id",
    )
    identities: list["PartyIdentity"] = to_many(
        "PartyIdentity",
        "party_id",
        "The documents and faces it is known by.",
        order="t.created_at, t.id",
    )
    traits: list["PartyTrait"] = to_many(
        "PartyTrait",
        "party_id",
        "What the company has stated of it (`stateTraits`): by this and by where it was met the"
        " conditions of territories decide. What is not among it is not stated.",
        order="a.code, t.id",
    )
    relations: list["PartyRelation"] = to_many(
        "PartyRelation", "party_id", "What it is to other parties.", order="t.created_at, t.id"
    )
    created_at: datetime = column("created_at", CREATED_AT)
    allowed_actions: list[PartyAction] = allowed_actions(
        "Commands the caller could issue now.",
        EDIT=Possible("party.edit"),
        LINK=Possible("party.link"),
        REVEAL_PHONE=Possible("party.reveal_phone"),
    )


@planned(tables.PartyIdentity, action="party.view", scope=_OF_PARTY, joins=_PARTY)
@strawberry.type(
    description="A document or a face of a party; it identifies one party alone. Neither a number"
    " nor a face is kept, only what finds it again."
)
class PartyIdentity(Node):
    id: strawberry.ID = key(ID)
    kind: IdentityKind = column("kind", "What it is.")
    masked_number: str | None = column(
        "shown", "A document's number, all but its last characters as `*`; null of a face."
    )
    created_at: datetime = column("created_at", CREATED_AT)


@planned(
    PartyTraitRecord,
    action="party.view",
    scope=_OF_PARTY,
    joins=f"{_PARTY} JOIN app.account_trait a ON a.tenant_id = $1 AND a.id = t.account_trait_id",
)
@strawberry.type(description="Something that is stated of a party; conditions ask for it.")
class PartyTrait(Node):
    id: strawberry.ID = key(ID)
    code: str = sql("a.code", "The code of the trait, one of `accountTraits`.")
    value: str = column("value", "As a condition would write it.")
    created_at: datetime = column("created_at", CREATED_AT)


@planned(tables.PartyRelation, action="party.view", scope=_OF_PARTY, joins=_PARTY)
@strawberry.type(description="How two parties are related; a family may count as one customer.")
class PartyRelation(Node):
    id: strawberry.ID = key(ID)
    kind: RelationKind = column("kind", "What the party is to the other.")
    party: Party | None = to_one("party_id", "Party", "The party.")
    other_party: Party | None = to_one("other_party_id", "Party", "The other party.")
    unit_code: str | None = column(
        "unit_code", "The unit both want, if known; up to 64 characters."
    )
    evidence: str | None = column("evidence", "What bears the relation out.")
    recorded_at: datetime = column("created_at", "When it was recorded.")
    recorded_by: Member | None = to_one("created_by", "Member", "Who recorded it.")
    recorded_for: Member | None = to_one(
        "on_behalf_of_id", "Member", "With whose right he did, where he stood in for somebody."
    )


@strawberry.input(description="Which parties. Telephone numbers are never searched by.")
class PartyFilter:
    and_: list["PartyFilter"] | None = every()
    or_: list["PartyFilter"] | None = some()
    not_: "PartyFilter | None" = none_of()
    id: IdFilter | None = on_id("t.id", "party", "By id.")
    kind: Filter[PartyKind] | None = on("t.kind", "text", "By kind.")
    full_name: TextFilter | None = on("t.full_name", "text", "By name.")
    first_contact_id: IdFilter | None = on_id("t.owner_id", "member", "By who met them first.")
    org_unit: OrgUnitScope | None = on_org_unit("t.org_unit_id", "By unit.")
    territory: TerritoryScope | None = on_territory("t.territory_id", "By territory.")
    created_at: DateTimeFilter | None = on("t.created_at", "timestamptz", "By when recorded.")
    first_contact: MemberFilter | None = on_one("t.owner_id", "Member", "By who met them first.")
    visits: Annotated["VisitListFilter", strawberry.lazy(_RECEPTION)] | None = on_several(
        "t.party_id", "Visit", "By their visits."
    )
    registrations: Annotated["RegistrationListFilter", strawberry.lazy(_OWNERSHIP)] | None = (
        on_several("t.party_id", "Registration", "By the registrations of them.")
    )
    deals: Annotated["DealListFilter", strawberry.lazy(_OWNERSHIP)] | None = on_several(
        "t.party_id", "Deal", "By their deals."
    )


_PARTIES = orders_of(
    "Party",
    "parties",
    {
        "CREATED_AT": (SortKey("t.created_at", "timestamptz"), "By when they were recorded."),
        "FULL_NAME": (SortKey("t.full_name", "text", nullable=True), "By name; the nameless last."),
    },
    "CREATED_AT",
)


@strawberry.type
class CustomersQuery:
    party: Party | None = one(Party, "One party; null when there is none in sight.")
    parties: Connection[Party] = listing(
        Party,
        _PARTIES,
        "The parties in the caller's sight, latest first.",
        filter=PartyFilter,
        search=Search(BY_KEYS),
    )


@strawberry.input(description="A customer is entered by hand.")
class CreatePartyInput(CommandInput):
    full_name: str | None = optional("1 to 200 characters.")
    phones: list[PhoneNumber] = strawberry.field(
        default_factory=list, description="His numbers, at most 20."
    )
    kind: PartyKind = strawberry.field(default=PartyKind.PERSON, description="What he is.")
    org_unit_id: strawberry.ID | None = optional("The unit that met him.")
    territory_id: strawberry.ID | None = optional(
        "The territory he is from; left out, the conditions of the territories in force decide."
    )


@strawberry.input(description="A customer's data are put right; what is left out stays.")
class EditPartyInput(CommandInput):
    party_id: strawberry.ID = required("The party.")
    expected_version: int = required("The version the caller has seen.")
    full_name: str | None = optional("1 to 200 characters; cannot be cleared.")
    kind: PartyKind | None = optional("What he is.")


@strawberry.input(description="A customer can be reached at one more number.")
class AddPhoneInput(CommandInput):
    party_id: strawberry.ID = required("The party.")
    phone: PhoneNumber = required("The number.")


@strawberry.input(description="A number is not the customer's.")
class RemovePhoneInput(CommandInput):
    contact_point_id: strawberry.ID = required("The number, of `Party.contactPoints`.")
    reason: str = required("Why, 1 to 500 characters; kept with the number.")


@strawberry.input(description="Two customers are related.")
class LinkPartiesInput(CommandInput):
    party_id: strawberry.ID = required("The party.")
    other_party_id: strawberry.ID = required("The other party.")
    kind: RelationKind = required("What the party is to the other.")
    unit_code: str | None = optional("The unit both want, if known; up to 64 characters.")
    evidence: str | None = optional("What bears it out, up to 500 characters.")


@strawberry.input(description="A customer's whole numbers are asked for.")
class RevealPhoneInput(CommandInput):
    party_id: strawberry.ID = required("The party.")
    purpose: str = required("Why, 1 to 500 characters; kept with the caller's name.")


@strawberry.type(description="`party` is null exactly when `errors` is not empty.")
class _OfParty(Payload):
    party: Party | None = strawberry.field(default=None, description="The party.")


@strawberry.type(description="`party` is null exactly when `errors` is not empty.")
class CreatePartyPayload(_OfParty):
    pass


@strawberry.type(description="`party` is null exactly when `errors` is not empty.")
class EditPartyPayload(_OfParty):
    pass


@strawberry.type(description="`party` is null exactly when `errors` is not empty.")
class AddPhonePayload(_OfParty):
    pass


@strawberry.type(description="`party` is null exactly when `errors` is not empty.")
class RemovePhonePayload(_OfParty):
    pass


@strawberry.type(description="`relation` is null exactly when `errors` is not empty.")
class LinkPartiesPayload(Payload):
    relation: PartyRelation | None = strawberry.field(default=None, description="The relation.")


@strawberry.type(description="`phones` is null exactly when `errors` is not empty.")
class RevealPhonePayload(_OfParty):
    phones: list[PhoneNumber] | None = strawberry.field(
        default=None, description="The whole numbers, oldest first."
    )


async def _phones(sight: Sight, party_id: UUID) -> dict[str, Any]:
    return {"phones": await phones_of(sight, party_id)}


_REVEALED: Final = Records({"party": Shows("Party", itself)}, _phones)


@strawberry.type
class CustomersMutation:
    create_party: CreatePartyPayload = command(
        commands.create_party,
        orders(commands.CreateParty, org_unit_id="org_unit", territory_id="territory"),
        CreatePartyInput,
        CreatePartyPayload,
        the(party=Party),
        "Action `party.create`.",
    )
    edit_party: EditPartyPayload = command(
        commands.edit_party,
        orders(commands.EditParty, party_id="party"),
        EditPartyInput,
        EditPartyPayload,
        the(party=Party),
        "Action `party.edit`.",
    )
    add_phone: AddPhonePayload = command(
        commands.add_phone,
        orders(commands.AddPhone, party_id="party"),
        AddPhoneInput,
        AddPhonePayload,
        the(party=Party),
        "Action `party.edit`.",
    )
    remove_phone: RemovePhonePayload = command(
        remove_phone,
        orders(commands.RemovePhone, contact_point_id="contact_point"),
        RemovePhoneInput,
        RemovePhonePayload,
        the(party=Party),
        "Takes a wrong number from a customer, also his last: it no longer finds him and is free"
        " for another; what was decided by it stands. While a colleague tracks him only who may"
        " edit others' customers does. Action `party.edit`.",
    )
    link_parties: LinkPartiesPayload = command(
        commands.link_parties,
        orders(commands.LinkParties, party_id="party", other_party_id="party"),
        LinkPartiesInput,
        LinkPartiesPayload,
        the(relation=PartyRelation),
        "Action `party.link`. Once a deal is signed it bears out no entry of the caller's own; then"
        " somebody else records it, or vouches (`fileClaim`).",
    )
    reveal_phone: RevealPhonePayload = command(
        commands.reveal_phone,
        orders(commands.RevealPhone, party_id="party"),
        RevealPhoneInput,
        RevealPhonePayload,
        _REVEALED,
        "Action `party.reveal_phone`; the audit keeps name and purpose.",
    )
