"""Who the visitor is: what the numbers, the relations and the desk's answers come to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from service.ownership.rules import (
    Known,
    are_one_customer,
    earliest_lapsed,
    earliest_live,
    is_same_at,
)
from service.policies.rulebooks.rulebook import Rulebook
from service.reception.facts.arrivals import ArrivalFacts
from service.reception.rules.arrival import Step, Visitor
from service.reception.tables import ArrivalWay, SurveyStatus

_SURVEYS = {
    SurveyStatus.NONE.value: "NONE",
    SurveyStatus.SUSPECTED.value: "UNDECLARED",
    SurveyStatus.DECLARED.value: "DECLARED",
    SurveyStatus.EXPOSED.value: "DECLARED",
}
_WAYS = {
    ArrivalWay.WALK_IN.value: "WALK_IN",
    ArrivalWay.PHONE_FIRST.value: "PHONE",
    ArrivalWay.REFERRAL.value: "REFERRAL",
}


@dataclass(frozen=True, slots=True)
class Said:
    """What the visitor said or the desk saw, in the words of the visit."""

    way: str = ArrivalWay.WALK_IN.value
    survey: str = SurveyStatus.NONE.value
    said_before: bool = False
    named_member_id: UUID | None = None
    referrer_party_id: UUID | None = None
    taken_by_id: UUID | None = None
    unit_code: str | None = None


@dataclass(frozen=True, slots=True)
class Recognised:
    """The visitor as the decision sees him.

    Attributes:
        registrations: those that count as his own: his parties', and merged relatives' (TR-2).
        best: the one that decides: the earliest live one, or else the earliest lapsed one.
        parties: those that are he, in the order in which they were found.
        others: those that are not, though something he gave or showed points to them.
        asked: what the rulebook was asked about that, where there was more than numbers.
    """

    visitor: Visitor
    registrations: tuple[Known, ...]
    best: Known | None
    parties: tuple[UUID, ...]
    others: tuple[UUID, ...] = ()
    asked: tuple[Step, ...] = ()

    def of(self, member_id: UUID | None) -> tuple[Known, ...]:
        """Return those of them that stand in a member's register."""
        return tuple(known for known in self.registrations if known.member_id == member_id)


def recognise(rulebook: Rulebook, found: ArrivalFacts, said: Said, now: datetime) -> Recognised:
    """Turn what was read and said into the facts of the decision."""
    known = recognition(rulebook, found)
    registrations = tuple(_own(rulebook, found, known.parties, said.unit_code))
    live = earliest_live(registrations, now)
    best = live or earliest_lapsed(registrations, now)
    named_id = said.named_member_id if found.floor.works(said.named_member_id) else None
    referred = _of_party(found, said.referrer_party_id)
    referrer = earliest_live(referred, now) or earliest_lapsed(referred, now)
    visitor = Visitor(
        survey=_SURVEYS[said.survey],
        arrival=_WAYS[said.way],
        said_before=said.said_before,
        taker_id=said.taken_by_id if said.taken_by_id not in found.floor.order else None,
        registration="LIVE" if live else ("LAPSED" if best else "NONE"),
        registered_by=best.member_id if best else None,
        named_id=named_id,
        evidence=_evidence(found, referred),
        named_took_call=named_id in found.call_takers,
        referrer_rep_id=referrer.member_id if referrer else None,
        companion_rep_id=found.companion_rep_id,
        manager_id=found.floor.manager_id,
        buddies=found.buddies,
    )
    return Recognised(visitor, registrations, best, known.parties, known.others, known.asked)


@dataclass(frozen=True, slots=True)
class Recognition:
    """Who of those found the visitor is, and who not; what was asked."""

    parties: tuple[UUID, ...]
    others: tuple[UUID, ...]
    asked: tuple[Step, ...]


_DECISION = "recognition"
_DESK, _PHONE, _DOCUMENT, _FACE = "DESK", "PHONE", "DOCUMENT", "FACE"


def recognition(rulebook: Rulebook, found: ArrivalFacts) -> Recognition:
    """Let the rulebook say who of those found the visitor is (decision `recognition`, TR-2).

    Whom the desk names he is.
    """
    ways: dict[UUID, set[str]] = {}
    for one in found.findings:
        ways.setdefault(one.party_id, set()).add(one.by)
    same: list[UUID] = []
    others: list[UUID] = []
    asked: list[Step] = []
    for party_id, by in ways.items():
        if _DESK in by:
            same.append(party_id)
            continue
        elsewhere = {way for other, those in ways.items() if other != party_id for way in those}
        facts: dict[str, bool] = {
            "by_phone": _PHONE in by,
            "by_document": _DOCUMENT in by,
            "by_face": _FACE in by,
            "document_of_another": _DOCUMENT in elsewhere,
            "face_of_another": _FACE in elsewhere,
        }
        outcome = rulebook.decide(_DECISION, facts)
        (same if outcome.then["customer"] == "SAME" else others).append(party_id)
        if {_DOCUMENT, _FACE} & (by | elsewhere):
            asked.append(Step(_DECISION, facts, outcome))
    return Recognition(tuple(same), tuple(others), tuple(asked))


def _own(
    rulebook: Rulebook, found: ArrivalFacts, parties: tuple[UUID, ...], unit_code: str | None
) -> Iterable[Known]:
    """Give the registrations of the visitor and of relatives who count as one with him."""
    near = [
        relation
        for relation in found.relations
        if relation.party_id in parties or relation.other_party_id in parties
    ]
    for known in found.registrations:
        if not is_same_at(rulebook, known, found.floor.site.id):
            continue
        related = [
            relation
            for relation in near
            if known.party_id in {relation.party_id, relation.other_party_id}
        ]
        if known.party_id in parties or are_one_customer(
            rulebook, related, known.party_id, unit_code
        ):
            yield known


def _of_party(found: ArrivalFacts, party_id: UUID | None) -> list[Known]:
    return [known for known in found.registrations if known.party_id == party_id]


def _evidence(found: ArrivalFacts, referred: Iterable[Known]) -> str:
    """Return what bears a naming out; a registered referrer weighs more than a call."""
    if any(known.counts for known in referred):
        return "REFERRAL"
    return "CALL" if found.call_takers else "NONE"
