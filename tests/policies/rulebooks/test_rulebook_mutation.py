"""The showroom's own tests catch every small falsification of the showroom."""

import pytest
from rulebook_desk import SHOWROOM_TEXT
from rulebook_mutation import difference, mutants

from service.policies.rulebooks.diagrams import NEVER
from service.policies.rulebooks.document import parse
from service.policies.rulebooks.meaning import meaning_of
from service.policies.rulebooks.trials import failing
from service.policies.rulebooks.vocabulary.showroom import SHOWROOM

MEANING, PROBLEMS = meaning_of(parse(SHOWROOM_TEXT), SHOWROOM)


@pytest.mark.parametrize("name", sorted(SHOWROOM.decisions))
def test_every_mutant_is_caught_or_changes_nothing(name: str) -> None:
    trials = tuple(trial for trial in MEANING.document.tests if trial.decision.raw == name)
    tried, survivors = 0, []

    for mutant in mutants(MEANING):
        if mutant.decision != name:
            continue
        tried += 1
        if not failing(mutant.of(MEANING), trials) and difference(MEANING, mutant)[1] != NEVER:
            survivors.append(mutant.what)

    assert survivors == []
    assert tried > 5


def test_what_changes_nothing_is_only_the_order_of_rules_that_never_meet_or_an_implied_line() -> (
    None
):
    same = [
        f"{mutant.decision} {mutant.what}"
        for mutant in mutants(MEANING)
        if "becomes" not in mutant.what and difference(MEANING, mutant)[1] == NEVER
    ]

    assert [what for what in same if "swapped" not in what] == [
        "reception RR-2: line 1 dropped",
        "reception RR-7: line 1 dropped",
    ]
    assert PROBLEMS == []
