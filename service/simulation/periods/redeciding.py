"""Puts the stored facts of each decision to a rulebook again: the one of then, or another."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from service.database.session import Row, Session
from service.policies.rulebooks.rulebook import FactRefused, Outcome, Rulebook
from service.replay.play import Play
from service.simulation.periods.fidelity import Difference

_PAGE: Final = 2000
# Of two decisions of one instant the later transaction's is the later: an id is partly chance.
_DECISIONS: Final = """
SELECT d.id, d.kind, d.at, d.subject_type, d.subject_id, d.rulebook_version_id, d.rule, d.clause,
    d.facts, d.outcome, d.passed_over, coalesce(d.transaction, 0) AS written
FROM app.decision d
WHERE d.tenant_id = $1 AND d.at >= $2 AND d.at < $3
  AND (d.at, coalesce(d.transaction, 0), d.id) > ($2, $4, $5)
ORDER BY d.at, written, d.id LIMIT 2000
"""
_FIRST: Final = (-1, UUID(int=0))


async def decisions(session: Session, begins: datetime, ends: datetime) -> AsyncIterator[Row]:
    """Give the decisions between two instants as they were made, a few thousand read at a time."""
    at, last = begins, _FIRST
    while True:
        rows = await session.fetch(_DECISIONS, session.tenant_id, at, ends, *last)
        for row in rows:
            yield row
        if len(rows) < _PAGE:
            return
        at, last = rows[-1]["at"], (rows[-1]["written"], rows[-1]["id"])


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was put to a rulebook: which, on what facts, and the rule that answered."""

    decision: str
    facts: Mapping[str, Any]
    rule: str


class Redecider:
    """A rulebook that is asked again what was asked before."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.play = Play(rulebook)

    @cached_property
    def decision_of(self) -> Mapping[str, str]:
        """The decision each rule belongs to."""
        meaning = self.play.rulebook.meaning
        return {
            meant.rule.id.raw: name
            for name, decision in meaning.decisions.items()
            for meant in decision.rules
        }

    def questions(self, row: Row) -> Iterator[Asked]:
        """Give everything that was asked for a record, the question it is about first."""
        name = self.decision_of.get(row["rule"])
        if name is not None:
            yield Asked(name, row["facts"], row["rule"])
        for step in row["outcome"].get("steps", ()):
            yield Asked(step["decision"], step["facts"], step["rule"])
        for passed in row["passed_over"]:
            if "rule" in passed:
                yield Asked("rotation_skip", {"state": passed["reason"]}, passed["rule"])

    def answer(self, asked: Asked) -> Outcome | None:
        """Ask again; None where this rulebook does not know the question or a fact of it."""
        try:
            return self.play.decide(asked.decision, asked.facts)
        except (FactRefused, KeyError):
            return None

    def differences(self, row: Row) -> Iterator[Difference]:
        """Give what this rulebook says otherwise than the record does."""
        known = False
        for asked in self.questions(row):
            known = True
            outcome = self.answer(asked)
            told = "nothing" if outcome is None else outcome.rule_id
            if told != asked.rule:
                yield Difference("decision", row["id"], asked.decision, asked.rule, told)
            elif outcome is not None and asked.facts is row["facts"]:
                yield from _words(row, outcome)
        if not known:
            yield Difference("decision", row["id"], "rule", row["rule"], "nothing")


def _words(row: Row, outcome: Outcome) -> Iterator[Difference]:
    if outcome.clause != row["clause"]:
        yield Difference("decision", row["id"], "clause", row["clause"], outcome.clause)
    for name, value in outcome.then.items():
        stored = row["outcome"].get(name)
        # A word that came into the vocabulary later was not stored, and was as if unsaid.
        if name in row["outcome"] and stored != value:
            yield Difference("decision", row["id"], name, str(stored), str(value))
