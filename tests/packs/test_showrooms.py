"""The other showrooms are lived in: published as data, they decide as they say."""

import pytest
from builders.rehearsals import a_loan

from service.database.pool import TenantPool
from service.policies.rulebooks.packs import pack_document
from service.rulebooks.commands import PublishRulebook, publish_rulebook
from service.simulation.rehearsal import Outcome, line_of, play
from service.simulation.showroom import Showroom
from service.simulation.stories import Story, read_step
from service.simulation.verbs import StoryStage, open_stage
from service.work import UnitOfWork
from tests.packs.mutation import PACKS, text_of


async def _publish(showroom: Showroom, pack: str) -> None:
    """Publish a pack's text before anything happens."""

    async def step(work: UnitOfWork) -> None:
        await publish_rulebook(work, PublishRulebook(text_of(pack)))

    await showroom.transactions.internally(showroom.tenant.tenant_id, "publish", step)


async def told(pool: TenantPool, pack: str, *steps: str) -> Outcome:
    story = Story(pack, pack, "", {}, tuple(read_step(step) for step in steps))

    async def opened(one: Story) -> StoryStage:
        stage = await open_stage(a_loan(pool), one)
        await _publish(stage.showroom, pack)
        return stage

    return await play(story, opened)


async def test_ten_days_run_anew_only_where_the_customer_was_reached(pool: TenantPool) -> None:
    outcome = await told(
        pool,
        "showroom-ten-days",
        "03-02 08:30 signin An Bo Chu",
        "03-02 09:00 arrive v1 cust=Wang tel=1 -> receiver=An",
        "03-02 09:30 reg v1 -> reg=VALID",
        "03-02 09:31 window An Wang -> expiry=03-12 active=yes",
        "03-05 10:00 follow An Wang ok=no",
        "03-05 10:01 window An Wang -> expiry=03-12",
        "03-06 10:00 follow An Wang",
        "03-06 10:01 window An Wang -> expiry=03-16",
        "03-09 08:30 signin Bo Chu",
        "03-09 09:00 arrive v2 cust=Wang tel=1 -> receiver=Chu owner=An mode=OBLIGATORY",
        "03-09 10:00 deal d1 visit=v2 -> to=An:50+Chu:50",
    )
    assert outcome.ok, line_of(outcome)


async def test_new_visitors_go_to_who_has_had_the_fewest(pool: TenantPool) -> None:
    outcome = await told(
        pool,
        "showroom-ten-days",
        "03-02 08:30 signin An",
        "03-02 09:00 arrive v1 cust=Wang tel=1 -> receiver=An",
        "03-02 09:10 leave v1",
        "03-02 09:20 signin Bo",
        "03-02 09:30 arrive v2 cust=Li tel=2 -> receiver=Bo",
        "03-02 09:40 leave v2",
        "03-02 09:50 signin Chu",
        "03-02 10:00 arrive v3 cust=Zhao tel=3 -> receiver=Chu mode=TURN",
    )
    assert outcome.ok, line_of(outcome)


async def test_a_fixed_window_is_not_renewed_and_half_stays_with_the_owner(
    pool: TenantPool,
) -> None:
    outcome = await told(
        pool,
        "showroom-fixed-window",
        "03-02 08:30 signin An Bo",
        "03-02 09:00 arrive v1 cust=Wang tel=1 -> receiver=An",
        "03-02 09:30 reg v1",
        "03-08 10:00 follow An Wang",
        "03-08 10:01 window An Wang -> expiry=03-17 active=yes",
        "03-09 08:30 signin Bo An",
        "03-09 09:00 arrive v2 cust=Wang tel=77 -> receiver=Bo",
        "03-09 10:00 deal d1 visit=v2 -> to=Bo final=no",
        "03-16 10:00 claim d1 by=An -> res=ADMITTED",
        "03-17 00:00 credit d1 -> to=An:50+Bo:50 final=yes",
    )
    assert outcome.ok, line_of(outcome)


async def test_a_call_registers_and_a_missed_turn_is_lost(pool: TenantPool) -> None:
    outcome = await told(
        pool,
        "showroom-calls-count",
        "03-01 10:00 call k1 tel=1 by=Bo cust=Wang",
        "03-01 10:01 window Bo Wang -> expiry=03-16 active=yes",
        "03-02 08:30 signin An Bo Chu",
        "03-02 09:00 arrive v1 cust=Wang tel=1 -> receiver=Bo owner=Bo mode=OWN_RETURN",
        "03-02 09:04 leave v1",
        "03-02 09:05 away An reason=business",
        "03-02 09:06 arrive v2 cust=Li tel=2 -> receiver=Bo",
        "03-02 09:07 queue -> order=Chu,An,Bo",
    )
    assert outcome.ok, line_of(outcome)


@pytest.mark.parametrize("pack", PACKS)
def test_a_template_may_name_any_pack(pack: str) -> None:
    assert pack_document(pack)["policy"] in {"showroom", pack}
