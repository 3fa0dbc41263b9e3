"""A version as its readers see it, and a text looked over before anybody publishes it."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import yaml

from service.errors import Forbidden, sentence
from service.policies.access import Record
from service.policies.rulebooks.checks import check
from service.policies.rulebooks.compiler import compile_rulebook
from service.policies.rulebooks.document import from_json, parse
from service.policies.rulebooks.meaning import PLACEHOLDER
from service.policies.rulebooks.parameters import settle_parameters
from service.policies.rulebooks.parts import Decision, Document, Parameter, Rule
from service.policies.rulebooks.problems import Problem, RulebookRefused
from service.policies.rulebooks.settling import PREFIX
from service.policies.rulebooks.trials import run_tests
from service.policies.rulebooks.vocabulary.kinds import (
    Flag,
    Number,
    ParameterKind,
    ParameterValue,
    Words,
    WordSet,
)
from service.policies.rulebooks.vocabulary.showroom import SHOWROOM
from service.rulebooks.errors import NoRulebookInForce, failing_test
from service.rulebooks.in_force import in_force
from service.work import Sight

_WIDTH = 100
_MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class ReadParameter:
    """A parameter with the value that decides.

    Attributes:
        kind: None only in a version that an older product has published otherwise.
        own: the document's value, which `value` overrides or equals.
    """

    name: str
    kind: ParameterKind | None
    value: ParameterValue | None
    own: ParameterValue | None
    unit: str | None
    source: str

    @property
    def bounds(self) -> tuple[int | None, int | None]:
        """The least and the most a number may be."""
        return (self.kind.least, self.kind.most) if isinstance(self.kind, Number) else (None, None)

    @property
    def allowed(self) -> tuple[str, ...]:
        """The words to choose from; none where it is a number."""
        if isinstance(self.kind, Words | WordSet):
            return self.kind.words
        return ("false", "true") if isinstance(self.kind, Flag) else ()


@dataclass(frozen=True, slots=True)
class ReadRule:
    """A rule in a person's language; the names of people stay between their braces."""

    decision: str
    id: str
    clause: str
    says: str
    when: tuple[str, ...]
    then: Mapping[str, str]
    otherwise: bool


@dataclass(frozen=True, slots=True)
class VersionRead:
    """What stands in a version: its parts, and the whole as a text that can be published."""

    text: str
    parameters: tuple[ReadParameter, ...]
    rules: tuple[ReadRule, ...]


@dataclass(frozen=True, slots=True)
class FoundProblem:
    """One reason why a text cannot be published, in a person's language."""

    code: str
    message: str
    line: int
    column: int
    suggestion: str | None = None


async def versions_read(sight: Sight, versions: Sequence[UUID]) -> dict[UUID, VersionRead]:
    """Read versions that are known to be in the caller's sight, in his language."""
    rows = await sight.fetch(
        "SELECT id, document, overrides FROM app.rulebook_version"
        " WHERE tenant_id = $1 AND id = ANY($2::uuid[])",
        sight.tenant_id,
        list(versions),
    )
    locale = sight.actor.locale
    # Some ten milliseconds of arithmetic each: other requests go on meanwhile.
    return {
        UUID(bytes=row["id"].bytes): await asyncio.to_thread(
            _read, row["document"], row["overrides"], locale
        )
        for row in rows
    }


async def problems_in(sight: Sight, text: str) -> tuple[FoundProblem, ...]:
    """Look a text over as publishing it would, and write nothing; no problems: it can be published.

    Raises:
        Forbidden: the caller lacks `rulebook.publish`.
    """
    locale = sight.actor.locale
    may = sight.policy.explain(sight.actor, "rulebook.publish", Record(), locale)
    if not may.allowed:
        raise Forbidden(action="rulebook.publish", reason=may.sentence)
    return await asyncio.to_thread(_problems, text, locale)


async def numbers_in_force(sight: Sight, names: Sequence[str]) -> dict[str, int]:
    """Return those of the parameters that are numbers of the rulebook in force now, by name."""
    try:
        parameters = (await in_force(sight, sight.now)).rulebook.parameters
    except NoRulebookInForce:
        return {}
    return {
        name: value
        for name in names
        if isinstance(value := parameters.get(name), int) and not isinstance(value, bool)
    }


def text_of(document: Document) -> str:
    """Write a document as YAML that `parse` reads back the same.

    Parameters stand by name and decisions in the vocabulary's order: what is stored keeps neither.
    """
    plain: Any = document.to_json()
    known = [name for name in SHOWROOM.decisions if name in plain["decisions"]]
    others = sorted(plain["decisions"].keys() - set(known))
    plain["params"] = {name: plain["params"][name] for name in sorted(plain["params"])}
    plain["decisions"] = {name: plain["decisions"][name] for name in (*known, *others)}
    # libyaml where it is there: the pure Python writer needs most of a second.
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    written: str = yaml.dump(
        plain, Dumper=dumper, allow_unicode=True, sort_keys=False, width=_WIDTH
    )
    return written


def _read(stored: dict[str, Any], overrides: dict[str, Any], locale: str) -> VersionRead:
    document = from_json(stored)
    settled, _ = settle_parameters(document.params, {}, overrides)
    own, _ = settle_parameters(document.params, {}, {})
    parameters = tuple(
        _parameter(one, settled.kinds.get(one.name), settled.values.get(one.name), own.values)
        for _, one in sorted(document.params.items())
    )
    known = [name for name in SHOWROOM.decisions if name in document.decisions]
    others = sorted(document.decisions.keys() - set(known))
    rules = (
        rule
        for name in (*known, *others)
        for rule in _rules(document.decisions[name], settled.values, locale)
    )
    return VersionRead(text_of(document), parameters, tuple(rules))


def _parameter(
    written: Parameter,
    kind: ParameterKind | None,
    value: ParameterValue | None,
    own: Mapping[str, ParameterValue],
) -> ReadParameter:
    unit = None if written.unit is None else written.unit.raw
    return ReadParameter(written.name, kind, value, own.get(written.name), unit, written.source.raw)


def _rules(
    decision: Decision, values: Mapping[str, ParameterValue], locale: str
) -> Iterable[ReadRule]:
    for rule in decision.all_rules:
        yield ReadRule(
            decision=decision.name,
            id=rule.id.raw,
            clause=rule.source.raw,
            says=_said(rule, values, locale),
            when=tuple(line.raw for line in rule.when),
            then={name: text.raw for name, text in rule.then.items()},
            otherwise=rule is decision.otherwise,
        )


def _said(rule: Rule, values: Mapping[str, ParameterValue], locale: str) -> str:
    texts = {str(name): text.raw for name, text in rule.says.items()}

    def replacement(name: str) -> str:
        parameter = name.removeprefix(PREFIX)
        known = name.startswith(PREFIX) and parameter in values
        return str(values[parameter]) if known else "{" + name + "}"

    return PLACEHOLDER.sub(lambda match: replacement(match[1]), texts.get(locale) or texts["en"])


def _problems(text: str, locale: str) -> tuple[FoundProblem, ...]:
    try:
        document = parse(text)
        problems = check(document, SHOWROOM)
        if problems:
            return _found(problems, locale)
        failures = run_tests(compile_rulebook(document, SHOWROOM))
    except RulebookRefused as refused:
        return _found(refused.problems, locale)
    refusals = [failing_test(one) for one in failures[:_MOST_SHOWN]]
    return tuple(
        FoundProblem(one.code, sentence(one, locale), one.line, failure.at.column)
        for one, failure in zip(refusals, failures, strict=False)
    )


def _found(problems: Iterable[Problem], locale: str) -> tuple[FoundProblem, ...]:
    return tuple(
        FoundProblem(
            code=one.code,
            message=one.message(locale),  # type: ignore[arg-type]  # one of the three locales
            line=one.at.line,
            column=one.at.column,
            suggestion=one.suggestion,
        )
        for one in list(problems)[:_MOST_SHOWN]
    )
