"""The telephone desk: calls, how well they were answered, and what right they give."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from service.calendar import day_of
from service.campaigns.commands import Touched, require_running, touched
from service.customers.commands import Met, Newcomer, entrust_party, meet_party, name_party
from service.customers.facts import holder_of, parties
from service.customers.rules import Phone, phone_of
from service.errors import InvalidInput
from service.organisation.queries import lacking
from service.ownership.commands import CallEntry, call_right, enter_call
from service.reception.commands.attributing import CAMPAIGN_FIELD, known_campaign
from service.reception.events import CallRecorded
from service.reception.facts import sites as facts
from service.reception.tables import CallRecord
from service.rulebooks.in_force import in_force
from service.territories.routing import territory_of_lead
from service.work import Anchor, UnitOfWork

_LONGEST_TEXT = 2000
_RECEIVE = "visit.take"
_IN_TIME = "OK"


@dataclass(frozen=True, slots=True)
class RecordCall:
    """A telephone enquiry was taken (四(一)3).

    Attributes:
        taker_id: who took it; None means the caller of the command.
        rings, duration_seconds: for the service measures, where they are known.
        campaign_id: the campaign that made him call, if he or the desk knows.
    """

    # A call may register: who arrives at once is received before it or after it.
    anchor: ClassVar[Anchor] = Anchor("rotation_queue", "site_id", "site_id")

    site_id: UUID
    phone: str
    taker_id: UUID | None = None
    caller_name: str | None = None
    need: str | None = None
    source: str | None = None
    rings: int | None = None
    duration_seconds: int | None = None
    campaign_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class CallTaken:
    """A call on record, and what the rulebook made of it.

    Attributes:
        rings, length: whether it was answered well: OK, BREACH, or None if not measured.
        registration_id: the entry it made in the taker's register, where calls do.
    """

    call_id: UUID
    rings: str | None
    length: str | None
    registration_id: UUID | None = None


async def record_call(work: UnitOfWork, order: RecordCall) -> CallTaken:
    """Put a call on record; the rulebook measures it and says whether it registers the caller.

    Decisions `call_service` and `call_right`. Raises NotFound, Forbidden, InvalidInput,
    InvalidPhone, CampaignNotRunning, or CampaignElsewhere.
    """
    site = await facts.site(work, order.site_id)
    taker_id = order.taker_id or work.actor.member_id
    work.authorise("call.record", site.record(taker_id))
    await facts.require(work, taker=taker_id)
    for name, text in (("callerName", order.caller_name), ("need", order.need)):
        long = InvalidInput(
            field=("input", name), expected="AT_MOST_CHARACTERS", most=_LONGEST_TEXT
        )
        _check(len(text or "") <= _LONGEST_TEXT, long)
    for name, figure in (("rings", order.rings), ("durationSeconds", order.duration_seconds)):
        negative = InvalidInput(field=("input", name), expected="NOT_NEGATIVE")
        _check((figure or 0) >= 0, negative)
    phone = phone_of(order.phone, site.phone_region, ("input", "phone"))
    call = CallRecord(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        created_at=work.now,
        created_by=work.caller.member_id,
        site_id=site.id,
        org_unit_id=site.org_unit_id,
        territory_id=site.territory_id,
        called_at=work.now,
        taker_id=taker_id,
        phone=phone.number,
        extension=phone.extension,
        caller_name=order.caller_name,
        need=order.need,
        source=order.source,
        rings=order.rings,
        duration_seconds=order.duration_seconds,
        campaign_id=order.campaign_id,
    )
    await _brought(work, site, call)
    measured = await _measured(work, order)
    rings, length = measured.get("rings"), measured.get("length")
    call.rings_in_time = None if rings is None else rings == _IN_TIME
    call.length_in_time = None if length is None else length == _IN_TIME
    work.add(call)
    registration_id = await _registered(work, site, call, phone)
    work.concerns("call", call.id, site=site.id)
    work.emit(CallRecorded(call.id, site.id, taker_id))
    return CallTaken(call.id, rings, length, registration_id)


async def _brought(work: UnitOfWork, site: facts.SiteRow, call: CallRecord) -> None:
    """Write down the campaign that made somebody call."""
    if call.campaign_id is not None:
        on = day_of(call.called_at, ZoneInfo(site.time_zone))
        what = Touched(call.called_at, on, site.id, site.territory_id, call_id=call.id)
        require_running(await known_campaign(work, call.campaign_id), what, CAMPAIGN_FIELD)
        touched(work, call.campaign_id, what)


async def _registered(
    work: UnitOfWork, site: facts.SiteRow, call: CallRecord, phone: Phone
) -> UUID | None:
    """Enter the caller in the taker's register, where the rulebook lets a call do that."""
    name = (call.caller_name or "").strip()
    if not name:
        return None
    rulebook = await in_force(work, work.now, site.id)
    right = call_right(rulebook, name_given=True, phone_given=True)
    # Who is not let receive, such as a clerk, holds no register.
    if right is None or await lacking(work, [call.taker_id], _RECEIVE, site.record()):
        return None
    met = await _caller_party(work, site, call, phone)
    entry = CallEntry(
        call_id=call.id,
        party_id=met.id,
        member_id=call.taker_id,
        site_id=site.id,
        zone=ZoneInfo(site.time_zone),
        called_at=call.called_at,
        org_unit_id=site.org_unit_id,
        territory_id=await territory_of_lead(work, met.territory_id, site.territory_id),
    )
    return await enter_call(work, rulebook, entry, right)


async def _caller_party(
    work: UnitOfWork, site: facts.SiteRow, call: CallRecord, phone: Phone
) -> Met:
    """Return whom the number identifies, or a customer met anew."""
    name = (call.caller_name or "").strip()
    known_id = (await holder_of(work, [phone.number])).get(phone.number)
    if known_id is None:
        newcomer = Newcomer(
            full_name=name,
            phones=[phone],
            owner_id=call.taker_id,
            org_unit_id=site.org_unit_id,
            territory_id=site.territory_id,
        )
        return await meet_party(work, newcomer)
    (party,) = await parties(work, [(known_id, ("input", "phone"))])
    if party.full_name is None:
        name_party(work, known_id, name)
    if party.owner_id is None:
        entrust_party(work, known_id, call.taker_id)
    return Met(known_id, party.territory_id)


async def _measured(work: UnitOfWork, order: RecordCall) -> dict[str, str]:
    """Judge what was measured of a call; what was not has no answer."""
    facts_by_name = {"rings": order.rings, "seconds": order.duration_seconds}
    measured = {name: value for name, value in facts_by_name.items() if value is not None}
    if not measured:
        return {}
    decided = (await in_force(work, work.now, order.site_id)).rulebook.decide(
        "call_service", measured
    )
    answers = {"rings": "rings", "seconds": "length"}
    return {answers[name]: str(decided.then[answers[name]]) for name in measured}


def _check(fits: bool, refusal: InvalidInput) -> None:
    if not fits:
        raise refusal
