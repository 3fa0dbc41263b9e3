"""Registrations and their tracking windows as the shipped rulebook has them, against values."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from builders.registrations import (
    AN,
    BO,
    RULES,
    SHANGHAI,
    WANG,
    WEEK,
    followed,
    known,
    shanghai,
)
from builders.rulebooks import showroom_rulebook
from hypothesis import given
from hypothesis import strategies as st

from service.calendar import day_of, end_of_day
from service.ownership.rules import (
    Contact,
    Terms,
    Tracking,
    earliest_lapsed,
    earliest_live,
    first_follow_up_due,
    first_follow_up_facts,
    known_from,
    late_from,
    left_later,
    protected_until,
    registration_facts,
    renewal_by,
    terms_of,
    tracking_from,
)
from service.policies.rulebooks.rulebook import Rulebook


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


def test_of_two_contacts_at_once_the_later_one_counts_whichever_is_written_last() -> None:
    renewed = Tracking(shanghai("03-02 09:00"), shanghai("03-16 00:00"))
    # Received before the one that renewed, but it got the lock after it.
    earlier = Contact(shanghai("03-07 23:59:59"))

    assert renewal_by(RULES, WEEK, renewed, earlier).tracking == renewed


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
    one = known(1, site_id=UUID(int=60))
    found = {
        "id": str(one.id),
        "member_id": str(AN),
        "party_id": str(WANG),
        "register_book_id": str(one.register_book_id),
        "site_id": str(one.site_id),
        "entered_at": "2026-03-02T01:31:00+00:00",
        "received_at": "2026-03-02T09:31:00+08:00",
        "protected_until": "2026-03-09T16:00:00.000+00:00",
        "valid": True,
        "voided": False,
        "member_active": True,
    }

    assert known_from(found) == one
    began = known_from({**found, "began_at": "2026-03-02T09:00:00+08:00"})
    assert began == known(1, site_id=one.site_id, began_at=shanghai("03-02 09:00"))
    assert known_from({**found, "protected_until": None}).protected_until is None


def test_the_terms_are_the_rulebooks_parameters() -> None:
    rules = showroom_rulebook(
        tracking__days=10, tracking__max_total_days=30, followup__first_due_days=1
    )

    assert terms_of(rules, SHANGHAI) == Terms(10, 30, 1, SHANGHAI)


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


@given(arrived=instants, zone=zones)
def test_an_entry_is_late_from_the_first_instant_at_which_the_rulebook_says_so(
    arrived: datetime, zone: ZoneInfo
) -> None:
    arrived = arrived.replace(microsecond=0)

    assert late_from(showroom_rulebook(), arrived, zone) == end_of_day(arrived, zone)
    in_minutes = showroom_rulebook(register__deadline="MINUTES", register__deadline_minutes=90)
    assert late_from(in_minutes, arrived, zone) == arrived + timedelta(minutes=91)
    assert late_from(showroom_rulebook(register__deadline="NONE"), arrived, zone) is None
