"""Dataclasses that share their methods print, compare and refuse as those that have their own."""

import dataclasses
from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass, field

import pytest

from service.app.sharing import share_methods


def _classes() -> dict[str, type]:
    @dataclass(frozen=True, slots=True)
    class Slotted:
        name: str
        secret: str = field(default="hidden", repr=False)

    @dataclass(frozen=True)
    class Frozen:
        name: str

    @dataclass(frozen=True)
    class Below(Frozen):
        number: int = 1

    @dataclass
    class Plain:
        name: str
        other: object = None
        note: str = field(default="", compare=False)

    @dataclass
    class ByHand:
        name: str

        def __repr__(self) -> str:
            return f"by hand: {self.name}"

    class Open(Frozen):
        """No dataclass itself: what it adds may be changed."""

    return {cls.__name__: cls for cls in (Slotted, Frozen, Below, Plain, ByHand, Open)}


METHODS = ("__repr__", "__eq__", "__setattr__", "__delattr__")
OWN, SHARED = _classes(), _classes()


@pytest.fixture(autouse=True, scope="module")
def _share() -> None:
    kept = {cls: {name: vars(cls).get(name) for name in METHODS} for cls in OWN.values()}
    share_methods()
    for cls, methods in kept.items():
        for name, method in methods.items():
            if method is not None:
                setattr(cls, name, method)


def _refusal(act: Callable[..., None], *given: object) -> str | None:
    try:
        act(*given)
    except FrozenInstanceError as refused:
        return str(refused)
    # What a class with slots says of a name it has no slot for is an accident of how it is made.
    except (AttributeError, TypeError):
        return "refused"
    return None


@pytest.mark.parametrize("name", OWN)
def test_they_print_as_before(name: str) -> None:
    assert repr(SHARED[name]("one")) == repr(OWN[name]("one"))


def test_one_that_holds_itself_prints_to_an_end() -> None:
    own, shared = OWN["Plain"]("one"), SHARED["Plain"]("one")
    own.other, shared.other = own, shared

    assert repr(shared) == repr(own)


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("attribute", ["name", "number", "unknown"])
def test_they_refuse_to_be_changed_as_before(name: str, attribute: str) -> None:
    own, shared = OWN[name]("one"), SHARED[name]("one")

    for act, *given in ((setattr, attribute, "two"), (delattr, attribute)):
        before, now = (_refusal(act, one, *given) for one in (own, shared))
        assert (before is None) is (now is None)
        assert before in (now, "refused")
    assert getattr(shared, attribute, None) == getattr(own, attribute, None)


def test_the_methods_are_one_function() -> None:
    for method in ("__repr__", "__setattr__", "__delattr__"):
        assert len({vars(SHARED[name])[method] for name in ("Slotted", "Frozen")}) == 1
    assert vars(SHARED["Plain"])["__eq__"] is vars(SHARED["ByHand"])["__eq__"]
    assert vars(SHARED["Frozen"])["__repr__"] is not vars(OWN["Frozen"])["__repr__"]


@pytest.mark.parametrize("name", OWN)
def test_they_are_equal_as_before(name: str) -> None:
    cls = SHARED[name]

    assert cls("one") == cls("one")
    assert cls("one") != cls("two")
    assert cls("one") != OWN[name]("one")


def test_what_is_not_compared_makes_no_difference() -> None:
    one, two = SHARED["Plain"]("one"), SHARED["Plain"]("one")
    one.note, two.note = "seen", "not seen"

    assert one == two


def test_what_is_frozen_is_a_key_of_its_own_kind() -> None:
    assert hash(SHARED["Frozen"]("one")) == hash(OWN["Frozen"]("one"))
    assert vars(SHARED["Frozen"])["__eq__"] is not vars(SHARED["Plain"])["__eq__"]
    assert dataclasses.replace(SHARED["Below"]("one"), number=2).number == 2
