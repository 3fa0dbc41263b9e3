"""The showroom document decides as the decision tables say (rulebook 2.3 to 2.5)."""

import pytest
from shipped_rulebooks import document_of

from service.policies.rulebooks.clauses import short_clause
from service.policies.rulebooks.compiler import compile_rulebook
from service.policies.rulebooks.parameters import Overrides
from service.policies.rulebooks.rulebook import Outcome
from service.policies.rulebooks.vocabulary.kinds import LOCALES, Value
from service.policies.rulebooks.vocabulary.showroom import SHOWROOM

SHIPPED = document_of("showroom")
Facts = dict[str, Value]


def decided(name: str, facts: Facts, policy: Overrides | None = None) -> Outcome:
    return compile_rulebook(SHIPPED, SHOWROOM, policy).decide(name, facts)


def received(facts: Facts, policy: Overrides | None = None) -> tuple[object, ...]:
    """Return receiver, owner, mode, whose turn and the clause in short."""
    outcome = decided("reception", {"queue": "FREE"} | facts, policy)
    parts = (outcome.then[name] for name in ("receiver", "owner", "mode", "turn"))
    return (*parts, short_clause(outcome.clause))


TURN = ("NEXT_IN_ROTATION", "RECEIVER", "TURN", "RECEIVER")
OLD = {"registration": "LIVE"}
NAMED = {"naming": "COUNTS", "evidence": "CALL"}
REFERRED = {"naming": "COUNTS", "evidence": "REFERRAL", "arrival": "REFERRAL"}
DAY_OFF = {"taken_on_day_off": True}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"survey": "DECLARED"}, ("STAND_IN", "NOBODY", "SURVEY", "NONE", "五五2")),
        (
            DAY_OFF | OLD | {"owner_is_taker": True, "owner_state": "OFF"},
            ("TAKER", "OWNER", "OWN_RETURN", "NONE", "五五1"),
        ),
        (
            DAY_OFF | OLD | {"owner_state": "OFF"},
            ("TAKER", "OWNER", "OBLIGATORY", "NONE", "五五4"),
        ),
        (DAY_OFF, ("TAKER", "HEAD_OF_QUEUE", "OBLIGATORY", "HEAD", "五五9")),
        (DAY_OFF | {"queue": "EMPTY"}, ("TAKER", "COMPANY", "OBLIGATORY", "NONE", "五五9")),
        (OLD | {"owner_state": "FREE"}, ("OWNER", "OWNER", "OWN_RETURN", "NONE", "五五1")),
        (OLD | {"owner_state": "BUSY"}, ("STAND_IN", "OWNER", "OBLIGATORY", "NONE", "五五1+7")),
        (OLD | {"owner_state": "AWAY"}, ("STAND_IN", "OWNER", "OBLIGATORY", "NONE", "五五4")),
        (OLD | {"owner_state": "OFF"}, ("STAND_IN", "OWNER", "OBLIGATORY", "NONE", "五五4")),
        (
            {"registration": "LAPSED", "owner_state": "FREE"},
            ("FORMER_OWNER", "FORMER_OWNER", "OWN_RETURN", "NONE", "五五1"),
        ),
        ({"registration": "LAPSED", "owner_state": "BUSY"}, (*TURN, "五四4")),
        (NAMED | {"named_state": "FREE"}, ("NAMED", "NAMED", "NAMED", "NONE", "五二")),
        (REFERRED | {"named_state": "FREE"}, ("NAMED", "NAMED", "NAMED", "NONE", "五五7")),
        (REFERRED | {"named_state": "BUSY"}, ("STAND_IN", "NAMED", "OBLIGATORY", "NONE", "五五7")),
        (REFERRED | {"named_state": "AWAY"}, ("STAND_IN", "NAMED", "OBLIGATORY", "NONE", "五五7")),
        (REFERRED | {"named_state": "OFF"}, (*TURN, "五五7")),
        ({"said_before": True}, (*TURN, "五五1(無法確認)")),
        ({"survey": "UNDECLARED"}, (*TURN, "五五2")),
        ({"arrival": "REFERRAL"}, (*TURN, "五五5")),
        ({"arrival": "PHONE"}, (*TURN, "五二")),
        ({"naming": "UNPROVEN", "named_state": "FREE"}, (*TURN, "五二")),
        ({}, (*TURN, "五二")),
        ({"queue": "BUSY"}, ("LEAST_LOADED", "RECEIVER", "DOUBLE", "RECEIVER", "五五6")),
        ({"queue": "EMPTY"}, ("MANAGER", "COMPANY", "MANAGER", "NONE", "五二")),
        ({"queue": "AWAY"}, ("MANAGER", "COMPANY", "MANAGER", "NONE", "五二")),
        (
            OLD | {"owner_state": "OFF", "queue": "EMPTY"},
            ("STAND_IN", "OWNER", "OBLIGATORY", "NONE", "五五4"),
        ),
        (
            {"registration": "LAPSED", "owner_state": "BUSY", "queue": "BUSY"},
            ("LEAST_LOADED", "RECEIVER", "DOUBLE", "RECEIVER", "五五6"),
        ),
    ],
)
def test_each_row_of_the_reception_table(facts: Facts, expected: tuple[object, ...]) -> None:
    assert received(facts) == expected


@pytest.mark.parametrize(
    ("policy", "facts", "expected"),
    [
        (
            {"rotation.named_consumes_turn": True},
            NAMED | {"named_state": "FREE"},
            ("NAMED", "NAMED", "NAMED", "RECEIVER", "五五7"),
        ),
        (
            {"rotation.named_consumes_turn": "IF_COINCIDES"},
            NAMED | {"named_state": "FREE", "named_is_next": True},
            ("NAMED", "NAMED", "NAMED", "RECEIVER", "五五7"),
        ),
        (
            {"rotation.named_consumes_turn": "IF_COINCIDES"},
            NAMED | {"named_state": "FREE"},
            ("NAMED", "NAMED", "NAMED", "NONE", "五二"),
        ),
        (
            {"rotation.survey_consumes_turn": False},
            {"survey": "UNDECLARED"},
            ("NEXT_IN_ROTATION", "RECEIVER", "TURN", "NONE", "五五2"),
        ),
        (
            {"rotation.all_busy": "WAIT"},
            {"queue": "BUSY"},
            ("NOBODY", "NOBODY", "WAIT", "NONE", "五五6"),
        ),
        (
            {"rotation.all_busy": "MANAGER"},
            {"queue": "BUSY"},
            ("MANAGER", "COMPANY", "MANAGER", "NONE", "五五6"),
        ),
        (
            {"named.off_duty": "OBLIGATORY"},
            REFERRED | {"named_state": "OFF"},
            ("STAND_IN", "NAMED", "OBLIGATORY", "NONE", "五五7"),
        ),
        (
            {"named.busy": "WAIT"},
            REFERRED | {"named_state": "BUSY"},
            ("NOBODY", "NAMED", "WAIT", "NONE", "五五7"),
        ),
        ({"named.away": "AS_OFF_DUTY"}, REFERRED | {"named_state": "AWAY"}, (*TURN, "五五7")),
        (
            {"returning.lapsed": "ROTATION"},
            {"registration": "LAPSED", "owner_state": "FREE"},
            (*TURN, "五四4"),
        ),
        ({"returning.busy_owner": "ROTATION"}, OLD | {"owner_state": "BUSY"}, (*TURN, "五五1")),
        (
            {"referral.unnamed": "REFERRER_OWNER"},
            {"arrival": "REFERRAL", "referrer_rep_state": "FREE"},
            ("REFERRER_REP", "REFERRER_REP", "NAMED", "NONE", "五五5"),
        ),
        (
            {"offday.owner": "COMPANY"},
            DAY_OFF,
            ("TAKER", "COMPANY", "OBLIGATORY", "NONE", "五五9"),
        ),
        ({"offday.owner": "RECEIVER"}, DAY_OFF, ("TAKER", "TAKER", "TURN", "NONE", "五五9")),
    ],
)
def test_other_showrooms_receive_otherwise_by_parameters_alone(
    policy: Overrides, facts: Facts, expected: tuple[object, ...]
) -> None:
    assert received(facts, policy) == expected


@pytest.mark.parametrize(
    ("evidence", "policy", "expected"),
    [
        ({"evidence": "CALL"}, {}, "COUNTS"),
        ({"evidence": "REFERRAL"}, {}, "COUNTS"),
        ({}, {}, "UNPROVEN"),
        ({}, {"named.evidence": "ANY"}, "COUNTS"),
        ({}, {"named.evidence": "NONE"}, "COUNTS"),
        ({"evidence": "CALL"}, {"named.must_be_call_taker": True}, "UNPROVEN"),
        (
            {"evidence": "CALL", "named_took_call": True},
            {"named.must_be_call_taker": True},
            "COUNTS",
        ),
        ({"evidence": "REFERRAL", "assigned": True}, {}, "TOO_LATE"),
    ],
)
def test_naming_counts_at_once_and_with_evidence(
    evidence: Facts, policy: Overrides, expected: str
) -> None:
    assert decided("naming", evidence, policy).then["naming"] == expected


def test_the_last_in_rotation_stands_in_and_else_the_manager() -> None:
    assert decided("stand_in", {"others": "FREE"}).then["receiver"] == "LAST_IN_ROTATION"
    assert decided("stand_in", {"others": "BUSY"}).then["receiver"] == "MANAGER"
    assert decided("stand_in", {}).then["receiver"] == "MANAGER"


def test_only_private_matters_cost_the_place() -> None:
    places = {
        state: decided("rotation_skip", {"state": state}).then["place"]
        for state in ("BUSY", "AWAY_BUSINESS", "AWAY_PRIVATE")
    }

    assert places == {"BUSY": "KEEP", "AWAY_BUSINESS": "KEEP", "AWAY_PRIVATE": "LOSE"}


def test_no_second_new_customer_while_a_colleague_is_free() -> None:
    grabbing = {"customer_is_new": True, "serving_new_customer": True, "another_is_free": True}

    assert decided("take", grabbing).then["answer"] == "REFUSED"
    assert short_clause(decided("take", grabbing).clause) == "五五6"
    assert decided("take", grabbing | {"manager_override": True}).then["answer"] == "ALLOWED"
    for fact in grabbing:
        assert decided("take", grabbing | {fact: False}).then["answer"] == "ALLOWED"


def test_an_exposed_survey_that_is_admitted_gives_the_turn_back() -> None:
    assert decided("expose", {"admitted": True, "turn_used": True}).then["turn"] == "RESTORED"
    assert decided("expose", {"turn_used": True}).then["turn"] == "UNCHANGED"


COMPLETE = {"name_given": True, "phone_given": True}


@pytest.mark.parametrize(
    ("facts", "policy", "expected"),
    [
        (COMPLETE, {}, "VALID"),
        ({"name_given": True}, {}, "INVALID_INCOMPLETE"),
        ({"phone_given": True}, {}, "INVALID_INCOMPLETE"),
        ({"phone_given": True}, {"register.match": "EITHER"}, "VALID"),
        ({}, {"register.match": "EITHER"}, "INVALID_INCOMPLETE"),
        (COMPLETE | {"days_since_reception": 1}, {}, "INVALID_LATE"),
        (COMPLETE | {"days_since_reception": 1}, {"register.deadline": "NONE"}, "VALID"),
        (COMPLETE | {"minutes_since_reception": 60}, {"register.deadline": "MINUTES"}, "VALID"),
        (
            COMPLETE | {"minutes_since_reception": 61},
            {"register.deadline": "MINUTES"},
            "INVALID_LATE",
        ),
        (COMPLETE | {"survey_visitor": True}, {}, "REFUSED_SURVEY"),
    ],
)
def test_a_registration_is_complete_and_of_the_day(
    facts: Facts, policy: Overrides, expected: str
) -> None:
    assert decided("registration", facts, policy).then["result"] == expected


@pytest.mark.parametrize(
    ("facts", "policy", "expected"),
    [
        ({"by_same_rep": True}, {}, "RENEWED"),
        ({"by_same_rep": True, "window": "LAPSED"}, {}, "UNCHANGED"),
        ({"by_same_rep": False}, {}, "UNCHANGED"),
        ({"by_same_rep": True, "connected": True}, {"tracking.renewal": "FIXED"}, "UNCHANGED"),
        ({"by_same_rep": True}, {"tracking.effective_only": True}, "UNCHANGED"),
        ({"by_same_rep": True, "connected": True}, {"tracking.effective_only": True}, "RENEWED"),
        (
            {"by_same_rep": True, "contact": "RECEPTION"},
            {"tracking.effective_only": True},
            "RENEWED",
        ),
    ],
)
def test_only_a_live_tracking_is_renewed_by_its_own_rep(
    facts: Facts, policy: Overrides, expected: str
) -> None:
    assert decided("renewal", facts, policy).then["window"] == expected


def test_the_first_follow_up_is_due_on_day_three() -> None:
    services = [
        decided("first_follow_up", {"made": made, "days_since_leaving": days}).then["service"]
        for made in (False, True)
        for days in (3, 4)
    ]

    assert services == ["DUE", "BREACHED", "MET", "BREACHED"]


@pytest.mark.parametrize(
    ("relation", "same_unit", "policy", "expected"),
    [
        ("spouse", True, {}, "ONE"),
        ("spouse", False, {}, "TWO"),
        ("spouse", False, {"merge.same_unit": False}, "ONE"),
        ("sibling", True, {}, "TWO"),
        ("sibling", True, {"merge.family": ["spouse", "parent", "child", "sibling"]}, "ONE"),
        ("superior", True, {}, "ONE"),
        ("colleague", True, {}, "TWO"),
        ("none", True, {"merge.same_unit": False}, "TWO"),
    ],
)
def test_close_relations_with_one_unit_are_one_customer(
    relation: str, same_unit: bool, policy: Overrides, expected: str
) -> None:
    facts: Facts = {"relation": relation, "same_unit": same_unit}

    assert decided("merge", facts, policy).then["customer"] == expected


GOOD_CLAIM: Facts = {"basis": "SAME", "live_on_closing_day": True, "filed_in_time": True}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, "NONE"),
        ({"basis": "MERGED"}, "NONE"),
        ({"basis": "STATED"}, "NONE"),
        ({"basis": "NONE", "register_void": True}, "NOT_REGISTERED"),
        ({"basis": "OTHER", "register_void": True}, "NOT_SAME_CUSTOMER"),
        ({"register_void": True, "live_on_closing_day": False}, "REGISTER_VOID"),
        ({"live_on_closing_day": False, "closing_owner_is_earlier": True}, "LAPSED"),
        ({"closing_owner_is_earlier": True, "filed_in_time": False}, "EARLIER_REGISTRATION"),
        ({"filed_in_time": False}, "LATE"),
    ],
)
def test_a_claim_is_refused_for_the_first_reason_in_order(changed: Facts, reason: str) -> None:
    then = decided("claim", GOOD_CLAIM | changed).then

    assert then["reason"] == reason
    assert then["answer"] == ("ADMITTED" if reason == "NONE" else "REJECTED")


@pytest.mark.parametrize(
    ("facts", "policy", "expected"),
    [
        ({"dispute": "SETTLED", "claimed": True}, {}, ("AS_RESOLVED", 100, "AT_ONCE", "五五8")),
        ({"dispute": "DECIDED"}, {}, ("AS_RESOLVED", 100, "AT_ONCE", "五五8")),
        ({"dispute": "OPEN", "claimed": True}, {}, ("NOBODY", 0, "OPEN", "五五8")),
        ({"claimed": True}, {}, ("EARLIEST_CLAIMANT", 100, "CLAIM_WINDOW", "五四3")),
        (
            {"claimed": True},
            {"claim.split_owner": 50},
            ("EARLIEST_CLAIMANT", 50, "CLAIM_WINDOW", "五四3"),
        ),
        (
            {"claimed": True},
            {"claim.tie_break": "FIRST_TO_FILE"},
            ("FIRST_CLAIMANT", 100, "CLAIM_WINDOW", "五四3"),
        ),
        ({"obligation": "OLD_CUSTOMER"}, {}, ("CLOSING_OWNER", 100, "CLAIM_WINDOW", "五五4")),
        ({"obligation": "NAMED_REP"}, {}, ("CLOSING_OWNER", 100, "CLAIM_WINDOW", "五五7")),
        ({"obligation": "DAY_OFF"}, {}, ("CLOSING_OWNER", 100, "CLAIM_WINDOW", "五五9")),
        (
            {"obligation": "OLD_CUSTOMER"},
            {"obligatory.credit_split": 50},
            ("CLOSING_OWNER", 50, "CLAIM_WINDOW", "五五4"),
        ),
        ({"closing_owner": "COMPANY"}, {}, ("COMPANY", 100, "CLAIM_WINDOW", "五二")),
        ({}, {}, ("CLOSING_OWNER", 100, "CLAIM_WINDOW", "五四2")),
    ],
)
def test_each_row_of_the_credit_table(
    facts: Facts, policy: Overrides, expected: tuple[object, ...]
) -> None:
    outcome = decided("credit", facts, policy)

    then = outcome.then
    assert (then["to"], then["percent"], then["final"], short_clause(outcome.clause)) == expected


def test_claims_are_open_three_days_and_as_long_as_the_parameter_says() -> None:
    assert decided("claim_window", {}).then == {"days": 3, "counted_from": "SUBSCRIPTION"}
    unconfirmed = decided(
        "claim_window",
        {"unconfirmed_return": True},
        {"claim.days": 7, "claim.deal_event": "PROVISIONAL"},
    )
    assert unconfirmed.then == {"days": 7, "counted_from": "PROVISIONAL"}


def test_a_call_is_answered_by_the_second_ring_and_ends_within_three_minutes() -> None:
    assert decided("call_service", {"rings": 2, "seconds": 180}).then == {
        "rings": "OK",
        "length": "OK",
    }
    assert decided("call_service", {"rings": 3, "seconds": 181}).then == {
        "rings": "BREACH",
        "length": "BREACH",
    }


def test_a_call_alone_gives_no_right_unless_the_showroom_says_so() -> None:
    assert decided("call_right", COMPLETE).then["right"] == "NONE"
    other = decided("call_right", COMPLETE, {"phone.creates_registration": True})
    assert other.then == {"right": "REGISTRATION", "days": 15}


def test_every_rule_speaks_three_languages_and_cites_its_clause() -> None:
    for decision in SHIPPED.decisions.values():
        for rule in decision.all_rules:
            assert all(rule.says[locale].raw for locale in LOCALES)
            assert rule.source.raw[0] in "四五("
