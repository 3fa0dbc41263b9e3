"""A compiled rulebook decides, explains itself and speaks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rulebook_desk import DESK, a_rule, the_desk
from shipped_rulebooks import document_of, rulebook_of

from service.policies.rulebooks.cel import to_cel
from service.policies.rulebooks.clauses import short_clause
from service.policies.rulebooks.compiler import compile_rulebook
from service.policies.rulebooks.evaluating import holds
from service.policies.rulebooks.problems import RulebookRefused
from service.policies.rulebooks.rulebook import FactRefused, Outcome, Rulebook
from service.policies.rulebooks.trials import run_tests
from service.policies.rulebooks.vocabulary.kinds import Fact, Flag, Number, Value, Words
from service.policies.rulebooks.vocabulary.showroom import SHOWROOM

SHIPPED = document_of("showroom")
RULEBOOK = rulebook_of("showroom")


def test_an_outcome_names_rule_clause_and_all_its_parts() -> None:
    rulebook = compile_rulebook(
        the_desk(a_rule("R-1", "rep_free", then="who: REP, minutes: params.patience + 5 - 1")), DESK
    )

    assert rulebook.decide("greet", {"rep_free": True}) == Outcome(
        "R-1", "一(一)1", {"who": "REP", "minutes": 14, "drink": "NONE"}
    )
    assert rulebook.decide("greet", {}).then == {"who": "MANAGER", "minutes": 0, "drink": "NONE"}


def test_a_parameter_in_an_outcome_follows_its_override() -> None:
    rulebook = compile_rulebook(
        the_desk(a_rule("R-1", then="who: params.host, minutes: 60 - params.patience")),
        DESK,
        {"host": "MANAGER", "patience": 20},
    )

    assert rulebook.decide("greet", {}).then == {"who": "MANAGER", "minutes": 40, "drink": "NONE"}


def test_an_outcome_cannot_be_changed_by_its_reader() -> None:
    then = RULEBOOK.decide("reception", {}).then

    with pytest.raises(TypeError):
        then["receiver"] = "TAKER"  # type: ignore[index]  # that is the point


@pytest.mark.parametrize(
    "facts",
    [{"visitr": "OLD"}, {"visitor": "OLDD"}, {"waited": 121}, {"waited": "3"}, {"visitor": []}],
)
def test_a_fact_that_cannot_be_is_the_reader_s_fault(facts: dict[str, Value]) -> None:
    rulebook = compile_rulebook(the_desk(), DESK)

    with pytest.raises(FactRefused, match="greet"):
        rulebook.decide("greet", facts)


def test_among_facts_that_can_be_the_one_that_cannot_is_named() -> None:
    rulebook = compile_rulebook(the_desk(), DESK)

    with pytest.raises(FactRefused, match=r"greet\.waited cannot be 121"):
        rulebook.decide("greet", {"visitor": "OLD", "waited": 121})
    with pytest.raises(FactRefused, match="greet does not know 'visitr'"):
        rulebook.decide("greet", {"waited": 3, "visitr": "OLD"})


def test_the_same_mistake_in_two_rules_is_told_of_both() -> None:
    with pytest.raises(RulebookRefused) as refused:
        compile_rulebook(
            the_desk(a_rule("R-1", "visitor is OLDD"), a_rule("R-2", "visitor is OLDD")), DESK
        )

    assert [problem.at.path for problem in refused.value.problems] == [
        "/decisions/greet/rules/0/when/0",
        "/decisions/greet/rules/1/when/0",
    ]


def test_a_trace_tells_which_line_of_each_rule_failed() -> None:
    rulebook = compile_rulebook(
        the_desk(
            a_rule("R-1", "rep_free", "visitor is OLD"),
            a_rule("R-2", "visitor is VIP"),
            a_rule("R-3", "rep_free"),
        ),
        DESK,
    )

    trace = rulebook.trace("greet", {"rep_free": True})

    assert [(tried.rule_id, tried.failed) for tried in trace.tried] == [
        ("R-1", "visitor is OLD"),
        ("R-2", "visitor is VIP"),
        ("R-3", None),
    ]
    assert trace.outcome.rule_id == "R-3"
    assert rulebook.trace("greet", {}).tried[-1].rule_id == "OTHER"


def test_a_rule_speaks_three_languages_with_names_and_numbers() -> None:
    names = {"rep": "王芳", "customer": "李娜"}

    assert RULEBOOK.says("FF-1", "en") == "The first follow-up was due within 3 days."
    assert RULEBOOK.says("FF-2", "zh-Hant", names) == "王芳已如期首次跟蹤。"
    assert RULEBOOK.says("FF-2", "zh-Hans") == "{rep}已如期首次跟踪。"


def test_a_sentence_gives_the_number_in_force() -> None:
    rulebook = compile_rulebook(SHIPPED, SHOWROOM, {"followup.first_due_days": 5})

    assert rulebook.says("FF-1", "en") == "The first follow-up was due within 5 days."


def test_a_name_never_becomes_a_pattern() -> None:
    assert RULEBOOK.says("TK-3", "en", {"rep": r"\1 {params.claim.days}"}).startswith(r"\1 {params")


@pytest.mark.parametrize(
    ("clause", "short"),
    [
        ("五(二)", "五二"),
        ("五(五)4", "五五4"),
        ("(四)3", "四3"),
        ("五(五)1(無法確認)", "五五1(無法確認)"),
        ("五(五)1(十)", "五五1(十)"),
    ],
)
def test_a_short_clause_has_no_brackets_around_numerals(clause: str, short: str) -> None:
    expected = short.replace("(十)", "十")

    assert short_clause(clause) == expected


def test_a_failing_test_of_a_document_tells_what_came_out() -> None:
    trials = """
  - {decision: greet, given: {rep_free: true}, expect: {rule: R-1, who: REP}}
  - {decision: greet, given: {waited: 61}, expect: {rule: R-1}}
  - {decision: greet, params: {patience: 60}, given: {waited: 61}, expect: {rule: R-2}}
  - {decision: greet, params: {guests: [VIP]}, given: {visitor: VIP}, expect: {rule: OTHER}}"""
    rulebook = compile_rulebook(
        the_desk(
            a_rule("R-1", "rep_free or visitor in params.guests"),
            a_rule("R-2", "waited > params.patience"),
            tests=trials,
        ),
        DESK,
    )

    failures = run_tests(rulebook)

    assert [(failure.expected["rule"], failure.answered["rule"]) for failure in failures] == [
        ("R-1", "R-2"),
        ("OTHER", "R-1"),
    ]
    assert failures[0].decision == "greet"
    assert failures[0].answered == {"rule": "R-2", "who": "REP", "minutes": "0", "drink": "NONE"}
    assert failures[0].at.line > 0


def test_the_shipped_rulebook_passes_its_own_tests() -> None:
    assert run_tests(RULEBOOK) == []


def values_of(fact: Fact) -> st.SearchStrategy[Value]:
    if isinstance(fact.kind, Flag):
        return st.booleans()
    if isinstance(fact.kind, Words):
        return st.sampled_from(fact.kind.words)
    assert isinstance(fact.kind, Number)
    return st.integers(fact.kind.least, min(fact.kind.most, 400))


questions = st.sampled_from(sorted(SHOWROOM.decisions)).flatmap(
    lambda name: st.tuples(
        st.just(name),
        st.fixed_dictionaries(
            {}, optional={f.name: values_of(f) for f in SHOWROOM.decisions[name].facts}
        ),
    )
)
POLICIES: list[dict[str, bool | int | str | list[str]]] = [
    {},
    {"rotation.all_busy": "WAIT", "returning.busy_owner": "ROTATION", "merge.family": []},
    {"rotation.all_busy": "MANAGER", "named.off_duty": "OBLIGATORY", "merge.same_unit": False},
    {
        "offday.owner": "RECEIVER",
        "rotation.named_consumes_turn": "IF_COINCIDES",
        "referral.unnamed": "REFERRER_OWNER",
        "rotation.obligatory_receiver": "BUDDY",
        "register.deadline": "MINUTES",
        "register.match": "EITHER",
        "phone.creates_registration": True,
        "tracking.effective_only": True,
        "claim.tie_break": "FIRST_TO_FILE",
    },
]
RULEBOOKS = [compile_rulebook(SHIPPED, SHOWROOM, policy) for policy in POLICIES]


@settings(max_examples=600)
@given(rulebook=st.sampled_from(RULEBOOKS), question=questions)
def test_function_tracer_and_cel_agree_on_every_fact(
    rulebook: Rulebook, question: tuple[str, dict[str, Value]]
) -> None:
    name, facts = question

    outcome = rulebook.decide(name, facts)

    trace = rulebook.trace(name, facts)
    assert trace.tried[-1].rule_id == outcome.rule_id
    assert trace.outcome == outcome
    decision = rulebook.meaning.decisions[name]
    assert (
        decision.first_match(
            {fact.name: fact.absent for fact in decision.words.facts} | facts, rulebook.parameters
        ).rule.id.raw
        == outcome.rule_id
    )
    assert first_by_cel(rulebook, name, facts) == outcome.rule_id


def first_by_cel(rulebook: Rulebook, name: str, facts: dict[str, Value]) -> str:
    """Decide by the printed CEL, read by Python, whose words for && and || differ."""
    decision = rulebook.meaning.decisions[name]
    scope = {fact.name: fact.absent for fact in decision.words.facts} | facts
    for meant in decision.rules:
        python = " and ".join(f"({to_cel(line)})" for line in meant.when) or "True"
        python = python.replace("&&", "and").replace("||", "or").replace("!(", "not (")
        if eval(python, {"params": rulebook.parameters}, dict(scope)):  # noqa: S307 - our print
            return meant.rule.id.raw
    raise AssertionError("otherwise always holds")


@pytest.mark.parametrize(
    ("line", "cel"),
    [
        ("rep_free", "rep_free"),
        ("params.strict", 'params["strict"]'),
        ("visitor is not OLD", '!(visitor == "OLD")'),
        ("visitor in (OLD, VIP)", 'visitor in ["OLD", "VIP"]'),
        ("visitor in params.guests", 'visitor in params["guests"]'),
        (
            "waited > params.patience - params.grace + 1",
            'waited > 1 + params["patience"] - params["grace"]',
        ),
        ("params.host is REP", 'params["host"] == "REP"'),
        ("rep_free and knows_rep or waited is 3", "((rep_free) && (knows_rep)) || (waited == 3)"),
    ],
)
def test_a_condition_prints_as_cel(line: str, cel: str) -> None:
    rulebook = compile_rulebook(the_desk(a_rule("R-1", line)), DESK)
    condition = rulebook.meaning.decisions["greet"].rules[0].when[0]

    assert to_cel(condition) == cel
    assert holds(
        condition,
        {"rep_free": True, "knows_rep": True, "visitor": "OLD", "waited": 9},
        rulebook.parameters,
    ) in {True, False}
