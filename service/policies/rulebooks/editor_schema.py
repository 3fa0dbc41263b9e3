"""The JSON Schema of a policy's documents, for editors: they complete names and explain them.

It is made of the vocabulary, and says no more than the checks do: what it refuses they refuse too.
Draft 7, which the common editors of YAML and JSON know whole.
"""

from collections.abc import Iterable
from typing import Any

from service.policies.rulebooks.checks import MOST_RULES, MOST_TESTS, MOST_WORDS
from service.policies.rulebooks.vocabulary.kinds import (
    LOCALES,
    DecisionWords,
    Fact,
    Field,
    Flag,
    Label,
    Locale,
    Number,
    ParameterKind,
    Vocabulary,
    WordSet,
)

Schema = dict[str, Any]

_NAME = r"^[A-Za-z0-9_.+/\-\u3400-\u4dbf\u4e00-\u9fff]+$"
_REFERENCE = {"type": "string", "pattern": r"^params\."}
_TEXT = {"type": ["string", "number", "boolean"]}
_PARAMETER: Schema = {"$ref": "#/definitions/parameter"}
_SENTENCES: Schema = {"$ref": "#/definitions/sentences"}


def editor_schema(vocabulary: Vocabulary, locale: Locale = "en") -> Schema:
    """Return the schema of a policy's documents, its descriptions in one language."""
    return _Writing(vocabulary, locale).document()


class _Writing:
    def __init__(self, vocabulary: Vocabulary, locale: Locale) -> None:
        self._vocabulary = vocabulary
        self._locale = locale

    def document(self) -> Schema:
        """Return the whole."""
        vocabulary = self._vocabulary
        properties: Schema = {
            "policy": {"const": vocabulary.policy},
            "version": _TEXT,
            "title": _SENTENCES,
            "industry": {"type": "string"},
            "applies_to": {"type": "array", "items": {"type": "string"}},
            "effective": _table({"from": _TEXT, "until": _TEXT}, ()),
            "running": {"enum": ["keep", "switch"]},
            "principles": {"type": "array", "items": _TEXT},
            "params": self._parameters(),
            "decisions": self._decisions(),
            "tests": {"type": "array", "maxItems": MOST_TESTS, "items": self._tests()},
        }
        if vocabulary.orders:
            properties["rotation"] = self._rotation()
        required = [key for key in properties if key != "version"]
        return {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "title": f"Bailiwick rulebook: {vocabulary.policy}",
            **_table(properties, required),
            "definitions": {
                "sentences": _table(dict.fromkeys(LOCALES, _TEXT), LOCALES),
                "parameter": _parameter(None),
                "lines": {"type": "array", "items": {"type": "string"}},
            },
        }

    # Parameters and rotation.

    def _parameters(self) -> Schema:
        known = self._vocabulary
        kinds = {**known.optional, **known.parameters}
        properties = {
            name: {"allOf": [_parameter(kinds[name]) if name in kinds else _PARAMETER]}
            | self._explained(known.explained.get(name))
            for name in sorted({*kinds, *known.explained})
        }
        return {
            "type": "object",
            "properties": properties,
            "required": sorted(known.parameters),
            "propertyNames": {"pattern": _NAME, "maxLength": 100},
            "additionalProperties": _PARAMETER,
        }

    def _rotation(self) -> Schema:
        known = self._vocabulary
        terms = {name: _value(kind) for name, kind in known.rotation.items()}
        some = {rf"^{name}\.": _value(known.rotation[name]) for name in sorted(known.per_rep)}
        order: Schema = {"anyOf": [{"enum": list(known.orders)}, _REFERENCE]}
        skip = {"enum": list(known.decisions)}
        return {
            **_table({"order": order, "skip": skip, **terms}, ("order", "skip")),
            "patternProperties": some,
        }

    # Decisions.

    def _decisions(self) -> Schema:
        decisions = self._vocabulary.decisions
        required = [name for name, words in decisions.items() if words.required]
        return _table({name: self._decision(words) for name, words in decisions.items()}, required)

    def _decision(self, words: DecisionWords) -> Schema:
        then = _table(
            {field.name: self._outcome(field) for field in words.fields},
            [field.name for field in words.fields if field.default is None],
        )
        says: Schema = _SENTENCES
        if words.names:
            mentioned = ", ".join(f"{{{name}}}" for name in words.names)
            says = {"allOf": [_SENTENCES], "description": f"{mentioned}, {{params.…}}"}
        parts: Schema = {
            "id": {"type": "string", "pattern": _NAME, "maxLength": 100},
            "source": _TEXT,
            "says": says,
            "then": then,
        }
        lines: Schema = {
            "allOf": [{"$ref": "#/definitions/lines"}],
            "items": {
                "type": "string",
                "description": "\n".join(self._told(fact) for fact in words.facts),
                "examples": [line for fact in words.facts for line in _examples(fact)],
            },
        }
        rule = _table({**parts, "when": lines}, [*parts, "when"])
        rules = {"type": "array", "maxItems": MOST_RULES, "items": rule}
        return _table(
            {"rules": rules, "otherwise": _table(parts, list(parts))}, ("rules", "otherwise")
        ) | self._explained(words.label)

    def _outcome(self, field: Field) -> Schema:
        # A number may be a sum of parameters, a word a parameter that holds one.
        text = {"type": "string"} if isinstance(field.kind, Number) else _REFERENCE
        return {"anyOf": [self._said(field.kind), text]} | self._explained(field.label)

    # Tests.

    def _tests(self) -> Schema:
        decisions = self._vocabulary.decisions
        parts: Schema = {
            "decision": {"enum": list(decisions)},
            "params": {"type": "object"},
            "given": {"type": "object"},
            "expect": {"type": "object"},
        }
        by_decision = [
            {
                "if": {"properties": {"decision": {"const": name}}},
                "then": {
                    "properties": {"given": self._given(words), "expect": self._expect(words)}
                },
            }
            for name, words in decisions.items()
        ]
        required = ("decision", "given", "expect")
        return {**_table(parts, required), "allOf": by_decision}

    def _given(self, words: DecisionWords) -> Schema:
        facts = {
            fact.name: self._said(fact.kind) | self._explained(fact.label) for fact in words.facts
        }
        return _table(facts, ())

    def _expect(self, words: DecisionWords) -> Schema:
        fields = {
            field.name: self._said(field.kind) | self._explained(field.label)
            for field in words.fields
        }
        return _table({"rule": {"type": "string"}, **fields}, ())

    # Words for people.

    def _explained(self, label: Label | None) -> Schema:
        return {} if label is None else {"description": label.text(self._locale)}

    def _told(self, fact: Fact) -> str:
        words = ", ".join(getattr(fact.kind, "words", ()))
        if isinstance(fact.kind, Number):
            words = f"{fact.kind.least}..{fact.kind.most}"
        return f"{fact.name}{f' ({words})' if words else ''}: {fact.label.text(self._locale)}"

    def _said(self, kind: ParameterKind) -> Schema:
        """Return what a value may be; words with what people read for them."""
        if isinstance(kind, Flag | Number | WordSet):
            return _value(kind, may_refer=False)
        labels = self._vocabulary.words
        told = [labels[word].text(self._locale) if word in labels else word for word in kind.words]
        return {"enum": list(kind.words), "enumDescriptions": told}


def _examples(fact: Fact) -> Iterable[str]:
    if isinstance(fact.kind, Flag):
        return (fact.name, f"not {fact.name}")
    if isinstance(fact.kind, Number):
        return (f"{fact.name} > {fact.kind.least}",)
    return tuple(f"{fact.name} is {word}" for word in fact.kind.words)


def _parameter(kind: ParameterKind | None) -> Schema:
    value: Schema = {"type": ["string", "integer", "boolean", "array"]}
    parts: Schema = {
        "value": value if kind is None else _value(kind),
        "min": {"type": ["integer", "string"]},
        "max": {"type": ["integer", "string"]},
        "unit": {"type": "string"},
        "words": {"type": "array", "maxItems": MOST_WORDS, "items": _TEXT},
        "says": _SENTENCES,
        "source": _TEXT,
    }
    if isinstance(kind, Number):
        bound = {"type": "integer", "minimum": kind.least, "maximum": kind.most}
        parts |= {"min": bound, "max": bound}
    return _table(parts, ("value", "source"))


def _value(kind: ParameterKind, *, may_refer: bool = True) -> Schema:
    """Return what a value of a type may be; a parameter's may be another parameter's."""
    if isinstance(kind, Flag):
        plain: Schema = {"type": "boolean"}
    elif isinstance(kind, Number):
        plain = {"type": "integer", "minimum": kind.least, "maximum": kind.most}
    elif isinstance(kind, WordSet):
        plain = {"type": "array", "items": {"enum": list(kind.words)}, "uniqueItems": True}
    else:
        plain = {"enum": list(kind.words)}
    if not may_refer:
        return plain
    # A division in percent may be written as 60/40.
    shares = [{"type": "string", "pattern": r"^\d{1,3}/\d{1,3}$"}]
    return {"anyOf": [plain, _REFERENCE, *(shares if isinstance(kind, Number) else ())]}


def _table(properties: Schema, required: Iterable[str]) -> Schema:
    schema: Schema = {"type": "object", "additionalProperties": False, "properties": properties}
    needed = list(required)
    return schema | ({"required": needed} if needed else {})
