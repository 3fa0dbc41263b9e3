"""Every shipped pack may be published as it is, and its own tests catch every falsification."""

from datetime import date, datetime, timedelta

import pytest

from service.calendar import day_of, window_closes
from service.policies.rulebooks.checks import check
from service.policies.rulebooks.compiler import compile_rulebook
from service.policies.rulebooks.document import parse
from service.policies.rulebooks.rulebook import Outcome
from service.policies.rulebooks.trials import run_tests
from service.policies.rulebooks.vocabulary.kinds import LOCALES, Vocabulary, Words
from service.policies.rulebooks.vocabulary.shipped import VOCABULARIES
from service.simulation.stories import ZONE, local
from tests.packs.mutation import PACKS, meaning, tally, text_of

# The showroom's are tried decision by decision, beside the language's own tests.
OTHERS = [pack for pack in PACKS if pack != "showroom"]


@pytest.mark.parametrize("pack", PACKS)
def test_a_pack_has_no_errors_and_its_own_tests_pass(pack: str) -> None:
    document = parse(text_of(pack))
    vocabulary = VOCABULARIES[document.policy.raw]

    assert check(document, vocabulary) == []
    assert run_tests(compile_rulebook(document, vocabulary)) == []


@pytest.mark.parametrize("pack", OTHERS)
def test_the_packs_own_tests_catch_every_mutant_that_changes_anything(pack: str) -> None:
    found = tally(pack)

    assert found.survivors == ()
    assert found.caught > 200


@pytest.mark.parametrize("pack", PACKS)
def test_every_sentence_of_a_pack_is_said_in_three_languages(pack: str) -> None:
    for decision in meaning(pack).decisions.values():
        for meant in decision.rules:
            said = {locale: meant.rule.says[locale].raw for locale in LOCALES}
            assert all(said.values())
            assert said["en"].isascii()
            assert not said["zh-Hant"].isascii()
            assert not said["zh-Hans"].isascii()


@pytest.mark.parametrize("vocabulary", VOCABULARIES.values(), ids=lambda one: one.policy)
def test_every_word_of_a_vocabulary_has_a_label_and_no_label_is_left_over(
    vocabulary: Vocabulary,
) -> None:
    used = {
        word
        for decision in vocabulary.decisions.values()
        for part in (*decision.facts, *decision.fields)
        if isinstance(part.kind, Words)
        for word in part.kind.words
    }

    # The orders of turns are written in a document as words are.
    assert used | set(vocabulary.orders) == set(vocabulary.words)
    for label in vocabulary.words.values():
        assert all(label.text(locale).strip() for locale in LOCALES)


# -- partner registration: the thirteen cases of the page ------------------------------------------

CASES = {
    "CH01": ("PROTECT", "03-02 09:00", "03-02 10:00", {}, "through 04-01"),
    "CH02": ("PROTECT", "03-02 09:00", "03-02 09:29", {}, "ANTI_SNATCH"),
    "CH03": ("PROTECT", "03-02 09:00", "03-02 09:30", {}, "through 04-01"),
    "CH04": ("PROTECT", "03-02 09:00", "03-09 18:00", {}, "through 04-08"),
    "CH05": ("PROTECT", "03-02 09:00", "03-10 09:00", {}, "VISIT_LATE"),
    "CH06": (
        "PROTECT", "03-03 09:00", "03-04 10:00", {"other_report": "03-02 09:00"},
        "REPORTED_BY_OTHER",
    ),
    "CH07": (
        "COMPETE", "03-03 09:00", "03-04 10:00", {"other_report": "03-02 09:00"}, "through 04-03",
    ),
    "CH08": (
        "COMPETE", "03-03 09:00", "03-05 10:00", {"other_visit": "03-04 10:00"}, "VISITED_BY_OTHER",
    ),
    "CH09": (
        "PROTECT", "03-12 09:00", "03-12 11:00", {"other_report": "03-02 09:00"}, "through 04-11",
    ),
    "CH10": ("PROTECT", "03-03 09:00", "03-04 10:00", {"himself": "03-01 15:00"}, "OWN_CUSTOMER"),
    "CH11": ("PROTECT", "03-10 09:00", "03-10 10:00", {"himself": "03-01 15:00"}, "through 04-09"),
    "CH12": ("PROTECT", "03-03 09:00", "03-04 10:00", {"group_owner": "yes"}, "GROUP_OWNER"),
    "CH13": (
        "PROTECT", "04-05 09:00", "04-05 10:00", {"other_visit": "03-04 10:00"}, "through 05-05",
    ),
}  # fmt: skip


def _days(since: datetime, until: datetime) -> int:
    return (day_of(until, ZONE) - day_of(since, ZONE)).days


def _confirmed(mode: str, reported: str, visited: str, others: dict[str, str]) -> Outcome:
    """Decide on a visit as a desk would: what is counted in days counts the site's days (TM-2)."""
    report, visit = local(reported), local(visited)
    facts: dict[str, bool | int | str] = {
        "minutes_since_report": int((visit - report).total_seconds()) // 60,
        "days_since_report": _days(report, visit),
        "group_owner": "group_owner" in others,
    }
    if "himself" in others:
        since = _days(local(others["himself"]), report)
        facts |= {"came_himself": True, "days_since_own_visit": since}
    if "other_report" in others:
        since = _days(local(others["other_report"]), report)
        facts |= {"reported_by_other": True, "days_since_other_report": since}
    if "other_visit" in others:
        since = _days(local(others["other_visit"]), visit)
        facts |= {"visited_with_other": True, "days_since_other_visit": since}
    document = parse(text_of("partner-registration"))
    vocabulary = VOCABULARIES["partner-registration"]
    rulebook = compile_rulebook(document, vocabulary, {"registration.mode": mode})
    return rulebook.decide("confirmation", facts)


@pytest.mark.parametrize("case", CASES)
def test_partner_registration_case(case: str) -> None:
    mode, reported, visited, others, expected = CASES[case]

    outcome = _confirmed(mode, reported, visited, others)

    if expected.startswith("through "):
        last = day_of(local(visited), ZONE) + timedelta(days=int(outcome.then["protected_days"]))
        assert (outcome.then["answer"], f"through {last:%m-%d}") == ("VALID", expected)
    else:
        assert (outcome.then["answer"], outcome.then["reason"]) == ("INVALID", expected)


# -- the pool: a vendor's arithmetic of protection ------------------------------------------------


def test_a_lead_taken_is_protected_as_the_vendors_page_counts() -> None:
    """Ten days; a contact sets three days from it if that is later; twenty at the longest."""
    vocabulary = VOCABULARIES["lead-pool"]
    rulebook = compile_rulebook(parse(text_of("lead-pool")), vocabulary)
    taken = date(2019, 3, 25)
    first = rulebook.decide("protection", {"event": "TAKEN"}).then
    ends = taken + timedelta(days=int(first["days"]))
    last = taken + timedelta(days=int(first["most_days"]))
    seen = [ends]
    for day in (28, 33, 36, 39, 42, 44):
        contact = date(2019, 3, 1) + timedelta(days=day - 1)
        then = rulebook.decide("protection", {"event": "CONTACT", "connected": True}).then
        ends = min(last, max(ends, contact + timedelta(days=int(then["days"]))))
        seen.append(ends)

    assert [f"{day:%m-%d}" for day in seen] == [
        "04-04", "04-04", "04-05", "04-08", "04-11", "04-14", "04-14",
    ]  # fmt: skip


def test_a_window_of_protection_is_the_calendars() -> None:
    """What the cases call "through" is the last day inside a window of the product's calendar."""
    closes = window_closes(local("03-02 10:00"), 30, ZONE)

    assert day_of(closes - timedelta(milliseconds=1), ZONE) == date(2026, 4, 1)
