"""How many small falsifications of a pack its own tests catch, and which of them survive."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from service.policies.rulebooks.diagrams import NEVER
from service.policies.rulebooks.document import parse
from service.policies.rulebooks.meaning import Meaning, meaning_of
from service.policies.rulebooks.trials import failures
from service.policies.rulebooks.vocabulary.shipped import VOCABULARIES
from tests.policies.rulebooks.rulebook_mutation import Mutant, difference, mutants

FOLDER = Path(__file__).parents[2] / "policies/rulebooks"
PACKS = sorted(path.stem for path in FOLDER.glob("*.yaml"))


@dataclass(frozen=True)
class Tally:
    """What came of a pack's mutants: `alike` change nothing and count for neither side."""

    caught: int
    alike: int
    survivors: tuple[str, ...]

    @property
    def share(self) -> float:
        """Return how many of those that change something were caught, in percent."""
        changing = self.caught + len(self.survivors)
        return 100 * self.caught / changing if changing else 100.0


def text_of(pack: str) -> str:
    return (FOLDER / f"{pack}.yaml").read_text("utf-8")


def meaning(pack: str) -> Meaning:
    document = parse(text_of(pack))
    found, problems = meaning_of(document, VOCABULARIES[document.policy.raw])
    assert problems == []
    return found


def tally(pack: str) -> Tally:
    """Try every mutant of a pack on the pack's own tests."""
    found = meaning(pack)
    caught = alike = 0
    survivors = []
    for mutant in mutants(found):
        if _is_caught(found, mutant):
            caught += 1
        elif difference(found, mutant)[1] == NEVER:
            alike += 1
        else:
            survivors.append(f"{mutant.decision}: {mutant.what}")
    return Tally(caught, alike, tuple(survivors))


def _is_caught(found: Meaning, mutant: Mutant) -> bool:
    trials = (test for test in found.document.tests if test.decision.raw == mutant.decision)
    return next(failures(mutant.of(found), trials), None) is not None


def told() -> Iterator[tuple[str, Tally]]:
    """Yield every pack with what came of its mutants."""
    for pack in PACKS:
        yield pack, tally(pack)
