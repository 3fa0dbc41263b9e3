"""How ownership keeps a decision: with its facts, its version, its rule and whom it names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from service.journal.tables import Decision, DecisionKind, DecisionMember
from service.policies.rulebooks.rulebook import Outcome
from service.rulebooks.in_force import InForce
from service.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Subject:
    """The record decided on, and whose it is for authorisation.

    Attributes:
        sides: members it is decided between, besides the owner: they read the decision too.
    """

    kind: str
    id: UUID
    owner_id: UUID | None
    org_unit_id: UUID | None
    territory_id: UUID | None
    sides: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Ruling:
    """An outcome with the facts it was decided on.

    Attributes:
        names: members and parties that fill the sentence, by the rulebook's placeholder.
        behind: the records the facts were read from, by what they are.
        passed_over: members considered and not chosen, each with the reason.
        told: what the record beside it says, by its table: sealed with the decision, so that one
            that was changed by hand is found.
    """

    kind: DecisionKind
    facts: Mapping[str, bool | int | str]
    outcome: Outcome
    names: Mapping[str, UUID | None] = field(default_factory=dict)
    behind: Mapping[str, Sequence[UUID]] = field(default_factory=dict)
    passed_over: Sequence[tuple[UUID, str]] = ()
    told: Mapping[str, object] = field(default_factory=dict)


def keep(work: UnitOfWork, in_force: InForce, subject: Subject, ruling: Ruling) -> UUID:
    """Store a decision and return its id.

    `outcome.names` holds the ids behind the sentence, `outcome.behind` those behind the facts.
    """
    behind = {name: [str(one) for one in ids] for name, ids in ruling.behind.items()}
    names = {name: str(value) for name, value in ruling.names.items() if value is not None}
    decision_id = work.decided(
        Decision(
            tenant_id=work.tenant_id,
            id=work.new_id(),
            kind=ruling.kind.value,
            at=work.now,
            subject_type=subject.kind,
            subject_id=subject.id,
            rulebook_version_id=in_force.version_id,
            rule=ruling.outcome.rule_id,
            clause=ruling.outcome.clause,
            facts=dict(ruling.facts),
            outcome={**ruling.outcome.then, "names": names, "behind": behind, **ruling.told},
            passed_over=[
                {"member_id": str(member_id), "reason": reason}
                for member_id, reason in ruling.passed_over
            ],
            owner_id=subject.owner_id,
            org_unit_id=subject.org_unit_id,
            territory_id=subject.territory_id,
        )
    )
    for member_id in sorted(subject.sides - {subject.owner_id}):
        let_read(work, decision_id, member_id, work.now)
    return decision_id


def let_read(work: UnitOfWork, decision_id: UUID, member_id: UUID, at: datetime) -> None:
    """Let a member read a decision of that instant, which he is a side of, as his own."""
    work.add(
        DecisionMember(
            tenant_id=work.tenant_id,
            id=work.new_id(),
            decision_id=decision_id,
            member_id=member_id,
            at=at,
        )
    )
