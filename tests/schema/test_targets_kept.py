"""Whatever becomes of targets and territories, the figures of a day that is over stay."""

from builders.api import Desk
from builders.credits import on_day
from builders.happenings import House
from builders.targets_changed import KINDS, Changed

from service.clock import ManualClock
from service.targets.checking import broken_invariants
from service.work import Caller


async def test_no_change_of_targets_or_territories_touches_a_day_that_is_over(
    desk: Desk, clock: ManualClock
) -> None:
    house = House(desk, clock)
    await house.made()
    on_day(clock, "2026-03-02")
    changed = Changed(house)
    kept: dict[int, str] = {}
    for turn in range(4 * len(KINDS)):
        await changed.next()
        if turn % 6 == 5:
            await house.next(["counts"])
            await house.next(["day"])
            kept[house.day - 1] = await house.all_of(house.day - 1)

    for day, found in kept.items():
        assert await house.all_of(day) == found, day
    # Each kind was done, and not only refused.
    assert all(changed.made[kind] for kind in KINDS), changed.made
    caller = Caller(desk.showroom.tenant.id, None, "check")
    async with desk.api.transactions.sight(caller) as sight:
        assert await broken_invariants(sight) == []
