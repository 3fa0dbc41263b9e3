"""Dataclasses that share their methods print, compare and refuse as those that have their own."""

import dataclasses
from collections.abc import Callable
from dataclasses import FrozenInstanceError, field

import pytest

from service.app.sharing import methods_shared

Classes = dict[str, type]


def _classes() -> Classes:
    @dataclasses.dataclass(frozen=True, slots=True)
    class Slotted:
        name: str
        note: str = field(default="", repr=False, compare=False)

    @dataclasses.dataclass(frozen=True)
    class Frozen:
        name: str

    @dataclasses.dataclass(frozen=True)
    class Below(Frozen):
        number: int = 1

    @dataclasses.dataclass
    class Plain:
        name: str
        other: object = None
        note: str = field(default="", compare=False)

    @dataclasses.dataclass
    class ByHand:
        name: str

        def __repr__(self) -> str:
            return f"by hand: {self.name}"

    class Open(Frozen):
        """No dataclass itself: what it adds may be changed."""

    @dataclasses.dataclass(frozen=True, slots=True)
    class Filled:
        name: str
        number: int = 1
        other: object = field(default=None, kw_only=True)

    @dataclasses.dataclass(frozen=True, slots=True)
    class Made(Filled):
        """Something is made for each of them, so they are filled as the library does it."""

        several: list[str] = field(default_factory=list)

    @dataclasses.dataclass(frozen=True, slots=True)
    class Checked:
        name: str
        told: int = field(default=2, init=False)

        def __post_init__(self) -> None:
            object.__setattr__(self, "told", len(self.name))

    made = (Slotted, Frozen, Below, Plain, ByHand, Open, Filled, Made, Checked)
    return {cls.__name__: cls for cls in made}


OWN = _classes()


@pytest.fixture(scope="module")
def shared() -> Classes:
    """Make the same classes as a server makes them."""
    with methods_shared():
        return _classes()


def _refusal(act: Callable[..., None], *given: object) -> str | None:
    try:
        act(*given)
    except FrozenInstanceError as refused:
        return str(refused)
    # What a class with slots says of a name it has no slot for is an accident of how it is made.
    except (AttributeError, TypeError):
        return "refused"
    return None


def test_it_is_over_when_the_server_is_loaded(shared: Classes) -> None:
    assert vars(_classes()["Frozen"])["__repr__"] is not vars(shared["Frozen"])["__repr__"]


def test_one_that_says_nothing_of_itself_does_not_list_its_fields(shared: Classes) -> None:
    assert OWN["Slotted"].__doc__ == "Slotted(name: str, note: str = '')"
    assert shared["Slotted"].__doc__ == "Slotted"


def test_the_methods_are_one_function(shared: Classes) -> None:
    for method in ("__repr__", "__eq__", "__hash__", "__setattr__", "__delattr__"):
        assert vars(shared["Slotted"])[method] is vars(shared["Frozen"])[method]
        assert vars(OWN["Slotted"])[method] is not vars(OWN["Frozen"])[method]


@pytest.mark.parametrize("name", OWN)
def test_they_print_as_before(shared: Classes, name: str) -> None:
    assert repr(shared[name]("one")) == repr(OWN[name]("one"))


def test_one_that_holds_itself_prints_to_an_end(shared: Classes) -> None:
    own, now = OWN["Plain"]("one"), shared["Plain"]("one")
    own.other, now.other = own, now

    assert repr(now) == repr(own)


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("attribute", ["name", "number", "unknown"])
def test_they_refuse_to_be_changed_as_before(shared: Classes, name: str, attribute: str) -> None:
    own, now = OWN[name]("one"), shared[name]("one")

    for act, *given in ((setattr, attribute, "two"), (delattr, attribute)):
        told, told_now = _refusal(act, own, *given), _refusal(act, now, *given)
        assert (told is None) is (told_now is None)
        assert told in (told_now, "refused")
    assert getattr(now, attribute, None) == getattr(own, attribute, None)


@pytest.mark.parametrize("name", OWN)
def test_they_are_equal_as_before(shared: Classes, name: str) -> None:
    cls = shared[name]

    assert cls("one") == cls("one")
    assert cls("one") != cls("two")
    assert cls("one") != OWN[name]("one")
    assert cls("one") != "one"


@pytest.mark.parametrize("name", ["Slotted", "Frozen", "Below", "Open"])
def test_those_that_are_equal_are_one_key(shared: Classes, name: str) -> None:
    cls = shared[name]

    assert {cls("one"), cls("one"), cls("two")} == {cls("two"), cls("one")}
    assert len({cls("one"), cls("one"), cls("two")}) == 2


def test_those_that_may_change_are_no_keys(shared: Classes) -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(shared["Plain"]("one"))


@pytest.mark.parametrize("name", ["Slotted", "Plain"])
def test_what_is_not_compared_makes_no_difference(shared: Classes, name: str) -> None:
    assert shared[name]("one", note="seen") == shared[name]("one", note="not seen")


@pytest.mark.parametrize(
    ("name", "given", "named"),
    [
        ("Filled", ("one", 2), {"other": 3}),
        ("Filled", (), {"number": 4, "name": "one"}),
        ("Filled", ("one", 2, 3), {}),
        ("Filled", (), {"number": 1}),
        ("Filled", ("one",), {"name": "one"}),
        ("Filled", ("one",), {"unknown": 1}),
        ("Made", ("one",), {"other": 3}),
        ("Made", ("one", 2, ["three"]), {}),
        ("Checked", ("three",), {}),
        ("Slotted", (), {"note": "one", "name": "two"}),
    ],
)
def test_they_take_what_they_are_given_as_before(
    shared: Classes, name: str, given: tuple[object, ...], named: dict[str, object]
) -> None:
    def made(cls: type) -> tuple[str, object]:
        try:
            one = cls(*given, **named)
        except TypeError as refused:
            return str(refused), None
        return repr(one), dataclasses.astuple(one)

    assert made(shared[name]) == made(OWN[name])


def test_one_that_is_filled_by_its_slots_has_one_code_with_all_of_as_many_fields(
    shared: Classes,
) -> None:
    filled, other = (shared[name].__init__.__code__ for name in ("Filled", "Slotted"))

    assert filled.co_code != OWN["Filled"].__init__.__code__.co_code
    assert filled.co_consts == other.co_consts == (None,)
    assert shared["Made"].__init__.__code__.co_code == OWN["Made"].__init__.__code__.co_code


def test_one_is_made_of_another_as_before(shared: Classes) -> None:
    below = shared["Below"]("one")

    assert dataclasses.replace(below, number=2) == shared["Below"]("one", number=2)
    assert dataclasses.asdict(below) == {"name": "one", "number": 1}
