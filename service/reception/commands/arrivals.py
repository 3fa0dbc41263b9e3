"""A visitor arrives: the rulebook says who receives him, and everything of it is written."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from service.campaigns.commands import Touched, require_running, touched
from service.customers.commands import (
    Met,
    Newcomer,
    add_phones,
    entrust_party,
    meet_party,
    name_party,
    note_extensions,
)
from service.customers.identities import Document, write_identities
from service.errors import InvalidInput, NotFound
from service.reception.commands.assigning import (
    Assignment,
    decision_of,
    pool_companys,
    write_moves,
)
from service.reception.commands.receivers import require_taker
from service.reception.commands.renewing import renew_trackings
from service.reception.events import ReceptionAssigned, VisitArrived
from service.reception.facts.arrivals import ArrivalFacts, Asked, arrival
from service.reception.facts.visitor import Recognised, Said, recognise
from service.reception.rules.arrival import decide_reception
from service.reception.rules.rotation import rotation_of
from service.reception.tables import (
    ArrivalWay,
    SurveyStatus,
    Visit,
    VisitParty,
    VisitState,
)
from service.rulebooks.in_force import version
from service.work import Anchor, UnitOfWork

_LONGEST_UNIT = 64
_WAYS = tuple(way.value for way in ArrivalWay)
_SURVEYS = tuple(each.value for each in SurveyStatus if each is not SurveyStatus.EXPOSED)


@dataclass(frozen=True, slots=True)
class RecordArrival:
    """A visitor, or one group of visitors, stands at the desk.

    Attributes:
        party_id: the customer, where the desk knows him; his numbers may be given instead.
        phones: numbers the visitor gives, as he gives them.
        documents: identity documents he shows.
        face_reference: what a device at the door names his face by.
        customer_name: his name, if he gives it; it is kept where none is known yet.
        said_before: he says that he came before.
        way: a word of ArrivalWay.
        survey: NONE, SUSPECTED or DECLARED.
        named_member_id: the rep he asks for.
        referrer_party_id: the customer who sent him.
        unit_code: the unit he is interested in.
        taken_by_id: the rep on his day off who greets him.
        together_with_id: the visit of today that he came with, where he buys apart from it.
        campaign_id: the campaign that brought him, if he or the desk knows.
        stated_at: the device's clock, kept as evidence; the server's receipt decides (TM-6).
        visit_id: made by a device that was offline; else the server makes one.
    """

    anchor: ClassVar[Anchor] = Anchor("rotation_queue", "site_id", "site_id")

    site_id: UUID
    party_id: UUID | None = None
    phones: tuple[str, ...] = ()
    documents: tuple[Document, ...] = ()
    face_reference: str | None = None
    customer_name: str | None = None
    said_before: bool = False
    way: str = ArrivalWay.WALK_IN.value
    survey: str = SurveyStatus.NONE.value
    named_member_id: UUID | None = None
    referrer_party_id: UUID | None = None
    unit_code: str | None = None
    taken_by_id: UUID | None = None
    together_with_id: UUID | None = None
    campaign_id: UUID | None = None
    stated_at: datetime | None = None
    visit_id: UUID | None = None


async def record_arrival(work: UnitOfWork, order: RecordArrival) -> UUID:
    """Decide who receives a visitor and for whom, write it all, and return the visit's id.

    Locks the site's queue; one statement reads, one writes. Raises NotFound, Forbidden,
    InvalidInput, InvalidPhone (all faults together), NotAReceiver, CampaignNotRunning,
    CampaignElsewhere, NoRulebookInForce, or AlreadyTaken for a visit id in use.
    """
    _check_words(order, work.now)
    asked = Asked(
        site_id=order.site_id,
        phones=order.phones,
        documents=order.documents,
        face_reference=order.face_reference,
        party_id=order.party_id,
        named_member_id=order.named_member_id,
        taken_by_id=order.taken_by_id,
        referrer_party_id=order.referrer_party_id,
        together_with_id=order.together_with_id,
        campaign_id=order.campaign_id,
    )
    found = await arrival(work, asked)
    floor = found.floor
    work.authorise("visit.record", floor.site.record(order.taken_by_id))
    if order.taken_by_id is not None and not floor.works(order.taken_by_id):
        raise NotFound(field=("input", "takenById"))
    if order.taken_by_id is not None:
        require_taker(work, found, order.taken_by_id, ("input", "takenById"))
    _check_campaign(work, found)
    in_force = await version(work, floor.version_id)
    recognised = recognise(in_force.rulebook, found, _said(order), work.now)
    queue = floor.queue(rotation_of(in_force.rulebook), work.now)
    outcome = decide_reception(in_force.rulebook, recognised.visitor, queue)
    assigned = Assignment(
        floor=floor,
        visit_id=order.visit_id or work.new_id(),
        version_id=in_force.version_id,
        outcome=outcome,
        visitor=recognised.visitor,
        queue=queue,
        registration_id=recognised.best.id if recognised.best else None,
        calls=found.calls,
        others=recognised.others,
        recognised=recognised.asked,
    )
    met = await _party(work, order, found, recognised, assigned)
    visit = _visit(work, order, assigned, None if met is None else met.id, found)
    work.add(visit)
    _visit_parties(work, visit, recognised)
    if visit.campaign_id is not None:
        touched(work, visit.campaign_id, _touch(work, found, visit.id, visit.party_id))
    write_moves(work, assigned, visit.number)
    await pool_companys(work, assigned, met)
    await renew_trackings(work, in_force, floor, recognised.of(outcome.receiver_id))
    work.concerns("visit", visit.id, site=floor.site.id, rule=outcome.rule)
    _tell(work, visit)
    return visit.id


def _tell(work: UnitOfWork, visit: Visit) -> None:
    work.emit(VisitArrived(visit.id, visit.site_id, visit.number, visit.party_id, work.now))
    work.emit(
        ReceptionAssigned(
            visit.id,
            visit.site_id,
            visit.receiver_id,
            visit.owner_kind,
            visit.owner_id,
            visit.mode,
            visit.rule,
        )
    )


def _check_words(order: RecordArrival, now: datetime) -> None:
    if order.stated_at is not None and order.stated_at > now:
        raise InvalidInput(expected="NOT_IN_FUTURE", field=("input", "occurredAt"))
    if order.way not in _WAYS:
        raise InvalidInput(expected="ONE_OF", choices=_WAYS, field=("input", "way"))
    if order.survey not in _SURVEYS:
        raise InvalidInput(expected="ONE_OF", choices=_SURVEYS, field=("input", "survey"))
    if order.unit_code is not None and not 1 <= len(order.unit_code) <= _LONGEST_UNIT:
        field = ("input", "unitCode")
        raise InvalidInput(expected="CHARACTERS", least=1, most=_LONGEST_UNIT, field=field)


def _check_campaign(work: UnitOfWork, found: ArrivalFacts) -> None:
    if found.campaign is not None:
        require_running(found.campaign, _touch(work, found), ("input", "campaignId"))


def _touch(
    work: UnitOfWork,
    found: ArrivalFacts,
    visit_id: UUID | None = None,
    party_id: UUID | None = None,
) -> Touched:
    floor = found.floor
    return Touched(
        work.now, floor.day, floor.site.id, floor.site.territory_id, visit_id, party_id=party_id
    )


def _said(order: RecordArrival) -> Said:
    return Said(
        way=order.way,
        survey=order.survey,
        said_before=order.said_before,
        named_member_id=order.named_member_id,
        referrer_party_id=order.referrer_party_id,
        taken_by_id=order.taken_by_id,
        unit_code=order.unit_code,
    )


async def _party(
    work: UnitOfWork,
    order: RecordArrival,
    found: ArrivalFacts,
    recognised: Recognised,
    assigned: Assignment,
) -> Met | None:
    """Return the visit's customer, met anew where nothing identifies him.

    Of several whom the numbers identify it is the one whose registration decided; numbers,
    documents and a face that identify nobody become his.
    """
    keeper_id = assigned.outcome.owner_id or assigned.outcome.receiver_id
    held = {one.value for one in found.findings}
    unknown = [phone for phone in found.phones if phone.number not in held]
    note_extensions(work, [phone for phone in found.phones if phone.number in held])
    shown = [one for one in found.identities if one.digest not in held]
    party_id = _known_party(order, found, recognised)
    if party_id is None:
        if not unknown and not shown and not (order.customer_name or "").strip():
            return None
        site = found.floor.site
        return await meet_party(
            work,
            Newcomer(
                full_name=(order.customer_name or "").strip() or None,
                phones=unknown,
                identities=shown,
                owner_id=keeper_id,
                org_unit_id=site.org_unit_id,
                territory_id=site.territory_id,
            ),
        )
    add_phones(work, party_id, unknown)
    write_identities(work, party_id, shown)
    party = found.parties[party_id]
    if party.full_name is None and (order.customer_name or "").strip():
        name_party(work, party_id, order.customer_name or "")
    owner_id = assigned.outcome.owner_id
    if owner_id is not None and owner_id != party.owner_id:
        entrust_party(work, party_id, owner_id)
    return Met(party_id, party.territory_id)


def _known_party(order: RecordArrival, found: ArrivalFacts, recognised: Recognised) -> UUID | None:
    best = recognised.best
    if best is not None and best.party_id in recognised.parties:
        return best.party_id
    if order.party_id is not None:
        return order.party_id
    given = [*(phone.number for phone in found.phones), *(one.digest for one in found.identities)]
    holders = {one.value: one.party_id for one in found.findings}
    own = (holders[value] for value in given if holders.get(value) in recognised.parties)
    return next(own, None)


def _visit(
    work: UnitOfWork,
    order: RecordArrival,
    assigned: Assignment,
    party_id: UUID | None,
    found: ArrivalFacts,
) -> Visit:
    floor, outcome = assigned.floor, assigned.outcome
    return Visit(
        tenant_id=work.tenant_id,
        id=assigned.visit_id,
        created_at=work.now,
        created_by=work.caller.member_id,
        site_id=floor.site.id,
        org_unit_id=floor.site.org_unit_id,
        territory_id=floor.site.territory_id,
        number=floor.last_number + 1,
        reception_day=floor.day,
        arrived_at=work.now,
        stated_at=order.stated_at,
        state=(VisitState.WAITING if outcome.waits else VisitState.ASSIGNED).value,
        party_id=party_id,
        phones=[phone.number for phone in found.phones],
        identities=[one.digest for one in found.identities],
        ambiguous=bool(assigned.others),
        way=order.way,
        said_before=order.said_before,
        named_member_id=order.named_member_id,
        referrer_party_id=order.referrer_party_id,
        survey=order.survey,
        unit_code=order.unit_code,
        taken_by_id=order.taken_by_id,
        together_with_id=order.together_with_id,
        campaign_id=order.campaign_id,
        receiver_id=outcome.receiver_id,
        owner_kind=outcome.owner_kind,
        owner_id=outcome.owner_id,
        mode=outcome.mode,
        obligation=outcome.obligation,
        turn_member_id=outcome.turn_member_id,
        decision_id=work.decided(decision_of(work, assigned)),
        rule=outcome.rule,
        clause=outcome.clause,
    )


def _visit_parties(work: UnitOfWork, visit: Visit, recognised: Recognised) -> None:
    """Keep every party the visitor was recognised as, and the visit's own."""
    for party_id in dict.fromkeys([visit.party_id, *recognised.parties]):
        if party_id is not None:
            work.add(
                VisitParty(
                    tenant_id=work.tenant_id,
                    id=work.new_id(),
                    visit_id=visit.id,
                    party_id=party_id,
                )
            )
