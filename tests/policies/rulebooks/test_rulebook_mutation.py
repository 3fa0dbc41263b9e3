"""The showroom's own tests catch every small falsification of the showroom."""

import pytest
from rulebook_mutation import Mutant, difference, mutants
from shipped_rulebooks import document_of

from service.policies.rulebooks.diagrams import NEVER
from service.policies.rulebooks.meaning import meaning_of
from service.policies.rulebooks.trials import failures
from service.policies.rulebooks.vocabulary.showroom import SHOWROOM

MEANING, PROBLEMS = meaning_of(document_of("showroom"), SHOWROOM)

# Lines that earlier rules or the axioms already imply; they stay for the reader's sake.
IMPLIED = {"RR-2: line 1 dropped", "RR-7: line 1 dropped", "RR-4n: line 3 dropped"}


def caught(mutant: Mutant) -> bool:
    trials = (trial for trial in MEANING.document.tests if trial.decision.raw == mutant.decision)
    return next(failures(mutant.of(MEANING), trials), None) is not None


@pytest.mark.parametrize("name", sorted(SHOWROOM.decisions))
def test_every_mutant_is_caught_or_changes_nothing(name: str) -> None:
    tried = [mutant for mutant in mutants(MEANING) if mutant.decision == name]

    survivors = [mutant for mutant in tried if not caught(mutant)]

    assert PROBLEMS == []
    assert len(tried) > 5
    assert [m.what for m in survivors if difference(MEANING, m)[1] != NEVER] == []
    # What changes nothing is the order of two rules that never meet, or an implied line.
    assert {m.what for m in survivors if "swapped" not in m.what} <= IMPLIED


def test_without_tests_nearly_every_mutant_would_survive() -> None:
    credit = [mutant for mutant in mutants(MEANING) if mutant.decision == "credit"]

    changing = [mutant for mutant in credit if difference(MEANING, mutant)[1] != NEVER]

    assert len(changing) > len(credit) * 0.9
    assert not any(list(failures(mutant.of(MEANING), ())) for mutant in changing)
