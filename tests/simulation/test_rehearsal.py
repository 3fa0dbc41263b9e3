"""Outcomes are compared key by key, counted, and told in a line or in JSON."""

from pathlib import Path

import pytest
from builders.rehearsals import a_chance

from service.simulation.rehearsal import (
    Summary,
    as_json,
    choose_stories,
    line_of,
    play,
)
from service.simulation.showroom import phone_of
from service.simulation.stories import Step, StoriesUnreadable, Story, Unsupported, read_stories
from service.simulation.verbs import Reply


class Actor:
    """A stage that answers from a script."""

    def __init__(self, script: dict[str, object]) -> None:
        self._script = script

    async def play(self, step: Step) -> Reply:
        answer = self._script[step.verb]
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, Reply)
        return answer


def a_story(*steps: str) -> Story:
    lines = ", ".join(f'"{step}"' for step in steps)
    return read_stories(f"- {{id: A1, steps: [{lines}]}}", "test")[0]


async def outcome_of(story: Story, **script: object):
    async def opening(_story: Story) -> Actor:
        return Actor(script)

    return await play(story, opening)


async def test_keys_not_named_are_free():
    story = a_story("03-02 09:00 arrive v1 -> receiver=An")
    outcome = await outcome_of(story, arrive=Reply({"receiver": "An", "mode": "TURN"}))
    assert outcome.ok
    assert line_of(outcome) == "A1 ok"


async def test_a_wrong_answer_is_told_and_does_not_stop_the_story():
    story = a_story("03-02 09:00 arrive v1 -> receiver=An mode=TURN", "03-02 09:01 queue")
    outcome = await outcome_of(
        story, arrive=Reply({"receiver": "Bo", "mode": "TURN"}, "SOME_CODE"), queue=Reply({})
    )
    assert not outcome.ok
    assert len(outcome.steps) == 2
    assert line_of(outcome) == (
        "A1 FAILED at “03-02 09:00 arrive v1 -> receiver=An mode=TURN”:"
        " receiver: expected An, answered Bo (SOME_CODE)"
    )


async def test_a_missing_answer_is_a_wrong_one():
    outcome = await outcome_of(a_story("03-02 09:00 queue -> order=An"), queue=Reply({}))
    assert "order: expected An, answered nothing" in line_of(outcome)


async def test_a_fault_of_ours_fails_the_step_even_if_nothing_is_expected():
    outcome = await outcome_of(a_story("03-02 09:00 queue"), queue=ValueError("broken"))
    assert outcome.failed
    assert line_of(outcome) == "A1 FAILED at “03-02 09:00 queue”: ValueError: broken"


async def test_an_unknown_verb_is_reported_and_no_failure():
    story = a_story("03-02 09:00 queue", "03-02 09:01 dispute x1", "03-02 09:02 queue")
    outcome = await outcome_of(story, queue=Reply({}), dispute=Unsupported("dispute"))
    assert (outcome.ok, outcome.failed) == (False, False)
    assert line_of(outcome) == "A1 unsupported: dispute"
    assert as_json(outcome)["unsupported"] == "dispute"


async def test_a_showroom_that_cannot_be_opened_fails_the_story():
    async def opening(_story: Story) -> Actor:
        raise ValueError("no room")

    outcome = await play(a_story("03-02 09:00 queue"), opening)
    assert line_of(outcome) == "A1 FAILED before its first step: ValueError: no room"


async def test_json_holds_every_answer_of_every_step():
    story = a_story("03-02 09:00 arrive v1 -> receiver=An")
    outcome = await outcome_of(story, arrive=Reply({"receiver": "An", "mode": "TURN"}))
    assert as_json(outcome) == {
        "id": "A1",
        "ok": True,
        "steps": [
            {
                "step": "03-02 09:00 arrive v1 -> receiver=An",
                "expected": {"receiver": "An"},
                "answered": {"receiver": "An", "mode": "TURN"},
                "ok": True,
            }
        ],
    }


async def test_the_summary_counts_and_sets_the_exit_code():
    story = a_story("03-02 09:00 queue -> order=An")
    summary = Summary()
    summary.count(await outcome_of(story, queue=Reply({"order": "An"})))
    summary.count(await outcome_of(story, queue=Unsupported("queue")))
    assert summary.exit_code == 0
    summary.count(await outcome_of(story, queue=Reply({"order": "Bo"})))
    assert summary.exit_code == 1
    assert str(summary) == "1 passed, 1 failed, 1 unsupported"


def written(folder: Path, *ids: str) -> Path:
    path = folder / f"{ids[0]}.yaml"
    path.write_text("\n".join(f"- {{id: {id_}, steps: []}}" for id_ in ids), "utf-8")
    return path


def test_stories_are_chosen_and_shuffled(tmp_path: Path):
    files = [written(tmp_path, "A1", "A2"), written(tmp_path, "B1", "B2")]
    assert [story.id for story in choose_stories(files)] == ["A1", "A2", "B1", "B2"]
    chosen = choose_stories(files, only=["B2", "A1"])
    assert [story.id for story in chosen] == ["A1", "B2"]
    shuffled = choose_stories(files, chance=a_chance(3))
    assert sorted(story.id for story in shuffled) == ["A1", "A2", "B1", "B2"]
    assert shuffled == choose_stories(files, chance=a_chance(3))


def test_an_unreadable_file_and_an_unknown_story_are_refused(tmp_path: Path):
    with pytest.raises(StoriesUnreadable, match=r"missing\.yaml"):
        choose_stories([tmp_path / "missing.yaml"])
    with pytest.raises(StoriesUnreadable, match="No story is called Z9"):
        choose_stories([written(tmp_path, "A1")], only=["Z9"])


def test_a_number_of_a_story_is_always_the_same_valid_number():
    assert phone_of("1") == phone_of("1") == "+8613800000001"
    assert phone_of("77") == "+8613800000077"
    assert phone_of("shop") == phone_of("shop") != phone_of("1")
    assert phone_of("+49301234567") == "+49301234567"
