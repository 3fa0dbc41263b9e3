"""The figures of one simulation agree with each other, whatever was compared."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from service.replay.days import Days, milliseconds
from service.replay.history import Kind, Place
from service.simulation.periods.comparing import Case, Comparison, Within, compared
from service.simulation.periods.records import AsDecided, Recorded, Shares
from service.simulation.tables import SimulatedSubject, TallyOf

AT = datetime(2026, 3, 2, tzinfo=UTC)
REPS, SITES = [UUID(int=n) for n in (1, 2, 3)], [UUID(int=n) for n in (11, 12)]
RULES = ["CR-2", "CR-3", "CR-4"]


@st.composite
def shares(draw: st.DrawFn) -> Shares:
    first, second = draw(st.tuples(st.sampled_from([None, *REPS]), st.sampled_from(REPS)))
    points = draw(st.sampled_from([0, 4_000, 10_000]))
    parts = Counter({first: points, second: 0})
    parts[second] += 10_000 - points
    return frozenset(
        ("COMPANY" if who is None else "MEMBER", who, part) for who, part in parts.items() if part
    )


@st.composite
def deals(draw: st.DrawFn) -> Case:
    before, after = draw(shares()), draw(shares())
    rules = [
        AsDecided(None, "MEMBER", None, None, "TURN", "NONE", draw(st.sampled_from(RULES)))
        for _ in range(2)
    ]
    return Case(
        SimulatedSubject.DEAL,
        draw(st.uuids()),
        draw(st.sampled_from(SITES)),
        AT,
        receiver_changed=False,
        owner_changed=False,
        credit_changed=before != after,
        before=rules[0],
        after=rules[1],
        shares_before=before,
        shares_after=after,
    )


def a_deal(before: Shares, after: Shares) -> Case:
    decided = AsDecided(None, "MEMBER", None, None, "TURN", "NONE", "CR-2")
    return Case(
        SimulatedSubject.DEAL,
        UUID(int=21),
        SITES[0],
        AT,
        receiver_changed=False,
        owner_changed=False,
        credit_changed=before != after,
        before=decided,
        after=decided,
        shares_before=before,
        shares_after=after,
    )


def halves(first: UUID, second: UUID) -> Shares:
    return frozenset(("MEMBER", rep, 5_000) for rep in (first, second))


def of_reps(found: Shares) -> int:
    return sum(points for _, who, points in found if who is not None)


# The first rep keeps his half: only the others are concerned.
@example([a_deal(halves(REPS[0], REPS[1]), halves(REPS[0], REPS[2]))])
@given(st.lists(deals(), max_size=12))
def test_credit_by_rep_by_site_and_by_rule_agrees_with_the_totals_and_the_cases(
    period: list[Case],
) -> None:
    found = Comparison()
    for deal in period:
        found.take_deal(deal)

    changed = [deal for deal in period if deal.credit_changed]
    assert found.credit_changed == len(changed) == len(found.cases)
    for of in TallyOf:
        sums = [tally for (kind, _), tally in found.tallies.items() if kind is of]
        assert sum(tally.credit_before for tally in sums) == sum(
            of_reps(deal.shares_before) for deal in period
        )
        assert sum(tally.credit_after for tally in sums) == sum(
            of_reps(deal.shares_after) for deal in period
        )
        if of is not TallyOf.MEMBER:
            assert sum(tally.credit_changed for tally in sums) == len(changed)
    for rep in REPS:
        concerned = [
            deal
            for deal in changed
            if {s for s in deal.shares_before if s[1] == rep}
            != {s for s in deal.shares_after if s[1] == rep}
        ]
        assert found.tallies[TallyOf.MEMBER, rep].credit_changed == len(concerned)


def test_what_was_not_looked_at_is_told_as_nothing_and_not_as_none_found() -> None:
    summary = Comparison().summary()

    assert summary["not_reproduced"] is None
    assert set(summary["before"].values()) == set(summary["after"].values()) == {None}


def a_day_of(turns: list[int]) -> Any:
    """A replay in which these of the reps used their turns, one visitor each."""
    words = SimpleNamespace(mode="TURN", owner_kind="NONE", obligation="NONE", rule="R-1")
    return SimpleNamespace(
        words=[words] * len(turns),
        receiver=turns,
        owner=[-1] * len(turns),
        turn=turns,
        credits=SimpleNamespace(deals=[], answers=[]),
    )


def test_a_day_on_which_one_rep_takes_everybody_is_less_fair_than_one_that_is_shared() -> None:
    made = Recorded(site_ids=SITES[:1])
    made.history.members.extend(REPS)
    made.history.places.append(Place(Days(ZoneInfo("Asia/Shanghai"))))
    for rep in range(3):
        made.history.tell(milliseconds(AT), Kind.SIGN_IN, 0, who=rep)
    for number in range(3):
        came = milliseconds(AT) + number + 1
        visit = made.history.visits.add(0, -1, 0, came)
        made.history.tell(came, Kind.ARRIVAL, 0, what=visit)
        made.visit_ids.append(UUID(int=100 + number))
        made.instants[UUID(int=100 + number)] = came
        made.decided.append(AsDecided(None, "NONE", None, None, "TURN", "NONE", "R-1"))
    # Who signs in on another day than the period's is compared with nobody.
    made.history.tell(milliseconds(AT + timedelta(days=1)), Kind.SIGN_IN, 0, who=0)
    within = Within({SITES[0]: (AT, AT + timedelta(hours=12))})

    found = compared(made, a_day_of([0, 1, 2]), a_day_of([0, 0, 0]), within)

    assert (found.before.turns_spread, found.after.turns_spread) == (0, 3)
