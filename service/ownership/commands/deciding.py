"""How ownership keeps a decision: with its facts, its version, its rule and whom it names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from service.journal.tables import Decision, DecisionKind
from service.policies.rulebooks.rulebook import Outcome
from service.rulebooks.in_force import InForce
from service.work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Subject:
    """The record decided on, and whose it is for authorisation."""

    kind: str
    id: UUID
    owner_id: UUID | None
    org_unit_id: UUID | None
    territory_id: UUID | None


@dataclass(frozen=True, slots=True)
class Ruling:
    """An outcome with the facts it was decided on.

    Attributes:
        names: members and parties that fill the sentence, by the rulebook's placeholder.
        behind: the records the facts were read from, by what they are.
        passed_over: members considered and not chosen, each with the reason.
    """

    kind: DecisionKind
    facts: Mapping[str, bool | int | str]
    outcome: Outcome
    names: Mapping[str, UUID | None] = field(default_factory=dict)
    behind: Mapping[str, Sequence[UUID]] = field(default_factory=dict)
    passed_over: Sequence[tuple[UUID, str]] = ()


def keep(work: UnitOfWork, in_force: InForce, subject: Subject, ruling: Ruling) -> UUID:
    """Store a decision and return its id.

    `outcome.names` holds the ids behind the sentence, `outcome.behind` those behind the facts.
    """
    behind = {name: [str(one) for one in ids] for name, ids in ruling.behind.items()}
    names = {name: str(value) for name, value in ruling.names.items() if value is not None}
    return work.decided(
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
            outcome={**ruling.outcome.then, "names": names, "behind": behind},
            passed_over=[
                {"member_id": str(member_id), "reason": reason}
                for member_id, reason in ruling.passed_over
            ],
            owner_id=subject.owner_id,
            org_unit_id=subject.org_unit_id,
            territory_id=subject.territory_id,
        )
    )
