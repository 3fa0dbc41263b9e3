"""Which customers belong where: down the tree, the deepest whose condition holds."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.policies.rulebooks.evaluating import holds
from service.policies.rulebooks.problems import RulebookRefused
from service.policies.rulebooks.vocabulary.kinds import Label, Value
from service.territories.rules.findings import Finding, FindingKind, findings
from service.territories.rules.membership import (
    Place,
    Trait,
    condition,
    decision_of,
    members,
    territory_of,
    words_of,
)
from service.territories.words import TraitKind

ANY = Label("", "", "")
WORDS = words_of(
    [
        Trait("province", TraitKind.WORD, ANY, words=("GUANGDONG", "HUNAN", "HUBEI")),
        Trait("beds", TraitKind.NUMBER, ANY, least=1, most=5_000),
        Trait("key_account", TraitKind.FLAG, ANY),
    ]
)
NOTHING: dict[str, Value] = {fact.name: fact.absent for fact in WORDS.facts}


def place(number: int, above: int | None = None, rule: str | None = None, at: int = 0) -> Place:
    parent = None if above is None else UUID(int=above)
    return Place(UUID(int=number), parent, f"t{number:03}", at, rule)


COUNTRY = [
    place(1),
    place(2, 1, "province in (HUNAN, HUBEI)"),
    place(3, 2, "beds >= 500"),
    place(4, 1, "province is GUANGDONG"),
    place(5, 1, "key_account", at=-1),
]


def belongs(**known: Value) -> int | None:
    found = territory_of(members(COUNTRY, WORDS), NOTHING | known)
    return None if found is None else found.int


def test_a_customer_goes_as_deep_as_the_conditions_let_him() -> None:
    assert belongs(province="HUNAN", beds=499) == 2
    assert belongs(province="HUNAN", beds=500) == 3
    assert belongs(province="GUANGDONG", beds=500) == 4


def test_of_two_siblings_that_want_him_the_first_gets_him() -> None:
    assert belongs(province="HUNAN", key_account=True) == 5


def test_whom_no_condition_wants_none_gets() -> None:
    assert belongs(beds=900) is None


def test_what_the_company_does_not_know_of_customers_is_no_condition() -> None:
    for rule in ("province is TIBET", "bed >= 3", "beds", "beds >= ", "True; import os"):
        with pytest.raises(RulebookRefused):
            condition(rule, WORDS)


def test_gaps_and_overlaps_are_told_with_a_customer_who_shows_them() -> None:
    found = findings(COUNTRY, WORDS)

    kinds = {(one.kind, one.territory_id and one.territory_id.int) for one in found}
    assert kinds == {
        (FindingKind.OVERLAP, 5),
        (FindingKind.GAP, 1),
        (FindingKind.GAP, 2),
    }
    for one in found:
        refute(one)


def test_a_hole_among_known_customers_is_shown_before_those_of_whom_nothing_is_known() -> None:
    places = [place(1, rule="province is HUNAN"), place(2, rule="province is HUBEI")]
    (gap,) = findings(places, WORDS)
    assert gap.witness["province"] == "GUANGDONG"

    filled = [*places, place(3, rule="province is GUANGDONG")]
    (gap,) = findings(filled, WORDS)
    assert "province" not in gap.witness

    assert findings([*filled, place(4, rule="province is NONE")], WORDS) == ()


def refute(one: Finding) -> None:
    """Let the witness show what the finding says, by the plain reading of the conditions."""
    facts: dict[str, Any] = NOTHING | dict(one.witness)
    rules = {p.territory_id: p.rule for p in COUNTRY}
    if one.kind is FindingKind.OVERLAP:
        assert one.other_id is not None
        wanted = [rules[one.territory_id], rules[one.other_id]]  # type: ignore[index]  # it has one
    else:
        wanted = [] if rules[one.territory_id] is None else [rules[one.territory_id]]  # type: ignore[index]  # it has one
        below = [p.rule for p in COUNTRY if p.parent_id == one.territory_id]
        assert not any(holds(condition(str(rule), WORDS), facts, {}) for rule in below)
    assert all(holds(condition(str(rule), WORDS), facts, {}) for rule in wanted)


def test_a_condition_that_its_parent_excludes_never_holds() -> None:
    places = [place(1, rule="province is HUNAN"), place(2, 1, "province is HUBEI")]

    assert FindingKind.NEVER_MATCHES in {one.kind for one in findings(places, WORDS)}


def test_conditions_that_share_out_every_customer_are_not_remarked_upon() -> None:
    places = [place(1, rule="beds < 500"), place(2, rule="beds >= 500")]

    assert findings(places, WORDS) == ()


RULES = st.sampled_from(
    [
        *(None, "key_account", "not key_account", "beds >= 500", "beds < 100"),
        *("province is HUNAN", "province in (HUNAN, HUBEI)", "province is NONE or beds > 3"),
    ]
)
KNOWN = st.fixed_dictionaries(
    {
        "province": st.sampled_from(["NONE", "GUANGDONG", "HUNAN", "HUBEI"]),
        "beds": st.sampled_from([0, 3, 4, 99, 100, 499, 500]),
        "key_account": st.booleans(),
    }
)


@st.composite
def trees(draw: st.DrawFn) -> list[Place]:
    count = draw(st.integers(1, 9))
    made = []
    for number in range(1, count + 1):
        above = draw(st.none() | st.integers(1, number - 1)) if number > 1 else None
        made.append(place(number, above, draw(RULES), draw(st.integers(0, 2))))
    return draw(st.permutations(made))


def descended(places: list[Place], facts: dict[str, Any]) -> tuple[bool, UUID | None]:
    """Walk the tree as a person would: into the first sibling that wants him, and down."""

    def among(above: UUID | None) -> tuple[bool, UUID | None]:
        below = [p for p in places if p.parent_id == above]
        for one in sorted(below, key=lambda p: (p.position, p.code)):
            if one.rule is not None and not holds(condition(one.rule, WORDS), facts, {}):
                continue
            deeper, found = among(one.territory_id)
            if deeper:
                return True, found
            if one.rule is not None:
                return True, one.territory_id
        return False, None

    return among(None)


@given(trees(), KNOWN)
def test_the_order_of_asking_is_the_walk_down_the_tree(
    places: list[Place], known: dict[str, Any]
) -> None:
    facts = NOTHING | known
    asked = members(places, WORDS)

    assert territory_of(asked, facts) == descended(places, facts)[1]
    index = decision_of(asked, WORDS).rules.index(decision_of(asked, WORDS).first_match(facts, {}))
    by_decision = asked[index].territory_id if index < len(asked) else None
    assert by_decision == territory_of(asked, facts)


@given(trees(), KNOWN)
def test_whoever_falls_through_or_is_wanted_twice_is_told_of(
    places: list[Place], known: dict[str, Any]
) -> None:
    facts = NOTHING | known
    found = findings(places, WORDS)
    gaps = {one.territory_id for one in found if one.kind is FindingKind.GAP}
    overlaps = {one.territory_id for one in found if one.kind is FindingKind.OVERLAP}
    by_id = {p.territory_id: p for p in places}

    def reached(above: UUID | None) -> bool:
        while above is not None:
            one = by_id[above]
            if one.rule is not None and not holds(condition(one.rule, WORDS), facts, {}):
                return False
            above = one.parent_id
        return True

    for above in {p.parent_id for p in places}:
        ruled = [p for p in places if p.parent_id == above and p.rule is not None]
        if not ruled or not reached(above):
            continue
        wanting = [p for p in ruled if holds(condition(str(p.rule), WORDS), facts, {})]
        assert wanting or above in gaps
        assert len(wanting) < 2 or {p.territory_id for p in wanting} & overlaps
