"""What a member says of his own entry once a deal is signed proves nothing for it (五(五)3)."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from builders.registrations import AN, BO, LI, RULES, SHANGHAI, WANG, known, shanghai
from hypothesis import given
from hypothesis import strategies as st

from service.ownership.rules import Hearing, Kinship, Known, Purchase, Relation, judge_claim

SIGNED = shanghai("03-05 11:00")
DESK = known(9).id
BOUGHT = Purchase(
    party_id=WANG,
    unit_code="8-301",
    visit_arrived_at=shanghai("03-05 09:00"),
    first_arrived_at=shanghai("03-05 09:00"),
    signed_at=SIGNED,
    owner_id=BO,
    claims_close_at=shanghai("03-09 00:00"),
    zone=SHANGHAI,
)
AT_ONCE = timedelta()
BEFORE = -timedelta(milliseconds=1)


def wed(after: timedelta, *by: object, kind: str = "spouse") -> Relation:
    return Relation(LI, WANG, kind, "8-301", SIGNED + after, frozenset(by))  # type: ignore[arg-type]  # ids


def answer(*relations: Relation, vouched: bool = False, owners: tuple[Known, ...] = ()) -> str:
    """Judge An's claim by his entry of Li on what Wang bought."""
    filed = shanghai("03-06 09:00")
    hearing = Hearing(BOUGHT, Kinship(relations), owners, filed, vouched)
    judged = judge_claim(RULES, hearing, [known(1, AN, party_id=LI)])
    return str(judged.outcome.then["reason"])


@pytest.mark.parametrize(
    ("relation", "reason"),
    [
        (wed(AT_ONCE, AN), "OWN_WORD"),
        (wed(BEFORE, AN), "NONE"),
        # Of whom he says what would not make him the buyer he needs no manager.
        (wed(AT_ONCE, AN, kind="sibling"), "NOT_SAME_CUSTOMER"),
        (wed(AT_ONCE, DESK), "NONE"),
        (wed(AT_ONCE, BO), "NONE"),
        # Whoever stands in for him says what he would have said, and he what his manager would.
        (wed(AT_ONCE, BO, AN), "OWN_WORD"),
    ],
)
def test_a_claimants_word_counts_only_from_before_the_signing(
    relation: Relation, reason: str
) -> None:
    assert answer(relation) == reason


def test_whoever_vouches_lets_his_word_count_for_what_it_says() -> None:
    assert answer(wed(AT_ONCE, AN), vouched=True) == "NONE"
    assert answer(wed(AT_ONCE, AN, kind="sibling"), vouched=True) == "NOT_SAME_CUSTOMER"


def test_the_owner_does_not_become_the_earlier_by_his_own_word() -> None:
    own = known(0, BO, party_id=LI)
    claimants = replace(own, id=known(2).id, member_id=AN, party_id=WANG)

    def reason(by: object, *, vouched: bool = False) -> str:
        kin = Kinship([wed(AT_ONCE, by)])
        hearing = Hearing(BOUGHT, kin, [own], shanghai("03-06 09:00"), vouched)
        return str(judge_claim(RULES, hearing, [claimants]).outcome.then["reason"])

    assert reason(DESK) == "EARLIER_REGISTRATION"
    assert reason(BO) == "NONE"
    # Who vouches for a claimant vouches for nothing that the owner said.
    assert reason(BO, vouched=True) == "NONE"


@pytest.mark.parametrize("party_id", [WANG, LI])
@pytest.mark.parametrize(
    ("named_at", "vouched", "reason"),
    [
        (SIGNED, False, "OWN_WORD"),
        (SIGNED, True, "NONE"),
        (SIGNED + BEFORE, False, "NONE"),
        (None, False, "NONE"),
    ],
)
def test_whom_a_claimant_names_after_the_signing_is_the_buyer_by_his_word_alone(
    party_id: UUID, named_at: datetime | None, vouched: bool, reason: str
) -> None:
    kin = Kinship([wed(BEFORE, DESK)])
    hearing = Hearing(BOUGHT, kin, (), shanghai("03-06 09:00"), vouched)
    entry = known(1, AN, party_id=party_id, named_at=named_at)

    assert str(judge_claim(RULES, hearing, [entry]).outcome.then["reason"]) == reason


def test_an_owner_is_not_the_earlier_by_whom_he_names_after_the_signing() -> None:
    def reason(named_at: datetime) -> str:
        own = known(0, BO, named_at=named_at)
        hearing = Hearing(BOUGHT, Kinship([]), [own], shanghai("03-06 09:00"), False)
        return str(judge_claim(RULES, hearing, [known(1, AN)]).outcome.then["reason"])

    assert reason(SIGNED + BEFORE) == "EARLIER_REGISTRATION"
    assert reason(SIGNED) == "NONE"


KINDS = ("spouse", "parent", "child", "sibling", "superior", "subordinate", "colleague", "friend")
relations = st.builds(
    Relation,
    st.just(LI),
    st.just(WANG),
    st.sampled_from(KINDS),
    st.sampled_from(("8-301", "9-502", None)),
    st.integers(-3, 3).map(lambda minutes: SIGNED + timedelta(minutes=minutes)),
    st.frozensets(st.sampled_from((AN, BO, DESK)), min_size=1, max_size=2),
)


@given(st.lists(relations, max_size=4), st.lists(relations, max_size=3))
def test_nothing_he_says_after_the_signing_admits_his_claim(
    known_before: list[Relation], said: list[Relation]
) -> None:
    later = [replace(one, recorded_at=SIGNED, recorded_by=one.recorded_by | {AN}) for one in said]

    alone, with_his_word = answer(*known_before), answer(*known_before, *later)
    assert with_his_word in {alone, "OWN_WORD"}
    assert (with_his_word == "OWN_WORD") <= (alone != "NONE")


@given(st.lists(relations, max_size=4))
def test_before_the_signing_it_does_not_matter_who_said_it(told: list[Relation]) -> None:
    early = [replace(one, recorded_at=SIGNED + BEFORE) for one in told]
    anybody = [replace(one, recorded_by=frozenset({DESK})) for one in early]

    assert answer(*early) == answer(*anybody)
