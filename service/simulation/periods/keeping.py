"""Writes what a simulation showed."""

from typing import Any, Final
from uuid import UUID

from service.simulation.periods.comparing import Case, Comparison
from service.simulation.periods.records import Shares
from service.simulation.tables import (
    SimulatedSubject,
    SimulationCase,
    SimulationTally,
    TallyOf,
)
from service.work import UnitOfWork

# More than anybody clicks through; the sums are of all.
MOST_CASES: Final = 10_000


def keep(work: UnitOfWork, simulation_id: UUID, found: Comparison) -> None:
    """Write the cases, in the order of what happened, and the sums, the largest first."""
    work.add(
        *(
            _case(work, simulation_id, position, case)
            for position, case in enumerate(found.cases[:MOST_CASES], 1)
        )
    )
    ordered = sorted(
        found.tallies.items(),
        key=lambda one: (one[0][0], -one[1].visits_before, -one[1].credit_before, str(one[0][1])),
    )
    for position, ((of, key), tally) in enumerate(ordered, 1):
        sums = {name: getattr(tally, name) for name in type(tally).__dataclass_fields__}
        work.add(
            SimulationTally(
                tenant_id=work.tenant_id,
                id=work.new_id(),
                rulebook_simulation_id=simulation_id,
                position=position,
                tally_of=of.value,
                member_id=key if of is TallyOf.MEMBER else None,
                site_id=key if of is TallyOf.SITE else None,
                rule=key if of is TallyOf.RULE else None,
                **sums,
            )
        )


def _case(work: UnitOfWork, simulation_id: UUID, position: int, case: Case) -> SimulationCase:
    of_visit = case.subject is SimulatedSubject.VISIT
    return SimulationCase(
        tenant_id=work.tenant_id,
        id=work.new_id(),
        rulebook_simulation_id=simulation_id,
        position=position,
        subject=case.subject.value,
        site_id=case.site_id,
        visit_id=case.id if of_visit else None,
        deal_id=None if of_visit else case.id,
        happened_at=case.at,
        receiver_changed=case.receiver_changed,
        owner_changed=case.owner_changed,
        credit_changed=case.credit_changed,
        rule_before=case.before.rule,
        rule_after=case.after.rule,
        mode_before=case.before.mode or None,
        mode_after=case.after.mode or None,
        receiver_before_id=case.before.receiver,
        receiver_after_id=case.after.receiver,
        owner_before_id=case.before.owner,
        owner_after_id=case.after.owner,
        credit_before=_shares(case.shares_before),
        credit_after=_shares(case.shares_after),
    )


def _shares(shares: Shares) -> list[dict[str, Any]]:
    return [
        {"holder": holder, "member_id": str(member) if member else None, "basis_points": points}
        for holder, member, points in sorted(shares, key=lambda one: (-one[2], str(one[1])))
    ]
