"""A story's showroom: time passes before each step, and refusals do not stop the story."""

import pytest
from builders.rehearsals import a_loan

from service.rulebooks.in_force import in_force
from service.simulation.lending import Loan
from service.simulation.stories import (
    StoriesUnreadable,
    Story,
    Unsupported,
    local,
    read_step,
    read_stories,
)
from service.simulation.verbs import Reply, StoryStage, open_stage


@pytest.fixture
def loan(pool) -> Loan:
    return a_loan(pool)


def a_story(policy: str = "{}") -> Story:
    return read_stories(f"- {{id: A1, policy: {policy}, steps: []}}", "test")[0]


async def played(stage: StoryStage, *steps: str) -> list[Reply]:
    return [await stage.play(read_step(step)) for step in steps]


async def test_every_timer_fires_at_its_own_time_before_the_step(loan: Loan):
    stage = await open_stage(loan, a_story())
    await played(
        stage,
        "03-02 08:30 signin An",
        "03-02 09:00 arrive v1 cust=Ma tel=1",
        "03-02 09:30 reg v1",
        "03-20 10:00 queue",
    )
    (entry,) = await stage.showroom.look(
        "SELECT lapsed_at, first_follow_up_breached_at FROM app.registration WHERE tenant_id = $1"
    )
    assert entry["first_follow_up_breached_at"] == local("03-06 00:00")
    assert entry["lapsed_at"] == local("03-10 00:00")
    assert local("03-20 10:00") <= stage.showroom.clock.now() < local("03-20 10:01")
    open_timers = await stage.showroom.look(
        "SELECT 1 FROM app.timer WHERE tenant_id = $1 AND fired_at IS NULL"
    )
    assert open_timers == []


async def test_final_credit_enters_the_ledger_by_itself(loan: Loan):
    stage = await open_stage(loan, a_story())
    await played(
        stage,
        "03-02 08:30 signin An",
        "03-02 09:00 arrive v1 cust=Ma tel=1",
        "03-02 10:00 deal d1 visit=v1",
        "03-06 00:00 queue",
    )
    entries = await stage.showroom.look(
        "SELECT metric, at FROM app.credit_entry WHERE tenant_id = $1"
    )
    assert [tuple(entry) for entry in entries] == [("DEALS", local("03-06 00:00"))]


async def test_a_refused_command_answers_its_keys_and_the_story_goes_on(loan: Loan):
    stage = await open_stage(loan, a_story())
    replies = await played(
        stage,
        "03-02 09:00 reg v1",
        "03-02 09:01 deal d1 visit=v1",
        "03-02 09:02 credit d1",
        "03-02 09:03 claim d1 by=An",
        "03-02 09:04 window An Ma",
        "03-02 09:05 follow An Ma",
        "03-02 09:06 leave v1",
        "03-02 09:07 away An reason=business",
        "03-02 09:08 take v1 by=An cust=Ma",
        "03-02 09:09 name v1 An",
    )
    assert [dict(reply.answers) for reply in replies] == [
        {"reg": "REJECTED"},
        {"to": "-", "rule": "-", "final": "-"},
        {"to": "-", "rule": "-", "final": "-"},
        {"res": "REJECTED", "why": "NOT_FOUND"},
        {"expiry": "-", "active": "no"},
        {"due": "-", "sla": "-", "active": "no"},
        {},
        {},
        {"reject": "NOT_ON_SHIFT"},
        {"res": "REJECTED", "owner": "-"},
    ]
    assert all(reply.refused for reply in replies)


async def test_what_this_release_cannot_play_is_unsupported(loan: Loan):
    stage = await open_stage(loan, a_story())
    for step in (
        "03-02 09:00 block 8-301",
        "03-02 09:00 signin Zoe",
        "03-02 09:00 can role=rep act=read obj=mortgage scope=own",
        "03-02 09:00 arrive v1 cust=Ma tel=1 via=balloon",
        "03-02 09:00 leave",
    ):
        with pytest.raises(Unsupported):
            await played(stage, step)


async def test_a_reason_no_story_knows_is_no_silent_refusal(loan: Loan):
    stage = await open_stage(loan, a_story())
    await played(stage, "03-02 08:30 signin An")
    with pytest.raises(StoriesUnreadable, match="reason=lunch"):
        await played(stage, "03-02 09:00 away An reason=lunch")


@pytest.mark.parametrize(
    "policy", ["{dispute.private_until: 24}", "{rotation.order: BY_LOT}", "{tracking.days: -1}"]
)
async def test_a_parameter_that_the_rulebook_does_not_have_is_unsupported(loan: Loan, policy: str):
    with pytest.raises(Unsupported, match="policy"):
        await open_stage(loan, a_story(policy))


@pytest.mark.parametrize(
    ("policy", "parameter", "value"),
    [
        ("{tracking.max_total_days: none}", "tracking.max_total_days", 0),
        ("{obligatory.credit_split: 50/50}", "obligatory.credit_split", 50),
        ("{register.deadline: 1 h}", "register.deadline", "MINUTES"),
        ("{merge.family: [spouse]}", "merge.family", ("spouse",)),
    ],
)
async def test_parameters_may_be_written_as_on_the_rulebook_page(
    loan: Loan, policy: str, parameter: str, value: object
):
    showroom = (await open_stage(loan, a_story(policy))).showroom
    found = await showroom.seen(showroom.admin, lambda sight: in_force(sight, sight.now))
    assert found.rulebook.parameter(parameter) == value
