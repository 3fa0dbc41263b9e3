"""Two texts of a rulebook are told apart in words, rule by rule and parameter by parameter."""

from collections.abc import Callable
from typing import Any

import pytest
from builders.rulebooks import showroom_document
from hypothesis import given
from hypothesis import strategies as st

from service.policies.rulebooks.differing import differences
from service.policies.rulebooks.document import from_json
from service.policies.rulebooks.parts import Document
from service.policies.rulebooks.vocabulary.kinds import LOCALES
from service.policies.rulebooks.vocabulary.showroom import SHOWROOM

BEFORE = showroom_document()
TRACKING = "tracking.days (days a registration protects the rep, day of reception not counted)"


def changed(change: Callable[[Any], None]) -> list[str]:
    """The sentences, in English, of what a change of the shipped text comes to."""
    plain = from_json(BEFORE.to_json()).to_json()
    change(plain)
    found = differences(BEFORE, from_json(plain))
    for one in found:
        for locale in LOCALES:
            assert "{" not in one.sentence(locale, SHOWROOM).replace("{receiver}", "").replace(
                "{owner}", ""
            )
    return [one.sentence("en", SHOWROOM) for one in found]


def rules(plain: Any) -> list[Any]:
    found: list[Any] = plain["decisions"]["reception"]["rules"]
    return found


def ids(plain: Any) -> list[str]:
    return [rule["id"] for rule in rules(plain)]


def test_nothing_differs_from_itself() -> None:
    assert differences(BEFORE, from_json(BEFORE.to_json())) == ()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda plain: plain["params"]["tracking.days"].update(value=10),
            f"{TRACKING}: 7 → 10 days",
        ),
        (
            lambda plain: plain["params"]["tracking.days"].update(max=30),
            f"{TRACKING} may be 0..30; before: 0..365",
        ),
        (
            lambda plain: plain["params"]["merge.family"].update(value=["spouse"]),
            "merge.family (relatives who are one customer): spouse, parent, child → spouse",
        ),
        (
            lambda plain: plain["params"].pop("claim.auto_notify"),
            "parameter claim.auto_notify (who tracks the customer is told that a colleague has sold"
            " to him) removed (it was true)",
        ),
        (lambda plain: plain.update(running="switch"), "running periods: keep → switch"),
        (
            lambda plain: rules(plain)[ids(plain).index("RR-4")]["when"].append("said_before"),
            "RR-4 now also asks: said_before",
        ),
        (
            lambda plain: rules(plain)[ids(plain).index("RR-4")]["when"].remove(
                "owner_state is FREE"
            ),
            "RR-4 no longer asks: owner_state is FREE",
        ),
        (
            lambda plain: rules(plain)[ids(plain).index("RR-1")]["then"].update(owner="COMPANY"),
            "RR-1 decides whose customer: nobody → company",
        ),
        (
            lambda plain: rules(plain).insert(0, rules(plain).pop(ids(plain).index("RR-6"))),
            "RR-6 is now asked first; before: right after RR-5w",
        ),
        (lambda plain: plain["tests"].pop(), "its own tests: 0 added, 1 removed"),
    ],
)
def test_a_change_is_one_sentence(change: Callable[[Any], None], sentence: str) -> None:
    (found,) = changed(change)

    if "decides" in sentence:
        # The vocabulary's own words, which may be worded anew.
        assert found.startswith("RR-1 decides ")
        assert found.endswith(": nobody → company")
    else:
        assert found == sentence


def test_a_rule_that_goes_is_told_in_its_own_sentence() -> None:
    (found,) = changed(lambda plain: rules(plain).pop(ids(plain).index("RR-7")))

    assert found.startswith("rule RR-7 removed: The tracking has lapsed, but {receiver}")


def test_the_words_are_in_three_languages() -> None:
    plain = from_json(BEFORE.to_json()).to_json()
    plain["params"]["tracking.days"]["value"] = 10  # type: ignore[index,call-overload]
    (found,) = differences(BEFORE, from_json(plain))

    assert [found.sentence(locale) for locale in LOCALES] == [
        "tracking.days: 7 → 10 days",
        "tracking.days：7 → 10 天",
        "tracking.days：7 → 10 天",
    ]


def test_a_choice_is_told_in_the_words_of_the_vocabulary() -> None:
    plain = from_json(BEFORE.to_json()).to_json()
    plain["params"]["rotation.order"]["value"] = "WEIGHTED"  # type: ignore[index,call-overload]
    found = differences(BEFORE, from_json(plain))[0]

    assert [found.sentence(locale, SHOWROOM) for locale in LOCALES] == [
        "rotation.order (how turns come): in the order of signing in → by each rep's share",
        "rotation.order（輪序方式）：按簽到順序 → 按各代表比重",
        "rotation.order（轮序方式）：按签到顺序 → 按各代表比重",
    ]


def test_a_list_of_words_is_joined_as_its_language_joins_them() -> None:
    plain = from_json(BEFORE.to_json()).to_json()
    plain["params"]["merge.family"]["value"] = ["spouse", "parent"]  # type: ignore[index,call-overload]
    (found,) = differences(BEFORE, from_json(plain))

    assert [found.sentence(locale, SHOWROOM).split(" → ")[1] for locale in LOCALES] == [
        "spouse, parent",
        "配偶、父母",
        "配偶、父母",
    ]


def _reception_alone() -> Document:
    plain = BEFORE.to_json()
    return from_json(
        {**plain, "tests": [], "decisions": {"reception": plain["decisions"]["reception"]}}  # type: ignore[index,call-overload]
    )


RECEPTION = _reception_alone()


@given(st.permutations([rule.id.raw for rule in BEFORE.decisions["reception"].rules]))
def test_moving_back_the_rules_that_moved_gives_the_old_order(order: list[str]) -> None:
    plain = RECEPTION.to_json()
    by_id = {rule["id"]: rule for rule in rules(plain)}
    plain["decisions"]["reception"]["rules"] = [by_id[one] for one in order]  # type: ignore[index,call-overload]

    moved = {one.name for one in differences(RECEPTION, from_json(plain))}

    old = list(by_id)
    assert [one for one in order if one not in moved] == [one for one in old if one not in moved]
    # No fewer would do: each that moved stands elsewhere than the ones that stayed say.
    for one in moved:
        others = moved - {one}
        assert [x for x in order if x not in others] != [x for x in old if x not in others]
