"""A large tree is pushed down while others are answered, and comes to what a small one comes to."""

import threading
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from service.targets.commands import passing
from service.targets.errors import LimitsNotReachable
from service.targets.rules.balancing import BREAKDOWN
from service.targets.rules.cascading import Bounds, Twig, cascaded

DAY = date(2026, 1, 1)
ROOT = UUID(int=1)


def twig(number: int, above: UUID | None, figure: int, most: int | None = None) -> Twig:
    return Twig(UUID(int=number), above, BREAKDOWN, date(2026, 12, 31), figure)._replace(
        bounds=Bounds(most=most)
    )


@pytest.mark.parametrize("many", [2, 10**6], ids=["many", "few"])
async def test_many_are_shared_by_a_thread_and_few_at_once(
    monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    threads: list[int] = []

    def noted(*sent: Any) -> dict[UUID, int]:
        threads.append(threading.get_ident())
        return cascaded(*sent)

    monkeypatch.setattr(passing, "cascaded", noted)
    monkeypatch.setattr(passing, "_MANY", many)
    twigs = [twig(1, None, 10), twig(2, ROOT, 4), twig(3, ROOT, 6)]

    made = await passing.pushed(None, twigs, {ROOT: 100}, DAY, field=("input",))  # type: ignore[arg-type]  # nothing is read

    assert made == {ROOT: 100, UUID(int=2): 40, UUID(int=3): 60}
    assert [one == threading.get_ident() for one in threads] == [many > len(twigs)]


async def test_what_a_thread_cannot_share_is_refused_as_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(passing, "_MANY", 2)

    async def nobody(*_: object) -> None:
        return None

    monkeypatch.setattr(passing.facts, "named", nobody)
    twigs = [twig(1, None, 10), twig(2, ROOT, 4, most=4), twig(3, ROOT, 6, most=6)]

    with pytest.raises(LimitsNotReachable):
        await passing.pushed(None, twigs, {ROOT: 100}, DAY, field=("input",))  # type: ignore[arg-type]  # nothing is read
