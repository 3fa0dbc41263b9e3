"""Where a dispute stands, by recorded instants and the clock alone (五(五)8, TM-8)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from builders.rulebooks import showroom_rulebook
from hypothesis import given
from hypothesis import strategies as st

from service.ownership.rules import (
    COMPANY,
    MEMBER,
    WHOLE,
    Award,
    Phase,
    Share,
    Standing,
    Wish,
    appeal_facts,
    appeal_until,
    credit_facts,
    private_facts,
    private_until,
    shares_of,
    verdict_facts,
)
from service.ownership.rules.crediting import Closing

AN, BO, MEI = UUID(int=1), UUID(int=2), UUID(int=3)
SHANGHAI = ZoneInfo("Asia/Shanghai")
RULES = showroom_rulebook()
APPEALS = showroom_rulebook(dispute__appeal="REGIONAL_MANAGER")


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+08:00").astimezone(UTC)


NOON = shanghai("03-02 12:00")
OPEN = Standing(UUID(int=9), AN, BO, private_until=shanghai("03-03 00:00"))
TO_BO = Award(0, WHOLE)


@pytest.mark.parametrize(
    ("opened", "zone", "until"),
    [
        ("2026-03-02T23:58+08:00", "Asia/Shanghai", "2026-03-03T00:00+08:00"),
        ("2026-03-02T16:00+00:00", "Asia/Shanghai", "2026-03-04T00:00+08:00"),
        ("2026-03-28T23:30+01:00", "Europe/Berlin", "2026-03-29T00:00+01:00"),
        ("2026-03-29T01:30+01:00", "Europe/Berlin", "2026-03-30T00:00+02:00"),
        ("2028-02-29T10:00+08:00", "Asia/Shanghai", "2028-03-01T00:00+08:00"),
    ],
)
def test_the_private_day_is_a_day_of_the_site(opened: str, zone: str, until: str) -> None:
    then = RULES.decide("dispute", {}).then

    found = private_until(then, datetime.fromisoformat(opened), ZoneInfo(zone))

    assert found == datetime.fromisoformat(until)


def test_hours_are_elapsed_time_also_across_a_clock_change() -> None:
    rules = showroom_rulebook(dispute__private_until="HOURS")
    opened = datetime.fromisoformat("2026-03-28T10:20+01:00")

    found = private_until(rules.decide("dispute", {}).then, opened, ZoneInfo("Europe/Berlin"))

    assert found == datetime.fromisoformat("2026-03-29T11:20+02:00")  # CK7


def test_at_the_last_instant_of_the_day_it_is_still_private_and_then_the_managers() -> None:
    midnight = shanghai("03-03 00:00")

    assert OPEN.phase(midnight - timedelta(milliseconds=1)) is Phase.PRIVATE
    assert OPEN.phase(midnight) is Phase.MANAGER
    assert replace(OPEN, handed_over_at=NOON).phase(NOON) is Phase.MANAGER


def test_what_was_settled_or_decided_does_not_come_back_with_time() -> None:
    late = shanghai("12-31 00:00")

    assert replace(OPEN, settled_at=NOON).phase(late) is Phase.OVER
    assert replace(OPEN, decided_at=NOON).phase(late) is Phase.OVER


def test_a_verdict_is_appealable_until_its_days_are_over() -> None:
    verdict = APPEALS.decide("verdict", verdict_facts(Phase.MANAGER, TO_BO, aggravated=False))
    until = appeal_until(verdict, shanghai("03-03 10:00"), SHANGHAI)
    decided = replace(OPEN, decided_at=shanghai("03-03 10:00"), appeal_until=until, award=TO_BO)

    assert until == shanghai("03-07 00:00")
    before, after = shanghai("03-06 23:59:59"), shanghai("03-07 00:00")
    assert (decided.phase(before), decided.phase(after)) == (Phase.DECIDED, Phase.OVER)
    words = [decided.resolution(at).word for at in (before, after)]
    assert words == ["APPEALABLE", "DECIDED"]
    answers = [APPEALS.decide("appeal", appeal_facts(decided, at)).then for at in (before, after)]
    assert [then["answer"] for then in answers] == ["ADMITTED", "REJECTED"]


def test_an_appeal_takes_the_credit_back_until_it_is_decided() -> None:
    appealed = replace(
        OPEN, decided_at=NOON, appeal_until=NOON, appealed_at=NOON, award=Award(WHOLE, 0)
    )

    assert appealed.phase(NOON) is Phase.APPEAL
    assert appealed.resolution(NOON).word == "OPEN"
    final = replace(appealed, appeal_decided_at=NOON, award=TO_BO)
    assert final.resolution(NOON).shares == (Share(MEMBER, BO, WHOLE),)
    assert APPEALS.decide("appeal", appeal_facts(appealed, NOON)).then["reason"] == "NO_APPEAL"


def test_only_the_same_of_both_settles_and_the_latest_of_each_counts() -> None:
    half = Award(5_000, 5_000)

    def answer(mine: Wish, *earlier: Wish) -> object:
        return RULES.decide("private_phase", private_facts(OPEN, NOON, mine, earlier)).then[
            "answer"
        ]

    assert answer(Wish(BO, half)) == "PENDING"
    assert answer(Wish(BO, half), Wish(BO, half)) == "PENDING"
    assert answer(Wish(BO, half), Wish(AN, half)) == "SETTLED"
    assert answer(Wish(BO, half), Wish(AN, half), Wish(AN, TO_BO)) == "PENDING"
    assert answer(Wish(BO, half), Wish(AN, half), Wish(AN, None)) == "PENDING"
    assert answer(Wish(BO, None), Wish(AN, None)) == "HANDED_OVER"


def test_the_company_and_a_part_of_it_are_both_a_gift_to_the_company() -> None:
    for award in (Award(0, 0, WHOLE), Award(5_000, 0, 5_000)):
        assert verdict_facts(Phase.MANAGER, award, aggravated=False)["to_company"]
    assert not verdict_facts(Phase.MANAGER, Award(0, 0, WHOLE), aggravated=False)["split"]


points = st.integers(-1, WHOLE + 1)


@given(points, points, points)
def test_an_award_divides_the_whole_and_its_shares_sum_to_it(a: int, b: int, c: int) -> None:
    award = Award(a, b, c)

    assert award.whole == (a >= 0 and b >= 0 and c >= 0 and a + b + c == WHOLE)
    if award.whole:
        shares = award.shares(AN, BO)
        assert sum(share.basis_points for share in shares) == WHOLE
        assert award.splits == (len(shares) > 1)
        assert all((share.member_id is None) == (share.holder == COMPANY) for share in shares)


instants = st.none() | st.integers(0, 5).map(lambda day: NOON + timedelta(days=day))


_INSTANTS = "handed_over_at settled_at decided_at appeal_until appealed_at appeal_decided_at"
standings = st.fixed_dictionaries(dict.fromkeys(_INSTANTS.split(), instants)).map(
    lambda found: replace(OPEN, award=Award(4_000, 6_000), **found)
)


@given(known=standings, day=st.integers(0, 9))
def test_only_a_dispute_that_is_over_or_decided_gives_anybody_the_credit(
    known: Standing, day: int
) -> None:
    now = NOON + timedelta(days=day)
    resolution = known.resolution(now)
    closing = Closing(AN, MEMBER, AN, "NONE")
    outcome = RULES.decide("credit", credit_facts(closing, (), resolution))

    shares = shares_of(outcome.then, closing, (), resolution)

    assert sum(share.basis_points for share in shares) == WHOLE
    nobodys = known.phase(now) in {Phase.PRIVATE, Phase.MANAGER, Phase.APPEAL}
    assert nobodys == (shares == (Share("NOBODY", None, WHOLE),))
