"""Any order of commands on registers, against a model that counts local days on its fingers."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from builders.ownership import Showroom, a_showroom
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from service.clock import ManualClock
from service.database.connections import Location, open_tenant_pool
from service.database.security import APPLICATION
from service.errors import NotFound
from service.organisation.actors import Callers
from service.ownership.commands import (
    CorrectRegistration,
    RecordFollowUp,
    VoidRegister,
    correct_registration,
    reception_renews,
    record_follow_up,
    void_register,
)
from service.ownership.errors import RegisterIsVoid
from service.ownership.facts import REGISTRATIONS_OF
from service.ownership.rules import Known, earliest_lapsed, earliest_live, known_from
from service.rulebooks.in_force import in_force
from service.work import Transactions, UnitOfWork

REPS = ("An", "Bo", "Chu")
BEGINNING = datetime(2026, 2, 24, 1, 0, tzinfo=UTC)
WEEK = timedelta(days=7)


@dataclass
class Page:
    """The model of one entry: whose, which customer's, the last local day it lives."""

    number: int
    rep: str
    party_id: UUID
    last_day: date
    void: bool = False


class Registers(RuleBasedStateMachine):
    """Real commands on PostgreSQL beside the model."""

    run: Callable[[Coroutine[Any, Any, Any]], Any]
    pool: "asyncpg.Pool[Any]"
    pages = Bundle("pages")
    parties = Bundle("parties")

    @initialize(target=parties)
    def open_house(self) -> Any:
        self.clock = ManualClock(BEGINNING)
        self.house: Showroom = self.run(a_showroom(Transactions(self.pool, self.clock, Callers())))
        self.book: dict[UUID, Page] = {}
        self.pages_made = 0
        return multiple(*(self.run(self.house.a_party(name)) for name in ("Wang", "Li")))

    @property
    def today(self) -> date:
        return (self.clock.now() + timedelta(hours=8)).date()

    @rule(hours=st.integers(1, 90))
    def time_passes(self, hours: int) -> None:
        self.clock.advance(timedelta(hours=hours))

    @rule(target=pages, party_id=parties, rep=st.sampled_from(REPS))
    def a_customer_is_received_and_registered(self, party_id: UUID, rep: str) -> UUID:
        self.clock.advance(timedelta(minutes=1))
        entry_id: UUID = self.run(self.house.a_registration(rep, party_id))
        self.pages_made += 1
        self.book[entry_id] = Page(self.pages_made, rep, party_id, self.today + WEEK)
        return entry_id

    @rule(entry_id=pages)
    def the_rep_follows_up(self, entry_id: UUID) -> None:
        page = self.book[entry_id]
        order = RecordFollowUp(entry_id, "PHONE", "Called")
        self.run(self.house.by(page.rep, record_follow_up, order))
        self._renew(page)

    @rule(entry_id=pages)
    def the_rep_receives_again(self, entry_id: UUID) -> None:
        page = self.book[entry_id]
        (known,) = [one for one in self._known(page.party_id) if one.id == entry_id]

        async def receive(work: UnitOfWork) -> None:
            rulebook = await in_force(work, work.now)
            reception_renews(work, rulebook, known, work.now, self.house.zone)

        self.run(self.house.inside(receive))
        self._renew(page)

    @rule(target=pages, entry_id=consumes(pages))
    def the_rep_corrects_the_remark(self, entry_id: UUID) -> UUID:
        page = self.book[entry_id]
        order = CorrectRegistration(entry_id, "A better remark")
        try:
            new_id: UUID = self.run(self.house.by(page.rep, correct_registration, order))
        except RegisterIsVoid:
            assert page.void
            return entry_id
        assert not page.void
        self.book[new_id] = self.book.pop(entry_id)
        return new_id

    @rule(rep=st.sampled_from(REPS))
    def a_register_is_found_false(self, rep: str) -> None:
        order = VoidRegister(self.house.members[rep], self.house.site_id, "Copied")
        standing = [page for page in self.book.values() if page.rep == rep and not page.void]
        try:
            self.run(self.house.by("Mei", void_register, order))
        except NotFound:
            assert not standing
        for page in standing:
            page.void = True

    def _renew(self, page: Page) -> None:
        if not page.void and self.today <= page.last_day:
            page.last_day = max(page.last_day, self.today + WEEK)

    def _known(self, party_id: UUID) -> list[Known]:
        sql = f"SELECT {REGISTRATIONS_OF.format(parties='$2')} AS found"
        (row,) = self.run(self.house.rows(sql, [party_id]))
        return [known_from(found) for found in row["found"]]

    @invariant()
    def the_earliest_live_and_the_earliest_lapsed_are_the_models(self) -> None:
        for party_id in {page.party_id for page in self.book.values()}:
            knowns = self._known(party_id)
            pages = [
                (page.number, entry_id, page.last_day)
                for entry_id, page in self.book.items()
                if page.party_id == party_id and not page.void
            ]
            live = [page for page in pages if page[2] >= self.today]
            lapsed = [page for page in pages if page[2] < self.today]
            found = earliest_live(knowns, self.clock.now())
            gone = earliest_lapsed(knowns, self.clock.now())
            assert (found.id if found else None) == (min(live)[1] if live else None)
            assert (gone.id if gone else None) == (min(lapsed)[1] if lapsed else None)


def test_registers_agree_with_a_model_whatever_the_order_of_commands(location: Location) -> None:
    loop = asyncio.new_event_loop()
    pool = loop.run_until_complete(open_tenant_pool(location, APPLICATION, 2))
    try:

        class Machine(Registers):
            pass

        Machine.run = staticmethod(loop.run_until_complete)  # type: ignore[assignment]
        Machine.pool = pool
        run_state_machine_as_test(
            Machine,
            settings=settings(
                max_examples=15,
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        loop.run_until_complete(pool.close())
        loop.close()
