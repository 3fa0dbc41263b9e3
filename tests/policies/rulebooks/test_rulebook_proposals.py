"""The tests that are proposed: they pass, they settle what was in doubt, they catch mutants."""

from collections import Counter

import pytest
from hypothesis import given, settings
from rulebook_desk import DESK, a_rule, the_desk
from rulebook_mutation import difference, mutants
from rulebook_strategies import DOCUMENTS, every_fact
from shipped_rulebooks import OF_EACH_POLICY, document_of

from service.policies.rulebooks import drafts
from service.policies.rulebooks.checks import check
from service.policies.rulebooks.diagrams import NEVER
from service.policies.rulebooks.document import from_json
from service.policies.rulebooks.meaning import Meaning, meaning_of
from service.policies.rulebooks.parts import Document
from service.policies.rulebooks.problems import RulebookRefused
from service.policies.rulebooks.proposing import Proposal, propose
from service.policies.rulebooks.trials import failures
from service.policies.rulebooks.vocabulary.kinds import Vocabulary
from service.policies.rulebooks.vocabulary.shipped import VOCABULARIES
from service.policies.rulebooks.warnings import warnings


def meant(document: Document, vocabulary: Vocabulary = DESK) -> Meaning:
    meaning, problems = meaning_of(document, vocabulary)
    assert problems == []
    return meaning


def with_tests(document: Document, tests: list) -> Document:
    return from_json(document.to_json() | {"tests": tests})


def proposed(document: Document, vocabulary: Vocabulary = DESK) -> list[Proposal]:
    return list(propose(meant(document, vocabulary)))


def test_each_rule_gets_a_test_with_its_whole_outcome() -> None:
    document = the_desk(a_rule("R-1", "visitor is VIP", then="who: MANAGER, minutes: 5"))

    rules = [one for one in proposed(document) if one.aim == "RULE"]

    assert [one.test for one in rules] == [
        {
            "decision": "greet",
            "given": {"visitor": "VIP"},
            "expect": {"rule": "R-1", "who": "MANAGER", "minutes": 5, "drink": "NONE"},
        },
        {
            "decision": "greet",
            "given": {},
            "expect": {"rule": "OTHER", "who": "MANAGER", "minutes": 0, "drink": "NONE"},
        },
    ]


def test_a_line_is_falsified_alone_and_so_is_each_part_of_it() -> None:
    document = the_desk(a_rule("R-1", "rep_free", "knows_rep or visitor is VIP"))

    rows = [one.test for one in proposed(document)]
    answers = {tuple(sorted(row["given"].items())): row["expect"]["rule"] for row in rows}

    assert answers == {
        (("rep_free", True), ("visitor", "VIP")): "R-1",
        (("knows_rep", True), ("rep_free", True), ("visitor", "OLD")): "R-1",
        (("knows_rep", True), ("visitor", "OLD")): "OTHER",
        (("rep_free", True),): "OTHER",
        (): "OTHER",
    }


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        ("waited < 30", {29, 30, 31}),
        ("waited >= params.patience + 1", {10, 11, 12}),
        ("waited is 120", {119, 120}),
        ("waited > 0", {0, 1}),
    ],
)
def test_a_boundary_is_tried_one_less_and_one_more(line: str, numbers: set[int]) -> None:
    tried = {one.test["given"].get("waited", 0) for one in proposed(the_desk(a_rule("R-1", line)))}

    assert numbers <= tried


def test_an_outcome_that_follows_a_parameter_is_tried_with_another_value() -> None:
    document = the_desk(a_rule("R-1", "rep_free", then="who: params.host, minutes: params.grace"))

    following = [one.test for one in proposed(document) if one.aim == "PARAMETER"]

    assert [test["params"] for test in following] == [{"grace": 6}, {"host": "MANAGER"}]
    assert following[0]["expect"]["minutes"] == 6
    assert following[1]["expect"]["who"] == "MANAGER"


def test_nothing_is_proposed_that_a_test_shows_already() -> None:
    document = the_desk(a_rule("R-1", "rep_free", "visitor is OLD"), a_rule("R-2", "waited > 5"))
    rows = [dict(one.test) for one in proposed(document)]

    assert rows
    assert proposed(with_tests(document, rows)) == []
    assert proposed(with_tests(document, rows[1:])) != []


@settings(max_examples=60, deadline=None)
@given(DOCUMENTS)
def test_proposed_tests_pass_and_leave_nothing_to_propose(document: Document) -> None:
    rows = [dict(one.test) for one in proposed(document)]
    complete = with_tests(document, rows)
    meaning = meant(complete)

    assert list(failures(meaning, complete.tests)) == []
    assert not [one for one in warnings(meaning) if one.code == "OVERLAP"]
    assert not [
        one
        for one in check(complete, DESK)
        if one.code not in {"SHADOWED", "NEVER_MATCHES", "UNTESTED_RULE"}
    ]


@settings(max_examples=40, deadline=None)
@given(DOCUMENTS)
def test_an_overlap_is_told_exactly_where_trying_every_fact_finds_one(document: Document) -> None:
    meaning = meant(document)
    decision, values = meaning.decisions["greet"], meaning.parameters.values
    found = set()
    for facts in every_fact(document):
        first, *others = [m for m in decision.rules if m.matches(facts, values)]
        differing = [m for m in others if m.outcome(values) != first.outcome(values)]
        if differing and differing[0] is not decision.rules[-1]:
            found.add((first.rule.id.raw, differing[0].rule.id.raw))

    told = [one for one in warnings(meaning) if one.code == "OVERLAP"]

    assert found == {(one.values["id"], one.values["other"]) for one in told}
    for one in told:
        witness = with_tests(document, [one.test])
        assert one.test["expect"]["rule"] == one.values["id"]
        assert list(failures(meant(witness), witness.tests)) == []


@pytest.mark.parametrize("name", OF_EACH_POLICY)
def test_proposed_tests_alone_catch_the_mutants_of_a_shipped_rulebook(name: str) -> None:
    document = document_of(name)
    vocabulary = VOCABULARIES[document.policy.raw]
    rows = [dict(one.test) for one in proposed(with_tests(document, []), vocabulary)]
    meaning = meant(with_tests(document, rows), vocabulary)
    trials = {
        decision: [one for one in meaning.document.tests if one.decision.raw == decision]
        for decision in meaning.decisions
    }

    # Every third: `make mutants` tries them all against the tests that are shipped.
    tried = list(mutants(meaning))[::3]
    survivors = [
        mutant
        for mutant in tried
        if next(failures(mutant.of(meaning), trials[mutant.decision]), None) is None
    ]

    assert tried
    assert [one.what for one in survivors if difference(meaning, one)[1] != NEVER] == []


def test_proposals_say_what_they_are_for() -> None:
    document = document_of("showroom")

    aims = Counter(one.aim for one in drafts.propose(with_tests(document, [])))

    assert set(aims) == {"RULE", "LINE", "BOUNDARY", "OVERLAP", "PARAMETER"}
    with pytest.raises(RulebookRefused):
        drafts.propose(the_desk())
    with pytest.raises(RulebookRefused):
        drafts.propose(from_json(document.to_json() | {"rotation": {"order": "X", "skip": "Y"}}))
