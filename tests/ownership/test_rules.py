"""Tracking windows, claims and credit as the shipped rulebook has them, against values."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from builders.rulebooks import showroom_rulebook
from hypothesis import given
from hypothesis import strategies as st

from service.calendar import day_of
from service.ownership.rules import (
    AdmittedClaim,
    Closing,
    Contact,
    DealClock,
    Hearing,
    Kinship,
    Known,
    Purchase,
    Relation,
    Share,
    Terms,
    Tracking,
    are_one_customer,
    claim_window,
    credit_facts,
    earliest_lapsed,
    earliest_live,
    first_follow_up_due,
    first_follow_up_facts,
    is_final,
    judge_claim,
    known_from,
    left_later,
    live_on_day_of,
    protected_until,
    registration_facts,
    renewal_by,
    shares_of,
    terms_of,
    tracking_from,
    void_later,
)
from service.policies.rulebooks.rulebook import Rulebook

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEK = Terms(days=7, most_days=0, first_due_days=3, zone=SHANGHAI)
RULES = showroom_rulebook()
AN, BO, CHU = (UUID(int=number) for number in (1, 2, 3))
WANG, LI = UUID(int=11), UUID(int=12)


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+08:00").astimezone(UTC)


def followed(*texts: str, connected: bool = True) -> list[Contact]:
    return [Contact(shanghai(text), connected=connected) for text in texts]


def known(number: int, member: UUID = AN, **changes: object) -> Known:
    """A registration made on 2 March, live through 9 March."""
    entered = shanghai("03-02 09:30") + timedelta(minutes=number)
    plain = Known(
        id=UUID(int=100 + number),
        member_id=member,
        party_id=WANG,
        register_book_id=UUID(int=50),
        entered_at=entered,
        received_at=entered,
        protected_until=shanghai("03-10 00:00"),
        valid=True,
        voided=False,
        member_active=True,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # fields by name


def test_the_day_of_reception_is_a_day_of_the_site_and_is_not_counted() -> None:
    ck1 = protected_until(RULES, WEEK, shanghai("03-02 23:59:59"), [])
    ck2 = protected_until(RULES, WEEK, shanghai("03-03 00:00:00"), [])

    assert ck1 == shanghai("03-10 00:00")
    assert ck2 == shanghai("03-11 00:00")


def test_a_follow_up_in_the_window_starts_a_new_week() -> None:
    until = protected_until(RULES, WEEK, shanghai("03-02 09:00"), followed("03-08 10:00"))

    assert until == shanghai("03-16 00:00")


def test_a_follow_up_after_the_lapse_revives_nothing() -> None:
    received, too_late = shanghai("03-02 10:00"), followed("03-10 00:00")

    assert protected_until(RULES, WEEK, received, too_late) == shanghai("03-10 00:00")


def test_a_follow_up_in_the_last_millisecond_still_renews() -> None:
    last = Contact(shanghai("03-10 00:00") - timedelta(milliseconds=1))

    assert protected_until(RULES, WEEK, shanghai("03-02 10:00"), [last]) == shanghai("03-17 00:00")


def test_a_fixed_week_is_not_renewed() -> None:
    fixed = showroom_rulebook(tracking__renewal="FIXED")

    until = protected_until(fixed, WEEK, shanghai("03-02 09:00"), followed("03-08 10:00"))

    assert until == shanghai("03-10 00:00")


@pytest.mark.parametrize(("effective_only", "end"), [(False, "03-16"), (True, "03-10")])
def test_an_unanswered_call_renews_unless_only_reached_customers_count(
    effective_only: bool, end: str
) -> None:
    rules = showroom_rulebook(tracking__effective_only=effective_only)
    unanswered = followed("03-08 10:00", connected=False)

    until = protected_until(rules, WEEK, shanghai("03-02 09:00"), unanswered)

    assert until == shanghai(f"{end} 00:00")


def test_a_cap_ends_the_tracking_however_often_it_is_renewed() -> None:
    capped = replace(WEEK, most_days=20)
    contacts = followed("03-08 10:00", "03-14 10:00", "03-20 10:00")

    assert protected_until(RULES, capped, shanghai("03-02 09:00"), contacts) == shanghai(
        "03-23 00:00"
    )


def test_a_second_reception_renews_like_a_follow_up_but_not_a_colleagues() -> None:
    received = shanghai("03-02 09:00")
    again = Contact(shanghai("03-06 09:00"), kind="RECEPTION")

    assert protected_until(RULES, WEEK, received, [again]) == shanghai("03-14 00:00")
    helped = replace(again, by_same_rep=False)
    assert protected_until(RULES, WEEK, received, [helped]) == shanghai("03-10 00:00")


def test_a_visitor_who_leaves_after_midnight_is_counted_from_that_day() -> None:
    tracking = tracking_from(shanghai("03-02 23:30"), WEEK)

    moved = left_later(tracking, shanghai("03-03 00:40"), WEEK)

    assert moved == Tracking(shanghai("03-03 00:40"), shanghai("03-11 00:00"))
    assert left_later(tracking, shanghai("03-02 23:59"), WEEK) == tracking
    assert left_later(tracking, shanghai("03-10 00:00"), WEEK) == tracking


def test_leaving_never_takes_back_what_a_follow_up_gave() -> None:
    renewed = Tracking(shanghai("03-02 23:30"), shanghai("03-16 00:00"))

    moved = left_later(renewed, shanghai("03-03 00:40"), WEEK)

    assert moved.protected_until == shanghai("03-16 00:00")


def test_the_first_follow_up_is_due_by_the_end_of_the_third_day() -> None:
    received = shanghai("03-02 09:00")

    assert first_follow_up_due(received, WEEK) == shanghai("03-06 00:00")


@pytest.mark.parametrize(
    ("made", "now", "service"),
    [
        (None, "03-05 23:59:59", "DUE"),
        (None, "03-06 00:00", "BREACHED"),
        ("03-05 20:00", "03-05 21:00", "MET"),
        ("03-05 20:00", "03-20 21:00", "MET"),
        ("03-06 00:00", "03-06 00:01", "BREACHED"),
    ],
)
def test_the_first_follow_up_is_met_due_or_breached(
    made: str | None, now: str, service: str
) -> None:
    followed_at = shanghai(made) if made else None
    facts = first_follow_up_facts(shanghai("03-02 09:00"), followed_at, shanghai(now), SHANGHAI)

    assert RULES.decide("first_follow_up", facts).then["service"] == service


@pytest.mark.parametrize(
    ("now", "result"), [("03-02 23:59:59", "VALID"), ("03-03 00:00", "INVALID_LATE")]
)
def test_a_customer_is_registered_by_the_end_of_the_reception_day(now: str, result: str) -> None:
    facts = registration_facts(shanghai("03-02 09:00"), shanghai(now), SHANGHAI)
    complete = {**facts, "name_given": True, "phone_given": True}

    assert RULES.decide("registration", complete).then["result"] == result


def test_a_deadline_in_minutes_is_elapsed_time() -> None:
    hour = showroom_rulebook(register__deadline="MINUTES", register__deadline_minutes=60)
    received = shanghai("03-02 23:30")
    given = {"name_given": True, "phone_given": True}

    def result(now: str) -> object:
        facts = registration_facts(received, shanghai(now), SHANGHAI)
        return hour.decide("registration", {**facts, **given}).then["result"]

    assert result("03-03 00:30") == "VALID"
    assert result("03-03 00:31") == "INVALID_LATE"


def test_the_earliest_live_registration_owns_the_customer() -> None:
    first, second = known(1), known(2, BO)
    at = shanghai("03-05 09:00")

    assert earliest_live([second, first], at) == first


def test_registrations_entered_in_one_instant_are_ranked_by_their_ids() -> None:
    first = known(1)
    twin = known(2, BO, entered_at=first.entered_at)

    assert earliest_live([twin, first], shanghai("03-05 09:00")) == first


@pytest.mark.parametrize(
    "worthless",
    [
        {"valid": False},
        {"voided": True},
        {"member_active": False},
        {"protected_until": None},
    ],
)
def test_void_and_invalid_entries_and_those_of_leavers_never_count(
    worthless: dict[str, object],
) -> None:
    second = known(2, BO)
    lapse = shanghai("03-12 09:00")

    assert earliest_live([known(1, **worthless), second], shanghai("03-05 09:00")) == second
    assert earliest_lapsed([known(1, **worthless), second], lapse) == second


def test_a_lapsed_registration_is_one_that_once_counted() -> None:
    first, renewed = known(1), known(2, BO, protected_until=shanghai("03-20 00:00"))
    at = shanghai("03-10 00:00")

    assert earliest_live([first, renewed], at) == renewed
    assert earliest_lapsed([first, renewed], at) == first
    assert earliest_lapsed([renewed], at) is None
    assert earliest_live([first], at) is None


def test_a_registration_reads_back_from_the_databases_json() -> None:
    one = known(1)
    found = {
        "id": str(one.id),
        "member_id": str(AN),
        "party_id": str(WANG),
        "register_book_id": str(one.register_book_id),
        "entered_at": "2026-03-02T01:31:00+00:00",
        "received_at": "2026-03-02T09:31:00+08:00",
        "protected_until": "2026-03-09T16:00:00.000+00:00",
        "valid": True,
        "voided": False,
        "member_active": True,
    }

    assert known_from(found) == one
    assert known_from({**found, "protected_until": None}).protected_until is None


def test_the_terms_are_the_rulebooks_parameters() -> None:
    rules = showroom_rulebook(
        tracking__days=10, tracking__max_total_days=30, followup__first_due_days=1
    )

    assert terms_of(rules, SHANGHAI) == Terms(10, 30, 1, SHANGHAI)


def test_claims_are_counted_from_the_event_the_rulebook_names() -> None:
    clock = DealClock(shanghai("03-06 10:00"), provisional_at=shanghai("03-05 12:00"))
    provisional = showroom_rulebook(claim__deal_event="PROVISIONAL")
    contract = showroom_rulebook(claim__deal_event="CONTRACT")

    def closes(rules: Rulebook) -> datetime:
        return claim_window(rules, clock, SHANGHAI, unconfirmed_return=False).closes_at

    assert closes(RULES) == shanghai("03-10 00:00")
    assert closes(provisional) == shanghai("03-09 00:00")
    # No contract is on record yet: the signature stands for it.
    assert closes(contract) == shanghai("03-10 00:00")


def test_an_unconfirmed_old_customer_may_have_a_window_of_his_own() -> None:
    rules = showroom_rulebook(returning__unconfirmed_claim_days=2)
    clock = DealClock(shanghai("03-05 11:00"))

    window = claim_window(rules, clock, SHANGHAI, unconfirmed_return=True)

    assert window.closes_at == shanghai("03-08 00:00")


def test_a_registration_of_the_closing_days_evening_is_live_on_that_day() -> None:
    noon = shanghai("03-02 09:00")

    assert live_on_day_of(known(1), noon, SHANGHAI)
    assert not live_on_day_of(known(1), shanghai("03-01 23:59"), SHANGHAI)
    assert live_on_day_of(known(1), shanghai("03-09 23:59"), SHANGHAI)
    assert not live_on_day_of(known(1), shanghai("03-10 00:00"), SHANGHAI)


def a_hearing(**changes: object) -> Hearing:
    """Li bought unit 8-301 from Bo on 5 March; the claim is filed the next day."""
    purchase = Purchase(
        party_id=WANG,
        unit_code="8-301",
        visit_arrived_at=shanghai("03-05 09:00"),
        owner_id=BO,
        claims_close_at=shanghai("03-09 00:00"),
        zone=SHANGHAI,
    )
    plain = Hearing(purchase, Kinship(()), (), shanghai("03-06 09:00"), False)
    return replace(plain, **changes)  # type: ignore[arg-type]  # fields by name


def reason(hearing: Hearing, *candidates: Known) -> object:
    judged = judge_claim(RULES, hearing, candidates)
    assert judged.admitted == (judged.outcome.then["reason"] == "NONE")
    return judged.outcome.then["reason"]


def test_who_tracked_the_buyer_when_he_came_to_buy_is_admitted() -> None:
    judged = judge_claim(RULES, a_hearing(), [known(1)])

    assert judged.admitted
    assert judged.known == known(1)
    assert judged.facts["basis"] == "SAME"


def test_a_claim_without_a_valid_registration_is_not_registered() -> None:
    assert reason(a_hearing()) == "NOT_REGISTERED"
    assert reason(a_hearing(), known(1, valid=False, protected_until=None)) == "NOT_REGISTERED"


def test_another_persons_registration_counts_only_when_stated_or_related() -> None:
    other = known(1, party_id=LI)

    assert reason(a_hearing(), other) == "NOT_SAME_CUSTOMER"
    assert reason(a_hearing(stated_same_customer=True), other) == "NONE"


@pytest.mark.parametrize(
    ("unit", "answer"),
    [("8-301", "NONE"), ("9-502", "NOT_SAME_CUSTOMER"), (None, "NOT_SAME_CUSTOMER")],
)
def test_spouses_are_one_customer_for_one_unit_whatever_is_stated(
    unit: str | None, answer: str
) -> None:
    wed = Kinship([Relation(LI, WANG, "spouse", unit)])

    assert reason(a_hearing(kinship=wed), known(1, party_id=LI)) == answer
    stated = a_hearing(kinship=wed, stated_same_customer=True)
    assert reason(stated, known(1, party_id=LI)) == answer


def test_a_claim_fails_at_the_first_line_of_the_rulebook_that_speaks_against_it() -> None:
    earlier = a_hearing(owners=[known(0, BO)])
    late = a_hearing(filed_at=shanghai("03-09 00:00"))
    lapsed = known(1, protected_until=shanghai("03-05 00:00"))

    assert reason(late, replace(lapsed, voided=True)) == "REGISTER_VOID"
    assert reason(late, lapsed) == "LAPSED"
    assert reason(replace(earlier, filed_at=shanghai("03-09 00:00")), known(1)) == (
        "EARLIER_REGISTRATION"
    )
    assert reason(late, known(1)) == "LATE"
    assert reason(a_hearing(filed_at=shanghai("03-08 23:59:59")), known(1)) == "NONE"


@pytest.mark.parametrize(
    "owners_entry",
    [
        known(2, BO),
        known(0, BO, protected_until=shanghai("03-05 00:00")),
        known(0, BO, voided=True),
        known(0, BO, party_id=LI),
    ],
    ids=["later", "lapsed", "void", "of another"],
)
def test_the_closing_owner_shuts_out_only_by_an_earlier_live_registration(
    owners_entry: Known,
) -> None:
    assert reason(a_hearing(owners=[owners_entry]), known(1)) == "NONE"
    assert reason(a_hearing(owners=[known(0, BO)]), known(1)) == "EARLIER_REGISTRATION"


def test_the_best_of_several_registrations_speaks_for_the_claimant() -> None:
    lapsed, live = known(1, protected_until=shanghai("03-05 00:00")), known(2)

    judged = judge_claim(RULES, a_hearing(), [lapsed, live])

    assert judged.known == live


def test_a_pending_claim_fails_when_its_register_is_found_false() -> None:
    admitted = judge_claim(RULES, a_hearing(), [known(1)])

    later = void_later(RULES, admitted.facts)

    assert later.outcome.then["reason"] == "REGISTER_VOID"


def test_a_relation_is_read_from_either_end() -> None:
    fathered = Relation(WANG, LI, "parent", "8-301")

    assert fathered.facts(WANG, "8-301") == {"relation": "parent", "same_unit": True}
    assert fathered.facts(LI, "8-301") == {"relation": "child", "same_unit": True}
    assert Relation(WANG, LI, "friend", None).facts(LI, "8-301") == {
        "relation": "none",
        "same_unit": False,
    }
    assert not are_one_customer(RULES, [Relation(WANG, LI, "sibling", "8-301")], WANG, "8-301")


CLOSED_BY_BO = Closing(BO, "MEMBER", BO, "NONE")
ANS_CLAIM = AdmittedClaim(AN, shanghai("03-06 10:00"), shanghai("03-02 09:00"), UUID(int=101))
CHUS_CLAIM = AdmittedClaim(CHU, shanghai("03-06 09:00"), shanghai("03-03 09:00"), UUID(int=102))


def shares(rules: Rulebook, closing: Closing, *claims: AdmittedClaim) -> list[Share]:
    outcome = rules.decide("credit", credit_facts(closing, claims))
    return list(shares_of(outcome.then, closing, claims))


def test_the_closing_owner_has_the_whole_credit_when_nobody_claims() -> None:
    assert shares(RULES, CLOSED_BY_BO) == [Share("MEMBER", BO, 10_000)]


def test_the_claimant_who_registered_first_has_it_not_the_first_to_claim() -> None:
    assert shares(RULES, CLOSED_BY_BO, CHUS_CLAIM, ANS_CLAIM) == [Share("MEMBER", AN, 10_000)]
    first_to_file = showroom_rulebook(claim__tie_break="FIRST_TO_FILE")
    assert shares(first_to_file, CLOSED_BY_BO, ANS_CLAIM, CHUS_CLAIM) == [
        Share("MEMBER", CHU, 10_000)
    ]


def test_the_rulebook_may_split_between_claimant_and_closer() -> None:
    half = showroom_rulebook(claim__split_owner=50)

    assert shares(half, CLOSED_BY_BO, ANS_CLAIM) == [
        Share("MEMBER", AN, 5_000),
        Share("MEMBER", BO, 5_000),
    ]


def test_an_obligatory_reception_brings_the_owner_the_credit_or_a_part() -> None:
    helped = Closing(CHU, "MEMBER", AN, "OLD_CUSTOMER")
    split = showroom_rulebook(obligatory__credit_split=60)

    assert shares(RULES, helped) == [Share("MEMBER", AN, 10_000)]
    assert shares(split, helped) == [Share("MEMBER", AN, 6_000), Share("MEMBER", CHU, 4_000)]


def test_one_holder_of_both_parts_has_one_share() -> None:
    own = Closing(AN, "MEMBER", AN, "OLD_CUSTOMER")

    assert shares(showroom_rulebook(obligatory__credit_split=60), own) == [
        Share("MEMBER", AN, 10_000)
    ]


def test_a_customer_of_the_company_pool_brings_the_company_the_credit() -> None:
    pool = Closing(BO, "COMPANY", None, "NONE")

    assert shares(RULES, pool) == [Share("COMPANY", None, 10_000)]
    half = showroom_rulebook(claim__split_owner=50)
    assert shares(half, pool, ANS_CLAIM) == [
        Share("MEMBER", AN, 5_000),
        Share("COMPANY", None, 5_000),
    ]


def test_an_open_dispute_leaves_the_credit_with_nobody() -> None:
    outcome = RULES.decide("credit", {"dispute": "OPEN"})

    assert shares_of(outcome.then, CLOSED_BY_BO, ()) == (Share("NOBODY", None, 10_000),)


def test_credit_is_final_by_the_clock() -> None:
    closes = shanghai("03-09 00:00")

    assert not is_final("CLAIM_WINDOW", closes, closes - timedelta(milliseconds=1))
    assert is_final("CLAIM_WINDOW", closes, closes)
    assert is_final("AT_ONCE", closes, shanghai("03-05 11:00"))
    assert not is_final("OPEN", closes, closes)


instants = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
spans = st.lists(st.timedeltas(timedelta(0), timedelta(days=12)), min_size=1, max_size=9)
zones = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York"]).map(ZoneInfo)
terms = st.builds(
    Terms,
    days=st.integers(0, 90),
    most_days=st.integers(0, 60),
    first_due_days=st.just(3),
    zone=zones,
)
rulebooks = st.builds(
    lambda effective, renewal: showroom_rulebook(
        tracking__effective_only=effective, tracking__renewal=renewal
    ),
    st.booleans(),
    st.sampled_from(["ON_FOLLOWUP", "FIXED"]),
)
kinds = st.tuples(st.sampled_from(["FOLLOW_UP", "RECEPTION"]), st.booleans(), st.booleans())


@given(received=instants, spans=spans, terms=terms, rules=rulebooks, kind=kinds)
def test_one_more_follow_up_never_shortens_and_a_late_one_never_lengthens(
    received: datetime,
    spans: list[timedelta],
    terms: Terms,
    rules: Rulebook,
    kind: tuple[str, bool, bool],
) -> None:
    at = received
    contacts = []
    for span in spans:
        at += span
        contacts.append(Contact(at, *kind))
    *earlier, last = contacts
    without = protected_until(rules, terms, received, earlier)
    with_last = protected_until(rules, terms, received, [last, *earlier])

    assert with_last >= without
    assert with_last == without or last.at < without


@given(received=instants, spans=spans, terms=terms, rules=rulebooks)
def test_no_renewal_passes_the_cap_or_outlives_its_own_days(
    received: datetime, spans: list[timedelta], terms: Terms, rules: Rulebook
) -> None:
    tracking = tracking_from(received, terms)
    at = received
    for span in spans:
        at += span
        tracking = renewal_by(rules, terms, tracking, Contact(at)).tracking

    last_day = day_of(tracking.protected_until - timedelta(milliseconds=1), terms.zone)
    if terms.most_days:
        assert last_day <= day_of(received, terms.zone) + timedelta(days=terms.most_days)
    assert last_day <= day_of(at, terms.zone) + timedelta(days=terms.days)


members = st.sampled_from([AN, BO, CHU])
claims = st.lists(st.builds(AdmittedClaim, members, instants, instants, st.uuids()), max_size=4)
closings = st.one_of(
    st.builds(
        Closing,
        members,
        st.just("MEMBER"),
        members,
        st.sampled_from(["NONE", "OLD_CUSTOMER", "NAMED_REP", "DAY_OFF"]),
    ),
    st.builds(Closing, members, st.sampled_from(["COMPANY", "NOBODY"]), st.none(), st.just("NONE")),
)
splits = st.builds(
    lambda claim, obligatory, tie: showroom_rulebook(
        claim__split_owner=claim, obligatory__credit_split=obligatory, claim__tie_break=tie
    ),
    st.sampled_from([0, 33, 50, 100]),
    st.sampled_from([0, 60, 100]),
    st.sampled_from(["EARLIEST_REGISTRATION", "FIRST_TO_FILE"]),
)


@given(rules=splits, closing=closings, claims=claims)
def test_shares_always_sum_to_the_whole(
    rules: Rulebook, closing: Closing, claims: list[AdmittedClaim]
) -> None:
    found = shares(rules, closing, *claims)

    assert sum(share.basis_points for share in found) == 10_000
    assert len({(share.holder, share.member_id) for share in found}) == len(found)
    assert all((share.holder == "MEMBER") == (share.member_id is not None) for share in found)
