"""Claims and credit as the shipped rulebook has them, against values."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from builders.registrations import (
    AN,
    BO,
    CHU,
    LI,
    RULES,
    SHANGHAI,
    WANG,
    known,
    shanghai,
)
from builders.rulebooks import showroom_rulebook
from hypothesis import given
from hypothesis import strategies as st

from service.ownership.rules import (
    NOT_BEGUN,
    AdmittedClaim,
    Closing,
    DealClock,
    Hearing,
    Kinship,
    Known,
    Purchase,
    Relation,
    Share,
    are_one_customer,
    claim_window,
    credit_facts,
    is_final,
    judge_claim,
    live_on_day_of,
    shares_of,
    void_later,
)
from service.policies.rulebooks.rulebook import Rulebook


def test_claims_are_counted_from_the_event_the_rulebook_names() -> None:
    clock = DealClock(shanghai("03-06 10:00"), provisional_at=shanghai("03-05 12:00"))
    provisional = showroom_rulebook(claim__deal_event="PROVISIONAL")
    contract = showroom_rulebook(claim__deal_event="CONTRACT")

    def closes(rules: Rulebook) -> datetime:
        return claim_window(rules, clock, SHANGHAI, unconfirmed_return=False).closes_at

    assert closes(RULES) == shanghai("03-10 00:00")
    assert closes(provisional) == shanghai("03-09 00:00")
    assert closes(contract) == NOT_BEGUN

    clock = replace(clock, contracted_at=shanghai("03-20 17:00"))
    assert closes(contract) == shanghai("03-24 00:00")
    assert closes(RULES) == shanghai("03-10 00:00")


@pytest.mark.parametrize(
    ("excluded", "days", "closes"),
    [
        (True, 3, "03-09 00:00"),
        (False, 3, "03-08 00:00"),
        (True, 1, "03-07 00:00"),
        (False, 1, "03-06 00:00"),
        (True, 0, "03-06 00:00"),
        # Claims are never closed before the deal.
        (False, 0, "03-06 00:00"),
    ],
)
def test_the_day_of_the_deal_is_counted_where_the_rulebook_says_so(
    excluded: bool, days: int, closes: str
) -> None:
    rules = showroom_rulebook(claim__exclude_start_day=excluded, claim__days=days)
    clock = DealClock(shanghai("03-05 11:00"))

    window = claim_window(rules, clock, SHANGHAI, unconfirmed_return=False)

    assert window.closes_at == shanghai(closes)


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
        first_arrived_at=shanghai("03-05 09:00"),
        signed_at=shanghai("03-05 11:00"),
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


def test_what_began_after_the_signing_gives_no_claim_however_early_the_entry_ranks() -> None:
    signed = shanghai("03-05 11:00")
    after = known(1, began_at=signed + timedelta(seconds=1))

    assert reason(a_hearing(), after) == "AFTER_SIGNING"
    assert reason(a_hearing(), replace(after, began_at=signed)) == "NONE"
    # Only the reception is looked at: neither a late entry nor a leave noted late.
    late = {"entered_at": shanghai("03-05 23:00"), "received_at": shanghai("03-05 14:00")}
    assert reason(a_hearing(), replace(after, began_at=shanghai("03-05 09:00"), **late)) == "NONE"


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
    assert not is_final("APPEAL_WINDOW", closes, closes)
    assert not is_final("APPEAL_WINDOW", closes, closes - timedelta(milliseconds=1), closes)
    assert is_final("APPEAL_WINDOW", closes, closes, closes)


instants = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
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
