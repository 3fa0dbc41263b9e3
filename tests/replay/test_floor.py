"""What a floor counts in passing is what there is to count."""

from zoneinfo import ZoneInfo

from builders.rulebooks import showroom_rulebook

from service.replay.days import Days
from service.replay.floor import Floor
from service.replay.history import Place
from service.replay.play import Play


def test_turns_are_counted_once_however_often_somebody_asks() -> None:
    floor = Floor(Place(Days(ZoneInfo("Asia/Shanghai"))), ("A", "B"), Play(showroom_rulebook()))
    floor.turn_to(0)
    floor.turned += [0, 1, 0]

    assert floor.used == {0: 2, 1: 1}
    floor.turned.append(1)
    floor.count_turn(0, -1)
    assert floor.used == {0: 1, 1: 2}
    floor.turn_to(floor.ends)
    assert floor.used == {}
