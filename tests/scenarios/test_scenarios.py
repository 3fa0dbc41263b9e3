"""Every story of this folder goes as told, in order and shuffled, and not under another rule."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from builders.rehearsals import a_chance, a_loan
from builders.replayed import differs

from service.clock import ManualClock
from service.simulation.lending import FoundTenant, Loan, WantedTenant
from service.simulation.rehearsal import choose_stories, line_of, play, rehearse
from service.simulation.stories import Story
from service.simulation.verbs import open_stage
from service.work import Transactions

STORIES = choose_stories(sorted(Path(__file__).parent.glob("*.yaml")))
BY_ID = {story.id: story for story in STORIES}


@pytest.fixture(scope="session")
def loan(pool) -> Loan:
    return a_loan(pool)


def test_no_two_stories_share_a_name():
    assert len(BY_ID) == len(STORIES)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.id)
async def test_goes_as_told_and_again_when_it_is_replayed(story: Story, loan: Loan):
    made: list[UUID] = []

    async def make_tenant(transactions: Transactions, wanted: WantedTenant) -> FoundTenant:
        found = await loan.make_tenant(transactions, wanted)
        made.append(found.tenant_id)
        return found

    noting = replace(loan, make_tenant=make_tenant)
    outcome = await play(story, lambda told: open_stage(noting, told))
    assert outcome.ok, line_of(outcome)

    later = ManualClock(datetime(2027, 1, 1, tzinfo=UTC))
    # Some stories tell of rights alone.
    assert await differs(loan.transactions(later), made[0], may_be_empty=True) == []


async def test_the_order_of_stories_does_not_matter(loan: Loan):
    shuffled = STORIES[::4]
    a_chance(14).shuffle(shuffled)
    lines: list[str] = []
    summary = await rehearse(loan, shuffled, lines.append)
    assert summary.passed == len(shuffled), lines


@pytest.mark.parametrize(
    ("story_id", "policy"),
    [
        ("W01", {"tracking.days": 6}),
        ("W02", {"tracking.days": 8}),
        ("W03", {"tracking.renewal": "FIXED"}),
        ("W08", {"followup.first_due_days": 4}),
        ("W15", {"register.deadline": "NONE"}),
        ("M01", {"claim.days": 2}),
        ("M02", {"claim.days": 4}),
        ("M03", {"claim.tie_break": "FIRST_TO_FILE"}),
        ("M09", {"claim.days": 4}),
        ("V01", {"rotation.obligatory_receiver": "QUEUE_HEAD"}),
        ("V05", {"rotation.obligatory_fallback": "QUEUE_HEAD"}),
        ("V09", {"returning.lapsed": "ROTATION"}),
        ("V14", {"claim.split_owner": 50}),
        ("R05", {"rotation.all_busy": "MANAGER"}),
        ("R09", {"rotation.skip_busy": "KEEP"}),
        ("T01", {"named.must_be_call_taker": True}),
        ("T03", {"named.evidence": "NONE"}),
        ("T09", {"named.away": "AS_OFF_DUTY"}),
        ("T11", {"phone.max_rings": 3}),
        ("F51", {"merge.family": ["sibling"]}),
        ("F52", {"merge.company": []}),
        ("P01", {"referral.unnamed": "REFERRER_OWNER"}),
        ("S01", {"rotation.survey_consumes_turn": False}),
        ("O01", {"offday.owner": "COMPANY"}),
    ],
)
async def test_another_rule_tells_another_story(
    story_id: str, policy: Mapping[str, object], loan: Loan
):
    story = replace(BY_ID[story_id], policy={**BY_ID[story_id].policy, **policy})
    outcome = await play(story, lambda told: open_stage(loan, told))
    assert outcome.failed
    assert outcome.fault is None
    fault = outcome.first_fault()
    assert fault is not None
    assert fault.fault is None, fault
