"""The parts of a rulebook document as written, with their places, and their plain form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from service.policies.rulebooks.problems import NOWHERE, Position
from service.policies.rulebooks.reading import Text
from service.policies.rulebooks.vocabulary.kinds import Locale

Plain = str | int | bool | list["Plain"] | dict[str, "Plain"]

# A number as every reader of JSON keeps it; what is longer stays text.
_INTEGER = re.compile(r"0|-?[1-9]\d{0,14}", re.ASCII)

# A value as written: one word or number, or a list of words.
Written = Text | tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One `params` entry: a number with bounds and unit, a word of a list, a flag or a set.

    `says` tells people what a parameter of the tenant's own making sets.
    """

    name: str
    value: Written
    source: Text
    least: Text | None = None
    most: Text | None = None
    unit: Text | None = None
    words: tuple[Text, ...] | None = None
    says: Mapping[Locale, Text] | None = None
    at: Position = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a decision: when all lines hold, then the outcome; `says` is for people."""

    id: Text
    source: Text
    says: Mapping[Locale, Text]
    when: tuple[Text, ...]
    then: Mapping[str, Text]
    at: Position = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Decision:
    """Ordered rules, the first that holds wins, and what happens otherwise."""

    name: str
    rules: tuple[Rule, ...]
    otherwise: Rule | None
    at: Position = field(default=NOWHERE, compare=False)

    @property
    def all_rules(self) -> tuple[Rule, ...]:
        """The rules and, last, the `otherwise`, if there is one."""
        return self.rules if self.otherwise is None else (*self.rules, self.otherwise)


@dataclass(frozen=True, slots=True)
class Trial:
    """One of the document's own tests: what is given (the rest is absent), what must come out."""

    decision: Text
    params: Mapping[str, Written]
    given: Mapping[str, Text]
    expect: Mapping[str, Text]
    at: Position = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Document:
    """A whole rulebook as written; immutable, comparable without the places."""

    policy: Text
    title: Mapping[Locale, Text]
    industry: Text
    applies_to: tuple[Text, ...]
    effective: Mapping[str, Text]
    running: Text
    principles: tuple[Text, ...]
    params: Mapping[str, Parameter]
    rotation: Mapping[str, Text]
    decisions: Mapping[str, Decision]
    tests: tuple[Trial, ...]
    version: Text | None = None
    at: Position = field(default=NOWHERE, compare=False)

    def to_json(self) -> dict[str, Plain]:
        """Return the document as plain values, in the shape of its YAML."""
        header: dict[str, Plain] = {"policy": self.policy.raw}
        if self.version is not None:
            header["version"] = _plain(self.version)
        return header | {
            "title": _texts(self.title),
            "industry": self.industry.raw,
            "applies_to": [text.raw for text in self.applies_to],
            "effective": _texts(self.effective),
            "running": self.running.raw,
            "principles": [text.raw for text in self.principles],
            "params": {name: _parameter_json(part) for name, part in self.params.items()},
            **({"rotation": _plain_table(self.rotation)} if self.rotation else {}),
            "decisions": {name: _decision_json(part) for name, part in self.decisions.items()},
            "tests": [_trial_json(part) for part in self.tests],
        }


def _plain(written: Written) -> Plain:
    if isinstance(written, tuple):
        return [_plain(item) for item in written]
    if written.raw in {"true", "false"}:
        return written.raw == "true"
    return int(written.raw) if _INTEGER.fullmatch(written.raw) else written.raw


def _plain_table(table: Mapping[str, Text]) -> dict[str, Plain]:
    return {key: _plain(text) for key, text in table.items()}


def _texts(table: Mapping[Locale, Text] | Mapping[str, Text]) -> dict[str, Plain]:
    """Return what is text even where it reads like a number."""
    return {key: text.raw for key, text in table.items()}


def _parameter_json(parameter: Parameter) -> dict[str, Plain]:
    values = {"value": parameter.value, "min": parameter.least, "max": parameter.most}
    parts: dict[str, Plain] = {k: _plain(part) for k, part in values.items() if part is not None}
    if parameter.unit is not None:
        parts["unit"] = parameter.unit.raw
    if parameter.words is not None:
        parts["words"] = [word.raw for word in parameter.words]
    if parameter.says is not None:
        parts["says"] = _texts(parameter.says)
    return {**parts, "source": parameter.source.raw}


def _rule_json(rule: Rule, *, conditional: bool) -> dict[str, Plain]:
    return {
        "id": rule.id.raw,
        "source": rule.source.raw,
        "says": _texts(rule.says),
        **({"when": [line.raw for line in rule.when]} if conditional else {}),
        "then": _plain_table(rule.then),
    }


def _decision_json(decision: Decision) -> dict[str, Plain]:
    rules: dict[str, Plain] = {
        "rules": [_rule_json(rule, conditional=True) for rule in decision.rules]
    }
    if decision.otherwise is not None:
        rules["otherwise"] = _rule_json(decision.otherwise, conditional=False)
    return rules


def _trial_json(trial: Trial) -> dict[str, Plain]:
    params = {name: _plain(value) for name, value in trial.params.items()}
    return {
        "decision": trial.decision.raw,
        **({"params": params} if params else {}),
        "given": _plain_table(trial.given),
        "expect": _plain_table(trial.expect),
    }
