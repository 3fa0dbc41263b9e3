"""Scenario files are read as they are written, and refused where they are not."""

from datetime import UTC, datetime

import pytest

from service.simulation.stories import StoriesUnreadable, read_step, read_stories


def test_a_step_has_a_time_a_verb_words_options_and_expectations():
    step = read_step("03-02 09:10 arrive v1 cust=Ma tel=1,77 -> receiver=An turn=-")
    assert step.at == datetime(2026, 3, 2, 1, 10, tzinfo=UTC)
    assert (step.verb, step.words) == ("arrive", ("v1",))
    assert step.options == {"cust": "Ma", "tel": "1,77"}
    assert step.expected == {"receiver": "An", "turn": "-"}
    assert step.option("tel") == "1,77"
    assert step.option("unit", "none") == "none"


def test_a_step_may_expect_nothing():
    step = read_step("03-02 08:30 signin An Bo")
    assert step.words == ("An", "Bo")
    assert step.expected == {}


def test_an_expectation_may_be_empty():
    assert read_step("03-02 08:30 queue -> order=").expected == {"order": ""}


def test_a_story_has_its_own_parameters():
    (story,) = read_stories(
        '- {id: A1, t: a title, rule: "五(二)", policy: {tracking.days: 9}, steps: []}', "file"
    )
    assert (story.id, story.title, story.rule) == ("A1", "a title", "五(二)")
    assert story.policy == {"tracking.days": 9}


def test_a_comment_and_a_group_heading_are_no_stories():
    assert read_stories("# A. sign-in\n[]", "file") == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "file:1:2: no YAML: "),
        ("- {id: A1, steps: []}\n- {id: A2\n- {", "file:3:3: no YAML: expected ',' or '}'"),
        ("a: mapping", "file: a list of stories is expected"),
        ("- {id: A1}", "file: story 1: `id` and `steps` are expected"),
        ("- {id: A1, steps: text}", "`policy` is a mapping and `steps` a list"),
        ("- {id: A1, policy: [1], steps: []}", "`policy` is a mapping and `steps` a list"),
        ("- {id: A1, steps: [noon signin]}", "file: story 1 (A1): “noon signin” is no step"),
        ('- {id: A1, steps: ["13-40 08:00 signin"]}', "“13-40 08:00” is no time"),
        ("- {id: A1, steps: []}\n- {id: A1, steps: []}", "file: A1 stands twice"),
    ],
)
def test_what_is_no_scenario_file_is_refused_with_its_place(text: str, says: str):
    with pytest.raises(StoriesUnreadable) as refused:
        read_stories(text, "file")
    assert says in str(refused.value)
