"""Random stories end alike in the service and in a showroom written from the tables alone."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.simulation.lending import Loan
from service.simulation.rehearsal import play
from service.simulation.verbs import open_stage
from tests.model.playing import PER_TENANT, compare, play_tenant, story_of
from tests.model.showroom import Model, play_all, read_line
from tests.model.tales import CHOICES, random_policy, tale

TOLD = [
    story
    for path in sorted((Path(__file__).parents[1] / "scenarios").glob("*.yaml"))
    for story in yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
    if all(hasattr(Model, f"on_{read_line(step).verb}") for step in story["steps"])
]


def as_written(policy: dict[str, Any] | None) -> dict[str, Any]:
    values = {name: tuple(v) if isinstance(v, list) else v for name, v in (policy or {}).items()}
    if values.get("tracking.max_total_days") == "none":
        values["tracking.max_total_days"] = 0
    private = str(values.get("dispute.private_until", ""))
    if private.startswith("HOURS("):
        hours = int(private.removeprefix("HOURS(").removesuffix(")"))
        values |= {"dispute.private_until": "HOURS", "dispute.private_hours": hours}
    return values


@pytest.mark.parametrize("story", TOLD, ids=lambda story: story["id"])
def test_the_model_tells_the_stories_that_people_wrote(story: dict[str, Any]) -> None:
    answers = play_all(story["steps"], as_written(story.get("policy")))

    for step, answered in zip(story["steps"], answers, strict=True):
        expected = dict(part.split("=", 1) for part in step.partition("->")[2].split())
        assert {**answered, **expected} == answered, step


@pytest.mark.long
async def test_service_and_model_agree_on_random_stories(part: int, loan: Loan) -> None:
    differing = [
        found async for found in play_tenant(loan, f"part-{part}", PER_TENANT) if found is not None
    ]

    assert not differing, f"{len(differing)} differ; the first:\n{differing[0]}"


def test_random_stories_come_by_every_way_of_receiving_and_every_answer_to_a_claim() -> None:
    """What no story comes by, no agreement shows."""
    seen: Counter[str] = Counter()
    for part in range(60):
        chance = random.Random(f"part-{part}")  # noqa: S311 - it tells stories, it keeps no secret
        policy = random_policy(chance)
        for number in range(8):
            steps = tale(f"part-{part}-{number}", policy, number)
            for step, answers in zip(steps, play_all(steps, policy), strict=True):
                seen.update(f"{key}={value}" for key, value in answers.items())
                if " correct " in step and " to=" in step:
                    seen[f"corrected {answers['reg']}"] += 1
                if " vouched=yes" in step:
                    seen[f"vouched {answers['res']}"] += 1
                if " dispute " in step and "cust=" in step:
                    seen[f"customer disputed={answers['res']}"] += 1

    modes = ["TURN", "DOUBLE", "OWN_RETURN", "NAMED", "OBLIGATORY", "SURVEY", "MANAGER", "WAIT"]
    reasons = (
        "NOT_REGISTERED NOT_SAME_CUSTOMER OWN_WORD REGISTER_VOID LAPSED AFTER_SIGNING"
        " EARLIER_REGISTRATION LATE"
    )
    results = ["VALID", "INVALID_INCOMPLETE", "INVALID_LATE", "REFUSED_SURVEY"]
    standings = ["PRIVATE", "MANAGER", "SETTLED", "DECIDED", "APPEALED", "FINAL", "CANCELLED"]
    clauses = (
        "五二 五五1 五五1+7 五五1(無法確認) 五四4 五五2 五五4 五五5 五五6 五五7 五五9 四2 四3 五五8"
    )
    wanted = {
        *(f"mode={mode}" for mode in modes),
        *(f"why={reason}" for reason in reasons.split()),
        *(f"reg={result}" for result in results),
        *("to=NOBODY", "why=DEAL_IS_CANCELLED"),
        *(f"status={standing}" for standing in standings),
        *(f"rule={clause}" for clause in clauses.split()),
        *("res=ADMITTED", "res=TOO_LATE", "sla=MET", "sla=BREACHED", "sla=DUE", "final=yes"),
        *("reject=NOT_ON_SHIFT", "reject=五五6", "ring=BREACH", "dur=BREACH", "owner=COMPANY"),
        *("corrected VALID", "corrected INVALID_LATE", "corrected REJECTED", "vouched ADMITTED"),
        *("res=DENIED", "to=DISPUTED", "customer disputed=OK", "customer disputed=REJECTED"),
    }
    assert wanted - set(seen) == set()
    assert any("+" in told for told in seen if told.startswith("to="))


@pytest.mark.parametrize(
    "name", ["tracking.days", "claim.days", "rotation.obligatory_receiver", "rotation.all_busy"]
)
async def test_a_rule_that_the_two_read_otherwise_is_found(name: str, loan: Loan) -> None:
    """Some story of a few differs when only one of the two has the parameter changed."""
    other = {name: CHOICES[name][0 if CHOICES[name][0] not in {3, "DOUBLE", "QUEUE_TAIL"} else 2]}
    for number in range(12):
        steps = tale(f"otherwise-{name}-{number}", {}, number, length=40)
        outcome = await play(
            story_of(f"otherwise-{number}", other, steps), lambda told: open_stage(loan, told)
        )
        if compare(outcome, {}, steps) is not None:
            return
    pytest.fail(f"no story shows {name}")
