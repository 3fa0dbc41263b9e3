"""What deserves a look, though the document can be published."""

import pytest
from rulebook_desk import DESK, PARAMS, a_rule, position_of, the_desk, the_text
from shipped_rulebooks import SHIPPED

from service.policies.rulebooks.document import parse
from service.policies.rulebooks.drafts import check_text
from service.policies.rulebooks.meaning import meaning_of
from service.policies.rulebooks.messages import WARNINGS
from service.policies.rulebooks.problems import Problem
from service.policies.rulebooks.proposing import propose
from service.policies.rulebooks.vocabulary.kinds import LOCALES
from service.policies.rulebooks.warnings import MOST_OVERLAPS, warnings

USED = "visitor is OLD or rep_free or knows_rep or waited > params.patience + params.grace"


def told(text: str, code: str) -> list[Problem]:
    meaning, problems = meaning_of(parse(text), DESK)
    assert problems == []
    found = [one for one in warnings(meaning) if one.code == code]
    for one in found:
        assert not one.forbids
        assert all(one.message(locale) for locale in LOCALES)
    return found


def test_two_rules_that_differ_where_both_match_are_told_with_facts_and_the_winner() -> None:
    text = the_text(
        a_rule("R-1", "visitor is VIP", then="who: MANAGER"),
        a_rule("R-2", "rep_free", "waited > params.patience"),
    )

    (overlap,) = told(text, "OVERLAP")

    assert overlap.values == {
        "id": "R-1",
        "other": "R-2",
        "when": "visitor is VIP, rep_free is true, waited is 11",
    }
    assert (overlap.at.line, overlap.at.column) == position_of(text, "id: R-2")
    assert overlap.test["expect"] == {
        "rule": "R-1",
        "who": "MANAGER",
        "minutes": 0,
        "drink": "NONE",
    }


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("visitor is VIP", "visitor is OLD"),  # never together
        ("visitor is NEW", "knows_rep"),  # forbidden by an axiom
        ("waited > 10", "waited <= 10"),
    ],
)
def test_rules_that_never_meet_do_not_overlap(first: str, second: str) -> None:
    text = the_text(a_rule("R-1", first, then="who: MANAGER"), a_rule("R-2", second))

    assert told(text, "OVERLAP") == []


def test_rules_that_come_to_the_same_are_no_cause_for_a_look() -> None:
    assert told(the_text(a_rule("R-1", "rep_free"), a_rule("R-2", "knows_rep")), "OVERLAP") == []


def test_what_an_earlier_rule_takes_is_no_overlap_of_the_later_ones() -> None:
    text = the_text(
        a_rule("R-1", "rep_free and knows_rep"),
        a_rule("R-2", "rep_free", then="who: MANAGER"),
        a_rule("R-3", "knows_rep"),
    )

    pairs = [(one.values["id"], one.values["other"]) for one in told(text, "OVERLAP")]

    assert pairs == [("R-1", "R-2")]


def test_a_test_that_says_which_is_meant_settles_an_overlap() -> None:
    rules = (a_rule("R-1", "rep_free", then="who: MANAGER"), a_rule("R-2", "knows_rep"))
    given = "{visitor: OLD, rep_free: true, knows_rep: true}"
    trial = f"\n  - {{decision: greet, given: {given}, expect: {{rule: R-1}}}}"

    assert len(told(the_text(*rules), "OVERLAP")) == 1
    assert told(the_text(*rules, tests=trial), "OVERLAP") == []


def test_rules_that_meet_by_another_choice_alone_are_told_once_it_is_chosen() -> None:
    text = the_text(
        a_rule("R-1", "params.strict", "rep_free", then="who: MANAGER"), a_rule("R-2", "rep_free")
    )
    chosen = text.replace("strict: {value: false", "strict: {value: true")
    assert chosen != text

    assert told(text, "OVERLAP") == []
    (overlap,) = told(chosen, "OVERLAP")

    assert overlap.values["when"] == "rep_free is true"
    assert "params" not in overlap.test
    # What the choice would bring is offered all the same.
    meaning, _ = meaning_of(parse(text), DESK)
    offered = [one.test for one in propose(meaning) if one.rule == "R-1"]
    assert [one["params"] for one in offered if one["given"] == {"rep_free": True}] == [
        {"strict": True}
    ]


def test_an_overlap_names_the_rule_that_would_decide_instead() -> None:
    rules = (
        a_rule("R-1", "visitor is VIP", then="who: MANAGER"),
        a_rule("R-2", "rep_free or knows_rep", then="who: REP, minutes: 5"),
        a_rule("R-3", "rep_free", "waited > 10"),
    )
    pairs = [(one.values["id"], one.values["other"]) for one in told(the_text(*rules), "OVERLAP")]
    assert pairs == [("R-1", "R-2"), ("R-2", "R-3")]

    # What comes to the same decides nothing, so the one after it is the one to look at.
    alike = a_rule("R-2", "rep_free or knows_rep", then="who: MANAGER")
    pairs = [
        (one.values["id"], one.values["other"])
        for one in told(the_text(rules[0], alike, rules[2]), "OVERLAP")
    ]
    assert pairs == [("R-1", "R-3"), ("R-2", "R-3")]


def test_rules_that_come_to_the_same_as_the_parameters_are_set_are_no_cause_for_a_look() -> None:
    rules = (a_rule("R-1", "rep_free", then="who: params.host"), a_rule("R-2", "knows_rep"))
    text = the_text(*rules)

    assert told(text, "OVERLAP") == []
    assert len(told(text.replace("host: {value: REP", "host: {value: MANAGER"), "OVERLAP")) == 1


def test_overlaps_are_told_up_to_a_number_that_can_be_read() -> None:
    rules = [a_rule("R-VIP", "visitor is VIP", then="who: MANAGER")]
    rules += [a_rule(f"R-{n}", f"waited > {n - 1}", f"waited < {n + 1}") for n in range(1, 61)]

    assert len(told(the_text(*rules), "OVERLAP")) == MOST_OVERLAPS


def test_an_otherwise_that_nothing_reaches_is_told() -> None:
    text = the_text(a_rule("R-1", "rep_free"), a_rule("R-2", "not rep_free"))

    (found,) = told(text, "OTHERWISE_UNREACHABLE")

    assert found.values == {"name": "greet", "id": "OTHER"}
    assert (found.at.line, found.at.column) == position_of(text, "{id: OTHER")
    assert told(the_text(a_rule("R-1", "rep_free")), "OTHERWISE_UNREACHABLE") == []


def test_facts_that_no_rule_asks_about_are_told_once_a_decision() -> None:
    (found,) = told(the_text(a_rule("R-1", "rep_free")), "UNUSED_FACT")

    assert found.values == {"decision": "greet", "name": "visitor, knows_rep, waited"}
    assert told(the_text(a_rule("R-1", USED)), "UNUSED_FACT") == []


def test_a_parameter_that_nothing_reads_is_told_at_its_place() -> None:
    says = '{en: "{params.share} percent", zh-Hant: 來, zh-Hans: 来}'
    text = the_text(
        a_rule("R-1", USED, "visitor in params.guests", then="who: params.host", says=says),
        params=PARAMS + "\n  other: {value: params.patience, min: 0, max: 60, source: 一}\n",
    )

    found = told(text, "UNUSED_PARAMETER")

    # `patience` is the product's own, and `other` takes its value from it.
    assert [one.values["name"] for one in found] == ["strict", "other"]
    assert (found[0].at.line, found[0].at.column) == position_of(text, "strict:")


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_shipped_rulebook_has_no_errors_and_its_warnings_are_worded(name: str) -> None:
    checked = check_text(SHIPPED[name])

    assert checked.errors == ()
    assert {one.code for one in checked.warnings} <= WARNINGS
    # Who begins with it is told at most that nothing reads it yet.
    assert {one.code for one in checked.warnings} <= {"POLICY_UNREAD"}
    assert list(checked.problems) == sorted(checked.problems, key=lambda one: one.at)


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_rulebook_by_which_nothing_is_decided_yet_says_so_at_its_name(name: str) -> None:
    text = SHIPPED[name]
    found = [one for one in check_text(text).warnings if one.code == "POLICY_UNREAD"]

    assert bool(found) == (not name.startswith("showroom"))
    for one in found:
        assert one.values == {"name": name}
        assert text.splitlines()[one.at.line - 1].startswith("policy: ")


def test_a_draft_without_tests_is_warned_all_the_same() -> None:
    document = the_desk(a_rule("R-1", "rep_free"))
    assert document.tests == ()

    plain = SHIPPED["showroom"].split("\ntests:")[0] + "\ntests: []\n"
    codes = {one.code for one in check_text(plain).problems}

    assert {"UNTESTED_RULE", "OVERLAP"} <= codes
