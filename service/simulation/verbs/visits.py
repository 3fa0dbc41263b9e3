"""Verbs of a visit: it arrives, somebody grabs it, it names, leaves, is exposed, is registered."""

from uuid import UUID

from service.database.session import Row
from service.errors import NotFound
from service.ownership.tables import OwnerKind
from service.policies.rulebooks.clauses import short_clause
from service.reception.commands import (
    CloseVisit,
    ExposeSurvey,
    NameRepresentative,
    ReassignReception,
    RecordArrival,
    RegisterCustomer,
    TakeVisitor,
    close_visit,
    expose_survey,
    name_representative,
    reassign_reception,
    record_arrival,
    register_customer,
    take_visitor,
)
from service.reception.errors import NamedTooLate
from service.reception.tables import ArrivalWay, ReceptionMode, SurveyStatus
from service.simulation.showroom import DESK, MANAGER, Showroom, documents_of, phones_of
from service.simulation.stories import Step, Unsupported
from service.simulation.verbs.floor import live_order
from service.simulation.verbs.verb import (
    NOTHING,
    Answers,
    Verb,
    blank,
    clause_of,
    result_of,
    silent,
    verdict,
    word,
)
from service.work import UnitOfWork, nothing_more

_WAYS = {"": ArrivalWay.WALK_IN, "phone": ArrivalWay.PHONE_FIRST, "ref": ArrivalWay.REFERRAL}
_SURVEYS = {
    "": SurveyStatus.NONE,
    "undeclared": SurveyStatus.SUSPECTED,
    "suspected": SurveyStatus.SUSPECTED,
    "declared": SurveyStatus.DECLARED,
}


async def arrive(showroom: Showroom, step: Step) -> Answers:
    """A visitor stands at the desk, which learns his numbers and what he says."""
    way, survey = step.option("via"), step.option("survey")
    if way not in _WAYS or survey not in _SURVEYS:
        raise Unsupported(f"arrive via={way} survey={survey}")
    order = RecordArrival(
        showroom.site_id,
        phones=phones_of(step),
        documents=documents_of(step),
        face_reference=step.option("face") or None,
        said_before=step.option("said") == "old",
        way=_WAYS[way].value,
        survey=_SURVEYS[survey].value,
        named_member_id=_named(showroom, step, "names"),
        referrer_party_id=_referrer(showroom, step),
        unit_code=step.option("unit") or None,
        taken_by_id=_named(showroom, step, "taken_by"),
        together_with_id=showroom.memory.visits.get(step.option("with")),
    )
    done = await showroom.perform(showroom.caller(DESK), order, record_arrival, _visit)
    name, customer = word(step, 0), step.option("cust")
    showroom.memory.visits[name] = done.result
    showroom.memory.customers[name] = customer
    for party_id in done.answer["party_ids"]:
        showroom.memory.met(customer, party_id)
    return _decided(showroom, done.answer)


def _named(showroom: Showroom, step: Step, option: str) -> UUID | None:
    name = step.option(option)
    return showroom.member(name) if name else None


def _referrer(showroom: Showroom, step: Step) -> UUID | None:
    known = showroom.memory.parties.get(step.option("ref"))
    return known[0] if known else None


async def _visit(work: UnitOfWork, visit_id: UUID) -> Row:
    return await work.fetch_only(
        "SELECT v.receiver_id, v.owner_kind, v.owner_id, v.mode, v.turn_member_id, v.clause,"
        " ARRAY(SELECT p.party_id FROM app.visit_party p"
        "       WHERE p.tenant_id = $1 AND p.visit_id = v.id) AS party_ids"
        " FROM app.visit v WHERE v.tenant_id = $1 AND v.id = $2",
        work.tenant_id,
        visit_id,
    )


def _decided(showroom: Showroom, visit: Row) -> Answers:
    by_manager = visit["mode"] == ReceptionMode.MANAGER
    return {
        "receiver": showroom.name_of(visit["receiver_id"], "MANAGER" if by_manager else NOTHING),
        "owner": owner_of(showroom, visit),
        "mode": visit["mode"],
        "turn": showroom.name_of(visit["turn_member_id"]),
        "rule": short_clause(visit["clause"]),
    }


def owner_of(showroom: Showroom, visit: Row) -> str:
    """Return whose customer a visit is: a rep, the company, or nobody yet."""
    if visit["owner_kind"] == OwnerKind.NOBODY:
        return NOTHING
    return showroom.name_of(visit["owner_id"], OwnerKind.COMPANY.value)


async def _told(showroom: Showroom, name: str) -> Row:
    """Return a visit of the story as it stands."""
    (visit,) = await showroom.look(
        "SELECT receiver_id, owner_kind, owner_id, phones, mode FROM app.visit"
        " WHERE tenant_id = $1 AND id = $2",
        visit_of(showroom, name),
    )
    return visit


def visit_of(showroom: Showroom, name: str) -> UUID:
    """Return the visit of that name.

    Raises:
        NotFound: it never arrived, or was refused at the desk.
    """
    known = showroom.memory.visits.get(name)
    if known is None:
        raise NotFound(field=("input", "visitId"))
    return known


async def take(showroom: Showroom, step: Step) -> Answers:
    """A rep wants to grab a visitor: one at the door, or one who waits."""
    known = showroom.memory.parties.get(step.option("cust"))
    order = TakeVisitor(
        showroom.site_id,
        visit_id=showroom.memory.visits.get(word(step, 0)),
        party_id=known[0] if known else None,
        phones=phones_of(step),
    )
    await showroom.perform(showroom.caller(step.option("by")), order, take_visitor, nothing_more)
    return {"reject": NOTHING}


async def name(showroom: Showroom, step: Step) -> Answers:
    """A visitor asks for a rep after he was recorded."""
    named = step.option("names") or word(step, 1)
    order = NameRepresentative(visit_of(showroom, word(step, 0)), showroom.member(named))
    result = "OK"
    try:
        await showroom.perform(showroom.caller(DESK), order, name_representative, nothing_more)
    except NamedTooLate:
        result = "TOO_LATE"
    return {"res": result, "owner": owner_of(showroom, await _told(showroom, word(step, 0)))}


async def reassign(showroom: Showroom, step: Step) -> Answers:
    """The manager gives a visitor to another rep."""
    visit_id, to = visit_of(showroom, word(step, 0)), showroom.member(step.option("to"))
    order = ReassignReception(visit_id, to, "The customer wishes it.")
    await showroom.perform(showroom.caller(MANAGER), order, reassign_reception, nothing_more)
    owner = owner_of(showroom, await _told(showroom, word(step, 0)))
    return {"res": "OK", "owner": owner, "order": await live_order(showroom)}


async def leave(showroom: Showroom, step: Step) -> Answers:
    """The visitor leaves."""
    order = CloseVisit(visit_of(showroom, word(step, 0)))
    await showroom.perform(showroom.caller(DESK), order, close_visit, nothing_more)
    return {}


async def expose(showroom: Showroom, step: Step) -> Answers:
    """A survey visitor is exposed, and admits it unless the story says otherwise."""
    admitted = step.option("admits", "yes") != "no"
    order = ExposeSurvey(visit_of(showroom, word(step, 0)), admitted)
    await showroom.perform(showroom.caller(DESK), order, expose_survey, nothing_more)
    return {"order": await live_order(showroom)}


async def reg(showroom: Showroom, step: Step) -> Answers:
    """The visit's customer is entered in its owner's book: by him, unless the story says who.

    Who said nothing at the door may say now, with `tel`, who he is.
    """
    visit_name, missing = word(step, 0), step.option("missing").split(",")
    visit = await _told(showroom, visit_name)
    keeper = showroom.name_of(visit["owner_id"] or visit["receiver_id"], MANAGER)
    order = RegisterCustomer(
        visit_of(showroom, visit_name),
        # Empty is more than left out: the story says that he gives none.
        full_name="" if "name" in missing else showroom.memory.customers[visit_name],
        phones=() if "tel" in missing else (phones_of(step) or tuple(visit["phones"])),
        document=next(iter(documents_of(step)), None),
        face_reference=step.option("face") or None,
    )
    by = step.option("by") or (keeper if keeper in showroom.members else MANAGER)
    done = await showroom.perform(showroom.caller(by), order, register_customer, _entered)
    showroom.memory.met(showroom.memory.customers[visit_name], done.answer["party_id"])
    return {"reg": done.answer["result"]}


async def _entered(work: UnitOfWork, registration_id: UUID) -> Row:
    return await work.fetch_only(
        "SELECT party_id, result FROM app.registration WHERE tenant_id = $1 AND id = $2",
        work.tenant_id,
        registration_id,
    )


VERBS = {
    "arrive": Verb(arrive, blank("receiver", "owner", "mode", "turn", "rule")),
    "take": Verb(take, lambda refusal: {"reject": clause_of(refusal)}),
    "name": Verb(name, lambda refusal: {"res": verdict(refusal), "owner": NOTHING}),
    "reassign": Verb(
        reassign,
        lambda refusal: {"res": verdict(refusal), "owner": NOTHING, "order": NOTHING},
    ),
    "leave": Verb(leave, silent),
    "expose": Verb(expose, blank("order")),
    "reg": Verb(reg, lambda refusal: {"reg": result_of(refusal)}),
}
