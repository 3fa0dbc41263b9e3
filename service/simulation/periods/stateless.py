"""The quick simulation: the stored facts of each decision, put to another text.

Nothing feeds back: whoever would have been free, or would have owned the customer, because of an
earlier change is not seen. So it is a lower bound, and labelled as one.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from service.database.session import Row, Session
from service.ownership.rules import AdmittedClaim, Closing, Resolution, Share, shares_of
from service.policies.rulebooks.rulebook import Outcome, Rulebook
from service.reception.tables import ReceptionMode
from service.simulation.periods.comparing import Case, Comparison, Within
from service.simulation.periods.records import AsDecided, Shares, decided_by
from service.simulation.periods.redeciding import Asked, Redecider, decisions
from service.simulation.tables import SimulatedSubject

Advance = Callable[[int, int], Awaitable[None]]

_STEP: Final = 1000
_VISIT_WORDS: Final = ("receiver", "owner")
_WAITS: Final = ReceptionMode.WAIT.value
_AS_RESOLVED: Final = "AS_RESOLVED"
_OF_CLAIMANTS: Final = {"EARLIEST_CLAIMANT", "FIRST_CLAIMANT"}
_SHARES: Final = """
SELECT c.decision_id, c.holder, c.member_id, c.basis_points
FROM app.credit_share c JOIN app.deal d ON d.tenant_id = $1 AND d.id = c.deal_id
WHERE c.tenant_id = $1 AND d.signed_at >= $2 AND d.signed_at < $3 ORDER BY c.id
"""
_CLAIMS: Final = """
SELECT c.id, c.claimant_id, c.filed_at, r.ranks_from, c.registration_id
FROM app.claim c
JOIN app.deal d ON d.tenant_id = $1 AND d.id = c.deal_id
JOIN app.registration r ON r.tenant_id = $1 AND r.id = c.registration_id
WHERE c.tenant_id = $1 AND d.signed_at >= $2 AND d.signed_at < $3
"""


@dataclass(frozen=True, slots=True)
class _Credited:
    """What is on record of the deals of a period: each decision's shares, and the claims."""

    shares: Mapping[UUID, tuple[Share, ...]]
    claims: Mapping[UUID, AdmittedClaim]


async def stateless(
    session: Session, rulebook: Rulebook, within: Within, advance: Advance
) -> Comparison:
    """Ask a text everything that was decided at some sites in a period."""
    found, redecider = Comparison(), Redecider(rulebook)
    begins = min((span[0] for span in within.spans.values()), default=None)
    ends = max((span[1] for span in within.spans.values()), default=None)
    if begins is None or ends is None:
        return found
    total: int = await session.fetch_value(
        "SELECT count(*) FROM app.decision WHERE tenant_id = $1 AND at >= $2 AND at < $3",
        session.tenant_id,
        begins,
        ends,
    )
    places, credited = await _places(session), await _credited(session, begins, ends)
    # Who waited is decided on again, a deal's credit at each of its claims: the last word counts.
    waiting, deals = dict[UUID, Case](), dict[UUID, Case]()
    done = 0
    async for row in decisions(session, begins, ends):
        done += 1
        site_id, signed_at = places.get(row["subject_id"], (None, None))
        case = None
        if site_id is not None and within.has(site_id, signed_at or row["at"]):
            case = _case(redecider, row, site_id, signed_at, credited)
        if case is not None and case.subject is SimulatedSubject.DEAL:
            deals[case.id] = case
        elif case is not None and case.before.mode == _WAITS:
            waiting[case.id] = case
        elif case is not None:
            waiting.pop(case.id, None)
            found.take_visit(case)
        if done % _STEP == 0:
            await advance(done, total)
    for case in waiting.values():
        found.take_visit(case)
    for case in deals.values():
        found.take_deal(case)
    found.cases.sort(key=lambda case: (case.at, case.id))
    await advance(total, total)
    return found


async def _places(session: Session) -> Mapping[UUID, tuple[UUID, datetime | None]]:
    """Return where each visit and each deal that stands was, and when a deal was signed."""
    rows = await session.fetch(
        "SELECT v.id, v.site_id, NULL::timestamptz AS signed_at FROM app.visit v"
        " WHERE v.tenant_id = $1"
        " UNION ALL SELECT d.id, d.site_id, d.signed_at FROM app.deal d WHERE d.tenant_id = $1"
        " AND d.cancelled_at IS NULL",
        session.tenant_id,
    )
    return {row["id"]: (row["site_id"], row["signed_at"]) for row in rows}


async def _credited(session: Session, begins: datetime, ends: datetime) -> _Credited:
    shares: dict[UUID, tuple[Share, ...]] = {}
    for row in await session.fetch(_SHARES, session.tenant_id, begins, ends):
        share = Share(row["holder"], row["member_id"], row["basis_points"])
        shares[row["decision_id"]] = (*shares.get(row["decision_id"], ()), share)
    rows = await session.fetch(_CLAIMS, session.tenant_id, begins, ends)
    claims = {
        row["id"]: AdmittedClaim(
            row["claimant_id"],
            row["filed_at"],
            row["ranks_from"],
            row["registration_id"],
            row["id"],
        )
        for row in rows
    }
    return _Credited(shares, claims)


def _case(
    redecider: Redecider,
    row: Row,
    site_id: UUID,
    signed_at: datetime | None,
    credited: _Credited,
) -> Case | None:
    facts = row["facts"]
    if row["kind"] == "RECEPTION" and "queue" in facts:
        outcome = redecider.answer(Asked("reception", _with_naming(redecider, row), row["rule"]))
        return None if outcome is None else _visit(row, outcome, site_id)
    if row["kind"] == "CREDIT" and signed_at is not None:
        outcome = redecider.answer(Asked("credit", facts, row["rule"]))
        return None if outcome is None else _deal(row, outcome, site_id, signed_at, credited)
    return None


def _with_naming(redecider: Redecider, row: Row) -> Mapping[str, Any]:
    """Let the text say first whether a naming counts, for the reception is asked with that."""
    for step in row["outcome"].get("steps", ()):
        if step["decision"] == "naming":
            answer = redecider.answer(Asked("naming", step["facts"], step["rule"]))
            if answer is not None:
                return {**row["facts"], "naming": str(answer.then["naming"])}
    facts: Mapping[str, Any] = row["facts"]
    return facts


def _changed(row: Row, outcome: Outcome, words: tuple[str, ...]) -> dict[str, bool]:
    stored = row["outcome"]
    return {word: stored.get(word) != outcome.then.get(word) for word in words}


def _visit(row: Row, outcome: Outcome, site_id: UUID) -> Case:
    changed = _changed(row, outcome, _VISIT_WORDS)
    before = decided_by(row["outcome"], row["rule"])
    # Who it would have been is not known from the facts alone: only where he stays is he told.
    after = before._replace(
        receiver=None if changed["receiver"] else before.receiver,
        owner=None if changed["owner"] else before.owner,
        turn=before.turn if not changed["receiver"] else None,
        mode=str(outcome.then["mode"]),
        rule=outcome.rule_id,
    )
    return Case(
        SimulatedSubject.VISIT,
        row["subject_id"],
        site_id,
        row["at"],
        receiver_changed=changed["receiver"],
        owner_changed=changed["owner"],
        credit_changed=False,
        before=before,
        after=after,
    )


def _deal(
    row: Row, outcome: Outcome, site_id: UUID, signed_at: datetime, credited: _Credited
) -> Case:
    closing, stored = _closing(row), credited.shares.get(row["id"], ())
    before = AsDecided(
        closing.receiver_id,
        closing.owner_kind,
        closing.owner_id,
        None,
        "",
        closing.obligation,
        row["rule"],
    )
    had, gets = _held(stored), _held(_would_hold(row, outcome, closing, stored, credited))
    return Case(
        SimulatedSubject.DEAL,
        row["subject_id"],
        site_id,
        signed_at,
        receiver_changed=False,
        owner_changed=False,
        credit_changed=had != gets,
        before=before,
        after=before._replace(rule=outcome.rule_id),
        shares_before=had,
        shares_after=gets,
    )


def _closing(row: Row) -> Closing:
    """Read the closing visit as the credit saw it: the ids stand behind the sentence."""
    facts, names = row["facts"], row["outcome"]["names"]
    owner = names.get("owner")
    return Closing(
        UUID(names["receiver"]),
        str(facts["closing_owner"]),
        UUID(owner) if owner else None,
        str(facts["obligation"]),
    )


def _would_hold(
    row: Row, outcome: Outcome, closing: Closing, stored: tuple[Share, ...], credited: _Credited
) -> tuple[Share, ...]:
    """Return whose the deal would be; nothing where the record does not name who that is."""
    then, known = outcome.then, row["outcome"]
    behind = known["behind"]["claims"]
    claims = [credited.claims[UUID(one)] for one in behind if UUID(one) in credited.claims]
    if not claims and _OF_CLAIMANTS & {str(then["to"]), str(then["rest"])}:
        return ()
    resolved = stored if known.get("to") == _AS_RESOLVED else ()
    return shares_of(then, closing, claims, Resolution(str(row["facts"]["dispute"]), resolved))


def _held(shares: tuple[Share, ...]) -> Shares:
    return frozenset((share.holder, share.member_id, share.basis_points) for share in shares)
