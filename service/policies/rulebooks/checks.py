"""Everything that must be right before a rulebook may be published.

Beyond names and types (`meaning`): the limits, rules that can never decide, and the document's own
tests being readable and complete. Running those tests is `trials.run_tests`.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations, islice

from service.policies.rulebooks.conditions import leaves
from service.policies.rulebooks.diagrams import NEVER, TooComplex
from service.policies.rulebooks.meaning import Meaning, MeantDecision, MeantRule, meaning_of
from service.policies.rulebooks.parts import Decision, Document, Parameter, Trial
from service.policies.rulebooks.problems import MOST_PROBLEMS, Problem
from service.policies.rulebooks.reachability import Reach, Space
from service.policies.rulebooks.trials import RULE, trial_problems
from service.policies.rulebooks.vocabulary.kinds import Vocabulary

MOST_RULES = 100
MOST_LINES = 500
MOST_DECISIONS = 50
MOST_PARAMETERS = 200
MOST_WORDS = 50
MOST_TESTS = 1_000
# Comparisons that running all tests may cost at most: some tenths of a second.
MOST_COMPARISONS = 200_000


def check(document: Document, vocabulary: Vocabulary) -> list[Problem]:
    """Return everything that forbids publishing the document, in the order of its text."""
    too_long = list(_limits(document))
    if too_long:
        # Beyond the limits nothing else is looked at: they bound what the rest may cost.
        return too_long
    meaning, problems = meaning_of(document, vocabulary)
    if not problems:
        for decision in meaning.decisions.values():
            problems += _unreachable(decision, meaning)
        problems += islice(_tests(meaning), MOST_PROBLEMS)
    return sorted(problems, key=lambda problem: problem.at)


def _limits(document: Document) -> Iterator[Problem]:
    """Tell of every limit at the first part beyond it."""
    parameters = list(document.params.values())
    yield from _beyond("decisions", list(document.decisions.values()), MOST_DECISIONS)
    yield from _beyond("params", parameters, MOST_PARAMETERS)
    yield from _beyond("tests", document.tests, MOST_TESTS)
    for parameter in parameters:
        if len(parameter.words or ()) > MOST_WORDS:
            values = {"what": "words", "most": str(MOST_WORDS)}
            yield Problem("TOO_MANY_PARTS", parameter.at.within("words"), values)
    left = MOST_LINES
    for decision in document.decisions.values():
        if len(decision.rules) > MOST_RULES:
            values = {"name": decision.name, "most": str(MOST_RULES)}
            yield Problem("TOO_MANY_RULES", decision.rules[MOST_RULES].at, values)
        for rule in decision.rules:
            if 0 <= left < len(rule.when):
                yield Problem("TOO_MANY_LINES", rule.when[left].at, {"most": str(MOST_LINES)})
            left -= len(rule.when)


def _beyond(
    what: str, parts: Sequence[Decision | Parameter | Trial], most: int
) -> Iterator[Problem]:
    if len(parts) > most:
        values = {"what": what, "most": str(most)}
        yield Problem("TOO_MANY_PARTS", parts[most].at, values)


def _unreachable(decision: MeantDecision, meaning: Meaning) -> list[Problem]:
    try:
        return list(_never_decides(decision, meaning))
    except TooComplex:
        at = meaning.document.decisions[decision.words.name].at
        return [Problem("TOO_COMPLEX", at, {"what": decision.words.name})]


def _never_decides(decision: MeantDecision, meaning: Meaning) -> Iterator[Problem]:
    """Tell of every rule that cannot decide; raises TooComplex, for its reasons cost budget too."""
    space = Space([decision], meaning.parameters)
    reach = space.reach(decision)
    # The last rule is the `otherwise`: never reached, it is merely superfluous.
    for index, meant in enumerate(decision.rules[:-1]):
        if reach.own[index] == NEVER:
            values = {"id": meant.rule.id.raw, "lines": " / ".join(_excluding(space, meant))}
            yield Problem("NEVER_MATCHES", meant.rule.at, values)
        elif reach.reached[index] == NEVER:
            earlier = ", ".join(_earlier(space, decision, reach, index))
            values = {"id": meant.rule.id.raw, "earlier": earlier}
            yield Problem("SHADOWED", meant.rule.at, values)


def _excluding(space: Space, meant: MeantRule) -> list[str]:
    """Return the fewest lines of a rule that cannot hold together: one, two, or all of them."""
    lines = list(zip(meant.when, meant.rule.when, strict=True))
    for count in (1, 2):
        for some in combinations(lines, count):
            if space.lines([condition for condition, _ in some]) == NEVER:
                return [text.raw for _, text in some]
    return [text.raw for _, text in lines]


def _earlier(space: Space, decision: MeantDecision, reach: Reach, index: int) -> Iterator[str]:
    """Name the earlier rules that take what this one asks for."""
    for other in range(index):
        if space.diagrams.both(reach.reached[other], reach.own[index]) != NEVER:
            yield decision.rules[other].rule.id.raw


def _comparisons(meaning: Meaning) -> int:
    """Return how many comparisons the document's tests ask for, none of them left out."""
    of_decision = {
        name: sum(1 for rule in decision.rules for line in rule.when for _ in leaves(line))
        for name, decision in meaning.decisions.items()
    }
    return sum(of_decision.get(trial.decision.raw, 0) for trial in meaning.document.tests)


def _tests(meaning: Meaning) -> Iterator[Problem]:
    if _comparisons(meaning) > MOST_COMPARISONS:
        yield Problem("TOO_COMPLEX", meaning.document.at.within("tests"), {"what": "the tests"})
        return
    expected = set()
    for trial in meaning.document.tests:
        yield from trial_problems(meaning, trial)
        if RULE in trial.expect:
            expected.add(trial.expect[RULE].raw)
    for decision in meaning.decisions.values():
        for meant in decision.rules:
            if meant.rule.id.raw not in expected:
                values = {"id": meant.rule.id.raw}
                yield Problem("UNTESTED_RULE", meant.rule.at, values)
