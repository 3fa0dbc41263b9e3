"""Who asks the same again is not written for again, and whoever or whatever is another is."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from service.schema.planner.access import Access
from service.schema.planner.asks import Seer, asked
from service.schema.planner.plan import Asked, Asking
from service.schema.planner.repeated import LONGEST, MOST, Repeated
from service.schema.planner.statements import Statement
from service.schema.planner.written import Written

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
LATER = NOON + timedelta(minutes=7)
TENANT = UUID(int=1)


class Board:
    """A field whose SQL is written for each caller, and how often it was."""

    def __init__(self, *, by_its_instant: bool = False) -> None:
        self.written = 0
        self._by_its_instant = by_its_instant
        self.repeated = Repeated()
        arguments: Any = SimpleNamespace(of=dict)
        makers = {name: (name, None) for name in ("site", "first")}
        self.asking = Asking(Written(self._write), arguments, makers, frozenset({"day"}))

    def _write(self, statement: Statement, given: Mapping[str, Any], _names: frozenset[str]) -> str:
        self.written += 1
        site = statement.place(given["site"], "text")
        on = statement.sight.now.isoformat() if self._by_its_instant else ""
        return statement.settle(f"SELECT {site}, {{now}}, {{me}}, {{locale}}, '{on}'")

    def asks(self, caller: Access, now: datetime, locale: str = "en", **sent: Any) -> Asked:
        actor: Any = caller.actor
        viewpoint: Any = SimpleNamespace(
            tenant_id=TENANT, now=now, actor=actor, policy=caller.policy, tenant=None
        )
        return asked(self.asking, sent, Seer(viewpoint, caller, locale, self.repeated))


def a_caller(member: int = 1) -> Access:
    actor: Any = SimpleNamespace(member_id=UUID(int=member))
    policy: Any = None
    return Access(actor, policy)


def test_the_same_question_is_written_once_and_asked_at_its_own_instant() -> None:
    board, caller = Board(), a_caller()

    first = board.asks(caller, NOON, site="a")
    second = board.asks(caller, LATER, site="a")

    assert board.written == 1
    assert first.values == ("a", NOON, UUID(int=1), "en")
    assert second.values == ("a", LATER, UUID(int=1), "en")
    assert second.shape is first.shape


@pytest.mark.parametrize(
    "other",
    [{"site": "b"}, {"site": "a", "first": None}, {"site": "a", "locale": "zh-Hant"}],
    ids=["another value", "null is not nothing", "another language"],
)
def test_another_question_is_written_for_itself(other: dict[str, Any]) -> None:
    board, caller = Board(), a_caller()

    before = board.asks(caller, NOON, site="a")
    after = board.asks(caller, NOON, **other)

    assert board.written == 2
    assert (after.values != before.values) is (other != {"site": "a", "first": None})


def test_what_python_calls_equal_is_not_the_same_question() -> None:
    board, caller = Board(), a_caller()

    values = [board.asks(caller, NOON, site=one).values[0] for one in (1, True, 1.0)]

    assert [type(one) for one in values] == [int, bool, float]


def test_nobody_is_given_what_was_written_for_another_caller() -> None:
    board = Board()
    people = [a_caller(member) for member in range(1, 6)]

    for _ in range(2):
        found = [board.asks(one, NOON, site="a").values[2] for one in people]

        assert found == [UUID(int=member) for member in range(1, 6)]
    assert board.written == 5


def test_whoever_is_loaded_anew_is_written_for_anew() -> None:
    board = Board()

    for _ in range(3):
        board.asks(a_caller(), NOON, site="a")

    assert board.written == 3


def test_a_text_that_hangs_on_the_instant_is_never_kept() -> None:
    board, caller = Board(by_its_instant=True), a_caller()

    texts = [board.asks(caller, at, site="a").shape.sql for at in (NOON, LATER)]  # type: ignore[attr-defined]  # a written shape

    assert NOON.isoformat() in texts[0]
    assert LATER.isoformat() in texts[1]


def test_only_so_many_are_kept() -> None:
    board, caller = Board(), a_caller()
    for number in range(MOST + 1):
        board.asks(caller, NOON, site=number)

    board.asks(caller, NOON, site=MOST)
    assert board.written == MOST + 1

    board.asks(caller, NOON, site=0)
    assert board.written == MOST + 2


def test_what_is_asked_at_length_is_not_kept() -> None:
    board, caller = Board(), a_caller()

    for _ in range(2):
        board.asks(caller, NOON, site="a" * LONGEST)

    assert board.written == 2
