"""What forbids publishing a document, each named at its place."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rulebook_desk import (
    DESK,
    GREET,
    PARAMS,
    SHOWROOM_TEXT,
    a_rule,
    position_of,
    the_desk,
    the_text,
)

from service.policies.rulebooks import diagrams
from service.policies.rulebooks.checks import MOST_LINES, MOST_RULES, check
from service.policies.rulebooks.diagrams import NEVER
from service.policies.rulebooks.document import from_json, parse
from service.policies.rulebooks.meaning import meaning_of
from service.policies.rulebooks.messages import MESSAGES
from service.policies.rulebooks.parts import Document
from service.policies.rulebooks.problems import Problem, RulebookRefused
from service.policies.rulebooks.reachability import Space
from service.policies.rulebooks.vocabulary.kinds import LOCALES, Fact, Flag, Number
from service.policies.rulebooks.vocabulary.showroom import SHOWROOM


def problems(document: Document) -> list[Problem]:
    found = check(document, DESK)
    for problem, locale in product(found, LOCALES):
        assert problem.message(locale)
    return [problem for problem in found if problem.code != "UNTESTED_RULE"]


def codes(*rules: str, **parts: str) -> list[str]:
    return [problem.code for problem in problems(the_desk(*rules, **parts))]


def test_the_shipped_rulebook_has_no_problem() -> None:
    assert check(parse(SHOWROOM_TEXT), SHOWROOM) == []


def test_a_rule_that_can_never_match_is_named() -> None:
    text = the_text(a_rule("R-1", "visitor is OLD", "visitor is VIP"))

    problem = problems(parse(text))[0]

    assert problem.code == "NEVER_MATCHES"
    assert problem.values == {"id": "R-1", "lines": "visitor is OLD / visitor is VIP"}
    assert (problem.at.line, problem.at.column) == position_of(text, "id: R-1")


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["rep_free", "waited > 120"], "waited > 120"),
        (["rep_free", "knows_rep", "visitor is NEW"], "knows_rep / visitor is NEW"),
        (
            ["visitor in (OLD, NEW)", "visitor in (OLD, VIP)", "visitor in (NEW, VIP)"],
            "visitor in (OLD, NEW) / visitor in (OLD, VIP) / visitor in (NEW, VIP)",
        ),
    ],
)
def test_the_fewest_lines_that_cannot_be_together_are_told(lines: list[str], told: str) -> None:
    (problem,) = problems(the_desk(a_rule("R-1", *(f"'{line}'" for line in lines))))

    assert (problem.code, problem.values["lines"]) == ("NEVER_MATCHES", told)


def test_a_rule_that_the_axioms_forbid_can_never_match() -> None:
    assert codes(a_rule("R-1", "visitor is NEW", "knows_rep")) == ["NEVER_MATCHES"]


def test_a_rule_shadowed_by_earlier_ones_names_them() -> None:
    document = the_desk(
        a_rule("R-1", "visitor is OLD"),
        a_rule("R-2", "rep_free"),
        a_rule("R-3", "visitor is VIP"),
        a_rule("R-4", "visitor in (OLD, VIP)", "waited > 3"),
    )

    problem = problems(document)[0]

    assert (problem.code, problem.values) == ("SHADOWED", {"id": "R-4", "earlier": "R-1, R-2, R-3"})


def test_a_shadow_names_only_the_rules_that_cast_it() -> None:
    found = problems(
        the_desk(
            a_rule("R-1", "waited > 100"),
            a_rule("R-2", "visitor is OLD"),
            a_rule("R-3", "visitor is OLD", "waited < 50"),
        )
    )

    assert [problem.values for problem in found] == [{"id": "R-3", "earlier": "R-2"}]


@pytest.mark.parametrize(
    ("first", "second", "shadowed"),
    [
        ("waited > 10", "waited > 11", True),
        ("waited > 11", "waited > 10", False),
        ("waited >= 10", "waited > 9", True),
        ("waited > 10", "waited >= 10", False),
        ("waited is not 5", "waited is 5", False),
        ("waited < 5 or waited > 5", "waited is not 5", True),
        ("waited <= params.patience", "waited < params.patience + 1", True),
        ("waited < params.patience", "waited <= params.patience", False),
        ("rep_free or not params.strict", "rep_free and params.strict", True),
        ("rep_free and params.strict", "rep_free", False),
        ("visitor in params.guests", "visitor is OLD", False),
        ("visitor in (OLD, VIP)", "visitor in params.guests", True),
        ("params.host is REP", "params.host is MANAGER", False),
        ("params.host is REP", "params.host in (REP, MANAGER)", False),
        ("params.host in (REP, MANAGER)", "rep_free", True),
        ("params.patience > 5", "rep_free", True),
        ("not (visitor is OLD and rep_free)", "not rep_free", True),
    ],
)
def test_boundaries_and_choices_are_judged_exactly(first: str, second: str, shadowed: bool) -> None:
    assert ("SHADOWED" in codes(a_rule("R-1", first), a_rule("R-2", second))) is shadowed


def test_a_rule_that_a_choice_switches_off_is_no_mistake() -> None:
    assert codes(a_rule("R-1", "params.strict", "rep_free")) == []


def test_a_parameter_that_holds_a_fact_s_words_is_free_as_well() -> None:
    params = PARAMS + "\n  favourite: {value: VIP, words: [OLD, VIP, NONE], source: 一}\n"

    assert codes(
        a_rule("R-1", "visitor is params.favourite"),
        a_rule("R-2", "visitor is OLD"),
        a_rule("R-3", "visitor is NEW", "visitor is params.favourite"),
        params=params,
    ) == ["NEVER_MATCHES"]


def test_the_limit_of_rules_is_a_hundred_a_decision() -> None:
    rules = [a_rule(f"R-{n}", f"waited is {n}") for n in range(MOST_RULES)]

    assert codes(*rules) == []
    assert codes(*rules, a_rule("R-100", "waited is 100")) == ["TOO_MANY_RULES"]


def test_the_limit_of_lines_is_five_hundred() -> None:
    rules = [
        a_rule(f"R-{n}", f"waited is {n}", *["waited >= 0"] * 9) for n in range(MOST_LINES // 10)
    ]

    assert codes(*rules) == []
    assert codes(*rules, a_rule("R-99", "rep_free")) == ["TOO_MANY_LINES"]


@pytest.mark.parametrize(
    ("what", "parts"),
    [
        ("tests", {"tests": "\n  - {decision: greet, given: {}, expect: {}}" * 1_001}),
        (
            "params",
            {
                "params": PARAMS
                + "".join(f"\n  k{n}: {{value: true, source: 一}}" for n in range(200))
            },
        ),
        (
            "words",
            {"params": PARAMS + f"\n  wide: {{value: [], source: 一, words: {list(range(51))}}}"},
        ),
    ],
)
def test_a_document_has_a_bounded_number_of_parts(what: str, parts: dict[str, str]) -> None:
    found = problems(the_desk(**parts))

    assert [(problem.code, problem.values["what"]) for problem in found] == [
        ("TOO_MANY_PARTS", what)
    ]


def test_a_name_of_absurd_length_gets_no_suggestion() -> None:
    assert problems(the_desk(a_rule("R-1", "visitor" * 10)))[0].suggestion is None


def test_a_hundred_rules_can_be_checked_exactly() -> None:
    rules = [
        a_rule(f"R-{n}", f"waited is {n}", "rep_free or knows_rep", "visitor in params.guests")
        for n in range(MOST_RULES)
    ]

    assert codes(*rules) == []


@pytest.mark.parametrize("budget", ["MOST_NODES", "MOST_STEPS", "MOST_VARIABLES"])
def test_what_cannot_be_checked_exactly_is_too_complex(
    monkeypatch: pytest.MonkeyPatch, budget: str
) -> None:
    monkeypatch.setattr(diagrams, budget, 3)

    assert codes(a_rule("R-1", "rep_free and knows_rep or waited > 3")) == ["TOO_COMPLEX"]


@pytest.mark.parametrize(
    ("rules", "code", "at"),
    [
        ([a_rule("R-1"), a_rule("R-1", "rep_free")], "DUPLICATE_ID", None),
        ([a_rule("R-1", then="who: REP, drnk: TEA")], "UNKNOWN_OUTCOME", "TEA}"),
        ([a_rule("R-1", then="minutes: 3")], "MISSING_OUTCOME", "id: R-1"),
        ([a_rule("R-1", then="who: REPP")], "WRONG_OUTCOME", "REPP"),
        ([a_rule("R-1", then="who: params.patience")], "WRONG_OUTCOME", "params.patience"),
        ([a_rule("R-1", then="who: params.nothing")], "WRONG_OUTCOME", "params.nothing"),
        ([a_rule("R-1", then="who: REP, minutes: 61")], "WRONG_OUTCOME", "61"),
        ([a_rule("R-1", then="who: REP, minutes: soon")], "WRONG_TYPE", "soon"),
        ([a_rule("R-1", then="who: REP, minutes: waited")], "WRONG_TYPE", "waited"),
        ([a_rule("R-1", then="who: REP, minutes: 3 +")], "CONDITION_UNREADABLE", None),
        ([a_rule("R-1", then="who: REP, minutes: 0 - 1")], "WRONG_OUTCOME", "0 - 1"),
        (
            [a_rule("R-1", says='{en: "{repp} comes", zh-Hant: 來, zh-Hans: 来}')],
            "UNKNOWN_PLACEHOLDER",
            "{repp}",
        ),
        (
            [a_rule("R-1", says='{en: "{params.patiens}", zh-Hant: 來, zh-Hans: 来}')],
            "UNKNOWN_PLACEHOLDER",
            "{params.patiens}",
        ),
    ],
)
def test_a_rule_that_is_wrong_is_named_at_its_place(
    rules: list[str], code: str, at: str | None
) -> None:
    text = the_text(*rules)

    problem = problems(parse(text))[0]

    assert problem.code == code
    if at is not None:
        assert (problem.at.line, problem.at.column) == position_of(text, at)


def test_a_wrong_word_suggests_the_one_meant() -> None:
    found = problems(the_desk(a_rule("R-1", then="who: MANAGRE"), a_rule("R-2", then="woh: REP")))

    assert [problem.suggestion for problem in found if problem.suggestion] == ["MANAGER", "who"]


def test_several_mistakes_are_found_at_once_in_the_order_of_the_text() -> None:
    found = problems(the_desk(a_rule("R-1", "rep_fre", then="who: X"), a_rule("R-2", "visitor")))

    assert [problem.code for problem in found] == ["UNKNOWN_NAME", "WRONG_OUTCOME", "WRONG_TYPE"]


def test_an_outcome_may_be_a_parameter_of_the_same_words() -> None:
    assert codes(a_rule("R-1", "rep_free", then="who: params.host")) == []


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("policy: desk", "policy: door", "WRONG_POLICY"),
        ("  greet:\n", "  greeet:\n", "UNKNOWN_DECISION"),
        ("  greet:\n", "  greeet:\n", "MISSING_DECISION"),
        ("order: SIGN_IN", "order: SIGNIN", "UNKNOWN_ORDER"),
        ("order: SIGN_IN", "order: params.host", "UNKNOWN_ORDER"),
        ("order: SIGN_IN", "order: params.nothing", "UNKNOWN_ORDER"),
        ("skip: greet", "skip: great", "UNKNOWN_DECISION"),
        (", skip: greet", "", "MISSING_KEY"),
    ],
)
def test_a_document_for_another_product_is_refused(old: str, new: str, code: str) -> None:
    text = the_text()
    assert old in text

    assert code in [problem.code for problem in problems(parse(text.replace(old, new, 1)))]


def test_a_parameter_the_product_reads_if_it_is_there_must_be_of_its_type() -> None:
    desk = replace(DESK, optional={"strict": Flag(), "absent": Flag(), "grace": Flag()})

    found = [one for one in check(the_desk(), desk) if one.code != "UNTESTED_RULE"]

    assert [(one.code, one.values["name"]) for one in found] == [("PARAMETER_WRONG_TYPE", "grace")]


def test_a_decision_needs_its_otherwise() -> None:
    plain = the_desk().to_json()
    del plain["decisions"]["greet"]["otherwise"]

    found = problems(from_json(plain))

    assert [(problem.code, problem.values) for problem in found] == [
        ("MISSING_OTHERWISE", {"name": "greet"})
    ]


def test_every_rule_needs_a_test_of_its_own() -> None:
    trial = "\n  - {decision: greet, given: {rep_free: true}, expect: {rule: R-1}}"

    found = check(the_desk(a_rule("R-1", "rep_free"), tests=trial), DESK)

    assert [(problem.code, problem.values) for problem in found] == [
        ("UNTESTED_RULE", {"id": "OTHER"})
    ]


@pytest.mark.parametrize(
    ("trial", "code"),
    [
        ("{decision: great, given: {}, expect: {}}", "UNKNOWN_DECISION"),
        ("{decision: greet, given: {visitr: OLD}, expect: {}}", "UNKNOWN_NAME"),
        ("{decision: greet, given: {visitor: OLDD}, expect: {}}", "WRONG_TYPE"),
        ("{decision: greet, given: {rep_free: perhaps}, expect: {}}", "WRONG_TYPE"),
        ("{decision: greet, given: {waited: long}, expect: {}}", "WRONG_TYPE"),
        ("{decision: greet, given: {waited: 121}, expect: {}}", "WRONG_TYPE"),
        ("{decision: greet, given: {}, expect: {rule: R-9}}", "UNKNOWN_RULE"),
        ("{decision: greet, given: {}, expect: {whom: REP}}", "UNKNOWN_OUTCOME"),
        (
            "{decision: greet, params: {patience: 99}, given: {}, expect: {}}",
            "PARAMETER_OUT_OF_BOUNDS",
        ),
        ("{decision: greet, params: {patienc: 9}, given: {}, expect: {}}", "PARAMETER_UNKNOWN"),
    ],
)
def test_a_test_that_cannot_be_run_is_named(trial: str, code: str) -> None:
    found = problems(the_desk(tests=f"\n  - {trial}"))

    assert [problem.code for problem in found] == [code]
    assert found[0].at.line > 0


def test_what_overrides_wrongly_is_named_in_each_of_several_tests() -> None:
    none, wrong = "params: {guests: []}", 'params: {guests: ""}'
    tests = [
        f"\n  - {{decision: greet, {params}, given: {{}}, expect: {{}}}}"
        for params in (none, wrong, wrong)
    ]

    found = problems(the_desk(tests="".join(tests)))

    assert [problem.code for problem in found] == ["PARAMETER_WRONG_TYPE"] * 2
    assert found[1].at.line == found[0].at.line + 1


def test_a_refusal_says_all_in_one_line_each() -> None:
    with pytest.raises(RulebookRefused, match=r"\d+:\d+ UNKNOWN_KEY: .*; \d+:\d+ ") as caught:
        parse(the_text().replace("industry", "industri").replace("running", "runing"))

    assert len(caught.value.problems) == 4


def test_every_message_has_three_wordings_with_the_same_values() -> None:
    for label in MESSAGES.values():
        names = [
            sorted(part.split("}")[0] for part in label.text(locale).split("{")[1:])
            for locale in LOCALES
        ]
        assert names[0] == names[1] == names[2]


def test_an_example_stays_near_what_is_usual() -> None:
    document = the_desk(
        a_rule("R-1", "visitor in params.guests", "visitor is VIP", "waited > 3", "params.strict"),
        a_rule("R-2", "visitor in params.guests", "params.host is MANAGER"),
    )
    meaning, _ = meaning_of(document, DESK)
    space = Space(meaning.decisions.values(), meaning.parameters)
    first, second, _ = space.reach(meaning.decisions["greet"]).reached

    facts, choices = space.example(first)
    assert facts == {"visitor": "VIP", "rep_free": False, "knows_rep": False, "waited": 4}
    assert choices["guests"] == ("OLD", "VIP")
    assert choices["strict"] is True
    assert choices["host"] == "REP"
    assert space.example(second)[0]["visitor"] == "OLD"
    assert space.example(second)[1]["guests"] == ("OLD",)


def test_a_number_that_is_usually_more_than_its_least_keeps_its_piece() -> None:
    usual = Fact("waited", Number(0, 120), 30, GREET.label)
    greet = replace(GREET, facts=(usual,), axioms=())
    desk = replace(DESK, decisions={"greet": greet})
    meaning, found = meaning_of(the_desk(a_rule("R-1", "waited > 20", "waited < 50")), desk)
    assert found == []
    space = Space(meaning.decisions.values(), meaning.parameters)

    facts, _ = space.example(space.reach(meaning.decisions["greet"]).reached[0])

    assert 20 < int(facts["waited"]) <= 30


FACTS = [
    {"visitor": visitor, "rep_free": free, "knows_rep": knows, "waited": waited}
    for visitor, free, knows, waited in product(
        ("NEW", "OLD", "VIP"), (False, True), (False, True), range(121)
    )
    if visitor != "NEW" or not knows
]

atoms = st.sampled_from(
    [
        "rep_free",
        "knows_rep",
        "visitor is OLD",
        "visitor in (NEW, VIP)",
        "waited > params.patience",
        "waited <= 20",
        "waited is 10",
        "params.strict",
    ]
)
lines = st.recursive(
    atoms,
    lambda part: (
        st.builds("not ({})".format, part)
        | st.builds("({}) and ({})".format, part, part)
        | st.builds("({}) or ({})".format, part, part)
    ),
    max_leaves=5,
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(lines, min_size=1, max_size=2), min_size=1, max_size=5))
def test_reachability_is_what_trying_every_fact_finds(rules: list[list[str]]) -> None:
    document = the_desk(*(a_rule(f"R-{n}", *when) for n, when in enumerate(rules)))
    meaning, found = meaning_of(document, DESK)
    assert found == []
    decision = meaning.decisions["greet"]
    space = Space([decision], meaning.parameters)
    reach = space.reach(decision)

    reached = set()
    for strict in (False, True):
        values = {**meaning.parameters.values, "strict": strict}
        reached |= {decision.first_match(facts, values).rule.id.raw for facts in FACTS}

    for meant, node in zip(decision.rules, reach.reached, strict=True):
        assert (node != NEVER) == (meant.rule.id.raw in reached)
        if node != NEVER:
            facts, chosen = space.example(node)
            values = {**meaning.parameters.values, **chosen}
            assert decision.first_match(facts, values) is meant
    assert GREET.fact("nobody") is None
