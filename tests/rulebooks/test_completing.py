"""A version of an earlier release goes on deciding; of what it is silent, the shipped rule does."""

from typing import Any

import pytest
from builders.reception import Showroom, a_showroom, at

from service.clock import ManualClock
from service.policies import policies_folder
from service.policies.rulebooks.compiler import compile_rulebook
from service.policies.rulebooks.document import from_json, parse
from service.policies.rulebooks.trials import run_tests
from service.policies.rulebooks.vocabulary.shipped import VOCABULARIES
from service.rulebooks.commands.placing import NewVersion, put_in_force
from service.rulebooks.completing import completed
from service.work import Transactions, UnitOfWork

SHOWROOM = VOCABULARIES["showroom"]
SHIPPED: dict[str, Any] = parse(
    (policies_folder() / "rulebooks" / "showroom.yaml").read_text("utf-8")
).to_json()
# What the first release did not ask.
LATER = ("dispute", "private_phase", "verdict", "appeal", "falsification", "sale", "departure")


def without(*decisions: str) -> dict[str, Any]:
    """Return the shipped rulebook as if it had been written before some questions were asked."""
    kept = {name: one for name, one in SHIPPED["decisions"].items() if name not in decisions}
    spoken = str(kept) + str(SHIPPED["rotation"])
    params = {
        name: one
        for name, one in SHIPPED["params"].items()
        if f"params.{name}" in spoken or not name.startswith(("dispute.", "tamper.", "member."))
    }
    tests = [one for one in SHIPPED["tests"] if one["decision"] not in decisions]
    return {**SHIPPED, "params": params, "decisions": kept, "tests": tests}


def test_a_whole_text_is_left_as_it_is() -> None:
    assert completed(SHIPPED) is SHIPPED


@pytest.mark.parametrize("name", [one for one, it in SHOWROOM.decisions.items() if it.required])
def test_what_a_text_does_not_speak_of_the_shipped_rulebook_decides(name: str) -> None:
    whole = completed({**without(name), "tests": SHIPPED["tests"]})

    assert run_tests(compile_rulebook(from_json(whole), SHOWROOM)) == []


def test_a_claim_is_judged_as_the_text_of_an_earlier_release_has_it() -> None:
    stored = without()
    claim = stored["decisions"]["claim"]
    rules = [rule for rule in claim["rules"] if rule["id"] != "CL-4s"]
    stored["decisions"] = {**stored["decisions"], "claim": {**claim, "rules": rules}}
    asked = {"basis": "SAME", "live_on_closing_day": True, "filed_in_time": True}

    rulebook = compile_rulebook(from_json(completed(stored)), SHOWROOM)

    late = {**asked, "received_after_signing": True}
    assert rulebook.decide("claim", late).then["answer"] == "ADMITTED"


def test_what_a_text_does_speak_of_is_untouched() -> None:
    stored = without(*LATER)
    stored["params"] = {**stored["params"], "tracking.days": {**stored["params"]["tracking.days"]}}
    stored["params"]["tracking.days"]["value"] = 30

    whole = completed(stored)

    assert whole["params"]["tracking.days"]["value"] == 30
    for name, decision in stored["decisions"].items():
        assert whole["decisions"][name] == decision


async def test_a_showroom_with_a_version_of_an_earlier_release_goes_on(
    transactions: Transactions, clock: ManualClock
) -> None:
    at(clock, "03-02 08:30")
    showroom: Showroom = await a_showroom(transactions)

    async def of_old(work: UnitOfWork) -> None:
        await put_in_force(work, NewVersion("showroom", without(*LATER), {}, work.now))

    await showroom.tenant.transactions.internally(showroom.tenant_id, "of_old", of_old)
    await showroom.sign_in("An")

    visit = await showroom.arrives(1)

    assert showroom.name_of(visit["receiver_id"]) == "An"
