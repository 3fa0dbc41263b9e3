"""The live queue against a model of thirty lines: random days, compared after every step."""

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from builders.reception import Showroom, a_showroom
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    rule,
    run_state_machine_as_test,
)

from service.clock import ManualClock
from service.database.connections import Location, open_tenant_pool
from service.database.security import APPLICATION
from service.organisation.actors import Callers
from service.reception.commands import (
    CloseVisit,
    ComeBack,
    GoAway,
    SignOut,
    TakeDayOff,
    close_visit,
    come_back,
    go_away,
    sign_out,
    take_day_off,
)
from service.reception.errors import AlreadySignedIn, NotAway, NotOnShift
from service.work import Transactions

NAMES = ("An", "Bo", "Chu", "Dai")
reps = st.sampled_from(NAMES)


@dataclass
class Model:
    """The rotation as one would keep it on a blackboard."""

    order: list[str] = field(default_factory=list)
    away: dict[str, str] = field(default_factory=dict)
    with_visitors: dict[str, int] = field(default_factory=dict)

    def sign_in(self, name: str) -> bool:
        if name in self.order:
            return False
        self.order.append(name)
        self.away.pop(name, None)
        return True

    def leave(self, name: str) -> bool:
        if name not in self.order:
            return False
        self.order.remove(name)
        return True

    def arrive(self) -> str:
        present = [name for name in self.order if name not in self.away]
        if not present:
            return "Mei"
        free = [name for name in present if not self.with_visitors.get(name)]
        chosen = free[0] if free else min(present, key=lambda one: self.with_visitors[one])
        before = self.order[: self.order.index(chosen)] if free else []
        for name in [one for one in before if self.away.get(one) == "PRIVATE"] + [chosen]:
            self.order.remove(name)
            self.order.append(name)
        self.with_visitors[chosen] = self.with_visitors.get(chosen, 0) + 1
        return chosen


@dataclass
class World:
    """One tenant for all examples; each example is a day of its own."""

    runner: asyncio.Runner
    showroom: Showroom
    clock: ManualClock

    def does(self, step: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(step)


class QueueMachine(RuleBasedStateMachine):
    world: World
    visits: Bundle = Bundle("visits")

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.world.clock.advance(timedelta(days=1))
        self.customers = 0

    def _command(self, command: Any, order: Any, by: str, refusal: type[Exception] | None) -> None:
        step = self.world.showroom.do(command, order, by=by)
        if refusal is None:
            self.world.does(step)
            return
        with pytest.raises(refusal):
            self.world.does(step)

    def _member(self, name: str) -> tuple[Any, Any]:
        return self.world.showroom.site_id, self.world.showroom.people[name]

    @rule(name=reps)
    def signs_in(self, name: str) -> None:
        if self.model.sign_in(name):
            self.world.does(self.world.showroom.sign_in(name))
        else:
            with pytest.raises(AlreadySignedIn):
                self.world.does(self.world.showroom.sign_in(name))

    @rule(name=reps)
    def signs_out(self, name: str) -> None:
        refusal = None if self.model.leave(name) else NotOnShift
        self._command(sign_out, SignOut(*self._member(name)), name, refusal)

    @rule(name=reps)
    def takes_the_day_off(self, name: str) -> None:
        self.model.leave(name)
        self._command(take_day_off, TakeDayOff(*self._member(name)), name, None)

    @rule(name=reps, reason=st.sampled_from(["BUSINESS", "PRIVATE"]))
    def goes_away(self, name: str, reason: str) -> None:
        on_shift = name in self.model.order
        if on_shift:
            self.model.away[name] = reason
        order = GoAway(*self._member(name), reason)
        self._command(go_away, order, name, None if on_shift else NotOnShift)

    @rule(name=reps)
    def comes_back(self, name: str) -> None:
        on_shift = name in self.model.order
        was_away = self.model.away.pop(name, None) if on_shift else None
        refusal = NotOnShift if not on_shift else (None if was_away else NotAway)
        self._command(come_back, ComeBack(*self._member(name)), name, refusal)

    @rule(target=visits)
    def somebody_new_arrives(self) -> tuple[Any, str]:
        visit = self.world.does(self.world.showroom.arrives())
        expected = self.model.arrive()
        assert self.world.showroom.name_of(visit["receiver_id"]) == expected
        self.customers += 1
        assert visit["number"] == self.customers
        return visit["id"], expected

    @rule(visit=consumes(visits))
    def somebody_leaves(self, visit: tuple[Any, str]) -> None:
        visit_id, receiver = visit
        self._command(close_visit, CloseVisit(visit_id), "Clerk", None)
        if receiver in self.model.with_visitors:
            self.model.with_visitors[receiver] -= 1

    @invariant()
    def the_queue_is_the_models(self) -> None:
        day = self.world.clock.now().date().isoformat()
        (row,) = self.world.does(
            self.world.showroom.tenant.rows(
                "SELECT member_ids, day::text AS day FROM app.rotation_queue WHERE tenant_id = $1"
            )
        )
        live = row["member_ids"] if row["day"] == day else []
        assert [self.world.showroom.name_of(one) for one in live] == self.model.order


@pytest.fixture
def world(location: Location) -> Iterator[World]:
    with asyncio.Runner() as runner:
        pool = runner.run(open_tenant_pool(location, APPLICATION, 2))
        clock = ManualClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
        transactions = Transactions(pool, clock, Callers())
        yield World(runner, runner.run(a_showroom(transactions, NAMES)), clock)
        runner.run(pool.close())


def test_the_queue_agrees_with_a_simple_model_on_random_days(world: World) -> None:
    machine = type("OneQueue", (QueueMachine,), {"world": world})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
