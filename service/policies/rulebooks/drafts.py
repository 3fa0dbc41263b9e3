"""What can be done with a draft: look it over whole, propose its tests, write it out.

The one door for the command line, the API and editors; everything here is a pure function of the
text and costs at most a second of arithmetic, whatever the text is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from service.policies.rulebooks import proposing, writing
from service.policies.rulebooks.checks import check
from service.policies.rulebooks.compiler import compile_rulebook
from service.policies.rulebooks.document import from_json, parse
from service.policies.rulebooks.meaning import meaning_of
from service.policies.rulebooks.parts import Document
from service.policies.rulebooks.problems import Problem, RulebookRefused, nearest
from service.policies.rulebooks.proposing import Proposal
from service.policies.rulebooks.reading import read_bytes
from service.policies.rulebooks.trials import TrialFailure, run_tests
from service.policies.rulebooks.vocabulary.kinds import Vocabulary
from service.policies.rulebooks.vocabulary.shipped import VOCABULARIES
from service.policies.rulebooks.warnings import warnings

# Errors of the document's tests, which say nothing against its rules.
_OF_TESTS = {"UNTESTED_RULE", "TEST_FAILS"}


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft looked over.

    Attributes:
        document: None where the text has not even the shape of one.
        problems: all that was found, in the order of the text; warnings do not forbid publishing.
    """

    document: Document | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What forbids publishing."""
        return tuple(problem for problem in self.problems if problem.forbids)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What deserves a look."""
        return tuple(problem for problem in self.problems if not problem.forbids)


def check_text(text: str) -> Checked:
    """Look over a draft written as YAML, or as JSON, which is YAML as well."""
    try:
        return check_document(parse(text))
    except RulebookRefused as refused:
        return Checked(None, refused.problems)


def read(content: bytes) -> Document:
    """Read a draft as a file holds it; raises RulebookRefused where it has not the shape of one."""
    return parse(read_bytes(content))


def check_bytes(content: bytes) -> Checked:
    """Look over a draft as a file holds it."""
    try:
        return check_document(read(content))
    except RulebookRefused as refused:
        return Checked(None, refused.problems)


def write(document: Document) -> str:
    """Return a document as YAML in the shape of the shipped ones; the same for the same content."""
    return writing.write(document, vocabulary_of(document))


def as_json(document: Document) -> dict[str, Any]:
    """Return a document as JSON values, in the order of `write`; the same for the same content."""
    return parse(write(document)).to_json()


def check_json(plain: object) -> Checked:
    """Look over a draft that came as JSON values; its problems have paths instead of lines."""
    try:
        return check_document(from_json(plain))
    except RulebookRefused as refused:
        return Checked(None, refused.problems)


def check_document(document: Document) -> Checked:
    """Look over a document: names, types, limits, reachability, its own tests."""
    vocabulary = vocabulary_of(document)
    if vocabulary is None:
        return Checked(document, (_unknown_policy(document),))
    problems = check(document, vocabulary)
    if not problems:
        failed = run_tests(compile_rulebook(document, vocabulary))
        problems = [_failed(failure) for failure in failed]
    if all(one.code in _OF_TESTS for one in problems):
        problems += warnings(meaning_of(document, vocabulary)[0])
    return Checked(document, _in_order(problems))


def propose(document: Document) -> tuple[Proposal, ...]:
    """Return the tests a document still lacks; all of them pass on the document as it stands.

    Raises:
        RulebookRefused: there are errors other than that rules lack tests.
    """
    vocabulary = vocabulary_of(document)
    if vocabulary is None:
        raise RulebookRefused([_unknown_policy(document)])
    problems = [one for one in check(document, vocabulary) if one.code not in _OF_TESTS]
    if problems:
        raise RulebookRefused(problems)
    return proposing.propose(meaning_of(document, vocabulary)[0])


def vocabulary_of(document: Document) -> Vocabulary | None:
    """Return the vocabulary of a document's policy, if the product has that policy."""
    return VOCABULARIES.get(document.policy.raw)


def _unknown_policy(document: Document) -> Problem:
    found = document.policy.raw
    values = {"found": found, "expected": ", ".join(sorted(VOCABULARIES))}
    return Problem("WRONG_POLICY", document.policy.at, values, nearest(found, VOCABULARIES))


def _failed(failure: TrialFailure) -> Problem:
    answered = {name: failure.answered[name] for name in failure.expected}
    values = {
        "decision": failure.decision,
        "expected": _listed(failure.expected.items()),
        "answered": _listed(answered.items()),
    }
    return Problem("TEST_FAILS", failure.at, values)


def _listed(answers: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in answers)


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(problems, key=lambda problem: problem.at))
