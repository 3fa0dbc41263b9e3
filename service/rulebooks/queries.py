"""A version as its readers see it, and a text looked over before anybody publishes it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson

from service.errors import Forbidden
from service.journal.entries import digest
from service.policies.access import Record
from service.policies.rulebooks.differing import Difference, differences
from service.policies.rulebooks.document import from_json, parse
from service.policies.rulebooks.drafts import as_json, propose, vocabulary_of, write
from service.policies.rulebooks.goals import Aim
from service.policies.rulebooks.meaning import PLACEHOLDER
from service.policies.rulebooks.parameters import settle_parameters
from service.policies.rulebooks.parts import Decision, Document, Parameter, Rule
from service.policies.rulebooks.problems import Problem, RulebookRefused
from service.policies.rulebooks.proposing import Proposal
from service.policies.rulebooks.settling import PREFIX
from service.policies.rulebooks.vocabulary.kinds import (
    Flag,
    Number,
    ParameterKind,
    ParameterValue,
    Words,
    WordSet,
)
from service.policies.rulebooks.vocabulary.showroom import SHOWROOM
from service.policies.rulebooks.writing import write_test
from service.rulebooks.calendars import COMPANYS_ZONE, SITES_ZONE, calendar_of, version_in
from service.rulebooks.errors import NoRulebookInForce
from service.rulebooks.in_force import in_force
from service.rulebooks.in_turn import in_turn
from service.rulebooks.looked_over import checked, readable
from service.work import Sight

_MOST_SHOWN = 50
_NO_TESTS: Final[Mapping[str, Any]] = {"tests": []}
# What is in force at {now} of the policy of a draft `t` where it is meant for.
IN_FORCE_BEFORE: Final = f"""
(SELECT jsonb_build_object('document', b.document, 'overrides', b.overrides)
 FROM app.rulebook_version b WHERE b.tenant_id = $1 AND b.id = {
    version_in(
        calendar_of(
            "t.policy",
            "t.site_id",
            f"CASE WHEN t.site_id IS NULL THEN {COMPANYS_ZONE}"
            f" ELSE {SITES_ZONE.format(site='t.site_id')} END",
        ),
        "{now}",
    )
})
"""
# What the code of a failing test was called before the checks found it themselves.
_AS_BEFORE = {"TEST_FAILS": "RULEBOOK_TEST_FAILS"}


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
class Stored:
    """A version as it is kept: its document as JSON, and the values it sets otherwise."""

    document: Mapping[str, Any]
    overrides: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FoundProblem:
    """One fault of a text, or something that deserves a look, in a person's language."""

    code: str
    message: str
    line: int
    column: int
    path: str
    forbids: bool
    suggestion: str | None = None


@dataclass(frozen=True, slots=True)
class FoundProposal:
    """A test that a text lacks.

    Attributes:
        key: names it when it is taken over.
        rule, other: the rule it is about; the second one where it is about which of two decides.
        line: number of the rule's line it is about, from 1; 0 for the rule as a whole.
        text: the test as YAML.
    """

    key: str
    aim: Aim
    rule: str
    other: str | None
    line: int
    test: Mapping[str, object]
    text: str


@dataclass(frozen=True, slots=True)
class FoundChange:
    """One thing that differs between two texts, with its sentence."""

    difference: Difference
    sentence: str


@dataclass(frozen=True, slots=True)
class DraftRead:
    """What looking a text over came to.

    Attributes:
        problems: what forbids publishing, failing tests of the text among them.
        warnings: what deserves a look.
        test_count: how many tests the text has.
    """

    problems: tuple[FoundProblem, ...]
    warnings: tuple[FoundProblem, ...]
    test_count: int


async def stored(sight: Sight, versions: Sequence[UUID]) -> dict[UUID, Stored]:
    """Read versions that are known to be in the caller's sight."""
    rows = await sight.fetch(
        "SELECT id, document, overrides FROM app.rulebook_version"
        " WHERE tenant_id = $1 AND id = ANY($2::uuid[])",
        sight.tenant_id,
        list(versions),
    )
    return {UUID(bytes=row["id"].bytes): Stored(row["document"], row["overrides"]) for row in rows}


async def looked_over(sight: Sight, text: str) -> DraftRead:
    """Look a text over as publishing it would, and write nothing; no problems: it can be published.

    Raises:
        Forbidden: the caller may neither draft nor publish.
    """
    locale = sight.actor.locale
    drafts, publishes = (
        sight.policy.explain(sight.actor, action, Record(), locale)
        for action in ("rulebook.draft", "rulebook.publish")
    )
    if not (drafts.allowed or publishes.allowed):
        raise Forbidden(action="rulebook.publish", reason=publishes.sentence)
    return await in_turn(look_over, text, locale)


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


@dataclass(frozen=True, slots=True)
class TextNamed:
    """A text of the rulebook by where it stands: in a version, or in a draft."""

    version_id: UUID | None = None
    draft_id: UUID | None = None


async def texts_of(sight: Sight, named: Sequence[TextNamed]) -> list[Document | None]:
    """Return the documents of versions and drafts; None for one that is missing or unreadable.

    The caller's sight of them is checked by who asks. A version's parameters are written in.
    """
    found: list[Document | None] = []
    for one in named:
        if one.version_id is not None:
            row = await sight.fetch_one(
                "SELECT document, overrides FROM app.rulebook_version"
                " WHERE tenant_id = $1 AND id = $2",
                sight.tenant_id,
                one.version_id,
            )
            found.append(None if row is None else document_of(row["document"], row["overrides"]))
        else:
            text = await sight.fetch_value(
                "SELECT text FROM app.rulebook_draft WHERE tenant_id = $1 AND id = $2",
                sight.tenant_id,
                one.draft_id,
            )
            found.append(None if text is None else readable(text))
    return found


async def against_in_force(sight: Sight, draft_id: UUID) -> tuple[Stored | None, str]:
    """Return what is in force of a draft's policy where it is meant for, and its own text."""
    row = await sight.fetch_only(
        f"SELECT t.text, {IN_FORCE_BEFORE.format(now='$2')} AS before"
        " FROM app.rulebook_draft t WHERE t.tenant_id = $1 AND t.id = $3",
        sight.tenant_id,
        sight.now,
        draft_id,
    )
    return None if row["before"] is None else Stored(**row["before"]), row["text"]


def document_of(stored: Mapping[str, Any], overrides: Mapping[str, Any]) -> Document:
    """Return a version's document with the parameters it overrides written in."""
    params = {
        name: {**part, "value": overrides[name]} if name in overrides else part
        for name, part in stored["params"].items()
    }
    return from_json({**stored, "params": params})


def changes(before: Document, after: Document, locale: str) -> tuple[FoundChange, ...]:
    """Return what differs between two texts, each with its sentence in a person's language."""
    vocabulary = vocabulary_of(after)
    return tuple(
        FoundChange(one, one.sentence(locale, vocabulary))  # type: ignore[arg-type]  # one of three
        for one in differences(before, after)
    )


def text_of(document: Mapping[str, Any]) -> str:
    """Return a version's document as a text that can be published; milliseconds of arithmetic."""
    return write(from_json(document))


def parameters_of(version: Stored) -> tuple[ReadParameter, ...]:
    """Return a version's parameters by name; of the document `params` is enough."""
    document = from_json({**version.document, **_NO_TESTS, "decisions": {}})
    settled, _ = settle_parameters(document.params, {}, version.overrides)
    own, _ = settle_parameters(document.params, {}, {})
    return tuple(
        _parameter(one, settled.kinds.get(one.name), settled.values.get(one.name), own.values)
        for _, one in sorted(document.params.items())
    )


def rules_of(version: Stored, locale: str) -> tuple[ReadRule, ...]:
    """Return a version's rules in a person's language; of the document no tests are needed."""
    document = from_json({**version.document, **_NO_TESTS})
    settled, _ = settle_parameters(document.params, {}, version.overrides)
    known = [name for name in SHOWROOM.decisions if name in document.decisions]
    others = sorted(document.decisions.keys() - set(known))
    return tuple(
        rule
        for name in (*known, *others)
        for rule in _rules(document.decisions[name], settled.values, locale)
    )


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


def look_over(text: str, locale: str) -> DraftRead:
    """Look a draft over whole, in a person's language; some tenths of a second of arithmetic."""
    found = checked(text)
    document = found.document
    return DraftRead(
        problems=_found(found.errors, locale),
        warnings=_found(found.warnings, locale),
        test_count=0 if document is None else len(document.tests),
    )


def json_of(text: str) -> str | None:
    """Return a draft's text as JSON; None while it cannot be read."""
    document = readable(text)
    return None if document is None else orjson.dumps(as_json(document)).decode()


def proposals_for(text: str) -> tuple[FoundProposal, ...]:
    """Return the tests a draft lacks, each with what it is for; none while it cannot be read."""
    try:
        document = parse(text)
        proposed = propose(document)
    except RulebookRefused:
        return ()
    return tuple(
        FoundProposal(
            key=proposal_key(one),
            aim=one.aim,
            rule=one.rule,
            other=one.other or None,
            line=one.line,
            test=one.test,
            text=write_test(one.test, vocabulary_of(document)),
        )
        for one in proposed
    )


def proposal_key(proposal: Proposal) -> str:
    """Return what a proposed test is named by: the same test has the same key."""
    return digest("rulebook_test", dict(proposal.test))[:32]


def _found(problems: Iterable[Problem], locale: str) -> tuple[FoundProblem, ...]:
    return tuple(
        FoundProblem(
            code=_AS_BEFORE.get(one.code, one.code),
            message=one.message(locale),  # type: ignore[arg-type]  # one of the three locales
            line=one.at.line,
            column=one.at.column,
            path=one.at.path,
            forbids=one.forbids,
            suggestion=one.suggestion,
        )
        for one in list(problems)[:_MOST_SHOWN]
    )
