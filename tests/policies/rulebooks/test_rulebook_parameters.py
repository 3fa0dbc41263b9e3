"""Parameters: typed, bounded, and overridden by name."""

import pytest
from rulebook_desk import DESK, PARAMS, a_rule, the_desk
from shipped_rulebooks import document_of

from service.policies.rulebooks.compiler import compile_rulebook
from service.policies.rulebooks.parameters import Overrides
from service.policies.rulebooks.problems import Problem, RulebookRefused
from service.policies.rulebooks.vocabulary.showroom import SHOWROOM

SHIPPED = document_of("showroom")


def problems_of(params: str = PARAMS, overrides: Overrides | None = None) -> list[Problem]:
    with pytest.raises(RulebookRefused) as caught:
        compile_rulebook(the_desk(params=params), DESK, overrides)
    return list(caught.value.problems)


def test_each_parameter_has_its_type() -> None:
    rulebook = compile_rulebook(the_desk(), DESK)

    assert rulebook.parameters == {
        "patience": 10,
        "grace": 5,
        "strict": False,
        "host": "REP",
        "guests": ("OLD",),
        "share": 60,
    }
    assert rulebook.parameter("patience") == 10


@pytest.mark.parametrize(
    ("overrides", "name", "value"),
    [
        ({"patience": 30}, "patience", 30),
        ({"patience": "30"}, "patience", 30),
        ({"strict": True}, "strict", True),
        ({"strict": "true"}, "strict", True),
        ({"host": "MANAGER"}, "host", "MANAGER"),
        ({"guests": ["OLD", "VIP"]}, "guests", ("OLD", "VIP")),
        ({"guests": ()}, "guests", ()),
        ({"share": "50/50"}, "share", 50),
    ],
)
def test_a_story_overrides_a_parameter_by_name(
    overrides: Overrides, name: str, value: object
) -> None:
    assert compile_rulebook(the_desk(), DESK, overrides).parameter(name) == value


@pytest.mark.parametrize(
    ("overrides", "code"),
    [
        ({"patience": 61}, "PARAMETER_OUT_OF_BOUNDS"),
        ({"patience": -1}, "PARAMETER_OUT_OF_BOUNDS"),
        ({"patience": "soon"}, "PARAMETER_WRONG_TYPE"),
        ({"patience": True}, "PARAMETER_WRONG_TYPE"),
        ({"patience": [1]}, "PARAMETER_WRONG_TYPE"),
        ({"patience": "50/50"}, "PARAMETER_WRONG_TYPE"),
        ({"share": "50/60"}, "PARAMETER_WRONG_TYPE"),
        ({"strict": "maybe"}, "PARAMETER_WRONG_TYPE"),
        ({"host": "NOBODY"}, "PARAMETER_WRONG_TYPE"),
        ({"guests": ["NEW"]}, "PARAMETER_WRONG_TYPE"),
        ({"guests": ["OLD", "OLD"]}, "PARAMETER_WRONG_TYPE"),
        ({"guests": "OLD"}, "PARAMETER_WRONG_TYPE"),
        ({"patiense": 3}, "PARAMETER_UNKNOWN"),
    ],
)
def test_an_override_that_does_not_fit_is_refused(overrides: Overrides, code: str) -> None:
    assert [problem.code for problem in problems_of(overrides=overrides)] == [code]


def test_an_unknown_override_suggests_the_parameter_meant() -> None:
    assert problems_of(overrides={"patiense": 3})[0].suggestion == "patience"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("value: 10, min: 0, max: 60", "value: 90, min: 0, max: 60", "PARAMETER_OUT_OF_BOUNDS"),
        ("value: 10, min: 0, max: 60", "value: 10, min: 0", "PARAMETER_UNBOUNDED"),
        ("value: 10, min: 0, max: 60", "value: 10, max: 60", "PARAMETER_UNBOUNDED"),
        ("value: 10, min: 0, max: 60", "value: 10, min: none, max: 60", "PARAMETER_WRONG_TYPE"),
        ("value: 10, min: 0, max: 60", "value: 10, min: 0, max: 500", "PARAMETER_WRONG_TYPE"),
        ("value: 10, min: 0, max: 60", "value: true", "PARAMETER_WRONG_TYPE"),
        ("  patience", "  patiense", "PARAMETER_MISSING"),
        ("value: [OLD]", "value: [NEW]", "PARAMETER_WRONG_TYPE"),
        ("value: 5, min", "value: params.nothing, min", "PARAMETER_WRONG_TYPE"),
    ],
)
def test_a_parameter_that_cannot_be_is_refused(old: str, new: str, code: str) -> None:
    assert old in PARAMS

    problem = problems_of(PARAMS.replace(old, new, 1))[0]

    assert problem.code == code
    assert problem.at.line > 0


def test_a_parameter_follows_another_unless_it_is_given_itself() -> None:
    assert (
        compile_rulebook(SHIPPED, SHOWROOM, {"claim.days": 7}).parameter(
            "returning.unconfirmed_claim_days"
        )
        == 7
    )
    assert (
        compile_rulebook(
            SHIPPED, SHOWROOM, {"claim.days": 7, "returning.unconfirmed_claim_days": 2}
        ).parameter("returning.unconfirmed_claim_days")
        == 2
    )


def test_a_rule_whose_parameter_has_no_value_is_not_blamed_for_it() -> None:
    document = the_desk(
        a_rule("R-1", then="who: REP, minutes: params.patience + 1"),
        params=PARAMS.replace("value: 10", "value: 90"),
    )

    with pytest.raises(RulebookRefused) as caught:
        compile_rulebook(document, DESK)

    assert [problem.code for problem in caught.value.problems] == ["PARAMETER_OUT_OF_BOUNDS"]


@pytest.mark.parametrize(
    ("policy", "name", "value"),
    [
        ({"tracking.renewal": "FIXED"}, "tracking.renewal", "FIXED"),
        ({"tracking.effective_only": True}, "tracking.effective_only", True),
        ({"claim.deal_event": "PROVISIONAL"}, "claim.deal_event", "PROVISIONAL"),
        (
            {"merge.family": ["spouse", "parent", "child", "sibling"]},
            "merge.family",
            ("spouse", "parent", "child", "sibling"),
        ),
        ({"rotation.named_consumes_turn": True}, "rotation.named_consumes_turn", "true"),
        ({"obligatory.credit_split": "50/50"}, "obligatory.credit_split", 50),
        ({"tracking.max_total_days": 20}, "tracking.max_total_days", 20),
        ({"rotation.order": "FEWEST_NEW"}, "rotation.order", "FEWEST_NEW"),
    ],
)
def test_the_numbers_of_other_rulebooks_load_as_data(
    policy: Overrides, name: str, value: object
) -> None:
    assert compile_rulebook(SHIPPED, SHOWROOM, policy).parameter(name) == value


def test_the_order_of_the_rotation_is_a_parameter() -> None:
    assert compile_rulebook(SHIPPED, SHOWROOM).order == "SIGN_IN"
    assert compile_rulebook(SHIPPED, SHOWROOM, {"rotation.order": "FEWEST_NEW"}).order == (
        "FEWEST_NEW"
    )
