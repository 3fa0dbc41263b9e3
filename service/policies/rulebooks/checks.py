"""Everything that must be right before a rulebook may be published.

Beyond names and types (`meaning`): the limits, rules that can never decide, and the document's own
tests being readable and complete. Running those tests is `trials.run_tests`.
"""

from collections.abc import Iterable, Iterator

from service.policies.rulebooks.diagrams import NEVER, TooComplex
from service.policies.rulebooks.meaning import Meaning, MeantDecision, meaning_of
from service.policies.rulebooks.parts import Decision, Document, Parameter
from service.policies.rulebooks.problems import Problem
from service.policies.rulebooks.reachability import Reach, Space
from service.policies.rulebooks.trials import RULE, trial_problems
from service.policies.rulebooks.vocabulary.kinds import Vocabulary

MOST_RULES = 100
MOST_LINES = 500
MOST_DECISIONS = 50
MOST_PARAMETERS = 200
MOST_WORDS = 50
MOST_TESTS = 1_000


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
        problems += _tests(meaning)
    return sorted(problems, key=lambda problem: problem.at)


def _limits(document: Document) -> Iterator[Problem]:
    listed = {
        "decisions": (len(document.decisions), MOST_DECISIONS),
        "params": (len(document.params), MOST_PARAMETERS),
        "words": (max(map(_words, document.params.values()), default=0), MOST_WORDS),
        "tests": (len(document.tests), MOST_TESTS),
    }
    for what, (count, most) in listed.items():
        if count > most:
            yield Problem("TOO_MANY_PARTS", document.policy.at, {"what": what, "most": str(most)})
    for decision in document.decisions.values():
        if len(decision.rules) > MOST_RULES:
            values = {"name": decision.name, "most": str(MOST_RULES)}
            yield Problem("TOO_MANY_RULES", decision.at, values)
    if sum(map(_lines, document.decisions.values())) > MOST_LINES:
        yield Problem("TOO_MANY_LINES", document.policy.at, {"most": str(MOST_LINES)})


def _words(parameter: Parameter) -> int:
    return len(parameter.words or ())


def _lines(decision: Decision) -> int:
    return sum(len(rule.when) for rule in decision.rules)


def _unreachable(decision: MeantDecision, meaning: Meaning) -> Iterable[Problem]:
    try:
        space = Space([decision], meaning.parameters)
        reach = space.reach(decision)
    except TooComplex:
        at = meaning.document.decisions[decision.words.name].at
        return [Problem("TOO_COMPLEX", at, {"what": decision.words.name})]
    problems = []
    # The last rule is the `otherwise`: never reached, it is merely superfluous.
    for index, meant in enumerate(decision.rules[:-1]):
        if reach.own[index] == NEVER:
            problems.append(Problem("NEVER_MATCHES", meant.rule.at, {"id": meant.rule.id.raw}))
        elif reach.reached[index] == NEVER:
            earlier = ", ".join(_earlier(space, decision, reach, index))
            values = {"id": meant.rule.id.raw, "earlier": earlier}
            problems.append(Problem("SHADOWED", meant.rule.at, values))
    return problems


def _earlier(space: Space, decision: MeantDecision, reach: Reach, index: int) -> Iterator[str]:
    """Name the earlier rules that take what this one asks for."""
    for other in range(index):
        if space.diagrams.both(reach.reached[other], reach.own[index]) != NEVER:
            yield decision.rules[other].rule.id.raw


def _tests(meaning: Meaning) -> Iterator[Problem]:
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
