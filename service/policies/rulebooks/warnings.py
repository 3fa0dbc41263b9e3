"""What deserves a look in a document that may be published.

Two rules that both match are usual: the order decides, and the special case stands first. They are
told only where the outcomes differ, the parameters as they are set let it happen, the second would
decide if the first did not, and no test of the document says which is meant. What another choice of
a parameter would bring is among the proposed tests, and told once it is chosen.
"""

from collections.abc import Iterable, Iterator

from service.policies.rulebooks.conditions import facts_in, named_in, parameters_in
from service.policies.rulebooks.diagrams import NEVER, TooComplex
from service.policies.rulebooks.goals import Goals
from service.policies.rulebooks.meaning import PLACEHOLDER, Meaning, MeantDecision
from service.policies.rulebooks.parts import Plain
from service.policies.rulebooks.problems import Problem
from service.policies.rulebooks.proposing import Cases
from service.policies.rulebooks.reading import Text
from service.policies.rulebooks.settling import PREFIX

MOST_OVERLAPS = 50


def warnings(meaning: Meaning) -> list[Problem]:
    """Return the warnings of a document without problems, in the order of its text."""
    found = list(_unused_parameters(meaning))
    if not meaning.vocabulary.decides:
        policy = meaning.document.policy
        found.append(Problem("POLICY_UNREAD", policy.at, {"name": policy.raw}))
    for decision in meaning.decisions.values():
        found += _unused_facts(decision, meaning)
        found += _overlaps(decision, meaning)
    return sorted(found, key=lambda problem: problem.at)


def _unused_parameters(meaning: Meaning) -> Iterator[Problem]:
    document = meaning.document
    used = {*meaning.vocabulary.parameters, *meaning.vocabulary.optional, *_references(meaning)}
    for decision in meaning.decisions.values():
        for meant in decision.rules:
            used |= {name for line in meant.when for name in parameters_in(line)}
            used |= {name for term in meant.then.values() for name in named_in(term)}
            for sentence in meant.rule.says.values():
                used |= {name.removeprefix(PREFIX) for name in PLACEHOLDER.findall(sentence.raw)}
    for name, parameter in document.params.items():
        if name not in used:
            yield Problem("UNUSED_PARAMETER", parameter.at, {"name": name})


def _references(meaning: Meaning) -> Iterator[str]:
    """Yield the parameters that others, or the rotation, take their value from."""
    values = [parameter.value for parameter in meaning.document.params.values()]
    for value in (*values, *meaning.document.rotation.values()):
        if isinstance(value, Text) and value.raw.startswith(PREFIX):
            yield value.raw.removeprefix(PREFIX)


def _unused_facts(decision: MeantDecision, meaning: Meaning) -> Iterator[Problem]:
    used = {name for rule in decision.rules for line in rule.when for name in facts_in(line)}
    unused = [fact.name for fact in decision.words.facts if fact.name not in used]
    if unused:
        name = decision.words.name
        values = {"decision": name, "name": ", ".join(unused)}
        yield Problem("UNUSED_FACT", meaning.document.decisions[name].at, values)


def _overlaps(decision: MeantDecision, meaning: Meaning) -> Iterable[Problem]:
    """Tell of a superfluous `otherwise`, and of overlaps that no test settles."""
    found: list[Problem] = []
    try:
        goals = Goals(meaning, decision)
        otherwise = decision.rules[-1].rule
        if goals.reach.reached[-1] == NEVER:
            values = {"name": decision.words.name, "id": otherwise.id.raw}
            found.append(Problem("OTHERWISE_UNREACHABLE", otherwise.at, values))
        cases = Cases(meaning, decision)
        shown = cases.shown()
        for goal in goals.deciding():
            first, second = decision.rules[goal.rule], decision.rules[goal.other]
            if (goal.rule, goal.other) in shown:
                continue
            if len(found) >= MOST_OVERLAPS:
                break
            test = cases.test(cases.example(goal, goals.space))
            values = {
                "id": first.rule.id.raw,
                "other": second.rule.id.raw,
                "when": _when(test),
            }
            found.append(Problem("OVERLAP", second.rule.at, values, test=test))
    except TooComplex:
        # The checks have told of what is too complex to be published; this is only advice.
        pass
    return found


def _when(test: dict[str, Plain]) -> str:
    """Return what a test gives, as people read it."""
    parts = []
    for prefix, key in ((PREFIX, "params"), ("", "given")):
        given = test.get(key, {})
        if isinstance(given, dict):
            parts += [f"{prefix}{name} is {_word(value)}" for name, value in given.items()]
    return ", ".join(parts) or "nothing given"


def _word(value: Plain) -> str:
    if isinstance(value, list):
        return "(" + ", ".join(map(str, value)) + ")"
    return str(value).lower() if isinstance(value, bool) else str(value)
